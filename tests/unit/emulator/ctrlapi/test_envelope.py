# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope of both dialects, and errors at each of its levels: vendors/ctrlapi.md, sections 2.2, 3.1 and 3.2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.emulator.ctrlapi.api import JSON_TYPE, PATH, SENT, Api, entry

STARTED = {"project_id": 23, "task_ids": [241458]}


def answered(api: Api, body: object) -> tuple[int, Any]:
    reply = api.send(body)
    return reply.status, json.loads(reply.body)


# --- in front of the methods ----------------------------------------------------------------------------------------------


def test_there_is_one_address(live: Api) -> None:
    assert live.model.answer("POST", "/ctrl_api/v1", JSON_TYPE, b"{}").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_there_is_one_http_method(live: Api, method: str) -> None:
    assert live.model.answer(method, PATH, JSON_TYPE, b"").status == 405


@pytest.mark.parametrize("status", [403, 404])
def test_switch_control_api(live: Api, status: int) -> None:
    live.model.set_switches({"control_api": status})
    assert live.ask(entry("AppList", {"project_id": 23})).status == status


def test_a_closed_nginx_comes_before_all_else(live: Api) -> None:
    live.model.set_switches({"nginx_closed": True, "control_api": 404, "verify_hmac": True})
    assert live.send(b"nonsense").status == 403


# --- what is no envelope ----------------------------------------------------------------------------------------------------

ENTRY = {"method": "AppList", "params": {"project_id": 23}}
BAD = [
    b"nonsense",
    b"",
    [],
    {"methods": [ENTRY]},
    {"user_id": "4", "methods": [ENTRY]},
    {"user_id": True, "methods": [ENTRY]},
    {"user_id": 4},
    {"user_id": 4, "methods": []},
    {"user_id": 4, "methods": ENTRY},
    {"user_id": 4, "methods": ["AppList"]},
    {"user_id": 4, "methods": [{"params": {}}]},
    {"user_id": 4, "methods": [{"method": 1, "params": {}}]},
    {"user_id": 4, "methods": [{"method": "AppList", "params": []}]},
    {"user_id": 4, "methods": [{**ENTRY, "id": "1"}]},
]


@pytest.mark.parametrize("body", BAD)
@pytest.mark.parametrize(("position", "status"), [("top", 200), (400, 400), (500, 500)])
def test_switch_bad_envelope(live: Api, body: object, position: object, status: int) -> None:
    live.model.set_switches({"bad_envelope": position})
    got, said = answered(live, body)
    assert got == status
    assert list(said) == ["errors"] and said["errors"][0].startswith("emulator: ")


def test_nothing_is_done_where_one_entry_is_bad(live: Api) -> None:
    live.ask(entry("TaskStop", STARTED), "nonsense")
    assert live.statuses(2, 241458) == ["Started", "Started"]


@pytest.mark.parametrize(("checked", "level"), [(True, "errors"), (False, "reply")])
def test_switch_check_media_type(live: Api, checked: bool, level: str) -> None:
    live.model.set_switches({"check_media_type": checked})
    body = json.dumps({"user_id": 4, "methods": [ENTRY]}).encode()
    reply = live.model.answer("POST", PATH, {"Content-Type": "application/x-www-form-urlencoded"}, body)
    assert list(json.loads(reply.body)) == [level]


# --- what an envelope may hold ------------------------------------------------------------------------------------------------


def test_one_method_several_times_is_told_apart_by_its_id(live: Api) -> None:
    reply = live.ask(entry("AppList", {"project_id": 24}, 7), entry("AppList", {"project_id": 23}, 7000000000))
    assert [(part["method"], part["id"], len(part["result"])) for part in json.loads(reply.body)["reply"]] == [
        ("AppList", 7, 0),
        ("AppList", 7000000000, 3),
    ]


def test_without_an_id_none_is_echoed(live: Api) -> None:
    assert list(live.entry("AppList")) == ["method", "result"]


def test_several_methods_in_one_request(live: Api) -> None:
    reply = live.ask(entry("TaskStop", STARTED), entry("AppList", {"project_id": 23}))
    assert [part["method"] for part in json.loads(reply.body)["reply"]] == ["TaskStop", "AppList"]


def test_a_refused_method_does_not_spoil_the_others(live: Api) -> None:
    reply = live.ask(entry("TaskStop", {"project_id": 99, "task_ids": [1]}, 1), entry("TaskStop", STARTED, 2))
    first, second = json.loads(reply.body)["reply"]
    assert (list(first), second["result"]) == (["method", "id", "errors"], [{"task_id": 241458, **SENT}])


@pytest.mark.parametrize(
    ("position", "status", "said"),
    [
        ("method", 200, {"reply": [{"method": "TaskPause", "errors": ["emulator: no method TaskPause"]}]}),
        ("no_result", 200, {"reply": [{"method": "TaskPause"}]}),
        ("top", 200, {"errors": ["emulator: no method TaskPause"]}),
        (400, 400, {"errors": ["emulator: no method TaskPause"]}),
        (500, 500, {"errors": ["emulator: no method TaskPause"]}),
    ],
)
def test_switch_unknown_method(live: Api, position: object, status: int, said: object) -> None:
    live.model.set_switches({"unknown_method": position})
    assert answered(live, {"user_id": 4, "methods": [{"method": "TaskPause"}]}) == (status, said)


@pytest.mark.parametrize("method", ["TaskStatus", "TaskReport", "TaskStart"])
def test_live_does_not_know_the_methods_of_vod(live: Api, method: str) -> None:
    assert live.entry(method, [1]) == {"method": method, "errors": [f"emulator: no method {method}"]}


@pytest.mark.parametrize("method", ["TaskInfo", "TaskResume", "AppTasks", "ProjectsList", "TaskEvents"])
def test_vod_does_not_know_the_methods_of_live(vod: Api, method: str) -> None:
    assert vod.entry(method, [1]) == {"method": method, "errors": [f"emulator: no method {method}"]}


# --- task_ids (section 3.2) ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "tasks"), [(241458, [241458]), ([241456, 241458], [241456, 241458]), ([], [])])
def test_ids_are_one_number_or_an_array(live: Api, given: object, tasks: list[int]) -> None:
    assert live.ids(given) == tasks


@pytest.mark.parametrize("given", ["241458", ["241458"], [True], [None], {"id": 1}, 1.5, "all"])
@pytest.mark.parametrize("method", ["TaskInfo", "TaskStop", "TaskResume"])
def test_ids_of_another_kind_are_refused(live: Api, method: str, given: object) -> None:
    assert list(live.entry(method, given)) == ["method", "errors"]


@pytest.mark.parametrize("method", ["TaskStop", "TaskResume"])
def test_everything_is_not_documented_for_live_actions(live: Api, method: str) -> None:
    assert list(live.entry(method, "*")) == ["method", "errors"]


def test_everything_is_not_documented_for_the_stop_of_vod(vod: Api) -> None:
    assert list(vod.entry("TaskStop", "*")) == ["method", "errors"]


def test_switch_quoted_numbers(live: Api) -> None:
    live.model.set_switches({"quoted_numbers": "accepted"})
    reply = live.ask(entry("TaskInfo", {"project_id": "23", "task_ids": "241458"}), user="4")
    assert json.loads(reply.body)["reply"][0]["result"][0]["task_id"] == 241458


@pytest.mark.parametrize(("position", "level"), [("refused", "errors"), ("ignored", "result")])
def test_switch_extra_params(live: Api, position: str, level: str) -> None:
    live.model.set_switches({"extra_params": position})
    assert list(live.entry("TaskInfo", 241458, force=True)) == ["method", level]


@pytest.mark.parametrize(
    ("position", "status", "where"), [("method", 200, "reply"), ("object", 200, "reply"), ("top", 200, "errors"), (400, 400, "errors")]
)
def test_switch_bad_params(live: Api, position: object, status: int, where: str) -> None:
    live.model.set_switches({"bad_params": position})
    got, said = answered(live, {"user_id": 4, "methods": [{"method": "TaskInfo", "params": {"project_id": 23}}]})
    assert (got, list(said)) == (status, [where])
    if position == "object":
        assert list(said["reply"][0]["result"]) == ["error"]


# --- ordered errors (section 3.1) -----------------------------------------------------------------------------------------------


def ordered(api: Api, **order: Any) -> dict[str, Any]:
    """What a stop of two tasks is answered."""
    api.model.set_switches({"ordered_errors": [{"text": "no", **order}]})
    answer: dict[str, Any] = json.loads(api.ask(entry("TaskStop", {"project_id": 23, "task_ids": [241456, 241458]})).body)
    return answer


def test_an_item_has_an_error_instead_of_its_status(live: Api) -> None:
    result = ordered(live, level="item", method="TaskStop", task_id=241456)["reply"][0]["result"]
    assert result == [{"task_id": 241456, "error": "no"}, {"task_id": 241458, **SENT}]
    assert (live.statuses(2, 241456), live.statuses(2, 241458)) == (["Started", "Started"], ["Started", "Stopped"])


def test_an_item_has_errors_beside_its_status(live: Api) -> None:
    result = ordered(live, level="item", form="errors", beside=True, task_id=241456)["reply"][0]["result"]
    assert result == [{"task_id": 241456, **SENT, "errors": ["no"]}, {"task_id": 241458, **SENT}]
    assert live.statuses(2, 241456) == ["Started", "Stopped"]


def test_a_method_has_errors_instead_of_a_result(live: Api) -> None:
    assert ordered(live, level="method", form="errors") == {"reply": [{"method": "TaskStop", "errors": ["no"]}]}
    live.model.set_switches({"ordered_errors": []})
    assert live.statuses(2, 241456) == ["Started", "Started"]


def test_a_method_has_errors_beside_its_result(live: Api) -> None:
    part = ordered(live, level="method", form="errors", beside=True)["reply"][0]
    assert (len(part["result"]), part["errors"]) == (2, ["no"])


def test_a_result_is_an_object_with_an_error(live: Api) -> None:
    assert ordered(live, level="object") == {"reply": [{"method": "TaskStop", "result": {"error": "no"}}]}


def test_a_result_that_is_an_object_has_an_error_beside(live: Api) -> None:
    live.model.set_switches({"ordered_errors": [{"level": "object", "method": "ProjectsList", "text": "no", "beside": True}]})
    result = json.loads(live.ask(entry("ProjectsList", {})).body)["reply"][0]["result"]
    assert (len(result["projects"]), result["error"]) == (2, "no")


@pytest.mark.parametrize(("form", "said"), [("error", {"error": "no"}), ("errors", {"errors": ["no"]})])
def test_the_whole_answer_is_an_error(live: Api, form: str, said: object) -> None:
    assert ordered(live, level="top", form=form) == said
    live.model.set_switches({"ordered_errors": []})
    assert live.statuses(2, 241456) == ["Started", "Started"]


def test_the_whole_answer_has_an_error_beside_the_reply(live: Api) -> None:
    answer = ordered(live, level="top", beside=True)
    assert (list(answer), answer["error"]) == (["reply", "error"], "no")


def test_an_empty_array_of_errors(live: Api) -> None:
    assert ordered(live, level="method", form="errors", text=None, beside=True)["reply"][0]["errors"] == []


def test_an_error_of_another_method_is_none_of_its(live: Api) -> None:
    assert "errors" not in ordered(live, level="method", form="errors", method="TaskResume")["reply"][0]


# --- the journal ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "action", "write", "ids"),
    [
        ([entry("TaskInfo", {"task_ids": 5})], "TaskInfo", False, ("5",)),
        ([entry("TaskInfo", {"task_ids": "*"}), entry("AppList", {})], "TaskInfo,AppList", False, ("*",)),
        ([entry("TaskInfo", {"task_ids": [1, 2]}), entry("TaskStop", {"task_ids": [2]})], "TaskInfo,TaskStop", True, ("1", "2")),
        ([entry("TaskResume", {"task_ids": [1]})], "TaskResume", True, ("1",)),
        ([entry("TaskPause", {"task_ids": [1]})], "TaskPause", True, ("1",)),
        ([], "unknown", True, ()),
    ],
)
def test_what_isn_t_surely_a_read_counts_as_a_change(live: Api, entries: list[Any], action: str, write: bool, ids: tuple[str, ...]) -> None:
    live.ask(*entries)
    call = live.model.journal.since()[-1].call
    assert (call.action, call.write, call.ids) == (action, write, ids)


@pytest.mark.parametrize(("task", "effect"), [(241458, True), (241555, False), (1, False)])
def test_the_journal_tells_whether_anything_changed(live: Api, task: int, effect: bool) -> None:
    live.entry("TaskStop", [task])
    assert live.model.journal.since()[-1].took_effect is effect
