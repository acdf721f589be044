# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a result Ansible shows to a terminal as it is."""

from __future__ import annotations

from ansible_collections.taskops.quiesce.plugins.module_utils._results import state_diff


def test_a_diff_has_one_line_a_task_whatever_the_id_holds() -> None:
    shown = state_diff(
        [
            {"id": "red \x1b[31m\nand {{ 1 + 1 }}", "before": "started", "after": "paused"},
            {"id": "b", "before": "paused", "after": "paused"},
        ]
    )

    assert shown == {
        "before": "red  [31m and \uff5b\uff5b 1 + 1 }}: started\nb: paused\n",
        "after": "red  [31m and \uff5b\uff5b 1 + 1 }}: paused\nb: paused\n",
    }
