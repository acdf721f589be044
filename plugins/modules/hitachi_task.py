#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hitachi_task
short_description: Suspend, resume, stop, cancel and retry tasks of Hitachi JP1/Automatic Operation
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings tasks of Hitachi JP1/Automatic Operation (JP1/AO), or of Hitachi Ops Center Automator, whose API is of the same family, to a
    state and waits until they have reached it.
  - The module reads all tasks and makes the whole plan before it sends the first action. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when JP1/AO itself shows it in that state after the action.
options:
  task_ids:
    description:
      - The ids of the tasks, which are numbers. The module also finds ended tasks that were archived.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    required: true
    aliases:
      - task_id
  state:
    description:
      - V(paused) suspends the schedule of a task that hasn't begun. JP1/AO can't pause a running task, see O(if_unpausable), and can't
        suspend a task that is to run immediately.
      - V(started) resumes a suspended schedule, and with O(retry_failed) runs a failed task again. A task that waits for its scheduled
        time counts as started, since JP1/AO documents no call to run it earlier.
      - V(stopped) stops a running task and cancels the schedule of one that hasn't begun. B(This can't be undone.) A task that was stopped
        ends as failed, or as completed if the stop came in its last step.
  force:
    description:
      - Whether to send the vendor's forced stop to a running task, instead of the orderly stop. It is assumed that the orderly stop waits
        for the current step. The module also sends the forced stop, once, to a task that is already being stopped, and continues to wait
        if JP1/AO refuses it.
      - Only with O(state=stopped) or O(if_unpausable=stop). V10 has no forced stop.
    type: bool
    default: false
  cancel_recurring:
    description:
      - Whether the module may cancel the schedule of a task although it recurs, B(which also ends all later executions). A schedule of an
        unknown type counts as recurring.
    type: bool
    default: false
  retry_failed:
    description:
      - Whether O(state=started) reruns a task that has failed, from its failed step and under the same id. Otherwise such a task is an
        error, since a rerun repeats its side effects.
      - JP1/AO can't rerun a task in which no step has failed. This may be the case for a task that was stopped.
    type: bool
    default: false
notes:
  - No public document states how JP1/AO spells most of its states. The module accepts the documented names of each state, and ignores
    case, blanks and punctuation. Any other spelling is an error, and O(state_map) can define it.
  - V10 samples the states of its tasks every 30 seconds by default, and it is assumed that later versions do the same. The module
    therefore reads for that long before it accepts an unchanged state or a refusal.
  - Suspend, resume and cancel act on a schedule, and therefore on each task of that schedule. It is inferred that the next execution of a
    recurring schedule is another task with another id.
  - Running tasks that wait for an answer or show an error count as started, with a warning.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_hitachi
  - taskops.quiesce._hitachi
  - taskops.quiesce._hitachi.credentials
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.hitachi_task_info
"""

EXAMPLES = r"""
- name: Suspend what is planned for tonight (address and credentials come from the environment)
  taskops.quiesce.hitachi_task:
    task_ids: [6001, 6002]
    state: paused

- name: Let it run at its time again
  taskops.quiesce.hitachi_task:
    task_ids: [6001, 6002]
    state: started

- name: Give a running task ten minutes to end by itself, then stop it
  taskops.quiesce.hitachi_task:
    url: http://automation.example.com:22015
    username: system
    password: "{{ hitachi_password }}"
    task_id: 5381
    state: stopped
    drain: 600

- name: Stop a task by force
  taskops.quiesce.hitachi_task:
    task_id: 2026
    state: stopped
    force: true

- name: Cancel a recurring schedule for good, by its next run
  taskops.quiesce.hitachi_task:
    task_id: 3043
    state: stopped
    cancel_recurring: true

- name: Run a failed task again from its failed step
  taskops.quiesce.hitachi_task:
    task_id: 5382
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
      description: The id of the task.
      type: str
      returned: always
      sample: "3042"
    name:
      description: The name of the task, where it was found.
      type: str
      returned: always
      sample: testService1_20140714044426
    before:
      description: The state that the first read showed, such as V(started).
      type: str
      returned: always
      sample: started
    after:
      description: The state that the last read showed. In check mode, the state after the planned actions.
      type: str
      returned: always
      sample: failed
    vendor_before:
      description: JP1/AO's own word for the state that was found.
      type: str
      returned: always
      sample: inProgress
    vendor_after:
      description: JP1/AO's own word for RV(tasks[].after). In check mode one of the known spellings of it.
      type: str
      returned: always
      sample: failed
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
          sample: task 3042 is being stopped, which is final; there is nothing to pause.
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 409
        vendor_code:
          description: The vendor's own code of the error.
          type: str
          returned: when an answer reported the failure
          sample: KNAE02102-E
        request_id:
          description: The vendor's id of the job that failed.
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
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.hitachi import Hitachi


def main() -> None:
    run_state_module(Hitachi)


if __name__ == "__main__":
    main()
