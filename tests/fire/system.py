# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search has to know of a system: how its tasks are put, what others do to them, and which of its states satisfies which wish.

Each description is written from the vendor's page, independent of the client's table: it's the judge of what the client claims.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendor import Vendor as Emulator

Wish = Literal["paused", "started", "stopped"]
Order = Mapping[str, Any]


class Sight(NamedTuple):
    """A task as an answer shows it, or as it truly is: the state as the judge calls it, and the vendor's own word (None: not there)."""

    label: str
    native: Any


GONE = Sight("gone", None)


@dataclass(frozen=True, kw_only=True, repr=False)
class System:
    """One vendor's system.

    `states` are what may be put of a task, beside its id; `states_alone` are put only where one task is asked for. `grants` are options
    to be switched on, each with the wish that it's for. `others` are what other people or the tasks themselves do, as orders for the
    emulator's `act`. `lies` are positions of its switches, each with at most as much delay as the client allows for.

    `shown` reads an answer as the vendor's page explains it, and returns None for one that shows no tasks; `whole` names the reads whose
    answer shows all tasks, so that what it doesn't show isn't there. `true` tells what the emulator's own view of a task is.

    `targets` are the tasks that a call is about, `taken` those that it changes, where the true answer to it is this one, `words` what
    the client calls the actions. `accepts` names for each action the states (in the word of the emulator's history) in which it is of
    use: seen again after the action, they are a reason to send it once more. `settle` is how long a lost action may take to show, in
    seconds.
    """

    name: str
    emulator: type[Emulator]
    main: Callable[[], None]
    id_option: str
    ids: Sequence[str]
    access: Sequence[Order]
    states: Sequence[Order]
    others: Sequence[Order]
    lies: Sequence[Order]
    put: Callable[[str, Order], dict[str, Any]]
    shown: Callable[[Request, Call, Reply], Mapping[str, Sight] | None]
    true: Callable[[Mapping[str, Any]], tuple[str, Sight]]
    satisfied_by: Mapping[Wish, frozenset[str]]
    accepts: Mapping[str, frozenset[str]]
    history_word: str
    grants: Mapping[str, Wish] = field(default_factory=dict)
    switches: Order = field(default_factory=dict)
    settle: float = 10.0
    variant: str = ""
    states_alone: Sequence[Order] = ()
    targets: Callable[[Call], Sequence[str]] = lambda call: call.ids
    taken: Callable[[Call, Reply], frozenset[str]] = lambda call, reply: frozenset(call.ids if reply.took_effect else ())
    words: Mapping[str, str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"{self.name} {self.variant}".rstrip()

    def satisfies(self, wish: Wish, label: str, if_unpausable: str) -> bool:
        ended_will_do = wish == "paused" and if_unpausable == "stop"
        return label in self.satisfied_by[wish] or (ended_will_do and label in self.satisfied_by["stopped"])
