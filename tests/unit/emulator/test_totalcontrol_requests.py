# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Total Control takes and what it refuses (vendors/totalcontrol.md, sections 2, 3 and 6)."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.messages import Reply
from tests.emulator.vendors.totalcontrol import TotalControl

BASE = "/TotalControl/v1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def login(model: TotalControl, authorization: str = "c2lnbWE6M0QzOTE0OTc=") -> Any:
    return json.loads(model.answer("GET", f"{BASE}/login", {"Authorization": authorization}).body)


@pytest.fixture
def token(model: TotalControl) -> str:
    return str(login(model)["value"]["token"])


def refused(reply: Reply) -> bool:
    value = json.loads(reply.body)
    return reply.status == 200 and value["status"] is None and value["value"].startswith("emulator: ")


def accepted(reply: Reply) -> bool:
    return (reply.status, reply.body) == (200, b'{"status":true,"value":""}')


# --- login ----------------------------------------------------------------------------------------------------------


def test_tokens_are_16_letters_and_digits_and_never_the_same(model: TotalControl) -> None:
    tokens = [login(model)["value"]["token"] for _time in range(20)]
    assert all(re.fullmatch("[A-Za-z0-9]{16}", token) for token in tokens)
    assert len(set(tokens)) == 20


def test_first_token_is_given_once(model: TotalControl) -> None:
    model.set_switches({"first_token": "veLZf8EL7gUoyFOL"})
    assert [login(model)["value"]["token"] == "veLZf8EL7gUoyFOL" for _time in range(2)] == [True, False]


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "sigma:3D391497",
        encoded("sigma"),
        encoded("sigma:3D391497 "),
        encoded("SIGMA:3D391497"),
        encoded("other:x"),
        "%%%",
        "c2ln\tbWE=",
    ],
)
def test_a_login_that_fails(model: TotalControl, authorization: str) -> None:
    assert login(model, authorization)["status"] is None


def test_users_can_be_configured(model: TotalControl) -> None:
    model.set_switches({"users": {"jürgen": "a:b ü"}})
    assert login(model, encoded("jürgen:a:b ü"))["status"] is True
    assert login(model)["status"] is None


def test_switch_accept_basic_prefix_takes_both_forms(model: TotalControl) -> None:
    model.set_switches({"accept_basic_prefix": True})
    assert login(model, "Basic c2lnbWE6M0QzOTE0OTc=")["status"] is True
    assert login(model)["status"] is True


@pytest.mark.parametrize(("position", "status", "body"), [(None, 200, None), (False, 200, False), (401, 401, None)])
@pytest.mark.parametrize(("switch", "path"), [("login_failure", "/login"), ("token_failure", "/tasks?token=bad")])
def test_switches_of_failed_authentication(
    model: TotalControl, switch: str, path: str, position: object, status: int, body: object
) -> None:
    model.set_switches({switch: position})
    reply = model.answer("GET", BASE + path)
    assert (reply.status, json.loads(reply.body)["status"]) == (status, body)


# --- tokens ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/tasks", "/tasks/task004", "/settings?q=versions"])
def test_every_read_needs_the_token(model: TotalControl, path: str) -> None:
    assert refused(model.answer("GET", BASE + path))


def test_a_refused_action_without_token_does_nothing(model: TotalControl) -> None:
    assert refused(model.answer("POST", f"{BASE}/tasks/task004?action=pause"))
    assert {task["task_name"]: task["status"] for task in model.tasks()}["task004"] == -1


def test_a_token_lasts_for_ever_unless_switched(model: TotalControl, token: str) -> None:
    model.advance(10**7)
    assert not refused(model.answer("GET", f"{BASE}/tasks?token={token}"))


def test_switch_token_ttl(model: TotalControl, token: str) -> None:
    model.set_switches({"token_ttl": 60})
    model.advance(59.5)
    assert not refused(model.answer("GET", f"{BASE}/tasks?token={token}"))
    model.advance(0.5)
    assert refused(model.answer("GET", f"{BASE}/tasks?token={token}"))


def test_the_token_of_a_get_goes_in_its_query_only(model: TotalControl, token: str) -> None:
    assert refused(model.answer("GET", f"{BASE}/tasks", FORM, f"token={token}".encode()))


# --- parameters of a POST -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({}, "?action=pause&token=TOK", ""),
        (FORM, "", "action=pause&token=TOK"),
        ({"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}, "", "token=TOK&action=pause"),
        (FORM, "?token=TOK", "action=pause"),
        ({}, "", '{"action":"pause","token":"TOK"}'),
        ({"Content-Type": "application/json"}, "", '{"action":"pause","token":"TOK"}'),
        ({"Content-Type": "application/json; charset=utf-8"}, "?token=TOK", '{"action":"pause"}'),
    ],
)
def test_the_three_encodings_in_evidence(model: TotalControl, token: str, headers: dict[str, str], query: str, body: str) -> None:
    target = f"{BASE}/tasks/task004{query}".replace("TOK", token)
    assert accepted(model.answer("POST", target, headers, body.replace("TOK", token).encode()))
    assert model.journal.since()[-1].call.action == "pause"


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({}, "", "action=pause&token=TOK"),
        ({"Content-Type": "text/plain"}, "", '{"action":"pause","token":"TOK"}'),
        ({"Content-Type": "application/json"}, "", '["action"]'),
        ({"Content-Type": "application/json"}, "", "action=pause&token=TOK"),
        (FORM, "", '{"action":"pause","token":"TOK"}'),
        (FORM, "?action=pause&token=TOK", "action=pause"),
        ({}, "?action=PAUSE&token=TOK", ""),
        ({}, "?action=delete&token=TOK", ""),
        ({}, "?action=&token=TOK", ""),
        ({}, "?token=TOK", ""),
        ({}, "?action=pause&token=TOK&force=1", ""),
        ({}, "", '{"action":["pause"],"token":"TOK"}'),
        ({}, "", '{"action":"pause","token":5}'),
    ],
)
def test_what_no_document_shows_is_refused(model: TotalControl, token: str, headers: dict[str, str], query: str, body: str) -> None:
    target = f"{BASE}/tasks/task004{query}".replace("TOK", token)
    assert refused(model.answer("POST", target, headers, body.replace("TOK", token).encode()))
    assert {task["task_name"]: task["status"] for task in model.tasks()}["task004"] == -1


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_other_methods_are_refused_and_count_as_writes(model: TotalControl, token: str, method: str) -> None:
    assert refused(model.answer(method, f"{BASE}/tasks/task004?token={token}"))
    assert model.journal.since()[-1].call.write is True


@pytest.mark.parametrize(
    "path", ["/", "/TotalControl/v2/tasks", "/totalcontrol/v1/tasks", f"{BASE}/tasks/", f"{BASE}/tasks/a/b", f"{BASE}/x"]
)
def test_unknown_paths_are_404(model: TotalControl, token: str, path: str) -> None:
    assert model.answer("GET", f"{path}?token={token}").status == 404


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["task004(1)", "task004%281%29", "%74ask004(1)"])
def test_a_name_is_percent_decoded(model: TotalControl, token: str, path: str) -> None:
    reply = model.answer("GET", f"{BASE}/tasks/{path}?token={token}")
    assert json.loads(reply.body)["value"]["task_name"] == "task004(1)"


@pytest.mark.parametrize("name", ["a/b", "a b", "a+b", "50%", "naïve 任务", "..", "a?b", "a%2Fb"])
def test_an_encoded_name_stays_one_segment(model: TotalControl, token: str, name: str) -> None:
    model.load([{"task_name": name, "status": -1}], keep=False)
    assert accepted(model.answer("POST", f"{BASE}/tasks/{quote(name, safe='')}?action=pause&token={token}"))
    assert model.tasks()[0]["status"] == -4


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_reached_by_its_encoded_form(name: str) -> None:
    model = TotalControl(switches={"clock": "manual"}, tasks=[{"task_name": name, "status": -1}])
    token = login(model)["value"]["token"]
    reply = model.answer("GET", f"{BASE}/tasks/{quote(name, safe='')}?token={token}")
    assert json.loads(reply.body)["value"]["task_name"] == name


def test_names_are_compared_exactly(model: TotalControl, token: str) -> None:
    assert refused(model.answer("GET", f"{BASE}/tasks/Task004?token={token}"))


def test_a_list_may_hold_a_name_twice(model: TotalControl, token: str) -> None:
    model.load([{"task_name": "T", "status": -1}, {"task_name": "T", "status": -4}], keep=False)
    listed = json.loads(model.answer("GET", f"{BASE}/tasks?token={token}").body)["value"]
    assert [(task["task_name"], task["status"]) for task in listed] == [("T", -1), ("T", -4)]


# --- shapes of answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [[], None, "", "null"])
def test_switch_empty_list_as(model: TotalControl, token: str, shape: object) -> None:
    model.load([], keep=False)
    model.set_switches({"empty_list_as": shape})
    assert json.loads(model.answer("GET", f"{BASE}/tasks?token={token}").body) == {"status": True, "value": shape}


def test_the_old_edition_has_neither_value_nor_null(model: TotalControl, token: str) -> None:
    model.set_switches({"edition": "old"})
    target = f"{BASE}/tasks/task004?action=pause&token={token}"
    assert [model.answer("POST", target).body for _time in range(2)] == [b'{"status":true}', b'{"status":false}']


@pytest.mark.parametrize(
    ("edition", "dates", "in_list", "in_info"),
    [
        ("new", "as_printed", str, str),
        ("old", "as_printed", str, dict),
        ("old", "text", str, str),
        ("old", "objects", dict, dict),
        ("new", "objects", dict, dict),
    ],
)
def test_switch_dates(model: TotalControl, token: str, edition: str, dates: str, in_list: type, in_info: type) -> None:
    model.set_switches({"edition": edition, "dates": dates})
    model.load([{"task_name": "T", "status": -1, "start_time": "2019-02-19 15:26:10"}], keep=False)
    listed = json.loads(model.answer("GET", f"{BASE}/tasks?token={token}").body)["value"][0]
    read = json.loads(model.answer("GET", f"{BASE}/tasks/T?token={token}").body)
    assert isinstance(listed["start_time"], in_list)
    assert isinstance(read.get("value", read)["start_time"], in_info)


def test_raw_backslashes_leave_an_escaped_quote_alone(model: TotalControl, token: str) -> None:
    model.load([{"task_name": 'a"b', "script_file": "C:\\x", "status": -1}], keep=False)
    model.set_switches({"raw_backslashes": True})
    body = model.answer("GET", f"{BASE}/tasks?token={token}").body.decode()
    assert r'"task_name":"a\"b","script_file":"C:\x"' in body


@pytest.mark.parametrize("text", ["", "gone"])
def test_switches_of_refusal_texts(model: TotalControl, token: str, text: str) -> None:
    model.set_switches({"missing_task": text, "refused_text": text})
    for name in ("nosuch", "task01"):
        assert json.loads(model.answer("POST", f"{BASE}/tasks/{name}?action=pause&token={token}").body) == {"status": None, "value": text}


# --- create -------------------------------------------------------------------------------------------------------------


def create(model: TotalControl, token: str, **fields: str) -> Reply:
    given_ = {"task_name": "new", "script_file": "1.js", "total_iterations": "2", "token": token} | fields
    body = "&".join(f"{name}={quote(value)}" for name, value in given_.items())
    return model.answer("POST", f"{BASE}/tasks", FORM, body.encode())


def test_a_created_task_runs_now(model: TotalControl, token: str) -> None:
    assert accepted(create(model, token))
    task = json.loads(model.answer("GET", f"{BASE}/tasks/new?token={token}").body)["value"]
    assert (task["status"], task["script_file"], task["total_iterations"]) == (-1, "1.js", 2)


def test_a_created_task_with_a_schedule_runs_at_its_time(model: TotalControl, token: str) -> None:
    ahead = model.clock.wall() + 8 * 3600 + 3600  # the emulated PC is eight hours ahead of UTC
    reply = create(model, token, schedule=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ahead)))
    assert reply.body == b'{"status":true}'
    seen = []
    for seconds in (0, 3598, 2):
        model.advance(seconds)
        seen.append(model.tasks()[-1]["status"])
    assert seen == [-6, -6, -1]


def test_a_second_task_of_a_name_gets_a_suffix(model: TotalControl, token: str) -> None:
    create(model, token, task_name="task004")
    assert model.tasks()[-1]["task_name"] == "task004(2)"  # the samples have task004(1) already


def test_switch_duplicate_name_refused(model: TotalControl, token: str) -> None:
    model.set_switches({"duplicate_name": "refused"})
    assert refused(create(model, token, task_name="task004"))


def test_switch_script_exists(model: TotalControl, token: str) -> None:
    model.set_switches({"script_exists": False})
    create(model, token)
    assert model.tasks()[-1]["status"] == 0


@pytest.mark.parametrize(
    "fields",
    [{"task_name": ""}, {"total_iterations": "0"}, {"total_iterations": "x"}, {"schedule": "soon"}, {"schedule": "2019-02-19 15:26:10"}],
)
def test_a_task_that_cannot_be_created(model: TotalControl, token: str, fields: dict[str, str]) -> None:
    before = len(model.tasks())
    assert refused(create(model, token, **fields))
    assert len(model.tasks()) == before
