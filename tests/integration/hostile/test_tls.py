# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS for every system: verified by default, with a clear message if it fails. Nothing is sent to a server with a wrong certificate.
tests/integration/totalcontrol_task/test_tls.py covers the details.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import trustme

from tests.emulator import threaded, tls
from tests.emulator.threaded import ThreadedEmulator

from ..cases import check_failure
from ..processes import COLLECTION, Ansible, Result
from .authentications import AUTHENTICATIONS, Authentication

FULL = [authentication for authentication in AUTHENTICATIONS if authentication.is_full]


@dataclass(frozen=True)
class Certificate:
    """The server's certificate, the caller's options, and the ending: the message contains `told`; None for success."""

    told: str | None
    options: Mapping[str, Any]
    names: tuple[str, ...] = tls.NAMES
    expired: bool = False
    ask_client: bool = False
    variables: Mapping[str, str] | None = None


CA = {"ca_path": "{ca}"}
CLIENT = {"client_cert": "{client_cert}", "client_key": "{client_key}"}
CERTIFICATES = {
    "nothing given": Certificate("TLS certificate", {}),
    "a private CA": Certificate(None, CA),
    "REQUESTS_CA_BUNDLE in the environment": Certificate(None, {}, variables={"REQUESTS_CA_BUNDLE": "{ca}"}),
    "a bundle of others in the environment, and ca_path": Certificate(None, CA, variables={"REQUESTS_CA_BUNDLE": "{other}"}),
    "a bundle of others in the environment": Certificate("TLS certificate", {}, variables={"REQUESTS_CA_BUNDLE": "{other}"}),
    "the name of another host": Certificate("IP address mismatch", CA, names=("other.example.com",)),
    "an expired certificate": Certificate("expired", CA, expired=True),
    "an expired one, and no verification wished": Certificate(None, {"validate_certs": False}, expired=True),
    "a client certificate": Certificate(None, {**CA, **CLIENT}, ask_client=True),
    # The emulator's TLS, that of asyncio, sends no alert, so that the kernel decides whether the connection is closed or reset.
    "no client certificate where one is asked for": Certificate("client_cert", CA, ask_client=True),
}


class Authority(tls.OwnAuthority):
    """The emulator's own authority, with a certificate for other names or an expired one."""

    def __init__(self, certificate: Certificate) -> None:
        super().__init__(ask_client=certificate.ask_client, names=certificate.names)
        if certificate.expired:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(self.ca)
            self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            yesterday = datetime.now(timezone.utc) - timedelta(days=1)
            authority.issue_cert(*certificate.names, not_after=yesterday).configure_cert(self.context)


@dataclass(frozen=True)
class Seen:
    results: dict[str, Result]
    requests: dict[str, int]


@pytest.fixture(scope="module", params=FULL, ids=lambda authentication: authentication.title)
def seen(request: pytest.FixtureRequest, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    authentication: Authentication = request.param
    other = tmp_path_factory.mktemp("other") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    emulators: dict[str, ThreadedEmulator] = {}
    tasks = []
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for title, certificate in CERTIFICATES.items():
            patch.setattr(threaded, "OwnAuthority", lambda ask_client, wanted=certificate: Authority(wanted))
            vendor = authentication.emulator()
            token = authentication.handed_out(vendor) if authentication.handed_out else ""
            vendor.journal.clear()
            emulator = stack.enter_context(ThreadedEmulator(vendor, tls=True))
            emulators[title] = emulator
            control = emulator.control
            known = {"url": control.url, "ca": control.ca, "client_cert": control.client_cert, "client_key": control.client_key}
            known |= {"token": token, "other": str(other)}

            def filled(given: Mapping[str, Any], known: Mapping[str, Any] = known) -> dict[str, Any]:
                return {
                    name: known[value[1:-1]] if isinstance(value, str) and value[1:-1] in known else value for name, value in given.items()
                }

            options = {
                "url": control.url,
                "retries": 0,
                "poll_interval": 0.1,
                "wait_timeout": 10,
                **authentication.options,
                **certificate.options,
            }
            module = {f"{COLLECTION}.{authentication.module}": filled(options)}
            tasks.append({"name": title, **module, "ignore_errors": True, "environment": filled(certificate.variables or {})})
        run = ansible.tasks(*tasks, variables={"ANSIBLE_PIPELINING": "true"}, patience=120)
        requests = {title: len(emulator.vendor.journal.since()) for title, emulator in emulators.items()}
    assert run.status == 0, run.printed
    return Seen(run.by_name(), requests)


@pytest.mark.parametrize("title", list(CERTIFICATES))
def test_a_certificate_decides_whether_anything_is_sent(seen: Seen, title: str) -> None:
    result, told = seen.results[title], CERTIFICATES[title].told

    if told is None:
        assert result.row["reached"] and seen.requests[title] > 1
    else:
        check_failure(result, "connection")
        assert told in result["msg"] and seen.requests[title] == 0
