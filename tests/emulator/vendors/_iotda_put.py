# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that a test can put for a batch task, and their conversion. Sections named here are those of ``iotda.md``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..clock import Clock
from ..messages import BadOrder
from ..switches import is_number
from ._iotda_life import Life
from ._iotda_rules import (
    FAIL,
    FAIL_WAIT,
    FINAL,
    INITIALIZING,
    MOST_TARGETS_OF_A_TASK,
    PARTIAL,
    PROCESSING,
    REMOVED,
    STOPPING,
    SUBTASK_STATES,
    SUCCESS,
    TIME_FORM,
    UPGRADES,
    WAITTING,
)
from ._iotda_seeds import PROJECT
from ._iotda_task import BatchTask, Subtask

TASK_ID = re.compile(r"[a-f0-9]{1,24}")  # section 3
ENDS = (SUCCESS, FAIL, REMOVED)

Check = Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_object(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _is_span(value: object) -> bool:
    return value is None or is_number(value)


def _is_ending(value: object) -> bool:
    return value in ENDS if isinstance(value, str) else isinstance(value, list) and bool(value) and all(item in ENDS for item in value)


def _is_targets(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _is_policy(value: object) -> bool:
    if not isinstance(value, dict):
        return value is None
    return all(is_number(value.get(name, 0)) for name in ("retry_count", "retry_interval")) and (
        "schedule_time" not in value or parse_time(value["schedule_time"]) is not None
    )


def _is_subtasks(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, dict) and "target" in row and all(name in SUBTASK_FIELDS and SUBTASK_FIELDS[name](row[name]) for name in row)
        for row in value
    )


SUBTASK_FIELDS: dict[str, Check] = {
    "target": _is_text,
    "status": _is_text,  # any: the set of states is open (section 1.2)
    "output": lambda value: value is None or isinstance(value, str),
    "error": _is_object,
    "held": _is_flag,
    "runs_for": _is_span,
    "ends_with": _is_ending,
}

# The vendor's fields, then the location of the task, then its behaviour.
PUTTABLE: dict[str, Check] = {
    "task_id": lambda value: isinstance(value, str) and TASK_ID.fullmatch(value) is not None,
    "task_name": _is_text,
    "task_type": _is_text,
    "task_mode": lambda value: value is None or isinstance(value, str),
    "need_confirm": _is_flag,
    "task_ext_info": _is_object,
    "targets": _is_targets,
    "targets_filter": _is_object,
    "document": _is_object,
    "task_policy": _is_policy,
    "status": _is_text,
    "status_desc": _is_text,
    "create_time": _is_text,
    "app_id": _is_text,  # empty: as the switch default_app says
    "instance_id": _is_text,  # empty: the first of the switch instances
    "project_id": _is_text,
    "subtasks": _is_subtasks,
    "target_count": lambda value: isinstance(value, int) and 0 < value <= MOST_TARGETS_OF_A_TASK,  # device_00001 and so on, as targets
    "runs_for": _is_span,  # seconds that each device works; null: until an order ends it
    "ends_with": _is_ending,  # Success, Fail or Removed; a list: one for each try
    "starts_in": _is_span,  # seconds to the schedule of a task that is Waitting (or Initializing)
}
# Part of the result of GET /_emulator/tasks, so that it can be put again.
TOLD_ONLY = ("history", "task_progress", "listed_status")

VENDOR_FIELDS = ("task_name", "task_type", "task_mode", "need_confirm", "task_ext_info", "targets_filter", "document", "task_policy",
                 "status_desc", "create_time", "app_id", "instance_id", "project_id", "runs_for", "ends_with")  # fmt: skip


def parse_time(text: object) -> float | None:
    """Epoch seconds of ``20250102T030405Z`` (section 6, 14). None for another format."""
    if not isinstance(text, str) or len(text) != 16:
        return None
    try:
        return datetime.strptime(text, TIME_FORM).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def time_text(wall: float) -> str:
    return datetime.fromtimestamp(wall, timezone.utc).strftime(TIME_FORM)


def check(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in TOLD_ONLY:
            continue
        if name not in PUTTABLE:
            raise BadOrder(f"a task has no {name!r}; known: {', '.join(PUTTABLE)}")
        if not PUTTABLE[name](value):
            raise BadOrder(f"{name} of a task can't be {str(value)[:200]!r}")


class Putter:
    """Converts between the fields of tests and tasks."""

    def __init__(self, life: Life, clock: Clock, switches: Mapping[str, Any]) -> None:
        self._life = life
        self._clock = clock
        self._switches = switches

    def put(self, fields: Mapping[str, Any], task: BatchTask | None, new_id: Callable[[], str]) -> BatchTask:
        """Put a task. ``task`` is the one to update. None creates a new one, whose fields all have defaults."""
        fresh = task is None
        if task is None:
            task = self._new(fields, new_id)
        for name in VENDOR_FIELDS:
            if name in fields:
                setattr(task, name, fields[name])
        self._schedule(task, fields)
        before, task.status = task.status, fields.get("status", task.status)
        if fresh or {"status", "subtasks", "targets", "target_count"} & set(fields):
            self._populate(task, fields)
        elif {"runs_for", "ends_with"} & set(fields):
            for subtask in task.subtasks.values():
                subtask.runs_for, subtask.ends_with = task.runs_for, task.ends_with
        if fresh or before != task.status:
            task.history.append({"at": self._clock.now(), "status": task.status, "cause": "put"})
        task.touch()
        self._set_going(task)
        task.listed.set(task.head)
        return task

    def _new(self, fields: Mapping[str, Any], new_id: Callable[[], str]) -> BatchTask:
        task_id = fields["task_id"] if "task_id" in fields else new_id()
        return BatchTask(
            task_id=task_id,
            task_name=f"task_{task_id}",
            task_type=UPGRADES[0],
            project_id=PROJECT,
            instance_id="",
            app_id="",
            create_time=time_text(self._clock.wall()),
            status=PROCESSING,
        )

    def _schedule(self, task: BatchTask, fields: Mapping[str, Any]) -> None:
        wait = fields.get("starts_in")
        if wait is not None:
            task.starts_at = self._clock.now() + wait
            task.task_policy = {**(task.task_policy or {}), "schedule_time": time_text(self._clock.wall() + wait)}
        elif "task_policy" in fields:
            due = parse_time((task.task_policy or {}).get("schedule_time"))
            task.starts_at = None if due is None else self._clock.now() + due - self._clock.wall()

    def _populate(self, task: BatchTask, fields: Mapping[str, Any]) -> None:
        rows: list[dict[str, Any]] | None = fields.get("subtasks")
        if "target_count" in fields:
            task.targets = [f"device_{number:05}" for number in range(1, fields["target_count"] + 1)]
        elif "targets" in fields:
            task.targets = fields["targets"]
        elif rows is not None:
            task.targets = [row["target"] for row in rows]
        elif task.targets is None and task.targets_filter is None:
            task.targets = ["device_1"]
        is_told = rows is not None and (bool(rows) or task.status != INITIALIZING)  # an Initializing task has no subtasks yet
        task.devices = [row["target"] for row in rows or []] if is_told else task.targets
        if task.status == INITIALIZING:
            task.make_subtasks([])
            return
        task.make_subtasks(task.devices or [])
        for number, subtask in enumerate(task.subtasks.values()):
            task.move(subtask, self._state(task, number))
            subtask.held = self._is_held(task, subtask)
        for row in rows or []:
            subtask = task.subtasks[row["target"]]
            task.move(subtask, row.get("status", subtask.status))
            subtask.held = self._is_held(task, subtask)
            for name in set(row) - {"target", "status"}:
                setattr(subtask, name, row[name])

    @staticmethod
    def _state(task: BatchTask, number: int) -> str:
        """The default state of a subtask, which matches the main state."""
        if task.status == PARTIAL:
            return FAIL if number else SUCCESS
        return task.status if task.status in SUBTASK_STATES else PROCESSING

    def _is_held(self, task: BatchTask, subtask: Subtask) -> bool:
        is_ahead = task.starts_at is not None and task.starts_at > self._clock.now()
        return task.need_confirm and not is_ahead and subtask.status == WAITTING and task.status not in FINAL

    def _set_going(self, task: BatchTask) -> None:
        """Schedule the task's own changes from now on."""
        now = self._clock.now()
        task.steps.clear()
        task.ending = task.status == STOPPING
        for subtask in task.subtasks.values():
            subtask.run += 1
        if task.status == INITIALIZING:
            self._life.initialize(task, now)
        elif task.ending:
            self._life.later(task, self._switches["stopping"], now, lambda at: self._life.stop_ends(task, at))
        elif task.status == WAITTING:
            self._life.await_schedule(task)
        if task.status not in FINAL:
            self._life.arm(task, task.of({PROCESSING}), now)
            if (task.task_policy or {}).get("retry_interval") is not None:
                for subtask in task.of({FAIL_WAIT}):
                    self._life.await_retry(task, subtask, now)

    def view(self, task: BatchTask) -> dict[str, Any]:
        now = self._clock.now()
        self._life.ripen(task, now)
        ahead = task.starts_at is not None and task.starts_at > now and task.status in (WAITTING, INITIALIZING)
        return {
            "task_id": task.task_id,
            **{name: getattr(task, name) for name in VENDOR_FIELDS},
            "targets": task.targets,
            "status": task.status,
            "subtasks": [{name: getattr(subtask, name) for name in SUBTASK_FIELDS} for subtask in task.subtasks.values()],
            "starts_in": task.starts_at - now if ahead and task.starts_at is not None else None,
            "task_progress": task.progress(task.head),
            "listed_status": task.listed.peek(now).status,
            "history": task.history,
        }
