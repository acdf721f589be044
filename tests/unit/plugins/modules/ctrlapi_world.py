# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Boro in this process, and the modules that call it: common parts of the tests of both modules."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.unit.plugins.modules import world

URL = "http://boro.example.com"
PATH = "/ctrl_api/v1/json"
LIVE: dict[str, Any] = {"url": URL, "dialect": "live", "user_id": 4, "project_id": [23]}
VOD: dict[str, Any] = {"url": URL, "dialect": "vod", "user_id": 1, "project_id": [2]}
KEYS = {"live": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=", "vod": "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="}
SENT = "Stop request was sent"
OPTIONS = ("URL", "DIALECT", "USER_ID", "PROJECT_ID", "API_KEY", "API_KEY_ENCODING", "PROXY", "RETRIES", "TIMEOUT")
VARIABLES = tuple(f"CTRLAPI_{name}" for name in OPTIONS)


class World(world.World):
    emulator = CtrlApi
    variables = VARIABLES
    system: CtrlApi

    def access(self, given: Collection[str]) -> Mapping[str, Any]:
        return LIVE if self.dialect == "live" else VOD

    def begin(self, dialect: str = "live", *tasks: Mapping[str, Any], **switches: Any) -> None:
        """A new system of this dialect with these tasks, all in its usual project unless they name another."""
        self.dialect = dialect
        given = [{"project_id": 23 if dialect == "live" else 2, **task} for task in tasks]
        super().begin(*given, dialect=dialect, **switches)

    def after(self, action: str, what: Callable[[], None]) -> None:
        """Let somebody else do something just after the first request with this method."""
        respond, todo = self.system.respond, [what]

        def respond_and_do(request: Request, asked: Call) -> Reply:
            reply = respond(request, asked)
            if asked.action == action and todo:
                todo.pop()()
            return reply

        self._monkeypatch.setattr(self.system, "respond", respond_and_do)

    @property
    def writes(self) -> list[str]:
        """The method and ids of each request that was meant to change something."""
        return [" ".join((str(entry["action"]), *map(str, entry["ids"]))) for entry in self.journal if entry["write"]]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(entry["body"]) for entry in self.journal]

    def truth(self, task: int) -> str:
        return str(next(row for row in self.system.tasks() if row["task_id"] == task)["status"])


def task(number: int, status: str, **fields: Any) -> dict[str, Any]:
    return {"task_id": number, "status": status, **fields}
