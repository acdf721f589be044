# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The two generations of Airflow's REST API: a table of their differences, and the parsers of their answers.

All facts were measured with Airflow 3.3.2 and 2.11.2 (page `airflow`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._answer import Answer
from .._errors import Failure, Refused
from .._pages import Part
from .._refusals import RefusalText, plain

# States in which a task instance runs, or will run although its Dag is paused (page `airflow`, "When is a paused Dag quiet?").
AT_WORK = ("running", "restarting", "queued", "deferred")
# States in which a task instance waits until its Dag is unpaused.
AT_REST = ("scheduled", "up_for_retry", "up_for_reschedule")


class Generation(NamedTuple):
    """One generation of the API.

    `all_dags` are the parameters that include stale Dags in the list. `at_work` are the states in which a task instance keeps a Dag from
    being quiet, and by which the server can filter. `unlisted` are such states by which it can't. `next_run` is the field with the time of
    the next run. `health` is the path for the health of the system's parts. `has_bulk` says whether one call can set many runs to failed.
    """

    name: str
    all_dags: Mapping[str, str]
    at_work: tuple[str, ...]
    unlisted: tuple[str, ...]
    next_run: str
    health: str
    has_bulk: bool
    is_stale: Callable[[Mapping[str, Any]], bool]


GENERATIONS: Mapping[str, Generation] = {
    "v1": Generation(
        name="v1",
        all_dags={"only_active": "false"},
        at_work=AT_WORK,
        unlisted=("shutdown",),
        next_run="next_dagrun_create_after",
        health="/health",
        has_bulk=False,
        is_stale=lambda dag: dag.get("is_active") is False,
    ),
    "v2": Generation(
        name="v2",
        all_dags={"exclude_stale": "false"},
        at_work=(*AT_WORK, "awaiting_input"),
        unlisted=(),
        next_run="next_dagrun_run_after",
        health="/monitor/health",
        has_bulk=True,
        is_stale=lambda dag: dag.get("is_stale") is True,
    ),
}


def refusal_text(answer: Answer) -> RefusalText:
    """The text of a refusal, in any of the known shapes: `detail` is a text, a list or an object, or `title` or `error` replaces it (page
    `airflow`, "Refusals").
    """
    try:
        document = answer.document()
    except Failure:
        return RefusalText()
    if not isinstance(document, dict):
        return RefusalText()
    detail = document.get("detail")
    if isinstance(detail, list):
        detail = "; ".join(_problem_text(one) for one in detail)
    elif isinstance(detail, dict):
        detail = detail.get("reason")
    return RefusalText(None, plain(detail or document.get("title") or document.get("error")))


def _problem_text(one: Any) -> str:
    """One entry of the list of errors in a body: where the body is wrong, and why."""
    if not isinstance(one, dict):
        return str(one)
    place = one.get("loc")
    return f"{'.'.join(map(str, place))}: {one.get('msg')}" if isinstance(place, list) else str(one.get("msg"))


def is_about(answer: Answer, id_: str) -> bool:
    """Whether a 404 means that the Dag or the run doesn't exist, and not that the server doesn't know the address."""
    return answer.status == 404 and id_ in refusal_text(answer).text


def dag(answer: Answer, row: Any) -> dict[str, Any]:
    """A Dag as the API shows it. Raises `Failure` (`protocol`)."""
    if not isinstance(row, dict) or not isinstance(row.get("dag_id"), str) or not isinstance(row.get("is_paused"), bool):
        raise answer.unreadable("with a Dag that has no dag_id or no is_paused")
    return row


def dags(answer: Answer, document: Any, offset: int) -> Part[dict[str, Any]]:
    """A part of the list of Dags, beginning at this row."""
    rows, total = _rows(answer, document, "dags")
    return Part([dag(answer, row) for row in rows], total, None if total is None else offset + len(rows) >= total)


def entries(answer: Answer, document: Any, member: str, needed: Sequence[str], offset: int) -> Part[dict[str, Any]]:
    """A part of a list of runs or task instances. These fields must be texts; `state` can also be null. Raises `Failure` (`protocol`)."""
    rows, total = _rows(answer, document, member)
    for row in rows:
        has_state = isinstance(row, dict) and isinstance(row.get("state"), (str, type(None)))
        if not has_state or not all(isinstance(row.get(name), str) for name in needed):
            raise answer.unreadable(f"with an entry of {member} that lacks one of {', '.join(needed)} and state")
    return Part(rows, total, None if total is None else offset + len(rows) >= total)


def _rows(answer: Answer, document: Any, member: str) -> tuple[list[Any], int | None]:
    rows = document.get(member) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise answer.unreadable(f"without a list of {member}")
    total = document.get("total_entries")
    return rows, total if isinstance(total, int) and not isinstance(total, bool) else None


def bulk_refusals(answer: Answer, document: Any, requested: Mapping[str, Sequence[str]]) -> dict[str, Failure]:
    """For each Dag, why a bulk update didn't change some of its runs. The answer is a 200 that lists single failures and has no separate
    field for the id of the run (page `airflow`, "Stopping"). `requested` are the ids of the runs by Dag. Raises `Failure` (`protocol`).
    """
    update = document.get("update") if isinstance(document, dict) else None
    if not isinstance(update, dict) or not isinstance(update.get("success"), list):
        raise answer.unreadable("without the result of the update")
    done = set(filter(lambda one: isinstance(one, str), update["success"]))
    errors = update.get("errors")
    texts = [plain(str(one.get("error") or "")) for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    wrong: dict[str, Failure] = {}
    for dag_id, runs in requested.items():
        not_done = [run for run in runs if f"{dag_id}.{run}" not in done]
        if not_done:
            why = "; ".join(text for text in texts if any(run in text for run in not_done)) or "; ".join(texts[:3]) or "no reason given"
            wrong[dag_id] = Refused(
                "refused", f"Airflow didn't set {_run_names(not_done)} of Dag {dag_id} to failed ({why})", http_status=200
            )
    return wrong


def _run_names(runs: Sequence[str]) -> str:
    return f"run {runs[0]}" + (f" and {len(runs) - 1} more" if len(runs) > 1 else "")
