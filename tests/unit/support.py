# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers of several unit tests: a clock that only advances on demand, and a vendor that is a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline
from ansible_collections.taskops.quiesce.plugins.module_utils._converge import Convergence
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import (
    Act,
    Cannot,
    DesiredState,
    Done,
    IfUnpausable,
    Observation,
    Policy,
    State,
    StateTable,
    Wait,
)
from ansible_collections.taskops.quiesce.plugins.module_utils._task_run import RunSettings
from ansible_collections.taskops.quiesce.plugins.module_utils._vendor import Vendor


class FakeClock:
    """A clock that only advances when somebody sleeps. `sleeps` records that."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.time += seconds


# A system with every kind of step: a pause, a final stop, a queue that can't be stopped, intermediate states, a required option.
MILL = StateTable(
    "the mill",
    [
        State(spelling="queued", word="waiting", meaning="", paused=Act("hold", "held"), stopped=Wait("running")),
        State(spelling="held", word="paused", meaning="", started=Act("release", "running"), stopped=Act("stop", "stopped")),
        State(spelling="running", word="started", meaning="", paused=Act("hold", "held"), stopped=Act("stop", "stopped")),
        State(
            spelling="stopping",
            word="stopping",
            meaning="",
            paused=Cannot("task {id} is being stopped"),
            started=Wait("stopped"),
            stopped=Act("kill", "stopped", needs="force", otherwise=Wait("stopped")),
        ),
        State(spelling="stopped", word="stopped", meaning="", paused=Cannot("task {id} is stopped"), started=Act("start", "running")),
        State(
            spelling="done",
            word="completed",
            meaning="",
            paused=Cannot("task {id} is done"),
            started=Done("task {id} is done ({yield_})"),
        ),
        State(
            spelling="broken",
            word="failed",
            meaning="",
            paused=Cannot("task {id} is broken"),
            started=Act("start", "running", needs="retry_failed", otherwise=Cannot("task {id} broke and isn't started again unasked")),
        ),
        State(
            spelling="jammed",
            word="troubled",
            meaning="",
            paused=Cannot("task {id} is jammed"),
            started=Wait("running"),
            stopped=Act("stop", "stopped"),
        ),
    ],
)


@dataclass
class Mill(Vendor):
    """A fake vendor with its tasks in a dictionary. It executes actions at once, unless a test specifies otherwise.

    `journal` has each call. `on_act` is called before each action: it may change states, raise, or return failures. If it returns None, the
    action is executed. `on_read` is called before each read.
    """

    states: dict[str, str]
    clock: FakeClock = field(default_factory=FakeClock)
    table: StateTable = MILL
    settle: float = 10.0
    lag: float = 0.0
    read_size: int = 0
    act_size: int = 1
    logins: int = 0
    journal: list[tuple[str, ...]] = field(default_factory=list)
    on_act: Callable[[Mill, str, Sequence[str]], Mapping[str, Failure] | None] | None = None
    on_read: Callable[[Mill, int], None] | None = None
    reads: int = 0
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def renewals(self) -> int:
        return self.logins

    def list_all(self, filters: Mapping[str, object]) -> list[Observation]:
        return list(self.read(list(self.states)).values())

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        self.reads += 1
        self.journal.append(("read", *ids))
        if self.on_read:
            self.on_read(self, self.reads)
        return {id_: Observation(id_, self.states[id_], name=f"name of {id_}") for id_ in ids if id_ in self.states}

    def act(self, action: str, tasks: Sequence[Observation]) -> Mapping[str, Failure]:
        ids = [task.id for task in tasks]
        self.journal.append((action, *ids))
        result = self.on_act(self, action, ids) if self.on_act else None
        if result is not None:
            return result
        for id_ in ids:
            self.take(action, id_)
        return {}

    def take(self, action: str, id_: str) -> None:
        self.states[id_] = {"hold": "held", "release": "running", "start": "running", "stop": "stopped", "kill": "stopped"}[action]

    def explain(self, seen: Observation) -> str:
        if seen.id not in self.reasons:
            raise Failure("connection", "nobody there to ask")
        return self.reasons[seen.id]

    @property
    def writes(self) -> list[tuple[str, ...]]:
        return [call for call in self.journal if call[0] != "read"]


def converge(
    mill: Mill,
    wish: DesiredState,
    *ids: str,
    if_unpausable: IfUnpausable = "fail",
    grants: Sequence[str] = (),
    check_mode: bool = False,
    pace: RunSettings | None = None,
    found: Mapping[str, Observation] | None = None,
) -> Convergence:
    """One run of the engine with a mill, over all its tasks unless some are named."""
    pace = pace or RunSettings(concurrency=1)
    deadline = Deadline(mill.clock, pace.drain + pace.wait_timeout)
    run = Convergence(mill, ids or tuple(mill.states), Policy(wish, if_unpausable, grants), pace, mill.clock, deadline, found)
    run.run(check_mode=check_mode)
    return run
