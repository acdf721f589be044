# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real JP1/AO process for each test module, reset for every test; and the model without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.client import Control, running
from tests.emulator.vendors.hitachi import Hitachi
from tests.unit.emulator.hitachi.api import Api


@pytest.fixture(scope="module")
def hitachi_process() -> Iterator[Control]:
    with running("hitachi") as emulator:
        yield emulator


@pytest.fixture
def hitachi(hitachi_process: Control) -> Control:
    hitachi_process.reset()
    return hitachi_process


@pytest.fixture
def hitachi_model() -> Hitachi:
    """The model with a clock that doesn't advance by itself."""
    return Hitachi(switches={"clock": "manual"}, seed=1)


@pytest.fixture
def api(hitachi_model: Hitachi) -> Api:
    return Api(hitachi_model)
