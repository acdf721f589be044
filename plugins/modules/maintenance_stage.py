#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_stage
short_description: Survey the targets of a maintenance window, or bring those of one stage on their way
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Works on tasks of several systems side by side, so that a stage lasts as long as its slowest target.
  - The roles P(taskops.quiesce.maintenance_open#role) and P(taskops.quiesce.maintenance_close#role) call it; use those rather than this.
  - While it brings tasks on their way, a line at least every ten seconds tells what has been reached and what is still awaited. It returns
    as soon as there is something for the ledger to note, and is called again with what M(taskops.quiesce.maintenance_ledger) makes of it.
  - What is armed to begin is held before what runs is acted on.
options:
  targets:
    description:
      - The targets, as the role takes them, or what M(taskops.quiesce.maintenance_ledger) returned as
        RV(taskops.quiesce.maintenance_ledger#module:work).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The target's name within the window.
        type: str
        required: true
      vendor:
        description: The system's kind, one of V(totalcontrol), V(huawei), V(ctrlapi), V(hitachi) and V(iotda).
        type: str
        required: true
      state:
        description: The state that the tasks shall have.
        type: str
        choices: [paused, started, stopped]
        required: true
      stage:
        description: The stage in which the target is brought there; lower ones come first.
        type: int
        default: 10
      tasks:
        description: The tasks, as the state module of the vendor takes them in V(task_ids) or V(names).
        type: list
        elements: raw
      select:
        description:
          - Filters of the vendor's information module, in place of O(targets[].tasks). V({}) takes all that it lists.
          - Tasks that have ended already are left out, unless the state is V(started).
        type: dict
      options:
        description: Options of the vendor's state module.
        type: dict
        default: {}
      accept_final:
        description: Whether something may be done to the tasks that can't be undone.
        type: bool
        default: false
      ids:
        description: Which of the tasks to work on, by the ids that results have. From the ledger.
        type: list
        elements: str
      memories:
        description: What is known of each task from before. From the ledger.
        type: dict
      armed:
        description: The ids of the tasks that are armed to begin. From the ledger.
        type: list
        elements: str
      spent:
        description: How much of its time the target has used up, in seconds. From the ledger.
        type: float
        default: 0
      closing:
        description: Whether the tasks are being put back. From the ledger.
        type: bool
        default: false
  mode:
    description:
      - V(survey) reads all tasks and tells what would be done to them; nothing is sent but reads.
      - V(bring) acts on them.
      - V(check) only looks at the roles' variables, O(needs) among them, and sends nothing. What is wrong with one is told in one sentence.
    type: str
    choices: [survey, bring, check]
    default: survey
  needs:
    description: The names of the roles' variables that have to be given, with O(mode=check).
    type: list
    elements: str
    default: []
  options:
    description:
      - Options for each target's name, laid over those in O(targets). They bring back what the ledger doesn't keep, such as passwords.
    type: dict
    default: {}
  patience:
    description: For how long one call goes on with O(mode=bring) where nothing ends meanwhile, in seconds.
    type: float
    default: 60
  gather:
    description:
      - For how long results are gathered from the first one on before the call returns, in seconds. The role raises it slowly, so that a
        long trickle of results doesn't take endless rounds.
    type: float
    default: 0
  label:
    description: What the lines about the progress begin with.
    type: str
    default: the stage
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.window
attributes:
  check_mode:
    description: With O(mode=bring) nothing is done.
seealso:
  - module: taskops.quiesce.maintenance_ledger
"""

EXAMPLES = r"""
- name: See what a window over one system would do
  taskops.quiesce.maintenance_stage:
    targets:
      - name: scripts
        vendor: totalcontrol
        state: paused
        select: {}
        options:
          url: http://totalcontrol.example.com:8090
  register: survey
"""

RETURN = r"""
targets:
  description:
    - One entry for each target, in the order given. After a survey it holds what the ledger begins with, otherwise how far each task got.
  returned: always
  type: list
  elements: dict
  sample:
    - name: scripts
      found:
        - id: task004
          state: started
          actions: [pause]
          arrives: paused
failure:
  description: Why the module failed, where no single target did.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_module
from ansible_collections.taskops.quiesce.plugins.module_utils._stage_work import STAGE_WORK


def main() -> None:
    run_module(STAGE_WORK)


if __name__ == "__main__":
    main()
