#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: totalcontrol_task_info
short_description: Show script tasks of Sigma-RT Total Control
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads tasks of Total Control, that is scripts which run on Android devices, and changes nothing.
options:
  names:
    description:
      - The names of the tasks, exactly as Total Control shows them. A name that it doesn't know is returned with the state V(absent).
      - Without names, all tasks are returned.
      - An empty list returns nothing.
    type: list
    elements: str
    aliases:
      - name
      - task_name
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_totalcontrol
  - taskops.quiesce._totalcontrol
  - taskops.quiesce._totalcontrol.credentials
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.totalcontrol_task
"""

EXAMPLES = r"""
- name: Look at all tasks (address and credentials come from the environment)
  taskops.quiesce.totalcontrol_task_info:
  register: found

- name: Show the names of the running scripts
  ansible.builtin.debug:
    msg: "{{ found.tasks | selectattr('state', 'eq', 'started') | map(attribute='name') }}"

- name: Look at one task
  taskops.quiesce.totalcontrol_task_info:
    url: http://totalcontrol.example.com:8090
    username: sigma
    password: "{{ totalcontrol_password }}"
    name: nightly-test
"""

RETURN = r"""
tasks:
  description: The tasks in the order of O(names), or all tasks in the order of Total Control's list.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The task's name, which is all that Total Control knows it by.
      type: str
      returned: always
      sample: nightly-test
    name:
      description: The same name, as Total Control shows it.
      type: str
      returned: when the task exists
      sample: nightly-test
    state:
      description:
        - The state of the task, such as V(started).
        - V(absent) for a task that Total Control doesn't list, V(unknown) for a state that no public document lists.
      type: str
      returned: always
      sample: started
    vendor_state:
      description: Total Control's own number for the state.
      type: raw
      returned: always
      sample: -1
    vendor:
      description: The other fields of the task, as Total Control returned them.
      type: dict
      returned: always
      sample:
        task_id: 1550772621934
        script_file: C:\Users\sigma\Documents\Scripts\1.js
        error_message: ""
        total_iterations: 10
        current_iteration: 3
        start_time: "2019-02-19 15:26:10"
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.totalcontrol import TotalControl


def main() -> None:
    run_info_module(TotalControl)


if __name__ == "__main__":
    main()
