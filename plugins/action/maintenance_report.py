# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the report's files of its templates, and has the module of the same name write them.

Plain Jinja does that in a tenth of the time that Ansible's templating takes for a window of thousands of tasks, and one call of a module
writes them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

MODULE = "taskops.quiesce.maintenance_report"

Plain = dict[str, Any]


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action `maintenance_report`."""

    def run(self, tmp: str | None = None, task_vars: Plain | None = None) -> Plain:
        result: Plain = super().run(tmp, task_vars)
        del tmp
        arguments = dict(self._task.args)
        try:
            files = rendered(arguments["facts"], str(arguments["templates"]))
        except (KeyError, TypeError, ValueError, TemplateError) as error:
            # Not raised: Ansible would return no code, and from ansible-core 2.19 on tell the cause once more behind the sentence.
            missing = f"no {error}" if isinstance(error, KeyError) else str(error)
            failure = Failure("usage", f"the report isn't written, since it can't be made of these facts ({missing})")
            return {**result, "failed": True, "msg": f"{failure.message}.", "failure": failure.details()}
        step = self._execute_module(module_name=MODULE, module_args={**arguments, "facts": {}, "files": files}, task_vars=task_vars)
        result.update(step)
        return result


def rendered(facts: Mapping[str, Any], templates: str) -> dict[str, str]:
    """The report's files, by name. Raises `TemplateError`, `KeyError`, `TypeError` or `ValueError` where these are no facts of
    a window."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", str(facts["window"])):
        raise ValueError("the window's id can't name a file")
    # What comes from Ansible is marked in ways that only its own templating minds.
    plain = json.loads(json.dumps(facts, default=str))
    environment = Environment(
        loader=FileSystemLoader(templates), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters["regex_replace"] = lambda text, pattern, by: re.sub(pattern, by, str(text))
    # No ledger's name has a plus sign, so that reports and ledgers can share a folder.
    stem = f"{plain['window']}+report"
    made = {kind: environment.get_template(f"report.{kind}.j2").render(maintenance_report_facts=plain) for kind in ("html", "md")}
    made["json"] = json.dumps(plain, indent=2, sort_keys=True) + "\n"
    return {f"{stem}.{kind}": text for kind, text in made.items()}
