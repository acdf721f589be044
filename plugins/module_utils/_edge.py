# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a module's own process and an action plugin in Ansible's worker have in common. Nothing here knows either of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from ._arguments import Arguments
from ._clock import Clock
from ._converge import Convergence, read_all
from ._errors import Failure, one_line
from ._lifecycle import Observation
from ._results import empty_result, failure_and_message, info_row, sent_summary, shorten, state_diff, state_result
from ._run import connect, info_arguments, policy, run_settings, state_arguments
from ._vendor import Vendor


class Front(Protocol):
    """One Ansible task, as a run sees it. `params` are its checked options."""

    params: dict[str, Any]
    check_mode: bool
    clock: Clock

    @property
    def wants_diff(self) -> bool:
        """Whether the result has to hold the states before and after."""

    def hide(self, secret: str) -> None:
        """Hide this text in everything that is shown."""

    def warn(self, warning: str) -> None:
        """Add a warning to the result."""

    def is_awaited(self) -> bool:
        """Whether somebody still waits for the result. If nobody does, nothing more may be sent."""


class Outcome(NamedTuple):
    """The result for the user. If the run failed, also the first failure and one sentence for all failures."""

    result: Mapping[str, Any]
    failure: Failure | None = None
    message: str = ""

    @property
    def returned(self) -> dict[str, Any]:
        """The result in Ansible's form."""
        if self.failure is None:
            return dict(self.result)
        return {**self.result, "failed": True, "msg": self.message, "failure": self.failure.details()}


class Work(NamedTuple):
    """What a module does, behind either front. `written_secrets` finds the secrets within an option that Ansible doesn't know as secret. It
    gets the options as the user wrote them.
    """

    arguments: Arguments
    run: Callable[[Front], Outcome]
    written_secrets: Callable[[Mapping[str, Any]], Iterable[str]] = lambda params: ()


def outcome(result: Mapping[str, Any], failure: Failure | None = None) -> Outcome:
    """The outcome of a run that failed as a whole (`failure`) or didn't."""
    return Outcome(result, failure, f"{failure.message.rstrip('.')}." if failure else "")


def usage(message: str) -> Outcome:
    """The outcome for invalid options."""
    return Outcome({}, Failure("usage", message), message)


def state_work(system: type[Vendor]) -> Work:
    """The complete work of a state module: converge the tasks that the options name."""
    return Work(state_arguments(system), lambda front: _change_states(system, front))


def info_work(system: type[Vendor]) -> Work:
    """The complete work of an information module: read the tasks that the options name, or list all that match the vendor's filters."""
    return Work(info_arguments(system) + system.filters, lambda front: _read_states(system, front))


def _change_states(system: type[Vendor], front: Front) -> Outcome:
    clock, params = front.clock, front.params
    started_at = clock.now()
    run: Convergence | None = None
    failure: Failure | None = None
    try:
        ids = system.requested_ids(params)
        patience = params["drain"] + params["wait_timeout"]
        # An empty list is no error and needs no system: the list of tasks that a play paused may be empty, and the play that resumes them
        # goes on.
        if ids is None or ids:
            vendor, connection = connect(system, params, clock, patience, front.hide, is_awaited=front.is_awaited)
            found = vendor.find() if ids is None else None
            if not (ids := ids or list(found or ())):
                raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
            awaited = front.is_awaited
            run = Convergence(
                vendor, ids, policy(system, params), run_settings(params), connection.clock, connection.deadline, found, is_wanted=awaited
            )
            run.run(check_mode=front.check_mode)
            check_awaited(front, vendor.table.system)
    except Failure as error:
        failure = error
        for task in run.tasks if run else ():
            if not task.over:
                task.error = error
    except BaseException as struck:
        # Where the run shares a process with Ansible's worker, Ansible's `timeout:` arrives as such an exception.
        if run and not isinstance(struck, Exception):
            front.warn(one_line(f"the task was ended while it ran; {sent_summary(run)}."))
        raise
    report: dict[str, Any] = {"changed": False, "tasks": []}
    if run:
        report = state_result(run, params["state"], front.check_mode)
    elif failure is None:
        report = empty_result(params["state"])
    report["elapsed"] = round(clock.now() - started_at, 2)
    if front.wants_diff:
        report["diff"] = state_diff(report["tasks"])
    for note in shorten([*vendor.warnings, *(task.note for task in run.tasks if task.note)]) if run else ():
        front.warn(one_line(f"{note}."))
    if run and failure is None and (several := failure_and_message(run, params["state"])):
        return Outcome(report, *several)
    return outcome(report, failure)


def _read_states(system: type[Vendor], front: Front) -> Outcome:
    failure: Failure | None = None
    rows: list[dict[str, Any]] = []
    try:
        ids = system.requested_ids(front.params)
        if ids is not None and not ids:
            # An empty list names no task. Without this check it would count as not given, and all tasks would be read.
            return outcome({"changed": False, "tasks": rows})
        vendor, _way = connect(system, front.params, front.clock, float("inf"), front.hide, is_awaited=front.is_awaited)
        filters = {name: front.params[name] for name in system.filters.options}
        concurrency = front.params["concurrency"]
        found = read_all(vendor, ids, concurrency) if ids else {}
        seen = [found.get(id_) or Observation(id_, None) for id_ in ids] if ids else vendor.list_all(filters)
        rows = [info_row(vendor.table, one) for observation in seen for one in observation.each]
        for warning in vendor.warnings:
            front.warn(one_line(f"{warning}."))
    except Failure as error:
        failure = error
    return outcome({"changed": False, "tasks": rows}, failure)


def check_awaited(front: Front, system: str) -> None:
    """A run that nobody waits for has ended early, which mustn't look like success. Raises `Failure` (`timeout`)."""
    if not front.is_awaited():
        raise Failure("timeout", f"nothing more was sent to {system}, since the Ansible task that started this has ended")
