# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIAS: how tasks go from state to state, and when readers see it (vendors/huawei_vias.md, section 4)."""

from __future__ import annotations

import pytest

from tests.unit.emulator.huawei.world import Api

# --- the way of an action -----------------------------------------------------------------------------------------------


def test_start_takes_a_poll_each(api: Api) -> None:
    api.put("STOPPED")
    api.act("start")
    assert api.states(4) == ["PENDING", "STARTING", "RUNNING", "RUNNING"]


def test_stop_takes_a_poll(api: Api) -> None:
    api.put("RUNNING")
    api.act("stop")
    assert api.states(3) == ["STOPPING", "STOPPED", "STOPPED"]


def test_polls_of_the_list_count_too(api: Api) -> None:
    api.put("STOPPED")
    api.act("start")
    assert [api.listed()[0]["state"] for _time in range(3)] == ["PENDING", "STARTING", "RUNNING"]


def test_a_filter_that_leaves_a_task_out_is_no_poll_of_it(api: Api) -> None:
    api.put("STOPPED")
    api.act("start")
    for _time in range(3):
        assert api.listed(task_state="RUNNING") == []
    assert api.state() == "PENDING"


def test_steps_by_seconds(api: Api) -> None:
    api.model.set_switches({"start_steps": [["PENDING", 2], ["SCHEDULING", 1], ["STARTING", 4]], "stop_steps": [["STOPPING", 3]]})
    api.put("STOPPED")
    api.act("start")
    seen = []
    for _second in range(8):
        seen.append(api.state())
        api.model.advance(1)
    assert seen == ["PENDING", "PENDING", "SCHEDULING", "STARTING", "STARTING", "STARTING", "STARTING", "RUNNING"]
    api.act("stop")
    api.model.advance(2.9)
    assert api.state() == "STOPPING"
    api.model.advance(0.1)
    assert api.state() == "STOPPED"


def test_no_steps_at_all(api: Api) -> None:
    api.model.set_switches({"start_steps": [], "stop_steps": []})
    api.put("STOPPED")
    api.act("start")
    assert api.state() == "RUNNING"
    api.act("stop")
    assert api.state() == "STOPPED"


def test_a_stop_overtakes_a_start(api: Api) -> None:
    api.put("STOPPED")
    api.act("start")
    api.act("stop")
    assert api.states(3) == ["STOPPING", "STOPPED", "STOPPED"]


@pytest.mark.parametrize("end", ["START_FAILED", "LACK_OF_RESOURCES", "FAILED"])
def test_a_start_that_fails_says_why(api: Api, end: str) -> None:
    api.model.set_switches({"start_ends": end})
    api.put("STOPPED")
    api.act("start")
    assert api.states(3) == ["PENDING", "STARTING", end]
    task = api.show()
    assert task["status"]
    assert set(task["error"]) == {"code", "message"}


def test_one_task_may_have_its_own_end_and_its_own_words(api: Api) -> None:
    api.put("STOPPED", start_ends="START_FAILED", trouble={"status": "no camera", "error": {"code": "X", "message": "y"}})
    api.act("start")
    api.states(2)
    task = api.show()
    assert (task["state"], task["status"], task["error"]) == ("START_FAILED", "no camera", {"code": "X", "message": "y"})


def test_the_words_of_a_failure_go_with_it(api: Api) -> None:
    api.put("START_FAILED")
    assert "status" in api.show()
    api.act("start")
    assert not {"status", "error"} & set(api.show())


@pytest.mark.parametrize("end", ["SUCCEEDED", "FAILED", "STOPPED_NO_SERVICE", "RUNNING"])
def test_a_stop_that_ends_otherwise(api: Api, end: str) -> None:
    api.model.set_switches({"stop_ends": end})
    api.put("RUNNING")
    api.act("stop")
    assert api.states(2) == ["STOPPING", end]


# --- stale reads ----------------------------------------------------------------------------------------------------------


def test_the_state_before_is_still_read_for_a_while(api: Api) -> None:
    api.model.set_switches({"change_delay": "2 reads"})
    api.put("STOPPED")
    api.act("start")
    assert api.states(5) == ["STOPPED", "STOPPED", "PENDING", "STARTING", "RUNNING"]


def test_the_state_before_is_still_read_for_some_seconds(api: Api) -> None:
    api.model.set_switches({"change_delay": 3})
    api.put("RUNNING")
    api.act("stop")
    api.model.advance(2.9)
    assert api.state() == "RUNNING"
    api.model.advance(0.1)
    assert api.states(2) == ["STOPPING", "STOPPED"]


def test_a_stale_task_judges_actions_by_the_truth(api: Api) -> None:
    api.model.set_switches({"change_delay": 60})
    api.put("STOPPED")
    assert [api.act("start").status for _time in range(2)] == [200, 500]
    assert (api.state(), api.truth()["state"]) == ("STOPPED", "PENDING")


def test_the_list_may_be_staler_than_the_detail(api: Api) -> None:
    api.model.set_switches({"list_lag": 10, "stop_steps": []})
    api.put("RUNNING")
    api.act("stop")
    assert (api.state(), api.listed()[0]["state"]) == ("STOPPED", "RUNNING")
    assert api.listed(task_state="RUNNING") != []
    api.model.advance(10)
    assert api.listed()[0]["state"] == "STOPPED"


def test_the_list_may_be_staler_by_reads(api: Api) -> None:
    api.model.set_switches({"list_lag": "1 read"})
    api.put("RUNNING")
    api.act("stop")
    assert [api.listed()[0]["state"] for _time in range(4)] == ["RUNNING", "STOPPING", "STOPPING", "STOPPED"]


# --- by themselves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "states"), [
    ("PENDING", ["PENDING", "STARTING", "RUNNING"]),
    ("STARTING", ["STARTING", "RUNNING"]),
    ("SCHEDULING", ["SCHEDULING", "SCHEDULING", "RUNNING"]),
    ("STOPPING", ["STOPPING", "STOPPED"]),
    ("RECOVERING", ["RECOVERING", "RECOVERING", "RUNNING"]),
    ("UPGRADING", ["UPGRADING", "UPGRADING", "RUNNING"]),
    ("FREEZING", ["FREEZING", "FREEZING", "FROZEN", "FROZEN"]),
    ("ABNORMAL", ["ABNORMAL", "ABNORMAL", "ABNORMAL"]),
    ("FROZEN", ["FROZEN", "FROZEN"]),
    ("RUNNING", ["RUNNING", "RUNNING"]),
])  # fmt: skip
def test_what_becomes_of_a_state_that_was_put(api: Api, state: str, states: list[str]) -> None:
    api.put(state)
    assert api.states(len(states)) == states


def test_a_transient_state_can_be_made_to_stay(api: Api) -> None:
    api.put("PENDING", then=[])
    api.model.advance(3600)
    assert api.states(9) == ["PENDING"] * 9


def test_a_task_can_be_given_its_future(api: Api) -> None:
    api.put("ABNORMAL", then=[["1 read", "RECOVERING"], [5, "RUNNING"], [10, "GONE"]])
    assert api.states(2) == ["ABNORMAL", "RECOVERING"]
    api.model.advance(5)
    assert api.state() == "RUNNING"
    api.model.advance(10)
    assert api.ask("GET", "/tasks/T").code == "VIAS.00010007"


def test_an_abnormal_task_may_restore_itself(api: Api) -> None:
    api.model.set_switches({"abnormal_restores": "1 read"})
    api.put("ABNORMAL")
    assert api.states(2) == ["ABNORMAL", "RUNNING"]


def test_an_upgrading_task_takes_a_stop_once_it_is_done(api: Api) -> None:
    api.put("UPGRADING", then=[[30, "RUNNING"]])
    assert api.act("stop").status == 500
    api.model.advance(30)
    assert api.act("stop").status == 200


@pytest.mark.parametrize("end", ["SUCCEEDED", "FAILED"])
def test_a_finite_input_ends_by_itself(api: Api, end: str) -> None:
    api.put("STOPPED", runs_for=60, ends_with=end)
    api.act("start")
    assert api.states(3) == ["PENDING", "STARTING", "RUNNING"]
    api.model.advance(60)
    assert api.state() == end


def test_a_short_input_may_end_before_the_first_look(api: Api) -> None:
    api.model.set_switches({"start_steps": []})
    api.put("STOPPED", runs_for=0)
    api.act("start")
    assert api.state() == "SUCCEEDED"


def test_a_stopped_finite_input_does_not_end(api: Api) -> None:
    api.put("RUNNING", runs_for=60)
    api.act("stop")
    api.model.advance(60)
    assert api.states(2) == ["STOPPING", "STOPPED"]


# --- times ------------------------------------------------------------------------------------------------------------------


def test_updated_at_moves_with_each_change_of_state(api: Api) -> None:
    api.model.set_switches({"start_steps": [["PENDING", 1], ["STARTING", 1]]})
    api.put("STOPPED", updated_at="2024-01-15T09:00:00Z")
    times = [api.show()["updated_at"]]
    api.act("start")
    for _second in range(3):
        times.append(api.show()["updated_at"])
        api.model.advance(1)
    assert times == sorted(set(times))


def test_updated_at_stands_still_with_the_state(api: Api) -> None:
    api.put("RUNNING", updated_at="2024-01-15T09:00:00Z")
    api.model.advance(60)
    assert api.show()["updated_at"] == "2024-01-15T09:00:00Z"


def test_the_history_tells_what_happened_and_why(api: Api) -> None:
    api.put("RUNNING")
    api.act("stop")
    api.states(2)
    told = [(entry["state"], entry["cause"]) for entry in api.truth()["history"]]
    assert told == [("RUNNING", "put"), ("STOPPING", "stop"), ("STOPPED", "by itself")]
