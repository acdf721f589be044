# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The words for states, and the pure decision: what has to be done with a task that was observed so, and why.

Nothing here knows a vendor, the network or the time. A vendor describes its states in a `StateTable`; `decide` walks that table from
the observed state to the wanted one. The first step of the walk is what to do now; its end tells beforehand whether the state can be
reached at all, and is what check mode predicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any, Literal, TypeAlias, get_args

from ._errors import Code, Failure

Word = Literal[
    "started",
    "waiting",
    "paused",
    "stopped",
    "completed",
    "failed",
    "starting",
    "pausing",
    "stopping",
    "troubled",
    "blocked",
    "absent",
    "unknown",
]
Wish = Literal["paused", "started", "stopped"]
IfUnpausable = Literal["fail", "stop", "skip"]
Spelling: TypeAlias = "str | int"

WISHES: tuple[Wish, ...] = get_args(Wish)
# What to wish for a task that is to be again as it was found.
BACK: Mapping[Word, Wish] = {
    "started": "started",
    "waiting": "started",
    "starting": "started",
    "troubled": "started",
    "paused": "paused",
    "pausing": "paused",
    "stopped": "stopped",
    "stopping": "stopped",
    "completed": "stopped",
    "failed": "stopped",
}
RUNNING: frozenset[Word] = frozenset({"started", "troubled"})
# Of several tasks with one id, whose state stands for all: first what runs or may begin, last what is paused, so that this is said only
# where all are.
WORST: tuple[Word, ...] = (
    "unknown",
    "started",
    "troubled",
    "starting",
    "waiting",
    "pausing",
    "stopping",
    "blocked",
    "failed",
    "stopped",
    "completed",
    "paused",
    "absent",
)
SATISFIED_BY: Mapping[Wish, frozenset[Word]] = {
    "paused": frozenset({"paused"}),
    "started": frozenset({"started", "waiting", "completed"}),
    "stopped": frozenset({"stopped", "completed", "failed"}),
}


@dataclass(frozen=True)
class Done:
    """The wish is satisfied; `note` is a sentence worth a warning."""

    note: str = ""


@dataclass(frozen=True)
class Wait:
    """Send nothing: the task is on its way by itself to the state spelled `arrives`."""

    arrives: Spelling


@dataclass(frozen=True)
class Cannot:
    """The wish can't be reached, with the sentence that says why and what to do."""

    reason: str
    code: Code = "unreachable_state"


@dataclass(frozen=True)
class Skip:
    """The task is left alone on the user's word (`if_unpausable: skip`)."""

    reason: str


@dataclass(frozen=True)
class Act:
    """Send `action`, which leads to the state spelled `arrives`.

    Where `needs` names an option (such as `force`) or something that a task may allow, the action is only taken with it; without it,
    `otherwise` holds, which may be another action. Where that is a `Wait`, the task gets there anyway: the action is a help, so that it's
    no failure if it's refused, and once it was answered it isn't sent again. `lasting` is the sentence for what the action does that
    nothing undoes, also where the task itself can be brought back.
    """

    action: str
    arrives: Spelling
    needs: str = ""
    otherwise: Wait | Cannot | Act | None = None
    lasting: str = ""


Step: TypeAlias = "Done | Wait | Act | Cannot | Skip"
Cell: TypeAlias = "Done | Wait | Act | Cannot"


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a vendor: its spelling on the wire, our word for it, and what each wish asks for in it.

    A wish left out is satisfied by the word itself; `StateTable` refuses a table where that isn't so. Sentences may hold `{id}`,
    `{state}` and any key of the observation's facts. `wire` is the vendor's own word where `spelling` only names the row. `steady` is for
    how long, in seconds, reads have to show the state before it counts as reached: one read of it proves too little.
    """

    spelling: Spelling
    word: Word
    meaning: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    wire: Spelling | None = None
    steady: float = 0.0
    paused: Cell | None = None
    started: Cell | None = None
    stopped: Cell | None = None

    def step(self, wish: Wish) -> Cell | None:
        steps: dict[Wish, Cell | None] = {"paused": self.paused, "started": self.started, "stopped": self.stopped}
        return steps[wish]

    def __str__(self) -> str:
        """The state as a message tells it: the wire's word, and the vendor's name for it where that is another."""
        return f"{self.name} ({self.spelling})" if self.name else str(self.spelling)


@dataclass(frozen=True)
class Observation:
    """What one read showed of one task.

    `spelling` is the vendor's own word as it came, None for a task that the read doesn't know. `facts` are the vendor's other fields.
    `stamp` changes when the vendor says that the state was set anew, even to the same word. `row` names the table's row where
    that isn't the spelling alone; of a task that the read doesn't know, it tells that it needn't have gone. `allows` are conditions of
    actions (`Act.needs`) that this task meets by its own nature. `twins` are all the tasks that have this id, where that is no task's
    own: the observation is then that of the worst. `effects` are sentences on what else an action would do to this very task, by the
    action's name.
    """

    id: str
    spelling: Any
    name: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    stamp: str = ""
    row: Spelling | None = None
    allows: frozenset[str] = frozenset()
    twins: tuple[Observation, ...] = ()
    effects: Mapping[str, str] = field(default_factory=dict)

    @property
    def each(self) -> tuple[Observation, ...]:
        """What was seen, task by task."""
        return self.twins or (self,)

    @property
    def mark(self) -> tuple[Any, ...]:
        """What has to differ before a later read counts as showing another state."""
        return tuple((seen.spelling, seen.row, seen.stamp) for seen in self.each)


@dataclass(frozen=True)
class Policy:
    """What the user wants and what may be done for it; `grants` are the names of the options that were switched on.

    `as_found` tells that a task which is to be put back has got there also in the very state in which it was found, say a troubled one.
    """

    wish: Wish
    if_unpausable: IfUnpausable = "fail"
    grants: Collection[str] = frozenset()
    as_found: bool = False


@dataclass(frozen=True)
class Decision:
    """`step` is what to do now; `actions` all that will be sent on the way, ending in the state `arrives` (None: it can't). `lasting` tells
    what these actions do that nothing undoes.
    """

    step: Step
    actions: tuple[str, ...]
    arrives: State | None
    lasting: tuple[str, ...] = ()


class StateTable:
    """All states of one system.

    `system` is its name in sentences and `noun` what it calls a task. `also` widens what satisfies a wish (a system whose stop keeps
    the task counts `stopped` as `paused`). `normalise` folds spellings that mean the same. `advice` is what to do about a task that the
    system doesn't know. `state_map` adds the user's spellings; `with_map` raises `Failure` (`usage`) when one of them points at no known
    state.
    """

    def __init__(
        self,
        system: str,
        states: Sequence[State],
        *,
        noun: str = "task",
        also: Mapping[Wish, Collection[Word]] | None = None,
        normalise: Callable[[str], str] = str,
        advice: str = "check how it is written there",
    ) -> None:
        self.system = system
        self.noun = noun
        self.advice = advice
        self.states = tuple(states)
        self._also = {wish: frozenset((also or {}).get(wish, ())) for wish in WISHES}
        self._normalise = normalise
        self._rows: dict[str, State] = {}
        for state in self.states:
            for spelling in (state.spelling, *state.aliases):
                self._rows[normalise(str(spelling))] = state
        self._check()

    def _check(self) -> None:
        for state in self.states:
            for wish in WISHES:
                step = state.step(wish)
                if step is None and not self.satisfies(wish, state.word):
                    raise ValueError(f"{self.system}: no step from {state} to {wish}")
                while step is not None:
                    if isinstance(step, (Wait, Act)) and self.find(step.arrives) is None:
                        raise ValueError(f"{self.system}: {state} leads to {step.arrives}, which is no state")
                    step = step.otherwise if isinstance(step, Act) else None

    def with_map(self, state_map: Mapping[str, Any] | None) -> StateTable:
        """This table, knowing the user's spellings too."""
        if not state_map:
            return self
        table = StateTable(self.system, self.states, noun=self.noun, also=self._also, normalise=self._normalise, advice=self.advice)
        names = {state.name: state for state in self.states if state.name}
        for spelling, meant in state_map.items():
            state = self.find(meant) or names.get(str(meant))
            # For the other rows more of a task has to be seen than a spelling can tell.
            if state is None or state not in self.spelled:
                known = ", ".join(map(str, self.spelled))
                raise Failure("usage", f"state_map takes {spelling} for {meant}, which {self.system} doesn't know; known are {known}")
            table._rows[self._normalise(str(spelling))] = state
        return table

    @property
    def spelled(self) -> Sequence[State]:
        """The states that a spelling alone can mean; for the others something else of the task has to be seen too."""
        return [state for state in self.states if state.wire is None]

    def satisfies(self, wish: Wish, word: Word) -> bool:
        return word in SATISFIED_BY[wish] or word in self._also[wish]

    def find(self, spelling: Any) -> State | None:
        return self._rows.get(self._normalise(str(spelling)))

    def state_of(self, seen: Observation) -> State | None:
        return self.find(seen.spelling if seen.row is None else seen.row)

    def word(self, seen: Observation) -> Word:
        """Our word for what was observed."""
        if seen.spelling is None:
            return "absent"
        state = self.state_of(seen)
        return state.word if state else "unknown"

    def describe(self, seen: Observation) -> str:
        """The observed state as a message tells it."""
        return "absent" if seen.spelling is None else str(self.state_of(seen) or seen.spelling)


def worst_of_each(table: StateTable, seen: Iterable[Observation]) -> dict[str, Observation]:
    """By id, in the order in which these came first, the observation that is the worst of those with it (`WORST`)."""
    found: dict[str, Observation] = {}
    for one in seen:
        other = found.setdefault(one.id, one)
        if WORST.index(table.word(one)) < WORST.index(table.word(other)):
            found[one.id] = one
    return found


def with_twins(table: StateTable, seen: Iterable[Observation]) -> dict[str, Observation]:
    """By id what was seen, for a system where several tasks may have one: none of them is left out."""
    by_id: dict[str, list[Observation]] = {}
    for one in seen:
        by_id.setdefault(one.id, []).append(one)
    worst = worst_of_each(table, (one for same in by_id.values() for one in same))
    return {id_: replace(worst[id_], twins=tuple(same)) if len(same) > 1 else worst[id_] for id_, same in by_id.items()}


def decide(table: StateTable, seen: Observation, policy: Policy) -> Decision:
    """What to do with the task observed as `seen`, or with all that have its id. Pure: the same input gives the same decision."""
    if not seen.twins:
        return _decide(table, seen, policy)
    decisions = [_decide(table, one, policy) for one in seen.twins]
    if any(isinstance(decision.step, Act) for decision in decisions):
        states = ", ".join(table.describe(one) for one in seen.twins)
        return _no_way(
            Cannot(
                f"{len(seen.twins)} {table.noun}s are named {seen.id} ({states}), and {table.system} knows them by that name alone, so "
                f"that nobody can tell which of them an action would reach; rename them there, or bring them to the wanted state there"
            )
        )
    return min(decisions, key=lambda decision: (Cannot, Wait, Skip, Done).index(type(decision.step)))


def _decide(table: StateTable, seen: Observation, policy: Policy) -> Decision:
    state = table.state_of(seen)
    if seen.spelling is None:
        return _no_way(Cannot(f"{table.system} knows no {table.noun} {seen.id}; {table.advice}", code="not_found"))
    if state is None:
        known = ", ".join(str(known.name or known.spelling) for known in table.spelled)
        return _no_way(
            Cannot(
                f"{table.noun} {seen.id} is in state {seen.spelling}, which the documents of {table.system} don't list; "
                f"find out there what it means and give state_map the key {seen.spelling} with one of {known}",
                code="unknown_state",
            )
        )
    grants = {*policy.grants, *seen.allows}
    decision = _walk(table, state, seen, policy.wish, grants)
    if policy.wish != "paused" or not isinstance(decision.step, Cannot) or policy.if_unpausable == "fail":
        return decision
    if policy.if_unpausable == "skip":
        return Decision(Skip(_without_advice(decision.step.reason)), (), state)
    return _walk(table, state, seen, "stopped", grants)


def _without_advice(reason: str) -> str:
    """The reason up to the clause that advises to set `if_unpausable`, for whom that is set already."""
    return re.sub(r"[;:,][^;:]*\bif_unpausable\b.*$", "", reason)


def way_back(table: StateTable, found: Observation, arrives: State, policy: Policy) -> str:
    """Why the task couldn't be brought back from the state `arrives` to what it was found in; empty if it can."""
    wish = BACK.get(table.word(found))
    return "" if wish is None else way_to(table, found, arrives, wish, policy)


def way_to(table: StateTable, found: Observation, arrives: State, wish: Wish, policy: Policy) -> str:
    """Why the task that is `found` so couldn't be brought to the wish from the state `arrives`; empty if it can."""
    there = replace(found, spelling=arrives.spelling if arrives.wire is None else arrives.wire, row=arrives.spelling)
    step = _walk(table, arrives, there, wish, {*policy.grants, *found.allows}).step
    return step.reason if isinstance(step, Cannot) else ""


def _walk(table: StateTable, state: State, seen: Observation, wish: Wish, grants: Collection[str]) -> Decision:
    steps: list[Step] = []
    actions: list[str] = []
    lasting: list[str] = []
    for _state in table.states:
        step = _granted(state.step(wish) or Done(), grants)
        if isinstance(step, Cannot):
            return _no_way(Cannot(_told(step.reason, table, seen), step.code))
        if isinstance(step, Done):
            first = steps[0] if steps else Done(_told(step.note, table, seen))
            return Decision(first, tuple(actions), state, tuple(lasting))
        steps.append(step)
        if isinstance(step, Act):
            actions.append(step.action)
            lasting += [_told(step.lasting, table, seen)] if step.lasting else []
        state = table.find(step.arrives) or state
    raise ValueError(f"{table.system}: the way from {table.describe(seen)} to {wish} goes round in a circle")


def _granted(step: Cell, grants: Collection[str]) -> Cell:
    while isinstance(step, Act) and step.needs and step.needs not in grants:
        step = step.otherwise or Cannot(f"task {{id}} is in state {{state}}, where {step.action} is only sent with {step.needs}: true")
    return step


def _no_way(step: Cannot) -> Decision:
    return Decision(step, (), None)


class _Sentence(Formatter):
    """Fills in what was told of a task, and that it wasn't where a vendor left it out or told it in another shape."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, Any]:
        try:
            found, key = super().get_field(field_name, args, kwargs)
        except (KeyError, TypeError, IndexError, AttributeError):
            return "unknown", field_name
        return found, key


def _told(sentence: str, table: StateTable, seen: Observation) -> str:
    facts = {name: value for name, value in seen.facts.items() if value not in (None, "")}
    return " ".join(_Sentence().vformat(sentence, (), {**facts, "id": seen.id, "state": table.describe(seen)}).split())
