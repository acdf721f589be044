# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor, as the program that it is: a command ends with whoever wants it, and takes along what it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.taskops.quiesce.plugins.plugin_utils import _supervisor

from tests.waiting import until

# A command that starts a process in a session of its own, as workers of Ansible are, and tells its number.
LEAVES_ONE = "setsid sleep 600 & echo $!; wait"


@dataclass
class Supervised:
    """A supervisor with a command of the shell; `hold` is the end of its lifeline that keeps it."""

    process: subprocess.Popen[str]
    hold: int

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def let_go(self) -> None:
        os.close(self.hold)
        self.hold = -1


@pytest.fixture
def supervise() -> Iterator[Callable[[str], Supervised]]:
    started: list[Supervised] = []

    def start(script: str) -> Supervised:
        lifeline, hold = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-I", _supervisor.__file__, str(lifeline), "/bin/sh", "-c", script],
            stdout=subprocess.PIPE,
            pass_fds=[lifeline],
            start_new_session=True,
            text=True,
        )
        os.close(lifeline)
        started.append(Supervised(process, hold))
        return started[-1]

    yield start
    for one in started:
        if one.hold >= 0:
            os.close(one.hold)
        with one.process, suppress(OSError):
            one.process.wait(20)


def runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


@pytest.mark.parametrize("status", [0, 1, 4, 250])
def test_its_exit_status_is_that_of_the_command(supervise: Callable[[str], Supervised], status: int) -> None:
    assert supervise(f"exit {status}").process.wait(20) == status


def test_a_command_that_was_killed_counts_as_killed_and_takes_along_what_it_started(supervise: Callable[[str], Supervised]) -> None:
    one = supervise("setsid sleep 600 & echo $!; kill -9 $$")
    left = int(one.line())

    assert one.process.wait(20) == -signal.SIGKILL
    assert not runs(left)


def test_a_command_that_ends_by_itself_leaves_what_it_started(supervise: Callable[[str], Supervised]) -> None:
    one = supervise("setsid sleep 600 >/dev/null & echo $!; exit 3")
    left = int(one.line())

    assert one.process.wait(20) == 3
    assert runs(left)
    os.kill(left, signal.SIGKILL)


def test_all_end_when_nobody_holds_the_lifeline(supervise: Callable[[str], Supervised]) -> None:
    one = supervise(LEAVES_ONE)
    left = int(one.line())

    one.let_go()

    assert one.process.wait(20) == -signal.SIGTERM
    assert not runs(left)


@pytest.mark.long
def test_one_that_doesn_t_heed_a_term_is_killed(supervise: Callable[[str], Supervised]) -> None:
    one = supervise("trap '' TERM; echo $$; while true; do sleep 1; done")
    left = int(one.line())

    one.let_go()

    assert one.process.wait(30) == -signal.SIGTERM
    assert not runs(left)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_to_it_ends_all(supervise: Callable[[str], Supervised], number: signal.Signals) -> None:
    one = supervise(LEAVES_ONE)
    left = int(one.line())

    one.process.send_signal(number)

    assert one.process.wait(20) == -number
    until(lambda: not runs(left))
