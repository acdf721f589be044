# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a window is now, in words: the last line of every run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def words(status: str, summary: Mapping[str, Any], until: str | None, only_planned: bool, changes: int) -> str:
    """`summary` is that of the report, empty where no ledger was written; `changes` how many tasks a plan would change."""
    if only_planned:
        return f"only planned, nothing was changed; {tasks(changes)} would be"
    if not summary:
        return "nothing was changed" if status == "none" else f"still {status}"
    counts = summary["counts"]
    end = f", until {until}" if until else ""
    if status == "open":
        failed = f", {counts['failed']} failed" if counts["failed"] else ""
        return f"open, {tasks(counts['held'])} held{failed}{end}"
    if status == "closed":
        return f"closed, {_found(summary)}"
    if status == "opening":
        ready = counts["held"] + counts["untouched"] + counts["skipped"]
        return f"not open yet, {ready} of {tasks(summary['total'])} ready{end}; open it again, or close it"
    return f"not closed yet, {_found(summary)}; close it again"


def tasks(count: int) -> str:
    """So many tasks, in words."""
    return f"{count} task" if count == 1 else f"{count} tasks"


def _found(summary: Mapping[str, Any]) -> str:
    """How the tasks are compared with how they were found."""
    counts = summary["counts"]
    safe = counts["back"] + counts["skipped"] + counts["untouched"]
    if safe == summary["total"]:
        return "all as found"
    others = {"left": "left as somebody else made them", "final": "can't be put back, as was accepted", "failed": "failed"}
    told = [f"{safe} of {tasks(summary['total'])} as found"]
    told += [f"{counts[fate]} {text}" for fate, text in others.items() if counts[fate]]
    waiting = counts["held"] + counts["awaited"]
    told += [f"{waiting} still to be put back"] if waiting else []
    return ", ".join(told)
