# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a batch task by others: people at the console, and the devices. Sections named are those of ``iotda.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..messages import BadOrder
from ._iotda_life import Impossible, Life
from ._iotda_rules import ACTIONS, FAIL, FAIL_WAIT, INITIALIZING, PROCESSING, REMOVED, SUCCESS, UNFINISHED, WAITTING
from ._iotda_task import BatchTask, Subtask

Details = Mapping[str, Any]


class Outside:
    """Orders of ``act``. ``target`` or ``targets`` in the details select devices. Without them, the order affects all that permit it."""

    def __init__(self, life: Life, now: Callable[[], float]) -> None:
        self._life = life
        self._now = now
        self._orders: dict[str, Callable[[BatchTask, Details], None]] = {
            **{action: partial(self._act, action) for action in ACTIONS},
            "start": self._start,
            "finish": partial(self._end, SUCCESS),
            "fail": self._fail,
            "fail_wait": partial(self._end, FAIL_WAIT),
            "remove": partial(self._end, REMOVED),
            "set": self._set,
        }

    @property
    def known(self) -> list[str]:
        return list(self._orders)

    def act(self, task: BatchTask, action: str, details: Details) -> None:
        if action not in self._orders:
            raise BadOrder(f"nobody can {action!r} a task; known: {', '.join([*self._orders, 'delete'])}")
        self._life.ripen(task, self._now())
        self._orders[action](task, details)

    @staticmethod
    def _named(task: BatchTask, details: Details) -> list[Subtask] | None:
        """The subtasks that the order names. None if it names none."""
        names = details.get("targets", [details["target"]] if "target" in details else None)
        if names is None:
            return None
        if not isinstance(names, list) or not all(name in task.subtasks for name in names):
            raise BadOrder(f"targets is a list of devices of the task; it has {', '.join(list(task.subtasks)[:5])}, ...")
        return [task.subtasks[name] for name in names]

    def _act(self, action: str, task: BatchTask, details: Details) -> None:
        try:
            self._life.judge(task, action)
        except Impossible as impossible:
            raise BadOrder(str(impossible)) from None
        self._life.take(task, action, self._named(task, details), self._now(), f"outside {action}")

    def _start(self, task: BatchTask, details: Details) -> None:
        """The awaited event happens now: the end of Initializing, the time of the schedule, the turn of a queued device."""
        if task.status == INITIALIZING:
            task.steps.clear()
            self._life.distribute(task, self._now())
            return
        waiting = self._named(task, details) or task.of({WAITTING})
        if not waiting or any(subtask.status != WAITTING for subtask in waiting):
            raise BadOrder("start is for subtasks that are Waitting")
        task.starts_at = None
        self._life.start(task, waiting, self._now(), "outside start")

    def _end(self, status: str, task: BatchTask, details: Details) -> None:
        """Devices end, or vanish."""
        named = self._named(task, details)
        ending = task.of(UNFINISHED) if named is None else named
        if not ending or (status != REMOVED and any(subtask.status not in UNFINISHED for subtask in ending)):
            raise BadOrder("no such device is still at it")
        for subtask in ending:
            subtask.output = details.get("output", subtask.output)
            subtask.error = details.get("error", subtask.error)
            task.move(subtask, status)
        self._life.settle(task, self._now(), "device")

    def _fail(self, task: BatchTask, details: Details) -> None:
        """Finally, independently of the task's policy. ``fail_wait`` waits for a retry."""
        self._end(FAIL, task, {"error": {"error_code": "IOTDA.0142ZZ", "error_msg": "emulator: the device failed"}, **details})

    def _set(self, task: BatchTask, details: Details) -> None:
        """Set any state, also one that no document lists (section 1.2), of a device if one is named."""
        status = details.get("status")
        if not isinstance(status, str):
            raise BadOrder("set needs a status")
        named = self._named(task, details)
        if named is None:
            task.steps.clear()
            task.ending = False
            self._life.become(task, status, self._now(), "outside set", details.get("status_desc"))
            return
        for subtask in named:
            task.move(subtask, status)
            if status == PROCESSING:
                self._life.arm(task, [subtask], self._now())
        self._life.changed(task, self._now())
