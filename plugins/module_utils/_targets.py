# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The targets of a window, each on a system of its own: check what the user wrote, connect, and survey them.

A target comes as plain data and so do its results, since they go through the ledger:

    name, vendor, state, tasks or select, options    what the user wrote
    ids, memories                                    what the ledger adds: which tasks, and what is known of them
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ._arguments import STATE_OPTIONS, Arguments
from ._clock import Clock
from ._connection import Connection
from ._converge import Convergence
from ._errors import Failure
from ._lifecycle import DESIRED_STATES, Observation, group_same_id, obstacle_to_restore, obstacle_to_state
from ._memories import seen_as_plain
from ._options import secret_values, validated
from ._places import place
from ._results import error_fields
from ._run import connect, policy, run_settings, state_arguments
from ._systems import SYSTEMS, system_of
from ._task_run import Task
from ._threads import side_by_side
from ._vendor import Vendor

Plain = dict[str, Any]
# Such a task begins by itself sooner or later, so it has to be paused before running tasks are stopped.
ARMED = frozenset({"waiting", "starting"})
ENDED = frozenset({"stopped", "completed", "failed"})
# In seconds. A device on the way may have dropped a connection that was idle for longer. A new connection then costs a login, and not a
# timeout.
LONGEST_IDLE = 60.0


@dataclass
class Target:
    """One target: its checked options, and the run over its tasks once that exists."""

    given: Mapping[str, Any]
    system: type[Vendor]
    params: Plain
    left_out: int = 0
    run: Convergence | None = None
    vendor: Vendor | None = None
    connection: Connection | None = None
    failure: Failure | None = None
    ids: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.given["name"])


def resolve(given: Mapping[str, Any], hide: Callable[[str], None]) -> Target:
    """The target that the user wrote, checked. Each secret among its options is passed to `hide`. Raises `Failure` (`usage`)."""
    name = str(given["name"])
    system = system_of(given["vendor"], name)
    arguments = state_arguments(system)
    options = dict(given.get("options") or {})
    for reserved in ("state", "wait"):
        if reserved in options:
            raise Failure(
                "usage", f"target {name} gives {reserved} among its options; a window decides on it by itself, so remove it there"
            )
    if given.get("closing"):
        # These options control how a task is paused or stopped. Putting it back doesn't use them.
        options = {option: value for option, value in options.items() if option not in ("drain", "if_unpausable")}
    options["state"] = given["state"]
    tasks = given.get("tasks")
    _check_named(given, system, options)
    if tasks is not None:
        for choice in system.tasks.choices:
            for option in {name for option_set in choice for name in option_set} - {system.ids}:
                options.pop(option, None)
        options[system.ids] = tasks
    elif given.get("select") is not None:
        # The system lists the tasks of a selection, so the options needn't name them.
        loose = {key: {**option, "required": False} for key, option in system.tasks.options.items()}
        arguments += Arguments(options=loose)
        arguments = replace(arguments, choices=[choice for choice in arguments.choices if choice not in system.tasks.choices])
    params = validated(arguments, options, name, group=system.group())
    for secret in secret_values(arguments, params):
        hide(secret)
    target = Target(given, system, params)
    if given.get("place") and given["place"] != place_of(target):
        raise Failure(
            "usage",
            f"target {name} is on {given['place']} by the window's ledger, and its options lead to {place_of(target)}; give the system by "
            "which the window was opened",
        )
    return target


def _check_named(given: Mapping[str, Any], system: type[Vendor], options: Mapping[str, Any]) -> None:
    """Refuse a target that names its tasks in more than one way. Raises `Failure` (`usage`)."""
    identifying = {system.ids, *(name for choice in system.tasks.choices for option_set in choice for name in option_set)}
    identifying |= {alias for name in identifying for alias in system.tasks.options[name].get("aliases", ())}
    if given.get("tasks") is not None and given.get("select") is not None:
        raise Failure("usage", f"target {given['name']} has both tasks and select; give one of them")
    if not given.get("tasks") and given.get("select") is None and (given.get("tasks") is not None or not identifying & set(options)):
        raise Failure("usage", _no_tasks_message(given["name"]))


def survey(targets: Sequence[Target], clock: Clock, hide: Callable[[str], None], pool: ConnectionPool | None = None) -> list[Plain]:
    """Read all targets and predict what happens to each task on the way to the desired state. Nothing but reads is sent."""
    pool = pool or ConnectionPool(clock, hide)
    side_by_side([partial(_survey_target, target, pool) for target in targets], len(targets))
    return [_survey_result(target) for target in targets]


class ConnectionPool:
    """The systems to which a run is connected. A later stage reuses the login, the pace and the knowledge of an earlier one.

    `more` are further arguments of each connection.
    """

    def __init__(self, clock: Clock, hide: Callable[[str], None], **more: Any) -> None:
        self._clock = clock
        self._hide = hide
        self._more = more
        self._lock = threading.Lock()
        self._free: dict[str, tuple[float, Vendor, Connection]] = {}

    def acquire(self, target: Target, seconds: float) -> tuple[Vendor, Connection]:
        """The system of the target. Its connection ends after `seconds`. Raises `Failure`."""
        with self._lock:
            since, vendor, connection = self._free.pop(self._key(target), (0.0, None, None))
        if vendor is not None and connection is not None and self._clock.now() - since < LONGEST_IDLE:
            connection.deadline.renew(seconds)
        else:
            vendor, connection = connect(
                target.system, target.params, self._clock, seconds, self._hide, caller=f"target {target.name}", **self._more
            )
        target.vendor, target.connection = vendor, connection
        return vendor, connection

    def release(self, target: Target) -> None:
        """Return the system of the target to the pool."""
        if target.vendor is not None and target.connection is not None:
            with self._lock:
                self._free[self._key(target)] = (self._clock.now(), target.vendor, target.connection)

    def _key(self, target: Target) -> str:
        """What identifies a vendor's object: not the desired state, and the tasks only if they are part of the system's address."""
        apart = set(STATE_OPTIONS.options) | ({target.system.ids} if not target.params.get("targets") else set())
        params = {name: value for name, value in target.params.items() if name not in apart}
        return json.dumps([target.name, target.system.group(), params], default=str)


# Survey


def _survey_target(target: Target, pool: ConnectionPool) -> None:
    try:
        ids = _named_ids(target)
        vendor, connection = pool.acquire(target, target.params["wait_timeout"])
        found = _select_tasks(target, vendor) if ids is None else None
        ids = list(found or ()) if ids is None else ids
        if not ids and target.given.get("select") is None:
            raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
        target.ids = list(ids)
        if ids:
            target.run = convergence(target, vendor, connection, found=found)
            target.run.run(check_mode=True)
    except Failure as failure:
        target.failure = failure
    finally:
        pool.release(target)


def _named_ids(target: Target) -> Sequence[str] | None:
    """The ids that the target names; None if its selection or other options determine them."""
    if target.given.get("ids"):
        return [str(id_) for id_ in target.given["ids"]]
    if target.given.get("select") is not None:
        return None
    ids = target.system.requested_ids(target.params)
    if ids is not None and not ids:
        raise Failure("usage", _no_tasks_message(target.name))
    return ids


def _no_tasks_message(name: str) -> str:
    """Why a target without tasks is refused: nothing has to be put back yet, and an empty list is probably a mistake."""
    return f"target {name} has no tasks; name some, or give select"


def _select_tasks(target: Target, vendor: Vendor) -> dict[str, Observation]:
    select = target.given.get("select")
    if select is None:
        return dict(vendor.find() or {})
    filters = validated(target.system.filters, select, f"{target.name}: select")
    found = group_same_id(vendor.table, vendor.list_all(filters))
    if target.params["state"] == "started":
        return found
    going = {id_: seen for id_, seen in found.items() if any(vendor.table.word(one) not in ENDED for one in seen.each)}
    target.left_out = len(found) - len(going)
    return going


def _survey_result(target: Target) -> Plain:
    table = target.vendor.table if target.vendor else target.system.table
    whole = {
        "name": target.name,
        "vendor": target.given["vendor"],
        "system": table.system,
        "noun": table.noun,
        "state": target.given["state"],
        "stage": target.given["stage"],
        "accept_final": bool(target.given.get("accept_final")),
        "place": place_of(target),
        "options": _storable_options(target),
        "left_out": target.left_out,
        "found": [_plan_row(target, target.run, task) for task in target.run.tasks] if target.run and not target.failure else [],
    }
    if target.failure:
        whole["error"] = error_fields(target.failure)
    return {**whole, "tasks": target.given.get("tasks") or target.ids, "warnings": list(target.vendor.warnings if target.vendor else ())}


def _plan_row(target: Target, run: Convergence, task: Task) -> Plain:
    decision = task.decision
    foreseen = run.predict(task)
    row: Plain = {
        "id": task.id,
        "name": task.last.name,
        "state": run.table.word(task.last),
        "vendor_state": task.last.spelling,
        "seen": seen_as_plain(task.last),
        "actions": list(decision.actions) if decision else [],
        "arrives": foreseen.word,
        "vendor_arrives": foreseen.spelling,
        "armed": run.table.word(task.last) in ARMED,
        "note": task.note,
        "skipped": task.skipped,
    }
    if task.error:
        row["error"] = error_fields(task.error)
    elif decision and decision.actions and decision.arrives:
        its = policy(target.system, target.params)
        row["final"] = obstacle_to_restore(run.table, task.last, decision.arrives, its)
        row["lasting"] = "; ".join(decision.lasting)
        # Another window may have found the task in another state; a window that takes the task over from it needs these.
        row["ways_back"] = {
            desired: why for desired in DESIRED_STATES if (why := obstacle_to_state(run.table, task.last, decision.arrives, desired, its))
        }
    return row


def _storable_options(target: Target) -> Plain:
    """The options that a later run needs, without secrets: these come from the environment or from the user again."""
    options = dict(target.given.get("options") or {})
    silent = set(state_arguments(target.system).secrets)
    identifying = {name for choice in target.system.tasks.choices for option_set in choice for name in option_set}
    return {
        name: value
        for name, value in options.items()
        if name not in silent | identifying and not (isinstance(value, str) and "@" in value and "//" in value)
    }


def place_of(target: Target) -> str:
    """What identifies a system, so that two targets can't name the same task."""
    params = target.params
    devices_of = ", ".join(map(str, params.get(target.system.ids) or ())) if params.get("targets") else ""
    return place(
        target.given["vendor"],
        target.system.address(params).rstrip("/").removesuffix(target.system.path),
        str(params.get("instance_id") or ""),
        devices_of,
    )


def convergence(target: Target, vendor: Vendor, connection: Connection, **more: Any) -> Convergence:
    """The engine's run over the target's tasks. `more` are its further arguments."""
    its = policy(target.system, target.params)._replace(as_found=bool(target.given.get("closing")))
    return Convergence(vendor, target.ids, its, run_settings(target.params), connection.clock, connection.deadline, **more)


def written_secrets(params: Mapping[str, Any]) -> set[str]:
    """The secrets among the options of targets as the user wrote them, checked or not."""
    found: set[str] = set()
    for target in params.get("targets") or ():
        if isinstance(target, dict) and isinstance(target.get("options"), dict):
            # On closing, the ledger knows the vendor and the user may omit it. Then the options that are secret for any system count.
            system = SYSTEMS.get(str(target.get("vendor")))
            for its in [system] if system else SYSTEMS.values():
                found |= secret_values(state_arguments(its), target["options"])
    return found
