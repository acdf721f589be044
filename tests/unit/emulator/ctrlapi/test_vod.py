# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vod dialect: vendors/ctrlapi.md, sections 3.7 to 3.10, 4.2 and 4.3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.unit.emulator.ctrlapi.api import SENT, UNAVAILABLE, Api

ALL = ["Scheduled", "Explore", "Running", "Completed", "Rejected", "Canceled", "Stalled"]


def switch(api: Api, **positions: Any) -> None:
    api.model.set_switches(positions)


def chain(api: Api, part: str = "all", task_id: int = 1) -> list[tuple[int, str]]:
    rows = api.result("TaskStatus", [task_id], restart_chain=part)
    assert {row["initial_task_id"] for row in rows} == {task_id}
    return [(row["task_id"], row["status"]) for row in rows]


# --- the way of a task by itself ----------------------------------------------------------------------------------------------


def test_from_the_queue_to_the_end(vod: Api) -> None:
    switch(vod, run_for="1 read")
    vod.put("Scheduled")
    assert vod.statuses(5) == ["Scheduled", "Explore", "Running", "Completed", "Completed"]


def test_each_part_of_the_way_takes_its_seconds(vod: Api) -> None:
    switch(vod, queue_for=10, explore_for=20, run_for=30)
    vod.put("Scheduled")
    vod.model.advance(3600)  # nobody looked meanwhile
    begin = vod.model.now - 3600
    assert [(round(step["at"] - begin), step["status"]) for step in vod.truth()["history"]] == [
        (0, "Scheduled"),
        (10, "Explore"),
        (30, "Running"),
        (60, "Completed"),
    ]


@pytest.mark.parametrize(("name", "state"), [("queue_for", "Scheduled"), ("explore_for", "Explore"), ("run_for", "Running")])
def test_a_state_that_lasts(vod: Api, name: str, state: str) -> None:
    switch(vod, **{name: None})
    vod.put(state)
    vod.model.advance(86400)
    assert vod.statuses(3) == [state] * 3


@pytest.mark.parametrize("end", ["Explore", "Running", "Rejected"])
def test_switch_queue_ends(vod: Api, end: str) -> None:
    switch(vod, queue_ends=end)
    vod.put("Scheduled")
    assert vod.statuses(2) == ["Scheduled", end]


@pytest.mark.parametrize("end", ["Running", "Rejected"])
def test_switch_explore_ends(vod: Api, end: str) -> None:
    switch(vod, explore_ends=end)
    vod.put("Explore")
    assert vod.statuses(2) == ["Explore", end]


def test_one_file_that_is_refused(vod: Api) -> None:
    vod.put("Scheduled", rejects="no such file")
    assert vod.statuses(3) == ["Scheduled", "Explore", "Rejected"]


@pytest.mark.parametrize("end", ["Completed", "Rejected"])
def test_how_one_task_ends(vod: Api, end: str) -> None:
    vod.put("Running", runs_for=5, ends_with=end)
    vod.model.advance(5)
    assert vod.status() == end


@pytest.mark.parametrize("state", ["Completed", "Rejected", "Canceled"])
def test_an_ended_task_stays_so(vod: Api, state: str) -> None:
    vod.put(state)
    vod.model.advance(86400)
    assert (vod.statuses(2), len(vod.model.tasks())) == ([state, state], 1)


def test_without_a_probe_the_queue_stands_still(vod: Api) -> None:
    vod.model.load([{"task_id": 1, "status": "Scheduled"}, {"task_id": 2, "status": "Completed", "app_id": 1},
                    {"task_id": 3, "status": "Completed", "app_id": 2}], keep=False)  # fmt: skip
    vod.model.act("2", "lose_probe", {})
    vod.model.act("3", "lose_probe", {})
    assert vod.statuses(3) == ["Scheduled"] * 3
    vod.model.act("3", "find_probe", {})
    assert vod.statuses(2) == ["Scheduled", "Explore"]
    assert vod.truth()["app_id"] == 2


def test_where_no_probe_is_listed_the_queue_goes_on(vod: Api) -> None:
    switch(vod, apps=[])
    vod.put("Scheduled")
    assert vod.statuses(2) == ["Scheduled", "Explore"]


def test_a_queued_task_whose_probe_went_away_gets_another(vod: Api) -> None:
    vod.put("Scheduled", app_id=1)
    vod.model.act("1", "lose_probe", {})
    assert vod.statuses(2) == ["Scheduled", "Explore"]
    assert vod.truth()["app_id"] == 2


# --- TaskStop -----------------------------------------------------------------------------------------------------------------


def test_a_stopped_task_is_canceled_later(vod: Api) -> None:
    switch(vod, stop_delay="2 reads")
    vod.put("Running")
    assert vod.act("TaskStop") == SENT
    assert vod.statuses(4) == ["Running", "Running", "Canceled", "Canceled"]


@pytest.mark.parametrize("state", [state for state in ALL if state != "Running"])
def test_only_running_tasks_can_be_stopped(vod: Api, state: str) -> None:
    vod.put(state, stays=True)
    assert vod.act("TaskStop") == UNAVAILABLE
    assert vod.statuses(2) == [state, state]


def test_an_unknown_id_is_answered_the_same(vod: Api) -> None:
    assert vod.act("TaskStop", 12345) == UNAVAILABLE


@pytest.mark.parametrize("end", ["Completed", "Rejected", "Stalled"])
def test_a_stop_that_finds_the_task_ended(vod: Api, end: str) -> None:
    switch(vod, stop_finds=end, projects={"2": {"roles": {"1": "owner"}, "restart": False}})
    vod.put("Running")
    assert vod.act("TaskStop") == SENT
    assert vod.statuses(2) == ["Running", end]


def test_a_task_that_ends_right_before_the_stop(vod: Api) -> None:
    switch(vod, stop_finds="Completed", stop_finds_when="before")
    vod.put("Running")
    assert vod.act("TaskStop") == UNAVAILABLE
    assert vod.status() == "Completed"


def test_a_task_that_ends_by_itself_before_the_stop_gets_there(vod: Api) -> None:
    switch(vod, stop_delay=10)
    vod.put("Running", runs_for=5)
    assert vod.act("TaskStop") == SENT
    vod.model.advance(60)
    assert vod.status() == "Completed"


def test_a_stop_that_is_never_done(vod: Api) -> None:
    switch(vod, ignore_action="stop")
    vod.put("Running")
    assert vod.act("TaskStop") == SENT
    assert vod.statuses(5) == ["Running"] * 5


def test_a_probe_that_went_away_is_not_told(vod: Api) -> None:
    switch(vod, stop_delay=5, stalls_after=60)
    vod.put("Running", app_id=1)
    vod.act("TaskStop")
    vod.model.act("1", "lose_probe", {})
    vod.model.advance(5)
    assert vod.status() == "Running"
    vod.model.advance(55)
    assert chain(vod)[0] == (1, "Stalled")


# --- restart chains -----------------------------------------------------------------------------------------------------------


def test_a_stalled_task_comes_back_under_a_new_id(vod: Api) -> None:
    vod.put("Running", uri="/media/x.mp4", template_id=5)
    vod.model.act("1", "stall", {})
    assert chain(vod) == [(1, "Stalled"), (2, "Scheduled")]
    assert (vod.truth(2)["uri"], vod.truth(2)["template_id"]) == ("/media/x.mp4", 5)
    assert chain(vod)[1] == (2, "Explore")


def test_the_new_one_must_be_stopped_by_its_own_id(vod: Api) -> None:
    vod.put("Running")
    vod.model.act("1", "stall", {})
    vod.model.act("2", "start", {})
    assert (vod.act("TaskStop", 1), vod.act("TaskStop", 2)) == (UNAVAILABLE, SENT)
    assert [chain(vod, "last") for _time in range(2)] == [[(2, "Running")], [(2, "Canceled")]]


@pytest.mark.parametrize(
    ("settings", "members"), [({}, 4), ({"attempts_number": 1}, 2), ({"attempts_number": 10}, 11), ({"restart": False}, 1)]
)
def test_restarts_by_the_settings_of_the_project(vod: Api, settings: dict[str, Any], members: int) -> None:
    switch(vod, queue_for=1, explore_for=1, run_for=1, projects={"2": {"roles": {"1": "owner"}, **settings}})
    vod.put("Running", ends_with="Stalled")
    vod.model.advance(3600)
    assert chain(vod) == [(number, "Stalled") for number in range(1, members + 1)]


def test_each_attempt_ends_its_own_way(vod: Api) -> None:
    switch(vod, queue_for=1, explore_for=1, run_for=1)
    vod.put("Running", ends_with=["Stalled", "Stalled", "Completed"])
    vod.model.advance(3600)
    assert chain(vod) == [(1, "Stalled"), (2, "Stalled"), (3, "Completed")]


@pytest.mark.parametrize(("part", "ids"), [("first", [1]), ("last", [3]), ("all", [1, 2, 3])])
def test_a_part_of_the_chain_is_asked_by_any_member(vod: Api, part: str, ids: list[int]) -> None:
    members = [{"task_id": number, "status": "Canceled", "initial_task_id": 1} for number in (1, 2, 3)]
    vod.model.load([*members, {"task_id": 4, "status": "Canceled"}], keep=False)
    assert vod.ids([2], restart_chain=part) == ids
    assert vod.ids([2], restart_chain="exact") == [2]
    assert vod.ids([2, 3, 4], restart_chain=part) == [*ids, 4]


def test_a_chain_is_cut_at_its_project(vod: Api) -> None:
    vod.model.load([{"task_id": 1, "status": "Stalled", "stays": True},
                    {"task_id": 2, "status": "Running", "initial_task_id": 1, "project_id": 77}], keep=False)  # fmt: skip
    assert vod.ids([1]) == [1]


@pytest.mark.parametrize(("delay", "seen"), [(0, [2, 2]), ("1 read", [1, 2]), (None, [1, 1])])
def test_switch_restart_delay(vod: Api, delay: object, seen: list[int]) -> None:
    switch(vod, restart_delay=delay, queue_for=None)
    vod.put("Stalled")
    assert [len(chain(vod)) for _time in range(2)] == seen


@pytest.mark.parametrize(("position", "members"), [(False, [80, 81]), (True, [80, 81, 91])])
def test_switch_canceled_is_restarted(vod: Api, position: bool, members: list[int]) -> None:
    switch(vod, canceled_is_restarted=position, stop_delay=0)
    vod.act("TaskStop", 81)
    assert vod.ids([80]) == members


def test_switch_canceled_is_restarted_is_about_restarts(vod: Api) -> None:
    switch(vod, canceled_is_restarted=True, stop_delay=0)
    vod.act("TaskStop", 63)
    assert vod.ids([63]) == [63]


# --- reads --------------------------------------------------------------------------------------------------------------------


def test_everything_means_running_and_queued(vod: Api) -> None:
    vod.model.load([{"task_id": number, "status": state, "stays": True} for number, state in enumerate(ALL)], keep=False)
    assert vod.ids("*") == [0, 1, 2]
    assert vod.ids([3, 6]) == [3, 6]


def test_everything_leaves_out_the_ended_members_of_a_chain(vod: Api) -> None:
    assert 81 in vod.ids("*") and 80 not in vod.ids("*")


@pytest.mark.parametrize("position", ["absent", "error", "errors"])
def test_switch_unknown_task(vod: Api, position: str) -> None:
    switch(vod, unknown_task=position)
    items = vod.result("TaskStatus", [12345])
    assert [sorted(item) for item in items] == ([] if position == "absent" else [[position, "task_id"]])


def test_results_of_a_completed_task(vod: Api) -> None:
    (item,) = vod.result("TaskStatus", 72)
    assert list(item["test_results"]) == ["total"]
    (item,) = vod.result("TaskStatus", 72, detailed_test_results=True)
    assert list(item["test_results"]) == [
        "total", "file_summary", "container_validation", "video_parameters", "audio_parameters", "video_quality", "audio_quality",
    ]  # fmt: skip


def test_switch_status_more_fields(vod: Api) -> None:
    switch(vod, status_more_fields=True)
    (item,) = vod.result("TaskStatus", 63)
    assert (item["app_id"], item["template_id"], item["uri"]) == (1, 3, "/media/63.mp4")


@pytest.mark.parametrize("params", [{"restart_chain": "none"}, {"detailed_test_results": "yes"}, {"restart_chain": None}])
def test_bad_parameters_of_the_status(vod: Api, params: dict[str, Any]) -> None:
    assert list(vod.entry("TaskStatus", [63], **params)) == ["method", "errors"]


def test_the_report_of_a_completed_task(vod: Api) -> None:
    vod.put("Scheduled", uri="/media/x.mp4", template_id=5, runs_for=90, priority="high")
    vod.statuses(3)
    vod.model.advance(90)
    found = vod.entry("TaskReport", 1)
    (item,) = found["result"]
    assert found["errors"] == []
    assert (item["status"], item["template_id"], item["priority"], item["analysis_duration"]) == ("Completed", 5, "high", 90)


def test_the_report_of_everything_is_about_running_and_queued_tasks(vod: Api) -> None:
    assert [item["task_id"] for item in vod.result("TaskReport", "*")] == [63, 64, 65, 66, 67, 70, 71, 81]


def test_the_report_tells_what_it_did_not_find_beside_its_result(vod: Api) -> None:
    found = vod.entry("TaskReport", [72, 12345])
    assert ([item["task_id"] for item in found["result"]], found["errors"]) == ([72], ["emulator: no task 12345 in this project"])


# --- TaskStart ----------------------------------------------------------------------------------------------------------------


def test_start_makes_a_task_each_time(vod: Api) -> None:
    wanted = {"template_id": 3, "uri": "/media/new.mp4", "priority": "urgent"}
    first, second = (vod.result("TaskStart", tasks=[wanted])[0] for _time in range(2))
    assert second["task_id"] == first["task_id"] + 1
    assert first == {"task_id": 91, "initial_task_id": 91, **wanted, "name": "", "errors": []}
    assert vod.status(91) == "Scheduled"


@pytest.mark.parametrize("wrong", [{"template_id": "3"}, {"uri": ""}, {"priority": "soon"}])
def test_a_bad_task_is_not_made(vod: Api, wrong: dict[str, Any]) -> None:
    before = len(vod.model.tasks())
    (item,) = vod.result("TaskStart", tasks=[{"template_id": 3, "uri": "/media/new.mp4", **wrong}])
    assert item["errors"] and "task_id" not in item
    assert len(vod.model.tasks()) == before


def test_tasks_are_an_array(vod: Api) -> None:
    assert list(vod.entry("TaskStart", tasks={"template_id": 3})) == ["method", "errors"]


# --- others act ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "action", "end"),
    [
        ("Running", "stop", "Canceled"),
        ("Running", "complete", "Completed"),
        ("Scheduled", "cancel", "Canceled"),
        ("Explore", "cancel", "Canceled"),
        ("Scheduled", "start", "Running"),
        ("Explore", "start", "Running"),
        ("Scheduled", "reject", "Rejected"),
    ],
)
def test_somebody_else_acts(vod: Api, state: str, action: str, end: str) -> None:
    vod.put(state, stays=True)
    vod.model.act("1", action, {})
    assert vod.status() == end
    assert vod.truth()["history"][-1]["cause"] == f"outside {action}"


@pytest.mark.parametrize("action", ["resume", "recover", "frobnicate"])
def test_nobody_can_resume_a_vod_task(vod: Api, action: str) -> None:
    with pytest.raises(BadOrder, match="nobody can"):
        vod.model.act("63", action, {})


def test_somebody_else_can_not_stop_what_does_not_run(vod: Api) -> None:
    with pytest.raises(BadOrder, match="stop is not possible in state Completed"):
        vod.model.act("72", "stop", {})
