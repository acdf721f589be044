# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIAS: which action each of the 18 states takes, and where it leads (vendors/huawei_vias.md, section 4), written out once more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.unit.emulator.huawei.world import Api

UP, DOWN, NO = "PENDING", "STOPPING", None
#                        start  stop
TABLE = {
    "STOPPED": (UP, NO),
    "START_FAILED": (UP, NO),
    "FAILED": (UP, NO),
    "SUCCEEDED": (UP, NO),
    "CREATE_FAILED": (UP, NO),
    "LACK_OF_RESOURCES": (UP, NO),
    "PENDING": (NO, DOWN),
    "SCHEDULING": (NO, DOWN),
    "STARTING": (NO, DOWN),
    "RECOVERING": (NO, DOWN),
    "ABNORMAL": (NO, DOWN),
    "RUNNING": (NO, DOWN),
    "UPGRADING": (NO, NO),
    "STOPPING": (NO, NO),
    "DELETING": (NO, NO),
    "FREEZING": (NO, NO),
    "FROZEN": (NO, NO),
    "STOPPED_NO_SERVICE": (NO, NO),
}  # fmt: skip
CELLS = [(state, command, end) for state, row in TABLE.items() for command, end in zip(("start", "stop"), row, strict=True)]


def answered(api: Api, command: str) -> tuple[int, str | None, str]:
    got = api.act(command)
    return got.status, got.code, api.state()


def test_the_table_has_all_states() -> None:
    assert len(TABLE) == 18


@pytest.mark.parametrize(("state", "command", "end"), CELLS)
def test_a_cell_of_the_table(api: Api, state: str, command: str, end: str | None) -> None:
    api.put(state, then=[])
    assert answered(api, command) == ((500, "VIAS.00010012", state) if end is NO else (200, None, end))


@pytest.mark.parametrize("command", ["start", "stop"])
def test_a_state_that_no_page_knows_takes_nothing(api: Api, command: str) -> None:
    api.put("HIBERNATING")
    assert answered(api, command) == (500, "VIAS.00010012", "HIBERNATING")


@pytest.mark.parametrize(("switch", "position", "state", "command", "status", "after"), [
    ("stop_stopped", "no_effect", "STOPPED", "stop", 200, "STOPPED"),
    ("start_running", "no_effect", "RUNNING", "start", 200, "RUNNING"),
    ("start_uncreated", "refused", "CREATE_FAILED", "start", 500, "CREATE_FAILED"),
    ("start_uncreated", "refused", "LACK_OF_RESOURCES", "start", 500, "LACK_OF_RESOURCES"),
    ("start_troubled", "accepted", "RECOVERING", "start", 200, "PENDING"),
    ("start_troubled", "accepted", "ABNORMAL", "start", 200, "PENDING"),
    ("start_troubled", "no_effect", "ABNORMAL", "start", 200, "ABNORMAL"),
    ("stop_upgrading", "accepted", "UPGRADING", "stop", 200, "STOPPING"),
])  # fmt: skip
def test_a_cell_that_a_switch_decides(api: Api, switch: str, position: str, state: str, command: str, status: int, after: str) -> None:
    api.model.set_switches({switch: position})
    api.put(state, then=[])
    assert (api.act(command).status, api.state()) == (status, after)


@pytest.mark.parametrize(
    ("ignored", "states"), [(True, ("RUNNING", "STOPPED")), ("stop", ("RUNNING", "PENDING")), ("start", ("STOPPING", "STOPPED"))]
)
def test_an_action_that_is_accepted_and_does_nothing(api: Api, ignored: object, states: tuple[str, str]) -> None:
    api.model.set_switches({"ignore_action": ignored})
    api.model.load([{"id": "up", "state": "RUNNING"}, {"id": "down", "state": "STOPPED"}], keep=False)
    assert (api.act("stop", "up").status, api.act("start", "down").status) == (200, 200)
    assert (api.state("up"), api.state("down")) == states


def test_a_refusal_may_hide_in_a_200(api: Api) -> None:
    api.model.set_switches({"refused_as": "status_code"})
    api.put("STOPPED")
    got = api.act("stop")
    assert (got.status, got.json) == (200, {"id": "T", "status_code": 500, "status_msg": "This operation is not allowed."})
    assert not got.reply.took_effect


@pytest.mark.parametrize(
    ("position", "body"), [("object", b'{"id":"T","status_code":200,"status_msg":"success"}'), ("empty_object", b"{}"), ("none", b"")]
)
def test_the_answer_to_an_action(api: Api, position: str, body: bytes) -> None:
    api.model.set_switches({"action_answer": position})
    api.put("RUNNING")
    got = api.act("stop")
    assert (got.status, got.reply.body, got.reply.took_effect) == (200, body, True)


def test_a_body_is_refused(api: Api) -> None:
    api.put("RUNNING")
    got = api.ask("PUT", "/tasks/T/action/stop", b"{}")
    assert (got.status, got.code, api.state()) == (400, "VIAS.00010001", "RUNNING")


def test_a_body_may_be_ignored(api: Api) -> None:
    api.model.set_switches({"action_body": "ignored"})
    api.put("RUNNING")
    assert (api.ask("PUT", "/tasks/T/action/stop", b"{}").status, api.state()) == (200, "STOPPING")


# --- at the vendor's own console ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "details", "states"), [
    ("stop", {}, ["STOPPING", "STOPPED"]),
    ("set", {"state": "ABNORMAL"}, ["ABNORMAL", "ABNORMAL"]),
    ("set", {"state": "UPGRADING", "then": [["1 read", "RUNNING"]]}, ["UPGRADING", "RUNNING"]),
    ("freeze", {}, ["FREEZING", "FREEZING", "FROZEN"]),
])  # fmt: skip
def test_somebody_else_does_something(api: Api, action: str, details: dict[str, Any], states: list[str]) -> None:
    api.put("RUNNING")
    api.model.act("T", action, details)
    assert api.states(len(states)) == states


def test_somebody_else_deletes_the_task(api: Api) -> None:
    api.put("STOPPED")
    api.model.act("T", "delete", {})
    assert api.states(2) == ["DELETING", "DELETING"]
    assert (api.ask("GET", "/tasks/T").code, api.listed()) == ("VIAS.00010007", [])


def test_a_task_can_be_removed_at_once(api: Api) -> None:
    api.put("RUNNING", runs_for=5)
    api.model.act("T", "remove", {})
    api.model.advance(10)
    assert api.listed() == []


@pytest.mark.parametrize(
    ("action", "details"), [("start", {}), ("pause", {}), ("set", {}), ("set", {"state": "GONE"}), ("set", {"state": "STOPPED", "then": 3})]
)
def test_what_nobody_can_do(api: Api, action: str, details: dict[str, Any]) -> None:
    api.put("RUNNING")
    with pytest.raises(BadOrder):
        api.model.act("T", action, details)


def test_nobody_can_do_anything_to_a_task_that_is_not_there(api: Api) -> None:
    with pytest.raises(BadOrder, match="no task 'nosuch'"):
        api.model.act("nosuch", "stop", {})


# --- putting tasks --------------------------------------------------------------------------------------------------------


def test_what_is_told_can_be_put_back(api: Api) -> None:
    told = [{**task, "history": None} for task in api.model.tasks()]
    api.model.load(told, keep=False)
    assert [{**task, "history": None} for task in api.model.tasks()] == told


@pytest.mark.parametrize("task", [
    {}, {"id": ""}, {"id": "T", "colour": "red"}, {"id": "T", "state": ""}, {"id": "T", "type": "0"}, {"id": "T", "created_at": "today"},
    {"id": "T", "then": [["soon", "RUNNING"]]}, {"id": "T", "schedule": {}}, {"id": "T", "ends_with": "RUNNING"},
    {"id": "T", "trouble": {"x": 1}},
])  # fmt: skip
def test_a_bad_task_changes_nothing(api: Api, task: dict[str, Any]) -> None:
    before = api.model.tasks()
    with pytest.raises(BadOrder):
        api.model.load([{"id": "good"}, task], keep=False)
    assert api.model.tasks() == before


def test_a_name_can_be_changed_on_the_way(api: Api) -> None:
    api.put("STOPPED")
    api.act("start")
    assert api.state() == "PENDING"
    api.model.load([{"id": "T", "name": "renamed"}], keep=True)
    assert api.states(2) == ["STARTING", "RUNNING"]
    assert api.listed()[0]["name"] == "renamed"
