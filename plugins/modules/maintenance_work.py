#!/usr/bin/python
# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_work
short_description: Check the work of a maintenance window, and run it
version_added: 1.1.0
description:
  - A part of the role P(taskops.quiesce.maintenance_window#role).
  - It checks the work with Ansible's own loader before anything is paused, so that a missing or invalid file or role, an unknown module
    or a misspelt keyword is found before the window opens. It can't check names that are templates.
  - Work that is a playbook runs as a child C(ansible-playbook). The window is closed afterwards, however the child ends.
  - It runs on the controller, independently of the connection.
author:
  - taskops.quiesce contributors (@taskops)
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.window
options:
  step:
    description:
      - V(check) checks the work. It fails if the tags of the run select the include of the role, but none of the role's tasks. It's
        skipped if the tags don't select the role.
      - V(run) runs O(playbook). It's skipped in check mode.
    type: str
    choices: [check, run]
    default: check
  file:
    description:
      - A file of tasks. A relative path is looked up in the role that includes this one, in the folder of the playbook, and in the current
        directory.
    type: str
    default: ""
  roles:
    description: The names of roles.
    type: list
    elements: str
    default: []
  playbook:
    description:
      - A playbook. A relative path is looked up in the current directory, and in the folder of the playbook that is running. A playbook of
        a collection is given as V(namespace.collection.playbook).
      - The child process gets the same inventory, limit, forks, verbosity, extra variables, vault secrets, C(--skip-tags), and options
        about connections and privileges. It doesn't get C(--tags), nor facts and hosts that the running play has added. It can't prompt
        for input.
      - No secret is in the command line of the child process or in a file.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Check a role and a playbook before anything is paused
  taskops.quiesce.maintenance_work:
    roles: [taskops.quiesce.maintenance_report]
    playbook: taskops.quiesce.by_hand

- name: Run the playbook
  taskops.quiesce.maintenance_work:
    step: run
    playbook: taskops.quiesce.by_hand
"""

RETURN = r"""
file:
  description: The path of the file. Empty if there is none.
  returned: with O(step=check)
  type: str
  sample: /srv/changes/update.yml
playbook:
  description: The path of the playbook, or its name if it's in a collection. Empty if there is none.
  returned: with O(step=check) and O(step=run)
  type: str
  sample: /srv/changes/update_all.yml
rc:
  description: The exit status of the playbook. If a signal ended it, the negated number of the signal.
  returned: with O(step=run)
  type: int
  sample: 0
failure:
  description: What is wrong with the work.
  returned: with O(step=check), on failure
  type: dict
  sample:
    code: usage
"""
