# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The behaviour of the scheduler, the executor and the triggerer. Sections named are those of ``airflow.md``; numbers (1) to (14) those of
"Further measurements".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from math import floor
from typing import Any

from ..agenda import Agenda
from ..clock import Clock
from ._airflow_dag import Dag, Definition, Instance, Run
from ._airflow_states import (
    DEFERRED,
    FAILED,
    FAILED_WITH_THE_RUN,
    HAS_PROCESS,
    QUEUED,
    RUNNING,
    SCHEDULED,
    SKIPPED,
    SUCCESS,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
)

# A deferrable operator defers to its trigger at once.
UNTIL_DEFERRED = 0.1
# The remaining work of a resumed operator, and the pause of a sensor between two checks.
REST_OF_THE_WORK = 0.2


def moment(wall: float) -> str:
    return datetime.fromtimestamp(wall, timezone.utc).isoformat().replace("+00:00", "Z")


class Life:
    """Changes Dags. It knows neither requests nor answers. ``at`` is always the time on the emulator's clock."""

    def __init__(self, agenda: Agenda, clock: Clock, switches: Mapping[str, Any]) -> None:
        self._agenda = agenda
        self._clock = clock
        self._switches = switches

    @property
    def generation(self) -> int:
        return int(self._switches["version"][0])

    def wall(self, at: float) -> float:
        return self._clock.wall() + at - self._clock.now()

    # --- what is seen from outside -------------------------------------------------------------------------------------

    def note(self, dag: Dag, at: float, cause: str) -> None:
        """Add an entry to the Dag's history."""
        status = dag.truth(at)
        if not dag.history or dag.history[-1]["status"] != status:
            dag.history.append({"at": at, "status": status, "cause": cause})

    def become(self, dag: Dag, instance: Instance, state: str | None, at: float, cause: str) -> None:
        """Change a task instance. If somebody else ended it, its process continues although no state shows it."""
        if instance.state in HAS_PROCESS and state not in HAS_PROCESS and cause != "worker":
            instance.process_until = at + self._switches["process_life"]
            self._agenda.at(instance.process_until, lambda due: self.note(dag, due, "worker"))
        instance.state = state
        instance.turn += 1
        instance.due = None
        instance.since = at
        self.note(dag, at, cause)

    # --- the scheduler -------------------------------------------------------------------------------------------------

    def wake(self, dag: Dag, at: float) -> None:
        """Let the scheduler process the Dag a little later, once for any number of calls."""
        due = at + self._switches["scheduler_delay"]
        if dag.pass_due is not None and dag.pass_due <= due:
            return
        dag.pass_due = due
        self._agenda.at(due, lambda at: self._pass(dag, at) if dag.pass_due == due else None)

    def _pass(self, dag: Dag, at: float) -> None:
        dag.pass_due = None
        if self._switches["scheduler"] == "dead":
            return
        if not dag.is_paused and not dag.is_stale:
            self._begin_runs(dag, at)
        for run in dag.open_runs:
            if run.state == RUNNING and not dag.is_paused and not dag.is_stale:
                self._schedule(dag, run, at)
            for instance in run.instances:
                if instance.state == QUEUED:
                    self._start_later(dag, run, instance, at)
            self._end_run(dag, run, at)

    def _begin_runs(self, dag: Dag, at: float) -> None:
        running = sum(run.state == RUNNING for run in dag.runs)
        for run in dag.runs:
            if run.state == QUEUED and running < dag.max_active_runs:
                run.state, run.begun = RUNNING, self.wall(at)
                running += 1
                self.note(dag, at, "scheduler")

    def _schedule(self, dag: Dag, run: Run, at: float) -> None:
        for instance in run.instances:
            if instance.state is None:
                self._judge_upstream(dag, run, instance, at)
            if instance.state in (UP_FOR_RETRY, UP_FOR_RESCHEDULE) and (instance.due is None or instance.due <= at):
                self.become(dag, instance, SCHEDULED, at, "scheduler")
            if instance.state == SCHEDULED and self._has_room(run, instance.definition):
                self.become(dag, instance, QUEUED, at, "scheduler")

    @staticmethod
    def _has_room(run: Run, definition: Definition) -> bool:
        if definition.batch_size is None:
            return True
        return sum(one.definition is definition and one.state in (QUEUED, RUNNING) for one in run.instances) < definition.batch_size

    def _judge_upstream(self, dag: Dag, run: Run, instance: Instance, at: float) -> None:
        """The trigger rule all_success. A teardown runs independently of the results of the tasks before it."""
        before = [other for other in run.instances if other.definition.task_id in instance.definition.upstream]
        if not all(other.is_over for other in before):
            return
        if instance.definition.teardown or all(other.state == SUCCESS for other in before):
            self.become(dag, instance, SCHEDULED, at, "scheduler")
        elif any(other.state in (FAILED, UPSTREAM_FAILED) for other in before):
            self.become(dag, instance, UPSTREAM_FAILED, at, "scheduler")
        else:
            self.become(dag, instance, SKIPPED, at, "scheduler")

    def _end_run(self, dag: Dag, run: Run, at: float) -> None:
        """End the run if everything in it has ended. Under a pause, only the pass over paused Dags does that (1)."""
        if run.state != RUNNING or not all(instance.is_over for instance in run.instances):
            return
        last = max((instance.since for instance in run.instances), default=at)
        due = last + self._switches["paused_run_pass"]
        if dag.is_paused and at < due:
            self._agenda.at(due, lambda at: self._pass(dag, at))
            return
        leaves = [instance for instance in run.instances if not instance.definition.teardown]
        self.close_run(dag, run, FAILED if any(one.state in (FAILED, UPSTREAM_FAILED) for one in leaves[-1:]) else SUCCESS, at, "scheduler")
        self.wake(dag, at)

    def close_run(self, dag: Dag, run: Run, state: str, at: float, cause: str) -> None:
        run.state = state
        run.ended = None if run.is_open else self.wall(at)
        self.note(dag, at, cause)

    # --- the executor: it starts what is queued, also under a pause ------------------------------------------------------

    def _start_later(self, dag: Dag, run: Run, instance: Instance, at: float) -> None:
        turn = instance.turn

        def start(due: float) -> None:
            if instance.turn == turn and instance.state == QUEUED and self._switches["scheduler"] != "dead":
                instance.try_number += 0 if instance.resumed else 1
                self.become(dag, instance, RUNNING, due, "worker")
                self.arm(dag, run, instance, due)

        self._agenda.at(at + self._switches["executor_delay"], start)

    def arm(self, dag: Dag, run: Run, instance: Instance, at: float, remaining: float | None = None) -> None:
        """Schedule when a running or deferred task instance continues by itself. `remaining` is the remaining time."""
        definition = instance.definition
        if instance.state == RUNNING and definition.defers_for is not None and not instance.resumed:
            self._at(instance, at + UNTIL_DEFERRED, lambda due: self._defer(dag, run, instance, due))
        elif instance.state == RUNNING:
            takes = REST_OF_THE_WORK if instance.resumed else definition.runs_for
            takes = takes if remaining is None else remaining
            if takes is not None:
                self._at(instance, at + takes, lambda due: self.end(dag, run, instance, due))
        elif instance.state == DEFERRED:
            takes = definition.defers_for if remaining is None else remaining
            if takes is not None:
                self._at(instance, at + takes, lambda due: self.fire(dag, run, instance, due))

    def _at(self, instance: Instance, due: float, what: Callable[[float], None]) -> None:
        turn, instance.due = instance.turn, due
        self._agenda.at(due, lambda at: what(at) if instance.turn == turn else None)

    def _defer(self, dag: Dag, run: Run, instance: Instance, at: float) -> None:
        self.become(dag, instance, DEFERRED, at, "worker")
        self.arm(dag, run, instance, at)

    def fire(self, dag: Dag, run: Run, instance: Instance, at: float) -> None:
        """The trigger's condition is fulfilled (3)."""
        if self._switches["triggerer"] == "dead":
            self._at(instance, at + 1.0, lambda due: self.fire(dag, run, instance, due))
            return
        instance.resumed = True
        if instance.definition.end_from_trigger:
            self.end(dag, run, instance, at)
            return
        self.become(dag, instance, SCHEDULED, at, "triggerer")
        self.wake(dag, at)

    def await_retry(self, dag: Dag, instance: Instance, at: float, delay: float | None) -> None:
        """It can continue after the delay, or at once at an unpause if the delay has passed (4)."""
        self._at(instance, at + (delay or 0.0), lambda due: self.wake(dag, due))

    def end(self, dag: Dag, run: Run, instance: Instance, at: float, state: str | None = None) -> None:
        """A task instance ends by itself."""
        definition = instance.definition
        failed = instance.try_number <= definition.fails if state is None else state == FAILED
        if failed and instance.try_number <= definition.retries:
            self.become(dag, instance, UP_FOR_RETRY, at, "worker")
            instance.resumed = False
            self.await_retry(dag, instance, at, definition.retry_delay)
        else:
            self.become(dag, instance, FAILED if failed else SUCCESS, at, "worker")
        if self.generation == 2 and dag.is_paused and run.state == RUNNING and instance.state == SUCCESS:
            # The task that ends schedules the tasks after it (1 b).
            for other in run.instances:
                if other.state is None and definition.task_id in other.definition.upstream:
                    self._judge_upstream(dag, run, other, at)
        self.wake(dag, at)

    # --- what a caller does ------------------------------------------------------------------------------------------------

    def pause(self, dag: Dag, at: float, cause: str) -> None:
        dag.is_paused = True
        dag.tick_turn += 1
        self.note(dag, at, cause)

    def unpause(self, dag: Dag, at: float, cause: str) -> None:
        if not dag.is_paused:
            return
        dag.next_tick = self._first_tick(dag, at)
        dag.is_paused = False
        self.note(dag, at, cause)
        self.await_tick(dag, at)
        self.wake(dag, at)

    def stop_run(self, dag: Dag, run: Run, at: float, cause: str) -> str:
        """Set a run to failed, whatever its state was. Returns the resulting state. Teardowns aren't ended, and keep the run open (5)."""
        teardowns = False
        for instance in run.instances:
            if instance.is_over:
                continue
            if instance.definition.teardown:
                teardowns = True
            else:
                self.become(dag, instance, FAILED if instance.state in FAILED_WITH_THE_RUN else SKIPPED, at, cause)
        if teardowns and run.is_open:
            # No task of a queued run has run, but the answer is the same.
            run.state = RUNNING
        else:
            self.close_run(dag, run, FAILED, at, cause)
        self.note(dag, at, cause)
        self.wake(dag, at)
        return run.state

    def finish_run(self, dag: Dag, run: Run, at: float, cause: str) -> str:
        """Set a run to success."""
        for instance in run.instances:
            if not instance.is_over:
                self.become(dag, instance, SUCCESS if instance.state in FAILED_WITH_THE_RUN else SKIPPED, at, cause)
        self.close_run(dag, run, SUCCESS, at, cause)
        self.wake(dag, at)
        return run.state

    def queue_run(self, dag: Dag, run: Run, at: float, cause: str) -> str:
        """Set a run to queued. Its task instances stay as they are (seen with 3.3.2 and 2.11.2), so that one that is over ends at once."""
        run.state, run.ended = QUEUED, None
        self.note(dag, at, cause)
        self.wake(dag, at)
        return run.state

    def set_instance(self, dag: Dag, instance: Instance, state: str, at: float, cause: str) -> None:
        self.become(dag, instance, state, at, cause)
        self.wake(dag, at)

    def trigger(self, dag: Dag, run_id: str, at: float, run_type: str, wall: float | None = None, cause: str = "trigger") -> Run:
        run = Run(run_id, QUEUED, run_type, self.wall(at) if wall is None else wall, list(instances_of(dag.definitions)))
        dag.runs.append(run)
        self.note(dag, at, cause)
        self.wake(dag, at)
        return run

    # --- ticks (6) -----------------------------------------------------------------------------------------------------------

    def parsed_tick(self, dag: Dag, at: float) -> float | None:
        """The time of the next run from the last parse of the file: without catchup, the last past tick."""
        if dag.next_tick is not None and dag.is_paused and not dag.catchup and dag.every and dag.next_tick <= at:
            return dag.next_tick + floor((at - dag.next_tick) / dag.every) * dag.every
        return dag.next_tick

    def _first_tick(self, dag: Dag, at: float) -> float | None:
        """The first tick of a paused Dag at its unpause. 3.3.2 takes one more if a tick has passed since the last parse."""
        due = self.parsed_tick(dag, at)
        if due is None or dag.next_tick is None or not dag.every or dag.catchup or due > at:
            return due
        more = self.generation == 3 and self._switches["missed_ticks"] == 2
        return max(due - dag.every, dag.next_tick) if more else due

    def await_tick(self, dag: Dag, at: float) -> None:
        """From now on, the Dag begins runs by its schedule, with the missed ones first."""
        dag.tick_turn += 1
        turn, due = dag.tick_turn, dag.next_tick
        if due is None or dag.is_paused:
            return

        def tick(now: float) -> None:
            if dag.tick_turn != turn:
                return
            if self._switches["scheduler"] == "dead" or len(dag.open_runs) >= dag.max_active_runs:
                self._agenda.at(now + 1.0, tick)
                return
            ticked = dag.next_tick if dag.next_tick is not None else now
            if not dag.is_stale:
                self.trigger(dag, f"scheduled__{moment(self.wall(ticked))}", now, "scheduled", self.wall(ticked), "scheduler")
            dag.next_tick = ticked + dag.every if dag.every else None
            if dag.next_tick is not None:
                self._agenda.at(max(dag.next_tick, now), tick)

        self._agenda.at(max(due, at + self._switches["scheduler_delay"]), tick)


def instances_of(definitions: Iterable[Definition]) -> Iterable[Instance]:
    for definition in definitions:
        if definition.mapped:
            yield from (Instance(definition, number) for number in range(definition.mapped))
        else:
            yield Instance(definition)
