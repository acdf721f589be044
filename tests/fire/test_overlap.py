# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Up to four windows over the same tasks, in memory: their steps run in any order, are killed anywhere, and others change tasks in between.

The windows are the real code: `_window`, `_overlap`, `_verdicts` and `_fates`. The folder, the system and the engine are small models of
this file. A step reads the documents, changes them and writes them, like a step under the lock of the folder.
"""

from __future__ import annotations

import pickle
import random
from collections import Counter
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _overlap, _verdicts, _window, _window_texts
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._fates import fate_of
from ansible_collections.taskops.quiesce.plugins.module_utils._items import Direction, items_of
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import RESTORING_STATE

from .history import contradictions
from .plan import OVERLAPS, SEED, SHARES
from .tally import TALLY

Plain = dict[str, Any]
WINDOWS = ("A", "B", "C", "D")
TASKS = ("1", "2", "3")
# The result of an action in each state. Other combinations aren't possible.
WAYS = {
    ("started", "paused"): ("pause", "paused"),
    ("started", "stopped"): ("stop", "stopped"),
    ("paused", "stopped"): ("stop", "stopped"),
    ("paused", "started"): ("resume", "started"),
    ("stopped", "started"): ("start", "started"),
}
# A task that was found stopped or paused stays at rest. A stopped one can't be paused.
AT_REST = {"paused": ("paused",), "stopped": ("stopped",), "started": ("started",)}
LAST = 50


class System:
    """The true states of the tasks, and the changes of each by its author."""

    def __init__(self, states: dict[str, str], final: frozenset[str]) -> None:
        self.states = states
        self.final = final

    def way(self, id_: str, desired: str) -> tuple[str, str] | None:
        """The action to the desired state and its result. None if there is none."""
        state = self.states[id_]
        if id_ in self.final and state == "stopped" and desired != "stopped":
            return None
        return WAYS.get((state, desired))

    def why_final(self, id_: str, arrives: str, desired: str) -> str:
        """Why the task can't get to the desired state from the state `arrives`."""
        if arrives == desired or ((arrives, desired) in WAYS and not (id_ in self.final and arrives == "stopped")):
            return ""
        return f"job {id_} is {arrives} for good"

    def survey(self, name: str, ids: list[str], desired: str, accept_final: bool) -> Plain:
        return {
            **{"name": name, "vendor": "press", "system": "the press", "noun": "job", "state": desired, "stage": 10, "place": "press here"},
            **{"accept_final": accept_final, "options": {}, "left_out": 0, "tasks": ids, "warnings": []},
            "found": [self._row(id_, desired) for id_ in ids],
        }

    def _row(self, id_: str, desired: str) -> Plain:
        state, way = self.states[id_], self.way(id_, desired)
        row: Plain = {
            **{"id": id_, "name": id_, "state": state, "vendor_state": state, "seen": {"vendor_state": state}, "armed": False},
            **{"actions": [way[0]] if way else [], "arrives": way[1] if way else state, "vendor_arrives": "", "final": "", "note": ""},
            "skipped": False,
        }
        if state != desired and not way:
            row["error"] = {"code": "unreachable_state", "message": f"job {id_} is {state} and can't be {desired}."}
        elif way:
            row["final"] = self.why_final(id_, way[1], RESTORING_STATE[state])  # type: ignore[index]
            row["ways_back"] = {back: why for back in ("paused", "started", "stopped") if (why := self.why_final(id_, way[1], back))}
        return row


class Folder:
    """The ledgers of a folder, each as it was written."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self.now = 1_000.0
        self.fresh: set[str] = set()

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    def read(self, window: str) -> Plain | None:
        kept = self._kept.get(window)
        return pickle.loads(kept) if kept else None

    def write(self, document: Plain) -> None:
        document["updated"] = self.now
        self.write_neighbour(document)

    def write_neighbour(self, document: Plain) -> None:
        self._kept[document["window"]] = pickle.dumps(document)
        self.fresh.add(document["window"])

    def neighbours(self, window: str, since: float) -> _overlap.Neighbours:
        others = [one for one in self.all() if one["window"] != window]
        return _overlap.Neighbours([one for one in others if one["status"] != "closed" or one["updated"] >= since])

    def all(self) -> list[Plain]:
        return [pickle.loads(kept) for kept in self._kept.values()]


class Job:
    """A run of a window, step by step. Each call of `go` is one step. `killed` changes nothing else."""

    def __init__(self, world: World, window: str, direction: Direction, desired: str, ids: list[str]) -> None:
        self._world, self.window, self.direction = world, window, direction
        self._desired, self._ids = desired, ids
        self._run = f"{window}{world.folder.now}"
        self._began = 0.0
        self._surveyed: list[Plain] = []
        self._step = self._begin
        self.is_over = False

    def go(self) -> None:
        self._world.folder.tick()
        try:
            self._step()
        except Failure as failure:
            self._world.tally[f"refused: {failure.code}"] += 1
            self.is_over = True

    def _begin(self) -> None:
        folder, system = self._world.folder, self._world.system
        self._began = folder.now
        document = folder.read(self.window)
        if self.direction == "open":
            if document and document["status"] != "closed":
                meeting = _overlap.adapt_to_neighbours(document, folder.neighbours(self.window, folder.now), folder.now)
                _raise(meeting.refusals)
                _window.begin(document, "open", self._run, folder.now)
                _window.intend(document, "open", 10, folder.now)
                folder.write(document)
                self._step = self._act
            else:
                self._step = self._survey
            return
        assert document
        _window.begin(document, "close", self._run, folder.now)
        folder.write(document)
        self._surveyed = [system.survey(work["name"], work["ids"], work["state"], True) for work in _window.targets_to_survey(document)]
        self._step = self._owed

    def _survey(self) -> None:
        self._surveyed = [self._world.system.survey("jobs", self._ids, self._desired, self._world.accept_final)]
        self._step = self._found

    def _found(self) -> None:
        folder = self._world.folder
        targets, meeting = _overlap.inherit_from_neighbours(self._surveyed, folder.neighbours(self.window, self._began), self._began)
        _raise([*_window.refusals(targets), *meeting.refusals])
        document = _window.new_document(self.window, targets, folder.now)
        _window.begin(document, "open", self._run, folder.now)
        self._world.note_found(document, self._began)
        _window.intend(document, "open", 10, folder.now)
        folder.write(document)
        assert _window_texts.open_plan_lines(targets)
        self._step = self._act

    def _owed(self) -> None:
        folder = self._world.folder
        document = folder.read(self.window)
        assert document
        neighbours = folder.neighbours(self.window, self._began)
        kept, barred, _warnings = _overlap.tasks_held_elsewhere(document, neighbours, self._began)
        _verdicts.judge(document, self._surveyed, folder.now, kept, barred)
        self._world.note_reported(document)
        for heir in _overlap.transfer_holds(document, neighbours, folder.now):
            folder.write_neighbour(heir)
            if self._world.dies():
                self.is_over = True
                return
        _window.intend(document, "close", 10, folder.now)
        folder.write(document)
        self._step = self._act

    def _act(self) -> None:
        """One task of the stage at a time is acted on and recorded, so that everything else can happen in between."""
        world = self._world
        document = world.folder.read(self.window)
        assert document
        work = _window.stage_work(document, self.direction, 10)
        pending = [(one, id_) for one in work for id_ in one["ids"]]
        if not pending:
            self._end()
            return
        one, id_ = world.random.choice(pending)
        row = self._row_of(document, one, id_)
        if world.dies():
            self.is_over = True
            return
        document = world.folder.read(self.window)
        assert document
        result = {"name": one["name"], "state": one["state"], "spent": 1.0, "tasks": [row]}
        _window.record(document, self.direction, [result], world.folder.now)
        assert _window_texts.stage_progress(document, self.direction, 10)
        world.folder.write(document)

    def _row_of(self, document: Plain, work: Plain, id_: str) -> Plain:
        """Do what the engine would do with the task. The answer may be lost with the job."""
        world, system, desired = self._world, self._world.system, work["state"]
        before, way = system.states[id_], system.way(id_, desired)
        row: Plain = {
            **{"id": id_, "name": id_, "action": "none", "changed": False, "reached": False, "skipped": False, "over": True, "note": ""},
            "memory": {"before": work["memories"][id_]["before"], "actions": [], "changed": False, "sends": 0},
        }
        if before == desired:
            row["reached"] = True
        elif not way:
            row["error"] = {"code": "unreachable_state", "message": f"job {id_} is {before} and can't be {desired}."}
        elif world.random.random() < 0.1:
            row["error"] = {"code": "refused", "message": f"job {id_} was refused."}
        else:
            world.check(self.window, self.direction, id_, before, way[1])
            system.states[id_] = way[1]
            row.update(action=way[0], changed=True, reached=True)
        row.update(state=system.states[id_], vendor_state=system.states[id_], told=system.states[id_])
        return row

    def _end(self) -> None:
        folder = self._world.folder
        document = folder.read(self.window)
        assert document
        _window.end(document, self.direction, self._run, folder.now, True)
        folder.write(document)
        if self.direction == "close":
            self._world.note_reported(document)
        self.is_over = True


class World:
    """The random input, and the conditions that have to hold."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        states = {id_: self.random.choice(("started", "started", "started", "paused", "stopped")) for id_ in TASKS}
        self.system = System(states, frozenset(id_ for id_ in TASKS if self.random.random() < 0.2))
        self.folder = Folder()
        self.accept_final = self.random.random() < 0.5
        self.deadly = self.random.choice((0.0, 0.0, 0.1))
        self.meddling = self.random.choice((0.0, 0.0, 0.08))
        self.desired_by_window = {window: self.random.choice(("paused", "paused", "stopped", "stopped", "started")) for window in WINDOWS}
        self.ids = {window: sorted(self.random.sample(TASKS, self.random.randint(1, 3))) for window in WINDOWS}
        self.first: dict[str, str] = {}
        self.reported: set[str] = set()
        self.meddled: set[str] = set()
        self.by_others: dict[str, float] = {}
        self.tally: Counter[str] = Counter()

    def dies(self) -> bool:
        return self.random.random() < self.deadly

    def note_found(self, document: Plain, began: float) -> None:
        """The state of a task before any open window had it."""
        held = {
            item["id"]
            for one in self.folder.all()
            for _target, item in items_of(one)
            if one["status"] in ("opening", "open") or (one["status"] == "closing" and not item["close"].get("over"))
        }
        for _target, item in items_of(document):
            if item["id"] not in held:
                self._check_promise(item["id"])
                self.first[item["id"]] = item["found"]["state"]
                self.reported.discard(item["id"])
                if self.by_others.get(item["id"], began) < began:
                    del self.by_others[item["id"]]

    def note_reported(self, document: Plain) -> None:
        """The tasks that the report lists as not put back."""
        for _target, item in items_of(document):
            fate, why, _failed_in = fate_of(item)
            self.tally[f"fate: {fate}"] += 1
            # If another window had changed the task first and has been closed since, the report says that this window didn't cause it.
            is_others = item["id"] in self.meddled or "before the window acted" in why
            assert fate != "left" or is_others, f"{item['id']} is {fate} ({why}), and nobody else was at work"
            if fate in ("failed", "final", "left") and why:
                self.reported.add(item["id"])

    def _check_promise(self, id_: str) -> None:
        """After the last closing, each task is as it was first found, or the report lists it."""
        is_as_found = self.system.states[id_] == self.first.get(id_, self.system.states[id_])
        assert is_as_found or id_ in self.reported or id_ in self.by_others, (
            f"{id_} was found {self.first[id_]} and is {self.system.states[id_]}"
        )

    def check(self, window: str, direction: Direction, id_: str, before: str, after: str) -> None:
        """No closing moves a task out of the desired state of an open window."""
        if direction == "open":
            return
        for document in self.folder.all():
            for target, item in items_of(document):
                wants = document["window"] != window and item["id"] == id_ and document["status"] == "open"
                if wants and (item["open"].get("row") or {}).get("reached"):
                    desired_by_holder = item.get("wish") or target["state"]
                    assert before != desired_by_holder or after == desired_by_holder, (
                        f"closing {window} moves {id_} from {before}, as {document['window']} wants"
                    )

    def run(self) -> None:
        """Windows open and close in any order, a few of them at once. In the end, all are closed."""
        jobs: dict[str, Job] = {}
        for _step in range(LAST):
            window = self.random.choice(WINDOWS)
            job = jobs.get(window)
            if job is None or job.is_over:
                jobs[window] = self._begun(window)
            elif self.random.random() < self.deadly / 4:
                self.tally["killed"] += 1
                del jobs[window]
            else:
                job.go()
            if self.random.random() < self.meddling:
                self._change_as_outsider()
            if self.random.random() < 0.08:
                self._look()
        self._close_all(jobs)

    def _begun(self, window: str) -> Job:
        document = self.folder.read(window)
        may_close = document is not None and document["status"] != "closed"
        direction: Direction = "close" if may_close and self.random.random() < 0.6 else "open"
        self.tally[direction] += 1
        return Job(self, window, direction, self.desired_by_window[window], self.ids[window])

    def _change_as_outsider(self) -> None:
        id_ = self.random.choice(TASKS)
        desired = self.random.choice(("paused", "stopped", "started"))
        if self.system.states[id_] != desired and (way := self.system.way(id_, desired)):
            self.system.states[id_] = way[1]
            self.by_others[id_] = self.folder.now
            self.meddled.add(id_)

    def _close_all(self, jobs: dict[str, Job]) -> None:
        """All jobs end without further kills, and each window is closed as often as a person would do it."""
        self.deadly = 0.0
        for job in jobs.values():
            while not job.is_over:
                job.go()
        for _again in range(6):
            for window in self.random.sample(WINDOWS, len(WINDOWS)):
                document = self.folder.read(window)
                if document and document["status"] != "closed":
                    job = Job(self, window, "close", "", [])
                    while not job.is_over:
                        job.go()
        self._look()
        for id_ in TASKS:
            self._check_promise(id_)

    def _look(self) -> None:
        """The records are correct at any moment."""
        for document in (one for one in self.folder.all() if one["window"] in self.folder.fresh):
            assert not (wrong := contradictions(document)), (document["window"], wrong)
        self.folder.fresh.clear()


def _raise(refusals: list[Failure]) -> None:
    if refusals:
        raise refusals[0]


@pytest.mark.parametrize("share", range(SHARES))
def test_windows_that_overlap_put_back_what_the_first_one_found(share: int) -> None:
    for case in range(OVERLAPS // SHARES + 1):
        drawn = SEED * 1_000_003 + share * 100_000_007 + case
        world = World(drawn)
        try:
            world.run()
        except AssertionError as failed:
            raise AssertionError(f"World({drawn}): {failed}") from failed
        TALLY["windows that overlap"] += 1
        TALLY.update({f"window: {name}": count for name, count in world.tally.items()})
