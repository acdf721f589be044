# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that aren't the vendor's: who is told to have refused, and what is known of the request then."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.support import FakeClock

from .test_page import HAPROXY, NGINX, SQUID, TINYPROXY

HTML = {"Content-Type": "text/html"}
FROM_SQUID = {**HTML, "Server": "squid/5.7", "X-Squid-Error": "ERR_CONNECT_FAIL 111"}
FROM_NGINX = {**HTML, "Server": "nginx/1.22.1"}
FROM_TINYPROXY = {**HTML, "Server": "tinyproxy/1.11.1"}
LIMITED = NGINX.replace(b"502 Bad Gateway", b"503 Service Temporarily Unavailable")
FORBIDDEN = NGINX.replace(b"502 Bad Gateway", b"403 Forbidden")


def failure(monkeypatch: pytest.MonkeyPatch, method: str, status: int, body: bytes, headers: dict[str, str], **more: Any) -> Failure:
    """What a write ends with that is answered so."""
    clock = FakeClock()
    way = Connection("http://server.example.com:8090", clock, Deadline(clock, 300))

    def judge(answer: Answer) -> Any:
        if answer.status != 200:
            raise answer.refusal()
        return answer.document()

    with exchanges(monkeypatch, Call(method, "/api/things", body, status=status, answer_headers=headers)), pytest.raises(Failure) as caught:
        Http(way, "the server", "/api", None, **more).write("/things", judge, method=method)
    assert not re.search(r"[.!?] +[A-Z]|[<>\n]", caught.value.message), caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (502, NGINX, FROM_NGINX),
        (504, NGINX, FROM_NGINX),
        (502, SQUID, {**FROM_SQUID, "X-Squid-Error": "ERR_ZERO_SIZE_OBJECT 0"}),
        (502, HAPROXY, HTML),
        # With `retry-on all-retryable-errors` haproxy has it after a server has read the whole request, too.
        (503, HAPROXY, HTML),
        (500, b"<h1>Oops</h1>", HTML),
        (408, HAPROXY, HTML),
        # By their meaning those of a gateway, whatever it has to say.
        (502, b"", {}),
        (504, b"upstream request timeout", {"Content-Type": "text/plain"}),
    ],
)
def test_what_may_come_after_the_request_was_sent_on_is_a_lost_answer(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, headers: dict[str, str]
) -> None:
    lost = failure(monkeypatch, "POST", status, body, headers)

    assert isinstance(lost, AnswerLost) and (lost.code, lost.http_status) == ("connection", status)
    assert "and the server may still have received it; see whether the server runs, and answers there in time" in lost.message


@pytest.mark.parametrize(("body", "headers"), [(FORBIDDEN, FROM_NGINX), (HAPROXY, HTML), (SQUID, FROM_SQUID)])
@pytest.mark.parametrize("status", [400, 403, 405, 411, 413, 414, 431])
def test_what_a_gateway_refuses_by_itself_had_no_effect(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, headers: dict[str, str]
) -> None:
    refused = failure(monkeypatch, "POST", status, body, headers)

    assert isinstance(refused, Refused) and not isinstance(refused, TryLater) and refused.code == "connection"
    assert "and didn't get to the server; see what that one allows, and check url and proxy" in refused.message


@pytest.mark.parametrize(
    ("method", "status", "body", "headers", "is_proved"),
    [
        ("POST", 503, SQUID, FROM_SQUID, True),
        ("POST", 503, SQUID, {**FROM_SQUID, "X-Squid-Error": "ERR_DNS_FAIL 0"}, True),
        ("POST", 500, TINYPROXY, FROM_TINYPROXY, True),
        ("PUT", 500, TINYPROXY, FROM_TINYPROXY, True),
        # Squid may have sent an earlier copy of it.
        ("PUT", 503, SQUID, FROM_SQUID, False),
        ("POST", 500, SQUID, {**FROM_SQUID, "X-Squid-Error": "ERR_CANNOT_FORWARD 0"}, False),
        ("POST", 500, TINYPROXY.replace(b"Unable to connect", b"Else"), FROM_TINYPROXY, False),
        ("POST", 500, TINYPROXY, HTML, False),
    ],
)
def test_only_who_surely_had_no_connection_is_believed_to_have_sent_nothing_on(
    monkeypatch: pytest.MonkeyPatch, method: str, status: int, body: bytes, headers: dict[str, str], is_proved: bool
) -> None:
    told = failure(monkeypatch, method, status, body, headers)

    assert isinstance(told, TryLater if is_proved else AnswerLost) and told.code == "connection"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [(503, LIMITED, FROM_NGINX), (429, HAPROXY, HTML), (503, HAPROXY, {**HTML, "Retry-After": "1"}), (429, b"{}", {})],
)
def test_throttling_is_told_as_that_and_had_no_effect(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, headers: dict[str, str]
) -> None:
    told = failure(monkeypatch, "POST", status, body, headers)

    assert isinstance(told, TryLater) and told.code == "rate_limited" and "throttled" in told.message


@pytest.mark.parametrize("status", [403, 500, 502, 503, 504])
def test_json_is_the_vendor_s_own_whatever_its_status(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    told = failure(monkeypatch, "POST", status, b'{"error_code": "X.1"}', {**FROM_NGINX, "Via": "1.1 proxy (squid/5.7)"})

    assert told.code in ("permission", "refused") and "gateway" not in told.message


@pytest.mark.parametrize(("status", "code"), [(401, "authentication"), (412, "refused"), (404, "not_found"), (200, "protocol")])
def test_pages_that_a_vendor_s_own_server_gives_too_keep_their_meaning(monkeypatch: pytest.MonkeyPatch, status: int, code: str) -> None:
    told = failure(monkeypatch, "POST", status, b"<html><title>Sign in</title></html>", HTML)

    assert told.code == code and "Sign in" in told.message


def test_who_answered_is_named_as_the_answer_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = failure(monkeypatch, "POST", 503, SQUID, FROM_SQUID)
    gateway = failure(monkeypatch, "POST", 502, NGINX, FROM_NGINX)
    nobody = failure(monkeypatch, "POST", 503, HAPROXY, HTML)

    words = "Connection to 127.0.0.1 failed; The system returned: (111) Connection refused"
    assert f"a proxy on the way to the server (squid/5.7, HTTP 503: {words})" in proxy.message
    assert "a gateway or web server in front of the server (nginx/1.22.1, HTTP 502: Bad Gateway)" in gateway.message
    assert "a gateway or web server in front of the server (HTTP 503: Service Unavailable; No server is available" in nobody.message


@pytest.mark.parametrize("name", ["<b>x</b>", "\x1b[31mred", "a" * 500, "{{ lookup('env', 'X') }}", ""])
def test_a_name_that_is_none_isn_t_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    told = failure(monkeypatch, "POST", 502, NGINX, {**HTML, "Server": name})

    assert len(told.message) < 400 and not any(letter in told.message for letter in "\x1b{}<")


def test_a_vendor_says_what_of_its_own_may_lead_to_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told = failure(monkeypatch, "POST", 403, FORBIDDEN, FROM_NGINX, advice=lambda answer: f"its door for {answer.status} may be closed")

    assert told.message.endswith("; its door for 403 may be closed")


def test_a_read_that_a_gateway_answers_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, bad = FakeClock(), Call("GET", "/api/things", NGINX, status=502, answer_headers=FROM_NGINX)
    way = Connection("http://server.example.com:8090", clock, Deadline(clock, 300))

    with exchanges(monkeypatch, bad, replace(bad, answer={"a": 1}, status=200, answer_headers={})):
        assert Http(way, "the server", "/api").read("/things", lambda answer: answer.document()) == {"a": 1}
