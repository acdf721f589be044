# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What changed between two observations of tasks, and whether their work has ended. Pure: knows no system, no event, no time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..module_utils._lifecycle import Observation, StateTable, Word
from ..module_utils._text import all_harmless

Kind = Literal["found", "changed", "appeared", "vanished"]
Tasks = Mapping[str, "Known"]

# A watch runs for weeks, so no more than these are remembered. One is enough to keep the work from counting as quiet.
MOST_OUT_OF_SIGHT = 1000
# A task in one of these doesn't run and won't begin by itself.
AT_REST: frozenset[Word] = frozenset({"paused", "stopped", "completed", "failed"})


@dataclass(frozen=True)
class Known:
    """What a read showed of one task. `name` and `vendor_state` are a vendor's text, made harmless, since events hold them.

    `at_rest` of a vanished task is the value from when the system still knew the task: its absence doesn't show how it ended.
    """

    name: str | None
    state: Word
    vendor_state: Any
    at_rest: bool

    @property
    def has_vanished(self) -> bool:
        return self.state == "absent"

    def is_like(self, other: Known) -> bool:
        return (self.state, self.vendor_state) == (other.state, other.vendor_state)


@dataclass(frozen=True)
class Change:
    """One task's change. `before` is None for a task that no earlier read has shown."""

    kind: Kind
    id: str
    before: Known | None
    after: Known


@dataclass(frozen=True)
class Quiet:
    """How many of the tasks still work. `vanished` counts those that vanished while they worked: nobody saw them end."""

    total: int
    running: int
    vanished: int

    @property
    def all_quiet(self) -> bool:
        return not self.running and not self.vanished


def known(table: StateTable, seen: Observation | None, before: Known | None) -> Known:
    """What a read showed of a task; None means that the system doesn't know it."""
    if seen is None or seen.spelling is None:
        return Known(before.name if before else None, "absent", None, bool(before and before.at_rest))
    word = table.word(seen)
    return Known(all_harmless(seen.name), word, all_harmless(seen.spelling), word in AT_REST)


def changes(before: Tasks | None, after: Tasks, initial: bool) -> Iterator[Change]:
    """Each task whose state changed, in the order of the read. `before` is None at the very first read; `initial` then decides whether the
    states found are reported.
    """
    for id_, task in after.items():
        old = before.get(id_) if before is not None else None
        if before is None:
            if initial:
                yield Change("found", id_, None, task)
        elif old is None or (old.has_vanished and not task.has_vanished):
            yield Change("appeared", id_, old, task)
        elif not old.is_like(task):
            yield Change("vanished" if task.has_vanished else "changed", id_, old, task)


def still_watched(seen: Tasks, listed: Collection[str]) -> dict[str, Known]:
    """The tasks of a selection to read next time: those that it lists, and those that have left it and were last seen at work.

    A task that the system no longer knows isn't read again: over weeks, more and more of these would be read.
    """
    return {id_: task for id_, task in seen.items() if id_ in listed or not (task.at_rest or task.has_vanished)}


def quiet(tasks: Tasks, unseen: int = 0) -> Quiet:
    """How many tasks work. `unseen` is how many vanished at work that aren't among these tasks any more."""
    at_work = [task for task in tasks.values() if not task.at_rest]
    vanished = sum(1 for task in at_work if task.has_vanished)
    return Quiet(len(tasks), len(at_work) - vanished, vanished + unseen)


def vanished_at_work(before: Tasks, seen: Tasks, watched: Tasks, known_ones: Sequence[str]) -> tuple[str, ...]:
    """The tasks that have vanished at work and aren't watched any more, after a read; `known_ones` were those after the read before.

    Nobody saw them end, so the work that they were part of never counts as quiet. Work that begins when nothing runs is new work, of which
    they were no part. A task that has appeared again doesn't count either.
    """
    if not quiet(before).running and quiet(watched).running:
        known_ones = ()
    vanished = [id_ for id_, task in seen.items() if task.has_vanished and not task.at_rest and id_ not in watched]
    missing = [id_ for id_ in known_ones if id_ not in seen or seen[id_].has_vanished]
    return tuple(dict.fromkeys([*missing, *vanished]))[-MOST_OUT_OF_SIGHT:]
