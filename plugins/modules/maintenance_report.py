#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_report
short_description: Write the report of a maintenance window
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Writes the facts from M(taskops.quiesce.maintenance_ledger) as one HTML page, as Markdown and as JSON.
  - The files are rendered on the machine on which Ansible runs, and written on the host of the Ansible task. An unchanged file isn't
    written.
  - The role P(taskops.quiesce.maintenance_report#role) calls this module; use the role.
options:
  facts:
    description: The facts, as M(taskops.quiesce.maintenance_ledger) returns them.
    type: dict
    required: true
  dir:
    description: The folder of the report. It is made if it doesn't exist.
    type: path
    required: true
  templates:
    description: The folder of the templates, where Ansible runs.
    type: str
    required: true
  files:
    description: The contents of the files, by file name. The action plugin sets this option.
    type: dict
    default: {}
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.window
attributes:
  check_mode:
    description: Nothing is written.
  idempotent:
    support: full
    details:
      - The same facts give the same files.
seealso:
  - module: taskops.quiesce.maintenance_ledger
"""

EXAMPLES = r"""
- name: Look at an open window
  taskops.quiesce.maintenance_ledger:
    dir: /var/lib/quiesce
    window: CHG0031337
  register: window

- name: Write its report as of now
  taskops.quiesce.maintenance_report:
    facts: "{{ window.facts }}"
    dir: /var/lib/quiesce
    templates: /usr/share/ansible/collections/ansible_collections/taskops/quiesce/roles/maintenance_report/templates
"""

RETURN = r"""
files:
  description: The paths of the report, by V(html), V(md) and V(json).
  returned: success
  type: dict
  sample:
    html: /var/lib/quiesce/CHG0031337+report.html
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils import _report_files
from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments, Options
from ansible_collections.taskops.quiesce.plugins.module_utils._edge import outcome
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._module import QuiesceModule, finish


def main() -> None:
    options: Options = {
        "facts": {"type": "dict", "required": True},
        "dir": {"type": "path", "required": True},
        "templates": {"type": "str", "required": True},
        "files": {"type": "dict", "default": {}},
    }
    module = QuiesceModule(Arguments(options=options))
    folder, files = module.params["dir"], module.params["files"]
    result: dict[str, Any] = {"changed": False, "files": _report_files.paths(folder, files)}
    failure: Failure | None = None
    try:
        result["changed"] = _report_files.write(folder, files, module.check_mode)
    except Failure as error:
        failure = error
    finish(module, outcome(result, failure))


if __name__ == "__main__":
    main()
