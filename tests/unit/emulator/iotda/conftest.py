# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real IoTDA process for each test module, reset for every test; and the model without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.client import Control, running
from tests.emulator.vendors.iotda import Iotda
from tests.unit.emulator.iotda.api import Api


@pytest.fixture(scope="module")
def iotda_process() -> Iterator[Control]:
    with running("iotda") as emulator:
        yield emulator


@pytest.fixture
def iotda(iotda_process: Control) -> Control:
    iotda_process.reset()
    return iotda_process


@pytest.fixture
def iotda_model() -> Iotda:
    """The model with a clock that doesn't advance by itself."""
    return Iotda(switches={"clock": "manual"}, seed=1)


@pytest.fixture
def api(iotda_model: Iotda) -> Api:
    return Api(iotda_model)
