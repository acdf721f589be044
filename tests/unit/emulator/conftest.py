# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real emulator process for each test module, reset for every test; and the model without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.client import Control, running
from tests.emulator.vendors.totalcontrol import TotalControl
from tests.unit.emulator.wire import send


@pytest.fixture(scope="module")
def process() -> Iterator[Control]:
    with running("totalcontrol") as emulator:
        yield emulator


@pytest.fixture
def emulator(process: Control) -> Control:
    process.reset()
    return process


@pytest.fixture
def token(emulator: Control) -> str:
    answer = send(emulator.port, "GET /TotalControl/v1/login\nAuthorization: c2lnbWE6M0QzOTE0OTc=").json
    return str(answer["value"]["token"])


@pytest.fixture
def model() -> TotalControl:
    """The model with a clock that doesn't advance by itself."""
    return TotalControl(switches={"clock": "manual"}, seed=1)
