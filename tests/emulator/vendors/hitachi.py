# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hitachi JP1/Automatic Operation and Ops Center Automator, REST API v1. Sections named here are those of ``hitachi.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..messages import BadOrder, Call, Reply, Request, compact
from ..switches import Switch
from ..vendor import Vendor
from . import _hitachi_answers as answers
from ._hitachi_answers import HEADERS, Refusal, not_there
from ._hitachi_gate import MAY_ARCHIVE, Gate, User
from ._hitachi_hql import BadQuery, Row
from ._hitachi_life import Impossible, Life
from ._hitachi_outside import Outside
from ._hitachi_put import MOST_DIGITS, Putter, check
from ._hitachi_query import OF_LISTS, parameters, select
from ._hitachi_seeds import SEEDS
from ._hitachi_states import ARCHIVE, RESUBMIT, SCHEDULE_ACTIONS, TASK_ACTIONS, V10_TASK_ACTIONS
from ._hitachi_switches import SWITCHES
from ._hitachi_task import HISTORY_MEMBERS, SCHEDULE_MEMBERS, SERVICE_MEMBERS, TASK_MEMBERS, Rows, Schedule, Task

RESOURCES = {"Tasks": "", "Schedules": "_schedule", "TaskHistories": "_history", "Services": "_service", "FlowSteps": "_step"}
LISTS = {
    "Tasks": "list", "Schedules": "list_schedules", "TaskHistories": "list_histories", "Services": "list_services",
    "FlowSteps": "list_steps",
}  # fmt: skip
TOKEN_PATH = ("portal", "auth", "v1", "providers", "builtin", "token")
# Section 3.1, parameters of each list beside those of section 3.3.
TASK_FILTERS = ("serviceID", "scheduleID", "serviceGroupID", "serviceTemplateID", "tags", "q")
V10_TASK_FILTERS = ("serviceID", "scheduleID")
SCHEDULE_FILTERS = ("serviceID", "serviceGroupID", "serviceTemplateID", "scheduleStatus")
HISTORY_FILTERS = ("start", "end", "serviceGroupID", "tags", "q")

VERSIONS = {"v12": "11-00-00", "v10": "10-50-00"}  # the first: section 8, vector 3; the second: section 1


@dataclass(frozen=True)
class Place:
    """Which address of section 3.1 this is."""

    resource: str = ""
    id: str | None = None
    actions: bool = False
    action: str | None = None
    invoke: bool = False

    @classmethod
    def of(cls, request: Request) -> Place:
        segments = request.segments
        if segments == TOKEN_PATH:
            return cls("token")
        if segments == ("Automation", "v1", "configuration", "version"):
            return cls("version")
        if segments[:3] != ("Automation", "v1", "objects") or len(segments) < 4 or segments[3] not in RESOURCES:
            return cls()
        resource, rest = segments[3], segments[4:]
        if not rest:
            return cls(resource)
        has_actions = resource in ("Tasks", "Schedules")
        if len(rest) == 1 and rest[0]:
            return cls(resource, rest[0])
        if has_actions and 1 < len(rest) < 5 and rest[1] == "actions" and (len(rest) < 4 or rest[3] == "invoke"):
            return cls(resource, rest[0], True, rest[2] if len(rest) > 2 else None, len(rest) == 4)
        return cls()


class Hitachi(Vendor):
    name: ClassVar[str] = "hitachi"
    switch_table: ClassVar[tuple[Switch, ...]] = SWITCHES
    # Section 2.5: answers are chunked and have no Content-Length. The server decides how they are sent.
    chunked: ClassVar[bool] = True

    # Set by forget(), which the constructor of the base class calls.
    _life: Life
    _gate: Gate
    _rows: Rows
    _putter: Putter
    _outside: Outside

    # --- for the framework ----------------------------------------------------------------------------------------

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        self._life = Life(self)
        self._gate = Gate(self)
        self._rows = Rows(self.switches)
        self._putter = Putter(self._life, lambda: self.now)
        self._outside = Outside(self._life, lambda: self.now)

    def expire_tokens(self) -> None:
        self._gate.forget()

    def set_switches(self, changes: Mapping[str, Any]) -> None:
        with self.lock:
            super().set_switches(changes)
            self._rows.version += 1
            if "sampling_interval" in changes:
                self._life.sample_from(self.now)
            if "auto_archive_after" in changes:
                for task in list(self._life.tasks.values()):
                    if task.archiving or task.state.completion:
                        self._life.arm_archiving(task, self.now)

    def tasks(self) -> list[dict[str, Any]]:
        return [self._putter.view(task) for task in (*self._life.tasks.values(), *self._life.histories.values())]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        for fields in tasks:
            check(fields)
        if not keep:
            for task in (*self._life.tasks.values(), *self._life.histories.values()):
                self._life.cancel(task)
            self._life.forget()
        for fields in tasks:
            self._putter.put(fields)

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        found = self._putter.find(int(task)) if task.isascii() and task.isdigit() else None
        if found is None:
            raise BadOrder(f"no task {task!r}")
        self._outside.act(found, action, details)

    # --- requests -------------------------------------------------------------------------------------------------

    def describe(self, request: Request) -> Call:
        place = Place.of(request)
        ids = () if place.id is None else (place.id,)
        if place.resource == "token":
            return Call("login")
        if request.method in ("GET", "HEAD", "OPTIONS"):
            if place.resource == "version":
                return Call("version")
            if not place.resource:
                return Call("unknown", False, ids)
            if place.actions:
                return Call("actions" if place.action is None else "template", False, ids)
            return Call(LISTS[place.resource] if place.id is None else f"read{RESOURCES[place.resource]}", False, ids)
        if request.method == "POST" and place.invoke:
            return Call(str(place.action), True, ids)
        names = {"DELETE": "delete", "PUT": "update"}
        return Call(names.get(request.method, request.method.lower()) + RESOURCES.get(place.resource, ""), True, ids)

    def respond(self, request: Request, call: Call) -> Reply:
        place = Place.of(request)
        if place.resource == "token":
            return self._log_in(request)
        user = None
        try:
            if self.switches["server_down"]:
                raise Refusal(412, "the server is not available")
            user = self._gate.check(request)
            if user is None:
                raise Refusal(401, "authentication failed")
            reply = self._route(request, place, user)
        except Refusal as refusal:
            reply = self._refused(request, refusal)
        except BadQuery as bad:
            status = bad.status or self.switches["bad_query"]
            # Section 6, 5: with 404, it looks like any missing resource.
            reply = answers.error(request, not_there() if status == 404 else Refusal(400, str(bad)))
        return self._dressed(reply, user)

    def _refused(self, request: Request, refusal: Refusal) -> Reply:
        reply = answers.outer(self, request, refusal) if refusal.status in (401, 412) else answers.error(request, refusal)
        if refusal.status == 401:
            reply.headers.append(("WWW-Authenticate", answers.CHALLENGE))
        return reply

    def _dressed(self, reply: Reply, user: User | None) -> Reply:
        """Section 2.5. A successful answer has the next token (section 2.3 b)."""
        reply.headers.extend(HEADERS)
        if reply.status < 400 and user is not None:
            reply.headers.append(("WWW-Authenticate", f"HSSO {self._gate.issue(user)}"))
            if self.switches["warning"]:
                reply.headers.append(("Warning", self.switches["warning"]))
        return reply

    def _log_in(self, request: Request) -> Reply:
        """Section 2.3 c."""
        if request.method != "POST" or not self.switches["bearer"]:
            return Reply.of_text("emulator: no Common Services here", 404)
        token = self._gate.issue_bearer(request.json)
        return Reply.of_json({"error": "emulator: wrong user name or password"}, 401) if token is None else Reply.of_json(token)

    def _route(self, request: Request, place: Place, user: User) -> Reply:
        if user.role is None:
            raise Refusal(401, "the user has no role")  # section 2.4
        one = place.id is not None
        handlers: dict[tuple[str, str, bool], Callable[[Request, Place, User], Reply]] = {
            ("GET", "version", False): self._version,
            ("GET", "Tasks", False): self._list_tasks,
            ("GET", "Tasks", True): self._read_task,
            ("PUT", "Tasks", True): self._update,
            ("DELETE", "Tasks", True): self._delete,
            ("GET", "Schedules", False): self._list_schedules,
            ("GET", "Schedules", True): self._read_schedule,
            ("GET", "TaskHistories", False): self._list_histories,
            ("GET", "TaskHistories", True): self._read_history,
            ("DELETE", "TaskHistories", True): self._delete_history,
            ("GET", "Services", False): self._list_services,
            ("GET", "Services", True): self._read_service,
            ("GET", "FlowSteps", False): self._list_steps,
        }
        if place.actions:
            return self._actions(request, place, user)
        handler = handlers.get((request.method, place.resource, one))
        if handler is None:
            if not place.resource:
                raise not_there()
            raise Refusal(405, f"{request.method} is not documented here")
        return handler(request, place, user)

    def _version(self, request: Request, _place: Place, _user: User) -> Reply:
        parameters(request, ())
        version = self.switches["product_version"] or VERSIONS[self.switches["hitachi_edition"]]
        return Reply.of_json({"productName": "JP1/Automatic Operation", "productVersion": version, "apiVersion": "01.01.00"})

    # --- tasks (sections 3.1 and 3.3) -----------------------------------------------------------------------------

    @staticmethod
    def _number(place: Place) -> int:
        text = place.id or ""
        if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
            raise not_there()
        return int(text)

    def _task(self, place: Place, user: User) -> Task:
        task = self._life.tasks.get(self._number(place))
        if task is None:
            raise not_there()
        self._reach(task, user)
        return task

    def _reach(self, task: Task, user: User) -> None:
        """Section 6, 5 and 6: a user without access gets 401, or the answer for a missing task."""
        if not user.reaches(task.fields["serviceGroupID"]):
            raise not_there() if self.switches["no_access"] == 404 else Refusal(401, "no rights on the service group")

    def _list_tasks(self, request: Request, _place: Place, user: User) -> Reply:
        own = V10_TASK_FILTERS if self.switches["hitachi_edition"] == "v10" else TASK_FILTERS
        given = parameters(request, (*OF_LISTS, *own))
        life, rows = self._life, self._rows
        seen = {id_: (task, life.peek(task)) for id_, task in life.tasks.items() if user.reaches(task.fields["serviceGroupID"])}
        refused = self.switches["filter_ids"]
        found = select(
            (rows.task(task, state) for task, state in seen.values()),
            given,
            TASK_MEMBERS,
            self.switches,
            {} if refused == "accepted" else {"instanceID": refused},
        )
        picked = [seen[row["instanceID"]] for row in found.rows]
        if found.fields is None:
            texts = [rows.task_text(task, state) for task, state in picked]
        else:
            texts = [compact({name: row[name] for name in found.fields if name in row}) for row in found.rows]
        for task, state in picked:
            life.was_read(task, state)
        return answers.listing(texts, found.count, found.pagination)

    def _read_task(self, request: Request, place: Place, user: User) -> Reply:
        parameters(request, ())
        task = self._task(place, user)
        state = self._life.peek(task)
        text = self._rows.task_text(task, state)
        self._life.was_read(task, state)
        return answers.text_reply(text)

    def _update(self, request: Request, place: Place, user: User) -> Reply:
        """Only notes and toDo have an effect."""
        task, body = self._task(place, user), request.json
        if not isinstance(body, dict):
            raise Refusal(400, "the body is no JSON object")
        for name, kind in (("notes", str), ("toDo", bool)):
            if not isinstance(body.get(name, kind()), kind):
                raise Refusal(400, f"{name} is of another type")
            task.fields[name] = body.get(name, task.fields[name])
        task.row = None
        reply = answers.text_reply(self._rows.task_text(task, self._life.peek(task)))
        reply.took_effect = True
        return reply

    def _delete(self, request: Request, place: Place, user: User) -> Reply:
        """Section 6, 7: 204 for a missing task, a redirect for most existing ones."""
        parameters(request, ())
        self._may(user, 403)
        task = self._life.tasks.get(self._number(place))
        if task is None:
            return Reply(204)
        self._reach(task, user)
        if not task.is_debug:
            return answers.see_other(request, task.id)
        self._life.vanish(task)
        return Reply(204, took_effect=True)

    @staticmethod
    def _may(user: User, status: int) -> None:
        """Section 2.6."""
        if user.role not in MAY_ARCHIVE:
            raise Refusal(status, f"the role {user.role} may not archive or delete")

    def _list_steps(self, request: Request, _place: Place, user: User) -> Reply:
        """Found later, 3.1: taskID is the only parameter and must be given."""
        position = self.switches["flow_steps"]
        if position == 404 or (position == "edition" and self.switches["hitachi_edition"] != "v10"):
            raise not_there()
        given = parameters(request, ("taskID",))
        if "taskID" not in given:
            raise BadQuery("taskID is missing")
        task = self._task(Place("Tasks", given["taskID"]), user)
        steps = [compact(step) for step in task.behaviour.steps or self._rows.steps(self._life.peek(task))]
        return answers.listing(steps, len(steps), None)

    # --- histories ------------------------------------------------------------------------------------------------

    def _list_histories(self, request: Request, _place: Place, user: User) -> Reply:
        given = parameters(request, (*OF_LISTS, *HISTORY_FILTERS))
        rows = [self._rows.history(task) for task in self._life.histories.values() if user.reaches(task.fields["serviceGroupID"])]
        refused = self.switches["filter_history_ids"]
        return self._list(rows, given, HISTORY_MEMBERS, {} if refused == "accepted" else {"taskID": refused})

    def _history(self, place: Place, user: User) -> Task:
        task = self._life.histories.get(self._number(place))
        if task is None:
            raise not_there()
        self._reach(task, user)
        return task

    def _read_history(self, request: Request, place: Place, user: User) -> Reply:
        parameters(request, ())
        return Reply.of_json(self._rows.history(self._history(place, user)))

    def _delete_history(self, request: Request, place: Place, user: User) -> Reply:
        parameters(request, ())
        self._may(user, 403)
        task = self._life.histories.pop(self._history(place, user).history_id or 0)
        self._life.cancel(task)
        return Reply(204, took_effect=True)

    # --- schedules and services -----------------------------------------------------------------------------------

    def _schedule(self, place: Place, user: User) -> Schedule:
        schedule = self._life.schedules.get(self._number(place))
        if schedule is None:
            raise not_there()
        self._reach(schedule.current, user)
        return schedule

    def _list_schedules(self, request: Request, _place: Place, user: User) -> Reply:
        given = parameters(request, (*OF_LISTS, *SCHEDULE_FILTERS))
        status = given.pop("scheduleStatus", None)
        if status not in (None, "running"):
            raise BadQuery("only scheduleStatus=running is documented")
        # A schedule's object lacks members by which its list can be filtered (section 3.1), so these are checked here.
        own_filters = {name: given.pop(name) for name in ("serviceGroupID", "serviceTemplateID") if name in given}
        found = [
            schedule
            for schedule in self._life.schedules.values()
            if user.reaches(schedule.current.fields["serviceGroupID"])
            and (status is None or schedule.is_ahead)
            and all(str(schedule.current.fields[name]) == value for name, value in own_filters.items())
        ]
        return self._list([self._rows.schedule(schedule) for schedule in found], given, SCHEDULE_MEMBERS)

    def _read_schedule(self, request: Request, place: Place, user: User) -> Reply:
        parameters(request, ())
        return Reply.of_json(self._rows.schedule(self._schedule(place, user)))

    def _services(self, user: User) -> list[Row]:
        tasks = [task for task in self._life.tasks.values() if user.reaches(task.fields["serviceGroupID"])]
        return list({task.fields["serviceID"]: self._rows.service(task) for task in tasks}.values())

    def _list_services(self, request: Request, _place: Place, user: User) -> Reply:
        given = parameters(request, OF_LISTS)
        return self._list(self._services(user), given, SERVICE_MEMBERS)

    def _read_service(self, request: Request, place: Place, user: User) -> Reply:
        parameters(request, ())
        wanted = self._number(place)
        for row in self._services(user):
            if row["instanceID"] == wanted:
                return Reply.of_json(row)
        raise not_there()

    def _list(
        self, rows: Sequence[Row], given: Mapping[str, str], types: Mapping[str, str], forbidden: Mapping[str, int] | None = None
    ) -> Reply:
        found = select(rows, given, types, self.switches, forbidden)
        names = found.fields
        shown = found.rows if names is None else [{name: row[name] for name in names if name in row} for row in found.rows]
        return answers.listing([compact(row) for row in shown], found.count, found.pagination)

    # --- actions (sections 3.1, 3.4 and 3.5) ----------------------------------------------------------------------

    def _actions(self, request: Request, place: Place, user: User) -> Reply:
        known: tuple[str, ...] = SCHEDULE_ACTIONS
        if place.resource == "Tasks":
            task = self._task(place, user)
            id_, known = task.id, V10_TASK_ACTIONS if self.switches["hitachi_edition"] == "v10" else TASK_ACTIONS
        else:
            schedule = self._schedule(place, user)
            task, id_ = schedule.current, schedule.id
        if place.action is not None and place.action not in known:
            raise not_there()
        parameters(request, ())
        if request.method == "GET" and not place.invoke:
            if place.action is not None:
                return Reply.of_json(answers.template(self, request, place.resource, id_, place.action))
            return self._operations(request, place.resource, id_, known)
        if request.method != "POST" or not place.invoke or place.action is None:
            raise Refusal(405, f"{request.method} is not documented here")
        return self._invoke(request, task, place.action, f"{answers.OBJECTS}/{place.resource}/{id_}", user)

    def _operations(self, request: Request, resource: str, id_: int, known: tuple[str, ...]) -> Reply:
        """Section 3.5: the same in any status."""
        rows = [answers.template(self, request, resource, id_, action) for action in known]
        if resource == "Tasks" and self.switches["hitachi_edition"] != "v10":
            itself = answers.address(request, f"{answers.OBJECTS}/Tasks/{id_}")
            own = (("update", "PUT"), ("delete", "DELETE"))
            rows = [{"name": name, "href": itself, "method": method, "parameters": []} for name, method in own] + rows
        return Reply.of_json({"data": rows, "count": len(rows)})

    def _invoke(self, request: Request, task: Task, action: str, path: str, user: User) -> Reply:
        if action == ARCHIVE:
            self._may(user, 401)
        answers.check_body(request, action, empty=self.switches["empty_body"] == "accepted")
        # Searched only if it is needed, since that reads all tasks.
        new_id = self._life.new_id() if action == RESUBMIT else None
        try:
            self._life.judge(task, action)
            failed = self.switches["job_state"] == "failed"  # section 6, 1
            took_effect = not failed and self._life.accept(task, action)
        except Impossible as impossible:
            raise Refusal(409, str(impossible)) from None
        if new_id in self._life.tasks:
            path = f"{answers.OBJECTS}/Tasks/{new_id}"
        reply = Reply.of_json(answers.job(self, action, answers.address(request, path)))
        reply.took_effect = took_effect
        return reply
