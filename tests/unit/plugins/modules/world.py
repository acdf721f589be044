# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulated system in this process and the module that calls it: the base class of each vendor's own world."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _module

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.clock import Clock
from tests.emulator.vendor import Vendor
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock


class World(ABC):
    """One emulated system and the calls of a module against it. Time only passes while the module waits, and the caller's environment has
    no effect.
    """

    emulator: ClassVar[type[Vendor]]
    variables: ClassVar[Collection[str]]  # the environment variables that options of the vendor's modules use
    system: Vendor

    def __init__(self, main: Callable[[], None], module: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._main, self._module, self._capsys, self._monkeypatch = main, module, capsys, monkeypatch
        self.clock = FakeClock()
        monkeypatch.setattr(_module, "SystemClock", lambda: self.clock)
        for variable in self.variables:
            monkeypatch.delenv(variable, raising=False)
        self._wall = self.wall()
        self.begin()

    @abstractmethod
    def access(self, given: Collection[str]) -> Mapping[str, Any]:
        """The usual options of a call, unless the call has its own."""

    def wall(self) -> float:
        """The start time of every system of a test, in seconds since 1970, so that their times can be compared. It is a whole second, since
        dates in headers have no fractions.
        """
        return float(int(time.time()))

    def begin(self, *tasks: Any, **switches: Any) -> None:
        """A new system with these tasks."""
        start = self.clock.now()
        clock = Clock(self.clock.now, lambda: self._wall + self.clock.now() - start)
        self.system = self.emulator(switches=switches, tasks=[dict(task) for task in tasks], clock=clock, seed=1)
        self._monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(self.system))

    def run(self, **options: Any) -> dict[str, Any]:
        """A call with the usual options, unless it has its own. `check` selects check mode."""
        check = bool(options.pop("check", False))
        return run_main(self._main, self._capsys, self._module, check=check, diff=False, **{**self.access(set(options)), **options})

    def fault(self, kind: str, on: str, *, after: int = 0, times: int | None = 1, **options: Any) -> None:
        """Order a fault for the requests with this word."""
        self.system.faults.order([{"kind": kind, "match": {"action": on}, "after": after, "times": times, **options}])

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [entry.view() for entry in self.system.journal.since()]

    @property
    def requests(self) -> list[str]:
        """The requests in their order, each as its word, such as `list`, `stop`, `TaskInfo`."""
        return [str(entry["action"]) for entry in self.journal]

    @property
    def writes(self) -> list[str]:
        """The requests that were meant to change a task."""
        return [str(entry["action"]) for entry in self.journal if entry["write"] and entry["action"] != "token"]

    @property
    def effects(self) -> list[str]:
        """The requests that changed a task."""
        return [str(entry["action"]) for entry in self.journal if entry["took_effect"] and entry["action"] != "token"]

    def sent(self, action: str) -> list[Any]:
        """The bodies of the requests with this word."""
        return [json.loads(entry["body"]) for entry in self.journal if entry["action"] == action]
