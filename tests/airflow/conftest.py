# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import airflow_dag, airflow_dag_info
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.unit.run_module import run_main

from .proxy import Proxy
from .servers import USERS
from .world import EMULATORS, SERVERS, WORLDS, World, world

# The variable by which all tests run, also those that take long and that `make test` leaves out.
WHOLE = "QUIESCE_AIRFLOW_WHOLE"
Call = Callable[..., dict[str, Any]]
PACE = {"poll_interval": 1, "wait_timeout": 60}
# Those that take longest begin first, so that in the end no worker waits for another.
FILES = ("test_windows.py", "test_promises.py", "test_events.py", "test_facts.py")
# Tests of one Airflow that one worker runs one after another, by the beginnings of their names: those of the 300 small Dags, and those of
# windows, for which a worker loads Ansible and starts two more systems.
TOGETHER = (
    ("test_so_many_writes",),
    ("test_the_last_of_two", "test_a_window_that_stops"),
    ("test_a_job_that_is_killed", "test_the_plan_tells"),
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: nothing else may happen in that Airflow meanwhile")


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Every test goes to any worker, but for those of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        name, _bracket, values = nodeid.rpartition("::")[2].partition("[")
        group = next((number for number, starts in enumerate(TOGETHER) if name.startswith(starts)), None)
        return nodeid if group is None else f"{re.split('[]-]', values)[0]}, {group}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The order is ours, see below."""
    config.option.loadscopereorder = False
    return TogetherScheduling(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", list(_folders()) or ["none"], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The emulators are up at once, the servers later. What needs an Airflow alone comes last."""
    if not os.environ.get(WHOLE):
        left_out = [item for item in items if _is_left_out(item)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: (_is_alone(item), _name(item) not in EMULATORS.values(), FILES.index(item.path.name)))


def _folders() -> dict[str, str]:
    """The folder of each Airflow that the tests meet, by its name."""
    folders: dict[str, str] = json.loads(os.environ.get(WORLDS, "{}"))
    return folders


def _name(item: pytest.Item) -> str:
    return str(item.callspec.params["world"])  # type: ignore[attr-defined]


def _is_left_out(item: pytest.Item) -> bool:
    """Windows take most of the time, and over which Airflow they are opened makes no difference but where they stop Dags."""
    return item.path.name == "test_windows.py" and _name(item) != SERVERS[3] and "stops_dags" not in item.name


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


@cache
def _world(name: str) -> World:
    """Airflow's own server or the emulator, of either generation. All tests of this process share it."""
    folders = _folders()
    assert name in folders, "no Airflow runs; start the tests by `python -m tests.airflow` (make airflow)"
    return world(name, Path(folders[name]))


@pytest.fixture(name="world")
def _world_in_use(request: pytest.FixtureRequest) -> Iterator[World]:
    found = _world(request.param)
    with found.in_use(alone=_is_alone(request.node)):
        yield found


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    """Between the collection and Airflow: it writes down what goes by."""
    with Proxy(world.url, turns=world.turns) as between:
        yield between


@pytest.fixture
def call(proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> Call:
    """The module airflow_dag, through the proxy."""

    def run(dag_ids: str | list[str], state: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"url": proxy.url, "username": "admin", "password": USERS["admin"], "dag_ids": dag_ids, "state": state, **PACE, **options}
        given = {name: value for name, value in given.items() if value is not None}
        return run_main(airflow_dag.main, capsys, "airflow_dag", check=check, diff=False, **given)

    return run


@pytest.fixture
def info(proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> Call:
    """The module airflow_dag_info, through the proxy."""

    def run(**options: Any) -> dict[str, Any]:
        given = {"url": proxy.url, "username": "admin", "password": USERS["admin"], **options}
        given = {name: value for name, value in given.items() if value is not None}
        return run_main(airflow_dag_info.main, capsys, "airflow_dag_info", check=False, diff=False, **given)

    return run
