# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What JP1/AO's answers mean: tasks, lists, jobs and refusals (page `hitachi`, sections 2.4, 2.5, 3.2 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._answer import Answer
from .._errors import AnswerLost, Failure, Refused, Unauthorized
from .._pages import Part
from .._refusals import RefusalText, failure_of, plain
from .._refusals import Row as Refusal

SAID = 300
NOT_THERE_BEFORE_V11 = "; V10 knows no forced stop, so leave force out there"
SUSPECTS = {
    "basic": "check username and password",
    "hsso": "an HSSO token lasts 1,000 seconds and isn't renewed once it has expired: get a new one, or give username and password",
    "bearer": (
        "a Bearer token lasts about five minutes and isn't renewed, and it isn't documented whether JP1/AO accepts one: get a new one, and "
        "check token_type"
    ),
}
RIGHTS = "check the user's role and access to the task's service group"

# The meaning of statuses other than 401 (page `hitachi`, sections 3.1 and 6). A status without a body comes from the server in front of the
# application.
REFUSALS = (
    Refusal("refused", AnswerLost, "by which JP1/AO says that its service doesn't run or isn't ready; start it, or try again later",
            statuses=(412,), any_body=True),
    Refusal("not_found", Refused, "it's gone, or the user may not see it, or a parameter is wrong", statuses=(404,)),
    Refusal("refused", Refused, "look at the task there", statuses=(409,), any_body=True),
    Refusal("refused", Refused, "check the options", statuses=(400,), any_body=True),
)  # fmt: skip
# Words in a step's status that show that it failed. None is published. Those of a task are `failed` and `Abnormal Detection` (section 4).
_FAILED_STEP = ("fail", "abnormal", "error")
_STEP_NAMES = ("name", "stepName", "displayName", "stepID", "instanceID")

Row = Mapping[str, Any]


class AnswerParser:
    """Judges the answers of one run. `way` is how the run authenticates, a key of `SUSPECTS`. `warnings` collects the server's own
    warnings.
    """

    def __init__(self, authentication: str, warnings: list[str]) -> None:
        self._authentication = authentication
        self._was_let_in = False
        self.warnings = warnings

    def task(self, id_: str) -> Callable[[Answer], Row | None]:
        """A judge for one task. None if JP1/AO itself answers that this user has no such task."""

        def judge(answer: Answer) -> Row | None:
            if answer.status == 404 and _error_fields(answer)[0]:
                return None
            row = _row(answer, self._success(answer), "instanceID")
            if str(row["instanceID"]) != id_:
                raise answer.unreadable(f"about the task {row['instanceID']}")
            return row

        return judge

    def page(self, key: str) -> Callable[[Answer], Part[Row]]:
        """A judge for a part of a list whose items have a status and an id in the member `key`."""

        def judge(answer: Answer) -> Part[Row]:
            document = self._success(answer)
            data = document.get("data") if isinstance(document, dict) else None
            if not isinstance(data, list):
                raise answer.unreadable("without a list of tasks")
            paging = document.get("pagination")
            place, pages = (paging.get("page"), paging.get("numPages")) if isinstance(paging, dict) else (None, None)
            is_last = place >= pages if isinstance(place, int) and isinstance(pages, int) else None
            count = document.get("count")
            return Part([_row(answer, row, key) for row in data], count if isinstance(count, int) else None, is_last)

        return judge

    def job(self, action: str, task_id: str) -> Callable[[Answer], None]:
        """A judge for the answer to an action. It's a success only if its job is a success too (page section 6, 1)."""
        lead = f"JP1/AO refused to {action} task {task_id}"

        def judge(answer: Answer) -> None:
            try:
                document = self._success(answer, lead)
            except Refused as refused:
                if action == "forceStop" and refused.http_status == 404:
                    refused.message += NOT_THERE_BEFORE_V11
                raise
            if not isinstance(document, dict):
                raise answer.unreadable("of another shape")
            if str(document.get("state")).lower() == "failed":
                job = document.get("instanceID") or document.get("instanceId")
                message = f"JP1/AO accepted the {action} of task {task_id}, and the job for it failed; see there why"
                raise Refused("refused", message, http_status=answer.status, request_id=None if job is None else str(job))

        return judge

    def failed_steps(self, answer: Answer) -> list[str]:
        """A judge for a task's steps. It returns the names of those that failed. A step's members are unpublished (found later, 3.1)."""
        document = self._success(answer)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, list):
            raise answer.unreadable("without a list of steps")
        return [name for step in data if isinstance(step, dict) and _step_failed(step) and (name := _step_name(step))]

    def _success(self, answer: Answer, lead: str = "") -> Any:
        if not 200 <= answer.status < 300:
            raise self._failure(answer, lead or f"{answer.what} was refused")
        self._was_let_in = True
        if header := plain(answer.headers.get("Warning", ""), SAID):
            warning = f"JP1/AO carried out the request, and warns of a problem of its own ({header})"
            self.warnings += [] if warning in self.warnings else [warning]
        return answer.document()

    def _failure(self, answer: Answer, lead: str) -> Failure:
        code, text = _error_fields(answer)
        return failure_of(answer, RefusalText(code, text), (self._row_for_401(), *REFUSALS), lead)

    def _row_for_401(self) -> Refusal:
        """The failure for a 401, which can be about an unknown user or about missing rights (page section 2.4). A user that was accepted
        before is known.
        """
        if self._authentication == "basic" and self._was_let_in:
            return Refusal("permission", Refused, f"the user was let in before, so {RIGHTS}", statuses=(401,), any_body=True)
        advice = f"{SUSPECTS[self._authentication]}; or, as it means that too, {RIGHTS}"
        return Refusal("authentication", Unauthorized, advice, statuses=(401,), any_body=True)


def is_unsupported_parameter(refused: Refused) -> bool:
    """Whether a list may have been refused because of a parameter, which can also give a 404 (page section 3.3)."""
    return refused.http_status == 400 or (refused.http_status == 404 and refused.vendor_code is not None)


def _row(answer: Answer, row: Any, key: str) -> Row:
    if not isinstance(row, dict) or not _is_id(row.get(key)) or not _is_id(row.get("instanceID")) or not isinstance(row.get("status"), str):
        raise answer.unreadable("with a task that has no id or no status")
    return row


def _is_id(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal())


def _error_fields(answer: Answer) -> tuple[str | None, str]:
    """The code and the text of an error object, in one line. A body from a server in front of the application can be anything (page section
    7).
    """
    try:
        document = answer.document()
    except Failure:
        return None, ""
    if not isinstance(document, dict) or not isinstance(document.get("messageID"), str):
        return None, ""
    return document["messageID"], plain(document.get("message"), SAID)


def _step_failed(step: Row) -> bool:
    status = step.get("status")
    return isinstance(status, str) and any(word in status.casefold() for word in _FAILED_STEP)


def _step_name(step: Row) -> str:
    return next((plain(str(step[name]), SAID) for name in _STEP_NAMES if step.get(name)), "")
