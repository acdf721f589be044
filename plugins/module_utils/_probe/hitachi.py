# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""JP1/AO against the page `hitachi`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._vendor import Vendor
from .._vendors.hitachi import HEADERS, OBJECTS, PAGE_SIZE
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a, kind, spelled

TASKS = f"{OBJECTS}/Tasks"
HISTORIES = f"{OBJECTS}/TaskHistories"
# An id within the sixteen digits that the vendor accepts, higher than any that it has assigned.
NOBODY = "999999999999999"
DEFAULT_PAGE = 100
VERSION = ("productName", "productVersion", "apiVersion")
IDS = ("instanceID", "serviceID", "serviceTemplateID", "serviceGroupID")
TIMES = ("startTime", "completionTime", "scheduledStartTime", "submitTime", "modifyTime")
FIELDS = (
    *IDS, *TIMES, "scheduleID", "name", "status", "submitter", "serviceState", "scheduleType", "description", "serviceName", "tags",
    "recurrenceInterval", "recurrenceTime", "recurrenceStartDate", "serviceGroupName", "toDo", "notes", "stepTime", "supportedActionType",
)  # fmt: skip


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(task.id for task in listed)]
    with evidence.step("version"):
        vendor.look("/v1/configuration/version", headers=HEADERS)
    with evidence.step("unasked"):
        vendor.look(TASKS, headers=HEADERS)
    with evidence.step("small"):
        vendor.look(TASKS, params={"page": 1, "pageSize": 1}, headers=HEADERS)
    with evidence.step("several"):
        vendor.look(TASKS, params={"HQL::filter": f"instanceID in [{','.join([*ids[:3], NOBODY])}]"}, headers=HEADERS)
    with evidence.step("histories"):
        vendor.look(HISTORIES, params={"HQL::filter": f"taskID in [{NOBODY}]"}, headers=HEADERS)
    with evidence.step("archived"):
        vendor.look(HISTORIES, params={"page": 1, "pageSize": 20}, headers=HEADERS)
    if ids:
        with evidence.step("one"):
            vendor.read(ids[:1])
    with evidence.step("missing"):
        vendor.look(f"{TASKS}/{NOBODY}", headers=HEADERS)


def assumptions(vendor: Vendor, _params: Mapping[str, Any]) -> Sequence[Assumption]:
    return [
        Assumption("3.1", "the version's page has the product, its version and the API's version", _version),
        Assumption("4.3", "statuses are spelled in one of the known ways", lambda seen: _statuses(seen, vendor)),
        Assumption("3.3", "`HQL::filter` takes `instanceID` of tasks", lambda seen: each(seen.of("several"), _taken)),
        Assumption("3.3", "and returns only the requested tasks", _filtered),
        Assumption("8, vector 15", "`HQL::filter` takes `taskID` of histories", lambda seen: each(seen.of("histories"), _taken)),
        Assumption("3.3", f"a list without a page size has up to {DEFAULT_PAGE} tasks", _default_page),
        Assumption("7", f"pages have up to {PAGE_SIZE} tasks", _cut),
        Assumption("7", "`count` is the number of all matching tasks", _count),
        Assumption("3.2", "ids are numbers without quotes", lambda seen: each(_ids(seen), lambda value: is_a(value, "a number"))),
        Assumption("3.2", "a task has the fields of the page", lambda seen: fields(seen, _rows(seen), FIELDS, FIELDS)),
        Assumption("7", "each task names its schedule", lambda seen: each(_rows(seen), _schedule)),
        Assumption("3.2", "times that a task doesn't have yet are null", _times),
        Assumption("2.3", "a successful answer has an HSSO token", lambda seen: each(seen.good("list", "version"), _token)),
        Assumption("2.5", "no answer has a warning", lambda seen: each(seen.exchanges, lambda answer: _warning_header(answer.headers))),
        Assumption("2.4", "a task that doesn't exist gets HTTP 404 and a `messageID`", lambda seen: each(seen.of("missing"), _not_there)),
    ]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Each task once. A page begins with the last tasks of the page before."""
    return list({str(row.get("instanceID")): row for row in evidence.rows("data", "list", path="/Tasks")}.values())


def _statuses(evidence: Evidence, vendor: Vendor) -> Judged:
    rows = [*_rows(evidence), *evidence.rows("data", "archived")]
    return spelled(evidence, vendor.table, [row.get("status") for row in rows])


def _version(evidence: Evidence) -> Judged:
    def difference(answer: Exchange) -> str:
        if answer.status != 200:
            return f"HTTP {answer.status}"
        return "" if all(isinstance(answer.member(name), str) for name in VERSION) else "another shape"

    versions = [evidence.word(answer.member(name)) for answer in evidence.good("version") for name in VERSION[1:] if answer.member(name)]
    return each(evidence.of("version"), difference, " and ".join(versions))


def _taken(answer: Exchange) -> str:
    return "" if answer.status == 200 else f"HTTP {answer.status}"


def _filtered(evidence: Evidence) -> Judged:
    def difference(answer: Exchange) -> str:
        filter_text = str(answer.params.get("HQL::filter"))
        others = [row for row in answer.document.get("data") or () if str(row.get("instanceID")) not in filter_text]
        return "others too" if others else ""

    return each(evidence.good("several"), difference)


def _default_page(evidence: Evidence) -> Judged:
    total, shown = len(_rows(evidence)), len(evidence.rows("data", "unasked"))
    if not evidence.good("unasked"):
        return Judged(0)
    seen = f"{shown} of {total}"
    return Judged(1, {} if shown >= min(total, DEFAULT_PAGE) else {seen: 1}, "" if shown < min(total, DEFAULT_PAGE) else seen)


def _cut(evidence: Evidence) -> Judged:
    answers = [answer for answer in evidence.good("list", path="/Tasks") if "pageSize" in answer.params]
    first = answers[0].member("data") if answers else None
    if not isinstance(first, list):
        refused = [answer for answer in evidence.of("list", path="/Tasks") if "pageSize" in answer.params and answer.status != 200]
        return each(refused, _taken)
    total = len(_rows(evidence))
    return Judged(1, {f"cut to {len(first)}": 1} if len(first) < min(total, PAGE_SIZE) else {})


def _count(evidence: Evidence) -> Judged:
    """Compare the count on a page with one task. It shows something only if there are several tasks."""
    total = len(_rows(evidence))
    if total < 2:
        return Judged(0)

    def difference(answer: Exchange) -> str:
        count = answer.member("count")
        if not isinstance(count, int) or isinstance(count, bool):
            return kind(count)
        return "" if count >= total else "the number on the page" if count == len(answer.member("data") or ()) else "another number"

    return each(evidence.good("small"), difference)


def _ids(evidence: Evidence) -> list[Any]:
    return [row[name] for row in _rows(evidence) for name in IDS if name in row]


def _schedule(row: Mapping[str, Any]) -> str:
    if "scheduleID" not in row:
        return "without scheduleID"
    if row["scheduleID"] in (0, None):
        return "null" if row["scheduleID"] is None else "0"
    return is_a(row["scheduleID"], "a number")


def _times(evidence: Evidence) -> Judged:
    unset = [name in row for row in _rows(evidence) for name in TIMES if row.get(name) in (None, "")]
    return each(unset, lambda is_there: "" if is_there else "absent")


def _token(answer: Exchange) -> str:
    return "" if answer.headers.get("WWW-Authenticate", "").startswith("HSSO ") else "none"


def _warning_header(headers: Mapping[str, str]) -> str:
    return "a header Warning" if headers.get("Warning") else ""


def _not_there(answer: Exchange) -> str:
    if answer.status != 404:
        return f"HTTP {answer.status}"
    return "" if isinstance(answer.member("messageID"), str) else "no messageID"


PROBE = Probe("hitachi", ("status", *VERSION), look, assumptions)
