# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sigma-RT Total Control, REST API v1. Sections named here are those of the vendor page ``totalcontrol.md``."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from ..agenda import Appointment
from ..messages import FORM, JSON, BadOrder, Call, Reply, Request, compact
from ..switches import Switch, flag, is_number, one_of, seconds, text
from ..track import AT_ONCE, Lag, Track, lag_switch
from ..vendor import Vendor

# Section 4: the complete list, the same in four documents.
NO_SCRIPT, RUNNING, ENDED, FAILED, PAUSED, TERMINATED, SCHEDULED = 0, -1, -2, -3, -4, -5, -6

# Section 4, table of transitions. Everything else is refused. Only (RUNNING, pause) and (RUNNING, stop) are documented.
TRANSITIONS: dict[tuple[int, str], int] = {
    (RUNNING, "pause"): PAUSED,
    (RUNNING, "stop"): TERMINATED,
    (PAUSED, "resume"): RUNNING,
    (PAUSED, "stop"): TERMINATED,
    (SCHEDULED, "stop"): TERMINATED,
}

# Section 3, wire example of the login.
MEDIA_TYPE = "application/json;charset=UTF-8"
# Section 3, task object: the samples' PC is eight hours ahead of UTC (timezoneOffset -480 in Java's sign).
PC_ZONE = timezone(timedelta(hours=8))
# Section 2: a token is 16 ASCII letters and digits in every sample.
TOKEN_LETTERS, TOKEN_LENGTH = string.ascii_letters + string.digits, 16
# Section 8, vector 15.
VERSIONS = {"software": "7.0.0.u1133718", "javascript": "2.6.1", "rest": "1.1.0"}

# Section 3: the fields in the order the two generations of samples print them.
NEW_ORDER = (
    "task_id", "task_name", "script_file", "status", "error_message",
    "total_iterations", "current_iteration", "start_time", "end_time", "schedule",
)  # fmt: skip
OLD_ORDER = (*(name for name in NEW_ORDER if name != "error_message"), "error_message")
DATES = ("start_time", "end_time", "schedule")

SCRIPT = "C:\\Users\\sigma\\Documents\\Scripts\\1.js"
# The tasks of the vendor's samples, so that section 8 can be replayed on a fresh emulator.
SEEDS: list[dict[str, Any]] = [
    {"task_id": 1550772621934, "task_name": "task004(1)", "script_file": SCRIPT, "status": TERMINATED,
     "start_time": "2019-02-19 15:26:10", "end_time": "2019-02-20 14:25:21"},
    {"task_id": 1551113151878, "task_name": "task01", "script_file": SCRIPT, "status": SCHEDULED,
     "start_time": "2019-02-21 22:17:00"},
    {"task_id": 1545796084641, "task_name": "task002", "script_file": "C:\\Users\\sigma\\Documents\\Scripts\\getName.js",
     "status": SCHEDULED, "start_time": 1545792295907, "schedule": 1546069800000},
    {"task_id": 1551113200004, "task_name": "task004", "script_file": SCRIPT, "status": RUNNING,
     "start_time": "2019-02-26 10:00:00"},
    {"task_id": 1551113200005, "task_name": "testScript", "script_file": SCRIPT, "status": RUNNING,
     "start_time": "2019-02-26 10:00:00"},
]  # fmt: skip

SWITCHES: tuple[Switch, ...] = (
    one_of("edition", "new", ("new", "old"), "which generation of the documentation the answers follow (sections 1, 3)"),
    one_of("dates", "as_printed", ("as_printed", "text", "objects"), "as_printed: objects only in the old taskInfo (section 3)"),
    flag("raw_backslashes", "backslashes in answers stand single, as some pages print them: invalid JSON (section 6, 6)"),
    one_of("empty_list_as", [], ([], None, "", "null"), "value of a list without tasks (section 6, 9)"),
    lag_switch("change_delay", 0, "before an accepted action shows in reads; it holds at once all the same (section 4)"),
    one_of("ignore_action", False, (False, True, "pause", "resume", "stop"), "accepted, and nothing ever changes (section 7)"),
    one_of("end_during_pause", None, (None, ENDED, FAILED), "an accepted pause finds that the script has ended so (section 5)"),
    one_of("resume_ends", None, (None, ENDED, FAILED), "after an accepted resume the script ends at once, so (section 5)"),
    text("resume_word", "resume", "the action word that resumes: the page for it was never found (section 3)"),
    one_of("pause_paused", "refused", ("refused", "accepted"), "pause of a paused task; accepted has no effect (section 4)"),
    one_of("stop_scheduled", "ends", ("ends", "refused", "stays", "vanishes"), "stop of a task that hasn't begun (section 7)"),
    flag("stop_keeps_schedule", "a repeating task that is stopped shows -6 again (section 5)"),
    one_of("duplicate_name", "suffix", ("suffix", "refused", "taken"),
           "a created task whose name is taken: task004(1), refused, or taken as it is (section 6, 7)"),
    one_of("twins_mean", "oldest", ("oldest", "newest", "all", "refused"),
           "which of several tasks an action on their common name reaches (section 6, 7; unique only in newer ones: Found later, 4.3)"),
    flag("script_exists", "whether the script file of a created task is there; if not it gets status 0 (section 4)", default=True),
    Switch("users", {"sigma": "3D391497"}, "who may log in (section 2)", "an object of passwords by user name",
           lambda value: isinstance(value, dict) and all(isinstance(password, str) for password in value.values())),
    flag("accept_basic_prefix", "take `Basic ` before the encoded name and password; the documents never show it (section 2)"),
    text("first_token", None, "the token of the next login; then, or with null, random ones", optional=True),
    seconds("token_ttl", None, "how long a token is good; null: for ever (section 2 knows no limit)", optional=True),
    one_of("token_failure", "edition", ("edition", None, False, 401), "status in the answer to a bad token; edition: null or false"),
    one_of("login_failure", "edition", ("edition", None, False, 401), "status in the answer to a failed login; edition: null or false"),
    text("missing_task", "emulator: no such task", "what is said of a task that isn't there; the page knows no text"),
    text("refused_text", "emulator: not possible in this state", "what a refused action says; section 3 knows also the empty text"),
)  # fmt: skip


class Refused(Exception):
    """An answer with status null (or false) and this text, which is recognisably invented (section 7)."""


class BadToken(Exception):
    pass


@dataclass(frozen=True)
class State:
    """The variable part of a task. Reads show it as a whole, so a stale read is stale in all its parts."""

    status: int
    error_message: str = ""
    current_iteration: int = 1
    start_time: int | None = None  # epoch milliseconds, all three
    end_time: int | None = None


class Task:
    """One entry of the application's script executor."""

    def __init__(self, task_id: int, name: str, state: State) -> None:
        self.task_id = task_id
        self.name = name
        self.script_file = SCRIPT
        self.total_iterations = 1
        self.schedule: int | None = None
        self.state = state
        self.shown = Track(state)
        self.history: list[dict[str, Any]] = []
        # The behaviour of the script, which only tests know.
        self.runs_for: float | None = None
        self.left: float | None = None  # of runs_for; time in pause doesn't count
        self.ends_with = ENDED
        self.ends_message = ""
        self.repeat_every: float | None = None
        self.script_missing = False
        self.next: Appointment | None = None
        self._rendered: tuple[State, tuple[str, ...], Callable[[int], Any], str] | None = None

    def fields(self, state: State) -> dict[str, Any]:
        return {
            "task_id": self.task_id,
            "task_name": self.name,
            "script_file": self.script_file,
            "status": state.status,
            "error_message": state.error_message,
            "total_iterations": self.total_iterations,
            "current_iteration": state.current_iteration,
            "start_time": state.start_time,
            "end_time": state.end_time,
            "schedule": self.schedule,
        }

    def render(self, state: State, order: tuple[str, ...], date: Callable[[int], Any]) -> str:
        """The task as JSON text, cached until something changes, since lists of thousands are read repeatedly."""
        kept = self._rendered
        if kept and kept[0] is state and kept[1] is order and kept[2] is date:
            return kept[3]
        fields = self.fields(state)
        # Section 3: an unknown date is omitted.
        shown = {name: fields[name] for name in order if fields[name] is not None}
        rendered = compact({name: date(value) if name in DATES else value for name, value in shown.items()})
        self._rendered = (state, order, date, rendered)
        return rendered

    def touch(self) -> None:
        self._rendered = None


def date_text(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, PC_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def date_object(millis: int) -> dict[str, int]:
    """Java's Date as the old taskInfo prints it: months from 0, years from 1900 (section 3)."""
    when = datetime.fromtimestamp(millis / 1000, PC_ZONE)
    return {
        "date": when.day,
        "day": when.isoweekday() % 7,
        "hours": when.hour,
        "minutes": when.minute,
        "month": when.month - 1,
        "seconds": when.second,
        "time": millis,
        "timezoneOffset": -480,
        "year": when.year - 1900,
    }


def date_millis(value: str) -> int:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return int(datetime.strptime(value, form).replace(tzinfo=PC_ZONE).timestamp()) * 1000
        except ValueError:
            continue
    raise ValueError(f"{value!r} is no date such as 2019-02-19 15:26:10")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_date(value: object) -> bool:
    if isinstance(value, str):
        try:
            date_millis(value)
        except ValueError:
            return False
        return True
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**14)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_span(value: object) -> bool:
    return value is None or is_number(value)


# The fields that a test can put for a task: the vendor's fields, then the behaviour of its script.
PUTTABLE: dict[str, Callable[[Any], bool]] = {
    "task_id": _is_int,
    "task_name": lambda value: isinstance(value, str) and value != "",
    "script_file": _is_text,
    "status": _is_int,
    "error_message": _is_text,
    "total_iterations": _is_int,
    "current_iteration": _is_int,
    "start_time": _is_date,
    "end_time": _is_date,
    "schedule": _is_date,
    "runs_for": _is_span,  # seconds of running until it ends by itself
    "ends_with": _is_int,  # -2 or -3, then
    "ends_message": _is_text,
    "starts_in": _is_span,  # seconds until a scheduled task starts
    "repeat_every": _is_span,  # seconds from the end of a run to the next: such a task goes back to -6
    "script_missing": lambda value: isinstance(value, bool),  # at its time a scheduled task gets 0
}
# Part of the result of GET /_emulator/tasks, so that it can be put again.
TOLD_ONLY = ("history", "shown_status")


class TotalControl(Vendor):
    name: ClassVar[str] = "totalcontrol"
    switch_table: ClassVar[tuple[Switch, ...]] = SWITCHES

    _tasks: dict[int, Task]
    _by_name: dict[str, Task] | None
    _tokens: dict[str, float]
    _first_token_given: str | None
    _last_id = 0

    # --- for the framework ----------------------------------------------------------------------------------------

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        self._tasks = {}
        self._by_name = None
        self._tokens = {}
        self._first_token_given = None

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def tasks(self) -> list[dict[str, Any]]:
        return [self._view(task) for task in self._tasks.values()]

    def _view(self, task: Task) -> dict[str, Any]:
        fields = task.fields(task.state)
        starts = task.next if task.state.status == SCHEDULED else None
        return {
            **{name: date_text(value) if name in DATES and value is not None else value for name, value in fields.items()},
            "runs_for": task.runs_for,
            "ends_with": task.ends_with,
            "ends_message": task.ends_message,
            "starts_in": starts.due - self.now if starts else None,
            "repeat_every": task.repeat_every,
            "script_missing": task.script_missing,
            "shown_status": task.shown.peek(self.now).status,
            "history": task.history,
        }

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        known = dict(self._tasks) if keep else {}
        for fields in tasks:
            self._check(fields)
        loaded = [
            ({name: value for name, value in fields.items() if name not in TOLD_ONLY}, self._known(known, fields)) for fields in tasks
        ]
        for fields, task in loaded:
            if task is None and "task_name" not in fields:
                raise BadOrder("a new task needs a task_name")
        if not keep:
            for task in self._tasks.values():
                self._cancel(task)
            self._tasks = {}
        for fields, task in loaded:
            self._put(fields, task)
        self._by_name = None

    @staticmethod
    def _check(fields: Mapping[str, Any]) -> None:
        for name, value in fields.items():
            if name in TOLD_ONLY:
                continue
            if name not in PUTTABLE:
                raise BadOrder(f"a task has no {name!r}; known: {', '.join(PUTTABLE)}")
            if not PUTTABLE[name](value):
                raise BadOrder(f"{name} of a task can't be {value!r}")

    @staticmethod
    def _known(known: Mapping[int, Task], fields: Mapping[str, Any]) -> Task | None:
        if "task_id" in fields:
            return known.get(fields["task_id"])
        return next((task for task in known.values() if task.name == fields.get("task_name")), None)

    def _put(self, fields: dict[str, Any], task: Task | None) -> None:
        if task is None:
            task_id = fields["task_id"] if "task_id" in fields else self._new_id()
            task = self._tasks[task_id] = Task(task_id, fields["task_name"], State(RUNNING))
        task.name = fields.get("task_name", task.name)
        for name in ("script_file", "total_iterations", "runs_for", "ends_with", "ends_message", "repeat_every", "script_missing"):
            setattr(task, name, fields.get(name, getattr(task, name)))
        times: dict[str, Any] = {name: self._millis(fields[name]) for name in DATES if name in fields}
        task.schedule = times.pop("schedule", task.schedule)
        changed: dict[str, Any] = {name: fields[name] for name in ("status", "error_message", "current_iteration") if name in fields}
        state = replace(task.state, **changed, **times)
        if not task.history or state != task.state or task.shown.final != state:
            self._become(task, state, self.now, "put")
            task.shown.set(state)
        task.touch()
        if {"status", "runs_for", "starts_in", "schedule"} & set(fields) or task.next is None:
            self._arm(task, fields.get("starts_in"))

    @staticmethod
    def _millis(value: Any) -> int | None:
        return date_millis(value) if isinstance(value, str) else value

    def _new_id(self) -> int:
        """Milliseconds-like, as in the samples (section 3)."""
        self._last_id = max(int(self.clock.wall() * 1000), self._last_id + 1)
        while self._last_id in self._tasks:  # a test may have put the same number
            self._last_id += 1
        return self._last_id

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        found = self._find(task) or next((known for known in self._tasks.values() if str(known.task_id) == task), None)
        if found is None:
            raise BadOrder(f"no task {task!r}")
        acts: dict[str, Callable[[Task, Mapping[str, Any]], None]] = {
            "pause": self._outside_move,
            "resume": self._outside_move,
            "stop": self._outside_move,
            "start": lambda it, _details: self._start(it, self.now, "outside start"),
            "end": lambda it, _details: self._end(it, self.now, ENDED, "", "outside end"),
            "fail": lambda it, how: self._end(it, self.now, FAILED, str(how.get("message", "emulator: the script failed")), "outside fail"),
            "rename": self._rename,
            "delete": lambda it, _details: self._remove(it),
            "set": self._set,
        }
        if action not in acts:
            raise BadOrder(f"nobody can {action!r} a task; known: {', '.join(acts)}")
        acts[action](found, {**details, "action": action})

    def _outside_move(self, task: Task, details: Mapping[str, Any]) -> None:
        action = details["action"]
        target = TRANSITIONS.get((task.state.status, action))
        if target is None:
            raise BadOrder(f"{action} is not possible at {task.state.status}")
        self._move(task, target, self.now, f"outside {action}")

    def _rename(self, task: Task, details: Mapping[str, Any]) -> None:
        if not isinstance(details.get("to"), str):
            raise BadOrder("rename needs the new name: to")
        task.name = details["to"]
        task.touch()
        self._by_name = None

    def _set(self, task: Task, details: Mapping[str, Any]) -> None:
        if not _is_int(details.get("status")):
            raise BadOrder("set needs a status")
        self._become(task, replace(task.state, status=details["status"]), self.now, "outside set")
        self._arm(task, None)

    # --- how tasks go -----------------------------------------------------------------------------------------------

    def _become(self, task: Task, state: State, at: float, cause: str, lag: Lag = AT_ONCE) -> None:
        task.state = state
        task.shown.then(state, at, lag)
        task.history.append({"at": at, "status": state.status, "cause": cause})

    def _cancel(self, task: Task) -> None:
        if task.next:
            task.next.cancel()
            task.next = None

    def _arm(self, task: Task, starts_in: float | None) -> None:
        """Schedule the task's own changes after a test has put it."""
        self._cancel(task)
        if task.state.status == RUNNING:
            task.left = task.runs_for
            self._arm_end(task, self.now)
        elif task.state.status == PAUSED:
            task.left = task.runs_for
        elif task.state.status == SCHEDULED:
            # A schedule in the past, as in the samples, doesn't start: such a task waits for ever.
            until = None if task.schedule is None else task.schedule / 1000 - self.clock.wall()
            wait = starts_in if starts_in is not None else until
            if wait is not None and wait >= 0:
                self._arm_start(task, self.now + wait)

    def _arm_start(self, task: Task, due: float) -> None:
        task.next = self.agenda.at(due, lambda at: self._start(task, at, "schedule"))

    def _arm_end(self, task: Task, at: float) -> None:
        if task.left is not None:
            task.next = self.agenda.at(at + task.left, lambda due: self._end(task, due, task.ends_with, task.ends_message, "script"))

    def _wall_millis(self, at: float) -> int:
        return int((self.clock.wall() - self.now + at) * 1000)

    def _start(self, task: Task, at: float, cause: str) -> None:
        self._cancel(task)
        if task.state.status != SCHEDULED:
            raise BadOrder(f"a task at {task.state.status} can't start")
        if task.script_missing:
            self._become(task, replace(task.state, status=NO_SCRIPT), at, cause)
            return
        self._become(task, replace(task.state, status=RUNNING, start_time=self._wall_millis(at)), at, cause)
        task.left = task.runs_for
        self._arm_end(task, at)

    def _end(self, task: Task, at: float, status: int, message: str, cause: str, lag: Lag = AT_ONCE) -> None:
        """The script ends by itself. A repeating task then waits for its next run (section 4)."""
        if task.state.status not in (RUNNING, PAUSED):
            raise BadOrder(f"a task at {task.state.status} doesn't run")
        self._cancel(task)
        # Section 3: error_message is empty unless status is -3.
        said = (message or "emulator: the script failed") if status == FAILED else ""
        self._become(task, replace(task.state, status=status, error_message=said, end_time=self._wall_millis(at)), at, cause, lag)
        self._wait_again(task, at, cause, lag)

    def _wait_again(self, task: Task, at: float, cause: str, lag: Lag) -> None:
        if task.repeat_every is not None:
            self._become(task, replace(task.state, status=SCHEDULED), at, cause, lag)
            self._arm_start(task, at + task.repeat_every)

    def _move(self, task: Task, target: int, at: float, cause: str, lag: Lag = AT_ONCE) -> None:
        left = task.next.due - at if task.next and task.state.status == RUNNING else task.left
        self._cancel(task)
        ended = self._wall_millis(at) if target == TERMINATED else task.state.end_time
        self._become(task, replace(task.state, status=target, end_time=ended), at, cause, lag)
        task.left = left
        if target == RUNNING:
            self._arm_end(task, at)

    def _remove(self, task: Task) -> None:
        self._cancel(task)
        del self._tasks[task.task_id]
        self._by_name = None

    def _find(self, name: str) -> Task | None:
        """By the exact name, with its case (section 6, 7). Of several tasks with the name, the older one."""
        if self._by_name is None:
            self._by_name = {task.name: task for task in reversed(self._tasks.values())}
        return self._by_name.get(name)

    def _meant(self, name: str) -> list[Task]:
        """The tasks that an action on a name affects."""
        found = self._there(name)
        how = self.switches["twins_mean"]
        same = [task for task in self._tasks.values() if task.name == name] if how != "oldest" else [found]
        if how == "refused" and len(same) > 1:
            raise Refused("emulator: the name is ambiguous")
        return same if how == "all" else same[-1:]

    # --- requests -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _place(request: Request) -> tuple[str, str | None]:
        """The address of section 3, and the task in it."""
        segments = request.segments
        if segments[:2] != ("TotalControl", "v1"):
            return "", None
        rest = segments[2:]
        if len(rest) == 1 and rest[0] in ("login", "tasks", "settings"):
            return rest[0], None
        if len(rest) == 2 and rest[0] == "tasks" and rest[1]:
            return "task", rest[1]
        return "", None

    def describe(self, request: Request) -> Call:
        place, name = self._place(request)
        ids = () if name is None else (name,)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            reads = {"login": "login", "tasks": "list", "task": "read", "settings": "versions"}
            return Call(reads.get(place, "unknown"), False, ids)
        if request.method == "POST" and place in ("tasks", "task"):
            try:
                given = dict(self._pairs(request))
            except Refused:
                given = dict(request.query)
            if place == "tasks":
                return Call("create", True, (str(given.get("task_name", "")),))
            return Call(str(given.get("action", "")), True, ids)
        return Call(request.method.lower(), True, ids)

    def respond(self, request: Request, call: Call) -> Reply:
        place, _name = self._place(request)
        name = call.ids[0] if call.ids else ""
        if not place:
            return Reply.of_text("emulator: no such path", 404)
        handlers: dict[tuple[str, str], Callable[[], Reply]] = {
            ("GET", "login"): lambda: self._login(request),
            ("GET", "tasks"): lambda: self._list(request),
            ("POST", "tasks"): lambda: self._create(request),
            ("GET", "task"): lambda: self._read(request, name),
            ("POST", "task"): lambda: self._command(request, name),
            ("GET", "settings"): lambda: self._versions(request),
        }
        handler = handlers.get((request.method, place))
        try:
            if handler is None:
                raise Refused(f"emulator: {request.method} is not documented here")
            return handler()
        except Refused as refusal:
            return self._failure("edition", str(refusal))
        except BadToken:
            return self._failure(self.switches["token_failure"], "emulator: bad token")

    def _failure(self, how: Any, said: str) -> Reply:
        """Section 3, error bodies: all are HTTP 200. 401 is a guess at a server that differs."""
        if how == "edition":
            how = None if self.switches["edition"] == "new" else False
        if how is False:
            return self._json({"status": False})
        return self._json({"status": None, "value": said}, 401 if how == 401 else 200)

    def _accepted(self, *, took_effect: bool) -> Reply:
        """Section 3: the older pages have no ``value``."""
        reply = self._json({"status": True, "value": ""} if self.switches["edition"] == "new" else {"status": True})
        reply.took_effect = took_effect
        return reply

    @staticmethod
    def _json(value: object, status: int = 200) -> Reply:
        return Reply.of_json(value, status, media_type=MEDIA_TYPE)

    def _text(self, text_: str) -> Reply:
        # Section 6, 6: as some pages print it. An escaped quote stays escaped.
        body = text_.replace("\\\\", "\\") if self.switches["raw_backslashes"] else text_
        return Reply(200, [("Content-Type", MEDIA_TYPE)], body.encode("utf-8", "replace"))

    # Section 2, "Using the token": a POST carries its parameters in the query, a form body or a JSON body.
    @staticmethod
    def _pairs(request: Request) -> list[tuple[str, Any]]:
        pairs: list[tuple[str, Any]] = list(request.query)
        if request.method == "POST" and request.body:
            kind = request.media_type
            if kind == JSON or (kind is None and request.body.lstrip()[:1] == b"{"):
                if not isinstance(request.json, dict):
                    raise Refused("emulator: the body is no JSON object")
                pairs += request.json.items()
            elif kind == FORM:
                pairs += request.form
            else:
                raise Refused(f"emulator: a body of type {kind} is not documented")
        return pairs

    def _parameters(self, request: Request) -> dict[str, Any]:
        pairs = self._pairs(request)
        given = dict(pairs)
        if len(given) < len(pairs):
            raise Refused("emulator: a parameter is given twice")
        return given

    def _authorised(self, request: Request, allowed: set[str], required: set[str]) -> dict[str, Any]:
        given = self._parameters(request)
        token = given.pop("token", None)
        issued = self._tokens.get(token) if isinstance(token, str) else None
        ttl = self.switches["token_ttl"]
        if issued is None or (ttl is not None and self.now - issued >= ttl):
            raise BadToken
        for name in given:
            if name not in allowed | required:
                raise Refused(f"emulator: parameter {name} is not documented here")
        for name in sorted(required):
            if given.get(name) in (None, ""):
                raise Refused(f"emulator: parameter {name} is missing")
        return given

    def _login(self, request: Request) -> Reply:
        if request.query_text or not self._knows(request.header("Authorization") or ""):
            return self._failure(self.switches["login_failure"], "emulator: wrong user name or password")
        token = "".join(self.random.choices(TOKEN_LETTERS, k=TOKEN_LENGTH))
        first_token: str | None = self.switches["first_token"]
        if first_token is not None and first_token != self._first_token_given:
            token = self._first_token_given = first_token
        self._tokens[token] = self.now
        return self._json({"status": True, "value": {"token": token}})

    def _knows(self, header: str) -> bool:
        if self.switches["accept_basic_prefix"]:
            header = header.removeprefix("Basic ")
        try:
            user, colon, password = base64.b64decode(header, validate=True).decode().partition(":")
        except ValueError:
            return False
        return bool(colon) and self.switches["users"].get(user) == password

    def _list(self, request: Request) -> Reply:
        self._authorised(request, set(), set())
        if not self._tasks:
            return self._json({"status": True, "value": self.switches["empty_list_as"]})
        now, order, date = self.now, self._order, self._date(in_list=True)
        items = ",".join(task.render(task.shown.read(now), order, date) for task in self._tasks.values())
        return self._text(f'{{"status":true,"value":[{items}]}}')

    def _read(self, request: Request, name: str) -> Reply:
        self._authorised(request, set(), set())
        task = self._there(name)
        item = task.render(task.shown.read(self.now), self._order, self._date(in_list=False))
        # Section 6, 2: the older taskInfo has no wrapper.
        return self._text(item if self.switches["edition"] == "old" else f'{{"status":true,"value":{item}}}')

    @property
    def _order(self) -> tuple[str, ...]:
        return OLD_ORDER if self.switches["edition"] == "old" else NEW_ORDER

    def _date(self, *, in_list: bool) -> Callable[[int], Any]:
        wanted = self.switches["dates"]
        if wanted == "as_printed":
            wanted = "objects" if self.switches["edition"] == "old" and not in_list else "text"
        return date_object if wanted == "objects" else date_text

    def _there(self, name: str) -> Task:
        task = self._find(name)
        if task is None:
            raise Refused(self.switches["missing_task"])
        return task

    def _versions(self, request: Request) -> Reply:
        given = self._authorised(request, set(), {"q"})
        if given["q"] != "versions":
            raise Refused("emulator: only q=versions is documented")
        return self._json(VERSIONS)

    def _create(self, request: Request) -> Reply:
        given = self._authorised(request, {"schedule"}, {"task_name", "script_file", "total_iterations"})
        name, script, schedule = given["task_name"], given["script_file"], given.get("schedule")
        if not isinstance(name, str) or not isinstance(script, str) or not isinstance(schedule, (str, type(None))):
            raise Refused("emulator: task_name, script_file and schedule are texts")
        iterations = str(given["total_iterations"])
        if not iterations.isdecimal() or int(iterations) < 1:
            raise Refused("emulator: total_iterations is a positive integer")
        due = None
        if schedule is not None:
            try:
                due = date_millis(schedule)
            except ValueError:
                raise Refused("emulator: schedule is no date such as 2019-02-19 15:26:10") from None
            if due / 1000 <= self.clock.wall():
                raise Refused("emulator: schedule lies in the past")
        task = Task(self._new_id(), self._free_name(name), State(SCHEDULED))
        task.script_file, task.total_iterations, task.schedule = script, int(iterations), due
        task.script_missing = not self.switches["script_exists"]
        task.history.append({"at": self.now, "status": SCHEDULED, "cause": "create"})
        self._tasks[task.task_id] = task
        self._by_name = None
        if due is None:
            self._start(task, self.now, "create")
            return self._accepted(took_effect=True)
        self._arm(task, None)
        # Section 3: the only page on this form shows no value.
        reply = self._json({"status": True})
        reply.took_effect = True
        return reply

    def _free_name(self, name: str) -> str:
        if self._find(name) is None:
            return name
        if self.switches["duplicate_name"] == "taken":
            return name
        if self.switches["duplicate_name"] == "refused":
            raise Refused("emulator: the name is taken")
        number = 1
        while self._find(f"{name}({number})"):
            number += 1
        return f"{name}({number})"

    def _command(self, request: Request, name: str) -> Reply:
        given = self._authorised(request, set(), {"action"})
        words = {"pause": "pause", self.switches["resume_word"]: "resume", "stop": "stop"}
        word = given["action"]
        if not isinstance(word, str) or word not in words:
            raise Refused("emulator: unknown action")
        replies = [self._on_one(task, words[word]) for task in self._meant(name)]
        return next((reply for reply in replies if reply.took_effect), replies[0])

    def _on_one(self, task: Task, action: str) -> Reply:
        status, switches = task.state.status, self.switches
        if (status, action) == (PAUSED, "pause") and switches["pause_paused"] == "accepted":
            return self._accepted(took_effect=False)
        target = TRANSITIONS.get((status, action))
        if target is None or ((status, action) == (SCHEDULED, "stop") and switches["stop_scheduled"] == "refused"):
            raise Refused(switches["refused_text"])
        if switches["ignore_action"] is True or switches["ignore_action"] == action:
            return self._accepted(took_effect=False)
        return self._accepted(took_effect=self._take(task, action, target, Lag.of(switches["change_delay"])))

    def _take(self, task: Task, action: str, target: int, lag: Lag) -> bool:
        """Carry out an accepted action, as the switches say. Returns whether anything changed."""
        now, switches = self.now, self.switches
        if action == "stop" and task.state.status == SCHEDULED:
            if switches["stop_scheduled"] == "vanishes":
                self._remove(task)
                return True
            if switches["stop_scheduled"] == "stays" or (task.repeat_every is not None and switches["stop_keeps_schedule"]):
                return False
        if action == "pause" and switches["end_during_pause"] is not None:
            self._end(task, now, switches["end_during_pause"], task.ends_message, "script", lag)
            return True
        self._move(task, target, now, action, lag)
        if action == "resume" and switches["resume_ends"] is not None:
            self._end(task, now, switches["resume_ends"], task.ends_message, "script", lag)
        if action == "stop" and switches["stop_keeps_schedule"]:
            self._wait_again(task, now, action, lag)
        return True
