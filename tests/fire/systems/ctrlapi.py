# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boro's Control API, both dialects, from its vendor page `ctrlapi.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.fire.system import Order, Sight, System

READS = ("TaskInfo", "TaskStatus", "TaskReport")
WORDS = {"TaskStop": "stop", "TaskResume": "resume"}


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"task_id": int(id_), **state}


def _results(reply: Reply) -> list[tuple[str, dict[str, Any]]]:
    document = Request("POST", "/", (), reply.body).json
    parts = document.get("reply") if isinstance(document, dict) else None
    return [(part.get("method"), row) for part in parts or () for row in part.get("result") or () if isinstance(row, dict)]


def _shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    if reply.status != 200 or call.action not in READS or b'"result"' not in reply.body:
        return None
    rows = [row for method, row in _results(reply) if method in READS and "task_id" in row and "status" in row]
    return {str(row["task_id"]): Sight(row["status"], row["status"]) for row in rows}


def _taken(call: Call, reply: Reply) -> frozenset[str]:
    """One call acts on many tasks, and tells of each whether it was taken."""
    rows = [row for method, row in _results(reply) if method in WORDS and not row.get("error") and not row.get("errors")]
    return frozenset(str(row["task_id"]) for row in rows if "task_id" in row) if reply.took_effect else frozenset()


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return str(task["task_id"]), Sight(task["status"], task["status"])


LIVE = System(
    name="ctrlapi",
    variant="live",
    emulator=CtrlApi,
    main=ctrlapi_task.main,
    id_option="task_ids",
    ids=("241458", "241456", "241460"),
    access=(
        {"dialect": "live", "user_id": 4, "project_id": [23]},
        {"dialect": "live", "user_id": 4, "project_id": [23], "api_key": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="},
    ),
    states=(
        {"status": "Started"},
        {"status": "Stopped"},
        {"status": "Scheduled"},
        {"status": "Stalled"},
        {"status": "Rejected"},
        {"status": "Stopped", "rejects": "no such stream"},
        {"status": "Scheduled", "stays": True},
        {"status": "Hibernating"},
    ),
    others=(
        {"action": "stop"},
        {"action": "resume"},
        {"action": "start"},
        {"action": "stall"},
        {"action": "reject"},
        {"action": "recover"},
        {"action": "delete"},
        {"action": "set", "status": "Odd"},
    ),
    lies=(
        {},
        {"stale_reads": 2},
        {"stale_reads": "2 reads"},
        {"stop_delay": 3},
        {"stop_delay": 0},
        {"start_delay": 3},
        {"ignore_action": True},
        {"unknown_task": "error"},
        {"resume_ends": "Rejected"},
        {"unknown_task_action": "errors"},
        {"unknown_task_action": "absent"},
        {"stop_scheduled": "ignored"},
        {"stop_stalled": "stops"},
        {"stop_stopped": "error"},
        {"resume_started": "error"},
        {"resume_stalled": "error"},
        {"resume_rejected": "error"},
        {"stalled_recovers": 3},
        {"no_access": "top"},
    ),
    put=_put,
    targets=lambda call: call.ids,
    taken=_taken,
    words=WORDS,
    shown=_shown,
    true=_true,
    satisfied_by={
        "paused": frozenset({"Stopped"}),
        "started": frozenset({"Started"}),
        "stopped": frozenset({"Stopped", "Rejected"}),
    },
    accepts={"stop": frozenset({"Started", "Stalled", "Scheduled"}), "resume": frozenset({"Stopped", "Stalled", "Rejected"})},
    history_word="status",
    whole=frozenset({"TaskInfo"}),
)

VOD = System(
    name="ctrlapi",
    variant="vod",
    emulator=CtrlApi,
    main=ctrlapi_task.main,
    id_option="task_ids",
    ids=("100", "101", "102"),
    access=({"dialect": "vod", "user_id": 1, "project_id": [2]},),
    states=(
        {"status": "Running"},
        {"status": "Scheduled"},
        {"status": "Explore"},
        {"status": "Completed"},
        {"status": "Rejected"},
        {"status": "Canceled"},
        {"status": "Running", "runs_for": 2},
        {"status": "Running", "runs_for": 1, "ends_with": "Rejected"},
        {"status": "Scheduled", "stays": True},
    ),
    others=(
        {"action": "stop"},
        {"action": "start"},
        {"action": "complete"},
        {"action": "reject"},
        {"action": "delete"},
        {"action": "set", "status": "Odd"},
    ),
    lies=(
        {},
        {"stale_reads": 2},
        {"stop_delay": 3},
        {"queue_for": 3},
        {"explore_for": 3},
        {"explore_ends": "Rejected"},
        {"ignore_action": True},
        {"unknown_task": "errors"},
        {"stop_finds": "Completed"},
        {"stop_finds": "Rejected"},
        {"stop_finds": "Completed", "stop_finds_when": "before"},
    ),
    put=_put,
    targets=lambda call: call.ids,
    taken=_taken,
    words=WORDS,
    shown=_shown,
    true=_true,
    satisfied_by={
        "paused": frozenset(),
        # Explore is on the way (section 5.2), and may still end in Rejected.
        "started": frozenset({"Running", "Scheduled", "Completed"}),
        "stopped": frozenset({"Canceled", "Completed", "Rejected"}),
    },
    accepts={"stop": frozenset({"Running"})},
    history_word="status",
    switches={"dialect": "vod"},
    whole=frozenset({"TaskInfo", "TaskStatus", "TaskReport"}),
)
