# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Total Control's table of transitions (vendors/totalcontrol.md, section 4), written out once more, cell by cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.vendors.totalcontrol import TotalControl

REFUSED = None
#        from  pause    resume   stop
TABLE = {
    -1: (-4, REFUSED, -5),
    -4: (REFUSED, -1, -5),
    -6: (REFUSED, REFUSED, -5),
    -2: (REFUSED, REFUSED, REFUSED),
    -3: (REFUSED, REFUSED, REFUSED),
    -5: (REFUSED, REFUSED, REFUSED),
    0: (REFUSED, REFUSED, REFUSED),
}
CELLS = [(start, action, target) for start, row in TABLE.items() for action, target in zip(("pause", "resume", "stop"), row, strict=True)]


class Api:
    """Speaks to the model as a client does."""

    def __init__(self, model: TotalControl) -> None:
        self.model = model
        login = self.ask("GET", "/login", headers={"Authorization": "c2lnbWE6M0QzOTE0OTc="})
        self.token = login["value"]["token"]

    def ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Any:
        reply = self.model.answer(method, f"/TotalControl/v1{path}", headers or {}, body.encode())
        assert reply.status == 200
        return json.loads(reply.body)

    def act(self, name: str, action: str) -> Any:
        return self.ask("POST", f"/tasks/{name}?action={action}&token={self.token}")["status"]

    def statuses(self) -> dict[str, int]:
        return {task["task_name"]: task["status"] for task in self.ask("GET", f"/tasks?token={self.token}")["value"]}

    def task(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/tasks/{name}?token={self.token}")["value"]
        return found

    def truth(self, name: str) -> dict[str, Any]:
        return next(task for task in self.model.tasks() if task["task_name"] == name)


@pytest.fixture
def api(model: TotalControl) -> Api:
    return Api(model)


@pytest.mark.parametrize(("start", "action", "target"), CELLS)
def test_a_cell_of_the_table(api: Api, start: int, action: str, target: int | None) -> None:
    api.model.load([{"task_name": "T", "status": start}], keep=False)
    answered = api.act("T", action)
    assert (answered, api.statuses()["T"]) == ((None, start) if target is REFUSED else (True, target))


@pytest.mark.parametrize("action", ["pause", "resume", "stop"])
def test_no_such_task_is_refused(api: Api, action: str) -> None:
    assert api.act("nosuch", action) is None


@pytest.mark.parametrize(("ends_with", "message"), [(-2, ""), (-3, "no such element")])
def test_a_running_script_ends_by_itself(api: Api, ends_with: int, message: str) -> None:
    api.model.load([{"task_name": "T", "status": -1, "runs_for": 10, "ends_with": ends_with, "ends_message": message}], keep=False)
    api.model.advance(9.9)
    assert api.statuses()["T"] == -1
    api.model.advance(0.1)
    task = api.task("T")
    assert (task["status"], task["error_message"]) == (ends_with, message)
    assert "end_time" in task


def test_time_in_pause_does_not_count_as_running(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1, "runs_for": 10}], keep=False)
    api.model.advance(4)
    api.act("T", "pause")
    api.model.advance(100)
    assert api.statuses()["T"] == -4
    api.act("T", "resume")
    api.model.advance(5.9)
    assert api.statuses()["T"] == -1
    api.model.advance(0.1)
    assert api.statuses()["T"] == -2


def test_a_scheduled_task_starts_at_its_time(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -6, "starts_in": 60}], keep=False)
    api.model.advance(59)
    assert api.statuses()["T"] == -6
    api.model.advance(1)
    assert api.statuses()["T"] == -1


def test_a_scheduled_task_that_was_stopped_never_starts(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -6, "starts_in": 60}], keep=False)
    api.act("T", "stop")
    api.model.advance(3600)
    assert api.statuses()["T"] == -5


def test_a_scheduled_task_without_its_script_gets_0(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -6, "starts_in": 60, "script_missing": True}], keep=False)
    api.model.advance(60)
    assert api.statuses()["T"] == 0


def test_a_schedule_in_the_past_as_the_samples_have_it_never_comes(api: Api) -> None:
    api.model.advance(86400)
    assert api.statuses()["task002"] == -6


def test_a_repeating_task_waits_for_its_next_run(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1, "runs_for": 10, "repeat_every": 100}], keep=False)
    api.model.advance(10)
    assert api.statuses()["T"] == -6
    api.model.advance(100)
    assert api.statuses()["T"] == -1


def test_the_history_holds_every_true_state_with_its_time(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1, "runs_for": 10}], keep=False)
    start = api.model.now
    api.model.advance(3)
    api.act("T", "pause")
    api.model.advance(2)
    api.act("T", "resume")
    api.model.advance(50)
    history = [(round(step["at"] - start, 6), step["status"], step["cause"]) for step in api.truth("T")["history"]]
    assert history == [(0, -1, "put"), (3, -4, "pause"), (5, -1, "resume"), (12, -2, "script")]


# --- switches that fill the cells the page leaves open ------------------------------------------------------------


def test_switch_pause_paused_accepted_changes_nothing(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -4}], keep=False)
    api.model.set_switches({"pause_paused": "accepted"})
    assert (api.act("T", "pause"), api.statuses()["T"]) == (True, -4)


@pytest.mark.parametrize(
    ("position", "answer", "after"), [("ends", True, -5), ("refused", None, -6), ("stays", True, -6), ("vanishes", True, None)]
)
def test_switch_stop_scheduled(api: Api, position: str, answer: object, after: int | None) -> None:
    api.model.load([{"task_name": "T", "status": -6}], keep=False)
    api.model.set_switches({"stop_scheduled": position})
    assert (api.act("T", "stop"), api.statuses().get("T")) == (answer, after)
    assert [task["task_name"] for task in api.model.tasks()] == ([] if position == "vanishes" else ["T"])


@pytest.mark.parametrize("start", [-1, -6])
def test_switch_stop_keeps_schedule_of_a_repeating_task(api: Api, start: int) -> None:
    api.model.load([{"task_name": "T", "status": start, "repeat_every": 100}], keep=False)
    api.model.set_switches({"stop_keeps_schedule": True})
    assert (api.act("T", "stop"), api.statuses()["T"]) == (True, -6)


def test_switch_stop_keeps_schedule_leaves_other_tasks_alone(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"stop_keeps_schedule": True})
    assert (api.act("T", "stop"), api.statuses()["T"]) == (True, -5)


def test_a_repeating_task_that_was_stopped_stays_so_by_default(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1, "repeat_every": 100}], keep=False)
    api.act("T", "stop")
    api.model.advance(1000)
    assert api.statuses()["T"] == -5


@pytest.mark.parametrize("ending", [-2, -3])
def test_switch_end_during_pause(api: Api, ending: int) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"end_during_pause": ending})
    assert (api.act("T", "pause"), api.statuses()["T"]) == (True, ending)


@pytest.mark.parametrize("ending", [-2, -3])
def test_switch_resume_ends(api: Api, ending: int) -> None:
    api.model.load([{"task_name": "T", "status": -4}], keep=False)
    api.model.set_switches({"resume_ends": ending})
    assert (api.act("T", "resume"), api.statuses()["T"]) == (True, ending)
    assert [step["status"] for step in api.truth("T")["history"]] == [-4, -1, ending]


@pytest.mark.parametrize(("position", "after"), [(True, -1), ("pause", -1), ("stop", -4)])
def test_switch_ignore_action(api: Api, position: object, after: int) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"ignore_action": position})
    assert (api.act("T", "pause"), api.statuses()["T"]) == (True, after)


def test_switch_resume_word(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -4}], keep=False)
    api.model.set_switches({"resume_word": "continue"})
    assert (api.act("T", "resume"), api.statuses()["T"]) == (None, -4)
    assert (api.act("T", "continue"), api.statuses()["T"]) == (True, -1)


def test_switch_change_delay_in_seconds_shows_the_old_state_meanwhile(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"change_delay": 2})
    api.act("T", "pause")
    assert (api.statuses()["T"], api.truth("T")["status"]) == (-1, -4)
    api.model.advance(1.9)
    assert api.task("T")["status"] == -1
    api.model.advance(0.1)
    assert api.statuses()["T"] == -4


def test_switch_change_delay_in_reads(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"change_delay": "2 reads"})
    api.act("T", "stop")
    assert [api.statuses()["T"] for _time in range(4)] == [-1, -1, -5, -5]


def test_a_stale_read_is_stale_in_all_its_parts(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"change_delay": "1 read"})
    api.act("T", "stop")
    assert ["end_time" in api.task("T") for _time in range(2)] == [False, True]


def test_delayed_changes_show_in_their_order(api: Api) -> None:
    api.model.load([{"task_name": "T", "status": -1}], keep=False)
    api.model.set_switches({"change_delay": 2})
    api.act("T", "pause")
    api.model.advance(1)
    api.act("T", "resume")
    seen = []
    for _time in range(4):
        seen.append(api.statuses()["T"])
        api.model.advance(1)
    assert seen == [-1, -4, -1, -1]


# --- somebody else acts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "action", "after"),
    [(-1, "pause", -4), (-4, "resume", -1), (-1, "stop", -5), (-6, "start", -1), (-1, "end", -2), (-4, "end", -2), (-1, "fail", -3)],
)
def test_an_outside_actor(api: Api, start: int, action: str, after: int) -> None:
    api.model.load([{"task_name": "T", "status": start}], keep=False)
    api.model.act("T", action, {})
    assert api.statuses()["T"] == after


def test_an_outside_actor_renames(api: Api) -> None:
    api.model.act("task004", "rename", {"to": "other"})
    assert api.statuses()["other"] == -1
    assert api.act("task004", "pause") is None
    assert api.act("other", "pause") is True


def test_an_outside_actor_deletes(api: Api) -> None:
    api.model.act("task004", "delete", {})
    assert "task004" not in api.statuses()
    assert api.act("task004", "pause") is None


def test_an_outside_actor_sets_any_state(api: Api) -> None:
    api.model.act("task004", "set", {"status": -77})
    assert api.statuses()["task004"] == -77


@pytest.mark.parametrize(
    ("meant", "answer", "after"),
    [("oldest", True, [-4, -1]), ("newest", True, [-1, -4]), ("all", True, [-4, -4]), ("refused", None, [-1, -1])],
)
def test_switch_twins_mean(api: Api, meant: str, answer: object, after: list[int]) -> None:
    api.model.load([{"task_id": number, "task_name": "a", "status": -1} for number in (1, 2)], keep=False)
    api.model.set_switches({"twins_mean": meant})

    assert api.act("a", "pause") is answer
    assert [task["status"] for task in api.model.tasks()] == after


def test_switch_duplicate_name_taken(api: Api) -> None:
    api.model.load([{"task_name": "a", "status": -1}], keep=False)
    api.model.set_switches({"duplicate_name": "taken"})

    api.ask("POST", f"/tasks?task_name=a&script_file=1.js&total_iterations=1&token={api.token}")

    assert [task["task_name"] for task in api.model.tasks()] == ["a", "a"]
