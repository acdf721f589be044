# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - requests
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the vendor's system.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
"""

    STATE_MODULE = r"""
attributes:
  diff_mode:
    support: full
    details:
      - One line for each task, with its state before and after.
  idempotent:
    support: full
"""

    INFO_MODULE = r"""
attributes:
  check_mode:
    support: full
    details:
      - The module changes nothing.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
  idempotent:
    support: full
"""

    WINDOW = r"""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details:
      - It is a step of a role, which as a whole is idempotent.
"""

    # begin group attributes, by tools/fragments.py
    ACTIONGROUP_TOTALCONTROL = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.totalcontrol
"""

    ACTIONGROUP_HUAWEI = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.huawei
"""

    ACTIONGROUP_CTRLAPI = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.ctrlapi
"""

    ACTIONGROUP_HITACHI = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.hitachi
"""

    ACTIONGROUP_IOTDA = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.iotda
"""

    ACTIONGROUP_AIRFLOW = r"""
attributes:
  action_group:
    description: Use C(group/taskops.quiesce.all) or the group of the vendor in C(module_defaults) to set options for all of its modules.
    support: full
    membership:
      - taskops.quiesce.all
      - taskops.quiesce.airflow
"""
    # end group attributes, by tools/fragments.py
