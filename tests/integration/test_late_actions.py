# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody acts after his task is over, however it ends: by Ansible's `timeout:`, by signals to Ansible or its worker, or by ansible-runner.

Real processes pause many tasks one after the other, each pause taking a while. Once the task is over, the system may see the action that is
under way and no other, whether the engine runs in Ansible's worker or in a module's own process.

Nearly all of it is waiting. So each test says in the marker `scene` what is to happen, the scenes of the file go side by side, each with an
emulated system of its own, and a test judges what came of its scene.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner  # type: ignore[import-untyped]
import pytest

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator
from tests.waiting import until

from .cases import SWITCH
from .processes import Ansible, Run
from .totalcontrol import RUNNING
from .warm import Process

TASKS = [{"task_name": f"job{number:02}", "status": RUNNING} for number in range(60)]
# How long one pause takes, in seconds, and how long is waited for actions that mustn't come: one that came would come every EXCHANGE.
EXCHANGE = 0.5
LATE = 3 * EXCHANGE
# For Ansible's keyword of that name, in seconds: long enough that a module begins on a busy machine.
TIMEOUT = 10
# The same for ansible-runner, whose limit is on the time in which nothing is printed.
IDLE = 8
# Scenes at a time. More of them would begin so slowly on two processors that the limits above end them before their first action.
SIDE_BY_SIDE = 5

WAYS = pytest.mark.parametrize("in_worker", [True, False], ids=["worker", "module"])
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
SIGNALS_TO_THE_WORKER = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)


@dataclass
class Stage:
    """What a scene has to itself."""

    system: Control
    ansible: Ansible
    folder: Path
    in_worker: bool

    def task(self, **keywords: Any) -> dict[str, Any]:
        """One that pauses all tasks of the system, which takes half a minute."""
        options = {
            "url": self.system.url,
            "username": "sigma",
            "password": "3D391497",
            "names": [task["task_name"] for task in TASKS],
            "state": "paused",
            "concurrency": 1,
        }
        return {"name": "pause them", "taskops.quiesce.totalcontrol_task": options, **keywords}

    def window(self, state: str = "open") -> dict[str, Any]:
        """A task that opens a window over all of them, which takes as long, or closes it."""
        options = {"url": self.system.url, "username": "sigma", "password": "3D391497", "concurrency": 1}
        target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": options}
        ledgers = str(self.folder / "ledgers")
        return {"taskops.quiesce.maintenance_window": {"id": "CHG1", "state": state, "ledger_dir": ledgers, "targets": [target]}}

    def play(self, *tasks: Mapping[str, Any]) -> dict[str, Any]:
        return {"hosts": "localhost", "gather_facts": False, "vars": {SWITCH: self.in_worker}, "tasks": list(tasks)}

    def command(self, *tasks: Mapping[str, Any]) -> subprocess.Popen[str]:
        """ansible-playbook, started by its name, with a play of these tasks."""
        file = self.folder / "play.yml"
        file.write_text(json.dumps([self.play(*tasks)]), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(file)]
        with open(self.folder / "printed", "a", encoding="utf-8") as printed:
            return subprocess.Popen(
                command,
                env=self.ansible.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                text=True,
                start_new_session=True,
            )

    @contextmanager
    def started(self, *tasks: Mapping[str, Any]) -> Iterator[Process]:
        """A process of Ansible, forked from one that has loaded it, with a play of these tasks. It is killed in the end."""
        with open(self.folder / "printed", "a", encoding="utf-8") as printed:
            process = self.ansible.start([self.play(*tasks)], self.folder, printed)
        try:
            yield process
        finally:
            process.kill()
            process.wait(60)

    def pauses(self) -> int:
        return sum(entry["action"] == "pause" for entry in self.system.journal())

    def pauses_after(self, end: Callable[[], Any]) -> int:
        """How many the system still sees once that has ended the task, which happens while the second one is under way."""
        until(lambda: self.pauses() >= 2)
        end()
        return self.later_than(self.pauses())

    def later_than(self, seen: int) -> int:
        time.sleep(LATE)
        return self.pauses() - seen


def scene(happens: Callable[..., Any]) -> pytest.MarkDecorator:
    """The marker of a test: what happens on its stage, with the test's other parameters. What that returns is the fixture `came`."""
    # A mark that is called with nothing but a function would decorate that one.
    return pytest.mark.scene.with_args(happens)


def _scene_of(item: pytest.Item) -> Callable[..., Any] | None:
    marker = item.get_closest_marker("scene")
    return marker.args[0] if marker else None


@pytest.fixture(scope="module")
def _scenes(request: pytest.FixtureRequest, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Any]]]:
    """The scenes of all tests of this file that are wanted, by the tests' ids, in their order."""
    items = [item for item in request.session.items if item.path == request.path]
    # As from a terminal, also where all this runs in the background of a shell, whose children inherit that they ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def play(scene: Callable[..., Any], in_worker: bool, **parameters: Any) -> Any:
            vendor = registry.find("totalcontrol")(tasks=[dict(task) for task in TASKS])
            with ThreadedEmulator(vendor) as emulator:
                emulator.control.order_fault("delay", match={"action": "pause"}, times=None, seconds=EXCHANGE)
                return scene(Stage(emulator.control, ansible, tmp_path_factory.mktemp("scene"), in_worker), **parameters)

        yield {item.nodeid: pool.submit(play, scene, **vars(item)["callspec"].params) for item in items if (scene := _scene_of(item))}
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def came(request: pytest.FixtureRequest, _scenes: dict[str, Future[Any]]) -> Any:
    """What the scene of the test returned."""
    return _scenes[request.node.nodeid].result()


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


# By Ansible's `timeout:`.


@dataclass(frozen=True)
class TimedOut:
    run: Run
    journal: list[dict[str, Any]]

    def check(self) -> None:
        """All pauses were sent within the time of the task, which had begun before its first request came, or with the exchange under
        way.
        """
        assert self.run.status == 0, self.run.printed
        times = [entry["at"] - self.journal[0]["at"] for entry in self.journal if entry["action"] == "pause"]
        assert 1 <= len(times) < len(TASKS)
        assert max(times) <= TIMEOUT + EXCHANGE


def time_out(stage: Stage) -> TimedOut:
    """The play goes on in the rescue, so that neither Ansible nor a signal ends what still runs."""
    rescue = {"name": "rescued", "ansible.builtin.command": f"sleep {TIMEOUT + 2}"}
    run = stage.ansible.playbook([stage.play({"block": [stage.task(timeout=TIMEOUT)], "rescue": [rescue]})], patience=120)
    return TimedOut(run, stage.system.journal())


@WAYS
@scene(time_out)
def test_after_its_timeout_a_task_sends_nothing(came: TimedOut, in_worker: bool) -> None:
    came.check()
    assert [result.task for result in came.run.results] == ["pause them", "rescued"]
    if in_worker:
        # ansible-core before 2.19 breaks a warning's lines wherever they are full.
        told = r"the task was ended while it ran; \d+ of 60 tasks were sent an action: pause to job00; pause to job01"
        assert re.search(told, " ".join(came.run.printed.split()))


def time_out_an_item(stage: Stage) -> TimedOut:
    """The worker lives on with the next item."""
    task = stage.task(timeout=TIMEOUT, loop=["pause", "wait"], ignore_errors=True)
    task["when"] = f"item == 'pause' or lookup('ansible.builtin.pipe', 'sleep {TIMEOUT + 2}') != ''"
    return TimedOut(stage.ansible.playbook([stage.play(task)], patience=120), stage.system.journal())


@WAYS
@scene(time_out_an_item)
def test_after_the_timeout_of_a_loop_s_item_nothing_is_sent_for_it(came: TimedOut, in_worker: bool) -> None:
    came.check()


# By a signal.


@dataclass(frozen=True)
class ClosedLater:
    """What a closing came to that began after the opening's worker had got its signal."""

    status: int
    printed: str
    window: str
    tasks: set[Any]


def signal_a_worker_and_close(stage: Stage, number: signal.Signals) -> ClosedLater:
    with stage.started(stage.window()):
        until(lambda: stage.pauses() >= 2)
        os.kill(int(json.loads((stage.folder / "ledgers" / "CHG1.lock").read_text())["worker"]["pid"]), number)
        with stage.started(stage.window(state="closed")) as closing:
            status = closing.wait(180)
    window = json.loads((stage.folder / "ledgers" / "CHG1.json").read_text())["status"]
    return ClosedLater(status, (stage.folder / "printed").read_text(), window, {task["status"] for task in stage.system.tasks()})


@WAYS
@SIGNALS_TO_THE_WORKER
@scene(signal_a_worker_and_close)
def test_after_a_signal_to_its_worker_a_window_can_be_closed(came: ClosedLater, number: signal.Signals, in_worker: bool) -> None:
    """The lock is that of the worker which sends, and not of the play that may go on."""
    assert came.status == 0, came.printed
    assert (came.window, came.tasks) == ("closed", {RUNNING})


def signal_ansible(stage: Stage, number: signal.Signals) -> int:
    with stage.command(stage.task()) as process:
        try:
            return stage.pauses_after(lambda: process.send_signal(number))
        finally:
            process.kill()


@WAYS
@SIGNALS
@scene(signal_ansible)
def test_after_a_signal_to_ansible_nothing_is_sent(came: int, number: signal.Signals, in_worker: bool) -> None:
    assert came <= 1


def signal_ansible_with_a_window(stage: Stage, number: signal.Signals) -> int:
    with stage.started(stage.window()) as process:
        return stage.pauses_after(lambda: process.send_signal(number))


@WAYS
@SIGNALS
@scene(signal_ansible_with_a_window)
def test_after_a_signal_to_ansible_a_window_sends_nothing(came: int, number: signal.Signals, in_worker: bool) -> None:
    """Its worker outlives it. Else a window that is closed at once would be acted on again after its closing."""
    assert came <= 1


def signal_the_worker(stage: Stage, number: signal.Signals) -> int:
    with stage.started(stage.task()) as process:

        def end() -> None:
            (worker,) = children(process.pid)
            os.kill(worker, number)

        return stage.pauses_after(end)


@WAYS
@SIGNALS_TO_THE_WORKER
@scene(signal_the_worker)
def test_after_a_signal_to_ansible_s_worker_nothing_is_sent(came: int, number: signal.Signals, in_worker: bool) -> None:
    assert came <= 1


# By ansible-runner.


@dataclass(frozen=True)
class EndedJob:
    status: str
    seen: int
    later: int


def end_a_job(stage: Stage, how: str) -> EndedJob:
    (stage.folder / "play.yml").write_text(json.dumps([stage.play(stage.task())]), encoding="utf-8")
    ends = {"cancel_callback": lambda: stage.pauses() >= 2} if how == "cancel" else {"settings": {"idle_timeout": IDLE}}
    result = ansible_runner.run(
        private_data_dir=str(stage.folder),
        playbook=str(stage.folder / "play.yml"),
        envvars=stage.ansible.environment(),
        quiet=True,
        **ends,
    )
    seen = stage.pauses()
    return EndedJob(result.status, seen, stage.later_than(seen))


@WAYS
@pytest.mark.parametrize("how", ["cancel", "idle_timeout"])
@scene(end_a_job)
def test_after_ansible_runner_has_ended_a_job_nothing_is_sent(came: EndedJob, how: str, in_worker: bool) -> None:
    assert came.status in ("canceled", "timeout", "failed")
    assert 1 <= came.seen < len(TASKS)
    assert came.later <= 1
