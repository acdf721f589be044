# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The states of IoTDA's batch tasks and of their devices, and how an observed task is assigned to one of them.

Values come from the vendor's pages `ListBatchTasks` and `ShowBatchTask` and its Python SDK (page `iotda`, section 4). No field shows that a
task is held for confirmation. It's inferred (section 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._lifecycle import Act, Cannot, Done, Observation, State, StateTable, Wait

SAID = 200
TIME_FORM = "%Y%m%dT%H%M%SZ"
UPGRADES = ("firmwareUpgrade", "softwareUpgrade")
# No page states whether the vendor stops and retries module upgrades, or types that it adds later. The action is sent, and the vendor's
# answer decides.
FIXED = (
    "createDevices", "deleteDevices", "updateDevices", "freezeDevices", "unfreezeDevices", "createCommands", "createAsyncCommands",
    "createMessages", "updateDeviceShadows", "changeGateway",
)  # fmt: skip
TYPES = (*UPGRADES, "moduleUpgrade", *FIXED)
# Later additions, which older instances don't have (page `iotda`, section 1.2).
LATER = ("moduleUpgrade", "createMessages", "updateDevices", "changeGateway")
CAN_STOP = "a type that can be stopped"

_NO_PAUSE = (
    "task {id} is {state}, and IoTDA can't pause batch tasks (only one that is still held for confirmation counts as paused); "
    "leave it out, or stop it by if_unpausable: stop, which can't be undone"
)
_NO_STOP = "task {id} is of the type {task_type}, and IoTDA stops firmware and software upgrades only; wait until it has ended"
_ENDED = "task {id} has ended ({state}); there is nothing to pause: take it out of the list, or set if_unpausable"
_FAILED = "task {id} has failed ({state}; reason: {status_desc}); set retry_failed: true to run its failed devices again"
_FINAL = "and IoTDA can't start a stopped task again; create a new one"
_TOO_EARLY = "task {id} waits for its time ({task_policy[schedule_time]}) and can be confirmed only after that; run this again then"
_CONFIRM = Act("confirm", arrives="Processing")
_RETRY = Act("retry", arrives="Processing", needs="retry_failed", otherwise=Cannot(_FAILED))
_STOP = Act("stop", arrives="Stopped", needs=CAN_STOP, otherwise=Cannot(_NO_STOP))

TABLE = StateTable(
    "IoTDA",
    [
        State(spelling="Processing", word="started", meaning="devices are being upgraded", paused=Cannot(_NO_PAUSE), stopped=_STOP),
        State(
            spelling="Initializing",
            word="starting",
            meaning="the task is being set up",
            paused=Cannot(_NO_PAUSE),
            started=Wait("Processing"),
            stopped=Wait("Processing"),
        ),
        State(
            spelling="Initializing, scheduled",
            wire="Initializing",
            word="starting",
            meaning="the task is being set up and will wait for its time",
            paused=Cannot(_NO_PAUSE),
            started=Wait("Waitting, scheduled"),
            stopped=Wait("Waitting, scheduled"),
        ),
        State(
            spelling="Initializing, to be held",
            wire="Initializing",
            word="starting",
            meaning="the task is being set up and will be held for confirmation",
            paused=Wait("held for confirmation"),
            started=Wait("held for confirmation"),
            stopped=Wait("held for confirmation"),
        ),
        State(
            spelling="Waitting",
            word="waiting",
            meaning="the task waits for its turn and begins by itself",
            paused=Cannot(_NO_PAUSE),
            started=Done("task {id} hasn't begun yet; it waits for its turn and begins by itself"),
            stopped=_STOP,
        ),
        State(
            spelling="Waitting, scheduled",
            wire="Waitting",
            word="waiting",
            meaning="the task waits for its time and begins by itself",
            paused=Cannot(_NO_PAUSE),
            started=Done(
                "task {id} hasn't begun yet; it begins by itself at its time ({task_policy[schedule_time]}), which no call can hurry"
            ),
            stopped=_STOP,
        ),
        State(
            spelling="held for confirmation",
            wire="Waitting",
            word="paused",
            meaning="the task waits until it's confirmed; it's Waitting or Processing, and no device has begun",
            started=_CONFIRM,
            stopped=_STOP,
        ),
        State(
            spelling="Initializing, scheduled, to be held",
            wire="Initializing",
            word="starting",
            meaning="the task is being set up, will wait for its time and then be held for confirmation",
            paused=Wait("Waitting, scheduled, to be held"),
            started=Cannot(_TOO_EARLY),
            stopped=Wait("Waitting, scheduled, to be held"),
        ),
        State(
            spelling="Waitting, scheduled, to be held",
            wire="Waitting",
            word="paused",
            meaning="the task waits for its time, and won't begin then either, since it has to be confirmed first",
            started=Cannot(_TOO_EARLY),
            stopped=_STOP,
        ),
        State(
            spelling="Stopping",
            word="stopping",
            meaning="the task is being stopped",
            paused=Cannot("task {id} is being stopped, which is final; there is nothing to pause"),
            started=Cannot(f"task {{id}} is being stopped, {_FINAL}"),
            stopped=Wait("Stopped"),
        ),
        State(
            spelling="Success",
            word="completed",
            meaning="all devices succeeded",
            paused=Cannot(_ENDED),
            started=Done("task {id} has run to its end; it isn't running any more"),
        ),
        State(spelling="PartialSuccess", word="failed", meaning="some devices succeeded", paused=Cannot(_ENDED), started=_RETRY),
        State(spelling="Fail", word="failed", meaning="the task failed", paused=Cannot(_ENDED), started=_RETRY),
        State(
            spelling="Fail, nothing to retry",
            wire="Fail",
            word="failed",
            meaning="the task failed before it had any device, or is of a type that can't be retried",
            paused=Cannot(_ENDED),
            started=Cannot("task {id} of the type {task_type} has failed (reason: {status_desc}) and can't be retried; create a new one"),
        ),
        State(
            spelling="Stopped",
            word="stopped",
            meaning="the task was stopped for good",
            paused=Cannot(_ENDED),
            started=Cannot(f"task {{id}} was stopped, {_FINAL}"),
        ),
    ],
)

_DEVICE_PAUSE = "device {id} is {state}, and IoTDA can't pause the upgrade of single devices; leave it out, or set if_unpausable"
_DEVICE_ENDED = "the upgrade of device {id} has ended ({state}); there is nothing to pause"
_DEVICE_STOP = Act("stop", arrives="Stopped", needs=CAN_STOP, otherwise=Cannot(_NO_STOP.replace("task {id}", "the task of device {id}")))
_DEVICE_OVER = Cannot("device {id} has ended, and its task is {task_state}, in which IoTDA runs no device again; create a new task")
_DEVICE_RETRY = Act(
    "retry",
    arrives="Processing",
    needs="retry_failed",
    otherwise=Cannot("device {id} has failed (reason: {status_desc}); set retry_failed: true to run it again"),
)

# The states of one device of a task. Some depend on the state of the task, which decides what the vendor accepts.
DEVICES = StateTable(
    "IoTDA's task",
    [
        State(
            spelling="Processing",
            word="started",
            meaning="the device is being upgraded",
            paused=Cannot(_DEVICE_PAUSE),
            stopped=_DEVICE_STOP,
        ),
        State(
            spelling="Waitting",
            word="waiting",
            meaning="the device waits for its turn and begins by itself",
            paused=Cannot(_DEVICE_PAUSE),
            stopped=_DEVICE_STOP,
        ),
        State(
            spelling="held for confirmation",
            wire="Waitting",
            word="paused",
            meaning="the device is Waitting in a task that has to be confirmed",
            started=_CONFIRM,
            stopped=_DEVICE_STOP,
        ),
        State(
            spelling="Waitting, to be held",
            wire="Waitting",
            word="paused",
            meaning="the device waits for the time of its task, and won't begin then either, since it has to be confirmed first",
            started=Cannot("device {id} waits for the time of its task and can be confirmed only after that; run this again then"),
            stopped=_DEVICE_STOP,
        ),
        State(
            spelling="FailWaitRetry",
            word="waiting",
            meaning="the device failed, and the vendor will try again by itself",
            paused=Cannot(_DEVICE_PAUSE),
            stopped=_DEVICE_STOP,
        ),
        State(
            spelling="task Stopping",
            wire="Processing",
            word="stopping",
            meaning="the device hasn't ended yet, and its whole task is being stopped",
            paused=Cannot("the whole task of device {id} is being stopped, which is final; there is nothing to pause"),
            started=Cannot(f"the whole task of device {{id}} is being stopped, {_FINAL}"),
            stopped=Wait("Stopped"),
        ),
        State(
            spelling="Success",
            word="completed",
            meaning="the device was upgraded",
            paused=Cannot(_DEVICE_ENDED),
            started=Done("the upgrade of device {id} has run to its end"),
        ),
        State(spelling="Fail", word="failed", meaning="the device failed", paused=Cannot(_DEVICE_ENDED), started=_DEVICE_RETRY),
        State(
            spelling="Fail, task over",
            wire="Fail",
            word="failed",
            meaning="the device failed, and its task runs no device again",
            paused=Cannot(_DEVICE_ENDED),
            started=_DEVICE_OVER,
        ),
        State(
            spelling="Stopped",
            word="stopped",
            meaning="the device was stopped, and its task goes on or can be retried",
            paused=Cannot(_DEVICE_ENDED),
            started=Act("retry", arrives="Processing"),
        ),
        State(
            spelling="Stopped, task over",
            wire="Stopped",
            word="stopped",
            meaning="the device was stopped, and its task runs no device again",
            paused=Cannot(_DEVICE_ENDED),
            started=_DEVICE_OVER,
        ),
        State(
            spelling="Removed",
            word="stopped",
            meaning="the device was removed from its task",
            paused=Cannot(_DEVICE_ENDED),
            started=Cannot("device {id} was removed from its task; create a new task for it"),
        ),
    ],
    noun="device",
)


def task_seen(task: Mapping[str, Any]) -> Observation:
    """The observation of a task. Its counters show whether it's held for confirmation, since no field does (page `iotda`, section 5)."""
    status, kind = task["status"], task.get("task_type")
    row = None
    if status in ("Initializing", "Waitting") and _is_ahead(task):
        row = f"{status}, scheduled, to be held" if task.get("need_confirm") is True else f"{status}, scheduled"
    elif _held(task):
        row = "held for confirmation"
    elif status == "Initializing" and task.get("need_confirm") is True:
        row = "Initializing, to be held"
    elif status in ("Fail", "PartialSuccess") and (kind in FIXED or (status == "Fail" and _has_no_device(task))):
        row = "Fail, nothing to retry"
    facts = {
        name: value
        for name, value in task.items()
        if name not in ("task_id", "task_name", "status", "task_details", "page_marker", "page_count")
    }
    allows = frozenset() if kind in FIXED else frozenset({CAN_STOP})
    return Observation(str(task["task_id"]), status, name=task.get("task_name"), facts=facts, row=row, allows=allows)


def _counts(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    counts = task.get("task_progress")
    return counts if isinstance(counts, dict) else None


def _is_ahead(task: Mapping[str, Any]) -> bool:
    """Whether the task's scheduled time is in the future."""
    policy = task.get("task_policy")
    due = policy.get("schedule_time") if isinstance(policy, dict) else None
    return isinstance(due, str) and due > datetime.now(timezone.utc).strftime(TIME_FORM)


def _held(task: Mapping[str, Any]) -> bool:
    if task.get("need_confirm") is not True or task["status"] not in ("Waitting", "Processing"):
        return False
    counts = _counts(task)
    if counts is None:
        # No device of a Waitting task has begun, with or without counters.
        return bool(task["status"] == "Waitting")
    return bool(counts.get("waitting")) and not any(
        counts.get(name) for name in ("processing", "success", "fail", "fail_wait_retry", "stopped")
    )


def _has_no_device(task: Mapping[str, Any]) -> bool:
    """Whether the task failed before it had any device. Without counters, the subtasks in the same answer decide."""
    counts = _counts(task)
    return counts.get("total") == 0 if counts is not None and "total" in counts else task.get("task_details") == []


def device_seen(row: Mapping[str, Any], task: Mapping[str, Any]) -> Observation:
    """The observation of one device of a task. The output of the device isn't kept, since it may contain a secret (page `iotda`, section
    3.2).
    """
    whole = task_seen(task)
    facts = {"task_type": task.get("task_type"), "task_state": whole.spelling, "status_desc": reason(row)}
    status = row.get("status") if isinstance(row.get("status"), str) else "not told"
    name = None
    if whole.spelling == "Stopping" and status in ("Waitting", "Processing", "FailWaitRetry"):
        name = "task Stopping"
    elif status == "Waitting" and task.get("need_confirm") is True:
        # A device of such a task is Waitting until the confirmation, and then becomes Processing (page `iotda`, section 3.5).
        name = "Waitting, to be held" if _is_ahead(task) else "held for confirmation"
    elif status in ("Fail", "Stopped") and (
        whole.spelling not in ("Processing", "Fail", "PartialSuccess") or task.get("task_type") in FIXED
    ):
        name = f"{status}, task over"
    return Observation(str(row["target"]), status, facts=facts, row=name, allows=whole.allows)


def reason(row: Mapping[str, Any]) -> str:
    """Why a device failed, in the vendor's own text."""
    error = row.get("error")
    told_error: Mapping[str, Any] = error if isinstance(error, dict) else {}
    return " ".join(str(told_error.get("error_msg") or told_error.get("error_code") or "").split())[:SAID]
