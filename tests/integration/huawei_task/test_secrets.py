# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are nowhere: not on the screen, however talkative, and not in what a playbook can register."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.client import Control, running

from ..cases import IN_WORKER, fault
from ..huawei import PROJECT, TEMPORARY, analyses
from ..processes import Ansible, Run

PASSWORD = "Gr8&p+ss/w ö%r'd"
TOKEN = "MIIPAgYJKoZIhvcNAQ" + "tK-9+qZr" * 60
ECHO = json.dumps({"error_code": "X.1", "error_msg": f"{TOKEN} {TEMPORARY['secret_key']} {TEMPORARY['security_token']}"})

BY_KEY = {"HUAWEICLOUD_SDK_AK": TEMPORARY["access_key"], "HUAWEICLOUD_SDK_SK": TEMPORARY["secret_key"],
          "HUAWEICLOUD_SDK_SECURITY_TOKEN": TEMPORARY["security_token"]}  # fmt: skip
BY_USER = {"HUAWEICLOUD_USERNAME": "operator", "HUAWEICLOUD_PASSWORD": PASSWORD, "HUAWEICLOUD_DOMAIN_NAME": "account-name"}


@dataclass(frozen=True)
class Scene:
    """One call that ends in a certain way."""

    code: str | None
    environment: Mapping[str, str]
    faults: list[dict[str, Any]] = field(default_factory=list)
    options: Mapping[str, Any] = field(default_factory=dict)


SCENES = {
    "a key from the environment": Scene(None, BY_KEY),
    "a key in the options": Scene(None, {}, options=TEMPORARY),
    "a user from the environment": Scene(None, BY_USER),
    "a user in the options": Scene(None, {}, options={"username": "operator", "password": PASSWORD, "domain_name": "account-name"}),
    "a token that is wrong": Scene("authentication", {}, options={"token": f"{TOKEN}-", "project_id": PROJECT}),
    "a signature that is wrong": Scene("authentication", {}, options={**TEMPORARY, "security_token": f"{TEMPORARY['security_token']}-"}),
    "a read that echoes all": Scene("refused", BY_KEY, [fault("status", "show", status=400, body=ECHO)]),
    "an action that echoes all": Scene("refused", BY_USER, [fault("status", "stop", status=400, body=ECHO)]),
    "a login whose answer is no JSON": Scene("protocol", BY_USER, [fault("garbage", "token", status=201, body=TOKEN)]),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running("huawei") as emulator:
        yield emulator


@dataclass(frozen=True)
class Shown:
    run: Run
    journal: list[dict[str, Any]]


@pytest.fixture(scope="module", params=list(SCENES))
def shown(request: pytest.FixtureRequest, emulator: Control, ansible: Ansible) -> Shown:
    """The scene, as talkative as Ansible gets."""
    scene = SCENES[request.param]
    emulator.reset()
    emulator.set_switches(users={"iam-user": {"password": "-", "domain": "account-name"},
                                 "operator": {"password": PASSWORD, "domain": "account-name"}}, first_token=TOKEN)  # fmt: skip
    emulator.put_tasks(analyses(a="RUNNING"))
    for order in scene.faults:
        emulator.order_fault(**order)
    options = {"url": emulator.url, "iam_url": emulator.url, "region": "cn-north-4", "retries": 0, "poll_interval": 0.1, "task_id": "a"}
    run = ansible.tasks(
        {"name": "stop", "taskops.quiesce.huawei_task": {**options, "state": "stopped", **scene.options}},
        args=["-vvvv"],
        variables=scene.environment,
    )
    (result,) = run.results
    assert result.returned.get("failure", {}).get("code") == scene.code, run.printed
    return Shown(run, emulator.journal())


def test_no_secret_is_shown_or_returned(shown: Shown) -> None:
    everything = [shown.run.printed, *(json.dumps(result.returned, ensure_ascii=False) for result in shown.run.results)]
    signatures = {
        value.rpartition("Signature=")[2] for entry in shown.journal for name, value in entry["headers"] if name.lower() == "authorization"
    }

    for secret in (PASSWORD, TOKEN[:60], TEMPORARY["secret_key"], TEMPORARY["security_token"], *signatures):
        for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            for text in everything:
                place = text.find(spelling)
                assert place < 0, f"{spelling!r} in ...{text[max(0, place - 300) : place + 100]}"


@pytest.mark.parametrize(
    ("shown", "sent"),
    [("a key from the environment", TEMPORARY["security_token"]), ("a user from the environment", TOKEN)],
    indirect=["shown"],
)
def test_what_is_searched_for_was_there_to_be_leaked(shown: Shown, sent: str) -> None:
    """Else the test above would find nothing for another reason."""
    assert sent in json.dumps(shown.journal)
    assert IN_WORKER in shown.run.stdout, "the run wasn't as talkative as it gets"
