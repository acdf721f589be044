# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA, from its vendor page `iotda.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors._iotda_seeds import PROJECT
from tests.emulator.vendors.iotda import Iotda
from tests.fire.system import GONE, Frame, Moment, Order, Sight, Story, System, independent_sights, independent_stories

KEY = {"access_key": "HPUATESTACCESSKEY001", "secret_key": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"}
USER = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}
BEGUN = ("processing", "success", "fail", "fail_wait_retry", "stopped")


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"task_id": id_, **state}


def _sight(task: Mapping[str, Any], scheduled: bool) -> Sight:
    """Section 5: a task is held if it has to be confirmed and none of its devices has begun, also before its scheduled time."""
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
    true=independent_sights(_true),
    stories=independent_stories(_true),
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


TASK = SYSTEM.ids[0]
WORKING = ("Waitting", "Processing", "FailWaitRetry")
AT_WORK: Sequence[Order] = (
    {"status": "Processing"},
    {"status": "Waitting"},
    {"status": "FailWaitRetry"},
    {"status": "Success"},
    {"status": "Fail"},
    {"status": "Stopped"},
    {"status": "Removed"},
    {"status": "Processing", "runs_for": 3},
    {"status": "Processing", "runs_for": 1, "ends_with": ["Fail", "Success"]},
)
HELD: Sequence[Order] = ({"status": "Waitting"},)
BUSY: Sequence[Order] = ({"target": "device_90", "status": "Processing"},)
WAITS: Sequence[Order] = ({"target": "device_90", "status": "Waitting"},)
DONE: Sequence[Order] = ({"target": "device_90", "status": "Success"},)
FAILED: Sequence[Order] = ({"target": "device_90", "status": "Fail"},)


def _put_device(id_: str, state: Order) -> dict[str, Any]:
    return {"target": id_, **state}


def _in_one_task(devices: Sequence[dict[str, Any]], frame: Order) -> list[dict[str, Any]]:
    return [{"task_id": TASK, **frame, "subtasks": list(devices)}, {"task_id": SYSTEM.ids[1], "status": "Processing"}]


def _device(row: Mapping[str, Any], task: Mapping[str, Any]) -> Sight:
    """Section 3.5: until a task is confirmed, its devices are Waitting. Section 4: a stop of the whole task ends all devices that haven't
    ended.
    """
    status = row["status"]
    if task["status"] == "Stopping" and status in WORKING:
        return Sight("Stopping", status)
    return Sight("Waitting, held" if status == "Waitting" and task.get("need_confirm") is True else status, status)


def _devices_shown(request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    if call.action != "show":
        return None
    absent = {value: GONE for name, value in request.query if name == "target"}
    document = Request("GET", "/", (), reply.body).json
    if reply.status == 404 and b"IOTDA" in reply.body:
        return {**absent}
    if reply.status != 200 or not isinstance(document, dict) or "batchtask" not in document:
        return None
    task = document["batchtask"]
    if task["status"] == "Initializing":
        # Section 4.4: its devices don't exist yet.
        return None
    return {**absent, **{row["target"]: _device(row, task) for row in document["task_details"]}}


def _devices_true(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Sight]:
    return {row["target"]: _device(row, task) for task in tasks if task["task_id"] == TASK for row in task["subtasks"]}


def _device_targets(request: Request, call: Call, _seen: Mapping[str, Sight]) -> Sequence[str]:
    """Sections 3.3 to 3.5: the devices that the body names. Without any, the call addresses all devices of the task."""
    named = request.json.get("targets") if isinstance(request.json, dict) else None
    return named if isinstance(named, list) and named and call.ids == (TASK,) else ["all devices"]


def _devices_accepted(_call: Call, reply: Reply, _moment: Moment) -> frozenset[str]:
    """The answer has a row for each device that was named."""
    document = Request("GET", "/", (), reply.body).json
    rows = document.get("targets") if reply.status == 200 and isinstance(document, dict) else None
    return frozenset(row["target"] for row in rows or () if row["status"] == "success")


def _devices_taken(call: Call, reply: Reply, moment: Moment) -> frozenset[str]:
    """A `success` for a device in another state has no effect."""
    named = _devices_accepted(call, reply, moment) if reply.took_effect else ()
    return frozenset(id_ for id_ in named if moment.true[id_].native in DEVICES.accepts[call.action])


def _outside_of_device(id_: str, order: Order) -> tuple[str, Order]:
    changed = dict(order)
    return TASK, changed if changed.pop("all", False) else {**changed, "target": id_}


def _watch(emulator: Any) -> Callable[[], dict[str, Story]]:
    """The emulator records no histories of devices, since a task may have 30,000. So each move is recorded here."""
    task = emulator._tasks[TASK]
    stories: dict[str, Story] = {id_: [{"at": emulator.now, "status": subtask.status}] for id_, subtask in task.subtasks.items()}
    move = task.move

    def noted(subtask: Any, status: str) -> None:
        move(subtask, status)
        stories.setdefault(subtask.target, []).append({"at": emulator.now, "status": status})

    task.move = noted
    return lambda: stories


DEVICES = replace(
    SYSTEM,
    variant="devices",
    id_option="targets",
    ids=tuple(f"device_{number}" for number in range(1, 13)),
    access=tuple({**access, "task_ids": [TASK]} for access in SYSTEM.access),
    # Few devices are read one by one, more with the list.
    sizes=(1, 2, 3, 3, 12),
    states=AT_WORK,
    frames=(
        Frame({"status": "Processing"}, AT_WORK, BUSY),
        Frame({"status": "Processing"}, AT_WORK),
        Frame({"status": "Processing", "task_policy": {"retry_count": 1, "retry_interval": 0}}, AT_WORK, BUSY),
        Frame({"status": "Waitting", "need_confirm": True}, HELD, WAITS),
        Frame({"status": "Waitting", "need_confirm": True}, HELD),
        Frame({"status": "Processing", "need_confirm": True}, (*HELD, {"status": "Processing"}, {"status": "Success"}), BUSY),
        Frame({"status": "Waitting", "starts_in": 3600, "need_confirm": True}, HELD, WAITS),
        Frame({"status": "Waitting", "starts_in": 2, "need_confirm": True}, HELD, WAITS),
        Frame({"status": "Waitting", "starts_in": 2}, HELD, WAITS),
        Frame({"status": "Initializing"}, HELD, WAITS),
        Frame({"status": "Stopping"}, AT_WORK, BUSY),
        Frame({"status": "Stopped"}, ({"status": "Stopped"}, {"status": "Success"}, {"status": "Fail"}), DONE),
        Frame({"status": "Fail"}, ({"status": "Fail"}, {"status": "Stopped"}), FAILED),
        Frame({"status": "PartialSuccess"}, ({"status": "Fail"}, {"status": "Stopped"}, {"status": "Success"}), DONE),
        Frame({"status": "Processing", "task_type": "freezeDevices"}, AT_WORK, BUSY),
        Frame({"status": "Processing", "task_type": "moduleUpgrade"}, AT_WORK, BUSY),
    ),
    others=(
        *({"action": action} for action in ("stop", "retry", "confirm", "start", "finish", "fail", "fail_wait", "remove")),
        {"action": "set", "status": "Odd"},
        {"action": "stop", "all": True},
        {"action": "confirm", "all": True},
        {"action": "delete", "all": True},
    ),
    lies=(
        {},
        {"action_delay": 2},
        {"action_delay": "2 reads"},
        {"ignore_action": True},
        {"ignore_action": "stop"},
        {"retry_fails_again": True},
        {"stop_targets_ends": "Stopped"},
        {"unfit_target": "success"},
        {"failing_targets": ["device_1"]},
        {"confirm_exists": False},
        {"confirm_unheld": "refused"},
        {"module_upgrade": "accepted"},
        {"stopping": 4},
        {"refused_status": 400},
        {"refused_status": 200},
        {"optional_fields": "null", "empty_page_marker": "null"},
        {"calls_per_second": 2},
        {"refused_by": "gateway"},
    ),
    put=_put_device,
    build=_in_one_task,
    outside=_outside_of_device,
    watch=_watch,
    shown=_devices_shown,
    true=_devices_true,
    targets=_device_targets,
    taken=_devices_taken,
    accepted=_devices_accepted,
    satisfied_by={
        "paused": frozenset({"Waitting, held"}),
        "started": frozenset({"Processing", "Waitting", "FailWaitRetry", "Success"}),
        "stopped": frozenset({"Stopped", "Success", "Fail", "Removed"}),
    },
    accepts={
        "stop": frozenset(WORKING),
        "retry": frozenset({"Fail", "FailWaitRetry", "Stopped"}),
        "confirm": frozenset({"Waitting"}),
    },
    # An unfiltered list of the details shows all devices, once there are any.
    whole=lambda request, call: call.action == "show" and "target" not in dict(request.query),
)
