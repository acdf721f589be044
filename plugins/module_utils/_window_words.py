# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a window is now, in words: the last line of every run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def words(status: str, summary: Mapping[str, Any], only_planned: bool, changes: int) -> str:
    """`summary` is that of the report, empty where no ledger was written; `changes` how many tasks a plan would change."""
    if only_planned:
        return f"only planned, nothing was changed; {tasks(changes)} would be"
    if not summary:
        return "nothing was changed" if status == "none" else f"still {status}"
    return str(summary["sentence"])


def tasks(count: int) -> str:
    """So many tasks, in words."""
    return f"{count} task" if count == 1 else f"{count} tasks"
