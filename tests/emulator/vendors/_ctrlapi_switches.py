# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that the Control API's page doesn't state, each with its careful default. Sections named are those of ``ctrlapi.md``."""

from __future__ import annotations

from dataclasses import replace

from ..switches import Switch, flag, one_of, seconds, text
from ..track import lag_switch
from ._ctrlapi_errors import are_orders
from ._ctrlapi_life import REASON
from ._ctrlapi_rules import COMPLETED, EXPLORE, LIVE, REJECTED, ROLES, RUNNING, SCHEDULED, STALLED, STARTED, VOD, WINDOW
from ._ctrlapi_seeds import APPS, PROJECTS, USERS
from ._ctrlapi_world import are_apps, are_projects, are_users


def _lag_or_never(name: str, default: float | str | None, doc: str) -> Switch:
    lag = lag_switch(name, 0, doc)
    return replace(lag, default=default, choices=f"{lag.choices}; null: never", accepts=lambda value: value is None or lag.accepts(value))


def _list_of(name: str, default: list[str], known: tuple[str, ...], doc: str) -> Switch:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and all(item in known for item in value)

    return Switch(name, default, doc, f"a list out of {', '.join(known)}", accepts)


# The place of a refusal: a level of section 3.1, or an HTTP status (section 7, U1 and U2).
AT_A_LEVEL = ("method", "object", "item", "top")

SWITCHES: tuple[Switch, ...] = (
    one_of("dialect", LIVE, (LIVE, VOD), "which product this server is (section 1); a change puts that product's own tasks in place"),
    # --- the way in (section 2.2) ---
    flag("nginx_closed", "the operator hasn't opened Nginx for the API: 403 with Nginx's own page (section 8, T15)"),
    one_of("control_api", "on", ("on", 403, 404), "the Superadmin's checkbox; a status: not ticked, and answered so (section 7, U3)"),
    flag("check_media_type", "a body that isn't said to be application/json is a bad envelope", default=True),
    # --- signing (section 2.4) ---
    flag("verify_hmac", "the operator has ticked Verify HMAC signatures"),
    one_of("key_encoding", "base64", ("base64", "text"), "what of a key is used: its 32 bytes, or the text (section 7, U7)"),
    seconds("signature_window", WINDOW, "how far a Date may be off, both ways; the stock gem has 900"),
    flag("access_id_is_user_id", "the signature must be that of the body's user_id (section 7, U6)", default=True),
    flag("proxy_tells_uri", "the proxy in front sends X-Original-URI, so that with path_prefix the path signed is the one it saw"),
    one_of("hmac_refused_as", 401, (400, 401, 403, 500), "HTTP status of a refused signature (section 7, U4)"),
    one_of("hmac_refused_body", "empty", ("empty", "html", "json"), "and its body (section 8, T14)"),
    # --- refusals (section 7, U1 and U2) ---
    one_of("bad_envelope", "top", ("top", 400, 500), "answer to a body that is no request of section 3.1; top: 200 with errors only"),
    one_of("unknown_method", "method", ("method", "no_result", "top", 400, 500), "answer to a method nobody knows"),
    one_of("bad_params", "method", ("method", "object", "top", 400, 500), "answer to parameters that are not as documented"),
    one_of("no_access", "method", (*AT_A_LEVEL, "empty", 403, 404), "answer about a project that isn't there or isn't the caller's"),
    one_of("view_only", "method", (*AT_A_LEVEL, 403), "answer to a viewer who would change something (section 2.5)"),
    one_of("unknown_user", "top", ("top", "method", 401, 403), "answer to a user_id nobody has"),
    one_of("quoted_numbers", "refused", ("refused", "accepted"), 'an id in quotes, such as "63" (section 7, U22)'),
    one_of("extra_params", "refused", ("refused", "ignored"), "parameters that no page names"),
    _list_of("view_only_roles", ["user"], ROLES, "roles that may only view; section 2.5 says nothing of operator"),
    Switch("ordered_errors", [],
           "errors a test wants, at any level of section 3.1; beside: the thing is done as well; text null: an empty array, which is none",
           "a list of {level: top|method|object|item, form: error|errors, text, method, task_id, beside}", are_orders),
    # --- the world ---
    Switch("users", USERS, "who may call: API keys, superusers, and access ids that aren't the user_id (section 2.5)",
           "an object by user_id of {key, access_id, superuser}", are_users),
    Switch("projects", PROJECTS, "projects, each user's role there, and restart settings (sections 2.5, 3.6, 3.7)",
           "an object by project_id of {title, founder, roles, restart, attempts_number}", are_projects),
    Switch("apps", APPS, "probes (section 3.6)", "a list of {app_id, project_id, name, alive}", are_apps),
    # --- reads ---
    one_of("unknown_task", "absent", ("absent", "error", "errors"), "an id that TaskInfo or TaskStatus doesn't find (U9, U10)"),
    lag_switch("stale_reads", 0, "how much later than it is a state is shown (section 6, 12)"),
    # --- both dialects' tasks (section 4.3) ---
    lag_switch("stop_delay", "1 read", "from `Stop request was sent` until it holds; the state before is shown meanwhile"),
    one_of("ignore_action", False, (False, True, "stop", "resume"), "accepted, and nothing ever changes"),
    text("reject_reason", REASON, "what the journal says of a start that was refused"),
    # --- live ---
    _lag_or_never("start_delay", "1 read", "how long a live task is Scheduled (section 4.1)"),
    one_of("resume_ends", STARTED, (STARTED, REJECTED, SCHEDULED), "what a Scheduled live task becomes (section 3.5); Scheduled: nothing"),
    one_of("unknown_task_action", "error", ("error", "errors", "absent", "sent"),
           "an id that live TaskStop or TaskResume doesn't find; sent: answered like any other (section 3.4 documents no error)"),
    one_of("stop_scheduled", "accepted", ("accepted", "ignored", "error"), "live TaskStop of a Scheduled task; ignored: not done"),
    one_of("stop_stalled", "stays", ("stays", "stops"), "live TaskStop of a Stalled task: the probe can't be reached, or it can (U13)"),
    one_of("stop_stopped", "sent", ("sent", "error"), "live TaskStop of a Stopped or Rejected task"),
    one_of("resume_started", "ignored", ("ignored", "error", "accepted"),
           "live TaskResume of a Started or Scheduled task; ignored: its state is answered; accepted: it starts anew"),
    one_of("resume_stalled", "accepted", ("accepted", "ignored", "error"), "live TaskResume of a Stalled task"),
    one_of("resume_rejected", "accepted", ("accepted", "ignored", "error"), "live TaskResume of a Rejected task (U14)"),
    _lag_or_never("stalled_recovers", None, "a Stalled live task whose probe is alive is Started again by itself after this (U13)"),
    seconds("stalls_after", 0, "how long after its probe went away a task is Stalled; up to a minute in an older version (section 4.1)"),
    one_of("sub_task_actions", "error", ("error", "ignored", "alone"), "stop or resume of an OTT sub-task's own id (section 6, 11)"),
    _list_of("active_states", [SCHEDULED, STARTED], (SCHEDULED, STARTED, STALLED), "what counts as active (section 3.2)"),
    flag("star_shows_sub_tasks", "TaskInfo of \"*\" shows OTT sub-tasks too (section 3.3 doesn't say)"),
    one_of("events_result", "object", ("object", "array"), "TaskEvents' result, never read: like ProjectsList's, or bare"),
    # --- vod ---
    _lag_or_never("queue_for", "1 read", "how long a vod task is Scheduled (section 4.2)"),
    one_of("queue_ends", EXPLORE, (EXPLORE, RUNNING, REJECTED), "what comes after the queue"),
    _lag_or_never("explore_for", "1 read", "how long a vod task is in Explore (section 4.2)"),
    one_of("explore_ends", RUNNING, (RUNNING, REJECTED), "what comes after Explore"),
    _lag_or_never("run_for", None, "how long a vod task is Running"),
    one_of("stop_finds", None, (None, COMPLETED, REJECTED, STALLED), "a TaskStop of a Running vod task finds that it has ended so"),
    one_of("stop_finds_when", "after", ("after", "before"), "after: sent, and that end comes instead; before: refused"),
    _lag_or_never("restart_delay", 0, "from Stalled until the restart appears under its new id (section 3.7)"),
    flag("canceled_is_restarted", "stopping a task that was a restart doesn't end its chain: another one comes (U20)"),
    flag("status_more_fields", "TaskStatus shows what TaskReport does of a task's source, too (U8)"),
)  # fmt: skip
