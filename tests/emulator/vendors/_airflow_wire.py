# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dags, runs and task instances as JSON of either generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._airflow_dag import Dag, Instance, Run
from ._airflow_life import moment

Object = dict[str, Any]


def _when(wall: float | None) -> str | None:
    return None if wall is None else moment(wall)


class Wire:
    """`wall` converts a time on the emulator's clock to epoch seconds."""

    def __init__(self, generation: int, wall: Callable[[float], float]) -> None:
        self.generation = generation
        self._wall = wall

    def dag(self, dag: Dag, next_tick: float | None) -> Object:
        due = None if next_tick is None else moment(self._wall(next_tick))
        tags: list[Object] = [{"name": tag} for tag in dag.tags]
        common = {
            "dag_id": dag.dag_id,
            "dag_display_name": dag.dag_id,
            "is_paused": dag.is_paused,
            "last_expired": None,
            "fileloc": f"/opt/airflow/dags/{dag.dag_id}.py",
            "description": dag.description,
            "timetable_description": "Never, external triggers only" if dag.schedule is None else f"At {dag.schedule}",
            "max_active_tasks": 16,
            "max_active_runs": dag.max_active_runs,
            "max_consecutive_failed_dag_runs": 0,
            "has_task_concurrency_limits": False,
            "has_import_errors": dag.has_import_errors,
            "next_dagrun_data_interval_start": due,
            "next_dagrun_data_interval_end": due,
            "owners": list(dag.owners),
            "file_token": "emulator",
        }
        if self.generation == 3:
            for tag in tags:
                tag.update(dag_id=dag.dag_id, dag_display_name=dag.dag_id)
            return common | {
                "is_stale": dag.is_stale or dag.has_import_errors,
                "bundle_name": "dags-folder",
                "bundle_version": None,
                "relative_fileloc": f"{dag.dag_id}.py",
                "timetable_summary": dag.schedule,
                "next_dagrun_logical_date": due,
                "next_dagrun_run_after": due,
                "tags": tags,
            }
        return common | {
            "default_view": "grid",
            "is_active": not dag.is_stale,
            "is_subdag": False,
            "root_dag_id": None,
            "last_pickled": None,
            "pickle_id": None,
            "scheduler_lock": None,
            "schedule_interval": None if dag.schedule is None else {"__type": "CronExpression", "value": dag.schedule},
            "next_dagrun": due,
            "next_dagrun_create_after": due,
            "tags": tags,
        }

    def run(self, dag: Dag, run: Run) -> Object:
        when = moment(run.wall)
        common: Object = {
            "dag_id": dag.dag_id,
            "dag_run_id": run.run_id,
            "run_type": run.run_type,
            "state": run.state,
            "start_date": _when(run.begun),
            "end_date": _when(run.ended),
            "data_interval_start": when,
            "data_interval_end": when,
            "last_scheduling_decision": _when(run.begun),
            "conf": {},
            "note": None,
            "logical_date": when,
        }
        if self.generation == 3:
            return common | {
                "dag_display_name": dag.dag_id,
                "queued_at": when,
                "run_after": when,
                "duration": None if run.ended is None or run.begun is None else run.ended - run.begun,
                "triggered_by": "timetable" if run.run_type == "scheduled" else "rest_api",
                "triggering_user_name": None if run.run_type == "scheduled" else "admin",
                "dag_versions": [],
                "bundle_version": None,
            }
        return common | {"execution_date": when, "external_trigger": run.run_type == "manual"}

    def instance(self, dag: Dag, run: Run, instance: Instance) -> Object:
        when = moment(run.wall)
        begun = moment(self._wall(instance.since)) if instance.try_number else None
        common = {
            "dag_id": dag.dag_id,
            "dag_run_id": run.run_id,
            "task_id": instance.definition.task_id,
            "task_display_name": instance.definition.task_id,
            "map_index": instance.map_index,
            "state": instance.state,
            "try_number": instance.try_number,
            "max_tries": instance.definition.retries,
            "start_date": begun,
            "end_date": begun if instance.is_over else None,
            "duration": None,
            "hostname": "",
            "unixname": "airflow",
            "pool": "default_pool",
            "pool_slots": 1,
            "queue": "default",
            "priority_weight": 1,
            "operator": "PythonOperator",
            "queued_when": None,
            "pid": None,
            "executor": None,
            "executor_config": "{}",
            "note": None,
            "rendered_map_index": None,
            "rendered_fields": {},
            "trigger": None,
            "triggerer_job": None,
        }
        if self.generation == 3:
            return common | {
                "id": f"{dag.dag_id}.{run.run_id}.{instance.definition.task_id}.{instance.map_index}",
                "dag_display_name": dag.dag_id,
                "logical_date": when,
                "run_after": when,
                "scheduled_when": None,
                "operator_name": "PythonOperator",
                "dag_version": None,
            }
        return common | {"execution_date": when, "sla_miss": None}
