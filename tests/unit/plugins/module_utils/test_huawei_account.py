# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to authenticate that Huawei Cloud's modules share, shown on huawei_task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _module
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task

from tests.unit.emulator.huawei.world import Api
from tests.unit.huawei import (
    BASE,
    KEY,
    LOOKS,
    PROJECT,
    REGION,
    TOKEN,
    USER,
    act,
    error,
    gateway,
    in_process,
    listed,
    login,
    projects,
    requests_to,
    show,
    task,
    without_environment,
)
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.run_module import Run, run_main
from tests.unit.support import FakeClock

TEMPORARY = {
    "access_key": "TEMPORARYACCESSKEY01",
    "secret_key": "tEmp0raryS3cretKeyOfTheEmulator000000001",
    "security_token": "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token",
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    without_environment(monkeypatch)
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)

    def call(check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        wanted = {"state": "stopped", "concurrency": 1, **({} if "task_ids" in options else {"task_id": "a"})}
        return run_main(huawei_task.main, capsys, "huawei_task", check=check, diff=diff, **{**wanted, **options})

    return call


def with_token(call: Call, token: str) -> Call:
    return replace(call, headers={"X-Auth-Token": token, "Authorization": None, "X-Project-Id": None})


# A ready token


def test_a_token_is_sent_and_nothing_is_signed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, with_token(show("a", "STOPPED"), str(TOKEN["token"]))):
        assert not run(**TOKEN)["changed"]


def test_a_token_that_is_refused_isn_t_renewed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(show("a", ""), text="decrypt token fail")):
        result = run(**TOKEN)

    assert result["failure"] == {
        "code": "authentication",
        "vendor_code": "APIGW.0301",
        "http_status": 401,
        "request_id": "request-of-the-gateway",
    }
    assert (
        "(HTTP 401, APIGW.0301 decrypt token fail); check the credentials, the address (url, region, project_id) and the clock"
        in result["msg"]
    )


def test_with_a_token_the_project_is_looked_up_by_the_region(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, with_token(projects(PROJECT), "T"), with_token(show("a", "STOPPED"), "T")):
        assert not run(**REGION, token="T")["changed"]


# User and password


def test_a_login_tells_the_project_and_its_token_is_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, login(), with_token(show("a", "STOPPED"), "T1")):
        assert not run(**USER)["changed"]


@pytest.mark.parametrize(
    ("options", "scope"),
    [({"project_id": PROJECT}, f'{{"id": "{PROJECT}"}}'), ({"project_name": "cn-north-4_lab"}, '{"name": "cn-north-4_lab"}')],
)
def test_a_login_is_for_the_project_that_is_given(run: Run, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], scope: str) -> None:
    call = login()
    wanted = replace(call, body=str(call.body).replace('{"name": "cn-north-4"}', scope))

    with exchanges(monkeypatch, wanted, show("a", "STOPPED")):
        run(**USER, **options)


def test_a_token_that_expires_is_renewed_and_the_action_sent_again_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [
        login(),
        with_token(show("a", "RUNNING"), "T1"),
        with_token(gateway(act("a", "stop"), text="decrypt token fail"), "T1"),
        login("T2"),
        with_token(act("a", "stop"), "T2"),
        with_token(show("a", "STOPPED"), "T2"),
    ]

    with exchanges(monkeypatch, *calls):
        row = run(**USER)["tasks"][0]

    assert row["reached"] and row["changed"]


def test_a_new_token_that_is_refused_at_once_ends_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another login would bring no better one."""
    with exchanges(monkeypatch, login(), gateway(show("a", ""))):
        assert run(**USER)["failure"]["code"] == "authentication"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}, "401"),
        ({"error_msg": "The username or password is wrong.", "error_code": "IAM.0001"}, "IAM.0001"),
    ],
)
def test_a_wrong_password_names_the_user_and_the_account_and_never_the_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any, code: str
) -> None:
    with exchanges(monkeypatch, replace(login(status=401), answer=answer, answer_headers={"X-IAM-Trace-Id": "trace-1"})):
        result = run(**USER)

    assert result["msg"] == (
        "Huawei Cloud IAM refused user iam-user of account account-name (The username or password is wrong); "
        "check username, password and domain_name, and the project or region that the login is for."
    )
    assert result["failure"] == {"code": "authentication", "vendor_code": code, "http_status": 401, "request_id": "trace-1"}
    assert "secret of mine" not in str(result)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "refused"), (403, "permission"), (404, "not_found"), (500, "refused"), (503, "refused")]
)
def test_another_refusal_of_a_login_keeps_its_status_and_code(run: Run, monkeypatch: pytest.MonkeyPatch, status: int, code: str) -> None:
    answer = {"error": {"code": status, "message": "said IAM", "title": "Title"}}

    with exchanges(monkeypatch, replace(login(status=status), answer=answer)):
        result = run(**USER, retries=0)

    assert result["failure"] == {"code": code, "vendor_code": str(status), "http_status": status}
    assert f"(HTTP {status}, {status} said IAM)" in result["msg"]


@pytest.mark.parametrize(
    "call",
    [
        replace(login(), answer_headers={}),
        replace(login(), answer="MIIPAgYJ the token as text"),
        replace(login(), answer=[]),
    ],
)
def test_a_login_without_a_token_shows_nothing_of_its_answer(run: Run, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    with exchanges(monkeypatch, call):
        result = run(**USER)

    assert result["failure"]["code"] == "protocol" and "MIIPAgYJ" not in str(result)


def test_a_login_that_names_no_project_has_it_looked_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, login(project=None), with_token(projects(PROJECT), "T1"), show("a", "STOPPED")):
        assert not run(**USER)["changed"]


def test_the_token_of_a_login_is_shown_nowhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = error(act("a", "stop"), 400, "X", "not with MIIPsecretsecretsecret")

    with exchanges(monkeypatch, login("MIIPsecretsecretsecret"), show("a", "RUNNING"), echo, *[show("a", "RUNNING")] * LOOKS):
        result = run(**USER)

    assert "X not with" in result["msg"] and "MIIPsecret" not in str(result)


# A key


def signed(call: Call, **headers: str | None) -> Call:
    return replace(call, headers={"X-Auth-Token": None, "Content-Type": "application/json", **headers})


def test_a_key_signs_and_a_given_project_isn_t_looked_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"X-Project-Id": PROJECT, "X-Security-Token": None, "Host": "vias.cn-north-4.myhuaweicloud.com"}

    with exchanges(monkeypatch, signed(show("a", "STOPPED"), **headers)):
        run(**KEY, project_id=PROJECT)


def test_a_temporary_key_sends_its_security_token(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, signed(show("a", "STOPPED"), **{"X-Security-Token": TEMPORARY["security_token"]})):
        run(**REGION, **TEMPORARY, project_id=PROJECT)


def test_the_project_of_a_key_is_looked_up_by_the_region(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = signed(projects(PROJECT), **{"X-Project-Id": None, "Host": "iam.cn-north-4.myhuaweicloud.com"})

    with exchanges(monkeypatch, lookup, signed(show("a", "STOPPED"), **{"X-Project-Id": PROJECT})):
        run(**KEY)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], "no project is named cn-north-4; give the id of the right one in project_id."),
        (["p1", "p2"], "several projects are named cn-north-4 (p1, p2); give the id of the right one in project_id."),
    ],
)
def test_a_project_that_isn_t_clear_is_an_error_that_lists_what_was_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, found: list[str], told: str
) -> None:
    with exchanges(monkeypatch, projects(*found)):
        result = run(**KEY)

    assert (result["failure"]["code"], result["msg"]) == ("not_found", told)


def test_iam_has_the_address_that_is_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("https://iam.example.com:8443", "https://iam.example.com:8443/v3/"):
        with exchanges(monkeypatch, signed(projects(PROJECT), Host="iam.example.com:8443"), show("a", "STOPPED")):
            run(**KEY, iam_url=address)


def test_without_a_region_iam_has_its_global_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = signed(projects(PROJECT, name="lab"), Host="iam.myhuaweicloud.com")

    with exchanges(monkeypatch, lookup, show("a", "STOPPED")):
        run(**{**KEY, "region": None}, url="https://vias.example.com", project_name="lab")


# After the first 401 under a key, nothing more is sent


def test_a_refused_read_is_the_last_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(listed())):
        result = run(**KEY, project_id=PROJECT, task_ids=["a", "b"])

    assert result["failure"]["code"] == "authentication"


def test_a_refused_lookup_is_the_last_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(projects())):
        result = run(**KEY)

    assert result["failure"]["code"] == "authentication" and "(HTTP 401, APIGW.0301 verify aksk signature fail)" in result["msg"]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (gateway(act("a", "stop")), "authentication"),
        (error(act("a", "stop"), 401, "VIAS.00010005", "Authorization failed."), "permission"),
    ],
)
def test_a_refused_action_is_the_last_request_and_every_task_is_told_why(
    run: Run, monkeypatch: pytest.MonkeyPatch, refused: Call, code: str
) -> None:
    found = listed(*(task(id_, "RUNNING") for id_ in "abc"))

    with exchanges(monkeypatch, found, refused):
        result = run(**KEY, project_id=PROJECT, task_ids=list("abc"))

    assert [row["error"]["code"] for row in result["tasks"]] == [code] * 3
    assert [row["error"]["vendor_code"] for row in result["tasks"]] == [result["failure"]["vendor_code"]] * 3


def test_of_twenty_tasks_side_by_side_only_what_was_under_way_meets_a_401(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, *({"id": f"t{number}", "state": "RUNNING"} for number in range(20)))
    keys = {KEY["access_key"]: {"secret": "another by now", "user": "iam-user"}}
    change_keys_after_the_first_read(vendor, keys)

    result = run(**KEY, project_id=PROJECT, task_ids=[f"t{number}" for number in range(20)], concurrency=8)

    refused = [entry for entry in vendor.journal.since() if entry.status == 401]
    assert result["failure"]["code"] == "authentication" and result["summary"]["failed"] == 20
    assert {row["error"].get("vendor_code") for row in result["tasks"]} == {"APIGW.0301"}
    assert requests_to(vendor)[0] == "list"
    assert 1 <= len(refused) <= 8 and len(refused) == len(vendor.journal) - 1


def change_keys_after_the_first_read(vendor: Any, keys: Mapping[str, Any]) -> None:
    respond = vendor.respond

    def changed(request: Any, call: Any) -> Any:
        reply = respond(request, call)
        vendor.switches.change({"access_keys": dict(keys)})
        return reply

    vendor.respond = changed


def test_a_wrong_key_costs_one_401_whatever_there_is_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, *({"id": f"t{number}", "state": "RUNNING"} for number in range(20)))

    result = run(**{**KEY, "secret_key": "wrong"}, project_id=PROJECT, task_ids=[f"t{number}" for number in range(20)], concurrency=8)

    assert [entry.status for entry in vendor.journal.since()] == [401]
    assert result["failure"]["code"] == "authentication"


def test_a_clock_that_is_off_is_one_of_the_suspects(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"})
    vendor.clock._wall = lambda: 1705307400.0

    message = run(**KEY, project_id=PROJECT)["msg"]

    assert "signature expired" in message and "and the clock" in message


# Each way passes the emulator, which verifies by the vendor's rules


@pytest.mark.parametrize("way", [KEY, {**REGION, **TEMPORARY}, {**USER, "password": "secret"}], ids=["key", "temporary key", "user"])
@pytest.mark.parametrize("project", [None, PROJECT])
def test_each_way_is_accepted(run: Run, monkeypatch: pytest.MonkeyPatch, way: dict[str, str], project: str | None) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, project_header="required" if "access_key" in way else "must_agree")

    assert run(**way, project_id=project)["tasks"][0]["reached"]
    assert requests_to(vendor)[-4:] == ["show a", "stop a", "show a", "show a"]


def test_another_project_s_token_is_told_as_a_matter_of_rights(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"})
    token = Api(vendor).login(user="stranger", domain="other-account").headers_of("X-Subject-Token")

    result = run(**{**TOKEN, "token": token})

    assert result["failure"]["code"] == "permission"
    assert (
        "VIAS.00010005 Authorization failed.: emulator: other_project); the user has no right to it, or the project is another"
        in result["msg"]
    )
    assert "until the main account has agreed to its authorization in the console of that very region" in result["msg"]


def test_a_user_without_rights_is_told_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch, {"id": "a", "state": "RUNNING"})

    result = run(**{**USER, "username": "guest", "password": "guest-secret"})

    assert result["failure"]["code"] == "permission" and "VIAS.00010005" in result["msg"]


def test_an_expired_token_is_renewed_in_the_middle_of_a_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"})
    vendor.faults.order([{"kind": "expire_token", "match": {"action": "stop"}}])

    assert run(**{**USER, "password": "secret"})["tasks"][0]["reached"]
    assert requests_to(vendor) == ["token", "show a", "stop a", "token", "stop a", "show a", "show a"]


# The environment


def environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_a_key_comes_from_the_variables_of_the_official_sdk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(
        monkeypatch,
        HUAWEICLOUD_SDK_AK="A",
        HUAWEICLOUD_SDK_SK="S",
        HUAWEICLOUD_SDK_SECURITY_TOKEN="ST",
        HUAWEICLOUD_SDK_PROJECT_ID=PROJECT,
        VIAS_URL="https://vias.example.com",
    )

    with exchanges(
        monkeypatch, signed(show("a", "STOPPED"), **{"X-Security-Token": "ST", "X-Project-Id": PROJECT, "Host": "vias.example.com"})
    ):
        run()


def test_the_address_of_iam_comes_from_the_variable_of_the_official_sdk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, HUAWEICLOUD_SDK_IAM_ENDPOINT="https://iam.example.com", HUAWEICLOUD_REGION="cn-north-4")

    with exchanges(monkeypatch, signed(projects(PROJECT), Host="iam.example.com"), show("a", "STOPPED")):
        run(**{**KEY, "region": ""})


def test_a_user_comes_from_the_environment_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name: f"HUAWEICLOUD_{name.upper()}" for name in USER}
    environment(monkeypatch, **{names[name]: value for name, value in USER.items()}, HUAWEICLOUD_SDK_AK="", HUAWEICLOUD_TOKEN="")

    with exchanges(monkeypatch, login(), show("a", "STOPPED")):
        run()


def test_a_token_comes_from_the_environment_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, HUAWEICLOUD_TOKEN="T", HUAWEICLOUD_SDK_PROJECT_ID=PROJECT)

    with exchanges(monkeypatch, with_token(show("a", "STOPPED"), "T")):
        run(**REGION)


@pytest.mark.parametrize("given", ["token", "user"])
def test_what_is_given_outright_silences_a_whole_key_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    environment(monkeypatch, HUAWEICLOUD_SDK_AK="A", HUAWEICLOUD_SDK_SK="S", HUAWEICLOUD_SDK_SECURITY_TOKEN="ST")
    unsigned = {"Authorization": None, "X-Security-Token": None}

    with exchanges(monkeypatch, *([login()] if given == "user" else []), replace(show("a", "STOPPED"), headers=unsigned)):
        run(**(USER if given == "user" else TOKEN))


def test_a_key_that_is_given_takes_no_security_token_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, HUAWEICLOUD_SDK_SECURITY_TOKEN="ST", HUAWEICLOUD_USERNAME="u", HUAWEICLOUD_PROJECT_NAME="another")

    with exchanges(monkeypatch, signed(projects(PROJECT)), signed(show("a", "STOPPED"), **{"X-Security-Token": None})):
        run(**KEY)


def test_a_user_that_is_given_takes_no_project_name_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, HUAWEICLOUD_PROJECT_NAME="another")

    with exchanges(monkeypatch, login(), show("a", "STOPPED")):
        run(**USER)


# Bad input: one sentence, nothing sent


@pytest.mark.parametrize(
    ("options", "variables", "told"),
    [
        ({}, {}, "neither access_key with secret_key nor username with password and domain_name nor token is given; give them in"),
        ({"access_key": "A"}, {}, "secret_key is missing, which access_key requires; give it in"),
        ({"secret_key": "S"}, {}, "access_key"),
        ({}, {"HUAWEICLOUD_SDK_AK": "A"}, "secret_key is missing, which access_key requires; give it in"),
        ({"username": "u", "password": "pass-1"}, {}, "domain_name is missing, which username requires"),
        ({"token": "T", "access_key": "A", "secret_key": "S"}, {}, "mutually exclusive"),
        ({"token": "T", "username": "u", "password": "p", "domain_name": "d"}, {}, "mutually exclusive"),
        ({}, {"HUAWEICLOUD_TOKEN": "T", "HUAWEICLOUD_SDK_AK": "A", "HUAWEICLOUD_SDK_SK": "S"}, "mutually exclusive"),
        ({"secret_key": "S\n", "access_key": "A"}, {}, "secret_key holds a blank, a line break or another character"),
    ],
)
def test_a_way_that_is_incomplete_or_isn_t_the_only_one_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], variables: dict[str, str], told: str
) -> None:
    environment(monkeypatch, **variables)

    with exchanges(monkeypatch):
        result = run(**REGION, **options)

    assert told in result["msg"] and result["failure"]["code"] == "usage"
    assert result["msg"].count("\n") == 0


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ({"token": "T"}, "neither project_id nor region is given"),
        ({"access_key": "A", "secret_key": "S"}, "neither project_id nor region is given"),
        ({"username": "u", "password": "pass-1", "domain_name": "d"}, "a login by username needs project_id, project_name or region"),
    ],
)
def test_a_project_that_can_t_be_known_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, way: dict[str, str], told: str) -> None:
    with exchanges(monkeypatch):
        result = run(url="https://vias.example.com", **way)

    assert told in result["msg"] and result["failure"]["code"] == "usage"


def test_iam_that_can_t_be_reached_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(projects(), answer=requests.ConnectTimeout())):
        result = run(**KEY, retries=0)

    assert result["failure"]["code"] == "timeout" and "Huawei Cloud IAM at iam.cn-north-4.myhuaweicloud.com" in result["msg"]


@pytest.mark.parametrize("answer", [{}, [], "text", {"projects": {}}, {"projects": [{"name": "cn-north-4"}]}])
def test_a_lookup_answered_in_another_shape_is_told_as_such(run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, replace(projects(), answer=answer)):
        assert run(**KEY)["failure"]["code"] == "protocol"


def test_a_refused_signature_tells_the_three_suspects_and_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(show("a", ""))):
        result = run(**KEY, project_id=PROJECT)

    assert "check the credentials, the address (url, region, project_id) and the clock" in result["msg"]
    assert f"GET https://vias.cn-north-4.myhuaweicloud.com{BASE}/tasks/a was refused" in result["msg"]
    assert KEY["secret_key"] not in str(result) and "Signature=" not in str(result)
