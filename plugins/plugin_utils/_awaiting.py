# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Who waits for a worker of Ansible, and what it tells a module about who waits for that one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import Any

from ..module_utils._awaited import Awaited, argument
from ..module_utils._processes import Process


def main_pid() -> int:
    """The number of the process that forked this worker of Ansible; this one's own where it's no worker."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent and parent.pid else os.getpid()


def seconds_left() -> float | None:
    """How long the task may last by its keyword `timeout:`, for which Ansible sets an alarm; None where it has none."""
    return signal.getitimer(signal.ITIMER_REAL)[0] or None


def worker_awaited() -> Awaited:
    """Who waits for what this worker does: the process that forked it."""
    return Awaited(parent=main_pid() if multiprocessing.parent_process() else os.getppid())


def awaited_argument() -> dict[str, Any]:
    """The module's argument: this worker waits for it, and the process that forked it."""
    return argument(Process.of(os.getpid()), Process.of(main_pid()), seconds_left())
