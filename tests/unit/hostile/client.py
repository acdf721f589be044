# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's main() against an emulated system whose answers are modified. Hours pass in milliseconds."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from ansible.module_utils.common import warnings

from tests.emulator.clock import Clock
from tests.emulator.messages import Reply, Request
from tests.one_clock import one_clock
from tests.unit.run_module import module_args
from tests.unit.support import FakeClock

from .scenes import Scene

NOON = 1_767_787_200.0
# In seconds. Each scene ends long before, whatever its answers are.
WAIT_TIMEOUT, TIMEOUT = 60.0, 5.0
# More exchanges than any scene needs, even if each reaches its time limit.
ENDLESS = 500

Meddle = Callable[[int, Reply], Reply]


@dataclass(frozen=True)
class Exchange:
    """A request as it was sent, the vendor's own answer and the modified one."""

    request: Request
    reply: Reply
    served: Reply

    @property
    def is_changed(self) -> bool:
        return (self.reply.status, self.reply.headers, self.reply.body) != (self.served.status, self.served.headers, self.served.body)


@dataclass(frozen=True)
class Ended:
    """The end of a run. `printed` is its whole output, `seconds` its duration on its own clock."""

    printed: str
    errors: str
    status: int
    exchanges: list[Exchange]
    seconds: float

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.printed, parse_constant=_no_constant)
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self.result["tasks"])


def run(scene: Scene, meddle: Meddle | None = None, **options: Any) -> Ended:
    """Run the scene's module once, without the caller's environment. `options` are added to the scene's own or replace them."""
    clock = FakeClock()
    exchanges: list[Exchange] = []
    start = clock.now()
    emulator = scene.emulator(
        switches=scene.switches,
        tasks=[dict(task) for task in scene.tasks],
        clock=Clock(clock.now, lambda: NOON + clock.now() - start),
        seed=1,
    )
    answer = emulator.answer

    def meddled(method: str, target: str, headers: Any = (), body: bytes = b"", *, patience: float | None = None) -> Reply:
        assert len(exchanges) < ENDLESS, "the run doesn't end"
        reply = answer(method, target, headers, body, patience=patience)
        served = meddle(len(exchanges), replace(reply, headers=list(reply.headers))) if meddle else reply
        exchanges.append(Exchange(Request.of(method, target, headers, body), reply, served))
        return served

    emulator.answer = meddled  # type: ignore[method-assign]
    pace = {} if scene.is_info else {"wait_timeout": WAIT_TIMEOUT, "poll_interval": 5}
    given = {**scene.options, **pace, "timeout": TIMEOUT, "retries": 1, "concurrency": 1, **options}
    internal = {"_ansible_check_mode": False, "_ansible_diff": False, "_ansible_module_name": f"taskops.quiesce.{scene.module}"}
    # Warnings accumulate in this process. Normally, each module has a process of its own.
    vars(warnings)["_global_warnings"].clear()
    output, errors, status = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.dict(os.environ, {"PATH": os.environ["PATH"]}, clear=True),
        one_clock(emulator, clock),
        module_args({**given, **internal}),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        try:
            scene.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        else:
            raise AssertionError("the module didn't end as a module does")
    return Ended(output.getvalue(), errors.getvalue(), status, exchanges, clock.now() - start)


def documents(exchanges: list[Exchange]) -> Iterator[Any]:
    """The documents in the received answers, parsed in the simplest way."""
    for exchange in exchanges:
        try:
            yield json.loads(exchange.served.body)
        except (ValueError, RecursionError):
            # Total Control prints Windows paths with single backslashes, which only its own reader repairs.
            continue


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Each object within a document."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            yield item
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
