# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of Total Control's modules."""

from __future__ import annotations

from typing import Any

# The states on the wire (vendor page, section 4).
NO_SCRIPT, RUNNING, ENDED, FAILED, PAUSED, STOPPED, SCHEDULED = 0, -1, -2, -3, -4, -5, -6


def script(name: str, status: int, **fields: Any) -> dict[str, Any]:
    return {"task_name": name, "status": status, **fields}


def scripts(**statuses: int) -> list[dict[str, Any]]:
    return [script(name, status) for name, status in statuses.items()]
