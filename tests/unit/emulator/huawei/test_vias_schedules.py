# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIAS: tasks with a weekly plan (vendors/huawei_vias.md, section 4, scheduled tasks)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.clock import Clock
from tests.emulator.vendors._huawei_schedule import Weekly
from tests.emulator.vendors.huawei import Huawei
from tests.unit.emulator.huawei.world import Api

HOUR = 3600
# A Monday, 08:00 in the plan's zone.
MONDAY_8 = 1705276800.0
PLAN = {
    "type": "weekly",
    "timezone": "+08:00",
    "days_of_week": [1, 2, 3, 4, 5],
    "periods": [[{"begin_at": "09:00:00", "end_at": "17:00:00"}]],
}


@pytest.fixture
def at_8() -> Api:
    switches = {"clock": "manual", "start_steps": [], "stop_steps": [], "token_ttl": 10**6}
    return Api(Huawei(switches=switches, clock=Clock(wall=lambda: MONDAY_8), seed=1))


def put(api: Api, state: str, status: str, **more: Any) -> None:
    api.put(state, schedule=PLAN, schedule_status=status, **more)


def seen(api: Api) -> tuple[str, str]:
    task = api.show()
    return task["state"], task["schedule_status"]


def test_an_active_plan_starts_and_stops_its_task(at_8: Api) -> None:
    put(at_8, "STOPPED", "ACTIVATED")
    states = []
    for _hour in range(26):
        states.append(at_8.state())
        at_8.model.advance(HOUR)
    assert states == ["STOPPED"] + ["RUNNING"] * 8 + ["STOPPED"] * 16 + ["RUNNING"]


def test_an_inactive_plan_does_nothing(at_8: Api) -> None:
    put(at_8, "STOPPED", "INACTIVATED")
    at_8.model.advance(2 * HOUR)
    assert seen(at_8) == ("STOPPED", "INACTIVATED")


def test_start_outside_the_hours_activates_only(at_8: Api) -> None:
    put(at_8, "STOPPED", "INACTIVATED")
    assert at_8.act("start").status == 200
    assert seen(at_8) == ("STOPPED", "ACTIVATED")
    at_8.model.advance(HOUR)
    assert seen(at_8) == ("RUNNING", "ACTIVATED")


def test_start_in_the_hours_runs_at_once(at_8: Api) -> None:
    at_8.model.advance(2 * HOUR)
    put(at_8, "STOPPED", "INACTIVATED")
    at_8.act("start")
    assert seen(at_8) == ("RUNNING", "ACTIVATED")


def test_stop_in_the_hours_deactivates(at_8: Api) -> None:
    put(at_8, "STOPPED", "ACTIVATED")
    at_8.model.advance(2 * HOUR)
    assert at_8.act("stop").status == 200
    assert seen(at_8) == ("STOPPED", "INACTIVATED")
    at_8.model.advance(24 * HOUR)
    assert seen(at_8) == ("STOPPED", "INACTIVATED")


def test_stop_outside_the_hours_deactivates_too(at_8: Api) -> None:
    put(at_8, "STOPPED", "ACTIVATED")
    assert at_8.act("stop").status == 200
    at_8.model.advance(2 * HOUR)
    assert seen(at_8) == ("STOPPED", "INACTIVATED")


def test_stop_of_what_is_stopped_and_not_active_is_refused(at_8: Api) -> None:
    put(at_8, "STOPPED", "INACTIVATED")
    assert at_8.act("stop").status == 500


@pytest.mark.parametrize(("position", "status"), [("refused", 500), ("no_effect", 200)])
def test_start_of_a_task_that_waits_for_its_hour(at_8: Api, position: str, status: int) -> None:
    at_8.model.set_switches({"start_running": position})
    put(at_8, "STOPPED", "ACTIVATED")
    assert (at_8.act("start").status, seen(at_8)) == (status, ("STOPPED", "ACTIVATED"))


@pytest.mark.parametrize("idle", ["PENDING", "SCHEDULING"])
def test_another_state_outside_the_hours(at_8: Api, idle: str) -> None:
    at_8.model.set_switches({"schedule_idle_state": idle})
    put(at_8, "STOPPED", "INACTIVATED")
    at_8.act("start")
    assert at_8.states(3) == [idle] * 3
    at_8.model.advance(HOUR)
    assert at_8.state() == "RUNNING"
    at_8.model.advance(8 * HOUR)
    assert at_8.states(3) == [idle] * 3
    at_8.act("stop")
    assert seen(at_8) == ("STOPPED", "INACTIVATED")


def test_start_and_stop_may_leave_the_plan_alone(at_8: Api) -> None:
    at_8.model.set_switches({"schedule_meaning": "ignored"})
    put(at_8, "STOPPED", "INACTIVATED")
    at_8.act("start")
    assert seen(at_8) == ("RUNNING", "INACTIVATED")
    at_8.act("stop")
    assert seen(at_8) == ("STOPPED", "INACTIVATED")


def test_both_changes_of_an_action_show_together(at_8: Api) -> None:
    at_8.model.set_switches({"change_delay": "1 read"})
    at_8.model.advance(2 * HOUR)
    put(at_8, "STOPPED", "INACTIVATED")
    at_8.act("start")
    assert [seen(at_8) for _time in range(2)] == [("STOPPED", "INACTIVATED"), ("RUNNING", "ACTIVATED")]


def test_the_list_knows_no_plan(at_8: Api) -> None:
    put(at_8, "STOPPED", "ACTIVATED")
    assert not {"schedule", "schedule_status"} & set(at_8.listed()[0])


# --- the plan itself ------------------------------------------------------------------------------------------------------


def test_each_day_may_have_its_own_periods() -> None:
    weekly = Weekly(
        {
            "timezone": "+08:00",
            "days_of_week": [1, 2],
            "periods": [[{"begin_at": "09:00:00", "end_at": "10:00:00"}], [{"begin_at": "07:00:00", "end_at": "08:30:00"}]],
        }
    )
    hours = [hour for hour in range(48) if weekly.runs_at(MONDAY_8 + hour * HOUR)]
    assert hours == [1, 23, 24]


def test_days_that_adjoin_run_through() -> None:
    whole = [{"begin_at": "00:00:00", "end_at": "23:59:00"}]
    weekly = Weekly({"timezone": "+08:00", "days_of_week": [1, 2], "periods": [whole]})
    midnight = MONDAY_8 + 16 * HOUR
    assert [weekly.runs_at(midnight + seconds) for seconds in (-61, -30, 0)] == [True, True, True]
    assert [weekly.runs_at(midnight + 24 * HOUR + seconds) for seconds in (-61, -30, 0)] == [True, False, False]


def test_a_plan_without_a_gap_never_changes() -> None:
    whole = [{"begin_at": "00:00:00", "end_at": "23:59:00"}]
    weekly = Weekly({"timezone": "+08:00", "days_of_week": [1, 2, 3, 4, 5, 6, 7], "periods": [whole]})
    assert weekly.next_change(MONDAY_8) is None


def test_the_next_change_may_lie_days_ahead() -> None:
    assert Weekly(PLAN).next_change(MONDAY_8 + (4 * 24 + 10) * HOUR) == MONDAY_8 + (7 * 24 + 1) * HOUR
