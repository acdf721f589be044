# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: who may do what, and what comes back where nothing else fits (hitachi.md, sections 2, 3.4, 3.5 and 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.messages import Reply
from tests.unit.emulator.hitachi.api import CONFLICT, NOT_THERE, OBJECTS, Api, T, basic, body, error_of, header

TASKS = "/Tasks"
UNAUTHORIZED = (401, "KNAE90401-E")
USERS: dict[str, dict[str, Any]] = {
    "system": {"password": "manager", "role": "Admin"},
    "operator": {"password": "o", "role": "Submit"},
    "guest": {"password": "g", "role": None},
    "east": {"password": "e", "role": "Modify", "groups": [4]},
}


def as_user(api: Api, user: str, method: str, path: str, sent: bytes = b"") -> Reply:
    return api.ask(method, path, sent, {"Authorization": basic(user, USERS[user]["password"])})


def invoked_by(api: Api, user: str, action: str) -> Reply:
    path = f"/Tasks/{T}/actions/{action}/invoke"
    return as_user(api, user, "POST", path, body(action, OBJECTS + path))


# --- who ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", ["", "Basic", "Basic !", "Basic c3lzdGVt", basic("system", "wrong"), basic("nobody"), "HSSO nonsense", "Digest x"]
)
def test_bad_credentials(api: Api, sent: str) -> None:
    reply = api.ask("GET", TASKS, headers={"Authorization": sent})
    assert error_of(reply) == UNAUTHORIZED
    assert header(reply, "WWW-Authenticate").startswith("Basic ")


def test_every_good_answer_carries_another_token(api: Api) -> None:
    tokens = {header(api.ask("GET", TASKS), "WWW-Authenticate") for _time in range(3)}
    assert len(tokens) == 3


@pytest.mark.parametrize("slides", [False, True])
def test_the_life_of_a_token_is_fixed_unless_the_switch_says_otherwise(api: Api, slides: bool) -> None:
    api.model.set_switches({"hsso_slides": slides})
    token = {"Authorization": header(api.ask("GET", TASKS), "WWW-Authenticate")}
    api.model.advance(900)
    assert api.ask("GET", TASKS, headers=token).status == 200
    api.model.advance(900)
    assert api.ask("GET", TASKS, headers=token).status == (200 if slides else 401)


def test_tokens_that_were_made_to_expire(api: Api) -> None:
    token = header(api.ask("GET", TASKS), "WWW-Authenticate")
    api.model.expire_tokens()
    assert api.ask("GET", TASKS, headers={"Authorization": token}).status == 401
    assert api.ask("GET", TASKS).status == 200


def bearer_of(api: Api, password: str = "manager") -> Reply:
    sent = json.dumps({"username": "system", "password": password}).encode()
    return api.ask("POST", "/portal/auth/v1/providers/builtin/token", sent, base="")


def test_bearer_tokens_are_good_for_five_minutes_after_the_last_access(api: Api) -> None:
    api.model.set_switches({"bearer": True})
    answer = json.loads(bearer_of(api).body)
    assert (answer["expires_in"], answer["token_type"]) == (300, "bearer")
    token = {"Authorization": f"Bearer {answer['access_token']}"}
    for pause, status in ((300, 200), (300, 200), (301, 401)):
        api.model.advance(pause)
        assert api.ask("GET", TASKS, headers=token).status == status


def test_a_wrong_password_gives_no_bearer_token(api: Api) -> None:
    api.model.set_switches({"bearer": True})
    assert bearer_of(api, "wrong").status == 401


def test_plain_jp1_knows_no_bearer(api: Api) -> None:
    api.model.set_switches({"bearer_token": "ready"})
    assert api.ask("GET", TASKS, headers={"Authorization": "Bearer ready"}).status == 401
    api.model.set_switches({"bearer": True})
    assert api.ask("GET", TASKS, headers={"Authorization": "Bearer ready"}).status == 200


# --- who may what (section 2.6) ----------------------------------------------------------------------------------------------------


def test_who_has_no_role_gets_401_for_everything(api: Api) -> None:
    api.model.set_switches({"users": USERS})
    assert error_of(as_user(api, "guest", "GET", TASKS)) == UNAUTHORIZED


def test_the_submit_role_may_stop_but_not_archive_or_delete(api: Api) -> None:
    api.model.set_switches({"users": USERS})
    api.put("inProgress")
    assert invoked_by(api, "operator", "stop").status == 200
    api.put("completed")
    assert error_of(invoked_by(api, "operator", "archive")) == UNAUTHORIZED
    assert as_user(api, "operator", "DELETE", f"/Tasks/{T}").status == 403
    assert api.status() == "completed"


@pytest.mark.parametrize(("position", "answer"), [(401, UNAUTHORIZED), (404, NOT_THERE)])
def test_a_service_group_without_access(api: Api, position: int, answer: tuple[int, str]) -> None:
    api.model.set_switches({"users": USERS, "no_access": position})
    api.put("inProgress")
    assert error_of(as_user(api, "east", "GET", f"/Tasks/{T}")) == answer
    assert error_of(invoked_by(api, "east", "stop")) == answer
    assert json.loads(as_user(api, "east", "GET", TASKS).body)["count"] == 0
    assert api.status() == "inProgress"


# --- the server itself -------------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_answers_412_to_everything(api: Api) -> None:
    api.put("inProgress")
    api.model.set_switches({"server_down": True})
    assert error_of(api.invoke("stop")) == (412, "KNAE90412-E")
    assert error_of(api.ask("GET", TASKS, headers={"Authorization": ""})) == (412, "KNAE90412-E")
    api.model.set_switches({"server_down": False})
    assert api.status() == "inProgress"


@pytest.mark.parametrize(("shape", "start"), [("html", b"<html>"), ("empty", b"")])
def test_the_body_of_401_and_412_is_anybodys_guess(api: Api, shape: str, start: bytes) -> None:
    api.model.set_switches({"outer_body": shape})
    denied = api.ask("GET", TASKS, headers={"Authorization": ""})
    api.model.set_switches({"server_down": True})
    for reply, status in ((denied, 401), (api.ask("GET", TASKS), 412)):
        assert reply.status == status and reply.body.startswith(start)
        assert bool(reply.body) is bool(start)


def test_a_good_answer_may_carry_a_warning(api: Api) -> None:
    api.model.set_switches({"warning": "199 emulator: something is wrong"})
    assert header(api.ask("GET", TASKS), "Warning") == "199 emulator: something is wrong"


@pytest.mark.parametrize(
    "path", ["/tasks", "/Tasks/3042/Actions", "/Tasks/3042/actions/forcestop", "/Tasks/3042/actions/stop/invoke/x", "/"]
)
def test_capital_letters_and_the_whole_path_matter(api: Api, path: str) -> None:
    assert error_of(api.ask("GET", path)) == NOT_THERE


def test_a_method_that_is_not_documented(api: Api) -> None:
    assert error_of(api.ask("POST", TASKS))[0] == 405
    assert error_of(api.ask("GET", f"/Tasks/{2026}/actions/stop/invoke"))[0] == 405


def test_the_version_of_each_edition(api: Api) -> None:
    def version() -> Any:
        return json.loads(api.ask("GET", "/Automation/v1/configuration/version", base="").body)["productVersion"]

    seen = [version()]
    for switches in ({"hitachi_edition": "v10"}, {"product_version": "13-00-00"}):
        api.model.set_switches(switches)
        seen.append(version())
    assert seen == ["11-00-00", "10-50-00", "13-00-00"]


# --- action bodies (section 3.4) ---------------------------------------------------------------------------------------------------


def stopped_by(api: Api, sent: bytes, headers: dict[str, str] | None = None) -> Reply:
    api.put("inProgress")
    return api.ask("POST", f"/Tasks/{T}/actions/stop/invoke", sent, headers)


GOOD: dict[str, Any] = {"name": "stop", "href": "http://elsewhere/Tasks/1", "method": "POST", "parameters": []}


@pytest.mark.parametrize("body_", [GOOD, {**GOOD, "parameters": None}, {**GOOD, "href": ""}])
def test_bodies_that_are_taken(api: Api, body_: dict[str, Any]) -> None:
    assert stopped_by(api, json.dumps(body_).encode()).status == 200
    assert api.status() == "terminating"


@pytest.mark.parametrize(
    "body_",
    [
        {**GOOD, "name": "forceStop"},
        {**GOOD, "method": "GET"},
        {**GOOD, "href": None},
        {**GOOD, "parameters": {}},
        *({known: value for known, value in GOOD.items() if known != name} for name in GOOD),
        [],
        "stop",
    ],
)
def test_bodies_that_are_refused(api: Api, body_: object) -> None:
    assert error_of(stopped_by(api, json.dumps(body_).encode())) == (400, "KNAE90400-E")
    assert api.status() == "inProgress"


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    assert stopped_by(api, b"{").status == 400
    assert stopped_by(api, b"<a/>", {"Content-Type": "application/xml"}).status == 400


@pytest.mark.parametrize(("position", "status"), [("refused", 400), ("accepted", 200)])
def test_no_body_at_all(api: Api, position: str, status: int) -> None:
    api.model.set_switches({"empty_body": position})
    assert stopped_by(api, b"").status == status


# --- job objects (section 3.2) -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "done", "after"), [
    ("success", True, "terminating"), ("queued", False, "terminating"), ("running", False, "terminating"), ("failed", True, "inProgress"),
])  # fmt: skip
def test_the_state_of_the_job(api: Api, state: str, done: bool, after: str) -> None:
    api.put("inProgress")
    api.model.set_switches({"job_state": state})
    job = api.act("stop")
    assert (job["state"], job["completed"] is not None) == (state, done)
    assert api.status() == after


def test_a_job_that_would_fail_does_not_hide_a_conflict(api: Api) -> None:
    api.put("completed")
    api.model.set_switches({"job_state": "failed"})
    assert error_of(api.invoke("stop")) == CONFLICT


def test_the_spellings_of_the_schema(api: Api) -> None:
    api.put("inProgress")
    api.model.set_switches({"job_members": "schema", "affected_as": "text"})
    job = api.act("stop")
    assert job["affectedResources"] == f"http://jp1:22015{OBJECTS}/Tasks/{T}"
    assert "instanceId" in job and "instanceID" not in job


@pytest.mark.parametrize(
    ("status", "action", "more"), [("failed", "rerunStart", {"result": [], "resultType": ""}), ("inProgress", "stop", {})]
)
def test_some_jobs_have_a_result(api: Api, status: str, action: str, more: dict[str, Any]) -> None:
    api.put(status)
    job = api.act(action)
    assert {name: value for name, value in job.items() if name.startswith("result")} == more


# --- operations and templates (section 3.5) ----------------------------------------------------------------------------------------


def test_the_operations_of_a_task_are_the_same_in_any_status(api: Api) -> None:
    seen = []
    for status in ("waiting", "inProgress", "completed"):
        api.put(status)
        answer = api.json(f"/Tasks/{T}/actions")
        seen.append(tuple(row["name"] for row in answer["data"]))
        assert answer["count"] == len(answer["data"])
    assert set(seen) == {("update", "delete", "stop", "forceStop", "resubmit", "archive", "response", "rerunStart", "rerunStepStart")}


def test_the_operations_of_v10(api: Api) -> None:
    api.model.set_switches({"hitachi_edition": "v10"})
    rows = api.json("/Tasks/2026/actions")["data"]
    assert [row["name"] for row in rows] == ["stop", "resubmit", "rerunStart", "rerunStepStart"]
    assert {row["parameters"] for row in rows} == {None}
    assert error_of(api.ask("GET", "/Tasks/2026/actions/forceStop")) == NOT_THERE


def hrefs(api: Api, path: str) -> list[str]:
    return [row["href"] for row in api.json(path)["data"]]


def test_the_hrefs_that_v10_prints_for_schedules_lead_astray(api: Api) -> None:
    api.model.set_switches({"hitachi_edition": "v10", "hrefs": "as_printed"})
    bare = f"http://jp1:22015{OBJECTS}/Schedules/2193"
    assert hrefs(api, "/Schedules/2193/actions") == [bare, bare, f"{bare}/actions/submit/invoke"]


def test_the_hrefs_that_v12_prints_begin_with_a_blank_and_lack_the_port(api: Api) -> None:
    api.model.set_switches({"hrefs": "as_printed"})
    assert hrefs(api, "/Schedules/2193/actions")[0] == f" http://jp1{OBJECTS}/Schedules/2193/actions/cancel/invoke"
    assert api.json("/Tasks/2026/actions/rerunStepStart")["name"] == "rerunStart"


# --- other writes ------------------------------------------------------------------------------------------------------------------


def test_only_notes_and_to_do_can_be_edited(api: Api) -> None:
    api.put("inProgress")
    sent = {**api.show(), "notes": "hands off", "toDo": True, "status": "completed", "name": "other"}
    reply = api.ask("PUT", f"/Tasks/{T}", json.dumps(sent).encode())
    assert reply.status == 200
    task = api.show()
    assert (task["notes"], task["toDo"], task["status"]) == ("hands off", True, "inProgress")
    assert task["name"] != "other"


def test_delete_of_a_task_that_is_not_there(api: Api) -> None:
    assert api.ask("DELETE", "/Tasks/555").status == 204


def test_delete_of_a_debug_task(api: Api) -> None:
    api.put("completed", serviceState="debug")
    assert api.ask("DELETE", f"/Tasks/{T}").status == 204
    assert (api.ids(), api.ids("TaskHistories")) == ([], [])


def test_delete_of_a_history(api: Api) -> None:
    assert api.ask("DELETE", "/TaskHistories/4006").status == 204
    assert api.ids("TaskHistories") == []
