# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the model without sockets, and words that several tests use."""

from __future__ import annotations

import json
from typing import Any

from tests.emulator.messages import Reply
from tests.emulator.vendors.ctrlapi import CtrlApi

PATH = "/ctrl_api/v1/json"
SENT = {"status": "Stop request was sent"}
UNAVAILABLE = {"error": "Stopping task is unavailable"}
JSON_TYPE = {"Content-Type": "application/json"}


def entry(method: str, params: dict[str, Any], number: int | None = None) -> dict[str, Any]:
    return {"method": method, **({} if number is None else {"id": number}), "params": params}


class Api:
    """One caller and one project by default."""

    def __init__(self, model: CtrlApi, user: int, project: int, read: str) -> None:
        self.model = model
        self.user = user
        self.project = project
        self.read = read

    def send(self, body: object) -> Reply:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.model.answer("POST", PATH, JSON_TYPE, sent)

    def ask(self, *entries: object, user: object = None) -> Reply:
        return self.send({"user_id": self.user if user is None else user, "methods": list(entries)})

    def entry(self, method: str, task_ids: object = None, **params: Any) -> dict[str, Any]:
        """The only entry of the answer to one method."""
        given = {"project_id": self.project, **({} if task_ids is None else {"task_ids": task_ids}), **params}
        reply = self.ask(entry(method, given))
        assert reply.status == 200, reply.body
        found: dict[str, Any] = json.loads(reply.body)["reply"][0]
        return found

    def result(self, method: str, task_ids: object = None, **params: Any) -> Any:
        found = self.entry(method, task_ids, **params)
        assert not found.get("errors"), found
        return found["result"]

    # --- one task, whose id is 1 ------------------------------------------------------------------------------------

    def put(self, status: str, task_id: int = 1, **fields: Any) -> None:
        """Replace all tasks by this one."""
        self.model.load([{"task_id": task_id, "project_id": self.project, "status": status, **fields}], keep=False)

    def act(self, method: str, task_id: int = 1) -> dict[str, Any]:
        """The answer to a TaskStop or TaskResume about the task, without its id."""
        item: dict[str, Any] = self.result(method, [task_id])[0]
        assert item.pop("task_id") == task_id
        return item

    def status(self, task_id: int = 1) -> str:
        return str(self.result(self.read, [task_id])[0]["status"])

    def statuses(self, times: int, task_id: int = 1) -> list[str]:
        """The states in so many consecutive reads."""
        return [self.status(task_id) for _time in range(times)]

    def ids(self, task_ids: object, **params: Any) -> list[int]:
        """The ids of the tasks in a read."""
        return [item["task_id"] for item in self.result(self.read, task_ids, **params)]

    def truth(self, task_id: int = 1) -> dict[str, Any]:
        """The emulator's own view, without a read."""
        return next(task for task in self.model.tasks() if task["task_id"] == task_id)
