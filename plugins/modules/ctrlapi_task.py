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
  - Brings tasks of Elecard Boro, live or VoD, to a state by its Control API, and waits until they are there.
  - All tasks are read and the whole plan is made before the first one is touched. If one task is unknown or can't reach the state,
    nothing is changed and the message names every such task.
  - A task counts as reached only when Boro itself shows it in that state after the action. That the stop was sent is no proof.
  - All tasks of all projects are read by one request, and acted on by one.
options:
  task_ids:
    description:
      - The numbers of the tasks. No document of Boro knows a lookup by name.
      - An empty list is nothing to do and no failure.
    type: list
    elements: int
    required: true
    aliases:
      - task_id
  state:
    description:
      - V(paused) stops the task with O(dialect=live), where it can be resumed under the same id. A task whose start was refused (Rejected)
        doesn't count as paused, since nobody tells whether it can be resumed. With O(dialect=vod) nothing can be paused, as no
        document of Boro VoD knows a pause or a way back from a stop, see O(if_unpausable).
      - V(started) resumes the task with O(dialect=live). A start that is refused is an error that tells the reason from the task's events.
        With O(dialect=vod) a task that has ended is an error, as no document of Boro VoD knows a call to start it again; a task that is
        queued or checked is left alone.
      - V(stopped) stops the task. With O(dialect=vod) B(this can't be undone) by any call that is documented. Boro VoD stops running tasks
        only, so one that is queued is waited for and then stopped. A task that was broken off and restarted is stopped under its new id,
        again if that is restarted too. A task that breaks off in the run is watched for 10 seconds, in case its project restarts it.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._attributes.actiongroup_ctrlapi
  - taskops.quiesce._ctrlapi
  - taskops.quiesce._ctrlapi.boro
  - taskops.quiesce._converging
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
  description: What became of each task, in the order given. Returned also when the module fails.
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
      description: The state that was found, in the words of this collection.
      type: str
      returned: always
      sample: started
    after:
      description: The state that was read last. In check mode the one that the plan leads to.
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
          sample: refused
        message:
          description: What happened and what to do, in one sentence.
          type: str
          returned: always
          sample: Boro didn't stop task 70 (Stopping task is unavailable).
        http_status:
          description: The HTTP status of the answer that told it.
          type: int
          returned: when an answer told it
          sample: 403
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
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.ctrlapi import CtrlApi


def main() -> None:
    run_state_module(CtrlApi)


if __name__ == "__main__":
    main()
