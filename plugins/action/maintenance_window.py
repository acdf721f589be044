# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a window from its lock to its report in Ansible's worker, with the ledger on the host of the task."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.taskops.quiesce.plugins.module_utils import _report_files, _targets
from ansible_collections.taskops.quiesce.plugins.module_utils._awaited import ARGUMENT
from ansible_collections.taskops.quiesce.plugins.module_utils._edge import Front, Outcome, Work
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._http import REQUESTS_ERROR
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger_steps import LEDGER_OPTIONS, Steps
from ansible_collections.taskops.quiesce.plugins.module_utils._processes import Process
from ansible_collections.taskops.quiesce.plugins.module_utils._window_options import WINDOW_ARGUMENTS
from ansible_collections.taskops.quiesce.plugins.module_utils._window_run import Surroundings, WindowRun
from ansible_collections.taskops.quiesce.plugins.plugin_utils._awaiting import awaited_argument, main_pid
from ansible_collections.taskops.quiesce.plugins.plugin_utils._group_defaults import GroupDefaults, under_options
from ansible_collections.taskops.quiesce.plugins.plugin_utils._report_page import TEMPLATES, report_files
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_variables import KNOWN_TARGET, TARGET, check_target
from ansible_collections.taskops.quiesce.plugins.plugin_utils._worker import WorkerAction, WorkerFront

LEDGER = "taskops.quiesce.maintenance_ledger"
REPORT = "taskops.quiesce.maintenance_report"
# A window sets these options itself, whatever the defaults of the vendor's modules are.
DECIDED = frozenset({"state", "wait"})
# Callbacks whose output is for programs: a line in between would make it invalid.
FOR_PROGRAMS = frozenset({"json", "jsonl", "null"})

Plain = dict[str, Any]


class ActionModule(WorkerAction):
    """The action `maintenance_window`. The engine always runs here; only the ledger may be on another host."""

    name = "maintenance_window"
    work = Work(WINDOW_ARGUMENTS, lambda front: Outcome({}), _targets.written_secrets)

    _supports_async = False

    def _arguments(self, task_vars: Plain) -> Plain:
        arguments = super()._arguments(task_vars)
        self._defaults = GroupDefaults(self._task.module_defaults, self._templar, task_vars.get("omit"))
        if isinstance(arguments.get("targets"), list):
            arguments["targets"] = [under_options(self._defaults, target, DECIDED) for target in arguments["targets"]]
        return arguments

    def _call(self, arguments: Plain, task_vars: Plain) -> Plain:
        try:
            _check(arguments)
        except Failure as failure:
            return {"failed": True, "changed": False, "msg": f"{failure.message}.", "failure": failure.details()}
        self.work = Work(WINDOW_ARGUMENTS, lambda front: self._run_window(cast(WorkerFront, front), task_vars), _targets.written_secrets)  # type: ignore[misc]
        result = self._in_worker(arguments, task_vars)
        if isinstance(result.get("summary"), dict) and result["summary"]:
            result["summary"] = {**result["summary"], **{key: result[key] for key in ("ledger", "ledger_host", "report") if key in result}}
        return result

    def _run_window(self, front: WorkerFront, task_vars: Plain) -> Outcome:
        if not sys.platform.startswith("linux"):
            # A forked process can't ask macOS for its proxies. If this variable is set, Python doesn't ask.
            os.environ.setdefault("no_proxy", "localhost")
        why = self._reason_for_remote_ledger(task_vars)
        self._display.vvv(f"{self.module} keeps the ledger {f'by a module, since {why}' if why else 'in the worker of Ansible'}")
        keeper = _RemoteLedger(self, front, task_vars) if why else _LocalLedger(front)
        ports = Surroundings(keeper.step, keeper.report, self._line_printer(front), self._complete, is_near=not why)
        run = WindowRun(front, ports)
        try:
            outcome = run.go()
        except BaseException as error:
            # Ansible's class of this name has its place and its base changed with ansible-core 2.19.
            if type(error).__name__ != "TaskTimeoutError":
                raise
            outcome = self._timed_out(run.result, opens=front.params["state"] == "open")
        host = self._task.delegate_to or task_vars.get("inventory_hostname")
        return Outcome({**outcome.result, "ledger_host": host}, outcome.failure, outcome.message)

    def _timed_out(self, known: Plain, *, opens: bool) -> Outcome:
        """The outcome of a run that Ansible ends by the task's `timeout`. By its status, the role knows whether it has to close."""
        has_begun = known["status"] not in ("none", "closed")
        what = (
            f"the task's timeout of {self._task.timeout} s was over before window {known['window']} was {'opened' if opens else 'closed'}"
        )
        message = f"{what}; raise timeout, and run it again{' or close the window' if opens and has_begun else ''}"
        # An action may have been sent whose effect wasn't seen any more.
        return Outcome({**known, "changed": has_begun}, Failure("timeout", message), f"{message}.")

    def _reason_for_remote_ledger(self, task_vars: Plain) -> str:
        """Why another process keeps the ledger; empty if this one does."""
        why = self._reason_for_module(task_vars)
        return "" if not sys.platform.startswith("linux") and why.startswith("forked processes") else why

    def _complete(self, target: Plain) -> Plain:
        whole: Plain = under_options(self._defaults, target, DECIDED)
        return whole

    def _line_printer(self, front: WorkerFront) -> Callable[[str], None]:
        if self._task.no_log or str(C.DEFAULT_STDOUT_CALLBACK).rsplit(".", 1)[-1] in FOR_PROGRAMS:
            return lambda line: None
        return lambda line: self._display.display(remove_values(line, set(front.secrets)))

    def module_step(self, module: str, arguments: Plain, task_vars: Plain) -> Plain:
        """The result of a module on the host of the Ansible task. Raises `Failure`."""
        try:
            returned = self._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        except AnsibleError as error:
            raise Failure("connection", f"the host that keeps the ledger can't be reached ({str(error).strip().rstrip('.')})") from None
        step: Plain = json.loads(json.dumps(returned, default=str))
        if step.get("failed"):
            details = {"code": "connection", **(step.get("failure") or {})}
            message = str(step.get("msg") or "the host that keeps the ledger gave no answer")
            raise Failure(details.pop("code"), message.strip().rstrip("."), **details)
        return step


class _LocalLedger:
    """The ledger and the report, kept by this process."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._dir = expanded(front.params["ledger_dir"])
        self._report_dir = expanded(front.params.get("report_dir") or front.params["ledger_dir"])

    def step(self, step: str, params: Plain) -> Plain:
        given = self._front.params
        whole = {name: option.get("default") for name, option in LEDGER_OPTIONS.items()}
        whole.update({name: value for name, value in params.items() if value is not None})
        whole.update(dir=self._dir, window=given["id"], step=step, lease=given["ledger_lease"])
        if whole.get("report_dir"):
            whole["report_dir"] = self._report_dir
        ledger = Ledger(self._dir, given["id"], given["ledger_lease"])
        steps = Steps(ledger, whole, self._front.check_mode, Process.of(main_pid()), Process.of(os.getpid()))
        result: Plain = {"status": "none", "ledger": str(ledger.path), **getattr(steps, step)()}
        return result

    def report(self, facts: Plain) -> Plain:
        files = report_files(facts)
        _report_files.write(self._report_dir, files)
        return dict(_report_files.paths(self._report_dir, files))


class _RemoteLedger:
    """The ledger and the report, kept by modules on the host of the Ansible task."""

    def __init__(self, action: ActionModule, front: Front, task_vars: Plain) -> None:
        self._action = action
        self._front = front
        self._task_vars = task_vars

    def step(self, step: str, params: Plain) -> Plain:
        given = self._front.params
        arguments = {name: value for name, value in params.items() if value is not None}
        arguments.update(dir=given["ledger_dir"], window=given["id"], step=step, lease=given["ledger_lease"])
        arguments[ARGUMENT] = {**awaited_argument(), "is_run": True}
        return self._action.module_step(LEDGER, arguments, self._task_vars)

    def report(self, facts: Plain) -> Plain:
        folder = self._front.params.get("report_dir") or self._front.params["ledger_dir"]
        arguments = {"facts": {}, "dir": folder, "templates": TEMPLATES, "files": report_files(facts), ARGUMENT: awaited_argument()}
        return dict(self._action.module_step(REPORT, arguments, self._task_vars)["files"])


def expanded(folder: str) -> str:
    """A folder, expanded as an option of the type `path`."""
    return str(Path(os.path.expanduser(os.path.expandvars(folder))))


def _check(arguments: Plain) -> None:
    """Check this machine, and what the argument specification can't report with the name of the target. Raises `Failure` (`usage`)."""
    is_open = arguments.get("state") == "open"
    targets = arguments.get("targets")
    for number, target in enumerate(targets if isinstance(targets, list) else (), 1):
        check_target(target, number, TARGET if is_open else KNOWN_TARGET, "targets")
    if is_open and targets is None:
        raise Failure("usage", "targets is missing; give it the targets of the window")
    if REQUESTS_ERROR is not None:
        raise Failure(
            "usage",
            f"a window is worked on where Ansible runs, and {sys.executable} there can't import requests; install that beside ansible-core",
        )
