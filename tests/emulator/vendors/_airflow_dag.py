# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Dag with its runs and their task instances, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ._airflow_states import OPEN_RUN, OVER, WORK


@dataclass(frozen=True)
class Definition:
    """One task of a Dag, as in its file."""

    task_id: str
    runs_for: float | None = 1.0  # None: until somebody ends it
    fails: int = 0  # so many tries fail before one succeeds
    retries: int = 0
    retry_delay: float = 10.0
    defers_for: float | None = None
    end_from_trigger: bool = False
    teardown: bool = False
    mapped: int = 0
    batch_size: int | None = None  # so many instances of it run in parallel
    upstream: tuple[str, ...] = ()


class Instance:
    """One task instance. `due` is the time on the emulator's clock at which it continues by itself. `turn` grows with each change of its
    state.
    """

    __slots__ = ("definition", "due", "map_index", "process_until", "resumed", "since", "state", "try_number", "turn")

    def __init__(self, definition: Definition, map_index: int = -1, state: str | None = None) -> None:
        self.definition = definition
        self.map_index = map_index
        self.state = state
        self.try_number = 0
        self.resumed = False  # was deferred, and continues after that
        self.due: float | None = None
        self.since: float = 0.0
        self.process_until: float = 0.0
        self.turn = 0

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_work(self) -> bool:
        return self.state in WORK


@dataclass(eq=False)
class Run:
    run_id: str
    state: str
    run_type: str
    wall: float  # epoch seconds of the tick, or of the trigger
    instances: list[Instance] = field(default_factory=list)
    ended: float | None = None  # epoch seconds
    begun: float | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RUN


@dataclass(eq=False)
class Dag:
    dag_id: str
    is_paused: bool = False
    is_stale: bool = False
    has_import_errors: bool = False
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ("airflow",)
    description: str | None = None
    schedule: str | None = None
    every: float | None = None  # seconds between two ticks
    next_tick: float | None = None  # on the emulator's clock; can be in the past
    catchup: bool = False
    max_active_runs: int = 16
    definitions: tuple[Definition, ...] = ()
    runs: list[Run] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    # A scheduled tick or pass is cancelled if this number has changed in the meantime.
    tick_turn: int = 0
    pass_due: float | None = None

    @property
    def open_runs(self) -> list[Run]:
        return [run for run in self.runs if run.is_open]

    @property
    def instances(self) -> Iterator[Instance]:
        for run in self.runs:
            yield from run.instances

    def is_working(self, now: float) -> bool:
        """Whether a process of it really runs, including one that no field of the API shows any more."""
        return any(instance.is_work or instance.process_until > now for instance in self.instances)

    def truth(self, now: float) -> str:
        """The whole state as one word of the emulator."""
        held = "paused" if self.is_paused else "active"
        if any(instance.is_work for instance in self.instances):
            return f"{held}, working"
        if any(instance.process_until > now for instance in self.instances):
            return f"{held}, ending"
        return f"{held}, open" if self.open_runs else held
