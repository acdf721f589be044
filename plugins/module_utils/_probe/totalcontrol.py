# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Total Control against the page `totalcontrol`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._arguments import in_path
from .._vendor import Vendor
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a, kind, spelled

NOBODY = "quiesce-probe-of-no-task"
VERSIONS = ("software", "javascript", "rest")
FIELDS = ("task_id", "task_name", "script_file", "status", "error_message", "total_iterations", "current_iteration")
DATES = ("start_time", "end_time", "schedule")
EMPTY: tuple[Any, ...] = (None, "", "null", [])
ANSWERS = ("list", "one", "versions")


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(task.id for task in listed)]
    if ids:
        with evidence.step("one"):
            vendor.look(f"/tasks/{in_path(ids[0])}")
    with evidence.step("missing"):
        vendor.look(f"/tasks/{NOBODY}")
    with evidence.step("versions"):
        vendor.look("/settings", params={"q": "versions"})


def assumptions(vendor: Vendor, _params: Mapping[str, Any]) -> Sequence[Assumption]:
    return [
        Assumption("3", "the list stands in `value`, beside a `status` that is true", _wrapped_list),
        Assumption("6, 9", "a list of no tasks is `[]`", _empty),
        Assumption("6, 6", "answers are valid JSON", lambda seen: each(seen.of(*ANSWERS), _is_json)),
        Assumption("4", "a task's `status` is a number", lambda seen: each(_states(seen), lambda state: is_a(state, "a number"))),
        Assumption("4", "it is one of the seven known", lambda seen: spelled(seen, vendor.table, _states(seen))),
        Assumption("3", "a task has the fields of the newer pages", lambda seen: fields(seen, _rows(seen), FIELDS, (*FIELDS, *DATES))),
        Assumption("6, 8", "times are texts", lambda seen: each(_dates([*_rows(seen), *_single(seen)]), _is_text)),
        Assumption("6, 7", "names are unique", _names),
        Assumption("3", "a single task's answer has it in `value`, as in the newer pages", lambda seen: each(seen.good("one"), _one)),
        Assumption(
            "3", "a request for an unknown task gets HTTP 200 and a `status` of null", lambda seen: each(seen.of("missing"), _refusal)
        ),
        Assumption("3", "`settings?q=versions` has three versions at the top level", _versions),
    ]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    return evidence.rows("value", "list", path="/tasks")


def _single(evidence: Evidence) -> list[Mapping[str, Any]]:
    answers = [answer.document for answer in evidence.good("one") if isinstance(answer.document, dict)]
    return [answer["value"] if isinstance(answer.get("value"), dict) else answer for answer in answers]


def _states(evidence: Evidence) -> list[Any]:
    return [row.get("status") for row in _rows(evidence)]


def _dates(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [row[name] for row in rows for name in DATES if row.get(name) not in (None, "")]


def _is_text(value: Any) -> str:
    return is_a(value, "a text")


def _is_json(answer: Exchange) -> str:
    return "" if answer.document is not None else "text that isn't JSON, such as with single backslashes"


def _wrapped_list(evidence: Evidence) -> Judged:
    def difference(answer: Exchange) -> str:
        if answer.member("status") is not True:
            return f"a status of {evidence.word(answer.member('status'))}"
        return "" if isinstance(answer.member("value"), list) else f"a value that is {kind(answer.member('value'))}"

    return each([answer for answer in evidence.good("list", path="/tasks") if answer.member("value") not in EMPTY], difference)


def _empty(evidence: Evidence) -> Judged:
    empty = [answer.member("value") for answer in evidence.good("list", path="/tasks") if answer.member("value") in EMPTY]
    return each(empty, lambda value: "" if value == [] else f'the text "{value}"' if isinstance(value, str) else kind(value))


def _names(evidence: Evidence) -> Judged:
    names = [str(row.get("task_name")) for row in _rows(evidence)]
    return each(set(names), lambda name: "a name that several tasks have" if names.count(name) > 1 else "")


def _one(answer: Exchange) -> str:
    if isinstance(answer.member("value"), dict):
        return ""
    return "the task without `value`, as in the older pages" if answer.member("task_name") is not None else "another shape"


def _refusal(answer: Exchange) -> str:
    if answer.status != 200:
        return f"HTTP {answer.status}"
    if not isinstance(answer.document, dict) or "status" not in answer.document:
        return "another shape"
    return {None: "", True: "a status of true", False: "a status of false"}.get(answer.document["status"], "another status")


def _versions(evidence: Evidence) -> Judged:
    def difference(answer: Exchange) -> str:
        if answer.status != 200:
            return f"HTTP {answer.status}"
        document = answer.document if isinstance(answer.document, dict) else {}
        return "" if all(isinstance(document.get(name), str) for name in VERSIONS) else "another shape"

    answers = evidence.good("versions")
    versions = [f"{name} {evidence.word(answer.member(name))}" for answer in answers for name in VERSIONS if answer.member(name)]
    return each(evidence.of("versions"), difference, ", ".join(versions))


PROBE = Probe("totalcontrol", ("status", *VERSIONS), look, assumptions)
