# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole windows in this process, drawn at random: killed at any call, run again, closed.

The promise: in the end every task is as it was found or is reported with a reason, no task beside the targets is touched, and the ledger
can be read at every moment.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _ledger_steps, _memories, _report, _targets
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import RESTORING_STATE, SATISFIED_BY, Word
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from tests.unit.presses import TABLE, Press, PressVendor, WallClock, bring, target
from tests.unit.support import FakeClock

Plain = dict[str, Any]
STATES = ("queued", "running", "held", "shelved", "stopped", "done")
# How long one stretch goes on, as in the module; and the longest that an action takes to show, within the settling time.
STRETCH, LATEST = 4.0, 8.0


class Killed(BaseException):
    """The job dies here: nothing catches this."""


@dataclass
class Fuse:
    """Burns at each call to a system and each write; what is left of it decides where the job dies."""

    left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


@dataclass
class Job:
    """A window's jobs over some presses, as the roles run them."""

    folder: Path
    clock: FakeClock
    targets: list[Plain]
    fuse: Fuse = field(default_factory=Fuse)

    def run(self, direction: str) -> None:
        """One role from begin to end. Raises `Failure` where the role would fail, and `Killed`."""
        # The lock of a killed run is no one's: its lease has passed.
        self.clock.time += 1
        begun = self._step("begin", direction, targets=self.targets)
        run = begun["run"]
        try:
            if direction == "open" and begun["status"] in ("none", "closed"):
                step = self._step("found", direction, run, self._survey(self.targets))
            elif direction == "open":
                step = self._step("next", direction, run)
            else:
                step = self._step("owed", direction, run, self._survey(begun["work"]))
            for _round in range(300):
                if not step["work"]:
                    break
                step = self._step("record", direction, run, self._stage_run(step["work"]))
            assert not step["work"], "it never ends"
        except Failure:
            self._step("end", direction, run)
            raise
        failures = self._step("end", direction, run, complete=True)["failures"]
        if failures:
            raise Failure("refused", " ".join(failures))

    def document(self) -> Plain | None:
        return Ledger(str(self.folder), "CHG1").read()

    def _step(self, step: str, direction: str, run: str | None = None, targets: Any = None, complete: bool = False) -> Plain:
        params = {"step": step, "direction": direction, "run": run, "targets": targets, "complete": complete}
        ledger = Ledger(str(self.folder), "CHG1", lease=0.5)
        write = ledger.write

        def burning(document: Plain) -> None:
            self.fuse.burn()
            write(document)
            self.fuse.burn()

        with mock.patch.object(ledger, "write", burning):
            steps = _ledger_steps.Steps(ledger, params, False)
            told: Plain = json.loads(json.dumps(getattr(steps, step)()))
        return told

    def _survey(self, targets: list[Plain]) -> list[Plain]:
        return self._plain(
            _targets.survey([_targets.resolve(its, lambda secret: None) for its in targets], self.clock, lambda secret: None)
        )

    def _stage_run(self, targets: list[Plain]) -> list[Plain]:
        resolved = [_targets.resolve(its, lambda secret: None) for its in targets]
        return self._plain(bring(self.clock, resolved, STRETCH))

    def _plain(self, results: list[Plain]) -> list[Plain]:
        """As Ansible hands it from one module to the next."""
        plain: list[Plain] = json.loads(json.dumps(results))
        return plain


@contextmanager
def presses(found: Mapping[str, Press], clock: FakeClock) -> Iterator[None]:
    wall = WallClock(clock)
    with (
        mock.patch.object(PressVendor, "presses", dict(found)),
        mock.patch.object(_targets, "system_of", lambda vendor, whose: PressVendor),
        mock.patch.object(_memories, "time", wall),
        mock.patch.object(_ledger_steps, "time", wall),
    ):
        yield


@dataclass(frozen=True)
class World:
    """What is drawn: the tasks of two systems, what a window wants of them, how they answer, and where the jobs die."""

    tasks: Mapping[str, Mapping[str, str]]
    wishes: Mapping[str, str]
    stages: Mapping[str, int]
    late: float
    faults: list[str]
    kills: list[tuple[str, int]]
    somebody: Mapping[str, str]


FAULTS = ("none", "none", "none", "none", "lost_before", "lost_after", "busy", "refused", "repeated", "repeated")
WORLDS = st.builds(
    World,
    tasks=st.fixed_dictionaries(
        {place: st.dictionaries(st.sampled_from("abc"), st.sampled_from(STATES), min_size=1) for place in ("here", "there")}
    ),
    wishes=st.fixed_dictionaries({place: st.sampled_from(("paused", "stopped", "started")) for place in ("here", "there")}),
    stages=st.fixed_dictionaries({place: st.sampled_from((10, 20)) for place in ("here", "there")}),
    late=st.sampled_from((0.0, 0.0, 2.0, 5.0, LATEST)),
    faults=st.lists(st.sampled_from(FAULTS), max_size=8),
    kills=st.lists(st.tuples(st.sampled_from(("open", "open", "close")), st.integers(0, 30)), max_size=4),
    somebody=st.dictionaries(st.sampled_from("abc"), st.sampled_from(("stopped", "done")), max_size=1),
)


def inconclusive(refused: Refused) -> Refused:
    refused.is_conclusive = False
    return refused


def _systems(world: World, clock: FakeClock, fuse: Fuse) -> dict[str, Press]:
    faults = iter(world.faults)
    made = {}
    for place, tasks in world.tasks.items():
        # The bystander is there, and no target names it.
        press = Press({**tasks, "bystander": "running"}, clock, world.late, on_read=fuse.burn)

        def act(action: str, id_: str, press: Press = press) -> Mapping[str, Failure] | None:
            fuse.burn()
            fault = next(faults, "none")
            if fault in ("none", "lost_after", "repeated"):
                press.take(action, id_)
            fuse.burn()  # it may die after the action has left and before anybody knows
            if fault.startswith("lost"):
                raise AnswerLost("timeout", "no answer came")
            answers: dict[str, dict[str, Failure]] = {
                "busy": {id_: TryLater("rate_limited", "not now")},
                "refused": {id_: Refused("refused", "no", http_status=409)},
                # The second copy is what is answered.
                "repeated": {id_: inconclusive(Refused("refused", "no", http_status=409))},
            }
            return answers.get(fault, {})

        press.on_act = act
        made[place] = press
    return made


def _open_and_close(job: Job, world: World, systems: Mapping[str, Press]) -> World:
    """The jobs that die first, then one of each that lives; each of them may fail, and then is run again as a person would. Returns the
    world as the last window found it.
    """
    for direction, calls in world.kills:
        document = job.document()
        if direction == "close" and document is None:
            continue
        if direction == "open" and document is not None and document["status"] == "closed":
            # Another window begins here, over what the one before has left.
            job.clock.time += 2 * LATEST
            _judge(world, document, systems)
            world = replace(world, tasks={place: {id_: systems[place].see()[id_] for id_ in ids} for place, ids in world.tasks.items()})
        job.fuse.left = calls
        try:
            job.run(direction)
            event("a job ended before it could be killed")
        except Killed:
            event("killed")
        except Failure:
            event("a job failed before it could be killed")
        job.fuse.left = None
        job.document()  # it can be read, whatever happened
    if job.document() is None or not any(direction == "close" for direction, _calls in world.kills):
        _again(job, "open")
    document = job.document()
    if document is not None:
        # What somebody does to a task that a killed closing has put back already is none of the window's business.
        here = [target["items"] for target in document["targets"] if target["name"] == "here"]
        over = {item["id"] for items in here for item in items if (item.get("close") or {}).get("over")}
        for id_, state in world.somebody.items():
            if id_ in systems["here"].states and id_ not in over and not world.late:
                systems["here"].states[id_] = state
        _again(job, "close")
    return world


def _again(job: Job, direction: str) -> None:
    for _try in range(3):
        try:
            job.run(direction)
            return
        except Failure as failure:
            event(f"{direction} failed")
            if failure.message.startswith("the window CHG1 isn't opened"):
                return


@pytest.mark.wire
@pytest.mark.long
@example(
    World(
        tasks={"here": {"a": "queued"}, "there": {"a": "held"}},
        wishes={"here": "paused", "there": "stopped"},
        stages={"here": 10, "there": 10},
        late=0.0,
        faults=[],
        kills=[("open", 13), ("close", 13), ("open", 0)],
        somebody={},
    )
)
@example(
    World(
        tasks={"here": {"c": "queued"}, "there": {"a": "queued"}},
        wishes={"here": "started", "there": "paused"},
        stages={"here": 10, "there": 10},
        late=0.0,
        faults=[],
        kills=[("open", 3), ("close", 16)],
        somebody={"c": "stopped"},
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(WORLDS)
def test_in_the_end_every_task_is_as_found_or_reported(world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = FakeClock()
        targets = [
            target(place, place, world.wishes[place], tasks=sorted(tasks), stage=world.stages[place], accept_final=True)
            for place, tasks in world.tasks.items()
        ]
        job = Job(Path(folder), clock, targets)
        systems = _systems(world, clock, job.fuse)
        with presses(systems, clock):
            world = _open_and_close(job, world, systems)
            document = job.document()
        clock.time += 2 * LATEST
        _judge(world, document, systems)


def _judge(world: World, document: Plain | None, systems: Mapping[str, Press]) -> None:
    for press in systems.values():
        assert press.see()["bystander"] == "running"
        assert "bystander" not in [id_ for _action, id_ in press.journal]
    if document is None:
        # Refused, or killed after the last window of that id was closed and put aside.
        for place, tasks in world.tasks.items():
            for id_, found in tasks.items():
                assert _word(systems[place].see()[id_]) in {_word(found), *SATISFIED_BY[RESTORING_STATE[_word(found)]]}
        return
    report = _report.facts(document)
    fates = {(target["name"], task["id"]): task for target in report["targets"] for task in target["tasks"]}
    for place, tasks in world.tasks.items():
        for id_, found in tasks.items():
            now = systems[place].see()[id_]
            task = fates[place, id_]
            word = _word(now)
            wish = RESTORING_STATE[_word(found)]
            is_meddled = place == "here" and id_ in world.somebody and not world.late
            is_back = now == found or word == _word(found) or word in SATISFIED_BY[wish]
            event(f"fate: {task['fate']}")
            if not is_back and not (is_meddled and task["fate"] == "untouched"):
                assert task["fate"] in ("failed", "final", "left"), (place, id_, found, now, task)
                assert task["why"], (place, id_, task)
            if task["fate"] in ("back", "untouched") and not is_meddled:
                assert is_back, (place, id_, found, now, task)
            if id_ in world.somebody and place == "here" and task["fate"] == "left":
                assert now in (world.somebody[id_], found)


def _word(spelling: str) -> Word:
    state = TABLE.find(spelling)
    assert state is not None
    return state.word
