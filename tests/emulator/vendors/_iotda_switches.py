# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that the IoTDA page doesn't state, each with its careful default. Sections named are those of ``iotda.md``."""

from __future__ import annotations

from ..switches import Switch, flag, is_number, one_of, text
from ..track import lag_switch
from ._huawei_refusals import refusals_switch
from ._iotda_rules import ACTIONS, FAIL, ORDERABLE, PARTIAL, PERMISSIONS, PROCESSING, STOPPED, SUCCESS, TASK_TYPES, WAITTING

# Section 8.1, D2.
INSTANCE = "1d5ad0f6-2f9c-4a6e-8a29-6a8f4a1b7c3d"


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SWITCHES: tuple[Switch, ...] = (
    # --- how tasks go (section 4.4) ---
    lag_switch("initializing", "1 read", "how long a task is Initializing (section 4.4)"),
    lag_switch("stopping", "1 read", "how long a task is Stopping (section 4.4)"),
    flag("show_stopping", "false: an old build that has no Stopping and shows the state before until the end (section 1.2)", default=True),
    one_of("stop_ends", STOPPED, (STOPPED, PARTIAL, SUCCESS, FAIL, "by_subtasks"),
           "how a task ends after stop {}: PartialSuccess, the first device left finishes first; Success and Fail, all devices left do; "
           "by_subtasks, they are stopped and the state is counted out (section 6, 5)"),
    one_of("stop_targets_ends", "by_subtasks", ("by_subtasks", STOPPED),
           "how a task ends when a stop of targets leaves nothing unfinished (section 4.4 can be read both ways)"),
    one_of("stop_initializing", "accepted", ("accepted", "refused", "missed"),
           "stop of a task that is Initializing; missed: accepted, and the subtasks that come later run (section 4.3)"),
    lag_switch("action_delay", 0, "before an accepted stop, retry or confirm takes hold; until then all goes on (section 6, 3)"),
    lag_switch("list_lag", 0, "how much later than show a list shows a task's state (section 7)"),
    one_of("ignore_action", False, (False, True, *ACTIONS), "accepted, and nothing ever changes"),
    flag("retry_fails_again", "devices that are retried fail again at once (section 4.4)"),
    one_of("retry_nothing", "accepted", ("accepted", "refused", "fails_again"),
           "retry of a task without any subtask to run, such as a Fail without subtasks (section 5); fails_again: it runs, and fails so"),
    one_of("held_status", WAITTING, (WAITTING, PROCESSING), "state of a task whose subtasks wait for confirm (section 5)"),
    one_of("confirm_unheld", "accepted", ("accepted", "refused"), "confirm where nothing is held; accepted has no effect (section 3.5)"),
    flag("confirm_exists", "false: an older instance that has no confirm and answers 404 (section 1.2)", default=True),
    one_of("module_upgrade", "refused", ("refused", "accepted"), "stop and retry of a moduleUpgrade task (section 4.3)"),
    Switch("failing_targets", [], "devices for which stop, retry and confirm fail inside a 200 (section 6, 1)",
           "a list of device ids", _texts),
    Switch("groups", {}, "devices by group id, for create with targets_filter; an unknown group makes the task Fail (section 3.6)",
           "an object of lists of device ids", lambda value: isinstance(value, dict) and all(_texts(group) for group in value.values())),
    # --- answers (sections 3, 7) ---
    one_of("answer_targets", "full", ("full", "empty", "absent", "null"), "targets in the answer to a call with {} (section 3.3)"),
    one_of("unfit_target", "failure", ("failure", "success"),
           "row of a named target whose subtask isn't in a state for the action; success has no effect (section 3.3)"),
    one_of("task_progress", "given", ("given", "absent", "null"), "of a task (section 3.1)"),
    one_of("optional_fields", "absent", ("absent", "null"), "members of a task or subtask that have no value (section 3.1)"),
    one_of("empty_page_marker", "absent", ("absent", "null"), "page.marker of a page without rows (section 7)"),
    one_of("refused_status", 403, (403, 400, 200), "of a refused stop, retry, confirm or delete (section 7; 200: section 6, 2)"),
    one_of("bad_task_id", 400, (400, 404), "answer to a task id that is no 1 to 24 digits a-f0-9 (section 3)"),
    one_of("empty_body", "refused", ("refused", "accepted"), "an empty body instead of {} (section 7)"),
    # --- access (sections 2.2 to 2.7, 6) ---
    one_of("iotda_edition", "instance", ("instance", "basic"), "instance: derived signature; basic: standard (section 1.2)"),
    one_of("refused_by", "iotda", ("iotda", "gateway"), "who answers a call without good credentials: IoTDA, or the gateway before it "
           "with its APIGW codes (sections 2.5 and 3.7)"),
    one_of("bad_token_code", "IOTDA.000002", ("IOTDA.000002", "IOTDA.000004", "IOTDA.000020"),
           "IoTDA's code for a token that isn't good: 401, 403 or 500 (found later, 1.1 and 1.2)"),
    one_of("no_rights_code", "IOTDA.000022", ("IOTDA.000022", "IOTDA.000034", "IOTDA.000021"),
           "code for a user without the right, also of `denied` (found later, 1.3 and 1.6)"),
    Switch("unknown_types", [], "task types that an older instance doesn't know yet (section 1.2)", "a list of task types",
           lambda value: _texts(value) and set(value) <= set(TASK_TYPES)),
    one_of("unknown_type_as", 400, (400, 403), "how the list is refused for one of `unknown_types` (inferred)"),
    refusals_switch(ORDERABLE, "section 3.7; found later, 1.1 to 1.9"),
    one_of("wrong_algorithm", 401, (401, 400), "answer to the other edition's signature (section 2.5)"),
    flag("subscribed", "false: the account's instance lives elsewhere, 403 IOTDA.000021 (section 2.5)", default=True),
    Switch("instances", [INSTANCE], "the instances behind this host; the first is meant without Instance-Id (section 2.2)",
           "a list of ids, at least one", lambda value: _texts(value) and bool(value)),
    one_of("instance_id", "optional", ("optional", "required"), "the header Instance-Id (section 2.2)"),
    Switch("denied", [], f"what the user may not do: {', '.join(PERMISSIONS)} (section 2.7)", "a list of these",
           lambda value: _texts(value) and set(value) <= set(PERMISSIONS)),
    Switch("apps", [], "resource spaces beside those of the tasks; any other app_id is refused (section 3.7)", "a list of ids", _texts),
    Switch("calls_per_second", None, "more are refused as `rate_limited_as` says (section 6, 10)", "a number, or null for no limit",
           lambda value: value is None or is_number(value)),
    one_of("rate_limited_as", "IOTDA.021102", ("IOTDA.021102", "IOTDA.021101", "APIG.0308"),
           "code of a call too many: 403, or 429 with APIG.0308 (section 3.7; section 6, 10)"),
    text("default_app", "emulator_app", "the resource space of tasks that name none"),
)  # fmt: skip
