# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Dags of a new Airflow."""

from __future__ import annotations

from typing import Any

SEEDS: list[dict[str, Any]] = [
    # Ids of which one is part of the other, and one that _ as a wildcard also matches (7).
    {"dag_id": "etl_0", "tags": ["team"], "owners": ["data"], "schedule": "0 3 * * *", "next_in": 21600,
     "tasks": [{"task_id": "extract", "runs_for": 2}, {"task_id": "load", "runs_for": 2}]},
    {"dag_id": "my_etl_0_old", "is_paused": True, "tags": ["team", "old"], "owners": ["data"]},
    {"dag_id": "etlx0", "owners": ["data"]},
    {"dag_id": "long", "tasks": [{"task_id": "work", "runs_for": 30}, {"task_id": "second", "runs_for": 1}],
     "runs": [{"dag_run_id": "manual__long_1", "task_instances": [
         {"task_id": "work", "state": "running"}, {"task_id": "second", "state": None}]}]},
    {"dag_id": "waiting", "tasks": [{"task_id": "sensor", "defers_for": 60}],
     "runs": [{"dag_run_id": "manual__waiting_1", "task_instances": [{"task_id": "sensor", "state": "deferred"}]}]},
    {"dag_id": "retry", "tasks": [{"task_id": "flaky", "runs_for": 1, "fails": 3, "retries": 3, "retry_delay": 10}]},
    {"dag_id": "mapped", "tasks": [{"task_id": "each", "runs_for": 5, "mapped": 5}]},
    {"dag_id": "cleans", "tasks": [{"task_id": "work", "runs_for": 30}, {"task_id": "after", "runs_for": 1},
                                   {"task_id": "clean", "runs_for": 1, "teardown": True}]},
    {"dag_id": "each_minute", "schedule": "* * * * *", "every": 60, "tasks": [{"task_id": "tick", "runs_for": 1}]},
    {"dag_id": "gone", "is_stale": True, "is_paused": True},
    {"dag_id": "broken", "is_stale": True, "has_import_errors": True, "is_paused": True},
]  # fmt: skip
