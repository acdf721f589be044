# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The states of JP1/AO's tasks, and how an observed task or history is assigned to one of them.

The ten states and their meanings are documented. Of their spellings in answers, only `completed` and `failed` are (page `hitachi`, section
4.3). So spellings are normalised, all known names are accepted, and anything else is an unknown state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._lifecycle import Act, Cannot, Done, Observation, State, StateTable, Wait

_NO_PAUSE = Cannot(
    "task {id} is {state}, and JP1/AO can't pause a running task, only suspend one that hasn't begun (the next run of a recurring "
    "schedule is probably a task of its own); let it end, or stop it by if_unpausable: stop, which is final"
)
_NO_PLAN = Cannot(
    "task {id} waits to be executed immediately, and JP1/AO can suspend only what is planned for a time or recurs; wait until it "
    "has run, or cancel it by if_unpausable: stop, which is final"
)
_NO_SCHEDULE = Cannot(
    "task {id} hasn't begun and names no schedule, and on that alone JP1/AO can suspend, resume or cancel it; wait until it runs, "
    "or deal with it there"
)
_RECURS = Cannot(
    "task {id} hangs on schedule {scheduleID} of the type {scheduleType}, and to cancel that ends all later runs too; suspend it by "
    "state: paused, or set cancel_recurring: true"
)
_ENDED = Cannot("task {id} has ended and is {state}; there is nothing to pause: take it out of the list, or set if_unpausable")
_NO_CALL = "JP1/AO documents no call"
_ANEW = "submit its service anew there, which makes a new task"
_ARMED = Done(
    "task {id} hasn't begun; it begins by itself at its time (scheduledStartTime: {scheduledStartTime}), "
    f"and {_NO_CALL} to run it earlier"
)
_COMPLETED = Done("task {id} has run to its end; it isn't running any more")

_WAIT = Wait("failed")
# A task that was stopped ends as Failed, or as Completed if the stop came in its last step (page section 4.1).
_STOP = Act("forceStop", arrives="failed", needs="force", otherwise=Act("stop", arrives="failed"))
_HURRY = Act("forceStop", arrives="failed", needs="force", otherwise=_WAIT)
_SUSPEND = Act("suspend", arrives="suspended")
_RESUME = Act("resume", arrives="waiting")
_CANCEL = Act("cancel", arrives="canceled")
_CANCEL_ALL = Act("cancel", arrives="canceled", needs="cancel_recurring", otherwise=_RECURS)
_RERUN = Act(
    "rerunStart",
    arrives="inProgress",
    needs="retry_failed",
    otherwise=Cannot(
        "task {id} has ended and is {state}; set retry_failed: true to run it again from its failed step, which repeats its side effects"
    ),
)


def _running(spelling: str, name: str, meaning: str, *aliases: str, note: str = "") -> State:
    return State(
        spelling=spelling,
        name=name,
        aliases=aliases,
        word="started",
        meaning=meaning,
        paused=_NO_PAUSE,
        started=Done(note) if note else None,
        stopped=_STOP,
    )


def normalised(spelling: str) -> str:
    """Normalise a spelling for comparison: lower case, only letters and digits (page section 4.3)."""
    return re.sub(r"[^a-z0-9]", "", spelling.lower())


TABLE = StateTable(
    "JP1/AO",
    [
        State(
            spelling="waiting",
            name="Waiting",
            word="waiting",
            meaning="the task hasn't begun and begins by itself at its time",
            paused=_SUSPEND,
            started=_ARMED,
            stopped=_CANCEL,
        ),
        State(
            spelling="Waiting, recurring",
            wire="waiting",
            word="waiting",
            meaning="the task hasn't begun, and its schedule recurs or is of a type that isn't known",
            paused=_SUSPEND,
            started=_ARMED,
            stopped=_CANCEL_ALL,
        ),
        State(
            spelling="Waiting, immediate",
            wire="waiting",
            word="waiting",
            meaning="the task hasn't begun and is to be executed at once",
            paused=_NO_PLAN,
            started=_ARMED,
            stopped=_CANCEL,
        ),
        State(
            spelling="Waiting, without a schedule",
            wire="waiting",
            word="waiting",
            meaning="the task hasn't begun, and no schedule is named that could be acted on",
            paused=_NO_SCHEDULE,
            started=_ARMED,
            stopped=_NO_SCHEDULE,
        ),
        State(
            spelling="suspended",
            name="Suspended",
            aliases=("holding",),
            word="paused",
            meaning="the schedule is suspended, and the task won't begin at its time",
            started=_RESUME,
            stopped=_CANCEL,
        ),
        State(
            spelling="Suspended, recurring",
            wire="suspended",
            word="paused",
            meaning="the schedule is suspended, and recurs or is of a type that isn't known",
            started=_RESUME,
            stopped=_CANCEL_ALL,
        ),
        State(
            spelling="Suspended, without a schedule",
            wire="suspended",
            word="paused",
            meaning="the task is suspended, and no schedule is named that could be acted on",
            started=_NO_SCHEDULE,
            stopped=_NO_SCHEDULE,
        ),
        _running("inProgress", "In Progress", "the task runs", "running", "nowRunning"),
        _running(
            "waitingForInput",
            "Waiting for Input",
            "the task runs, and a step waits for a user's answer",
            "waitingForResponse",
            "waitingResponse",
            note="task {id} waits for a user's answer; give it in JP1/AO before the task times out and fails",
        ),
        State(
            spelling="abnormalityDetected",
            name="In Progress (with Error)",
            aliases=("inProgressWithError", "abnormalDetection", "abnormalDetected"),
            word="troubled",
            meaning="the task runs, and a step has failed or ended with a warning",
            paused=_NO_PAUSE,
            started=Done("task {id} runs, and a step of it has failed or ended with a warning; look at it in JP1/AO"),
            stopped=_STOP,
        ),
        _running("longRunning", "Long Running", "the task runs longer than expected"),
        State(
            spelling="terminating",
            name="In Progress (Terminating)",
            aliases=("inProgressTerminating", "stopping"),
            word="stopping",
            meaning="the task is being stopped",
            paused=Cannot("task {id} is being stopped, which is final; there is nothing to pause"),
            started=Cannot("task {id} is being stopped, which is final; wait for its end, and try retry_failed: true then"),
            stopped=_HURRY,
        ),
        State(
            spelling="completed",
            name="Completed",
            word="completed",
            meaning="the task ended successfully",
            paused=_ENDED,
            started=_COMPLETED,
        ),
        State(
            spelling="failed",
            name="Failed",
            word="failed",
            meaning="the task ended with an error, or by a stop",
            paused=_ENDED,
            started=_RERUN,
        ),
        State(
            spelling="canceled",
            name="Canceled",
            aliases=("cancelled",),
            word="stopped",
            meaning="the schedule was canceled, and the task never ran",
            paused=_ENDED,
            started=Cannot(f"task {{id}} was canceled before it ran, and {_NO_CALL} to bring it back; {_ANEW}"),
        ),
        State(
            spelling="stopped",
            aliases=("terminated",),
            word="stopped",
            meaning="the task was stopped and has ended; while completionTime is empty, it counts as being stopped",
            paused=_ENDED,
            started=_RERUN,
        ),
        State(
            spelling="Completed, archived",
            wire="completed",
            word="completed",
            meaning="the task ended successfully and is in the histories",
            paused=_ENDED,
            started=_COMPLETED,
        ),
        State(
            spelling="Failed, archived",
            wire="failed",
            word="failed",
            meaning="the task ended with an error, or by a stop, and is in the histories",
            paused=_ENDED,
            started=Cannot(f"task {{id}} has failed and was archived ({{archiveTime}}), and {_NO_CALL} to run it again; {_ANEW}"),
        ),
        State(
            spelling="archived",
            wire="canceled",
            word="stopped",
            meaning="the task ended in another way, for example by a cancel, and is in the histories",
            paused=_ENDED,
            started=Cannot(f"task {{id}} has ended and was archived ({{archiveTime}}), and {_NO_CALL} to run it again; {_ANEW}"),
        ),
    ],
    normalise=normalised,
    advice="neither its tasks nor its histories show it: check the id, and whether the user has access to the task's service group",
)


def task_seen(table: StateTable, row: Mapping[str, Any]) -> Observation:
    """The observation of a task in the task list (page section 3.2). `table` can contain the user's spellings too."""
    state = table.find(row["status"])
    kind, schedule, ended = normalised(str(row.get("scheduleType"))), row.get("scheduleID"), row.get("completionTime")
    place: str | None = None
    if state and state.spelling in ("waiting", "suspended"):
        if not schedule:
            place = f"{state.name}, without a schedule"
        elif kind == "immediate" and state.spelling == "waiting":
            place = "Waiting, immediate"
        elif kind not in ("immediate", "schedule"):
            # A schedule of an unknown type may recur (page section 5.3: the user has to allow a cancel that ends later executions).
            place = f"{state.name}, recurring"
    elif state and state.spelling == "stopped" and not ended:
        place = "terminating"
    return _seen(row, "instanceID", place, str(ended or ""))


def history_seen(table: StateTable, row: Mapping[str, Any]) -> Observation:
    """The observation of an archived task. It has ended, whatever its status says (page section 6, 4)."""
    state = table.find(row["status"])
    ends = {"completed": "Completed, archived", "failed": "Failed, archived"}
    return _seen(row, "taskID", ends.get(str(state.spelling) if state else "", "archived"), "")


def _seen(row: Mapping[str, Any], key: str, place: str | None, stamp: str) -> Observation:
    facts = {member: value for member, value in row.items() if member not in (key, "name", "status")}
    name = row["name"] if isinstance(row.get("name"), str) else None
    return Observation(str(row[key]), row["status"], name=name, facts=facts, stamp=stamp, row=place)
