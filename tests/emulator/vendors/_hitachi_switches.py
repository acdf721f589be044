# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that the JP1/AO page doesn't state, each with its careful default. Sections named are those of ``hitachi.md``."""

from __future__ import annotations

from ..switches import Switch, flag, one_of, seconds, text
from ..track import lag_switch
from ._hitachi_gate import is_users
from ._hitachi_states import ACTIONS, COMPLETED, FAILED, PROFILES, STATUSES


def _whole(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _arrow(name: str, default: str, doc: str) -> Switch:
    return one_of(name, default, ("accepted", "refused"), f"{doc}; accepted: 200, refused: 409 (section 4.4)")


def _by_edition(name: str, doc: str) -> Switch:
    return one_of(name, "edition", ("edition", "accepted", "refused"), f"{doc} (section 4.4)")


def _is_spellings(value: object) -> bool:
    return isinstance(value, dict) and set(value) <= set(STATUSES) and all(isinstance(word, str) for word in value.values())


SWITCHES: tuple[Switch, ...] = (
    one_of("hitachi_edition", "v12", ("v12", "v10"), "V10 has no forceStop, archive and response, fewer filters, no status of a schedule "
           "and other hrefs (sections 1, 3 and 6)"),
    # --- statuses (section 4) ---
    one_of("spelling", "v12", tuple(PROFILES), "how statuses are spelled; names: as the screens print them (section 4.3)"),
    Switch("spellings", {}, "other words for some statuses, over those of `spelling` (section 4.3)",
           f"an object of words by status; statuses: {', '.join(STATUSES)}", _is_spellings),
    one_of("stopped_word", None, (None, "stopped", "terminated"), "one word for a task that is being stopped and for one that failed by a "
           "stop; only completionTime tells them apart (section 4.3)"),
    seconds("sampling_interval", 0, "reads show each task as it was at the last sample; the vendor documents 30 (section 6, 2)"),
    # --- how tasks go (sections 4.4 and 6) ---
    lag_switch("stop_takes", "1 read", "how long an accepted stop is Terminating: the plug-in now running ends first (section 6, 2)"),
    one_of("stop_ends", FAILED, (FAILED, COMPLETED), "how it ends then; Completed: the stop came in the last plug-in (section 4.1)"),
    lag_switch("force_stop_takes", "1 read", "how long an accepted forced stop is Terminating"),
    seconds("action_delay", 0, "before an accepted action takes hold; lost if the task has moved on by then (section 6, 2)"),
    one_of("ignore_action", False, (False, True, *ACTIONS), "accepted, and nothing ever changes (section 6, 1)"),
    one_of("next_run_appears", "end", ("end", "start"), "when a recurring schedule creates its next task: as the present run ends, "
           "or as it starts (section 5.1)"),
    seconds("auto_archive_after", 7 * 86400, "ended tasks are archived by themselves after this; null: never (section 6, 4)",
            optional=True),
    # --- arrows that no page states, or that two contradict ---
    _arrow("stop_long_running", "accepted", "stop on Long Running"),
    _arrow("force_stop_long_running", "accepted", "forceStop on Long Running"),
    _arrow("force_stop_terminating", "refused", "forceStop on Terminating: offered by Automator, not named by the seed"),
    _arrow("suspend_suspended", "accepted", "suspend on Suspended; changes nothing"),
    _arrow("suspend_immediate", "refused", "suspend on a Waiting task of immediate execution"),
    _by_edition("resume_waiting", "resume on Waiting: 200 in V10, unknown in V12 and refused there"),
    _by_edition("cancel_canceled", "cancel on Canceled: 200 in V12, 409 in V10"),
    _arrow("cancel_suspended_recurring", "accepted", "cancel on a Suspended task of a recurring schedule (section 5.3)"),
    _arrow("rerun_stopped", "accepted", "rerunStart and rerunStepStart on a task that failed by a stop"),
    _arrow("stop_debug", "accepted", "stop and forceStop on a debug task (section 6, 19)"),
    # --- answers (sections 3 and 7) ---
    one_of("job_state", "success", ("success", "queued", "running", "failed"), "state of the job in the answer to an action; failed: "
           "nothing is done (section 6, 1)"),
    one_of("job_members", "example", ("example", "schema"), "instanceID and affectedResource, or instanceId and affectedResources "
           "(section 3.2)"),
    one_of("affected_as", "list", ("list", "text"), "affectedResource (section 3.2)"),
    one_of("hrefs", "right", ("right", "as_printed"), "as_printed: with the faults of the pages' templates (section 6, 8 and 9)"),
    one_of("empty_body", "refused", ("refused", "accepted"), "an action without a body (section 3.4)"),
    one_of("bad_query", 400, (400, 404), "answer to a wrong query parameter (section 6, 5)"),
    one_of("filter_ids", "accepted", ("accepted", 400, 404), "HQL::filter on instanceID of Tasks (section 3.3)"),
    one_of("filter_history_ids", "accepted", ("accepted", 400, 404), "HQL::filter on taskID of TaskHistories (section 8, vector 15)"),
    Switch("default_page_size", 100, "rows of a list that asks for no size (section 3.3)", "a whole number over 0, or null: all", _whole),
    Switch("max_page_size", None, "rows of a list at most, whatever it asks for (section 7)", "a whole number over 0, or null", _whole),
    one_of("count_means", "all", ("all", "answer"), "count of a list: what matches in all, or what is in this answer (section 7)"),
    one_of("flow_steps", "edition", ("edition", "given", 404), "FlowSteps of a task (found later, 3.1): the V12 manual calls it a function "
           "for instances earlier than V11, and what a later one answers stands in no document"),
    one_of("unset_times", "null", ("null", "absent"), "members for times that a task doesn't have yet (section 3.2)"),
    one_of("immediate_schedule", "given", ("given", 0, None, "absent"), "scheduleID of a task of immediate execution (section 7)"),
    one_of("schedule_status", "edition", ("edition", "given", "absent"), "member status of a schedule; its values are invented "
           "(section 3.2)"),
    # --- access and failures (sections 2 and 6) ---
    flag("server_down", "every call is answered 412 (section 6, 12)"),
    one_of("outer_body", "json", ("json", "html", "empty"), "body of 401 and 412, which is unpublished (section 7)"),
    text("warning", None, "the header Warning of good answers (section 2.5)", optional=True),
    Switch("users", {"system": {"password": "manager", "role": "Admin"}}, "who may log in; roles: Admin, Develop, Modify, Submit or null; "
           "groups: the service groups they may reach, all without it (sections 2.3 and 2.6)",
           "an object of {password, role, groups} by user name", is_users),
    one_of("no_access", 401, (401, 404), "answer about a task of a service group that the user may not reach (section 6, 5 and 6)"),
    seconds("hsso_life", 1000, "how long an HSSO token is good (section 2.3)"),
    flag("hsso_slides", "each use of an HSSO token lengthens its life (section 7)"),
    flag("bearer", "take Bearer tokens, as Automator linked with Common Services may (section 2.3)"),
    text("bearer_token", None, "a Bearer token that is good for ever, for the first user", optional=True),
    text("product_version", None, "of GET version; null: that of the edition (section 8, vector 3)", optional=True),
)  # fmt: skip
