# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Huawei Cloud IoTDA v5: a task is a batch task, the upgrade of many devices. Each device is a subtask of it.

Facts come from the vendor's public pages `StopBatchTask`, `RetryBatchTask`, `ConfirmBatchTask`, `ListBatchTasks`, `ShowBatchTask` and its
Python SDK. No page states how a task looks while it's held for confirmation, or the code of a refused action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from .._answer import Answer
from .._arguments import Arguments, check_ids, from_environment, in_path
from .._connection import Connection, base_url
from .._errors import Failure, Refused, TryLater, Unauthorized
from .._lifecycle import Observation, StateTable, most_severe_by_id
from .._pages import Listing, Part, by_marker, doubt_of, warn_of_doubt
from .._refusals import Row, plain
from .._signing import is_shared_host
from .._vendor import Vendor
from ._huawei import GRANT, Account, Service, error_details, failure, seen_host, service_arguments, service_url, success
from ._iotda_states import DEVICES, LATER, SAID, TABLE, TYPES, device_seen, reason, task_seen

PAGE_SIZE = 50
TARGETS = 100
FEW = 10
SHOWN = 5
# For a device that its task doesn't show. It isn't known whether it was removed or has stopped.
NOT_SHOWN = "not shown"

_SUSPECTS = (
    "check the key or token, the signature (standard or derived), the address with its region, project_id and instance_id, and the clock"
)
_RIGHTS = f"check what the user may do (iotda:batchtasks:queryList, query, stop, retry, confirm); {GRANT}"
# The code for an unknown path. It says nothing about a task (page `iotda`, found later, 1.9).
NO_SUCH_PATH = "IOTDA.000029"

# Page `iotda`, sections 2.5 and 3.7 and "found later". The code of a refused stop, retry or confirm is in the group 0142, which no document
# describes. Any other 403 that no page lists is treated in the same way.
REFUSALS = (
    Row("authentication", Unauthorized, _SUSPECTS, code=r"IOTDA\.000002", statuses=(200, 401)),
    Row("authentication", Refused, _SUSPECTS, text="X-Auth-Token", statuses=(400,)),
    Row("authentication", Unauthorized, "the token isn't a valid one; check it, and that it's for this region", code=r"IOTDA\.0000(04|20)"),
    Row("permission", Refused, "check the address with its region, project_id and instance_id, the subscription there, and whether the "
        f"user may use IoTDA; {GRANT}", code=r"IOTDA\.000021"),
    Row("permission", Refused, _RIGHTS, code=r"IOTDA\.0000(22|34)"),
    Row("not_found", Refused, "the user has no such resource space: check app_id", code=r"IOTDA\.00100[06]"),
    Row("permission", Refused, "that resource space isn't the user's, or the user may not use it: check app_id", code=r"IOTDA\.00100[27]"),
    Row("usage", Refused, "the user has several resource spaces: name the one that is meant in app_id", code=r"IOTDA\.001005"),
    Row("refused", Refused, "this instance doesn't accept the page size or the marker of the request for its list",
        code=r"IOTDA\.0000(1[1-4]|17|18)"),
    Row("not_found", Refused, "IoTDA doesn't know this address, which says nothing about the task: check url", code=r"IOTDA\.000029"),
    Row("rate_limited", TryLater, code=r"IOTDA\.0211.*|.*\.0308", statuses=(200, 403, 429)),
    Row("authentication", Unauthorized, _SUSPECTS, statuses=(401,), any_body=True),
    Row("refused", Refused, code=r"IOTDA\.0142.*"),
    Row("refused", Refused, "this code isn't documented: it may be the task's state or type, a right, or the kind of instance",
        code=r"IOTDA\..*", statuses=(403,)),
)  # fmt: skip


class IotDa(Vendor):
    """IoTDA for one project: whole batch tasks, or single devices (`targets`) of one task."""

    prefix = "IOTDA"
    path = "/v5"
    needs_url = False
    arguments = service_arguments("IOTDA") + from_environment(
        "IOTDA",
        {
            "instance_id": {"type": "str"},
            "signature": {"type": "str", "choices": ["auto", "standard", "derived"], "default": "auto"},
        },
    )
    tasks = Arguments(
        options={
            "task_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["task_id"]},
            "targets": {"type": "list", "elements": "str"},
            "retry_failed": {"type": "bool", "default": False},
        }
    )
    filters = Arguments(options={name: {"type": "str"} for name in ("task_type", "status", "app_id", "task_name")})
    table = TABLE
    read_size = 1

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        base = base_url(service_url(params, "iotda"), self.path)
        self._account = Account(params, connection, base, self.path, derived=_derived(params, base))
        self._http = Service(connection, "IoTDA", self._account, base, self.path)
        self._headers = {"Instance-Id": params["instance_id"]} if params["instance_id"] else {}
        self._task = ""
        self._was_there = False
        self.warnings: list[str] = connection.warnings
        if params.get("targets"):
            self._task, self.act_size = params["task_ids"][0], TARGETS
            self.table = StateTable(f"task {self._task} of IoTDA", DEVICES.states, noun=DEVICES.noun)
            self.read_size = 1 if len(params["targets"]) <= FEW else 0

    @classmethod
    def address(cls, params: Mapping[str, Any]) -> str:
        return service_url(params, "iotda") if params["url"] or params["region"] else ""

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        targets = params.get("targets")
        tasks = super().requested_ids(params)
        if targets is None or tasks == []:
            return tasks
        if tasks is None or len(tasks) != 1:
            raise Failure("usage", "targets are devices of one task; name just that one in task_ids")
        return check_ids("targets", targets, "device")

    @property
    def renewals(self) -> int:
        return self._account.auth.stamp

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read one whole task with a single subtask, since only the task's own fields count (page `iotda`, section 3.2), or devices of the
        task.
        """
        if self._task:
            return self._devices(ids)
        shown = self._http.read(self._path(ids[0]), _shown(ids[0]), params={"limit": 1}, headers=self._headers)
        return {ids[0]: task_seen(shown)} if shown else {}

    def list_all(self, filters: Mapping[str, Any]) -> Listing[Observation]:
        """All tasks of one type, or of each type, since the vendor only lists by type. The names are compared here."""
        given = {name: filters.get(name) for name in ("status", "app_id") if filters.get(name)}
        task_type = filters.get("task_type")
        rows: dict[str, Observation] = {}
        doubt = ""
        for kind in [task_type] if task_type else TYPES:
            try:
                part = self._listed({**given, "task_type": kind})
            except Refused as refused:
                # An older instance doesn't have each type. It answers that the type is invalid (400), or not allowed (403; found later,
                # 1.13 and 1.14).
                if task_type or kind not in LATER or refused.code != "refused" or refused.http_status not in (400, 403):
                    raise
                if refused.http_status == 403:
                    why = f"{refused.vendor_code or 'no code'}; an instance that is older than this type has none"
                    self._warn(f"IoTDA doesn't list tasks of the type {kind} ({why})")
            else:
                rows.update({task["task_id"]: task_seen(task) for task in part})
                doubt = doubt or doubt_of(part)
        found = Listing([row for row in rows.values() if filters.get("task_name") in (None, row.name)], doubt)
        warn_of_doubt(found, "IoTDA", self.warnings)
        return found

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Stop, retry or confirm one whole task, or up to 100 of its devices. An answer with status 200 can contain failures of single
        devices.
        """
        body = {"targets": [task.id for task in tasks]} if self._task else {}
        path = f"{self._path(self._task or tasks[0].id)}/{action}"
        try:
            failed = self._http.write(path, _results, json=body, headers=self._headers)
        except Refused as refused:
            if action == "confirm" and refused.http_status == 404:
                refused.message += "; if the task is still there, this instance may be too old to know confirm"
            raise
        if self._task:
            return {id_: failed[id_] for id_ in body["targets"] if id_ in failed}
        if failed:
            reasons = "; ".join(failure.message for failure in islice(failed.values(), SHOWN))
            more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
            warning = f"task {tasks[0].id} accepted the {action}, but not for {len(failed)} of its devices ({reasons}{more})"
            self._warn(warning)
        return {}

    def explain(self, seen: Observation) -> str:
        """Why it failed: the vendor's text for the whole task, otherwise the text for one of its devices, which takes one more read."""
        told_reason = str(seen.facts.get("status_desc") or "")
        if told_reason or self._task or seen.spelling not in ("Fail", "PartialSuccess"):
            return told_reason
        which = {"task_detail_status": "Fail", "limit": 1}
        shown = self._http.read(self._path(seen.id), _shown(seen.id), params=which, headers=self._headers)
        reasons = [f"device {row.get('target')}: {reason(row)}" for row in (shown or {}).get("task_details", ()) if reason(row)]
        return reasons[0] if reasons else ""

    def _warn(self, warning: str) -> None:
        self.warnings += [] if warning in self.warnings else [warning]

    def _path(self, id_: str) -> str:
        return f"/iot/{in_path(self._account.project())}/batchtasks/{in_path(id_)}"

    def _listed(self, filters: Mapping[str, Any]) -> Listing[dict[str, Any]]:
        def part(marker: str | None) -> Part[dict[str, Any]]:
            params = {**filters, "limit": PAGE_SIZE, **({"marker": marker} if marker else {})}
            path = f"/iot/{in_path(self._account.project())}/batchtasks"
            return self._http.read(path, _part("batchtasks"), params=params, headers=self._headers)

        return by_marker(part, PAGE_SIZE, lambda task: task["task_id"])

    def _devices(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read the devices: one by its own filter, several by the list of all. Devices that the list lacks are read by the filter too,
        unless the task counts no more devices than the list shows. A device that the task then doesn't show hasn't reached the desired
        state: its state is unknown.
        """
        task: dict[str, Any] = {}
        requested = set(ids)
        listed = self._rows(task, ids)
        rows = [row for row in listed if row.get("target") in requested]
        if len(ids) > 1 and task and (task["page_count"] is None or listed.doubt):
            shown = {row["target"] for row in rows}
            rows += [row for id_ in ids if id_ not in shown for row in self._rows(task, [id_]) if row.get("target") == id_]
        if not rows and task.get("status") == "Initializing":
            raise Failure("unreachable_state", f"task {self._task} is being set up and has no devices yet; run it again when that is done")
        found = most_severe_by_id(self.table, [device_seen(row, task) for row in rows])
        return {**({id_: Observation(id_, None, row=NOT_SHOWN) for id_ in ids} if task else {}), **found}

    def _rows(self, task: dict[str, Any], ids: Sequence[str]) -> Listing[dict[str, Any]]:
        """The rows of one device, or of all devices until all wanted ones were read, with repetitions. `task` collects the fields of the
        whole task.
        """
        is_one = len(ids) == 1

        def part(marker: str | None) -> Part[dict[str, Any]]:
            which = {"target": ids[0]} if is_one else {"marker": marker} if marker else {}
            shown = self._http.read(self._path(self._task), _shown(self._task), params={**which, "limit": PAGE_SIZE}, headers=self._headers)
            if not shown and not self._was_there:
                raise Failure("not_found", f"IoTDA knows no task {self._task}; check how it is written there")
            if not shown:
                return Part([])
            self._was_there = True
            task.update(shown)
            return Part(shown["task_details"], shown["page_count"], is_one, shown["page_marker"])

        return by_marker(part, PAGE_SIZE, lambda row: str(row.get("target")), ids, prove=False)


def _derived(params: Mapping[str, Any], base: str) -> tuple[str, str] | None:
    """The scope of the derived signature. It follows the official SDK's rule, unless `signature` is set (page `iotda`, section 2.5). The
    rule uses the vendor's host, not a proxy's.
    """
    host = seen_host(params, base)
    signature = params["signature"] if params["signature"] != "auto" else "standard" if is_shared_host(host) else "derived"
    if not params["access_key"] or signature == "standard":
        return None
    if not params["region"]:
        raise Failure("usage", f"requests to {host} are signed with the derived key, which needs region; give it, or signature: standard")
    return (params["region"], "iotdm")


def _judged(answer: Answer) -> Any:
    """Like `success`, with IoTDA's own codes: an answer with status 200 can contain an error (page `iotda`, section 6, 2)."""
    if not 200 <= answer.status < 300:
        raise failure(answer, REFUSALS)
    document = success(answer)
    if isinstance(document, dict) and document.get("error_code"):
        raise failure(answer, REFUSALS)
    return document


def _shown(id_: str) -> Callable[[Answer], dict[str, Any] | None]:
    def judge(answer: Answer) -> dict[str, Any] | None:
        """The task, its subtasks in this part, and the marker of the next part. None if the task doesn't exist."""
        code = error_details(answer)[0] if answer.status == 404 else None
        if code is not None and code.startswith("IOTDA.") and code != NO_SUCH_PATH:
            return None
        # The output of a device may contain a secret, and its place in the text isn't known.
        document = _judged(answer.private() if b"output" in answer.body else answer)
        task = document.get("batchtask") if isinstance(document, dict) else None
        if not isinstance(task, dict) or not isinstance(task.get("status"), str):
            raise answer.private().unreadable("without a task that has a status")
        if str(task.get("task_id") or id_) != id_:
            raise answer.private().unreadable(f"about the task {task['task_id']}")
        marker, count = _paging(document)
        given = document.get("task_details")
        details = [row for row in given if isinstance(row, dict) and isinstance(row.get("target"), str)] if isinstance(given, list) else []
        return {**task, "task_id": id_, "task_details": details, "page_marker": marker, "page_count": count}

    return judge


def _part(member: str) -> Callable[[Answer], Part[dict[str, Any]]]:
    def judge(answer: Answer) -> Part[dict[str, Any]]:
        document = _judged(answer)
        rows = document.get(member) if isinstance(document, dict) else None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("task_id"), str) and isinstance(row.get("status"), str) for row in rows
        ):
            raise answer.unreadable("without a list of tasks that have an id and a status")
        marker, count = _paging(document)
        return Part(rows, count, marker=marker or (rows[-1]["task_id"] if rows else None))

    return judge


def _paging(document: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """The marker of the next part, and the total number. Each is None if the answer doesn't contain it."""
    page = document.get("page")
    marker, count = (page.get("marker"), page.get("count")) if isinstance(page, dict) else (None, None)
    return marker if isinstance(marker, str) else None, count if isinstance(count, int) else None


def _results(answer: Answer) -> dict[str, Failure]:
    """The failures of single devices. The list can be absent, empty or full (page `iotda`, section 3.3)."""
    document = _judged(answer)
    if document is not None and not isinstance(document, dict):
        raise answer.unreadable("of another shape")
    rows = document.get("targets") if document else None
    request_id = answer.headers.get("X-Request-Id")
    failed: dict[str, Failure] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("status") == "failure":
            code = str(row["error_code"]) if row.get("error_code") else None
            text = plain(f"{code or ''} {row.get('error_msg') or ''}", SAID)
            message = f"device {row.get('target')} was refused ({text or 'no reason given'})"
            failed[str(row.get("target"))] = Refused("refused", message, vendor_code=code, request_id=request_id)
    return failed
