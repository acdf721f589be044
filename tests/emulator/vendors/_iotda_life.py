# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of IoTDA batch tasks (``iotda.md``, section 4.4), for requests and for changes by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..agenda import Agenda
from ..track import Lag
from ._iotda_rules import (
    ACCEPTED,
    FAIL,
    FAIL_WAIT,
    FINAL,
    INITIALIZING,
    MODULE_UPGRADE,
    PARTIAL,
    PROCESSING,
    RERUN,
    STOPPED,
    STOPPING,
    SUCCESS,
    UNFINISHED,
    UPGRADES,
    WAITTING,
)
from ._iotda_task import BatchTask, Step, Subtask


class Impossible(Exception):
    """The state of the task doesn't permit this."""


class Life:
    """Changes tasks. It knows neither requests nor answers. ``at`` is always the time on the emulator's clock."""

    def __init__(self, agenda: Agenda, switches: Mapping[str, Any]) -> None:
        self._agenda = agenda
        self._switches = switches

    # --- time -------------------------------------------------------------------------------------------------------

    def later(self, task: BatchTask, lag: Any, at: float, what: Callable[[float], None]) -> None:
        """After the seconds or reads of a switch, and never before earlier plans."""
        wait = Lag.of(lag)
        step = Step(at + wait.seconds, wait.reads, what)
        task.steps.append(step)
        if wait.seconds:
            self._agenda.at(step.due, lambda due: self.ripen(task, due))
        else:
            self.ripen(task, at)

    def ripen(self, task: BatchTask, at: float) -> None:
        """Apply all due changes of a task before it is read."""
        while task.steps and task.steps[0].reads <= 0 and task.steps[0].due <= at:
            task.steps.popleft().what(at)

    def was_read(self, task: BatchTask) -> None:
        if task.steps:
            task.steps[0].reads -= 1

    # --- the main task ------------------------------------------------------------------------------------------------

    def become(self, task: BatchTask, status: str, at: float, cause: str, status_desc: str | None = None) -> None:
        if status_desc is not None:
            task.status_desc = status_desc
        if status != task.status:
            task.status = status
            task.history.append({"at": at, "status": status, "cause": cause})
        self.changed(task, at)

    def changed(self, task: BatchTask, at: float) -> None:
        lag = Lag.of(self._switches["list_lag"])
        if lag == Lag() and task.listed.final == task.listed.peek(at):
            task.listed.set(task.head)
        else:
            task.listed.then(task.head, at, lag)

    def initialize(self, task: BatchTask, at: float) -> None:
        """Start the task's own changes."""
        self.later(task, self._switches["initializing"], at, lambda due: self.distribute(task, due))

    def distribute(self, task: BatchTask, at: float) -> None:
        """The end of Initializing: subtasks are created. Bad targets show only now, without any subtask (section 3.6)."""
        if task.status != INITIALIZING or task.ending:
            return
        if not task.devices:
            self.become(task, FAIL, at, "platform", task.status_desc or "emulator: the targets of the task don't exist")
            return
        task.make_subtasks(task.devices)
        if task.starts_at is not None and task.starts_at > at:
            self.become(task, WAITTING, at, "platform")
            self.await_schedule(task)
        else:
            self.come_due(task, at)

    def await_schedule(self, task: BatchTask) -> None:
        due = task.starts_at
        if due is not None:
            # A test may have moved the schedule in the meantime. Then another appointment applies.
            self._agenda.at(due, lambda at: self.come_due(task, at) if task.starts_at == due and task.status == WAITTING else None)

    def come_due(self, task: BatchTask, at: float) -> None:
        """The scheduled time: it runs, or is held for confirmation (section 3.5)."""
        if task.need_confirm:
            for subtask in task.of({WAITTING}):
                subtask.held = True
            self.become(task, self._switches["held_status"], at, "platform")
        else:
            self.start(task, task.of({WAITTING}), at, "platform")

    def settle(self, task: BatchTask, at: float, cause: str, *, stopped: bool = False) -> None:
        """If no subtask is running, the task ends (section 4.4)."""
        if task.unfinished or task.ending or task.status in FINAL or not task.subtasks:
            self.changed(task, at)
        elif stopped and self._switches["stop_targets_ends"] == STOPPED:
            self.become(task, STOPPED, at, cause)
        else:
            self.become(task, task.outcome, at, cause)

    # --- subtasks -----------------------------------------------------------------------------------------------------

    def start(self, task: BatchTask, subtasks: Iterable[Subtask], at: float, cause: str) -> None:
        """These devices work from now on."""
        started = list(subtasks)
        for subtask in started:
            task.move(subtask, PROCESSING)
            subtask.error = None
        if not task.ending:
            self.become(task, PROCESSING, at, cause)
        self.arm(task, started, at)

    def arm(self, task: BatchTask, subtasks: Iterable[Subtask], at: float) -> None:
        """Schedule the end of their work, if a test has set one."""
        groups: dict[float, list[tuple[Subtask, int]]] = {}
        for subtask in subtasks:
            if subtask.runs_for is not None:
                groups.setdefault(subtask.runs_for, []).append((subtask, subtask.run))
        # One appointment for all with the same duration: there may be 30,000.
        for seconds, group in groups.items():
            self._agenda.at(at + seconds, self._end_of(task, group))

    def _end_of(self, task: BatchTask, group: list[tuple[Subtask, int]]) -> Callable[[float], None]:
        def end(at: float) -> None:
            for subtask, run in group:
                if subtask.run == run:
                    self._finish(task, subtask, subtask.ending, at)
            self.settle(task, at, "device")

        return end

    def _finish(self, task: BatchTask, subtask: Subtask, status: str, at: float) -> None:
        if status == FAIL:
            subtask.failures += 1
            subtask.error = subtask.error or {"error_code": "IOTDA.0142ZZ", "error_msg": "emulator: the device failed"}
            policy = task.task_policy or {}
            if subtask.failures <= policy.get("retry_count", 0):
                task.move(subtask, FAIL_WAIT)
                self.await_retry(task, subtask, at)
                return
        task.move(subtask, status)

    def await_retry(self, task: BatchTask, subtask: Subtask, at: float) -> None:
        """The automatic retry of the task's policy (sections 3.1, 4.2; section 6, 12)."""
        run, wait = subtask.run, 60 * (task.task_policy or {}).get("retry_interval", 0)
        self._agenda.at(at + wait, lambda at: self.start(task, [subtask], at, "platform") if subtask.run == run else None)

    # --- what callers may do ----------------------------------------------------------------------------------------------

    def judge(self, task: BatchTask, action: str) -> None:
        """Section 4.3: whether the action is accepted."""
        types = {
            "stop": UPGRADES,
            "retry": UPGRADES,
            "confirm": (*UPGRADES, MODULE_UPGRADE),
        }.get(action)
        if types and action != "confirm" and self._switches["module_upgrade"] == "accepted":
            types = (*types, MODULE_UPGRADE)
        if types and task.task_type not in types:
            raise Impossible(f"{action} is not for tasks of type {task.task_type}")
        refused = action == "stop" and task.status == INITIALIZING and self._switches["stop_initializing"] == "refused"
        if refused or task.status not in ACCEPTED[action]:
            raise Impossible(f"{action} is not possible in state {task.status}")
        if action == "confirm" and self._switches["confirm_unheld"] == "refused" and not self.fit(task, action):
            raise Impossible("nothing waits for confirm")
        if action == "retry" and self._switches["retry_nothing"] == "refused" and not self.fit(task, action):
            raise Impossible("nothing is left to retry")

    def fit(self, task: BatchTask, action: str) -> list[Subtask]:
        """The subtasks that the action would change."""
        if action == "stop":
            return task.of(UNFINISHED)
        if action == "retry":
            return task.of(RERUN)
        return [subtask for subtask in task.of({WAITTING}) if subtask.held]

    def take(self, task: BatchTask, action: str, chosen: list[Subtask] | None, at: float, cause: str) -> bool:
        """Carry out an accepted action on all suitable subtasks, or (``chosen``) on these. Returns whether anything changes or
        will change.
        """
        before = (task.head, len(task.steps))
        ready = {id(subtask) for subtask in self._able(task, action)}
        subtasks = [subtask for subtask in (self.fit(task, action) if chosen is None else chosen) if id(subtask) in ready]
        if action == "stop" and chosen is None:
            self._stop_all(task, at, cause)
        elif action == "stop":
            for subtask in subtasks:
                task.move(subtask, STOPPED)
            if subtasks:
                self.settle(task, at, cause, stopped=True)
        elif action == "retry":
            self._retry(task, subtasks, at, cause, everything=chosen is None)
        elif subtasks:
            self.start(task, subtasks, at, cause)
        return (task.head, len(task.steps)) != before

    def _able(self, task: BatchTask, action: str) -> list[Subtask]:
        stuck = self._switches["failing_targets"]
        return [subtask for subtask in self.fit(task, action) if subtask.target not in stuck]

    def _stop_all(self, task: BatchTask, at: float, cause: str) -> None:
        if task.ending or (task.status == INITIALIZING and self._switches["stop_initializing"] == "missed"):
            return
        if task.status == INITIALIZING:
            task.steps.clear()  # its end is no longer awaited
        task.ending = True
        if self._switches["show_stopping"]:
            self.become(task, STOPPING, at, cause)
        self.later(task, self._switches["stopping"], at, lambda due: self.stop_ends(task, due))

    def stop_ends(self, task: BatchTask, at: float) -> None:
        task.ending = False
        if not task.subtasks and task.devices:  # stopped before it had any
            task.make_subtasks(task.devices)
        remaining, how = self._able(task, "stop"), self._switches["stop_ends"]
        first = {SUCCESS: (SUCCESS, len(remaining)), FAIL: (FAIL, len(remaining)), PARTIAL: (SUCCESS, 1)}.get(how, (STOPPED, 0))
        for number, subtask in enumerate(remaining):
            task.move(subtask, first[0] if number < first[1] else STOPPED)
        if task.unfinished:  # of devices that can't be stopped
            self.become(task, PROCESSING, at, "platform")
        elif how == "by_subtasks" or (task.subtasks and not remaining):  # all finished while it was Stopping
            self.become(task, task.outcome, at, "platform")
        else:
            self.become(task, how, at, "platform")

    def _retry(self, task: BatchTask, subtasks: list[Subtask], at: float, cause: str, *, everything: bool) -> None:
        for subtask in subtasks:
            subtask.failures = 0
        if subtasks:
            self.start(task, subtasks, at, cause)
            if self._switches["retry_fails_again"]:
                for subtask in subtasks:
                    self._fail_for_good(task, subtask)
                self.settle(task, at, "device")
        elif everything and task.status in FINAL and self._switches["retry_nothing"] == "fails_again":
            self.become(task, PROCESSING, at, cause)
            self.become(task, FAIL, at, "platform")

    @staticmethod
    def _fail_for_good(task: BatchTask, subtask: Subtask) -> None:
        subtask.error = {"error_code": "IOTDA.0142ZZ", "error_msg": "emulator: the device failed again"}
        task.move(subtask, FAIL)
