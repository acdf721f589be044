# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of the page's printed examples: its users, projects, probes and tasks (``ctrlapi.md``, section 8)."""

from __future__ import annotations

from typing import Any

from ._ctrlapi_rules import LIVE, VECTOR_KEY, VOD

# User 1 is the caller in the vod samples, user 4 in the live ones. The others are added for the roles of section 2.5.
USERS: dict[str, dict[str, Any]] = {
    "1": {"key": VECTOR_KEY},
    "4": {"key": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="},
    "5": {"key": "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="},
    "6": {"key": "BgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgY="},
    "7": {"key": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="},
    "9": {"superuser": "Superadmin"},
}
PROJECTS: dict[str, dict[str, Any]] = {
    "2": {"title": "Files", "founder": "user 1", "roles": {"1": "owner", "5": "admin", "6": "user", "7": "operator"}},
    "23": {"title": "Streams", "founder": "user 4", "roles": {"4": "owner", "5": "admin", "6": "user", "7": "operator"}},
    "24": {"title": "More streams", "founder": "user 5", "roles": {"5": "owner", "4": "engineer"}},
    "77": {"title": "Somebody else's", "founder": "user 5", "roles": {"5": "owner"}},
}
# Section 8, T8 and T9. T7 requests a probe 702 of project 23, which T8's list lacks: a probe that only a task names counts as alive.
APPS: list[dict[str, Any]] = [
    {"app_id": 537, "project_id": 23, "name": "CenOS pro probe", "alive": True},
    {"app_id": 462, "project_id": 23, "name": "Experimental probe", "alive": True},
    {"app_id": 461, "project_id": 23, "name": "IPTV edge", "alive": False},
    {"app_id": 1, "project_id": 2, "name": "Probe Ubuntu 20", "alive": True},
    {"app_id": 2, "project_id": 2, "name": "Probe Ubuntu 22", "alive": True},
]


def _live(task_id: int, status: str, app_id: int = 537, **more: Any) -> dict[str, Any]:
    uri = f"udp://235.0.0.{task_id % 250 + 1}:1234"
    return {"task_id": task_id, "project_id": 23, "app_id": app_id, "uri": uri, "name": f"Stream {task_id}", "status": status, **more}


def _vod(task_id: int, status: str, **more: Any) -> dict[str, Any]:
    return {"task_id": task_id, "project_id": 2, "app_id": 1, "template_id": 3, "uri": f"/media/{task_id}.mp4", "status": status, **more}


SEEDS: dict[str, list[dict[str, Any]]] = {
    LIVE: [
        _live(241458, "Started"),  # T5
        _live(241456, "Started"),
        _live(241555, "Stopped"),  # T6
        _live(199498, "Started", 702),  # T7
        _live(212651, "Started", 702),
        _live(227531, "Started", 702, master=212651),
        _live(227532, "Started", 702, master=212651),
        _live(227533, "Started", 702, master=212651),
        # Added: the states that the samples don't show, and a task of another project.
        _live(300001, "Scheduled", stays=True),
        _live(300002, "Stalled", 461),
        _live(300003, "Rejected", rejects="emulator: the probe has no licence for this stream"),
        _live(300004, "Started", 900, project_id=77),
    ],
    VOD: [
        *(_vod(number, "Running") for number in range(63, 68)),  # T1 to T3; 68 doesn't exist
        _vod(70, "Scheduled", stays=True),  # T4
        _vod(71, "Explore", stays=True),
        _vod(72, "Completed"),
        _vod(73, "Rejected"),
        _vod(74, "Canceled"),
        _vod(75, "Stalled", stays=True),
        _vod(80, "Stalled", stays=True),  # T11
        _vod(81, "Running", initial_task_id=80),
        _vod(90, "Running", project_id=77),
    ],
}
