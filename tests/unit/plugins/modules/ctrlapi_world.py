# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Boro in this process, and the modules that call it: what the tests of both modules share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _module

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.clock import Clock
from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock

URL = "http://boro.example.com"
PATH = "/ctrl_api/v1/json"
LIVE: dict[str, Any] = {"url": URL, "dialect": "live", "user_id": 4, "project_id": [23]}
VOD: dict[str, Any] = {"url": URL, "dialect": "vod", "user_id": 1, "project_id": [2]}
KEYS = {"live": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=", "vod": "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="}
SENT = "Stop request was sent"
OPTIONS = ("URL", "DIALECT", "USER_ID", "PROJECT_ID", "API_KEY", "API_KEY_ENCODING", "PROXY", "RETRIES", "TIMEOUT")


class World:
    """One emulated system and the calls of a module against it. Time passes only where the module waits."""

    def __init__(
        self, main: Callable[[], None], module: str, capsys: pytest.CaptureFixture[str], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._main, self._module, self._capsys, self.clock, self._monkeypatch = main, module, capsys, clock, monkeypatch
        # A whole second, as dates in headers have no parts of one.
        self._wall = float(int(time.time()))
        self.dialect = "live"
        self.begin("live")

    def begin(self, dialect: str, *tasks: Mapping[str, Any], **switches: Any) -> None:
        """A fresh system with these tasks."""
        start = self.clock.now()
        clock = Clock(self.clock.now, lambda: self._wall + self.clock.now() - start)
        self.dialect = dialect
        given = [{"project_id": 23 if dialect == "live" else 2, **task} for task in tasks]
        self.system = CtrlApi(switches={"dialect": dialect, **switches}, tasks=given, clock=clock, seed=1)
        self._monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(self.system))

    def run(self, **options: Any) -> dict[str, Any]:
        """A call of the usual user for the usual project, unless it says otherwise; `check` for check mode."""
        check = bool(options.pop("check", False))
        access = LIVE if self.dialect == "live" else VOD
        return run_main(self._main, self._capsys, self._module, check=check, diff=False, **{**access, **options})

    def fault(self, kind: str, on: str, *, after: int = 0, times: int | None = 1, **options: Any) -> None:
        self.system.faults.order([{"kind": kind, "match": {"action": on}, "after": after, "times": times, **options}])

    def after(self, action: str, what: Callable[[], None]) -> None:
        """Somebody else does something just after the first request with this method."""
        respond, todo = self.system.respond, [what]

        def respond_and_do(request: Request, asked: Call) -> Reply:
            reply = respond(request, asked)
            if asked.action == action and todo:
                todo.pop()()
            return reply

        self._monkeypatch.setattr(self.system, "respond", respond_and_do)

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [entry.view() for entry in self.system.journal.since()]

    @property
    def requests(self) -> list[str]:
        """The methods of each request, in their order."""
        return [str(entry["action"]) for entry in self.journal]

    @property
    def writes(self) -> list[str]:
        """The method and ids of each request that was meant to change something."""
        return [" ".join((str(entry["action"]), *map(str, entry["ids"]))) for entry in self.journal if entry["write"]]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(entry["body"]) for entry in self.journal]

    def truth(self, task: int) -> str:
        return str(next(row for row in self.system.tasks() if row["task_id"] == task)["status"])


def quiet(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """No variable of the caller's environment, and a clock that only waiting moves."""
    for option in OPTIONS:
        monkeypatch.delenv(f"CTRLAPI_{option}", raising=False)
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)
    return clock


def task(number: int, status: str, **fields: Any) -> dict[str, Any]:
    return {"task_id": number, "status": status, **fields}


def one(result: Mapping[str, Any]) -> dict[str, Any]:
    (row,) = result["tasks"]
    assert isinstance(row, dict)
    return row


def warnings(result: Mapping[str, Any]) -> list[str]:
    """The texts of a result's warnings, in the form of any ansible-core."""
    return [warning if isinstance(warning, str) else str(warning["event"]["msg"]) for warning in result.get("warnings", [])]


def is_one_sentence(message: str) -> bool:
    return "\n" not in message and message.endswith(".") and not any(f"{mark} " in message for mark in ".!?")
