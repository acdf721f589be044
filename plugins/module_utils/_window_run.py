# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A whole run of a window, from its lock to its report. Nothing here knows Ansible.

The engine's threads send and wait; this thread alone writes the ledger: what is about to be sent before it's sent, what was seen as it
happens, and the lock's renewal while nothing happens. As soon as the lock or the ledger is lost, nothing more is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from . import _stage
from ._bring import Awaited, Counts, Stage
from ._edge import Front, Outcome, outcome
from ._errors import Failure, one_line
from ._items import Direction
from ._progress import Teller, progress_line
from ._results import error
from ._text import harmless
from ._window_texts import planned

Plain = dict[str, Any]

# In seconds: how long this thread waits for news before it looks at the lock; the least time between two records; how long one that is
# broken off waits for what is under way.
PULSE = 0.5
LEAST_GAP = 0.2
GRACE = 2.0
# A record takes at most a fifth of the time, however large the ledger is.
SHARE = 4.0


@dataclass(frozen=True)
class Ports:
    """What a run needs of its surroundings.

    `step` does a step of the ledger with its parameters, `report` writes the report of the facts and returns its files; both raise
    `Failure`. `tell` shows a line, and `complete` adds to a target what stands elsewhere. `is_near` tells that nobody takes the lock while
    this process lives.
    """

    step: Callable[[str, Plain], Plain]
    report: Callable[[Plain], Plain]
    tell: Callable[[str], None]
    complete: Callable[[Plain], Plain] = lambda target: target
    is_near: bool = True


@dataclass
class _Changes:
    """What each task was and became, by target and id: as planned, or as done."""

    before: dict[tuple[str, str], str] = field(default_factory=dict)
    after: dict[tuple[str, str], str] = field(default_factory=dict)

    def diff(self) -> dict[str, str]:
        """One line for each task that changes. Ansible prints them as they are."""
        rows = {key: {"before": self.before.get(key, "unknown"), "after": after} for key, after in self.after.items()}
        return {
            when: "".join(f"{harmless(name)} {harmless(id_)}: {its[when]}\n" for (name, id_), its in rows.items())
            for when in ("before", "after")
        }


class WindowRun:
    """One run that opens or closes a window. Make it, then call `go` once.

    `front.params` has `id`, `state` (open, closed), `targets`, `ledger_lease`, `report_dir`, `until` and `for`.
    """

    def __init__(self, front: Front, ports: Ports) -> None:
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
        self._pool = _stage.Pool(front.clock, front.hide, is_awaited=self._may_send)

    def go(self) -> Outcome:
        """The whole run. What goes wrong is told in what it returns; the lock is given back in any case."""
        begun = self._front.clock.now()
        try:
            with Teller(self._tell, self._line):
                self._open() if self._direction == "open" else self._close()
        except Failure as failure:
            self._failure = failure
        except BaseException:
            # Ansible's `timeout:` comes so, and the end of the process.
            self._stopped.set()
            self._end()
            raise
        self._end()
        said = self._sentence()
        self._tell(f"{self._window}: {said}")
        told: Plain = {"changed": bool(self._changes.after), "window": self._window, "status": self._status, **self._result}
        told.update(only_planned=self._front.check_mode, summary=self._summary, told=said)
        if self._failure is None:
            # Of what has failed, Ansible prints all; the plan was told before.
            told["plan"] = self._plan
        if self._front.wants_diff:
            told["diff"] = self._changes.diff()
        return outcome({**told, "elapsed": round(self._front.clock.now() - begun, 2)}, self._failure)

    # Opening and closing

    def _open(self) -> None:
        given = [dict(target) for target in self._params["targets"]]
        # Checked before the lock is taken and anything is read.
        resolved = self._resolved(given)
        bare = [{**target, "options": {}, "place": _stage.place_of(its)} for target, its in zip(given, resolved, strict=True)]
        begun = self._begin(targets=bare)
        if begun["status"] in ("none", "closed"):
            step = self._step("found", targets=self._survey(resolved), until=begun["until"] or None)
            self._show(step["plan"])
            if step["refused"]:
                reason = " ".join(step["refused"])
                self._raise(f"The window {self._window} would be refused: {reason}", step["verdict"])
        elif self._front.check_mode:
            self._plan_again(begun["work"], resolved)
            return
        else:
            step = self._step("next")
        self._go_through(step)

    def _close(self) -> None:
        begun = self._begin()
        surveyed = self._survey_each(begun["work"])
        step = self._step("owed", targets=surveyed)
        self._show(step["plan"])
        if self._front.check_mode:
            for target in begun["work"]:
                self._changes.after.update({(target["name"], id_): target["state"] for id_ in step["owed"].get(target["name"], ())})
        self._go_through(step)

    def _begin(self, **more: Any) -> Plain:
        begun = self._step("begin", report_dir=self._params.get("report_dir"), **self._deadline(), **more)
        self._run = str(begun["run"])
        self._result["ledger"] = begun["ledger"]
        return begun

    def _deadline(self) -> Plain:
        return {name: self._params[name] for name in ("until", "for") if self._params.get(name) not in (None, "")}

    def _plan_again(self, work: Sequence[Plain], resolved: Sequence[_stage.Target]) -> None:
        """What opening does with a window that is open: its own tasks are brought to their states, and no other one."""
        known = self._survey(self._resolved(work))
        mine = {(target["name"], row["id"]) for target in known for row in target["found"]}
        lines = []
        for chosen in self._survey([target for target in resolved if target.given.get("select") is not None]):
            new = [row for row in chosen["found"] if (chosen["name"], row["id"]) not in mine]
            lines += [
                f"  {chosen['name']} {row['id']}: isn't part of the window, which was opened without it; it's left unchanged" for row in new
            ]
            for row in new:
                self._changes.after.pop((chosen["name"], row["id"]), None)
        self._show([*map(harmless, planned(known)), *map(harmless, lines)])

    # Targets

    def _resolved(self, targets: Iterable[Mapping[str, Any]]) -> list[_stage.Target]:
        return [_stage.resolve(self._whole(target), self._front.hide) for target in targets]

    def _whole(self, target: Mapping[str, Any]) -> Plain:
        """The target with what the user gives for it now laid over its options: the ledger keeps no secret."""
        given = {one["name"]: one.get("options") or {} for one in self._params.get("targets") or ()}
        return self._ports.complete({**target, "options": {**(target.get("options") or {}), **given.get(target["name"], {})}})

    def _survey(self, targets: Sequence[_stage.Target]) -> list[Plain]:
        self._label = f"{len(targets)} targets are being read"
        surveyed = _stage.survey(targets, self._front.clock, self._front.hide, self._pool)
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
        """The same for closing, which one target that isn't in order mustn't keep from putting back the others."""
        targets, wrong = [], []
        for target in work:
            try:
                targets += self._resolved([target])
            except Failure as failure:
                hint = "the ledger keeps no secret, so give maintenance_targets as on opening, or what is missing in the environment"
                message = failure.message.removeprefix(f"target {target['name']}: ")
                told = Failure(failure.code, f"{message}; {hint}") if failure.code == "usage" else failure
                wrong.append({"name": target["name"], "found": [], "error": error(told)})
        return [*self._survey(targets), *wrong]

    # Stages

    def _go_through(self, step: Plain) -> None:
        if self._front.check_mode:
            return
        self._total = int(step.get("total") or 0)
        while step["work"]:
            step = self._bring(step)
        self._is_complete = True

    def _bring(self, step: Plain) -> Plain:
        """One stage to its end. Its intents are in the ledger already; returns what is next."""
        news: SimpleQueue[Plain | None] = SimpleQueue()
        stage = Stage(self._resolved(step["work"]), self._front.clock, self._pool, note=news.put, is_wanted=self._may_send)
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
            self._write_down(news)
        except Failure:
            # The ledger or its lock: nothing that can't be written down is sent.
            self._stopped.set()
            thread.join(GRACE)
            self._take_note(stage.results())
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
        self._tell(self._line())
        if after["work"] and after.get("stage") == step["stage"]:
            raise Failure("timeout", f"stage {step['stage']} of the window {self._window} ended before its tasks did; run it again")
        return after

    def _write_down(self, news: SimpleQueue[Plain | None]) -> None:
        """Note in the ledger what the engine tells, until it has ended; and renew the lock meanwhile."""
        gathered: list[Plain] = []
        due = 0.0
        while True:
            ended = False
            with suppress(Empty):
                told = news.get(timeout=PULSE)
                while told is not None:
                    gathered.append(told)
                    told = news.get_nowait()
                ended = True
            if ended or not self._front.is_awaited():
                return
            if gathered and time.monotonic() >= due:
                began = time.monotonic()
                self._record(gathered)
                gathered = []
                due = time.monotonic() + max(LEAST_GAP, SHARE * (time.monotonic() - began))
            elif time.monotonic() >= self._renewed + self._lease / 3:
                self._step("renew")

    def _record(self, results: Sequence[Plain]) -> Plain:
        self._take_note(results)
        merged: dict[tuple[str, str], Plain] = {}
        rows: dict[tuple[str, str], dict[str, Plain]] = {}
        for result in results:
            key = (result["name"], result["state"])
            merged[key] = result
            rows.setdefault(key, {}).update({row["id"]: row for row in result["tasks"]})
        return self._step("record", targets=[{**result, "tasks": list(rows[key].values())} for key, result in merged.items()])

    def _take_note(self, results: Sequence[Plain]) -> None:
        for result in results:
            for row in result["tasks"]:
                if row["changed"]:
                    self._changes.before.setdefault((result["name"], row["id"]), row["before"])
                    self._changes.after[result["name"], row["id"]] = row["state"]
            for warning in result.get("warnings") or ():
                self._front.warn(one_line(f"target {result['name']}: {warning}."))

    # The ledger

    def _step(self, step: str, **params: Any) -> Plain:
        began = time.monotonic()
        told = self._ports.step(step, {"direction": self._direction, "run": self._run or None, **params})
        if step != "renew":
            self._status = str(told["status"])
        for warning in told.get("warnings") or ():
            self._front.warn(one_line(warning))
        if not self._ports.is_near and not self._front.check_mode:
            # From the moment before the step on: whatever it took, the lock isn't older than that.
            self._held_until = began + self._lease
        self._renewed = began
        return told

    def _may_send(self) -> bool:
        return not self._stopped.is_set() and time.monotonic() < self._held_until and self._front.is_awaited()

    def _check_awaited(self) -> None:
        """Raises `Failure` where the run may send nothing any more."""
        if not self._front.is_awaited():
            self._stopped.set()
            raise Failure("timeout", "nothing more was sent, since the Ansible task that started this has ended")
        if not self._may_send():
            why = f"the lock of the window {self._window} couldn't be renewed within {self._lease:g} s"
            raise Failure("timeout", f"nothing more was sent, since {why}; run it again")

    def _end(self) -> None:
        """Give the lock back and write the report, however the run went."""
        if self._front.check_mode or not self._run:
            return
        if not (self._front.is_awaited() or self._ports.is_near):
            return
        try:
            ended = self._step("end", complete=self._is_complete)
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
                self._raise(f"The window {self._window} isn't {state}: {' '.join(ended['failures'])}", ended["verdict"])

    def _report(self, facts: Plain) -> None:
        try:
            self._result["report"] = self._ports.report(facts)
        except Failure as failure:
            told = f"the window {self._window} is {self._status}, but its report isn't written: {failure.message}"
            if self._failure:
                self._front.warn(one_line(f"{told}."))
            else:
                self._failure = Failure(failure.code, told)

    def _raise(self, message: str, verdict: Mapping[str, Any]) -> None:
        told = {"code": "usage", **verdict}
        self._failure = Failure(told.pop("code"), message.rstrip("."), **told)
        raise self._failure

    # What is told

    def _sentence(self) -> str:
        """What the window is now, in words: the last line of every run."""
        if self._front.check_mode:
            count = len(self._changes.after)
            return f"only planned, nothing was changed; {count} {'task' if count == 1 else 'tasks'} would be"
        if self._summary:
            return str(self._summary["sentence"])
        return "not opened, nothing was changed" if self._status in ("none", "closed") else f"left as it is, {self._status}"

    def _show(self, plan: Sequence[str]) -> None:
        self._plan = list(plan)
        for line in plan:
            self._tell(line)

    def _tell(self, line: str) -> None:
        # A pipe that nobody reads any more would take no line, and hold this thread for ever.
        if self._front.is_awaited():
            self._ports.tell(harmless(line))

    def _line(self) -> str:
        stage, counts = self._stage, self._counts
        awaited: list[Awaited] = []
        if stage:
            counts = counts + stage.counts()
            awaited = stage.awaited()
        if not self._total:
            return f"{self._window}: {self._label}"
        return f"{self._window}, {self._label}: {progress_line(counts, self._total, awaited, self._direction)}"
