# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""From checked options to what the engine takes: a connected system, the policy, the pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ._arguments import COMMON, CONVERGING, Arguments, check_numbers, connection
from ._clock import Clock, Deadline
from ._connection import Connection
from ._errors import Failure
from ._http import REQUESTS_ERROR
from ._lifecycle import Policy
from ._options import missing_options
from ._task_run import RunSettings
from ._vendor import Vendor


def reading(system: type[Vendor]) -> Arguments:
    """The options by which a system is reached and read."""
    return connection(system.prefix, system.needs_url) + system.arguments + COMMON


def listing(system: type[Vendor]) -> Arguments:
    """The same, with ids that needn't be given."""
    ids = {key: value for key, value in system.tasks.options[system.ids].items() if key != "required"}
    return reading(system) + Arguments(options={system.ids: ids})


def converging(system: type[Vendor]) -> Arguments:
    """The options of the system's state module."""
    return reading(system) + CONVERGING + system.tasks


def connect(
    system: type[Vendor], params: Mapping[str, Any], clock: Clock, seconds: float, hide: Callable[[str], None], **more: Any
) -> tuple[Vendor, Connection]:
    """The system that the options name, with the user's spellings, and the connection to it, which ends after so many seconds.

    `hide` is called with each secret that comes up; `more` is what else a `Connection` takes. Raises `Failure`.
    """
    if REQUESTS_ERROR is not None:
        raise Failure("usage", missing_required_lib("requests", url="https://requests.readthedocs.io"))
    if missing := missing_options(reading(system), params, system.group()):
        raise Failure("usage", missing)
    check_numbers(params)
    options = {name: params[name] for name in (*connection("", True).options, "concurrency")}
    way = Connection(clock=clock, deadline=Deadline(clock, seconds), hide=hide, **options, **more)
    vendor = system(params, way)
    if "warnings" not in vars(vendor):
        # One that has nothing of its own to tell, so that what the connection tells isn't lost.
        vendor.warnings = way.warnings
    vendor.table = vendor.table.with_map(params["state_map"])
    return vendor, way


def policy(system: type[Vendor], params: Mapping[str, Any]) -> Policy:
    """What the options want, and what they allow to be done for it."""
    return Policy(params["state"], params["if_unpausable"], [name for name in system.tasks.options if params[name] is True])


def pace(params: Mapping[str, Any]) -> RunSettings:
    return RunSettings(**{name: params[name] for name in ("wait", "wait_timeout", "poll_interval", "drain", "concurrency")})
