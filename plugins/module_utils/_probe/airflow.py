# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Airflow against the page `airflow`, which was measured with 3.3.2 and 2.11.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._vendor import Vendor
from .._vendors._airflow_api import AT_REST, AT_WORK, GENERATIONS
from ._evidence import Assumption, Evidence, Exchange, Judged, Probe, each, fields, is_a

# An id that a Dag can have, and one that Airflow refuses.
NOBODY = "no.such-dag_of-taskops.quiesce"
FIELDS = ("dag_id", "is_paused", "has_import_errors", "tags", "owners", "timetable_description")
OVER = ("success", "failed", "skipped", "upstream_failed", "removed")
LISTS = {"runs": ("/dags/~/dagRuns/list", "dag_runs"), "instances": ("/dags/~/dagRuns/~/taskInstances/list", "task_instances")}
A_PAGE = 100


def look(vendor: Vendor, evidence: Evidence, ids: Sequence[str]) -> None:
    with evidence.step("list"):
        listed = vendor.list_all({})
        evidence.tasks = len(listed)
        ids = [*ids, *(dag.id for dag in listed)]
    lists = evidence.of("list", path="/dags")
    if not lists:
        return
    base = lists[0].path.removesuffix("/dags")
    with evidence.step("version"):
        vendor.look(f"{base}/version")
    with evidence.step("large"):
        vendor.look(f"{base}/dags", params={"limit": A_PAGE + 1})
    for id_ in ids[:3]:
        with evidence.step("one"):
            vendor.look(f"{base}/dags/{id_}")
    with evidence.step("missing"):
        vendor.look(f"{base}/dags/{NOBODY}")
    if ids:
        for step, (path, _member) in LISTS.items():
            with evidence.step(step):
                vendor.look(base + path, method="POST", json={"dag_ids": list(ids), "page_limit": A_PAGE})
    with evidence.step("health"):
        vendor.look(base + GENERATIONS[base.strip("/")].health)


def assumptions(vendor: Vendor, params: Mapping[str, Any]) -> Sequence[Assumption]:
    return [
        Assumption("reading", "a Dag has the fields that decide its state", lambda seen: fields(seen, _dags(seen), FIELDS)),
        Assumption("reading", "`is_paused` of a Dag is true or false", lambda seen: each(_dags(seen), _is_paused)),
        Assumption("reading", "a page has at most a hundred Dags", lambda seen: each(seen.good("large"), _cut)),
        Assumption("reading", "a list has the number of its entries", lambda seen: each(seen.good("list", "runs", "instances"), _counted)),
        Assumption("reading", "a list of runs contains only runs of the requested Dags", lambda seen: each(seen.good("runs"), _asked)),
        Assumption("states", "task instances are in the states of the page", _states),
        Assumption(
            "reading", "the time of the next run is in the known field", lambda seen: each(seen.good("list", path="/dags"), _next_run)
        ),
        Assumption("refusals", "a Dag that doesn't exist gets HTTP 404 with its id", lambda seen: each(seen.of("missing"), _missing)),
        Assumption("reading", "the health check has the status of the scheduler", lambda seen: each(seen.good("health"), _health)),
        Assumption("versions", "the version is one of the measured ones", _version),
    ]


def _dags(evidence: Evidence) -> list[dict[str, Any]]:
    return evidence.rows("dags", "list", path="/dags")


def _is_paused(row: Mapping[str, Any]) -> str:
    return is_a(row.get("is_paused"), "a truth value")


def _cut(answer: Exchange) -> str:
    rows, total = answer.member("dags"), answer.member("total_entries")
    if not isinstance(rows, list) or not isinstance(total, int) or total <= A_PAGE:
        return ""
    return "" if len(rows) == A_PAGE else f"{len(rows)} Dags"


def _counted(answer: Exchange) -> str:
    return is_a(answer.member("total_entries"), "a number")


def _asked(answer: Exchange) -> str:
    rows, requested = answer.member("dag_runs"), (answer.sent or {}).get("dag_ids", ())
    return "" if all(row.get("dag_id") in requested for row in rows or () if isinstance(row, dict)) else "runs of other Dags too"


def _states(evidence: Evidence) -> Judged:
    known = {*AT_WORK, *AT_REST, *OVER, None}
    for generation in GENERATIONS.values():
        known |= {*generation.at_work, *generation.unlisted}
    states = [row.get("state") for row in evidence.rows("task_instances", "instances")]
    return each(states, lambda state: "" if state in known else evidence.word(state))


def _next_run(answer: Exchange) -> str:
    rows, generation = answer.member("dags"), GENERATIONS[answer.path.strip("/").partition("/")[0]]
    row = next((row for row in rows or () if isinstance(row, dict)), None)
    return "" if row is None or generation.next_run in row else f"without {generation.next_run}"


def _missing(answer: Exchange) -> str:
    if answer.status != 404:
        return f"HTTP {answer.status}"
    return "" if NOBODY in str(answer.document) else "without its id"


def _health(answer: Exchange) -> str:
    scheduler = answer.member("scheduler")
    return "" if isinstance(scheduler, dict) and isinstance(scheduler.get("status"), str) else "without it"


def _version(evidence: Evidence) -> Judged:
    versions = [evidence.word(answer.member("version")) for answer in evidence.good("version")]
    return each(versions, lambda version: "" if version in ("3.3.2", "2.11.2") else version)


PROBE = Probe("airflow", ("state", "status", "version", "timetable_description"), look, assumptions)
