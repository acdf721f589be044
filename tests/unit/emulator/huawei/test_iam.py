# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM beside the service (vendors/huawei_auth.md, sections 3 and 11): tokens and the lookup of projects."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.huawei.world import LAB, OTHER, PROJECT, TASK, TOKENS, Api, Got, login
from tests.unit.emulator.wire import send

INVALID = {"error_msg": "Request body is invalid.", "error_code": "IAM.0011"}
HERE = f"/v2/{PROJECT}/tasks/{TASK}"


# --- the pairs of section 11, 1 to 8 ----------------------------------------------------------------------------------


def test_1_a_token_for_a_project_by_name(emulator: Control) -> None:
    answer = send(emulator.port, TOKENS, json.dumps(login()).encode())
    token = answer.json["token"]
    assert answer.status == 201
    assert len(answer.headers["X-Subject-Token"]) > 256
    assert list(token) == ["expires_at", "issued_at", "methods", "project", "roles", "user", "catalog"]
    assert token["project"] == {
        "id": PROJECT,
        "name": "cn-north-4",
        "domain": {"id": "d78cbac186b744899480f25bd022f468", "name": "account-name"},
    }
    assert (token["user"]["name"], token["methods"], token["catalog"]) == ("iam-user", ["password"], [])


def test_2_a_token_for_a_project_by_id(api: Api) -> None:
    got = api.login(scope={"project": {"id": PROJECT}})
    assert (got.status, got.json["token"]["project"]["name"]) == (201, "cn-north-4")


@pytest.mark.parametrize("scope", [{"domain": {"name": "account-name"}}, {"domain": {"id": "d78cbac186b744899480f25bd022f468"}}])
def test_3_a_token_for_the_account_is_no_good_for_the_service(api: Api, scope: object) -> None:
    got = api.login(scope=scope)
    assert (got.status, got.json["token"]["domain"]["name"], "project" in got.json["token"]) == (201, "account-name", False)
    refused = api.send("GET", HERE, headers={"X-Auth-Token": got.headers_of("X-Subject-Token")})
    assert (refused.status, refused.code) == (401, "APIGW.0301")


def test_3_the_refusal_may_be_a_403(api: Api) -> None:
    api.model.set_switches({"domain_token_status": 403})
    token = api.login(scope={"domain": {"name": "account-name"}}).headers_of("X-Subject-Token")
    refused = api.send("GET", HERE, headers={"X-Auth-Token": token})
    assert (refused.status, refused.code) == (403, "APIGW.0302")


@pytest.mark.parametrize("how", [{"password": "wrong"}, {"domain": "other-account"}, {"user": "nobody", "password": "secret"}])
def test_4_a_wrong_login(api: Api, how: dict[str, Any]) -> None:
    got = api.login(**how)
    assert got.status == 401
    assert got.json == {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}


def test_4_a_wrong_login_in_the_other_shape(api: Api) -> None:
    api.model.set_switches({"login_error_shape": "iam"})
    got = api.login(password="wrong")
    assert (got.status, got.json["error_msg"]) == (401, "The username or password is wrong.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"auth":{}}',
        b'{"auth":null}',
        json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "iam-user"}}}}}).encode(),
        json.dumps(login(scope={"project": {"name": "cn-north-4", "id": PROJECT}})).encode(),
        json.dumps(login(scope={"project": {"name": "a"}, "domain": {"name": "b"}})).encode(),
        json.dumps(login(scope={"system": {"all": True}})).encode(),
        json.dumps(login(scope={"project": "cn-north-4"})).encode(),
        json.dumps(login(scope=[])).encode(),
        json.dumps(login()).replace('["password"]', '["totp"]').encode(),
    ],
)
def test_5_a_malformed_request(api: Api, body: bytes) -> None:
    got = api.send("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
    assert (got.status, got.json) == (400, INVALID)


def test_5_a_body_that_is_not_said_to_be_json(api: Api) -> None:
    got = api.send("POST", "/v3/auth/tokens", json.dumps(login()).encode(), {"Content-Type": "text/plain"})
    assert (got.status, got.json) == (400, INVALID)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_6_an_unknown_project_in_the_scope(api: Api, status: int) -> None:
    api.model.set_switches({"unknown_scope_status": status})
    got = api.login(scope={"project": {"name": "cn-north-9"}})
    assert (got.status, got.json["error"]["code"]) == (status, status)


def test_6_anothers_project_in_the_scope(api: Api) -> None:
    assert api.login(scope={"project": {"id": OTHER}}).status == 401


def test_6_a_project_that_is_not_open_to_the_user(api: Api) -> None:
    assert api.login(user="lab-user").status == 401
    assert api.login(user="lab-user", scope={"project": {"id": LAB}}).status == 201


def test_7_the_project_of_a_region_by_a_signed_request(api: Api) -> None:
    got = api.signed("GET", "/v3/projects", query=[("name", "cn-north-4")], headers={}, host="iam.cn-north-4.myhuaweicloud.com")
    assert (got.status, [project["id"] for project in got.json["projects"]]) == (200, [PROJECT])
    assert list(got.json["projects"][0]) == ["domain_id", "is_domain", "parent_id", "name", "description", "links", "id", "enabled"]
    assert got.json["links"] == {"next": None, "previous": None, "self": "https://www.example.com/v3/projects"}


def test_7_the_project_of_a_region_by_a_token(api: Api) -> None:
    got = api.send("GET", "/v3/projects?name=cn-north-4", headers={"X-Auth-Token": api.token})
    assert [project["id"] for project in got.json["projects"]] == [PROJECT]


def test_8_an_unknown_project_is_an_empty_list(api: Api) -> None:
    got = api.send("GET", "/v3/projects?name=cn-north-9", headers={"X-Auth-Token": api.token})
    assert (got.status, got.json["projects"]) == (200, [])


# --- more of section 3 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("position", "count"), [("found", 1), ("none", 0), ("several", 2)])
def test_the_lookup_finds_one_none_or_several(api: Api, position: str, count: int) -> None:
    api.model.set_switches({"project_lookup": position})
    got = api.send("GET", "/v3/projects?name=cn-north-4", headers={"X-Auth-Token": api.token}).json["projects"]
    assert [project["name"] for project in got] == ["cn-north-4"] * count
    assert len({project["id"] for project in got}) == count


def test_the_lookup_without_a_name_lists_the_account(api: Api) -> None:
    got = api.send("GET", "/v3/projects", headers={"X-Auth-Token": api.token}).json["projects"]
    assert [project["name"] for project in got] == ["cn-north-4", "cn-north-4_lab", "cn-north-4_iot"]


def test_auth_projects_are_those_the_caller_may_use(api: Api) -> None:
    token = api.login(user="lab-user", scope={"project": {"id": LAB}}).headers_of("X-Subject-Token")
    got = api.send("GET", "/v3/auth/projects", headers={"X-Auth-Token": token}).json["projects"]
    assert [project["id"] for project in got] == [LAB]


def test_the_lookup_needs_credentials(api: Api) -> None:
    got = api.send("GET", "/v3/projects?name=cn-north-4")
    assert (got.status, got.code) == (401, "APIGW.0301")


def test_the_lookup_knows_no_derived_signature(api: Api) -> None:
    got = api.signed("GET", "/v3/projects", headers={}, derived=("cn-north-4", "iotdm"))
    assert (got.status, got.code) == (401, "APIGW.0301")


def test_the_catalog_comes_unless_it_is_not_wanted(api: Api) -> None:
    assert api.login().json["token"]["catalog"] != []


def test_times_have_microseconds_and_lie_a_day_apart(api: Api) -> None:
    token = api.login().json["token"]
    times = [token[name] for name in ("issued_at", "expires_at")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text) for text in times)
    issued, expires = (datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") for text in times)
    assert (expires - issued).total_seconds() == 86400


def test_a_token_without_a_scope_is_refused(api: Api) -> None:
    got = api.login(scope=None)
    assert (got.status, got.json) == (400, INVALID)


def test_a_token_without_a_scope_may_be_issued_and_is_good_for_no_project(api: Api) -> None:
    api.model.set_switches({"unscoped_token": "issued"})
    token = api.login(scope=None).headers_of("X-Subject-Token")
    assert api.send("GET", HERE, headers={"X-Auth-Token": token}).status == 401


def test_a_new_token_does_not_end_the_one_before(api: Api) -> None:
    api.login()
    assert api.ask("GET", f"/tasks/{TASK}").status == 200


def test_the_next_token_can_be_ordered_once(api: Api) -> None:
    api.model.set_switches({"first_token": "ready-made"})
    tokens = [api.login().headers_of("X-Subject-Token") for _time in range(2)]
    assert tokens[0] == "ready-made" != tokens[1]


def test_a_token_is_good_for_a_day(api: Api) -> None:
    api.model.advance(24 * 3600 - 1)
    assert api.ask("GET", f"/tasks/{TASK}").status == 200
    api.model.advance(1)
    assert api.ask("GET", f"/tasks/{TASK}").status == 401


def test_every_answer_of_iam_has_its_trace_id(api: Api) -> None:
    for got in (api.login(), api.login(password="wrong"), api.send("GET", "/v3/projects"), api.send("GET", "/v3/nothing")):
        assert got.headers_of("X-IAM-Trace-Id")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v3/users"), ("DELETE", "/v3/auth/tokens"), ("POST", "/v3/projects")])
def test_what_iam_does_not_publish(api: Api, method: str, path: str) -> None:
    got: Got = api.send(method, path)
    assert (got.status, got.code) == (404, "APIGW.0101")


def test_a_token_request_is_no_write(api: Api) -> None:
    entries = [entry.view() for entry in api.model.journal.since(0)]
    assert [(entry["action"], entry["write"]) for entry in entries] == [("token", False)]
