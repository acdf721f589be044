# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets through the gate (vendors/huawei_auth.md, sections 4, 7, 10 and 11)."""

from __future__ import annotations

import re

import pytest

from tests.emulator.messages import BadOrder
from tests.emulator.vendors.huawei import Huawei
from tests.unit.emulator.huawei.world import GUESTS, KEY, LAB, PROJECT, STRANGERS, TASK, TEMPORARY, Api, Got, Key, date_of, sdk_signed

HERE = f"/v2/{PROJECT}/tasks/{TASK}"
START = "Incorrect IAM authentication information"
WRONG = Key(KEY.ak, "wrong")


def said(got: Got) -> tuple[int, str, str]:
    """Checks the gateway's own shape on the way."""
    assert list(got.json) == ["error_msg", "error_code", "request_id"]
    assert re.fullmatch("[0-9a-f]{32}", got.json["request_id"])
    assert got.headers_of("X-Request-Id") == got.json["request_id"]
    return got.status, got.json["error_code"], got.json["error_msg"]


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": ""}, {"X-Auth-Token": "bad"}, {"Authorization": ""}])
def test_without_a_good_token(api: Api, headers: dict[str, str]) -> None:
    assert said(api.send("GET", HERE, headers=headers)) == (401, "APIGW.0301", f"{START}: decrypt token fail")


def test_9_an_expired_token(api: Api) -> None:
    api.model.expire_tokens()
    assert said(api.ask("GET", f"/tasks/{TASK}")) == (401, "APIGW.0301", f"{START}: decrypt token fail")


def test_an_ordered_fault_expires_the_tokens(api: Api) -> None:
    api.model.faults.order([{"kind": "expire_token"}])
    assert [api.ask("GET", f"/tasks/{TASK}").status for _time in range(2)] == [401, 401]
    api.token = api.login().headers_of("X-Subject-Token")
    assert api.ask("GET", f"/tasks/{TASK}").status == 200


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_signed_request_passes(api: Api) -> None:
    assert api.signed("GET", HERE).status == 200


def test_10_a_wrong_signature(api: Api) -> None:
    assert said(api.signed("GET", HERE, key=WRONG)) == (401, "APIGW.0301", f"{START}: verify aksk signature fail")


def test_an_unknown_key(api: Api) -> None:
    got = api.signed("GET", HERE, key=Key("NOSUCHKEY", "x"))
    assert said(got) == (401, "APIGW.0301", f"{START}: Get secretKey failed,ak:***,err:ak not exist")


@pytest.mark.parametrize("off", [-901, 901, -86400])
def test_10_a_clock_that_is_off(api: Api, off: int) -> None:
    got = api.signed("GET", HERE, date=date_of(api.model.clock.wall() + off))
    assert said(got) == (401, "APIGW.0301", f"{START}: calc ak sk signature fail:signature expired")


@pytest.mark.parametrize("off", [-899, 899])
def test_a_clock_that_is_off_by_less_than_a_quarter_of_an_hour(api: Api, off: int) -> None:
    assert api.signed("GET", HERE, date=date_of(api.model.clock.wall() + off)).status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic c2lnbWE6M0QzOTE0OTc=",
        "Bearer token",
        "SDK-HMAC-SHA256",
        f"SDK-HMAC-SHA256 Access={KEY.ak},SignedHeaders=x-sdk-date,Signature={'0' * 64}",
        f"SDK-HMAC-SHA256 Access={KEY.ak}, SignedHeaders=x-sdk-date, Signature={'F' * 64}",
        f"SDK-HMAC-SHA256 Credential={KEY.ak}, SignedHeaders=x-sdk-date, Signature={'0' * 64}",
        f"SDK-HMAC-SM3 Access={KEY.ak}, SignedHeaders=x-sdk-date, Signature={'0' * 64}",
    ],
)
def test_an_authorization_that_is_not_by_the_rules(api: Api, authorization: str) -> None:
    got = api.send("GET", HERE, headers={"Authorization": authorization, "X-Sdk-Date": date_of(api.model.clock.wall())})
    assert said(got) == (401, "APIGW.0301", f"{START}: verify aksk signature fail")


@pytest.mark.parametrize(("old", "new"), [("host;x-project-id", "x-project-id;host"), ("host", "Host"), (";x-sdk-date", "")])
def test_signed_headers_are_lower_case_and_sorted_with_the_date_among_them(api: Api, old: str, new: str) -> None:
    request = sdk_signed("GET", HERE, date=date_of(api.model.clock.wall()))
    request.headers["Authorization"] = request.headers["Authorization"].replace(old, new)
    assert api.replay(request).status == 401


def test_12_only_the_date_must_be_signed(api: Api) -> None:
    date = date_of(api.model.clock.wall())
    request = sdk_signed("GET", HERE, date=date, headers={"Host": "somewhere.else"})
    unsigned = {**request.headers, "X-Project-Id": PROJECT, "Content-Type": "application/json", "User-Agent": "anything"}
    request.headers = unsigned
    assert "SignedHeaders=host;x-sdk-date," in unsigned["Authorization"]
    assert api.replay(request).status == 200


def test_a_derived_signature_is_not_for_vias(api: Api) -> None:
    got = api.signed("GET", HERE, derived=("cn-north-4", "iotdm"))
    assert said(got) == (401, "APIGW.0301", f"{START}: verify aksk signature fail")


# --- temporary keys -----------------------------------------------------------------------------------------------------


def test_a_temporary_key_with_its_security_token(api: Api) -> None:
    assert api.signed("GET", HERE, key=TEMPORARY).status == 200


@pytest.mark.parametrize(
    "key", [Key(TEMPORARY.ak, TEMPORARY.sk), Key(TEMPORARY.ak, TEMPORARY.sk, "another"), Key(KEY.ak, KEY.sk, "needless")]
)
def test_11_a_key_without_its_own_security_token(api: Api, key: Key) -> None:
    assert said(api.signed("GET", HERE, key=key))[:2] == (401, "APIGW.0301")


def test_a_security_token_is_signed_too(api: Api) -> None:
    request = sdk_signed("GET", HERE, date=date_of(api.model.clock.wall()), key=Key(TEMPORARY.ak, TEMPORARY.sk))
    request.headers["X-Security-Token"] = str(TEMPORARY.security_token)
    assert api.replay(request).status == 401


def test_a_real_clock_locks_nobody_out() -> None:
    api = Api(Huawei())
    assert [api.signed("GET", HERE).status for _time in range(3)] == [200, 200, 200]


# --- the lock -----------------------------------------------------------------------------------------------------------


def fail(api: Api, times: int) -> None:
    for _time in range(times):
        assert api.signed("GET", HERE, key=WRONG).json["error_msg"] == f"{START}: verify aksk signature fail"


def test_10_five_failures_in_a_row_lock_the_key_for_five_minutes(api: Api) -> None:
    fail(api, 5)
    assert said(api.signed("GET", HERE)) == (401, "APIGW.0301", f"{START}: AK access failed to reach the limit,forbidden.")
    api.model.advance(299)
    assert api.signed("GET", HERE).status == 401
    api.model.advance(1)
    assert api.signed("GET", HERE).status == 200


def test_a_success_in_between_starts_the_count_again(api: Api) -> None:
    for _round in range(3):
        fail(api, 4)
        assert api.signed("GET", HERE).status == 200


def test_a_lock_concerns_one_key_only(api: Api) -> None:
    fail(api, 5)
    assert api.signed("GET", HERE, key=TEMPORARY).status == 200
    assert api.ask("GET", f"/tasks/{TASK}").status == 200


def test_a_locked_key_is_locked_for_iam_too(api: Api) -> None:
    fail(api, 5)
    assert api.signed("GET", "/v3/projects", headers={}).status == 401


def test_the_lock_can_be_switched_off(api: Api) -> None:
    api.model.set_switches({"lock_after": None})
    fail(api, 9)
    assert api.signed("GET", HERE).status == 200


# --- projects and rights ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("position", "sent", "status"), [
    ("must_agree", PROJECT, 200), ("must_agree", LAB, 403), ("must_agree", None, 200),
    ("required", PROJECT, 200), ("required", LAB, 403), ("required", None, 403),
    ("ignored", PROJECT, 200), ("ignored", LAB, 200), ("ignored", None, 200),
])  # fmt: skip
def test_x_project_id_beside_the_project_in_the_path(api: Api, position: str, sent: str | None, status: int) -> None:
    api.model.set_switches({"project_header": position})
    assert api.signed("GET", HERE, headers={"X-Project-Id": sent} if sent else {}).status == status


def test_one_key_is_good_for_every_project_of_the_account(api: Api) -> None:
    got = api.signed("GET", f"/v2/{LAB}/tasks", headers={})
    assert (got.status, got.json["tasks"]) == (200, [])


@pytest.mark.parametrize("key", [GUESTS, STRANGERS])
def test_a_key_without_rights_there_is_the_services_affair(api: Api, key: Key) -> None:
    got = api.signed("GET", HERE, key=key)
    assert (got.status, got.code) == (401, "VIAS.00010005")


# --- switches and limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("position", "statuses"), [("refused", (401, 401)), ("token", (200, 401)), ("signature", (401, 200))])
def test_a_token_and_a_signature_at_once(api: Api, position: str, statuses: tuple[int, int]) -> None:
    api.model.set_switches({"both_credentials": position})
    good, bad = (sdk_signed("GET", HERE, date=date_of(api.model.clock.wall()), key=key) for key in (KEY, WRONG))
    bad.headers["X-Auth-Token"] = api.token
    good.headers["X-Auth-Token"] = "bad"
    assert (api.replay(bad).status, api.replay(good).status) == statuses


def test_texts_and_prefix_of_the_gateway_vary(api: Api) -> None:
    api.model.set_switches({"gateway_texts": "bare", "gateway_prefix": "APIG"})
    assert said(api.send("GET", HERE)) == (401, "APIG.0301", START)


def test_a_body_over_12_megabytes(api: Api) -> None:
    assert said(api.ask("PUT", f"/tasks/{TASK}/action/stop", b" " * ((12 << 20) + 1)))[:2] == (413, "APIGW.0201")


def test_an_address_over_32_kilobytes(api: Api) -> None:
    assert said(api.ask("GET", "/tasks", query={"task_name": "x" * (33 << 10)}))[:2] == (414, "APIGW.0201")


def test_who_there_is_can_be_put(api: Api) -> None:
    api.model.set_switches(
        {
            "users": {"you": {"password": "p", "domain": "d"}},
            "access_keys": {"AK": {"secret": "SK", "user": "you"}},
            "projects": {PROJECT: {"name": "cn-north-4", "domain": "d"}},
        }
    )
    assert api.signed("GET", HERE, key=Key("AK", "SK")).status == 200
    assert api.signed("GET", HERE).status == 401


@pytest.mark.parametrize(
    "users", [[], {"you": {}}, {"you": {"password": "", "domain": "d"}}, {"you": {"password": "p", "domain": "d", "x": 1}}]
)
def test_a_table_of_users_that_makes_no_sense(api: Api, users: object) -> None:
    with pytest.raises(BadOrder, match="switch users can't be"):
        api.model.set_switches({"users": users})
