# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An IoTDA in this process, and the modules that call it: what the tests of both modules share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _module

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.clock import Clock
from tests.emulator.vendors.iotda import Iotda
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock

AK, SK = "HPUATESTACCESSKEY001", "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
HOST = "9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com"
SHARED = "iotda.cn-north-4.myhuaweicloud.com"
INSTANCE = "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"
T = "5c8ba99030344005c02316ad"
BATCHTASKS = f"/v5/iot/{PROJECT}/batchtasks"

KEY: dict[str, Any] = {"access_key": AK, "secret_key": SK}
PLACE: dict[str, Any] = {"url": f"https://{HOST}", "region": "cn-north-4", "project_id": PROJECT}
ACCESS: dict[str, Any] = {**PLACE, **KEY}
USER: dict[str, Any] = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}
VARIABLES = (
    *(f"IOTDA_{name}" for name in ("URL", "INSTANCE_ID", "SIGNATURE", "PROXY", "RETRIES", "TIMEOUT")),
    *(f"HUAWEICLOUD_{name}" for name in ("REGION", "USERNAME", "PASSWORD", "DOMAIN_NAME", "PROJECT_NAME", "TOKEN")),
    *(f"HUAWEICLOUD_SDK_{name}" for name in ("AK", "SK", "PROJECT_ID", "SECURITY_TOKEN", "IAM_ENDPOINT")),
)


class World:
    """One emulated system and the calls of a module against it. Time passes only where the module waits."""

    def __init__(
        self, main: Callable[[], None], module: str, capsys: pytest.CaptureFixture[str], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._main, self._module, self._capsys, self._clock, self._monkeypatch = main, module, capsys, clock, monkeypatch
        # One beginning for all systems of a test: what they tell of times can be compared then.
        self._wall = time.time()
        self.begin()

    def begin(self, *tasks: Mapping[str, Any], **switches: Any) -> None:
        """A fresh system with these tasks."""
        start = self._clock.now()
        clock = Clock(self._clock.now, lambda: self._wall + self._clock.now() - start)
        self.system = Iotda(switches=switches, tasks=[dict(task) for task in tasks], clock=clock, seed=1)
        self._monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(self.system))

    def run(self, **options: Any) -> dict[str, Any]:
        """A call with the usual credentials, unless it brings its own; `check` for check mode."""
        check = bool(options.pop("check", False))
        access: Mapping[str, Any] = {} if {"url", "region", "token", "username"} & set(options) else ACCESS
        return run_main(self._main, self._capsys, self._module, check=check, diff=False, **{**access, **options})

    def fault(self, kind: str, on: str, *, after: int = 0, times: int | None = 1, **options: Any) -> None:
        self.system.faults.order([{"kind": kind, "match": {"action": on}, "after": after, "times": times, **options}])

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [entry.view() for entry in self.system.journal.since()]

    @property
    def requests(self) -> list[str]:
        """The requests in short: `show`, `stop`, `list`, `token`."""
        return [str(entry["action"]) for entry in self.journal]

    @property
    def writes(self) -> list[str]:
        return [str(entry["action"]) for entry in self.journal if entry["write"] and entry["action"] != "token"]

    @property
    def effects(self) -> list[str]:
        return [str(entry["action"]) for entry in self.journal if entry["took_effect"] and entry["action"] != "token"]

    def sent(self, action: str) -> list[Any]:
        """The bodies of the requests of this action."""
        return [json.loads(entry["body"]) for entry in self.journal if entry["action"] == action]

    def truth(self, task: str = T) -> dict[str, Any]:
        return next(row for row in self.system.tasks() if row["task_id"] == task)

    def devices(self, task: str = T) -> dict[str, str]:
        """The true state of each device."""
        return {row["target"]: row["status"] for row in self.truth(task)["subtasks"]}


def quiet(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """No variable of the caller's environment, and a clock that only waiting moves."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)
    return clock


def upgrade(status: str = "Processing", task_id: str = T, **fields: Any) -> dict[str, Any]:
    """A firmware upgrade of three devices, unless something else is said; `devices` are their states."""
    devices: Mapping[str, str] | None = fields.pop("devices", None)
    targets: dict[str, Any] = {"targets": ["dev_a", "dev_b", "dev_c"]}
    if devices is not None:
        targets = {"subtasks": [{"target": target, "status": state} for target, state in devices.items()]}
    return {"task_id": task_id, "task_name": "fw_2025_01", "task_type": "firmwareUpgrade", "status": status, **targets, **fields}


def one(result: Mapping[str, Any]) -> dict[str, Any]:
    (row,) = result["tasks"]
    assert isinstance(row, dict)
    return row


def many(number: int, first: int = 0) -> list[str]:
    """Ids of tasks."""
    return [f"{0x5C8BA990:08x}{first + index:016x}" for index in range(number)]


def is_one_sentence(message: str) -> bool:
    return "\n" not in message and message.endswith(".") and not any(f"{mark} " in message for mark in ".!?")
