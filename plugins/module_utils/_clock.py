# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Time as the engine sees it: monotonic, and replaceable in tests."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock in seconds that can also sleep."""

    def now(self) -> float:
        """Seconds since some fixed moment in the past."""

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class Deadline:
    """The moment by which a run has to end. `seconds` count from the creation of the object, or from the last `renew`."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Start again with that many seconds from now."""
        self._end = self._clock.now() + seconds

    def left(self, grace: float = 0.0) -> float:
        """Seconds until the deadline plus `grace`; never below zero."""
        return max(0.0, self._end + grace - self._clock.now())

    @property
    def passed(self) -> bool:
        return self.left() <= 0.0


def format_seconds(value: float) -> str:
    """A span of time for a sentence."""
    return f"{value:g} s"
