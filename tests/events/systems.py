# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated systems that are watched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.emulator import registry
from tests.emulator.threaded import ThreadedEmulator
from tests.integration.cases import CREDENTIALS
from tests.integration.ctrlapi import stream
from tests.integration.hitachi import service_run
from tests.integration.huawei import analysis
from tests.integration.iotda import T, firmware
from tests.integration.totalcontrol import RUNNING, STOPPED, script

from .rulebook import SOURCE

Task = dict[str, Any]

USER = {"TOTALCONTROL_USERNAME": "sigma", "TOTALCONTROL_PASSWORD": "3D391497"}
UNDER_WAY: Task = {"dag_id": "orders", "runs": [{"dag_run_id": "manual__1", "state": "queued"}], "max_active_runs": 0}
# For each vendor: a running task in the emulator's form, the same task ended, and its name.
RUNS: Mapping[str, tuple[str, Task, Task]] = {
    "totalcontrol": ("task01", script("task01", RUNNING), script("task01", STOPPED)),
    "ctrlapi": ("241458", stream(241458), stream(241458, "Stopped")),
    "huawei": ("t1", analysis("t1", "RUNNING"), analysis("t1", "STOPPED")),
    "hitachi": ("5381", service_run("5381"), service_run("5381", "completed")),
    "iotda": (T, firmware(), firmware(T, "Stopped")),
    "airflow": ("orders", UNDER_WAY, {**UNDER_WAY, "is_paused": True, "runs": []}),
}


def emulator(vendor: str, *tasks: Task, port: int = 0, **switches: Any) -> ThreadedEmulator:
    return ThreadedEmulator(registry.find(vendor)(tasks=list(tasks), switches=switches), port=port)


def source(url: str, *, vendor: str = "totalcontrol", options: Mapping[str, Any] | None = None, **args: Any) -> dict[str, Any]:
    """A source that reads often and gives up soon. The credentials of Total Control come from the environment."""
    access = {} if vendor == "totalcontrol" else CREDENTIALS[vendor]
    if vendor in ("huawei", "iotda"):
        access = {**access, "iam_url": url}
    chosen = {} if "select" in args else {"tasks": [RUNS[vendor][0]]}
    return {
        SOURCE: {"vendor": vendor, "options": {"url": url, "retries": 0, **access, **(options or {})}, "interval": 0.2, **chosen, **args}
    }


def statuses(system: ThreadedEmulator) -> list[Any]:
    """The true states of the tasks of a Total Control."""
    return [task["status"] for task in system.control.tasks()]


def kept(state_file: Path) -> dict[str, dict[str, Any]]:
    """The tasks in a state file by their ids. None if there is no file yet."""
    return (json.loads(state_file.read_text(encoding="utf-8"))["tasks"] or {}) if state_file.exists() else {}
