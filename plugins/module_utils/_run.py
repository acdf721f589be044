# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""From checked options to the engine's input: a connected system, the policy, and the pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ._arguments import COMMON, STATE_OPTIONS, Arguments, check_numbers, connection
from ._clock import Clock, Deadline
from ._connection import Connection
from ._errors import Failure
from ._http import REQUESTS_ERROR
from ._lifecycle import Policy
from ._options import missing_options
from ._task_run import RunSettings
from ._vendor import Vendor


def connection_arguments(system: type[Vendor]) -> Arguments:
    """The options by which a system is reached and read."""
    return connection(system.prefix, system.needs_url) + system.arguments + COMMON


def info_arguments(system: type[Vendor]) -> Arguments:
    """The same options, with optional ids."""
    ids = {key: value for key, value in system.tasks.options[system.ids].items() if key != "required"}
    return connection_arguments(system) + Arguments(options={system.ids: ids})


def state_arguments(system: type[Vendor]) -> Arguments:
    """The options of the system's state module."""
    return connection_arguments(system) + STATE_OPTIONS + system.tasks


def connect(
    system: type[Vendor], params: Mapping[str, Any], clock: Clock, seconds: float, hide: Callable[[str], None], **more: Any
) -> tuple[Vendor, Connection]:
    """The system that the options name, with the user's spellings, and the connection to it. The connection ends after `seconds`.

    `hide` is called with each secret that becomes known. `more` are further arguments of `Connection`. Raises `Failure`.
    """
    if REQUESTS_ERROR is not None:
        raise Failure("usage", missing_required_lib("requests", url="https://requests.readthedocs.io"))
    if missing := missing_options(connection_arguments(system), params, system.group()):
        raise Failure("usage", missing)
    check_numbers(params)
    options = {name: params[name] for name in (*connection("", True).options, "concurrency")}
    own_connection = Connection(clock=clock, deadline=Deadline(clock, seconds), hide=hide, **options, **more)
    vendor = system(params, own_connection)
    if "warnings" not in vars(vendor):
        # A vendor without warnings of its own. Sharing the list keeps the warnings of the connection.
        vendor.warnings = own_connection.warnings
    vendor.table = vendor.table.with_map(params["state_map"])
    return vendor, own_connection


def policy(system: type[Vendor], params: Mapping[str, Any]) -> Policy:
    """What the options ask for, and what they allow."""
    return Policy(params["state"], params["if_unpausable"], [name for name in system.tasks.options if params[name] is True])


def run_settings(params: Mapping[str, Any]) -> RunSettings:
    return RunSettings(**{name: params[name] for name in ("wait", "wait_timeout", "poll_interval", "drain", "concurrency")})
