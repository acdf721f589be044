# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes whose time and memory are measured: real `ansible` programs and Python scripts, in an isolated environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TREE = Path(__file__).resolve().parents[2]
LIBRARY = Path(__file__).resolve().parent / "library"
ACTIONS = Path(__file__).resolve().parent / "action"
# The interval between two measurements of a job's memory, in seconds.
SAMPLE = 0.05


@dataclass(frozen=True)
class Ended:
    """A process that ended successfully: wall time in seconds, and its output."""

    seconds: float
    printed: str


class Programs:
    """Runs programs in the folder `home`. `collections` is the folder in which Ansible and Python find the collection."""

    def __init__(self, home: Path, collections: str) -> None:
        self.home = home
        self._collections = collections
        (home / "ansible.cfg").touch()
        self._written: dict[str, Path] = {}

    def write_play(self, name: str, tasks: Sequence[Mapping[str, Any]]) -> None:
        """Write the play before the measurement, so that writing isn't timed."""
        self._written[name] = self.home / f"{name.replace(' ', '-')}.json"
        play = {"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}
        self._written[name].write_text(json.dumps([play]), encoding="utf-8")

    def play(self, name: str) -> Ended:
        return self._run([self._beside_python("ansible-playbook"), str(self._written[name])])

    def play_with_memory(self, name: str) -> tuple[Ended, float]:
        """Run the play, and measure the largest memory of all its processes together, in MB. Shared memory counts once."""
        most = [0.0]
        over = threading.Event()

        def sample() -> None:
            while not over.wait(SAMPLE):
                most[0] = max(most[0], sum(map(_proportional_megabytes, _family(os.getpid()))))

        sampler = threading.Thread(target=sample, daemon=True)
        sampler.start()
        try:
            return self.play(name), most[0]
        finally:
            over.set()
            sampler.join()

    def ad_hoc(self, module: str, options: Mapping[str, Any]) -> Ended:
        return self._run([self._beside_python("ansible"), "localhost", "-m", module, "-a", json.dumps(dict(options))])

    def python(self, module: str, *args: str) -> Ended:
        """Run `python -m tests.benchmark.MODULE`."""
        return self._run([sys.executable, "-m", f"tests.benchmark.{module}", *args])

    def module_alone(self, module: str, options: Mapping[str, Any]) -> tuple[float, float]:
        """Run the module as a process of its own, without the engine around it. Returns seconds and its largest memory in MB."""
        arguments, memory = self.home / "arguments.json", self.home / "memory"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": dict(options)}), encoding="utf-8")
        ended = self.python("alone", module, str(arguments), str(memory))
        return ended.seconds, float(memory.read_text(encoding="ascii"))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([self._collections, str(TREE)]),
            "ANSIBLE_CONFIG": str(self.home / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.home / ".ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "ANSIBLE_LIBRARY": str(LIBRARY),
            "ANSIBLE_ACTION_PLUGINS": str(ACTIONS),
            "ANSIBLE_NOCOLOR": "true",
        }

    def _beside_python(self, program: str) -> str:
        return str(Path(sys.executable).with_name(program))

    def _run(self, command: Sequence[str], patience: float = 600) -> Ended:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
            begun = time.perf_counter()
            process = subprocess.Popen(
                command,
                env=self._environment(),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            # Killing a process by its number is safe before it was waited for, since the number can't belong to another process.
            guard = threading.Timer(patience, os.killpg, (process.pid, signal.SIGKILL))
            guard.start()
            try:
                _pid, status = os.waitpid(process.pid, 0)
            finally:
                guard.cancel()
            seconds = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            printed.seek(0)
            text = printed.read()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)[:300]} ended with {process.returncode}: {text[-3000:]}")
        return Ended(seconds, text)


def _family(ancestor: int) -> Iterator[int]:
    """Ansible's processes that descend from this one, in whatever session they are."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            except OSError:
                continue
    for pid in parents:
        above = pid
        while (above := parents.get(above, 0)) > 1:
            if above == ancestor:
                if b"tests.emulator" not in _command(pid):
                    yield pid
                break


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _proportional_megabytes(pid: int) -> float:
    """The memory of a process, with its share of the memory that several processes use."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)


def processor_seconds(pid: int) -> float:
    """The processor time that a process has used so far. 0 if the system has no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
