# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that a test can put for a VIAS task, and read of it. Sections named here are those of ``huawei_vias.md``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..messages import BadOrder
from ..track import Lag
from ._huawei_schedule import Weekly
from ._huawei_task import State, Task
from ._huawei_vias import A_LAG, GONE, PROJECT, START_ENDS, STATES, Step

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_optional_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_optional_object(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and bool(DATE.fullmatch(value))


def _is_state(value: object) -> bool:
    # Any text: tests also use states that no page lists.
    return isinstance(value, str) and value != ""


def _is_then(value: object) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(step, list) and len(step) == 2 and A_LAG.accepts(step[0]) and step[1] in (*STATES, GONE) for step in value)
    )


def _is_schedule(value: object) -> bool:
    if value is None:
        return True
    try:
        Weekly(value)  # type: ignore[arg-type] # whatever it is, a bad one raises
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


# The constant members (sections 3.1 and 3.2) with their defaults, then those of the batch configuration (section 3.4) and those that only
# filters use.
DETAIL: dict[str, tuple[Callable[[Any], bool], Any]] = {
    "id": (lambda value: isinstance(value, str) and value != "", None),
    "name": (_is_text, None),
    "creator": (_is_optional_text, "user_test"),
    "project_id": (_is_text, PROJECT),
    "description": (_is_optional_text, None),
    "release_id": (_is_optional_text, None),
    "service_id": (_is_optional_text, "8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f70"),
    "created_at": (_is_date, None),
    "schedule": (_is_schedule, None),
    "input": (_is_optional_object, {"type": "video_source", "data": [{"video_source_id": "emulator"}]}),
    "output": (_is_optional_object, {"webhook": {"url": "https://example.com/cb"}}),
    "config": (_is_optional_object, {"common": {}}),
    "video_source_name": (_is_optional_text, ""),
    "title": (_is_optional_text, "入侵检测"),
    "group_name": (_is_optional_text, None),
    "company": (_is_optional_text, None),
    "task_config": (_is_optional_text, None),
    "type": (("cloud", "edge").__contains__, "cloud"),
    "resource_order_id": (_is_optional_text, None),
    "package_id": (_is_optional_text, None),
    "device_id": (_is_optional_text, None),
    "access_address": (_is_optional_text, None),
    "algorithm_publish_id": (_is_optional_text, "3a6f1c1e-6b5c-4f0e-9a43-0d6a5a1f2b3c"),
}
ASIDE: dict[str, tuple[Callable[[Any], bool], Any]] = {
    "batch_id": (_is_optional_text, None),
    "batch_task_name": (_is_optional_text, None),
    "video_group_id": (_is_optional_text, None),
    "source_data_type": (("async_task", "sync_task").__contains__, "async_task"),
}
STATE: dict[str, Callable[[Any], bool]] = {
    "state": _is_state,
    "status": _is_optional_text,
    "error": _is_optional_object,
    "schedule_status": (None, "ACTIVATED", "INACTIVATED").__contains__,
    "updated_at": _is_date,
}
BEHAVIOUR: dict[str, Callable[[Any], bool]] = {
    # [[how long, state], ...]: after that long (seconds, or "2 reads") the state changes to that one; GONE: it no longer exists. [] keeps
    # the state, null: the next change by itself.
    "then": _is_then,
    "runs_for": lambda value: value is None or A_LAG.accepts(value),  # a finite input: how long it is RUNNING
    "ends_with": ("SUCCEEDED", "FAILED").__contains__,  # and what then
    "start_ends": lambda value: value is None or value in START_ENDS,  # the result of its start, instead of the switch
    "trouble": lambda value: isinstance(value, dict) and set(value) <= {"status", "error"},  # its own texts for states of failure
}
PUTTABLE: dict[str, Callable[[Any], bool]] = {
    **{name: check for name, (check, _default) in (DETAIL | ASIDE).items()},
    **STATE,
    **BEHAVIOUR,
}
# Part of the result of GET /_emulator/tasks, so that it can be put again.
TOLD_ONLY = ("history", "shown_state")


def check(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in TOLD_ONLY:
            continue
        if name not in PUTTABLE:
            raise BadOrder(f"a task has no {name!r}; known: {', '.join(PUTTABLE)}")
        if not PUTTABLE[name](value):
            raise BadOrder(f"{name} of a task can't be {value!r}")


def new_task(fields: Mapping[str, Any], created_at: str) -> Task:
    own = {name: default for name, (_check, default) in (DETAIL | ASIDE).items()}
    own |= {"id": fields["id"], "name": fields["id"], "created_at": created_at}
    return Task(own, State("RUNNING", created_at))


def change(task: Task, fields: Mapping[str, Any]) -> None:
    """Set the members that don't change by themselves."""
    task.fields.update({name: fields[name] for name in (*DETAIL, *ASIDE) if name in fields})
    task.weekly = Weekly(task.fields["schedule"]) if task.fields["schedule"] else None
    for name in ("runs_for", "ends_with", "start_ends", "trouble"):
        setattr(task, name, fields.get(name, getattr(task, name)))
    task.touch()


def steps_of(value: list[list[Any]]) -> list[Step]:
    return [(Lag.of(lag), state) for lag, state in value]


def view(task: Task, shown: State) -> dict[str, Any]:
    """Everything about it, in a form that can be put again."""
    return {
        **task.fields,
        **{name: getattr(task.state, name) for name in STATE},
        "then": [[f"{lag.reads} reads" if lag.reads else lag.seconds, state] for lag, state in task.steps],
        "runs_for": task.runs_for,
        "ends_with": task.ends_with,
        "start_ends": task.start_ends,
        "trouble": dict(task.trouble),
        "shown_state": shown.state,
        "history": task.history,
    }


def detail(task: Task, state: State, *, with_nulls: bool) -> dict[str, Any]:
    """Section 3.2. Members without a value are missing or null."""
    members = {name: task.fields[name] for name in DETAIL}
    members |= {
        "updated_at": state.updated_at,
        "state": state.state,
        "status": state.status,
        "error": state.error,
        "schedule_status": state.schedule_status,
    }
    return {name: value for name, value in members.items() if with_nulls or value is not None}
