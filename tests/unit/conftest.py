# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each test is a process of its own as far as credentials are concerned."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._credentials import OF_THIS_PROCESS


@pytest.fixture(autouse=True)
def nothing_is_known_of_any_key() -> None:
    OF_THIS_PROCESS.forget()
