# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows over Airflow and two emulated systems, as a user runs them: the collection's playbooks in real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.emulator.client import Control, running_all
from tests.integration.processes import COLLECTION, Ansible
from tests.integration.windows import Window, ended, returned
from tests.window.fleet import Fleet

from .by_hand import wait_for
from .proxy import Proxy, Rule
from .servers import USERS
from .world import World

VENDORS = ("totalcontrol", "hitachi")


class FleetWithAirflow(Fleet):
    def environment(self) -> dict[str, str]:
        return {**super().environment(), "AIRFLOW_USERNAME": "admin", "AIRFLOW_PASSWORD": USERS["admin"]}


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ansible]:
    ansible = Ansible(tmp_path_factory.mktemp("home"), os.environ["ANSIBLE_COLLECTIONS_PATH"], is_warm=True)
    yield ansible
    ansible.close()


@pytest.fixture(scope="session")
def systems() -> Iterator[Mapping[str, Control]]:
    with running_all(VENDORS) as running:
        yield running


def _window(ansible: Ansible, systems: Mapping[str, Control], proxy: Proxy, folder: Path, dag_ids: list[str]) -> Window:
    """A window over these Dags, two scripts of Total Control and two planned runs of JP1/AO."""
    fleet = FleetWithAirflow(systems)
    for system in systems.values():
        system.reset()
    fleet.put(2)
    dags = {"name": "dags", "vendor": "airflow", "state": "paused", "stage": 10, "tasks": dag_ids, "options": {"url": proxy.url}}
    return Window(ansible, fleet, folder, [dags, *fleet.targets()])


def _beside(window: Window, id_: str, dag_ids: list[str]) -> Window:
    dags, *others = window.targets
    return replace(window, id=id_, runs=[], targets=[{**dags, "tasks": dag_ids}, *others])


def _paused(world: World, dag_ids: list[str]) -> list[bool]:
    return [world.by_hand.is_paused(dag_id) for dag_id in dag_ids]


def test_the_last_of_two_overlapping_windows_puts_back_what_the_first_one_found(
    world: World, ansible: Ansible, systems: Mapping[str, Control], proxy: Proxy, tmp_path: Path
) -> None:
    # The fourth is paused already and is to stay so.
    dag_ids = [world.take("plain") for _number in range(4)]
    world.by_hand.pause(dag_ids[3])
    window = _window(ansible, systems, proxy, tmp_path, [dag_ids[0], dag_ids[1], dag_ids[3]])
    found = window.fleet.states()
    other = _beside(window, "CHG2", [dag_ids[1], dag_ids[2]])

    assert ended(window.open()) == "" and _paused(world, dag_ids) == [True, True, False, True]
    assert ended(other.open()) == "" and _paused(world, dag_ids) == [True, True, True, True]
    assert ended(window.close()) == "" and _paused(world, dag_ids) == [False, True, True, True]
    assert window.fleet.states() != found
    assert ended(other.close()) == "" and _paused(world, dag_ids) == [False, False, False, True]

    assert returned(other.runs[-1], "sentence") == "closed, all as found" and window.fleet.states() == found
    # Each Dag was paused once and unpaused once.
    assert len(proxy.writes) == 6 and window.leaks() == other.leaks() == []


@pytest.mark.parametrize("playbook", ["open", "close"])
def test_a_job_that_is_killed_while_it_acts_is_run_again_and_all_is_as_found(
    world: World, ansible: Ansible, systems: Mapping[str, Control], proxy: Proxy, tmp_path: Path, playbook: str
) -> None:
    dag_ids = [world.take("plain") for _number in range(3)]
    window = _window(ansible, systems, proxy, tmp_path, dag_ids)
    found = window.fleet.states()
    if playbook == "close":
        assert ended(window.open()) == ""

    _killed_at_the_first_write(ansible, window, proxy, playbook)

    # What was sent may have taken hold; the ledger tells what is to be done.
    assert window.document()["status"] != "closed"
    assert ended(window.close()) == ""
    assert _paused(world, dag_ids) == [False, False, False] and window.fleet.states() == found


def _killed_at_the_first_write(ansible: Ansible, window: Window, proxy: Proxy, playbook: str) -> None:
    variables = window.folder / "killed.json"
    variables.write_text(json.dumps(window.variables()), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    environment = {**ansible.environment(), "ANSIBLE_PIPELINING": "true", **window.fleet.environment()}
    with subprocess.Popen(
        [program, f"{COLLECTION}.{playbook}", "-e", f"@{variables}"],
        env=environment,
        cwd=window.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            proxy.add(Rule(lambda method, _path: method == "PATCH", before=lambda: os.killpg(process.pid, signal.SIGKILL)))
            assert process.wait(60) == -signal.SIGKILL
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_a_window_that_stops_dags_asks_for_consent_and_fails_their_open_runs(
    world: World, ansible: Ansible, systems: Mapping[str, Control], proxy: Proxy, tmp_path: Path
) -> None:
    dag_id, run_id = world.begin("queue")
    window = _window(ansible, systems, proxy, tmp_path, [dag_id])
    window.targets[0] |= {"state": "stopped"}

    assert "accept_final" in ended(window.open()) and world.by_hand.runs(dag_id)[run_id] == "running"
    window.targets[0] |= {"accept_final": True}
    assert ended(window.open()) == "" and world.by_hand.runs(dag_id)[run_id] == "failed"
    assert not world.is_working(dag_id)
    assert ended(window.close()) == "" and not world.by_hand.is_paused(dag_id)


def test_the_plan_tells_what_closing_will_set_free(
    world: World, ansible: Ansible, systems: Mapping[str, Control], proxy: Proxy, tmp_path: Path
) -> None:
    dag_id = world.take("plain")
    window = _window(ansible, systems, proxy, tmp_path, [dag_id])
    assert ended(window.open()) == ""
    run_id = world.by_hand.trigger(dag_id, world.new_run_id())

    closing = window.close()

    assert ended(closing) == ""
    assert run_id in json.dumps([result.returned for result in closing.results])
    wait_for(lambda: world.by_hand.runs(dag_id)[run_id] == "success", "the run goes on")
