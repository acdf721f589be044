# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the model with a token, without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.emulator.messages import Reply
from tests.emulator.vendors.iotda import Iotda

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
BASE = f"/v5/iot/{PROJECT}/batchtasks"
T = "5c8ba99030344005c02316ad"


def token_request(project: str = PROJECT, user: str = "iam-user", password: str = "secret") -> bytes:
    """iotda.md, section 2.3."""
    identity = {"methods": ["password"], "password": {"user": {"name": user, "password": password, "domain": {"name": "account-name"}}}}
    return json.dumps({"auth": {"identity": identity, "scope": {"project": {"id": project}}}}).encode()


def issue(model: Iotda, user: str = "iam-user", password: str = "secret", project: str = PROJECT) -> str:
    reply = model.answer("POST", "/v3/auth/tokens", {"Content-Type": "application/json"}, token_request(project, user, password))
    assert reply.status == 201
    return dict(reply.headers)["X-Subject-Token"]


class Api:
    def __init__(self, model: Iotda) -> None:
        self.model = model
        self.token = issue(model)

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, *, base: str = BASE) -> Reply:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own = {"X-Auth-Token": self.token, "Content-Type": "application/json", **(headers or {})}
        return self.model.answer(method, base + path, own, sent)

    def json(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        reply = self.ask(method, path, body, headers)
        assert reply.status in (200, 201), reply.body
        return json.loads(reply.body)

    def error(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and code of an answer that must be an error of section 3.7."""
        return error_of(self.ask(method, path, body, headers))

    def act(self, action: str, body: object = None, task: str = T) -> Any:
        return self.json("POST", f"/{task}/{action}", {} if body is None else body)

    def refused(self, action: str, body: object = None, task: str = T) -> tuple[int, str]:
        return self.error("POST", f"/{task}/{action}", {} if body is None else body)

    def show(self, task: str = T, query: str = "limit=50") -> Any:
        return self.json("GET", f"/{task}?{query}")

    def task(self, task: str = T) -> dict[str, Any]:
        found: dict[str, Any] = self.show(task)["batchtask"]
        return found

    def status(self, task: str = T) -> str:
        return str(self.task(task)["status"])

    def statuses(self, times: int, task: str = T) -> list[str]:
        """The states in so many consecutive reads."""
        return [self.status(task) for _time in range(times)]

    def subtasks(self, task: str = T) -> dict[str, str]:
        return {row["target"]: row["status"] for row in self.show(task)["task_details"]}

    def counted(self, task: str = T) -> dict[str, int]:
        """The counters that aren't 0."""
        return {name: number for name, number in self.task(task)["task_progress"].items() if number}

    def truth(self, task: str = T) -> dict[str, Any]:
        """The emulator's own view, without a read."""
        return next(row for row in self.model.tasks() if row["task_id"] == task)

    def put(self, task: str = T, **fields: Any) -> None:
        """Replace all tasks by this one, by default a running upgrade of the devices a, b and c."""
        fields.setdefault("targets", ["a", "b", "c"])
        if "subtasks" in fields:
            fields.pop("targets")
            fields["subtasks"] = [{"target": target, "status": status} for target, status in fields["subtasks"].items()]
        self.model.load([{"task_id": task, **fields}], keep=False)


def error_of(reply: Reply) -> tuple[int, str]:
    body = json.loads(reply.body)
    assert list(body) == ["error_code", "error_msg"], body
    return reply.status, body["error_code"]
