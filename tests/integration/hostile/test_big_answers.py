# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are large, endless or grow on decompression: the memory and time that a module's process uses for them."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.raw_server import HEAD, Play, Server, for_ever, one_after_the_other, say

from ..processes import TREE, run_bounded

MIB = 1024 * 1024
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OPTIONS: dict[str, Any] = {"token": "a token", "retries": 0, "timeout": 30}


def sized(length: int, more: bytes = b"") -> bytes:
    return HEAD + more + f"Content-Length: {length}\r\n\r\n".encode()


def zeros(mebibytes: int) -> Play:
    piece = b" " * MIB
    return one_after_the_other(say(sized(mebibytes * MIB)), *[say(piece)] * mebibytes)


def bomb(mebibytes: int) -> Play:
    packed = gzip.compress(b" " * (mebibytes * MIB), 9)
    assert len(packed) < mebibytes * MIB / 900
    return say(sized(len(packed), b"Content-Encoding: gzip\r\n") + packed)


def tasks(count: int) -> Play:
    """A list of ordinary tasks."""
    rows = [
        {"task_name": f"task {number}", "status": -1, "script_file": "C:/scripts/nightly.js", "devices": ["a" * 30] * 4}
        for number in range(count)
    ]
    body = json.dumps({"status": True, "value": rows}).encode()
    return say(sized(len(body)) + body)


def dense(mebibytes: int) -> Play:
    """The JSON text with the highest cost per byte: empty objects, each of which needs many times the memory of its two characters."""
    body = b'{"status": true, "value": [' + b"{}," * (mebibytes * MIB // 3) + b"{}]}"
    return say(sized(len(body)) + body)


@dataclass(frozen=True)
class Big:
    """An answer, its expected code (None: a success), and the largest permitted memory in MiB, in addition to the process itself."""

    play: Callable[[], Play]
    code: str | None
    most: float


BIGS = {
    "100 MiB": Big(lambda: zeros(100), "protocol", 100),
    "a bomb of 100 MiB": Big(lambda: bomb(100), "protocol", 100),
    "chunks without end": Big(lambda: one_after_the_other(say(CHUNKED), for_ever(b"10000\r\n" + b" " * 65536 + b"\r\n")), "protocol", 100),
    "headers without end": Big(lambda: one_after_the_other(say(HEAD), for_ever(b"X-Header: " + b"y" * 1000 + b"\r\n")), "connection", 30),
    "a header without end": Big(lambda: one_after_the_other(say(HEAD), for_ever(b"y" * 65536)), "connection", 30),
    "100 MiB with a redirect": Big(
        lambda: one_after_the_other(say(HEAD.replace(b"200 OK", b"302 F") + b"Location: /x\r\n\r\n"), for_ever(b" " * 65536)),
        "protocol",
        100,
    ),
    "10,000 tasks": Big(lambda: tasks(10_000), None, 100),
    "a text of very many values": Big(lambda: dense(63), "protocol", 300),
    "the most values that are read": Big(lambda: dense(7), "protocol", 600),
}


@pytest.mark.parametrize("big", BIGS.values(), ids=BIGS)
def test_a_big_answer_ends_within_bounds(big: Big, collections_path: str, record_property: Callable[[str, object], None]) -> None:
    with Server([big.play()]).running() as url:
        begun = time.monotonic()
        told = run({"url": url, **OPTIONS}, collections_path)
        seconds = time.monotonic() - begun
    grown = told["peak"] - told["before"]
    record_property("peak in MiB", round(told["peak"]))
    print(f"peak {told['peak']:.0f} MiB, of which {grown:.0f} for the answer; {seconds:.1f} s")

    assert (told["failure"] or {}).get("code") == big.code, told
    assert grown < big.most
    assert told["tasks"] == (10_000 if big.code is None else 0)


def run(options: dict[str, Any], collections_path: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.integration.hostile.measured", "totalcontrol_task_info", json.dumps(options)]
    path = os.pathsep.join([collections_path, str(TREE)])
    status, stdout, stderr = run_bounded(command, {"PATH": os.environ["PATH"], "PYTHONPATH": path}, TREE, 60)
    assert status == 0, stderr
    told: dict[str, Any] = json.loads(stdout)
    return told
