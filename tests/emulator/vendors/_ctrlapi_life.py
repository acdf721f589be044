# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common behaviour of both dialects' tasks: delays in seconds or reads, states, stale reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ..agenda import Agenda
from ..clock import Clock
from ..messages import BadOrder
from ..track import Lag
from ._ctrlapi_rules import REJECTED, STALLED
from ._ctrlapi_task import Step, Task
from ._ctrlapi_world import World

REASON = "emulator: the start was refused"


class Life(ABC):
    """Changes tasks. It knows neither requests nor answers. ``at`` is always the time on the emulator's clock."""

    can_stall: tuple[str, ...]

    def __init__(self, tasks: dict[int, Task], world: World, agenda: Agenda, clock: Clock, switches: Mapping[str, Any]) -> None:
        self.tasks = tasks
        self.world = world
        self._agenda = agenda
        self._clock = clock
        self._switches = switches
        self.masters: set[int] = set()  # tasks that have, or once had, OTT sub-tasks (section 3.6)

    # --- time -------------------------------------------------------------------------------------------------------

    def later(self, task: Task, lag: Any, at: float, what: Callable[[float], None], *, own: bool = True) -> None:
        """After the seconds or reads of a switch. None: never."""
        if lag is None:
            return
        wait = Lag.of(lag)
        step = Step(at + wait.seconds, wait.reads, what, own)
        task.steps.append(step)
        if wait.seconds:
            self._agenda.at(step.due, lambda due: self.ripen(task, due))
        elif not wait.reads:
            self.ripen(task, at)

    def ripen(self, task: Task, at: float) -> None:
        """Apply all due changes of a task before it is read."""
        while task.steps:
            step = next((step for step in task.steps if step.reads <= 0 and step.due <= at), None)
            if step is None:
                return
            task.steps.remove(step)
            step.what(at)

    def read(self, task: Task, at: float) -> str:
        """The state as a reader sees it. The next reader may see another one."""
        self.ripen(task, at)
        shown = task.shown.read(at)
        for step in task.steps:
            step.reads -= 1
        return shown

    def peek(self, task: Task, at: float) -> str:
        self.ripen(task, at)
        return task.shown.peek(at)

    # --- states -----------------------------------------------------------------------------------------------------

    def become(self, task: Task, status: str, at: float, cause: str, text: str | None = None) -> None:
        """Change the state, and begin whatever a task in that state does by itself."""
        task.status = status
        task.steps = [step for step in task.steps if not step.own]
        task.shown.then(status, at, Lag.of(self._switches["stale_reads"]))
        task.history.append({"at": at, "status": status, "cause": cause})
        when = datetime.fromtimestamp(self.wall(at), timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        task.events.append(
            {
                "task_id": task.task_id,
                "event": status,
                "time": when,
                "text": text or (task.rejects if status == REJECTED else None) or cause,
            }
        )
        self.plan(task, at)

    def wall(self, at: float) -> float:
        return self._clock.wall() - self._clock.now() + at

    def note_start(self, task: Task, at: float) -> None:
        wall = self.wall(at)
        task.fields["start"] = datetime.fromtimestamp(wall, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        self.note_start_number(task, wall)

    @abstractmethod
    def note_start_number(self, task: Task, wall: float) -> None:
        """The dialects have different names for it (sections 3.3 and 3.8)."""

    @abstractmethod
    def plan(self, task: Task, at: float) -> None:
        """Schedule what the task will do by itself."""

    # --- requests ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def stop(self, task: Task, at: float) -> tuple[dict[str, Any], bool]:
        """A TaskStop for this task: the members of the answer, and whether anything changes or will change."""

    def ignored(self, action: str) -> bool:
        return self._switches["ignore_action"] in (True, action)

    @staticmethod
    def refusal(text: str) -> dict[str, Any]:
        return {"error": text}

    # --- somebody else at the web interface -----------------------------------------------------------------------------

    @abstractmethod
    def outside(self, task: Task, action: str, at: float, details: Mapping[str, Any]) -> None:
        """Raises BadOrder if the state doesn't permit it."""

    def outside_any(self, task: Task, action: str, at: float, details: Mapping[str, Any]) -> bool:
        """The orders that both dialects support. False for others."""
        if action == "set":
            if not isinstance(details.get("status"), str):
                raise BadOrder("set needs a status")
            task.steps.clear()
            self.become(task, details["status"], at, "outside set")
        elif action == "delete":
            task.steps.clear()
            del self.tasks[task.task_id]
        elif action == "reject":
            task.steps.clear()
            self.become(task, REJECTED, at, "outside reject", str(details.get("reason", REASON)))
        elif action == "stall":
            self.need(task, action, *self.can_stall)
            self.become(task, STALLED, at, "outside stall")
        elif action in ("lose_probe", "find_probe"):
            self._turn_probe(task, at, alive=action == "find_probe")
        else:
            return False
        return True

    @staticmethod
    def need(task: Task, action: str, *states: str) -> None:
        if task.status not in states:
            raise BadOrder(f"{action} is not possible in state {task.status}")

    def _turn_probe(self, task: Task, at: float, *, alive: bool) -> None:
        app_id = task.app_id
        if app_id is None:
            raise BadOrder("no probe works on this task")
        self.world.turn(app_id, alive=alive)
        for other in list(self.tasks.values()):
            if other.app_id != app_id and not (alive and other.app_id is None and other.project_id == task.project_id):
                continue
            if not alive and other.status in self.can_stall:
                # Section 4.1: the server waits up to a minute before it shows such tasks as stalled.
                self.later(other, self._switches["stalls_after"], at, partial(self._lost, other), own=False)
            elif alive:
                self.probe_is_back(other, at)

    def _lost(self, task: Task, at: float) -> None:
        if task.status in self.can_stall and not self.world.is_alive(task.app_id):
            self.become(task, STALLED, at, "probe went away")

    @abstractmethod
    def probe_is_back(self, task: Task, at: float) -> None:
        """The task's probe, or for a queued task any probe, can be reached again."""
