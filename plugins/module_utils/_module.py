# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Where the collection meets Ansible: options in, results and failures out. The only place that knows AnsibleModule."""

from __future__ import annotations

import gc

# What is imported stays, so that a collector which looks it through again and again meanwhile finds nothing. It took 45 ms of the 330 of a
# module's process.
gc.disable()

from collections.abc import Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._arguments import Arguments
from ._clock import SystemClock
from ._converge import Convergence, read_all
from ._errors import Failure, one_line
from ._lifecycle import Observation
from ._options import given, passwords, silence, specification, split, unknown_options
from ._results import diff, listed, result, some, told
from ._run import connect, converging, listing, pace, policy
from ._vendor import Vendor

gc.freeze()
gc.enable()


class QuiesceModule(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule for our option groups: an empty text counts as not given, and each failure carries a `failure`."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        spec, rules = specification(arguments)
        super().__init__(argument_spec=spec, supports_check_mode=True, **rules)
        self._hide_passwords(self.params)

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)
        self.params: dict[str, Any] = split(given(self.params), self.argument_spec)
        self._hide_passwords(self.params)
        silence(self._arguments, self.argument_spec, self.params)

    def _hide_passwords(self, params: Mapping[str, Any]) -> None:
        self.no_log_values.update(passwords(params))

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        if "failure" not in result:
            # Ansible's own checks of the options come here. ansible-lint makes them too, and gives the module no name.
            named = not self._name.endswith(".py")
            module = f"taskops.quiesce.{self._name.rsplit('.', 1)[-1]}" if named else "this module"
            # Told before all else: what ansible-core misses is often what was misspelled.
            unknown = unknown_options(self._given, self.argument_spec)
            said = f"{module} has {unknown}" if unknown else "; ".join(msg.rstrip(".").split(". "))
            page = f"ansible-doc {module}" if named else "its documentation"
            msg = f"{said}; {page} tells what each option takes, and from which environment variable."
            result["failure"] = {"code": "usage"}
        super().fail_json(msg=msg, **result)
        raise SystemExit(1)


def run_state_module(system: type[Vendor]) -> None:
    """The whole of a state module: converge the tasks that the options name."""
    module = QuiesceModule(converging(system))
    clock, params = SystemClock(), module.params
    begun = clock.now()
    run: Convergence | None = None
    failure: Failure | None = None
    try:
        ids = system.asked(params)
        vendor, way = connect(system, params, clock, params["drain"] + params["wait_timeout"], module.no_log_values.add)
        found = vendor.find() if ids is None else None
        if not (ids := ids or list(found or ())):
            raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
        run = Convergence(vendor, ids, policy(system, params), pace(params), way.clock, way.deadline, found)
        run.run(check_mode=module.check_mode)
    except Failure as error:
        failure = error
        for task in run.tasks if run else ():
            task.error = error
    report: dict[str, Any] = {"changed": False, "tasks": []}
    if run:
        report = result(run, params["state"], module.check_mode)
    report["elapsed"] = round(clock.now() - begun, 2)
    if module._diff:
        report["diff"] = diff(report["tasks"])
    for note in some([*vendor.warnings, *(task.note for task in run.tasks if task.note)]) if run else ():
        module.warn(one_line(f"{note}."))
    finish(module, report, failure, told(run, params["state"]) if run and failure is None else None)


def run_info_module(system: type[Vendor]) -> None:
    """The whole of an information module: read the tasks that the options name, or list all that match the vendor's filters."""
    module = QuiesceModule(listing(system) + system.filters)
    failure: Failure | None = None
    rows: list[dict[str, Any]] = []
    try:
        vendor, _way = connect(system, module.params, SystemClock(), float("inf"), module.no_log_values.add)
        ids = system.asked(module.params)
        filters = {name: module.params[name] for name in system.filters.options}
        concurrency = module.params["concurrency"]
        found = read_all(vendor, ids, concurrency) if ids else {}
        seen = [found.get(id_) or Observation(id_, None) for id_ in ids] if ids else vendor.list_all(filters)
        rows = [listed(vendor.table, one) for observation in seen for one in observation.each]
        for warning in vendor.warnings:
            module.warn(one_line(f"{warning}."))
    except Failure as error:
        failure = error
    finish(module, {"changed": False, "tasks": rows}, failure, None)


def finish(
    module: QuiesceModule, result: Mapping[str, Any], failure: Failure | None = None, told: tuple[Failure, str] | None = None
) -> None:
    """Leave the module: the one place where it succeeds or fails."""
    first, msg = told or (failure, f"{failure.message.rstrip('.')}." if failure else "")
    if first is None:
        module.exit_json(**result)
    else:
        module.fail_json(msg=msg, failure=first.details(), **result)
