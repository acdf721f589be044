# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search has to know of a system: how its tasks are put, what others do to them, and which of its states satisfies which wish.

Each description is written from the vendor's page, independent of the client's table: it's the judge of what the client claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendor import Vendor as Emulator

Wish = Literal["paused", "started", "stopped"]
Order = Mapping[str, Any]


Story = list[Mapping[str, Any]]


class Sight(NamedTuple):
    """A task as an answer shows it, or as it truly is: the state as the judge calls it, and the vendor's own word (None: not there).

    `wire` is the id under which it has to be acted on where that is another one (Boro VoD's restarts).
    """

    label: str
    native: Any
    wire: str = ""


GONE = Sight("gone", None)


class Moment(NamedTuple):
    """What there was to a write: whom it's about, what had been shown last, what was true before, and whose story it went on with."""

    targets: Sequence[str]
    seen: Mapping[str, Sight]
    true: Mapping[str, Sight]
    grown: frozenset[str]


@dataclass(frozen=True, repr=False)
class Frame:
    """What holds the tasks (an IoTDA task its devices): how it's put, which states fit into it, and who else is in it."""

    whole: Order
    states: Sequence[Order]
    bystanders: Sequence[Order] = ()


BARE = Frame({}, ())


def told_each(sight: Callable[[Mapping[str, Any]], tuple[str, Sight]]) -> Callable[[Iterable[Mapping[str, Any]]], dict[str, Sight]]:
    """For a system where each task stands for itself."""
    return lambda tasks: dict(map(sight, tasks))


def story_of_each(sight: Callable[[Mapping[str, Any]], tuple[str, Sight]]) -> Callable[[Iterable[Mapping[str, Any]]], dict[str, Story]]:
    return lambda tasks: {sight(task)[0]: task["history"] for task in tasks}


@dataclass(frozen=True, kw_only=True, repr=False)
class System:
    """One vendor's system.

    `states` are what may be put of a task, beside its id; `states_alone` are put only where one task is asked for. `grants` are options
    to be switched on, each with the wish that it's for. `others` are what other people or the tasks themselves do, as orders for the
    emulator's `act`. `lies` are positions of its switches, each with at most as much delay as the client allows for.

    `holder` is the value of the id option where that doesn't name tasks but what holds them. `frames` are what may hold them, if anything
    does; `build` makes the emulator's tasks of those that were put and their frame, `outside` a task and an order for `act` of a task's id
    and what others do. `dresses` are positions of switches under a name, drawn beside the lies.

    `shown` reads an answer as the vendor's page explains it, and returns None for one that shows no tasks; `whole` tells the reads whose
    answer shows all tasks, so that what it doesn't show isn't there. `true` tells what the tasks are in the emulator's own view, and
    `stories` what each has been; `watch` is for an emulator that keeps no history of them.

    `targets` are the tasks that a call is about, going by what was shown of them last; `taken` those that it changes, where the true answer
    to it is this one, `accepted` those of which that answer says so, `words` what the client calls the actions. `accepts` names for each
    action the states (in the word of the emulator's history) in which it is of use: seen again after the action, they are a reason to send
    it once more. `leads` names, where a proxy may send an action twice, the states in which it leaves a task. `settle` is how long a lost
    action may take to show, in seconds, and `comes_back` within how many seconds after it broke off a task may be restarted. By the
    statuses `renews_at` a server refuses a token that has expired, so that the action is sent once more with a new one.
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
    true: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Sight]]
    stories: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Story]]
    satisfied_by: Mapping[Wish, frozenset[str]]
    accepts: Mapping[str, frozenset[str]]
    history_word: str
    grants: Mapping[str, Wish] = field(default_factory=dict)
    switches: Order = field(default_factory=dict)
    leads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    settle: float = 10.0
    variant: str = ""
    states_alone: Sequence[Order] = ()
    holder: str = ""
    frames: Sequence[Frame] = ()
    sizes: Sequence[int] = ()
    dresses: Mapping[str, Order] = field(default_factory=lambda: {"": {}})
    build: Callable[[Sequence[dict[str, Any]], Order], list[dict[str, Any]]] = lambda tasks, _frame: list(tasks)
    outside: Callable[[str, Order], tuple[str, Order]] = lambda id_, order: (id_, order)
    watch: Callable[[Emulator], Callable[[], Mapping[str, Story]]] | None = None
    targets: Callable[[Request, Call, Mapping[str, Sight]], Sequence[str]] = lambda _request, call, _seen: call.ids
    taken: Callable[[Call, Reply, Moment], frozenset[str]] = lambda _call, reply, moment: frozenset(
        moment.targets if reply.took_effect else ()
    )
    accepted: Callable[[Call, Reply, Moment], frozenset[str]] = lambda _call, _reply, moment: frozenset(moment.targets)
    words: Mapping[str, str] = field(default_factory=dict)
    whole: Callable[[Request, Call], bool] = lambda _request, _call: False
    comes_back: float = 0.0
    renews_at: frozenset[int] = frozenset({401})

    @property
    def known(self) -> frozenset[str]:
        """States that the vendor's page lists, and of which it tells what may be done."""
        return frozenset().union(*self.satisfied_by.values(), *self.accepts.values())

    def __repr__(self) -> str:
        return f"{self.name} {self.variant}".rstrip()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """A case that hypothesis prints names its system only."""
        del cycle
        printer.text(repr(self))

    def satisfies(self, wish: Wish, label: str, if_unpausable: str) -> bool:
        ended_will_do = wish == "paused" and if_unpausable == "stop"
        return label in self.satisfied_by[wish] or (ended_will_do and label in self.satisfied_by["stopped"])
