# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The texts that a window's run prints from its document: the plan, the progress, and the failures. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ._items import Direction, Plain, has_failed, is_skipped, items_of, named, of_target
from ._lifecycle import RUNNING
from ._window import targets_not_begun

NAMED = 5


def stage_progress(document: Plain, direction: Direction, stage: int) -> str:
    """One line of progress: how many tasks of the stage have reached their states, and which ones are awaited."""
    tasks = [(target, item) for target, item in items_of(document) if target["stage"] == stage]
    over = [item for _target_, item in tasks if item[direction].get("over")]
    failed = [item for item in over if has_failed(item, direction)]
    skipped = [item for item in over if direction == "open" and is_skipped(item) and item not in failed]
    awaited = [(target, item) for target, item in tasks if not item[direction].get("over")]
    reached = len(over) - len(failed) - len(skipped)
    text = (
        f"stage {stage}: {reached} of {len(tasks)} tasks {'reached their state' if direction == 'open' else 'put back or left unchanged'}"
    )
    text += f", {len(skipped)} skipped" if skipped else ""
    text += f", {len(failed)} failed" if failed else ""
    if awaited:
        names = [f"{target['name']} {item['id']} ({_last_message(item, direction)})" for target, item in awaited[:NAMED]]
        more = f" and {len(awaited) - NAMED} more" if len(awaited) > NAMED else ""
        text += f"; awaited: {', '.join(names)}{more}"
    return text


def failures(document: Plain, direction: Direction) -> list[str]:
    """One sentence for each task that failed to reach its desired state."""
    failed = [
        of_target(target, with_task(target, item, item[direction]["row"]["error"]["message"] if direction == "open" else _problem_of(item)))
        for target, item in items_of(document)
        if has_failed(item, direction)
    ]
    if failed and direction == "open" and (names := targets_not_begun(document)):
        failed.append(
            f"the targets {', '.join(names)} of later stages were left unchanged because of that; run it again, or close the window"
        )
    return failed


def warnings_of(document: Plain, direction: Direction) -> list[str]:
    """One warning for each task whose state is unexpected, though nothing failed."""
    if direction == "close":
        return []
    texts = []
    for target, item in items_of(document):
        row = item["open"].get("row") or {}
        if row.get("skipped") and row.get("state") in RUNNING:
            texts.append(of_target(target, f"{target['noun']} {item['id']} still runs, since it was skipped: {row.get('note')}"))
        elif item["open"].get("disturbed"):
            texts.append(of_target(target, f"{target['noun']} {item['id']}: {item['remark']}"))
    return texts


def first_failure(document: Plain, direction: Direction) -> Plain:
    """The failure of the first of these tasks, as the `failure` of a result; empty if none failed."""
    for _target, item in items_of(document):
        if has_failed(item, direction):
            progress = item[direction]
            if progress.get("verdict") == "gone":
                return {"code": "not_found"}
            error = progress.get("error") if progress.get("verdict") == "failed" else progress["row"]["error"]
            return {key: value for key, value in (error or {"code": "unknown_state"}).items() if key != "message"}
    return {}


def open_plan_lines(targets: Sequence[Mapping[str, Any]]) -> list[str]:
    """The plan of a window as lines for a person: the actions for each task, and why a task can't reach its state."""
    lines = []
    for target in sorted(targets, key=lambda target: target["stage"]):
        lines.append(f"stage {target['stage']}: {target['name']} ({target['system']}) to be {target['state']}")
        if target.get("error"):
            lines.append(f"  can't be surveyed: {target['error']['message']}")
        lines += [f"  {_plan_line(target, row)}" for row in target["found"]]
        if target["left_out"]:
            lines.append(f"  {target['left_out']} more selected tasks have ended and are omitted")
        if not target["found"] and not target.get("error"):
            lines.append("  nothing to do: the selection is empty")
    return lines


def close_plan_lines(document: Plain) -> list[str]:
    """The plan of closing as lines for a person."""
    lines = []
    for target in sorted(document["targets"], key=lambda target: -target["stage"]):
        lines.append(f"stage {target['stage']}: {target['name']} ({target['system']})")
        for item in target["items"]:
            closing = item["close"]
            if closing["verdict"] == "owed":
                note = f" ({closing['note']})" if closing.get("note") else ""
                text = "was put back by an earlier run" if closing["over"] else f"is put back to {item['found']['state']}{note}"
            else:
                text = f"is left unchanged: {closing['why']}"
            lines.append(f"  {named(item)}: {text}")
    return lines


def with_task(target: Mapping[str, Any], item: Mapping[str, Any], message: str) -> str:
    """The message with the task's name. A failure on the way to a system may name only an address, in which the id may occur by chance."""
    is_told = re.search(rf"(?<![\w./:-]){re.escape(item['id'])}(?![\w/-])", message)
    return message if is_told else f"{target['noun']} {item['id']}: {message}"


# Inner parts


def _problem_of(item: Mapping[str, Any]) -> str:
    closing = item["close"]
    if closing.get("verdict") in ("gone", "failed"):
        return f"{item['id']} can't be put back: {closing['why']}"
    return str(closing["row"]["error"]["message"])


def _last_message(item: Mapping[str, Any], direction: Direction) -> str:
    row = item[direction].get("row") or {}
    return str(item[direction].get("trouble") or row.get("told") or item["found"]["vendor_state"])


def _plan_line(target: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    name = named(row)
    held_by = f" ({row['met']})" if row.get("met") else ""
    if row.get("error"):
        return f"{name}: can't be done: {row['error']['message'].rstrip('.')}{held_by}"
    if row["skipped"]:
        return f"{name}: is skipped: {row['note']}{held_by}"
    if not row["actions"]:
        return f"{name}: is {row['state']}, nothing to send" + (f" ({row['note']})" if row["note"] else "") + held_by
    accepted = "" if target["accept_final"] else ", refused without accept_final: true"
    final = f"; FINAL: closing can't undo this, since it would find that {row['final']}{accepted}" if row.get("final") else ""
    final = final or (f"; FINAL: {row['lasting']}{accepted}" if row.get("lasting") else "")
    note = f" ({row['note']})" if row["note"] else ""
    return f"{name}: is {row['state']}{held_by}, {', '.join(row['actions'])} makes it {row['arrives']}{note}{final}"
