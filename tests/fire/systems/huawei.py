# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIAS, from its vendor page `huawei_vias.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import huawei_task

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors._huawei_vias import BATCH, PROJECT
from tests.emulator.vendors.huawei import Huawei
from tests.fire.system import GONE, Moment, Order, Sight, System, independent_sights, independent_stories

USER = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}
KEY = {"access_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}
PLAN = {"type": "weekly", "days_of_week": [1], "periods": [[{"begin_at": "08:00:00", "end_at": "09:00:00"}]]}
UP = frozenset({"RUNNING", "PENDING", "SCHEDULING", "STARTING", "RECOVERING", "ABNORMAL"})
ENDED = frozenset({"SUCCEEDED", "FAILED", "START_FAILED", "CREATE_FAILED", "LACK_OF_RESOURCES"})


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"id": id_, **state}


def _sight(task: Mapping[str, Any]) -> Sight:
    """Section 4: a task with an activated weekly plan begins by itself. Only the page of a single task shows the plan."""
    planned = task["state"] == "STOPPED" and task.get("schedule_status") == "ACTIVATED"
    return Sight("STOPPED, planned" if planned else task["state"], task["state"])


def _shown(request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    document = Request("GET", "/", (), reply.body).json
    if call.action == "show" and reply.status == 400 and b"VIAS.00010007" in reply.body:
        return {call.ids[0]: GONE}
    if reply.status != 200 or not isinstance(document, dict):
        return None
    if call.action == "show":
        return {document["id"]: _sight(document)}
    return {task["id"]: _sight(task) for task in document["tasks"]} if call.action == "list" else None


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return task["id"], _sight(task)


SYSTEM = System(
    name="huawei",
    emulator=Huawei,
    main=huawei_task.main,
    id_option="task_ids",
    ids=("20690c67d71549c39085a3b28c18f24f", "61761681a6014e7c9024d642a0d4d412", "7c1de0a4a9b84f6f8e3b5d2c1f0a9e81"),
    access=(
        {"region": "cn-north-4", "project_id": PROJECT, **KEY},
        {"region": "cn-north-4", "iam_url": "http://127.0.0.1:1", **USER},
    ),
    states=(
        {"state": "RUNNING"},
        {"state": "STOPPED"},
        {"state": "STARTING"},
        {"state": "STOPPING"},
        {"state": "PENDING"},
        {"state": "FAILED"},
        {"state": "SUCCEEDED"},
        {"state": "ABNORMAL"},
        {"state": "ABNORMAL", "then": [["3 reads", "RUNNING"]]},
        {"state": "START_FAILED"},
        {"state": "CREATE_FAILED"},
        {"state": "LACK_OF_RESOURCES"},
        {"state": "RECOVERING"},
        {"state": "UPGRADING"},
        {"state": "DELETING"},
        {"state": "FREEZING"},
        {"state": "FROZEN"},
        {"state": "STOPPED_NO_SERVICE"},
        {"state": "RUNNING", "runs_for": 2},
        {"state": "RUNNING", "runs_for": 0.5, "ends_with": "FAILED"},
        {"state": "STOPPED", "start_ends": "START_FAILED"},
        {"state": "STOPPED", "start_ends": "SUCCEEDED"},
        {"state": "STOPPED", "start_ends": "FROZEN"},
        {"state": "HIBERNATING"},
    ),
    # The list has no weekly plans (section 3.1), and several tasks are read with it, so the client can't know them there.
    states_alone=(
        {"state": "STOPPED", "schedule": PLAN, "schedule_status": "ACTIVATED"},
        {"state": "STOPPED", "schedule": PLAN, "schedule_status": "INACTIVATED"},
    ),
    others=(
        {"action": "start"},
        {"action": "stop"},
        {"action": "delete"},
        {"action": "freeze"},
        {"action": "remove"},
        {"action": "set", "state": "ABNORMAL"},
        {"action": "set", "state": "FAILED"},
        {"action": "set", "state": "RUNNING"},
        {"action": "set", "state": "STOPPED"},
        {"action": "set", "state": "UPGRADING"},
    ),
    lies=(
        {},
        {"change_delay": 2},
        {"change_delay": "2 reads"},
        {"list_lag": 1},
        {"ignore_action": True},
        {"action_answer": "none"},
        {"action_answer": "empty_object"},
        {"refused_as": "status_code"},
        {"start_ends": "START_FAILED"},
        {"start_ends": "ABNORMAL"},
        {"stop_ends": "RUNNING"},
        {"stop_ends": "FAILED"},
        {"stop_ends": "FROZEN"},
        {"start_steps": [], "stop_steps": []},
        {"stop_steps": [["STOPPING", 4]], "start_steps": [["PENDING", 6]]},
        {"start_uncreated": "refused"},
        {"stop_upgrading": "accepted"},
        {"abnormal_restores": 3},
        {"schedule_meaning": "ignored"},
        {"null_members": True},
        {"refused_by": "service"},
    ),
    put=_put,
    shown=_shown,
    true=independent_sights(_true),
    stories=independent_stories(_true),
    satisfied_by={
        "paused": frozenset({"STOPPED"}),
        "started": frozenset({"RUNNING", "STOPPED, planned", "SUCCEEDED"}),
        "stopped": frozenset({"STOPPED", "STOPPED_NO_SERVICE", "FROZEN", "DELETING", *ENDED}),
    },
    accepts={"start": frozenset({"STOPPED", *ENDED}), "stop": UP | {"UPGRADING"}},
    leads={"start": frozenset({"PENDING", "SCHEDULING", "STARTING", "RUNNING"}), "stop": frozenset({"STOPPING", "STOPPED"})},
    history_word="state",
)


OTHERS = (
    {"id": "b5a0c3d2e1f04958a7b6c5d4e3f2a1b0", "state": "RUNNING"},
    {"id": "b5a0c3d2e1f04958a7b6c5d4e3f2a1b1", "state": "STOPPED", "batch_id": "b5a0c3d2e1f04958a7b6c5d4e3f2a1bf"},
)


def _put_in_batch(id_: str, state: Order) -> dict[str, Any]:
    return {**_put(id_, state), "batch_id": BATCH, "batch_task_name": "night"}


def _beside_others(tasks: Sequence[dict[str, Any]], _frame: Order) -> list[dict[str, Any]]:
    return [*tasks, *OTHERS]


def _targets(_request: Request, call: Call, seen: Mapping[str, Sight]) -> Sequence[str]:
    """Section 5: one call for a batch configuration addresses all its tasks. It is meant for those that were seen in a state for it. Its
    effect on others is counted as taken.
    """
    if not call.action.startswith("batch_"):
        return call.ids
    accepts = SYSTEM.accepts[call.action.removeprefix("batch_")]
    return [id_ for id_, sight in seen.items() if sight.label in accepts] if call.ids == (BATCH,) else call.ids


def _taken(call: Call, reply: Reply, moment: Moment) -> frozenset[str]:
    """The answer to a batch call has counts, and names tasks only in texts. The histories of the tasks show its effect."""
    whole = moment.grown if call.action.startswith("batch_") else frozenset(moment.targets)
    return whole if reply.took_effect else frozenset()


BATCHED = replace(
    SYSTEM,
    variant="batch",
    id_option="batch_id",
    holder=BATCH,
    # Tasks for which a plan is possible: one without any would end the run of all.
    states=(
        *({"state": state} for state in ("RUNNING", "STOPPED", "STARTING", "STOPPING", "ABNORMAL", "FAILED", "SUCCEEDED", "UPGRADING")),
        {"state": "RECOVERING", "then": [[2, "RUNNING"]]},
        {"state": "RUNNING", "runs_for": 2},
        {"state": "RUNNING", "runs_for": 0.5, "ends_with": "FAILED"},
        {"state": "STOPPED", "start_ends": "START_FAILED"},
    ),
    states_alone=(),
    lies=(*SYSTEM.lies, {"batch_satisfied": "succeeded"}, {"start_troubled": "accepted"}, {"stop_stopped": "no_effect"}),
    put=_put_in_batch,
    build=_beside_others,
    targets=_targets,
    taken=_taken,
    words={"batch_start": "start", "batch_stop": "stop"},
    whole=lambda _request, call: call.action == "list",
)
