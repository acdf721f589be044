# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of one emulated system: that of the machine, or one that tests advance by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Clock:
    """Two readings that always advance together: ``now`` (monotonic, for delays) and ``wall`` (epoch seconds, for dates)."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._ahead = 0.0  # the time that was added by hand
        self._frozen: tuple[float, float] | None = None

    @property
    def is_manual(self) -> bool:
        return self._frozen is not None

    def now(self) -> float:
        return (self._frozen[0] if self._frozen else self._monotonic()) + self._ahead

    def wall(self) -> float:
        return (self._frozen[1] if self._frozen else self._wall()) + self._ahead

    def set_manual(self, manual: bool) -> None:
        """Stop the clock, or let it run again. Time never goes back, so added time remains."""
        if manual and not self._frozen:
            # Whole seconds add up exactly. With a fraction, the machine's uptime would decide whether a step of an hour ends just before or
            # just after something that is due in an hour.
            self._frozen = (float(math.ceil(self._monotonic())), float(math.ceil(self._wall())))
        elif not manual and self._frozen:
            self._ahead -= self._monotonic() - self._frozen[0]
            self._frozen = None

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
