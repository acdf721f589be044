# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.emulator.client import Control, running

from .cases import Case, Outcome, play
from .processes import Ansible
from .two_ways import differences

# They take long. Those that mostly wait come first, since others use the processors beside them.
LONG = (
    "proxies/test_every_system.py",
    "test_crash.py",
    "test_demo.py",
    "hostile/test_secrets",
    "window/test_by_hand.py",
    "window/",
    "test_late_actions.py",
    "maintenance_window/test_what_is_known.py",
    "hostile/",
    "proxies/",
    "totalcontrol_task/test_faults.py",
    "totalcontrol_task/test_settling.py",
)
# Files of long tests that share nothing but the emulators of their worker.
SPREAD = (
    "maintenance_window/test_one_task.py",
    "templates/test_paths.py",
    "test_demo.py",
    "test_orphans.py",
    "window/test_bad_input.py",
    "window/test_given.py",
    "window/test_running.py",
    "window/test_troubles.py",
    "window/test_work_playbook.py",
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case(case): what is called, and the emulated system that it meets; see cases.py")
    config.addinivalue_line("markers", "scene(scene): what happens to a task that runs; see test_late_actions.py")


class CaseScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Each file stays with one worker, since its cases run together; but the tests of files in SPREAD go to any."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file.removeprefix("tests/integration/") in SPREAD else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The order is ours, see below."""
    config.option.loadscopereorder = False
    return CaseScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that in the end no worker waits for another: some files by name, then those with most tests."""
    here = Path(__file__).parent
    tests = Counter(item.path for item in items)

    def rank(item: pytest.Item) -> tuple[int, int, str]:
        if not item.path.is_relative_to(here):
            return -1, 0, ""
        place = item.path.relative_to(here).as_posix()
        named = next((number for number, start in enumerate(LONG) if place.startswith(start)), len(LONG))
        return named, -tests[item.path], place

    items.sort(key=rank)


@pytest.fixture(scope="session")
def collections_path() -> str:
    path = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    if not Path(path, "ansible_collections", "taskops", "quiesce", "plugins").is_dir():
        pytest.fail(f"ANSIBLE_COLLECTIONS_PATH is {path!r}; it must name the folder in which the collection is laid out (see noxfile.py)")
    return path


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory, collections_path: str) -> Iterator[Ansible]:
    ansible = Ansible(tmp_path_factory.mktemp("home"), collections_path, is_warm=True)
    yield ansible
    ansible.close()


@pytest.fixture(scope="session")
def _totalcontrol_process() -> Iterator[Control]:
    with running("totalcontrol") as emulator:
        yield emulator


@pytest.fixture
def totalcontrol(_totalcontrol_process: Control) -> Control:
    """An emulated Total Control in a process of its own, as it was started."""
    _totalcontrol_process.reset()
    return _totalcontrol_process


@pytest.fixture
def totalcontrol_access(totalcontrol: Control) -> dict[str, str]:
    """Address and credentials, as the environment of a process gives them."""
    return {"TOTALCONTROL_URL": totalcontrol.url, "TOTALCONTROL_USERNAME": "sigma", "TOTALCONTROL_PASSWORD": "3D391497"}


def _case_of(item: pytest.Item) -> Case | None:
    marker = item.get_closest_marker("case")
    return marker.args[0] if marker else None


@pytest.fixture(scope="module")
def _outcomes(request: pytest.FixtureRequest, ansible: Ansible) -> dict[str, Outcome]:
    """What came of all the cases of a file that are wanted in this session."""
    found = {item.nodeid: case for item in request.session.items if item.path == request.path and (case := _case_of(item))}
    return dict(zip(found, play(ansible, list(found.values())), strict=True))


@pytest.fixture
def outcome(request: pytest.FixtureRequest, _outcomes: dict[str, Outcome]) -> Outcome:
    """What came of the test's own case in Ansible's worker, which has to be what comes of it in a module's own process."""
    outcome = _outcomes[request.node.nodeid]
    assert outcome.by_module is not None
    assert differences(outcome, outcome.by_module) == []
    return outcome
