# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a run knows of its tasks: its settings, each task with the action under way, and what a later run has to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ._errors import Failure
from ._lifecycle import Decision, Observation, Word


class RunSettings(NamedTuple):
    """The settings of a run; all times in seconds."""

    wait: bool = True
    wait_timeout: float = 300.0
    poll_interval: float = 5.0
    drain: float = 0.0
    concurrency: int = 8


@dataclass
class Task:
    """One task of a run, and in the end its result.

    `last` is the latest observation, `unread` why the latest read failed, and `postponed` why the system doesn't accept the due action yet.
    `answered` are the actions that were accepted or refused. `remark` explains to a person an action whose answer doesn't show its effect,
    and `effects_note` the further effects of the actions on the task; `note` begins with both. `held_since` is since when the state that
    counts was seen without interruption, `held_until` until when it has to be seen, and `lingers_until` until when the work that was ended
    may go on.
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
    effects_note: str = ""
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
    """An action that was sent, and what is known of its result. `failure` is None if it was accepted.

    `is_first` is true if the task's `actions` hold it only because of this request.
    """

    action: str
    arrives: Word | None
    at: float
    seen: Observation
    renewals: int
    failure: Failure | None = None
    is_first: bool = False


class Pending(NamedTuple):
    """An action of an earlier run whose effect wasn't seen yet. `seen` is the observation before it (None: unknown), `age` how many seconds
    ago it was sent, and `failure` why nobody knows whether it was accepted (None: it was accepted).
    """

    action: str
    arrives: Word | None
    seen: Observation | None
    age: float
    failure: Failure | None = None


class Memory(NamedTuple):
    """What an earlier run knew of a task, so that this run can continue from it."""

    before: Observation
    actions: tuple[str, ...] = ()
    changed: bool = False
    sends: int = 0
    answered: frozenset[str] = frozenset()
    sent: Pending | None = None
    remark: str = ""


class Prediction(NamedTuple):
    """What a run would do with a task: the actions that it sends, the resulting state in our word and in the vendor's, and whether that is
    the desired state.
    """

    actions: tuple[str, ...]
    word: Word
    spelling: Any
    reached: bool
