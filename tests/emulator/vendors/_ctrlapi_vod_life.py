# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of vod tasks (``ctrlapi.md``, sections 4.2 and 4.3), for requests and for changes by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..messages import BadOrder
from ._ctrlapi_life import Life
from ._ctrlapi_rules import (
    ATTEMPTS,
    CANCELED,
    COMPLETED,
    EXPLORE,
    REJECTED,
    RUNNING,
    SCHEDULED,
    SENT,
    STALLED,
    UNAVAILABLE,
    UNDER_WAY,
)
from ._ctrlapi_task import Task

ACTS = ("stop", "cancel", "start", "complete", "stall", "reject", "set", "delete", "lose_probe", "find_probe")


class VodLife(Life):
    can_stall = (EXPLORE, RUNNING)

    def note_start_number(self, task: Task, wall: float) -> None:
        task.fields["start_unix"] = int(wall)

    def plan(self, task: Task, at: float) -> None:
        if task.stays:
            return
        if task.status == SCHEDULED:
            self.later(task, self._switches["queue_for"], at, lambda due: self._leave_queue(task, due))
        elif task.status == EXPLORE:
            self.later(task, self._switches["explore_for"], at, lambda due: self._explored(task, due))
        elif task.status == RUNNING:
            lag = self._switches["run_for"] if task.runs_for is None else task.runs_for
            self.later(task, lag, at, lambda due: self.end(task, self._ending(task), due, "probe"))
        elif task.status == STALLED or (
            task.status == CANCELED and self._switches["canceled_is_restarted"] and task.initial_task_id != task.task_id
        ):
            self._plan_restart(task, at)

    def _leave_queue(self, task: Task, at: float) -> None:
        """Section 1: the load balancer assigns a queued task to a free probe. Without one, the task continues to wait."""
        if not self.world.is_alive(task.app_id):
            task.fields.pop("app_id")
        if task.app_id is None and self.world.apps(task.project_id):
            chosen = self.world.free_app(task.project_id)
            if chosen is None:
                return
            task.fields["app_id"] = chosen
        self._on(task, self._switches["queue_ends"], at)

    def _explored(self, task: Task, at: float) -> None:
        self._on(task, REJECTED if task.rejects is not None else self._switches["explore_ends"], at)

    def _on(self, task: Task, status: str, at: float) -> None:
        if status == REJECTED:
            self.become(task, REJECTED, at, "probe", task.rejects or self._switches["reject_reason"])
        elif status == RUNNING:
            self.run(task, at, "probe")
        else:
            self.become(task, status, at, "probe")

    def run(self, task: Task, at: float, cause: str) -> None:
        self.note_start(task, at)
        self.become(task, RUNNING, at, cause)

    def _ending(self, task: Task) -> str:
        """The ending of the attempt from a list. The last one counts for all later attempts."""
        ends = task.ends_with or COMPLETED
        return ends if isinstance(ends, str) else ends[min(self.chain(task).index(task), len(ends) - 1)]

    def end(self, task: Task, status: str, at: float, cause: str) -> None:
        if status == COMPLETED:
            task.fields.setdefault("task_result", "emulator: no errors")
            if "start_unix" in task.fields:
                task.fields["analysis_duration"] = max(0, int(self.wall(at)) - task.fields["start_unix"])
        self.become(task, status, at, cause)

    # --- restart chains (section 3.7) -------------------------------------------------------------------------------

    def chain(self, task: Task) -> list[Task]:
        """All tasks that share the first member's id, in the order of their creation. A member of another project doesn't count."""
        return self.chains(task.project_id)[task.initial_task_id]

    def chains(self, project_id: int) -> dict[int, list[Task]]:
        """By the id of the first member, which exists or has existed."""
        found: dict[int, list[Task]] = {}
        for _task_id, task in sorted(self.tasks.items()):
            if task.project_id == project_id:
                found.setdefault(task.initial_task_id, []).append(task)
        return found

    def _plan_restart(self, task: Task, at: float) -> None:
        project = self.world.project(task.project_id) or {}
        chain = self.chain(task)
        if project.get("restart", True) and chain[-1] is task and len(chain) <= project.get("attempts_number", ATTEMPTS):
            self.later(task, self._switches["restart_delay"], at, lambda due: self._restart(task, due))

    def _restart(self, task: Task, at: float) -> None:
        """Each restart is a new task with a new id."""
        again = Task(
            task_id=self.new_id(),
            project_id=task.project_id,
            status=SCHEDULED,
            initial_task_id=task.initial_task_id,
            # The place and the results of its check belong to the new task.
            fields={name: task.fields[name] for name in ("template_id", "template_uri", "uri", "name", "priority") if name in task.fields},
            rejects=task.rejects,
            runs_for=task.runs_for,
            ends_with=task.ends_with,
        )
        self.tasks[again.task_id] = again
        self.become(again, SCHEDULED, at, f"restart of {task.task_id}")

    def new_id(self) -> int:
        return max(self.tasks, default=0) + 1

    # --- requests ---------------------------------------------------------------------------------------------------

    def stop(self, task: Task, at: float) -> tuple[dict[str, Any], bool]:
        """Section 3.9: only a running task can be stopped. One text covers every other case."""
        finds, when = self._switches["stop_finds"], self._switches["stop_finds_when"]
        if task.status == RUNNING and finds is not None and when == "before":
            self.end(task, finds, at, "just before TaskStop")
        if task.status != RUNNING:
            return self.refusal(UNAVAILABLE), False
        if self.ignored("stop"):
            return {"status": SENT}, False
        self.later(task, self._switches["stop_delay"], at, lambda due: self._stopped(task, due), own=False)
        return {"status": SENT}, True

    def _stopped(self, task: Task, at: float) -> None:
        if task.status != RUNNING:
            return  # it ended before the command arrived
        if not self.world.is_alive(task.app_id):
            return  # no probe can be informed
        finds = self._switches["stop_finds"]
        if finds is not None and self._switches["stop_finds_when"] == "after":
            self.end(task, finds, at, "before the stop got there")
        else:
            self.end(task, CANCELED, at, "TaskStop")

    # --- somebody else ----------------------------------------------------------------------------------------------

    def probe_is_back(self, task: Task, at: float) -> None:
        if task.status == SCHEDULED and not task.steps:
            self.plan(task, at)

    def outside(self, task: Task, action: str, at: float, details: Mapping[str, Any]) -> None:
        if self.outside_any(task, action, at, details):
            return
        if action == "stop":
            self.need(task, action, RUNNING)
            self.end(task, CANCELED, at, "outside stop")
        elif action == "cancel":
            self.need(task, action, *UNDER_WAY)
            self.end(task, CANCELED, at, "outside cancel")
        elif action == "start":
            self.need(task, action, SCHEDULED, EXPLORE)
            self.run(task, at, "outside start")
        elif action == "complete":
            self.need(task, action, RUNNING)
            self.end(task, COMPLETED, at, "outside complete")
        else:
            raise BadOrder(f"nobody can {action!r} a vod task; known: {', '.join(ACTS)}")
