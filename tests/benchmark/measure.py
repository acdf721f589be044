# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contenders that run in turns, and the medians of their times."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Contender:
    """A contender. `run` returns seconds. `prepare` runs before and isn't timed."""

    run: Callable[[], float]
    prepare: Callable[[], None] = lambda: None


@dataclass
class Times:
    """All times of some contenders, in seconds, by name. The fields become the JSON."""

    all: dict[str, list[float]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return statistics.median(self.all[name])

    def net(self, name: str) -> float:
        """The time minus that of an empty play on the same machine at the same time."""
        return self[name] - self["empty play"]


def take_turns(contenders: Mapping[str, Contender], runs: int) -> Times:
    """Run each contender once in a round, so that other load on the machine affects all of them."""
    times = Times({name: [] for name in contenders})
    for _round in range(runs):
        for name, contender in contenders.items():
            contender.prepare()
            times.all[name].append(contender.run())
    return times


@dataclass(frozen=True)
class Row:
    """One row of the table: the ratio of two times, and its goal.

    `at_least` says on which side of the goal the ratio should be. Without a goal, the ratio is only reported. `measured` contains the
    values behind the ratio.
    """

    case: str
    system: str
    against: str
    ratio: float
    goal: float | None
    at_least: bool
    seconds: float
    measured: Mapping[str, Any]

    @property
    def is_met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal
