#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hitachi_task_info
short_description: Show tasks of Hitachi JP1/Automatic Operation
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads tasks of Hitachi JP1/Automatic Operation (JP1/AO), or of Hitachi Ops Center Automator, and changes nothing.
options:
  task_ids:
    description:
      - The ids of the tasks, which are numbers. The module also finds archived tasks, in the histories. A task that JP1/AO doesn't know, or
        doesn't show to this user, is returned with the state V(absent).
      - Without ids, the module returns all tasks of the task list that match the other options. Archived tasks aren't in that list.
      - An empty list returns nothing.
    type: list
    elements: str
    aliases:
      - task_id
  serviceID:
    description: Only tasks of the service with this id.
    type: str
  scheduleID:
    description: Only tasks of the schedule with this id.
    type: str
  serviceGroupID:
    description: Only tasks of the service group with this id. V10 doesn't know this filter.
    type: str
  serviceTemplateID:
    description: Only tasks of services made from the template with this id. V10 doesn't know this filter.
    type: str
  tags:
    description: Only tasks that have all of these tags, separated by commas. V10 doesn't know this filter.
    type: str
  q:
    description:
      - Only tasks whose name, submitter, description, service name, tags or notes contain all of these words, which are separated by
        blanks. Upper and lower case make no difference. V10 doesn't know this filter.
    type: str
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_hitachi
  - taskops.quiesce._hitachi
  - taskops.quiesce._hitachi.credentials
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.hitachi_task
"""

EXAMPLES = r"""
- name: Look at all tasks of a service (address and credentials come from the environment)
  taskops.quiesce.hitachi_task_info:
    serviceID: "2020"
  register: found

- name: Show the ids of the running tasks
  ansible.builtin.debug:
    msg: "{{ found.tasks | selectattr('state', 'eq', 'started') | map(attribute='id') }}"

- name: Look at one task
  taskops.quiesce.hitachi_task_info:
    url: http://automation.example.com:22015
    username: system
    password: "{{ hitachi_password }}"
    task_id: 6001
"""

RETURN = r"""
tasks:
  description: The tasks in the order of O(task_ids), or all tasks that match, in the order of JP1/AO's list.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      returned: always
      sample: "3042"
    name:
      description: The name of the task.
      type: str
      returned: when the task exists
      sample: testService1_20140714044426
    state:
      description:
        - The state of the task, such as V(started).
        - V(absent) for a task that JP1/AO doesn't know or doesn't show to this user, V(unknown) for a state whose spelling isn't known.
      type: str
      returned: always
      sample: completed
    vendor_state:
      description: JP1/AO's own word for the state.
      type: str
      returned: always
      sample: completed
    vendor:
      description:
        - The other fields of the task, as JP1/AO returned them.
        - For an archived task, the fields of its history. There, C(instanceID) is the id of the history, and C(archiveTime) is the time
          when the task was archived.
      type: dict
      returned: always
      sample:
        serviceID: 2015
        serviceName: testService1
        scheduleID: 2193
        scheduleType: immediate
        startTime: "2014-07-14T13:44:30.500+0900"
        completionTime: "2014-07-14T13:45:01.000+0900"
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.hitachi import Hitachi


def main() -> None:
    run_info_module(Hitachi)


if __name__ == "__main__":
    main()
