# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Who waits for a worker of Ansible, and what the worker passes on about this to a module."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..module_utils._awaited import Awaited, argument
from ..module_utils._processes import Process


def main_pid() -> int:
    """The number of the process that forked this worker of Ansible; this process's own number if it's no worker."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent and parent.pid else os.getpid()


def seconds_left() -> float | None:
    """How long the Ansible task may still last by its keyword `timeout:`, for which Ansible sets an alarm; None if it has none."""
    return signal.getitimer(signal.ITIMER_REAL)[0] or None


def worker_awaited(signals: int | None = None) -> Awaited:
    """Those who wait for this worker's result: the process that forked it, until a signal comes (`signals` is the descriptor of
    `signals_noted`).
    """
    return Awaited(parent=main_pid() if multiprocessing.parent_process() else os.getppid(), signals=signals)


@contextmanager
def signals_noted() -> Iterator[int | None]:
    """A descriptor that becomes readable when a signal with a handler has come; None outside of the main thread.

    Python runs handlers in the main thread alone, which may be waiting for a module. Ansible's signal that the task is over would then end
    the worker only after the module, and other threads would go on sending until then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield None
        return
    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(before)
    finally:
        os.close(writer)
        os.close(reader)


def awaited_argument() -> dict[str, Any]:
    """The module's argument: this worker and the process that forked it wait for the module."""
    return argument(Process.of(os.getpid()), Process.of(main_pid()), seconds_left())
