# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no registered result contains a secret, even with the highest verbosity."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from html import escape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.emulator.client import Control

from ..cases import fault
from ..processes import Ansible
from ..talkative import Scene, Shown, play
from ..totalcontrol import RUNNING, scripts

USER = "operator"
# Characters that a form, an address, a shell and JSON each encode differently.
PASSWORD = "Gr8&p+ss/w ö%r'd"
TOKEN = "tK/9+q=Zr&x 7Lö8"


def scene(code: str | None, faults: Iterable[Mapping[str, Any]] = (), options: Mapping[str, Any] | None = None) -> Scene:
    """One call with a certain ending. If it has a token, the token was issued before."""
    always = {"url": "{url}", "retries": 0, "wait_timeout": 20, "poll_interval": 0.1, "names": ["a"], "state": "paused"}
    return Scene(
        code,
        "totalcontrol_task",
        {**always, **(options or {})},
        switches={"users": {USER: PASSWORD}, "first_token": TOKEN},
        tasks=scripts(a=RUNNING),
        faults=list(faults),
        ready=_log_in if "token" in (options or {}) else lambda control: {},
    )


def _log_in(emulator: Control) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", emulator.port, timeout=10)
    try:
        connection.request("GET", "/TotalControl/v1/login", headers={"Authorization": _encoded(PASSWORD)})
        assert json.loads(connection.getresponse().read())["value"]["token"] == TOKEN
    finally:
        connection.close()
    return {}


def _encoded(password: str) -> str:
    return base64.b64encode(f"{USER}:{password}".encode()).decode()


ECHO = json.dumps({"said": [TOKEN, quote(TOKEN, safe=""), quote_plus(TOKEN)]}, ensure_ascii=False)

SCENES = {
    "success": scene(None),
    "credentials in the options": scene(None, options={"username": USER, "password": "{{ lookup('env', 'TOTALCONTROL_PASSWORD') }}"}),
    "a token in the options": scene(None, options={"token": TOKEN}),
    "a wrong token in the options": scene("authentication", options={"token": f"{TOKEN}-"}),
    "a wrong password": scene("authentication", options={"username": USER, "password": f"{PASSWORD}-"}),
    "a login answered in html": scene("protocol", [fault("html", "login")]),
    "a login whose answer is cut": scene("connection", [fault("cut", "login", part=0.9)]),
    "a read that times out": scene("timeout", [fault("delay", "list", seconds=1)], {"timeout": 0.3}),
    "a read that is reset": scene("connection", [fault("reset_before", "list")]),
    "a read that is redirected": scene("protocol", [fault("redirect", "list", location=f"http://127.0.0.1:1/?token={quote(TOKEN)}")]),
    "a read that echoes the token": scene("refused", [fault("status", "list", status=500, body=ECHO)]),
    "an action that echoes the token": scene("refused", [fault("status", "pause", status=400, body=ECHO)]),
    "a closed port": scene("connection", options={"url": "http://127.0.0.1:1", "token": TOKEN}),
    "credentials in the url": scene("usage", options={"url": f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
    "a url of nonsense": scene("usage", options={"url": f"//{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
    "a proxy with credentials": scene("connection", options={"proxy": f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"}),
}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    """Credentials come from the environment, as AWX sets them, unless the options have them."""
    return play(ansible, SCENES, {"TOTALCONTROL_USERNAME": USER, "TOTALCONTROL_PASSWORD": PASSWORD})


def _spellings(secret: str) -> set[str]:
    plain = {secret, repr(secret)[1:-1], escape(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    urls = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote_plus(secret).lower()}
    coded = {base64.b64encode(secret.encode()).decode().rstrip("="), base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")}
    return plain | urls | coded


@pytest.mark.parametrize("title", SCENES)
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    for secret in (PASSWORD, TOKEN, _encoded(PASSWORD), _encoded(PASSWORD).rstrip("=")):
        for spelling in _spellings(secret):
            for text in played[title].texts:
                place = text.find(spelling)
                assert place < 0, f"{spelling!r} in ...{text[max(0, place - 300) : place + 100]}"


def test_what_is_searched_for_was_there_to_be_leaked(played: dict[str, Shown]) -> None:
    """Otherwise, the test above would find nothing for another reason."""
    sent = json.dumps(played["success"].journal, ensure_ascii=False)

    assert _encoded(PASSWORD) in sent and json.dumps(["token", TOKEN], ensure_ascii=False) in sent
