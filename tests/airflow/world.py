# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Airflow with the Dags of the folder `dags`: its own server, or the emulator. The tests don't know which of the two they meet.

All workers of pytest share it, so that each test claims the Dags that it uses, by files in a folder of that Airflow.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulator.client import Control

from .by_hand import ByHand, wait_for
from .kinds import KINDS
from .servers import LET_GO, START, USERS, is_ours
from .turns import Turns

# The variable with the folder of each Airflow that the tests meet, by name, as JSON; see __main__.py.
WORLDS = "QUIESCE_AIRFLOW_WORLDS"
EMULATORS = {3: "emulator 3", 2: "emulator 2.11"}
SERVERS = {3: "server 3", 2: "server 2.11"}
# What is in the folder of an Airflow: where it's reached, once it is; why it couldn't be started; and the claims of the tests.
UP, BROKEN, CLAIMS = "up.json", "broken.txt", "claims"


@dataclass
class World:
    name: str
    generation: int
    url: str
    by_hand: ByHand
    folder: Path
    turns: Turns

    @contextmanager
    def in_use(self, *, alone: bool) -> Iterator[None]:
        """Tests share an Airflow, but for those that need it alone."""
        with open(self.folder / "in-use.lock", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def take(self, kind: str) -> str:
        """A Dag of that kind that no other test has had."""
        for number in range(KINDS[kind]):
            with suppress(FileExistsError):
                (self.folder / CLAIMS / f"{kind}_{number}").touch(exist_ok=False)
                return f"{kind}_{number}"
        raise AssertionError(f"kinds.py has too few Dags of the kind {kind}")

    def await_files(self) -> None:
        """Airflow has seen that one Dag has lost its file, and that the file of another is broken."""

        def are_seen() -> bool:
            gone, broken = self.by_hand.dag("gone"), self.by_hand.dag("broken")
            return bool(gone.get("is_stale", not gone.get("is_active"))) and bool(broken["has_import_errors"])

        wait_for(are_seen, "the Dags without a good file")

    def new_run_id(self) -> str:
        """One that no run has, also on a server that was there before."""
        return f"run_{time.time_ns()}"

    def begin(self, kind: str, until: str = "running") -> tuple[str, str]:
        """A Dag of that kind with a run that has got so far: the state of a task instance."""
        dag_id = self.take(kind)
        run_id = self.by_hand.trigger(dag_id, self.new_run_id())
        wait_for(lambda: until in self.by_hand.instances(dag_id, run_id).values(), f"{dag_id} is {until}")
        if until == "running":
            # Seen once with Airflow 2.11.2: a task set to failed right after it was first shown as running was shown as running again.
            wait_for(lambda: self.is_working(dag_id), f"a process works for {dag_id}")
        return dag_id, run_id

    def is_working(self, dag_id: str) -> bool:
        """Whether a process still works for that Dag, whatever the API shows."""
        raise NotImplementedError

    def let_go(self, dag_id: str) -> None:
        """The work of that Dag that is under way ends now, and the trigger fires that it waits for."""
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

    def _task(self, dag_id: str) -> dict[str, Any]:
        (task,) = [task for task in self._control.tasks() if task["dag_id"] == dag_id]
        return task

    def is_working(self, dag_id: str) -> bool:
        return bool(self._task(dag_id)["working"])

    def let_go(self, dag_id: str) -> None:
        states = {instance["state"] for run in self._task(dag_id)["runs"] for instance in run["task_instances"]}
        for state, action in (("running", "finish"), ("deferred", "fire")):
            if state in states:
                self._control.act(dag_id, action)

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
    scheduler: int = 0

    def is_working(self, dag_id: str) -> bool:
        """The tasks named `work` leave the ids of their processes behind."""
        return any(is_ours(int(file.name), self.folder) for file in (self.folder / "processes" / dag_id).glob("*"))

    def let_go(self, dag_id: str) -> None:
        (self.folder / LET_GO / dag_id).touch()

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


def world(name: str, folder: Path) -> World:
    """The Airflow of that name, once it's up. `folder` is its own."""
    facts: Mapping[str, Any] = wait_for(lambda: _read_facts(name, folder), f"{name} is up; see {folder}", START)
    generation = facts["generation"]
    is_emulated = "control" in facts
    turns = Turns(folder / "writes.lock" if generation == 3 and not is_emulated else None)
    by_hand = ByHand(facts["url"], generation, "admin", USERS["admin"], turns)
    by_hand.sign_in()
    if is_emulated:
        return Emulated(name, generation, facts["url"], by_hand, folder, turns, Control("airflow", facts["url"], facts["control"]))
    return Real(name, generation, facts["url"], by_hand, folder, turns, facts["scheduler"])


def _read_facts(name: str, folder: Path) -> Any:
    if (folder / BROKEN).exists():
        raise AssertionError(f"{name} couldn't be started: {(folder / BROKEN).read_text(encoding='utf-8')}")
    return json.loads((folder / UP).read_text(encoding="utf-8")) if (folder / UP).exists() else None
