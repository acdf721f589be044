# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of a window over made-up systems: nothing that it knows is thrown away, and nothing is sent that can't be written down."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _ledger_steps, _memories, _targets, _window_run
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Clock
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger_steps import LEDGER_OPTIONS, Steps

from tests.unit.presses import Press, PressVendor, WallClock, target
from tests.unit.support import FakeClock

Plain = dict[str, Any]


@dataclass
class Front:
    """A task of Ansible that somebody waits for, unless a test says otherwise."""

    params: Plain
    clock: Clock
    check_mode: bool = False
    wants_diff: bool = True
    awaited: Callable[[], bool] = lambda: True
    warnings: list[str] = field(default_factory=list)

    def hide(self, secret: str) -> None:
        pass

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def is_awaited(self) -> bool:
        return self.awaited()


@dataclass
class Job:
    """The runs of the window `id`, with its ledger in `folder`. `before` is called before each step of the ledger."""

    folder: Path
    clock: FakeClock
    targets: list[Plain]
    id: str = "CHG1"
    lease: float = 180.0
    is_near: bool = True
    before: Callable[[str, Plain], None] = lambda step, params: None
    report: Callable[[Plain], Plain] = lambda facts: {"html": "there"}
    awaited: Callable[[], bool] = lambda: True
    lines: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def run(self, state: str, *, check: bool = False, **params: Any) -> Plain:
        given = {"id": self.id, "state": state, "targets": self.targets, "ledger_lease": self.lease, **params}
        front = Front(given, self.clock, check, awaited=self.awaited, warnings=self.warnings)
        self.clock.time += 1
        ports = _window_run.Surroundings(
            lambda step, its: self._step(step, its, check), self.report, self.lines.append, is_near=self.is_near
        )
        return _window_run.WindowRun(front, ports).go().returned

    def document(self) -> Plain:
        document = Ledger(str(self.folder), self.id).read()
        assert document is not None
        return document

    def items(self) -> dict[str, Plain]:
        return {item["id"]: item for its in self.document()["targets"] for item in its["items"]}

    def _step(self, step: str, params: Plain, check: bool) -> Plain:
        self.before(step, params)
        self.steps.append(step)
        whole = {name: option.get("default") for name, option in LEDGER_OPTIONS.items()}
        whole.update({name: value for name, value in params.items() if value is not None}, step=step)
        ledger = Ledger(str(self.folder), self.id, self.lease)
        told: Plain = {"status": "none", "ledger": str(ledger.path), **getattr(Steps(ledger, whole, check), step)()}
        plain: Plain = json.loads(json.dumps(told))
        return plain


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Press]:
    """The press `here`, and the same moments for engine and ledger."""
    here = Press({"1": "running", "2": "queued"}, clock)
    monkeypatch.setattr(PressVendor, "presses", {"here": here})
    monkeypatch.setattr(_targets, "system_of", lambda vendor, whose: PressVendor)
    for module in (_memories, _ledger_steps):
        monkeypatch.setattr(module, "time", WallClock(clock))
    yield here


@pytest.fixture
def job(tmp_path: Path, clock: FakeClock, press: Press) -> Job:
    return Job(tmp_path / "ledger", clock, [target()])


def slow(**options: Any) -> Plain:
    return target(options={"url": "here", **options})


# The end of the window


def after_reading_for(seconds: float, clock: FakeClock) -> Callable[[str, Plain], None]:
    def move_clock(step: str, params: Plain) -> None:
        if step == "found":
            clock.time += seconds

    return move_clock


def test_a_window_whose_end_passes_while_its_tasks_are_read_is_refused_before_any_action(job: Job, press: Press, clock: FakeClock) -> None:
    job.before = after_reading_for(10, clock)

    refused = job.run("open", check=False, **{"for": "5s"})

    assert refused["failure"]["code"] == "usage"
    assert "CHG1 isn't opened, since its end, " in refused["msg"]
    assert "passed while the tasks were read, and nothing was changed" in refused["msg"]
    assert press.journal == []


def test_the_step_that_creates_a_window_takes_a_duration_too(job: Job, clock: FakeClock) -> None:
    """The module `maintenance_ledger` documents it."""
    job.before = lambda step, params: params.update(until=None, **{"for": "1h"}) if step == "found" else None

    assert "failure" not in job.run("open", check=False, until="2099-12-01T04:00:00Z")
    assert job.document()["until"] == pytest.approx(WallClock(clock).time() + 3600, abs=2)


def test_a_window_of_seconds_is_not_cut_to_the_beginning_of_its_second(job: Job, clock: FakeClock) -> None:
    clock.time += 0.9
    job.before = after_reading_for(0.95, clock)

    opened = job.run("open", check=False, **{"for": "1s"})

    assert "failure" not in opened, opened
    assert 0 < job.document()["until"] - WallClock(clock).time() < 1


# What is known stays known


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each object of a vendor was made, which is what costs a login."""
    moments: list[float] = []
    make = PressVendor.__init__

    def noted(self: PressVendor, params: Mapping[str, Any], connection: Connection) -> None:
        moments.append(connection.clock.now())
        make(self, params, connection)

    monkeypatch.setattr(PressVendor, "__init__", noted)
    return moments


def test_one_login_does_for_the_survey_and_the_stage(job: Job, press: Press, made: list[float]) -> None:
    press.late = 30.0

    assert job.run("open")["status"] == "open"
    assert len(made) == 1


def test_a_connection_that_was_quiet_for_long_is_made_anew(
    job: Job, press: Press, made: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second stage begins after the first one has lasted for a minute and a half."""
    monkeypatch.setitem(PressVendor.presses, "there", Press({"7": "running"}, job.clock))
    press.late = 90.0
    job.targets = [target(), target("others", "there", stage=20)]

    assert job.run("open")["status"] == "open"
    assert len(made) == 3


def test_the_longest_pause_between_two_looks_is_kept(job: Job, press: Press) -> None:
    job.targets = [slow(poll_interval=30)]
    press.late = 280.0
    looks: list[float] = []
    press.on_read = lambda: looks.append(job.clock.now())

    assert job.run("open")["status"] == "open"
    assert len(looks) <= 2 + 10 + 10, looks


def test_a_window_may_last_longer_than_five_hours(job: Job, press: Press) -> None:
    job.targets = [slow(wait_timeout=8 * 3600)]
    press.late = 6 * 3600.0

    opened = job.run("open")

    assert (opened["status"], opened["sentence"]) == ("open", "open, 2 tasks held")
    assert press.journal == [("hold", "1"), ("hold", "2")] or press.journal == [("hold", "2"), ("hold", "1")]


def test_what_ends_by_itself_while_it_is_drained_is_skipped_and_nothing_is_sent_to_it(job: Job, press: Press) -> None:
    press.states.pop("2")
    job.targets = [slow(drain=60)]

    def end() -> None:
        if job.clock.now() > 1030:
            press.states["1"] = "done"

    press.on_read = end
    opened = job.run("open")

    assert (opened.get("msg"), opened["sentence"], press.journal) == (None, "open, 0 tasks held, 1 skipped", [])
    assert job.items()["1"]["open"]["row"]["skipped"]
    assert job.lines[-2] == "CHG1, stage 10: 0 of 1 tasks reached their state, 1 skipped"


def test_a_drain_is_not_begun_anew(job: Job, press: Press) -> None:
    press.states.pop("2")
    job.targets = [slow(drain=20)]
    sent: list[float] = []
    press.on_act = lambda action, id_: sent.append(job.clock.now())
    begun = job.clock.now()

    job.run("open")

    assert 20 <= sent[0] - begun < 25


def test_each_target_has_a_connection_of_its_own(job: Job, made: list[float], press: Press) -> None:
    """Also where they are on one system, since what it warns of is told of the target."""
    job.targets = [target(tasks=["1"]), target("again", tasks=["2"], stage=20)]

    assert job.run("open")["status"] == "open"
    assert len(made) == 2


def test_a_step_of_the_wall_clock_has_nothing_sent_twice(job: Job, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the machine is set forward by an hour while an action doesn't show yet and its answer was lost."""
    press.late = 8.0
    steps = iter([0.0, 3600.0, 7200.0])

    class Stepping(WallClock):
        def time(self) -> float:
            return super().time() + next(steps, 7200.0)

    for module in (_memories, _ledger_steps):
        monkeypatch.setattr(module, "time", Stepping(job.clock))

    assert job.run("open")["status"] == "open"
    assert sorted(press.journal) == [("hold", "1"), ("hold", "2")]


# The ledger


def test_what_is_about_to_be_sent_stands_in_the_ledger_before_it_is_sent(job: Job, press: Press) -> None:
    seen: list[tuple[str, Any]] = []

    def look(action: str, id_: str) -> None:
        seen.append((id_, job.items()[id_]["open"].get("intent", {}).get("actions")))

    press.on_act = look
    job.run("open")

    assert sorted(seen) == [("1", ["hold"]), ("2", ["hold"])]


def test_what_was_sent_is_written_down_while_the_rest_goes_on(job: Job, press: Press) -> None:
    """The second task is sent nothing before the ledger has the first one's action."""
    job.targets = [slow(concurrency=1)]

    def act(action: str, id_: str) -> None:
        until = time.monotonic() + 10
        while id_ == "1" and not job.items()["2"]["open"].get("memory", {}).get("actions"):
            assert time.monotonic() < until, "it was never written down"
            time.sleep(0.02)

    press.on_act = act

    assert job.run("open")["status"] == "open"


def hold_up(press: Press, seconds: float) -> None:
    """The first look of the stage takes that long in truth, whatever the clock of the engine says."""
    looks = iter(range(1000))
    press.on_read = lambda: time.sleep(seconds) if next(looks) == 1 else None


@pytest.mark.wire
@pytest.mark.long
def test_the_lock_is_renewed_all_the_while(job: Job, press: Press) -> None:
    job.lease = 1.5
    hold_up(press, 4.0)

    assert job.run("open")["status"] == "open"
    assert job.steps.count("renew") >= 4


@pytest.mark.wire
@pytest.mark.long
def test_once_the_lock_is_lost_nothing_more_is_sent(job: Job, press: Press) -> None:
    job.lease = 0.6
    hold_up(press, 2.0)

    def rob(step: str, params: Plain) -> None:
        if step == "renew":
            (job.folder / "CHG1.lock").write_text(json.dumps({"run": "0" * 32, "what": "close", "host": "elsewhere"}))

    job.before = rob
    opened = job.run("open")

    assert opened["msg"] == "the lock of the window CHG1 was lost to another run; this one ends here."
    assert (opened["failure"], press.journal) == ({"code": "refused"}, [])


def test_once_the_ledger_cannot_be_written_nothing_more_is_sent(job: Job, press: Press) -> None:
    """The first action is under way when that's found out."""
    job.targets = [slow(concurrency=1)]
    told = threading.Event()

    def fail(step: str, params: Plain) -> None:
        if step == "record":
            told.set()
            raise Failure("usage", "can't write the ledger")

    def act(action: str, id_: str) -> None:
        if press.journal:
            assert told.wait(10)
            time.sleep(0.2)

    job.before, press.on_act = fail, act
    opened = job.run("open")

    assert opened["msg"] == "can't write the ledger."
    assert len(press.journal) <= 2


@pytest.mark.wire
@pytest.mark.long
def test_a_lock_that_another_machine_may_take_holds_no_longer_than_its_lease(job: Job, press: Press) -> None:
    """The step that would renew it hangs: by the time it's back, another machine may have taken the lock."""
    job.lease, job.is_near = 0.9, False
    hold_up(press, 2.0)
    job.before = lambda step, params: time.sleep(2.5) if step == "renew" else None

    opened = job.run("open")

    assert press.journal == []
    assert opened["failure"]["code"] in ("timeout", "refused")


def test_nothing_is_sent_once_nobody_waits_and_the_ledger_says_so(job: Job, press: Press) -> None:
    job.awaited = lambda: not press.journal
    job.targets = [slow(concurrency=1)]

    opened = job.run("open")

    assert len(press.journal) == 1
    assert opened["failure"]["code"] == "timeout"
    (sent,) = [item for item in job.items().values() if item["open"].get("memory", {}).get("actions")]
    assert sent["ours"] and job.document()["status"] == "opening"
    assert not (job.folder / "CHG1.lock").exists()


def test_a_report_that_cannot_be_written_loses_nothing(job: Job) -> None:
    def full(facts: Plain) -> Plain:
        raise Failure("usage", "can't write the report to /there (No space left on device)")

    job.report = full
    opened = job.run("open")

    assert (
        opened["msg"]
        == "the window CHG1 is open, but its report isn't written: can't write the report to /there (No space left on device)."
    )
    assert (opened["status"], opened["summary"]["status"]) == ("open", "open")
    job.report = lambda facts: {}
    assert job.run("closed")["sentence"] == "closed, all as found"


# What is told


def test_a_window_without_any_change_is_no_change(job: Job, press: Press) -> None:
    press.states.clear()
    press.states["3"] = "held"

    assert [job.run(state)["changed"] for state in ("open", "closed")] == [False, False]


def test_progress_counts_the_whole_window_and_never_begins_again(job: Job, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PressVendor.presses, "there", Press({"7": "running"}, job.clock))
    job.targets = [target(), target("others", "there", stage=20)]

    job.run("open")
    job.run("closed")

    assert [line for line in job.lines if "stage" in line and line.startswith("CHG1")] == [
        "CHG1, stage 10: 2 of 3 tasks reached their state",
        "CHG1, stage 20: 3 of 3 tasks reached their state",
        "CHG1, stage 20: 1 of 3 tasks are put back",
        "CHG1, stage 10: 3 of 3 tasks are put back",
    ]


def test_a_line_says_what_is_waited_for(job: Job, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drain, an effect that doesn't show yet, what is armed, an unclear fate, a system that isn't answering."""
    monkeypatch.setattr("ansible_collections.taskops.quiesce.plugins.module_utils._progress.LINE_INTERVAL", 0.05)
    lines: list[str] = []
    monkeypatch.setattr(_window_run, "ProgressReporter", lambda _print_line, line: Always(lines, line))
    job.targets = [slow(drain=20, concurrency=1)]
    press.late = 40.0
    looks = iter(range(1000))

    def read() -> None:
        number = next(looks)
        time.sleep(0.03)
        if 6 <= number <= 8:
            raise TryLater("rate_limited", "not now")

    press.on_read = read
    job.run("open")

    told = "\n".join(lines)
    assert "CHG1: 1 targets are being read" in told
    assert " s left to end by itself (drain)" in told
    assert re.search(r"hold was accepted \d+ s ago, and the system still shows the old state", told)
    assert "the last read failed: not now" in told


class Always:
    """A progress reporter that prints all the time."""

    def __init__(self, lines: list[str], line: Callable[[], str]) -> None:
        self._lines, self._line, self._over = lines, line, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            self._lines.append(self._line())


def test_what_failed_is_said_in_every_line(job: Job, press: Press) -> None:
    press.on_act = lambda action, id_: {id_: Failure("permission", f"you may not hold job {id_}")} if id_ == "1" else None
    job.targets = [slow(wait_timeout=20)]

    opened = job.run("open")

    assert job.lines[-2:] == [
        "CHG1, stage 10: 1 of 2 tasks reached their state, 1 failed",
        "CHG1: open, 1 task held, 1 failed",
    ]
    assert opened["msg"].startswith("The window CHG1 isn't fully open: target jobs: ") and opened["failure"]["code"] == "permission"


# Many tasks


@pytest.mark.wire
@pytest.mark.long
@pytest.mark.parametrize("direction", ["armed first", "armed last"])
def test_what_waits_for_what_is_armed_does_not_look_through_all_of_it_each_time(
    job: Job, press: Press, monkeypatch: pytest.MonkeyPatch, direction: str
) -> None:
    """Four times as many tasks take about four times as long, and not sixteen times."""

    folders = iter(range(100))

    def seconds(count: int) -> float:
        armed, running = ({f"{kind}{number}": state for number in range(count)} for kind, state in (("a", "queued"), ("r", "running")))
        press.states = {**armed, **running} if direction == "armed first" else {**running, **armed}
        begun = time.process_time()
        told = Job(job.folder / str(next(folders)), job.clock, [target()]).run("open")
        assert told["status"] == "open"
        return time.process_time() - begun

    # The best of several: whatever else the machine does takes time from some of them.
    small, large = (min(seconds(count) for _time in range(3)) for count in (150, 600))

    assert large < 4 * small * 1.8, (small, large)


# Windows that overlap


def test_a_window_that_closes_between_the_survey_and_the_judgement_is_nobody_else(job: Job, press: Press) -> None:
    wider = Job(job.folder, job.clock, [target(state="stopped")], id="CHG2")
    assert (job.run("open")["status"], wider.run("open")["status"]) == ("open", "open")
    closed: list[str] = []

    def close_the_other(step: str, params: Plain) -> None:
        if step == "owed":
            closed.append(wider.run("close")["status"])
            job.clock.time += 5

    job.before = close_the_other

    told = job.run("close")

    assert (closed, told["status"], press.states) == (["closed"], "closed", {"1": "running", "2": "running"})
    assert [item["close"]["verdict"] for item in job.items().values()] == ["owed", "owed"]
    assert [action for action, id_ in press.journal if id_ == "1"] == ["hold", "stop", "start"]
