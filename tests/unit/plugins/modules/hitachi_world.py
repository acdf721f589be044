# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A JP1/AO in this process, and the modules that call it: what the tests of both modules share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _module

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.clock import Clock
from tests.emulator.vendors.hitachi import Hitachi
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock

URL = "https://automation.example.com:22016"
TASKS = "/Automation/v1/objects/Tasks"
SCHEDULES = "/Automation/v1/objects/Schedules"
HISTORIES = "/Automation/v1/objects/TaskHistories"
BASIC = "Basic c3lzdGVtOm1hbmFnZXI="
USER: dict[str, Any] = {"username": "system", "password": "manager"}
T, SCHEDULE = "5381", 2202
OPTIONS = ("URL", "USERNAME", "PASSWORD", "TOKEN", "TOKEN_TYPE", "PROXY", "RETRIES", "TIMEOUT")


class World:
    """One emulated system and the calls of a module against it. Time passes only where the module waits."""

    def __init__(
        self, main: Callable[[], None], module: str, capsys: pytest.CaptureFixture[str], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._main, self._module, self._capsys, self._monkeypatch = main, module, capsys, monkeypatch
        self.clock = clock
        self.begin()

    def begin(self, *tasks: Mapping[str, Any], **switches: Any) -> None:
        """A fresh system with these tasks."""
        start = self.clock.now()
        # A whole number of sampling intervals from the epoch, so that no test depends on the time of day.
        clock = Clock(self.clock.now, lambda: 1_800_000_000 + self.clock.now() - start)
        self.system = Hitachi(switches=switches, tasks=[dict(task) for task in tasks], clock=clock, seed=1)
        self._monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(self.system))
        # In the middle between two samples of the states, where a system takes any.
        self.clock.sleep(15)
        self.clock.sleeps.clear()

    def run(self, **options: Any) -> dict[str, Any]:
        """A call with the usual credentials, unless it brings its own; `check` for check mode."""
        check = bool(options.pop("check", False))
        access = {} if {"token", "username"} & set(options) else USER
        return run_main(self._main, self._capsys, self._module, check=check, diff=False, **{"url": URL, **access, **options})

    def fault(self, kind: str, on: str, *, after: int = 0, times: int | None = 1, **options: Any) -> None:
        self.system.faults.order([{"kind": kind, "match": {"action": on}, "after": after, "times": times, **options}])

    def token(self) -> str:
        """An HSSO token that somebody got before the module is called."""
        reply = self.system.answer("GET", "/Automation/v1/configuration/version", {"Host": "h", "Authorization": BASIC}, b"", patience=None)
        self.system.journal.clear()
        return str(dict(reply.headers)["WWW-Authenticate"]).removeprefix("HSSO ")

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [entry.view() for entry in self.system.journal.since()]

    @property
    def requests(self) -> list[str]:
        """The requests in short: `read`, `list`, `list_histories`, `stop`, `suspend`."""
        return [str(entry["action"]) for entry in self.journal]

    @property
    def writes(self) -> list[str]:
        return [str(entry["action"]) for entry in self.journal if entry["write"]]

    @property
    def effects(self) -> list[str]:
        return [str(entry["action"]) for entry in self.journal if entry["took_effect"]]

    def headers(self, name: str) -> list[str | None]:
        """A header of each request."""
        return [dict(entry["headers"]).get(name) for entry in self.journal]

    def sent(self, action: str) -> list[Any]:
        """The bodies of the requests of this action."""
        return [json.loads(entry["body"]) for entry in self.journal if entry["action"] == action]

    def truth(self, task: str = T) -> dict[str, Any]:
        return next(row for row in self.system.tasks() if str(row["instanceID"]) == task)


def quiet(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """No variable of the caller's environment, and a clock that only waiting moves."""
    for option in OPTIONS:
        monkeypatch.delenv(f"HITACHI_{option}", raising=False)
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)
    return clock


def run(status: str = "inProgress", task_id: str = T, **fields: Any) -> dict[str, Any]:
    """A run of a service: at once, unless it's still ahead; then it's planned for tomorrow."""
    ahead = {"scheduleType": "schedule", "starts_in": 86400} if status in ("waiting", "suspended") else {"scheduleType": "immediate"}
    number = int(task_id)
    return {"instanceID": number, "name": f"run {task_id}", "status": status, "scheduleID": number - 3179, **ahead, **fields}


RECURRING: dict[str, Any] = {"scheduleType": "recurrence", "repeat_every": 86400}


def one(result: Mapping[str, Any]) -> dict[str, Any]:
    (row,) = result["tasks"]
    assert isinstance(row, dict)
    return row


def is_one_sentence(message: str) -> bool:
    return "\n" not in message and message.endswith(".") and not any(f"{mark} " in message for mark in ".!?")
