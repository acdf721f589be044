# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Boro, live and vod, against the page `ctrlapi`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._lifecycle import StateTable
from .._vendor import Vendor
from .._vendors._ctrlapi_envelope import Entry, body_of
from .._vendors._ctrlapi_states import ALIVE
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a, kind, spelled

NOBODY = 999999999
LIVE_FIELDS = (
    "task_id", "app_id", "uri", "name", "status", "start", "start_f", "service", "tags", "profiles", "task_config", "description",
)  # fmt: skip
VOD_FIELDS = ("task_id", "initial_task_id", "status")
ALL = ("list", "several", "missing", "quoted")


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(task.id for task in listed)]
    sent = next((answer.sent for answer in evidence.of("list") if isinstance(answer.sent, dict)), None)
    if sent is None:
        return
    entry = sent["methods"][0]
    method, project = entry["method"], entry["params"]["project_id"]

    def ask(step: str, task_ids: list[int] | list[str]) -> None:
        with evidence.step(step):
            vendor.look("", method="POST", json=body_of(sent["user_id"], [Entry(method, project, {"task_ids": task_ids})]))

    if ids:
        ask("several", [int(id_) for id_ in ids[:3]])
        ask("quoted", [ids[0]])
    ask("missing", [NOBODY])


def assumptions(vendor: Vendor, _params: Mapping[str, Any]) -> Sequence[Assumption]:
    is_live = any(state.spelling == "Started" for state in vendor.table.states)
    section, known = ("3.3", LIVE_FIELDS) if is_live else ("3.7", ())
    needed = ("task_id", "app_id", "uri", "name", "status") if is_live else VOD_FIELDS
    return [
        Assumption(
            "3.1", "the answer has a `reply` for each method, with the number that was sent", lambda seen: each(_list_answers(seen), _reply)
        ),
        Assumption("7, U1", "answers with an error have HTTP 200, too", lambda seen: each(seen.of(*ALL), _status)),
        Assumption(section, "a read's `result` is a list of tasks", lambda seen: each(_results(seen), lambda value: is_a(value, "a list"))),
        Assumption(section, "a task has the fields of the page", lambda seen: fields(seen, _rows(seen), needed, known)),
        Assumption(section, "ids are numbers without quotes", lambda seen: each(_ids(seen), lambda value: is_a(value, "a number"))),
        Assumption("4", "states are spelled as on the page, capitals included", lambda seen: spelled(seen, vendor.table, _states(seen))),
        Assumption("3.2", '`"*"` returns active tasks only', lambda seen: _active(seen, vendor.table)),
        Assumption("7, U9 and U10", "the answer omits an id that doesn't exist", lambda seen: each(seen.of("missing"), _missing)),
        Assumption("7, U22", "an id in quotes is refused", lambda seen: each(seen.of("quoted"), _quoted)),
    ]


def _list_answers(evidence: Evidence) -> list[Exchange]:
    return evidence.good("list", "several")


def _part(answer: Exchange) -> Mapping[str, Any]:
    reply = answer.member("reply")
    return reply[0] if isinstance(reply, list) and reply and isinstance(reply[0], dict) else {}


def _reply(answer: Exchange) -> str:
    reply, methods = answer.member("reply"), answer.sent["methods"]
    if not isinstance(reply, list):
        return f"a reply that is {kind(reply)}"
    numbers = [part.get("id") for part in reply if isinstance(part, dict)]
    return "" if numbers == [method["id"] for method in methods] else "other numbers, or none"


def _status(answer: Exchange) -> str:
    return "" if answer.status == 200 else f"HTTP {answer.status}"


def _results(evidence: Evidence) -> list[Any]:
    return [_part(answer).get("result") for answer in _list_answers(evidence)]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    return [row for result in _results(evidence) if isinstance(result, list) for row in result if isinstance(row, dict)]


def _ids(evidence: Evidence) -> list[Any]:
    return [row[name] for row in _rows(evidence) for name in ("task_id", "app_id", "initial_task_id") if name in row]


def _states(evidence: Evidence) -> list[Any]:
    return [row.get("status") for row in _rows(evidence)]


def _active(evidence: Evidence, table: StateTable) -> Judged:
    listed = [_part(answer).get("result") for answer in evidence.good("list")]
    found = [row.get("status") for result in listed if isinstance(result, list) for row in result if isinstance(row, dict)]
    known = [(value, table.find(value)) for value in found]
    return each(known, lambda pair: "" if pair[1] and pair[1].word in ALIVE else f"{evidence.word(pair[0])} ones too")


def _missing(answer: Exchange) -> str:
    if answer.status != 200:
        return f"HTTP {answer.status}"
    part = _part(answer)
    for name in ("error", "errors"):
        if part.get(name) or answer.member(name):
            return f"`{name}` of the whole method"
    for item in part.get("result") or ():
        for name in ("error", "errors"):
            if isinstance(item, dict) and item.get(name):
                return f"an item with `{name}`"
    return "" if part.get("result") == [] else "a task all the same" if part.get("result") else "another shape"


def _quoted(answer: Exchange) -> str:
    result = _part(answer).get("result")
    found = [item for item in result if isinstance(item, dict) and "status" in item] if isinstance(result, list) else []
    return "it's accepted" if answer.status == 200 and found else ""


PROBE = Probe("ctrlapi", ("status", "method"), look, assumptions)
