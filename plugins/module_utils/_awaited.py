# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Whether somebody still waits for what this process does. The engine asks before each request: nobody acts after his task is over.

A module's process outlives its task in several ways: Ansible was killed, or its worker was, or the keyword `timeout:` ended the task, of
which the module never hears. Nothing is guessed from names of programs: the action tells the module who waits for it, and for how long.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ._processes import Process

# What the action gives to the module beside the options.
ARGUMENT = "_ansible_quiesce_awaited"


class Awaited:
    """Those who wait for this process. It's asked by calling it, from any number of threads.

    `by` are processes that have to run; those of other machines and namespaces can't be looked for. `end` is the moment
    (of `time.monotonic`) from which on nobody waits. `parent` is the number of this process's parent as long as somebody waits. `output`
    is the file descriptor of which a reader has to be there: a broken connection takes that away. `signals` is one that can be read from
    once a signal has come that ends the task.
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
        """From now on nobody waits."""
        self._is_over = True


def argument(worker: Process, main: Process, seconds: float | None) -> dict[str, Any]:
    """What a module gets to know: Ansible's worker that waits for it, the process that waits for that one, and after how many seconds
    from now the task is over at the latest.
    """
    end = None if seconds is None else time.monotonic() + seconds
    return {"worker": worker.plain(), "main": main.plain(), "seconds": seconds, "end": end}


def module_awaited(told: Mapping[str, Any] | None) -> Awaited:
    """Who waits for a module, by what the action told it; without that, whoever started it."""
    if told is None:
        return Awaited(output=1)
    worker, main = (Process.from_plain(told[who]) for who in ("worker", "main"))
    end = float("inf")
    if told["seconds"] is not None:
        # The clock of another machine says nothing here. What it took to get here is lost then, which the task's own end doesn't wait for.
        end = told["end"] if worker.is_near() else time.monotonic() + told["seconds"]
    return Awaited((worker, main), end=end, output=1)


def main_process(told: Mapping[str, Any] | None) -> Process | None:
    """The process of Ansible that runs the play, where the action told it."""
    return Process.from_plain(told["main"]) if told else None


def worker_process(told: Mapping[str, Any] | None) -> Process | None:
    """The process of Ansible that does the whole run of which the module is a step, where the action told that."""
    return Process.from_plain(told["worker"]) if told and told.get("is_run") else None


def _has_reader(output: int) -> bool:
    """Whether what is written there can still get to somebody."""
    poll = select.poll()
    poll.register(output, 0)
    return not any(event & (select.POLLERR | select.POLLHUP) for _descriptor, event in poll.poll(0))


def _has_data(descriptor: int) -> bool:
    """Whether something can be read there."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
