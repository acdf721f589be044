# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The front of an action plugin: it runs a module's work in Ansible's own worker if the module would run in the same place, else it runs
the module.

The overhead of a module (packing it, starting Python, imports, JSON in both directions) takes longer than its work. AnsibleModule itself
never runs here: it's made for a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings as python_warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from ansible import constants as C
from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._awaited import ARGUMENT
from ..module_utils._clock import Clock, SystemClock
from ..module_utils._edge import Outcome, Work, usage
from ..module_utils._errors import Failure
from ..module_utils._http import REQUESTS_ERROR
from ..module_utils._options import Checked, checked
from ._awaiting import awaited_argument, signals_noted, worker_awaited
from ._data_only import data_only
from ._invocation_log import log_invocation

SWITCH = "quiesce_in_worker"

Plain = dict[str, Any]


class WorkerFront:
    """One Ansible task, as a run in the worker sees it."""

    def __init__(self, options: Checked, check_mode: bool, wants_diff: bool, is_awaited: Callable[[], bool]) -> None:
        self.params = options.params
        self.check_mode = check_mode
        self.wants_diff = wants_diff
        self.is_awaited = is_awaited
        self.clock: Clock = SystemClock()
        self.secrets = set(options.secrets)
        self.warnings = list(options.warnings)

    def hide(self, secret: str) -> None:
        self.secrets.add(secret)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def without_secrets(self, result: Plain) -> Plain:
        """The result without secrets, as AnsibleModule removes them."""
        copied = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
        return {**remove_values(result, self.secrets), **copied}

    def document(self, result: Plain) -> str:
        """The result as a JSON document without anything secret."""
        document = json.dumps(result, ensure_ascii=False)
        # One search in the whole document is much cheaper than one in each value of a thousand rows.
        found = any(secret in document or json.dumps(secret, ensure_ascii=False)[1:-1] in document for secret in self.secrets)
        return json.dumps(self.without_secrets(result)) if found else document


class WorkerAction(ActionBase):  # type: ignore[misc]
    """The action plugin of the module `name`. `work` is what the module does."""

    name: ClassVar[str]
    work: ClassVar[Work]

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        task_vars = task_vars or {}
        result.update(self._call(self._arguments(task_vars), task_vars))
        return result

    def _call(self, arguments: Plain, task_vars: Plain) -> Plain:
        """The result of one call with these options, in the worker or by the module."""
        why = self._reason_for_module(task_vars)
        self._display.vvv(f"{self.module} runs {f'as a module, since {why}' if why else 'in the worker of Ansible'}")
        return self._by_module(arguments, task_vars) if why else self._in_worker(arguments, task_vars)

    @property
    def module(self) -> str:
        return f"taskops.quiesce.{self.name}"

    def _arguments(self, task_vars: Plain) -> Plain:
        """The options of the module, as the Ansible task gives them."""
        return dict(self._task.args)

    # Which way

    def _reason_for_module(self, task_vars: Plain) -> str:
        """Why the module needs a process of its own; empty if it doesn't."""
        become_user = self.get_become_option("become_user")
        if not boolean(self._templar.template(task_vars.get(SWITCH, True)), strict=False):
            return f"the variable {SWITCH} says so"
        if self._task.async_val:
            return "the task is asynchronous"
        if self._connection.transport != "local":
            return f"its connection is {self._connection.transport} and not local"
        if self._connection.become and (C.BECOME_ALLOW_SAME_USER or not become_user or become_user != self._get_remote_user()):
            return f"it becomes the user {become_user}"
        if not sys.platform.startswith("linux"):
            return f"forked processes can't ask {sys.platform} for proxies and certificates"
        interpreter = self._interpreter(task_vars)
        if interpreter and not interpreter.startswith("auto") and os.path.normpath(interpreter) != os.path.normpath(sys.executable):
            return f"its Python is {interpreter} and Ansible's is {sys.executable}"
        return f"{sys.executable} can't import requests" if REQUESTS_ERROR else ""

    def _interpreter(self, task_vars: Plain) -> str:
        variables = task_vars
        if self._task.delegate_to:
            variables = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        return str(self._templar.template(C.config.get_config_value("INTERPRETER_PYTHON", variables=variables)) or "").strip()

    # The module

    def _by_module(self, arguments: Plain, task_vars: Plain) -> Plain:
        wrap_async = self._task.async_val and not getattr(self._connection, "has_native_async", False)
        if not wrap_async:
            # An asynchronous module has to go on alone.
            arguments = {**arguments, ARGUMENT: awaited_argument()}
        step: Plain = self._execute_module(module_name=self.module, module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return step

    # The worker

    def _in_worker(self, arguments: Plain, task_vars: Plain) -> Plain:
        environment: Plain = {}
        self._compute_environment_string(environment)
        with module_environment(environment, self._loader.get_basedir()), signals_noted() as signals:
            options = checked(self.work.arguments, plain(arguments), self.module)
            awaited = worker_awaited(signals)
            front = WorkerFront(options, self._task.check_mode, bool(self._task.diff), awaited)
            for secret in self.work.written_secrets(front.params):
                front.hide(secret)
            self._log(front, task_vars)
            try:
                outcome = usage(options.error) if options.error else self.work.run(front)
            except Exception:
                outcome = crash_outcome(traceback.format_exc())
            except BaseException as struck:
                awaited.end()
                if not isinstance(struck, (KeyboardInterrupt, SystemExit)) and not self._task.no_log:
                    for warning in front.without_secrets({"warnings": front.warnings})["warnings"]:
                        self._display.warning(f"{self.module}: {warning}")
                raise
        return self._returned(outcome, front, options, task_vars)

    def _returned(self, outcome: Outcome, front: WorkerFront, options: Checked, task_vars: Plain) -> Plain:
        result = outcome.returned
        if self._shows_invocation(task_vars):
            result["invocation"] = {"module_args": front.params}
        if front.warnings:
            result["warnings"] = list(dict.fromkeys(front.warnings))
        if options.deprecations:
            result["deprecations"] = options.deprecations
        # In the form of a module's result: plain JSON, in which no text is a template.
        returned: Plain = json.loads(front.document(result))
        return data_only(returned)

    def _shows_invocation(self, task_vars: Plain) -> bool:
        if C.config.get_configuration_definition("INJECT_INVOCATION"):
            return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
        # Before ansible-core 2.21, every module shows it.
        return True

    def _log(self, front: WorkerFront, task_vars: Plain) -> None:
        if not (self._task.no_log or C.config.get_config_value("DEFAULT_NO_TARGET_SYSLOG", variables=task_vars)):
            facility = str(task_vars.get("ansible_syslog_facility", C.DEFAULT_SYSLOG_FACILITY))
            log_invocation(self.module, self.work.arguments, front.params, front.secrets, facility)


def plain(arguments: Mapping[str, Any]) -> Plain:
    """The options in the form in which a module gets them: plain JSON, with decrypted vault values."""
    decoded: Plain = json.loads(json.dumps(arguments, cls=AnsibleJSONEncoder, vault_to_text=True))
    return decoded


def crash_outcome(traceback_text: str) -> Outcome:
    """The outcome for a bug in this collection, worded as Ansible words the crash of a module. A traceback may hold secrets, so it's
    redacted as any result.
    """
    message = "the module failed by a fault of the collection; report module_stderr to its maintainers"
    return Outcome({"changed": False, "module_stderr": traceback_text}, Failure("protocol", message), f"{message}.")


@contextmanager
def module_environment(environment: Mapping[str, Any], folder: str) -> Iterator[None]:
    """The surroundings of a module's process: the environment of the Ansible task, the folder of the playbook, and no output of libraries'
    warnings.
    """
    before = dict(os.environ)
    stood = None
    with suppress(OSError):
        stood = os.getcwd()
    os.environ.update({str(name): str(value) for name, value in environment.items()})
    with suppress(OSError):
        os.chdir(folder)
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        if stood is not None:
            os.chdir(stood)
