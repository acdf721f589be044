# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA, from its vendor page `iotda.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors._iotda_seeds import PROJECT
from tests.emulator.vendors.iotda import Iotda
from tests.fire.system import GONE, Order, Sight, System

KEY = {"access_key": "HPUATESTACCESSKEY001", "secret_key": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"}
USER = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}
BEGUN = ("processing", "success", "fail", "fail_wait_retry", "stopped")


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"task_id": id_, **state}


def _sight(task: Mapping[str, Any], scheduled: bool) -> Sight:
    """Section 5: held is a task that has to be confirmed and none of whose devices has begun; before its time it's held all the more."""
    status, counts = task["status"], task.get("task_progress")
    held = task.get("need_confirm") is True and status in ("Waitting", "Processing")
    if held and counts is not None:
        held = counts["waitting"] > 0 and not any(counts.get(name) for name in BEGUN)
    elif held:
        held = status == "Waitting"
    label = f"{status}, held" if held else f"{status}, scheduled" if scheduled and status == "Waitting" else status
    return Sight(label, status)


def _shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    if call.action != "show":
        return None
    document = Request("GET", "/", (), reply.body).json
    if reply.status == 404 and b"IOTDA" in reply.body:
        return {call.ids[0]: GONE}
    if reply.status != 200 or not isinstance(document, dict) or "batchtask" not in document:
        return None
    task = document["batchtask"]
    return {call.ids[0]: _sight(task, bool((task.get("task_policy") or {}).get("schedule_time")))}


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return task["task_id"], _sight(task, task.get("starts_in") is not None)


def _devices(*states: str) -> list[dict[str, Any]]:
    return [{"target": f"device_{number}", "status": state} for number, state in enumerate(states)]


SYSTEM = System(
    name="iotda",
    emulator=Iotda,
    main=iotda_batchtask.main,
    id_option="task_ids",
    ids=("5c8ba99030344005c02316ad", "6576f1a030344005c0231701", "6576f1a030344005c0231702"),
    access=(
        {"region": "cn-north-4", "project_id": PROJECT, **KEY},
        {"region": "cn-north-4", "project_id": PROJECT, "iam_url": "http://127.0.0.1:1", **USER},
    ),
    states=(
        {"status": "Processing"},
        {"status": "Waitting", "need_confirm": True},
        {"status": "Stopped"},
        {"status": "Success"},
        {"status": "Fail", "subtasks": _devices("Fail", "Fail")},
        {"status": "PartialSuccess", "subtasks": _devices("Success", "Fail")},
        {"status": "Initializing"},
        {"status": "Initializing", "need_confirm": True},
        {"status": "Initializing", "starts_in": 3},
        {"status": "Waitting"},
        {"status": "Waitting", "starts_in": 2},
        {"status": "Waitting", "starts_in": 3600},
        {"status": "Waitting", "starts_in": 2, "need_confirm": True},
        {"status": "Stopping"},
        {"status": "Processing", "runs_for": 3},
        {"status": "Processing", "runs_for": 1, "ends_with": "Fail"},
        {"status": "Processing", "runs_for": 1, "ends_with": "Fail", "task_policy": {"retry_count": 1, "retry_interval": 0}},
        {"status": "Processing", "subtasks": _devices("Success", "Processing", "Waitting")},
        {"status": "Processing", "task_type": "freezeDevices"},
        {"status": "Fail", "task_type": "freezeDevices"},
        {"status": "Fail", "subtasks": [], "targets": None, "targets_filter": {"group_ids": ["nosuch"]}},
        {"status": "Processing", "task_type": "moduleUpgrade"},
        {"status": "Frobnicating"},
    ),
    others=(
        {"action": "stop"},
        {"action": "retry"},
        {"action": "confirm"},
        {"action": "start"},
        {"action": "finish"},
        {"action": "fail"},
        {"action": "delete"},
        {"action": "set", "status": "Fail"},
        {"action": "set", "status": "Paused"},
    ),
    lies=(
        {},
        {"stopping": 4},
        {"stopping": "3 reads", "initializing": "2 reads"},
        {"show_stopping": False},
        {"show_stopping": False, "stopping": 5},
        {"stop_ends": "PartialSuccess"},
        {"stop_ends": "Success"},
        {"stop_ends": "by_subtasks"},
        {"action_delay": 2},
        {"action_delay": "2 reads"},
        {"ignore_action": True},
        {"retry_fails_again": True},
        {"retry_nothing": "refused"},
        {"retry_nothing": "fails_again"},
        {"held_status": "Processing"},
        {"confirm_exists": False},
        {"failing_targets": ["device_1"]},
        {"answer_targets": "null"},
        {"task_progress": "absent"},
        {"refused_status": 400},
        {"refused_status": 200},
        {"calls_per_second": 2},
        {"calls_per_second": 2, "rate_limited_as": "APIG.0308"},
        {"refused_by": "gateway"},
    ),
    put=_put,
    shown=_shown,
    true=_true,
    satisfied_by={
        "paused": frozenset({"Waitting, held", "Processing, held"}),
        "started": frozenset({"Processing", "Waitting", "Waitting, scheduled", "Success"}),
        "stopped": frozenset({"Stopped", "Success", "Fail", "PartialSuccess"}),
    },
    accepts={
        "stop": frozenset({"Initializing", "Waitting", "Processing"}),
        "retry": frozenset({"Fail", "PartialSuccess"}),
        "confirm": frozenset({"Waitting"}),
    },
    history_word="status",
    grants={"retry_failed": "started"},
)
