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
    description: The window's id. Letters, digits, dot, dash and underline.
    type: str
    required: true
  step:
    description:
      - V(show) reads the ledger and returns the facts of the report.
      - V(begin) takes the lock and begins a run in O(direction).
      - V(found) notes a survey before anything is touched, or refuses it.
      - V(owed) notes, from a survey, which tasks closing has to put back.
      - V(next) notes what is about to be sent in the next stage that has work, and returns the work.
      - V(record) notes what was seen, and then does the same. So do V(found) and V(owed).
      - V(renew) renews the lock while there is nothing to note.
      - V(end) ends the run and gives the lock back.
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
    description: What the role was given, without the options (O(step=begin)), or what was seen of the targets.
    type: list
    elements: dict
  complete:
    description: With O(step=end), whether the run went through all its stages.
    type: bool
    default: false
  lease:
    description:
      - After how many seconds a lock that nobody renews counts as left behind. Where the Ansible that took it ran on the same machine, it
        is free as soon as that has ended.
    type: float
    default: 180
  until:
    description:
      - Until when the window is to be open, with O(step=begin) and O(step=found).
      - See O(taskops.quiesce.maintenance_window#module:until).
    type: str
  for:
    description: The same as a duration. See O(taskops.quiesce.maintenance_window#module:for).
    type: str
  report_dir:
    description: A folder that O(step=begin) makes sure a report can be written to, before a window is opened.
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
  description: How far the window is, V(none) if there is no ledger.
  returned: always
  type: str
  sample: open
ledger:
  description: The path of the ledger.
  returned: always
  type: str
  sample: /var/lib/quiesce/CHG0031337.json
stage:
  description: The stage that is worked on.
  returned: where there is work
  type: int
  sample: 10
work:
  description: What is left to do.
  returned: with every step but V(show) and V(end)
  type: list
  elements: dict
  sample: []
plan:
  description: The plan of the window as lines.
  returned: with O(step=found) and O(step=owed)
  type: list
  elements: str
  sample: ["stage 10: scripts (Total Control) to be paused", "  task004: is started, pause makes it paused"]
progress:
  description: What has been reached in the stage, and what is still awaited.
  returned: with O(step=record)
  type: str
  sample: "stage 10: 12 of 50 tasks reached their state; awaited: scripts task004 (RUNNING (-1))"
facts:
  description: The facts of the report.
  returned: with O(step=show) and O(step=end), where there is a ledger
  type: dict
  sample:
    window: CHG0031337
    status: open
failures:
  description: One sentence for each task that didn't get where it should have.
  returned: with O(step=end)
  type: list
  elements: str
  sample: []
verdict:
  description: What the first task failed by that didn't get where it should have, or the first reason for refusing a plan.
  returned: with O(step=end), and with O(step=found) in check mode
  type: dict
  sample: {}
until:
  description: The moment that O(until) or O(for) lead to, in UTC; empty if neither is given.
  returned: with O(step=begin)
  type: str
  sample: "2026-12-01T03:00:00Z"
total:
  description: How many tasks the run brings somewhere.
  returned: with the steps that return work
  type: int
  sample: 9
owed:
  description: The tasks that would be put back, by their targets' names.
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
  description: What the window is now, in words.
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
