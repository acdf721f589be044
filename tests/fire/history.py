# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second evaluation of a window's record: what its events alone say about each task, compared with all other reports about it."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils import _report, _window_texts
from ansible_collections.taskops.quiesce.plugins.module_utils._fates import status_sentence

Plain = dict[str, Any]
# The effect of an event on its task. The others are remarks.
FATES = {
    **{"reached": "reached", "skipped": "skipped", "failed": "failed", "gone": "failed"},
    **{"back": "back", "left": "left", "final": "final", "kept": "kept"},
}
ACTIONS = ("acted", "returned")
CLOSING = ("back", "left", "final", "kept", "failed", "gone")


def contradictions(document: Plain) -> list[str]:
    """Where the report, the summary, the progress or the last line of a run contradicts the events; empty if all agree."""
    report = _report.facts(document)
    run = document["runs"][-1]
    wrong: list[str] = []
    for its, target in zip(document["targets"], report["targets"], strict=True):
        for item, task in zip(its["items"], target["tasks"], strict=True):
            wrong += [f"{task['id']}: {one} in {item['events']}" for one in _of_task(item, task, run)]
    counted: dict[str, int] = dict.fromkeys(report["fates"], 0)
    for target in report["targets"]:
        for task in target["tasks"]:
            counted[task["fate"]] += 1
    wrong += [f"the counts are {report['counts']}"] if counted != report["counts"] else []
    wrong += _of_sentence(document, counted)
    wrong += _of_progress(document, run)
    changed = sum(1 for target in document["targets"] for item in target["items"] if any(e["what"] in ACTIONS for e in item["events"]))
    return wrong + ([f"{report['changed']} are reported as changed"] if changed != report["changed"] else [])


def _of_task(item: Plain, task: Plain, run: Plain) -> list[str]:
    expected = _fates(item, run)
    wrong = [] if task["fate"] in expected else [f"the fate is {task['fate']}, not {' or '.join(sorted(expected))}"]
    seen = [event["state"] for event in item["events"] if event["state"] != "unknown" and event["what"] != "inherited"]
    wrong += [f"its last state is given as {task['last']}"] if _is_at_rest(task) and task["last"] != seen[-1] else []
    reached = [event for event in item["events"] if event["what"] == "reached" and event["state"] != item["events"][0]["state"]]
    wrong += ["it was reached though nothing was sent"] if reached and item["ours"] and not _has_reason(item) else []
    return wrong


def _is_at_rest(task: Plain) -> bool:
    return bool(task["fate"] != "awaited")


def _has_reason(item: Plain) -> bool:
    return any(event["what"] in (*ACTIONS, "inherited") for event in item["events"])


def _fates(item: Plain, run: Plain) -> set[str]:
    """The fates that the last event permits."""
    began = run["began"]
    decisive = [event for event in item["events"] if event["what"] in FATES]
    if not decisive:
        return {"awaited", "untouched"}
    last = decisive[-1]
    fate = FATES[last["what"]]
    if run["role"] == "open" and last["at"] < began:
        return {"awaited"}
    if run["role"] == "close" and last["at"] < began:
        # Not judged yet. The result of opening still applies, or an earlier closing settled it, or it has to be put back again.
        was_reached = any(event["what"] == "reached" for event in decisive)
        return {"awaited", "untouched", fate, *(("held",) if was_reached else ())}
    if fate == "reached":
        return {"held", "untouched"} if run["role"] == "open" else {"held", "untouched", "awaited"}
    return {fate}


def _of_sentence(document: Plain, counts: dict[str, int]) -> list[str]:
    sentence = status_sentence(document)
    if document["status"] == "opening":
        ready = counts["held"] + counts["untouched"] + counts["skipped"]
        return [] if f", {ready} of {sum(counts.values())} task" in sentence else [f"the sentence is {sentence!r} with {counts}"]
    if document["status"] == "open":
        held = re.search(r"(\d+) tasks? held", sentence)
        return [] if held and int(held[1]) == counts["held"] else [f"the sentence is {sentence!r} with {counts}"]
    is_whole = sum(counts[fate] for fate in ("back", "skipped", "untouched")) == sum(counts.values())
    return [] if ("all as found" in sentence) == is_whole else [f"the sentence is {sentence!r} with {counts}"]


def _of_progress(document: Plain, run: Plain) -> list[str]:
    printed = _window_texts.stage_progress(document, run["role"], 10)
    good = ("reached",) if run["role"] == "open" else ("back", "left", "final", "kept")
    there = 0
    for target in document["targets"]:
        for item in target["items"]:
            decisive = [event["what"] for event in item["events"] if event["what"] in FATES and event["at"] >= run["began"]]
            settled = run["role"] == "close" and item["close"].get("over") and not decisive
            there += bool(decisive and decisive[-1] in good) or bool(settled)
    return [] if printed.startswith(f"stage 10: {there} of ") else [f"the progress is {printed!r}, and {there} are there"]
