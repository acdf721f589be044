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
      - What states mean that the vendor's documents don't list. Each key is a spelling of the vendor, and its value one of the known ones.
    type: dict
notes:
  - The module talks to the vendor's system from the host that it runs on. Run it on C(localhost), or on a host that reaches the system.
  - Redirects aren't followed and a C(.netrc) file is never used. Proxies are taken from the environment unless the option names one.
"""
