# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and tokens, also those that a server hands out, are nowhere: not on the screen, however talkative, and not in a result."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.emulator.client import Control, running

from ..cases import IN_WORKER, fault
from ..hitachi import T, service_run
from ..processes import Ansible

PASSWORD, BEARER = "Gr8&p+ss/w ö%r'd", "eyJ0ZXN0.t0ken/with+signs=="
BASIC = base64.b64encode(f"system:{PASSWORD}".encode()).decode()
USER = {"username": "system", "password": PASSWORD}
HSSO = "HSSO"


@dataclass(frozen=True)
class Scene:
    code: str | None
    options: Mapping[str, Any] = field(default_factory=lambda: USER)
    faults: list[dict[str, Any]] = field(default_factory=list)
    call: Mapping[str, Any] = field(default_factory=lambda: {"state": "stopped"})
    module: str = "hitachi_task"


# What a proxy that talks too much may say of the request.
ECHO_OF_USER = [fault("garbage", "read", body=f"<html>Authorization: Basic {BASIC} ({PASSWORD})")]
ECHO_OF_BEARER = [fault("garbage", "read", body=f"<html>Authorization: Bearer {BEARER}")]
SCENES = {
    "a user": Scene(None),
    "a user, and an answer that repeats the password": Scene("protocol", faults=ECHO_OF_USER),
    "a wrong password": Scene("authentication", {"username": "system", "password": f"{PASSWORD}!"}),
    "an HSSO token that rolls on": Scene(None, {"token": HSSO}),
    "an HSSO token, and an action that is refused": Scene("authentication", {"token": HSSO}, [fault("status", "stop", status=401)]),
    "a Bearer token": Scene(None, {"token": BEARER, "token_type": "bearer"}),
    "a Bearer token, and an answer that repeats it": Scene("protocol", {"token": BEARER, "token_type": "bearer"}, ECHO_OF_BEARER),
    "the information module": Scene(None, call={}, module="hitachi_task_info"),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running("hitachi") as emulator:
        yield emulator


def _handed_out(emulator: Control) -> str:
    """A token as somebody gets it who asks for anything."""
    answer = requests.get(f"{emulator.url}/Automation/v1/configuration/version", headers={"Authorization": f"Basic {BASIC}"}, timeout=10)
    return answer.headers["WWW-Authenticate"].removeprefix("HSSO ")


@pytest.fixture(scope="module", params=list(SCENES))
def printed(request: pytest.FixtureRequest, emulator: Control, ansible: Ansible) -> tuple[str, list[str]]:
    """The scene, as talkative as Ansible gets, and the secrets that were on the wire."""
    scene = SCENES[request.param]
    emulator.reset()
    emulator.set_switches(users={"system": {"password": PASSWORD}}, bearer=True, bearer_token=BEARER)
    emulator.put_tasks([service_run()])
    for order in scene.faults:
        emulator.order_fault(**order)
    options = {name: _handed_out(emulator) if value == HSSO else value for name, value in scene.options.items()}
    call = {"url": emulator.url, "retries": 0, "task_id": T, **options, **scene.call}
    run = ansible.tasks({"name": "call", f"taskops.quiesce.{scene.module}": call}, args=["-vvvv"])
    (result,) = run.results
    assert result.returned.get("failure", {}).get("code") == scene.code, run.printed
    sent = [dict(entry["headers"])["Authorization"].partition(" ")[2] for entry in emulator.journal() if T in entry["path"]]
    assert sent, "nothing was sent that could leak"
    return run.printed + json.dumps(result.returned, ensure_ascii=False), sent


def test_no_secret_is_shown_or_returned(printed: tuple[str, list[str]]) -> None:
    text, sent = printed

    for secret in {PASSWORD, json.dumps(PASSWORD)[1:-1], BEARER, BASIC, *sent}:
        assert secret not in text


@pytest.mark.parametrize("printed", ["an HSSO token that rolls on"], indirect=True)
def test_the_token_did_roll_on_and_the_run_was_as_talkative_as_it_gets(printed: tuple[str, list[str]]) -> None:
    text, sent = printed

    assert len(set(sent)) == len(sent) > 2 and IN_WORKER in text
