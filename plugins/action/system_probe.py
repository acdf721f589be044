# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `system_probe` in Ansible's worker if the module would run in the same place, else as a module. The defaults of the vendor's action
group apply to the options of its system.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils._probe._work import PROBE_WORK
from ansible_collections.taskops.quiesce.plugins.module_utils._run import connection_arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS
from ansible_collections.taskops.quiesce.plugins.plugin_utils._group_defaults import GroupDefaults, under_options
from ansible_collections.taskops.quiesce.plugins.plugin_utils._worker import WorkerAction

Plain = dict[str, Any]


class ActionModule(WorkerAction):
    """The action `system_probe`."""

    name = "system_probe"
    work = PROBE_WORK

    def _arguments(self, task_vars: Plain) -> Plain:
        arguments = super()._arguments(task_vars)
        defaults = GroupDefaults(self._task.module_defaults, self._templar, task_vars.get("omit"))
        if system := SYSTEMS.get(str(arguments.get("vendor"))):
            # The group's other modules have more options than those for reaching the system.
            strange = frozenset(defaults.of(str(arguments["vendor"]))) - frozenset(connection_arguments(system).options)
            arguments = under_options(defaults, arguments, strange)
        return arguments
