# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The words for states, and the pure decision: what to do with a task in its observed state, and why.

Nothing here knows a vendor, the network or the time. A vendor describes its states in a `StateTable`. `decide` walks that table from the
observed state to the desired state. The first step of the walk is what to do now. Its end shows whether the desired state can be reached at
all, and is what check mode predicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

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
DesiredState = Literal["paused", "started", "stopped"]
IfUnpausable = Literal["fail", "stop", "skip"]
Spelling: TypeAlias = "str | int"

DESIRED_STATES: tuple[DesiredState, ...] = get_args(DesiredState)
# The desired state that brings a task back to the state in which it was found.
RESTORING_STATE: Mapping[Word, DesiredState] = {
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
# Several tasks can share one id; the most severe state then stands for all of them. Running or beginning tasks come first, and paused ones
# last, so that `paused` is reported only if all of them are.
BY_SEVERITY: tuple[Word, ...] = (
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
SATISFIED_BY: Mapping[DesiredState, frozenset[Word]] = {
    "paused": frozenset({"paused"}),
    "started": frozenset({"started", "waiting", "completed"}),
    "stopped": frozenset({"stopped", "completed", "failed"}),
}


# The steps are dataclasses, since named tuples are equal if they hold the same: a wait would equal a task that is left unchanged.
@dataclass(frozen=True)
class Done:
    """The task is in the desired state. `note` is a sentence for a warning."""

    note: str = ""


@dataclass(frozen=True)
class Wait:
    """Send nothing: the task changes by itself to the state spelled `arrives`."""

    arrives: Spelling


@dataclass(frozen=True)
class Cannot:
    """The desired state can't be reached. The sentence says why and what to do."""

    reason: str
    code: Code = "unreachable_state"


@dataclass(frozen=True)
class Skip:
    """The task is left unchanged because the user allowed that (`if_unpausable: skip`)."""

    reason: str


@dataclass(frozen=True)
class Act:
    """Send `action`, which leads to the state spelled `arrives`.

    `needs` names an option (such as `force`) or a property of the task; the action is sent only if that is granted. Otherwise `otherwise`
    applies, which may be another action. If `otherwise` is a `Wait`, the task reaches the state without the action too. Such an action is
    optional: its refusal is no failure, and once answered it isn't sent again. `lasting` is the sentence for an effect of the action that
    nothing undoes, even if the task itself can be brought back.
    """

    action: str
    arrives: Spelling
    needs: str = ""
    otherwise: Wait | Cannot | Act | None = None
    lasting: str = ""


Step: TypeAlias = "Done | Wait | Act | Cannot | Skip"
Cell: TypeAlias = "Done | Wait | Act | Cannot"


class State(NamedTuple):
    """One state of a vendor: its spelling on the wire, our word for it, and the step for each desired state.

    A desired state without a step is reached if the word satisfies it; `StateTable` refuses a table where it doesn't. Sentences may hold
    `{id}`, `{state}` and any key of the observation's facts. `wire` is the vendor's own word if `spelling` only names the row. `steady` is
    for how many seconds reads have to show the state before it counts as reached, if one read proves too little.
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

    def step(self, desired_state: DesiredState) -> Cell | None:
        steps: dict[DesiredState, Cell | None] = {"paused": self.paused, "started": self.started, "stopped": self.stopped}
        return steps[desired_state]

    def __str__(self) -> str:
        """The state for a message: the vendor's word, and the vendor's display name if that differs."""
        return f"{self.name} ({self.spelling})" if self.name else str(self.spelling)


# Nobody changes it, since a Mapping has no way to.
NOTHING: Mapping[str, Any] = {}


class Observation(NamedTuple):
    """What one read showed of one task.

    `spelling` is the vendor's own word as received; None for a task that the read doesn't know. `facts` are the vendor's other fields.
    `stamp` changes whenever the vendor sets the state anew, even to the same word. `row` names the table's row if the spelling alone
    doesn't determine it; for a task that the read doesn't know, it says that the task may still exist. `allows` are conditions of actions
    (`Act.needs`) that this task itself meets. `twins` are all tasks with this id, if the id isn't unique: the observation is then that of
    the most severe one. `effects` maps an action's name to a sentence on its further effects on this task.
    """

    id: str
    spelling: Any
    name: str | None = None
    facts: Mapping[str, Any] = NOTHING
    stamp: str = ""
    row: Spelling | None = None
    allows: frozenset[str] = frozenset()
    twins: tuple[Observation, ...] = ()
    effects: Mapping[str, str] = NOTHING

    @property
    def each(self) -> tuple[Observation, ...]:
        """The observations of all tasks with this id."""
        return self.twins or (self,)

    @property
    def brief(self) -> Observation:
        """The same without the vendor's other fields. A run over thousands of tasks can keep it until its end."""
        return self._replace(facts=NOTHING, effects=NOTHING, twins=tuple(twin.brief for twin in self.twins))

    @property
    def mark(self) -> tuple[Any, ...]:
        """What differs between two observations if the state changed in between."""
        return tuple((seen.spelling, seen.row, seen.stamp) for seen in self.each)


class Policy(NamedTuple):
    """What the user asks for and what the engine may do for it. `grants` are the names of the options that were switched on.

    `as_found` is true if a task that is put back has also arrived when it's in the very state in which it was found, such as `troubled`.
    """

    desired_state: DesiredState
    if_unpausable: IfUnpausable = "fail"
    grants: Collection[str] = frozenset()
    as_found: bool = False


class Decision(NamedTuple):
    """`step` is what to do now. `actions` are all actions that will be sent, and lead to the state `arrives` (None: the desired state can't
    be reached). `lasting` says which effects of these actions nothing undoes.
    """

    step: Step
    actions: tuple[str, ...]
    arrives: State | None
    lasting: tuple[str, ...] = ()


class StateTable:
    """All states of one system.

    `system` is its name in sentences, and `noun` what it calls a task. `also` adds words that satisfy a desired state (for a system whose
    stop keeps the task, `stopped` satisfies `paused`). `normalise` unifies spellings that mean the same. `advice` is what to do about a
    task that the system doesn't know. `state_map` adds the user's spellings; `with_map` raises `Failure` (`usage`) if one of them names no
    known state.
    """

    def __init__(
        self,
        system: str,
        states: Sequence[State],
        *,
        noun: str = "task",
        also: Mapping[DesiredState, Collection[Word]] | None = None,
        normalise: Callable[[str], str] = str,
        advice: str = "check how it is written there",
    ) -> None:
        self.system = system
        self.noun = noun
        self.advice = advice
        self.states = tuple(states)
        self._also = {desired_state: frozenset((also or {}).get(desired_state, ())) for desired_state in DESIRED_STATES}
        self._normalise = normalise
        self._rows: dict[str, State] = {}
        for state in self.states:
            for spelling in (state.spelling, *state.aliases):
                self._rows[normalise(str(spelling))] = state
        self._check()

    def _check(self) -> None:
        for state in self.states:
            for desired_state in DESIRED_STATES:
                step = state.step(desired_state)
                if step is None and not self.satisfies(desired_state, state.word):
                    raise ValueError(f"{self.system}: no step from {state} to {desired_state}")
                while step is not None:
                    if isinstance(step, (Wait, Act)) and self.find(step.arrives) is None:
                        raise ValueError(f"{self.system}: {state} leads to {step.arrives}, which is no state")
                    step = step.otherwise if isinstance(step, Act) else None

    def with_map(self, state_map: Mapping[str, Any] | None) -> StateTable:
        """This table with the user's spellings added."""
        if not state_map:
            return self
        table = StateTable(self.system, self.states, noun=self.noun, also=self._also, normalise=self._normalise, advice=self.advice)
        names = {state.name: state for state in self.states if state.name}
        for spelling, meant in state_map.items():
            state = self.find(meant) or names.get(str(meant))
            # The other rows need more than a spelling: further facts of the task decide.
            if state is None or state not in self.spelled:
                known = ", ".join(map(str, self.spelled))
                raise Failure("usage", f"state_map takes {spelling} for {meant}, which {self.system} doesn't know; known are {known}")
            table._rows[self._normalise(str(spelling))] = state
        return table

    @property
    def spelled(self) -> Sequence[State]:
        """The states that a spelling alone determines. The others need further facts of the task."""
        return [state for state in self.states if state.wire is None]

    def satisfies(self, desired_state: DesiredState, word: Word) -> bool:
        return word in SATISFIED_BY[desired_state] or word in self._also[desired_state]

    def find(self, spelling: Any) -> State | None:
        return self._rows.get(self._normalise(str(spelling)))

    def state_of(self, seen: Observation) -> State | None:
        return self.find(seen.spelling if seen.row is None else seen.row)

    def word(self, seen: Observation) -> Word:
        """Our word for the observed state."""
        if seen.spelling is None:
            return "absent"
        state = self.state_of(seen)
        return state.word if state else "unknown"

    def describe(self, seen: Observation) -> str:
        """The observed state for a message."""
        return "absent" if seen.spelling is None else str(self.state_of(seen) or seen.spelling)


def most_severe_by_id(table: StateTable, seen: Iterable[Observation]) -> dict[str, Observation]:
    """By id, in the order of the first occurrence, the most severe observation of those with that id (`BY_SEVERITY`)."""
    found: dict[str, Observation] = {}
    for one in seen:
        other = found.setdefault(one.id, one)
        if BY_SEVERITY.index(table.word(one)) < BY_SEVERITY.index(table.word(other)):
            found[one.id] = one
    return found


def group_same_id(table: StateTable, seen: Iterable[Observation]) -> dict[str, Observation]:
    """By id, all observations, for a system where several tasks may share an id: none of them is left out."""
    by_id: dict[str, list[Observation]] = {}
    for one in seen:
        by_id.setdefault(one.id, []).append(one)
    worst = most_severe_by_id(table, (one for same in by_id.values() for one in same))
    return {id_: worst[id_]._replace(twins=tuple(same)) if len(same) > 1 else worst[id_] for id_, same in by_id.items()}


def decide(table: StateTable, seen: Observation, policy: Policy) -> Decision:
    """What to do with the task observed as `seen`, or with all tasks that share its id. Pure: the same input gives the same decision."""
    if not seen.twins:
        return _decide(table, seen, policy)
    decisions = [_decide(table, one, policy) for one in seen.twins]
    if any(isinstance(decision.step, Act) for decision in decisions):
        states = ", ".join(table.describe(one) for one in seen.twins)
        return _impossible(
            Cannot(
                f"{len(seen.twins)} {table.noun}s are named {seen.id} ({states}), and {table.system} knows them by that name alone, so "
                f"that nobody can tell which of them an action would reach; rename them there, or bring them to the wanted state there"
            )
        )
    return min(decisions, key=lambda decision: (Cannot, Wait, Skip, Done).index(type(decision.step)))


def _decide(table: StateTable, seen: Observation, policy: Policy) -> Decision:
    state = table.state_of(seen)
    if seen.spelling is None:
        return _impossible(Cannot(f"{table.system} knows no {table.noun} {seen.id}; {table.advice}", code="not_found"))
    if state is None:
        known = ", ".join(str(known.name or known.spelling) for known in table.spelled)
        return _impossible(
            Cannot(
                f"{table.noun} {seen.id} is in state {seen.spelling}, which the documents of {table.system} don't list; "
                f"find out there what it means and give state_map the key {seen.spelling} with one of {known}",
                code="unknown_state",
            )
        )
    grants = {*policy.grants, *seen.allows}
    decision = _find_path(table, state, seen, policy.desired_state, grants)
    if policy.desired_state != "paused" or not isinstance(decision.step, Cannot) or policy.if_unpausable == "fail":
        return decision
    if policy.if_unpausable == "skip":
        return Decision(Skip(_without_advice(decision.step.reason)), (), state)
    return _find_path(table, state, seen, "stopped", grants)


def _without_advice(reason: str) -> str:
    """The reason without the clause that advises to set `if_unpausable`, for a user who has set it already."""
    return re.sub(r"[;:,][^;:]*\bif_unpausable\b.*$", "", reason)


def obstacle_to_restore(table: StateTable, found: Observation, arrives: State, policy: Policy) -> str:
    """Why the task can't be brought back from the state `arrives` to the state in which it was found; empty if it can."""
    desired_state = RESTORING_STATE.get(table.word(found))
    return "" if desired_state is None else obstacle_to_state(table, found, arrives, desired_state, policy)


def obstacle_to_state(table: StateTable, found: Observation, arrives: State, desired_state: DesiredState, policy: Policy) -> str:
    """Why the task observed as `found` can't be brought to the desired state from the state `arrives`; empty if it can."""
    there = found._replace(spelling=arrives.spelling if arrives.wire is None else arrives.wire, row=arrives.spelling)
    step = _find_path(table, arrives, there, desired_state, {*policy.grants, *found.allows}).step
    return step.reason if isinstance(step, Cannot) else ""


def _find_path(table: StateTable, state: State, seen: Observation, desired_state: DesiredState, grants: Collection[str]) -> Decision:
    steps: list[Step] = []
    actions: list[str] = []
    lasting: list[str] = []
    for _state in table.states:
        step = _permitted_step(state.step(desired_state) or Done(), grants)
        if isinstance(step, Cannot):
            return _impossible(Cannot(_format_message(step.reason, table, seen), step.code))
        if isinstance(step, Done):
            first = steps[0] if steps else Done(_format_message(step.note, table, seen))
            return Decision(first, tuple(actions), state, tuple(lasting))
        steps.append(step)
        if isinstance(step, Act):
            actions.append(step.action)
            lasting += [_format_message(step.lasting, table, seen)] if step.lasting else []
        state = table.find(step.arrives) or state
    raise ValueError(f"{table.system}: the way from {table.describe(seen)} to {desired_state} goes round in a circle")


def _permitted_step(step: Cell, grants: Collection[str]) -> Cell:
    while isinstance(step, Act) and step.needs and step.needs not in grants:
        step = step.otherwise or Cannot(f"task {{id}} is in state {{state}}, where {step.action} is only sent with {step.needs}: true")
    return step


def _impossible(step: Cannot) -> Decision:
    return Decision(step, (), None)


class _Sentence(Formatter):
    """Fills in the facts of a task. A fact that the vendor left out, or sent in another shape, becomes `unknown`."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, Any]:
        try:
            found, key = super().get_field(field_name, args, kwargs)
        except (KeyError, TypeError, IndexError, AttributeError):
            return "unknown", field_name
        return found, key


def _format_message(sentence: str, table: StateTable, seen: Observation) -> str:
    facts = {name: value for name, value in seen.facts.items() if value not in (None, "")}
    return " ".join(_Sentence().vformat(sentence, (), {**facts, "id": seen.id, "state": table.describe(seen)}).split())
