# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A whole run of a window, from its lock to its report. Nothing here knows Ansible.

The engine's threads send actions and wait. This thread alone writes the ledger: what is about to be sent, before it's sent; what was seen,
as soon as it's seen; and the renewal of the lock in between. As soon as the lock or the ledger is lost, nothing more is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from . import _targets
from ._edge import Front, Outcome, outcome
from ._errors import Failure, one_line
from ._items import Direction
from ._progress import ProgressReporter, format_progress
from ._results import error_fields
from ._stage_run import Counts, PendingTask, Stage
from ._text import harmless
from ._window_texts import open_plan_lines

Plain = dict[str, Any]

# In seconds: how long this thread waits for news before it checks the lock, the least time between two records, and how long an interrupted
# run waits for actions that are under way.
QUEUE_TIMEOUT = 0.5
RECORD_INTERVAL = 0.2
GRACE = 2.0
# The pause after a record, in multiples of the time that the record took: recording takes at most a fifth of the time, however large the
# ledger is.
RECORD_SHARE = 4.0


class Surroundings(NamedTuple):
    """What a run needs of its surroundings.

    `step` does a step of the ledger with its parameters. `report` writes the report of the facts and returns its files. Both raise
    `Failure`. `print_line` prints a line. `complete` adds to a target the options that are defined elsewhere. `is_near` is true if no other
    run can take the lock while this process lives.
    """

    step: Callable[[str, Plain], Plain]
    report: Callable[[Plain], Plain]
    print_line: Callable[[str], None]
    complete: Callable[[Plain], Plain] = lambda target: target
    is_near: bool = True


@dataclass
class _Changes:
    """The states of each task before and after, by target and id: as planned, or as seen."""

    before: dict[tuple[str, str], str] = field(default_factory=dict)
    after: dict[tuple[str, str], str] = field(default_factory=dict)

    def diff(self) -> dict[str, str]:
        """One line for each task that changes. Ansible prints the lines unchanged."""
        rows = {key: {"before": self.before.get(key, "unknown"), "after": after} for key, after in self.after.items()}
        return {
            when: "".join(f"{harmless(name)} {harmless(id_)}: {its[when]}\n" for (name, id_), its in rows.items())
            for when in ("before", "after")
        }


class WindowRun:
    """One run that opens or closes a window. Create it, then call `go` once.

    `front.params` has `id`, `state` (open, closed), `targets`, `ledger_lease`, `report_dir`, `until` and `for`.
    """

    def __init__(self, front: Front, ports: Surroundings) -> None:
        self._front = front
        self._ports = ports
        self._params = front.params
        self._window = str(front.params["id"])
        self._direction: Direction = "open" if front.params["state"] == "open" else "close"
        self._lease = float(front.params["ledger_lease"])
        self._run = ""
        self._status = "none"
        self._result: Plain = {}
        self._summary: Plain = {}
        self._plan: list[str] = []
        self._changes = _Changes()
        self._counts = Counts()
        self._total = 0
        self._is_complete = False
        self._failure: Failure | None = None
        self._stage: Stage | None = None
        self._label = "the ledger is being read"
        self._stopped = threading.Event()
        self._held_until = float("inf")
        self._renewed = time.monotonic()
        self._pool = _targets.ConnectionPool(front.clock, front.hide, is_awaited=self._may_send)

    @property
    def result(self) -> Plain:
        """The result as far as this run knows it, also after `go` has raised. `status` is "none" before the window was begun."""
        known: Plain = {"changed": bool(self._changes.after), "window": self._window, "status": self._status, **self._result}
        return {**known, "only_planned": self._front.check_mode, "summary": self._summary}

    def go(self) -> Outcome:
        """Do the whole run. The outcome holds its failures. The lock is released in any case."""
        started_at = self._front.clock.now()
        try:
            with ProgressReporter(self._print_line, self._progress_line):
                self._open_window() if self._direction == "open" else self._close_window()
        except Failure as failure:
            self._failure = failure
        except BaseException:
            # Ansible's `timeout:` arrives as such an exception, and so does the end of the process.
            self._stopped.set()
            self._finish()
            raise
        self._finish()
        sentence = self._status_sentence()
        self._print_line(f"{self._window}: {sentence}")
        result = {**self.result, "sentence": sentence}
        if self._failure is None:
            # Ansible prints the whole result of a failed task, and the plan was printed before.
            result["plan"] = self._plan
        if self._front.wants_diff:
            result["diff"] = self._changes.diff()
        return outcome({**result, "elapsed": round(self._front.clock.now() - started_at, 2)}, self._failure)

    # Opening and closing

    def _open_window(self) -> None:
        given = [dict(target) for target in self._params["targets"]]
        # Checked before the lock is taken and anything is read.
        resolved = self._resolve_targets(given)
        bare = [{**target, "options": {}, "place": _targets.place_of(its)} for target, its in zip(given, resolved, strict=True)]
        first_step = self._begin_run(targets=bare)
        if first_step["status"] in ("none", "closed"):
            step = self._ledger_step("found", targets=self._survey_targets(resolved), until=first_step["until"] or None)
            self._print_plan(step["plan"])
            if step["refused"]:
                reason = "; ".join(refusal.rstrip(".") for refusal in step["refused"])
                self._fail(f"The window {self._window} would be refused: {reason}", step["verdict"])
        elif self._front.check_mode:
            self._plan_open_window(first_step["work"], resolved)
            return
        else:
            step = self._ledger_step("next")
        self._run_stages(step)

    def _close_window(self) -> None:
        first_step = self._begin_run()
        surveyed = self._survey_each(first_step["work"])
        step = self._ledger_step("owed", targets=surveyed)
        self._print_plan(step["plan"])
        if self._front.check_mode:
            for target in first_step["work"]:
                self._changes.after.update({(target["name"], id_): target["state"] for id_ in step["owed"].get(target["name"], ())})
        self._run_stages(step)

    def _begin_run(self, **more: Any) -> Plain:
        first_step = self._ledger_step("begin", report_dir=self._params.get("report_dir"), **self._deadline(), **more)
        self._run = str(first_step["run"])
        self._result["ledger"] = first_step["ledger"]
        return first_step

    def _deadline(self) -> Plain:
        return {name: self._params[name] for name in ("until", "for") if self._params.get(name) not in (None, "")}

    def _plan_open_window(self, work: Sequence[Plain], resolved: Sequence[_targets.Target]) -> None:
        """Plan an open window that is opened again: its own tasks are brought to their desired states, and no other one."""
        known = self._survey_targets(self._resolve_targets(work))
        own_rows = {(target["name"], row["id"]) for target in known for row in target["found"]}
        lines = []
        for chosen in self._survey_targets([target for target in resolved if target.given.get("select") is not None]):
            new = [row for row in chosen["found"] if (chosen["name"], row["id"]) not in own_rows]
            lines += [
                f"  {chosen['name']} {row['id']}: isn't part of the window, which was opened without it; it's left unchanged" for row in new
            ]
            for row in new:
                self._changes.after.pop((chosen["name"], row["id"]), None)
        self._print_plan([*map(harmless, open_plan_lines(known)), *map(harmless, lines)])

    # Targets

    def _resolve_targets(self, targets: Iterable[Mapping[str, Any]]) -> list[_targets.Target]:
        return [_targets.resolve(self._with_given_options(target), self._front.hide) for target in targets]

    def _with_given_options(self, target: Mapping[str, Any]) -> Plain:
        """The target with the options that the user gives now laid over those of the ledger, which keeps no secrets."""
        given = {one["name"]: one.get("options") or {} for one in self._params.get("targets") or ()}
        return self._ports.complete({**target, "options": {**(target.get("options") or {}), **given.get(target["name"], {})}})

    def _survey_targets(self, targets: Sequence[_targets.Target]) -> list[Plain]:
        self._label = f"{len(targets)} targets are being read"
        surveyed = _targets.survey(targets, self._front.clock, self._front.hide, self._pool)
        self._check_awaited()
        for target in surveyed:
            for warning in target["warnings"]:
                self._front.warn(one_line(f"target {target['name']}: {warning}."))
            for row in target["found"]:
                self._changes.before[target["name"], row["id"]] = row["state"]
                if self._front.check_mode and self._direction == "open" and row["actions"] and not row.get("error"):
                    self._changes.after[target["name"], row["id"]] = row["arrives"]
        self._label = "the ledger is being written"
        return surveyed

    def _survey_each(self, work: Sequence[Plain]) -> list[Plain]:
        """The same for closing. A target with an error must not keep the others from being put back."""
        targets, wrong = [], []
        for target in work:
            try:
                targets += self._resolve_targets([target])
            except Failure as failure:
                hint = "the ledger keeps no secret, so give maintenance_targets as on opening, or what is missing in the environment"
                message = failure.message.removeprefix(f"target {target['name']}: ")
                explained = Failure(failure.code, f"{message}; {hint}") if failure.code == "usage" else failure
                wrong.append({"name": target["name"], "found": [], "error": error_fields(explained)})
        return [*self._survey_targets(targets), *wrong]

    # Stages

    def _run_stages(self, step: Plain) -> None:
        if self._front.check_mode:
            return
        self._total = int(step.get("total") or 0)
        while step["work"]:
            step = self._run_stage(step)
        self._is_complete = True

    def _run_stage(self, step: Plain) -> Plain:
        """Run one stage to its end. Its intents are in the ledger already. Returns the next step."""
        news: SimpleQueue[Plain | None] = SimpleQueue()
        stage = Stage(self._resolve_targets(step["work"]), self._front.clock, self._pool, note=news.put, is_wanted=self._may_send)
        broke: list[BaseException] = []

        def carry() -> None:
            try:
                stage.run()
            except BaseException as error_:
                broke.append(error_)
            finally:
                news.put(None)

        self._label = f"stage {step['stage']}"
        self._stage = stage
        thread = threading.Thread(target=carry, name="taskops.quiesce", daemon=True)
        thread.start()
        try:
            self._record_events(news)
        except Failure:
            # The ledger or its lock is lost: nothing may be sent that can't be recorded.
            self._stopped.set()
            thread.join(GRACE)
            self._note_changes(stage.results())
            raise
        except BaseException:
            self._stopped.set()
            thread.join(GRACE)
            with suppress(Failure):
                self._record(stage.results())
            raise
        if broke:
            raise broke[0]
        after = self._record(stage.results())
        self._check_awaited()
        self._counts += stage.counts()
        self._stage = None
        self._label = f"stage {step['stage']}"
        self._print_line(self._progress_line())
        if after["work"] and after.get("stage") == step["stage"]:
            raise Failure("timeout", f"stage {step['stage']} of the window {self._window} ended before its tasks did; run it again")
        return after

    def _record_events(self, news: SimpleQueue[Plain | None]) -> None:
        """Record the engine's results in the ledger until the engine has ended, and renew the lock meanwhile."""
        gathered: list[Plain] = []
        due = 0.0
        while True:
            ended = False
            with suppress(Empty):
                event = news.get(timeout=QUEUE_TIMEOUT)
                while event is not None:
                    gathered.append(event)
                    event = news.get_nowait()
                ended = True
            if ended or not self._front.is_awaited():
                return
            if gathered and time.monotonic() >= due:
                began = time.monotonic()
                self._record(gathered)
                gathered = []
                due = time.monotonic() + max(RECORD_INTERVAL, RECORD_SHARE * (time.monotonic() - began))
            elif time.monotonic() >= self._renewed + self._lease / 3:
                self._ledger_step("renew")

    def _record(self, results: Sequence[Plain]) -> Plain:
        self._note_changes(results)
        merged: dict[tuple[str, str], Plain] = {}
        rows: dict[tuple[str, str], dict[str, Plain]] = {}
        for result in results:
            key = (result["name"], result["state"])
            merged[key] = result
            rows.setdefault(key, {}).update({row["id"]: row for row in result["tasks"]})
        return self._ledger_step("record", targets=[{**result, "tasks": list(rows[key].values())} for key, result in merged.items()])

    def _note_changes(self, results: Sequence[Plain]) -> None:
        for result in results:
            for row in result["tasks"]:
                if row["changed"]:
                    self._changes.before.setdefault((result["name"], row["id"]), row["before"])
                    self._changes.after[result["name"], row["id"]] = row["state"]
            for warning in result.get("warnings") or ():
                self._front.warn(one_line(f"target {result['name']}: {warning}."))

    # The ledger

    def _ledger_step(self, step: str, **params: Any) -> Plain:
        began = time.monotonic()
        result = self._ports.step(step, {"direction": self._direction, "run": self._run or None, **params})
        if step != "renew":
            self._status = str(result["status"])
        for warning in result.get("warnings") or ():
            self._front.warn(one_line(warning))
        if not self._ports.is_near and not self._front.check_mode:
            # The lease counts from before the step: however long the step took, the lock was renewed after that.
            self._held_until = began + self._lease
        self._renewed = began
        return result

    def _may_send(self) -> bool:
        return not self._stopped.is_set() and time.monotonic() < self._held_until and self._front.is_awaited()

    def _check_awaited(self) -> None:
        """Raises `Failure` if the run may send nothing any more."""
        if not self._front.is_awaited():
            self._stopped.set()
            raise Failure("timeout", "nothing more was sent, since the Ansible task that started this has ended")
        if not self._may_send():
            why = f"the lock of the window {self._window} couldn't be renewed within {self._lease:g} s"
            raise Failure("timeout", f"nothing more was sent, since {why}; run it again")

    def _finish(self) -> None:
        """Release the lock and write the report, whatever the result of the run."""
        if self._front.check_mode or not self._run:
            return
        if not (self._front.is_awaited() or self._ports.is_near):
            return
        try:
            ended = self._ledger_step("end", complete=self._is_complete)
        except Failure as failure:
            self._failure = self._failure or failure
            return
        facts = ended.get("facts")
        self._summary = dict(ended.get("summary") or {})
        if facts:
            self._report(facts)
        if ended["failures"] and self._failure is None:
            state = "fully open" if self._direction == "open" else "closed"
            with suppress(Failure):
                self._fail(f"The window {self._window} isn't {state}: {' '.join(ended['failures'])}", ended["verdict"])

    def _report(self, facts: Plain) -> None:
        try:
            self._result["report"] = self._ports.report(facts)
        except Failure as failure:
            message = f"the window {self._window} is {self._status}, but its report isn't written: {failure.message}"
            if self._failure:
                self._front.warn(one_line(f"{message}."))
            else:
                self._failure = Failure(failure.code, message)

    def _fail(self, message: str, verdict: Mapping[str, Any]) -> None:
        details = {"code": "usage", **verdict}
        self._failure = Failure(details.pop("code"), message.rstrip("."), **details)
        raise self._failure

    # Messages

    def _status_sentence(self) -> str:
        """The status of the window as a sentence: the last line of every run."""
        if self._front.check_mode:
            count = len(self._changes.after)
            return f"only planned, nothing was changed; {count} {'task' if count == 1 else 'tasks'} would be changed"
        if self._summary:
            return str(self._summary["sentence"])
        if self._status in ("none", "closed"):
            return f"not {'opened' if self._direction == 'open' else 'closed'}, nothing was changed"
        return f"unchanged, {self._status}"

    def _print_plan(self, plan: Sequence[str]) -> None:
        self._plan = list(plan)
        for line in plan:
            self._print_line(line)

    def _print_line(self, line: str) -> None:
        # If nobody reads the pipe any more, writing to it would block this thread for ever.
        if self._front.is_awaited():
            self._ports.print_line(harmless(line))

    def _progress_line(self) -> str:
        stage, counts = self._stage, self._counts
        awaited: list[PendingTask] = []
        if stage:
            counts = counts + stage.counts()
            awaited = stage.awaited()
        if not self._total:
            return f"{self._window}: {self._label}"
        return f"{self._window}, {self._label}: {format_progress(counts, self._total, awaited, self._direction)}"
