# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no result contains a password or a token, including tokens from the server, even with the highest verbosity."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import requests

from tests.emulator.client import Control

from ..cases import fault
from ..hitachi import T, service_run
from ..processes import Ansible
from ..talkative import Scene, Shown, play

PASSWORD, BEARER = "Gr8&p+ss/w ö%r'd", "eyJ0ZXN0.t0ken/with+signs=="
BASIC = base64.b64encode(f"system:{PASSWORD}".encode()).decode()
USER = {"username": "system", "password": PASSWORD}
# The options of a user with a token that a system has issued.
HSSO: dict[str, Any] = {}


def scene(
    code: str | None,
    options: Mapping[str, Any] | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
    call: Mapping[str, Any] | None = None,
    module: str = "hitachi_task",
) -> Scene:
    given = USER if options is None else options
    return Scene(
        code,
        module,
        {"url": "{url}", "retries": 0, "task_id": T, **given, **({"state": "stopped"} if call is None else call)},
        switches={"users": {"system": {"password": PASSWORD}}, "bearer": True, "bearer_token": BEARER},
        tasks=[service_run()],
        faults=list(faults),
        ready=_handed_out if options is HSSO else lambda control: {},
    )


def _handed_out(emulator: Control) -> dict[str, Any]:
    """A token as any caller gets it."""
    answer = requests.get(f"{emulator.url}/Automation/v1/configuration/version", headers={"Authorization": f"Basic {BASIC}"}, timeout=10)
    return {"token": answer.headers["WWW-Authenticate"].removeprefix("HSSO ")}


# Details of a request that a verbose proxy may return.
ECHO_OF_USER = [fault("garbage", "read", body=f"<html>Authorization: Basic {BASIC} ({PASSWORD})")]
ECHO_OF_BEARER = [fault("garbage", "read", body=f"<html>Authorization: Bearer {BEARER}")]
SCENES = {
    "a user": scene(None),
    "a user, and an answer that repeats the password": scene("protocol", faults=ECHO_OF_USER),
    "a wrong password": scene("authentication", {"username": "system", "password": f"{PASSWORD}!"}),
    "an HSSO token that rolls on": scene(None, HSSO),
    "an HSSO token, and an action that is refused": scene("authentication", HSSO, [fault("status", "stop", status=401)]),
    "a Bearer token": scene(None, {"token": BEARER, "token_type": "bearer"}),
    "a Bearer token, and an answer that repeats it": scene("protocol", {"token": BEARER, "token_type": "bearer"}, ECHO_OF_BEARER),
    "the information module": scene(None, call={}, module="hitachi_task_info"),
}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    return play(ansible, SCENES)


def on_the_wire(shown: Shown) -> list[str]:
    """The secrets in the requests of this Ansible task."""
    return [dict(entry["headers"])["Authorization"].partition(" ")[2] for entry in shown.journal if T in entry["path"]]


@pytest.mark.parametrize("title", SCENES)
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    shown = played[title]
    sent = on_the_wire(shown)

    assert sent, "nothing was sent that could leak"
    for secret in {PASSWORD, json.dumps(PASSWORD)[1:-1], BEARER, BASIC, *sent}:
        assert not any(secret in text for text in shown.texts)


def test_the_token_did_roll_on(played: dict[str, Shown]) -> None:
    sent = on_the_wire(played["an HSSO token that rolls on"])

    assert len(set(sent)) == len(sent) > 2
