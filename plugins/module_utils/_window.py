# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A maintenance window as one document: what was found, what is about to be sent, what was seen, and what is owed. Pure.

The document (all times are seconds since 1970, UTC):

    format, window, status (opening, open, closing, closed), created, updated, runs
    targets: name, vendor, system, noun, state, stage, accept_final, options, tasks (as given)
             items: id, name, found, plan, ours, doubt, remark, open, close, events

`ours` tells that the window has changed the task and hasn't put it back. `open` and `close` of an item hold how far it got in that
direction: `intent` (what may be under way), `row` (what was seen last), `memory` (what the engine has to know to go on), `over`. An
intent that a run left without an outcome becomes the item's `doubt`: it may have taken hold, or may do so yet. `remark` says why a task
counts as the window's though no answer said that its action was accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ._errors import Failure
from ._lifecycle import BACK, SATISFIED_BY

Plain = dict[str, Any]
Direction = Literal["open", "close"]

FORMAT = 1
NAMED = 5
ON_THE_WAY = frozenset({"pausing", "stopping", "starting"})


def refusals(targets: Sequence[Mapping[str, Any]]) -> list[Failure]:
    """Why these surveyed targets can't be opened; empty if they can."""
    wrong = [Failure(target["error"]["code"], _of(target, target["error"]["message"])) for target in targets if target.get("error")]
    wrong += _named_twice(targets)
    for target in targets:
        for row in target["found"]:
            if row.get("error"):
                wrong.append(Failure(row["error"]["code"], _of(target, row["error"]["message"])))
            elif row.get("final") and not target["accept_final"]:
                # The sentence is that of a task which has got there, and this one hasn't.
                now = f"{target['noun']} {row['id']} is {row['vendor_state']}"
                told = f"{now}; after {', '.join(row['actions'])} this would hold: {row['final']}"
                advice = "so that closing couldn't put it back; give the target accept_final: true if that is meant"
                wrong.append(Failure("unreachable_state", _of(target, f"{told}, {advice}")))
    return wrong


def opened(window: str, targets: Sequence[Mapping[str, Any]], now: float) -> Plain:
    """A new document with what the survey found. Nothing is under way in it yet."""
    return {
        "format": FORMAT,
        "window": window,
        "status": "opening",
        "created": now,
        "updated": now,
        "runs": [],
        "targets": [_target(target, now) for target in targets],
    }


def check_same(document: Plain, targets: Sequence[Mapping[str, Any]]) -> None:
    """A window that is open keeps its first findings, so its targets can't be others now. Raises `Failure` (`usage`)."""
    had = {target["name"]: target for target in document["targets"]}
    for target in targets:
        old = had.pop(target["name"], None)
        given = [str(task) for task in target.get("tasks") or ()]
        if old is None or any(old[key] != target[key] for key in ("vendor", "state")) or (given and given != old["given"]):
            raise Failure(
                "usage",
                f"the window {document['window']} is {document['status']} and its ledger knows the target {target['name']} "
                f"{'otherwise' if old else 'not at all'}; close it first, or take another id for these targets",
            )
    if had:
        raise Failure(
            "usage",
            f"the window {document['window']} is {document['status']} and its ledger has the target {next(iter(had))} too, which isn't "
            "given; close it first, or take another id for these targets",
        )


def stages(document: Plain, direction: Direction) -> list[int]:
    """The stages in the order in which they are gone through."""
    return sorted({target["stage"] for target in document["targets"]}, reverse=direction == "close")


def begin(document: Plain, direction: Direction, run: str, now: float) -> None:
    """A run begins. Whatever an earlier one left under way is in doubt from now on."""
    document["status"] = "opening" if direction == "open" else "closing"
    document["runs"].append({"run": run, "role": direction, "began": now})
    for _its, item in _items(document):
        for way in ("open", "close"):
            _leave_behind(item, item[way], item["plan"]["arrives"] if way == "open" else item["found"]["state"])
        # What an earlier run saw in this direction is no news of this one.
        item[direction] = _untouched()


def judge(document: Plain, surveyed: Sequence[Mapping[str, Any]], now: float) -> None:
    """Decide for each task what closing owes it, from what it's now. What the window didn't change it leaves alone."""
    seen = {(target["name"], row["id"]): row for target in surveyed for row in target["found"]}
    failed = {target["name"]: target["error"] for target in surveyed if target.get("error")}
    for target, item in _items(document):
        verdict, why = _verdict(target, item, seen.get((target["name"], item["id"])), failed.get(target["name"]))
        row = seen.get((target["name"], item["id"]))
        error = failed.get(target["name"]) if verdict == "failed" else None
        item["close"].update(verdict=verdict, why=why, over=verdict != "owed", state=row["state"] if row else None, error=error)
        if verdict == "back":
            item["ours"] = False
        if verdict == "owed" and not item["ours"]:
            item["remark"] = f"nobody knows whether {item['doubt']['action']} took hold, so that it was put back as if it had"
        if verdict in ("left", "gone", "failed", "final"):
            _event(item, now, verdict, row["state"] if row else "unknown", why)


def to_survey(document: Plain) -> list[Plain]:
    """The targets whose tasks closing has to look at, with the wish by which each would be put back."""
    return [
        _work(target, wish, items, closing=True)
        for target in document["targets"]
        for wish, items in _by_wish(target, [item for item in target["items"] if _may_be_ours(item)]).items()
    ]


def stage_now(document: Plain, direction: Direction) -> int | None:
    """The stage that is to be worked on; None if nothing is left to do.

    Opening goes no further than a stage in which something failed; closing puts back all it can.
    """
    for stage in stages(document, direction):
        mine = [item for target, item in _items(document) if target["stage"] == stage]
        if any(not item[direction].get("over") for item in mine):
            return stage
        if direction == "open" and any(_has_failed(item, "open") for item in mine):
            return None
    return None


def work(document: Plain, direction: Direction, stage: int) -> list[Plain]:
    """What is left to do in a stage, as targets for the engine: tasks that want the same go together."""
    left: list[Plain] = []
    for target in document["targets"]:
        if target["stage"] != stage:
            continue
        items = [item for item in target["items"] if not item[direction].get("over")]
        groups = {target["state"]: items} if direction == "open" else _by_wish(target, items)
        for wish, group in groups.items():
            if group:
                memories = {item["id"]: item[direction].get("memory") or _first_memory(item) for item in group}
                armed = [item["id"] for item in group if item["plan"].get("armed")] if direction == "open" else []
                spent = min(item[direction].get("spent", 0.0) for item in group)
                left.append({**_work(target, wish, group, direction == "close"), "memories": memories, "armed": armed, "spent": spent})
    return left


def intend(document: Plain, direction: Direction, stage: int, now: float) -> None:
    """Note for each task of the stage that isn't there yet what may be sent to it from now on."""
    for target, item in _items(document):
        way = item[direction]
        if target["stage"] == stage and not way.get("over"):
            actions = item["plan"]["actions"] if direction == "open" else [f"the return to {item['found']['state']}"]
            way["intent"] = {"actions": actions, "at": now}


def record(document: Plain, direction: Direction, targets: Sequence[Mapping[str, Any]], now: float) -> None:
    """Take over what a stretch of the way brought; its tasks aren't in doubt any more."""
    rows = {(result["name"], row["id"]): (result, row) for result in targets for row in result["tasks"]}
    broken = {(result["name"], result["state"]): result for result in targets if result.get("error")}
    for target, item in _items(document):
        way = item[direction]
        wish = target["state"] if direction == "open" else BACK.get(item["found"]["state"])
        found = rows.get((target["name"], item["id"]))
        result = broken.get((target["name"], wish))
        if way.get("over") or not (found or result):
            continue
        if found:
            _take_over(item, way, direction, found[0], found[1], now)
        if result and not way.get("over"):
            way["spent"] = result["spent"]
            way["trouble"] = result["error"]["message"]
            if result["over"]:
                way["over"] = True
                way["row"] = {**(way.get("row") or {}), "reached": False, "error": result["error"]}
                _event(item, now, "failed", "unknown", result["error"]["message"])


def end(document: Plain, direction: Direction, run: str, now: float, complete: bool) -> None:
    """A run ends. Only one that went through all its stages opens or closes the window."""
    for _its, item in _items(document):
        begun = item[direction].get("row") or item[direction].get("intent")
        if complete and begun and not item[direction].get("over"):
            message = f"{item['id']} was still awaited when the run ended; run it again"
            item[direction].update(over=True, row={**(item[direction].get("row") or {}), "error": {"code": "timeout", "message": message}})
    if complete and direction == "open" and not _not_begun(document):
        document["status"] = "open"
    elif complete and direction == "close" and not failures(document, "close"):
        document["status"] = "closed"
    for noted in document["runs"]:
        if noted["run"] == run:
            noted["ended"] = now
            noted["complete"] = complete


def progress(document: Plain, direction: Direction, stage: int) -> str:
    """One line for whoever watches: what has been reached in the stage, and what is still awaited."""
    mine = [(target, item) for target, item in _items(document) if target["stage"] == stage]
    over = [item for _target_, item in mine if item[direction].get("over")]
    bad = [item for item in over if _has_failed(item, direction)]
    awaited = [(target, item) for target, item in mine if not item[direction].get("over")]
    text = f"stage {stage}: {len(over) - len(bad)} of {len(mine)} tasks {'as wanted' if direction == 'open' else 'put back or left'}"
    text += f", {len(bad)} failed" if bad else ""
    if awaited:
        named = [f"{target['name']} {item['id']} ({_told(item, direction)})" for target, item in awaited[:NAMED]]
        more = f" and {len(awaited) - NAMED} more" if len(awaited) > NAMED else ""
        text += f"; awaited: {', '.join(named)}{more}"
    return text


def failures(document: Plain, direction: Direction) -> list[str]:
    """One sentence for each task that didn't get where it should have."""
    failed = [
        _of(target, _with_name(target, item, item[direction]["row"]["error"]["message"] if direction == "open" else _trouble_of(item)))
        for target, item in _items(document)
        if _has_failed(item, direction)
    ]
    if failed and direction == "open" and (names := _not_begun(document)):
        failed.append(f"the targets {', '.join(names)} of later stages weren't touched because of that; run it again, or close the window")
    return failed


def verdict(document: Plain, direction: Direction) -> Plain:
    """What the first of these tasks failed by, as the `failure` of a result; empty if none failed."""
    for _target, item in _items(document):
        if _has_failed(item, direction):
            way = item[direction]
            if way.get("verdict") == "gone":
                return {"code": "not_found"}
            error = way.get("error") if way.get("verdict") == "failed" else way["row"]["error"]
            return {key: value for key, value in (error or {"code": "unknown_state"}).items() if key != "message"}
    return {}


def planned(targets: Sequence[Mapping[str, Any]]) -> list[str]:
    """The plan of a window as lines for a person: what would be done to each task, what can't be and why."""
    lines = []
    for target in sorted(targets, key=lambda target: target["stage"]):
        lines.append(f"stage {target['stage']}: {target['name']} ({target['system']}) to be {target['state']}")
        if target.get("error"):
            lines.append(f"  can't be surveyed: {target['error']['message']}")
        lines += [f"  {_plan_line(target, row)}" for row in target["found"]]
        if target["left_out"]:
            lines.append(f"  {target['left_out']} more of the selection have ended already and are left out")
        if not target["found"] and not target.get("error"):
            lines.append("  nothing to do: the selection is empty")
    return lines


def owed(document: Plain) -> list[str]:
    """What closing makes of each task, as lines for a person."""
    lines = []
    for target in sorted(document["targets"], key=lambda target: -target["stage"]):
        lines.append(f"stage {target['stage']}: {target['name']} ({target['system']})")
        for item in target["items"]:
            way = item["close"]
            told = f"is put back to {item['found']['state']}" if way["verdict"] == "owed" else f"is left as it is: {way['why']}"
            lines.append(f"  {_named(item)}: {told}")
    return lines


def total(document: Plain, direction: Direction) -> int:
    """How many tasks a run in this direction brings somewhere: all of the window, or those that closing owes something."""
    return sum(1 for _target_, item in _items(document) if direction == "open" or item["close"].get("verdict") == "owed")


def owed_ids(document: Plain) -> dict[str, list[str]]:
    """The tasks that are to be put back, by the names of their targets."""
    return {
        target["name"]: [item["id"] for item in target["items"] if item["close"].get("verdict") == "owed"] for target in document["targets"]
    }


def to_plan_again(document: Plain) -> list[Plain]:
    """The targets of a window that is open, with the tasks that they have, for a plan of opening it again."""
    return [
        {**_work(target, target["state"], target["items"], closing=False), "accept_final": target["accept_final"]}
        for target in document["targets"]
        if target["items"]
    ]


# Inner parts


def _not_begun(document: Plain) -> list[str]:
    return [target["name"] for target in document["targets"] if any(not item["open"].get("over") for item in target["items"])]


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['id']} {row['name']}" if row.get("name") and row["name"] != row["id"] else str(row["id"])


def _with_name(target: Mapping[str, Any], item: Mapping[str, Any], message: str) -> str:
    """The message, naming the task: what failed on the way to a system may name its address only."""
    return message if item["id"] in message else f"{target['noun']} {item['id']}: {message}"


def _of(target: Mapping[str, Any], message: str) -> str:
    return f"target {target['name']}: {message.rstrip('.')}"


def _named_twice(targets: Sequence[Mapping[str, Any]]) -> list[Failure]:
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
                wrong.append(
                    Failure(
                        "usage", f"the targets {seen[place]} and {target['name']} both name {target['noun']} {row['id']}; leave it to one"
                    )
                )
    return wrong


def _target(target: Mapping[str, Any], now: float) -> Plain:
    kept = ("name", "vendor", "system", "noun", "state", "stage", "accept_final", "options", "left_out")
    ids = [row["id"] for row in target["found"]]
    tasks = [str(task) for task in target["tasks"]]
    return {
        **{key: target[key] for key in kept},
        "given": tasks,
        "tasks": tasks or ids,
        "items": [_item(row, now) for row in target["found"]],
    }


def _item(row: Mapping[str, Any], now: float) -> Plain:
    item: Plain = {
        "id": row["id"],
        "name": row["name"],
        "found": {"state": row["state"], "vendor_state": row["vendor_state"], "seen": row["seen"], "at": now},
        "plan": {key: row.get(key) for key in ("actions", "arrives", "vendor_arrives", "armed", "final", "note")},
        "ours": False,
        "doubt": None,
        "remark": "",
        "open": _untouched(),
        "close": _untouched(),
        "events": [],
    }
    _event(item, now, "found", row["state"], "")
    return item


def _untouched() -> Plain:
    return {"over": False, "spent": 0.0}


def _items(document: Plain) -> Iterator[tuple[Plain, Plain]]:
    for target in document["targets"]:
        for item in target["items"]:
            yield target, item


def _event(item: Plain, now: float, what: str, state: str, text: str) -> None:
    item["events"].append({"at": now, "what": what, "state": state, "text": text})


def _first_memory(item: Mapping[str, Any]) -> Plain:
    memory: Plain = {"before": item["found"]["seen"], "actions": [], "changed": False, "sends": 0}
    if doubt := item.get("doubt"):
        message = f"an earlier run ended before it was clear what became of {doubt['action']}"
        failure = {"kind": "lost", "code": "timeout", "message": message}
        memory["sent"] = {"action": doubt["action"], "arrives": doubt.get("arrives"), "failure": failure}
    return memory


def _leave_behind(item: Plain, way: Plain, arrives: str) -> None:
    """What was under way to the state `arrives` when a run ended: nobody knows when it was sent, or whether."""
    memory, intent = way.pop("memory", None), way.pop("intent", None)
    sent = memory and memory.get("sent")
    if sent and _is_known_to_have_failed(sent):
        sent = None
    if not (sent or intent):
        return
    action = sent["action"] if sent else ", ".join(intent["actions"]) or "what was to be sent"
    # Of two that lead apart, nobody knows which one shows last.
    leads_apart = bool(item["doubt"]) and item["doubt"].get("arrives") != arrives
    item["doubt"] = {"action": action, "arrives": None if leads_apart else arrives}


def _is_known_to_have_failed(sent: Mapping[str, Any]) -> bool:
    """Whether what was sent surely had no effect. A ledger of before this was told in it counts as not knowing."""
    failure = sent.get("failure")
    return bool(failure and failure.get("conclusive", False))


def _may_be_ours(item: Mapping[str, Any]) -> bool:
    """Whether the window has changed the task, or may have."""
    return bool(item["ours"] or item.get("doubt"))


def _verdict(target: Mapping[str, Any], item: Plain, now: Mapping[str, Any] | None, failed: Mapping[str, Any] | None) -> tuple[str, str]:
    """What closing owes a task, in a word, and why.

    `untouched`: the window didn't change it; `back`: it's as it was found; `left`: somebody else changed it since; `final`: it can't be put
    back, which was accepted; `gone`: the system no longer knows it; `failed`: it couldn't be read; `owed`: it's to be put back.
    """
    found, row, wish = item["found"], item["open"].get("row") or {}, BACK.get(item["found"]["state"])
    if not _may_be_ours(item) or wish is None:
        return "untouched", "the window didn't change it"
    if now is None:
        return "failed", (failed or {}).get("message") or "it wasn't read"
    if now["state"] == "absent":
        return "gone", f"{target['system']} no longer knows it"
    doubtful = bool(item.get("doubt"))
    if now["state"] == "completed" and wish == "started":
        return "left", "it has ended by itself meanwhile (completed)"
    is_back = now["state"] == found["state"] or now["state"] in SATISFIED_BY[wish]
    if is_back and not doubtful:
        return "back", f"it's {now['state']} already"
    expected = {row.get("state"), item["plan"]["arrives"]} | ON_THE_WAY
    if not is_back and now["state"] not in expected:
        return "left", f"it's {now['state']} now, which the window hadn't made it; whoever did that may want it so"
    if item["plan"].get("final") and not is_back:
        return "final", str(item["plan"]["final"])
    return "owed", ""


def _by_wish(target: Mapping[str, Any], items: Sequence[Plain]) -> dict[str, list[Plain]]:
    groups: dict[str, list[Plain]] = {}
    for item in items:
        wish = BACK.get(item["found"]["state"])
        if wish:
            groups.setdefault(wish, []).append(item)
    return groups


def _work(target: Mapping[str, Any], wish: str, items: Sequence[Mapping[str, Any]], closing: bool) -> Plain:
    return {
        "name": target["name"],
        "vendor": target["vendor"],
        "state": wish,
        "stage": target["stage"],
        "tasks": target["tasks"],
        "ids": [item["id"] for item in items],
        "options": target["options"],
        "closing": closing,
    }


def _take_over(item: Plain, way: Plain, direction: Direction, result: Mapping[str, Any], row: Mapping[str, Any], now: float) -> None:
    last = way.get("row") or {}
    way.pop("intent", None)
    way.update(memory=row["memory"], over=row["over"], spent=result["spent"])
    way["row"] = {key: row.get(key) for key in ("state", "vendor_state", "told", "action", "changed", "reached", "skipped", "note")}
    # An action of a killed run that has led where it was to lead counts as that run's.
    took_hold = bool(item["doubt"]) and row["state"] == item["plan"]["arrives"] != item["found"]["state"]
    if not row["memory"].get("sent"):
        item["doubt"] = None
    if direction == "open":
        item["remark"] = row["memory"].get("remark") or item.get("remark", "")
        item["ours"] = item["ours"] or row["changed"] or took_hold
    else:
        item["ours"] = not row["reached"]
    if row.get("error"):
        way["row"]["error"] = row["error"]
    item["name"] = row.get("name") or item["name"]
    if row["action"] != "none" and row["action"] != last.get("action"):
        _event(item, now, "acted" if direction == "open" else "returned", row["state"], row["action"])
    if row.get("error"):
        _event(item, now, "failed", row["state"], row["error"]["message"])
    elif row["skipped"]:
        _event(item, now, "skipped", row["state"], row["note"])
    elif row["reached"]:
        _event(item, now, "reached" if direction == "open" else "back", row["state"], row["note"])


def _has_failed(item: Mapping[str, Any], direction: Direction) -> bool:
    way = item[direction]
    if direction == "close" and way.get("verdict") in ("gone", "failed"):
        return True
    return bool(way.get("over") and (way.get("row") or {}).get("error"))


def _trouble_of(item: Mapping[str, Any]) -> str:
    way = item["close"]
    if way.get("verdict") in ("gone", "failed"):
        return f"{item['id']} couldn't be put back: {way['why']}"
    return str(way["row"]["error"]["message"])


def _told(item: Mapping[str, Any], direction: Direction) -> str:
    row = item[direction].get("row") or {}
    return str(item[direction].get("trouble") or row.get("told") or item["found"]["vendor_state"])


def _plan_line(target: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    name = _named(row)
    if row.get("error"):
        return f"{name}: can't be done: {row['error']['message'].rstrip('.')}"
    if row["skipped"]:
        return f"{name}: is left alone: {row['note']}"
    if not row["actions"]:
        return f"{name}: is {row['state']}, nothing to send" + (f" ({row['note']})" if row["note"] else "")
    final = (
        f"; FINAL: then {row['final']}" + ("" if target["accept_final"] else ", refused without accept_final: true")
        if row.get("final")
        else ""
    )
    return f"{name}: is {row['state']}, {', '.join(row['actions'])} makes it {row['arrives']}{final}"
