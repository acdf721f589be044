# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No action is sent after the end of an Ansible task, however it ends: by Ansible's `timeout:`, by signals to Ansible or its worker, or by
ansible-runner.

Real processes pause many tasks one after the other, each with a slow answer. After the end of the Ansible task, the system may receive the
action that is under way and no other, whether the engine runs in Ansible's worker or in a module's own process.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.client import Control

from .cases import SWITCH
from .processes import Ansible
from .totalcontrol import RUNNING

TASKS = [{"task_name": f"job{number:02}", "status": RUNNING} for number in range(60)]
# The duration of one pause, in seconds, and the time to wait for actions that must not come. If they came, one would come every EXCHANGE.
EXCHANGE = 0.5
LATE = 3 * EXCHANGE
# For Ansible's keyword of that name, in seconds: long enough that a module begins on a busy machine.
TIMEOUT = 10

WAYS = pytest.mark.parametrize("in_worker", [True, False], ids=["worker", "module"])


@pytest.fixture
def system(totalcontrol: Control) -> Iterator[Control]:
    totalcontrol.put_tasks(TASKS)
    totalcontrol.order_fault("delay", match={"action": "pause"}, times=None, seconds=EXCHANGE)
    yield totalcontrol
    totalcontrol.clear_faults()


def pauses(system: Control) -> int:
    return sum(entry["action"] == "pause" for entry in system.journal())


def play(system: Control, in_worker: bool, **keywords: Any) -> dict[str, Any]:
    """A play whose one task takes half a minute."""
    options = {
        "url": system.url,
        "username": "sigma",
        "password": "3D391497",
        "names": [task["task_name"] for task in TASKS],
        "state": "paused",
        "concurrency": 1,
    }
    task = {"name": "pause them", "taskops.quiesce.totalcontrol_task": options, **keywords}
    return {"hosts": "localhost", "gather_facts": False, "vars": {SWITCH: in_worker}, "tasks": [task]}


def until(condition: Callable[[], Any], patience: float = 60) -> Any:
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return found


def no_more_than_the_one_under_way(system: Control, seen: int) -> None:
    time.sleep(LATE)
    assert pauses(system) <= seen + 1


@pytest.fixture
def start(ansible: Ansible, tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], subprocess.Popen[str]]]:
    """Starts ansible-playbook. Its remaining processes are killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def start(play: Mapping[str, Any]) -> subprocess.Popen[str]:
        file = tmp_path / "play.yml"
        file.write_text(json.dumps([play]), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(file)]
        with open(tmp_path / "printed", "w", encoding="utf-8") as printed:
            started.append(
                subprocess.Popen(
                    command,
                    env=ansible.environment(),
                    cwd=tmp_path,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=printed,
                    text=True,
                    start_new_session=True,
                )
            )
        return started[-1]

    # As from a terminal, also if a shell runs this in the background, whose children inherit that they ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield start
    signal.signal(signal.SIGINT, before)
    for process in started:
        process.kill()
        process.wait()


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


@WAYS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_after_a_signal_to_ansible_nothing_is_sent(
    system: Control, start: Callable[[Mapping[str, Any]], subprocess.Popen[str]], number: signal.Signals, in_worker: bool
) -> None:
    process = start(play(system, in_worker))
    until(lambda: pauses(system) >= 2)
    process.send_signal(number)
    seen = pauses(system)

    no_more_than_the_one_under_way(system, seen)


@WAYS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_after_a_signal_to_ansible_a_window_sends_nothing(
    system: Control,
    start: Callable[[Mapping[str, Any]], subprocess.Popen[str]],
    tmp_path: Path,
    number: signal.Signals,
    in_worker: bool,
) -> None:
    """Its worker outlives it. Otherwise, it would change the tasks again after an immediate closing."""
    process = start({**play(system, in_worker), "tasks": [window(system, tmp_path)]})
    until(lambda: pauses(system) >= 2)
    process.send_signal(number)
    seen = pauses(system)

    no_more_than_the_one_under_way(system, seen)


@WAYS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_after_a_signal_to_its_worker_a_window_can_be_closed(
    system: Control,
    start: Callable[[Mapping[str, Any]], subprocess.Popen[str]],
    tmp_path: Path,
    number: signal.Signals,
    in_worker: bool,
) -> None:
    """The lock belongs to the worker that sends, and not to the play, which may continue."""
    opening = start({**play(system, in_worker), "tasks": [window(system, tmp_path)]})
    until(lambda: pauses(system) >= 2)
    os.kill(int(json.loads((tmp_path / "ledgers" / "CHG1.lock").read_text())["worker"]["pid"]), number)
    closing = start({**play(system, in_worker), "tasks": [window(system, tmp_path, state="closed")]})

    assert closing.wait(timeout=120) == 0, (tmp_path / "printed").read_text()
    opening.kill()
    assert json.loads((tmp_path / "ledgers" / "CHG1.json").read_text())["status"] == "closed"
    assert {task["status"] for task in system.tasks()} == {RUNNING}


def window(system: Control, folder: Path, state: str = "open") -> dict[str, Any]:
    """A task that opens a window over all of them, which takes half a minute."""
    options = {"url": system.url, "username": "sigma", "password": "3D391497", "concurrency": 1}
    target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": options}
    return {
        "taskops.quiesce.maintenance_window": {"id": "CHG1", "state": state, "ledger_dir": str(folder / "ledgers"), "targets": [target]}
    }


@WAYS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_after_a_signal_to_ansible_s_worker_nothing_is_sent(
    system: Control, start: Callable[[Mapping[str, Any]], subprocess.Popen[str]], number: signal.Signals, in_worker: bool
) -> None:
    process = start(play(system, in_worker))
    until(lambda: pauses(system) >= 2)
    (worker,) = children(process.pid)
    os.kill(worker, number)
    seen = pauses(system)

    no_more_than_the_one_under_way(system, seen)


def check_timeout(system: Control) -> None:
    """All pauses were sent within the time of the Ansible task, which had begun before its first request arrived, or with the exchange
    under way.
    """
    journal = system.journal()
    times = [entry["at"] - journal[0]["at"] for entry in journal if entry["action"] == "pause"]
    assert 1 <= len(times) < len(TASKS)
    assert max(times) <= TIMEOUT + EXCHANGE


@WAYS
def test_after_its_timeout_a_task_sends_nothing(system: Control, ansible: Ansible, in_worker: bool) -> None:
    """The play continues in the rescue, so that neither its end nor a signal ends the rest."""
    task = play(system, in_worker, timeout=TIMEOUT)
    block = {"block": task["tasks"], "rescue": [{"name": "rescued", "ansible.builtin.command": f"sleep {TIMEOUT + 2}"}]}
    run = ansible.playbook([{**task, "tasks": [block]}])

    assert run.status == 0, run.printed
    assert [result.task for result in run.results] == ["pause them", "rescued"]
    check_timeout(system)
    if in_worker:
        # ansible-core before 2.19 wraps the lines of a warning at any place.
        told = r"the task was ended while it ran; \d+ of 60 tasks were sent an action: pause to job00; pause to job01"
        assert re.search(told, " ".join(run.printed.split()))


@WAYS
def test_after_the_timeout_of_a_loop_s_item_nothing_is_sent_for_it(system: Control, ansible: Ansible, in_worker: bool) -> None:
    """The worker continues with the next item."""
    task = play(system, in_worker, timeout=TIMEOUT, loop=["pause", "wait"], ignore_errors=True)
    task["tasks"][0]["when"] = f"item == 'pause' or lookup('ansible.builtin.pipe', 'sleep {TIMEOUT + 2}') != ''"
    run = ansible.playbook([task])

    assert run.status == 0, run.printed
    check_timeout(system)


@WAYS
@pytest.mark.parametrize("how", ["cancel", "idle_timeout"])
def test_after_ansible_runner_has_ended_a_job_nothing_is_sent(
    system: Control, ansible: Ansible, tmp_path: Path, how: str, in_worker: bool
) -> None:
    ansible_runner = pytest.importorskip("ansible_runner")
    (tmp_path / "play.yml").write_text(json.dumps([play(system, in_worker)]), encoding="utf-8")
    ends = {"cancel_callback": lambda: pauses(system) >= 2} if how == "cancel" else {"settings": {"idle_timeout": 3}}
    result = ansible_runner.run(
        private_data_dir=str(tmp_path), playbook=str(tmp_path / "play.yml"), envvars=ansible.environment(), quiet=True, **ends
    )
    seen = pauses(system)

    assert result.status in ("canceled", "timeout", "failed")
    assert seen < len(TASKS)
    no_more_than_the_one_under_way(system, seen)
