# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The facts of a window's report, made from its ledger. The HTML, the Markdown and the JSON show the same facts. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ._deadline import as_text as _time
from ._fates import FATES, LABELS, SAFE, fate_of, status_sentence
from ._items import Direction, items_of, last_of, of_target
from ._text import all_harmless
from ._window_texts import failures, with_task

Plain = dict[str, Any]

CLOSING = ("closing", "closed")

# The time axis, in percent of its width. Hours without events mustn't squeeze the minutes with all of the events.
QUIET = 24.0
LEAST = 8.0


# A word in which no Markdown dialect finds more than letters: no mention (@x), number (#1, !1, GH-1), commit, emoji, address or mark.
_WORD = re.compile(r"""(?!\d+[.)])(?![0-9a-f]{7,40}\b)[("']*[^\W_]+(?:['-][^\W\d_]+)*[)"']*[,;:.!?…]?[)"']*|\d\d:\d\d:\d\d,?""")


def as_markdown(text: str) -> str:
    """One line of untrusted text that GitHub, GitLab and others show unchanged, also in a table. Text that could have a meaning for one of
    them is put in code spans. Escapes don't help, since mentions, numbers and addresses are searched after escapes are resolved.
    """
    words = groupby(text.split(" "), key=lambda word: bool(_WORD.fullmatch(word)))
    return " ".join(" ".join(same) if is_plain else _code(" ".join(same)) for is_plain, same in words)


def _code(text: str) -> str:
    """The text in code spans. Bars and entities stand between the spans: a bar would end a table's cell even in a span, and a span doesn't
    resolve entities.
    """
    return "&#124;".join(_span(part) if part else "" for part in text.split("|"))


def _span(text: str) -> str:
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    # Markdown removes one blank on both sides of a span, unless the span holds nothing but blanks.
    is_padded = text.strip(" ") and (text[0] in " `" or text[-1] in " `")
    return f"{fence} {text} {fence}" if is_padded else f"{fence}{text}{fence}"


def facts(document: Mapping[str, Any]) -> Plain:
    """The whole report as plain data. Times are ISO 8601 in UTC, durations are seconds, and places on the time axis are percent of it.

    Its texts are made harmless: they are shown, other jobs get them as variables, and files of the report may be read as variables.
    """
    axis = _axis(document)
    targets = [_target(target, axis) for target in document["targets"]]
    tasks = [task for target in targets for task in target["tasks"]]
    counts = Counter(task["fate"] for task in tasks)
    direction: Direction = "close" if document["status"] in CLOSING else "open"
    runs = [_run(run) for run in document["runs"]]
    opened = next((run["ended"] for run in document["runs"] if run["role"] == "open" and run.get("complete")), None)
    closed = document["runs"][-1].get("ended") if document["status"] == "closed" and document["runs"] else None
    tone, verdict = _verdict(document["status"], runs, tasks, counts)
    report: Plain = {
        "window": document["window"],
        "status": document["status"],
        "sentence": status_sentence(document),
        "verdict": verdict,
        "tone": tone,
        "created": _time(document["created"]),
        "updated": _time(document["updated"]),
        "opened": _time(opened) if opened else None,
        "closed": _time(closed) if closed else None,
        "until": _time(document["until"]) if document.get("until") else None,
        "seconds": round((closed or document["updated"]) - document["created"], 1),
        "total": len(tasks),
        "changed": sum(1 for task in tasks if task["actions"]),
        "counts": {fate: counts[fate] for fate in FATES},
        # Readers of JSON needn't keep the order of an object's keys.
        "fates": list(FATES),
        "labels": dict(LABELS),
        "meanings": dict(FATES),
        "failures": [f"{sentence}." for sentence in failures(dict(document), direction)],
        "recovered": _recovered(document),
        "runs": runs,
        "axis": [_part(part) for part in axis],
        "targets": targets,
    }
    harmless: Plain = all_harmless(report)
    return harmless


def summary(report: Mapping[str, Any]) -> Plain:
    """The few facts that a workflow passes on."""
    keys = ("window", "status", "sentence", "until", "total", "changed", "counts", "failures", "recovered")
    return {key: report[key] for key in keys}


def _recovered(document: Mapping[str, Any]) -> list[str]:
    """Each failure of a task that succeeded in the end. A change record has to list it too."""
    sentences = []
    for target, item in items_of(document):
        fate, _why, _failed_in = fate_of(item)
        if fate != "failed":
            messages = dict.fromkeys(event["text"] for event in item["events"] if event["what"] in ("failed", "gone"))
            sentences += [f"{of_target(target, with_task(target, item, message))}." for message in messages]
    return sentences


def _target(target: Mapping[str, Any], axis: Sequence[Plain]) -> Plain:
    keys = ("name", "vendor", "system", "noun", "state", "stage", "accept_final", "left_out")
    return {**{key: target[key] for key in keys}, "tasks": [_task(item, axis) for item in target["items"]]}


def _task(item: Mapping[str, Any], axis: Sequence[Plain]) -> Plain:
    opened, closed = item["open"], item["close"]
    fate, why, failed_in = fate_of(item)
    events = [{**event, "at": _time(event["at"]), "place": _place(event["at"], axis)} for event in item["events"]]
    return {
        "id": item["id"],
        "name": item["name"],
        "found": item["found"]["state"],
        "wanted": item["plan"]["arrives"],
        "reached": (opened.get("row") or {}).get("state"),
        "returned": (closed.get("row") or {}).get("state"),
        "last": last_of(item),
        "actions": [event["text"] for event in item["events"] if event["what"] in ("acted", "returned")],
        "fate": fate,
        "why": why,
        "failed_in": failed_in,
        "events": events,
    }


# The verdict


def _verdict(status: str, runs: Sequence[Plain], tasks: Sequence[Plain], counts: Mapping[str, int]) -> tuple[str, str]:
    """The tone (`good`, `bad` or `pending`), and the sentences at the top of the report."""
    if not tasks:
        return "good", f"The window is {status} and has no task."
    stuck = sum(1 for task in tasks if task["failed_in"] == "close")
    failed = counts["failed"] - stuck
    has_ended = bool(runs) and runs[-1]["ended"] is not None
    if status in CLOSING:
        sentences = [_closing(status, has_ended, stuck, tasks, counts)]
        sentences += [f"{_tasks(counts['final'])} can't be put back, as accept_final allows."] if counts["final"] else []
        sentences += (
            [f"{_tasks(counts['left'])} {_was_or_were(counts['left'])} changed by somebody else and left unchanged."]
            if counts["left"]
            else []
        )
        sentences += [f"{_tasks(counts['kept'])} {_is_or_are(counts['kept'])} held by another open window."] if counts["kept"] else []
    else:
        sentences = [_opening(status, has_ended, counts, len(tasks))]
    sentences += [f"{_tasks(failed)} failed while the window was opened."] if failed else []
    is_pending = status != "closed" and not (stuck or failed) and not (has_ended and status != "open")
    tone = "pending" if is_pending else "bad" if stuck or failed or status != "closed" else "good"
    return tone, " ".join(sentences)


def _closing(status: str, has_ended: bool, stuck: int, tasks: Sequence[Plain], counts: Mapping[str, int]) -> str:
    as_found = sum(counts[fate] for fate in SAFE)
    if stuck:
        return f"{_tasks(stuck)} could not be put back; {as_found} of {len(tasks)} {'is' if as_found == 1 else 'are'} as found."
    if status == "closed":
        if as_found == len(tasks):
            return "The task is as it was found." if as_found == 1 else f"All {as_found} tasks are as they were found."
        return f"{as_found} of {_tasks(len(tasks))} {'is' if as_found == 1 else 'are'} as found."
    remaining = counts["awaited"] + counts["held"]
    if has_ended:
        return f"Closing ended too early: {_tasks(remaining)} {'is' if remaining == 1 else 'are'} still to be put back."
    return f"The window is being closed: {_tasks(remaining)} {'is' if remaining == 1 else 'are'} still to be put back."


def _opening(status: str, has_ended: bool, counts: Mapping[str, int], total: int) -> str:
    held = counts["held"]
    if status == "open":
        return f"The window is open: {_tasks(held)} {'is' if held == 1 else 'are'} held and to be put back."
    ready = held + counts["untouched"] + counts["skipped"]
    beginning = "Opening ended too early" if has_ended else "The window is being opened"
    return f"{beginning}: {ready} of {_tasks(total)} {'is' if ready == 1 else 'are'} ready."


def _tasks(count: int) -> str:
    return f"{count} task" if count == 1 else f"{count} tasks"


def _is_or_are(count: int) -> str:
    return "is" if count == 1 else "are"


def _was_or_were(count: int) -> str:
    return "was" if count == 1 else "were"


# The time axis: the runs, and the quiet times between them


def _axis(document: Mapping[str, Any]) -> list[Plain]:
    """The parts of the window's time (the runs, and the times between them), each with its place and width. The scale within one part is
    linear.
    """
    parts = _parts(document)
    quiet = [part for part in parts if part["what"] not in ("open", "close")]
    busy = [part for part in parts if part not in quiet]
    room = min(QUIET, 100.0 * _length(quiet) / (_length(parts) or 1.0)) if quiet else 0.0
    _share(quiet, room)
    _share(busy, 100.0 - room)
    place = 0.0
    for part in parts:
        part["place"] = round(place, 2)
        place += part["width"]
        part["width"] = round(part["width"], 2)
    return parts


def _parts(document: Mapping[str, Any]) -> list[Plain]:
    parts: list[Plain] = []
    until = document["created"]
    events = [event["at"] for target in document["targets"] for item in target["items"] for event in item["events"]]
    followers = [*(run["began"] for run in document["runs"][1:]), None]
    for run, follower in zip(document["runs"], followers, strict=False):
        began = max(run["began"], until)
        # A killed run has no end of its own. It lasted at least until its last event.
        noted = [document["updated"]] if follower is None else [at for at in events if at < follower]
        ended = max([run["ended"]] if run.get("ended") else noted, default=began)
        if began > until:
            parts.append({"what": _between(document["runs"], run), "from": until, "to": began})
        until = max(began, ended)
        parts.append({"what": run["role"], "from": began, "to": until})
    if document["updated"] > until or not parts:
        parts.append({"what": _between(document["runs"], None), "from": until, "to": max(document["updated"], until)})
    return parts


def _between(runs: Sequence[Mapping[str, Any]], follower: Mapping[str, Any] | None) -> str:
    """The kind of the time before the run `follower`: `held` once the window was opened, else `quiet`."""
    before = runs if follower is None else runs[: runs.index(follower)]
    return "held" if before and before[-1]["role"] == "open" and before[-1].get("complete") else "quiet"


def _share(parts: Sequence[Plain], room: float) -> None:
    """Divide the room among the parts by their lengths. Each part gets at least a visible width."""
    least = min(LEAST, room / len(parts)) if parts else 0.0
    spare, whole = room - least * len(parts), _length(parts)
    for part in parts:
        part["width"] = least + spare * (_length([part]) / whole if whole else 1.0 / len(parts))


def _length(parts: Sequence[Mapping[str, Any]]) -> float:
    return float(sum(part["to"] - part["from"] for part in parts))


def _place(at: float, axis: Sequence[Mapping[str, Any]]) -> float:
    # The moment between two parts belongs to the later one, since its run began then.
    part = next((part for part in reversed(axis) if part["from"] <= at), axis[0])
    within = (at - part["from"]) / ((part["to"] - part["from"]) or 1.0)
    return round(float(part["place"] + part["width"] * min(max(within, 0.0), 1.0)), 2)


def _part(part: Mapping[str, Any]) -> Plain:
    copied = {key: part[key] for key in ("what", "place", "width")}
    return {**copied, "from": _time(part["from"]), "to": _time(part["to"]), "seconds": round(part["to"] - part["from"], 1)}


def _run(run: Mapping[str, Any]) -> Plain:
    return {
        "role": run["role"],
        "began": _time(run["began"]),
        "ended": _time(run["ended"]) if run.get("ended") else None,
        "complete": bool(run.get("complete")),
        "seconds": round(run["ended"] - run["began"], 1) if run.get("ended") else None,
    }
