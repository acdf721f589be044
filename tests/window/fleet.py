# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet over emulated systems, and the targets of a window over it: for tests, the demo, the crash test and the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.emulator.client import Control

# Those that can be had nowhere else. Windows over Airflow are tested in tests/airflow, over its own servers and over the emulated one.
VENDORS = ("totalcontrol", "huawei", "ctrlapi", "hitachi", "iotda")
ALL = (*VENDORS, "airflow")
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
VIAS_PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
# The names of a task's id and state in the emulator's true list.
KEYS = {
    "totalcontrol": ("task_name", "status"),
    "huawei": ("id", "state"),
    "ctrlapi": ("task_id", "status"),
    "hitachi": ("instanceID", "status"),
    "iotda": ("task_id", "status"),
    "airflow": ("dag_id", "is_paused"),
}
SECRETS = ("3D391497", "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123", "manager", "admin-password")


def tasks(vendor: str, count: int) -> list[dict[str, Any]]:
    """So many tasks that the vendor can put back: running ones, or, if only those can be paused, ones that haven't begun."""
    if vendor == "totalcontrol":
        return [{"task_name": f"script-{number}", "status": -1} for number in range(count)]
    if vendor == "huawei":
        return [{"id": f"analysis{number:024}", "name": f"camera-{number}", "state": "RUNNING"} for number in range(count)]
    if vendor == "ctrlapi":
        return [_stream(number) for number in range(count)]
    if vendor == "hitachi":
        return [_planned(number) for number in range(count)]
    if vendor == "airflow":
        return [{"dag_id": f"etl_{number}"} for number in range(count)]
    return [_held(number) for number in range(count)]


def _stream(number: int) -> dict[str, Any]:
    return {"task_id": 241000 + number, "project_id": 23, "app_id": 537, "name": f"Stream {number}", "status": "Started"}


def _planned(number: int) -> dict[str, Any]:
    """A run that begins tomorrow, on a schedule of its own."""
    ids = {"instanceID": 7000 + number, "scheduleID": 17000 + number}
    return {**ids, "name": f"backup-{number}", "status": "waiting", "scheduleType": "schedule", "starts_in": 86400}


def _held(number: int) -> dict[str, Any]:
    """An upgrade that is held for confirmation, which counts as paused."""
    return {
        "task_id": f"{0x5C8BA99030344005C0000000 + number:x}",
        "task_name": f"firmware-{number}",
        "task_type": "firmwareUpgrade",
        "status": "Waitting",
        "need_confirm": True,
        "targets": ["device-a", "device-b"],
    }


@dataclass(frozen=True)
class Fleet:
    """Running emulators, by vendor."""

    systems: Mapping[str, Control]

    def put(self, count: int, **others: Sequence[Mapping[str, Any]]) -> None:
        """Put so many tasks on each system, unless `others` are given for it."""
        for vendor, system in self.systems.items():
            system.put_tasks(others.get(vendor) or tasks(vendor, count))
            system.clear_journal()

    def states(self) -> dict[str, dict[str, Any]]:
        """The true state of each task, independent of what the vendor's API shows."""
        return {
            vendor: {str(task[KEYS[vendor][0]]): task[KEYS[vendor][1]] for task in system.tasks()}
            for vendor, system in self.systems.items()
        }

    def writes(self) -> dict[str, list[dict[str, Any]]]:
        """The requests that were meant to change something."""
        return {vendor: system.writes() for vendor, system in self.systems.items()}

    def targets(self, **changes: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The targets of a window over everything, in two stages. `changes` override the options of a vendor."""
        targets: list[dict[str, Any]] = [
            {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "stage": 10, "select": {}},
            {"name": "analyses", "vendor": "huawei", "state": "paused", "stage": 10, "select": {}},
            {"name": "streams", "vendor": "ctrlapi", "state": "stopped", "stage": 20, "select": {}},
            {"name": "backups", "vendor": "hitachi", "state": "paused", "stage": 20, "select": {}},
            {"name": "upgrades", "vendor": "iotda", "state": "paused", "stage": 20, "select": {}},
            {"name": "dags", "vendor": "airflow", "state": "paused", "stage": 20, "select": {}},
        ]
        return [
            {**target, "options": self.options(target["vendor"]), **changes.get(target["vendor"], {})}
            for target in targets
            if target["vendor"] in self.systems
        ]

    def options(self, vendor: str) -> dict[str, Any]:
        """The connection options of the system, without its credentials."""
        address = {"url": self.systems[vendor].url}
        if vendor == "ctrlapi":
            return {**address, "user_id": 4, "project_id": 23, "dialect": "live"}
        if vendor == "huawei":
            return {**address, "region": "cn-north-4", "project_id": VIAS_PROJECT}
        if vendor == "iotda":
            return {**address, "region": "cn-north-4", "project_id": PROJECT}
        return address

    def environment(self) -> dict[str, str]:
        """The credentials, as AWX injects them."""
        return {
            "TOTALCONTROL_USERNAME": "sigma",
            "TOTALCONTROL_PASSWORD": "3D391497",
            "HUAWEICLOUD_SDK_AK": "HPUATESTACCESSKEY001",
            "HUAWEICLOUD_SDK_SK": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123",
            "HITACHI_USERNAME": "system",
            "HITACHI_PASSWORD": "manager",
            "AIRFLOW_USERNAME": "admin",
            "AIRFLOW_PASSWORD": "admin-password",
        }
