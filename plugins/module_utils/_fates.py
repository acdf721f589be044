# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What became of each task of a window, as a word, and the status of the window, as a sentence. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ._deadline import for_people
from ._items import items_of

# The fates with their meanings, in the order in which a report counts them.
FATES: Mapping[str, str] = {
    "failed": "did not reach its state",
    "awaited": "has not reached its state yet",
    "held": "is in the desired state and has to be put back",
    "final": "can't be put back, as accept_final allows",
    "left": "was changed by somebody else, and is left unchanged",
    "kept": "is held by another open window, which puts it back",
    "back": "is as it was found",
    "skipped": "could not be paused and was skipped",
    "untouched": "was not changed by the window",
}
# What a report shows for each fate.
LABELS: Mapping[str, str] = {
    **{fate: fate for fate in FATES},
    "left": "left unchanged",
    "kept": "held elsewhere",
    "back": "as found",
    "untouched": "no action",
}
SAFE = ("back", "skipped", "untouched")


def fate_of(item: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """The fate, the reason, and for a failed task the direction (open or close) in which it failed."""
    opened, closed = item["open"].get("row") or {}, item["close"].get("row") or {}
    verdict = item["close"].get("verdict")
    if verdict in ("final", "left", "kept"):
        return verdict, item["close"]["why"], None
    if verdict in ("gone", "failed"):
        return "failed", item["close"]["why"], "close"
    if verdict == "back":
        return "back", item["close"]["why"], None
    if verdict == "owed":
        if closed.get("error"):
            return "failed", closed["error"]["message"], "close"
        if closed.get("reached"):
            return "back", "; ".join(filter(None, [item.get("remark"), closed.get("note")])), None
        return "awaited", item["close"].get("trouble") or "", None
    if opened.get("error"):
        return "failed", opened["error"]["message"], "open"
    if opened.get("skipped"):
        return "skipped", opened.get("note") or "", None
    if opened.get("reached"):
        why = item.get("remark") if item["open"].get("disturbed") else opened.get("note")
        return ("held" if item["ours"] else "untouched"), why or "", None
    if verdict == "untouched":
        return "untouched", item["close"]["why"], None
    return "awaited", item["open"].get("trouble") or "", None


def fates_of(document: Mapping[str, Any]) -> Counter[str]:
    """How many tasks have each fate."""
    return Counter(fate_of(item)[0] for _target, item in items_of(document))


def status_sentence(document: Mapping[str, Any] | None) -> str:
    """The status of the window as a sentence: the last line of a run. None is a window without a ledger."""
    if document is None:
        return "not opened, nothing was changed"
    counts = fates_of(document)
    total, until = sum(counts.values()), document.get("until")
    as_found = sum(counts[fate] for fate in SAFE)
    end = [f"until {for_people(until)}"] if until else []
    failed = [f"{counts['failed']} failed"] if counts["failed"] else []
    skipped = [f"{counts['skipped']} skipped"] if counts["skipped"] else []
    if document["status"] == "open":
        return ", ".join(["open", f"{_tasks(counts['held'])} held", *skipped, *failed, *end])
    if document["status"] == "opening":
        ready = counts["held"] + counts["untouched"] + counts["skipped"]
        return ", ".join(["not open yet", f"{ready} of {_tasks(total)} ready", *failed, *end]) + "; open it again, or close it"
    others = {
        "kept": "held by other windows",
        "left": "changed by somebody else and left unchanged",
        "final": "can't be put back, as accept_final allows",
        "failed": "failed",
    }
    parts = ["all as found"] if as_found == total else [f"{as_found} of {_tasks(total)} as found"]
    parts += [f"{counts[fate]} {text}" for fate, text in others.items() if counts[fate]]
    waiting = counts["held"] + counts["awaited"]
    parts += [f"{waiting} still to be put back"] if waiting else []
    is_closed = document["status"] == "closed"
    return ", ".join(["closed" if is_closed else "not closed yet", *parts]) + ("" if is_closed else "; close it again")


def _tasks(count: int) -> str:
    return f"{count} task" if count == 1 else f"{count} tasks"
