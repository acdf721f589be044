# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody still waits: judged with real processes, pipes and alarms."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _processes
from ansible_collections.taskops.quiesce.plugins.module_utils._awaited import Awaited, argument, main_process, module_awaited
from ansible_collections.taskops.quiesce.plugins.module_utils._processes import Process
from ansible_collections.taskops.quiesce.plugins.plugin_utils._awaiting import seconds_left

HERE = Process.of(os.getpid())
PREFIX = "from ansible_collections.taskops.quiesce.plugins.module_utils import _awaited, _processes\n"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it, and leave it a zombie: nobody has asked for its exit status yet."""
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def test_a_process_is_waited_for_until_the_one_that_waits_has_ended(sleeper: subprocess.Popen[bytes]) -> None:
    awaited = Awaited([HERE, Process.of(sleeper.pid)])
    before = awaited()
    end(sleeper)

    assert (before, awaited()) == (True, False)


def test_a_later_process_of_the_same_number_doesn_t_wait() -> None:
    assert not Awaited([Process(HERE.space, HERE.pid, "1")])()


def test_a_process_of_another_machine_can_t_be_looked_for() -> None:
    assert Awaited([Process("another boot pid:[1]", 2**22 + 1, "1")])()


def test_where_proc_hides_other_users_the_number_has_to_do(monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]) -> None:
    monkeypatch.setattr(_processes, "_stat", lambda pid: [])
    process = Process(HERE.space, sleeper.pid, "12345")
    before = process.is_alive()
    sleeper.kill()
    sleeper.wait()

    assert (before, process.is_alive()) == (True, False)
    assert not Process(HERE.space, 0, "").is_alive()


def test_a_process_of_another_user_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(_processes, "_stat", lambda pid: [])
    monkeypatch.setattr(os, "kill", refuse)

    assert Process(HERE.space, HERE.pid, "1").is_alive()


def test_without_proc_the_machine_has_a_name_and_processes_have_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_more: Any) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    process = Process.of(os.getpid())

    assert (process.begun, process.is_near(), process.is_alive()) == ("", True, True)


def test_a_task_is_over_when_its_time_is_up() -> None:
    assert not Awaited(end=time.monotonic())()
    assert Awaited(end=time.monotonic() + 60)()


def test_nobody_waits_after_the_end_was_told() -> None:
    awaited = Awaited()
    awaited.end()

    assert not awaited()


def test_nobody_waits_where_nobody_reads() -> None:
    reader, writer = os.pipe()
    awaited = Awaited(output=writer)
    before = awaited()
    os.close(reader)

    assert (before, awaited()) == (True, False)
    os.close(writer)


def test_a_file_as_output_needs_no_reader(tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as output:
        assert Awaited(output=output.fileno())()


def test_nobody_waits_for_an_orphan() -> None:
    """Its parent ended, though no process was named that waits: what holds on any system."""
    child = (
        PREFIX + "import sys\nawaited = _awaited.Awaited()\nprint(awaited(), flush=True)\nsys.stdin.read()\nprint(awaited(), flush=True)"
    )
    parent = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])\nsys.stdin.readline()"
    reader, writer = os.pipe()
    with subprocess.Popen([sys.executable, "-c", parent], stdin=reader, stdout=subprocess.PIPE, text=True) as process:
        os.close(reader)
        assert process.stdout is not None
        before = process.stdout.readline()
        process.kill()
        process.wait()
        os.close(writer)
        after = process.stdout.readline()

    assert (before, after) == ("True\n", "False\n")


def told(**changed: Any) -> dict[str, Any]:
    """What the action of a worker like this process tells, as it gets to a module."""
    plain: dict[str, Any] = json.loads(json.dumps(argument(HERE, HERE, None)))
    return {**plain, **changed}


def test_a_module_is_told_who_waits(sleeper: subprocess.Popen[bytes]) -> None:
    awaited = module_awaited(told(main=Process.of(sleeper.pid).plain()))
    before = awaited()
    end(sleeper)

    assert (before, awaited()) == (True, False)


def test_a_module_that_is_told_nothing_asks_for_its_parent_only() -> None:
    assert module_awaited(None)() and main_process(None) is None


@pytest.mark.parametrize(("seconds", "awaits"), [(60.0, True), (-1.0, False)])
def test_the_end_of_a_task_is_a_moment_on_this_machine_and_seconds_on_another(seconds: float, awaits: bool) -> None:
    elsewhere = Process("another boot pid:[1]", 1, "1").plain()
    near = json.loads(json.dumps(argument(HERE, HERE, seconds)))

    assert module_awaited(near)() is awaits
    assert module_awaited({**near, "end": 0.0, "worker": elsewhere, "main": elsewhere})() is awaits


def test_an_alarm_tells_how_long_a_task_may_last() -> None:
    before = seconds_left()
    signal.alarm(60)
    during = seconds_left()
    signal.alarm(0)

    assert before is None and during is not None and 0 < during <= 60
