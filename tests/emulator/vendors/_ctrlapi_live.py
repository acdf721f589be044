# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods of the live dialect (``ctrlapi.md``, sections 3.3 to 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._ctrlapi_live_life import LiveLife
from ._ctrlapi_methods import Asked, Item, Methods, Outcome
from ._ctrlapi_rules import LARGEST_EVENTS_PAGE, PAGE_SIZE, SENT, STARTED
from ._ctrlapi_task import Task


class LiveMethods(Methods[LiveLife]):
    def handlers(self) -> dict[str, Callable[[Asked], Outcome]]:
        return {
            "ProjectsList": self._projects_list,
            "AppList": self.app_list,
            "AppTasks": self._app_tasks,
            "TaskInfo": self._task_info,
            "TaskStop": lambda asked: self.command(asked, self._unknown, self.life.stop),
            "TaskResume": lambda asked: self.command(asked, self._unknown, self.life.resume),
            "TaskEvents": self._task_events,
        }

    def _unknown(self, task_id: int) -> Item | None:
        position = self.switches["unknown_task_action"]
        return {"task_id": task_id, "status": SENT} if position == "sent" else self.missing(position, task_id)

    def _is_active(self, task: Task) -> bool:
        """Section 3.2: active tasks of running probes."""
        return self.life.peek(task, self.now) in self.switches["active_states"] and self.world.is_alive(task.app_id)

    # --- TaskInfo (section 3.3) -----------------------------------------------------------------------------------------

    def _task_info(self, asked: Asked) -> Outcome:
        asked.params.allow("project_id", "task_ids")
        project_id = self.project(asked)
        ids = asked.params.ids("task_ids", everything=True)
        if ids is None:
            active = [task for task in self.of_project(project_id) if self._is_active(task)]
            ids = [task.task_id for task in active if task.master is None or self.switches["star_shows_sub_tasks"]]

        def one(task_id: int) -> list[Item]:
            task = self.find(project_id, task_id)
            if task is None:
                absent = self.missing(self.switches["unknown_task"], task_id)
                return [] if absent is None else [absent]
            return [task.info(self.life.read(task, self.now))]

        return Outcome(self.items(asked, ids, one))

    # --- AppTasks (section 3.6) -----------------------------------------------------------------------------------------

    def _app_tasks(self, asked: Asked) -> Outcome:
        asked.params.allow("project_id", "app_ids")
        project_id = self.project(asked)
        tasks = [task for task in self.of_project(project_id) if self._is_active(task)]
        known = [app["app_id"] for app in self.world.apps(project_id)]
        known += [task.app_id for task in tasks if task.app_id is not None]
        ids = asked.params.ids("app_ids", everything=True)
        found = []
        for app_id in dict.fromkeys(known if ids is None else ids):
            if app_id not in known:
                absent = self.missing(self.switches["unknown_task"], app_id)
                found += [] if absent is None else [{"app_id": app_id, **{key: absent[key] for key in absent if key != "task_id"}}]
                continue
            here = [task for task in tasks if task.app_id == app_id]
            sub_tasks: dict[str, list[int]] = {}
            for task in here:
                if task.master is not None:
                    sub_tasks.setdefault(str(task.master), []).append(task.task_id)
            masters = [task.task_id for task in here if task.master is None]
            found.append({"app_id": app_id, "live_tasks": masters, "sub_tasks": sub_tasks})
        return Outcome(found)

    # --- ProjectsList (section 3.6) -------------------------------------------------------------------------------------

    def _projects_list(self, asked: Asked) -> Outcome:
        asked.params.allow("type", "limit_value", "page")
        wanted = asked.params.choice("type", ("own", "shared", "all"), "all")
        rows = []
        for project_id, role in self.world.projects(asked.user_id).items():
            if wanted != "all" and (wanted == "own") != (role == "owner"):
                continue
            project = self.world.project(project_id) or {}
            running = [task for task in self.of_project(project_id) if self.life.peek(task, self.now) == STARTED]
            rows.append(
                {
                    "id": project_id,
                    "title": project.get("title", ""),
                    "founder": project.get("founder", ""),
                    "role": role,
                    "live_apps_count": sum(self.world.is_alive(app["app_id"]) for app in self.world.apps(project_id)),
                    "live_channels_count": sum(task.master is None for task in running),
                    "live_streams_count": len(running),
                }
            )
        return Outcome(self._paged(asked, "projects", rows, most=None))

    @staticmethod
    def _paged(asked: Asked, name: str, rows: list[Item], *, most: int | None) -> dict[str, Any]:
        limit = asked.params.number("limit_value", PAGE_SIZE, least=1, most=most)
        page = asked.params.number("page", 1, least=1)
        shown = rows[(page - 1) * limit : page * limit]
        return {name: shown, "current_page": page, "total_pages": max(1, -(-len(rows) // limit)), "limit_value": limit}

    # --- TaskEvents (section 3.6) ---------------------------------------------------------------------------------------

    def _task_events(self, asked: Asked) -> Outcome:
        """The format of the reply isn't documented: an event has the fields that the emulator knows, newest first."""
        asked.params.allow("project_id", "task_id", "events", "limit_value", "page", "update_token")
        project_id = self.project(asked)
        wanted = asked.params.texts("events")
        task = self.find(project_id, asked.params.number("task_id"))
        if task is None:
            raise asked.params.bad("no such task in this project")
        rows = [event for event in reversed(task.events) if wanted is None or event["event"] in wanted]
        paged = self._paged(asked, "events", rows, most=LARGEST_EVENTS_PAGE)
        return Outcome(paged if self.switches["events_result"] == "object" else paged["events"])
