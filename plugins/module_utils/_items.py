# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What all parts of a window's model know of one task in its document: an item. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

Plain = dict[str, Any]
Direction = Literal["open", "close"]

# Fates that closing has settled: the window has nothing more to do with such a task, unless it changes the task again.
SETTLED = frozenset({"back", "kept"})


def items_of(document: Mapping[str, Any]) -> Iterator[tuple[Plain, Plain]]:
    """Each task with its target."""
    for target in document["targets"]:
        for item in target["items"]:
            yield target, item


def not_begun() -> Plain:
    """The progress of a direction in which nothing was done yet."""
    return {"over": False, "spent": 0.0}


def note_event(item: Plain, now: float, what: str, state: str, text: str) -> None:
    """Add an event to the history of the task."""
    item["events"].append({"at": now, "what": what, "state": state, "text": text})


def desired_state_of(target: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """The desired state of the open window: the target's, or a stricter one if another window asks for that too."""
    return str(item.get("wish") or target["state"])


def may_be_ours(item: Mapping[str, Any]) -> bool:
    """Whether the window has changed the task, or may have."""
    return bool(item["ours"] or item.get("doubt"))


def is_put_back(item: Mapping[str, Any]) -> bool:
    """Whether a closing has put the task back, found it as it should be, or passed it on to another window."""
    closing = item["close"]
    reached = closing.get("verdict") == "owed" and (closing.get("row") or {}).get("reached")
    return not may_be_ours(item) and bool(closing.get("verdict") in SETTLED or reached)


def is_owed(item: Mapping[str, Any]) -> bool:
    """Whether the present closing has to put the task back, or has done so."""
    return bool(item["close"].get("verdict") == "owed" and not item["close"].get("settled"))


def is_skipped(item: Mapping[str, Any]) -> bool:
    """Whether the window leaves the task unchanged because the task can't be paused."""
    return bool((item["open"].get("row") or {}).get("skipped") or item["plan"].get("skipped"))


def has_failed(item: Mapping[str, Any], direction: Direction) -> bool:
    """Whether the task failed to reach its desired state in this direction."""
    progress = item[direction]
    if direction == "close" and progress.get("verdict") in ("gone", "failed"):
        return True
    return bool(progress.get("over") and (progress.get("row") or {}).get("error"))


def last_of(item: Mapping[str, Any]) -> str:
    """The state in which the task was last seen. An older ledger doesn't record it as such; it's derived there."""
    rows = (item["close"].get("row") or {}, {"state": item["close"].get("state")}, item["open"].get("row") or {}, item["found"])
    return str(item.get("seen") or next(row["state"] for row in rows if row.get("state")))


def named(row: Mapping[str, Any]) -> str:
    """The task's id, with its name if that differs."""
    return f"{row['id']} {row['name']}" if row.get("name") and row["name"] != row["id"] else str(row["id"])


def of_target(target: Mapping[str, Any], message: str) -> str:
    """The message, preceded by the target that it's about."""
    plain = message.rstrip(".").removeprefix(f"target {target['name']}: ")
    return f"target {target['name']}: {plain}"
