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
    state and waits until they are there.
  - All tasks are read and the whole plan is made before the first one is touched. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when JP1/AO itself shows it in that state after the action.
options:
  task_ids:
    description:
      - The ids of the tasks, which are numbers. An ended task that was archived is found by its id too.
      - An empty list is nothing to do and no failure.
    type: list
    elements: str
    required: true
    aliases:
      - task_id
  state:
    description:
      - V(paused) suspends the schedule of a task that hasn't begun. JP1/AO can't pause a running task, see O(if_unpausable), and nor can it
        suspend what is to be executed immediately.
      - V(started) resumes a suspended schedule, and with O(retry_failed) runs a failed task again. A task that waits for its time counts
        as started, since no document of JP1/AO knows a call to run it earlier.
      - V(stopped) stops a running task and cancels the schedule of one that hasn't begun. B(This can't be undone.) A task that was stopped
        ends as failed, or as completed if the stop came in its last step.
  force:
    description:
      - Whether a running task is sent the vendor's forced stop in place of the orderly one. The orderly one is taken to wait for the step
        that is under way. A task that is being stopped already is then sent the forced stop once, and waited for also if JP1/AO refuses
        that.
      - It goes with O(state=stopped) or O(if_unpausable=stop) only. V10 knows no forced stop.
    type: bool
    default: false
  cancel_recurring:
    description:
      - Whether the schedule of a task may be canceled although it recurs, B(which ends all its later runs too). A schedule of a type that
        isn't known counts as recurring.
    type: bool
    default: false
  retry_failed:
    description:
      - Whether O(state=started) runs a task again that ended in failure, from its failed step and under the same id. Without it such a task
        is an error, since running it again repeats its side effects.
      - JP1/AO can't run a task again in which no step has failed, which may be so of one that was stopped.
    type: bool
    default: false
notes:
  - How JP1/AO spells most of its states stands in no document that could be read. Upper case, blanks and punctuation don't count, and
    the known names of each state are understood. Any other spelling is an error, and O(state_map) can say what it means.
  - V10 samples the states of its tasks every 30 seconds unless set otherwise, and later versions are taken to do so too. So the old state
    is waited out after an action, and a refusal is believed only after that time.
  - Suspend, resume and cancel act on a schedule, and so on every task that hangs on it. That the next run of a recurring schedule is a task
    of its own, with another id, is inferred.
  - Running tasks that wait for an answer or show an error count as started, with a warning.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_hitachi
  - taskops.quiesce._hitachi
  - taskops.quiesce._hitachi.credentials
  - taskops.quiesce._converging
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
  description: What became of each task, in the order given. Returned also when the module fails.
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
      description: The state that was found, in the words of this collection.
      type: str
      returned: always
      sample: started
    after:
      description: The state that was read last. In check mode the one that the plan leads to.
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
      description: What was sent (in check mode, would be); V(none) if nothing.
      type: str
      returned: always
      sample: stop
    changed:
      description: Whether an action was accepted for this task. In check mode, whether one would be sent.
      type: bool
      returned: always
      sample: true
    reached:
      description: Whether the last read satisfies the wanted state. In check mode, whether the plan leads there.
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
            - What kind of failure it is, one of V(usage), V(authentication), V(permission), V(not_found), V(unknown_state),
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
          description: The HTTP status of the answer that told it.
          type: int
          returned: when an answer told it
          sample: 409
        vendor_code:
          description: The vendor's own code of the error.
          type: str
          returned: when an answer told it
          sample: KNAE02102-E
        request_id:
          description: The vendor's id of the job that failed.
          type: str
          returned: when an answer told it
summary:
  description: The counts over all tasks, and the state that was wanted.
  returned: when the tasks could be asked for
  type: dict
  sample:
    wanted: paused
    total: 2
    reached: 2
    changed: 1
    failed: 0
    skipped: 0
elapsed:
  description: How long it took, in seconds.
  returned: when the options were in order
  type: float
  sample: 1.2
failure:
  description: The kind of the failure, as RV(tasks[].error), that of the first task in the order given where several failed.
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
