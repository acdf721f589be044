# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the model with Basic authentication, without sockets."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tests.emulator.messages import Reply
from tests.emulator.vendors.hitachi import Hitachi

OBJECTS = "/Automation/v1/objects"
HOST = "jp1:22015"
T = 7001  # the task of most tests, and its schedule
S = 7501


def basic(user: str = "system", password: str = "manager") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def body(action: str, path: str, host: str = HOST) -> bytes:
    """hitachi.md, section 3.4, with the line ends and indents that agree with the Content-Length of the samples."""
    lines = ("{", f'  "name" : "{action}",', f'  "href" : "http://{host}{path}",', '  "method" : "POST",', '  "parameters" : [ ]', "}")
    return "\r\n".join(lines).encode()


class Api:
    def __init__(self, model: Hitachi) -> None:
        self.model = model

    def ask(self, method: str, path: str, sent: bytes = b"", headers: Mapping[str, str] | None = None, *, base: str = OBJECTS) -> Reply:
        own = {"Host": HOST, "Authorization": basic(), "Accept": "application/json", **(headers or {})}
        return self.model.answer(method, base + path, own, sent)

    def json(self, path: str) -> Any:
        reply = self.ask("GET", path)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    # --- one task -------------------------------------------------------------------------------------------------

    def put(self, status: str, **more: Any) -> None:
        """Replace all tasks by this one, which has a one-time plan."""
        task = {"instanceID": T, "scheduleID": S, "scheduleType": "schedule", "status": status, **more}
        self.model.load([task], keep=False)

    def show(self, task: int = T) -> dict[str, Any]:
        shown: dict[str, Any] = self.json(f"/Tasks/{task}")
        return shown

    def status(self, task: int = T) -> str:
        return str(self.show(task)["status"])

    def statuses(self, times: int) -> list[str]:
        """The states in so many consecutive reads."""
        return [self.status() for _time in range(times)]

    def truth(self, task: int = T) -> dict[str, Any]:
        return next(row for row in self.model.tasks() if row["instanceID"] == task)

    # --- actions --------------------------------------------------------------------------------------------------

    def invoke(self, action: str, id_: int | None = None) -> Reply:
        """Send an action to the task, or to its schedule."""
        on_schedule = action in ("suspend", "resume", "cancel")
        path = f"{'/Schedules' if on_schedule else '/Tasks'}/{id_ or (S if on_schedule else T)}/actions/{action}/invoke"
        return self.ask("POST", path, body(action, OBJECTS + path), {"Content-Type": "application/json"})

    def act(self, action: str, id_: int | None = None) -> Any:
        """Send an action that must be accepted. Returns the job."""
        reply = self.invoke(action, id_)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    # --- lists ----------------------------------------------------------------------------------------------------

    def find(self, resource: str = "Tasks", /, **query: object) -> Any:
        """Read a list. ``hql_filter="..."`` stands for ``HQL::filter``."""
        return self.json(f"/{resource}?{asked(query)}")

    def ids(self, resource: str = "Tasks", /, **query: object) -> list[int]:
        return [row["instanceID"] for row in self.find(resource, **query)["data"]]

    def refused(self, resource: str = "Tasks", /, **query: object) -> tuple[int, str]:
        return error_of(self.ask("GET", f"/{resource}?{asked(query)}"))


def asked(query: Mapping[str, object]) -> str:
    names = {name: name.replace("hql_", "HQL::") for name in query}
    return "&".join(f"{quote(names[name], safe='')}={quote(str(value), safe='')}" for name, value in query.items())


def error_of(reply: Reply) -> tuple[int, str]:
    """Status and code of an answer that must be an error object of section 3.2."""
    value = json.loads(reply.body)
    assert {"errorSource", "message", "messageID", "application"} == set(value), value
    return reply.status, value["messageID"]


def header(reply: Reply, name: str) -> str:
    return next(value for known, value in reply.headers if known == name)


NOT_THERE = (404, "KNAE02102-E")
CONFLICT = (409, "KNAE90409-E")
