# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import airflow_dag, airflow_dag_info
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.unit.run_module import run_main

from .proxy import Proxy
from .servers import USERS
from .world import NAMES, SERVERS, World, world

Call = Callable[..., dict[str, Any]]
PACE = {"poll_interval": 1, "wait_timeout": 60}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        # Where no server was started at all, the fixture says so.
        started = json.loads(os.environ.get(SERVERS, '{"3": {}, "2": {}}'))
        names = [name for name in NAMES if name.startswith("emulator") or name.partition(" ")[2][0] in started]
        metafunc.parametrize("world", names, indirect=True, scope="session")


class WorldScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of one Airflow stay with one worker, one after the other, since they share its Dags and stop its scheduler. But those of
    the windows have Dags of their own, and each worker has emulators of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        name = next((name for name in NAMES if f"[{name}]" in nodeid or f"[{name}-" in nodeid), nodeid)
        file = nodeid.partition("::")[0]
        return f"{name} {file}" if name.startswith("emulator") or file.endswith("test_windows.py") else name


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return WorldScheduling(config, log)


@pytest.fixture(scope="session", name="world")
def _world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Airflow's own server or the emulator, of either generation."""
    with ExitStack() as stack:
        yield stack.enter_context(world(request.param, tmp_path_factory.mktemp("world")))


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    """Between the collection and Airflow: it writes down what goes by."""
    with Proxy(world.url) as between:
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
