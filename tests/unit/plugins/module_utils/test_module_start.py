# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module's process begins."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import gc, json, sys
seen = []
# Before the first helper it may still happen, as it's switched off by the file that imports them.
gc.callbacks.append(lambda phase, info: seen.append(any(name.endswith("._arguments") for name in sys.modules)))
from ansible_collections.taskops.quiesce.plugins.module_utils import _module
during = sum(seen)
print(json.dumps({"during": during, "enabled": gc.isenabled(), "frozen": gc.get_freeze_count(), "tracked": len(gc.get_objects())}))
"""


def told() -> dict[str, int]:
    # AnsibleModule is there already when a module begins.
    program = f"import ansible.module_utils.basic\n{PROGRAM}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(ended.stdout))


def test_garbage_isn_t_collected_while_modules_are_imported() -> None:
    assert told()["during"] == 0


def test_garbage_is_collected_once_they_are_there_but_not_looked_for_among_them() -> None:
    seen = told()

    assert seen["enabled"] and seen["frozen"] > 10 * seen["tracked"]
