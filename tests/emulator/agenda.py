# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events that happen by themselves at a set time: a script ends, a schedule becomes due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Appointment:
    __slots__ = ("cancelled", "due", "what")

    def __init__(self, due: float, what: Callable[[float], None]) -> None:
        self.due = due
        self.what = what
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Agenda:
    """A list of scheduled calls. It uses neither threads nor timers: due calls are made in order at the next access. So a model stays a
    pure function of time.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Appointment]] = []
        self._order = count()

    def at(self, due: float, what: Callable[[float], None]) -> Appointment:
        """Schedule ``what``. It is called with the time when it was due, and not with the time of the access."""
        appointment = Appointment(due, what)
        heapq.heappush(self._heap, (due, next(self._order), appointment))
        return appointment

    def run(self, now: float) -> None:
        while self._heap and self._heap[0][0] <= now:
            appointment = heapq.heappop(self._heap)[2]
            if not appointment.cancelled:
                appointment.what(appointment.due)

    def clear(self) -> None:
        self._heap.clear()
