# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One stage of a window: the tasks of all its targets brought on their way side by side, each target by one run of the engine.

What was sent and what became of it is told row by row as it happens, so that it can be written down while the rest goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ._clock import Clock, Deadline
from ._converge import Convergence, growing_pauses
from ._errors import AnswerLost, Failure, TryLater
from ._lifecycle import Act
from ._memories import as_plain, from_plain
from ._results import error
from ._stage import Pool, Target, convergence
from ._task_run import Task
from ._threads import side_by_side

Plain = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """How many tasks have come to an end, and to which."""

    reached: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.reached + other.reached, self.skipped + other.skipped, self.failed + other.failed)


@dataclass(frozen=True)
class Awaited:
    """A task that isn't over: what it is, and what is waited for."""

    target: str
    id: str
    what: str


class Stage:
    """The targets of one stage. `run` may be called once; `counts`, `awaited` and `results` at any time, by any thread.

    What is armed to begin is held before what runs is acted on. `note` is called, by any thread, with a target's result that holds the one
    row of which there are news. The run ends early, after `patience` seconds or when `is_wanted` says no.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        clock: Clock,
        pool: Pool,
        *,
        note: Callable[[Plain], None] = lambda result: None,
        is_wanted: Callable[[], bool] = lambda: True,
        patience: float = float("inf"),
    ) -> None:
        self._clock = clock
        self._pool = pool
        self._note = note
        self._is_wanted = is_wanted
        self._begun = clock.now()
        self._rest = Deadline(clock, patience)
        self._gate = _Gate()
        self._ways = [_Way(target, clock, self._begun) for target in targets]

    def run(self) -> None:
        """Bring all tasks to their states, as far as they go; what fails is told in the results."""
        for way in self._ways:
            self._prepare(way)
        for way in self._ways:
            self._gate.watch(way)
        side_by_side([partial(self._go, way) for way in self._ways], len(self._ways))

    def results(self) -> list[Plain]:
        """What became of each target by now, with a row for each of its tasks."""
        return [self._result(way, [self._row(way, task) for task in way.tasks] if way.is_read else []) for way in self._ways]

    def counts(self) -> Counts:
        """How many tasks are over by now, and how."""
        tasks = [task for way in self._ways for task in way.tasks]
        lost = sum(1 for way in self._ways if way.has_failed for task in way.tasks if not task.over)
        failed = sum(1 for task in tasks if task.error) + lost
        return Counts(sum(1 for task in tasks if task.reached), sum(1 for task in tasks if task.skipped), failed)

    def awaited(self) -> list[Awaited]:
        """Each task that isn't over."""
        return [self._awaited(way, task) for way in self._ways if not way.has_failed for task in way.tasks if not task.over]

    # One target

    def _prepare(self, way: _Way) -> None:
        target = way.target
        memories = {id_: from_plain(id_, plain) for id_, plain in (target.given.get("memories") or {}).items()}
        try:
            vendor, connection = self._pool.take(target, max(0.0, way.limit - way.spent_before))
            more: Plain = {"memories": memories, "patience": self._rest.left(), "may_act": self._gate.lets, "is_wanted": self._is_wanted}
            more["drain_since"] = self._begun - way.spent_before
            target.run = way.run = convergence(target, vendor, connection, watch=partial(self._look, way), **more)
        except Failure as failure:
            target.failure = failure

    def _go(self, way: _Way) -> None:
        """The whole way of one target. Where nobody can be asked at first, that's tried again until the time is up."""
        try:
            for pause in growing_pauses(way.target.params["poll_interval"]):
                if way.run is None or not self._try(way):
                    return
                self._clock.sleep(min(pause, self._rest.left()))
                if self._rest.passed or not self._is_wanted() or way.spent(self._clock.now()) >= way.limit:
                    way.target.failure = way.trouble
                    return
        finally:
            self._pool.give_back(way.target)

    def _try(self, way: _Way) -> bool:
        """Whether it's to be tried again."""
        try:
            if way.run:
                way.run.run()
        except (AnswerLost, TryLater) as failure:
            way.trouble = failure
            return True
        except Failure as failure:
            way.target.failure = failure
        way.trouble = None
        return False

    def _look(self, way: _Way, task: Task) -> None:
        """Tell what is new of a task: what was sent, what became of that, and its end."""
        mark = (len(task.actions), task.sends, task.changed, task.sent is None or task.sent.failure, task.over)
        if way.marks.get(task.id, NOTHING) != mark:
            way.marks[task.id] = mark
            self._note(self._result(way, [self._row(way, task)]))

    # As plain data

    def _result(self, way: _Way, rows: list[Plain]) -> Plain:
        target = way.target
        result: Plain = {
            "name": target.name,
            "state": target.given["state"],
            "spent": round(way.spent(self._clock.now()), 3),
            "tasks": rows,
        }
        if target.failure:
            result["error"] = error(target.failure)
            # Where the answer is no, that was it; where there's none, the time has to be up.
            result["over"] = not isinstance(target.failure, (AnswerLost, TryLater)) or result["spent"] >= way.limit
        if rows and target.vendor:
            result["warnings"] = list(target.vendor.warnings)
        return result

    def _row(self, way: _Way, task: Task) -> Plain:
        if way.run is None:
            raise ValueError(f"target {way.target.name} has no run, and so no rows")
        table = way.run.table
        row: Plain = {
            "id": task.id,
            "name": task.last.name,
            "before": table.word(task.before),
            "state": table.word(task.last),
            "vendor_state": task.last.spelling,
            "told": table.describe(task.last),
            "action": ", ".join(task.actions) or "none",
            "changed": task.changed,
            "reached": task.reached,
            "skipped": task.skipped,
            "over": task.over,
            "note": task.note,
            "memory": as_plain(way.run.remember(task)),
        }
        if task.error:
            row["error"] = error(task.error)
        return row

    def _awaited(self, way: _Way, task: Task) -> Awaited:
        if way.trouble or not way.is_read or way.run is None:
            return Awaited(way.target.name, task.id, way.trouble.message if way.trouble else "not read yet")
        why = way.run.awaits(task)
        if not why and not self._gate.is_open and not self._gate.lets(task):
            why = "waiting tasks are held first"
        return Awaited(way.target.name, task.id, f"{way.run.table.describe(task.last)}{f'; {why}' if why else ''}")


NOTHING = (0, 0, False, True, False)


class _Way:
    """The way of one target through a stage; times in seconds."""

    def __init__(self, target: Target, clock: Clock, begun: float) -> None:
        self.target = target
        self.run: Convergence | None = None
        self.trouble: Failure | None = None
        self.marks: dict[str, Any] = {}
        self.spent_before = float(target.given.get("spent") or 0)
        self.limit = float(target.params["drain"] + target.params["wait_timeout"])
        self._begun = begun
        self.armed = frozenset(target.given.get("armed") or ())
        target.ids = [str(id_) for id_ in target.given["ids"]]

    @property
    def tasks(self) -> Sequence[Task]:
        return self.run.tasks if self.run else ()

    @property
    def is_read(self) -> bool:
        return self.run is not None and self.run.observed

    @property
    def has_failed(self) -> bool:
        return self.target.failure is not None

    def spent(self, now: float) -> float:
        """How much of its time the target has used up."""
        return self.spent_before + now - self._begun


class _Gate:
    """Lets running tasks be acted on once all that is armed to begin is held, so that nothing new starts meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awaited: list[tuple[_Way, Task]] = []
        self._armed: set[int] = set()

    def watch(self, way: _Way) -> None:
        """Wait for what is armed in this target."""
        armed = [(way, task) for task in way.tasks if task.id in way.armed]
        self._awaited += armed
        self._armed |= {id(task) for _way, task in armed}

    @property
    def is_open(self) -> bool:
        return not self._awaited

    def lets(self, task: Task) -> bool:
        """Whether the task may be acted on now. Each armed task is looked at until it's held and never again, so that this takes no longer
        the more there are.
        """
        if id(task) in self._armed:
            return True
        with self._lock:
            while self._awaited and self._is_settled(*self._awaited[-1]):
                self._awaited.pop()
            return not self._awaited

    def _is_settled(self, way: _Way, task: Task) -> bool:
        return way.has_failed or _is_held(task)


def _is_held(task: Task) -> bool:
    """Whether there is nothing to send to a task that is armed to begin, or the system has accepted it. Unread, it isn't held."""
    return task.over or task.changed or (task.decision is not None and not isinstance(task.decision.step, Act))
