# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source in the real ansible-rulebook: events about tasks and about the connection, and the end of ansible-rulebook."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from tests.integration.totalcontrol import ENDED, PAUSED, RUNNING, STOPPED, script, scripts

from .conftest import Start
from .rulebook import PRINT_ALL
from .systems import RUNS, USER, emulator, kept, source


def test_tasks_of_all_vendors_are_watched_side_by_side_and_none_is_touched(start: Start) -> None:
    with ExitStack() as stack:
        systems = {vendor: stack.enter_context(emulator(vendor, runs)) for vendor, (_id, runs, _ended) in RUNS.items()}
        sources = [source(system.control.url, vendor=vendor, initial=True) for vendor, system in systems.items()]
        watch = start(sources, environment=USER)
        for vendor, (id_, _runs, ended) in RUNS.items():
            watch.wait_for_event(f"found {id_} unknown-started")
            systems[vendor].control.add_tasks(ended)
        # Airflow is read by two requests. What changes between them is first seen in one of them only: no work in a Dag that isn't paused.
        ends = {"hitachi": ("started-completed",), "airflow": ("started-paused", "waiting-paused")}
        for vendor, (id_, _runs, _ended) in RUNS.items():
            event = watch.wait_for_event(*(f"changed {id_} {change}" for change in ends.get(vendor, ("started-stopped",))))
            assert (event["vendor"], event["target"], event["while_away"]) == (vendor, vendor, False)
            assert event["quiet"] == {"total": 1, "running": 0, "vanished": 0, "all_quiet": True}
        assert all(not system.control.writes() for system in systems.values())


def test_the_last_task_to_end_makes_all_quiet_once(start: Start) -> None:
    with emulator("totalcontrol", *scripts(a=RUNNING, b=RUNNING, c=PAUSED)) as system:
        watch = start([source(system.control.url, tasks=["a", "b", "c"], initial=True)], environment=USER)
        watch.wait_for_event("found c unknown-paused")

        system.control.act("a", "end")
        watch.wait_for_event("changed a started-completed")
        system.control.act("b", "stop")
        watch.wait_for_event("all_quiet")
        # A change from one state at rest to another isn't a new `all_quiet`.
        system.control.act("c", "stop")
        watch.wait_for_event("changed c paused-stopped")

        assert watch.kinds() == [
            *("found a unknown-started", "found b unknown-started", "found c unknown-paused"),
            *("changed a started-completed", "changed b started-stopped", "all_quiet", "changed c paused-stopped"),
        ]


def test_what_changed_while_the_system_was_away_is_told_when_it_is_back(start: Start) -> None:
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as system:
        port = system.control.port
        watch = start([source(system.control.url, initial=True)], environment=USER)
        watch.wait_for_event("found task01 unknown-started")
    lost = watch.wait_for_event("connection_lost")
    assert lost["connection"]["code"] == "connection"
    assert f"127.0.0.1:{port} can't be reached" in lost["connection"]["message"]
    assert USER["TOTALCONTROL_PASSWORD"] not in watch.printed

    with emulator("totalcontrol", *scripts(task01=STOPPED), port=port):
        restored = watch.wait_for_event("connection_restored")
        changed = watch.wait_for_event("changed task01 started-stopped")

    assert restored["connection"] == {"lost_at": lost["at"]}
    assert changed["while_away"] is True
    assert watch.kinds()[:4] == [
        "found task01 unknown-started",
        "connection_lost",
        "connection_restored",
        "changed task01 started-stopped",
    ]


def test_what_changed_between_a_kill_and_a_restart_is_told_once(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as system:
        sources = [source(system.control.url, state_file=str(file))]
        first = start(sources, environment=USER)
        first.wait_for(lambda: kept(file), "state kept")
        first.kill()
        system.control.act("task01", "stop")

        second = start(sources, environment=USER)
        changed = second.wait_for_event("changed task01 started-stopped")
        second.wait_for(lambda: kept(file)["task01"]["state"] == "stopped", "new state kept")
        second.kill()
        system.control.add_tasks(script("task01", ENDED))

        third = start(sources, environment=USER)
        third.wait_for_event("changed task01 stopped-completed")

    assert first.events == []
    assert changed["while_away"] is True
    assert second.kinds() == ["changed task01 started-stopped", "all_quiet"]
    assert third.kinds() == ["changed task01 stopped-completed"]


def test_refused_credentials_are_told_again_and_blind_no_other_source(start: Start) -> None:
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as refuses, emulator("totalcontrol", *scripts(task01=RUNNING)) as answers:
        sources = [
            source(refuses.control.url, target="refuses", options={"password": "wrong-password"}, refused_interval=0.3),
            source(answers.control.url, target="answers", initial=True),
        ]
        watch = start(sources, environment=USER)
        watch.wait_for_event("found task01 unknown-started")
        watch.wait_for(lambda: watch.kinds().count("connection_lost") >= 3, "third refusal")
        answers.control.act("task01", "stop")
        watch.wait_for_event("changed task01 started-stopped")
        assert watch.status is None
        watch.kill()

    lost = [event for event in watch.events if event["kind"] == "connection_lost"]
    assert {(event["target"], event["connection"]["code"], event["quiet"]["all_quiet"]) for event in lost} == {
        ("refuses", "authentication", False)
    }
    assert [(event["connection"]["attempt"], event["connection"]["next_in"]) for event in lost][:3] == [(1, 0.3), (2, 0.6), (3, 1.2)]
    assert "wrong-password" not in watch.printed


def test_several_values_in_the_text_of_a_variable_are_taken(start: Start) -> None:
    with emulator("totalcontrol", *scripts(**{"1": RUNNING, "2": RUNNING})) as system:
        sources = [source(system.control.url, tasks="{{ watch_tasks }}", initial=True)]
        watch = start(sources, variables={"watch_tasks": "1,2"}, environment=USER)
        watch.wait_for_event("found 1 unknown-started")
        watch.wait_for_event("found 2 unknown-started")


def test_an_undefined_variable_is_named_at_the_start(start: Start) -> None:
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as system:
        watch = start([source(system.control.url, tasks="{{ watch_tasks }}")], environment=USER)
        status = watch.wait_for_end()
        assert not system.control.journal()

    assert status == 1
    assert "tasks isn't given, since the variable watch_tasks is undefined; define it." in watch.printed
    assert "AttributeError" not in watch.printed and "TypeError" not in watch.printed


def test_a_task_that_the_system_does_not_know_ends_it_with_a_sentence(start: Start) -> None:
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as system:
        watch = start([source(system.control.url, tasks=["task01", "tsak02"])], environment=USER)
        status = watch.wait_for_end()

    assert status != 0
    assert "target totalcontrol: Total Control knows no task tsak02, so that it can't be watched" in watch.printed
    assert watch.events == []


def test_a_shutdown_does_not_wait_for_a_system_that_does_not_answer(start: Start) -> None:
    with emulator("totalcontrol", *scripts(task01=RUNNING)) as hangs, emulator("totalcontrol", *scripts(task01=RUNNING)) as answers:
        hangs.control.order_fault("delay", seconds=50, times=None)
        sources = [source(hangs.control.url, target="hangs", options={"timeout": 60}), source(answers.control.url, initial=True)]
        shutdown = {"name": "end", "condition": 'event.kind == "changed"', "action": {"shutdown": {"delay": 0, "kind": "now"}}}
        # If several rules match an event, only the first one fires.
        watch = start(sources, [shutdown, PRINT_ALL], environment=USER)
        watch.wait_for_event("found task01 unknown-started")
        watch.wait_for(lambda: hangs.control.faults()[0]["applied"], "read under way")

        begun = time.monotonic()
        answers.control.act("task01", "stop")
        assert watch.wait_for_end() == 0, watch.printed
        assert time.monotonic() - begun < 25
