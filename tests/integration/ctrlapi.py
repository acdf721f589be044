# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of Boro's modules."""

from __future__ import annotations

from typing import Any

LIVE: dict[str, Any] = {"dialect": "live", "user_id": 4, "project_id": 23}
VOD: dict[str, Any] = {"dialect": "vod", "user_id": 1, "project_id": 2}
# The keys of users 4 and 1 in the emulated system.
LIVE_KEY = "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="
VOD_KEY = "AGnO/VenzHB9xkLYZG1i70kQ9iyFBBvugGXSFyTQaB0="


def stream(task_id: int, status: str = "Started", **fields: Any) -> dict[str, Any]:
    """The analysis of a stream."""
    return {"task_id": task_id, "project_id": 23, "app_id": 537, "name": f"Stream {task_id}", "status": status, **fields}


def check(task_id: int, status: str = "Running", **fields: Any) -> dict[str, Any]:
    """The check of a file."""
    return {"task_id": task_id, "project_id": 2, "app_id": 1, "uri": f"/media/{task_id}.mp4", "status": status, **fields}
