#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_ledger
short_description: Keep the ledger of a maintenance window
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Records in one JSON file what a window found, what it is about to send, and what it has seen. The file is written atomically and
    synced, and never contains a secret.
  - M(taskops.quiesce.maintenance_window) calls this module on the host of the ledger. Only O(step=show) is meant to be used directly.
options:
  dir:
    description: The folder of the ledgers. It is made if it doesn't exist.
    type: path
    required: true
  window:
    description: The id of the window. It can contain letters, digits, dots, dashes and underscores.
    type: str
    required: true
  step:
    description:
      - V(show) reads the ledger and returns the facts of the report.
      - V(begin) takes the lock and begins a run in O(direction).
      - V(found) records the results of a survey before the first action, or refuses them.
      - V(owed) records, from the results of a survey, which tasks closing has to put back.
      - V(next) records what is about to be sent in the next stage that has work, and returns that work.
      - V(record) records the results of a stage.
      - V(found), V(owed) and V(record) then also do what V(next) does.
      - V(renew) renews the lock when there is nothing to record.
      - V(end) ends the run and releases the lock.
    type: str
    choices: [show, begin, found, owed, next, record, renew, end]
    default: show
  direction:
    description: Whether the window is being opened or closed.
    type: str
    choices: [open, close]
    default: open
  run:
    description: The run's id, as O(step=begin) returned it.
    type: str
  targets:
    description: With O(step=begin), the targets without their options. With the other steps, the results for the targets.
    type: list
    elements: dict
  complete:
    description: With O(step=end), whether the run went through all its stages.
    type: bool
    default: false
  lease:
    description:
      - The number of seconds without a renewal after which a lock expires. If the Ansible process that took the lock ran on the same
        machine, the lock is free as soon as that process has ended.
    type: float
    default: 180
  until:
    description:
      - When the window should be closed, with O(step=begin) and O(step=found).
      - See O(taskops.quiesce.maintenance_window#module:until).
    type: str
  for:
    description: How long the window should be open, instead of O(until). See O(taskops.quiesce.maintenance_window#module:for).
    type: str
  report_dir:
    description: The folder of the report. Before a window is opened, O(step=begin) checks that files can be written there.
    type: path
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.window
attributes:
  check_mode:
    description: Nothing is written.
seealso:
  - module: taskops.quiesce.maintenance_window
"""

EXAMPLES = r"""
- name: Look at an open window
  taskops.quiesce.maintenance_ledger:
    dir: /var/lib/quiesce
    window: CHG0031337
  register: window
"""

RETURN = r"""
run:
  description: The run's id.
  returned: with O(step=begin)
  type: str
  sample: 4f8f1c2e9d0b4f0e8c1d2a3b4c5d6e7f
status:
  description: The status of the window. V(none) if there is no ledger.
  returned: always
  type: str
  sample: open
ledger:
  description: The path of the ledger.
  returned: always
  type: str
  sample: /var/lib/quiesce/CHG0031337.json
stage:
  description: The current stage.
  returned: if a stage has work
  type: int
  sample: 10
work:
  description: The tasks of the stage that still have to reach their states, by target.
  returned: with every step but V(show) and V(end)
  type: list
  elements: dict
  sample: []
plan:
  description: The plan, one line for each target and each task.
  returned: with O(step=found) and O(step=owed)
  type: list
  elements: str
  sample: ["stage 10: scripts (Total Control) to be paused", "  task004: is started, pause makes it paused"]
progress:
  description: How many tasks of the stage have reached their states, and which ones haven't.
  returned: with O(step=record)
  type: str
  sample: "stage 10: 12 of 50 tasks reached their state; awaited: scripts task004 (RUNNING (-1))"
facts:
  description: The facts of the report.
  returned: with O(step=show) and O(step=end), if there is a ledger
  type: dict
  sample:
    window: CHG0031337
    status: open
failures:
  description: One sentence for each task that failed to reach its state.
  returned: with O(step=end)
  type: list
  elements: str
  sample: []
verdict:
  description: The RV(failure) of the first task that failed, or the first reason for refusing the plan.
  returned: with O(step=end), and with O(step=found) in check mode
  type: dict
  sample: {}
until:
  description: When the window should be closed, in UTC and rounded up to a second, as O(until) or O(for) set it. Empty if neither is given.
  returned: with O(step=begin)
  type: str
  sample: "2026-12-01T03:00:00Z"
total:
  description: The number of tasks that the run acts on or waits for.
  returned: with the steps that return work
  type: int
  sample: 9
owed:
  description: The ids of the tasks that closing would put back, by target.
  returned: with O(step=owed) in check mode
  type: dict
  sample:
    streams: ["241458"]
refused:
  description: Why the window can't be opened, one sentence for each reason.
  returned: with O(step=found)
  type: list
  elements: str
  sample: []
sentence:
  description: The status of the window as a sentence.
  returned: with O(step=end)
  type: str
  sample: open, 9 tasks held, until 2026-12-01 03:00 UTC
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._edge import outcome
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger import Ledger
from ansible_collections.taskops.quiesce.plugins.module_utils._ledger_steps import LEDGER_OPTIONS, Steps
from ansible_collections.taskops.quiesce.plugins.module_utils._module import QuiesceModule, finish


def main() -> None:
    module = QuiesceModule(Arguments(options=LEDGER_OPTIONS))
    result: dict[str, Any] = {"changed": False, "status": "none"}
    failure: Failure | None = None
    try:
        ledger = Ledger(module.params["dir"], module.params["window"], module.params["lease"])
        result["ledger"] = str(ledger.path)
        steps = Steps(ledger, module.params, module.check_mode, module.main_process, module.worker_process)
        result.update(getattr(steps, module.params["step"])())
    except Failure as error:
        failure = error
    finish(module, outcome(result, failure))


if __name__ == "__main__":
    main()
