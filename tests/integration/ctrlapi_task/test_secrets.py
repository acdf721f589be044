# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API key and the signatures are nowhere: not on the screen, however talkative, and not in what a playbook can register."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.emulator.client import Control, running

from ..cases import IN_WORKER, fault
from ..ctrlapi import LIVE, LIVE_KEY, stream
from ..processes import Ansible

WRONG = "V3J0bmdTM2NyZXRLZXkrd2l0aC9zaWducz0tLS0tLS0="
STREAM = "rtsp://camera:pa55-of-the-camera@10.0.0.1/1"


@dataclass(frozen=True)
class Scene:
    code: str | None
    key: str = LIVE_KEY
    options: Mapping[str, Any] = field(default_factory=lambda: {"state": "stopped"})
    faults: list[dict[str, Any]] = field(default_factory=list)
    module: str = "ctrlapi_task"


SCENES = {
    "a stop": Scene(None),
    "a wrong key": Scene("authentication", WRONG),
    "a key that is no Base64": Scene("usage", f"{WRONG}!"),
    "an answer that echoes the key": Scene("refused", faults=[fault("status", "TaskInfo", status=400, body={"error": f"key {LIVE_KEY}"})]),
    "an answer that is cut": Scene("protocol", faults=[fault("garbage", "TaskInfo", body=f'{{"reply": [{{"uri": "{STREAM}"}}]}}')]),
    "the information module": Scene(None, options={}, module="ctrlapi_task_info"),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running("ctrlapi", "--switch", "verify_hmac=true") as emulator:
        yield emulator


@pytest.fixture(scope="module", params=list(SCENES))
def printed(request: pytest.FixtureRequest, emulator: Control, ansible: Ansible) -> tuple[str, list[dict[str, Any]]]:
    """The scene, as talkative as Ansible gets, and what the system saw."""
    scene = SCENES[request.param]
    emulator.reset()
    emulator.put_tasks([stream(1, uri=STREAM)])
    for order in scene.faults:
        emulator.order_fault(**order)
    options = {"url": emulator.url, "retries": 0, **LIVE, "api_key": scene.key, "task_id": 1, **scene.options}
    run = ansible.tasks({"name": "call", f"taskops.quiesce.{scene.module}": options}, args=["-vvvv"])
    (result,) = run.results
    assert result.returned.get("failure", {}).get("code") == scene.code, run.printed
    assert IN_WORKER in run.printed
    return run.printed + json.dumps(result.returned, ensure_ascii=False), emulator.journal()


def test_no_secret_is_shown_or_returned(printed: tuple[str, list[dict[str, Any]]]) -> None:
    shown, journal = printed
    signatures = [dict(entry["headers"])["Authorization"].partition(":")[2] for entry in journal]

    for secret in (LIVE_KEY, LIVE_KEY.rstrip("="), WRONG, WRONG.rstrip("="), "pa55-of-the-camera", "APIAuth-HMAC-SHA256", *signatures):
        assert secret not in shown


@pytest.mark.parametrize("printed", ["a stop"], indirect=True)
def test_what_is_searched_for_was_there_to_be_leaked(printed: tuple[str, list[dict[str, Any]]]) -> None:
    assert len({dict(entry["headers"])["Authorization"] for entry in printed[1]}) >= 2
