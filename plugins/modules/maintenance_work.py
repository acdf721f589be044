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
      - V(check) looks through the work. It's an error if the tags of the run choose an include of the role that it stands in and none of
        the role's tasks. Where the tags leave the role out, it's skipped.
      - V(run) runs O(playbook). In check mode it's left out.
    type: str
    choices: [check, run]
    default: check
  file:
    description:
      - A file of tasks. A relative path begins in a role around this one, beside the playbook, or where the user stands.
    type: str
    default: ""
  roles:
    description: The names of roles.
    type: list
    elements: str
    default: []
  playbook:
    description:
      - A playbook. A relative path begins where the user stands, or beside the playbook that runs. One within a collection is given as
        V(namespace.collection.playbook).
      - As a child, it gets the same inventory, limit, forks, verbosity, extra variables, secrets of Ansible Vault, and options about
        connections and privileges; what C(--skip-tags) leaves out is left out there as well. It gets neither C(--tags), nor facts and
        hosts that were made while this play ran. It can't ask anything.
      - No secret is in its command line or in a file.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Look through a role and a playbook before anything is paused
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
  description: The path of the file; empty without one.
  returned: with O(step=check)
  type: str
  sample: /srv/changes/update.yml
playbook:
  description: The path of the playbook, or its name where it's one of a collection; empty without one.
  returned: with O(step=check) and O(step=run)
  type: str
  sample: /srv/changes/update_all.yml
rc:
  description: The exit status of the playbook; where a signal ended it, the signal's number, negated.
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
