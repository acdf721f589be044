# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of live tasks (``ctrlapi.md``, sections 4.1 and 4.3), for requests and for changes by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..messages import BadOrder
from ._ctrlapi_life import Life
from ._ctrlapi_rules import REJECTED, SCHEDULED, SENT, STALLED, STARTED, STOPPED
from ._ctrlapi_task import Task

ACTS = ("stop", "cancel", "resume", "start", "recover", "stall", "reject", "set", "delete", "lose_probe", "find_probe")


class LiveLife(Life):
    can_stall = (STARTED,)

    def note_start_number(self, task: Task, wall: float) -> None:
        task.fields["start_f"] = round(wall, 3)

    def plan(self, task: Task, at: float) -> None:
        if task.stays:
            return
        if task.status == SCHEDULED:
            self.later(task, self._switches["start_delay"], at, lambda due: self.begin(task, due))
        elif task.status == STALLED and self.world.is_alive(task.app_id):
            self.later(task, self._switches["stalled_recovers"], at, lambda due: self._recover(task, due))

    def _recover(self, task: Task, at: float) -> None:
        if self.world.is_alive(task.app_id):
            self.start(task, at, "recovered")

    def begin(self, task: Task, at: float) -> None:
        """Section 3.5: Scheduled, then Started or Rejected. Without its probe a task can't get any data."""
        ends = self._switches["resume_ends"]
        if task.rejects is not None or ends == REJECTED:
            self.become(task, REJECTED, at, "probe", task.rejects or self._switches["reject_reason"])
        elif not self.world.is_alive(task.app_id):
            self.become(task, STALLED, at, "probe is away")
        elif ends == STARTED:
            self.start(task, at, "probe")

    def start(self, task: Task, at: float, cause: str) -> None:
        self.note_start(task, at)
        self.become(task, STARTED, at, cause)

    def family(self, task: Task) -> list[Task]:
        """A master and its sub-tasks (section 3.6)."""
        if task.task_id not in self.masters:
            return [task]
        return [task, *(other for other in self.tasks.values() if other.master == task.task_id and other is not task)]

    def _sub_task_answer(self, task: Task, action: str) -> bool | str:
        """Section 6, 11: the effect on the id of a sub-task isn't documented. True: continue; otherwise the text of the error, or nothing
        happens.
        """
        position = self._switches["sub_task_actions"]
        if task.master is None or position == "alone":
            return True
        return f"emulator: {action} the master task {task.master}" if position == "error" else False

    # --- requests ---------------------------------------------------------------------------------------------------

    def stop(self, task: Task, at: float) -> tuple[dict[str, Any], bool]:
        """Section 3.4: the page has one answer only. Each other possibility is a switch (section 7, U11)."""
        go = self._sub_task_answer(task, "stop")
        if isinstance(go, str):
            return self.refusal(go), False
        position = {SCHEDULED: "stop_scheduled", STOPPED: "stop_stopped", REJECTED: "stop_stopped"}.get(task.status)
        if position and self._switches[position] == "error":
            return self.refusal(f"emulator: can't stop, the task is {task.status}"), False
        if not go or self.ignored("stop") or task.status not in (STARTED, SCHEDULED, STALLED):
            return {"status": SENT}, False
        if task.status == SCHEDULED and self._switches["stop_scheduled"] == "ignored":
            return {"status": SENT}, False
        if task.status == STALLED and self._switches["stop_stalled"] == "stays":
            return {"status": SENT}, False
        for member in self.family(task):
            self.later(member, self._switches["stop_delay"], at, partial(self._stopped, member), own=False)
        return {"status": SENT}, True

    def _stopped(self, task: Task, at: float) -> None:
        """A probe that can't be reached isn't informed, whether the task shows that yet or not (section 5.1)."""
        reached = self.world.is_alive(task.app_id) and task.status != STALLED
        if task.status in (STARTED, SCHEDULED, STALLED) and (reached or self._switches["stop_stalled"] == "stops"):
            self.become(task, STOPPED, at, "TaskStop")

    def resume(self, task: Task, at: float) -> tuple[dict[str, Any], bool]:
        """Section 3.5: the same id, and Scheduled as its state."""
        go = self._sub_task_answer(task, "resume")
        if isinstance(go, str):
            return self.refusal(go), False
        position = {STARTED: "resume_started", SCHEDULED: "resume_started", STALLED: "resume_stalled", REJECTED: "resume_rejected"}
        how = self._switches[position[task.status]] if task.status in position else "accepted"
        if how == "error":
            return self.refusal(f"emulator: can't resume, the task is {task.status}"), False
        if how == "ignored":
            return {"status": task.status}, False
        if not go or self.ignored("resume"):
            return {"status": SCHEDULED}, False
        for member in self.family(task):
            if member.status != STARTED or member is task:
                self.become(member, SCHEDULED, at, "TaskResume")
        return {"status": SCHEDULED}, True

    # --- somebody else ----------------------------------------------------------------------------------------------

    def probe_is_back(self, task: Task, at: float) -> None:
        if task.status == STALLED:
            self.plan(task, at)

    def outside(self, task: Task, action: str, at: float, details: Mapping[str, Any]) -> None:
        if self.outside_any(task, action, at, details):
            return
        if action in ("stop", "cancel"):
            self.need(task, action, STARTED, SCHEDULED, STALLED)
            self._outside_all(task, STOPPED, at, f"outside {action}")
        elif action == "resume":
            self.need(task, action, STOPPED, STALLED, REJECTED)
            self._outside_all(task, SCHEDULED, at, "outside resume")
        elif action == "start":
            self.need(task, action, SCHEDULED, STOPPED, REJECTED)
            self.start(task, at, "outside start")
        elif action == "recover":
            self.need(task, action, STALLED)
            self.start(task, at, "outside recover")
        else:
            raise BadOrder(f"nobody can {action!r} a live task; known: {', '.join(ACTS)}")

    def _outside_all(self, task: Task, status: str, at: float, cause: str) -> None:
        for member in self.family(task):
            member.steps.clear()
            self.become(member, status, at, cause)
