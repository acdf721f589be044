# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences between Airflow's generations and installations, each with a careful default. Sections named are of ``airflow.md``."""

from __future__ import annotations

from typing import Any

from ..switches import Switch, flag, one_of, seconds

VERSION_3 = "3.3.2"
VERSION_2 = "2.11.2"
ROLES = ("admin", "viewer")

USERS = {"admin": {"password": "admin-password", "role": "admin"}, "viewer": {"password": "viewer-password", "role": "viewer"}}
TOKENS = {"managed-token": "admin", "viewer-token": "viewer"}


def _are_users(value: object) -> bool:
    return isinstance(value, dict) and all(_is_user(user) for user in value.values())


def _is_user(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("password"), str) and value.get("role") in ROLES


def _are_tokens(value: object) -> bool:
    return isinstance(value, dict) and all(role in ROLES for role in value.values())


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SWITCHES: tuple[Switch, ...] = (
    one_of("version", VERSION_3, (VERSION_3, VERSION_2), "which server this is: /api/v2 with tokens, or /api/v1 with basic authentication"),
    # --- the parts of an installation ---
    one_of("scheduler", "running", ("running", "dead"), "dead: nothing is scheduled or started any more, what runs goes on to its end"),
    one_of("triggerer", "running", ("running", "dead"), "dead: what is deferred stays so"),
    seconds("scheduler_delay", 0.2, "from a change to what the scheduler makes of it (single runs: below a second)"),
    seconds("executor_delay", 0.2, "from queued to running, whether the Dag is paused or not (single runs: below a second)"),
    seconds("paused_run_pass", 60, "how long a run of a paused Dag stays running after the last of its task instances is over"),
    seconds("process_life", 13, "how long a process goes on after its task instance reads failed (5.5 to 12.5 s seen); no field shows it"),
    one_of("missed_ticks", 1, (1, 2), "runs at an unpause without catchup; 2: 3.3.2 where a tick went by since the last parse"),
    seconds("pause_lag", 0, "from an accepted PATCH of is_paused to when it takes hold (0: what was seen with one scheduler)"),
    one_of("ignore_action", False, (False, True, "pause", "unpause", "fail_run", "fail_task_instance"), "accepted, and nothing changes"),
    # --- who may call ---
    Switch("users", USERS, "who has a password, and what they may do", "an object of {password, role} by name", _are_users),
    Switch("tokens", TOKENS, "bearer tokens of a managed service, good for either generation", "roles by token", _are_tokens),
    seconds("token_lifetime", 86400, "of a token from POST /auth/token (3.3.2)"),
    flag("token_call", "false: another auth manager, which has no /auth/token (404)", default=True),
    Switch("denied", [], "Dags that nobody may edit: 403", "a list of ids", _texts),
    Switch("hidden", [], "Dags that the user may not read: not in lists, 403 alone", "a list of ids", _texts),
    # --- lists ---
    one_of("maximum_page_limit", 100, (100, 50, 1000), "where limit of a GET is cut, without a word ([api] maximum_page_limit)"),
)  # fmt: skip
