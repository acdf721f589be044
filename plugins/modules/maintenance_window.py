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
  - Opening reads every target, records what it found in the ledger, and then brings the targets to their desired states, stage by stage.
    Closing puts back exactly what the ledger records as changed, in reverse order of the stages.
  - The whole run is one Ansible task. At least every ten seconds, a line shows how many tasks have reached their states, which ones
    haven't, and why. The last line is the status of the window.
  - The module can be run again at any time, also after it was killed, and then does what is left to do. Where an action may have been
    sent just before the kill, the module waits for its effect and reads the task before it sends anything again.
  - The connections to the systems come from the machine on which Ansible runs. The ledger and the report are on the host of the Ansible
    task, which C(delegate_to) can set. That host only needs Python.
  - The module renews the lock of the window as long as it runs. If it loses the lock or can't write the ledger, it sends nothing more.
  - In a play with several hosts, each of them tries to open the window, and those that try while another one does fail. Use C(run_once),
    or a different O(id) for each host.
options:
  id:
    description: The id of the window, such as the number of the change. It can contain letters, digits, dots, dashes and underscores.
    type: str
    required: true
  state:
    description: The desired state of the window.
    type: str
    choices: [open, closed]
    required: true
  targets:
    description:
      - Which tasks of which systems are brought to which state.
      - An open window keeps its targets. Closing reads them from the ledger. It only needs the name of a target together with those
        options that the ledger doesn't contain, such as passwords, unless they come from the environment.
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
          - The vendor of its system. This is the beginning of the name of the vendor's state module, such as V(totalcontrol).
          - Required on opening.
        type: str
      state:
        description: The desired state of its tasks while the window is open. Required on opening.
        type: str
        choices: [paused, started, stopped]
      stage:
        description: Lower stages are opened first and closed last. Targets of the same stage are handled side by side.
        type: int
        default: 10
      tasks:
        description: Its tasks, as in V(task_ids) or V(names) of the vendor's state module. Either this or V(select) is required.
        type: list
        elements: raw
      select:
        description:
          - Filters of the vendor's information module, instead of V(tasks). V({}) selects all tasks that are listed.
          - Tasks that have ended aren't selected, unless the state is V(started).
        type: dict
      options:
        description: Options of the vendor's state module, except V(state) and V(wait), which the window sets.
        type: dict
        default: {}
      accept_final:
        description: Whether the window may send final actions to its tasks, that is actions that closing can't undo.
        type: bool
        default: false
  until:
    description: When the window should be closed, as a time with its zone, such as V(2026-12-01T04:00:00+01:00). The ledger records it.
    type: str
  for:
    description: How long the window should be open, as a duration such as V(2h30m), instead of O(until).
    type: str
  ledger_dir:
    description: The folder of the ledgers on the host of the task. It is made if it doesn't exist.
    type: str
    default: ~/.quiesce
  ledger_lease:
    description:
      - The number of seconds without a renewal after which the lock of another run expires, so that this run may take it.
      - This only matters if the host of the ledger can't see the Ansible process of the other run. Otherwise the lock of an ended process
        is free at once.
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
      - It returns the plan, also for a window that is open, and writes nothing.
  diff_mode:
    details:
      - One line for each task that changes, with its state before and after.
notes:
  - The keyword C(async) isn't supported, since the progress would not be visible.
  - With C(quiesce_in_worker=false), a module process writes the ledger, even on the machine on which Ansible runs. The engine always runs
    in a worker process of Ansible.
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
    - The status of the window, one of V(none), V(opening), V(open), V(closing) and V(closed). V(none) if there is no ledger. In check mode,
      the status that a run would lead to.
  returned: always
  type: str
  sample: open
sentence:
  description: The status of the window as a sentence, which is also the last line of the run's output.
  returned: always
  type: str
  sample: open, 9 tasks held
changed:
  description: Whether a task of a system was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
only_planned:
  description: Whether the module only planned, because of check mode.
  returned: always
  type: bool
  sample: false
plan:
  description: The plan, one line for each target and each task.
  returned: success
  type: list
  elements: str
  sample: ["stage 10: scripts (Total Control) to be paused", "  task004: is started, pause makes it paused"]
summary:
  description: The main facts of the report, for a workflow. Empty if no ledger was written.
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
  returned: if the lock was taken
  type: str
  sample: /var/lib/quiesce/CHG0031337.json
ledger_host:
  description: The host on which the ledger and the report are.
  returned: always
  type: str
  sample: localhost
report:
  description: The paths of the report, by V(html), V(md) and V(json).
  returned: if a report was written
  type: dict
  sample:
    html: /var/lib/quiesce/CHG0031337+report.html
elapsed:
  description: How long the module took, in seconds.
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
