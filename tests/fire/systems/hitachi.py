# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO, from its vendor page `hitachi.md`, sections 3 to 6."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import hitachi_task

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.hitachi import Hitachi
from tests.fire.system import GONE, Order, Sight, System, independent_sights, independent_stories

# The schedule of a task has an id that is derived from the task's.
APART = 2000
RUNNING = frozenset({"inProgress", "waitingForInput", "abnormalityDetected", "longRunning"})
ENDED = frozenset({"completed", "failed", "canceled"})
# Section 4.3: the accepted spellings of each state, normalised.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "waiting": ("waiting",),
    "suspended": ("suspended", "holding"),
    "inProgress": ("inprogress", "running", "nowrunning"),
    "waitingForInput": ("waitingforinput", "waitingforresponse", "waitingresponse"),
    "abnormalityDetected": ("inprogresswitherror", "abnormaldetection", "abnormalitydetected", "abnormaldetected"),
    "terminating": ("inprogressterminating", "terminating", "stopping"),
    "longRunning": ("longrunning",),
    "completed": ("completed",),
    "failed": ("failed",),
    "canceled": ("canceled", "cancelled"),
}
STATE_OF = {spelling: state for state, spellings in SPELLINGS.items() for spelling in spellings}
AMBIGUOUS = ("stopped", "terminated")


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"instanceID": int(id_), "scheduleID": int(id_) + APART, **state}


def _label(row: Mapping[str, Any]) -> str:
    """The state that the word of a row means. Two words are only clear together with the time at which the task ended."""
    folded = re.sub("[^a-z0-9]", "", row["status"].lower())
    if folded in AMBIGUOUS:
        return "failed" if row.get("completionTime") else "terminating"
    return STATE_OF.get(folded) or str(row["status"])


def _targets(_request: Request, call: Call, _seen: Mapping[str, Sight]) -> tuple[str, ...]:
    if call.action in ("suspend", "resume", "cancel"):
        return tuple(str(int(id_) - APART) for id_ in call.ids)
    return call.ids


def _shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    document = Request("GET", "/", (), reply.body).json
    if call.action == "read" and reply.status == 404 and b"KNAE" in reply.body:
        return {call.ids[0]: GONE}
    if reply.status != 200 or not isinstance(document, dict) or call.action not in ("list", "read", "list_histories"):
        return None
    rows = [document] if call.action == "read" else document["data"]
    key = "taskID" if call.action == "list_histories" else "instanceID"
    return {str(row[key]): Sight(_label(row), row["status"]) for row in rows}


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return str(task["instanceID"]), Sight(task["status"], task["status"])


SYSTEM = System(
    name="hitachi",
    emulator=Hitachi,
    main=hitachi_task.main,
    id_option="task_ids",
    ids=("1001", "1002", "1003"),
    access=({"username": "system", "password": "manager"},),
    states=(
        {"status": "inProgress"},
        {"status": "waiting", "starts_in": 3600},
        {"status": "suspended", "starts_in": 3600},
        {"status": "waiting", "starts_in": 2},
        {"status": "suspended", "starts_in": 2},
        {"status": "waiting", "starts_in": 5, "repeat_every": 600},
        {"status": "suspended", "starts_in": 60, "repeat_every": 600},
        {"status": "waitingForInput"},
        {"status": "abnormalityDetected"},
        {"status": "longRunning"},
        {"status": "terminating"},
        {"status": "completed"},
        {"status": "failed"},
        {"status": "failed", "by_stop": True},
        {"status": "canceled"},
        {"status": "inProgress", "runs_for": 3},
        {"status": "inProgress", "runs_for": 1, "ends_with": "failed"},
        {"status": "inProgress", "stop_ends": "completed"},
        {"status": "inProgress", "stop_takes": 5},
        {"status": "inProgress", "long_after": 2},
        {"status": "completed", "archived": 5001},
        {"status": "hibernating"},
    ),
    others=(
        {"action": "start"},
        {"action": "complete"},
        {"action": "fail"},
        {"action": "error"},
        {"action": "archive"},
        {"action": "delete"},
        {"action": "suspend"},
        {"action": "resume"},
        {"action": "cancel"},
        {"action": "stop"},
        {"action": "restart"},
        {"action": "set", "status": "paused"},
    ),
    lies=(
        {},
        {"sampling_interval": 30},
        {"sampling_interval": 3},
        {"stop_takes": 4},
        {"stop_ends": "completed"},
        {"action_delay": 2},
        {"ignore_action": True},
        {"job_state": "queued"},
        {"job_state": "failed"},
        {"job_members": "schema"},
        {"affected_as": "text"},
        {"stop_long_running": "refused"},
        {"suspend_immediate": "accepted"},
        {"cancel_suspended_recurring": "refused"},
        {"rerun_stopped": "refused"},
        {"force_stop_terminating": "accepted"},
        {"hitachi_edition": "v10", "spelling": "v12"},
        {"filter_ids": 400, "filter_history_ids": 404},
        {"hrefs": "as_printed"},
        {"unset_times": "absent"},
        {"count_means": "answer"},
        {"outer_body": "html"},
    ),
    dresses={
        "": {},
        "spelled as V10": {"hitachi_edition": "v10", "spelling": "v10"},
        "spelled as on the screens": {"spelling": "names"},
        "spelled otherwise": {
            "spellings": {
                "suspended": "HOLDING",
                "inProgress": "nowRunning",
                "waitingForInput": "WAITING_RESPONSE",
                "abnormalityDetected": "abnormal-detected",
                "terminating": "stopping",
                "canceled": "cancelled",
            }
        },
        "stopped is one word": {"stopped_word": "stopped"},
        "terminated is one word": {"spelling": "v10", "stopped_word": "terminated"},
        "short pages": {"max_page_size": 1, "default_page_size": 1},
        "no id of a schedule": {"immediate_schedule": "absent"},
    },
    grants={"force": "stopped", "cancel_recurring": "stopped", "retry_failed": "started"},
    put=_put,
    targets=_targets,
    shown=_shown,
    true=independent_sights(_true),
    stories=independent_stories(_true),
    satisfied_by={
        "paused": frozenset({"suspended"}),
        "started": RUNNING | {"waiting", "completed"},
        "stopped": ENDED,
    },
    accepts={
        "stop": RUNNING,
        "forceStop": RUNNING | {"terminating"},
        "suspend": frozenset({"waiting"}),
        "resume": frozenset({"suspended"}),
        "cancel": frozenset({"waiting", "suspended"}),
        "rerunStart": frozenset({"failed"}),
    },
    history_word="status",
    settle=30.0,
    whole=lambda _request, call: call.action == "list",
)
