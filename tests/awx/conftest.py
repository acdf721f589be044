# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.emulator.client import Control, running_all
from tests.integration.conftest import collections_path
from tests.window.fleet import ALL

from .jobs import Awx

__all__ = ["collections_path"]


@pytest.fixture(scope="session")
def systems() -> Iterator[Mapping[str, Control]]:
    """All systems, with TLS, only for clients that show the certificate."""
    with running_all(ALL, "--ask-client-cert", "--max-seconds", "900") as running:
        yield running


@pytest.fixture(scope="session")
def awx(tmp_path_factory: pytest.TempPathFactory, collections_path: str) -> Awx:
    return Awx(tmp_path_factory.mktemp("awx"), collections_path)
