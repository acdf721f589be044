# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of every emulated system: a model without sockets. A vendor fills in what is marked abstract."""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from .agenda import Agenda
from .clock import Clock
from .faults import Fault, Faults
from .journal import Journal
from .messages import BadOrder, Call, HeaderPairs, Reply, Request
from .switches import Switch, Switches

Task = dict[str, Any]  # in the vendor's own field names


class Vendor(ABC):
    """One system. Everything it does follows from the requests, the orders of the tests and the clock; it does no I/O."""

    name: ClassVar[str]  # as the module file is called
    switch_table: ClassVar[tuple[Switch, ...]] = ()
    chunked: ClassVar[bool] = False  # does it send its answers without a Content-Length?

    def __init__(
        self,
        *,
        switches: Mapping[str, Any] | None = None,
        tasks: list[Task] | None = None,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        """``tasks`` take the place of the vendor's own seeds; ``seed`` makes tokens and ids repeatable."""
        self.switches = Switches(self.switch_table, switches)
        self.clock = clock or Clock()
        self.random = random.Random(seed)
        self.faults = Faults()
        self.journal = Journal()
        self.agenda = Agenda()
        # Held while the model is looked at or changed, never while somebody waits.
        self.lock = threading.RLock()
        self._tasks_at_start = tasks
        self.reset()

    # --- what a vendor fills in -------------------------------------------------------------------------------

    @abstractmethod
    def seeds(self) -> list[Task]:
        """The tasks of a fresh system: those of the vendor's own samples, so that its examples work unchanged."""

    @abstractmethod
    def describe(self, request: Request) -> Call:
        """What the request is about. Changes nothing: the request may never be handled."""

    @abstractmethod
    def respond(self, request: Request, call: Call) -> Reply:
        """Do it and answer."""

    @abstractmethod
    def tasks(self) -> list[Task]:
        """The true present state, whatever the vendor's API shows of it, with each task's history."""

    @abstractmethod
    def load(self, tasks: list[Task], *, keep: bool) -> None:
        """Add or update these tasks, or put them in the place of all others. A bad one (BadOrder) changes nothing."""

    @abstractmethod
    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        """Somebody else, at the vendor's own console, does something to a task (BadOrder if it can't be)."""

    def expire_tokens(self) -> None:  # noqa: B027 - a system without tokens has nothing to do here
        """Every token issued so far is bad from now on."""

    def forget(self) -> None:  # noqa: B027 - a vendor without a memory beside its tasks has nothing to do here
        """Drop what else a fresh system doesn't have: tokens, counters."""

    # --- what is the same for all ---------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.now()

    def settle(self) -> None:
        """Let happen what is due."""
        self.agenda.run(self.clock.now())

    def reset(self) -> None:
        """As it was started."""
        with self.lock:
            self.switches.reset()
            self.faults.clear()
            self.journal.clear()
            self.agenda.clear()
            self.clock.set_manual(self.switches["clock"] == "manual")
            self.forget()
            self.load(self._tasks_at_start if self._tasks_at_start is not None else self.seeds(), keep=False)

    def set_switches(self, wanted: Mapping[str, Any]) -> None:
        with self.lock:
            self.settle()
            self.switches.change(wanted)
            self.clock.set_manual(self.switches["clock"] == "manual")

    def advance(self, seconds: float) -> None:
        with self.lock:
            if not self.clock.is_manual:
                raise BadOrder("time can be moved only while the switch clock is manual")
            self.clock.advance(seconds)
            self.settle()

    def answer(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        patience: float | None = None,
    ) -> Reply:
        """The way in without sockets. Waits are stepped on a manual clock and slept on the real one.

        What only a socket can show stands in ``Reply.fault``; it's for the caller to make an exception of it.
        A caller whose ``patience`` (seconds) ends first gets TimeoutError, and the exchange goes on without it, as it would behind
        a socket: an action may take hold later.
        """
        steps = self.exchange(Request.of(method, target, headers, body))
        while True:
            try:
                wait = next(steps)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            if patience is not None and wait > patience:
                self._leave(steps, self.now + wait)
                self.wait(patience)
                raise TimeoutError(f"emulator: no answer to {method} {target} in time")
            self.wait(wait)
            patience = None if patience is None else patience - wait

    def wait(self, seconds: float) -> None:
        if self.clock.is_manual:
            self.advance(seconds)
        else:
            time.sleep(seconds)

    def _leave(self, steps: Generator[float, None, Reply], due: float) -> None:
        """Nobody waits for this exchange any more; its next step is done when it's due."""

        def go_on(at: float) -> None:
            with suppress(StopIteration):
                self._leave(steps, at + next(steps))

        with self.lock:
            self.agenda.at(due, go_on)

    def exchange(self, request: Request) -> Generator[float, None, Reply]:
        """One exchange as its steps: yields the seconds to wait, returns the reply. The caller knows how to wait."""
        reply: Reply | None = None
        with self.lock:
            self.settle()
            routed = request.without_prefix(self.switches["path_prefix"])
            call = self.describe(routed) if routed else Call("past the proxy")
            fault = self.faults.pick(request, call)
            entry = self.journal.begin(request, call, self.now)
            entry.fault = fault.kind if fault else None
        try:
            if fault and fault.wait_before:
                yield fault.wait_before
            with self.lock:
                self.settle()
                if routed is None:
                    reply = Reply.of_text("emulator: the proxy in front has no such path", 404)
                elif call.write and self.switches["require_read_only"]:
                    entry.fault = "require_read_only"
                    reply = Reply.of_json({"error": f"emulator: require_read_only is on, and {call.action} would change something"}, 500)
                else:
                    reply = self._handle(routed, call, fault)
            if fault and fault.wait_after:
                yield fault.wait_after
            if self.switches["latency"]:
                yield float(self.switches["latency"])
            return reply
        finally:
            with self.lock:
                self.journal.end(entry, reply, self.now)

    def _handle(self, request: Request, call: Call, fault: Fault | None) -> Reply:
        if fault is None:
            return self.respond(request, call)
        if fault.kind == "expire_token":
            self.expire_tokens()
        if fault.kind == "repeat":
            self.respond(request, call)
        reply = self.respond(request, call) if fault.effect else Reply()
        return fault.shape(reply, self.clock.wall())


def header_pairs(raw: Iterable[tuple[bytes, bytes]]) -> HeaderPairs:
    """Header bytes as text that can be turned back into the same bytes."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
