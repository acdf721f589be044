# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine promises, whatever happens: random fleets, wishes, faults, delays and other people at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._converge import Convergence
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import DesiredState, IfUnpausable, Observation
from ansible_collections.taskops.quiesce.plugins.module_utils._task_run import RunSettings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.support import Mill, converge

SATISFYING: dict[str, set[str]] = {
    "paused": {"held"},
    "started": {"running", "queued", "done"},
    "stopped": {"stopped", "done", "broken"},
}
STATES = ["queued", "held", "running", "stopping", "stopped", "done", "broken", "jammed"]
FAULTS = ["", "", "", "refused", "lost before", "lost after", "later"]


@dataclass
class StormyMill(Mill):
    """A mill where each call may go wrong, effects come late, and other people turn up.

    `effects` are (when, task, action) of what was accepted and doesn't show yet.
    """

    faults: list[str] = field(default_factory=list)
    broken_reads: set[int] = field(default_factory=set)
    delay: float = 0.0
    others: list[tuple[float, str, str]] = field(default_factory=list)
    effects: list[tuple[float, str, str]] = field(default_factory=list)
    shown: dict[str, str | None] = field(default_factory=dict)
    sins: list[str] = field(default_factory=list)

    def catch_up(self) -> None:
        now = self.clock.now()
        for entry in [entry for entry in self.effects if entry[0] <= now]:
            self.effects.remove(entry)
            self.take(entry[2], entry[1])
        for at, id_, state in [other for other in self.others if other[0] <= now]:
            self.others.remove((at, id_, state))
            self.states[id_] = state

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        self.catch_up()
        self.clock.time += 0.01
        seen = super().read(ids)
        # When the plan can't be read, the run fails as a whole, which isn't the subject here.
        if self.reads - len(self.states) in self.broken_reads:
            raise Failure("connection", "the line is dead")
        self.shown.update({id_: str(seen[id_].spelling) if id_ in seen else None for id_ in ids})
        return seen

    def act(self, action: str, tasks: Sequence[Observation]) -> Mapping[str, Failure]:
        self.catch_up()
        self.clock.time += 0.01
        (task,) = tasks
        if any((id_, word) == (task.id, action) for _at, id_, word in self.effects):
            self.sins.append(f"{action} was sent to {task.id} while the first could still take hold")
        self.journal.append((action, task.id, str(self.shown[task.id])))
        fault = self.faults.pop() if self.faults else ""
        if fault in ("", "lost after"):
            self.effects.append((self.clock.now() + self.delay, task.id, action))
        if fault == "refused":
            raise Refused("refused", "no")
        if fault == "later":
            raise TryLater("rate_limited", "not now")
        if fault:
            raise AnswerLost("timeout", "no answer")
        return {}


fleets = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(STATES), min_size=1)
wishes = st.sampled_from(["paused", "started", "stopped"])
mercies = st.sampled_from(["fail", "stop", "skip"])
options = st.sampled_from([[], [], ["force"], ["force", "retry_failed"]])


@st.composite
def storms(draw: st.DrawFn) -> StormyMill:
    return StormyMill(
        states=draw(fleets),
        faults=draw(st.lists(st.sampled_from(FAULTS), max_size=12)),
        broken_reads=draw(st.sets(st.integers(1, 12), max_size=4)),
        delay=draw(st.sampled_from([0.0, 0.3, 2.0, 9.0])),
        others=draw(st.lists(st.tuples(st.floats(1000, 1030), st.sampled_from("abcdef"), st.sampled_from(STATES)), max_size=3)),
        read_size=draw(st.sampled_from([0, 1, 2])),
    )


def satisfying(wish: DesiredState, if_unpausable: IfUnpausable) -> set[str]:
    return SATISFYING[wish] | (SATISFYING["stopped"] if wish == "paused" and if_unpausable == "stop" else set())


def weather(run: Convergence, mill: StormyMill, asked: Sequence[str], wish: DesiredState, if_unpausable: IfUnpausable) -> None:
    """The promises that hold in any weather."""
    assert mill.sins == []
    assert [task.id for task in run.tasks] == list(asked)
    for task in run.tasks:
        assert task.over or not run.possible, "each task has a fate"
        assert not (task.reached and task.error)
        if task.reached:
            assert mill.shown[task.id] in satisfying(wish, if_unpausable)
    for _action, id_, shown in mill.writes:
        assert shown not in SATISFYING[wish], f"{id_} was acted on though it was {shown}"
    for id_ in asked:
        for action in {call[0] for call in mill.writes}:
            assert sum(1 for call in mill.writes if call[:2] == (action, id_)) <= 3
    if not run.possible:
        assert mill.writes == []


@pytest.mark.long
@given(storms(), wishes, mercies, st.sampled_from([1.0, 20.0, 60.0]), st.sampled_from([0.0, 0.0, 5.0]), options)
@settings(max_examples=400, deadline=None)
def test_whatever_happens_no_run_reports_what_isn_t_so(
    mill: StormyMill, wish: DesiredState, if_unpausable: IfUnpausable, wait_timeout: float, drain: float, grants: list[str]
) -> None:
    asked = sorted(mill.states)
    begun = mill.clock.now()

    pace = RunSettings(wait_timeout=wait_timeout, drain=drain, concurrency=1)
    run = converge(mill, wish, *asked, if_unpausable=if_unpausable, pace=pace, grants=grants)

    weather(run, mill, asked, wish, if_unpausable)
    assert mill.clock.now() <= begun + drain + wait_timeout + 0.01 * (len(asked) + 1), "the deadline, and the exchanges under way then"


@pytest.mark.long
@given(storms(), wishes, mercies)
@settings(max_examples=200, deadline=None)
def test_check_mode_writes_nothing(mill: StormyMill, wish: DesiredState, if_unpausable: IfUnpausable) -> None:
    converge(mill, wish, *sorted(mill.states), if_unpausable=if_unpausable, check_mode=True)

    assert mill.writes == []


@given(fleets, wishes, mercies)
@settings(max_examples=200, deadline=None)
def test_a_second_run_after_a_clean_first_one_changes_nothing(
    states: dict[str, str], wish: DesiredState, if_unpausable: IfUnpausable
) -> None:
    mill = Mill(states)

    def move_on(mill: Mill, number: int) -> None:
        # A skipped task that gets going again by itself would rightly be paused by the second run.
        on = {"queued": "running", "stopping": "stopped"} | ({} if if_unpausable == "skip" else {"jammed": "running"})
        on = on if number > 1 else {}
        mill.states.update({id_: on.get(state, state) for id_, state in mill.states.items()})

    mill.on_read = move_on
    first = converge(mill, wish, if_unpausable=if_unpausable)
    if any(task.error for task in first.tasks):
        return
    mill.on_read = None
    mill.journal.clear()
    second = converge(mill, wish, if_unpausable=if_unpausable)

    assert mill.writes == []
    assert [task.reached for task in second.tasks] == [task.reached for task in first.tasks]
