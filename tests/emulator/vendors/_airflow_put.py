# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that a test can put for a Dag, and the conversion from and to these fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..clock import Clock
from ..messages import BadOrder
from ..switches import is_number
from ._airflow_dag import Dag, Definition, Instance, Run
from ._airflow_life import Life, instances_of
from ._airflow_states import OPEN_RUN, OVER, RUN_STATES

# (14)
DAG_ID = re.compile(r"[\w.-]{1,250}")

Check = Callable[[Any], bool]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_span(value: object) -> bool:
    return value is None or is_number(value)


def _is_offset(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _is_optional_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and DAG_ID.fullmatch(value) is not None


DEFINITION: Mapping[str, Check] = {
    "task_id": _is_key,
    "runs_for": _is_span,
    "fails": _is_count,
    "retries": _is_count,
    "retry_delay": is_number,
    "defers_for": _is_span,
    "end_from_trigger": _is_flag,
    "teardown": _is_flag,
    "mapped": _is_count,
    "batch_size": lambda value: value is None or _is_count(value),
    "upstream": _are_texts,
}
INSTANCE: Mapping[str, Check] = {
    "task_id": _is_key,
    "map_index": lambda value: isinstance(value, int),
    "state": _is_optional_text,
    "try_number": _is_count,
    # The remaining time: of a running one to its end, of a deferred one to its trigger, of one up for retry to its next try.
    "left": _is_span,
    "process_left": is_number,
}
RUN: Mapping[str, Check] = {
    "dag_run_id": lambda value: isinstance(value, str) and bool(value),
    "state": lambda value: value in RUN_STATES,
    "run_type": lambda value: value in ("manual", "scheduled", "backfill"),
    "task_instances": _are_objects,
}
DAG: Mapping[str, Check] = {
    "dag_id": _is_key,
    "is_paused": _is_flag,
    "is_stale": _is_flag,
    "has_import_errors": _is_flag,
    "tags": _are_texts,
    "owners": _are_texts,
    "description": _is_optional_text,
    "schedule": _is_optional_text,
    "every": _is_span,
    "next_in": _is_offset,
    "catchup": _is_flag,
    "max_active_runs": _is_count,
    "tasks": _are_objects,
    "runs": _are_objects,
}
# Fields that a test can only read.
SHOWN_ONLY = ("history", "truth", "working")


def _check(fields: Mapping[str, Any], known: Mapping[str, Check], what: str) -> None:
    for name, value in fields.items():
        if name not in known:
            raise BadOrder(f"{what} has no {name!r}; known: {', '.join(known)}")
        if not known[name](value):
            raise BadOrder(f"{what}: {name} can't be {value!r}")


def check(fields: Mapping[str, Any]) -> None:
    _check({name: value for name, value in fields.items() if name not in SHOWN_ONLY}, DAG, "a Dag")
    if "dag_id" not in fields:
        raise BadOrder("a Dag needs a dag_id")
    tasks = fields.get("tasks", ())
    for task in tasks:
        _check(task, DEFINITION, "a task of a Dag")
        if "task_id" not in task:
            raise BadOrder("a task of a Dag needs a task_id")
    for run in fields.get("runs", ()):
        _check(run, RUN, "a run")
        for instance in run.get("task_instances", ()):
            _check(instance, INSTANCE, "a task instance")
            if "task_id" not in instance:
                raise BadOrder("a task instance needs a task_id")


def definitions(tasks: list[dict[str, Any]]) -> tuple[Definition, ...]:
    """Each task follows the one before it by default."""
    made: list[Definition] = []
    for task in tasks:
        upstream = tuple(task.get("upstream", [made[-1].task_id] if made else ()))
        made.append(Definition(**{**task, "upstream": upstream}))
    return tuple(made)


class Putter:
    def __init__(self, life: Life, clock: Clock) -> None:
        self._life = life
        self._clock = clock

    def put(self, fields: Mapping[str, Any], before: Dag | None) -> Dag:
        dag = before or Dag(fields["dag_id"])
        for name in ("is_paused", "is_stale", "has_import_errors", "description", "schedule", "every", "catchup", "max_active_runs"):
            setattr(dag, name, fields.get(name, getattr(dag, name)))
        for name in ("tags", "owners"):
            setattr(dag, name, tuple(fields.get(name, getattr(dag, name))))
        if "tasks" in fields:
            dag.definitions = definitions(fields["tasks"])
        elif not dag.definitions:
            dag.definitions = (Definition("work", runs_for=None),)
        now = self._clock.now()
        if "next_in" in fields:
            dag.next_tick = None if fields["next_in"] is None else now + fields["next_in"]
        elif before is None and dag.every:
            dag.next_tick = now + dag.every
        if "runs" in fields:
            dag.runs = []
            for number, run in enumerate(fields["runs"], 1):
                dag.runs.append(self._run(dag, run, number, now))
        self._life.note(dag, now, "put")
        self._life.await_tick(dag, now)
        self._life.wake(dag, now)
        return dag

    def _run(self, dag: Dag, fields: Mapping[str, Any], number: int, now: float) -> Run:
        wall = self._clock.wall()
        run = Run(fields.get("dag_run_id", f"manual__{number}"), fields.get("state", "running"), fields.get("run_type", "manual"), wall)
        run.begun = None if run.state == "queued" else wall
        run.ended = None if run.state in OPEN_RUN else wall
        if "task_instances" not in fields:
            run.instances = list(instances_of(dag.definitions))
            return run
        known = {definition.task_id: definition for definition in dag.definitions}
        for given in fields["task_instances"]:
            definition = known.get(given["task_id"]) or Definition(given["task_id"], runs_for=None)
            instance = Instance(definition, given.get("map_index", -1), given.get("state"))
            instance.since = now
            instance.try_number = given.get("try_number", 0 if instance.state in (None, "scheduled", "queued") else 1)
            instance.process_until = now + given["process_left"] if "process_left" in given else 0.0
            run.instances.append(instance)
            if run.is_open and instance.state not in OVER:
                self._go_on(dag, run, instance, given, now)
        return run

    def _go_on(self, dag: Dag, run: Run, instance: Instance, given: Mapping[str, Any], now: float) -> None:
        if instance.state == "up_for_retry":
            self._life.await_retry(dag, instance, now, given.get("left"))
        else:
            self._life.arm(dag, run, instance, now, given.get("left"))

    def view(self, dag: Dag) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "dag_id": dag.dag_id,
            "is_paused": dag.is_paused,
            "is_stale": dag.is_stale,
            "has_import_errors": dag.has_import_errors,
            "tags": list(dag.tags),
            "owners": list(dag.owners),
            "schedule": dag.schedule,
            "every": dag.every,
            "next_in": None if dag.next_tick is None else dag.next_tick - now,
            "catchup": dag.catchup,
            "runs": [
                {
                    "dag_run_id": run.run_id,
                    "state": run.state,
                    "run_type": run.run_type,
                    "task_instances": [
                        {
                            "task_id": instance.definition.task_id,
                            "map_index": instance.map_index,
                            "state": instance.state,
                            "try_number": instance.try_number,
                            "process_left": max(0.0, instance.process_until - now),
                        }
                        for instance in run.instances
                    ],
                }
                for run in dag.runs
            ],
            "truth": dag.truth(now),
            "working": dag.is_working(now),
            "history": list(dag.history),
        }
