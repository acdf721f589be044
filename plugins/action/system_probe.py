# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls the module of the same name, with the defaults of the vendor's action group among the options of its system."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._run import reading
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS
from ansible_collections.taskops.quiesce.plugins.plugin_utils._group_defaults import GroupDefaults, under_options

MODULE = "taskops.quiesce.system_probe"

Plain = dict[str, Any]


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `system_probe`."""

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        defaults = GroupDefaults(self._task.module_defaults, self._templar, (task_vars or {}).get("omit"))
        arguments = dict(self._task.args)
        if system := SYSTEMS.get(str(arguments.get("vendor"))):
            # The group's other modules take more than how to reach the system.
            strange = frozenset(defaults.of(str(arguments["vendor"]))) - frozenset(reading(system).options)
            arguments = under_options(defaults, arguments, strange)
        result.update(self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val))
        return result
