#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: totalcontrol_task
short_description: Pause, start and stop script tasks of Sigma-RT Total Control
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings tasks of Total Control, that is scripts which run on Android devices, to a state and waits until they have reached it.
  - The module reads all tasks and makes the whole plan before it sends the first action. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when Total Control itself shows it in that state after the action.
options:
  names:
    description:
      - The names of the tasks, exactly as Total Control shows them. Total Control knows its tasks by name only.
      - A name can't hold a slash or a control character, since it is part of an address.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: str
    required: true
    aliases:
      - name
      - task_name
  state:
    description:
      - V(paused) pauses running scripts. Total Control documents no pause for other scripts, see O(if_unpausable).
      - V(started) resumes paused scripts. Scripts that are scheduled, or that have completed, are left unchanged, with a warning. A
        script that was stopped or has failed is an error, since Total Control documents no call to run it again.
      - V(stopped) stops scripts that run, are paused or haven't begun. The stop of a script that hasn't begun probably deletes its
        schedule. B(No documented call can undo a stop.)
notes:
  - No public document of the REST API names the word that resumes a task. The module sends V(resume), like the vendor's JavaScript call
    C(taskResume), and verifies the effect by reading the task again.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_totalcontrol
  - taskops.quiesce._totalcontrol
  - taskops.quiesce._totalcontrol.credentials
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.totalcontrol_task_info
"""

EXAMPLES = r"""
- name: Pause two running scripts before the devices are updated
  taskops.quiesce.totalcontrol_task:
    url: http://totalcontrol.example.com:8090
    username: sigma
    password: "{{ totalcontrol_password }}"
    names:
      - nightly-test
      - soak-test
    state: paused

- name: Resume them (address and credentials come from the environment)
  taskops.quiesce.totalcontrol_task:
    names: [nightly-test, soak-test]
    state: started

- name: Give a script ten minutes to end by itself and stop it then
  taskops.quiesce.totalcontrol_task:
    name: nightly-test
    state: stopped
    drain: 600

- name: Pause what can be paused and leave the others unchanged
  taskops.quiesce.totalcontrol_task:
    names: [soak-test, already-finished]
    state: paused
    if_unpausable: skip
"""

RETURN = r"""
tasks:
  description: The outcome for each task, in the order given. Also returned when the module fails.
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
      returned: always
      sample: nightly-test
    before:
      description: The state that the first read showed, such as V(started).
      type: str
      returned: always
      sample: started
    after:
      description: The state that the last read showed. In check mode, the state after the planned actions.
      type: str
      returned: always
      sample: paused
    vendor_before:
      description: Total Control's own number for the state that was found.
      type: raw
      returned: always
      sample: -1
    vendor_after:
      description: Total Control's own number for RV(tasks[].after).
      type: raw
      returned: always
      sample: -4
    action:
      description: The actions that were sent, or would be sent in check mode. V(none) if there are none.
      type: str
      returned: always
      sample: pause
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
          sample: 'task nightly-test has run to its end; there is nothing left to pause: take it out of the list, or set if_unpausable.'
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 200
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
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.totalcontrol import TotalControl


def main() -> None:
    run_state_module(TotalControl)


if __name__ == "__main__":
    main()
