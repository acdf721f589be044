# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.emulator.client import Control, running_all
from tests.integration.processes import Ansible
from tests.integration.windows import Window
from tests.window.fleet import ALL, VENDORS, Fleet

Make = Callable[..., Window]


@pytest.fixture(scope="session")
def systems() -> Iterator[Mapping[str, Control]]:
    """All systems, in one process."""
    with running_all(ALL, "--max-seconds", "1800") as running:
        yield running


@pytest.fixture(scope="session")
def make_window(systems: Mapping[str, Control], ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A window over some systems in their initial state, except for so many tasks on each."""

    def make(*vendors: str, count: int = 2, others: Mapping[str, Any] | None = None, **changes: Mapping[str, Any]) -> Window:
        fleet = Fleet({vendor: systems[vendor] for vendor in vendors or VENDORS})
        for system in systems.values():
            system.reset()
        fleet.put(count, **(others or {}))
        return Window(ansible, fleet, tmp_path_factory.mktemp("window"), fleet.targets(**changes))

    return make


@pytest.fixture
def window(make_window: Make) -> Window:
    """The usual small window: two scripts of Total Control, both paused."""
    return make_window("totalcontrol")
