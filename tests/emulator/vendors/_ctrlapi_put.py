# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks in the form in which a test puts and reads them. A task that was read can be put again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..messages import BadOrder
from ..switches import is_number
from ..track import lag_switch
from ._ctrlapi_life import Life
from ._ctrlapi_rules import LIVE, RUNNING, STARTED
from ._ctrlapi_task import LIVE_FIELDS, LIVE_MORE, REPORT_AFTER, REPORT_BEFORE, Task

_lag = lag_switch("", 0, "")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _or_null(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _are_endings(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value))


# The fields that a test can set, by name. The fields of reads come first, then the behaviour.
SHOWN: dict[str, Callable[[Any], bool]] = {
    "app_id": _is_number, "uri": _is_text, "name": _is_text, "start": _is_text, "start_f": is_number, "service": _is_text,
    "tags": _is_text, "profiles": _is_object, "task_config": _is_object, "description": _is_object, "template_id": _is_number,
    "template_uri": _is_text, "priority": _is_text, "file_size": is_number, "container": _is_text, "file_duration": is_number,
    "start_unix": is_number, "analysis_duration": is_number, "task_report": lambda value: isinstance(value, list),
    "task_result": _is_text, "task_page": _is_text,
}  # fmt: skip
BEHAVIOUR: dict[str, Callable[[Any], bool]] = {
    "stays": _is_flag,  # doesn't leave its state by itself
    "rejects": _or_null(_is_text),  # the reason why its next start is refused
    "master": _or_null(_is_number),  # live: it is a sub-task of that one
    "runs_for": _or_null(_lag.accepts),  # vod
    "ends_with": _or_null(_are_endings),  # vod: a state, or a list with one for each attempt of a chain
}
OWN: dict[str, Callable[[Any], bool]] = {
    "task_id": _is_number,
    "project_id": _is_number,
    "status": _is_text,  # any: a newer version may have other states (section 7, U16)
    "initial_task_id": _is_number,
    **BEHAVIOUR,
}
LIVE_SHOWN = frozenset((*LIVE_FIELDS, *LIVE_MORE))
VOD_SHOWN = frozenset((*REPORT_BEFORE, *REPORT_AFTER))
# Part of the result of GET /_emulator/tasks.
TOLD_ONLY = ("history", "shown_status")


def check(fields: Mapping[str, Any], dialect: str) -> None:
    here = LIVE_SHOWN if dialect == LIVE else VOD_SHOWN
    known = {**{name: accepts for name, accepts in SHOWN.items() if name in here}, **OWN}
    for name, value in fields.items():
        if name in TOLD_ONLY:
            continue
        if name not in known:
            raise BadOrder(f"a {dialect} task has no {name!r}; known: {', '.join(known)}")
        if not known[name](value):
            raise BadOrder(f"{name} of a task can't be {value!r}")
    if "task_id" not in fields:
        raise BadOrder("a task needs a task_id")


def put(fields: Mapping[str, Any], life: Life, at: float, dialect: str) -> Task:
    """Add the task or update it. It begins its state anew only if the order has a state."""
    task_id = fields["task_id"]
    task = life.tasks.get(task_id)
    is_new = task is None
    if task is None:
        live = dialect == LIVE
        task = Task(task_id, fields.get("project_id", 23 if live else 2), STARTED if live else RUNNING, task_id)
        life.tasks[task_id] = task
    task.project_id = fields.get("project_id", task.project_id)
    if fields.get("master") is not None:
        life.masters.add(fields["master"])
    task.initial_task_id = fields.get("initial_task_id", task.initial_task_id)
    task.fields |= {name: value for name, value in fields.items() if name in SHOWN}
    for name in BEHAVIOUR:
        setattr(task, name, fields.get(name, getattr(task, name)))
    if is_new or "status" in fields:
        task.steps.clear()
        task.shown.set(fields.get("status", task.status))
        life.become(task, fields.get("status", task.status), at, "put")
        task.shown.set(task.status)
    return task


def view(task: Task, life: Life, at: float) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "project_id": task.project_id,
        "status": task.status,
        "initial_task_id": task.initial_task_id,
        **task.fields,
        **{name: getattr(task, name) for name in BEHAVIOUR},
        "shown_status": life.peek(task, at),
        "history": task.history,
    }
