# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ctrlapi_task: what each state of the vendor's page asks for under each wish, written out once more; against the emulated system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.ctrlapi import CtrlApi
from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task

from tests.emulator.vendors._ctrlapi_rules import LIVE_STATES, VOD_STATES
from tests.unit.plugins.modules.ctrlapi_world import World, task
from tests.unit.plugins.modules.results import is_one_sentence, one

NO_PAUSE = "Boro VoD documents no pause or way back from a stop"
NOTHING = "there is nothing to pause"
FINAL = "Boro VoD documents no call to start it again"
UNSURE = "whether it can be brought back isn't certain"
AWAY = {"stop_stalled": "stops"}


@dataclass(frozen=True)
class Situation:
    """A task as it is found, and for each wish: `ok` (nothing is sent), the requests that are sent, or a part of the message."""

    paused: str
    started: str
    stopped: str
    word: str
    tasks: list[dict[str, Any]]
    switches: dict[str, Any] = field(default_factory=dict)


def chain(status: str) -> list[dict[str, Any]]:
    """Task 1 broke off and was restarted as 2, which has this state."""
    return [task(1, "Stalled", stays=True), task(2, status, initial_task_id=1, stays=status == "Stalled")]


# Page `ctrlapi`, sections 4.1, 4.3 and 5.1.
LIVE = {
    "Started": Situation("TaskStop 1", "ok", "TaskStop 1", "started", [task(1, "Started")]),
    "Scheduled": Situation("TaskStop 1", "ok", "TaskStop 1", "starting", [task(1, "Scheduled")], {"start_delay": "2 reads"}),
    "Stopped": Situation("ok", "TaskResume 1", "ok", "stopped", [task(1, "Stopped")]),
    "Stalled": Situation("TaskStop 1", "TaskResume 1", "TaskStop 1", "troubled", [task(1, "Stalled")], AWAY),
    "Rejected": Situation(UNSURE, "TaskResume 1", "ok", "failed", [task(1, "Rejected")]),
}
# Sections 4.2, 4.3, 3.7 and 5.2.
VOD = {
    "Running": Situation(NO_PAUSE, "ok", "TaskStop 1", "started", [task(1, "Running")]),
    "Scheduled": Situation(NO_PAUSE, "ok", "TaskStop 1", "waiting", [task(1, "Scheduled")]),
    "Explore": Situation(NO_PAUSE, "ok", "TaskStop 1", "starting", [task(1, "Explore")]),
    "Completed": Situation(NOTHING, "ok", "ok", "completed", [task(1, "Completed")]),
    "Rejected": Situation(NOTHING, FINAL, "ok", "failed", [task(1, "Rejected")]),
    "Canceled": Situation(NOTHING, FINAL, "ok", "stopped", [task(1, "Canceled")]),
    "Stalled": Situation(NOTHING, FINAL, "ok", "failed", [task(1, "Stalled", stays=True)]),
    "restarted and Running": Situation(NO_PAUSE, "ok", "TaskStop 2", "started", chain("Running")),
    "restarted and Scheduled": Situation(NO_PAUSE, "ok", "TaskStop 2", "waiting", chain("Scheduled")),
    "restarted and Explore": Situation(NO_PAUSE, "ok", "TaskStop 2", "starting", chain("Explore")),
    "restarted and Completed": Situation(NOTHING, "ok", "ok", "completed", chain("Completed")),
    "restarted and Rejected": Situation(NOTHING, FINAL, "ok", "failed", chain("Rejected")),
    "restarted and Canceled": Situation(NOTHING, FINAL, "ok", "stopped", chain("Canceled")),
    "restarted and Stalled": Situation(NOTHING, FINAL, "ok", "failed", chain("Stalled")),
}
CASES = [("live", name) for name in LIVE] + [("vod", name) for name in VOD]
SATISFIED = {"started": {"started", "waiting", "completed"}, "stopped": {"stopped", "completed", "failed"}, "paused": {"stopped"}}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(ctrlapi_task.main, "ctrlapi_task", capsys, monkeypatch)


def situation(dialect: str, name: str) -> Situation:
    return (LIVE if dialect == "live" else VOD)[name]


@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
@pytest.mark.parametrize(("dialect", "name"), CASES)
def test_each_state_under_each_wish(world: World, dialect: str, name: str, wish: str) -> None:
    found = situation(dialect, name)
    world.begin(dialect, *found.tasks, **found.switches)
    expected: str = getattr(found, wish)

    result = world.run(task_id=1, state=wish)

    row = one(result)
    assert (row["before"], row["vendor_before"]) == (found.word, found.tasks[0]["status"])
    if expected == "ok" or expected.startswith("Task"):
        assert row["reached"] and row["after"] in SATISFIED[wish], result
        assert world.writes == ([] if expected == "ok" else [expected]) and result["changed"] is (expected != "ok")
    else:
        assert expected in result["msg"] and is_one_sentence(result["msg"]) and result["msg"].endswith("nothing was changed.")
        assert row["error"]["code"] == "unreachable_state" and world.requests == [row_read(dialect)]


@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
@pytest.mark.parametrize(("dialect", "name"), CASES)
def test_check_mode_foretells_what_a_run_brings_by_one_read(world: World, dialect: str, name: str, wish: str) -> None:
    found = situation(dialect, name)
    world.begin(dialect, *found.tasks, **found.switches)
    foretold = world.run(task_id=1, state=wish, check=True)
    assert world.requests == [row_read(dialect)]
    world.begin(dialect, *found.tasks, **found.switches)
    real = world.run(task_id=1, state=wish)

    for told in ("before", "action", "changed", "reached", "vendor_before"):
        assert one(foretold)[told] == one(real)[told], told
    if real["changed"]:
        assert (one(foretold)["after"], one(foretold)["vendor_after"]) == (one(real)["after"], one(real)["vendor_after"])


@pytest.mark.parametrize(("dialect", "name"), [case for case in CASES if situation(*case).paused.startswith(("can't", "there"))])
def test_if_unpausable_stop_takes_the_way_of_stopped(world: World, dialect: str, name: str) -> None:
    found = situation(dialect, name)
    world.begin(dialect, *found.tasks, **found.switches)

    result = world.run(task_id=1, state="paused", if_unpausable="stop")

    assert one(result)["reached"] and world.writes == ([] if found.stopped == "ok" else [found.stopped])


@pytest.mark.parametrize(("dialect", "name"), [case for case in CASES if situation(*case).paused.startswith(("can't", "there"))])
def test_if_unpausable_skip_leaves_it_alone(world: World, dialect: str, name: str) -> None:
    found = situation(dialect, name)
    world.begin(dialect, *found.tasks, **found.switches)

    result = world.run(task_id=1, state="paused", if_unpausable="skip")

    assert (result["summary"]["skipped"], one(result)["reached"], world.writes) == (1, False, []) and result["warnings"]


def row_read(dialect: str) -> str:
    return "TaskInfo" if dialect == "live" else "TaskStatus"


def test_the_situations_name_every_state_of_the_page_and_every_row_of_the_tables() -> None:
    assert {state["status"] for found in LIVE.values() for state in found.tasks} == set(LIVE_STATES)
    assert {state["status"] for found in VOD.values() for state in found.tasks} == set(VOD_STATES)
    rows = {option: {str(state.spelling) for state in table.states} for option, table in CtrlApi.tables.items()}
    assert rows["dialect=live"] == set(LIVE)
    # What has just broken off is seen only within a run, see test_ctrlapi_task.
    assert rows["dialect=vod"] == {*VOD, "Stalled just now", "restarted and Stalled just now"}
