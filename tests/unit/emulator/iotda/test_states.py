# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA's state machine (vendors/iotda.md, sections 4.3 and 4.4), written out once more, cell by cell and arrow by arrow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.unit.emulator.iotda.api import Api, T

REFUSED = (403, "IOTDA.0142XX")
ACTIONS = ("stop", "retry", "confirm", "delete")

# Section 4.3: Y accepted, N refused, whether documented or by elimination.
TABLE = {
    "Initializing": "YNYN",
    "Waitting": "YNYN",
    "Processing": "YYYN",
    "Stopping": "NNNN",
    "Success": "NNNY",
    "Fail": "NYNY",
    "PartialSuccess": "NYNY",
    "Stopped": "NNNY",
}
CELLS = [(state, action, cell == "Y") for state, row in TABLE.items() for action, cell in zip(ACTIONS, row, strict=True)]


def send(api: Api, action: str) -> int:
    return api.ask("DELETE", f"/{T}").status if action == "delete" else api.ask("POST", f"/{T}/{action}", {}).status


@pytest.mark.parametrize(("state", "action", "accepted"), CELLS)
def test_a_cell_of_the_table(api: Api, state: str, action: str, accepted: bool) -> None:
    api.put(status=state, need_confirm=True)
    assert send(api, action) == ((204 if action == "delete" else 200) if accepted else 403)


@pytest.mark.parametrize(("state", "action"), [(state, action) for state, action, accepted in CELLS if not accepted])
def test_what_is_refused_changes_nothing(api: Api, state: str, action: str) -> None:
    api.model.set_switches({"stopping": 60, "initializing": 60})
    api.put(status=state, need_confirm=True)
    before = api.truth()
    send(api, action)
    assert api.truth() == before


@pytest.mark.parametrize("kind", ["freezeDevices", "createDevices", "createMessages", "changeGateway", "moduleUpgrade"])
@pytest.mark.parametrize("action", ["stop", "retry"])
def test_stop_and_retry_are_for_two_types(api: Api, kind: str, action: str) -> None:
    api.put(status="Processing", task_type=kind)
    assert api.refused(action) == REFUSED


@pytest.mark.parametrize(("kind", "status"), [("moduleUpgrade", 200), ("softwareUpgrade", 200), ("freezeDevices", 403)])
def test_confirm_is_for_one_type_more(api: Api, kind: str, status: int) -> None:
    api.put(status="Waitting", need_confirm=True, task_type=kind)
    assert send(api, "confirm") == status


def test_any_type_can_be_deleted(api: Api) -> None:
    api.put(status="Success", task_type="freezeDevices")
    assert send(api, "delete") == 204


# --- by itself ------------------------------------------------------------------------------------------------------


def create(api: Api, **more: Any) -> str:
    body = {"task_name": "t", "task_type": "softwareUpgrade", "targets": ["a", "b"], **more}
    return str(api.json("POST", "", body)["task_id"])


def test_a_new_task_is_initializing_and_then_runs(api: Api) -> None:
    assert api.statuses(2, create(api)) == ["Initializing", "Processing"]


def test_a_task_that_is_initializing_has_no_subtasks_yet(api: Api) -> None:
    task = create(api)
    assert [api.subtasks(task), api.subtasks(task)] == [{}, {"a": "Processing", "b": "Processing"}]


def test_a_task_with_a_schedule_waits_for_its_time(api: Api) -> None:
    api.put(status="Waitting", starts_in=60)
    api.model.advance(59.9)
    assert api.status() == "Waitting"
    api.model.advance(0.1)
    assert (api.status(), api.subtasks()["a"]) == ("Processing", "Processing")


def test_the_schedule_is_told_in_the_policy(api: Api) -> None:
    api.put(status="Waitting", starts_in=60)
    assert len(api.task()["task_policy"]["schedule_time"]) == len("20250102T030405Z")


def test_a_created_schedule_is_kept(api: Api) -> None:
    api.model.set_switches({"initializing": 0})
    api.put(status="Waitting", starts_in=7200)
    due = api.task()["task_policy"]["schedule_time"]
    task = create(api, task_policy={"schedule_time": due})
    api.model.advance(7000)
    assert api.status(task) == "Waitting"
    api.model.advance(200)
    assert api.status(task) == "Processing"


def test_a_new_task_with_need_confirm_is_held(api: Api) -> None:
    api.model.set_switches({"initializing": 0})
    task = create(api, need_confirm=True)
    api.model.advance(7200)
    assert (api.status(task), api.subtasks(task)) == ("Waitting", {"a": "Waitting", "b": "Waitting"})


def test_a_new_task_for_known_groups(api: Api) -> None:
    api.model.set_switches({"initializing": 0, "groups": {"g1": ["x"], "g2": ["y"]}})
    body = {"task_name": "t", "task_type": "softwareUpgrade", "targets_filter": {"group_ids": ["g1", "g2"]}}
    assert api.subtasks(api.json("POST", "", body)["task_id"]) == {"x": "Processing", "y": "Processing"}


def test_a_new_task_for_an_unknown_group_fails_without_subtasks(api: Api) -> None:
    body = {"task_name": "t", "task_type": "softwareUpgrade", "targets_filter": {"group_ids": ["nosuch"]}}
    task = str(api.json("POST", "", body)["task_id"])
    assert api.statuses(2, task) == ["Initializing", "Fail"]
    assert (api.counted(task), api.task(task)["status_desc"][:10]) == ({}, "emulator: ")


@pytest.mark.parametrize(
    ("endings", "outcome"),
    [
        (("finish", "finish", "finish"), "Success"),
        (("fail", "fail", "fail"), "Fail"),
        (("finish", "fail", "finish"), "PartialSuccess"),
        (("remove", "finish", "finish"), "Success"),
        (("remove", "fail", "fail"), "Fail"),
    ],
)
def test_the_devices_decide_how_a_task_ends(api: Api, endings: tuple[str, ...], outcome: str) -> None:
    api.put()
    for device, ending in zip("abc", endings, strict=True):
        assert api.status() == "Processing"
        api.model.act(T, ending, {"target": device})
    assert api.status() == outcome


def test_devices_that_take_a_time(api: Api) -> None:
    api.put(runs_for=10, ends_with="Success")
    api.model.advance(9.9)
    assert api.status() == "Processing"
    api.model.advance(0.1)
    assert (api.status(), api.counted()) == ("Success", {"total": 3, "success": 3})


def test_a_device_that_fails_is_retried_as_the_policy_says(api: Api) -> None:
    api.put(runs_for=10, ends_with=["Fail", "Success"], task_policy={"retry_count": 1, "retry_interval": 5})
    api.model.advance(10)
    assert (api.status(), api.counted()) == ("Processing", {"total": 3, "fail_wait_retry": 3})
    api.model.advance(300)
    assert api.counted() == {"total": 3, "processing": 3}
    api.model.advance(10)
    assert api.status() == "Success"


def test_no_more_retries_than_the_policy_says(api: Api) -> None:
    api.put(runs_for=10, ends_with="Fail", task_policy={"retry_count": 2, "retry_interval": 1})
    api.model.advance(10 + 60 + 10 + 60 + 9.9)
    assert api.status() == "Processing"
    api.model.advance(0.1)
    assert api.status() == "Fail"


def test_the_history_holds_every_true_state_with_its_time(api: Api) -> None:
    api.model.set_switches({"stopping": 5})
    api.put()
    start = api.model.now
    api.model.advance(3)
    api.act("stop")
    api.model.advance(50)
    history = [(round(step["at"] - start, 6), step["status"], step["cause"]) for step in api.truth()["history"]]
    assert history == [(0, "Processing", "put"), (3, "Stopping", "stop"), (8, "Stopped", "platform")]


# --- stop -----------------------------------------------------------------------------------------------------------


def test_stop_ends_processing_waiting_and_awaited_subtasks(api: Api) -> None:
    api.put(subtasks={"a": "Processing", "b": "Waitting", "c": "FailWaitRetry", "d": "Success", "e": "Fail"})
    assert [row["target"] for row in api.act("stop")["targets"]] == ["a", "b", "c"]
    assert api.statuses(2) == ["Stopping", "Stopped"]
    assert api.subtasks() == {"a": "Stopped", "b": "Stopped", "c": "Stopped", "d": "Success", "e": "Fail"}


def test_the_counters_move_at_the_end_of_stopping(api: Api) -> None:
    api.put()
    api.act("stop")
    assert [api.counted(), api.counted()] == [{"total": 3, "processing": 3}, {"total": 3, "stopped": 3}]


@pytest.mark.parametrize("state", ["Waitting", "Initializing"])
@pytest.mark.parametrize("need_confirm", [False, True])
def test_stop_before_it_runs(api: Api, state: str, need_confirm: bool) -> None:
    api.put(status=state, need_confirm=need_confirm, starts_in=60)
    api.act("stop")
    assert api.statuses(2) == ["Stopping", "Stopped"]
    api.model.advance(7200)
    assert (api.status(), set(api.subtasks().values())) == ("Stopped", {"Stopped"})


def test_a_stopped_device_never_comes_to_its_end(api: Api) -> None:
    api.put(runs_for=10)
    api.act("stop")
    api.statuses(2)
    api.model.advance(60)
    assert (api.status(), api.counted()) == ("Stopped", {"total": 3, "stopped": 3})


def test_a_stop_ends_the_wait_for_an_automatic_retry(api: Api) -> None:
    api.put(subtasks={"a": "FailWaitRetry"}, task_policy={"retry_count": 1, "retry_interval": 1})
    api.act("stop")
    api.statuses(2)
    api.model.advance(3600)
    assert api.subtasks() == {"a": "Stopped"}


def test_devices_that_all_finish_while_it_is_stopping(api: Api) -> None:
    api.model.set_switches({"stopping": 10})
    api.put(runs_for=5)
    api.act("stop")
    api.model.advance(10)
    assert api.status() == "Success"


def test_stop_of_one_target_leaves_the_others_running(api: Api) -> None:
    api.put()
    assert api.act("stop", {"targets": ["b"]}) == {"targets": [{"target": "b", "status": "success"}]}
    assert (api.status(), api.subtasks()) == ("Processing", {"c": "Processing", "b": "Stopped", "a": "Processing"})


@pytest.mark.parametrize(
    ("others", "outcome"),
    [(["Success"], "PartialSuccess"), (["Fail"], "Fail"), (["Stopped"], "Stopped"), (["Success", "Fail"], "PartialSuccess")],
)
def test_stop_of_the_last_targets_that_run(api: Api, others: list[str], outcome: str) -> None:
    api.put(subtasks={"a": "Processing", **{f"o{number}": status for number, status in enumerate(others)}})
    api.act("stop", {"targets": ["a"]})
    assert api.status() == outcome


def test_switch_stop_targets_ends(api: Api) -> None:
    api.model.set_switches({"stop_targets_ends": "Stopped"})
    api.put(subtasks={"a": "Processing", "b": "Success"})
    api.act("stop", {"targets": ["a"]})
    assert api.status() == "Stopped"


@pytest.mark.parametrize(("length", "seen"), [(0, []), ("2 reads", ["Stopping"] * 2), ("1 read", ["Stopping"])])
def test_switch_stopping_by_reads(api: Api, length: object, seen: list[str]) -> None:
    api.model.set_switches({"stopping": length})
    api.put()
    api.act("stop")
    assert api.statuses(3) == [*seen, *["Stopped"] * (3 - len(seen))]


def test_switch_stopping_in_seconds(api: Api) -> None:
    api.model.set_switches({"stopping": 30})
    api.put()
    api.act("stop")
    api.model.advance(29.9)
    assert api.status() == "Stopping"
    api.model.advance(0.1)
    assert api.status() == "Stopped"


def test_a_list_counts_as_a_read(api: Api) -> None:
    api.put(task_type="softwareUpgrade")
    api.act("stop")
    rows = [api.json("GET", "?task_type=softwareUpgrade")["batchtasks"][0]["status"] for _time in range(2)]
    assert rows == ["Stopping", "Stopped"]


def test_switch_show_stopping_off_as_in_old_builds(api: Api) -> None:
    api.model.set_switches({"show_stopping": False, "stopping": "2 reads"})
    api.put()
    api.act("stop")
    assert api.statuses(3) == ["Processing", "Processing", "Stopped"]


def test_without_stopping_a_second_stop_does_nothing(api: Api) -> None:
    api.model.set_switches({"show_stopping": False})
    api.put()
    api.act("stop")
    api.act("stop")
    assert api.statuses(2) == ["Processing", "Stopped"]


@pytest.mark.parametrize(
    ("position", "status", "counters"),
    [
        ("Stopped", "Stopped", {"total": 3, "success": 1, "stopped": 2}),
        ("PartialSuccess", "PartialSuccess", {"total": 3, "success": 2, "stopped": 1}),
        ("Success", "Success", {"total": 3, "success": 3}),
        ("Fail", "Fail", {"total": 3, "success": 1, "fail": 2}),
        ("by_subtasks", "PartialSuccess", {"total": 3, "success": 1, "stopped": 2}),
    ],
)
def test_switch_stop_ends(api: Api, position: str, status: str, counters: dict[str, int]) -> None:
    api.model.set_switches({"stop_ends": position})
    api.put(subtasks={"a": "Processing", "b": "Waitting", "c": "Success"})
    api.act("stop")
    assert api.statuses(2) == ["Stopping", status]
    assert api.counted() == counters


@pytest.mark.parametrize(
    ("position", "code", "seen"),
    [
        ("accepted", 200, ["Stopping", "Stopped", "Stopped"]),
        ("missed", 200, ["Initializing", "Processing", "Processing"]),
        ("refused", 403, ["Initializing", "Processing", "Processing"]),
    ],
)
def test_switch_stop_initializing(api: Api, position: str, code: int, seen: list[str]) -> None:
    api.model.set_switches({"stop_initializing": position})
    api.put(status="Initializing")
    assert send(api, "stop") == code
    assert api.statuses(3) == seen


def test_switch_initializing(api: Api) -> None:
    api.model.set_switches({"initializing": 5})
    api.put(status="Initializing")
    api.model.advance(4.9)
    assert api.status() == "Initializing"
    api.model.advance(0.1)
    assert api.status() == "Processing"


def test_switch_action_delay_in_reads(api: Api) -> None:
    api.model.set_switches({"action_delay": "2 reads"})
    api.put()
    api.act("stop")
    assert api.statuses(4) == ["Processing", "Processing", "Stopping", "Stopped"]


def test_switch_action_delay_in_seconds(api: Api) -> None:
    api.model.set_switches({"action_delay": 3, "stopping": 0})
    api.put()
    api.act("stop")
    api.model.advance(2.9)
    assert api.status() == "Processing"
    api.model.advance(0.1)
    assert api.status() == "Stopped"


def test_an_action_that_comes_too_late_does_nothing(api: Api) -> None:
    """Section 6, 4: the task ends between the answer and the moment when the stop would take hold."""
    api.model.set_switches({"action_delay": 3})
    api.put(runs_for=2)
    api.act("stop")
    api.model.advance(10)
    assert api.status() == "Success"


@pytest.mark.parametrize(("position", "after"), [(True, "Processing"), ("stop", "Processing"), ("retry", "Stopped")])
def test_switch_ignore_action(api: Api, position: object, after: str) -> None:
    api.model.set_switches({"ignore_action": position, "stopping": 0})
    api.put()
    assert send(api, "stop") == 200
    assert api.status() == after


def test_switch_list_lag_keeps_lists_behind_show(api: Api) -> None:
    api.model.set_switches({"list_lag": 5, "stopping": 0})
    api.put(task_type="softwareUpgrade")
    api.act("stop")

    def listed() -> tuple[str, int]:
        row = api.json("GET", "?task_type=softwareUpgrade")["batchtasks"][0]
        return row["status"], row["task_progress"]["stopped"]

    assert (api.status(), listed()) == ("Stopped", ("Processing", 0))
    assert api.json("GET", "?task_type=softwareUpgrade&status=Stopped")["batchtasks"] == []
    api.model.advance(5)
    assert listed() == ("Stopped", 3)


# --- failures inside a 200 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{}, {"targets": ["a", "b"]}])
def test_switch_failing_targets(api: Api, body: dict[str, Any]) -> None:
    api.model.set_switches({"failing_targets": ["b"], "stopping": 0})
    api.put(targets=["a", "b"])
    rows = api.act("stop", body)["targets"]
    assert [(row["target"], row["status"], row.get("error_code")) for row in rows] == [
        ("a", "success", None),
        ("b", "failure", "IOTDA.0142XX"),
    ]
    assert (api.status(), api.subtasks()) == ("Processing", {"b": "Processing", "a": "Stopped"})


@pytest.mark.parametrize("position", ["failure", "success"])
def test_switch_unfit_target(api: Api, position: str) -> None:
    api.model.set_switches({"unfit_target": position})
    api.put(subtasks={"a": "Processing", "b": "Success"})
    assert api.act("stop", {"targets": ["b"]})["targets"][0]["status"] == position
    assert api.subtasks() == {"b": "Success", "a": "Processing"}


# --- retry ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["Processing", "PartialSuccess", "Fail"])
def test_retry_runs_what_failed_waits_or_was_stopped(api: Api, state: str) -> None:
    api.put(status=state, subtasks={"a": "Fail", "b": "FailWaitRetry", "c": "Stopped", "d": "Success"})
    assert [row["target"] for row in api.act("retry")["targets"]] == ["a", "b", "c"]
    assert (api.status(), api.counted()) == ("Processing", {"total": 4, "processing": 3, "success": 1})


def test_retry_of_one_target(api: Api) -> None:
    api.put(status="PartialSuccess", subtasks={"a": "Fail", "b": "Stopped", "c": "Success"})
    assert api.act("retry", {"targets": ["b"]}) == {"targets": [{"target": "b", "status": "success"}]}
    assert (api.status(), api.subtasks()) == ("Processing", {"c": "Success", "b": "Processing", "a": "Fail"})


def test_a_stopped_subtask_of_a_stopped_task_can_not_be_retried(api: Api) -> None:
    """Section 3.4: the most important fact of the API."""
    api.put(status="Stopped")
    assert api.refused("retry", {"targets": ["a"]}) == REFUSED


def test_a_retried_device_works_again(api: Api) -> None:
    api.put(status="Fail", runs_for=10)
    api.act("retry")
    api.model.advance(10)
    assert api.status() == "Success"


def test_switch_retry_fails_again(api: Api) -> None:
    api.model.set_switches({"retry_fails_again": True})
    api.put(status="PartialSuccess", subtasks={"a": "Fail", "b": "Success"})
    assert api.act("retry")["targets"] == [{"target": "a", "status": "success"}]
    assert api.status() == "PartialSuccess"
    assert [step["status"] for step in api.truth()["history"]] == ["PartialSuccess", "Processing", "PartialSuccess"]


@pytest.mark.parametrize(
    ("position", "code", "history"),
    [("accepted", 200, ["Fail"]), ("refused", 403, ["Fail"]), ("fails_again", 200, ["Fail", "Processing", "Fail"])],
)
def test_switch_retry_nothing(api: Api, position: str, code: int, history: list[str]) -> None:
    api.model.set_switches({"retry_nothing": position})
    api.put(status="Fail", subtasks={}, status_desc="no such group")
    assert send(api, "retry") == code
    assert (api.task()["status_desc"], [step["status"] for step in api.truth()["history"]]) == ("no such group", history)


@pytest.mark.parametrize("action", ["stop", "retry"])
def test_switch_module_upgrade(api: Api, action: str) -> None:
    api.model.set_switches({"module_upgrade": "accepted"})
    api.put(status="Processing", task_type="moduleUpgrade", subtasks={"a": "Processing", "b": "Fail"})
    assert send(api, action) == 200


# --- confirm ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", ["Waitting", "Processing"])
def test_switch_held_status(api: Api, held: str) -> None:
    api.model.set_switches({"held_status": held, "initializing": 0})
    task = create(api, need_confirm=True)
    assert (api.status(task), api.counted(task)) == (held, {"total": 2, "waitting": 2})
    api.act("confirm", task=task)
    assert (api.status(task), api.counted(task)) == ("Processing", {"total": 2, "processing": 2})


def test_confirm_of_one_target_leaves_the_others_held(api: Api) -> None:
    api.put(status="Waitting", need_confirm=True)
    assert api.act("confirm", {"targets": ["a"]}) == {"targets": [{"target": "a", "status": "success"}]}
    assert (api.status(), api.counted()) == ("Processing", {"total": 3, "processing": 1, "waitting": 2})
    api.act("confirm")
    assert api.counted() == {"total": 3, "processing": 3}


def test_need_confirm_stays_true(api: Api) -> None:
    api.put(status="Waitting", need_confirm=True)
    api.act("confirm")
    assert api.task()["need_confirm"] is True


def test_a_held_task_is_stopped(api: Api) -> None:
    api.put(status="Waitting", need_confirm=True)
    api.act("stop")
    assert api.statuses(2) == ["Stopping", "Stopped"]


def test_confirm_does_not_hurry_a_schedule(api: Api) -> None:
    api.put(status="Waitting", need_confirm=True, starts_in=60)
    api.act("confirm")
    assert api.status() == "Waitting"


@pytest.mark.parametrize(("position", "code"), [("accepted", 200), ("refused", 403)])
@pytest.mark.parametrize("need_confirm", [True, False])
def test_switch_confirm_unheld(api: Api, position: str, code: int, need_confirm: bool) -> None:
    api.model.set_switches({"confirm_unheld": position})
    api.put(status="Processing", need_confirm=need_confirm)
    assert send(api, "confirm") == code
    assert api.status() == "Processing"


def test_switch_confirm_exists(api: Api) -> None:
    api.model.set_switches({"confirm_exists": False})
    api.put(status="Waitting", need_confirm=True)
    assert api.refused("confirm") == (404, "IOTDA.000029")
    assert api.status() == "Waitting"


# --- what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "text"), [(403, "Operation not allowed. emulator: "), (400, "Invalid input. emulator: "), (200, "Operation not allowed. ")]
)
def test_switch_refused_status(api: Api, position: int, text: str) -> None:
    api.model.set_switches({"refused_status": position})
    api.put(status="Stopped")
    reply = api.ask("POST", f"/{T}/stop", {})
    assert (reply.status, json.loads(reply.body)["error_code"]) == (position, "IOTDA.0142XX")
    assert json.loads(reply.body)["error_msg"].startswith(text)


# --- others act -----------------------------------------------------------------------------------------------------------


def test_somebody_else_stops_the_task(api: Api) -> None:
    api.put()
    api.model.act(T, "stop", {})
    assert api.statuses(2) == ["Stopping", "Stopped"]
    assert api.truth()["history"][1]["cause"] == "outside stop"


def test_somebody_else_stops_one_device(api: Api) -> None:
    api.put()
    api.model.act(T, "stop", {"targets": ["a"]})
    assert (api.status(), api.subtasks()["a"]) == ("Processing", "Stopped")


def test_somebody_else_confirms(api: Api) -> None:
    api.put(status="Waitting", need_confirm=True)
    api.model.act(T, "confirm", {})
    assert api.status() == "Processing"


def test_somebody_else_retries(api: Api) -> None:
    api.put(status="Fail")
    api.model.act(T, "retry", {})
    assert api.status() == "Processing"


def test_somebody_else_deletes(api: Api) -> None:
    api.put(status="Processing")
    api.model.act(T, "delete", {})
    assert api.error("GET", f"/{T}")[0] == 404


@pytest.mark.parametrize(("order", "status"), [("finish", "Success"), ("fail", "Fail"), ("remove", "Fail")])
def test_all_devices_at_once(api: Api, order: str, status: str) -> None:
    api.put()
    api.model.act(T, order, {})
    assert api.status() == status


def test_a_device_that_fails_says_why(api: Api) -> None:
    api.put(targets=["a"])
    api.model.act(T, "fail", {"target": "a", "error": {"error_code": "IOTDA.1", "error_msg": "Task Conflict"}})
    assert api.show()["task_details"] == [
        {"target": "a", "status": "Fail", "error": {"error_code": "IOTDA.1", "error_msg": "Task Conflict"}}
    ]


def test_a_device_that_waits_for_its_retry(api: Api) -> None:
    api.put(targets=["a"])
    api.model.act(T, "fail_wait", {"target": "a"})
    assert (api.status(), api.subtasks()) == ("Processing", {"a": "FailWaitRetry"})


@pytest.mark.parametrize("state", ["Initializing", "Waitting"])
def test_what_is_awaited_comes_now(api: Api, state: str) -> None:
    api.model.set_switches({"initializing": 3600})
    api.put(status=state)
    api.model.act(T, "start", {})
    assert api.status() == "Processing"


def test_a_device_that_is_set_to_work_again_comes_to_its_end(api: Api) -> None:
    api.put(subtasks={"a": "Waitting", "b": "Success"}, runs_for=5)
    api.model.act(T, "set", {"status": "Processing", "target": "a"})
    api.model.advance(5)
    assert api.status() == "Success"


def test_somebody_else_can_not_do_what_is_refused(api: Api) -> None:
    api.put(status="Stopped")
    with pytest.raises(BadOrder, match="retry is not possible in state Stopped"):
        api.model.act(T, "retry", {})


def test_any_state_can_be_set(api: Api) -> None:
    api.put()
    api.model.act(T, "set", {"status": "Frobnicating", "status_desc": "odd"})
    api.model.act(T, "set", {"status": "Strange", "target": "a"})
    assert (api.status(), api.task()["status_desc"], api.subtasks()["a"]) == ("Frobnicating", "odd", "Strange")
    assert api.refused("stop") == REFUSED
