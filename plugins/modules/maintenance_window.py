#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_window
short_description: Open or close a maintenance window over tasks of several systems
version_added: 1.1.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Opening reads every target, writes what it found into the ledger, and then brings the targets to the wanted states, stage by stage.
    Closing puts back exactly what the ledger says was changed, stages in reverse.
  - The whole run is one task. A line at least every ten seconds tells what has been reached, what is awaited and why; the last line tells
    what the window is now.
  - Run again, it does what is left, and nothing where nothing is. Killed at any moment, it can be run again, too. What may have been sent
    just before is waited for and looked at before anything is sent again.
  - The systems are reached from where Ansible runs. The ledger and the report are kept on the host of the task, which C(delegate_to) may
    name; that host needs nothing but Python.
  - The lock of a window is renewed as long as the task runs. As soon as it's lost, or the ledger can't be written, nothing more is sent.
  - A play on several hosts has each of them open the window, of which all but the first are refused. Use C(run_once), or give each host an
    O(id) of its own.
options:
  id:
    description: The window's id, such as the number of the change. Letters, digits, dot, dash and underline.
    type: str
    required: true
  state:
    description: Whether the window shall be V(open) or V(closed).
    type: str
    choices: [open, closed]
    required: true
  targets:
    description:
      - Which tasks of which systems are brought to which state.
      - An open window keeps its targets. Closing finds them in the ledger and needs of each no more than its name, and those of its options
        that the ledger doesn't keep, such as passwords, unless they come from the environment.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The target's name within the window.
        type: str
        required: true
      vendor:
        description:
          - The kind of its system. It's what the name of the vendor's state module begins with, as in V(totalcontrol).
          - Needed on opening.
        type: str
      state:
        description: The state that its tasks have while the window is open. Needed on opening.
        type: str
        choices: [paused, started, stopped]
      stage:
        description: Lower stages are opened first and closed last. Targets of one stage go side by side.
        type: int
        default: 10
      tasks:
        description: Its tasks, as the vendor's state module takes them in its V(task_ids) or V(names). One of this and V(select) is needed.
        type: list
        elements: raw
      select:
        description:
          - Filters of the vendor's information module in place of the tasks; V({}) takes all that are listed.
          - Tasks that have ended are left out, unless the state is V(started).
        type: dict
      options:
        description: Options of the vendor's state module, but for V(state) and V(wait), on which the window decides.
        type: dict
        default: {}
      accept_final:
        description: Whether the window may do to its tasks what closing can't put back.
        type: bool
        default: false
  until:
    description: When the window ought to be closed, as a time with its zone, such as V(2026-12-01T04:00:00+01:00). Kept in the ledger.
    type: str
  for:
    description: How long the window ought to be open, as a duration, such as V(2h30m), in place of O(until).
    type: str
  ledger_dir:
    description: The folder of the ledgers on the host of the task. It is made if it doesn't exist.
    type: str
    default: ~/.quiesce
  ledger_lease:
    description:
      - After how many seconds without a sign of life a run on this window counts as dead, so that another one may take its place.
      - It matters only where the ledger's host can't see the other run's Ansible process. Elsewhere a dead run is noticed at once.
    type: float
    default: 180
  report_dir:
    description: The folder of the report on the host of the task. Without it, it's O(ledger_dir).
    type: str
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
attributes:
  check_mode:
    details:
      - It tells the plan, also of a window that is open, and writes nothing.
  diff_mode:
    details:
      - One line for each task that changes, with its state before and after.
notes:
  - The keyword C(async) isn't supported, since nobody would see what is awaited.
  - C(quiesce_in_worker) has the ledger kept by a module even where that's the machine on which Ansible runs. The engine always runs in
    Ansible's worker.
  - Where Ansible runs on macOS, proxies come from the environment only.
seealso:
  - module: taskops.quiesce.maintenance_ledger
  - module: taskops.quiesce.maintenance_report
"""

EXAMPLES = r"""
- name: See what a window would do
  taskops.quiesce.maintenance_window:
    id: CHG0031400
    state: open
    ledger_dir: /var/lib/quiesce
    targets:
      - name: scripts
        vendor: totalcontrol
        state: paused
        select: {}
        options:
          url: http://totalcontrol.example.com:8090
  check_mode: true

- name: Open it
  taskops.quiesce.maintenance_window:
    id: CHG0031400
    state: open
    ledger_dir: /var/lib/quiesce
    targets:
      - name: scripts
        vendor: totalcontrol
        state: paused
        select: {}
        options:
          url: http://totalcontrol.example.com:8090
  register: window

- name: Close it, for which the id is enough
  taskops.quiesce.maintenance_window:
    id: CHG0031400
    state: closed
    ledger_dir: /var/lib/quiesce
"""

RETURN = r"""
window:
  description: The window's id.
  returned: always
  type: str
  sample: CHG0031337
status:
  description:
    - What the window is now, one of V(none), V(opening), V(open), V(closing) and V(closed). It's V(none) where there is no ledger. In check
      mode it's what a run would make of it.
  returned: always
  type: str
  sample: open
told:
  description: The same in words, as the last line tells it.
  returned: always
  type: str
  sample: open, 9 tasks held
changed:
  description: Whether a task of a system was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
only_planned:
  description: Whether nothing was done because of check mode.
  returned: always
  type: bool
  sample: false
plan:
  description: What was decided for each task before the first of them was touched, as lines.
  returned: success
  type: list
  elements: str
  sample: ["stage 10: scripts (Total Control) to be paused", "  task004: is started, pause makes it paused"]
summary:
  description: What a workflow needs of the report; empty where no ledger was written.
  returned: always
  type: dict
  sample:
    window: CHG0031337
    status: open
    total: 9
    changed: 9
    failures: []
ledger:
  description: The path of the ledger.
  returned: where the lock was taken
  type: str
  sample: /var/lib/quiesce/CHG0031337.json
ledger_host:
  description: The host of the ledger and of the report.
  returned: always
  type: str
  sample: localhost
report:
  description: The paths of the report, by V(html), V(md) and V(json).
  returned: where one was written
  type: dict
  sample:
    html: /var/lib/quiesce/CHG0031337+report.html
elapsed:
  description: How long it took, in seconds.
  returned: always
  type: float
  sample: 4.2
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: refused
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._edge import usage
from ansible_collections.taskops.quiesce.plugins.module_utils._module import QuiesceModule, finish
from ansible_collections.taskops.quiesce.plugins.module_utils._window_options import WINDOW_ARGUMENTS


def main() -> None:
    module = QuiesceModule(WINDOW_ARGUMENTS)
    # The systems are reached from where Ansible runs and the ledger is elsewhere, so that the action of the same name does it all.
    finish(module, usage("maintenance_window runs where Ansible runs; call it by its full name as a task of a playbook."))


if __name__ == "__main__":
    main()
