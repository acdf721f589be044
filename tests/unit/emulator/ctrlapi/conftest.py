# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real process of each dialect for each test module, reset for every test; and the models without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.client import Control, running
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.unit.emulator.ctrlapi.api import Api


@pytest.fixture(scope="module")
def live_process() -> Iterator[Control]:
    with running("ctrlapi") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def vod_process() -> Iterator[Control]:
    with running("ctrlapi", "--switch", "dialect=vod") as emulator:
        yield emulator


@pytest.fixture
def live_boro(live_process: Control) -> Control:
    live_process.reset()
    return live_process


@pytest.fixture
def vod_boro(vod_process: Control) -> Control:
    vod_process.reset()
    return vod_process


@pytest.fixture
def live() -> Api:
    """The model with a clock that doesn't advance by itself."""
    return Api(CtrlApi(switches={"clock": "manual"}), 4, 23, "TaskInfo")


@pytest.fixture
def vod() -> Api:
    """The model with a clock that doesn't advance by itself."""
    return Api(CtrlApi(switches={"clock": "manual", "dialect": "vod"}), 1, 2, "TaskStatus")
