# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The steps of a window's run on its ledger, for the module `maintenance_ledger` and for whoever keeps the ledger in its own process.

Nothing here knows Ansible.
"""

from __future__ import annotations

import time
from typing import Any

from . import _report, _window
from ._arguments import Options
from ._errors import Failure
from ._ledger import Ledger
from ._processes import Process
from ._report_files import try_folder
from ._results import some
from ._text import all_harmless, harmless

# The options of the module, which are the parameters of the steps.
LEDGER_OPTIONS: Options = {
    "dir": {"type": "path", "required": True},
    "window": {"type": "str", "required": True},
    "step": {"type": "str", "choices": ["show", "begin", "found", "owed", "next", "record", "renew", "end", "fail"], "default": "show"},
    "direction": {"type": "str", "choices": ["open", "close"], "default": "open"},
    "run": {"type": "str"},
    "targets": {"type": "list", "elements": "dict"},
    "complete": {"type": "bool", "default": False},
    "reason": {"type": "str"},
    "verdict": {"type": "dict", "default": {}},
    "lease": {"type": "float", "default": 180},
    "report_dir": {"type": "path"},
}


class Steps:
    """The steps of a run. Each reads the ledger and, but in check mode, writes it before it returns."""

    def __init__(
        self, ledger: Ledger, params: dict[str, Any], check_mode: bool, holder: Process | None = None, worker: Process | None = None
    ) -> None:
        self._ledger = ledger
        self._params = params
        self._check_mode = check_mode
        self._holder = holder
        self._worker = worker
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
            if document and document["status"] == "closed" and self._direction == "open":
                document = None
            if document:
                _window.begin(document, self._direction, "", self._now)
            return self._begun(document, "")
        self._ledger.prepare()
        if self._params.get("report_dir") and self._direction == "open":
            # Found out before anything is paused. Closing comes whatever becomes of the report.
            try_folder(self._params["report_dir"])
        run = self._ledger.acquire(self._direction, self._now, self._holder, self._worker)
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
            told = {"plan": all_harmless(_window.owed(document)), "owed": _window.owed_ids(document)}
            return {"changed": True, "status": document["status"], "work": [], **told}
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

    def renew(self) -> dict[str, Any]:
        """Nothing has happened, and the run goes on."""
        with self._ledger.held(self._run(), self._now):
            return {}

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
        total = _window.total(document, self._direction)
        told: dict[str, Any] = {"changed": True, "status": document["status"], "total": total, "work": []}
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
        if document and self._direction == "open" and self._check_mode:
            survey = _window.to_plan_again(document)
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
