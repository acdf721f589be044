# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Dags of the folder `dags`, as they are put into the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.airflow.kinds import KINDS, RETRY_DELAY, SMALL, WORK

Fields = dict[str, Any]
SHORT: Fields = {"task_id": "short", "runs_for": 0.3}

TASKS: dict[str, list[Fields]] = {
    "long": [{"task_id": "work", "runs_for": WORK}, {"task_id": "second", "runs_for": 0.3}],
    "queue": [{"task_id": "work", "runs_for": WORK}],
    "retry": [{"task_id": "fails", "runs_for": 0.3, "fails": 4, "retries": 3, "retry_delay": RETRY_DELAY}],
    "defer": [{"task_id": "waits", "defers_for": WORK}],
    "mapped": [{"task_id": "work", "runs_for": WORK, "mapped": 5, "batch_size": 2}],
    "cleans": [
        {"task_id": "work", "runs_for": WORK},
        {"task_id": "after", "runs_for": 0.3},
        {"task_id": "clean", "runs_for": 0.3, "teardown": True},
    ],
    "minute": [SHORT],
    "catchup": [SHORT],
    "plain": [SHORT],
}
MORE: dict[str, Fields] = {
    "long": {"tags": ["long"]},
    "queue": {"max_active_runs": 1},
    "minute": {"is_paused": True, "schedule": "* * * * *", "every": 60, "next_in": -150},
    "catchup": {"is_paused": True, "schedule": "* * * * *", "every": 60, "next_in": -150, "catchup": True},
}


def dags(generation: int) -> Iterator[Fields]:
    for kind, count in KINDS.items():
        for number in range(count):
            yield {"dag_id": f"{kind}_{number}", "tasks": TASKS[kind], **MORE.get(kind, {})}
    for dag_id, owner in (("etl_0", "data"), ("my_etl_0_old", "data"), ("etlx0", "web")):
        yield {"dag_id": dag_id, "tags": ["team"], "owners": [owner], "tasks": [SHORT]}
    for number in range(2):
        yield {"dag_id": f"half_{number}", "tags": ["half"], "tasks": [SHORT], "is_paused": number == 1}
    for number in range(SMALL):
        yield {"dag_id": f"small_{number:03}", "tags": ["small"], "tasks": [SHORT], "is_paused": number % 3 == 2}
    yield {"dag_id": "gone", "is_stale": True}
    yield {"dag_id": "broken", "is_stale": generation == 3, "has_import_errors": True}
