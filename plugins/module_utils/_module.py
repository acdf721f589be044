# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The boundary between the collection and Ansible's modules: options in, results and failures out. Only this file knows AnsibleModule."""

from __future__ import annotations

import gc

# The imported objects live until the process ends, so garbage collection during the imports finds nothing. It took 45 ms of a module
# process's 330 ms.
gc.disable()

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._arguments import Arguments
from ._awaited import ARGUMENT, Awaited, main_process, module_awaited, worker_process
from ._clock import Clock, SystemClock
from ._edge import Outcome, Work, info_work, state_work
from ._options import drop_overridden_environment, non_empty, passwords, specification, split_lists, usage_sentence
from ._processes import Process
from ._vendor import Vendor

gc.freeze()
gc.enable()


class QuiesceModule(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule for our option groups, as a front. An empty text counts as not given, and each failure carries a `failure`."""

    def __init__(self, arguments: Arguments, written_secrets: Callable[[Mapping[str, Any]], Iterable[str]] = lambda params: ()) -> None:
        self._arguments = arguments
        self._written_secrets = written_secrets
        self.clock: Clock = SystemClock()
        spec, rules = specification(arguments)
        super().__init__(argument_spec=spec, supports_check_mode=True, **rules)
        self._hide_passwords(self.params)

    def _load_params(self) -> None:
        super()._load_params()
        self._awaited_by: Mapping[str, Any] | None = self.params.pop(ARGUMENT, None)
        self._awaited: Awaited = module_awaited(self._awaited_by)
        self._given = dict(self.params)
        self.params: dict[str, Any] = split_lists(non_empty(self.params), self.argument_spec)
        self._hide_passwords(self.params)
        # Secrets that Ansible doesn't know as such are hidden before anything is logged.
        self.no_log_values.update(self._written_secrets(self.params))
        drop_overridden_environment(self._arguments, self.argument_spec, self.params)

    def _hide_passwords(self, params: Mapping[str, Any]) -> None:
        self.no_log_values.update(passwords(params))

    @property
    def wants_diff(self) -> bool:
        return bool(self._diff)

    @property
    def main_process(self) -> Process | None:
        """The process of Ansible that runs the play, if it's known."""
        return main_process(self._awaited_by)

    @property
    def worker_process(self) -> Process | None:
        """The process of Ansible that does the run of which this module is a step, if it's known."""
        return worker_process(self._awaited_by)

    def hide(self, secret: str) -> None:
        self.no_log_values.add(secret)

    def is_awaited(self) -> bool:
        return self._awaited()

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        if "failure" not in result:
            # Ansible's own checks of the options end here.
            msg = usage_sentence(self._name, msg, self._given, self.argument_spec)
            result["failure"] = {"code": "usage"}
        super().fail_json(msg=msg, **result)
        raise SystemExit(1)


def run_module(work: Work) -> None:
    """Run a module from beginning to end."""
    module = QuiesceModule(work.arguments, work.written_secrets)
    finish(module, work.run(module))


def run_state_module(system: type[Vendor]) -> None:
    """Run a state module."""
    run_module(state_work(system))


def run_info_module(system: type[Vendor]) -> None:
    """Run an information module."""
    run_module(info_work(system))


def finish(module: QuiesceModule, outcome: Outcome) -> None:
    """End the module. Only this function reports success or failure."""
    result = dict(outcome.result)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if outcome.failure is None:
        module.exit_json(**result)
    else:
        module.fail_json(msg=outcome.message, failure=outcome.failure.details(), **result)
