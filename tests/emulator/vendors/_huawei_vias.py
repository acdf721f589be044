# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud VIAS as data: states and their answers, errors, switches, seeds. Sections are those of ``huawei_vias.md``."""

from __future__ import annotations

from typing import Any

from ..switches import Switch, flag, one_of
from ..track import Lag, lag_switch
from ._huawei_refusals import refusals_switch

# Section 4. The last one is a counter of batch configurations and may never be a single task's state.
STATES = (
    "PENDING", "RECOVERING", "STARTING", "UPGRADING", "CREATE_FAILED", "START_FAILED", "RUNNING", "STOPPING", "STOPPED",
    "ABNORMAL", "SUCCEEDED", "FAILED", "DELETING", "FREEZING", "FROZEN", "STOPPED_NO_SERVICE", "SCHEDULING", "LACK_OF_RESOURCES",
)  # fmt: skip
# Section 3.1: the values of the filter task_state.
LISTED_STATES = tuple(state for state in STATES if state != "STOPPED_NO_SERVICE")
# Not a state: the task no longer exists.
GONE = "GONE"

ON_THE_WAY_UP = ("PENDING", "SCHEDULING", "STARTING")
FAILURES = ("CREATE_FAILED", "START_FAILED", "FAILED", "LACK_OF_RESOURCES")

# Section 4, transitions: the effect of start and stop in each state. A word that is neither is the switch that decides.
ACCEPTED, REFUSED, NO_EFFECT = "accepted", "refused", "no_effect"
ANSWERS: dict[str, tuple[str, str]] = {
    #                       start               stop
    "STOPPED": (ACCEPTED, "stop_stopped"),
    "START_FAILED": (ACCEPTED, REFUSED),
    "FAILED": (ACCEPTED, REFUSED),
    "SUCCEEDED": (ACCEPTED, REFUSED),
    "CREATE_FAILED": ("start_uncreated", REFUSED),
    "LACK_OF_RESOURCES": ("start_uncreated", REFUSED),
    "PENDING": (REFUSED, ACCEPTED),
    "SCHEDULING": (REFUSED, ACCEPTED),
    "STARTING": (REFUSED, ACCEPTED),
    "RECOVERING": ("start_troubled", ACCEPTED),
    "ABNORMAL": ("start_troubled", ACCEPTED),
    "RUNNING": ("start_running", ACCEPTED),
    "UPGRADING": (REFUSED, "stop_upgrading"),
    "STOPPING": (REFUSED, REFUSED),
    "DELETING": (REFUSED, REFUSED),
    "FREEZING": (REFUSED, REFUSED),
    "FROZEN": (REFUSED, REFUSED),
    "STOPPED_NO_SERVICE": (REFUSED, REFUSED),
}  # fmt: skip
COMMANDS = ("start", "stop")  # section 3, StartStopTask

# The natural next state (inferred from the meanings in section 4). The steps of start and stop are in switches.
BY_ITSELF = {"RECOVERING": "RUNNING", "UPGRADING": "RUNNING", "DELETING": GONE, "FREEZING": "FROZEN"}

# Section 3.7.
INVALID = (400, "VIAS.00010001", "The parameters are invalid.")
NOT_AUTHORISED = (401, "VIAS.00010005", "Authorization failed.")
INTERNAL = (500, "VIAS.00010006", "An internal error occurs.")
NO_SUCH_TASK = (400, "VIAS.00010007", "No task is found based on the task ID.")
NO_SUCH_BATCH = (400, "VIAS.00010008", "No task is found based on the ID.")
NOT_ALLOWED = (500, "VIAS.00010012", "This operation is not allowed.")

# The rest of the table in section 3.7 and later additions (2.1 to 2.6), by code. Three are printed with seven digits. Of those in brackets
# only the meaning is known, or no status; 00010022 is inferred.
ERRORS: dict[str, tuple[int, str]] = {
    "VIAS.00010002": (400, "The object does not exist."),
    "VIAS.00010003": (400, "The object already exists."),
    "VIAS.00010004": (400, "The object or parameter is invalid."),
    "VIAS.00010005": (401, "Authorization failed."),
    "VIAS.00010006": (500, "An internal error occurs."),
    "VIAS.00010007": (400, "No task is found based on the task ID."),
    "VIAS.00010009": (500, "The serviced failed to be accessed. (Internal error)"),
    "VIAS.00010012": (500, "This operation is not allowed."),
    "VIAS.00010016": (500, "Dependent services are unavailable. (Internal error)"),
    "VIAS.00010020": (500, "[emulator: agency client error] (Internal error)"),
    "VIAS.00010021": (401, "[emulator: the account is restricted, frozen or not real-name authenticated]"),
    "VIAS.00010022": (500, "[emulator: database object not found] (Internal error)"),
    "VIAS.00010023": (500, "[emulator: token authentication failed or rights are missing] (Internal error)"),
    "VIAS.00010024": (500, "[emulator: the request is invalid] (Internal error)"),
    "VIAS.00010025": (500, "[emulator: no page shows this text]"),
    "VIAS.00010026": (500, "The internal response body cannot [emulator: cut off]"),
    "VIAS.00010040": (400, "[emulator: the account type is not supported]"),
    "VIAS.0010045": (400, "[emulator: the OBS object doesn't exist]"),
    "VIAS.0010046": (400, "[emulator: IVM is not enabled]"),
    "VIAS.0010047": (400, "[emulator: too many video sources]"),
    "VIAS.0010048": (400, "The maximum number of tasks has been reached."),
    "VIAS.00010050": (400, "Pool quota exceeds the upper limit."),
}

# Section 3.2: only some states have status and error. The texts are recognisably invented.
TROUBLES: dict[str, tuple[str, dict[str, str] | None]] = {
    "START_FAILED": ("service start failed", {"code": "VIAS.00010009", "message": "emulator: the algorithm service didn't start"}),
    "CREATE_FAILED": ("emulator: the task could not be created", {"code": "VIAS.00010050", "message": "emulator: pool quota"}),
    "FAILED": ("emulator: the analysis broke off", {"code": "VIAS.00010026", "message": "emulator: the input can't be read"}),
    "LACK_OF_RESOURCES": ("emulator: not enough resources", {"code": "VIAS.00010050", "message": "emulator: pool quota"}),
    "ABNORMAL": ("emulator: the video source sends nothing", None),
    "FROZEN": ("emulator: the account is in arrears", None),
}

Step = tuple[Lag, str]  # after that long in the state before, this state


def _is_steps(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(step, list) and len(step) == 2 and step[0] in STATES and A_LAG.accepts(step[1]) for step in value
    )


START_ENDS = ("RUNNING", "START_FAILED", "LACK_OF_RESOURCES", "ABNORMAL", "FAILED", "SUCCEEDED", "FROZEN")
A_LAG = lag_switch("", 0, "")
STEPS = 'a list of [state, how long]: seconds, or a count of reads such as "1 read"; empty: the end is there at once'


def _position(name: str, default: str, positions: tuple[str, ...], doc: str) -> Switch:
    return one_of(name, default, positions, f"{doc} (section 4)")


SWITCHES: tuple[Switch, ...] = (
    Switch("start_steps", [["PENDING", "1 read"], ["STARTING", "1 read"]], "the way from an accepted start (section 4)", STEPS, _is_steps),
    Switch("stop_steps", [["STOPPING", "1 read"]], "the way from an accepted stop (section 4)", STEPS, _is_steps),
    one_of("start_ends", "RUNNING", START_ENDS, "where a start arrives; a task may have its own (section 4)"),
    one_of("stop_ends", "STOPPED", ("STOPPED", "SUCCEEDED", "FAILED", "FROZEN", "STOPPED_NO_SERVICE", "RUNNING", "ABNORMAL"),
           "where a stop arrives (sections 4 and 5)"),
    lag_switch("change_delay", 0, "before an accepted action shows in reads; it holds at once all the same (section 4)"),
    lag_switch("list_lag", 0, "how much staler the list is than ShowTaskInfo, at each change (inferred)"),
    lag_switch("by_itself", "2 reads", "how long RECOVERING, UPGRADING, DELETING and FREEZING last where a task doesn't say (section 4)"),
    Switch("abnormal_restores", None, "how long ABNORMAL lasts until RUNNING; null: it doesn't restore itself (section 4)",
           f"{A_LAG.choices}, or null", lambda value: value is None or A_LAG.accepts(value)),
    _position("stop_stopped", REFUSED, (REFUSED, NO_EFFECT), "stop of a STOPPED task"),
    _position("start_running", REFUSED, (REFUSED, NO_EFFECT), "start of a RUNNING task"),
    _position("start_uncreated", ACCEPTED, (ACCEPTED, REFUSED), "start at CREATE_FAILED and LACK_OF_RESOURCES"),
    _position("start_troubled", REFUSED, (REFUSED, ACCEPTED, NO_EFFECT), "start at RECOVERING and ABNORMAL"),
    _position("stop_upgrading", REFUSED, (REFUSED, ACCEPTED), "stop of an UPGRADING task"),
    one_of("ignore_action", False, (False, True, *COMMANDS), "accepted, and nothing ever changes (inferred)"),
    one_of("action_answer", "object", ("object", "empty_object", "none"), "the 200 body of start and stop (section 3.3)"),
    one_of("refused_as", "error", ("error", "status_code"), "status_code: a refusal is a 200 whose status_code says 500 (section 3.3)"),
    one_of("action_body", "refused", ("refused", "ignored"), "a body sent with start or stop, which take none (section 6, 5)"),
    one_of("count", "page", ("page", "total"), "what count of ListTasks counts (section 3.1)"),
    one_of("task_name_filter", "fuzzy", ("fuzzy", "exact"), "how task_name filters (section 3.1)"),
    one_of("unknown_parameters", "refused", ("refused", "ignored"), "query parameters that no page lists (inferred)"),
    one_of("batch_satisfied", "failed", ("failed", "succeeded"), "how a batch counts the tasks that were right already (section 5)"),
    one_of("batch_task_state", "any", ("any", "lower", "upper"), "spelling of task_state that ListBatchTasks takes (section 3.4)"),
    one_of("schedule_meaning", "activates", ("activates", "ignored"),
           "start and stop of a task with a weekly plan switch the plan, or act on the task alone (section 4, scheduled tasks)"),
    one_of("schedule_idle_state", "STOPPED", ("STOPPED", "PENDING", "SCHEDULING"), "an ACTIVATED task outside its hours (section 4)"),
    one_of("refused_by", "gateway", ("gateway", "service"), "who answers a bad token or signature (section 6, 4)"),
    one_of("refused_code", "VIAS.00010005", ("VIAS.00010005", "VIAS.00010021", "VIAS.00010023", "VIAS.00010024"),
           "how the service says so of rights, and of a token where `refused_by` has it answer (section 3.7; found later, 2.1 to 2.3)"),
    flag("agreed", "false: the main account hasn't agreed in the console of this region, so that no IAM user has rights (found later, 2.7)",
         default=True),
    refusals_switch(ERRORS, "section 3.7"),
    flag("null_members", "members of a task that have no value come as null; else they are missing (section 3.2)"),
)  # fmt: skip

PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
BATCH = "0d47bbf52962414bb7ae27fb6ea24230"


def _seed(number: int, task_id: str, name: str, state: str, day: int, **more: Any) -> dict[str, Any]:
    created = f"2024-01-{day:02}T08:30:00Z"
    return {
        "id": task_id,
        "name": name,
        "state": state,
        "created_at": created,
        "updated_at": created[:-9] + "09:00:00Z",
        "service_id": f"8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f{number:02}",
        **more,
    }


# Section 3.1's two tasks, then a batch configuration as in section 8 vector 19, then a failed and a finite one.
SEEDS: list[dict[str, Any]] = [
    _seed(70, "20690c67d71549c39085a3b28c18f24f", "gate-intrusion", "RUNNING", 15, video_source_name="gate-cam-1", title="入侵检测",
          algorithm_publish_id="3a6f1c1e-6b5c-4f0e-9a43-0d6a5a1f2b3c"),
    _seed(71, "61761681a6014e7c9024d642a0d4d412", "yard-smoke", "STOPPED", 14, video_source_name="yard-cam-2", title="烟火检测",
          type="edge", algorithm_publish_id="9d2b7c44-1f3e-4a86-8d55-6f7e8a9b0c1d"),
    _seed(72, "7c1de0a4a9b84f6f8e3b5d2c1f0a9e81", "night-1", "RUNNING", 13, video_source_name="night-cam-1", title="入侵检测",
          batch_id=BATCH, batch_task_name="night"),
    _seed(73, "7c1de0a4a9b84f6f8e3b5d2c1f0a9e82", "night-2", "RUNNING", 12, video_source_name="night-cam-2", title="入侵检测",
          batch_id=BATCH, batch_task_name="night"),
    _seed(74, "7c1de0a4a9b84f6f8e3b5d2c1f0a9e83", "night-3", "STOPPED", 11, video_source_name="night-cam-3", title="入侵检测",
          batch_id=BATCH, batch_task_name="night"),
    _seed(75, "b5a0c3d2e1f04958a7b6c5d4e3f2a1b0", "dock-counting", "START_FAILED", 10, video_source_name="dock-cam-1", title="人流统计"),
    _seed(76, "e8d7c6b5a4938271605f4e3d2c1b0a99", "archive-2023", "SUCCEEDED", 9, video_source_name="", title="人流统计", runs_for=60,
          input={"type": "obs", "data": [{"bucket": "archive", "path": "2023/"}]}),
]  # fmt: skip
