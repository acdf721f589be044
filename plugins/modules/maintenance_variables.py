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
  - The roles begin with it. It connects to no system. Within a role, it also fails if C(--tags) select the include of the role, but none
    of its tasks.
options:
  needs:
    description: The names of the required variables.
    type: list
    elements: str
    default: []
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
    module = AnsibleModule(argument_spec={"needs": {"type": "list", "elements": "str", "default": []}}, supports_check_mode=True)
    failure = {"code": "usage"}
    module.fail_json(msg="maintenance_variables runs where Ansible runs; call it by its full name as a task of a playbook", failure=failure)


if __name__ == "__main__":
    main()
