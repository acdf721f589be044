# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: what a test puts, orders and is told, and what the journal and the faults make of requests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import Control, ControlError
from tests.emulator.messages import BadOrder
from tests.emulator.vendors.hitachi import Hitachi
from tests.unit.emulator.hitachi.api import OBJECTS, Api, T, body
from tests.unit.emulator.wire import send

B = "Authorization: Basic c3lzdGVtOm1hbmFnZXI="


# --- act -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "order", "after"),
    [
        ("waiting", "start", "inProgress"),
        ("suspended", "start", "inProgress"),
        ("waitingForInput", "start", "inProgress"),
        ("abnormalityDetected", "start", "inProgress"),
        ("inProgress", "complete", "completed"),
        ("longRunning", "complete", "completed"),
        ("inProgress", "fail", "failed"),
        ("terminating", "fail", "failed"),
        ("inProgress", "error", "abnormalityDetected"),
        ("inProgress", "wait_input", "waitingForInput"),
        ("inProgress", "long_running", "longRunning"),
        ("waiting", "suspend", "suspended"),
        ("suspended", "resume", "waiting"),
        ("waiting", "cancel", "canceled"),
        ("inProgress", "stop", "terminating"),
        ("inProgress", "forceStop", "terminating"),
        ("failed", "rerunStart", "inProgress"),
    ],
)
def test_an_order_that_fits(api: Api, before: str, order: str, after: str) -> None:
    api.put(before)
    api.model.act(str(T), order, {})
    assert api.status() == after


@pytest.mark.parametrize(
    ("before", "order"),
    [
        ("inProgress", "start"),
        ("completed", "start"),
        ("waiting", "complete"),
        ("completed", "fail"),
        ("waiting", "error"),
        ("terminating", "wait_input"),
        ("inProgress", "archive"),
        ("inProgress", "suspend"),
        ("inProgress", "nonsense"),
        ("inProgress", "set"),
    ],
)
def test_an_order_that_does_not_fit(api: Api, before: str, order: str) -> None:
    api.put(before)
    with pytest.raises(BadOrder):
        api.model.act(str(T), order, {})
    assert api.truth()["status"] == before


def test_any_status_can_be_set(api: Api) -> None:
    api.put("inProgress", runs_for=10)
    api.model.act(str(T), "set", {"status": "hibernating"})
    api.model.advance(100)
    assert api.status() == "hibernating"


@pytest.mark.parametrize("task", ["555", "x", "5237"])
def test_nobody_can_act_on_a_task_that_is_not_in_the_list(api: Api, task: str) -> None:
    with pytest.raises(BadOrder):
        api.model.act(task, "complete", {})


# --- put -----------------------------------------------------------------------------------------------------------------------------


def steady(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "history"} for row in rows]


def test_what_is_told_can_be_put_back(hitachi_model: Hitachi) -> None:
    before = hitachi_model.tasks()
    hitachi_model.load(before, keep=False)
    assert steady(hitachi_model.tasks()) == steady(before)


def test_what_is_not_said_about_a_task_stays(api: Api) -> None:
    api.put("inProgress", notes="mine")
    api.model.load([{"instanceID": T, "name": "renamed"}], keep=True)
    task = api.show()
    assert (task["name"], task["notes"], task["status"]) == ("renamed", "mine", "inProgress")
    assert len(api.truth()["history"]) == 1


def test_a_task_about_which_nothing_is_said_runs_at_once(api: Api) -> None:
    api.model.load([{}], keep=False)
    (task,) = api.find()["data"]
    assert (task["status"], task["scheduleType"]) == ("inProgress", "immediate")


@pytest.mark.parametrize(("more", "type_"), [({"starts_in": 5}, "schedule"), ({"repeat_every": 5}, "recurrence")])
def test_a_task_with_a_plan_waits(api: Api, more: dict[str, Any], type_: str) -> None:
    api.model.load([more], keep=False)
    (task,) = api.find()["data"]
    assert (task["status"], task["scheduleType"]) == ("waiting", type_)


def test_a_task_can_be_put_into_the_histories_and_back(api: Api) -> None:
    api.put("failed", archived=4711)
    assert (api.ids(), api.ids("TaskHistories")) == ([], [4711])
    api.model.load([{"instanceID": T, "archived": None}], keep=True)
    assert (api.ids(), api.ids("TaskHistories")) == ([T], [])


def test_a_task_can_be_moved_to_another_schedule(api: Api) -> None:
    api.put("waiting")
    api.model.load([{"instanceID": T, "scheduleID": 8000}], keep=True)
    assert (api.show()["scheduleID"], api.ids("Schedules")) == (8000, [8000])


def test_the_schedule_that_a_task_has_left_is_that_of_the_task_before_it(api: Api) -> None:
    api.put("completed")
    api.model.load([{"instanceID": T + 1, "scheduleID": 7501, "status": "waiting"}], keep=True)
    assert api.invoke("suspend").status == 200
    api.model.load([{"instanceID": T + 1, "scheduleID": 8000}], keep=True)
    assert api.invoke("suspend").status == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"nonsense": 1},
        {"instanceID": 0},
        {"instanceID": "x"},
        {"instanceID": True},
        {"status": None},
        {"startTime": "yesterday"},
        {"scheduleType": "sometimes"},
        {"scheduleType": []},
        {"toDo": 1},
        {"runs_for": "2 years"},
        {"ends_with": "canceled"},
        {"starts_in": -1},
    ],
)
def test_a_bad_task_changes_nothing(api: Api, fields: dict[str, Any]) -> None:
    before = api.ids()
    with pytest.raises(BadOrder):
        api.model.load([{"instanceID": 9}, fields], keep=False)
    assert api.ids() == before


@pytest.mark.parametrize(
    "switch",
    [
        {"spelling": "v11"},
        {"spellings": {"nonsense": "x"}},
        {"default_page_size": 0},
        {"users": {}},
        {"users": {"a": {"password": "b", "role": "King"}}},
        {"job_state": "maybe"},
        {"filter_ids": 500},
    ],
)
def test_a_bad_position_of_a_switch(api: Api, switch: dict[str, Any]) -> None:
    with pytest.raises(BadOrder):
        api.model.set_switches(switch)


def test_reset_takes_everything_back(api: Api) -> None:
    seeds = api.ids()
    api.put("inProgress")
    api.model.set_switches({"spelling": "names"})
    api.model.reset()
    assert (api.ids(), api.status(seeds[0])) == (seeds, "inProgress")


# --- the journal and faults, over sockets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "action", "write", "ids"),
    [
        ("GET", "/Tasks", "list", False, []),
        ("GET", "/Tasks/1", "read", False, ["1"]),
        ("GET", "/Tasks/1/actions", "actions", False, ["1"]),
        ("GET", "/Tasks/1/actions/stop", "template", False, ["1"]),
        ("POST", "/Tasks/1/actions/stop/invoke", "stop", True, ["1"]),
        ("POST", "/Schedules/2/actions/suspend/invoke", "suspend", True, ["2"]),
        ("GET", "/Schedules", "list_schedules", False, []),
        ("GET", "/Schedules/2", "read_schedule", False, ["2"]),
        ("GET", "/TaskHistories", "list_histories", False, []),
        ("GET", "/TaskHistories/3", "read_history", False, ["3"]),
        ("DELETE", "/TaskHistories/3", "delete_history", True, ["3"]),
        ("GET", "/Services/4", "read_service", False, ["4"]),
        ("DELETE", "/Tasks/1", "delete", True, ["1"]),
        ("PUT", "/Tasks/1", "update", True, ["1"]),
        ("GET", "/Nonsense", "unknown", False, []),
    ],
)
def test_the_journal_knows_what_a_request_is_about(api: Api, method: str, path: str, action: str, write: bool, ids: list[str]) -> None:
    api.ask(method, path)
    (entry,) = [entry.view() for entry in api.model.journal.since(0)]
    assert (entry["action"], entry["write"], list(entry["ids"])) == (action, write, ids)


def test_a_stop_whose_answer_is_lost_has_taken_hold(hitachi: Control) -> None:
    hitachi.order_fault("reset_after", match={"action": "stop"})
    path = f"{OBJECTS}/Tasks/2026/actions/stop/invoke"
    with pytest.raises(ConnectionError):
        send(hitachi.port, f"POST {path}\n{B}", body("stop", path))
    (write,) = hitachi.writes()
    assert (write["action"], write["fault"]) == ("stop", "reset_after")
    assert next(task for task in hitachi.tasks() if task["instanceID"] == 2026)["status"] == "terminating"


def test_an_expired_token_by_order(hitachi: Control) -> None:
    token = send(hitachi.port, f"GET {OBJECTS}/Tasks\n{B}").headers["WWW-Authenticate"]
    hitachi.order_fault("expire_token")
    assert send(hitachi.port, f"GET {OBJECTS}/Tasks\nAuthorization: {token}").status == 401


def test_check_mode_can_be_proved(hitachi: Control) -> None:
    hitachi.set_switches(require_read_only=True)
    path = f"{OBJECTS}/Tasks/2026/actions/stop/invoke"
    assert send(hitachi.port, f"POST {path}\n{B}", body("stop", path)).status == 500
    assert send(hitachi.port, f"GET {OBJECTS}/Tasks/2026\n{B}").json["status"] == "inProgress"


def test_behind_a_proxy(hitachi: Control) -> None:
    hitachi.set_switches(path_prefix="/jp1")
    assert send(hitachi.port, f"GET {OBJECTS}/Tasks\n{B}").status == 404
    assert send(hitachi.port, f"GET /jp1{OBJECTS}/Tasks\n{B}").status == 200


def test_control_refuses_an_unknown_order(hitachi: Control) -> None:
    with pytest.raises(ControlError, match="known: start, complete"):
        hitachi.act(2026, "pause")
