# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's tinyproxy, a proxy that is none of ours, as a process on loopback."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

# In seconds: what its start may take, and after what time it ends by itself, whatever becomes of the tests.
START, LONGEST = 10.0, 900
# Somebody else may take a port between the moment at which it's found free and the one at which the proxy takes it.
ATTEMPTS = 5


@dataclass(frozen=True)
class Tinyproxy:
    """`since` is where the log begins that counts, in characters: a port may have been another system's before."""

    port: int
    log: Path
    since: int = 0

    def from_now(self) -> Tinyproxy:
        return replace(self, since=len(self.log.read_text(encoding="utf-8")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def with_user(self, user: str) -> str:
        """The address with a user, or with `user:password`."""
        return f"http://{user}@127.0.0.1:{self.port}"

    def requests(self, port: int) -> list[tuple[str, str]]:
        """What it was asked for on the way to that port, as its own log tells: method and target, in order. Before it asks anybody else,
        it writes that down.
        """
        requests = re.findall(r"Request \(file descriptor \d+\): (\S+) (\S+) HTTP/", self.log.read_text(encoding="utf-8")[self.since :])
        return [(method, target) for method, target in requests if urlsplit(target if "//" in target else f"//{target}").port == port]


@contextmanager
def tinyproxy(folder: Path, *, user: str = "", password: str = "", connect_ports: Sequence[int] = ()) -> Iterator[Tinyproxy]:
    """A running proxy; it lets everybody in, unless a user is given, and connects to all ports, unless some are."""
    more = [f"BasicAuth {user} {password}"] if user else []
    proxy, process = _started(folder, [*more, *(f"ConnectPort {port}" for port in connect_ports)])
    try:
        yield proxy
    finally:
        _end(process)


def _started(folder: Path, more: Sequence[str]) -> tuple[Tinyproxy, subprocess.Popen[str]]:
    program = shutil.which("tinyproxy")
    assert program, (
        "the way through a proxy is tested with Debian's tinyproxy, which isn't there; install it (apt-get install tinyproxy-bin)"
    )
    for _attempt in range(ATTEMPTS):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            proxy = Tinyproxy(probe.getsockname()[1], folder / "tinyproxy.log")
        lines = [f"Port {proxy.port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 30", f'LogFile "{proxy.log}"', "LogLevel Connect"]
        config = folder / "tinyproxy.conf"
        config.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
        process = subprocess.Popen(
            ["timeout", "--kill-after=5", str(LONGEST), program, "-d", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if _answers(proxy, process):
            return proxy, process
        said = _end(process)
    raise AssertionError(f"tinyproxy can't be started: {said or 'it never answered'}")


def _end(process: subprocess.Popen[str]) -> str:
    """What ends `timeout` ends what it runs, too. Returns what it had to complain of."""
    process.terminate()
    return process.communicate(timeout=START)[1]


def _answers(proxy: Tinyproxy, process: subprocess.Popen[str]) -> bool:
    """Wait until it's the one that answers at its port; false if it has ended, or never does."""
    limit = time.monotonic() + START
    while time.monotonic() < limit and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", proxy.port, timeout=START)
        try:
            connection.request("GET", "http://tinyproxy.stats/")
            return (connection.getresponse().getheader("Server") or "").startswith("tinyproxy/")
        except (OSError, HTTPException):
            time.sleep(0.02)
        finally:
            connection.close()
    return False
