# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Hitachi JP1/Automatic Operation and Ops Center Automator, API v1: a task is one execution of a service, and belongs to a schedule.

Stop and retry act on the task; suspend, resume and cancel act on its schedule. Facts come from the vendor's public manuals, gathered on
page `hitachi`. No accessible manual states how most states are spelled in answers, how large a page can be, or which members can be
filtered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .._arguments import Arguments, from_environment, in_path
from .._auth import Auth, BareBasic, RollingToken, Scheme
from .._connection import Connection
from .._errors import Failure, Refused, TryLater
from .._http import Http
from .._lifecycle import Observation
from .._pages import Listing, Part, doubt_of, numbered, warn_of_doubt
from .._vendor import Vendor
from ._hitachi_answers import AnswerParser, Row, is_unsupported_parameter
from ._hitachi_states import TABLE, history_seen, task_seen

OBJECTS = "/v1/objects"
PAGE_SIZE = 500
# In characters, so that the whole request line is well below the 8 KiB that such servers accept.
LONGEST_FILTER = 6000
FILTERS = ("serviceID", "scheduleID", "serviceGroupID", "serviceTemplateID", "tags", "q")
SHOWN = 3
# The value of the vendor's own command (page section 6, 16).
MOST_DIGITS = 16
ON_SCHEDULE = ("suspend", "resume", "cancel")
# Without this header, messages can be in Japanese (page section 2.2).
HEADERS = {"Accept-Language": "en"}


class Hitachi(Vendor):
    """One JP1/AO. V10 samples the states of its tasks every 30 s by default. For later versions this is inferred (page section 6, 2)."""

    prefix = "HITACHI"
    path = "/Automation"
    arguments = from_environment(
        "HITACHI",
        {
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "token": {"type": "str", "no_log": True},
            "token_type": {"type": "str", "choices": ["hsso", "bearer"], "default": "hsso", "no_log": False},
        },
    ) + Arguments(choices=[[("username", "password"), ("token",)]], companions={"token_type": "token"})
    tasks = Arguments(
        options={
            "task_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["task_id"]},
            **{name: {"type": "bool", "default": False} for name in ("force", "cancel_recurring", "retry_failed")},
        }
    )
    filters = Arguments(options={name: {"type": "str"} for name in FILTERS})
    table = TABLE
    lag = 30.0
    settle = 40.0

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        authentication = params["token_type"] if params["token"] else "basic"
        self.warnings: list[str] = connection.warnings
        self._answers = AnswerParser(authentication, connection.warnings)
        self._http = Http(connection, "JP1/AO", self.path, self._auth(authentication, params))
        self._http.keep_secret(params["password"], params["token"])
        if authentication == "basic":
            self._http.keep_secret(BareBasic(params["username"], params["password"]).header)
        longest = max(map(len, params.get("task_ids") or [MOST_DIGITS * "9"]))
        self.read_size = LONGEST_FILTER // (longest + len("%2C"))
        self._can_filter_histories = True

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        ids = super().requested_ids(params)
        for id_ in ids or ():
            if not re.fullmatch("[1-9][0-9]{0,18}", id_, re.ASCII):
                raise Failure("usage", f"task_ids holds {id_!r}, which isn't the id of a task; JP1/AO knows its tasks by whole numbers")
        if params.get("force") and params.get("state") != "stopped" and params.get("if_unpausable") != "stop":
            raise Failure("usage", "force is about the forced stop, so give it only with state: stopped or if_unpausable: stop")
        return ids

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read one task by its own address, several by one list. Tasks that the list lacks are looked for in the histories.

        A list with several pages can omit a task when another one is archived meanwhile. So a task that is in neither is read by its own
        address before it's reported as absent.
        """
        listed = self._read_by_filter(ids) if len(ids) > 1 and self.read_size > 1 else None
        found = self._read_each(ids) if listed is None else listed
        if missing := [id_ for id_ in ids if id_ not in found]:
            found = {**found, **self._archived(missing)}
        if listed is not None and (missing := [id_ for id_ in ids if id_ not in found]):
            found = {**found, **self._read_each(missing)}
        return found

    def list_all(self, filters: Mapping[str, Any]) -> Listing[Observation]:
        """All tasks of the task list, and a warning if there may be more. The list doesn't contain archived tasks.

        Raises `Failure` (`protocol`) if the count is higher than the number of tasks that the list ever shows.
        """
        given = {name: value for name, value in filters.items() if value is not None}
        try:
            rows = self._paged("Tasks", given, PAGE_SIZE)
        except Refused as refused:
            if not is_unsupported_parameter(refused):
                raise
            rows = self._unpaged(given)
        if rows.missing:
            total = len(rows) + rows.missing
            raise Failure(
                "protocol", f"JP1/AO counts {total} tasks and shows only {len(rows)} of them each time; narrow the list by filters"
            )
        warn_of_doubt(rows, "JP1/AO", self.warnings)
        return Listing([task_seen(self.table, row) for row in rows], doubt_of(rows))

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Act on one task or on its schedule. The address is built here, since the addresses in the vendor's answers aren't always right
        (page section 6, 8). The body is complete (section 3.4).
        """
        (task,) = tasks
        on_schedule = action in ON_SCHEDULE
        kind, id_ = ("Schedules", task.facts["scheduleID"]) if on_schedule else ("Tasks", task.id)
        path = f"{OBJECTS}/{kind}/{in_path(str(id_))}/actions/{action}/invoke"
        body = {"name": action, "href": f"{self._http.address}{path}", "method": "POST", "parameters": []}
        self._http.write(path, self._answers.job(action, task.id), json=body, headers=HEADERS)
        return {}

    def explain(self, seen: Observation) -> str:
        """The names of the failed steps of a failed task. The call is documented for V10. Later versions may not have it."""
        if seen.spelling is None or self.table.word(seen) not in ("failed", "troubled"):
            return ""
        steps = self._http.read(f"{OBJECTS}/FlowSteps", self._answers.failed_steps, params={"taskID": seen.id}, headers=HEADERS)
        if not steps:
            return ""
        more = f" and {len(steps) - SHOWN} more" if len(steps) > SHOWN else ""
        return f"failed step{'s' if len(steps) > 1 else ''}: {', '.join(steps[:SHOWN])}{more}"

    def _auth(self, authentication: str, params: Mapping[str, Any]) -> Auth:
        if authentication == "hsso":
            return RollingToken("HSSO", params["token"], self._hide)
        if authentication == "bearer":
            return Scheme("Bearer", params["token"])
        if ":" in params["username"]:
            raise Failure("usage", "username holds a colon, which ends the user name in Basic authentication; check it")
        return Scheme("Basic", BareBasic(params["username"], params["password"]).header)

    def _hide(self, token: str) -> None:
        self._http.keep_token(token)

    def _read_each(self, ids: Sequence[str]) -> dict[str, Observation]:
        rows = ((id_, self._http.read(f"{OBJECTS}/Tasks/{in_path(id_)}", self._answers.task(id_), headers=HEADERS)) for id_ in ids)
        return {id_: task_seen(self.table, row) for id_, row in rows if row}

    def _read_by_filter(self, ids: Sequence[str]) -> dict[str, Observation] | None:
        """The tasks in one filtered list. None if the server refuses the filter, which isn't tried again then."""
        params = {"HQL::filter": f"instanceID in [{','.join(ids)}]"}
        try:
            # Tasks that this list lacks are read by their own addresses, so the list needn't be complete.
            tasks = [task_seen(self.table, row) for row in self._paged("Tasks", params, len(ids), "instanceID", ids, prove=False)]
        except Refused as refused:
            if not is_unsupported_parameter(refused):
                raise
            self.read_size = 1
            return None
        requested = set(ids)
        return {task.id: task for task in tasks if task.id in requested}

    def _archived(self, ids: Sequence[str]) -> dict[str, Observation]:
        """The tasks with these ids in the histories, found by a filter, or in the list of all histories if the filter is refused."""
        if self._can_filter_histories:
            params = {"HQL::filter": f"taskID in [{','.join(ids)}]"}
            try:
                return self._histories(self._paged("TaskHistories", params, len(ids), "taskID", ids), ids)
            except Refused as refused:
                if not is_unsupported_parameter(refused):
                    raise
                self._can_filter_histories = False
        return self._histories(self._paged("TaskHistories", {}, PAGE_SIZE, "taskID", ids), ids)

    def _histories(self, rows: Listing[Row], ids: Collection[str]) -> dict[str, Observation]:
        """The archived tasks with these ids. Raises `TryLater` if one is missing and the list may have omitted it."""
        found = {seen.id: seen for row in rows if (seen := history_seen(self.table, row)).id in ids}
        if rows.doubt and (missing := [id_ for id_ in ids if id_ not in found]):
            message = f"the list of archived tasks of JP1/AO {rows.doubt}"
            raise TryLater(
                "protocol",
                f"{message}, so that it isn't known whether it contains task {missing[0]}; run it again when fewer tasks change there",
            )
        return found

    def _paged(
        self,
        kind: str,
        params: Mapping[str, Any],
        size: int,
        key: str = "instanceID",
        requested: Collection[str] = (),
        *,
        prove: bool = True,
    ) -> Listing[Row]:
        """The items of a list, page by page, until the list ends or contains all `requested` ids in the member `key`.

        A server can shorten the pages, and its count can be that of one page only (page section 7). So the list ends where the paging of
        the answer says so, or with a page that has nothing new.
        """

        def page(number: int, length: int) -> Part[Row]:
            return self._page(kind, {**params, "page": number, "pageSize": length}, key)

        return numbered(page, size, lambda row: str(row[key]), requested, prove=prove)

    def _unpaged(self, params: Mapping[str, Any]) -> Listing[Row]:
        page = self._page("Tasks", params, "instanceID")
        if page.total is not None and page.total > len(page.rows):
            raise Failure(
                "protocol", f"JP1/AO lists {page.total} Tasks, shows {len(page.rows)} at once and takes no paging; narrow it by filters"
            )
        return Listing(page.rows)

    def _page(self, kind: str, params: Mapping[str, Any], key: str) -> Part[Row]:
        return self._http.read(f"{OBJECTS}/{kind}", self._answers.page(key), params=dict(params), headers=HEADERS)
