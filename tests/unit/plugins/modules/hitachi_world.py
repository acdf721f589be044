# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A JP1/AO in this process, and the modules that call it: common parts of the tests of both modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.emulator.vendors.hitachi import Hitachi
from tests.unit.plugins.modules import world

URL = "https://automation.example.com:22016"
TASKS = "/Automation/v1/objects/Tasks"
SCHEDULES = "/Automation/v1/objects/Schedules"
HISTORIES = "/Automation/v1/objects/TaskHistories"
BASIC = "Basic c3lzdGVtOm1hbmFnZXI="
USER: dict[str, Any] = {"username": "system", "password": "manager"}
T, SCHEDULE = "5381", 2202
VARIABLES = tuple(f"HITACHI_{name}" for name in ("URL", "USERNAME", "PASSWORD", "TOKEN", "TOKEN_TYPE", "PROXY", "RETRIES", "TIMEOUT"))


class World(world.World):
    emulator = Hitachi
    variables = VARIABLES
    system: Hitachi

    def access(self, given: Collection[str]) -> Mapping[str, Any]:
        return {"url": URL, **({} if {"token", "username"} & set(given) else USER)}

    def wall(self) -> float:
        """A whole number of sampling intervals from the epoch, so that no test depends on the time of day."""
        return 1_800_000_000.0

    def begin(self, *tasks: Mapping[str, Any], **switches: Any) -> None:
        super().begin(*tasks, **switches)
        # In the middle between two samples of the states, if a system takes samples.
        self.clock.sleep(15)
        self.clock.sleeps.clear()

    def token(self) -> str:
        """An HSSO token that was issued before the module is called."""
        reply = self.system.answer("GET", "/Automation/v1/configuration/version", {"Host": "h", "Authorization": BASIC}, b"", patience=None)
        self.system.journal.clear()
        return str(dict(reply.headers)["WWW-Authenticate"]).removeprefix("HSSO ")

    def headers(self, name: str) -> list[str | None]:
        """A header of each request."""
        return [dict(entry["headers"]).get(name) for entry in self.journal]

    def truth(self, task: str = T) -> dict[str, Any]:
        return next(row for row in self.system.tasks() if str(row["instanceID"]) == task)


def run(status: str = "inProgress", task_id: str = T, **fields: Any) -> dict[str, Any]:
    """A run of a service that runs at once, or, if it hasn't begun, is planned for tomorrow."""
    ahead = {"scheduleType": "schedule", "starts_in": 86400} if status in ("waiting", "suspended") else {"scheduleType": "immediate"}
    number = int(task_id)
    return {"instanceID": number, "name": f"run {task_id}", "status": status, "scheduleID": number - 3179, **ahead, **fields}


RECURRING: dict[str, Any] = {"scheduleType": "recurrence", "repeat_every": 86400}
