# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run of a window: targets side by side, regular progress lines, one run at a time."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.integration.windows import ID, Window, actions, ended, returned, sent
from tests.waiting import until

from .conftest import Make


@contextmanager
def under_way(window: Window) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The opening as a process that a test can inspect, with a terminal for its output, as a user or AWX has it. It is ended afterwards
    with all its children.
    """
    variables = window.folder / "under_way.json"
    variables.write_text(json.dumps(window.variables()))
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("ansible-playbook")), "taskops.quiesce.open", "-e", f"@{variables}"],
        env={**window.ansible.environment(), "QUIESCE_RESULTS": str(window.folder / "results"), **window.fleet.environment()},
        cwd=window.folder,
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    os.close(inner)
    stuck = False
    try:
        yield process, terminal
        stuck = process.poll() is None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
    assert not stuck


def lines(terminal: int) -> Iterator[tuple[float, str]]:
    """Each line with the time at which it was read. When all writers have ended, reading from a terminal fails."""
    with open(terminal, encoding="utf-8", buffering=1) as stream, suppress(OSError):
        for line in stream:
            yield time.monotonic(), line.rstrip()


@pytest.mark.wire
def test_targets_of_a_stage_go_side_by_side(make_window: Make) -> None:
    window = make_window("totalcontrol", "huawei", "hitachi", count=1)
    slow = 8.0
    window.fleet.systems["totalcontrol"].set_switches(change_delay=slow)
    window.fleet.systems["huawei"].set_switches(change_delay=slow)
    window.fleet.systems["hitachi"].set_switches(action_delay=slow)
    for target in window.targets:
        target["stage"] = 10

    assert ended(window.open()) == ""

    times = [at for at, _vendor in sent(window.fleet, ("totalcontrol", "huawei", "hitachi"))]
    assert len(times) == 3
    assert times[-1] - times[0] < slow
    stage = [event["at"] for item in window.items().values() for event in item["events"] if event["what"] != "found"]
    assert max(stage) - min(stage) < 3 * slow


def test_a_stage_that_waits_is_never_silent_for_ten_seconds(make_window: Make) -> None:
    window = make_window("totalcontrol")
    window.fleet.systems["totalcontrol"].set_switches(change_delay=21)

    with under_way(window) as (process, terminal):
        seen = list(lines(terminal))
        assert process.wait(timeout=30) == 0

    begun = next(number for number, (_at, line) in enumerate(seen) if line.startswith("TASK") and "Open the window" in line)
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(seen[begun:])]
    assert max(gaps) < 10, "\n".join(f"{at - seen[0][0]:.1f} {line}" for at, line in seen)
    waiting = re.compile(
        rf"{ID}, stage 10: 0 of 2 tasks reached their state; awaited: "
        r"scripts script-0, script-1 \(RUNNING \(-1\); pause was accepted \d+ s ago, and the system still shows the old state\)"
    )
    assert sum(1 for _at, line in seen if waiting.fullmatch(line)) >= 3, "\n".join(line for _at, line in seen)


def test_opening_and_closing_three_systems_prints_at_most_thirty_lines_beside_the_plan(make_window: Make) -> None:
    window = make_window("totalcontrol", "huawei", "ctrlapi")

    runs = [window.open(), window.close()]

    assert [ended(run) for run in runs] == ["", ""]
    plans = [line for run in runs for line in returned(run, "plan")]
    lines = [line for run in runs for line in run.stdout.splitlines() if line.strip() and line not in plans]
    assert len(lines) <= 30, "\n".join(lines)


@pytest.mark.wire
def test_what_is_armed_to_begin_is_held_before_what_runs_is_stopped(make_window: Make) -> None:
    scheduled = [{"task_name": f"later-{number}", "status": -6, "schedule": "2030-12-01 06:00:00"} for number in range(3)]
    running = [{"task_name": f"now-{number}", "status": -1} for number in range(3)]
    window = make_window(
        "totalcontrol",
        "hitachi",
        others={"totalcontrol": [*running, *scheduled]},
        totalcontrol={"state": "stopped", "accept_final": True, "stage": 20},
    )

    assert ended(window.open()) == ""

    order = sorted((write["at"], id_) for system in window.fleet.systems.values() for write in system.writes() for id_ in write["ids"])
    armed = [not id_.startswith("now-") for _at, id_ in order]
    assert armed == sorted(armed, reverse=True), order
    assert sum(armed) == 5


def test_a_second_run_waits_for_the_first_and_a_killed_one_blocks_nobody(window: Window) -> None:
    system = window.fleet.systems["totalcontrol"]
    found = window.fleet.states()
    # Each pause takes effect, but the job is killed before it gets an answer.
    system.order_fault("delay", match={"action": "pause"}, times=None, seconds=60, when="after")

    with under_way(window) as (first, terminal):
        until(lambda: len(system.writes()) >= 2)
        second = ended(window.close())
        assert first.poll() is None
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(timeout=30)
        os.close(terminal)

    assert f"the window {ID} is locked by another run (open from " in second
    assert [item["open"].get("over") for item in window.items().values()] == [False, False]
    system.clear_faults()
    assert ended(window.open()) == ""
    assert ended(window.close()) == ""
    assert window.fleet.states() == found
    assert not window.lock.exists()


def _lock(window: Window, **more: Any) -> None:
    window.ledger.parent.mkdir()
    now = time.time()
    window.lock.write_text(
        json.dumps({"run": "0" * 32, "what": "open", "host": "elsewhere", "since": now, "renewed": now, "lease": 180, **more})
    )


@pytest.mark.wire
def test_a_lock_from_another_machine_holds_for_its_lease(window: Window) -> None:
    _lock(window)

    sentence = ended(window.open())

    assert f"the window {ID} is locked by another run (open from elsewhere since " in sentence
    assert actions(window.fleet) == {} and window.lock.exists()


@pytest.mark.wire
def test_a_lock_whose_lease_is_over_is_taken(window: Window) -> None:
    _lock(window, renewed=time.time() - 200)

    assert ended(window.open()) == ""
    assert not window.lock.exists()


@pytest.mark.wire
def test_a_failed_run_gives_the_lock_back(window: Window) -> None:
    window.fleet.systems["totalcontrol"].order_fault("status", times=None, status=503)
    window.targets[0]["options"].update(retries=0, wait_timeout=3)

    assert ended(window.open()) != ""
    assert not window.lock.exists()


@pytest.fixture
def keeper(window: Window) -> list[str]:
    """An inventory with another host, which has the ledger."""
    inventory = window.folder / "inventory.ini"
    interpreter = f"ansible_connection=local ansible_python_interpreter={window.ansible.python}"
    inventory.write_text(f"[local]\nlocalhost {interpreter}\n[keepers]\nkeeper {interpreter} maintenance_place={window.folder}/kept\n")
    return ["-i", str(inventory)]


def test_the_ledger_may_be_kept_by_another_host(window: Window, keeper: list[str]) -> None:
    there = {"maintenance_ledger_host": "keeper", "maintenance_ledger_dir": "{{ hostvars['keeper'].maintenance_place }}/ledger"}
    found = window.fleet.states()

    assert ended(window.open(*keeper, **there)) == ""
    held = window.fleet.states()
    assert ended(window.close(*keeper, **there)) == ""

    assert held["totalcontrol"] == {"script-0": -4, "script-1": -4} and window.fleet.states() == found
    assert sorted(path.name for path in (window.folder / "kept" / "ledger").glob("*+report.*")) == [
        f"{ID}+report.{kind}" for kind in ("html", "json", "md")
    ]
    assert not window.ledger.parent.exists()
    # Its text in the result depends on the core.
    assert re.search(r"changed: \[localhost -> keeper", window.runs[0].stdout)


@pytest.mark.wire
def test_a_closed_window_may_be_opened_again_under_its_id(window: Window) -> None:
    for run in (window.open(), window.close()):
        assert ended(run) == ""
    window.fleet.put(1)
    found = window.fleet.states()

    assert ended(window.open()) == ""

    assert list(window.items()) == ["script-0"]
    (archived,) = window.ledger.parent.glob(f"{ID}.2*Z.json")
    assert json.loads(archived.read_text())["status"] == "closed"
    assert ended(window.close()) == ""
    assert window.fleet.states() == found
