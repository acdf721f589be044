# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of JP1/AO tasks (``hitachi.md``, section 4.4), for requests and for changes by themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from math import floor
from typing import Any

from ..track import Lag
from ..vendor import Vendor
from ._hitachi_dates import date_text
from ._hitachi_states import (
    AHEAD,
    ARCHIVE,
    ARROWS,
    BY_EDITION,
    CANCEL,
    CANCELED,
    ENDED,
    FAILED,
    FOR_INPUT,
    FORCE_STOP,
    IN_PROGRESS,
    LONG_RUNNING,
    RERUN,
    RERUN_STEP,
    RESPONSE,
    RESUBMIT,
    RESUME,
    STOP,
    SUSPEND,
    SUSPENDED,
    TERMINATING,
    WAITING,
    WITH_ERROR,
)
from ._hitachi_task import IMMEDIATE, Schedule, State, Task

DAY = 86400
SOON = 1e-6  # two readings of one moment, as sums of floats, may differ by less


class Impossible(Exception):
    """The status of the task doesn't permit this: 409."""


class Life:
    """Stores and changes the tasks. It knows neither requests nor answers. ``at`` is always the time on the emulator's clock."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._switches = vendor.switches
        self.forget()

    def forget(self) -> None:
        self.tasks: dict[int, Task] = {}
        self.schedules: dict[int, Schedule] = {}
        self.histories: dict[int, Task] = {}
        self.sample_from(self._vendor.now)

    # --- reads ------------------------------------------------------------------------------------------------------

    def sample_from(self, at: float) -> None:
        """Take a sample now, and one in each interval from here on."""
        self._first_sample = at
        for task in self.tasks.values():
            task.states = [(at, task.state)]

    def _sample(self, at: float) -> float:
        interval = self._switches["sampling_interval"]
        return at if not interval else self._first_sample + floor((at - self._first_sample) / interval + SOON) * interval

    def peek(self, task: Task) -> State:
        """The state in the last sample (section 6, 2)."""
        if not self._switches["sampling_interval"]:
            return task.state
        sample = self._sample(self._vendor.now) + SOON
        return next((state for at, state in reversed(task.states) if at <= sample), task.states[0][1])

    def was_read(self, task: Task, seen: State) -> None:
        """Somebody has read this state. The next reader may see the next one."""
        if task.step is not None and task.reads_left and seen is task.state:
            task.reads_left -= 1
            if not task.reads_left:
                self._do(task, self._vendor.now)

    # --- time -------------------------------------------------------------------------------------------------------

    def date(self, at: float) -> str:
        return date_text(self.wall(at))

    def wall(self, at: float) -> float:
        return self._vendor.clock.wall() - self._vendor.now + at

    def cancel(self, task: Task) -> None:
        """Cancel all its scheduled changes."""
        for appointment in (task.next, task.alarm, task.archiving):
            if appointment:
                appointment.cancel()
        task.next = task.alarm = task.archiving = task.step = None
        task.reads_left = 0

    def _later(self, task: Task, lag: Any, at: float, what: Callable[[float], None]) -> None:
        """After these seconds, or after so many reads of its state. Earlier plans are cancelled."""
        if task.next:
            task.next.cancel()
        wait = Lag.of(lag)
        task.step, task.reads_left, task.next = what, wait.reads, None
        if not wait.reads:
            task.next = self._vendor.agenda.at(at + wait.seconds, lambda due: self._do(task, due))
            if not wait.seconds:
                self._vendor.agenda.run(self._vendor.now)

    @staticmethod
    def _do(task: Task, at: float) -> None:
        step, task.step, task.next = task.step, None, None
        if step is not None:
            step(at)

    # --- states -----------------------------------------------------------------------------------------------------

    def become(self, task: Task, state: State, at: float, cause: str) -> None:
        task.state = replace(state, modified=self.date(at))
        if self._switches["sampling_interval"]:
            sample = self._sample(at)
            seen = [index for index, (since, _state) in enumerate(task.states) if since <= sample + SOON]
            task.states = [*task.states[seen[-1] if seen else 0 :], (at, task.state)]
        else:
            task.states = [(at, task.state)]
        task.history.append({"at": at, "status": state.status, "cause": cause})

    def arm(self, task: Task, at: float) -> None:
        """Schedule the next change of the present status by itself."""
        status = task.state.status
        if status == WAITING and task.due is not None and task.due >= at:
            task.next = self._vendor.agenda.at(task.due, lambda due: self.start(task, due, "schedule"))
        elif status in (IN_PROGRESS, WITH_ERROR, LONG_RUNNING):
            self._arm_run(task, at)
        elif status == TERMINATING:
            self._arm_stop(task, at, forced=False)
        elif status in ENDED:
            self.arm_archiving(task, at)

    def _arm_run(self, task: Task, at: float) -> None:
        how = task.behaviour
        if how.long_after is not None and task.state.status == IN_PROGRESS:
            task.alarm = self._vendor.agenda.at(at + how.long_after, lambda due: self._grow_long(task, due))
        if how.runs_for is not None:
            self._later(task, how.runs_for, at, lambda due: self.end(task, how.ends_with, due, "by itself"))

    def _grow_long(self, task: Task, at: float) -> None:
        if task.state.status == IN_PROGRESS:
            self.become(task, replace(task.state, status=LONG_RUNNING), at, "by itself")

    def arm_archiving(self, task: Task, at: float) -> None:
        """Section 6, 4."""
        if task.archiving:
            task.archiving.cancel()
        wait = self._switches["auto_archive_after"]
        task.archiving = None if wait is None else self._vendor.agenda.at(at + wait, lambda due: self.archive(task, due))

    def start(self, task: Task, at: float, cause: str) -> None:
        """Start it, at its time or again."""
        self.cancel(task)
        start = task.state.start if task.state.status == FAILED else self.date(at)  # section 4.4: a retried task keeps its start time
        self.become(task, State(IN_PROGRESS, start), at, cause)
        if self._switches["next_run_appears"] == "start":
            self._follow(task, at)
        self._arm_run(task, at)

    def end(self, task: Task, status: str, at: float, cause: str, *, by_stop: bool = False) -> None:
        self.cancel(task)
        done = self.date(at)
        self.become(task, State(status, task.state.start, done, by_stop=by_stop and status == FAILED), at, cause)
        self.arm_archiving(task, at)
        if status != CANCELED:
            self._follow(task, at)

    def _follow(self, task: Task, at: float) -> None:
        """A recurring schedule creates its next task, under a new id (section 5.3)."""
        schedule = self.schedules[task.schedule_id]
        if not task.is_recurring or task.has_followed or schedule.canceled:
            return
        task.has_followed = True
        every = task.behaviour.repeat_every or DAY
        before = at if task.due is None else task.due
        due = before + max(1, floor((at - before) / every + SOON) + 1) * every
        new = self.create(task, schedule.id, State(WAITING), due, at, "schedule")
        schedule.current = new
        self.arm(new, at)

    def create(self, like: Task, schedule_id: int, state: State, due: float | None, at: float, cause: str) -> Task:
        """Another task of the same service."""
        planned = None if due is None else self.date(due)
        fields = {**like.fields, "name": self.name_of(like.fields["serviceName"], at), "scheduledStartTime": planned}
        task = Task(self.new_id(), fields, schedule_id, state, replace(like.behaviour), due)
        self.become(task, state, at, cause)
        self.tasks[task.id] = task
        return task

    def name_of(self, service: str, at: float) -> str:
        """As the samples name tasks: testService1_20140714044426."""
        return f"{service}_{''.join(letter for letter in self.date(at)[:19] if letter.isdigit())}"

    def new_id(self) -> int:
        """An id that no task has, including archived ones."""
        return max([5000, *self.tasks, *(task.id for task in self.histories.values())]) + 1

    def new_schedule_id(self) -> int:
        return max([3000, *self.schedules]) + 1

    # --- the task list ----------------------------------------------------------------------------------------------

    def vanish(self, task: Task) -> None:
        """Remove it from the task list, without a trace."""
        self.cancel(task)
        self.tasks.pop(task.id, None)

    def archive(self, task: Task, at: float) -> None:
        """Move it to the histories, under another id. A debug task has no history (section 6, 4)."""
        self.vanish(task)
        if not task.is_debug:
            self.keep(task, max([4000, *self.histories]) + 1, at)

    def keep(self, task: Task, history_id: int, at: float) -> None:
        task.history_id, task.archived_at = history_id, self.date(at)
        self.histories[history_id] = task

    # --- actions ----------------------------------------------------------------------------------------------------

    def _says(self, switch: str) -> bool:
        position = self._switches[switch]
        return (BY_EDITION[self._switches["hitachi_edition"]][switch] if position == "edition" else position) == "accepted"

    def judge(self, task: Task, action: str) -> str:
        """The result of the action (section 4.4). Actions on a schedule are judged by its newest task."""
        status = task.state.status
        arrow = ARROWS.get((status, action))
        if arrow is None or (arrow.switch is not None and not self._says(arrow.switch)):
            raise Impossible(f"{action} is not possible at {status}")
        doubts = (
            (action == SUSPEND and task.fields["scheduleType"] == IMMEDIATE, "suspend_immediate"),
            (action == CANCEL and status == SUSPENDED and task.is_recurring, "cancel_suspended_recurring"),
            (action in (RERUN, RERUN_STEP) and task.state.by_stop, "rerun_stopped"),
            (action in (STOP, FORCE_STOP) and task.is_debug, "stop_debug"),
        )
        for holds, switch in doubts:
            if holds and not self._says(switch):
                raise Impossible(f"{action} is not possible for this task: {switch} is refused")
        return arrow.target

    def accept(self, task: Task, action: str) -> bool:
        """Carry out an accepted action, now or when the switches say. Returns whether anything changes."""
        changes, delay = self.judge(task, action) != task.state.status, self._switches["action_delay"]
        if self._switches["ignore_action"] in (True, action):
            return False
        if not delay:
            self.take(task, action, self._vendor.now, action)
        else:
            self._vendor.agenda.at(self._vendor.now + delay, lambda at: self._take_late(task, action, at))
        return changes or action == FORCE_STOP

    def _take_late(self, task: Task, action: str, at: float) -> None:
        # It may have changed or vanished in the meantime. Then the action is too late.
        if self.tasks.get(task.id) is task:
            with suppress(Impossible):
                self.take(task, action, at, action)

    def take(self, task: Task, action: str, at: float, cause: str) -> None:
        target = self.judge(task, action)
        if action == ARCHIVE:
            self.archive(task, at)
        elif action == RESUBMIT:
            self.resubmit(task, at, cause)
        elif action in (STOP, FORCE_STOP):
            self._stop(task, at, cause, forced=action == FORCE_STOP)
        elif action in (RERUN, RERUN_STEP):
            task.fields["scheduleType"] = IMMEDIATE  # section 4.4: a retried task counts as immediate execution
            self.start(task, at, cause)
        elif action == RESPONSE:
            self.go_on(task, at, cause)
        elif target != task.state.status:
            self._plan(task, action, at, cause)

    def _plan(self, task: Task, action: str, at: float, cause: str) -> None:
        """Suspend, resume, cancel (section 4.4)."""
        self.cancel(task)
        if action == SUSPEND:
            self.become(task, replace(task.state, status=SUSPENDED), at, cause)
        elif action == CANCEL:
            self.schedules[task.schedule_id].canceled = True  # section 5.3: all following runs too
            self.end(task, CANCELED, at, cause)
        elif action == RESUME and task.due is not None and task.due <= at:
            self.start(task, at, cause)  # its time has passed
        else:
            self.become(task, replace(task.state, status=WAITING), at, cause)
            self.arm(task, at)

    def _stop(self, task: Task, at: float, cause: str, *, forced: bool) -> None:
        self.cancel(task)
        if task.state.status != TERMINATING:
            self.become(task, State(TERMINATING, task.state.start, by_stop=True), at, cause)
        self._arm_stop(task, at, forced=forced)

    def _arm_stop(self, task: Task, at: float, *, forced: bool) -> None:
        """Sections 4.1 and 6, 2: an orderly stop lets the running plug-in finish, a forced one doesn't."""
        how = task.behaviour
        if forced:
            lag, status = self._switches["force_stop_takes"], FAILED
        else:
            lag = self._switches["stop_takes"] if how.stop_takes is None else how.stop_takes
            status = how.stop_ends or self._switches["stop_ends"]
        self._later(task, lag, at, lambda due: self.end(task, status, due, "stopped", by_stop=True))

    def go_on(self, task: Task, at: float, cause: str) -> None:
        """A running task that was waiting or showed an error is In Progress again."""
        self.cancel(task)
        self.become(task, State(IN_PROGRESS, task.state.start), at, cause)
        self._arm_run(task, at)

    def resubmit(self, task: Task, at: float, cause: str) -> Task:
        """A new task on a new schedule, at once."""
        schedule_id = self.new_schedule_id()
        new = self.create(task, schedule_id, State(WAITING), None, at, cause)
        new.fields.update(scheduleType=IMMEDIATE, submitTime=self.date(at))
        self.schedules[schedule_id] = Schedule(schedule_id, self.date(at), new)
        self.start(new, at, cause)
        return new

    def restart(self, at: float) -> None:
        """The service is restarted (section 4.2): running tasks have failed, and tasks that became due start."""
        for task in list(self.tasks.values()):
            if task.state.status == WAITING and task.due is not None and task.due <= at:
                self.start(task, at, "restart")
            elif task.state.status not in (*AHEAD, *ENDED):
                self.end(task, FAILED, at, "restart")

    def hold(self, task: Task, status: str, at: float, cause: str) -> None:
        """A running task shows another status. One that waits for an answer doesn't continue."""
        if status == FOR_INPUT:
            self.cancel(task)
        self.become(task, replace(task.state, status=status), at, cause)
