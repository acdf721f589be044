# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common parts of the methods of both dialects: access, ids, items, errors at each level (``ctrlapi.md``, sections 2.5 and 3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..clock import Clock
from ._ctrlapi_errors import Errors, said
from ._ctrlapi_life import Life
from ._ctrlapi_params import Params, Refusal, as_number
from ._ctrlapi_rules import READS
from ._ctrlapi_task import Task

L = TypeVar("L", bound=Life)
Item = dict[str, Any]


@dataclass
class Outcome:
    """The part of the answer for one method."""

    result: Any
    errors: list[str] | None = None  # in addition to the result, if a page has them there
    took_effect: bool = False


@dataclass
class Asked:
    """One method entry, with its caller."""

    method: str
    user_id: int
    raw: Mapping[str, Any]
    params: Params
    took_effect: bool = field(default=False)


class Methods(ABC, Generic[L]):
    def __init__(self, life: L, clock: Clock, switches: Mapping[str, Any]) -> None:
        self.life = life
        self.world = life.world
        self.switches = switches
        self.errors = Errors(switches)
        self._clock = clock

    @property
    def now(self) -> float:
        return self._clock.now()

    @abstractmethod
    def handlers(self) -> dict[str, Callable[[Asked], Outcome]]:
        """By the method's name."""

    # --- one entry ----------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Outcome:
        handler = self.handlers().get(asked.method)
        if handler is None:
            raise Refusal(self.switches["unknown_method"], f"emulator: no method {asked.method}")
        outcome = handler(asked)
        outcome.took_effect = outcome.took_effect or asked.took_effect
        return outcome

    def project(self, asked: Asked) -> int:
        """The requested project, if the caller has access (section 2.5)."""
        project_id = asked.params.number("project_id")
        role = self.world.role(asked.user_id, project_id)
        if role is None:
            raise Refusal(self.switches["no_access"], f"emulator: no project {project_id} for user {asked.user_id}", self._named(asked))
        if asked.method not in READS and role in self.switches["view_only_roles"]:
            raise Refusal(self.switches["view_only"], f"emulator: {role} may only view project {project_id}", self._named(asked))
        return project_id

    @staticmethod
    def _named(asked: Asked) -> list[int]:
        named = asked.raw.get("task_ids")
        found = [as_number(item, quoted=False) for item in (named if isinstance(named, list) else [named])]
        return [item for item in found if item is not None]

    # --- tasks --------------------------------------------------------------------------------------------------------

    def find(self, project_id: int, task_id: int) -> Task | None:
        """A task of another project counts as missing."""
        task = self.life.tasks.get(task_id)
        if task is None or task.project_id != project_id:
            return None
        self.life.ripen(task, self.now)
        return task

    def of_project(self, project_id: int) -> list[Task]:
        # Due changes may add a restart, so each task is looked up again.
        return [task for task_id in list(self.life.tasks) if (task := self.find(project_id, task_id))]

    def missing(self, position: str, task_id: int) -> Item | None:
        """The answer for a missing task, as the switch specifies. None omits the id from the result."""
        if position == "absent":
            return None
        return {"task_id": task_id, **said(position, f"emulator: no task {task_id} in this project")}

    def items(self, asked: Asked, ids: Iterable[int], make: Callable[[int], Iterable[Item]]) -> list[Item]:
        """An item for each id, unless an ordered error replaces it or is added to it."""
        found: list[Item] = []
        for task_id in ids:
            ordered = self.errors.at("item", asked.method, task_id)
            if ordered and not ordered.beside:
                found.append({"task_id": task_id, **ordered.members})
                continue
            found.extend({**item, **(ordered.members if ordered else {})} for item in make(task_id))
        return found

    def command(self, asked: Asked, unknown: Callable[[int], Item | None], act: Callable[[Task, float], tuple[Item, bool]]) -> Outcome:
        """TaskStop and TaskResume: each id is handled separately, so that a bad one doesn't affect the others (section 3.9)."""
        asked.params.allow("project_id", "task_ids")
        project_id = self.project(asked)
        ids = asked.params.ids("task_ids", everything=False) or []

        def one(task_id: int) -> list[Item]:
            task = self.find(project_id, task_id)
            if task is None:
                absent = unknown(task_id)
                return [] if absent is None else [absent]
            members, changes = act(task, self.now)
            asked.took_effect = asked.took_effect or changes
            return [{"task_id": task_id, **members}]

        return Outcome(self.items(asked, ids, one))

    # --- AppList: the same in both dialects (section 3.6) -----------------------------------------------------------------

    def app_list(self, asked: Asked) -> Outcome:
        asked.params.allow("project_id", "app_status")
        project_id = self.project(asked)
        wanted = asked.params.choice("app_status", ("active", "stopped", "all"), "all")
        found = []
        for app in self.world.apps(project_id):
            alive = self.world.is_alive(app["app_id"])
            if wanted == "all" or (wanted == "active") == alive:
                found.append({"app_id": app["app_id"], "name": app["name"], "alive": alive})
        return Outcome(found)
