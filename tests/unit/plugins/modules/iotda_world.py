# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An IoTDA in this process, and the modules that call it: common parts of the tests of both modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.emulator.vendors.iotda import Iotda
from tests.unit.plugins.modules import world

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
    *(f"IOTDA_{name}" for name in ("URL", "INSTANCE_ID", "SIGNATURE", "SIGNED_HOST", "PROXY", "RETRIES", "TIMEOUT")),
    *(f"HUAWEICLOUD_{name}" for name in ("REGION", "USERNAME", "PASSWORD", "DOMAIN_NAME", "PROJECT_NAME", "TOKEN")),
    *(f"HUAWEICLOUD_SDK_{name}" for name in ("AK", "SK", "PROJECT_ID", "SECURITY_TOKEN", "IAM_ENDPOINT")),
)


class World(world.World):
    emulator = Iotda
    variables = VARIABLES
    system: Iotda

    def access(self, given: Collection[str]) -> Mapping[str, Any]:
        return {} if {"url", "region", "token", "username"} & set(given) else ACCESS

    def truth(self, task: str = T) -> dict[str, Any]:
        return next(row for row in self.system.tasks() if row["task_id"] == task)

    def devices(self, task: str = T) -> dict[str, str]:
        """The true state of each device."""
        return {row["target"]: row["status"] for row in self.truth(task)["subtasks"]}


def upgrade(status: str = "Processing", task_id: str = T, **fields: Any) -> dict[str, Any]:
    """By default, a firmware upgrade of three devices. `devices` are their states."""
    devices: Mapping[str, str] | None = fields.pop("devices", None)
    targets: dict[str, Any] = {"targets": ["dev_a", "dev_b", "dev_c"]}
    if devices is not None:
        targets = {"subtasks": [{"target": target, "status": state} for target, state in devices.items()]}
    return {"task_id": task_id, "task_name": "fw_2025_01", "task_type": "firmwareUpgrade", "status": status, **targets, **fields}


def many(number: int, first: int = 0) -> list[str]:
    """Ids of tasks."""
    return [f"{0x5C8BA990:08x}{first + index:016x}" for index in range(number)]
