# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statuses of a JP1/AO task, how they may be spelled, and which action leads where. Sections: ``hitachi.md``."""

from __future__ import annotations

from typing import NamedTuple

# Section 4.1. Tests use these words, whatever the answers show.
WAITING = "waiting"
SUSPENDED = "suspended"
IN_PROGRESS = "inProgress"
FOR_INPUT = "waitingForInput"
WITH_ERROR = "abnormalityDetected"
TERMINATING = "terminating"
LONG_RUNNING = "longRunning"
COMPLETED = "completed"
FAILED = "failed"
CANCELED = "canceled"

STATUSES = (WAITING, SUSPENDED, IN_PROGRESS, FOR_INPUT, WITH_ERROR, TERMINATING, LONG_RUNNING, COMPLETED, FAILED, CANCELED)
AHEAD = (WAITING, SUSPENDED)
RUNNING = (IN_PROGRESS, FOR_INPUT, WITH_ERROR, LONG_RUNNING)
UNDER_WAY = (*RUNNING, TERMINATING)
ENDED = (COMPLETED, FAILED, CANCELED)

# Section 4.3: only completed and failed are confirmed, so each profile is a guess, and a client must support any of them.
PROFILES: dict[str, dict[str, str]] = {
    "v12": {},
    "v10": {SUSPENDED: "holding", FOR_INPUT: "waitingForResponse", WITH_ERROR: "abnormalDetection", TERMINATING: "stopping"},
    # The names of section 4.1 as the screens print them.
    "names": {
        WAITING: "Waiting",
        SUSPENDED: "Suspended",
        IN_PROGRESS: "In Progress",
        FOR_INPUT: "Waiting for Input",
        WITH_ERROR: "In Progress (with Error)",
        TERMINATING: "In Progress (Terminating)",
        LONG_RUNNING: "Long Running",
        COMPLETED: "Completed",
        FAILED: "Failed",
        CANCELED: "Canceled",
    },
}

STOP, FORCE_STOP, RERUN, RERUN_STEP, ARCHIVE = "stop", "forceStop", "rerunStart", "rerunStepStart", "archive"
RESUBMIT, RESPONSE = "resubmit", "response"
SUSPEND, RESUME, CANCEL = "suspend", "resume", "cancel"

# Section 3.5, in the order of the page. V10 lacks three (section 1).
TASK_ACTIONS = (STOP, FORCE_STOP, RESUBMIT, ARCHIVE, RESPONSE, RERUN, RERUN_STEP)
V10_TASK_ACTIONS = (STOP, RESUBMIT, RERUN, RERUN_STEP)
SCHEDULE_ACTIONS = (CANCEL, SUSPEND, RESUME)
ACTIONS = (*TASK_ACTIONS, *SCHEDULE_ACTIONS)

GONE = "gone"  # archived: it leaves the task list
NEW = "new"  # resubmit leaves the task unchanged and creates another one


class Arrow(NamedTuple):
    """The result of an action. If no page states it for certain, it has a switch that decides whether the action is accepted."""

    target: str
    switch: str | None = None


# Section 4.4. Everything else is refused with 409.
ARROWS: dict[tuple[str, str], Arrow] = {
    **{(status, action): Arrow(TERMINATING) for status in (IN_PROGRESS, FOR_INPUT, WITH_ERROR) for action in (STOP, FORCE_STOP)},
    (LONG_RUNNING, STOP): Arrow(TERMINATING, "stop_long_running"),
    (LONG_RUNNING, FORCE_STOP): Arrow(TERMINATING, "force_stop_long_running"),
    (TERMINATING, FORCE_STOP): Arrow(TERMINATING, "force_stop_terminating"),
    (WAITING, SUSPEND): Arrow(SUSPENDED),
    (SUSPENDED, SUSPEND): Arrow(SUSPENDED, "suspend_suspended"),
    (SUSPENDED, RESUME): Arrow(WAITING),
    (WAITING, RESUME): Arrow(WAITING, "resume_waiting"),
    (WAITING, CANCEL): Arrow(CANCELED),
    (SUSPENDED, CANCEL): Arrow(CANCELED),
    (CANCELED, CANCEL): Arrow(CANCELED, "cancel_canceled"),
    (FAILED, RERUN): Arrow(IN_PROGRESS),
    (FAILED, RERUN_STEP): Arrow(IN_PROGRESS),
    **{(status, ARCHIVE): Arrow(GONE) for status in ENDED},
    (FOR_INPUT, RESPONSE): Arrow(IN_PROGRESS),
    # Section 4.4, last paragraph: offered for ended tasks, and no 409 is known.
    **{(status, RESUBMIT): Arrow(NEW) for status in STATUSES},
}

# What a switch at "edition" means (section 4.4, the cells of resume on Waiting and cancel on Canceled).
BY_EDITION = {
    "v10": {"resume_waiting": "accepted", "cancel_canceled": "refused"},
    "v12": {"resume_waiting": "refused", "cancel_canceled": "accepted"},
}
