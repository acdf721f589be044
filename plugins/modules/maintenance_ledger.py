#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_ledger
short_description: Keep the ledger of a maintenance window
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Keeps what a window found, what it is about to send, before it is sent, and what it saw, in one JSON file which is written atomically
    and synced. It never holds a secret.
  - The roles P(taskops.quiesce.maintenance_open#role) and P(taskops.quiesce.maintenance_close#role) call it on the host that keeps the
    ledger; use those rather than this. O(step=show) is useful by itself.
options:
  dir:
    description: The folder of the ledgers. It is made if it doesn't exist.
    type: path
    required: true
  window:
    description: The window's id. Letters, digits, dot, dash and underline.
    type: str
    required: true
  step:
    description:
      - V(show) reads the ledger and returns the facts of the report.
      - V(begin) takes the lock and begins a run in O(direction).
      - V(found) notes a survey before anything is touched, or refuses it.
      - V(owed) notes, from a survey, which tasks closing has to put back.
      - V(next) notes what is about to be sent in the next stage that has work, and returns the work.
      - V(record) notes what was seen, and then does the same. So do V(found) and V(owed).
      - V(end) ends the run and gives the lock back.
      - V(fail) reads nothing, and fails with O(reason) and O(verdict).
    type: str
    choices: [show, begin, found, owed, next, record, end, fail]
    default: show
  direction:
    description: Whether the window is being opened or closed.
    type: str
    choices: [open, close]
    default: open
  run:
    description: The run's id, as O(step=begin) returned it.
    type: str
  targets:
    description: What the role was given, without the options (O(step=begin)), or what M(taskops.quiesce.maintenance_stage) returned.
    type: list
    elements: dict
  complete:
    description: With O(step=end), whether the run went through all its stages.
    type: bool
    default: false
  reason:
    description: The sentence to fail with, with O(step=fail).
    type: str
  verdict:
    description: What becomes RV(failure), with O(step=fail). See RV(verdict).
    type: dict
    default: {}
  lease:
    description:
      - After how many seconds a lock that nobody renews counts as left behind. Where the Ansible that took it ran on the same machine, it
        is free as soon as that has ended.
    type: float
    default: 180
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.window
attributes:
  check_mode:
    description: Nothing is written.
seealso:
  - module: taskops.quiesce.maintenance_stage
"""

EXAMPLES = r"""
- name: Look at an open window
  taskops.quiesce.maintenance_ledger:
    dir: /var/lib/quiesce
    window: CHG0031337
  register: window
"""

RETURN = r"""
run:
  description: The run's id.
  returned: with O(step=begin)
  type: str
  sample: 4f8f1c2e9d0b4f0e8c1d2a3b4c5d6e7f
status:
  description: How far the window is, V(none) if there is no ledger.
  returned: always
  type: str
  sample: open
ledger:
  description: The path of the ledger.
  returned: always
  type: str
  sample: /var/lib/quiesce/CHG0031337.json
stage:
  description: The stage that is worked on.
  returned: where there is work
  type: int
  sample: 10
work:
  description: What is left to do, as M(taskops.quiesce.maintenance_stage) takes it.
  returned: with every step but V(show) and V(end)
  type: list
  elements: dict
  sample: []
plan:
  description: The plan of the window as lines.
  returned: with O(step=found) and O(step=owed)
  type: list
  elements: str
  sample: ["stage 10: scripts (Total Control) to be paused", "  task004: is started, pause makes it paused"]
progress:
  description: What has been reached in the stage, and what is still awaited.
  returned: with O(step=record)
  type: str
  sample: "stage 10: 12 of 50 tasks as wanted; awaited: scripts task004 (RUNNING (-1))"
facts:
  description: The facts of the report.
  returned: with O(step=show) and O(step=end), where there is a ledger
  type: dict
  sample:
    window: CHG0031337
    status: open
failures:
  description: One sentence for each task that didn't get where it should have.
  returned: with O(step=end)
  type: list
  elements: str
  sample: []
verdict:
  description: What the first task failed by that didn't get where it should have, or the first reason for refusing a plan.
  returned: with O(step=end), and with O(step=found) in check mode
  type: dict
  sample: {}
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

import time
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils import _report, _window
from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments, Options
from ansible_collections.taskops.quiesce.plugins.module_utils._edge import outcome
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._module import QuiesceModule, finish
from ansible_collections.taskops.quiesce.plugins.module_utils._processes import Process
from ansible_collections.taskops.quiesce.plugins.module_utils._results import some
from ansible_collections.taskops.quiesce.plugins.module_utils._text import all_harmless, harmless


def main() -> None:
    options: Options = {
        "dir": {"type": "path", "required": True},
        "window": {"type": "str", "required": True},
        "step": {"type": "str", "choices": ["show", "begin", "found", "owed", "next", "record", "end", "fail"], "default": "show"},
        "direction": {"type": "str", "choices": ["open", "close"], "default": "open"},
        "run": {"type": "str"},
        "targets": {"type": "list", "elements": "dict"},
        "complete": {"type": "bool", "default": False},
        "reason": {"type": "str"},
        "verdict": {"type": "dict", "default": {}},
        "lease": {"type": "float", "default": 180},
    }
    module = QuiesceModule(Arguments(options=options))
    result: dict[str, Any] = {"changed": False, "status": "none"}
    failure: Failure | None = None
    try:
        ledger = Ledger(module.params["dir"], module.params["window"], module.params["lease"])
        result["ledger"] = str(ledger.path)
        steps = Steps(ledger, module.params, module.check_mode, module.main_process)
        result.update(getattr(steps, module.params["step"])())
    except Failure as error:
        failure = error
    finish(module, outcome(result, failure))


class Steps:
    """The steps of a run. Each reads the ledger and, but in check mode, writes it before it returns."""

    def __init__(self, ledger: Ledger, params: dict[str, Any], check_mode: bool, holder: Process | None = None) -> None:
        self._ledger = ledger
        self._params = params
        self._check_mode = check_mode
        self._holder = holder
        self._direction: _window.Direction = params["direction"]
        self._now = time.time()

    def show(self) -> dict[str, Any]:
        document = self._ledger.read()
        return {"status": document["status"], "facts": _report.facts(document)} if document else {}

    def fail(self) -> dict[str, Any]:
        """Raises `Failure`, since a role that fails by itself can return nothing that a playbook could branch on."""
        told = {"code": "usage", **self._params["verdict"]}
        raise Failure(told.pop("code"), str(self._params["reason"]).rstrip("."), **told)

    def begin(self) -> dict[str, Any]:
        document = self._beginnable()
        if self._check_mode:
            if document:
                _window.begin(document, self._direction, "", self._now)
            return self._begun(document, "")
        self._ledger.prepare()
        run = self._ledger.acquire(self._direction, self._now, self._holder)
        with self._ledger.held(run, self._now):
            document = self._beginnable()
            if document and document["status"] == "closed" and self._direction == "open":
                # The id may be used again; what the last window found is history.
                self._ledger.archive(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(document["updated"])))
                document = None
            if document:
                _window.begin(document, self._direction, run, self._now)
                self._write(document)
        return {"changed": True, **self._begun(document, run)}

    def found(self) -> dict[str, Any]:
        targets = self._params["targets"] or []
        plan = all_harmless(_window.planned(targets))
        wrong = _window.refusals(targets)
        if wrong and not self._check_mode:
            reasons = "; ".join(some([failure.message for failure in wrong]))
            raise Failure(wrong[0].code, f"the window {self._ledger.window} isn't opened, and nothing was changed: {reasons}")
        refused = [harmless(f"{failure.message}.") for failure in wrong]
        if self._check_mode:
            verdict = wrong[0].details() if wrong else {}
            return {"changed": True, "plan": plan, "refused": refused, "verdict": verdict, "work": []}
        document = _window.opened(self._ledger.window, targets, self._now)
        with self._ledger.held(self._run(), self._now):
            _window.begin(document, "open", self._run(), self._now)
            return {"plan": plan, "refused": refused, **self._intended(document)}

    def owed(self) -> dict[str, Any]:
        if self._check_mode:
            document = self._document()
            _window.begin(document, "close", "", self._now)
            _window.judge(document, self._params["targets"] or (), self._now)
            return {"changed": True, "status": document["status"], "plan": all_harmless(_window.owed(document)), "work": []}
        with self._ledger.held(self._run(), self._now):
            document = self._document()
            _window.judge(document, self._params["targets"] or (), self._now)
            return {"plan": all_harmless(_window.owed(document)), **self._intended(document)}

    def next(self) -> dict[str, Any]:
        with self._ledger.held(self._run(), self._now):
            return self._intended(self._document())

    def record(self) -> dict[str, Any]:
        with self._ledger.held(self._run(), self._now):
            document = self._document()
            stage = _window.stage_now(document, self._direction)
            _window.record(document, self._direction, self._params["targets"] or (), self._now)
            progress = harmless(_window.progress(document, self._direction, stage)) if stage is not None else ""
            return {"progress": progress, **self._intended(document)}

    def end(self) -> dict[str, Any]:
        if self._check_mode:
            return self.show()
        with self._ledger.held(self._run(), self._now):
            document = self._ledger.read()
            if document:
                _window.end(document, self._direction, self._run(), self._now, self._params["complete"])
                self._write(document)
        self._ledger.release(self._run())
        if document is None:
            return {"changed": True, "failures": []}
        failures = [harmless(f"{sentence}.") for sentence in _window.failures(document, self._direction)]
        facts = _report.facts(document)
        told = {"failures": failures, "verdict": _window.verdict(document, self._direction)}
        return {"changed": True, "status": document["status"], "facts": facts, "summary": _report.summary(facts), **told}

    def _intended(self, document: dict[str, Any]) -> dict[str, Any]:
        """Write down what is about to be sent, and return it as work."""
        stage = _window.stage_now(document, self._direction)
        told: dict[str, Any] = {"changed": True, "status": document["status"], "work": []}
        if stage is not None:
            told.update(stage=stage, work=_window.work(document, self._direction, stage))
            _window.intend(document, self._direction, stage, self._now)
        self._write(document)
        return told

    def _beginnable(self) -> dict[str, Any] | None:
        """The ledger, if a run in this direction can begin with it, or without one. Raises `Failure`."""
        document = self._ledger.read()
        if self._direction == "close" and document is None:
            raise Failure(
                "not_found",
                f"the window {self._ledger.window} was never opened: there is no ledger {self._ledger.path}; check maintenance_id and "
                "maintenance_ledger_dir",
            )
        if self._direction == "open" and document and document["status"] != "closed":
            _window.check_same(document, self._params["targets"] or ())
        return document

    def _begun(self, document: dict[str, Any] | None, run: str) -> dict[str, Any]:
        survey = _window.to_survey(document) if document and self._direction == "close" else []
        return {"run": run, "status": document["status"] if document else "none", "work": survey}

    def _document(self) -> dict[str, Any]:
        document = self._ledger.read()
        if document is None:
            raise Failure("not_found", f"the ledger {self._ledger.path} is gone; somebody took it away while the window was worked on")
        return document

    def _write(self, document: dict[str, Any]) -> None:
        document["updated"] = self._now
        self._ledger.write(document)

    def _run(self) -> str:
        run = self._params.get("run")
        if not run:
            raise Failure("usage", f"step {self._params['step']} needs run, as step begin returned it")
        return str(run)


if __name__ == "__main__":
    main()
