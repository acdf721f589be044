# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Airflow with the Dags of the folder `dags`: its own server, or the emulator. The tests don't know which of the two they meet."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emulator.client import Control, running
from tests.emulator.vendors._airflow_switches import VERSION_2, VERSION_3

from .by_hand import ByHand, wait_for
from .emulated import dags
from .kinds import KINDS
from .servers import USERS, is_ours

# What tells the tests where the servers are: {"3": {"url", "folder", "scheduler"}, ...}, see __main__.py.
SERVERS = "QUIESCE_AIRFLOW_SERVERS"
NAMES = ("emulator 3", "emulator 2.11", "server 3", "server 2.11")


@dataclass
class World:
    name: str
    generation: int
    url: str
    by_hand: ByHand
    taken: Counter[str] = field(default_factory=Counter)

    def take(self, kind: str) -> str:
        """A Dag of that kind that no other test has had."""
        number = self.taken[kind]
        self.taken[kind] += 1
        assert number < KINDS[kind], f"kinds.py has too few Dags of the kind {kind}"
        return f"{kind}_{number}"

    def new_run_id(self) -> str:
        """One that no run has, also on a server that was there before."""
        return f"run_{time.time_ns()}"

    def begin(self, kind: str, until: str = "running") -> tuple[str, str]:
        """A Dag of that kind with a run that has got so far: the state of a task instance."""
        dag_id = self.take(kind)
        run_id = self.by_hand.trigger(dag_id, self.new_run_id())
        wait_for(lambda: until in self.by_hand.instances(dag_id, run_id).values(), f"{dag_id} is {until}")
        return dag_id, run_id

    def is_working(self, dag_id: str) -> bool:
        """Whether a process still works for that Dag, whatever the API shows."""
        raise NotImplementedError

    def without_scheduler(self) -> AbstractContextManager[None]:
        """The scheduler stands still within."""
        raise NotImplementedError

    def leave_queued(self, dag_id: str, run_id: str) -> None:
        """The first task instance is queued, as a scheduler leaves it that is lost then."""
        raise NotImplementedError


@dataclass
class Emulated(World):
    control: Control | None = None

    @property
    def _control(self) -> Control:
        assert self.control
        return self.control

    def is_working(self, dag_id: str) -> bool:
        (task,) = [task for task in self._control.tasks() if task["dag_id"] == dag_id]
        return bool(task["working"])

    @contextmanager
    def without_scheduler(self) -> Iterator[None]:
        self._control.set_switches(scheduler="dead")
        try:
            yield
        finally:
            self._control.set_switches(scheduler="running")

    def leave_queued(self, dag_id: str, run_id: str) -> None:
        run = {"dag_run_id": run_id, "state": "running", "task_instances": [{"task_id": "work", "state": "queued"}]}
        self._control.add_tasks({"dag_id": dag_id, "runs": [run]})


@dataclass
class Real(World):
    folder: Path = Path()
    scheduler: int = 0

    def is_working(self, dag_id: str) -> bool:
        """The tasks named `work` of all Dags leave the ids of their processes behind; only one Dag works at a time here."""
        return any(is_ours(int(file.name), self.folder) for file in (self.folder / "processes" / dag_id).glob("*"))

    @contextmanager
    def without_scheduler(self) -> Iterator[None]:
        # SQLite has one writer: a scheduler that's halted in the middle of a write would keep everybody else from writing.
        wait_for(self._halts_while_it_writes_nothing, "the scheduler halts")
        try:
            yield
        finally:
            os.kill(self.scheduler, signal.SIGCONT)

    def _halts_while_it_writes_nothing(self) -> bool:
        os.kill(self.scheduler, signal.SIGSTOP)
        database = sqlite3.connect(self.folder / "airflow.db", timeout=1, isolation_level=None)
        try:
            database.execute("begin immediate")
            database.execute("rollback")
        except sqlite3.OperationalError:
            os.kill(self.scheduler, signal.SIGCONT)
            return False
        finally:
            database.close()
        return True

    def leave_queued(self, dag_id: str, run_id: str) -> None:
        database = sqlite3.connect(self.folder / "airflow.db", timeout=30)
        with database:
            where = "dag_id = ? and run_id = ?"
            database.execute(f"update dag_run set state = 'running' where {where}", (dag_id, run_id))
            changed = database.execute(f"update task_instance set state = 'queued' where {where} and task_id = 'work'", (dag_id, run_id))
            assert changed.rowcount == 1
        database.close()


@contextmanager
def world(name: str, folder: Path) -> Iterator[World]:
    kind, _space, version = name.partition(" ")
    generation = int(version[0])
    if kind == "emulator":
        file = folder / "dags.json"
        file.write_text(json.dumps(list(dags(generation))), encoding="utf-8")
        words = ("--tasks", str(file), "--switch", f"version={VERSION_3 if generation == 3 else VERSION_2}")
        with running("airflow", *words) as control:
            by_hand = ByHand(control.url, generation, "admin", USERS["admin"])
            by_hand.sign_in()
            yield Emulated(name, generation, control.url, by_hand, control=control)
        return
    assert SERVERS in os.environ, "no server of Airflow runs; start the tests by `python -m tests.airflow` (make airflow)"
    servers: dict[str, Any] = json.loads(os.environ[SERVERS])
    server = servers[str(generation)]
    by_hand = ByHand(server["url"], generation, "admin", USERS["admin"])
    by_hand.sign_in()
    yield Real(name, generation, server["url"], by_hand, folder=Path(server["folder"]), scheduler=server["scheduler"])
