#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: huawei_task_info
short_description: Show video analysis tasks of Huawei Cloud VIAS
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads tasks of Huawei Cloud VIAS, the Video Intelligent Analysis Service, and changes nothing.
  - The module reads the list to its end, independently of the count that the vendor returns.
options:
  task_ids:
    description:
      - The ids of the tasks. A task that VIAS doesn't know is returned with the state V(absent).
      - Without ids, the module returns all tasks that match the other options.
      - An empty list returns nothing.
    type: list
    elements: str
    aliases:
      - task_id
  batch_id:
    description: Only tasks of this batch configuration.
    type: str
  task_name:
    description: Only tasks with this name. It isn't documented whether the vendor compares the name exactly.
    type: str
  task_state:
    description: Only tasks in this vendor state, such as V(RUNNING).
    type: str
  camera_name:
    description: Only tasks of this camera.
    type: str
  video_group_id:
    description: Only tasks of these groups of video sources, as the vendor's list separated by commas.
    type: str
  title:
    description: Only tasks of the algorithm with this title.
    type: str
  company:
    description: Only tasks of algorithms by these companies, as the vendor's list separated by commas.
    type: str
  alg_id:
    description: Only tasks of the algorithm with this id.
    type: str
  source_data_type:
    description: Only tasks of this kind of source.
    type: str
    choices:
      - async_task
      - sync_task
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_huawei
  - taskops.quiesce._huawei
  - taskops.quiesce._huawei.signing
  - taskops.quiesce._huaweicloud
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.huawei_task
"""

EXAMPLES = r"""
- name: Look at all running analyses of the project (credentials come from the environment)
  taskops.quiesce.huawei_task_info:
    region: cn-north-4
    task_state: RUNNING
  register: found

- name: Look at one task, with its schedule and the reason of its state
  taskops.quiesce.huawei_task_info:
    region: cn-north-4
    task_id: 20690c67d71549c39085a3b28c18f24f
"""

RETURN = r"""
tasks:
  description: The tasks in the order of O(task_ids), or all tasks that match, newest first.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      returned: always
      sample: 20690c67d71549c39085a3b28c18f24f
    name:
      description: The name of the task.
      type: str
      returned: when the task exists
      sample: gate-intrusion
    state:
      description:
        - The state of the task, such as V(started).
        - V(absent) for a task that VIAS doesn't know, V(unknown) for a state that no public document lists.
      type: str
      returned: always
      sample: started
    vendor_state:
      description: VIAS's own word for the state.
      type: str
      returned: always
      sample: RUNNING
    vendor:
      description: The other fields of the task, as VIAS returned them. VIAS returns more fields for a single task than in its list.
      type: dict
      returned: always
      sample:
        service_id: 8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f70
        created_at: "2024-01-15T08:30:00Z"
        video_source_name: gate-cam-1
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.huawei import Vias


def main() -> None:
    run_info_module(Vias)


if __name__ == "__main__":
    main()
