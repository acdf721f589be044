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
    """`run` returns seconds; what `prepare` does beforehand isn't timed."""

    run: Callable[[], float]
    prepare: Callable[[], None] = lambda: None


@dataclass
class Times:
    """All times of some contenders, in seconds, by name. What stands here goes into the JSON."""

    all: dict[str, list[float]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return statistics.median(self.all[name])

    def net(self, name: str) -> float:
        """Without what a play with nothing in it takes on the same machine at the same time."""
        return self[name] - self["empty play"]


def take_turns(contenders: Mapping[str, Contender], runs: int) -> Times:
    """Each runs once a round, so that whatever else the machine does in the meantime hits all of them."""
    times = Times({name: [] for name in contenders})
    for _round in range(runs):
        for name, contender in contenders.items():
            contender.prepare()
            times.all[name].append(contender.run())
    return times


@dataclass(frozen=True)
class Row:
    """One line of the table: how many times the one took what the other took, and the goal for that ratio.

    `at_least` tells on which side of the goal is better. Without a goal, the ratio just says how it is. `measured` holds what the ratio was
    made of, for whoever wants to check it.
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
