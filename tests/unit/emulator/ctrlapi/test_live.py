# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live dialect: vendors/ctrlapi.md, sections 3.3 to 3.6, 4.1 and 4.3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.emulator.ctrlapi.api import SENT, Api

LOST_PROBE, GOOD_PROBE = 461, 537


def switch(api: Api, **positions: Any) -> None:
    api.model.set_switches(positions)


# --- TaskStop ---------------------------------------------------------------------------------------------------------------


def test_stop_request_was_sent_is_not_stopped(live: Api) -> None:
    live.put("Started")
    assert live.act("TaskStop") == SENT
    assert live.statuses(3) == ["Started", "Stopped", "Stopped"]


def test_a_stop_takes_some_reads(live: Api) -> None:
    switch(live, stop_delay="3 reads")
    live.put("Started")
    live.act("TaskStop")
    assert live.statuses(5) == ["Started", "Started", "Started", "Stopped", "Stopped"]


def test_a_stop_takes_some_seconds(live: Api) -> None:
    switch(live, stop_delay=10)
    live.put("Started")
    live.act("TaskStop")
    live.model.advance(9)
    assert live.truth()["status"] == "Started"
    live.model.advance(1)
    assert live.truth()["status"] == "Stopped"


@pytest.mark.parametrize(
    ("position", "said", "end"),
    [
        ("accepted", SENT, "Stopped"),
        ("ignored", SENT, "Started"),
        ("error", {"error": "emulator: can't stop, the task is Scheduled"}, "Started"),
    ],
)
def test_switch_stop_scheduled(live: Api, position: str, said: object, end: str) -> None:
    switch(live, stop_scheduled=position)
    live.put("Scheduled")
    assert live.act("TaskStop") == said
    assert live.statuses(3) == ["Scheduled", end, end]


@pytest.mark.parametrize(("position", "end"), [("stays", "Stalled"), ("stops", "Stopped")])
def test_switch_stop_stalled(live: Api, position: str, end: str) -> None:
    switch(live, stop_stalled=position)
    live.put("Stalled", app_id=LOST_PROBE)
    assert live.act("TaskStop") == SENT
    assert live.statuses(2) == ["Stalled", end]


@pytest.mark.parametrize("state", ["Stopped", "Rejected"])
@pytest.mark.parametrize("position", ["sent", "error"])
def test_switch_stop_stopped(live: Api, state: str, position: str) -> None:
    switch(live, stop_stopped=position)
    live.put(state)
    assert live.act("TaskStop") == (SENT if position == "sent" else {"error": f"emulator: can't stop, the task is {state}"})
    assert live.statuses(2) == [state, state]


def test_a_probe_that_went_away_unseen_is_not_told_to_stop(live: Api) -> None:
    switch(live, stalls_after=60)
    live.put("Started", app_id=GOOD_PROBE)
    live.model.act("1", "lose_probe", {})
    live.act("TaskStop")
    assert live.statuses(3) == ["Started", "Started", "Started"]
    live.model.advance(60)
    assert live.status() == "Stalled"


# --- TaskResume -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["Stopped", "Rejected", "Stalled"])
def test_resume_keeps_the_id_and_goes_by_scheduled(live: Api, state: str) -> None:
    live.put(state)
    assert live.act("TaskResume") == {"status": "Scheduled"}
    assert live.statuses(3) == ["Scheduled", "Started", "Started"]


def test_a_start_takes_some_seconds(live: Api) -> None:
    switch(live, start_delay=30)
    live.put("Stopped")
    live.act("TaskResume")
    live.model.advance(29)
    assert live.status() == "Scheduled"
    live.model.advance(1)
    assert live.status() == "Started"


def test_a_start_that_never_comes(live: Api) -> None:
    switch(live, start_delay=None)
    live.put("Stopped")
    live.act("TaskResume")
    assert live.statuses(9) == ["Scheduled"] * 9


@pytest.mark.parametrize("end", ["Started", "Rejected", "Scheduled"])
def test_switch_resume_ends(live: Api, end: str) -> None:
    switch(live, resume_ends=end)
    live.put("Stopped")
    live.act("TaskResume")
    assert live.statuses(3) == ["Scheduled", end, end]


def test_one_task_whose_start_is_refused(live: Api) -> None:
    live.put("Stopped", rejects="no licence")
    live.act("TaskResume")
    assert live.statuses(2) == ["Scheduled", "Rejected"]
    assert live.result("TaskEvents", task_id=1, events=["Rejected"])["events"][0]["text"] == "no licence"


@pytest.mark.parametrize("state", ["Started", "Scheduled"])
@pytest.mark.parametrize("position", ["ignored", "error", "accepted"])
def test_switch_resume_started(live: Api, state: str, position: str) -> None:
    switch(live, resume_started=position)
    live.put(state, stays=True)
    said = {"ignored": {"status": state}, "error": {"error": f"emulator: can't resume, the task is {state}"}}
    assert live.act("TaskResume") == said.get(position, {"status": "Scheduled"})
    assert live.status() == ("Scheduled" if position == "accepted" else state)


@pytest.mark.parametrize(("name", "state"), [("resume_stalled", "Stalled"), ("resume_rejected", "Rejected")])
@pytest.mark.parametrize(("position", "shown"), [("accepted", "Scheduled"), ("ignored", None), ("error", None)])
def test_switches_resume_stalled_and_rejected(live: Api, name: str, state: str, position: str, shown: str | None) -> None:
    switch(live, **{name: position})
    live.put(state)
    assert ("error" in live.act("TaskResume")) == (position == "error")
    assert live.status() == (shown or state)


def test_without_its_probe_a_resumed_task_stalls_again(live: Api) -> None:
    live.put("Stalled", app_id=LOST_PROBE)
    assert live.act("TaskResume") == {"status": "Scheduled"}
    assert live.statuses(2) == ["Scheduled", "Stalled"]


def test_a_stop_overtakes_a_start(live: Api) -> None:
    switch(live, start_delay=30, stop_delay=5)
    live.put("Stopped")
    live.act("TaskResume")
    live.act("TaskStop")
    live.model.advance(60)
    assert live.status() == "Stopped"


@pytest.mark.parametrize("position", [True, "stop", "resume"])
@pytest.mark.parametrize(("method", "state"), [("TaskStop", "Started"), ("TaskResume", "Stopped")])
def test_switch_ignore_action(live: Api, position: object, method: str, state: str) -> None:
    switch(live, ignore_action=position)
    live.put(state)
    assert "error" not in live.act(method)
    ignored = position is True or position == method.removeprefix("Task").lower()
    assert (live.statuses(3)[2] == state) == ignored


# --- ids that aren't there --------------------------------------------------------------------------------------------------

NOT_THERE = "emulator: no task 2 in this project"


@pytest.mark.parametrize(
    ("position", "items"),
    [("absent", []), ("error", [{"task_id": 2, "error": NOT_THERE}]), ("errors", [{"task_id": 2, "errors": [NOT_THERE]}])],
)
def test_switch_unknown_task(live: Api, position: str, items: object) -> None:
    switch(live, unknown_task=position)
    live.put("Started")
    assert live.result("TaskInfo", [2, 1])[:-1] == items


@pytest.mark.parametrize("method", ["TaskStop", "TaskResume"])
@pytest.mark.parametrize(
    ("position", "items"),
    [
        ("absent", []),
        ("error", [{"task_id": 2, "error": NOT_THERE}]),
        ("errors", [{"task_id": 2, "errors": [NOT_THERE]}]),
        ("sent", [{"task_id": 2, **SENT}]),
    ],
)
def test_switch_unknown_task_action(live: Api, method: str, position: str, items: object) -> None:
    switch(live, unknown_task_action=position)
    live.put("Started")
    assert live.result(method, [2, 1])[:-1] == items


# --- Stalled ----------------------------------------------------------------------------------------------------------------


def test_a_stalled_task_stays_so(live: Api) -> None:
    live.put("Stalled")
    live.model.advance(86400)
    assert live.statuses(3) == ["Stalled"] * 3


def test_a_stalled_task_recovers_by_itself(live: Api) -> None:
    switch(live, stalled_recovers=30)
    live.put("Stalled")
    live.model.advance(30)
    assert live.status() == "Started"


def test_no_task_recovers_without_its_probe(live: Api) -> None:
    switch(live, stalled_recovers=30)
    live.put("Stalled", app_id=LOST_PROBE)
    live.model.advance(60)
    assert live.status() == "Stalled"
    live.model.act("1", "find_probe", {})
    live.model.advance(30)
    assert live.status() == "Started"


def test_when_a_probe_goes_away_all_its_tasks_stall(live: Api) -> None:
    live.model.act("241458", "lose_probe", {})
    states = {task["task_id"]: task["status"] for task in live.model.tasks()}
    assert (states[241458], states[241456], states[241555], states[212651]) == ("Stalled", "Stalled", "Stopped", "Started")
    assert {app["app_id"]: app["alive"] for app in live.result("AppList")}[GOOD_PROBE] is False


def test_a_probe_that_comes_back_in_time_leaves_no_trace(live: Api) -> None:
    switch(live, stalls_after=60)
    live.model.act("241458", "lose_probe", {})
    live.model.advance(30)
    live.model.act("241458", "find_probe", {})
    live.model.advance(60)
    assert live.truth(241458)["status"] == "Started"


# --- OTT ----------------------------------------------------------------------------------------------------------------------


def ott(api: Api) -> None:
    api.model.load(
        [{"task_id": 1, "status": "Started", "app_id": 7}, {"task_id": 2, "status": "Started", "app_id": 7, "master": 1}], keep=False
    )


def test_a_master_is_stopped_and_resumed_with_its_sub_tasks(live: Api) -> None:
    ott(live)
    live.act("TaskStop")
    assert (live.statuses(2, 1)[1], live.statuses(2, 2)[1]) == ("Stopped", "Stopped")
    live.act("TaskResume")
    assert (live.statuses(2, 1)[1], live.statuses(2, 2)[1]) == ("Started", "Started")


@pytest.mark.parametrize(
    ("position", "said", "end"),
    [("error", {"error": "emulator: stop the master task 1"}, "Started"), ("ignored", SENT, "Started"), ("alone", SENT, "Stopped")],
)
def test_switch_sub_task_actions(live: Api, position: str, said: object, end: str) -> None:
    switch(live, sub_task_actions=position)
    ott(live)
    assert live.act("TaskStop", 2) == said
    assert live.statuses(2, 2)[1] == end
    assert live.status(1) == "Started"


def test_a_sub_task_is_resumed_by_its_master(live: Api) -> None:
    ott(live)
    assert live.act("TaskResume", 2) == {"error": "emulator: resume the master task 1"}


@pytest.mark.parametrize(("position", "shown"), [(False, [1]), (True, [1, 2])])
def test_switch_star_shows_sub_tasks(live: Api, position: bool, shown: list[int]) -> None:
    switch(live, star_shows_sub_tasks=position)
    ott(live)
    assert live.ids("*") == shown


# --- reads --------------------------------------------------------------------------------------------------------------------


def test_everything_means_active_tasks_of_running_probes(live: Api) -> None:
    states = ["Scheduled", "Started", "Stopped", "Stalled", "Rejected"]
    tasks = [{"task_id": number, "status": state, "stays": True} for number, state in enumerate(states)]
    live.model.load([*tasks, {"task_id": 9, "status": "Started", "app_id": LOST_PROBE}], keep=False)
    assert live.ids("*") == [0, 1]
    switch(live, active_states=["Started", "Stalled"])
    assert live.ids("*") == [1, 3]
    assert live.ids([2, 4, 9]) == [2, 4, 9]


def test_active_tasks_of_all_probes(live: Api) -> None:
    ott(live)
    rows = live.result("AppTasks", app_ids="*")
    assert rows[-1] == {"app_id": 7, "live_tasks": [1], "sub_tasks": {"1": [2]}}
    assert rows[0] == {"app_id": 537, "live_tasks": [], "sub_tasks": {}}


@pytest.mark.parametrize(("position", "rows"), [("absent", []), ("error", [{"app_id": 8, "error": "emulator: no task 8 in this project"}])])
def test_a_probe_that_is_not_there(live: Api, position: str, rows: object) -> None:
    switch(live, unknown_task=position)
    assert live.result("AppTasks", app_ids=8) == rows


def test_all_that_a_live_task_may_have_is_shown(live: Api) -> None:
    fields: dict[str, Any] = {
        "app_id": 7, "uri": "udp://235.0.0.8:1234", "name": "A", "status": "Started", "start": "2026-01-01 00:00:00", "start_f": 1.5,
        "service": "S", "tags": "t", "profiles": {"alarm": [1], "webhook": []}, "task_config": {}, "description": {},
    }  # fmt: skip
    live.put(**fields)
    assert live.result("TaskInfo", 1) == [{"task_id": 1, **fields}]


def test_a_start_has_its_time(live: Api) -> None:
    live.put("Stopped")
    live.act("TaskResume")
    live.statuses(2)
    assert live.result("TaskInfo", 1)[0]["start_f"] == pytest.approx(live.model.clock.wall(), abs=0.01)


def test_switch_stale_reads(live: Api) -> None:
    switch(live, stop_delay=0, stale_reads="2 reads")
    live.put("Started")
    live.act("TaskStop")
    assert live.truth()["status"] == "Stopped"
    assert live.statuses(3) == ["Started", "Started", "Stopped"]


# --- TaskEvents ---------------------------------------------------------------------------------------------------------------


def test_the_journal_of_a_task_tells_why_it_was_rejected(live: Api) -> None:
    event = live.result("TaskEvents", task_id=300003)["events"][0]
    assert (event["event"], event["text"]) == ("Rejected", "emulator: the probe has no licence for this stream")


def test_switch_reject_reason(live: Api) -> None:
    switch(live, resume_ends="Rejected", reject_reason="too many tasks")
    live.put("Stopped")
    live.act("TaskResume")
    live.statuses(2)
    assert live.result("TaskEvents", task_id=1)["events"][0]["text"] == "too many tasks"


def test_events_come_newest_first_and_in_pages(live: Api) -> None:
    live.put("Stopped")
    live.act("TaskResume")
    live.statuses(2)
    first, last = (live.result("TaskEvents", task_id=1, limit_value=2, page=page) for page in (1, 2))
    assert [event["event"] for event in (*first["events"], *last["events"])] == ["Started", "Scheduled", "Stopped"]
    assert (first["total_pages"], first["limit_value"]) == (2, 2)


def test_switch_events_result(live: Api) -> None:
    switch(live, events_result="array")
    assert live.result("TaskEvents", task_id=241458)[0]["event"] == "Started"


@pytest.mark.parametrize(
    "params",
    [{"task_id": 1}, {"task_id": [241458]}, {"task_id": 241458, "limit_value": 101}, {"task_id": 241458, "events": "Rejected"}, {}],
)
def test_bad_parameters_of_events(live: Api, params: dict[str, Any]) -> None:
    assert list(live.entry("TaskEvents", **params)) == ["method", "errors"]
