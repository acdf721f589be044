# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that a test can put for a JP1/AO task, and the conversion from and to these fields. Sections: ``hitachi.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..messages import BadOrder
from ..switches import is_number
from ._hitachi_dates import any_date, date_text
from ._hitachi_life import DAY, Life
from ._hitachi_states import AHEAD, CANCELED, COMPLETED, ENDED, FAILED, IN_PROGRESS, WAITING
from ._hitachi_task import DEFAULTS, IMMEDIATE, ONCE, RECURRING, TYPES, Behaviour, Schedule, State, Task

Check = Callable[[Any], bool]
MOST_DIGITS = 16  # section 6, 16


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() else -1
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**MOST_DIGITS


def _is_date(value: object) -> bool:
    return value is None or (isinstance(value, str) and any_date(value) is not None)


def _is_span(value: object) -> bool:
    return value is None or is_number(value)


def _is_lag(value: object) -> bool:
    if not isinstance(value, str):
        return _is_span(value)
    number, _space, unit = value.partition(" ")
    return number.isdecimal() and int(number) > 0 and unit in ("read", "reads")


def _is_optional_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_steps(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(step, dict) for step in value))


def _check_of(name: str) -> Check:
    default = DEFAULTS[name]
    if name == "scheduledStartTime":
        return _is_date
    return {bool: _is_flag, int: _is_id, str: _is_text}.get(type(default), _is_optional_text)


# The vendor's members, then the behaviour.
PUTTABLE: dict[str, Check] = {
    "instanceID": _is_id,
    "name": _is_text,
    "status": _is_text,  # a word of section 4.1; any other is shown unchanged
    "startTime": _is_date,
    "completionTime": _is_date,
    "submitTime": _is_date,
    "modifyTime": _is_date,
    "scheduleType": TYPES.__contains__,
    "scheduleID": _is_id,
    **{name: _check_of(name) for name in DEFAULTS},
    "starts_in": _is_span,  # seconds until a planned run starts; less than none can't be put, but scheduledStartTime may be past
    "repeat_every": _is_span,  # seconds between the runs of a recurring schedule; null: a day
    "runs_for": _is_lag,  # of running until it ends by itself: seconds, or a count of reads such as "2 reads"
    "ends_with": (COMPLETED, FAILED).__contains__,
    "stop_takes": _is_lag,  # instead of the switch
    "stop_ends": (None, COMPLETED, FAILED).__contains__,  # instead of the switch
    "long_after": _is_span,  # seconds of running until it's Long Running
    "steps": _is_steps,  # of FlowSteps, as they stand
    "by_stop": _is_flag,  # a Failed one that was stopped
    "archived": lambda value: value is None or _is_id(value),  # the id of its history: then it's no more in the task list
}
# Part of the result of GET /_emulator/tasks, so that it can be put again.
TOLD_ONLY = ("history", "shown_status")
BEHAVIOUR = ("steps", "runs_for", "ends_with", "stop_takes", "stop_ends", "long_after", "repeat_every")


def check(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in TOLD_ONLY:
            continue
        if name not in PUTTABLE:
            raise BadOrder(f"a task has no {name!r}; known: {', '.join(PUTTABLE)}")
        if not _passes(PUTTABLE[name], value):
            raise BadOrder(f"{name} of a task can't be {str(value)[:200]!r}")


def _passes(accepts: Check, value: object) -> bool:
    try:
        return accepts(value)
    except TypeError:  # a list or an object instead of a word
        return False


class Putter:
    def __init__(self, life: Life, now: Callable[[], float]) -> None:
        self._life = life
        self._now = now

    def find(self, id_: int) -> Task | None:
        life = self._life
        return life.tasks.get(id_) or next((task for task in life.histories.values() if task.id == id_), None)

    def put(self, given: Mapping[str, Any]) -> None:
        fields = {name: value for name, value in given.items() if name not in TOLD_ONLY}
        life, now = self._life, self._now()
        task = self.find(int(fields["instanceID"])) if "instanceID" in fields else None
        before = None if task is None else task.state
        if task is None:
            task = self._new(fields)
        life.cancel(task)
        self._describe(task, fields)
        self._date_start(task, fields)
        state = self._state(task, fields)
        if before is None or (before.status, before.start, before.completion) != (state.status, state.start, state.completion):
            life.become(task, state, now, "put")
            if "modifyTime" in fields:
                task.state = State(state.status, state.start, state.completion, fields["modifyTime"] or "", state.by_stop)
        elif before != state:
            task.state = state
        task.states = [(now, task.state)]  # a value from a test is visible at once
        task.row = None
        self._place(task, fields)
        if task.history_id is None:
            life.arm(task, now)

    def _new(self, fields: Mapping[str, Any]) -> Task:
        life, date = self._life, self._life.date(self._now())
        planned = fields.get("starts_in") is not None or fields.get("scheduledStartTime") or fields.get("status") in AHEAD
        type_ = RECURRING if fields.get("repeat_every") is not None else ONCE if planned else IMMEDIATE
        id_ = int(fields["instanceID"]) if "instanceID" in fields else life.new_id()
        service = fields.get("serviceName", DEFAULTS["serviceName"])
        own = {**DEFAULTS, "name": life.name_of(service, self._now()), "scheduleType": type_, "submitTime": date}
        schedule_id = int(fields["scheduleID"]) if "scheduleID" in fields else life.new_schedule_id()
        status = fields.get("status", WAITING if type_ != IMMEDIATE else IN_PROGRESS)
        return Task(id_, own, schedule_id, State(status), Behaviour())

    @staticmethod
    def _describe(task: Task, fields: Mapping[str, Any]) -> None:
        for name in (*DEFAULTS, "name", "scheduleType", "submitTime"):
            if name in fields:
                value = fields[name]
                task.fields[name] = int(value) if isinstance(DEFAULTS.get(name), int) and not isinstance(value, bool) else value
        for name in BEHAVIOUR:
            if name in fields:
                setattr(task.behaviour, name, fields[name])
        if task.is_recurring and task.behaviour.repeat_every is None:
            task.behaviour.repeat_every = DAY

    def _date_start(self, task: Task, fields: Mapping[str, Any]) -> None:
        now = self._now()
        if fields.get("starts_in") is not None:
            task.due = now + fields["starts_in"]
            task.fields["scheduledStartTime"] = self._life.date(task.due)
        elif "scheduledStartTime" in fields:
            planned = any_date(fields["scheduledStartTime"] or "")
            task.due = None if planned is None else now + planned - self._life.wall(now)
            task.fields["scheduledStartTime"] = None if planned is None else date_text(planned)

    def _state(self, task: Task, fields: Mapping[str, Any]) -> State:
        """Times that a test doesn't set get values that match the status."""
        status, old, now = fields.get("status", task.state.status), task.state, self._life.date(self._now())
        ran = status not in (*AHEAD, CANCELED)
        start = fields.get("startTime", (old.start or now) if ran else None)
        done = fields.get("completionTime", (old.completion or now) if status in ENDED else None)
        by_stop = fields.get("by_stop", old.by_stop and status == old.status)
        return State(status, start, done, fields.get("modifyTime", old.modified) or "", by_stop)

    def _place(self, task: Task, fields: Mapping[str, Any]) -> None:
        """Put it into the task list or the histories, and onto its schedule."""
        life = self._life
        if "archived" in fields or task.history_id is not None:
            life.histories.pop(task.history_id or 0, None)
            life.tasks.pop(task.id, None)
            archived = fields.get("archived", task.history_id)
            task.history_id = None
            if archived is not None:
                life.keep(task, int(archived), self._now())
        if task.history_id is None:
            life.tasks[task.id] = task
        if int(fields.get("scheduleID", task.schedule_id)) != task.schedule_id:
            self._leave_schedule(task)
            task.schedule_id = int(fields["scheduleID"])
        schedule = life.schedules.get(task.schedule_id)
        if schedule is None:
            schedule = life.schedules[task.schedule_id] = Schedule(task.schedule_id, life.date(self._now()), task)
        elif task.id >= schedule.current.id or schedule.current.history_id is not None:
            schedule.current = task
        if schedule.current is task:
            schedule.canceled = task.state.status == CANCELED

    def _leave_schedule(self, task: Task) -> None:
        """Move it to another schedule. A schedule without tasks is removed."""
        life, id_ = self._life, task.schedule_id
        schedule = life.schedules.get(id_)
        if schedule is not None and schedule.current is task:
            others = [known for known in (*life.histories.values(), *life.tasks.values()) if known.schedule_id == id_ and known is not task]
            if others:
                schedule.current = max(others, key=lambda known: known.id)
            else:
                del life.schedules[id_]

    def view(self, task: Task) -> dict[str, Any]:
        now, state = self._now(), task.state
        return {
            "instanceID": task.id,
            **task.fields,
            "status": state.status,
            "startTime": state.start,
            "completionTime": state.completion,
            "modifyTime": state.modified,
            "scheduleID": task.schedule_id,
            "starts_in": max(0.0, task.due - now) if task.due is not None and state.status in AHEAD and task.due > now else None,
            **{name: getattr(task.behaviour, name) for name in BEHAVIOUR},
            "by_stop": state.by_stop,
            "archived": task.history_id,
            "shown_status": self._life.peek(task).status,
            "history": task.history,
        }
