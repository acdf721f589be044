# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An imaginary system for the tests of windows: printing presses, whose jobs can be held, stopped, and mostly be resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import gmtime, strftime
from typing import Any, ClassVar

from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import Act, Cannot, Done, Observation, State, StateTable
from ansible_collections.taskops.quiesce.plugins.module_utils._stage_run import Stage
from ansible_collections.taskops.quiesce.plugins.module_utils._targets import ConnectionPool, Target
from ansible_collections.taskops.quiesce.plugins.module_utils._vendor import Vendor

from .support import FakeClock

# A held or shelved job that is stopped can't be held again. Everything else can be undone.
TABLE = StateTable(
    "the press",
    [
        State(spelling="queued", word="waiting", meaning="", paused=Act("hold", "shelved"), stopped=Act("stop", "stopped")),
        State(spelling="shelved", word="paused", meaning="", started=Act("release", "queued"), stopped=Act("stop", "stopped")),
        State(spelling="running", word="started", meaning="", paused=Act("hold", "held"), stopped=Act("stop", "stopped")),
        State(spelling="held", word="paused", meaning="", started=Act("release", "running"), stopped=Act("stop", "stopped")),
        State(spelling="stopped", word="stopped", meaning="", paused=Cannot("job {id} is stopped"), started=Act("start", "running")),
        State(spelling="done", word="completed", meaning="", paused=Cannot("job {id} is done"), started=Done("job {id} is done")),
        State(
            spelling="torn",
            word="failed",
            meaning="",
            paused=Cannot("job {id} is torn"),
            started=Cannot("job {id} is torn and can't be started"),
        ),
    ],
    noun="job",
)
TURNS = {
    ("hold", "queued"): "shelved",
    ("hold", "running"): "held",
    ("release", "shelved"): "queued",
    ("release", "held"): "running",
    ("start", "stopped"): "running",
    **{("stop", state): "stopped" for state in ("queued", "shelved", "running", "held")},
}


@dataclass
class Press:
    """One system. `on_act` may raise, or return failures instead of the action. An action shows after `late` seconds. `journal` has each
    action with its job. Reads aren't recorded.
    """

    states: dict[str, str]
    clock: FakeClock = field(default_factory=FakeClock)
    late: float = 0.0
    journal: list[tuple[str, str]] = field(default_factory=list)
    on_read: Callable[[], None] = lambda: None
    on_act: Callable[[str, str], Mapping[str, Failure] | None] = lambda action, id_: None
    _pending: list[tuple[float, str, str]] = field(default_factory=list)

    def see(self) -> dict[str, str]:
        """The states, including all effects so far."""
        due = [entry for entry in self._pending if entry[0] <= self.clock.now()]
        self._pending = [entry for entry in self._pending if entry not in due]
        for _at, action, id_ in due:
            self.states[id_] = TURNS.get((action, self.states.get(id_, "")), self.states.get(id_, ""))
        return self.states

    def take(self, action: str, id_: str) -> None:
        """Let an accepted action take effect, at once or later."""
        self.journal.append((action, id_))
        self._pending.append((self.clock.now() + self.late, action, id_))


class PressVendor(Vendor):
    """The vendor's side of the presses. The option `url` names the press."""

    prefix = "PRESS"
    path = "/press"
    arguments = Arguments(
        options={"url": {"type": "str", "required": True}, "password": {"type": "str", "no_log": True}},
        environment={"password": ("PRESS_PASSWORD",)},
    )
    tasks = Arguments(options={"task_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["task_id"]}})
    filters = Arguments(options={"beginning": {"type": "str"}})
    table = TABLE
    presses: ClassVar[dict[str, Press]] = {}

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        self._press = self.presses[params["url"]]

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        self._press.on_read()
        states = self._press.see()
        return {id_: Observation(id_, states[id_], name=f"name of {id_}") for id_ in ids if id_ in states}

    def list_all(self, filters: Mapping[str, Any]) -> list[Observation]:
        chosen = [id_ for id_ in self._press.see() if id_.startswith(filters.get("beginning") or "")]
        return list(self.read(chosen).values())

    def act(self, action: str, tasks: Sequence[Observation]) -> Mapping[str, Failure]:
        wrong: dict[str, Failure] = {}
        for task in tasks:
            result = self._press.on_act(action, task.id)
            if result is None:
                self._press.take(action, task.id)
            wrong.update(result or {})
        return wrong


class WallClock:
    """A replacement for the module `time` that follows the engine's clock."""

    gmtime = staticmethod(gmtime)
    strftime = staticmethod(strftime)

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def time(self) -> float:
        return 1_795_000_000.0 + self._clock.now()


def target(name: str = "jobs", url: str = "here", state: str = "paused", **other: Any) -> dict[str, Any]:
    """A target as a user writes it, completed like the module's argument specification does."""
    given: dict[str, Any] = {"name": name, "vendor": "press", "state": state, "stage": 10, "options": {"url": url}, "accept_final": False}
    return {**given, **({} if "tasks" in other else {"select": {}}), **other}


def bring(clock: FakeClock, targets: Sequence[Target], patience: float, is_wanted: Callable[[], bool] = lambda: True) -> list[Any]:
    """Run all targets for `patience` seconds, and return their results."""
    stage = Stage(targets, clock, ConnectionPool(clock, lambda secret: None, is_awaited=is_wanted), is_wanted=is_wanted, patience=patience)
    stage.run()
    return stage.results()
