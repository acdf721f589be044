# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of keys, users and devices are nowhere: not on the screen, however talkative, and not in what a playbook can register."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.emulator.client import Control, running

from ..cases import IN_WORKER, fault
from ..iotda import ACCESS, PROJECT, T, firmware
from ..processes import Ansible

PUT_OUT = "emulator-device-secret-3b935a250c50dc2c"
PASSWORD, TOKEN = "Gr8&p+ss/w ö%r'd", "MIIPAgYJKoZIhvcNAQfirst+token-4e8f2b6c1a593"
WRONG = "wr0ngS3cretKey/with+signs="
PLACE = {"region": "cn-north-4", "project_id": PROJECT}
USER = {**PLACE, "username": "iam-user", "password": PASSWORD, "domain_name": "account-name"}
DETAILS = [{"target": "dev_p", "status": "Fail", "output": PUT_OUT}]


@dataclass(frozen=True)
class Scene:
    code: str | None
    options: Mapping[str, Any] = field(default_factory=lambda: ACCESS)
    faults: list[dict[str, Any]] = field(default_factory=list)
    call: Mapping[str, Any] = field(default_factory=lambda: {"state": "started", "retry_failed": True})
    module: str = "iotda_batchtask"


SCENES = {
    "a key, and one device": Scene(None, call={"state": "started", "retry_failed": True, "targets": ["dev_p"]}),
    "a user, and a login that works": Scene(None, USER),
    "a wrong secret key": Scene("authentication", {**ACCESS, "secret_key": WRONG}),
    "an answer that is cut in the middle of what a device put out": Scene(
        "protocol", faults=[fault("garbage", "show", body=json.dumps({"task_details": DETAILS})[:-10])]
    ),
    "the information module": Scene(None, call={}, module="iotda_batchtask_info"),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running("iotda") as emulator:
        yield emulator


@pytest.fixture(scope="module", params=list(SCENES))
def printed(request: pytest.FixtureRequest, emulator: Control, ansible: Ansible) -> str:
    """The scene, as talkative as Ansible gets."""
    scene = SCENES[request.param]
    emulator.reset()
    users = emulator.switches()["users"]
    emulator.set_switches(users={**users, "iam-user": {**users["iam-user"], "password": PASSWORD}}, first_token=TOKEN)
    emulator.put_tasks([firmware(status="PartialSuccess", subtasks=DETAILS)])
    for order in scene.faults:
        emulator.order_fault(**order)
    options = {"url": emulator.url, "iam_url": emulator.url, "retries": 0, "task_id": T, **scene.options, **scene.call}
    run = ansible.tasks({"name": "call", f"taskops.quiesce.{scene.module}": options}, args=["-vvvv"])
    (result,) = run.results
    assert result.returned.get("failure", {}).get("code") == scene.code, run.printed
    assert emulator.journal(), "nothing was sent that could leak"
    return run.printed + json.dumps(result.returned, ensure_ascii=False)


def test_no_secret_is_shown_or_returned(printed: str) -> None:
    for secret in (PUT_OUT, PASSWORD, json.dumps(PASSWORD)[1:-1], TOKEN, WRONG, ACCESS["secret_key"], "Signature="):
        assert secret not in printed


@pytest.mark.parametrize("printed", ["a key, and one device"], indirect=True)
def test_the_run_was_as_talkative_as_it_gets(printed: str) -> None:
    assert IN_WORKER in printed
