# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What closing has to do with each task of a window, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._items import Plain, is_put_back, items_of, last_of, may_be_ours, note_event
from ._lifecycle import RESTORING_STATE, SATISFIED_BY

ON_THE_WAY = frozenset({"pausing", "stopping", "starting"})
Key = tuple[str, str]


def judge(
    document: Plain,
    surveyed: Sequence[Mapping[str, Any]],
    now: float,
    held_elsewhere: Mapping[Key, str] | None = None,
    undecidable: Mapping[Key, str] | None = None,
) -> None:
    """Decide for each task what closing has to do with it, from its present state. A task that the window didn't change is left unchanged.

    Both mappings have the target's name and the task's id as keys. `held_elsewhere` says which other open window holds the task,
    `undecidable` why it can't be determined whether one does.
    """
    seen = {(target["name"], row["id"]): row for target in surveyed for row in target["found"]}
    failed = {target["name"]: target["error"] for target in surveyed if target.get("error")}
    for target, item in items_of(document):
        key = (target["name"], item["id"])
        row = seen.get(key)
        if is_put_back(item):
            item["close"].update(over=True, settled=True)
            continue
        if may_be_ours(item) and (why := (held_elsewhere or {}).get(key)):
            verdict, error = "kept", None
        elif may_be_ours(item) and (why := (undecidable or {}).get(key, "")):
            verdict, error = "failed", {"code": "protocol", "message": f"{why}."}
        else:
            verdict, why = _verdict(target, item, row, failed.get(target["name"]))
            error = failed.get(target["name"]) if verdict == "failed" else None
        state = row["state"] if row else None
        item["close"].update(verdict=verdict, why=why, over=verdict != "owed", state=state, error=error)
        if verdict == "owed" and row and row.get("note"):
            item["close"]["note"] = row["note"]
        if state and verdict == "owed" and state != last_of(item):
            note_event(item, now, "seen", state, "")
        state = state or (last_of(item) if verdict == "left" else None)
        item["seen"] = state or last_of(item)
        if verdict == "back":
            item["ours"] = False
        if verdict in ("owed", "final"):
            _settle_doubt(item, state, now)
        if verdict in ("back", "left", "gone", "failed", "final", "kept"):
            note_event(item, now, verdict, state or "unknown", why)


def _settle_doubt(item: Plain, state: str | None, now: float) -> None:
    """Treat an action that an earlier run left in doubt as sent. If its effect is seen, the history says so."""
    doubt = item.get("doubt")
    if not doubt or item["ours"]:
        return
    if state and state == item["plan"]["arrives"] == doubt.get("arrives"):
        item["ours"] = True
        item["remark"] = f"the run that sent {doubt['action']} was killed before it could record that"
        note_event(item, now, "acted", state, f"{doubt['action']} (by an earlier run)")
    else:
        item["remark"] = f"the run that was about to send {doubt['action']} was killed, so that this counted as sent"


def _verdict(target: Mapping[str, Any], item: Plain, now: Mapping[str, Any] | None, failed: Mapping[str, Any] | None) -> tuple[str, str]:
    """What closing has to do with a task, as a word, and why.

    `untouched`: the window didn't change it; `back`: it's as it was found; `left`: somebody else changed it since; `final`: it can't be put
    back, which was accepted; `gone`: the system no longer knows it; `failed`: it couldn't be read; `owed`: it has to be put back. `judge`
    adds `kept`: another open window holds it.
    """
    found, row, desired = item["found"], item["open"].get("row") or {}, RESTORING_STATE.get(item["found"]["state"])
    if not may_be_ours(item) or desired is None:
        is_moved = row.get("reached") and row["state"] != found["state"] and row["state"] not in SATISFIED_BY.get(desired, ())  # type: ignore[arg-type]
        if is_moved and not item.get("shared"):
            return "left", f"it went from {found['state']} to {row['state']} before the window acted, which the window didn't cause"
        return "untouched", "the window didn't change it"
    if now is None:
        return "failed", (failed or {}).get("message") or "it wasn't read"
    if now["state"] == "absent":
        return "gone", f"{target['system']} no longer knows it"
    doubtful = bool(item.get("doubt"))
    if now["state"] == "completed" and desired == "started":
        return "left", "it has ended by itself (completed)"
    is_back = now["state"] == found["state"] or now["state"] in SATISFIED_BY[desired]
    if is_back and not doubtful:
        return "back", f"it's {now['state']} already"
    expected = {row.get("state"), item["plan"]["arrives"], *item.get("shared", ()), *item["close"].get("tried", ())} | ON_THE_WAY
    if not is_back and now["state"] not in expected:
        return "left", f"it's {now['state']} now, which this window didn't cause; it's left unchanged, since that may be intended"
    if item["plan"].get("final") and not is_back:
        return "final", str(item["plan"]["final"])
    return "owed", ""
