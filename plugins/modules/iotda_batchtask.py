#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iotda_batchtask
short_description: Stop, confirm and retry batch tasks of Huawei Cloud IoTDA
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings batch tasks of Huawei Cloud IoTDA, such as the upgrade of many devices, to a state and waits until they have reached it.
  - The module reads all tasks and makes the whole plan before it sends the first action. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when IoTDA itself shows it in that state after the action.
options:
  task_ids:
    description:
      - The ids of the batch tasks.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    required: true
    aliases:
      - task_id
  targets:
    description:
      - Only these devices of the one task in O(task_ids). The result has one row for each device.
      - With an empty list, the module does nothing. It never means the whole task.
    type: list
    elements: str
  retry_failed:
    description:
      - Whether O(state=started) retries the failed devices of a task that has failed. Otherwise such a task is an error, since a retry
        repeats its side effects.
    type: bool
    default: false
  state:
    description:
      - V(paused) is only possible for a task that waits for confirmation. IoTDA can't pause any other task, see O(if_unpausable).
      - V(started) confirms a task that waits for confirmation, and retries failed devices with O(retry_failed). A task that was stopped
        or is being stopped can't be started again.
      - V(stopped) stops the task. B(This can't be undone), except for single devices of a task that continues. IoTDA can only stop
        firmware and software upgrades.
notes:
  - No field shows that a task waits for confirmation. The module infers it for a task that was created with confirmation, as long as its
    counters show that no device has begun, or, if there are no counters, as long as its state is V(Waitting). A single device of such a
    task counts as paused while it is V(Waitting).
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_iotda
  - taskops.quiesce._iotda
  - taskops.quiesce._iotda.instance
  - taskops.quiesce._iotda.signing
  - taskops.quiesce._huaweicloud
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.iotda_batchtask_info
"""

EXAMPLES = r"""
- name: Stop an upgrade for good (credentials come from the environment)
  taskops.quiesce.iotda_batchtask:
    region: cn-north-4
    url: https://9bc34a1b2c.st1.iotda-app.cn-north-4.myhuaweicloud.com
    task_id: 5c8ba99030344005c02316ad
    state: stopped

- name: Stop it for two devices only
  taskops.quiesce.iotda_batchtask:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ae
    targets:
      - dev_a
      - dev_b
    state: stopped

- name: Let an upgrade begin that was created to be confirmed
  taskops.quiesce.iotda_batchtask:
    region: cn-north-4
    access_key: "{{ huawei_access_key }}"
    secret_key: "{{ huawei_secret_key }}"
    task_id: 5c8ba99030344005c02316af
    state: started

- name: Run the failed devices of an upgrade again
  taskops.quiesce.iotda_batchtask:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316b0
    state: started
    retry_failed: true
"""

RETURN = r"""
tasks:
  description: The outcome for each task, in the order given. Also returned when the module fails.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task, or of the device where O(targets) are given.
      type: str
      returned: always
      sample: 5c8ba99030344005c02316ad
    name:
      description: The name of the task, where it was found.
      type: str
      returned: always
      sample: fw_2025_01
    before:
      description: The state that the first read showed, such as V(started).
      type: str
      returned: always
      sample: started
    after:
      description: The state that the last read showed. In check mode, the state after the planned actions.
      type: str
      returned: always
      sample: stopped
    vendor_before:
      description: IoTDA's own word for the state that was found.
      type: str
      returned: always
      sample: Processing
    vendor_after:
      description: IoTDA's own word for RV(tasks[].after).
      type: str
      returned: always
      sample: Stopped
    action:
      description: The actions that were sent, or would be sent in check mode. V(none) if there are none.
      type: str
      returned: always
      sample: stop
    changed:
      description: Whether an action was accepted for this task. In check mode, whether one would be sent.
      type: bool
      returned: always
      sample: true
    reached:
      description: Whether the last read showed the desired state. In check mode, whether the task would reach it.
      type: bool
      returned: always
      sample: true
    error:
      description: What went wrong with this task.
      type: dict
      returned: when it failed
      contains:
        code:
          description:
            - The kind of failure, one of V(usage), V(authentication), V(permission), V(not_found), V(unknown_state),
              V(unreachable_state), V(refused), V(rate_limited), V(timeout), V(connection), V(protocol).
          type: str
          returned: always
          sample: unreachable_state
        message:
          description: What happened and what to do, in one sentence.
          type: str
          returned: always
          sample: 'task 5c8ba99030344005c02316ad was stopped, and IoTDA can''t start a stopped task again; create a new one.'
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 403
        vendor_code:
          description: The vendor's own code of the error.
          type: str
          returned: when an answer reported the failure
          sample: IOTDA.014219
        request_id:
          description: The vendor's id of the request, for its support.
          type: str
          returned: when an answer reported the failure
summary:
  description: The desired state, and counts over all tasks.
  returned: when the module was able to ask for the tasks
  type: dict
  sample:
    wanted: paused
    total: 2
    reached: 2
    changed: 1
    failed: 0
    skipped: 0
elapsed:
  description: How long the module took, in seconds.
  returned: when the options are valid
  type: float
  sample: 1.2
failure:
  description: The kind of failure, as RV(tasks[].error). If several tasks failed, that of the first one in the order given.
  returned: on failure
  type: dict
  sample:
    code: authentication
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_state_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.iotda import IotDa


def main() -> None:
    run_state_module(IotDa)


if __name__ == "__main__":
    main()
