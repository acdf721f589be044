# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  concurrency:
    description:
      - How many requests may be under way at once.
    type: int
    default: 8
  state_map:
    description:
      - What vendor states mean that the vendor's documents don't list. Each key is the state as the vendor spells it, and its value is
        one of the documented states.
    type: dict
notes:
  - The module connects to the vendor's system from the host on which it runs. Run it on C(localhost), or on a host that can reach the
    system.
  - The module doesn't follow redirects and never uses a C(.netrc) file. It takes proxies from the environment, unless O(proxy) is set.
"""
