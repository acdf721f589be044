# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Runs a command that must not outlive its caller. It's a program of its own, which knows neither Ansible nor this collection.

python -I _supervisor.py LIFELINE COMMAND...

LIFELINE is the number of a file descriptor, the reading end of a pipe. The caller holds the writing end. When that is closed, however its
holder ended, the command and all processes that it started are ended. They are also ended when the command is killed, since they would go
on without it. A command that ends by itself leaves its processes alone.

A process group doesn't suffice: workers of Ansible have sessions of their own from ansible-core 2.19 on. So this process takes the place of
init for all its descendants (Linux only; elsewhere the process group is used).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

# In seconds: how often it's checked whether the command has ended, and how long its processes may take to end before they are killed.
TURN = 0.1
GRACE = 5.0
_PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    """One command and its descendants. `received_signal` is the signal that asked this process to end; 0 if none did."""

    def __init__(self, lifeline: int, command: Sequence[str]) -> None:
        self._lifeline = lifeline
        self.received_signal = 0
        os.set_inheritable(lifeline, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # A handler is set, and not SIG_IGN, which the command would inherit.
            signal.signal(number, self._on_signal)
        _adopt_descendants()
        # The command is awaited by its number, together with adopted processes. An object of `subprocess` might reap it first.
        self._child = os.posix_spawnp(command[0], list(command), os.environ)
        self._status: int | None = None

    def run(self) -> int:
        """Wait for the end. Returns the exit status; the number of a signal, negated, where that ended the command."""
        while self._status is None and not self.received_signal:
            if not self._is_wanted():
                self.received_signal = signal.SIGTERM
            self._reap()
        if self._status is None or self._status < 0:
            self._end_all()
        return -self.received_signal if self.received_signal or self._status is None else self._status

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.received_signal = number

    def _is_wanted(self) -> bool:
        """Wait for a moment. Returns whether the lifeline is still open."""
        with suppress(InterruptedError):
            readable, _writable, _failed = select.select([self._lifeline], [], [], TURN)
            return not readable or bool(os.read(self._lifeline, 1))
        return True

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._child:
                    self._status = os.waitstatus_to_exitcode(ended[1])

    def _end_all(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + GRACE
            while (remaining := descendants()) and time.monotonic() < end:
                # Repeated, since processes that are being ended may have started others.
                for pid in remaining:
                    with suppress(OSError):
                        os.kill(pid, number)
                time.sleep(TURN)
                self._reap()


def descendants() -> list[int]:
    """The processes that this one has started, and their descendants. Without /proc, the others of its process group."""
    parents = {int(name): parent for name in _numbers() if (parent := _parent(name))}
    if not parents:
        return []
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def _numbers() -> list[str]:
    with suppress(OSError):
        return [name for name in os.listdir("/proc") if name.isdigit()]
    return []


def _parent(pid: str) -> int:
    """The parent of a running process; 0 if the process has ended."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
        return 0 if fields[0] in ("Z", "X") else int(fields[1])
    return 0


def _adopt_descendants() -> None:
    """Make processes whose parent has ended children of this one, so that none gets lost."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main(arguments: Sequence[str]) -> None:
    status = Supervisor(int(arguments[0]), arguments[1:]).run()
    if status < 0:
        # A process that waits for this one sees the signal that ended the command.
        with suppress(OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
