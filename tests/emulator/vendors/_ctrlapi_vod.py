# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods of the vod dialect (``ctrlapi.md``, sections 3.6 to 3.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._ctrlapi_methods import Asked, Item, Methods, Outcome
from ._ctrlapi_rules import CHAIN_PARTS, COMPLETED, PRIORITIES, RESULT_GROUPS, SCHEDULED, UNAVAILABLE, UNDER_WAY
from ._ctrlapi_task import VOD_MORE, Task
from ._ctrlapi_vod_life import VodLife


class VodMethods(Methods[VodLife]):
    def handlers(self) -> dict[str, Callable[[Asked], Outcome]]:
        return {
            "AppList": self.app_list,
            "TaskStart": self._task_start,
            "TaskStatus": self._task_status,
            # Section 3.9, example 3: an unknown id has the text of a wrong state.
            "TaskStop": lambda asked: self.command(asked, lambda task_id: {"task_id": task_id, "error": UNAVAILABLE}, self.life.stop),
            "TaskReport": self._task_report,
        }

    def _under_way(self, project_id: int) -> list[int]:
        return [task.task_id for task in self.of_project(project_id) if self.life.peek(task, self.now) in UNDER_WAY]

    # --- TaskStatus (section 3.7) ---------------------------------------------------------------------------------------

    def _task_status(self, asked: Asked) -> Outcome:
        asked.params.allow("project_id", "task_ids", "detailed_test_results", "restart_chain")
        project_id = self.project(asked)
        detailed = asked.params.flag("detailed_test_results")
        part = asked.params.choice("restart_chain", CHAIN_PARTS, "all")
        ids = asked.params.ids("task_ids", everything=True)
        if ids is None:
            # All running and queued ones, so not the ended ones before them in a chain.
            ids, part = self._under_way(project_id), "exact"
        self.of_project(project_id)  # the read may cause a restart
        chains = self.life.chains(project_id)
        shown: set[int] = set()  # if two members of one chain are requested, a task is shown once

        def one(task_id: int) -> list[Item]:
            task = self.find(project_id, task_id)
            if task is None:
                absent = self.missing(self.switches["unknown_task"], task_id)
                return [] if absent is None else [absent]
            chain = [task] if part == "exact" else chains[task.initial_task_id]
            members = [member for member in {"first": chain[:1], "last": chain[-1:]}.get(part, chain) if member.task_id not in shown]
            shown.update(member.task_id for member in members)
            return [self._status_item(member, detailed=detailed) for member in members]

        return Outcome(self.items(asked, ids, one))

    def _status_item(self, task: Task, *, detailed: bool) -> Item:
        """T11's shape, and the results of a task that has some."""
        status = self.life.read(task, self.now)
        item = {"task_id": task.task_id, "initial_task_id": task.initial_task_id, "status": status}
        if self.switches["status_more_fields"]:
            item |= task.some(VOD_MORE)
        if status == COMPLETED:
            groups = ("total", *RESULT_GROUPS) if detailed else ("total",)
            item["test_results"] = dict.fromkeys(groups, task.fields.get("task_result", "emulator: no errors"))
        return item

    # --- TaskReport (section 3.8) ---------------------------------------------------------------------------------------

    def _task_report(self, asked: Asked) -> Outcome:
        asked.params.allow("project_id", "task_ids")
        project_id = self.project(asked)
        ids = asked.params.ids("task_ids", everything=True)
        errors: list[str] = []

        def one(task_id: int) -> list[Item]:
            task = self.find(project_id, task_id)
            if task is None:
                errors.append(f"emulator: no task {task_id} in this project")
                return []
            return [task.report(self.life.read(task, self.now))]

        found = self.items(asked, self._under_way(project_id) if ids is None else ids, one)
        return Outcome(found, errors)

    # --- TaskStart (section 3.10) ---------------------------------------------------------------------------------------

    def _task_start(self, asked: Asked) -> Outcome:
        """Creates and runs tasks, independently of earlier ones."""
        asked.params.allow("project_id", "tasks")
        project_id = self.project(asked)
        return Outcome([self._create(asked, project_id, wanted) for wanted in asked.params.objects("tasks")])

    def _create(self, asked: Asked, project_id: int, wanted: dict[str, Any]) -> Item:
        template_id, uri, priority = wanted.get("template_id"), wanted.get("uri"), wanted.get("priority", "normal")
        errors = []
        if not isinstance(template_id, int) or isinstance(template_id, bool):
            errors.append("emulator: template_id must be a number")
        if not isinstance(uri, str) or not uri:
            errors.append("emulator: uri must be a text")
        if priority not in PRIORITIES:
            errors.append(f"emulator: priority must be one of {', '.join(PRIORITIES)}")
        fields = {"template_id": template_id, "uri": uri, "name": wanted.get("name", ""), "priority": priority}
        if errors:
            return {**fields, "errors": errors}
        number = self.life.new_id()
        task = Task(number, project_id, SCHEDULED, number, fields)
        self.life.tasks[number] = task
        self.life.become(task, SCHEDULED, self.now, "TaskStart")
        asked.took_effect = True
        return {"task_id": number, "initial_task_id": number, **fields, "errors": []}
