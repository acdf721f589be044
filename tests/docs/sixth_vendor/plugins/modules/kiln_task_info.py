# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kiln_task_info
short_description: Show firings of a kiln
version_added: 1.0.0
author:
  - taskops.quiesce contributors (@taskops)
description:
  - Reads firings of a kiln and changes nothing.
options:
  task_ids:
    description:
      - The numbers of the firings. Without them, all firings are returned.
    type: list
    elements: str
    aliases:
      - task_id
  glaze:
    description:
      - Only firings of this glaze.
    type: str
extends_documentation_fragment:
  - taskops.quiesce._attributes
  - taskops.quiesce._attributes.info_module
  - taskops.quiesce._kiln
  - taskops.quiesce._kiln.credentials
  - taskops.quiesce._common
seealso:
  - module: taskops.quiesce.kiln_task
"""

EXAMPLES = r"""
- name: Look at all firings (address and token come from the environment)
  taskops.quiesce.kiln_task_info:
"""

RETURN = r"""
tasks:
  description: The firings.
  returned: always
  type: list
  elements: dict
"""

from ansible_collections.taskops.quiesce.plugins.module_utils._module import run_info_module
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.kiln import Kiln


def main() -> None:
    run_info_module(Kiln)


if __name__ == "__main__":
    main()
