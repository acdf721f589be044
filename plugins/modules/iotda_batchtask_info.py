#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iotda_batchtask_info
short_description: Show batch tasks of Huawei Cloud IoTDA
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads batch tasks of Huawei Cloud IoTDA, such as the upgrade of many devices, and changes nothing.
options:
  task_ids:
    description:
      - The ids of the batch tasks. A task that IoTDA doesn't know is returned with the state V(absent).
      - Without ids, the module returns all tasks that match the other options.
      - An empty list returns nothing.
    type: list
    elements: str
    aliases:
      - task_id
  task_type:
    description:
      - Only tasks of this type, such as V(firmwareUpgrade). IoTDA lists tasks by type only. Without this option, the module requests the
        list of each known type.
    type: str
  status:
    description: Only tasks in this vendor state, such as V(Processing).
    type: str
  app_id:
    description: Only tasks of the resource space with this id.
    type: str
  task_name:
    description: Only tasks with exactly this name. IoTDA has no such filter, so the module reads all tasks that match the other options.
    type: str
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._attributes.actiongroup_iotda
  - taskops.quiesce._iotda
  - taskops.quiesce._iotda.instance
  - taskops.quiesce._iotda.signing
  - taskops.quiesce._huaweicloud
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.iotda_batchtask
"""

EXAMPLES = r"""
- name: Look at all firmware upgrades that are under way (credentials come from the environment)
  taskops.quiesce.iotda_batchtask_info:
    region: cn-north-4
    task_type: firmwareUpgrade
    status: Processing
  register: found

- name: Look at one task
  taskops.quiesce.iotda_batchtask_info:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
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
      sample: 5c8ba99030344005c02316ad
    name:
      description: The name of the task.
      type: str
      returned: when the task exists
      sample: fw_2025_01
    state:
      description:
        - The state of the task, such as V(started).
        - V(absent) for a task that IoTDA doesn't know, V(unknown) for a state that no public document lists.
      type: str
      returned: always
      sample: started
    vendor_state:
      description: IoTDA's own word for the state.
      type: str
      returned: always
      sample: Processing
    vendor:
      description: The other fields of the task, as IoTDA returned them, without the output of devices.
      type: dict
      returned: always
      sample:
        task_type: firmwareUpgrade
        need_confirm: false
        task_progress: {total: 3, processing: 1, success: 1, fail: 0, waitting: 1, fail_wait_retry: 0, stopped: 0, removed: 0}
failure:
  description: The kind of failure, for example V(authentication) or V(connection).
  returned: on failure
  type: dict
  sample:
    code: connection
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.iotda import IotDa


def main() -> None:
    run_info_module(IotDa)


if __name__ == "__main__":
    main()
