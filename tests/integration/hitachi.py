# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of JP1/AO's modules."""

from __future__ import annotations

from typing import Any

USER: dict[str, Any] = {"username": "system", "password": "manager"}
T = "5381"
RECURRING: dict[str, Any] = {"scheduleType": "recurrence", "repeat_every": 86400}


def service_run(task_id: str = T, status: str = "inProgress", **fields: Any) -> dict[str, Any]:
    """A run of a service that runs at once, or, if it hasn't begun, is planned for tomorrow."""
    ahead = {"scheduleType": "schedule", "starts_in": 86400} if status in ("waiting", "suspended") else {"scheduleType": "immediate"}
    number = int(task_id)
    return {"instanceID": number, "name": f"run_{task_id}", "status": status, "scheduleID": number + 10_000, **ahead, **fields}
