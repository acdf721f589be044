#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: huawei_task
short_description: Pause, start and stop video analysis tasks of Huawei Cloud VIAS
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings tasks of Huawei Cloud VIAS, the Video Intelligent Analysis Service, to a state and waits until they have reached it.
  - The module reads all tasks and makes the whole plan before it sends the first action. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when VIAS itself shows it in that state after the action.
options:
  task_ids:
    description:
      - The ids of the tasks.
      - One of O(task_ids), O(names) and O(batch_id) is needed.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    aliases:
      - task_id
  names:
    description:
      - The names of the tasks, exactly as VIAS shows them. If several tasks have the same name, the module fails and lists their ids.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    aliases:
      - name
      - task_name
  batch_id:
    description:
      - The id of a batch configuration. One call brings all its tasks to the state, and the module verifies each task.
      - The module acts on the tasks one by one where one call would affect too many of them, that is with O(drain), while one of them is
        changing its state by itself, with V(started) if one of them has completed, since VIAS may run it again, and for tasks that the
        one call hasn't changed.
    type: str
  state:
    description:
      - V(paused) and V(stopped) both send the vendor's stop, which keeps the task, so that V(started) can resume it. The vendor's console
        calls the same action pause. A stopped task with an activated weekly plan counts as V(waiting), since the plan may start it.
      - V(started) sends the vendor's start. It is assumed that a task with a finite input, such as a file, starts B(again from the
        beginning).
notes:
  - The vendor shows a weekly plan only for a single task, and not in its list. The module reads a single task if O(task_ids) has one
    item. For several tasks with O(state=paused) or O(state=stopped), a warning names those that only the list showed as stopped.
  - No public document says what start and stop do to a weekly plan.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_huawei
  - taskops.quiesce._huawei
  - taskops.quiesce._huawei.signing
  - taskops.quiesce._huaweicloud
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.huawei_task_info
"""

EXAMPLES = r"""
- name: Stop two analyses before the cameras are updated (credentials come from the environment)
  taskops.quiesce.huawei_task:
    region: cn-north-4
    task_ids:
      - 20690c67d71549c39085a3b28c18f24f
      - 61761681a6014e7c9024d642a0d4d412
    state: paused

- name: Start them again
  taskops.quiesce.huawei_task:
    region: cn-north-4
    access_key: "{{ huawei_access_key }}"
    secret_key: "{{ huawei_secret_key }}"
    task_ids: [20690c67d71549c39085a3b28c18f24f, 61761681a6014e7c9024d642a0d4d412]
    state: started

- name: Stop a task by its name
  taskops.quiesce.huawei_task:
    region: cn-north-4
    name: gate-intrusion
    state: stopped

- name: Stop all tasks of a batch configuration by one call
  taskops.quiesce.huawei_task:
    region: cn-north-4
    batch_id: 0d47bbf52962414bb7ae27fb6ea24230
    state: stopped
"""

RETURN = r"""
tasks:
  description: The outcome for each task, in the order given. Also returned when the module fails.
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
      description: The name of the task, where it was found.
      type: str
      returned: always
      sample: gate-intrusion
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
      description: VIAS's own word for the state that was found.
      type: str
      returned: always
      sample: RUNNING
    vendor_after:
      description: VIAS's own word for RV(tasks[].after).
      type: str
      returned: always
      sample: STOPPED
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
          sample: task 20690c67d71549c39085a3b28c18f24f has run to its end; there is nothing left to pause.
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 500
        vendor_code:
          description: The vendor's own code of the error.
          type: str
          returned: when an answer reported the failure
          sample: VIAS.00010012
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
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.huawei import Vias


def main() -> None:
    run_state_module(Vias)


if __name__ == "__main__":
    main()
