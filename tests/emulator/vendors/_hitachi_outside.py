# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a JP1/AO task other than by requests: at the console, or by itself. Sections: ``hitachi.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..messages import BadOrder
from ._hitachi_life import Impossible, Life
from ._hitachi_states import (
    ACTIONS,
    AHEAD,
    COMPLETED,
    ENDED,
    FAILED,
    FOR_INPUT,
    IN_PROGRESS,
    LONG_RUNNING,
    RUNNING,
    UNDER_WAY,
    WITH_ERROR,
)
from ._hitachi_task import Task

Details = Mapping[str, Any]


class Outside:
    """Orders of ``act``: changes by the task itself, and by other operators."""

    def __init__(self, life: Life, now: Callable[[], float]) -> None:
        self._life = life
        self._now = now
        self._orders: dict[str, Callable[[Task, Details], None]] = {
            "start": self._start,
            "complete": partial(self._end, COMPLETED),
            "fail": partial(self._end, FAILED),
            "error": partial(self._show, WITH_ERROR),
            "wait_input": partial(self._show, FOR_INPUT),
            "long_running": partial(self._show, LONG_RUNNING),
            "archive": self._archive,
            "delete": lambda task, _details: self._life.vanish(task),
            "set": self._set,
            "restart": lambda _task, _details: self._life.restart(self._now()),  # of the service, so all its tasks
            **{action: partial(self._act, action) for action in ACTIONS if action != "archive"},
        }

    def act(self, task: Task, action: str, details: Details) -> None:
        if action not in self._orders:
            raise BadOrder(f"nobody can {action!r} a task; known: {', '.join(self._orders)}")
        if task.history_id is not None:
            raise BadOrder(f"task {task.id} is archived")
        self._orders[action](task, details)

    def _start(self, task: Task, _details: Details) -> None:
        """Its time has come, or somebody has answered it, or its error is resolved."""
        if task.state.status in AHEAD:
            self._life.start(task, self._now(), "outside start")
        elif task.state.status in RUNNING and task.state.status != IN_PROGRESS:
            self._life.go_on(task, self._now(), "outside start")
        else:
            raise BadOrder(f"a task at {task.state.status} can't start")

    def _end(self, status: str, task: Task, _details: Details) -> None:
        if task.state.status not in UNDER_WAY:
            raise BadOrder(f"a task at {task.state.status} doesn't run")
        self._life.end(task, status, self._now(), "by itself", by_stop=task.state.by_stop)

    def _show(self, status: str, task: Task, _details: Details) -> None:
        if task.state.status not in RUNNING:
            raise BadOrder(f"a task at {task.state.status} doesn't run")
        self._life.hold(task, status, self._now(), "by itself")

    def _archive(self, task: Task, _details: Details) -> None:
        if task.state.status not in ENDED:
            raise BadOrder(f"a task at {task.state.status} hasn't ended")
        self._life.archive(task, self._now())

    def _set(self, task: Task, details: Details) -> None:
        """Set any status, also one that no document lists."""
        status = details.get("status")
        if not isinstance(status, str):
            raise BadOrder("set needs a status")
        self._life.cancel(task)
        done = self._life.date(self._now()) if status in ENDED else None
        self._life.become(task, replace(task.state, status=status, completion=done), self._now(), "outside set")
        self._life.arm(task, self._now())

    def _act(self, action: str, task: Task, _details: Details) -> None:
        try:
            self._life.take(task, action, self._now(), f"outside {action}")
        except Impossible as impossible:
            raise BadOrder(str(impossible)) from None
