# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever becomes of a pytest, nothing that its tests have started runs on: neither an emulator nor Ansible nor what that has started.
Their temporary files are removed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.waiting import until

pytestmark = pytest.mark.wire

TREE = Path(__file__).resolve().parents[2]
# A test with an emulator and a play that has started a program, and which then waits or ends.
INNER = """
import json, os, subprocess, sys, time
from pathlib import Path

from tests.emulator.client import running
from tests.integration.processes import Ansible

HERE = Path(__file__).parent


def test_it():
    environment = Ansible(HERE, os.environ["ANSIBLE_COLLECTIONS_PATH"]).environment()
    task = {"ansible.builtin.shell": f"echo $$ >{HERE}/started; exec sleep 600"}
    (HERE / "folder").write_text(environment["TMPDIR"])
    (HERE / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    play = subprocess.Popen([program, "play.yml"], cwd=HERE, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    emulator = running("totalcontrol")
    control = emulator.__enter__()
    while not ((started := HERE / "started").exists() and started.read_text().endswith("\\n")):
        time.sleep(0.05)
    processes = {"pytest": os.getpid(), "ansible-playbook": play.pid, "emulator": control.pid, "sleep": int(started.read_text())}
    (HERE / "processes.tmp").write_text(json.dumps(processes))
    (HERE / "processes.tmp").rename(HERE / "processes.json")
    if WAITS:
        time.sleep(600)
    # As a test does that forgets what it has started.
    os._exit(0)
"""


def run(pids: Mapping[str, int]) -> list[str]:
    """The names of those that still run."""
    found = []
    for name, pid in pids.items():
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in ("Z", "X"):
                found.append(name)
    return found


@contextmanager
def a_pytest(folder: Path, *args: str, waits: bool = True) -> Iterator[tuple[int, dict[str, int]]]:
    """One whose test has started its processes: its number, and theirs with that of the process which runs the test."""
    file = folder / "test_inner.py"
    file.write_text(f"WAITS = {waits}\n{INNER}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.orphans", "-p", "no:cacheprovider", *args, str(file)]
    with open(folder / "printed", "wb") as printed:
        process = subprocess.Popen(command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, start_new_session=True)
    pids: dict[str, int] = {}
    try:
        pids |= json.loads(until((folder / "processes.json").exists, 60) and (folder / "processes.json").read_text())
        yield process.pid, pids
    finally:
        process.kill()
        process.wait(10)
        for pid in pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_nothing_outlives_a_pytest_that_is_killed(tmp_path: Path) -> None:
    with a_pytest(tmp_path) as (pytest_, pids):
        assert run(pids) == ["pytest", "ansible-playbook", "emulator", "sleep"]
        folder = Path((tmp_path / "folder").read_text())
        assert folder.is_dir()
        os.kill(pytest_, signal.SIGKILL)

        until(lambda: not run(pids), 20)
        until(lambda: not folder.exists(), 20)


@pytest.mark.parametrize("victim", ["the worker", "the controller"])
def test_nothing_outlives_one_of_several_processes_of_a_pytest(tmp_path: Path, victim: str) -> None:
    with a_pytest(tmp_path, "-n", "1", "--max-worker-restart", "0") as (controller, pids):
        assert controller != pids["pytest"] and run(pids) == ["pytest", "ansible-playbook", "emulator", "sleep"]
        os.kill(controller if victim == "the controller" else pids["pytest"], signal.SIGKILL)

        until(lambda: not run(pids), 20)


def test_nothing_outlives_a_pytest_whose_test_forgot_it(tmp_path: Path) -> None:
    with a_pytest(tmp_path, waits=False) as (_pytest, pids):
        until(lambda: not run(pids), 20)
