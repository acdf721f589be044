# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: which certificates are accepted, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..cases import Outcome, case
from ..totalcontrol import RUNNING, scripts

pytestmark = pytest.mark.wire

ONE = scripts(a=RUNNING)
PAUSE: dict[str, Any] = {"names": ["a"], "state": "paused"}

# A file that exists and contains no certificate.
ELSEWHERE = str(Path(__file__).parents[1] / "__init__.py")


@case(tasks=ONE, tls=True, **PAUSE)
def test_a_certificate_of_an_unknown_authority_is_refused(outcome: Outcome) -> None:
    message = outcome.failure("connection")

    assert "TLS certificate of Total Control at 127.0.0.1" in message and "ca_path" in message
    assert outcome.requests == []


@case(tasks=ONE, tls=True, url="https://127.0.0.2:{port}", ca_path="{ca}", retries=0, **PAUSE)
def test_an_address_that_nobody_listens_at_is_no_matter_of_certificates(outcome: Outcome) -> None:
    assert "can't be reached" in outcome.failure("connection")


@case(tasks=ONE, tls=True, ca_path="{ca}", **PAUSE)
def test_ca_path_makes_the_certificate_good(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.effects == ["pause a"]


@case(tasks=ONE, tls=True, variables={"REQUESTS_CA_BUNDLE": ELSEWHERE, "CURL_CA_BUNDLE": ELSEWHERE}, ca_path="{ca}", **PAUSE)
def test_a_bundle_in_the_environment_doesn_t_take_the_place_of_ca_path(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(tasks=ONE, tls=True, validate_certs=False, **PAUSE)
def test_validate_certs_false_takes_any_certificate(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.effects == ["pause a"]


@case(tasks=ONE, tls=True, variables={"REQUESTS_CA_BUNDLE": ELSEWHERE}, validate_certs=False, **PAUSE)
def test_a_bundle_in_the_environment_doesn_t_bring_validation_back(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(tasks=ONE, tls=True, variables={"TOTALCONTROL_VALIDATE_CERTS": "false"}, **PAUSE)
def test_validate_certs_may_come_from_the_environment(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param(name, marks=case(tasks=ONE, tls=True, variables={name: "{ca}"}, **PAUSE))
        for name in ("TOTALCONTROL_CA_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    ],
)
def test_the_authority_may_come_from_the_environment(outcome: Outcome, variable: str) -> None:
    assert outcome.row["reached"], variable


@case(tasks=ONE, ask_client=True, ca_path="{ca}", client_cert="{client_cert}", client_key="{client_key}", **PAUSE)
def test_a_client_certificate_with_its_key_is_shown(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.effects == ["pause a"]


@case(tasks=ONE, ask_client=True, ca_path="{ca}", client_cert="{client_cert}", client_key="{client_cert}", retries=0, **PAUSE)
def test_a_client_key_that_is_none_is_told_by_its_option(outcome: Outcome) -> None:
    assert "client_key" in outcome.failure("usage")
    assert outcome.requests == []


@case(tasks=ONE, tls=True, ca_path=ELSEWHERE, **PAUSE)
def test_a_ca_path_without_a_certificate_is_told_by_its_option(outcome: Outcome) -> None:
    assert "ca_path" in outcome.failure("usage")
    assert outcome.requests == []
