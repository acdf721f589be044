# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dags of each kind that the tests need, several of a kind so that no test meets what another has left. Airflow 2.11 and 3 load this.

What they do stands also in tests/airflow/emulated.py, for the emulator.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

try:
    from airflow.providers.standard.triggers.file import FileTrigger
    from airflow.sdk import DAG, BaseOperator, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task
    from airflow.models.baseoperator import BaseOperator
    from airflow.triggers.file import FileTrigger

# How many there are of each kind, and the seconds that they take, stand in tests/airflow/kinds.py, which isn't importable here.
SETTINGS = json.loads(os.environ["QUIESCE_AIRFLOW_KINDS"])
KINDS, WORK, RETRY_DELAY = (SETTINGS[name] for name in ("KINDS", "WORK", "RETRY_DELAY"))
PROCESSES, LET_GO = (Path(os.environ[name]) for name in ("QUIESCE_AIRFLOW_PROCESSES", "QUIESCE_AIRFLOW_LET_GO"))
STARTED = datetime.fromisoformat(os.environ["QUIESCE_AIRFLOW_STARTED"])


@task
def work(seconds: float = WORK, **context: Any) -> None:
    """Work until the Dag is let go, and leave a file with the id of the process behind, by which a test sees whether it still lives."""
    folder = PROCESSES / str(context["dag"].dag_id)
    folder.mkdir(exist_ok=True)
    (folder / str(os.getpid())).touch()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (LET_GO / str(context["dag"].dag_id)).exists():
        time.sleep(0.2)


@task
def short() -> None:
    pass


@task
def fails() -> None:
    raise RuntimeError("it fails as it should")


class Waits(BaseOperator):
    """Defers to a trigger that fires once the Dag is let go."""

    def execute(self, context: Any) -> None:
        self.defer(trigger=FileTrigger(str(LET_GO / str(context["dag"].dag_id)), poke_interval=0.5), method_name="resume")

    def resume(self, context: Any, event: Any = None) -> None:
        del context, event


def dag(dag_id: str, **settings: Any) -> DAG:
    return DAG(dag_id, **{"schedule": None, "start_date": datetime(2026, 1, 1), "catchup": False, **settings})


for number in range(KINDS["plain"]):
    with dag(f"plain_{number}"):
        short()

for number in range(KINDS["long"]):
    with dag(f"long_{number}", tags=["long"]):
        work() >> short.override(task_id="second")()

for number in range(KINDS["queue"]):
    with dag(f"queue_{number}", max_active_runs=1):
        work()

for number in range(KINDS["retry"]):
    with dag(f"retry_{number}"):
        fails.override(retries=3, retry_delay=timedelta(seconds=RETRY_DELAY))()

for number in range(KINDS["defer"]):
    with dag(f"defer_{number}"):
        Waits(task_id="waits")

for number in range(KINDS["mapped"]):
    with dag(f"mapped_{number}"):
        work.override(max_active_tis_per_dag=2).partial().expand(seconds=[WORK] * 5)

for number in range(KINDS["cleans"]):
    with dag(f"cleans_{number}"):
        work() >> short.override(task_id="after")() >> short.override(task_id="clean")().as_teardown()

for number in range(KINDS["minute"]):
    with dag(f"minute_{number}", schedule="* * * * *", start_date=STARTED, is_paused_upon_creation=True):
        short()

for number in range(KINDS["catchup"]):
    with dag(f"catchup_{number}", schedule="* * * * *", start_date=STARTED, catchup=True, is_paused_upon_creation=True):
        short()

# Ids of which one is part of another, or that a wildcard takes too.
for dag_id, owner in (("etl_0", "data"), ("my_etl_0_old", "data"), ("etlx0", "web")):
    with dag(dag_id, tags=["team"], default_args={"owner": owner}):
        short()

for number in range(2):
    with dag(f"half_{number}", tags=["half"], is_paused_upon_creation=number == 1):
        short()
