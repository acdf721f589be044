# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One stage of a window: the tasks of all its targets are brought to their desired states side by side. One run of the engine handles each
target.

Each action and its result is passed to `note` at once, row by row, so that the caller can record it while the stage goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ._clock import Clock, Deadline
from ._converge import Convergence, growing_pauses
from ._errors import AnswerLost, Failure, TryLater
from ._lifecycle import Act
from ._memories import as_plain, from_plain
from ._results import error_fields
from ._targets import ConnectionPool, Target, convergence
from ._task_run import Task
from ._threads import side_by_side

Plain = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """How many tasks are over, by their results."""

    reached: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.reached + other.reached, self.skipped + other.skipped, self.failed + other.failed)


class PendingTask(NamedTuple):
    """A task that isn't over: which one, and what it waits for."""

    target: str
    id: str
    what: str


class Stage:
    """The targets of one stage. Call `run` once; any thread may read `counts`, `awaited` and `results` at any time.

    Armed tasks, which are about to begin, are paused before any action is sent to running ones. Any thread may call `note`, with a target's
    result that holds the one row that changed. The run ends early after `patience` seconds, or when `is_wanted` returns false.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        clock: Clock,
        pool: ConnectionPool,
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
        self._gate = _StopGate()
        self._target_runs = [_TargetRun(target, clock, self._begun) for target in targets]

    def run(self) -> None:
        """Bring all tasks to their desired states as far as possible. The results hold the failures."""
        for target_run in self._target_runs:
            self._connect_target(target_run)
        for target_run in self._target_runs:
            self._gate.watch(target_run)
        side_by_side([partial(self._run_target, target_run) for target_run in self._target_runs], len(self._target_runs))

    def results(self) -> list[Plain]:
        """The result of each target so far, with a row for each of its tasks."""
        return [
            self._result(target_run, [self._row(target_run, task) for task in target_run.tasks] if target_run.is_read else [])
            for target_run in self._target_runs
        ]

    def counts(self) -> Counts:
        """How many tasks are over, by their results."""
        tasks = [task for target_run in self._target_runs for task in target_run.tasks]
        unfinished = sum(1 for target_run in self._target_runs if target_run.has_failed for task in target_run.tasks if not task.over)
        failed = sum(1 for task in tasks if task.error) + unfinished
        return Counts(sum(1 for task in tasks if task.reached), sum(1 for task in tasks if task.skipped), failed)

    def awaited(self) -> list[PendingTask]:
        """Each task that isn't over."""
        return [
            self._pending_task(target_run, task)
            for target_run in self._target_runs
            if not target_run.has_failed
            for task in target_run.tasks
            if not task.over
        ]

    # One target

    def _connect_target(self, target_run: _TargetRun) -> None:
        target = target_run.target
        memories = {id_: from_plain(id_, plain) for id_, plain in (target.given.get("memories") or {}).items()}
        try:
            vendor, connection = self._pool.acquire(target, max(0.0, target_run.limit - target_run.spent_before))
            more: Plain = {"memories": memories, "patience": self._rest.left(), "may_act": self._gate.allows, "is_wanted": self._is_wanted}
            more["drain_since"] = self._begun - target_run.spent_before
            target.run = target_run.run = convergence(target, vendor, connection, watch=partial(self._report_change, target_run), **more)
        except Failure as failure:
            target.failure = failure

    def _run_target(self, target_run: _TargetRun) -> None:
        """Run one target to its end. If its system can't be reached at first, retry until the time is up."""
        try:
            for pause in growing_pauses(target_run.target.params["poll_interval"]):
                if target_run.run is None or not self._run_once(target_run):
                    return
                self._clock.sleep(min(pause, self._rest.left()))
                if self._rest.passed or not self._is_wanted() or target_run.time_used(self._clock.now()) >= target_run.limit:
                    target_run.target.failure = target_run.trouble
                    return
        finally:
            self._pool.release(target_run.target)

    def _run_once(self, target_run: _TargetRun) -> bool:
        """Run the target once. Returns whether it should be retried."""
        try:
            if target_run.run:
                target_run.run.run()
        except (AnswerLost, TryLater) as failure:
            target_run.trouble = failure
            return True
        except Failure as failure:
            target_run.target.failure = failure
        target_run.trouble = None
        return False

    def _report_change(self, target_run: _TargetRun, task: Task) -> None:
        """Pass on what changed for a task: an action was sent, its result came, or the task is over."""
        mark = (len(task.actions), task.sends, task.changed, task.sent is None or task.sent.failure, task.over)
        if target_run.marks.get(task.id, NOTHING) != mark:
            target_run.marks[task.id] = mark
            self._note(self._result(target_run, [self._row(target_run, task)]))

    # As plain data

    def _result(self, target_run: _TargetRun, rows: list[Plain]) -> Plain:
        target = target_run.target
        result: Plain = {
            "name": target.name,
            "state": target.given["state"],
            "spent": round(target_run.time_used(self._clock.now()), 3),
            "tasks": rows,
        }
        if target.failure:
            result["error"] = error_fields(target.failure)
            # A refusal is the end of the target. Without an answer, the target ends only when its time is up.
            result["over"] = not isinstance(target.failure, (AnswerLost, TryLater)) or result["spent"] >= target_run.limit
        if rows and target.vendor:
            result["warnings"] = list(target.vendor.warnings)
        return result

    def _row(self, target_run: _TargetRun, task: Task) -> Plain:
        if target_run.run is None:
            raise ValueError(f"target {target_run.target.name} has no run, and so no rows")
        table = target_run.run.table
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
            "memory": as_plain(target_run.run.remember(task)),
        }
        if task.error:
            row["error"] = error_fields(task.error)
        return row

    def _pending_task(self, target_run: _TargetRun, task: Task) -> PendingTask:
        if target_run.trouble or not target_run.is_read or target_run.run is None:
            return PendingTask(target_run.target.name, task.id, target_run.trouble.message if target_run.trouble else "not read yet")
        why = target_run.run.awaits(task)
        if not why and not self._gate.is_open and not self._gate.allows(task):
            why = "waiting tasks are paused first"
        return PendingTask(target_run.target.name, task.id, f"{target_run.run.table.describe(task.last)}{f'; {why}' if why else ''}")


NOTHING = (0, 0, False, True, False)


class _TargetRun:
    """The run of one target in a stage; times in seconds."""

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

    def time_used(self, now: float) -> float:
        """The seconds of its time limit that the target has used."""
        return self.spent_before + now - self._begun


class _StopGate:
    """Delays the actions on running tasks until all armed tasks are paused, so that nothing new starts meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending_task: list[tuple[_TargetRun, Task]] = []
        self._armed: set[int] = set()

    def watch(self, target_run: _TargetRun) -> None:
        """Make the gate wait for the armed tasks of this target."""
        armed = [(target_run, task) for task in target_run.tasks if task.id in target_run.armed]
        self._pending_task += armed
        self._armed |= {id(task) for _way, task in armed}

    @property
    def is_open(self) -> bool:
        return not self._pending_task

    def allows(self, task: Task) -> bool:
        """Whether an action may be sent to the task now. Each armed task is checked until it's paused and never again, so that the cost
        doesn't grow with their number.
        """
        if id(task) in self._armed:
            return True
        with self._lock:
            while self._pending_task and self._is_settled(*self._pending_task[-1]):
                self._pending_task.pop()
            return not self._pending_task

    def _is_settled(self, target_run: _TargetRun, task: Task) -> bool:
        return target_run.has_failed or _is_held(task)


def _is_held(task: Task) -> bool:
    """Whether an armed task needs no action, or the system has accepted one. A task that wasn't read isn't held."""
    return task.over or task.changed or (task.decision is not None and not isinstance(task.decision.step, Act))
