# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a Dag by others: people in Airflow's web interface, its tasks, and the authors of its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..messages import BadOrder
from ._airflow_dag import Dag, Instance, Run
from ._airflow_life import Life
from ._airflow_states import DEFERRED, FAILED, QUEUED, RUNNING, STATES, SUCCESS

Details = Mapping[str, Any]


class Outside:
    """Orders of ``act``. ``task_id`` in the details selects the task instances. Without it, the order affects all that permit it."""

    def __init__(self, life: Life, now: Callable[[], float]) -> None:
        self._life = life
        self._now = now
        self._orders: dict[str, Callable[[Dag, Details], None]] = {
            "pause": lambda dag, _details: life.pause(dag, now(), "outside pause"),
            "unpause": lambda dag, _details: life.unpause(dag, now(), "outside unpause"),
            "trigger": self._trigger,
            "fail_run": self._fail_runs,
            "finish": lambda dag, details: self._end(dag, details, SUCCESS),
            "fail": lambda dag, details: self._end(dag, details, FAILED),
            "start": self._start,
            "fire": self._fire,
            "set": self._set,
            "remove_file": lambda dag, _details: self._set_file(dag, is_stale=True),
            "restore_file": lambda dag, _details: self._set_file(dag, is_stale=False),
            "break_file": lambda dag, _details: self._set_file(dag, is_stale=True, has_import_errors=True),
        }

    @property
    def known(self) -> list[str]:
        return list(self._orders)

    def act(self, dag: Dag, action: str, details: Details) -> None:
        if action not in self._orders:
            raise BadOrder(f"nobody can {action!r} a Dag; known: {', '.join([*self._orders, 'delete'])}")
        self._orders[action](dag, details)

    @staticmethod
    def _chosen(dag: Dag, details: Details, *states: str) -> list[tuple[Run, Instance]]:
        found = [
            (run, instance)
            for run in dag.open_runs
            for instance in run.instances
            if instance.definition.task_id == details.get("task_id", instance.definition.task_id)
            and (not states or instance.state in states)
        ]
        if not found:
            raise BadOrder("the Dag has no such task instance")
        return found

    def _trigger(self, dag: Dag, details: Details) -> None:
        run_id = details.get("dag_run_id", f"manual__{len(dag.runs) + 1}")
        if any(run.run_id == run_id for run in dag.runs):
            raise BadOrder(f"there is a run {run_id!r}")
        self._life.trigger(dag, run_id, self._now(), details.get("run_type", "manual"), cause="outside trigger")

    def _fail_runs(self, dag: Dag, _details: Details) -> None:
        if not dag.open_runs:
            raise BadOrder("the Dag has no open run")
        for run in dag.open_runs:
            self._life.stop_run(dag, run, self._now(), "outside fail_run")

    def _end(self, dag: Dag, details: Details, state: str) -> None:
        for run, instance in self._chosen(dag, details, RUNNING):
            self._life.end(dag, run, instance, self._now(), state)

    def _start(self, dag: Dag, details: Details) -> None:
        """The executor starts the queued instances."""
        for run, instance in self._chosen(dag, details, QUEUED):
            self._life.become(dag, instance, RUNNING, self._now(), "worker")
            self._life.arm(dag, run, instance, self._now())

    def _fire(self, dag: Dag, details: Details) -> None:
        for run, instance in self._chosen(dag, details, DEFERRED):
            self._life.fire(dag, run, instance, self._now())

    def _set(self, dag: Dag, details: Details) -> None:
        """Set any state, also one that no document lists."""
        state = details.get("state")
        if state is not None and not isinstance(state, str):
            raise BadOrder(f"set needs a state, such as {', '.join(sorted(STATES))}")
        for run, instance in self._chosen(dag, details):
            self._life.become(dag, instance, state, self._now(), "outside set")
            self._life.arm(dag, run, instance, self._now())

    def _set_file(self, dag: Dag, *, is_stale: bool, has_import_errors: bool = False) -> None:
        """(11): a parse of the folder finds the file missing, restored or broken. is_paused stays unchanged."""
        dag.is_stale, dag.has_import_errors = is_stale, has_import_errors
        self._life.wake(dag, self._now())
