#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ctrlapi_task_info
short_description: Show tasks of Elecard Boro
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads tasks of Elecard Boro, live or VoD, through its Control API, and changes nothing.
  - One request reads all tasks of all projects.
options:
  task_ids:
    description:
      - The ids of the tasks, which are numbers. A task that Boro doesn't know in these projects is returned with the state V(absent).
      - Without numbers, the module returns the tasks that Boro lists. B(These aren't all tasks.) With O(dialect=live), Boro lists the
        active tasks of running probes, with O(dialect=vod) the running and queued ones. A warning says so. Other tasks are only read by
        their numbers. It is inferred that Boro then also shows stopped and ended tasks.
      - An empty list returns nothing.
    type: list
    elements: int
    aliases:
      - task_id
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_ctrlapi
  - taskops.quiesce._ctrlapi
  - taskops.quiesce._ctrlapi.boro
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.ctrlapi_task
"""

EXAMPLES = r"""
- name: Look at all active tasks of two projects
  taskops.quiesce.ctrlapi_task_info:
    url: http://boro.example.com
    dialect: live
    user_id: 4
    project_id:
      - 23
      - 24
  register: found

- name: Look at one task, which may be stopped
  taskops.quiesce.ctrlapi_task_info:
    url: http://boro.example.com
    dialect: live
    user_id: 4
    project_id: 23
    task_id: 241555

- name: Look at the check of a file, and at its restart
  taskops.quiesce.ctrlapi_task_info:
    url: http://boro-vod.example.com
    dialect: vod
    user_id: 1
    project_id: 2
    task_id: 80
"""

RETURN = r"""
tasks:
  description: The tasks in the order of O(task_ids), or all tasks that Boro lists.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      returned: always
      sample: "241458"
    name:
      description: The name of the task.
      type: str
      returned: when the task has one
      sample: Stream 1
    state:
      description:
        - The state of the task, such as V(started). For a VoD task that was restarted, it is the state of the restarted task.
        - V(absent) for a task that Boro doesn't know in these projects, V(unknown) for a state that no public document lists.
      type: str
      returned: always
      sample: started
    vendor_state:
      description: Boro's own word for the state.
      type: str
      returned: always
      sample: Started
    vendor:
      description:
        - The other fields of the task, as Boro returned them, without credentials in addresses.
        - C(project_id) is the project in which the task was found. C(restarted_as) and C(restarted_status) are the id and the state of the
          last restart of a VoD task that was interrupted.
      type: dict
      returned: always
      sample:
        project_id: 23
        app_id: 537
        uri: udp://235.0.0.8:1234
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.ctrlapi import CtrlApi


def main() -> None:
    run_info_module(CtrlApi)


if __name__ == "__main__":
    main()
