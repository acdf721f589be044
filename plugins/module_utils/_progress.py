# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The progress of a run as a line, printed at regular intervals."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from ._stage_run import Counts, PendingTask

# In seconds between two lines. Nobody should wait over ten seconds for a line, even if the machine is slow or an Ansible task has just
# begun.
LINE_INTERVAL = 5.0
# The most awaited tasks that a line names.
MOST_NAMED = 5


class ProgressReporter:
    """A context that prints a line at regular intervals, whatever the caller waits for."""

    def __init__(self, print_line: Callable[[str], None], line: Callable[[], str], silence: float = LINE_INTERVAL) -> None:
        self._print_line = print_line
        self._line = line
        self._silence = silence
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="taskops.quiesce", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._silence):
            self._print_line(self._line())


def format_progress(counts: Counts, total: int, awaited: Sequence[PendingTask], direction: Literal["open", "close"]) -> str:
    """How many tasks of the whole window have reached their states, and which tasks are awaited and why. A skipped task hasn't reached its
    state.
    """
    text = f"{counts.reached} of {total} tasks {'reached their state' if direction == 'open' else 'are put back'}"
    text += f", {counts.skipped} skipped" if counts.skipped else ""
    text += f", {counts.failed} failed" if counts.failed else ""
    if not awaited:
        return text
    more = f" and {len(awaited) - MOST_NAMED} more" if len(awaited) > MOST_NAMED else ""
    return f"{text}; awaited: {', '.join(_group_by_reason(awaited[:MOST_NAMED]))}{more}"


def _group_by_reason(awaited: Sequence[PendingTask]) -> Iterator[str]:
    """The awaited tasks, grouped by what they wait for."""
    for (target, what), same in groupby(awaited, key=lambda task: (task.target, task.what)):
        yield f"{target} {', '.join(task.id for task in same)} ({what})"
