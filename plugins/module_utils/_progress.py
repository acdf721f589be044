# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""How far a run is, in a line, told again and again while it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from ._bring import Awaited, Counts

# A line this often, in seconds: nobody shall wait over ten for one, also where the machine is slow or a task has just begun.
SILENCE = 5.0
# So many tasks that are awaited are named in a line.
NAMED = 5


class Teller:
    """While it's entered, tells a line at regular times, whatever the caller waits for."""

    def __init__(self, tell: Callable[[str], None], line: Callable[[], str], silence: float = SILENCE) -> None:
        self._tell = tell
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
            self._tell(self._line())


def progress_line(counts: Counts, total: int, awaited: Sequence[Awaited], direction: Literal["open", "close"]) -> str:
    """What has been reached of the whole window, and what is still awaited and why. One that was skipped isn't reached."""
    text = f"{counts.reached} of {total} tasks {'reached their state' if direction == 'open' else 'are put back'}"
    text += f", {counts.skipped} skipped" if counts.skipped else ""
    text += f", {counts.failed} failed" if counts.failed else ""
    if not awaited:
        return text
    more = f" and {len(awaited) - NAMED} more" if len(awaited) > NAMED else ""
    return f"{text}; awaited: {', '.join(_together(awaited[:NAMED]))}{more}"


def _together(awaited: Sequence[Awaited]) -> Iterator[str]:
    """The tasks that wait for the same, one after the other."""
    for (target, what), same in groupby(awaited, key=lambda task: (task.target, task.what)):
        yield f"{target} {', '.join(task.id for task in same)} ({what})"
