# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the work of the module `maintenance_stage` again and again, in short stretches, and tells in between how far the tasks are.

It returns to the role as soon as there is something for the ledger to note.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._stage_work import STAGE_WORK
from ansible_collections.taskops.quiesce.plugins.module_utils._text import harmless
from ansible_collections.taskops.quiesce.plugins.plugin_utils._group_defaults import GroupDefaults, under_options
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_variables import NAMES, check_variables
from ansible_collections.taskops.quiesce.plugins.plugin_utils._worker import WorkerAction

# A line this often, in seconds: nobody shall wait over ten for one, also where the machine is slow or a task has just begun.
SILENCE = 5.0
PATIENCE = 60.0
PAUSE = 0.5
NAMED = 5
# On these a window decides by itself, whatever the defaults of the vendor's modules are.
DECIDED = frozenset({"state", "wait"})

Plain = dict[str, Any]


class ActionModule(WorkerAction):
    """The action `maintenance_stage`."""

    name = "maintenance_stage"
    work = STAGE_WORK

    _supports_async = False

    def _arguments(self, task_vars: Plain) -> Plain:
        arguments = super()._arguments(task_vars)
        if isinstance(arguments.get("targets"), list):
            defaults = GroupDefaults(self._task.module_defaults, self._templar, task_vars.get("omit"))
            arguments["targets"] = [under_options(defaults, target, DECIDED) for target in arguments["targets"]]
        return arguments

    def _call(self, arguments: Plain, task_vars: Plain) -> Plain:
        if arguments.get("mode") == "check":
            return self._check(arguments.get("needs") or [], task_vars)
        if arguments.get("mode", "survey") != "bring" or self._task.check_mode:
            with Teller(self._display.display, lambda: f"{len(arguments.get('targets') or [])} targets are still being read"):
                return super()._call(arguments, task_vars)
        course = Course(arguments.get("targets") or [])
        with Teller(self._display.display, lambda: course.line(str(arguments.get("label", "the stage")))):
            return self._go_on(arguments, course, task_vars)

    def _check(self, needs: Sequence[str], task_vars: Plain) -> Plain:
        # Not by an argument, which turns a list into text and back before ansible-core 2.19.
        given = {name: self._templar.template(task_vars[name]) for name in NAMES if name in task_vars}
        try:
            check_variables(given, needs, task_vars)
        except Failure as failure:
            return {"failed": True, "msg": f"{failure.message}.", "failure": failure.details()}
        return {"changed": False, "targets": []}

    def _go_on(self, arguments: Plain, course: Course, task_vars: Plain) -> Plain:
        end = time.monotonic() + float(arguments.get("patience", PATIENCE))
        gathered = float("inf")
        while True:
            step = super()._call({**arguments, "targets": course.left()}, task_vars)
            if step.get("failed") or "targets" not in step:
                return dict(step)
            course.take(step["targets"])
            if course.has_news:
                gathered = min(gathered, time.monotonic() + float(arguments.get("gather", 0)))
            if not course.left() or time.monotonic() >= min(end, gathered):
                return {**step, "targets": course.results(), "changed": course.changed}
            if course.is_stuck:
                time.sleep(PAUSE)


class Course:
    """How far the targets are, from stretch to stretch."""

    def __init__(self, targets: Sequence[Mapping[str, Any]]) -> None:
        self._targets = [dict(target) for target in targets]
        self._results: dict[tuple[str, str], Plain] = {}
        self._rows: dict[tuple[str, str, str], Plain] = {}
        # The actions that the ledger knows of already.
        self._noted = {
            (target["name"], target["state"], id_): ", ".join(memory.get("actions") or ()) or "none"
            for target in self._targets
            for id_, memory in (target.get("memories") or {}).items()
        }
        self.has_news = False
        self.is_stuck = False
        self.changed = False

    def take(self, targets: Sequence[Mapping[str, Any]]) -> None:
        """The results of one stretch."""
        self.is_stuck = any(target.get("error") for target in targets)
        for target in targets:
            key = (target["name"], target["state"])
            self._results[key] = dict(target)
            for row in target["tasks"]:
                place = (*key, row["id"])
                known = self._rows[place]["action"] if place in self._rows else self._noted.get(place, "none")
                self._rows[place] = row
                self.changed = self.changed or row["changed"]
                self.has_news = self.has_news or row["over"] or row["action"] != known
            self.has_news = self.has_news or bool(target.get("error") and target.get("over"))

    def left(self) -> list[Plain]:
        """What is left to do, in the form that the module takes."""
        return [left for target in self._targets if (left := self._left(target))["ids"] and not self._result(target).get("over")]

    def results(self) -> list[Plain]:
        """The latest result of each target, with the latest row of each of its tasks."""
        return [
            {**result, "tasks": [row for (name, state, _id), row in self._rows.items() if (name, state) == key]}
            for key, result in self._results.items()
        ]

    def line(self, label: str) -> str:
        """What has been reached, and what is still awaited."""
        total = sum(len(target["ids"]) for target in self._targets)
        over = sum(1 for row in self._rows.values() if row["over"])
        awaited = [harmless(f"{target['name']} {id_} ({self._told(target, id_)})") for target in self.left() for id_ in target["ids"]]
        more = f" and {len(awaited) - NAMED} more" if len(awaited) > NAMED else ""
        return f"{label}: {over} of {total} tasks are done" + (f"; awaited: {', '.join(awaited[:NAMED])}{more}" if awaited else "")

    def _left(self, target: Plain) -> Plain:
        key = (target["name"], target["state"])
        rows = {id_: self._rows.get((*key, id_)) for id_ in target["ids"]}
        going = [id_ for id_, row in rows.items() if not (row and row["over"])]
        memories = {id_: (rows[id_] or {}).get("memory") or (target.get("memories") or {}).get(id_) for id_ in going}
        return {**target, "ids": going, "memories": memories, "spent": self._result(target).get("spent", target.get("spent", 0))}

    def _result(self, target: Plain) -> Plain:
        return self._results.get((target["name"], target["state"]), {})

    def _told(self, target: Plain, id_: str) -> str:
        row = self._rows.get((target["name"], target["state"], id_))
        trouble = self._result(target).get("error", {}).get("message")
        return str(trouble or (row["told"] if row else "not read yet"))


class Teller:
    """While it's entered, tells a line at regular times, whatever the caller waits for."""

    def __init__(self, tell: Callable[[str], None], line: Callable[[], str]) -> None:
        self._tell = tell
        self._line = line
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SILENCE):
            self._tell(self._line())
