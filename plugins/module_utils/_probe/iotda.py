# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""IoTDA against the page `iotda`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._vendor import Vendor
from .._vendors._iotda_states import DEVICES, TYPES
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a, spelled

NOBODY = 24 * "0"
PROGRESS = ("total", "processing", "success", "fail", "waitting", "fail_wait_retry", "stopped", "removed")
FIELDS = ("task_id", "task_name", "task_type", "status", "create_time")
KNOWN = (
    *FIELDS, "task_mode", "need_confirm", "task_ext_info", "targets", "targets_filter", "document", "task_policy", "status_desc",
    "task_progress",
)  # fmt: skip
SHOWN = ("batchtask", "task_details", "page")


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(task.id for task in listed)]
    lists = evidence.of("list", path="/batchtasks")
    if not lists:
        return
    path, headers = lists[0].path, lists[0].request.get("headers")
    full = [answer.params for answer in evidence.good("list", path="/batchtasks") if answer.member("batchtasks")]
    if full:
        with evidence.step("small"):
            vendor.look(path, params={**full[0], "limit": 1}, headers=headers)
    for id_ in ids[:3]:
        with evidence.step("one"):
            vendor.look(f"{path}/{id_}", params={"limit": 50}, headers=headers)
    with evidence.step("missing"):
        vendor.look(f"{path}/{NOBODY}", params={"limit": 1}, headers=headers)


def assumptions(vendor: Vendor, params: Mapping[str, Any]) -> Sequence[Assumption]:
    return [
        Assumption("3.1 and 3.6", "the list accepts each type of task", lambda seen: each(seen.of("list", path="/batchtasks"), _taken)),
        Assumption("3.1", "a page's marker is the id of its last task", lambda seen: each(seen.good("small"), _marker)),
        Assumption("3.1", "a page has the requested size", lambda seen: each(seen.good("small"), _size)),
        Assumption("4.1", "tasks' states are spelled as on the page", lambda seen: spelled(seen, vendor.table, _states(seen))),
        Assumption("4.2", "devices' states are spelled as on the page", lambda seen: spelled(seen, DEVICES, _device_states(seen))),
        Assumption("3.1", "a task has the fields of the page", lambda seen: fields(seen, _rows(seen), FIELDS, KNOWN)),
        Assumption("3.1", "the progress of a task is in numbers", lambda seen: each(_rows(seen), _progress)),
        Assumption("3.2", "a single task's answer has the task, its devices and the page", _own),
        Assumption("3.2", "a task that doesn't exist gets HTTP 404 and a code of IoTDA", lambda seen: each(seen.of("missing"), _missing)),
        Assumption("2.5", "the signature that `auto` chooses for the address is accepted", lambda seen: _signature(seen, params)),
        Assumption("2.2", "`Instance-Id` isn't needed", lambda seen: _instance(seen, params)),
    ]


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    return evidence.rows("batchtasks", "list", path="/batchtasks")


def _states(evidence: Evidence) -> list[Any]:
    return [row.get("status") for row in _rows(evidence)]


def _device_states(evidence: Evidence) -> list[Any]:
    return [row.get("status") for row in evidence.rows("task_details", "one")]


def _taken(answer: Exchange) -> str:
    kind = answer.params.get("task_type")
    return "" if answer.status == 200 else f"{kind if kind in TYPES else 'one'} gets HTTP {answer.status}"


def _marker(answer: Exchange) -> str:
    rows, page = answer.member("batchtasks"), answer.member("page")
    if not rows:
        return ""
    marker = page.get("marker") if isinstance(page, dict) else None
    return "" if marker == rows[-1].get("task_id") else is_a(marker, "a text") or "another text"


def _size(answer: Exchange) -> str:
    rows = answer.member("batchtasks")
    return "" if isinstance(rows, list) and len(rows) <= 1 else "more tasks than requested"


def _progress(row: Mapping[str, Any]) -> str:
    progress = row.get("task_progress")
    if not isinstance(progress, dict):
        return "without task_progress" if "task_progress" not in row else is_a(progress, "an object")
    return "" if all(isinstance(progress.get(name, 0), int) for name in PROGRESS) else "values that aren't numbers"


def _own(evidence: Evidence) -> Judged:
    documents = [answer.document for answer in evidence.good("one") if isinstance(answer.document, dict)]
    return fields(evidence, documents, SHOWN, SHOWN)


def _missing(answer: Exchange) -> str:
    code = answer.member("error_code")
    if answer.status != 404:
        return f"HTTP {answer.status}"
    return "" if isinstance(code, str) and code.startswith("IOTDA") else "another code"


def _signature(evidence: Evidence, params: Mapping[str, Any]) -> Judged:
    if not params.get("access_key"):
        return Judged(0)
    if params.get("signature") != "auto":
        return Judged(1, {f"signature: {params['signature']} was given": 1})
    return each(evidence.good("list", path="/batchtasks")[:1], lambda _answer: "")


def _instance(evidence: Evidence, params: Mapping[str, Any]) -> Judged:
    return Judged(0) if params["instance_id"] else each(evidence.good("list", path="/batchtasks")[:1], lambda _answer: "")


PROBE = Probe("iotda", ("status", "task_type"), look, assumptions)
