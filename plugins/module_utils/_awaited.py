# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Whether somebody still waits for this process. The engine asks before each request, so that nothing is sent after the Ansible task has
ended.

A module's process can outlive its Ansible task: Ansible was killed, its worker was killed, or the keyword `timeout:` ended the task, of
which Ansible doesn't inform the module. The names of programs prove nothing, so the action plugin passes on who waits for the module, and
for how long.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ._processes import Process

# The action plugin gives this to the module beside the options.
ARGUMENT = "_ansible_quiesce_awaited"


class Awaited:
    """Those who wait for this process. Call the object to ask whether any of them still does; any thread may call it.

    `by` are processes that have to run; those of other machines and namespaces can't be checked. `end` is the moment (of `time.monotonic`)
    from which on nobody waits. `parent` is the number that the parent of this process has as long as somebody waits. `output` is a file
    descriptor that needs a reader: a broken connection takes the reader away. `signals` is a descriptor that becomes readable when a signal
    has come that ends the Ansible task.
    """

    def __init__(
        self,
        by: Sequence[Process] = (),
        *,
        end: float = float("inf"),
        parent: int | None = None,
        output: int | None = None,
        signals: int | None = None,
    ) -> None:
        self._by = [process for process in by if process.is_near()]
        self._end = end
        self._parent = os.getppid() if parent is None else parent
        self._output = output
        self._signals = signals
        self._is_over = False

    def __call__(self) -> bool:
        return (
            not self._is_over
            and os.getppid() == self._parent
            and time.monotonic() < self._end
            and all(process.is_alive() for process in self._by)
            and (self._output is None or _has_reader(self._output))
            and (self._signals is None or not _has_data(self._signals))
        )

    def end(self) -> None:
        """Declare that nobody waits from now on."""
        self._is_over = True


def argument(worker: Process, main: Process, seconds: float | None) -> dict[str, Any]:
    """The module's argument: Ansible's worker that waits for the module, the process that waits for that worker, and after how many seconds
    from now the Ansible task ends at the latest.
    """
    end = None if seconds is None else time.monotonic() + seconds
    return {"worker": worker.plain(), "main": main.plain(), "seconds": seconds, "end": end}


def module_awaited(processes: Mapping[str, Any] | None) -> Awaited:
    """Who waits for a module by the argument of the action plugin; without that argument, the process that started the module."""
    if processes is None:
        return Awaited(output=1)
    worker, main = (Process.from_plain(processes[who]) for who in ("worker", "main"))
    end = float("inf")
    if processes["seconds"] is not None:
        # The clock of another machine can't be compared with this one. The time of the transfer is lost then, so that this end is a little
        # late; Ansible's own end of the task isn't.
        end = processes["end"] if worker.is_near() else time.monotonic() + processes["seconds"]
    return Awaited((worker, main), end=end, output=1)


def main_process(processes: Mapping[str, Any] | None) -> Process | None:
    """The process of Ansible that runs the play, if the action plugin passed it on."""
    return Process.from_plain(processes["main"]) if processes else None


def worker_process(processes: Mapping[str, Any] | None) -> Process | None:
    """The process of Ansible that does the whole run of which the module is a step, if the action plugin passed it on."""
    return Process.from_plain(processes["worker"]) if processes and processes.get("is_run") else None


def _has_reader(output: int) -> bool:
    """Whether the file descriptor `output` still has a reader."""
    poll = select.poll()
    poll.register(output, 0)
    return not any(event & (select.POLLERR | select.POLLHUP) for _descriptor, event in poll.poll(0))


def _has_data(descriptor: int) -> bool:
    """Whether the descriptor can be read from."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
