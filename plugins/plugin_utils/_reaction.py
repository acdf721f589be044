# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Whether the reaction to `all_quiet` has ended, and when it's requested again.

ansible-rulebook doesn't report to a source what happened to its events. So the rule's last action creates a file, whether the earlier
actions succeeded or not. A reaction that succeeded ends the watch. One that failed is requested again, after growing pauses.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Seconds; no pause is longer, unless the first one is.
LONGEST_PAUSE = 900.0


class Reaction:
    """The attempts of one watch. `pause` is the first pause in seconds. `within` is after how many seconds an attempt counts as ended in
    any case.

    The methods raise `OSError` if the file can't be checked or removed.
    """

    def __init__(self, file: str, attempts: int, pause: float, within: float, now: Callable[[], float] = time.monotonic) -> None:
        self.file = Path(file).expanduser()
        self.attempts, self.attempt = attempts, 0
        self._pause, self._within, self._now = pause, within, now
        self._begun_at = 0.0
        self._ended_at: float | None = None

    @property
    def next_pause(self) -> float:
        """Seconds from the end of this attempt to the next one."""
        return min(self._pause * 2.0 ** min(self.attempt - 1, 32), max(self._pause, LONGEST_PAUSE))

    @property
    def was_last(self) -> bool:
        return self.attempt >= self.attempts

    def begin(self) -> None:
        """Begin the next attempt now."""
        with suppress(FileNotFoundError):
            self.file.unlink()
        self.attempt += 1
        self._begun_at, self._ended_at = self._now(), None

    def skip(self) -> None:
        """Count the next attempt as failed, since it couldn't begin."""
        self.begin()
        self._ended_at = self._now()

    def forget(self) -> None:
        """Start counting again: the cause of the reaction is over, and the next attempt is a first one."""
        self.attempt = 0

    def ends_now(self) -> bool:
        """Whether the attempt under way has ended since the last call."""
        if not self.attempt or self._ended_at is not None:
            return False
        if self.file.exists() or self._now() - self._begun_at > self._within:
            self._ended_at = self._now()
        return self._ended_at is not None

    def is_due(self) -> bool:
        """Whether the pause after an attempt is over."""
        return bool(self.attempt) and self._ended_at is not None and self._now() >= self._ended_at + self.next_pause
