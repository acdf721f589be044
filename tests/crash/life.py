# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One window that is opened and closed, while its jobs are killed at moments and in ways that the seed decides.

A kill hits the whole process group, only the main process of Ansible, only the worker, or only a module of the ledger. After each kill, the
ledger has to be readable. In the end, every task has to be as it was found, and no other task may have been changed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emulator.client import running_all
from tests.events.rulebook import descendants
from tests.integration.processes import PIPELINING, Ansible
from tests.integration.warm import Process
from tests.window.fleet import Fleet, tasks

WINDOW = "CRASH-1"
TASKS = 3
# Kills happen within the time that a job takes on this machine, in seconds. Finished jobs provide that time.
JOB = 7.0
LONGEST = 25.0
PATIENCE = 240.0
# The last one is only possible if modules run as processes.
WAYS = ("group", "main", "worker", "module")
# The effect of an action shows late, as in the real systems.
LATE: Mapping[str, Mapping[str, Any]] = {
    "totalcontrol": {"change_delay": 0.8},
    "ctrlapi": {"stop_delay": 0.7, "start_delay": 0.7},
    "hitachi": {"action_delay": 0.5},
}


class Crash(AssertionError):
    """A promise that didn't hold, with the seed that reproduces it."""


@dataclass
class Life:
    """The events of one life. `kills` is the number of jobs that were under way when they were killed."""

    seed: int
    folder: Path
    ansible: Ansible
    tell: Callable[[str], None]
    kills: int = 0
    runs: int = 0
    lasts: float = JOB
    story: list[str] = field(default_factory=list)

    def live(self) -> None:
        """Run the whole life. Raises `Crash` if a promise doesn't hold."""
        chance = random.Random(self.seed)
        vendors = [vendor for vendor, odds in ODDS.items() if chance.random() < odds] or ["totalcontrol"]
        with running_all(vendors, "--max-seconds", "3600") as systems:
            fleet = Fleet(systems)
            for vendor in vendors:
                systems[vendor].set_switches(**LATE.get(vendor, {}))
            fleet.put(TASKS + 1)
            found = fleet.states()
            # Modules write the ledger if it is on another host.
            has_modules = chance.random() < 0.25
            self._write(fleet, vendors, has_modules)
            self.story.append(f"over {', '.join(vendors)}")
            for playbook in ("open", "close"):
                for _attempt in range(chance.choice((1, 1, 2, 3))):
                    kind = chance.choice(WAYS if has_modules else WAYS[:-1])
                    self._kill(fleet, playbook, chance.uniform(0.02, 1) * self.lasts, kind)
                # Some windows are closed although no opening was ever completed.
                if playbook == "close" or chance.random() < 0.7 or not self._ledger().exists():
                    self._finish(fleet, playbook)
            self._judge(fleet, found)
        self._sweep()

    def _sweep(self) -> None:
        """End the processes that outlived their killed job: from ansible-core 2.19 on, a worker has a session of its own."""
        for place in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):
                if place.readlink() == self.folder:
                    os.kill(int(place.parent.name), signal.SIGKILL)

    def _write(self, fleet: Fleet, vendors: list[str], has_modules: bool) -> None:
        """Write the playbook. The targets are all tasks except the last one of each system, which has to stay unchanged."""
        chosen = {vendor: {"tasks": list(map(_name(vendor), tasks(vendor, TASKS))), "select": None} for vendor in vendors}
        targets = [{key: value for key, value in target.items() if value is not None} for target in fleet.targets(**chosen)]
        variables = {
            "maintenance_id": WINDOW,
            "maintenance_ledger_dir": str(self.folder / "ledger"),
            "maintenance_targets": targets,
            "quiesce_in_worker": not has_modules,
        }
        (self.folder / "change.json").write_text(json.dumps(variables))

    def _kill(self, fleet: Fleet, playbook: str, after: float, kind: str) -> None:
        with self._job(fleet, playbook) as job:
            try:
                job.wait(after)
                self._tell(f"{playbook} had ended by itself before {after:.2f} s")
            except TimeoutError:
                if strike(job, kind):
                    self.kills += 1
                    self._tell(f"{playbook} killed after {after:.2f} s ({kind})")
                else:
                    self._tell(f"{playbook} ended by itself after {after:.2f} s, before it was killed ({kind})")
        self._check_ledger()

    def _finish(self, fleet: Fleet, playbook: str) -> None:
        begun = time.monotonic()
        with self._job(fleet, playbook) as job:
            status = job.wait(PATIENCE)
        self.lasts = min(max(JOB, time.monotonic() - begun), LONGEST)
        self.runs += 1
        self._tell(f"{playbook} run to its end")
        self._check_ledger()
        if status:
            raise self._crash(f"{playbook} failed with {status}")

    @contextmanager
    def _job(self, fleet: Fleet, playbook: str) -> Iterator[Process]:
        words = [f"taskops.quiesce.{playbook}", "-e", f"@{self.folder / 'change.json'}"]
        with (self.folder / "output.txt").open("a", encoding="utf-8") as output:
            # The modules of some lives then have a Python that needn't start anew (see warm_python.py).
            job = self.ansible.launch(words, self.folder, output, {**fleet.environment(), **dict(PIPELINING)})
            try:
                yield job
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(job.pid, signal.SIGKILL)
                job.wait(30)

    def _ledger(self) -> Path:
        return self.folder / "ledger" / f"{WINDOW}.json"

    def _check_ledger(self) -> None:
        if self._ledger().exists():
            try:
                document = json.loads(self._ledger().read_text())
            except ValueError as error:
                raise self._crash(f"the ledger can't be read: {error}") from None
            if document.get("window") != WINDOW:
                raise self._crash("the ledger is that of another window")

    def _judge(self, fleet: Fleet, found: Mapping[str, Mapping[str, Any]]) -> None:
        # Actions of an orphan, and effects that show late, have to be complete before the last read.
        time.sleep(2)
        now = fleet.states()
        wrong = [
            f"{vendor} {id_} was {state} and is {now[vendor].get(id_)}"
            for vendor, states in found.items()
            for id_, state in states.items()
            if now[vendor].get(id_) != state
        ]
        changed = [
            f"{vendor} {bystander}"
            for vendor, system in fleet.systems.items()
            for bystander in [_bystander(vendor)]
            if any(bystander in map(str, entry.get("ids") or ()) for entry in system.writes())
        ]
        if wrong or changed:
            raise self._crash("; ".join(wrong + [f"{name} is no target and was acted on" for name in changed]))

    def _tell(self, text: str) -> None:
        self.story.append(text)
        self.tell(f"seed {self.seed}: {text}")

    def _crash(self, what: str) -> Crash:
        return Crash(f"seed {self.seed}: {what} (story: {'; '.join(self.story)}; output: {self.folder / 'output.txt'})")


def strike(job: Process, kind: str) -> bool:
    """Kill in this way, and wait for the job to end. If there is no such process at the moment, kill the whole group.

    False if the job had ended by itself in the meantime.
    """
    workers = children(job.pid)
    modules = [pid for worker in workers for pid in descendants(worker)]
    victims = {"main": [job.pid], "worker": workers, "module": modules}.get(kind)
    reached = [pid for pid in victims or () if kill(pid)]
    if not reached:
        job.send_group_signal(signal.SIGKILL)
    status = job.wait(PATIENCE)
    return status == -signal.SIGKILL or (bool(reached) and job.pid not in reached)


def kill(pid: int) -> bool:
    """False if there is no such process any more."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def children(pid: int) -> list[int]:
    """The processes that this process has started and that still exist."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


# A system with a long lag makes a life long, so it takes part less often.
ODDS = {"totalcontrol": 0.7, "huawei": 0.7, "ctrlapi": 0.7, "hitachi": 0.25, "iotda": 0.3}


def _name(vendor: str) -> Callable[[Mapping[str, Any]], Any]:
    keys = {"totalcontrol": "task_name", "huawei": "id", "ctrlapi": "task_id", "hitachi": "instanceID", "iotda": "task_id"}
    return lambda task: task[keys[vendor]]


def _bystander(vendor: str) -> str:
    return str(_name(vendor)(tasks(vendor, TASKS + 1)[-1]))
