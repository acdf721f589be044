# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no registered result contains a secret, even with the highest verbosity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from ..cases import fault
from ..huawei import PROJECT, TEMPORARY, analyses
from ..processes import Ansible
from ..talkative import Scene, Shown, play

PASSWORD = "Gr8&p+ss/w ö%r'd"
TOKEN = "MIIPAgYJKoZIhvcNAQ" + "tK-9+qZr" * 60
ECHO = json.dumps({"error_code": "X.1", "error_msg": f"{TOKEN} {TEMPORARY['secret_key']} {TEMPORARY['security_token']}"})

BY_KEY = {"HUAWEICLOUD_SDK_AK": TEMPORARY["access_key"], "HUAWEICLOUD_SDK_SK": TEMPORARY["secret_key"],
          "HUAWEICLOUD_SDK_SECURITY_TOKEN": TEMPORARY["security_token"]}  # fmt: skip
BY_USER = {"HUAWEICLOUD_USERNAME": "operator", "HUAWEICLOUD_PASSWORD": PASSWORD, "HUAWEICLOUD_DOMAIN_NAME": "account-name"}


def scene(code: str | None, faults: Iterable[Mapping[str, Any]] = (), options: Mapping[str, Any] | None = None) -> Scene:
    """One call with a certain ending."""
    always = {"url": "{url}", "iam_url": "{url}", "region": "cn-north-4", "retries": 0, "poll_interval": 0.1, "task_id": "a"}
    users = {
        "iam-user": {"password": "-", "domain": "account-name"},
        "operator": {"password": PASSWORD, "domain": "account-name"},
    }
    return Scene(
        code,
        "huawei_task",
        {**always, "state": "stopped", **(options or {})},
        switches={"users": users, "first_token": TOKEN},
        tasks=analyses(a="RUNNING"),
        faults=list(faults),
    )


# By the kind of credentials in the environment of the run.
SCENES = {
    "keys": {
        "a key from the environment": scene(None),
        "a read that echoes all": scene("refused", [fault("status", "show", status=400, body=ECHO)]),
    },
    "users": {
        "a user from the environment": scene(None),
        "an action that echoes all": scene("refused", [fault("status", "stop", status=400, body=ECHO)]),
        "a login whose answer is no JSON": scene("protocol", [fault("garbage", "token", status=201, body=TOKEN)]),
    },
    "options": {
        "a key in the options": scene(None, options=TEMPORARY),
        "a user in the options": scene(None, options={"username": "operator", "password": PASSWORD, "domain_name": "account-name"}),
        "a token that is wrong": scene("authentication", options={"token": f"{TOKEN}-", "project_id": PROJECT}),
        "a signature that is wrong": scene("authentication", options={**TEMPORARY, "security_token": f"{TEMPORARY['security_token']}-"}),
    },
}
ENVIRONMENTS = {"keys": BY_KEY, "users": BY_USER, "options": {}}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    return {title: shown for kind, scenes in SCENES.items() for title, shown in play(ansible, scenes, ENVIRONMENTS[kind]).items()}


@pytest.mark.parametrize("title", [title for scenes in SCENES.values() for title in scenes])
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    shown = played[title]
    signatures = {
        value.rpartition("Signature=")[2] for entry in shown.journal for name, value in entry["headers"] if name.lower() == "authorization"
    }

    for secret in (PASSWORD, TOKEN[:60], TEMPORARY["secret_key"], TEMPORARY["security_token"], *signatures):
        for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            for text in shown.texts:
                place = text.find(spelling)
                assert place < 0, f"{spelling!r} in ...{text[max(0, place - 300) : place + 100]}"


@pytest.mark.parametrize(
    ("title", "sent"), [("a key from the environment", TEMPORARY["security_token"]), ("a user from the environment", TOKEN)]
)
def test_what_is_searched_for_was_there_to_be_leaked(played: dict[str, Shown], title: str, sent: str) -> None:
    """Otherwise, the test above would find nothing for another reason."""
    assert sent in json.dumps(played[title].journal)
