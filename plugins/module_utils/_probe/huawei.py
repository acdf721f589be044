# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""VIAS against the page `huawei_vias`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._vendor import Vendor
from .._vendors.huawei import NO_TASK, PAGE_SIZE
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a, kind, spelled

NOBODY = 32 * "0"
SMALLEST = 5
ENVELOPE = ("count", "tasks", "page", "page_size")
LISTED = (
    "id", "name", "service_id", "created_at", "state", "video_source_name", "title", "type", "algorithm_publish_id",
)  # fmt: skip
NEEDED = ("id", "name", "state")
OWN = ("id", "name", "state", "created_at", "updated_at")
OWN_KNOWN = (
    *LISTED, *OWN, "creator", "project_id", "description", "release_id", "status", "error", "schedule_status", "schedule", "input",
    "output", "config", "group_name", "company", "task_config", "resource_order_id", "package_id", "device_id", "access_address",
)  # fmt: skip
PLANS = ("ACTIVATED", "INACTIVATED")


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(task.id for task in listed)]
    path = next((answer.path for answer in evidence.of("list", path="/tasks")), None)
    if path is None:
        return
    with evidence.step("small"):
        vendor.look(path, params={"page": 1, "page_size": SMALLEST})
    for id_ in ids[:3]:
        with evidence.step("one"):
            vendor.read([id_])
    with evidence.step("missing"):
        vendor.look(f"{path}/{NOBODY}")


def assumptions(vendor: Vendor, _params: Mapping[str, Any]) -> Sequence[Assumption]:
    return [
        Assumption("3.1", "the list has the members of the page", lambda seen: fields(seen, _answers(seen), ENVELOPE, ENVELOPE)),
        Assumption("3.1", f"pages of {PAGE_SIZE} are accepted", lambda seen: each(seen.of("list", path="/tasks"), _page)),
        Assumption("3.1", "`count` is the number on the page", _count),
        Assumption("3.1", "a listed task has the fields of the page", lambda seen: fields(seen, _rows(seen), NEEDED, LISTED)),
        Assumption("3.1", "a listed task's `type` is 0 or 1, as a text", lambda seen: each(_types(seen), _type)),
        Assumption("4", "states are spelled as on the page", lambda seen: spelled(seen, vendor.table, _states(seen))),
        Assumption("3.2", "a single task has the fields of its page",
                   lambda seen: fields(seen, _own(seen), OWN, OWN_KNOWN)),
        Assumption("3.2", "only a single task has its weekly plan", lambda seen: each(_rows(seen), _listed_plan)),
        Assumption("3.2", "a plan is ACTIVATED or INACTIVATED", lambda seen: each(_plans(seen), lambda word: _plan(seen, word))),
        Assumption("6, 1", "an unknown task gets HTTP 400 and VIAS's code for it", lambda seen: each(seen.of("missing"), _missing)),
    ]  # fmt: skip


def _answers(evidence: Evidence) -> list[dict[str, Any]]:
    return [answer.document for answer in evidence.good("list", "small", path="/tasks") if isinstance(answer.document, dict)]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    """Each task once. A page begins with the last tasks of the page before."""
    return list({str(row.get("id")): row for row in evidence.rows("tasks", "list", path="/tasks")}.values())


def _own(evidence: Evidence) -> list[dict[str, Any]]:
    return [answer.document for answer in evidence.good("one") if isinstance(answer.document, dict)]


def _states(evidence: Evidence) -> list[Any]:
    return [row.get("state") for row in (*_rows(evidence), *_own(evidence))]


def _types(evidence: Evidence) -> list[Any]:
    return [row["type"] for row in _rows(evidence) if row.get("type") is not None]


def _type(value: Any) -> str:
    return "" if value in ("0", "1") else is_a(value, "a text") or "another text"


def _page(answer: Exchange) -> str:
    if answer.status != 200:
        return f"HTTP {answer.status}"
    return "" if answer.member("page_size") in (answer.params.get("page_size"), None) else "cut down"


def _count(evidence: Evidence) -> Judged:
    """Compare the count on a small page. It shows something only if there are more tasks than the page contains."""
    total = len(_rows(evidence))
    if total <= SMALLEST:
        return Judged(0)

    def difference(answer: Exchange) -> str:
        count = answer.member("count")
        if not isinstance(count, int) or isinstance(count, bool):
            return kind(count)
        return "" if count == SMALLEST else "the number of all matching tasks" if count >= total else "another number"

    return each(evidence.good("small"), difference)


def _listed_plan(row: dict[str, Any]) -> str:
    return "in the list too" if "schedule_status" in row else ""


def _plans(evidence: Evidence) -> list[Any]:
    return [row["schedule_status"] for row in _own(evidence) if row.get("schedule_status") is not None]


def _plan(evidence: Evidence, word: Any) -> str:
    return "" if word in PLANS else evidence.word(word)


def _missing(answer: Exchange) -> str:
    code = answer.member("error_code")
    if answer.status != 400:
        return f"HTTP {answer.status}"
    return "" if code in NO_TASK else "another code"


PROBE = Probe("huawei_vias", ("state", "schedule_status"), look, assumptions)
