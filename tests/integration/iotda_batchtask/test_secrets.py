# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no registered result contains a secret of keys, users or devices, even with the highest verbosity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.emulator import registry

from ..cases import fault
from ..iotda import ACCESS, PROJECT, T, firmware
from ..processes import Ansible
from ..talkative import Scene, Shown, play

PUT_OUT = "emulator-device-secret-3b935a250c50dc2c"
PASSWORD, TOKEN = "Gr8&p+ss/w ö%r'd", "MIIPAgYJKoZIhvcNAQfirst+token-4e8f2b6c1a593"
WRONG = "wr0ngS3cretKey/with+signs="
PLACE = {"region": "cn-north-4", "project_id": PROJECT}
USER = {**PLACE, "username": "iam-user", "password": PASSWORD, "domain_name": "account-name"}
DETAILS = [{"target": "dev_p", "status": "Fail", "output": PUT_OUT}]


def scene(
    code: str | None,
    options: Mapping[str, Any] | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
    call: Mapping[str, Any] | None = None,
    module: str = "iotda_batchtask",
) -> Scene:
    users = registry.find("iotda")().switches["users"]
    return Scene(
        code,
        module,
        {
            **{"url": "{url}", "iam_url": "{url}", "retries": 0, "task_id": T},
            **(ACCESS if options is None else options),
            **({"state": "started", "retry_failed": True} if call is None else call),
        },
        switches={"users": {**users, "iam-user": {**users["iam-user"], "password": PASSWORD}}, "first_token": TOKEN},
        tasks=[firmware(status="PartialSuccess", subtasks=DETAILS)],
        faults=list(faults),
    )


SCENES = {
    "a key, and one device": scene(None, call={"state": "started", "retry_failed": True, "targets": ["dev_p"]}),
    "a user, and a login that works": scene(None, USER),
    "a wrong secret key": scene("authentication", {**ACCESS, "secret_key": WRONG}),
    "an answer that is cut in the middle of what a device put out": scene(
        "protocol", faults=[fault("garbage", "show", body=json.dumps({"task_details": DETAILS})[:-10])]
    ),
    "the information module": scene(None, call={}, module="iotda_batchtask_info"),
}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    return play(ansible, SCENES)


@pytest.mark.parametrize("title", SCENES)
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    shown = played[title]

    assert shown.journal, "nothing was sent that could leak"
    for secret in (PUT_OUT, PASSWORD, json.dumps(PASSWORD)[1:-1], TOKEN, WRONG, ACCESS["secret_key"], "Signature="):
        assert not any(secret in text for text in shown.texts)
