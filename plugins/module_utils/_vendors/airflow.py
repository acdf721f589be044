# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Apache Airflow, REST API v2 (Airflow 3) and v1 (Airflow 2): a task is a Dag.

Pausing a Dag keeps its runs open, so its task instances decide whether it's quiet. Stopping also sets the open runs to failed. All facts
were measured with Airflow 3.3.2 and 2.11.2 (page `airflow`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import partial
from itertools import takewhile
from typing import Any, ClassVar, TypeVar

from .._answer import Answer
from .._arguments import Arguments, check_ids, in_path
from .._connection import Connection, base_url
from .._errors import Failure, Postponed, Refused
from .._http import Http
from .._lifecycle import Observation
from .._pages import Listing, Part, doubt_of, numbered, warn_of_doubt
from .._vendor import Vendor
from . import _airflow_api as api
from ._airflow_access import ARGUMENTS, NO_SUCH_PLACE, Access
from ._airflow_api import AT_REST, GENERATIONS, Generation
from ._airflow_states import PROCESS_SECONDS, TABLE, Work, counts_text, dag_seen

# Airflow silently cuts longer pages of Dags to this size. It doesn't cut the other two lists (page `airflow`, "Reading, fewest calls").
DAGS_A_PAGE = 100
ENTRIES_A_PAGE = 1000
DAGS_A_STOP = 100
# How many seconds the last read of which Dags are paused is used, unless this run has changed a Dag since.
FRESH = 5.0
# The ids that Airflow allows. It refuses a file with any other id (page `airflow`, further measurements, 14).
AN_ID = re.compile(r"[\w.-]+")
OPEN = ("queued", "running")

T = TypeVar("T")


class Airflow(Vendor):
    """One Airflow, and the last observations of its Dags."""

    prefix = "AIRFLOW"
    path = "/api"
    ids = "dag_ids"
    arguments = ARGUMENTS
    tasks = Arguments(options={"dag_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["dag_id"]}})
    filters = Arguments(
        options={
            "id_pattern": {"type": "str"},
            "tags": {"type": "list", "elements": "str"},
            "owners": {"type": "list", "elements": "str"},
            "paused": {"type": "bool"},
            "stale": {"type": "bool", "default": False},
        }
    )
    table = TABLE
    lingers: ClassVar[Mapping[str, float]] = {"stop": PROCESS_SECONDS}

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        url, generation = _generation(params)
        connection = replace(connection, url=url)
        root = base_url(url, self.path).removesuffix(self.path)
        self._access = Access(params, connection, root, generation)
        self._http = Http(connection, "Airflow", self.path, self._access, self._access.advice)
        self._clock = connection.clock
        self._desired = params.get("state")
        self.warnings: list[str] = connection.warnings
        self._has_bulk = True
        self._at_work: tuple[str, ...] | None = None
        self._now = datetime.now(timezone.utc)
        self._dags: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, dict[str, str]] = {}
        self._looked_into: set[str] = set()
        self._ended: set[tuple[str, str]] = set()
        self._compared = float("-inf")
        self._has_written = False
        self._health: str | None = None

    @classmethod
    def address(cls, params: Mapping[str, Any]) -> str:
        return re.sub(r"/api/v[12]/*$", "", super().address(params))

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        given = params[cls.ids]
        ids = None if given is None else check_ids(cls.ids, given, "Dag")
        for id_ in ids or ():
            if not AN_ID.fullmatch(id_):
                kinds = "letters, digits, dashes, dots and underscores"
                raise Failure("usage", f"{cls.ids} holds {id_!r}, which isn't the id of a Dag; Airflow names its Dags by {kinds} only")
        return ids

    @property
    def renewals(self) -> int:
        return self._access.stamp

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read all of them with at most three lists, whatever their number: paused Dags, open runs, and task instances at work."""
        self._read_dags(ids)
        return self._seen([self._dags[id_] for id_ in ids if id_ in self._dags])

    def list_all(self, filters: Mapping[str, Any]) -> Listing[Observation]:
        """All Dags that match. The server's own filters only shorten the list, since they also match other ids and tags."""
        params, matches = _narrowed(filters, self._generation), partial(_matches, filters, self._generation)
        listed = numbered(lambda number, size: self._dag_page((number - 1) * size, size, params), DAGS_A_PAGE, lambda dag: dag["dag_id"])
        warn_of_doubt(listed, "Airflow", self.warnings)
        found = [dag for dag in listed if matches(dag)]
        return Listing(self._seen(found).values(), doubt_of(listed))

    def batch_size(self, action: str, tasks: Sequence[Observation]) -> int:
        return DAGS_A_STOP if action == "stop" and self._generation.has_bulk and self._has_bulk else 1

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Pause or unpause one Dag, or set the open runs of several Dags to failed. Only runs that were read as open are sent, since
        Airflow would also set a successful run to failed (page `airflow`, "Stopping").
        """
        try:
            if action != "stop":
                return self._pause(tasks[0].id, is_paused=action == "pause")
            runs = {task.id: [run for run in task.facts["open_runs"] if (task.id, run) not in self._ended] for task in tasks}
            return self._fail(runs)
        finally:
            self._has_written = True

    def explain(self, seen: Observation) -> str:
        """Which task instances of the Dag still run, and whether Airflow reports its scheduler as unhealthy."""
        texts = [f"task instances: {counts_text(seen.facts['task_instances'])}"] if seen.facts.get("task_instances") else []
        if self._health is None:
            self._health = self._http.read(self._path(self._generation.health), self._with_document(_missed))
        return "; ".join(filter(None, [*texts, self._health]))

    # Which generation of the API

    @property
    def _generation(self) -> Generation:
        if self._access.generation is None and self._access.has_login:
            self._access.obtain()
        if self._access.generation is None:
            self._access.generation = GENERATIONS["v2" if self._is_v2() else "v1"]
        return self._access.generation

    def _is_v2(self) -> bool:
        """Whether the server knows API v2. This read is needed with a token, since then no login shows it."""
        try:
            return self._http.read("/v2/version", self._is_version)
        except Refused as refused:
            if refused.http_status not in NO_SUCH_PLACE:
                raise
            return False

    def _is_version(self, answer: Answer) -> bool:
        if answer.status in NO_SUCH_PLACE:
            return False
        document = self._success(answer)
        if not isinstance(document, dict) or not isinstance(document.get("version"), str):
            raise answer.unreadable("without a version")
        return True

    def _path(self, rest: str) -> str:
        return f"/{self._generation.name}{rest}"

    def _success(self, answer: Answer) -> Any:
        """The document of a success. Raises `Failure` for a refusal."""
        if answer.status not in (200, 201):
            raise self._access.failure(answer)
        try:
            self._now = parsedate_to_datetime(answer.headers.get("Date", ""))
        except (ValueError, TypeError):
            self._now = datetime.now(timezone.utc)
        return answer.document()

    def _with_document(self, take: Callable[[Answer, Any], T]) -> Callable[[Answer], T]:
        return lambda answer: take(answer, self._success(answer))

    # Which Dags are paused

    def _read_dags(self, ids: Sequence[str]) -> None:
        """Read for each id whether the Dag is paused. Ids of Dags that don't exist stay unknown."""
        begun = self._clock.now()
        if self._desired is None:
            # A caller that only watches also needs to know about deleted Dags, which a comparison doesn't show.
            self._dags = {id_: dag for id_, dag in self._dags.items() if id_ not in set(ids)}
        if unknown := [id_ for id_ in ids if id_ not in self._dags]:
            self._find_in_list(unknown)
        if len(unknown) == len(ids):
            self._compared = begun
        elif self._has_written or begun - self._compared >= FRESH:
            self._has_written = False
            try:
                self._compare([id_ for id_ in ids if id_ not in unknown])
            except Failure:
                # Nothing was compared, so the next read has to show the last change.
                self._has_written = True
                raise
            self._compared = begun

    def _find_in_list(self, ids: Sequence[str]) -> None:
        """Read these Dags from a list, since there's no filter by ids. Only used if it takes fewer calls than one for each Dag."""
        listed: dict[str, dict[str, Any]] = {}
        if len(ids) > 1:
            params = self._params_to_list(ids)
            first = self._dag_page(0, DAGS_A_PAGE, params)
            listed = _by_id(first.rows)
            remaining = _pages((first.total or 0) - len(first.rows))
            if first.rows and not first.is_last and 0 < remaining <= sum(id_ not in listed for id_ in ids):
                listed = _by_id(numbered(self._pages_after(first, params), DAGS_A_PAGE, lambda dag: dag["dag_id"], ids, prove=False))
        self._dags.update((id_, listed[id_]) for id_ in ids if id_ in listed)
        # The list may lack a Dag because it changed while it was read.
        self._read_single_dags([id_ for id_ in ids if id_ not in listed])

    def _compare(self, ids: Sequence[str]) -> None:
        """Read which Dags are paused now. Only the Dags in the opposite of the state that most of these were last seen in are listed, since
        that list is shorter after all were changed. A Dag that isn't in the list keeps its last state; one that should be in it is read by
        itself.
        """
        are_paused = sum(self._dags[id_]["is_paused"] for id_ in ids) * 2 >= len(ids)
        params = {**self._params_to_list(ids), "paused": str(not are_paused).lower()}
        first = self._dag_page(0, DAGS_A_PAGE, params) if len(ids) > 1 else None
        if first is None or _pages(first.total or 0) > len(ids):
            self._read_single_dags(ids)
            return
        others = _by_id(numbered(self._pages_after(first, params), DAGS_A_PAGE, lambda dag: dag["dag_id"]))
        self._dags.update((id_, others[id_]) for id_ in ids if id_ in others)
        self._read_single_dags([id_ for id_ in ids if id_ not in others and self._dags[id_]["is_paused"] is not are_paused])

    def _params_to_list(self, ids: Sequence[str]) -> dict[str, Any]:
        """Parameters of a list that holds these Dags, stale ones included, and no more others than necessary: the server's pattern never
        omits an id that begins as all of them do (see `_narrowed`).
        """
        start = _common_start(ids)
        return {**self._generation.all_dags, **({"dag_id_pattern": start} if start else {})}

    def _pages_after(self, first: Part[dict[str, Any]], params: Mapping[str, Any]) -> Callable[[int, int], Part[dict[str, Any]]]:
        """The pages of a list of Dags, of which the first was read already."""
        return lambda number, size: first if (number, size) == (1, DAGS_A_PAGE) else self._dag_page((number - 1) * size, size, params)

    def _read_single_dags(self, ids: Iterable[str]) -> None:
        """Read each Dag by its own address."""
        for id_ in ids:
            dag = self._http.read(self._path(f"/dags/{in_path(id_)}"), partial(self._shown, id_))
            if dag:
                self._dags[id_] = dag
            else:
                self._dags.pop(id_, None)

    def _shown(self, id_: str, answer: Answer) -> dict[str, Any] | None:
        if api.is_about(answer, id_):
            return None
        dag = api.dag(answer, self._success(answer))
        if dag["dag_id"] != id_:
            raise answer.unreadable(f"about the Dag {dag['dag_id']}")
        return dag

    def _dag_page(self, offset: int, size: int, params: Mapping[str, Any]) -> Part[dict[str, Any]]:
        judge = self._with_document(partial(api.dags, offset=offset))
        return self._http.read(self._path("/dags"), judge, params={**params, "limit": size, "offset": offset})

    # What is under way

    def _seen(self, dags: Sequence[dict[str, Any]]) -> dict[str, Observation]:
        """The work of these Dags, with two calls. No call is sent with an empty list of ids, since Airflow ignores an empty filter."""
        if not dags:
            return {}
        self._dags.update((dag["dag_id"], dag) for dag in dags)
        ids = [dag["dag_id"] for dag in dags]
        if self._needs_runs(ids):
            self._runs.update({id_: {} for id_ in ids})
            for run in self._entries("/dags/~/dagRuns/list", "dag_runs", ids, states=list(OPEN)):
                self._runs[run["dag_id"]][run["dag_run_id"]] = str(run["state"])
        at_work, at_rest = self._instances(ids) if self._needs_instances(ids) else ({}, {})
        self._looked_into |= set(ids)
        seen = {}
        for dag in dags:
            id_ = dag["dag_id"]
            work = Work(self._runs[id_], at_work.get(id_, ()), at_rest.get(id_, ()))
            ended = [run for run in work.runs if (id_, run) in self._ended]
            seen[id_] = dag_seen(dag, self._generation, work, ended, self._now)
        return seen

    def _needs_runs(self, ids: Collection[str]) -> bool:
        """Whether the open runs have to be read. The runs of a paused Dag don't show whether it's quiet."""
        return self._desired != "paused" or any(id_ not in self._runs or not self._dags[id_]["is_paused"] for id_ in ids)

    def _needs_instances(self, ids: Collection[str]) -> bool:
        """Whether the task instances have to be read. Those of an unpaused Dag show no more than its open runs."""
        return self._desired != "started" or any(id_ not in self._looked_into or self._dags[id_]["is_paused"] for id_ in ids)

    def _instances(self, ids: Sequence[str]) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[tuple[str, str]]]]:
        """For each Dag, the task instances at work, and those that wait until it's unpaused."""
        at_work: dict[str, list[tuple[str, str]]] = {}
        at_rest: dict[str, list[tuple[str, str]]] = {}
        for instance in self._in_states(ids):
            place = at_rest if instance["state"] in AT_REST else at_work
            place.setdefault(instance["dag_id"], []).append((instance["task_id"], str(instance["state"])))
        if self._generation.unlisted:
            # The server can't filter by these states. If nothing else keeps a paused Dag from being quiet, all its task instances are read.
            suspects = [id_ for id_ in ids if self._dags[id_]["is_paused"] and id_ not in at_work and self._runs[id_]]
            runs = sorted({run for id_ in suspects for run in self._runs[id_]})
            for instance in self._entries(*INSTANCES, suspects, dag_run_ids=runs) if suspects else ():
                if instance["state"] in self._generation.unlisted:
                    at_work.setdefault(instance["dag_id"], []).append((instance["task_id"], str(instance["state"])))
        return at_work, at_rest

    def _in_states(self, ids: Sequence[str]) -> Listing[dict[str, Any]]:
        """The task instances in the relevant states. A release that doesn't know the newest of these states refuses the list."""
        rest = AT_REST if self._desired != "paused" else ()
        states = self._at_work or self._generation.at_work
        try:
            return self._entries(*INSTANCES, ids, state=[*states, *rest])
        except Refused as refused:
            if refused.http_status not in (400, 422) or states == api.AT_WORK:
                raise
        self._at_work = api.AT_WORK
        return self._entries(*INSTANCES, ids, state=[*self._at_work, *rest])

    def _entries(self, path: str, member: str, ids: Sequence[str], **filters: Any) -> Listing[dict[str, Any]]:
        """The runs or task instances of these Dags that match."""
        needed = ("dag_id", "dag_run_id", "task_id") if member == "task_instances" else ("dag_id", "dag_run_id")

        def page(number: int, size: int) -> Part[dict[str, Any]]:
            offset = (number - 1) * size
            body = {"dag_ids": list(ids), **filters, "page_limit": size, "page_offset": offset}
            judge = self._with_document(partial(api.entries, member=member, needed=needed, offset=offset))
            return self._http.read(self._path(path), judge, method="POST", json=body)

        requested = set(ids)
        found = numbered(page, ENTRIES_A_PAGE, lambda row: (*(row[name] for name in needed), row.get("map_index")))
        warn_of_doubt(found, "Airflow", self.warnings)
        return Listing([row for row in found if row["dag_id"] in requested], doubt_of(found))

    # What changes something

    def _pause(self, id_: str, *, is_paused: bool) -> dict[str, Failure]:
        self._dags[id_] = self._http.write(
            self._path(f"/dags/{in_path(id_)}"), partial(self._changed, id_, is_paused), method="PATCH", json={"is_paused": is_paused}
        )
        return {}

    def _changed(self, id_: str, is_paused: bool, answer: Answer) -> dict[str, Any]:
        """The Dag in the answer to the change."""
        verb = "pause" if is_paused else "unpause"
        if api.is_about(answer, id_):
            message = f"Airflow couldn't {verb} Dag {id_}, which no longer exists there ({api.refusal_text(answer).text})"
            raise Refused("not_found", f"{message}; check there who removed it", http_status=404)
        dag = api.dag(answer, self._success(answer))
        if (dag["dag_id"], dag["is_paused"]) != (id_, is_paused):
            raise answer.unreadable(f"to the request to {verb} Dag {id_} in which that Dag isn't {verb}d")
        return dag

    def _fail(self, runs: Mapping[str, Sequence[str]]) -> dict[str, Failure]:
        """Set these runs to failed: with one call if the release supports it, otherwise with one call for each run."""
        if self._generation.has_bulk and self._has_bulk:
            entities = [{"dag_id": id_, "dag_run_id": run, "state": "failed"} for id_, its in runs.items() for run in its]
            judge = self._with_document(partial(api.bulk_refusals, requested=runs))
            try:
                wrong = self._http.write(
                    self._path("/dags/~/dagRuns"), judge, method="PATCH", json={"actions": [{"action": "update", "entities": entities}]}
                )
            except Refused as refused:
                # Only 3.3.2 is known to have this call; releases 3.0 to 3.2 weren't tried.
                if refused.http_status not in NO_SUCH_PLACE:
                    raise
                self._has_bulk = False
                # Nothing was changed. The engine sends the action again, now for one Dag at a time.
                return {
                    id_: Postponed("refused", f"Airflow can't set the runs of several Dags to failed at once ({refused})") for id_ in runs
                }
            self._ended |= {(id_, run) for id_, its in runs.items() for run in its if id_ not in wrong}
            for id_ in wrong:
                # The Dag itself may have been deleted. The next read shows that.
                self._dags.pop(id_, None)
            return wrong
        for id_, its in runs.items():
            for run in its:
                path = self._path(f"/dags/{in_path(id_)}/dagRuns/{in_path(run)}")
                has_teardown = self._http.write(path, partial(self._is_left_open, run), method="PATCH", json={"state": "failed"})
                if has_teardown:
                    self._ended.add((id_, run))
        return {}

    def _is_left_open(self, run: str, answer: Answer) -> bool:
        """Whether a run that was set to failed stays open for its teardown tasks: the answer then says `running`. A deleted run doesn't.

        2.11.2 was seen to answer `failed`, and to run on with a run whose task instance was just starting. A later read shows such a run as
        open, and it doesn't count as ended.
        """
        if api.is_about(answer, run):
            return False
        document = self._success(answer)
        return isinstance(document, dict) and document.get("state") in OPEN


INSTANCES = ("/dags/~/dagRuns/~/taskInstances/list", "task_instances")


def _generation(params: Mapping[str, Any]) -> tuple[str, Generation | None]:
    """The address without the generation, and the generation that the options name. The address can name it too. Raises `Failure`
    (`usage`).
    """
    url, version = str(params["url"]).strip().rstrip("/"), params["api_version"]
    named = re.search(r"/api/(v[12])$", url)
    if named and version not in ("auto", named[1]):
        raise Failure("usage", f"url ends in {named[0]} and api_version is {version}; give one of them, or leave the end of url out")
    if named:
        return url.removesuffix(f"/{named[1]}"), GENERATIONS[named[1]]
    return url, GENERATIONS.get(version)


def _by_id(dags: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {dag["dag_id"]: dag for dag in dags}


def _common_start(ids: Sequence[str]) -> str:
    """The letters with which all of these ids begin."""
    pairs = zip(min(ids), max(ids), strict=False)
    return "".join(one for one, _other in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _pages(count: int) -> int:
    """The number of calls that list so many Dags."""
    return -(-count // DAGS_A_PAGE)


def _narrowed(filters: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """Parameters by which the server omits some Dags that don't match. Airflow's pattern matches any part of an id, and `_` and `%` match
    any letters (page `airflow`, further measurements, 7). So the longest part without wildcards never omits a Dag that matches.
    """
    params: dict[str, Any] = dict(generation.all_dags) if filters.get("stale") else {}
    pieces = re.findall(r"[\w.-]+", re.sub(r"\[[^]]*\]", "*", filters.get("id_pattern") or ""))
    if pieces:
        params["dag_id_pattern"] = max(pieces, key=len)
    if len(filters.get("tags") or ()) == 1:
        params["tags"] = filters["tags"][0]
    if filters.get("paused") is not None:
        params["paused"] = str(filters["paused"]).lower()
    return params


def _matches(filters: Mapping[str, Any], generation: Generation, dag: Mapping[str, Any]) -> bool:
    """Whether the Dag matches all filters. Of the tags and of the owners, one match is enough."""
    rows = dag.get("tags")
    tags = {row.get("name") for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
    owners = dag.get("owners")
    return (
        fnmatchcase(dag["dag_id"], filters.get("id_pattern") or "*")
        and (filters.get("tags") is None or not tags.isdisjoint(filters["tags"]))
        and (filters.get("owners") is None or not set(owners if isinstance(owners, list) else ()).isdisjoint(filters["owners"]))
        and filters.get("paused") in (None, dag["is_paused"])
        and generation.is_stale(dag) is bool(filters.get("stale"))
    )


def _missed(_answer: Answer, document: Any) -> str:
    """The parts that Airflow itself reports as unhealthy, and since when."""
    texts = []
    for part in ("scheduler", "triggerer", "dag_processor"):
        component = document.get(part) if isinstance(document, dict) else None
        if isinstance(component, dict) and component.get("status") == "unhealthy":
            last = component.get(f"latest_{part}_heartbeat")
            texts.append(f"Airflow reports its {part.replace('_', ' ')} as unhealthy{f' (last heartbeat at {last})' if last else ''}")
    return "; ".join(texts)
