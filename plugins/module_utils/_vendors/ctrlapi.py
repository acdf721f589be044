# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Elecard Boro's Control API, live (a task is the analysis of one stream) and vod (a task is the check of one file).

Facts come from the vendor's public pages and are marked on the page `ctrlapi`. Both dialects share one address and one envelope. Each has
its own methods and states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from .._answer import Answer
from .._arguments import Arguments, from_environment
from .._connection import Connection
from .._errors import Failure, Refused, Unauthorized
from .._hmac import WINDOW, ApiKey, key_bytes
from .._http import Http
from .._lifecycle import Observation
from .._refusals import RefusalText, Row, failure_of
from .._vendor import Vendor
from ._ctrlapi_envelope import Entry, Outcome, body_of, error_text, errors_of, failures_by_task, joined, outcomes, results, tasks_of
from ._ctrlapi_states import RESTART_GRACE, live_seen, live_table, restarts, vod_seen, vod_table

# No limit is known. This is the largest page of the one method that documents any (page `ctrlapi`, section 6, 19).
IDS_PER_ENTRY = 100
SWITCHES = "in Boro, Host name has to be set, Control API ticked by the Superadmin, and Nginx opened for the API"
METHODS = {"stop": "TaskStop", "resume": "TaskResume"}
# No page lists a status (section 7, U1 to U4). A closed Nginx refuses with its own answer, not with Boro's.
REFUSALS = (
    Row("authentication", Unauthorized, "{suspects}", statuses=(401,), any_body=True),
    Row("permission", Refused, "check project_id, user_id and what that user may do there{or_signed}", statuses=(403, 404)),
    Row("permission", Refused, f"{SWITCHES}; {{suspects}}; check url too", statuses=(403, 404), any_body=True),
    Row("refused", Refused, "{signed}", statuses=(400,), any_body=True),
)


class CtrlApi(Vendor):
    """One or more projects of a Boro server. One request reads all of them, and one request acts on them."""

    prefix = "CTRLAPI"
    path = "/ctrl_api/v1/json"
    arguments = from_environment(
        "CTRLAPI",
        {
            "dialect": {"type": "str", "choices": ["live", "vod"], "required": True},
            "user_id": {"type": "int", "required": True},
            "project_id": {"type": "list", "elements": "int", "required": True},
            "api_key": {"type": "str", "no_log": True},
            "api_key_encoding": {"type": "str", "choices": ["base64", "text"], "default": "base64", "no_log": False},
        },
    ) + Arguments(companions={"api_key_encoding": "api_key"})
    tasks = Arguments(options={"task_ids": {"type": "list", "elements": "int", "required": True, "aliases": ["task_id"]}})
    tables: ClassVar = {"dialect=live": live_table(), "dialect=vod": vod_table()}
    act_size = 0
    # Reads have an unknown lag (page `ctrlapi`, section 6, 12). For this long, an old state doesn't prove that a refusal was meant.
    lag = 5.0

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        self._user = params["user_id"]
        self._projects = [int(project) for project in dict.fromkeys(check_numbers_of("project_id", params["project_id"]))]
        self._is_live = params["dialect"] == "live"
        self._encoding = params["api_key_encoding"]
        self._key: ApiKey | None = None
        if params["api_key"]:
            self._key = ApiKey(str(self._user), key_bytes(params["api_key"], self._encoding), self.path)
        self._http = Http(connection, "Boro", self.path, self._key, self._page_advice)
        self._http.keep_secret(params["api_key"])
        where = f"project{'s' if len(self._projects) > 1 else ''} {', '.join(map(str, self._projects))}"
        self.table = live_table(f"Boro ({where})") if self._is_live else vod_table(f"Boro VoD ({where})")
        self._desired: str | None = params.get("state")
        self._clock = connection.clock
        self._homes: dict[str, int] = {}
        self._alive: set[str] = set()
        self._stalled: dict[int, float] = {}
        self._resumed: dict[str, float] = {}
        self.warnings: list[str] = connection.warnings

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        ids = super().requested_ids(params)
        return check_numbers_of("task_ids", ids) if ids else ids

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read all of them with one request, each in the project where it was found before, otherwise in all projects."""
        requested = [(project, int(id_)) for project in self._projects for id_ in ids if self._homes.get(id_, project) == project]
        found, unshown = self._read(_entries(self._read_method, requested, **self._chain("all")))
        seen = {id_: found[id_] for id_ in ids if id_ in found}
        for id_, why in unshown.items():
            if id_ in ids and id_ not in seen:
                self._warn(f"Boro doesn't show task {id_} ({why})")
        return seen

    def list_all(self, filters: Mapping[str, Any]) -> list[Observation]:
        """What the vendor calls all tasks. These are only the active ones (live), or the running and queued ones (vod) (page `ctrlapi`,
        section 6, 8).
        """
        which = "active tasks of running probes" if self._is_live else "running and queued tasks"
        self._warn(f"Boro lists {which} only; others have to be named in task_ids")
        entries = [Entry(self._read_method, project, {"task_ids": "*", **self._chain("exact")}) for project in self._projects]
        return list(self._read(entries)[0].values())

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Stop or resume all of them with one request. For a vod task that was restarted, the restart is stopped, once for all tasks of its
        chain.
        """
        requested = {task.id: (int(task.facts["project_id"]), int(task.facts.get("restarted_as", task.id))) for task in tasks}
        for task in tasks:
            if "restarted_as" in task.facts:
                self._warn(f"task {task.id} was restarted as {task.facts['restarted_as']}, to which the {action} was sent")
        entries = _entries(METHODS[action], dict.fromkeys(requested.values()))
        found = self._http.write("", self._judge(entries, outcomes), json=body_of(self._user, entries))
        wrong = failures_by_task(action, requested, found)
        if action == "resume":
            self._resumed.update({id_: self._clock.now() for id_ in requested if id_ not in wrong})
        return wrong

    def explain(self, seen: Observation) -> str:
        if self._is_live and seen.spelling == "Rejected":
            return self._reason(seen)
        if self._is_live:
            return "Boro gets no data of it; see whether its probe is there" if self.table.word(seen) == "troubled" else ""
        facts = [f"restarted as {seen.facts['restarted_as']}"] if "restarted_as" in seen.facts else []
        if self._desired != "started" and self.table.word(seen) in ("waiting", "starting"):
            facts.append("Boro VoD stops running tasks only")
        return "; ".join(facts)

    @property
    def _read_method(self) -> str:
        return "TaskInfo" if self._is_live else "TaskStatus"

    def _chain(self, part: str) -> dict[str, str]:
        return {} if self._is_live else {"restart_chain": part}

    def _read(self, entries: Sequence[Entry]) -> tuple[dict[str, Observation], dict[str, str]]:
        """By id: the observations, and the reasons why other tasks have none."""

        def judge(answer: Answer) -> tuple[dict[int, dict[int, dict[str, Any]]], dict[str, str]]:
            items: dict[int, dict[int, dict[str, Any]]] = {}
            unshown: dict[str, str] = {}
            for outcome in results(answer, self._document(answer), entries):
                returned, wrong = tasks_of(answer, outcome)
                items.setdefault(outcome.entry.project, {}).update(returned)
                unshown.update({str(number): why for number, why in wrong.items()})
            return items, unshown

        items, unshown = self._http.read("", judge, method="POST", json=body_of(self._user, entries))
        found: dict[str, Observation] = {}
        for project, its in items.items():
            for seen in self._seen(project, its):
                if self._homes.setdefault(seen.id, project) == project:
                    found[seen.id] = seen
        return found, unshown

    def _seen(self, project: int, items: Mapping[int, dict[str, Any]]) -> Iterable[Observation]:
        for item in items.values():
            self._note_spelling(item["status"])
        if self._is_live:
            return [live_seen(item, project, again=self._is_rejected_again(item)) for item in items.values()]
        later = restarts(items.values())
        return [self._vod_seen(project, item, later[number]) for number, item in items.items()]

    def _vod_seen(self, project: int, item: dict[str, Any], later: Sequence[Mapping[str, Any]]) -> Observation:
        id_ = str(item["task_id"])

        def is_fresh(member: int) -> bool:
            """Whether the interruption of the task is new. A task that was found interrupted has had its time for a restart."""
            return id_ in self._alive and self._clock.now() < self._stalled.setdefault(member, self._clock.now()) + RESTART_GRACE

        seen = vod_seen(self.table, item, later, project, is_fresh)
        if self.table.word(seen) in ("started", "waiting", "starting"):
            self._alive.add(id_)
        return seen

    def _is_rejected_again(self, item: Mapping[str, Any]) -> bool:
        """Whether a resume was accepted so long ago that an observed rejection can't be the one from before it."""
        at = self._resumed.get(str(item["task_id"]))
        return at is not None and item["status"] == "Rejected" and self._clock.now() >= at + self.settle

    def _reason(self, seen: Observation) -> str:
        """Why a start was refused. The task's events contain the reason, in a form that no accessible page documents (section 3.6)."""
        entries = [Entry("TaskEvents", int(seen.facts["project_id"]), {"task_id": int(seen.id)})]
        (outcome,) = self._http.read("", self._judge(entries, results), method="POST", json=body_of(self._user, entries))
        return _reason_of(outcome.result)

    def _judge(
        self, entries: Sequence[Entry], how: Callable[[Answer, Any, Sequence[Entry]], list[Outcome]]
    ) -> Callable[[Answer], list[Outcome]]:
        return lambda answer: how(answer, self._document(answer), entries)

    def _document(self, answer: Answer) -> Any:
        """The answer's JSON. Raises `Failure` for a status that isn't a success; no page lists any (section 7, U1 to U4)."""
        if 200 <= answer.status < 300:
            return answer.document()
        suspects = self._suspects(answer)
        signed = f"if it's about the signature, {suspects}" if self._key else ""
        hints = {"suspects": suspects, "signed": signed, "or_signed": f"; {signed}" if signed else ""}
        raise failure_of(answer, RefusalText(text=_error_text(answer)), REFUSALS, hints=hints)

    def _page_advice(self, answer: Answer) -> str:
        """The possible reasons for a web page: a closed Nginx sends its own, and a signature may be refused with any (page section 7, U1,
        U3).
        """
        if answer.status >= 500:
            return ""
        lead = "if it's about the signature, " if self._key else ""
        return f"{SWITCHES}; {lead}{self._suspects(answer)}" if answer.status in (400, 403) else SWITCHES

    def _suspects(self, answer: Answer) -> str:
        if self._key is None:
            return "if Verify HMAC signatures is ticked there, give the user's api_key"
        ahead = self._key.ahead(answer.headers.get("Date"))
        off = "" if ahead is None else f", which is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the server's"
        prefix = f"; the path signed is {self.path}, without what stands before it in url" if self._has_prefix else ""
        return (
            f"check api_key, api_key_encoding (now {self._encoding}), user_id, that Verify HMAC signatures is ticked in Boro, and the "
            f"clock here{off} (a signature holds for {WINDOW} s){prefix}"
        )

    @property
    def _has_prefix(self) -> bool:
        return re.fullmatch(r"https?://[^/]*", self._http.address.removesuffix(self.path)) is None

    def _note_spelling(self, word: str) -> None:
        state = self.table.find(word)
        if state and word != state.spelling and word.casefold() == str(state.spelling).casefold():
            self._warn(f"Boro spells the state {state.spelling} as {word}; it's taken for that")

    def _warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)


def check_numbers_of(option: str, given: Sequence[Any]) -> list[str]:
    """The ids as text. Raises `Failure` (`usage`) for an id that isn't a positive number."""
    if not given:
        raise Failure("usage", f"{option} is empty; name at least one")
    for number in map(str, given):
        if not re.fullmatch(r"[1-9][0-9]*", number):
            raise Failure("usage", f"{option} holds {number}, and ids of Boro are numbers from 1 on")
    return [str(number) for number in given]


def _entries(method: str, requested: Iterable[tuple[int, int]], **params: Any) -> list[Entry]:
    """One entry for each project, or for as many of its ids as one entry can hold. `requested` are pairs of project and id."""
    by_project: dict[int, list[int]] = {}
    for project, number in requested:
        by_project.setdefault(project, []).append(number)
    return [
        Entry(method, project, {"task_ids": numbers[start : start + IDS_PER_ENTRY], **params})
        for project, numbers in by_project.items()
        for start in range(0, len(numbers), IDS_PER_ENTRY)
    ]


def _error_text(answer: Answer) -> str:
    """The errors of an answer that isn't a success, from any of its levels."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    reply = document.get("reply") if isinstance(document, dict) else None
    parts = [document, *(reply if isinstance(reply, list) else ())]
    return joined(error for part in parts for error in errors_of(part))


def _reason_of(events: Any) -> str:
    """The text of the newest rejection among a task's events. No page documents their form, so any field with a text is searched."""
    rows = events if isinstance(events, list) else next((value for value in _values(events) if isinstance(value, list)), [])
    rejected = [row for row in rows if isinstance(row, dict) and any("reject" in str(value).lower() for value in row.values())]
    # Such journals usually list the newest event first. If the events have times, these decide.
    newest = max(rejected, key=lambda row: str(row.get("time") or ""), default={})
    words = [newest[name] for name in ("text", "reason", "message", "description") if isinstance(newest.get(name), str)]
    return error_text(words[0] if words else ", ".join(value for value in newest.values() if isinstance(value, str)))


def _values(events: Any) -> Iterable[Any]:
    return events.values() if isinstance(events, dict) else ()
