# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for something that another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(condition: Callable[[], Any], patience: float = 90) -> Any:
    """What the condition returns as soon as that is true. Fails when so many seconds are over."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, f"it never came within {patience} s"
        time.sleep(0.05)
    return found
