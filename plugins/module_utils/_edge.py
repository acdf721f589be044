# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One edge with two fronts: what a module's own process and an action in Ansible's worker do alike. Nothing here knows either of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ._arguments import Arguments
from ._clock import Clock
from ._converge import Convergence, read_all
from ._errors import Failure, one_line
from ._lifecycle import Observation
from ._results import diff, listed, nothing, result, sent, some, told
from ._run import connect, converging, listing, pace, policy
from ._vendor import Vendor


class Front(Protocol):
    """One task of Ansible, as a run sees it: `params` are its checked options."""

    params: dict[str, Any]
    check_mode: bool
    clock: Clock

    @property
    def wants_diff(self) -> bool:
        """Whether the result shall hold what it was and what it became."""

    def hide(self, secret: str) -> None:
        """Never show this text."""

    def warn(self, warning: str) -> None:
        """Tell this beside the result."""

    def is_awaited(self) -> bool:
        """Whether somebody still waits for the result: else nothing may be sent any more."""


@dataclass(frozen=True)
class Outcome:
    """What the user gets; where it failed, the first failure and one sentence for all of them."""

    result: Mapping[str, Any]
    failure: Failure | None = None
    message: str = ""

    @property
    def returned(self) -> dict[str, Any]:
        """The result as Ansible has it."""
        if self.failure is None:
            return dict(self.result)
        return {**self.result, "failed": True, "msg": self.message, "failure": self.failure.details()}


@dataclass(frozen=True)
class Work:
    """What a module does, whichever front it comes through. `written_secrets` finds those that stand within an option and that Ansible
    doesn't know therefore, in the options as the user wrote them.
    """

    arguments: Arguments
    run: Callable[[Front], Outcome]
    written_secrets: Callable[[Mapping[str, Any]], Iterable[str]] = field(default=lambda params: ())


def outcome(result: Mapping[str, Any], failure: Failure | None = None) -> Outcome:
    """What came of a run that failed as a whole, or didn't."""
    return Outcome(result, failure, f"{failure.message.rstrip('.')}." if failure else "")


def usage(message: str) -> Outcome:
    """What comes of options that aren't in order."""
    return Outcome({}, Failure("usage", message), message)


def state_work(system: type[Vendor]) -> Work:
    """The whole of a state module: converge the tasks that the options name."""
    return Work(converging(system), lambda front: _bring(system, front))


def info_work(system: type[Vendor]) -> Work:
    """The whole of an information module: read the tasks that the options name, or list all that match the vendor's filters."""
    return Work(listing(system) + system.filters, lambda front: _show(system, front))


def _bring(system: type[Vendor], front: Front) -> Outcome:
    clock, params = front.clock, front.params
    begun = clock.now()
    run: Convergence | None = None
    failure: Failure | None = None
    try:
        ids = system.asked(params)
        patience = params["drain"] + params["wait_timeout"]
        # An empty list is nothing to do, for which no system is needed: what a play paused may be nothing, and what puts it back goes on.
        if ids is None or ids:
            vendor, way = connect(system, params, clock, patience, front.hide, is_awaited=front.is_awaited)
            found = vendor.find() if ids is None else None
            if not (ids := ids or list(found or ())):
                raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
            awaited = front.is_awaited
            run = Convergence(vendor, ids, policy(system, params), pace(params), way.clock, way.deadline, found, is_wanted=awaited)
            run.run(check_mode=front.check_mode)
            check_awaited(front, vendor.table.system)
    except Failure as error:
        failure = error
        for task in run.tasks if run else ():
            if not task.over:
                task.error = error
    except BaseException as struck:
        # Ansible's `timeout:` comes so where the run shares a process with Ansible's worker.
        if run and not isinstance(struck, Exception):
            front.warn(one_line(f"the task was ended while it ran; {sent(run)}."))
        raise
    report: dict[str, Any] = {"changed": False, "tasks": []}
    if run:
        report = result(run, params["state"], front.check_mode)
    elif failure is None:
        report = nothing(params["state"])
    report["elapsed"] = round(clock.now() - begun, 2)
    if front.wants_diff:
        report["diff"] = diff(report["tasks"])
    for note in some([*vendor.warnings, *(task.note for task in run.tasks if task.note)]) if run else ():
        front.warn(one_line(f"{note}."))
    if run and failure is None and (several := told(run, params["state"])):
        return Outcome(report, *several)
    return outcome(report, failure)


def _show(system: type[Vendor], front: Front) -> Outcome:
    failure: Failure | None = None
    rows: list[dict[str, Any]] = []
    try:
        ids = system.asked(front.params)
        if ids is not None and not ids:
            # Nothing is asked for, which is the opposite of everything.
            return outcome({"changed": False, "tasks": rows})
        vendor, _way = connect(system, front.params, front.clock, float("inf"), front.hide, is_awaited=front.is_awaited)
        filters = {name: front.params[name] for name in system.filters.options}
        concurrency = front.params["concurrency"]
        found = read_all(vendor, ids, concurrency) if ids else {}
        seen = [found.get(id_) or Observation(id_, None) for id_ in ids] if ids else vendor.list_all(filters)
        rows = [listed(vendor.table, one) for observation in seen for one in observation.each]
        for warning in vendor.warnings:
            front.warn(one_line(f"{warning}."))
    except Failure as error:
        failure = error
    return outcome({"changed": False, "tasks": rows}, failure)


def check_awaited(front: Front, system: str) -> None:
    """A run that nobody waits for has ended early, which mustn't look like success. Raises `Failure` (`timeout`)."""
    if not front.is_awaited():
        raise Failure("timeout", f"nothing more was sent to {system}, since the Ansible task that started this has ended")
