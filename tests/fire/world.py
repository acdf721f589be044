# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulated system in a storm, and the record of all events: requests, faults, answers, true states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.emulator.clock import Clock
from tests.emulator.messages import BadOrder, Call, Reply, Request

from .storm import HARMLESS, TIMEOUT, Fault, Outsider, Storm
from .system import GONE, Moment, Sight, Story

# A Wednesday noon, the same for each case, since weekly plans depend on it.
NOON = 1767787200.0
# The methods that HTTP calls idempotent, so that a proxy may repeat them.
REPEATABLE = ("GET", "PUT", "DELETE")
# No case has so many exchanges or pauses, unless it would never end.
ENDLESS = 3000


@dataclass
class Exchange:
    """One request and its answer.

    Times are those of the world's clock, in seconds. `ended` is None while the server still works on it, even if the client has given up.
    `shown` are the tasks in a whole answer, `true` their states when the server read them, `seen` what had been shown of them before.
    `taken` are the tasks that it changed, whatever happened to the answer. `accepted` are those that the true answer accepts (all, if it
    isn't about single ones), and `stories` the lengths of their histories at that moment.
    """

    number: int
    call: Call
    begun: float
    fault: Fault | None
    action: str = ""
    targets: tuple[str, ...] = ()
    ended: float | None = None
    status: int | None = None
    taken: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    reply: Reply | None = None
    shown: Mapping[str, Sight] | None = None
    true: Mapping[str, Sight] = field(default_factory=dict)
    seen: Mapping[str, Sight] = field(default_factory=dict)
    stories: Mapping[str, int] = field(default_factory=dict)

    def wire(self, id_: str) -> str:
        """The id by which a write addresses this task."""
        return (self.seen[id_].wire if id_ in self.seen else "") or id_

    @property
    def kind(self) -> str:
        return str(self.fault["kind"]) if self.fault else ""

    @property
    def is_clear(self) -> bool:
        """Whether the client got the vendor's own answer, complete and in time."""
        return self.ended is not None and self.ended - self.begun <= TIMEOUT and self.kind in ("", *HARMLESS)


class World:
    """The emulator of a storm, wrapped so that each exchange gets its fault and is recorded."""

    def __init__(self, storm: Storm, *, manual: bool = True) -> None:
        system = self.system = storm.system
        self.exchanges: list[Exchange] = []
        self.injected: Counter[str] = Counter()
        self._seen: dict[str, Sight] = {}
        self._records: dict[int, Exchange] = {}
        self.meet(storm)
        fleet = [system.put(id_, state) for id_, state in zip(system.ids, storm.fleet, strict=False)]
        others = map(dict, storm.frame.bystanders)
        switches = {**storm.switches, "clock": "manual" if manual else "real"}
        clock = Clock(lambda: 1000.0, lambda: NOON) if manual else Clock()
        tasks = system.build([*fleet, *others], storm.frame.whole)
        self.vendor = system.emulator(switches=switches, tasks=tasks, seed=1, clock=clock)
        self._watched = system.watch(self.vendor) if system.watch else None
        self._exchange, self._respond = self.vendor.exchange, self.vendor.respond
        self.vendor.exchange = self.exchange  # type: ignore[method-assign]
        self.vendor.respond = self.respond  # type: ignore[method-assign]

    def meet(self, storm: Storm) -> None:
        """Switch to this storm: its faults and its people. The tasks keep their states."""
        self.storm = storm
        self.calm = False
        self._left = {"login": list(storm.logins), "read": list(storm.reads), "write": list(storm.writes)}
        self._begun, self._sleeps = len(self.exchanges), 0
        self._seen.clear()

    # The client's clock is the server's.

    def now(self) -> float:
        return self.vendor.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self._sleeps += 1
        assert self._sleeps < ENDLESS, "the run doesn't end"
        self.vendor.advance(seconds)

    # The vendor's side of an exchange, with its faults.

    def exchange(self, request: Request) -> Generator[float, None, Reply]:
        assert len(self.exchanges) - self._begun < ENDLESS, "the run doesn't end"
        self.vendor.settle()
        call = self.vendor.describe(request)
        self._let_others_act()
        fault = self._next_fault(call)
        if fault and fault["kind"] == "repeat" and request.method not in REPEATABLE:
            fault = None
        record = Exchange(len(self.exchanges), call, self.now(), fault)
        record.action = self.system.words.get(call.action, call.action)
        record.seen = dict(self._seen)
        record.targets = tuple(self.system.targets(request, call, record.seen)) if call.write else call.ids
        self.exchanges.append(record)
        self._records[id(request)] = record
        self.vendor.faults.clear()
        if fault:
            self.vendor.faults.order([fault])
            self.injected[label(fault)] += 1
        try:
            # No other exchange happens between the order and the first step, which selects the fault.
            reply = yield from self._exchange(request)
            record.status, record.reply = reply.status, reply
            return reply
        finally:
            record.ended = self.now()
            if record.reply is not None and record.is_clear and not call.write:
                record.shown = self._shown(request, record)
                self._seen.update({id_: sight for id_, sight in (record.shown or {}).items() if id_ in self.storm.asked})

    def respond(self, request: Request, call: Call) -> Reply:
        record = self._records[id(request)]
        is_copy = bool(record.true)
        if not call.write:
            # The client gets the answer to the last copy.
            record.true = self.truth()
            return self._respond(request, call)
        record.true = record.true or self.truth()
        before = self._lengths()
        reply = self._respond(request, call)
        record.stories = record.stories if is_copy else self._lengths()
        grown = frozenset(id_ for id_, length in self._lengths().items() if length > before.get(id_, 0))
        moment = Moment(record.targets, record.seen, record.true, grown)
        # The effects of both copies count, and the client gets the answer to the second one.
        record.taken |= self.system.taken(call, reply, moment)
        record.accepted = self.system.accepted(call, reply, moment)
        # One call may affect tasks for which nobody had a reason to act.
        record.targets = tuple(dict.fromkeys([*record.targets, *sorted(record.taken)]))
        return reply

    def _shown(self, request: Request, record: Exchange) -> Mapping[str, Sight] | None:
        assert record.reply is not None
        shown = self.system.shown(request, record.call, record.reply)
        if shown is None or not self.system.whole(request, record.call):
            return shown
        return {**dict.fromkeys(self.storm.asked, GONE), **shown}

    def truth(self) -> Mapping[str, Sight]:
        """The true state of each task."""
        return self.system.true(self.vendor.tasks())

    def stories(self) -> Mapping[str, Story]:
        """The history of each task, in order."""
        return self._watched() if self._watched else self.system.stories(self.vendor.tasks())

    def _lengths(self) -> dict[str, int]:
        return {id_: len(story) for id_, story in self.stories().items()}

    def _next_fault(self, call: Call) -> Fault | None:
        kind = "write" if call.write else "login" if call.action in ("login", "iam", "tokens") else "read"
        left = self._left[kind]
        return left.pop(0) if left and not self.calm else None

    def _let_others_act(self) -> None:
        for other in self.storm.outsiders:
            if other.exchange == len(self.exchanges) - self._begun and not self.calm and other.task < len(self.storm.fleet):
                self.act_as_outsider(other)

    def act_as_outsider(self, other: Outsider) -> None:
        """Let somebody else change something, if that is possible."""
        task, details = self.system.outside(self.system.ids[other.task], other.order)
        order = dict(details)
        action = order.pop("action")
        with suppress(BadOrder):
            self.vendor.act(task, action, order)
            self.injected["somebody else acts"] += 1


def label(fault: Fault) -> str:
    """The category under which the faults are counted."""
    kind = str(fault["kind"])
    if kind in ("status", "html"):
        kind = f"{kind} {fault.get('status')}"
        kind += " with Retry-After" if "headers" in fault else ""
    if kind == "rate_limit":
        kind = "429 with Retry-After" if "retry_after" in fault else "429"
    if kind == "delay":
        kind = "slow answer" if fault["seconds"] < TIMEOUT else "no answer in time"
    return f"{kind}, action taken" if fault.get("effect") else kind
