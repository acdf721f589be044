# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: what becomes of tasks by themselves and with time: stops, plans, samples, archiving (hitachi.md, sections 4 to 6)."""

from __future__ import annotations

import pytest

from tests.unit.emulator.hitachi.api import CONFLICT, NOT_THERE, Api, S, T, error_of

DAY = 86400


def put_plan(api: Api, status: str = "waiting", **more: object) -> None:
    """A recurring schedule, hourly."""
    api.put(status, scheduleType="recurrence", **{"repeat_every": 3600, "starts_in": 600, **more})


def newest(api: Api) -> int:
    return max(api.ids())


# --- stop ----------------------------------------------------------------------------------------------------------------------


def test_a_stop_may_take_seconds(api: Api) -> None:
    api.put("inProgress", stop_takes=60)
    api.act("stop")
    assert api.statuses(3) == ["terminating"] * 3
    api.model.advance(60)
    assert api.status() == "failed"


def test_a_stop_may_end_in_success(api: Api) -> None:
    api.put("inProgress")
    api.model.set_switches({"stop_ends": "completed"})
    api.act("stop")
    assert api.statuses(2) == ["terminating", "completed"]


def test_a_forced_stop_always_ends_in_failure(api: Api) -> None:
    api.put("inProgress", stop_ends="completed")
    api.act("forceStop")
    assert api.statuses(2) == ["terminating", "failed"]


def test_a_forced_stop_where_it_is_taken_cuts_a_slow_stop_short(api: Api) -> None:
    api.put("inProgress", stop_takes=DAY)
    api.model.set_switches({"force_stop_terminating": "accepted"})
    api.act("stop")
    assert api.statuses(2) == ["terminating"] * 2
    api.act("forceStop")
    assert api.statuses(2) == ["terminating", "failed"]


def test_a_stop_can_take_no_time_at_all(api: Api) -> None:
    api.put("inProgress")
    api.model.set_switches({"stop_takes": 0})
    api.act("stop")
    assert api.status() == "failed"


def test_a_stopped_task_does_not_end_once_more(api: Api) -> None:
    api.put("inProgress", runs_for=10, stop_takes=5)
    api.act("stop")
    api.model.advance(100)
    assert [row["status"] for row in api.truth()["history"]] == ["inProgress", "terminating", "failed"]


def test_a_task_may_end_while_it_is_being_stopped(api: Api) -> None:
    api.put("inProgress", stop_takes=60)
    api.act("stop")
    api.model.act(str(T), "complete", {})
    assert api.status() == "completed"


# --- by itself -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["completed", "failed"])
@pytest.mark.parametrize("status", ["inProgress", "abnormalityDetected", "longRunning"])
def test_a_run_ends_after_its_time(api: Api, status: str, end: str) -> None:
    api.put(status, runs_for=30, ends_with=end)
    api.model.advance(29)
    assert api.status() == status
    api.model.advance(1)
    assert api.status() == end


def test_a_run_may_end_after_so_many_reads(api: Api) -> None:
    api.put("inProgress", runs_for="2 reads")
    assert api.statuses(3) == ["inProgress", "inProgress", "completed"]


def test_a_list_counts_as_a_read(api: Api) -> None:
    api.put("inProgress", runs_for="1 read")
    assert [api.find()["data"][0]["status"] for _time in range(2)] == ["inProgress", "completed"]


def test_a_run_that_takes_long_says_so_and_still_ends(api: Api) -> None:
    api.put("inProgress", long_after=10, runs_for=30)
    api.model.advance(10)
    assert api.status() == "longRunning"
    api.model.advance(20)
    assert api.status() == "completed"


def test_a_task_that_waits_for_input_does_not_go_on(api: Api) -> None:
    api.put("inProgress", runs_for=30)
    api.model.act(str(T), "wait_input", {})
    api.model.advance(DAY)
    assert api.status() == "waitingForInput"
    api.act("response")
    api.model.advance(30)
    assert api.status() == "completed"


# --- planned runs --------------------------------------------------------------------------------------------------------------


def test_a_planned_run_starts_at_its_time(api: Api) -> None:
    api.put("waiting", starts_in=600)
    api.model.advance(599)
    assert (api.status(), api.show()["startTime"]) == ("waiting", None)
    api.model.advance(1)
    task = api.show()
    assert (task["status"], task["startTime"]) == ("inProgress", task["scheduledStartTime"])


def test_a_suspended_run_does_not_start(api: Api) -> None:
    api.put("waiting", starts_in=600)
    api.act("suspend")
    api.model.advance(DAY)
    assert api.status() == "suspended"


def test_resumed_before_its_time_it_waits_and_then_starts(api: Api) -> None:
    api.put("suspended", starts_in=600)
    api.act("resume")
    assert api.status() == "waiting"
    api.model.advance(600)
    assert api.status() == "inProgress"


def test_resumed_after_its_time_it_starts_at_once(api: Api) -> None:
    api.put("suspended", starts_in=600)
    api.model.advance(601)
    api.act("resume")
    assert api.status() == "inProgress"


def test_resumed_after_its_time_a_short_one_may_have_ended_before_anybody_looks(api: Api) -> None:
    api.put("suspended", starts_in=0, runs_for=0)
    api.act("resume")
    assert api.status() == "completed"


def test_a_plan_that_was_past_when_it_was_put_waits_for_ever(api: Api) -> None:
    api.put("waiting", scheduledStartTime="2014-07-14T13:44:30.500+0900")
    api.model.advance(DAY)
    assert api.status() == "waiting"


def test_a_canceled_run_never_happens(api: Api) -> None:
    api.put("waiting", starts_in=600)
    api.act("cancel")
    api.model.advance(DAY)
    task = api.show()
    assert (task["status"], task["startTime"]) == ("canceled", None)


# --- recurring schedules -------------------------------------------------------------------------------------------------------


def test_the_next_run_is_a_new_task_on_the_same_schedule_once_the_present_one_has_ended(api: Api) -> None:
    put_plan(api, runs_for=60)
    api.model.advance(600)
    assert api.ids() == [T]
    api.model.advance(60)
    first, second = api.find()["data"]
    assert (first["status"], second["status"]) == ("completed", "waiting")
    assert first["instanceID"] != second["instanceID"]
    assert first["scheduleID"] == second["scheduleID"] == S
    api.model.advance(3600 - 60)
    assert api.status(second["instanceID"]) == "inProgress"


def test_a_run_that_takes_longer_than_the_interval_misses_a_turn(api: Api) -> None:
    put_plan(api, runs_for=5000)
    api.model.advance(600 + 5000)
    left = api.truth(newest(api))["starts_in"]
    assert left == pytest.approx(2 * 3600 - 5000)


def test_where_the_next_run_appears_at_the_start_it_can_be_suspended_during_the_run(api: Api) -> None:
    api.model.set_switches({"next_run_appears": "start"})
    put_plan(api)
    api.model.advance(600)
    api.act("suspend")
    assert (api.status(), api.status(newest(api))) == ("inProgress", "suspended")


def test_otherwise_a_schedule_whose_run_is_in_progress_cannot_be_suspended(api: Api) -> None:
    put_plan(api)
    api.model.advance(600)
    assert error_of(api.invoke("suspend")) == CONFLICT


def test_a_stop_ends_only_this_run(api: Api) -> None:
    put_plan(api, "inProgress")
    api.act("stop")
    assert api.statuses(2) == ["terminating", "failed"]
    assert api.status(newest(api)) == "waiting"


def test_a_cancel_ends_all_following_runs(api: Api) -> None:
    put_plan(api)
    api.act("cancel")
    api.model.advance(10 * DAY // 2)
    assert api.ids() == [T]


def test_a_retried_run_counts_as_immediate_and_keeps_its_id_and_start_time(api: Api) -> None:
    put_plan(api, "failed", startTime="2015-08-07T18:59:01.000+0900")
    api.act("rerunStart")
    task = api.show()
    assert (task["status"], task["scheduleType"], task["completionTime"]) == ("inProgress", "immediate", None)
    assert task["startTime"] == "2015-08-07T18:59:01.000+0900"


def test_the_end_of_a_retried_run_makes_no_further_task(api: Api) -> None:
    put_plan(api, "inProgress")
    api.model.act(str(T), "fail", {})
    assert len(api.ids()) == 2
    api.act("rerunStart")
    api.model.act(str(T), "complete", {})
    assert len(api.ids()) == 2


def test_resubmit_makes_a_new_task_with_a_new_id(api: Api) -> None:
    api.put("failed")
    job = api.act("resubmit")
    new = newest(api)
    assert job["affectedResource"] == [f"http://jp1:22015/Automation/v1/objects/Tasks/{new}"]
    assert (api.status(), api.status(new)) == ("failed", "inProgress")


# --- samples (section 6, 2) ----------------------------------------------------------------------------------------------------


def test_reads_show_the_last_sample(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30})
    api.put("waiting", starts_in=3600)
    api.model.advance(10)
    api.act("suspend")
    assert (api.status(), api.truth()["status"]) == ("waiting", "suspended")
    api.model.advance(19)
    assert api.status() == "waiting"
    api.model.advance(1)
    assert api.status() == "suspended"


def test_a_short_status_is_never_seen(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30, "stop_takes": 5})
    api.put("inProgress")
    api.model.advance(1)
    api.act("stop")
    seen = set()
    for _second in range(35):
        seen.add(api.status())
        api.model.advance(1)
    assert seen == {"inProgress", "failed"}


def test_a_sample_is_whole(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30})
    api.put("inProgress")
    api.model.advance(1)
    api.model.act(str(T), "complete", {})
    assert api.show()["completionTime"] is None
    api.model.advance(29)
    assert api.show()["completionTime"]


def test_what_is_refused_is_judged_by_the_truth_and_not_by_the_sample(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30})
    api.put("inProgress")
    api.model.advance(1)
    api.model.act(str(T), "complete", {})
    assert api.status() == "inProgress"
    assert error_of(api.invoke("stop")) == CONFLICT


def test_the_list_is_as_old_as_the_single_read(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30})
    api.put("waiting", starts_in=3600)
    api.model.advance(1)
    api.act("cancel")
    assert api.find()["data"][0]["status"] == "waiting"


def test_reads_of_an_old_sample_do_not_count_for_the_new_status(api: Api) -> None:
    api.model.set_switches({"sampling_interval": 30, "stop_takes": "1 read"})
    api.put("inProgress")
    api.model.advance(1)
    api.act("stop")
    assert api.statuses(3) == ["inProgress"] * 3
    api.model.advance(29)
    assert api.status() == "terminating"


# --- when an action takes hold -------------------------------------------------------------------------------------------------


def test_an_action_may_take_hold_later(api: Api) -> None:
    api.model.set_switches({"action_delay": 10})
    api.put("waiting", starts_in=3600)
    api.act("suspend")
    assert api.status() == "waiting"
    api.model.advance(10)
    assert api.status() == "suspended"


def test_an_action_that_comes_too_late_is_lost(api: Api) -> None:
    api.model.set_switches({"action_delay": 10})
    api.put("waiting", starts_in=5)
    api.act("suspend")
    api.model.advance(10)
    assert api.status() == "inProgress"


@pytest.mark.parametrize("position", [True, "suspend"])
def test_an_accepted_action_may_do_nothing(api: Api, position: object) -> None:
    api.model.set_switches({"ignore_action": position})
    api.put("waiting", starts_in=3600)
    api.act("suspend")
    assert api.status() == "waiting"


# --- how tasks leave the list (section 6, 4) -----------------------------------------------------------------------------------


def test_an_archived_task_moves_to_the_histories_under_another_id(api: Api) -> None:
    api.put("failed")
    api.act("archive")
    assert error_of(api.ask("GET", f"/Tasks/{T}")) == NOT_THERE
    (row,) = api.find("TaskHistories", hql_filter=f"taskID = {T}")["data"]
    assert (row["taskID"], row["status"]) == (T, "failed")
    assert row["archiveTime"] and row["instanceID"] != T


def test_ended_tasks_are_archived_by_themselves_after_seven_days(api: Api) -> None:
    api.put("inProgress", runs_for=10)
    api.model.advance(10 + 7 * DAY - 1)
    assert api.ids() == [T]
    api.model.advance(1)
    assert (api.ids(), api.find("TaskHistories")["count"]) == ([], 1)


def test_a_shorter_time_holds_also_for_tasks_that_have_ended_already(api: Api) -> None:
    api.put("completed")
    api.model.set_switches({"auto_archive_after": 60})
    api.model.advance(60)
    assert api.ids() == []


def test_without_automatic_archiving_they_stay(api: Api) -> None:
    api.model.set_switches({"auto_archive_after": None})
    api.put("completed")
    api.model.advance(100 * DAY)
    assert api.ids() == [T]


def test_a_retried_task_is_not_archived_while_it_runs(api: Api) -> None:
    api.put("failed")
    api.act("rerunStart")
    api.model.advance(8 * DAY)
    assert api.status() == "inProgress"


def test_a_debug_task_leaves_no_history(api: Api) -> None:
    api.put("completed", serviceState="debug")
    api.model.act(str(T), "archive", {})
    assert (api.ids(), api.find("TaskHistories")["count"]) == ([], 0)


def test_a_task_may_vanish_without_a_trace(api: Api) -> None:
    api.put("inProgress", runs_for=10)
    api.model.act(str(T), "delete", {})
    api.model.advance(DAY)
    assert (api.ids(), api.find("TaskHistories")["count"]) == ([], 0)


def test_the_schedule_of_an_archived_task_takes_no_action_any_more(api: Api) -> None:
    api.put("completed")
    api.act("archive")
    assert error_of(api.invoke("suspend")) == CONFLICT


# --- restart of the service (section 4.2) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["inProgress", "waitingForInput", "abnormalityDetected", "terminating", "longRunning"])
def test_a_restart_makes_failures_of_what_ran(api: Api, status: str) -> None:
    api.put(status, stop_takes=DAY)
    api.model.act(str(T), "restart", {})
    assert api.status() == "failed"


@pytest.mark.parametrize("status", ["waiting", "suspended", "completed", "failed", "canceled"])
def test_a_restart_leaves_the_others_alone(api: Api, status: str) -> None:
    api.put(status, starts_in=3600)
    api.model.act(str(T), "restart", {})
    assert api.status() == status


def test_a_restart_starts_what_was_due(api: Api) -> None:
    api.put("waiting", scheduledStartTime="2014-07-14T13:44:30.500+0900")
    api.model.act(str(T), "restart", {})
    assert api.status() == "inProgress"
