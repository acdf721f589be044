# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of IoTDA's modules."""

from __future__ import annotations

from typing import Any

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
# The project with the name of the region, by which IAM finds it.
CN_NORTH_4 = "0605767e8b80d5ac2f70c00d8ddd8ba2"
KEY: dict[str, Any] = {"access_key": "HPUATESTACCESSKEY001", "secret_key": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"}
ACCESS: dict[str, Any] = {**KEY, "region": "cn-north-4", "project_id": PROJECT}
T = "5c8ba99030344005c02316ad"


def firmware(task_id: str = T, status: str = "Processing", **fields: Any) -> dict[str, Any]:
    """A firmware upgrade of three devices."""
    task = {"task_id": task_id, "task_name": "fw_2025_01", "task_type": "firmwareUpgrade", "status": status}
    return {**task, **({} if "subtasks" in fields else {"targets": ["dev_a", "dev_b", "dev_c"]}), **fields}
