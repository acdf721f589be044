# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the roles' variables as they are where the Ansible task stands, finds misspelt ones, and refuses tags that select a role but not
its tasks.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_tags import is_left_out
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_variables import NAMES, check_names, check_variables

Plain = dict[str, Any]

NAMES_OPTION = {"type": "list", "elements": "str", "default": []}
# Set by a playbook: the variables that it reads itself. The role's check then knows them, so that the playbook prints no check of its own.
OF_THE_PLAYBOOK = "maintenance_playbook_takes"
OPTIONS = {"needs": NAMES_OPTION, "takes": NAMES_OPTION, "strict": {"type": "bool", "default": True}}


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `maintenance_variables`."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        variables = task_vars or {}
        role = self._task._role
        _result, options = self.validate_argument_spec(OPTIONS)
        # Not passed as an argument: before ansible-core 2.19, that turns a list into text and back.
        given = {name: self._templar.template(variables[name]) for name in {*NAMES, *options["needs"]} if name in variables}
        try:
            if role and is_left_out(self._task, variables):
                return {**result, "changed": False, "skipped": True, "skip_reason": "the tags leave this role out"}
            check_variables(given, options["needs"], variables)
            takes = [*options["takes"], *self._templar.template(variables.get(OF_THE_PLAYBOOK, []))]
            warnings = _misspelt(variables, role.get_default_vars() if role else {}, takes, strict=options["strict"])
        except Failure as failure:
            return {**result, "failed": True, "msg": f"{failure.message}.", "failure": failure.details()}
        return {**result, "changed": False, **({"warnings": warnings} if warnings else {})}


def _misspelt(variables: Plain, defaults: Plain, takes: list[str], *, strict: bool) -> list[str]:
    """Warnings about misspelt variables. Raises `Failure` if one of them would have an effect and the check is strict."""
    try:
        return [f"{warning}." for warning in check_names(variables, takes, defaults)]
    except Failure as failure:
        if strict:
            raise
        return [f"{failure.message}."]
