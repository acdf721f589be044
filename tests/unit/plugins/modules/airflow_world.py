# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Airflow in this process, and the modules that call it: common parts of the tests of both modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.emulator.vendors.airflow import Airflow
from tests.unit.plugins.modules import world

URL = "http://airflow.example.com"
ACCESS: dict[str, Any] = {"url": URL, "username": "admin", "password": "admin-password"}
VIEWER: dict[str, Any] = {"url": URL, "username": "viewer", "password": "viewer-password"}
MANAGED: dict[str, Any] = {"url": URL, "token": "managed-token"}
V2, V1 = "3.3.2", "2.11.2"
RUN = "manual__1"


class World(world.World):
    emulator = Airflow
    variables = tuple(f"AIRFLOW_{name}" for name in ("URL", "USERNAME", "PASSWORD", "TOKEN", "API_VERSION", "PROXY", "RETRIES", "TIMEOUT"))
    system: Airflow

    def access(self, given: Collection[str]) -> Mapping[str, Any]:
        return {} if "url" in given else ACCESS

    def truth(self, dag_id: str = "orders") -> dict[str, Any]:
        return next(row for row in self.system.tasks() if row["dag_id"] == dag_id)

    @property
    def reads(self) -> list[str]:
        """The requests that change nothing, without the login."""
        return [str(entry["action"]) for entry in self.journal if not entry["write"] and entry["action"] != "token"]


def dag(dag_id: str = "orders", **fields: Any) -> dict[str, Any]:
    """By default, a Dag with one task and a schedule that is due in an hour."""
    return {"dag_id": dag_id, "schedule": "0 * * * *", "every": 3600, "next_in": 3600, "tasks": [{"task_id": "work"}], **fields}


def under_way(state: str | None = "running", *more: dict[str, Any], run: str = "running", **instance: Any) -> dict[str, Any]:
    """The fields of a Dag with one open run, whose task `work` is in this state. `more` are further task instances."""
    tasks = [{"task_id": "work", "runs_for": 30, "retries": 1}, *({"task_id": other["task_id"]} for other in more)]
    instances = [{"task_id": "work", "state": state, **instance}, *more]
    return {"tasks": tasks, "runs": [{"dag_run_id": RUN, "state": run, "task_instances": instances}]}


def many(number: int, active: int) -> list[dict[str, Any]]:
    """So many small Dags, the first of which are active."""
    return [dag(f"dag_{index:03d}", is_paused=index >= active) for index in range(number)]
