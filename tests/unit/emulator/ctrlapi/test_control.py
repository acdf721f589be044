# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control address of the Control API's emulator: what a test can order, and what it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.client import Control, ControlError
from tests.emulator.messages import BadOrder
from tests.unit.emulator.ctrlapi.api import PATH, Api
from tests.unit.emulator.wire import send


def statuses(boro: Control) -> dict[int, str]:
    return {task["task_id"]: task["status"] for task in boro.tasks()}


def test_a_server_speaks_one_dialect_with_tasks_of_its_own(live_boro: Control) -> None:
    assert 241458 in statuses(live_boro)
    live_boro.set_switches(dialect="vod")
    assert 63 in statuses(live_boro) and 241458 not in statuses(live_boro)
    live_boro.reset()
    assert 241458 in statuses(live_boro)


def test_a_switch_that_leaves_the_dialect_leaves_the_tasks(live_boro: Control) -> None:
    live_boro.delete_tasks()
    live_boro.set_switches(dialect="live", stop_delay=1)
    assert live_boro.tasks() == []


def test_somebody_else_stops_and_resumes(live_boro: Control) -> None:
    live_boro.act(241458, "stop")
    assert statuses(live_boro)[241458] == "Stopped"
    live_boro.act(241458, "resume")
    assert statuses(live_boro)[241458] == "Scheduled"


@pytest.mark.parametrize("dialect", ["live", "vod"])
def test_what_was_told_can_be_put_back(live_boro: Control, dialect: str) -> None:
    live_boro.set_switches(dialect=dialect)
    told = live_boro.tasks()
    again = live_boro.put_tasks(told)
    assert [{**task, "history": []} for task in again] == [{**task, "history": []} for task in told]


def test_a_fault_after_the_action_took_hold(live_boro: Control) -> None:
    live_boro.order_fault("reset_after", match={"action": "TaskStop"})
    body = {"user_id": 4, "methods": [{"method": "TaskStop", "params": {"project_id": 23, "task_ids": [241458]}}]}
    with pytest.raises(ConnectionError):
        send(live_boro.port, f"POST {PATH}\nContent-Type: application/json", json.dumps(body).encode())
    assert live_boro.writes()[0]["took_effect"]


def test_check_mode_is_proved(live_boro: Control) -> None:
    live_boro.set_switches(require_read_only=True)
    body = {"user_id": 4, "methods": [{"method": "TaskInfo", "params": {"project_id": 23, "task_ids": "*"}}]}
    head = f"POST {PATH}\nContent-Type: application/json"
    assert send(live_boro.port, head, json.dumps(body).encode()).status == 200
    assert send(live_boro.port, head, json.dumps(body).replace("TaskInfo", "TaskStop").encode()).status == 500


@pytest.mark.parametrize(
    ("state", "action", "end"),
    [
        ("Started", "stop", "Stopped"),
        ("Scheduled", "cancel", "Stopped"),
        ("Stalled", "stop", "Stopped"),
        ("Rejected", "resume", "Scheduled"),
        ("Stopped", "start", "Started"),
        ("Started", "stall", "Stalled"),
        ("Stalled", "recover", "Started"),
        ("Scheduled", "reject", "Rejected"),
    ],
)
def test_somebody_else_acts_on_a_live_task(live: Api, state: str, action: str, end: str) -> None:
    live.put(state, stays=True)
    live.model.act("1", action, {})
    assert live.status() == end
    assert live.truth()["history"][-1]["cause"] == f"outside {action}"


def test_a_rejection_with_its_reason(live: Api) -> None:
    live.model.act("241458", "reject", {"reason": "no multicast"})
    assert live.result("TaskEvents", task_id=241458)["events"][0]["text"] == "no multicast"


def test_any_state_can_be_set(live: Api) -> None:
    live.model.act("241458", "set", {"status": "Frobnicating"})
    assert live.statuses(2, 241458) == ["Frobnicating", "Frobnicating"]


def test_a_task_is_deleted(live: Api) -> None:
    live.model.act("241458", "delete", {})
    assert live.ids([241458]) == []


@pytest.mark.parametrize(
    ("task", "action", "details", "match"),
    [
        ("1", "stop", {}, "no task '1'"),
        ("x", "stop", {}, "no task 'x'"),
        ("241458", "complete", {}, "nobody can 'complete' a live task; known: stop, "),
        ("241458", "recover", {}, "recover is not possible in state Started"),
        ("241458", "set", {}, "set needs a status"),
        ("241458", "set", {"status": 1}, "set needs a status"),
        ("5", "lose_probe", {}, "no probe works on this task"),
    ],
)
def test_orders_that_can_t_be(live: Api, task: str, action: str, details: dict[str, Any], match: str) -> None:
    live.model.load([{"task_id": 5}], keep=True)
    with pytest.raises(BadOrder, match=match):
        live.model.act(task, action, details)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"status": "Started"}, "needs a task_id"),
        ({"task_id": "5"}, "task_id of a task can't be '5'"),
        ({"task_id": 5, "template_id": 3}, "a live task has no 'template_id'"),
        ({"task_id": 5, "runs_for": -1}, "runs_for of a task can't be -1"),
    ],
)
def test_a_bad_task_changes_nothing(live: Api, fields: dict[str, Any], match: str) -> None:
    before = live.model.tasks()
    with pytest.raises(BadOrder, match=match):
        live.model.load([{"task_id": 6}, fields], keep=False)
    assert live.model.tasks() == before


def test_a_task_is_updated_in_the_state_it_has(live: Api) -> None:
    live.model.load([{"task_id": 241555, "name": "New"}], keep=True)
    (item,) = live.result("TaskInfo", 241555)
    assert (item["name"], item["status"]) == ("New", "Stopped")


def test_an_unknown_switch_is_refused_over_the_wire(live_boro: Control) -> None:
    with pytest.raises(ControlError, match='switch dialect can\'t be "both"; known: "live", "vod"'):
        live_boro.set_switches(dialect="both")
