# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxies' own answers, reported in the same words for every system: who refused, why, and what is known about the action."""

from __future__ import annotations

import re

import pytest

from ..totalcontrol import RUNNING, scripts
from .conftest import ProxyOutcome, Through
from .origins import VENDORS

NAMES = {"totalcontrol": "Total Control", "huawei": "VIAS", "ctrlapi": "Boro", "hitachi": "JP1/AO", "iotda": "IoTDA"}
# These get a token from IAM with a request of its own.
CLOUD = ("huawei", "iotda")


def check_sentence(outcome: ProxyOutcome, code: str) -> None:
    assert outcome.failed and outcome.code == code, outcome.result
    assert not re.search(r"[.!?] +[A-Z]|[<>\n]", outcome.message), outcome.message


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_login_page_in_place_of_an_answer_is_told_as_that(through: Through, vendor: str) -> None:
    outcome = through("nginx", vendor, "login")

    check_sentence(outcome, "protocol")
    assert re.search(r"got a web page in place of an answer \(nginx/[\d.]+, HTTP 200: Sign in to Example Corp\)", outcome.message)
    assert outcome.origin.requests == 0


@pytest.mark.parametrize("vendor", VENDORS)
def test_nginx_s_own_503_is_told_as_throttling(through: Through, vendor: str) -> None:
    outcome = through("nginx", vendor, "closed")

    check_sentence(outcome, "rate_limited")
    assert "was throttled, or refused for maintenance, by a gateway or web server in front of" in outcome.message
    assert "HTTP 503: Service Temporarily Unavailable) and didn't get to" in outcome.message


def test_what_nginx_throttles_is_sent_again_more_slowly(through: Through) -> None:
    """`limit_req` refuses before it forwards anything, with 503 and without Retry-After."""
    outcome = through("nginx", "totalcontrol", "limit", tasks=scripts(a=RUNNING, b=RUNNING), names=["a", "b"])

    assert not outcome.failed and [row["reached"] for row in outcome.result["tasks"]] == [True, True], outcome.result
    assert outcome.origin.writes == ["pause!", "pause!"]
    assert outcome.result["elapsed"] > 0.9


# Without Boro and Airflow, whose reads are POSTs too, so that a gateway which lets only GET pass refuses the first of them.
@pytest.mark.parametrize(("vendor", "action"), [("totalcontrol", "POST"), ("hitachi", "POST"), ("huawei", "PUT"), ("iotda", "POST")])
def test_an_action_that_a_gateway_refuses_is_told_as_never_sent_on(through: Through, vendor: str, action: str) -> None:
    outcome = through("nginx", vendor, "deny")

    check_sentence(outcome, "connection")
    assert (
        outcome.message.startswith(f"{action} ")
        and f"was refused by a gateway or web server in front of {NAMES[vendor]} (nginx/" in outcome.message
    )
    assert "HTTP 403: Forbidden) and didn't get to" in outcome.message
    assert outcome.origin.writes == []


def test_squid_s_page_is_told_by_its_cause(through: Through) -> None:
    """Its title is always the same, and the cause follows an address."""
    outcome = through("squid", "totalcontrol", "dead")

    check_sentence(outcome, "connection")
    assert "was answered by a proxy on the way to Total Control (squid/" in outcome.message
    assert "HTTP 503: Connection to 127.0.0.1 failed; The system returned: (111) Connection refused)" in outcome.message


def test_haproxy_s_503_is_no_proof_that_nothing_was_sent(through: Through) -> None:
    outcome = through("haproxy", "totalcontrol", "dead", retries=0)

    check_sentence(outcome, "connection")
    assert "(HTTP 503: Service Unavailable; No server is available to handle this request)" in outcome.message


def test_a_connection_that_a_proxy_closes_is_told_with_that_possibility(through: Through) -> None:
    outcome = through("haproxy", "totalcontrol", "closed")

    check_sentence(outcome, "connection")
    assert "check whether it is healthy, and whether it or a proxy on the way closes connections" in outcome.message


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_s_own_refusal_keeps_its_meaning_behind_a_proxy(through: Through, vendor: str) -> None:
    """The same status as a gateway's, but with the vendor's JSON."""
    body = {"status": False, "value": "emulator: no", "error_code": "X.1", "error_msg": "emulator: no", "message": "emulator: no"}
    body["detail"] = body["message"]

    outcome = through("squid", vendor, fault="status", details={"status": 403, "body": body, "times": None})

    assert outcome.failed and outcome.code in ("permission", "refused"), outcome.result
