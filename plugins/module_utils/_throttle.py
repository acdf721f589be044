# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The rate of requests to a server: unlimited until the server throttles them; then all threads send their requests one after the other."""

from __future__ import annotations

import threading

from ._clock import Clock

FIRST_SPACING = 0.25
LONGEST_SPACING = 8.0


class Throttle:
    """The turns of all requests of one run; times in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._spacing = 0.0
        self._slowed = 0.0

    def turn(self) -> float:
        """Take the next turn. Returns how long to wait for it."""
        with self._lock:
            now = self._clock.now()
            turn_at = max(now, self._next)
            self._next = turn_at + self._spacing
            return turn_at - now

    def slow_down(self, begun: float, pause: float) -> None:
        """Slow down after a request that began at `begun` was throttled: pause all requests, and send them at a lower rate afterwards.

        Several requests that were under way together count as one.
        """
        with self._lock:
            now = self._clock.now()
            if begun >= self._slowed:
                self._spacing = min(max(FIRST_SPACING, self._spacing * 2), LONGEST_SPACING)
                self._slowed = now
            self._next = max(self._next, now + pause)
