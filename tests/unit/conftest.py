# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for all unit tests: hypothesis, and isolated credentials for each test."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._credentials import OF_THIS_PROCESS
from hypothesis import HealthCheck, settings

# The speed of examples depends on the machine and its load, which no test is about.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def nothing_is_known_of_any_key() -> None:
    OF_THIS_PROCESS.forget()
