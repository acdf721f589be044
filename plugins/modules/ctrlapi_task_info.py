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
  - Reads tasks of Elecard Boro, live or VoD, by its Control API, and changes nothing.
  - All tasks of all projects are read by one request.
options:
  task_ids:
    description:
      - The numbers of the tasks. One that Boro doesn't know in these projects is returned with the state V(absent).
      - Without numbers, all tasks are returned that Boro lists. B(These aren't all that there are.) With O(dialect=live) they are the
        active tasks of running probes, with O(dialect=vod) the running and queued ones. A warning reminds of that. Others are read by
        their numbers; that stopped or ended ones are shown then is inferred.
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

- name: Look at a file's check and at what restarted it
  taskops.quiesce.ctrlapi_task_info:
    url: http://boro-vod.example.com
    dialect: vod
    user_id: 1
    project_id: 2
    task_id: 80
"""

RETURN = r"""
tasks:
  description: The tasks; those asked for by O(task_ids) in that order, or all that Boro lists.
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
        - The state in the words of this collection. That of a VoD task that was restarted is the state of its restart.
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
        - C(project_id) is the project where it was found. C(restarted_as) and C(restarted_status) tell of the last
          restart of a VoD task that was broken off.
      type: dict
      returned: always
      sample:
        project_id: 23
        app_id: 537
        uri: udp://235.0.0.8:1234
failure:
  description: The kind of the failure, for example V(authentication) or V(connection).
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
