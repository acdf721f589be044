# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the report's files from its templates. The module of the same name writes them."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils._report_page import report_files

MODULE = "taskops.quiesce.maintenance_report"

Plain = dict[str, Any]


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `maintenance_report`."""

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        arguments = dict(self._task.args)
        try:
            files = report_files(arguments.get("facts") or {}, str(arguments.get("templates")))
        except Failure as failure:
            # Not raised: Ansible would drop the code, and from ansible-core 2.19 on it appends the cause to the sentence.
            return {**result, "failed": True, "msg": f"{failure.message}.", "failure": failure.details()}
        step = self._execute_module(module_name=MODULE, module_args={**arguments, "facts": {}, "files": files}, task_vars=task_vars)
        result.update(step)
        return result
