# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What VIAS refuses for a reason that isn't the state of a task (page huawei_vias, section 3.7 and 2.1 to 2.8 of what was found later)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _module
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task

from tests.unit.huawei import KEY, PROJECT, TOKEN, USER, act, error, gateway, in_process, login, requests_to, show, without_environment
from tests.unit.ordered_calls import exchanges
from tests.unit.plugins.modules.results import is_one_sentence
from tests.unit.run_module import Run, run_main
from tests.unit.support import FakeClock

SIGNED = {**KEY, "project_id": PROJECT}
GOOD_USER = {**USER, "password": "secret"}
VIAS_HOST = "vias.cn-north-4.myhuaweicloud.com"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    without_environment(monkeypatch)
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)

    def call(check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        given = {"task_id": "a", "state": "stopped", "concurrency": 1, **options}
        return run_main(huawei_task.main, capsys, "huawei_task", check=check, diff=diff, **given)

    return call


# What each code is told as

TOLD: list[tuple[int, str, str, str]] = [
    (401, "VIAS.00010005", "permission", "until the main account has agreed to its authorization in the console of that very region"),
    (401, "VIAS.00010021", "permission", "the account is restricted, frozen or its owner hasn't been verified"),
    (500, "VIAS.00010023", "permission", "VIAS didn't take the token, or the user has no right to it"),
    (500, "VIAS.00010024", "refused", "advises to check the user's rights"),
    (400, "VIAS.00010040", "permission", "the account is of the wrong type for this"),
    (400, "VIAS.00010002", "not_found", "check the ids, region and project_id"),
    (400, "VIAS.0010045", "refused", "(HTTP 400, VIAS.0010045 "),
    (400, "VIAS.0010046", "refused", "(HTTP 400, VIAS.0010046 "),
    (400, "VIAS.00010017", "refused", "(HTTP 400, VIAS.00010017 "),
    # With seven digits, as the vendor prints some.
    (401, "VIAS.0010021", "permission", "the account is restricted"),
    (500, "VIAS.0010024", "refused", "advises to check the user's rights"),
]


@pytest.mark.parametrize(("status", "code", "ours", "advice"), TOLD, ids=[code for _status, code, *_told in TOLD])
def test_a_code_is_told_with_our_word_and_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, status: int, code: str, ours: str, advice: str
) -> None:
    with exchanges(monkeypatch, error(show("a", ""), status, code)):
        result = run(**TOKEN)

    assert result["failure"] == {"code": ours, "vendor_code": code, "http_status": status, "request_id": "request-1"}
    assert advice in result["msg"] and is_one_sentence(result["msg"])


@pytest.mark.parametrize("code", ["VIAS.00010006", "VIAS.00010016", "VIAS.00010020", "VIAS.00010022", "VIAS.00010025"])
def test_an_internal_error_of_a_read_is_asked_for_again(run: Run, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    with exchanges(monkeypatch, error(show("a", ""), 500, code), show("a", "STOPPED")):
        assert not run(**TOKEN)["changed"]


def test_a_missing_task_may_be_told_with_seven_digits(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, error(show("a", ""), 400, "VIAS.0010007")):
        result = run(**TOKEN)

    assert result["failure"]["code"] == "not_found" and "knows no task a" in result["msg"]


def test_the_gateway_s_own_trouble_is_one_of_the_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its codes 0201 to 0203 with a server error say that it got no answer of the service."""
    with exchanges(monkeypatch, gateway(show("a", ""), 502, "0202", "Backend unavailable")):
        result = run(**TOKEN, retries=0)

    assert result["failure"]["code"] == "connection" and "(HTTP 502, APIGW.0202 Backend unavailable)" in result["msg"]


# An action: refused, or lost


@pytest.mark.parametrize("code", ["VIAS.00010024", "VIAS.00010040"])
def test_a_refused_action_is_sent_once(run: Run, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, refuse_with={"stop": [code, 9]})

    result = run(**SIGNED)

    assert result["changed"] is False and result["tasks"][0]["error"]["vendor_code"] == code
    assert result["tasks"][0]["action"] == "none"
    assert len([entry for entry in vendor.journal.since() if entry.call.action == "stop"]) == 1


@pytest.mark.parametrize("code", ["VIAS.00010006", "VIAS.00010016", "VIAS.00010020", "VIAS.00010022", "VIAS.00010025"])
def test_an_internal_error_may_hide_an_action_that_took_hold(run: Run, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """It's settled first, and only then sent again."""
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, refuse_with={"stop": [code, 1]})

    result = run(**SIGNED)

    sent = [entry.at for entry in vendor.journal.since() if entry.call.action == "stop"]
    assert result["tasks"][0]["reached"] and len(sent) == 2


# Tokens: renewed where that may help, and nowhere else


def test_a_token_failure_told_by_500_has_the_token_renewed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [
        login(),
        show("a", "RUNNING", headers={"X-Auth-Token": "T1"}),
        error(act("a", "stop", headers={"X-Auth-Token": "T1"}), 500, "VIAS.00010023"),
        login("T2"),
        act("a", "stop", headers={"X-Auth-Token": "T2"}),
        show("a", "STOPPED", headers={"X-Auth-Token": "T2"}),
    ]

    with exchanges(monkeypatch, *calls):
        row = run(**USER)["tasks"][0]

    assert row["reached"] and row["changed"]


@pytest.mark.parametrize("switches", [{"refused_by": "service", "refused_code": "VIAS.00010023"}, {"bad_token_number": "0307"}])
def test_an_expired_token_is_renewed_however_it_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, switches: dict[str, Any]) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, **switches)
    vendor.faults.order([{"kind": "expire_token", "match": {"action": "stop"}}])

    result = run(**GOOD_USER)

    assert result["tasks"][0]["reached"] and requests_to(vendor).count("token") == 2


def test_a_frozen_account_gets_no_second_login(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token is as good as a new one would be."""
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, refuse_with={"stop": "VIAS.00010021"})

    result = run(**GOOD_USER)

    assert result["failure"]["vendor_code"] == "VIAS.00010021"
    assert [request.partition(" ")[0] for request in requests_to(vendor)] == ["token", "show", "stop", "show"]


def test_an_iam_user_learns_that_the_main_account_has_to_agree(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, agreed=False)

    result = run(**GOOD_USER)

    assert result["failure"]["code"] == "permission" and "console of that very region" in result["msg"]


def test_what_is_told_of_a_token_leaves_a_key_a_good_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are signed, and no refusal of the signature was among these."""
    vendor = in_process(
        monkeypatch, {"id": "a", "state": "RUNNING"}, {"id": "b", "state": "RUNNING"}, refuse_with={"stop": ["VIAS.00010023", 1]}
    )

    result = run(**SIGNED, task_id=None, task_ids=["a", "b"])

    assert [row["reached"] for row in result["tasks"]] == [False, True]
    assert result["failure"]["code"] == "permission" and "what was signed" not in result["msg"]
    assert [entry.status for entry in vendor.journal.since() if entry.call.action == "stop"] == [500, 200]


# Signatures behind a proxy

PROXIED = {**SIGNED, "url": "https://proxy.example.com/huawei"}


def test_a_proxy_s_prefix_is_never_signed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, path_prefix="/huawei")

    result = run(**PROXIED)

    assert result["tasks"][0]["reached"] and {entry.status for entry in vendor.journal.since()} == {200}


@pytest.mark.parametrize("url", ["https://proxy.example.com/huawei/v2", "https://proxy.example.com/huawei/v2/"])
def test_an_address_that_ends_in_the_vendor_s_path_is_the_same(run: Run, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, path_prefix="/huawei")

    assert run(**{**PROXIED, "url": url})["tasks"][0]["reached"]


def test_the_host_that_the_vendor_receives_is_signed_and_the_proxy_s_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, path_prefix="/huawei", seen_host=VIAS_HOST)

    result = run(**PROXIED, signed_host=VIAS_HOST)

    assert result["tasks"][0]["reached"]
    assert {entry.request.header("Host") for entry in vendor.journal.since()} == {"proxy.example.com"}


def test_the_host_comes_from_the_environment_with_the_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, seen_host=VIAS_HOST)
    monkeypatch.setenv("VIAS_URL", "https://proxy.example.com")
    monkeypatch.setenv("VIAS_SIGNED_HOST", VIAS_HOST)

    assert run(**SIGNED)["tasks"][0]["reached"]


def test_the_environment_s_host_isn_t_signed_for_another_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch, {"id": "a", "state": "RUNNING"})
    monkeypatch.setenv("VIAS_SIGNED_HOST", "elsewhere.example.com")

    assert run(**SIGNED, url="https://other.example.com")["tasks"][0]["reached"]


@pytest.mark.parametrize(
    ("options", "signed"),
    [
        (
            {},
            "what was signed is the path from /v2 on, without the prefix /huawei, and the Host proxy.example.com; where a proxy on the way "
            "puts another Host in its place, give that in signed_host.",
        ),
        (
            {"signed_host": "wrong.example.com"},
            "what was signed is the path from /v2 on, without the prefix /huawei, and the Host wrong.example.com (signed_host).",
        ),
    ],
)
def test_a_refused_signature_behind_a_proxy_names_what_was_signed(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], signed: str
) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, path_prefix="/huawei", seen_host=VIAS_HOST)

    result = run(**PROXIED, **options)

    assert result["failure"]["code"] == "authentication" and result["msg"].endswith(signed) and len(vendor.journal) == 1


def test_nobody_stands_before_the_vendor_s_own_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(show("a", ""))):
        assert "what was signed" not in run(**SIGNED)["msg"]


def test_a_token_is_signed_with_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    call = replace(show("a", "STOPPED"), headers={"Authorization": None})
    with exchanges(monkeypatch, call):
        assert not run(**TOKEN, url=f"https://{VIAS_HOST}", signed_host="any.example.com")["changed"]


def test_what_is_no_host_is_told_before_anything_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch):
        result = run(**SIGNED, signed_host="https://vias.example.com")

    assert result["failure"]["code"] == "usage" and "write it as HOST or HOST:PORT" in result["msg"]
