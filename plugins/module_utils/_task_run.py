# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a run knows of its tasks: its settings, each task with the action under way, and what a later run has to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ._errors import Failure
from ._lifecycle import Decision, Observation, Word


@dataclass(frozen=True)
class RunSettings:
    """How to go about it; all times in seconds."""

    wait: bool = True
    wait_timeout: float = 300.0
    poll_interval: float = 5.0
    drain: float = 0.0
    concurrency: int = 8


@dataclass
class Task:
    """One task on its way, and in the end its fate. `last` is what was seen last, `unread` why the latest read failed, `postponed` why what
    is due isn't accepted yet, and `answered` the actions whose fate is clear since they were accepted or refused. `remark` is what a
    person has to know of an action whose answer doesn't say what became of it, and `foretold` what else the actions do to the task; `note`
    begins with them. `held_since` is when the state that counts was first seen without a break, `held_until` how long it has to be seen,
    and `lingers_until` how long what was ended may work on.
    """

    id: str
    before: Observation
    last: Observation
    unread: Failure | None = None
    postponed: Failure | None = None
    decision: Decision | None = None
    actions: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    changed: bool = False
    reached: bool = False
    skipped: bool = False
    error: Failure | None = None
    remark: str = ""
    foretold: str = ""
    note: str = ""
    sends: int = 0
    not_before: float = 0.0
    held_since: float | None = None
    held_until: float = 0.0
    lingers_until: float = 0.0
    sent: SentAction | None = None

    @property
    def over(self) -> bool:
        return self.reached or self.skipped or self.error is not None


@dataclass
class SentAction:
    """An action that was sent, and what is known of its fate; `failure` is None when it was accepted.

    `is_first` tells that the task's actions name it on the strength of this sending alone.
    """

    action: str
    arrives: Word | None
    at: float
    seen: Observation
    renewals: int
    failure: Failure | None = None
    is_first: bool = False


@dataclass(frozen=True)
class Pending:
    """An action of an earlier run whose effect wasn't seen yet: `seen` is the observation from before it (None: that isn't known), `age`
    how many seconds ago it was sent, and `failure` why it isn't known to be accepted (None: it was).
    """

    action: str
    arrives: Word | None
    seen: Observation | None
    age: float
    failure: Failure | None = None


@dataclass(frozen=True)
class Memory:
    """What an earlier run knew of a task, so that this one goes on where that one ended."""

    before: Observation
    actions: tuple[str, ...] = ()
    changed: bool = False
    sends: int = 0
    answered: frozenset[str] = frozenset()
    sent: Pending | None = None
    remark: str = ""


@dataclass(frozen=True)
class Prediction:
    """What a run makes of a task: what it sends, our word and the vendor's for the state in which that leaves it, and whether that's as
    wanted.
    """

    actions: tuple[str, ...]
    word: Word
    spelling: Any
    reached: bool
