# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`pytest -p tests.unit.without_ansible`: nothing of ansible-core can be imported, so that tests which pass can't depend on it.

The oldest core needs no second run of such tests. The session `unit` runs them so on the newest one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class Refusal:
    """A finder that comes before all others. The collection itself, below `ansible_collections`, is no part of ansible-core."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "ansible" or name.startswith("ansible."):
            raise ImportError(f"{name} is imported by a test that is said to need nothing of ansible-core; see NO_CORE in noxfile.py")
        return None


assert "ansible" not in sys.modules
sys.meta_path.insert(0, Refusal())
