# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a system for the search: how its tasks are put, how others change them, and which states satisfy which desired state.

Each description is written from the vendor's page, independently of the client's table, so that it can judge the client's claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendor import Vendor as Emulator

Desired = Literal["paused", "started", "stopped"]
Order = Mapping[str, Any]


Story = list[Mapping[str, Any]]


class Sight(NamedTuple):
    """A task as an answer shows it, or as it truly is: the judge's label for the state, and the vendor state (None if it doesn't exist).
    `wire` is the id for actions if that differs (Boro VoD's restarts).
    """

    label: str
    native: Any
    wire: str = ""


GONE = Sight("gone", None)


class Moment(NamedTuple):
    """The circumstances of a write: the addressed tasks, what was shown of them last, their true states before, and the tasks whose history
    it continues.
    """

    targets: Sequence[str]
    seen: Mapping[str, Sight]
    true: Mapping[str, Sight]
    grown: frozenset[str]


@dataclass(frozen=True, repr=False)
class Frame:
    """A container of tasks (for devices, an IoTDA task): how it is put, which states are possible in it, and what else is in it."""

    whole: Order
    states: Sequence[Order]
    bystanders: Sequence[Order] = ()


BARE = Frame({}, ())


def independent_sights(
    sight: Callable[[Mapping[str, Any]], tuple[str, Sight]],
) -> Callable[[Iterable[Mapping[str, Any]]], dict[str, Sight]]:
    """For a system whose tasks are independent of each other."""
    return lambda tasks: dict(map(sight, tasks))


def independent_stories(
    sight: Callable[[Mapping[str, Any]], tuple[str, Sight]],
) -> Callable[[Iterable[Mapping[str, Any]]], dict[str, Story]]:
    return lambda tasks: {sight(task)[0]: task["history"] for task in tasks}


@dataclass(frozen=True, kw_only=True, repr=False)
class System:
    """One vendor's system.

    `states` are the states that tests can put, with an id. `states_alone` are only put if a single task is requested. `grants` are
    options to enable, each with its desired state. `others` are changes by other people or by the tasks themselves, as orders for the
    emulator's `act`. `lies` are positions of its switches, with delays up to the client's limits. `dresses` are named positions of
    switches, chosen in addition.

    `holder` is the value of the id option if that names a container instead of tasks. `frames` are the possible containers, if there are
    any. `build` makes the emulator's tasks from the put tasks and their frame. `outside` returns a task and an order for `act`.

    `shown` reads an answer as the vendor's page explains it. It returns None for an answer without tasks. `whole` recognises reads whose
    answers show all tasks, so that a task that isn't shown doesn't exist. `true` returns the true states of the tasks in the emulator, and
    `stories` their histories. `watch` is for an emulator that records no history of them.

    `targets` are the tasks that a call addresses, according to their last shown states. `taken` are the tasks that it changes, given its
    true answer. `accepted` are those that this answer accepts. `words` are the client's names of the actions. `accepts` names for each
    action the states (as labels of the emulator's history) in which it is useful: if such a state is seen after the action, that is a
    reason to send it again. `leads` names the states in which an action leaves a task, for proxies that may send it twice.

    `settle` is the settle time of a lost action, in seconds. `comes_back` is the time within which an interrupted task may be restarted.
    `renews_at` are the statuses by which a server refuses an expired token, after which the action is sent again with a new one.
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
    satisfied_by: Mapping[Desired, frozenset[str]]
    accepts: Mapping[str, frozenset[str]]
    history_word: str
    grants: Mapping[str, Desired] = field(default_factory=dict)
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
        """The states that the vendor's page lists, with the actions that it permits."""
        return frozenset().union(*self.satisfied_by.values(), *self.accepts.values())

    def __repr__(self) -> str:
        return f"{self.name} {self.variant}".rstrip()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """hypothesis prints only the name of the system for a case."""
        del cycle
        printer.text(repr(self))

    def satisfies(self, desired: Desired, label: str, if_unpausable: str) -> bool:
        ended_will_do = desired == "paused" and if_unpausable == "stop"
        return label in self.satisfied_by[desired] or (ended_will_do and label in self.satisfied_by["stopped"])
