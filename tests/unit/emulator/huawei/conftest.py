# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real emulator process for each test module, reset for every test; and the model without sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.client import Control, running
from tests.emulator.vendors.huawei import Huawei
from tests.unit.emulator.huawei.world import Api, token_from
from tests.unit.emulator.wire import send


@pytest.fixture(scope="module")
def process() -> Iterator[Control]:
    with running("huawei") as emulator:
        yield emulator


@pytest.fixture
def emulator(process: Control) -> Control:
    process.reset()
    return process


@pytest.fixture
def token(emulator: Control) -> str:
    return token_from(lambda head, body: send(emulator.port, head, body))


@pytest.fixture
def model() -> Huawei:
    """The model with a clock that doesn't advance by itself."""
    return Huawei(switches={"clock": "manual"}, seed=1)


@pytest.fixture
def api(model: Huawei) -> Api:
    return Api(model)
