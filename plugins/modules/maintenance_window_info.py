#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_window_info
short_description: List the maintenance windows of a folder
version_added: 1.1.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Lists the windows whose ledgers are in a folder, with their status, since when and until when they are open, whether they are overdue,
    how many tasks they hold, their last run, and what failed.
  - It runs on the host of the ledgers and connects to no system. A ledger that can't be read is listed with its RV(windows[].problem).
options:
  ledger_dir:
    description: The folder of the ledgers, on the host of the task.
    type: path
    default: ~/.quiesce
  id:
    description: Only the window with this id, closed or not.
    type: str
  overdue:
    description: Only windows that should have been closed by now.
    type: bool
    default: false
  closed:
    description: Whether to list windows that are closed, too.
    type: bool
    default: false
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
seealso:
  - module: taskops.quiesce.maintenance_window
"""

EXAMPLES = r"""
- name: List what is open
  taskops.quiesce.maintenance_window_info:
    ledger_dir: /var/lib/quiesce
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.lines }}"

- name: Look for windows that should have been closed
  taskops.quiesce.maintenance_window_info:
    ledger_dir: /var/lib/quiesce
    overdue: true
  register: late

- name: Show their ids
  ansible.builtin.debug:
    msg: "{{ late.windows | map(attribute='window') | join(', ') }}"
"""

RETURN = r"""
windows:
  description: One row for each window, ordered by id.
  returned: success
  type: list
  elements: dict
  contains:
    window:
      description: The window's id.
      type: str
      sample: CHG0031337
    status:
      description: V(opening), V(open), V(closing) or V(closed). V(unreadable) if the ledger can't be used.
      type: str
      sample: open
    sentence:
      description: The status of the window as a sentence.
      type: str
      sample: open, 9 tasks held, until 2026-12-01 03:00 UTC
    since:
      description: When the first run of the window began, in UTC.
      type: str
      sample: "2026-11-30T22:00:00Z"
    until:
      description: When it should be closed, in UTC. Null if it has no end.
      type: str
      sample: "2026-12-01T03:00:00Z"
    overdue:
      description: Whether RV(windows[].until) has passed and the window isn't closed.
      type: bool
      sample: false
    overdue_seconds:
      description: For how long it has been overdue, in seconds.
      type: int
      sample: 0
    total:
      description: The number of its tasks.
      type: int
      sample: 9
    held:
      description: How many of its tasks are in the desired state and have to be put back.
      type: int
      sample: 9
    last_run:
      description: Its last run. C(role) is V(open) or V(close). C(complete) is whether it went through all its stages.
      type: dict
      sample:
        role: open
        began: "2026-11-30T22:00:00Z"
        ended: "2026-11-30T22:00:41Z"
        complete: true
    running:
      description: The run that has locked the window. Null if there is none.
      type: dict
      sample:
        what: close
        host: awx-job-4711
        since: "2026-12-01T03:00:05Z"
    failures:
      description: One sentence for each task that failed to reach its state.
      type: list
      elements: str
      sample: []
    ledger:
      description: The path of its ledger.
      type: str
      sample: /var/lib/quiesce/CHG0031337.json
    problem:
      description: Why its ledger can't be used. Empty if it can be used.
      type: str
      sample: ""
lines:
  description: The windows as lines of text.
  returned: success
  type: list
  elements: str
  sample: ["CHG0031337: open, 9 tasks held, until 2026-12-01 03:00 UTC; since 2026-11-30T22:00:00Z"]
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  sample:
    code: usage
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_module
from ansible_collections.taskops.quiesce.plugins.module_utils._window_info import WINDOW_INFO_WORK


def main() -> None:
    run_module(WINDOW_INFO_WORK)


if __name__ == "__main__":
    main()
