# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A maintenance window as one document: what was found, what is about to be sent, what was seen, and which tasks to put back. Pure.

The document (all times are seconds since 1970, UTC):

    format, window, status (opening, open, closing, closed), created, updated, until (or None), runs
    targets: name, vendor, system, noun, state, stage, place, accept_final, options, tasks (as given)
             items: id, name, found, plan, wish, shared, ours, doubt, remark, seen, open, close, events

`ours` is true if the window has changed the task and hasn't put it back, or has to put it back in place of another window. `wish` is the
desired state of the open window, and `shared` names states to which other windows may have brought the task. `seen` is the state that was
seen last. `open` and `close` of an item hold its progress in that direction: `intent` (what may be under way), `row` (what was seen last),
`memory` (what the engine needs to continue), `over`. An intent that a run left without an outcome becomes the item's `doubt`: the action
may have taken effect, or may still do so. `remark` says why a task counts as the window's though no answer accepted its action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._errors import Failure
from ._items import (
    Direction,
    Plain,
    desired_state_of,
    has_failed,
    is_owed,
    is_put_back,
    items_of,
    may_be_ours,
    not_begun,
    note_event,
    of_target,
)
from ._lifecycle import RESTORING_STATE

FORMAT = 1
KEPT_OF_A_TARGET = ("name", "vendor", "system", "noun", "state", "stage", "place", "accept_final", "options", "left_out")
KEPT_OF_A_PLAN = ("actions", "arrives", "vendor_arrives", "armed", "final", "lasting", "note", "skipped")
KEPT_OF_A_ROW = ("state", "vendor_state", "told", "action", "changed", "reached", "skipped", "note")


def refusals(targets: Sequence[Mapping[str, Any]]) -> list[Failure]:
    """Why these surveyed targets can't be opened; empty if they can."""
    wrong = [Failure(target["error"]["code"], of_target(target, target["error"]["message"])) for target in targets if target.get("error")]
    wrong += _duplicate_tasks(targets)
    for target in targets:
        for row in target["found"]:
            if row.get("error"):
                held = f" ({row['met']})" if row.get("met") else ""
                wrong.append(Failure(row["error"]["code"], of_target(target, f"{row['error']['message'].rstrip('.')}{held}")))
            elif row.get("final") and not target["accept_final"]:
                # The sentence describes a task in its final state, which this task hasn't reached yet.
                now = f"{target['noun']} {row['id']} is {row['vendor_state']}"
                message = f"{now}; closing can't undo {', '.join(row['actions'])}, since it would find that {row['final']}"
                advice = "; set accept_final: true for the target to accept this"
                wrong.append(Failure("unreachable_state", of_target(target, f"{message}{advice}")))
            elif row.get("lasting") and not target["accept_final"]:
                message = f"{row['lasting']}, which closing can't undo; set accept_final: true for the target to accept this"
                wrong.append(Failure("unreachable_state", of_target(target, message)))
    return wrong


def new_document(window: str, targets: Sequence[Mapping[str, Any]], now: float, until: float | None = None) -> Plain:
    """A new document with the results of the survey. It holds no intents yet."""
    return {
        "format": FORMAT,
        "window": window,
        "status": "opening",
        "created": now,
        "updated": now,
        "until": until,
        "runs": [],
        "targets": [_target(target, now) for target in targets],
    }


def check_same(document: Plain, targets: Sequence[Mapping[str, Any]]) -> None:
    """Refuse other targets for an open window: it keeps its first findings. Raises `Failure` (`usage`)."""
    had = {target["name"]: target for target in document["targets"]}
    for target in targets:
        old = had.pop(target["name"], None)
        given = [str(task) for task in target.get("tasks") or ()]
        if old is None or any(old[key] != target[key] for key in ("vendor", "state")) or (given and given != old["given"]):
            raise Failure(
                "usage",
                f"the window {document['window']} is {document['status']} and its ledger has "
                f"{'another definition of the' if old else 'no'} target {target['name']}; "
                "close it first, or take another id for these targets",
            )
        if target.get("place") and old.get("place") and target["place"] != old["place"]:
            raise Failure(
                "usage",
                f"the window {document['window']} is {document['status']} and its target {target['name']} is on {old['place']}, not on "
                f"{target['place']}; give the system by which it was opened, or take another id for this one",
            )
    if had:
        raise Failure(
            "usage",
            f"the window {document['window']} is {document['status']} and its ledger has the target {next(iter(had))} too, which isn't "
            "given; close it first, or take another id for these targets",
        )


def stages(document: Plain, direction: Direction) -> list[int]:
    """The stages in the order in which this direction handles them."""
    return sorted({target["stage"] for target in document["targets"]}, reverse=direction == "close")


def begin(document: Plain, direction: Direction, run: str, now: float) -> None:
    """Begin a run. Actions that an earlier run left without an outcome are in doubt from now on."""
    document["status"] = "opening" if direction == "open" else "closing"
    document["runs"].append({"run": run, "role": direction, "began": now})
    for _its, item in items_of(document):
        is_held = item["ours"] and bool((item["open"].get("row") or {}).get("reached"))
        tried = _attempted_action(item["close"])
        for each_direction in ("open", "close"):
            _mark_in_doubt(item, item[each_direction], item["plan"]["arrives"] if each_direction == "open" else item["found"]["state"])
        # Observations of an earlier run in this direction don't count as results of this one, except for tasks that closing has settled.
        if direction == "open":
            item["open"], item["close"] = not_begun(), not_begun()
            if is_held and not item["doubt"]:
                item["open"]["held"] = True
        elif not is_put_back(item):
            item["close"] = {**not_begun(), "tried": tried}


def targets_to_survey(document: Plain) -> list[Plain]:
    """The targets whose tasks closing has to read, with the desired state that would put each task back."""
    return [
        _work(target, desired, items, closing=True)
        for target in document["targets"]
        for desired, items in _by_restoring_state([item for item in target["items"] if may_be_ours(item)]).items()
    ]


def current_stage(document: Plain, direction: Direction) -> int | None:
    """The next stage to work on; None if nothing is left to do.

    Opening doesn't continue after a stage with a failure. Closing puts back every task that it can.
    """
    for stage in stages(document, direction):
        items = [item for target, item in items_of(document) if target["stage"] == stage]
        if any(not item[direction].get("over") for item in items):
            return stage
        if direction == "open" and any(has_failed(item, "open") for item in items):
            return None
    return None


def stage_work(document: Plain, direction: Direction, stage: int) -> list[Plain]:
    """The remaining work of a stage, as targets for the engine. Tasks with the same desired state are grouped."""
    work: list[Plain] = []
    for target in document["targets"]:
        if target["stage"] != stage:
            continue
        items = [item for item in target["items"] if not item[direction].get("over")]
        groups = _by_desired_state(target, items) if direction == "open" else _by_restoring_state(items)
        for desired, group in groups.items():
            memories = {item["id"]: item[direction].get("memory") or _first_memory(item) for item in group}
            armed = [item["id"] for item in group if item["plan"].get("armed")] if direction == "open" else []
            spent = min(item[direction].get("spent", 0.0) for item in group)
            work.append({**_work(target, desired, group, direction == "close"), "memories": memories, "armed": armed, "spent": spent})
    return work


def intend(document: Plain, direction: Direction, stage: int, now: float) -> None:
    """Record, for each unfinished task of the stage, what may be sent to it from now on."""
    for target, item in items_of(document):
        progress = item[direction]
        if target["stage"] == stage and not progress.get("over"):
            actions = item["plan"]["actions"] if direction == "open" else [f"the return to {item['found']['state']}"]
            progress["intent"] = {"actions": actions, "at": now}


def record(document: Plain, direction: Direction, targets: Sequence[Mapping[str, Any]], now: float) -> None:
    """Take over results of the engine. The tasks in them aren't in doubt any more."""
    rows = {(result["name"], row["id"]): (result, row) for result in targets for row in result["tasks"]}
    broken = {(result["name"], result["state"]): result for result in targets if result.get("error")}
    for target, item in items_of(document):
        progress = item[direction]
        desired = desired_state_of(target, item) if direction == "open" else RESTORING_STATE.get(item["found"]["state"])
        found = rows.get((target["name"], item["id"]))
        result = broken.get((target["name"], str(desired)))
        if progress.get("over") or not (found or result):
            continue
        if found:
            _take_over(item, progress, direction, found[0], found[1], now)
        if result and not progress.get("over"):
            progress["spent"] = result["spent"]
            progress["trouble"] = result["error"]["message"]
            if result["over"]:
                progress["over"] = True
                progress["row"] = {**(progress.get("row") or {}), "reached": False, "error": result["error"]}
                note_event(item, now, "failed", "unknown", result["error"]["message"])


def end(document: Plain, direction: Direction, run: str, now: float, complete: bool) -> None:
    """End a run. Only a run that completed all its stages opens or closes the window."""
    for _its, item in items_of(document):
        progress = item[direction]
        started = progress.get("row") or progress.get("intent")
        if complete and started and not progress.get("over"):
            message = f"{item['id']} was still awaited when the run ended; run it again"
            progress.update(over=True, row={**(progress.get("row") or {}), "error": {"code": "timeout", "message": message}})
            note_event(item, now, "failed", "unknown", message)
    if complete and direction == "open" and not targets_not_begun(document):
        document["status"] = "open"
    elif complete and direction == "close" and not any(has_failed(item, "close") for _its, item in items_of(document)):
        document["status"] = "closed"
    for noted in document["runs"]:
        if noted["run"] == run:
            noted["ended"] = now
            noted["complete"] = complete


def task_count(document: Plain, direction: Direction) -> int:
    """How many tasks a run in this direction handles: all of the window, or those that closing has to put back."""
    return sum(1 for _target_, item in items_of(document) if direction == "open" or is_owed(item))


def owed_ids(document: Plain) -> dict[str, list[str]]:
    """The tasks that have to be put back, by the names of their targets."""
    return {target["name"]: [item["id"] for item in target["items"] if is_owed(item)] for target in document["targets"]}


def targets_to_plan(document: Plain) -> list[Plain]:
    """The targets of an open window with their tasks, for the plan of opening it again."""
    return [
        {**_work(target, desired, items, closing=False), "accept_final": target["accept_final"]}
        for target in document["targets"]
        for desired, items in _by_desired_state(target, target["items"]).items()
    ]


def targets_not_begun(document: Plain) -> list[str]:
    """The names of the targets that opening didn't complete."""
    return [target["name"] for target in document["targets"] if any(not item["open"].get("over") for item in target["items"])]


# Inner parts


def _duplicate_tasks(targets: Sequence[Mapping[str, Any]]) -> list[Failure]:
    seen: dict[tuple[str, str], str] = {}
    wrong = []
    names = [target["name"] for target in targets]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            wrong.append(Failure("usage", f"{names.count(name)} targets have the name {name}; give each its own"))
    for target in targets:
        for row in target["found"]:
            place = (target["place"], row["id"])
            if seen.setdefault(place, target["name"]) != target["name"]:
                both = f"the targets {seen[place]} and {target['name']} both name {target['noun']} {row['id']}"
                wrong.append(Failure("usage", f"{both}; leave it to one"))
    return wrong


def _target(target: Mapping[str, Any], now: float) -> Plain:
    ids = [row["id"] for row in target["found"]]
    tasks = [str(task) for task in target["tasks"]]
    return {
        **{key: target[key] for key in KEPT_OF_A_TARGET},
        "given": tasks,
        "tasks": tasks or ids,
        "items": [_item(row, now) for row in target["found"]],
    }


def _item(row: Mapping[str, Any], now: float) -> Plain:
    """The item of a task as the survey found it, or as a window that holds the task already found it (`_overlap`)."""
    other = row.get("taken_over") or {}
    found = {"state": row["state"], "vendor_state": row["vendor_state"], "seen": row["seen"], "at": now}
    item: Plain = {
        "id": row["id"],
        "name": row["name"],
        "found": other.get("found") or found,
        "plan": {key: row.get(key) for key in KEPT_OF_A_PLAN},
        "wish": other.get("wish"),
        "shared": list(other.get("made") or ()),
        "ours": bool(other.get("ours")),
        "doubt": other.get("doubt"),
        "remark": "",
        "seen": row["state"],
        "open": not_begun(),
        "close": not_begun(),
        "events": [],
    }
    item["plan"]["final"] = row.get("final") or other.get("final")
    note_event(item, now, "found", row["state"], "")
    if other:
        note_event(item, now, "inherited", item["found"]["state"], ", ".join(other["windows"]))
    return item


def _first_memory(item: Mapping[str, Any]) -> Plain:
    memory: Plain = {"before": item["found"]["seen"], "actions": [], "changed": False, "sends": 0}
    if doubt := item.get("doubt"):
        message = f"an earlier run ended before it was clear whether {doubt['action']} had an effect"
        failure = {"kind": "lost", "code": "timeout", "message": message}
        memory["sent"] = {"action": doubt["action"], "arrives": doubt.get("arrives"), "failure": failure}
    return memory


def _mark_in_doubt(item: Plain, progress: Plain, arrives: str) -> None:
    """Record as doubt what was under way to the state `arrives` when a run ended: nobody knows when it was sent, or whether."""
    memory, intent = progress.pop("memory", None), progress.pop("intent", None)
    sent = memory and memory.get("sent")
    if sent and _is_known_to_have_failed(sent):
        sent = None
    if not (sent or intent):
        return
    action = sent["action"] if sent else ", ".join(intent["actions"]) or "what was to be sent"
    # If two doubtful actions lead to different states, nobody knows which state shows last.
    leads_apart = bool(item["doubt"]) and item["doubt"].get("arrives") != arrives
    item["doubt"] = {"action": action, "arrives": None if leads_apart else arrives}


def _is_known_to_have_failed(sent: Mapping[str, Any]) -> bool:
    """Whether the action surely had no effect. Older ledgers don't record that; the effect then counts as unknown."""
    failure = sent.get("failure")
    return bool(failure and failure.get("conclusive", False))


def _attempted_action(progress: Mapping[str, Any]) -> list[str]:
    """The states in which earlier closings may have left the task. A start that failed was the window's own."""
    row, states = progress.get("row") or {}, set(progress.get("tried") or ())
    acted = row.get("action") not in (None, "none")
    if acted and not row.get("reached"):
        states |= {str(row["state"]), "failed"}
    if progress.get("intent") or (progress.get("memory") or {}).get("sent"):
        states.add("failed")
    return sorted(states)


def _by_desired_state(target: Mapping[str, Any], items: Sequence[Plain]) -> dict[str, list[Plain]]:
    groups: dict[str, list[Plain]] = {}
    for item in items:
        groups.setdefault(desired_state_of(target, item), []).append(item)
    return groups


def _by_restoring_state(items: Sequence[Plain]) -> dict[str, list[Plain]]:
    groups: dict[str, list[Plain]] = {}
    for item in items:
        desired = RESTORING_STATE.get(item["found"]["state"])
        if desired:
            groups.setdefault(desired, []).append(item)
    return groups


def _work(target: Mapping[str, Any], desired: str, items: Sequence[Mapping[str, Any]], closing: bool) -> Plain:
    return {
        "name": target["name"],
        "vendor": target["vendor"],
        "state": desired,
        "stage": target["stage"],
        "place": target.get("place"),
        "tasks": target["tasks"],
        "ids": [item["id"] for item in items],
        "options": target["options"],
        "closing": closing,
    }


def _take_over(item: Plain, progress: Plain, direction: Direction, result: Mapping[str, Any], row: Mapping[str, Any], now: float) -> None:
    last = progress.get("row") or {}
    for passed in ("intent", "trouble"):
        progress.pop(passed, None)
    progress.update(memory=row["memory"], over=row["over"], spent=result["spent"])
    progress["row"] = {key: row.get(key) for key in KEPT_OF_A_ROW}
    item["seen"] = row["state"]
    doubt, was_ours = item["doubt"], item["ours"]
    # If the action of a killed run has led to its state, it counts as that run's change. So does an action after which the task is gone.
    took_hold = bool(doubt) and row["state"] in (item["plan"]["arrives"], "absent") and row["state"] != item["found"]["state"]
    if not row["memory"].get("sent"):
        item["doubt"] = None
    if direction == "open":
        item["remark"] = row["memory"].get("remark") or item.get("remark", "")
        item["ours"] = item["ours"] or row["changed"] or took_hold
    else:
        item["ours"] = not row["reached"]
    if row.get("error"):
        progress["row"]["error"] = row["error"]
    item["name"] = row.get("name") or item["name"]
    sent = row["action"] if row["action"] != "none" else ""
    if direction == "close" and took_hold and not was_ours and row["state"] != "absent":
        note_event(item, now, "acted", row["state"], f"{doubt['action']} (by an earlier run)")
    # If this run had nothing to send, the killed run sent the action.
    is_seen = took_hold if direction == "open" else bool(doubt) and row["reached"] and doubt.get("arrives") == item["found"]["state"]
    if not sent and is_seen and not last.get("by_earlier") and not _was_sent(item, direction, doubt["action"]):
        note_event(item, now, "acted" if direction == "open" else "returned", row["state"], f"{doubt['action']} (by an earlier run)")
        progress["row"]["by_earlier"] = True
    if progress.pop("held", False) and sent:
        item["remark"] = f"somebody else had changed it since the window held it, so that {sent} was sent again"
        progress["disturbed"] = True
        note_event(item, now, "disturbed", row["state"], sent)
    if sent and sent != last.get("action"):
        note_event(item, now, "acted" if direction == "open" else "returned", row["state"], sent)
    if row.get("error"):
        note_event(item, now, "failed", row["state"], row["error"]["message"])
    elif row["skipped"]:
        note_event(item, now, "skipped", row["state"], row["note"])
    elif row["reached"]:
        note_event(item, now, "reached" if direction == "open" else "back", row["state"], row["note"])


def _was_sent(item: Mapping[str, Any], direction: Direction, action: str) -> bool:
    """Whether the history records the action already, since the task was last found, reached its state or was put back."""
    for event in reversed(item["events"]):
        if event["what"] in ("back", "reached", "found"):
            return False
        if event["what"] == ("acted" if direction == "open" else "returned") and event["text"].startswith(action):
            return True
    return False
