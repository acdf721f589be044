# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value whose change readers see later, or in steps: stale reads, and intermediate states."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .switches import Switch, is_number

T = TypeVar("T")


@dataclass(frozen=True)
class Lag:
    """How long the previous value is still shown: for some seconds, or to some readers."""

    seconds: float = 0.0
    reads: int = 0

    @classmethod
    def of(cls, value: Any) -> Lag:
        """The lag from a switch: a number is seconds, ``"3 reads"`` is a number of reads."""
        if isinstance(value, str):
            return cls(reads=int(value.split()[0]))
        return cls(seconds=float(value))


AT_ONCE = Lag()


def lag_switch(name: str, default: float | str, doc: str) -> Switch:
    def accepts(value: object) -> bool:
        if isinstance(value, str):
            number, _space, unit = value.partition(" ")
            return number.isdecimal() and unit in ("read", "reads")
        return is_number(value)

    return Switch(name, default, doc, 'a number of seconds, or a count of reads such as "3 reads"', accepts)


class Track(Generic[T]):
    """The value that is shown now and the values that will be shown, in order."""

    def __init__(self, value: T) -> None:
        self._shown = value
        self._coming: deque[tuple[float, int, T]] = deque()
        self._reads = 0

    def set(self, value: T) -> None:
        """Show this value at once and drop all later ones."""
        self._shown = value
        self._coming.clear()
        self._reads = 0

    def then(self, value: T, now: float, lag: Lag = AT_ONCE, *, chained: bool = False) -> None:
        """Show this value after the lag, but never before the values that are already to come.

        Seconds count from now, or with ``chained`` from the step before. Reads always count from the step before.
        """
        if not self._coming:
            self._reads = 0  # readers of the present value didn't wait for this one
        previous = self._coming[-1][0] if self._coming else now
        due = previous + lag.seconds if chained else max(previous, now + lag.seconds)
        self._coming.append((due, lag.reads, value))

    @property
    def final(self) -> T:
        """The value that is shown in the end."""
        return self._coming[-1][2] if self._coming else self._shown

    def peek(self, now: float) -> T:
        """The value for the next reader, without counting a read."""
        while self._coming and now >= self._coming[0][0] and self._reads >= self._coming[0][1]:
            self._shown = self._coming.popleft()[2]
            self._reads = 0
        return self._shown

    def read(self, now: float) -> T:
        if not self._coming:  # the common case, once for each task of each list
            return self._shown
        shown = self.peek(now)
        self._reads += 1
        return shown
