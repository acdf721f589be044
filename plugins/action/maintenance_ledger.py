# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls the module of the same name, and passes on which process of Ansible its lock is for."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._awaited import ARGUMENT
from ansible_collections.taskops.quiesce.plugins.plugin_utils._awaiting import awaited_argument

MODULE = "taskops.quiesce.maintenance_ledger"


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `maintenance_ledger`."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        arguments = {**self._task.args, ARGUMENT: awaited_argument()}
        result.update(self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars))
        return result
