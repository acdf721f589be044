#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ctrlapi_task
short_description: Stop and resume tasks of Elecard Boro
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings tasks of Elecard Boro, live or VoD, to a state through its Control API, and waits until they have reached it.
  - The module reads all tasks and makes the whole plan before it sends the first action. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when Boro itself shows it in that state after the action. A confirmation that a stop was sent doesn't
    prove it.
  - One request reads all tasks of all projects, and one request acts on them.
options:
  task_ids:
    description:
      - The ids of the tasks, which are numbers. Boro documents no lookup by name.
      - With an empty list, the module does nothing and doesn't fail.
    type: list
    elements: int
    required: true
    aliases:
      - task_id
  state:
    description:
      - V(paused) stops the task with O(dialect=live), where it can be resumed under the same id. A task whose start was refused
        (Rejected) doesn't count as paused, since it isn't documented whether it can be resumed. With O(dialect=vod), no task can be
        paused, since Boro VoD documents neither a pause nor a way back from a stop; see O(if_unpausable).
      - V(started) resumes the task with O(dialect=live). If Boro refuses the start, the module fails with the reason from the task's
        events. With O(dialect=vod), a task that has ended is an error, since Boro VoD documents no call to start it again. A task that is
        queued or being checked is left unchanged.
      - V(stopped) stops the task. With O(dialect=vod) B(no documented call can undo it). Boro VoD stops only running tasks, so the module
        waits until a queued task runs, and then stops it. It stops a restarted task under its new id, as often as the task is restarted.
        If a task is interrupted during the run, the module watches for 10 seconds whether its project restarts it.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_ctrlapi
  - taskops.quiesce._ctrlapi
  - taskops.quiesce._ctrlapi.boro
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.ctrlapi_task_info
"""

EXAMPLES = r"""
- name: Stop the analysis of two streams
  taskops.quiesce.ctrlapi_task:
    url: http://boro.example.com
    dialect: live
    user_id: 4
    project_id: 23
    task_ids:
      - 241458
      - 241456
    state: paused

- name: Bring them back, with signed requests (the key comes from a vault)
  taskops.quiesce.ctrlapi_task:
    url: http://boro.example.com
    dialect: live
    user_id: 4
    api_key: "{{ boro_api_key }}"
    project_id: 23
    task_ids:
      - 241458
      - 241456
    state: started

- name: Stop tasks of several projects by one request
  taskops.quiesce.ctrlapi_task:
    url: http://boro.example.com
    dialect: live
    user_id: 4
    project_id:
      - 23
      - 24
    task_ids:
      - 199498
      - 310001
    state: stopped

- name: Let the checks of two files end by themselves for ten minutes, then stop them
  taskops.quiesce.ctrlapi_task:
    url: http://boro-vod.example.com
    dialect: vod
    user_id: 1
    project_id: 2
    task_ids:
      - 63
      - 64
    state: stopped
    drain: 600
"""

RETURN = r"""
tasks:
  description: The outcome for each task, in the order given. Also returned when the module fails.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task, as it was asked for.
      type: str
      returned: always
      sample: "241458"
    name:
      description: The name of the task, where it was found.
      type: str
      returned: always
      sample: Stream 1
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
      description: Boro's own word for the state that was found.
      type: str
      returned: always
      sample: Started
    vendor_after:
      description: Boro's own word for RV(tasks[].after).
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
          sample: refused
        message:
          description: What happened and what to do, in one sentence.
          type: str
          returned: always
          sample: Boro didn't stop task 70 (Stopping task is unavailable).
        http_status:
          description: The HTTP status of the answer that reported the failure.
          type: int
          returned: when an answer reported the failure
          sample: 403
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
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.ctrlapi import CtrlApi


def main() -> None:
    run_state_module(CtrlApi)


if __name__ == "__main__":
    main()
