#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_variables
short_description: Check the variables of the maintenance roles
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Checks the variables C(maintenance_*), and fails with one sentence that says what is wrong.
  - With O(takes), it also looks for misspelt names among all variables, since Ansible ignores a variable that nothing reads.
  - The roles begin with it. It connects to no system. Within a role, it also fails if C(--tags) select the include of the role, but none
    of its tasks.
options:
  needs:
    description: The names of the required variables.
    type: list
    elements: str
    default: []
  takes:
    description:
      - The names of the variables that the role or playbook takes.
      - If one of them isn't given, or only by the role's defaults, a variable whose name is a misspelt form of it is an error.
        Examples are C(maintenance_fro), C(maintenance_Ledger_Dir), C(maintainance_for) and C(maintenance_window_until).
      - If it is given, there is a warning about the misspelt variable.
      - Variables of your own have no effect here, even if they begin with the same word. A name counts as misspelt only if it differs in a
        single letter, in capitals and underscores, or in the first word, and if its value could be meant for the other variable.
    type: list
    elements: str
    default: []
    version_added: 1.1.0
  strict:
    description: Whether a misspelt variable is an error. With V(false), it causes a warning.
    type: bool
    default: true
    version_added: 1.1.0
extends_documentation_fragment:
  - taskops.quiesce._attributes.window
attributes:
  check_mode:
    description: It changes nothing in any mode.
  diff_mode:
    description: It changes nothing.
  idempotent:
    description: It changes nothing.
seealso:
  - module: taskops.quiesce.maintenance_window
"""

EXAMPLES = r"""
- name: Check the variables before a window is opened
  taskops.quiesce.maintenance_variables:
    needs: [maintenance_id]
  vars:
    maintenance_id: CHG0031337

- name: Fail if a variable of the playbook is misspelt
  taskops.quiesce.maintenance_variables:
    takes: [maintenance_hosts, maintenance_ledger_dir]
"""

RETURN = r"""
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    # Variables are known where Ansible runs, so that the action of the same name does it all.
    names = {"type": "list", "elements": "str", "default": []}
    spec = {"needs": names, "takes": names, "strict": {"type": "bool", "default": True}}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    failure = {"code": "usage"}
    module.fail_json(msg="maintenance_variables runs where Ansible runs; call it by its full name as a task of a playbook", failure=failure)


if __name__ == "__main__":
    main()
