# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are nowhere: not on the screen, however talkative, and not in what a playbook can register."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.emulator.client import Control, running

from ..cases import IN_WORKER, fault
from ..processes import Ansible, Run
from ..totalcontrol import RUNNING, scripts

USER = "operator"
# Letters that a form, an address, a shell and JSON each write in a way of their own.
PASSWORD = "Gr8&p+ss/w ö%r'd"
TOKEN = "tK/9+q=Zr&x 7Lö8"


@dataclass(frozen=True)
class Scene:
    """One call that ends in a certain way."""

    code: str | None
    faults: list[dict[str, Any]] = field(default_factory=list)
    options: Mapping[str, Any] = field(default_factory=dict)


ECHO = json.dumps({"said": [TOKEN, quote(TOKEN, safe=""), quote_plus(TOKEN)]}, ensure_ascii=False)

SCENES = {
    "success": Scene(None),
    "credentials in the options": Scene(None, options={"username": USER, "password": "{{ lookup('env', 'TOTALCONTROL_PASSWORD') }}"}),
    "a token in the options": Scene(None, options={"token": TOKEN}),
    "a wrong token in the options": Scene("authentication", options={"token": f"{TOKEN}-"}),
    "a wrong password": Scene("authentication", options={"username": USER, "password": f"{PASSWORD}-"}),
    "a login answered in html": Scene("protocol", [fault("html", "login")]),
    "a login whose answer is cut": Scene("connection", [fault("cut", "login", part=0.9)]),
    "a read that times out": Scene("timeout", [fault("delay", "list", seconds=1)], {"timeout": 0.3}),
    "a read that is reset": Scene("connection", [fault("reset_before", "list")]),
    "a read that is redirected": Scene("protocol", [fault("redirect", "list", location=f"http://127.0.0.1:1/?token={quote(TOKEN)}")]),
    "a read that echoes the token": Scene("refused", [fault("status", "list", status=500, body=ECHO)]),
    "an action that echoes the token": Scene("refused", [fault("status", "pause", status=400, body=ECHO)]),
    "a closed port": Scene("connection", options={"url": "http://127.0.0.1:1", "token": TOKEN}),
    "credentials in the url": Scene("usage", options={"url": f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
    "a url of nonsense": Scene("usage", options={"url": f"//{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
    "a proxy with credentials": Scene("connection", options={"proxy": f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running("totalcontrol") as emulator:
        yield emulator


@dataclass(frozen=True)
class Shown:
    run: Run
    journal: list[dict[str, Any]]


@pytest.fixture(scope="module", params=list(SCENES))
def shown(request: pytest.FixtureRequest, emulator: Control, ansible: Ansible) -> Shown:
    """The scene, as talkative as Ansible gets. Credentials come by the environment, as AWX gives them, unless the options have them."""
    scene = SCENES[request.param]
    emulator.reset()
    emulator.set_switches(users={USER: PASSWORD}, first_token=TOKEN)
    emulator.put_tasks(scripts(a=RUNNING))
    for order in scene.faults:
        emulator.order_fault(**order)
    if "token" in scene.options:
        _log_in(emulator)
    options = {"url": emulator.url, "retries": 0, "wait_timeout": 20, "poll_interval": 0.1, "names": ["a"], "state": "paused"}
    run = ansible.tasks(
        {"name": "pause", "taskops.quiesce.totalcontrol_task": {**options, **scene.options}},
        args=["-vvvv"],
        variables={"TOTALCONTROL_USERNAME": USER, "TOTALCONTROL_PASSWORD": PASSWORD},
    )
    (result,) = run.results
    assert result.returned.get("failure", {}).get("code") == scene.code, run.printed
    return Shown(run, emulator.journal())


def _log_in(emulator: Control) -> None:
    """Somebody has got the token earlier."""
    connection = HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    try:
        connection.request("GET", "/TotalControl/v1/login", headers={"Authorization": _encoded(PASSWORD)})
        assert json.loads(connection.getresponse().read())["value"]["token"] == TOKEN
    finally:
        connection.close()


def _encoded(password: str) -> str:
    return base64.b64encode(f"{USER}:{password}".encode()).decode()


def _spellings(secret: str) -> set[str]:
    plain = {secret, repr(secret)[1:-1], escape(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    urls = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote_plus(secret).lower()}
    coded = {base64.b64encode(secret.encode()).decode().rstrip("="), base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")}
    return plain | urls | coded


def test_no_secret_is_shown_or_returned(shown: Shown) -> None:
    everything = [shown.run.stdout, shown.run.stderr, *(json.dumps(result.returned, ensure_ascii=False) for result in shown.run.results)]

    for secret in (PASSWORD, TOKEN, _encoded(PASSWORD), _encoded(PASSWORD).rstrip("=")):
        for spelling in _spellings(secret):
            for text in everything:
                place = text.find(spelling)
                assert place < 0, f"{spelling!r} in ...{text[max(0, place - 300) : place + 100]}"


@pytest.mark.parametrize("shown", ["success"], indirect=True)
def test_what_is_searched_for_was_there_to_be_leaked(shown: Shown) -> None:
    """Else the test above would find nothing for another reason."""
    sent = json.dumps(shown.journal, ensure_ascii=False)

    assert _encoded(PASSWORD) in sent and json.dumps(["token", TOKEN], ensure_ascii=False) in sent
    assert IN_WORKER in shown.run.stdout, "the run wasn't as talkative as it gets"
