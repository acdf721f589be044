# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base class of each emulated system: a model without sockets. A vendor implements the abstract methods."""

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
    """One system. Its behaviour depends only on the requests, the orders of tests and the clock. It does no I/O."""

    name: ClassVar[str]  # the name of the module file
    switch_table: ClassVar[tuple[Switch, ...]] = ()
    chunked: ClassVar[bool] = False  # whether it sends answers without a Content-Length

    def __init__(
        self,
        *,
        switches: Mapping[str, Any] | None = None,
        tasks: list[Task] | None = None,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        """Create the system. ``tasks`` replace the vendor's own seeds. ``seed`` makes tokens and ids repeatable."""
        self.switches = Switches(self.switch_table, switches)
        self.clock = clock or Clock()
        self.random = random.Random(seed)
        self.faults = Faults()
        self.journal = Journal()
        self.agenda = Agenda()
        # Held while the model is read or changed, and never during a wait.
        self.lock = threading.RLock()
        self._tasks_at_start = tasks
        self.reset()

    # --- what a vendor fills in -------------------------------------------------------------------------------

    @abstractmethod
    def seeds(self) -> list[Task]:
        """The tasks of a new system: those of the vendor's own samples, so that its examples work unchanged."""

    @abstractmethod
    def describe(self, request: Request) -> Call:
        """The meaning of the request. This changes nothing, since the request may never be handled."""

    @abstractmethod
    def respond(self, request: Request, call: Call) -> Reply:
        """Handle the request and answer it."""

    @abstractmethod
    def tasks(self) -> list[Task]:
        """The true present state, independent of what the vendor's API shows, with each task's history."""

    @abstractmethod
    def load(self, tasks: list[Task], *, keep: bool) -> None:
        """Add or update these tasks, or replace all tasks by them. An invalid one (BadOrder) changes nothing."""

    @abstractmethod
    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        """Act on a task as somebody else at the vendor's own console. Raises BadOrder if that isn't possible."""

    def expire_tokens(self) -> None:  # noqa: B027 - a system without tokens has nothing to do here
        """Invalidate every token that was issued so far."""

    def forget(self) -> None:  # noqa: B027 - a vendor without a memory beside its tasks has nothing to do here
        """Delete everything else that a new system doesn't have: tokens, counters."""

    # --- what is the same for all ---------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.now()

    def settle(self) -> None:
        """Let all due events happen."""
        self.agenda.run(self.clock.now())

    def reset(self) -> None:
        """Reset to the state at the start."""
        with self.lock:
            self.switches.reset()
            self.faults.clear()
            self.journal.clear()
            self.agenda.clear()
            self.clock.set_manual(self.switches["clock"] == "manual")
            self.forget()
            self.load(self._tasks_at_start if self._tasks_at_start is not None else self.seeds(), keep=False)

    def set_switches(self, changes: Mapping[str, Any]) -> None:
        with self.lock:
            self.settle()
            self.switches.change(changes)
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
        """Answer a request without sockets.

        Waits are stepped on a manual clock, and slept on the real one. Effects that only a socket can show are in ``Reply.fault``, and the
        caller turns them into exceptions. If ``patience`` (in seconds) ends first, the caller gets TimeoutError and the exchange continues,
        as it would behind a socket: an action may take effect later.
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
        """Continue an exchange whose client has given up: its next step is made when it is due."""

        def go_on(at: float) -> None:
            with suppress(StopIteration):
                self._leave(steps, at + next(steps))

        with self.lock:
            self.agenda.at(due, go_on)

    def exchange(self, request: Request) -> Generator[float, None, Reply]:
        """One exchange in steps: yields the seconds to wait and returns the reply. The caller decides how to wait."""
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
    """The bytes of headers as text that can be converted back to the same bytes."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
