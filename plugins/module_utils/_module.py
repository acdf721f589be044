# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Where the collection meets Ansible: options in, results and failures out. The only place that knows AnsibleModule."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any, NoReturn
from urllib.parse import unquote

from ansible.module_utils.basic import AnsibleFallbackNotFound, AnsibleModule, missing_required_lib

from ._arguments import COMMON, CONVERGING, Arguments, check_numbers, connection
from ._clock import Deadline, SystemClock
from ._converge import Convergence, Pace, Task, read_all
from ._errors import Failure
from ._http import REQUESTS_ERROR, Connection
from ._lifecycle import Observation, Policy, StateTable
from ._vendor import Vendor

TOLD = 10


class QuiesceModule(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule for our option groups: an empty text counts as not given, and each failure carries a `failure`."""

    def __init__(self, arguments: Arguments) -> None:
        self._choices, self._companions = arguments.choices, arguments.companions
        spec = {name: dict(option) for name, option in arguments.options.items()}
        for name, variables in arguments.environment.items():
            spec[name]["fallback"] = (_from_environment, list(variables))
        super().__init__(
            argument_spec=spec,
            supports_check_mode=True,
            required_one_of=[[way[0] for way in ways] for ways in arguments.choices],
            mutually_exclusive=[
                list(pair) for ways in arguments.choices for way, other in combinations(ways, 2) for pair in product(way, other)
            ],
            required_together=[list(way) for ways in arguments.choices for way in ways if len(way) > 1],
            required_by=dict(arguments.required_by),
        )
        self._hide_passwords(self.params)

    def _load_params(self) -> None:
        super()._load_params()
        given: dict[str, Any] = self.params
        self.params: dict[str, Any] = {name: value for name, value in given.items() if value not in ("", None)}
        self._hide_passwords(self.params)
        # What stands in the playbook beats the environment, also where that holds another way to authenticate.
        silent: set[str] = set()
        for ways in self._choices:
            chosen = [way for way in ways if any(name in self.params for name in way)]
            silent |= {name for way in ways if chosen and way not in chosen for name in way}
        silent |= {name for name, leader in self._companions.items() if leader in self.params or leader in silent}
        for name in silent:
            self.argument_spec[name].pop("fallback", None)

    def _hide_passwords(self, params: Mapping[str, Any]) -> None:
        """A proxy's address rightly holds a password, and another one may by mistake."""
        for value in params.values():
            found = re.search(r"//[^/]*?:([^/]*)@", value) if isinstance(value, str) else None
            if found and found[1]:
                self.no_log_values.update({found[1], unquote(found[1])})

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        if "failure" not in result:
            # Ansible's own checks of the options come here.
            module = f"taskops.quiesce.{self._name.rsplit('.', 1)[-1]}"
            said = "; ".join(msg.rstrip(".").split(". "))
            msg = f"{said}; ansible-doc {module} tells what each option takes, and from which environment variable."
            result["failure"] = {"code": "usage"}
        super().fail_json(msg=msg, **result)
        raise SystemExit(1)

    def connect(self, system: type[Vendor], seconds: float) -> tuple[Vendor, Connection]:
        """The system that the options name, and the connection to it. Raises `Failure`."""
        if REQUESTS_ERROR is not None:
            raise Failure("usage", missing_required_lib("requests", url="https://requests.readthedocs.io"))
        check_numbers(self.params)
        clock = SystemClock()
        options = {name: self.params[name] for name in (*connection("", True).options, "concurrency")}
        way = Connection(clock=clock, deadline=Deadline(clock, seconds), hide=self.no_log_values.add, **options)
        return system(self.params, way), way


def run_state_module(system: type[Vendor], arguments: Arguments) -> None:
    """The whole of a state module: converge the tasks that the options name; `arguments` are the module's own options."""
    module = QuiesceModule(connection(system.prefix, system.needs_url) + system.arguments + arguments + COMMON + CONVERGING)
    clock, params = SystemClock(), module.params
    begun = clock.now()
    run: Convergence | None = None
    failure: Failure | None = None
    try:
        ids = system.asked(module.params)
        vendor, way = module.connect(system, params["drain"] + params["wait_timeout"])
        vendor.table = vendor.table.with_map(params["state_map"])
        found = vendor.find() if ids is None else None
        if not (ids := ids or list(found or ())):
            raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
        policy = Policy(params["state"], params["if_unpausable"], [name for name in arguments.options if params[name] is True])
        pace = Pace(**{name: params[name] for name in ("wait", "wait_timeout", "poll_interval", "drain", "concurrency")})
        run = Convergence(vendor, ids, policy, pace, way.clock, way.deadline, found)
        run.run(check_mode=module.check_mode)
    except Failure as error:
        failure = error
        for task in run.tasks if run else ():
            task.error = error
    result: dict[str, Any] = {"changed": False, "tasks": []}
    if run:
        result = _result(run, params["state"], module.check_mode)
    result["elapsed"] = round(clock.now() - begun, 2)
    if module._diff:
        result["diff"] = _diff(result["tasks"])
    for note in _some([*vendor.warnings, *(task.note for task in run.tasks if task.note)]) if run else ():
        module.warn(f"{note}.")
    _finish(module, result, failure, _told(run, params["state"]) if run and failure is None else None)


def run_info_module(system: type[Vendor], arguments: Arguments) -> None:
    """The whole of an information module: read the tasks that the options name, or list all that match the vendor's filters."""
    module = QuiesceModule(connection(system.prefix, system.needs_url) + system.arguments + arguments + COMMON)
    failure: Failure | None = None
    rows: list[dict[str, Any]] = []
    try:
        vendor, _way = module.connect(system, float("inf"))
        table = vendor.table.with_map(module.params["state_map"])
        ids = system.asked(module.params)
        filters = {name: module.params[name] for name in arguments.options if name != system.ids}
        concurrency = module.params["concurrency"]
        found = read_all(vendor, ids, concurrency) if ids else {seen.id: seen for seen in vendor.list_all(filters)}
        rows = [_row(table, seen) for seen in ([found.get(id_) or Observation(id_, None) for id_ in ids] if ids else found.values())]
    except Failure as error:
        failure = error
    _finish(module, {"changed": False, "tasks": rows}, failure, None)


def _from_environment(*variables: str) -> str:
    """An environment variable that holds something; AWX sets those of empty fields too."""
    for variable in variables:
        if os.environ.get(variable):
            return os.environ[variable]
    raise AnsibleFallbackNotFound


def _row(table: StateTable, seen: Observation) -> dict[str, Any]:
    return {"id": seen.id, "name": seen.name, "state": table.word(seen), "vendor_state": seen.spelling, "vendor": dict(seen.facts)}


def _result(run: Convergence, wanted: str, check_mode: bool) -> dict[str, Any]:
    tasks = [_fate(run, task, check_mode) for task in run.tasks]
    counts = {key: sum(1 for task in tasks if task[key]) for key in ("reached", "changed")}
    failed = sum(1 for task in run.tasks if task.error)
    skipped = sum(1 for task in run.tasks if task.skipped)
    summary = {"wanted": wanted, "total": len(tasks), **counts, "failed": failed, "skipped": skipped}
    return {"changed": counts["changed"] > 0, "tasks": tasks, "summary": summary}


def _fate(run: Convergence, task: Task, check_mode: bool) -> dict[str, Any]:
    """One task's row in the result."""
    plan = check_mode and run.possible
    planned = task.decision.actions if plan and task.decision else ()
    actions = list(planned) if plan else task.actions
    row: dict[str, Any] = {"id": task.id, "name": task.last.name, "action": ", ".join(actions) or "none"}
    if run.observed:
        after = run.predict(task) if plan else (run.table.word(task.last), task.last.spelling)
        row.update(before=run.table.word(task.before), after=after[0], vendor_before=task.before.spelling, vendor_after=after[1])
    else:
        row.update(before="unknown", after="unknown", vendor_before=None, vendor_after=None)
    row["changed"] = bool(planned) if plan else task.changed
    row["reached"] = task.error is None and not task.skipped if plan else task.reached
    if task.error:
        row["error"] = {**task.error.details(), "message": f"{task.error.message}."}
    return row


def _told(run: Convergence, wanted: str) -> tuple[Failure, str] | None:
    """The first task's failure and one sentence for all of them; None if no task failed."""
    errors = [task.error for task in run.tasks if task.error]
    if not errors:
        return None
    reasons = "; ".join(_some(list(dict.fromkeys(error.message for error in errors))))
    if not run.possible:
        return errors[0], f"{reasons}; nothing was changed."
    if len(run.tasks) == 1:
        return errors[0], f"{reasons}."
    return errors[0], f"{len(errors)} of {len(run.tasks)} tasks did not get {wanted}: {reasons}."


def _finish(module: QuiesceModule, result: dict[str, Any], failure: Failure | None, told: tuple[Failure, str] | None) -> None:
    """Leave the module: the one place where it succeeds or fails."""
    first, msg = told or (failure, f"{failure.message.rstrip('.')}." if failure else "")
    if first is None:
        module.exit_json(**result)
    else:
        module.fail_json(msg=msg, failure=first.details(), **result)


def _diff(tasks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {when: "".join(f"{task['id']}: {task[when]}\n" for task in tasks) for when in ("before", "after")}


def _some(sentences: Sequence[str]) -> list[str]:
    """As many sentences as a person reads, and how many more there are."""
    more = len(sentences) - TOLD
    return [*sentences[:TOLD], f"and {more} more, each told in tasks"] if more > 0 else list(sentences)
