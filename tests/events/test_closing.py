# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook that closes a window when the last task is at rest: its behaviour if closing fails, is refused or is killed.

QUIESCE_CLOSING_KILLS is the number of kills for one window (3). QUIESCE_SEED repeats the moments of a run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.threaded import ThreadedEmulator
from tests.integration.processes import Ansible
from tests.integration.totalcontrol import ENDED, PAUSED, RUNNING, STOPPED, script, scripts

from .conftest import Start
from .rulebook import Rulebook
from .systems import USER, emulator, kept, statuses

RULEBOOK = "taskops.quiesce.close_window_when_quiet"
KILLS = int(os.environ.get("QUIESCE_CLOSING_KILLS", "3"))
SEED = int(os.environ.get("QUIESCE_SEED") or random.randrange(2**32))


class Scene:
    """The system of the work, the system whose tasks are held meanwhile, and the user who opens windows and starts the rulebook."""

    def __init__(self, home: Path, ansible: Ansible, start: Start, work: ThreadedEmulator, held: ThreadedEmulator) -> None:
        self._home, self._ansible, self._start = home, ansible, start
        self.work, self.held = work, held
        self.state_file = home / "watch.json"

    def open(self, window: Any, *tasks: str, **options: Any) -> None:
        """Open a window. Its ledger is in the default folder, the user's ~/.quiesce."""
        target = {
            "name": "scripts",
            "vendor": "totalcontrol",
            "state": "paused",
            "tasks": list(tasks),
            "options": {"url": self.held.control.url, **options},
        }
        play = {"ansible.builtin.import_playbook": "taskops.quiesce.open"}
        variables = {"maintenance_id": window, "maintenance_targets": [target]}
        access = {**USER, "HOME": str(self._home)}
        opened = self._ansible.playbook([play], "-e", json.dumps(variables), variables=access, patience=240)
        assert opened.status == 0, opened.printed

    def watch(self, window: Any, **more: Any) -> Rulebook:
        variables = {
            "maintenance_id": window,
            "watch_vendor": "totalcontrol",
            "watch_tasks": "upgrade",
            "watch_options": {"url": self.work.control.url},
            "watch_interval": 0.2,
            "watch_state_file": str(self.state_file),
            "watch_pause": 0.2,
            **more,
        }
        given = {name: value for name, value in variables.items() if value is not None}
        return self._start(RULEBOOK, variables=given, environment={**USER, "HOME": str(self._home)})

    def status_of(self, window: str) -> Any:
        return json.loads((self._home / ".quiesce" / f"{window}.json").read_text(encoding="utf-8"))["status"]

    def states(self) -> dict[str, int]:
        return {task["task_name"]: task["status"] for task in self.held.control.tasks()}


@pytest.fixture
def scene(tmp_path: Path, ansible: Ansible, start: Start) -> Iterator[Scene]:
    home = tmp_path / "home"
    home.mkdir()
    with emulator("totalcontrol", *scripts(upgrade=RUNNING)) as work, emulator("totalcontrol", *scripts(nightly=RUNNING)) as held:
        yield Scene(home, ansible, start, work, held)


def test_the_window_is_closed_when_the_last_task_is_quiet(scene: Scene) -> None:
    scene.open("CHG0031337", "nightly")
    assert statuses(scene.held) == [PAUSED]
    watch = scene.watch("CHG0031337")
    watch.wait_for(lambda: kept(scene.state_file), "first look")
    assert statuses(scene.held) == [PAUSED]

    scene.work.control.act("upgrade", "end")
    assert watch.wait_for_end() == 0, watch.printed

    assert statuses(scene.held) == [RUNNING], watch.printed
    assert scene.status_of("CHG0031337") == "closed"
    assert not scene.work.control.writes()


def test_an_id_keeps_its_text_and_an_earlier_windows_state_file_is_nothing_to_a_later_one(scene: Scene) -> None:
    scene.held.control.add_tasks(*scripts(other=RUNNING, last=RUNNING))
    scene.work.control.put_tasks(scripts(upgrade=ENDED))
    scene.open("2026.1", "other")
    scene.open("2026.10", "nightly")
    scene.open(20261127, "last")

    first = scene.watch("2026.10")
    assert first.wait_for_end() == 0, first.printed
    assert scene.states() == {"nightly": RUNNING, "other": PAUSED, "last": PAUSED}

    second = scene.watch(20261127)
    assert second.wait_for_end() == 0, second.printed
    assert scene.states() == {"nightly": RUNNING, "other": PAUSED, "last": RUNNING}


def test_closing_is_tried_again_and_its_last_failure_is_seen_in_the_status(scene: Scene) -> None:
    scene.open("CHG1", "nightly", retries=0)
    scene.work.control.put_tasks(scripts(upgrade=ENDED))
    scene.held.control.order_fault("status", status=500, times=None)

    watch = scene.watch("CHG1", watch_attempts=2)

    assert watch.wait_for_end() == 1, watch.printed
    assert "1 of 2 attempts to react to all_quiet have ended, and the watch still runs; the next one follows in 0.2 s." in watch.printed
    assert "none of 2 attempts to react to that has succeeded for CHG1; see above why, and do by hand" in watch.printed
    assert "The window is closed" not in watch.printed
    assert statuses(scene.held) == [PAUSED]


def test_a_closing_that_fails_at_first_succeeds_later(scene: Scene) -> None:
    scene.open("CHG1", "nightly", retries=0)
    scene.work.control.put_tasks(scripts(upgrade=ENDED))
    scene.held.control.order_fault("status", status=500, times=None)
    watch = scene.watch("CHG1")
    watch.wait_for(lambda: "attempts to react to all_quiet have ended" in watch.printed, "failed attempt")
    scene.held.control.clear_faults()

    assert watch.wait_for_end() == 0, watch.printed
    assert statuses(scene.held) == [RUNNING]


def test_a_watched_system_that_refuses_the_credentials_does_not_disturb_a_closing(scene: Scene) -> None:
    names = [f"job{number}" for number in range(6)]
    scene.held.control.add_tasks(*[script(name, RUNNING) for name in names])
    scene.open("CHG1", *names, concurrency=1)
    scene.held.control.order_fault("delay", seconds=0.5, times=None, match={"write": True})
    watch = scene.watch("CHG1")
    watch.wait_for(lambda: kept(scene.state_file), "first look")
    scene.work.control.put_tasks(scripts(upgrade=ENDED))
    watch.wait_for(lambda: RUNNING in [scene.states()[name] for name in names], "first task put back")
    scene.work.control.order_fault("status", status=401, times=None)

    assert watch.wait_for_end() == 0, watch.printed
    assert set(scene.states().values()) == {RUNNING}


def test_a_variable_that_is_missing_ends_it_at_the_start(scene: Scene) -> None:
    watch = scene.watch(None)

    assert watch.wait_for_end() == 1
    assert "maintenance_id' is undefined" in watch.printed or "the variable maintenance_id is undefined; define it." in watch.printed
    assert not scene.work.control.journal()


def test_a_number_whose_text_is_lost_closes_nothing(scene: Scene) -> None:
    scene.work.control.put_tasks(scripts(upgrade=ENDED))
    watch = scene.watch(2026.10)

    assert watch.wait_for_end() == 1
    assert "scope is a number (2026.1), and its original spelling is lost; write it as a text, in quotes." in watch.printed


def test_killed_at_any_moment_and_started_again_it_closes_the_window(scene: Scene) -> None:
    names = [f"job{number}" for number in range(6)]
    scene.held.control.add_tasks(*[script(name, RUNNING) for name in names])
    scene.work.control.put_tasks(scripts(upgrade=STOPPED))
    moments = random.Random(SEED)
    orphans: list[int] = []
    print(f"QUIESCE_SEED={SEED}")
    windows = kills = 0
    try:
        while kills < KILLS:
            windows += 1
            window = f"CHG{windows}"
            scene.open(window, *names, concurrency=1)
            scene.held.control.order_fault("delay", seconds=0.4, times=None, match={"write": True})
            while scene.status_of(window) != "closed" and kills < KILLS:
                watch = scene.watch(window, maintenance_ledger_lease="")
                if not _let_it_run(watch, scene, moments):
                    assert watch.status == 0, watch.printed
                    break
                if moments.random() < 0.5:
                    orphans += watch.kill_alone()
                else:
                    watch.kill()
                kills += 1
            last = scene.watch(window)
            assert last.wait_for_end() == 0, last.printed
            assert scene.status_of(window) == "closed"
            assert {scene.states()[name] for name in names} == {RUNNING}, last.printed
            scene.held.control.clear_faults()
    finally:
        for orphan in orphans:
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
    print(f"{kills} kills over {windows} windows")


def _let_it_run(watch: Rulebook, scene: Scene, moments: random.Random) -> bool:
    """Wait until a random moment of its start or of its closing. Returns whether it still runs then."""
    writes = len(scene.held.control.writes())
    if moments.random() < 0.7:
        end = time.monotonic() + 60
        while watch.status is None and len(scene.held.control.writes()) == writes and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(moments.uniform(0, 2.5))
    else:
        time.sleep(moments.uniform(0, 8))
    return watch.status is None
