# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The steps of a window's run on its ledger, for the module `maintenance_ledger` and for an action plugin that keeps the ledger in its own
process.

Nothing here knows Ansible.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from . import _deadline, _overlap, _report, _window
from ._arguments import Options
from ._errors import Failure
from ._items import Direction
from ._ledger import Ledger
from ._processes import Process
from ._report_files import try_folder
from ._results import shorten
from ._text import all_harmless, harmless
from ._verdicts import judge
from ._window_texts import close_plan_lines, failures, first_failure, open_plan_lines, stage_progress, warnings_of

# The options of the module, which are also the parameters of the steps.
LEDGER_OPTIONS: Options = {
    "dir": {"type": "path", "required": True},
    "window": {"type": "str", "required": True},
    "step": {"type": "str", "choices": ["show", "begin", "found", "owed", "next", "record", "renew", "end"], "default": "show"},
    "direction": {"type": "str", "choices": ["open", "close"], "default": "open"},
    "run": {"type": "str"},
    "targets": {"type": "list", "elements": "dict"},
    "complete": {"type": "bool", "default": False},
    "lease": {"type": "float", "default": 180},
    "report_dir": {"type": "path"},
    "until": {"type": "str"},
    "for": {"type": "str"},
}


class Steps:
    """The steps of a run. Each one reads the ledger and, except in check mode, writes it before it returns."""

    def __init__(
        self, ledger: Ledger, params: dict[str, Any], check_mode: bool, holder: Process | None = None, worker: Process | None = None
    ) -> None:
        self._ledger = ledger
        self._params = params
        self._check_mode = check_mode
        self._holder = holder
        self._worker = worker
        self._direction: Direction = params["direction"]
        self._now = time.time()

    def show(self) -> dict[str, Any]:
        document = self._ledger.read()
        return {"status": document["status"], "facts": _report.facts(document)} if document else {}

    def begin(self) -> dict[str, Any]:
        until = _deadline.deadline(self._params.get("until"), self._params.get("for"), self._now)
        document = self._startable_document()
        if self._check_mode:
            if document and document["status"] == "closed" and self._direction == "open":
                document = None
            warnings = self._adapt(document)
            if document:
                _window.begin(document, self._direction, "", self._now)
            return self._begin_result(document, "", until, warnings)
        self._ledger.prepare()
        if self._params.get("report_dir") and self._direction == "open":
            # A bad report folder is found before anything is paused. Closing ignores it: tasks have to be put back even without a report.
            try_folder(self._params["report_dir"])
        run = self._ledger.acquire(self._direction, self._now, self._holder, self._worker)
        try:
            with self._ledger.held(run, self._now):
                document = self._startable_document()
                if document and document["status"] == "closed" and self._direction == "open":
                    # The id may be used again. The archived document keeps the history of the last window.
                    self._ledger.archive(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(document["updated"])))
                    document = None
                warnings = self._adapt(document)
                if document:
                    if until is not None:
                        document["until"] = until
                    _window.begin(document, self._direction, run, self._now)
                    self._write(document)
        except Failure:
            # Nothing was begun, so the next run needn't wait for the lease.
            self._ledger.release(run)
            raise
        return {"changed": True, **self._begin_result(document, run, until, warnings)}

    def found(self) -> dict[str, Any]:
        until = self._deadline_after_survey()
        if self._check_mode:
            targets, overlap = _overlap.inherit_from_neighbours(
                self._params["targets"] or [], self._ledger.neighbours(self._now), self._now
            )
            wrong = [*_window.refusals(targets), *overlap.refusals]
            refused = [harmless(f"{failure.message}.") for failure in wrong]
            verdict = wrong[0].details() if wrong else {}
            result = {"plan": all_harmless(open_plan_lines(targets)), "refused": refused, "warnings": _sentences(overlap.warnings)}
            return {"changed": True, "verdict": verdict, "work": [], **result}
        with self._ledger.held(self._run(), self._now):
            began = self._ledger.began(self._run())
            targets, overlap = _overlap.inherit_from_neighbours(self._params["targets"] or [], self._ledger.neighbours(began), began)
            if wrong := [*_window.refusals(targets), *overlap.refusals]:
                reasons = "; ".join(shorten([failure.message for failure in wrong]))
                raise Failure(wrong[0].code, f"the window {self._ledger.window} isn't opened, and nothing was changed: {reasons}")
            document = _window.new_document(self._ledger.window, targets, self._now, until)
            _window.begin(document, "open", self._run(), self._now)
            result = {"plan": all_harmless(open_plan_lines(targets)), "refused": [], "warnings": _sentences(overlap.warnings)}
            return {**result, **self._record_intents(document)}

    def _deadline_after_survey(self) -> float | None:
        """The deadline as `_deadline.deadline` gives it. One that `begin` has accepted may have passed since: that has its own message."""
        until, duration = self._params.get("until"), self._params.get("for")
        moment = _deadline.deadline(until, duration, 0.0 if until else self._now)
        if moment is not None and moment <= self._now:
            message = f"the window {self._ledger.window} isn't opened, since its end, {until}, passed while the tasks were read"
            raise Failure("usage", f"{message}, and nothing was changed; give a later end")
        return moment

    def owed(self) -> dict[str, Any]:
        if self._check_mode:
            document = self._document()
            _window.begin(document, "close", "", self._now)
            warnings = self._judge_closing(document, self._ledger.neighbours(self._now), self._now)
            result = {
                "plan": all_harmless(close_plan_lines(document)),
                "owed": _window.owed_ids(document),
                "warnings": _sentences(warnings),
            }
            return {"changed": True, "status": document["status"], "work": [], **result}
        with self._ledger.held(self._run(), self._now):
            document = self._document()
            began = self._ledger.began(self._run())
            neighbours = self._ledger.neighbours(began)
            warnings = self._judge_closing(document, neighbours, began)
            # The heirs' documents are written first: if this run dies in between, two windows have to put a task back rather than none.
            for other in _overlap.transfer_holds(document, neighbours, self._now):
                self._ledger.write_neighbour(other)
            return {"plan": all_harmless(close_plan_lines(document)), "warnings": _sentences(warnings), **self._record_intents(document)}

    def next(self) -> dict[str, Any]:
        with self._ledger.held(self._run(), self._now):
            return self._record_intents(self._document())

    def record(self) -> dict[str, Any]:
        with self._ledger.held(self._run(), self._now):
            document = self._document()
            stage = _window.current_stage(document, self._direction)
            _window.record(document, self._direction, self._params["targets"] or (), self._now)
            progress = harmless(stage_progress(document, self._direction, stage)) if stage is not None else ""
            return {"progress": progress, **self._record_intents(document)}

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
            return {"changed": True, "failures": [], "warnings": []}
        facts = _report.facts(document)
        result = {
            "failures": _sentences(failures(document, self._direction)),
            "verdict": first_failure(document, self._direction),
            "warnings": _sentences(warnings_of(document, self._direction)),
            "sentence": facts["sentence"],
        }
        return {"changed": True, "status": document["status"], "facts": facts, "summary": _report.summary(facts), **result}

    def renew(self) -> dict[str, Any]:
        """Record that the run is alive while nothing else is to be recorded."""
        self._ledger.renew(self._run(), self._now)
        return {}

    def _judge_closing(self, document: dict[str, Any], neighbours: _overlap.Neighbours, began: float) -> list[str]:
        held_elsewhere, undecidable, warnings = _overlap.tasks_held_elsewhere(document, neighbours, began)
        judge(document, self._params["targets"] or (), self._now, held_elsewhere, undecidable)
        return warnings

    def _adapt(self, document: dict[str, Any] | None) -> list[str]:
        """Adapt a window that is opened again to what other windows hold now. Returns warnings. Raises `Failure`."""
        if self._direction != "open" or document is None or document["status"] == "closed":
            return []
        overlap = _overlap.adapt_to_neighbours(document, self._ledger.neighbours(self._now), self._now)
        if wrong := overlap.refusals:
            reasons = "; ".join(shorten([failure.message for failure in wrong]))
            raise Failure(wrong[0].code, f"the window {self._ledger.window} isn't opened again, and nothing was changed: {reasons}")
        return overlap.warnings

    def _record_intents(self, document: dict[str, Any]) -> dict[str, Any]:
        """Record what is about to be sent, and return it as work."""
        stage = _window.current_stage(document, self._direction)
        total = _window.task_count(document, self._direction)
        result: dict[str, Any] = {"changed": True, "status": document["status"], "total": total, "work": []}
        if stage is not None:
            result.update(stage=stage, work=_window.stage_work(document, self._direction, stage))
            _window.intend(document, self._direction, stage, self._now)
        self._write(document)
        return result

    def _startable_document(self) -> dict[str, Any] | None:
        """The ledger, or None if there is none, if a run in this direction can begin with it. Raises `Failure`."""
        document = self._ledger.read()
        if self._direction == "close" and document is None:
            similar = self._ledger.similar()
            other = f" (but that of the window {similar} is there)" if similar else ""
            message = f"the window {self._ledger.window} was never opened: there is no ledger {self._ledger.path}{other}"
            raise Failure("not_found", f"{message}; check maintenance_id and maintenance_ledger_dir")
        if self._direction == "open" and document and document["status"] != "closed":
            _window.check_same(document, self._params["targets"] or ())
        return document

    def _begin_result(self, document: dict[str, Any] | None, run: str, until: float | None, warnings: Sequence[str]) -> dict[str, Any]:
        survey = _window.targets_to_survey(document) if document and self._direction == "close" else []
        if document and self._direction == "open" and self._check_mode:
            survey = _window.targets_to_plan(document)
        # A new window needs it: a duration counts from here. Rounded up, since a window isn't shorter than it was asked for.
        result = {"until": _deadline.as_text(math.ceil(until)) if until is not None else "", "warnings": _sentences(warnings)}
        return {"run": run, "status": document["status"] if document else "none", "work": survey, **result}

    def _document(self) -> dict[str, Any]:
        document = self._ledger.read()
        if document is None:
            raise Failure("not_found", f"the ledger {self._ledger.path} is gone; somebody removed it while a run was using it")
        return document

    def _write(self, document: dict[str, Any]) -> None:
        document["updated"] = self._now
        self._ledger.write(document)

    def _run(self) -> str:
        run = self._params.get("run")
        if not run:
            raise Failure("usage", f"step {self._params['step']} needs run, as step begin returned it")
        return str(run)


def _sentences(texts: Sequence[str]) -> list[str]:
    return [harmless(f"{sentence.rstrip('.')}.") for sentence in texts]
