# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kiln_task
short_description: Hold, light and put out firings of a kiln
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Brings firings of a kiln to a state and waits until they have reached it.
options:
  task_ids:
    description:
      - The numbers of the firings.
    type: list
    elements: str
    required: true
    aliases:
      - task_id
  state:
    description:
      - V(paused) holds the temperature, V(started) continues the firing, V(stopped) puts the fire out, which can't be undone.
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.state_module
  - taskops.quiesce._kiln
  - taskops.quiesce._kiln.credentials
  - taskops.quiesce._state
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.kiln_task_info
"""

EXAMPLES = r"""
- name: Hold a firing while the power is worked on
  taskops.quiesce.kiln_task:
    url: http://kiln.example.com
    token: "{{ kiln_token }}"
    task_id: 7
    state: paused
"""

RETURN = r"""
tasks:
  description: The outcome for each firing, in the order given. Also returned when the module fails.
  returned: always
  type: list
  elements: dict
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_state_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.kiln import Kiln


def main() -> None:
    run_state_module(Kiln)


if __name__ == "__main__":
    main()
