# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words and rules of IoTDA batch tasks, as data. Sections named here are those of the vendor page ``iotda.md``."""

from __future__ import annotations

# Section 4.1. The unusual spelling is the vendor's.
INITIALIZING, WAITTING, PROCESSING, STOPPING = "Initializing", "Waitting", "Processing", "Stopping"
SUCCESS, FAIL, PARTIAL, STOPPED = "Success", "Fail", "PartialSuccess", "Stopped"
TASK_STATES = (INITIALIZING, WAITTING, PROCESSING, STOPPING, SUCCESS, FAIL, PARTIAL, STOPPED)
FINAL = frozenset({SUCCESS, FAIL, PARTIAL, STOPPED})

# Section 4.2: those that only subtasks have.
FAIL_WAIT, REMOVED = "FailWaitRetry", "Removed"
SUBTASK_STATES = (WAITTING, PROCESSING, SUCCESS, FAIL, FAIL_WAIT, STOPPED, REMOVED)
UNFINISHED = frozenset({WAITTING, PROCESSING, FAIL_WAIT})  # section 3.3: what a stop ends
RERUN = frozenset({FAIL, FAIL_WAIT, STOPPED})  # section 3.4: what a retry runs again

# Section 3.1, `task_progress`: its members and the subtask states they count.
COUNTERS = {
    "processing": PROCESSING,
    "success": SUCCESS,
    "fail": FAIL,
    "waitting": WAITTING,
    "fail_wait_retry": FAIL_WAIT,
    "stopped": STOPPED,
    "removed": REMOVED,
}

# Section 3.6.
UPGRADES = ("softwareUpgrade", "firmwareUpgrade")
MODULE_UPGRADE = "moduleUpgrade"
TASK_TYPES = (
    *UPGRADES, MODULE_UPGRADE, "createDevices", "deleteDevices", "freezeDevices", "unfreezeDevices", "createCommands",
    "createAsyncCommands", "createMessages", "updateDeviceShadows", "updateDevices", "changeGateway",
)  # fmt: skip

# Section 4.3: the task states in which a call is accepted, by document or by elimination.
ACCEPTED = {
    "stop": frozenset({INITIALIZING, WAITTING, PROCESSING}),
    "retry": frozenset({PROCESSING, FAIL, PARTIAL}),
    "confirm": frozenset({INITIALIZING, WAITTING, PROCESSING}),
    "delete": FINAL,
}
ACTIONS = ("stop", "retry", "confirm")

# Section 2.7. The name of the single read is inferred there.
PERMISSIONS = {
    "list": "iotda:batchtasks:queryList",
    "show": "iotda:batchtasks:query",
    "stop": "iotda:batchtasks:stop",
    "retry": "iotda:batchtasks:retry",
    "confirm": "iotda:batchtasks:confirm",
    "delete": "iotda:batchtasks:delete",
    "create": "iotda:batchtasks:create",
}

# Section 7: no document has these two codes, so they are recognisably invented.
REFUSED_CODE = "IOTDA.0142XX"
MISSING_CODE = "IOTDA.0142YY"
NOT_IN_TASK = ("IOTDA.014219", "Invalid input. The target is not in the task")  # section 3.3

# Section 3.7: code -> HTTP number and text.
ERRORS = {
    "IOTDA.000002": (401, "Authentication failed."),
    "IOTDA.000004": (403, "emulator: invalid access token."),  # later additions, 1.1 and 1.2: only the meaning is known
    "IOTDA.000020": (500, "emulator: Decrypt IAM [token failed]."),
    "IOTDA.000006": (400, "Invalid input data."),
    "IOTDA.000008": (400, "Invalid input. Bad request, for more detail, refer to the error message."),
    "IOTDA.000009": (400, "Invalid input. emulator: the time format is wrong."),  # the page only has the meaning
    # Later additions, 1.7: only the meaning is known.
    "IOTDA.000011": (400, "Invalid input. emulator: pageNo is out of range."),
    "IOTDA.000012": (400, "Invalid input. emulator: pageSize is out of range."),
    "IOTDA.000013": (400, "Invalid input. emulator: pageNo * pageSize is out of range."),
    "IOTDA.000014": (400, "Invalid input. emulator: nextToken is out of range."),
    "IOTDA.000018": (400, "Invalid input. emulator: marker is out of range."),
    "IOTDA.000017": (400, "Invalid input. The specified parameter '{}' is out of range."),
    "IOTDA.000021": (
        403,
        "Operation not allowed. User not found by IAM token or the authorized user has not subscribed IOTDA service.",
    ),
    "IOTDA.000022": (403, "Operation not allowed. The user does not have the permission"),
    "IOTDA.000029": (404, "emulator: no such path."),  # the page only has the code
    "IOTDA.000033": (403, "emulator: the specification of the instance doesn't support this parameter."),  # 1.4; the number is a guess
    "IOTDA.000034": (403, "emulator: the user has no permission."),  # 1.3: only the meaning is known
    "IOTDA.001000": (403, "The application does not exist."),
    # Later additions, 1.5: only the meaning is known.
    "IOTDA.001002": (403, "emulator: the application is not authorized."),
    "IOTDA.001005": (403, "emulator: app_id is left out though the user has several applications."),
    "IOTDA.001006": (403, "emulator: the user has no such application."),
    "IOTDA.001007": (403, "emulator: the application is another user's."),
    "IOTDA.021101": (403, "Operation not allowed. emulator: the rate limit is reached."),  # the page only has the meaning
    "IOTDA.021102": (403, "Operation not allowed. emulator: the tenant's rate limit is reached."),  # the same
    "APIG.0308": (429, "The throttling threshold has been reached: policy user over ratelimit,limit:{},time:1 second"),
}
ORDERABLE = {**{code: said for code, said in ERRORS.items() if "{}" not in said[1]}, REFUSED_CODE: (403, "Operation not allowed. emulator")}
# Section 2.5; its code isn't known.
NO_TOKEN = ("IOTDA.0000XX", "Missing request header 'X-Auth-Token' for method parameter of type String")

# Sections 3.1 to 3.6.
DEFAULT_LIMIT, LARGEST_LIMIT, LARGEST_OFFSET = 10, 50, 500
FIRST_MARKER = "f" * 24
MOST_TARGETS_OF_A_CALL = 100
MOST_TARGETS_OF_A_TASK = 30_000
TIME_FORM = "%Y%m%dT%H%M%SZ"
LONGEST_SCHEDULE = 7 * 86400
