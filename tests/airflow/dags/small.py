# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""300 small Dags for what is counted and timed. A third of them is paused from the beginning."""

from __future__ import annotations

from datetime import datetime

try:
    from airflow.sdk import DAG, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task


@task
def short() -> None:
    pass


for number in range(300):
    with DAG(
        f"small_{number:03}",
        schedule=None,
        start_date=datetime(2026, 1, 1),
        catchup=False,
        tags=["small"],
        is_paused_upon_creation=number % 3 == 2,
    ):
        short()
