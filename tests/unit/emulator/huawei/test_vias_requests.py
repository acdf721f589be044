# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIAS: lists, filters, batch configurations, errors (vendors/huawei_vias.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.emulator.huawei.world import BATCH, LAB, PROJECT, STRANGERS, Api


@pytest.fixture
def many(api: Api) -> Iterator[Api]:
    """Twelve tasks a day apart, task-12 the newest."""
    tasks = [{"id": f"task-{number:02}", "created_at": f"2024-03-{number:02}T00:00:00Z"} for number in range(1, 13)]
    api.model.load(tasks, keep=False)
    yield api


def ids(api: Api, **query: object) -> list[str]:
    return [task["id"] for task in api.listed(**query)]


def refused(api: Api, path: str, **query: object) -> bool:
    got = api.ask("GET", path, query=query)
    return (got.status, got.code) == (400, "VIAS.00010001")


# --- ListTasks --------------------------------------------------------------------------------------------------------


def test_ten_tasks_a_page_unless_told_otherwise(many: Api) -> None:
    got = many.ask("GET", "/tasks").json
    assert (got["page"], got["page_size"], len(got["tasks"])) == (1, 10, 10)


def test_the_pages_together_are_the_whole(many: Api) -> None:
    pages = [ids(many, page=page, page_size=5) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert [*pages[0], *pages[1], *pages[2]] == [f"task-{number:02}" for number in range(12, 0, -1)]


def test_oldest_first(many: Api) -> None:
    assert ids(many, sort_dir="asc") == [f"task-{number:02}" for number in range(1, 13)]


def test_a_task_that_is_added_takes_its_place(many: Api) -> None:
    assert len(ids(many)) == 12
    many.model.load([{"id": "newest", "created_at": "2024-04-01T00:00:00Z"}], keep=True)
    assert ids(many)[0] == "newest"


@pytest.mark.parametrize(("query", "found"), [
    ({"task_name": "cam"}, ["a", "b"]),
    ({"task_name": "CAM"}, []),
    ({"task_state": "STOPPED"}, ["b"]),
    ({"batch_id": BATCH}, ["a"]),
    ({"source_data_type": "sync_task"}, ["b"]),
    ({"title": "smoke"}, ["b"]),
    ({"camera_name": "north"}, ["a"]),
    ({"video_group_id": "group-1,group-2"}, ["a", "b"]),
    ({"company": "acme,other"}, ["a"]),
    ({"alg_id": "9d2b7c44-1f3e-4a86-8d55-6f7e8a9b0c1d"}, ["b"]),
    ({"task_name": "cam", "task_state": "RUNNING"}, ["a"]),
])  # fmt: skip
def test_a_filter(api: Api, query: dict[str, object], found: list[str]) -> None:
    tasks: list[dict[str, Any]] = [
        {"id": "a", "name": "cam 1", "batch_id": BATCH, "video_source_name": "north", "video_group_id": "group-1", "company": "acme"},
        {"id": "b", "name": "cam 2", "state": "STOPPED", "source_data_type": "sync_task", "title": "smoke", "video_group_id": "group-2",
         "algorithm_publish_id": "9d2b7c44-1f3e-4a86-8d55-6f7e8a9b0c1d"},
        {"id": "c", "name": "door"},
    ]  # fmt: skip
    api.model.load(tasks, keep=False)
    assert sorted(ids(api, **query)) == found


def test_the_name_may_filter_exactly(api: Api) -> None:
    api.model.load([{"id": "a", "name": "cam"}, {"id": "b", "name": "cam 2"}], keep=False)
    api.model.set_switches({"task_name_filter": "exact"})
    assert ids(api, task_name="cam") == ["a"]


@pytest.mark.parametrize("query", [
    {"page": 0}, {"page": "x"}, {"page_size": ""}, {"sort_dir": "up"}, {"task_state": "PAUSED"}, {"task_state": "running"},
    {"task_state": "STOPPED_NO_SERVICE"}, {"batch_id": "abc"}, {"batch_id": "A" * 8}, {"source_data_type": "task"}, {"title": "x"},
    {"camera_name": "x" * 256}, {"video_group_id": "abc"}, {"task_name": "x" * 1025}, {"alg_id": "not-a-uuid"}, {"page_num": 1},
])  # fmt: skip
def test_a_bad_parameter_of_the_list(api: Api, query: dict[str, object]) -> None:
    assert refused(api, "/tasks", **query)


def test_a_parameter_twice(api: Api) -> None:
    assert api.ask("GET", "/tasks?page=1&page=2").code == "VIAS.00010001"


def test_an_unknown_parameter_may_be_ignored(api: Api) -> None:
    api.model.set_switches({"unknown_parameters": "ignored"})
    assert api.ask("GET", "/tasks", query={"page_num": 1}).status == 200


# --- projects ---------------------------------------------------------------------------------------------------------


def test_a_task_is_seen_in_its_own_project_only(api: Api) -> None:
    api.model.load([{"id": "T", "project_id": LAB}], keep=False)
    assert ids(api) == []
    assert [api.ask(*ask).code for ask in (("GET", "/tasks/T"), ("PUT", "/tasks/T/action/stop"))] == ["VIAS.00010007"] * 2
    assert api.signed("GET", f"/v2/{LAB}/tasks/T", headers={}).status == 200


# --- ShowTaskInfo -------------------------------------------------------------------------------------------------------


def test_members_without_a_value_may_come_as_null(api: Api) -> None:
    api.put("RUNNING")
    assert "description" not in api.show()
    api.model.set_switches({"null_members": True})
    task = api.show()
    assert [task[name] for name in ("description", "status", "error", "schedule", "schedule_status")] == [None] * 5


@pytest.mark.parametrize(("word", "digit"), [("cloud", "0"), ("edge", "1")])
def test_the_type_is_a_word_in_the_detail_and_a_digit_in_the_list(api: Api, word: str, digit: str) -> None:
    api.put("RUNNING", type=word)
    assert (api.show()["type"], api.listed()[0]["type"]) == (word, digit)


def test_an_encoded_id_is_decoded(api: Api) -> None:
    api.model.load([{"id": "a b/c"}], keep=False)
    assert api.ask("GET", "/tasks/a%20b%2Fc").json["id"] == "a b/c"


# --- batch configurations -----------------------------------------------------------------------------------------------


def put_batch(api: Api, *states: str, **more: Any) -> None:
    api.model.load([{"id": f"t{number}", "state": state, "batch_id": BATCH, **more} for number, state in enumerate(states)], keep=False)


def counts(api: Api, command: str) -> tuple[int, int, int]:
    got = api.ask("PUT", f"/batch-tasks/{BATCH}/action/{command}").json
    assert len(got["error_list"]) == got["failed_count"]
    return got["total_count"], got["failed_count"], got["succeed_count"]


@pytest.mark.parametrize(("position", "told"), [("failed", (3, 1, 2)), ("succeeded", (3, 0, 3))])
def test_how_a_batch_counts_what_was_right_already(api: Api, position: str, told: tuple[int, int, int]) -> None:
    api.model.set_switches({"batch_satisfied": position})
    put_batch(api, "RUNNING", "STOPPED", "RUNNING")
    assert counts(api, "stop") == told
    assert [api.states(2, f"t{number}")[-1] for number in range(3)] == ["STOPPED"] * 3


def test_a_batch_whose_tasks_all_refuse_is_a_200(api: Api) -> None:
    put_batch(api, "FROZEN", "DELETING")
    assert counts(api, "start") == (2, 2, 0)


def test_a_batch_took_effect_where_one_task_did(api: Api) -> None:
    put_batch(api, "FROZEN", "STOPPED")
    assert api.ask("PUT", f"/batch-tasks/{BATCH}/action/start").reply.took_effect
    put_batch(api, "FROZEN", "RUNNING")
    assert not api.ask("PUT", f"/batch-tasks/{BATCH}/action/start").reply.took_effect


def test_a_stop_of_a_batch_switches_waiting_plans_off_too(api: Api) -> None:
    never = {"timezone": "+00:00", "days_of_week": [], "periods": [[]]}
    put_batch(api, "STOPPED", schedule=never, schedule_status="ACTIVATED")
    assert counts(api, "stop") == (1, 0, 1)
    assert api.show("t0")["schedule_status"] == "INACTIVATED"


@pytest.mark.parametrize("command", ["pause", "Start"])
def test_an_unknown_command_to_a_batch(api: Api, command: str) -> None:
    assert api.ask("PUT", f"/batch-tasks/{BATCH}/action/{command}").code == "VIAS.00010001"


def test_a_wrong_method_for_a_batch(api: Api) -> None:
    got = api.ask("POST", f"/batch-tasks/{BATCH}/action/stop")
    assert (got.status, got.code, got.json["detail"]) == (500, "VIAS.00010006", "Request method 'POST' not supported")


def batches(api: Api, **query: object) -> list[str]:
    got = api.ask("GET", "/batch-tasks", query=query).json
    return [batch["batch_task_name"] for batch in got["batch_task_list"]]


@pytest.fixture
def three(api: Api) -> Api:
    tasks = [
        {"id": f"{name}-{number}", "batch_id": f"batch-{name}", "batch_task_name": name, "created_at": f"2024-03-0{day}T00:00:00Z",
         "state": state, "title": title, "company": name, "video_group_id": name}
        for name, day, size, state, title in (
            ("night", 1, 3, "RUNNING", "smoke"), ("day", 2, 1, "STOPPED", "smoke"), ("midnight", 3, 2, "STOPPED", "people"),
        )
        for number in range(size)
    ]  # fmt: skip
    api.model.load(tasks, keep=False)
    return api


@pytest.mark.parametrize(("query", "found"), [
    ({}, ["midnight", "day", "night"]),
    ({"order_by": "asc"}, ["night", "day", "midnight"]),
    ({"sort_name": "task_count"}, ["night", "midnight", "day"]),
    ({"type_like": "batch_task_name", "name_like": "night"}, ["midnight", "night"]),
    ({"type_like": "publish_service_name", "name_like": "smo"}, ["day", "night"]),
    ({"task_state": "running"}, ["night"]),
    ({"task_state": "STOPPED"}, ["midnight", "day"]),
    ({"title": "people"}, ["midnight"]),
    ({"manufacturer": "day"}, ["day"]),
    ({"video_group": "night"}, ["night"]),
])  # fmt: skip
def test_the_list_of_batches(three: Api, query: dict[str, object], found: list[str]) -> None:
    assert batches(three, **query) == found


def test_the_pages_of_batches_and_their_total(api: Api) -> None:
    api.model.load([{"id": f"t{number}", "batch_id": f"batch-{number}"} for number in range(7)], keep=False)
    got = api.ask("GET", "/batch-tasks", query={"page_num": 2, "page_size": 5}).json
    assert (got["count"], len(got["batch_task_list"])) == (7, 2)
    assert len(batches(api, is_paged="false", page_size=5)) == 7


@pytest.mark.parametrize("query", [
    {"page_size": 4}, {"page_size": 201}, {"page_num": 0}, {"page_num": 10001}, {"order_by": "up"}, {"sort_name": "name"},
    {"is_paged": "no"}, {"name_like": "night"}, {"type_like": "name"}, {"task_state": "paused"}, {"page": 1},
    {"type_like": "batch_task_name", "name_like": "x" * 101},
])  # fmt: skip
def test_a_bad_parameter_of_the_list_of_batches(api: Api, query: dict[str, object]) -> None:
    assert refused(api, "/batch-tasks", **query)


@pytest.mark.parametrize(("spelling", "good", "bad"), [("lower", "running", "RUNNING"), ("upper", "RUNNING", "running")])
def test_one_spelling_of_a_state_only(api: Api, spelling: str, good: str, bad: str) -> None:
    api.model.set_switches({"batch_task_state": spelling})
    assert api.ask("GET", "/batch-tasks", query={"task_state": good}).status == 200
    assert refused(api, "/batch-tasks", task_state=bad)


# --- who answers ----------------------------------------------------------------------------------------------------------


def test_the_service_may_answer_a_bad_token_itself(api: Api) -> None:
    api.model.set_switches({"refused_by": "service"})
    got = api.ask("GET", "/tasks", token="bad")
    assert (got.status, got.code) == (401, "VIAS.00010005")
    assert got.headers_of("X-Request-Id")


def test_an_unknown_path_is_the_gateways_affair_and_needs_no_token(api: Api) -> None:
    assert api.send("GET", f"/v2/{PROJECT}/jobs").code == "APIGW.0101"


def test_a_wrong_method_is_the_services_affair_and_needs_one(api: Api) -> None:
    assert api.ask("POST", "/tasks", token="bad").code == "APIGW.0301"


def test_credentials_come_before_rights(api: Api) -> None:
    got = api.signed("PUT", f"/v2/{PROJECT}/tasks/nosuch/action/pause", key=STRANGERS)
    assert got.code == "VIAS.00010005"


# --- what faults and the journal go by --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "action", "write", "named"), [
    ("GET", "/tasks", "list", False, ()),
    ("GET", "/tasks/T", "show", False, ("T",)),
    ("PUT", "/tasks/T/action/stop", "stop", True, ("T",)),
    ("PUT", "/tasks/T/action/start", "start", True, ("T",)),
    ("GET", "/batch-tasks", "batch_list", False, ()),
    ("PUT", f"/batch-tasks/{BATCH}/action/stop", "batch_stop", True, (BATCH,)),
    ("DELETE", "/tasks/T", "unknown", True, ("T",)),
])  # fmt: skip
def test_what_a_request_is_about(api: Api, method: str, path: str, action: str, write: bool, named: tuple[str, ...]) -> None:
    api.ask(method, path)
    entry = api.model.journal.since(0)[-1].view()
    assert (entry["action"], entry["write"], tuple(entry["ids"])) == (action, write, named)


def test_throttling_is_an_ordered_fault(api: Api) -> None:
    api.model.faults.order([{"kind": "rate_limit", "retry_after": 1, "body": {"error_code": "APIGW.0308", "error_msg": "throttled"}}])
    got = api.ask("GET", "/tasks")
    assert (got.status, got.code, got.headers_of("Retry-After")) == (429, "APIGW.0308", "1")
    assert api.ask("GET", "/tasks").status == 200


def test_a_reset_makes_everything_as_it_was(api: Api) -> None:
    before = api.model.tasks()
    api.model.load([{"id": "T"}], keep=False)
    api.model.reset()
    assert api.ask("GET", "/tasks").status == 401
    assert [task["id"] for task in api.model.tasks()] == [task["id"] for task in before]
