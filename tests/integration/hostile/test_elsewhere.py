# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials are sent only to the system that they are for, and no other credentials are sent there, for each kind of authentication."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.unit.raw_server import HEAD, Server, say

from ..cases import fault
from .alone import Alone
from .authentications import AUTHENTICATIONS, Authentication
from .search import found
from .systems import running

DIRECT = [authentication for authentication in AUTHENTICATIONS if not authentication.by_proxy and not authentication.ask_client]
INTRUDER, STOLEN = "intruder", "Netrc-S3cret-of-the-caller"
NETRC = f"machine 127.0.0.1 login {INTRUDER} password {STOLEN}\ndefault login {INTRUDER} password {STOLEN}\n"

AFTER_THE_LOGIN = "(?!(login|token|tokens|iam)$).*"
# The request that is answered with a redirect, each time.
MOMENTS: dict[str, dict[str, Any]] = {
    "the first request": fault("redirect", times=None),
    "a read": {**fault("redirect", times=None), "match": {"action": AFTER_THE_LOGIN, "write": False}},
    "an action": {**fault("redirect", times=None), "match": {"action": AFTER_THE_LOGIN, "write": True}},
}


@dataclass(frozen=True)
class Elsewhere:
    """A server with another name and another port that accepts everything."""

    server: Server
    url: str


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Server([say(HEAD + b"Content-Length: 2\r\n\r\n{}")], keeps=True)
    with server.running() as url:
        yield Elsewhere(server, url.replace("127.0.0.1", "localhost"))


def redirected(moment: str, elsewhere: Elsewhere) -> dict[str, Any]:
    """The order for a redirect with the only status that requires the same method and body."""
    return {**MOMENTS[moment], "status": 307, "location": f"{elsewhere.url}/taken?all=1"}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("authentication", DIRECT, ids=lambda authentication: authentication.title)
def test_a_redirect_takes_nothing_elsewhere(alone: Alone, authentication: Authentication, elsewhere: Elsewhere, moment: str) -> None:
    with running(authentication, faults=[redirected(moment, elsewhere)]) as system:
        result = alone.call(authentication.module, system.options(retries=0, wait_timeout=1))
        answers = [entry.status for entry in system.emulator.vendor.journal.since()]

    assert 307 in answers
    assert result.failed and "redirected to http://localhost, which isn't followed" in result["msg"]
    assert (elsewhere.server.connections, elsewhere.server.requests) == (0, [])


def test_what_follows_a_redirect_would_be_seen_there(elsewhere: Elsewhere) -> None:
    with running(DIRECT[0], faults=[redirected("the first request", elsewhere)]) as system:
        requests.get(f"{system.url}/TotalControl/v1/login", headers={"X-Auth-Token": STOLEN}, timeout=10)

    assert elsewhere.server.connections == 1 and STOLEN.encode() in elsewhere.server.requests[0]


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    """In the home folder from which modules are called."""
    file = tmp_path / ".netrc"
    file.write_text(NETRC, encoding="ascii")
    file.chmod(0o600)
    return file


def stolen() -> set[str]:
    return {STOLEN, base64.b64encode(f"{INTRUDER}:{STOLEN}".encode()).decode()}


@pytest.mark.parametrize("authentication", DIRECT, ids=lambda authentication: authentication.title)
@pytest.mark.usefixtures("netrc")
def test_a_netrc_file_is_never_used(alone: Alone, authentication: Authentication) -> None:
    with running(authentication) as system:
        result = alone.call(authentication.module, system.options())

    assert result.row["reached"] and system.requests()
    assert list(found(stolen(), {"what was sent": system.said()})) == []


def test_a_netrc_file_would_be_seen_in_what_was_sent(netrc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(netrc.parent))
    with running(DIRECT[0]) as system:
        requests.get(f"{system.url}/TotalControl/v1/login", timeout=10)

    assert list(found(stolen(), {"what was sent": system.said()}))
