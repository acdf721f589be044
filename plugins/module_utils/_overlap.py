# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Windows that hold the same tasks: which window holds a task, what another one takes over from it, and what a closing window leaves to the
others. Pure.

All windows whose ledgers lie in one folder are neighbours. Two targets mean the same task if their places and the ids are equal. A window
holds a task from when its ledger names it until its closing begins. A window that joins others takes over the state in which the first of
them found the task, so that the last one to close can put the task back to it.

The caller holds the guard of the folder, so that no neighbour changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._errors import Failure
from ._items import Plain, desired_state_of, is_put_back, is_skipped, items_of, may_be_ours, note_event, of_target
from ._lifecycle import RESTORING_STATE
from ._places import is_same_place

Key = tuple[str, str]
# Fates with which closing does nothing more to the task.
RESOLVED = frozenset({"back", "kept", "left", "final", "untouched"})


@dataclass(frozen=True)
class Unreadable:
    """A ledger that can't be used: its path, the reason, and all texts in it that stand between quotation marks."""

    path: str
    why: str
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Neighbours:
    """The other windows of a folder: their documents (of closed ones only the recently closed), and the ledgers that can't be read."""

    documents: Sequence[Plain] = ()
    unreadable: Sequence[Unreadable] = ()


@dataclass
class OverlapResult:
    """What the comparison with the neighbours yields: the refusals of the window, and warnings."""

    refusals: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OtherHold:
    """Another window's item for the same task."""

    document: Plain
    target: Plain
    item: Plain

    @property
    def window(self) -> str:
        return str(self.document["window"])

    @property
    def desired_state(self) -> str:
        return desired_state_of(self.target, self.item)

    @property
    def holds(self) -> bool:
        """Whether the window holds the task in its desired state."""
        return self.document["status"] in ("opening", "open") and not is_skipped(self.item)

    @property
    def is_closing(self) -> bool:
        """Whether the window is being closed and hasn't settled the task yet."""
        closing = self.item["close"]
        is_settled = closing.get("over") and (closing.get("verdict") in RESOLVED or is_put_back(self.item))
        return self.document["status"] == "closing" and may_be_ours(self.item) and not is_settled

    @property
    def may_have_changed(self) -> bool:
        """Whether the window has changed the task, or may have, or may be about to."""
        opening = self.item["open"]
        return may_be_ours(self.item) or bool(opening.get("intent") or (opening.get("memory") or {}).get("sent"))

    def released_since(self, moment: float) -> bool:
        """Whether a closing has settled the task after that moment, so that an earlier observation of it proves nothing."""
        is_changed = self.item["close"].get("verdict") not in (None, "untouched")
        return self.document["status"] in ("closing", "closed") and is_changed and float(self.document["updated"]) >= moment


class _Index:
    """Finds the neighbours' items for a task."""

    def __init__(self, documents: Sequence[Plain]) -> None:
        self._by_id: dict[str, list[OtherHold]] = {}
        for document in documents:
            for target, item in items_of(document):
                self._by_id.setdefault(item["id"], []).append(OtherHold(document, target, item))

    def of(self, target: Mapping[str, Any], id_: str) -> list[OtherHold]:
        return [one for one in self._by_id.get(id_, ()) if is_same_place(target, one.target)]


def inherit_from_neighbours(
    targets: Sequence[Mapping[str, Any]], neighbours: Neighbours, began: float
) -> tuple[list[Plain], OverlapResult]:
    """The surveyed targets, with what other windows know of their tasks, and the result of the comparison. The survey was made after
    `began`.

    The row of a task that another window holds gets `taken_over` (the ledger's item is made of it) and `met` (a sentence for the plan).
    """
    index, overlap = _Index(neighbours.documents), OverlapResult()
    compared = []
    for target in targets:
        rows = [_inherit_row(target, row, index.of(target, row["id"]), began, overlap) for row in target["found"]]
        compared.append({**target, "found": rows})
    _check_unreadable(((target, row["id"]) for target in targets for row in target["found"]), neighbours, overlap)
    return compared, overlap


def adapt_to_neighbours(document: Plain, neighbours: Neighbours, now: float) -> OverlapResult:
    """Adapt the document of a window that is opened again to what other windows hold now."""
    index, overlap = _Index(neighbours.documents), OverlapResult()
    for target, item in items_of(document):
        if is_skipped(item):
            continue
        others = index.of(target, item["id"])
        holders = [one for one in others if one.holds]
        wrong = _conflict(target, item["id"], target["state"], item["plan"].get("final") or "", others, holders)
        if wrong:
            overlap.refusals.append(wrong)
        elif holders and not may_be_ours(item):
            # This window has put the task back or never changed it. So its own finding is replaced by that of the windows that hold the
            # task.
            other = _inherited_item(holders, target["state"])
            if other["ours"] or other["found"] != item["found"]:
                note_event(item, now, "inherited", other["found"]["state"], ", ".join(other["windows"]))
            item.update(found=other["found"], ours=other["ours"], doubt=other["doubt"], shared=other["made"], wish=other["wish"])
        elif target["state"] == "paused" and any(one.desired_state == "stopped" for one in holders):
            item["wish"] = "stopped"
    _check_unreadable(((target, item["id"]) for target, item in items_of(document)), neighbours, overlap)
    return overlap


def tasks_held_elsewhere(document: Plain, neighbours: Neighbours, began: float) -> tuple[dict[Key, str], dict[Key, str], list[str]]:
    """For the closing of a window, by target and id: why other windows hold a task, and why nobody can find out whether they do; and
    warnings.

    The tasks were surveyed after `began`, when this closing took the lock (seconds since 1970).
    """
    index = _Index(neighbours.documents)
    held: dict[Key, str] = {}
    undecidable: dict[Key, str] = {}
    for target, item in items_of(document):
        others = index.of(target, item["id"])
        key = (target["name"], item["id"])
        if holders := [one.window for one in others if one.holds]:
            held[key] = f"{_window_names(holders)} still {'holds' if len(holders) == 1 else 'hold'} it"
        elif bars := [one for one in neighbours.unreadable if item["id"] in one.words]:
            undecidable[key] = f"the ledger {bars[0].path} {bars[0].why} and names it, so that it isn't known whether that window holds it"
        # While two windows close, each may observe what the other one did to the task, even if the other one has closed since this survey.
        seen = [one for one in others if one.document["status"] != "closed" or one.released_since(began)]
        item["shared"] = sorted({*item.get("shared", ()), *_resulting_states(seen)})
    return held, undecidable, _unreadable_warnings(neighbours)


def transfer_holds(document: Plain, neighbours: Neighbours, now: float) -> list[Plain]:
    """Pass the tasks that are `kept` on to the windows that hold them. Returns the documents of these windows that were changed.

    They have to be written before `document`: then two windows have to put the task back for a moment, rather than none.
    """
    index = _Index(neighbours.documents)
    changed: dict[str, Plain] = {}
    for target, item in items_of(document):
        if item["close"].get("verdict") != "kept" or not may_be_ours(item):
            continue
        for holder in (one for one in index.of(target, item["id"]) if one.holds):
            if not holder.item["ours"]:
                note_event(holder.item, now, "inherited", holder.item["found"]["state"], document["window"])
            holder.item["ours"] = True
            holder.item["doubt"] = holder.item.get("doubt") or item.get("doubt")
            holder.item["shared"] = sorted({*holder.item.get("shared", ()), *_resulting_states([OtherHold(document, target, item)])})
            changed[holder.window] = holder.document
        item["ours"], item["doubt"] = False, None
    return list(changed.values())


# Inner parts


def _inherit_row(
    target: Mapping[str, Any], row: Mapping[str, Any], others: Sequence[OtherHold], began: float, overlap: OverlapResult
) -> Plain:
    holders = [one for one in others if one.holds]
    if row["skipped"]:
        return dict(row)
    if row.get("error"):
        return {**row, "met": _holder_text(holders)} if holders else dict(row)
    final = str(row.get("final") or "")
    if holders and row.get("ways_back") is not None:
        # The way back that has to exist leads to the state in which the first window found the task.
        final = row["ways_back"].get(RESTORING_STATE.get(_earliest_holder(holders).item["found"]["state"]), "")
    wrong = _conflict(target, row["id"], target["state"], final or str(row.get("lasting") or ""), others, holders, bool(row["actions"]))
    if not wrong and not holders and any(one.released_since(began) for one in others):
        names = _window_names([one.window for one in others if one.released_since(began)])
        message = f"{names} released {target['noun']} {row['id']} while this window was reading it; run it again"
        wrong = Failure("refused", of_target(target, message))
    if wrong:
        overlap.refusals.append(wrong)
    if not holders:
        return dict(row)
    other = _inherited_item(holders, target["state"])
    return {**row, "final": final if row["actions"] else "", "taken_over": other, "met": _holder_text(holders)}


def _conflict(
    target: Mapping[str, Any],
    id_: str,
    desired: str,
    final: str,
    others: Sequence[OtherHold],
    holders: Sequence[OtherHold],
    would_act: bool = True,
) -> Failure | None:
    """Why this window can't bring the task to the state `desired` beside the others; None if it can. `final` says why a stop is final."""
    task = f"{target['noun']} {id_}"
    if busy := [one.window for one in others if one.is_closing]:
        message = f"{_window_names(busy)} {'is' if len(busy) == 1 else 'are'} being closed and may put {task} back at any moment"
        return Failure("refused", of_target(target, f"{message}; wait until that has ended, or close it again if it was killed"))
    for one in holders:
        if one.desired_state == desired:
            continue
        held = f"the window {one.window} holds {task} {one.desired_state}"
        if {one.desired_state, desired} != {"paused", "stopped"}:
            return Failure(
                "refused",
                of_target(target, f"{held}, and this window is to make it {desired}; close that window first, or give both the same state"),
            )
        if one.document["status"] != "open":
            return Failure("refused", of_target(target, f"{held} and is still being opened; open this one when that has ended"))
        if desired == "stopped" and final:
            return Failure("refused", of_target(target, f"{held}, and a stop couldn't be undone ({final}); close that window first"))
        if desired == "paused" and would_act and one.item["plan"].get("final"):
            return Failure(
                "refused",
                of_target(target, f"{held}, and it can't be paused from that state; close that window first, or give both the same state"),
            )
    return None


def _inherited_item(holders: Sequence[OtherHold], desired: str) -> Plain:
    """What the item of a window that joins these holders is made of."""
    doubts = [one.item["doubt"] for one in holders if one.item.get("doubt")]
    is_stopped = desired == "paused" and any(one.desired_state == "stopped" for one in holders)
    return {
        "windows": [one.window for one in holders],
        "found": _earliest_holder(holders).item["found"],
        "ours": any(one.may_have_changed for one in holders),
        "doubt": dict(doubts[0]) if doubts else None,
        "made": _resulting_states(holders),
        "final": next((one.item["plan"]["final"] for one in holders if one.item["plan"].get("final")), ""),
        "wish": "stopped" if is_stopped else None,
    }


def _earliest_holder(holders: Sequence[OtherHold]) -> OtherHold:
    return min(holders, key=lambda one: float(one.item["found"]["at"]))


def _resulting_states(others: Sequence[OtherHold]) -> list[str]:
    """The states to which these windows bring the task, or have brought it."""
    states = {str(one.item["plan"]["arrives"]) for one in others if one.item["plan"].get("arrives")}
    states |= {str(row["state"]) for one in others if (row := one.item["open"].get("row") or {}).get("state")}
    return sorted(states | {state for one in others for state in one.item.get("shared", ())})


def _holder_text(holders: Sequence[OtherHold]) -> str:
    held = f"{_window_names([one.window for one in holders])} {'holds' if len(holders) == 1 else 'hold'} it already"
    return f"{held} and found it {_earliest_holder(holders).item['found']['state']}"


def _window_names(names: Sequence[str]) -> str:
    return f"the window {names[0]}" if len(names) == 1 else f"the windows {', '.join(names)}"


def _check_unreadable(tasks: Iterator[tuple[Mapping[str, Any], str]], neighbours: Neighbours, overlap: OverlapResult) -> None:
    if not neighbours.unreadable:
        return
    for target, id_ in tasks:
        for one in neighbours.unreadable:
            if id_ in one.words:
                message = f"the ledger {one.path} {one.why} and names {target['noun']} {id_}, so that it isn't known whether that window "
                overlap.refusals.append(Failure("protocol", of_target(target, f"{message}holds it; repair it, or remove it")))
    overlap.warnings += _unreadable_warnings(neighbours)


def _unreadable_warnings(neighbours: Neighbours) -> list[str]:
    return [f"the ledger {one.path} {one.why}, so that it isn't known which tasks that window holds" for one in neighbours.unreadable]
