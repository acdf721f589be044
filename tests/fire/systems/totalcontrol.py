# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Total Control, from its vendor page `totalcontrol.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import totalcontrol_task

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.totalcontrol import TotalControl
from tests.fire.system import Order, Sight, System, independent_sights, independent_stories


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"task_name": id_, **state}


def _shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    document = Request("GET", "/", (), reply.body.replace(b"\\\\", b"/")).json
    if call.action != "list" or reply.status != 200 or not isinstance(document, dict) or document.get("status") is not True:
        return None
    return {task["task_name"]: Sight(str(task["status"]), task["status"]) for task in document["value"] or ()}


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return task["task_name"], Sight(str(task["status"]), task["status"])


SYSTEM = System(
    name="totalcontrol",
    emulator=TotalControl,
    main=totalcontrol_task.main,
    id_option="names",
    ids=("backup", "task 2", "nightly"),
    access=({"username": "sigma", "password": "3D391497"},),
    states=(
        {"status": -1},
        {"status": -4},
        {"status": -6},
        {"status": -5},
        {"status": -2},
        {"status": -3, "error_message": "no such window"},
        {"status": 0},
        {"status": -1, "runs_for": 3},
        {"status": -1, "runs_for": 0.2, "ends_with": -3},
        {"status": -4, "runs_for": 1},
        {"status": -6, "starts_in": 2},
        {"status": -6, "starts_in": 1, "script_missing": True},
        {"status": -1, "runs_for": 2, "repeat_every": 4},
        {"status": 7},
    ),
    others=(
        {"action": "pause"},
        {"action": "resume"},
        {"action": "stop"},
        {"action": "start"},
        {"action": "end"},
        {"action": "fail"},
        {"action": "delete"},
        {"action": "set", "status": 9},
    ),
    lies=(
        {},
        {"edition": "old"},
        {"change_delay": 2},
        {"change_delay": "2 reads"},
        {"ignore_action": True},
        {"end_during_pause": -2},
        {"end_during_pause": -3},
        {"resume_ends": -2},
        {"resume_ends": -3},
        {"pause_paused": "accepted"},
        {"stop_scheduled": "refused"},
        {"stop_scheduled": "stays"},
        {"stop_scheduled": "vanishes"},
        {"stop_keeps_schedule": True},
        {"token_failure": 401},
        {"token_ttl": 3},
        {"empty_list_as": None},
    ),
    put=_put,
    shown=_shown,
    true=independent_sights(_true),
    stories=independent_stories(_true),
    satisfied_by={
        "paused": frozenset({"-4"}),
        "started": frozenset({"-1", "-6", "-2"}),
        "stopped": frozenset({"-2", "-3", "-5", "0"}),
    },
    accepts={"pause": frozenset({"-1"}), "resume": frozenset({"-4"}), "stop": frozenset({"-1", "-4", "-6"})},
    history_word="status",
    whole=lambda _request, call: call.action == "list",
)
