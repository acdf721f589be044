# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud VIAS v2, with IAM on the same port. Sections named here are those of ``huawei_vias.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from ..messages import JSON, BadOrder, Call, Reply, Request
from ..track import AT_ONCE, Lag
from ..vendor import Vendor
from ._huawei import GATE_SWITCHES, Gate, Refusal
from ._huawei_fields import STATE, change, check, detail, new_task, steps_of, view
from ._huawei_query import BATCHES, TASKS, BadParameter, parameters
from ._huawei_refusals import Ordered
from ._huawei_task import Flow, Task, date_text
from ._huawei_vias import (
    ACCEPTED,
    ANSWERS,
    COMMANDS,
    ERRORS,
    INTERNAL,
    INVALID,
    NO_EFFECT,
    NO_SUCH_BATCH,
    NO_SUCH_TASK,
    NOT_ALLOWED,
    REFUSED,
    SEEDS,
    STATES,
    SWITCHES,
)

Error = tuple[int, str, str]

# Nothing runs, and a start would be accepted.
AT_REST = ("STOPPED", "SUCCEEDED", "FAILED", "START_FAILED")


class Refused(Exception):
    """An answer in the service's own format (section 3.7). The text is in ``detail``."""

    def __init__(self, error: Error, said: str) -> None:
        super().__init__(said)
        self.error = error


# Section 3: the calls below /v2/{project_id}, by the words of the path. None stands for an id or a command.
PLACES: dict[tuple[str | None, ...], tuple[str, str]] = {
    ("tasks",): ("GET", "list"),
    ("tasks", None): ("GET", "show"),
    ("tasks", None, "action", None): ("PUT", "act"),
    ("batch-tasks",): ("GET", "batch_list"),
    ("batch-tasks", None, "action", None): ("PUT", "batch_act"),
}


# Section 3.1: filters that compare with one member of a task.
EXACT = {
    "batch_id": "batch_id",
    "source_data_type": "source_data_type",
    "title": "title",
    "camera_name": "video_source_name",
    "alg_id": "algorithm_publish_id",
}


class Place:
    """The target of a request: the address, the ids in it, and whether its method is the documented one."""

    def __init__(self, request: Request) -> None:
        segments = request.segments
        self.project_id = segments[1] if len(segments) > 1 else ""
        self.name = self.id = self.command = ""
        self.method_fits = False
        if segments[:1] != ("v2",) or not self.project_id:
            return
        rest = segments[2:]
        for words, (method, name) in PLACES.items():
            if len(words) == len(rest) and all(word in (None, part) and part for word, part in zip(words, rest, strict=True)):
                self.name, self.method_fits = name, request.method == method
                self.id = rest[1] if len(rest) > 1 else ""
                self.command = rest[3] if len(rest) > 3 else ""


class Huawei(Vendor):
    name: ClassVar[str] = "huawei"
    switch_table = (*GATE_SWITCHES, *SWITCHES)

    _gate: Gate
    _flow: Flow
    _tasks: dict[str, Task]
    _newest_first: list[Task] | None

    # --- for the framework ----------------------------------------------------------------------------------------

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        # VIAS only knows the standard signature (huawei_auth.md, section 5).
        self._gate = Gate(self, word=self._word)
        self._flow = Flow(self, self._remove)
        self._ordered = Ordered(self.switches)
        self._tasks = {}
        self._newest_first = None

    def expire_tokens(self) -> None:
        self._gate.expire_tokens()

    def tasks(self) -> list[dict[str, Any]]:
        return [view(task, self._flow.peek(task)) for task in self._tasks.values()]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        for fields in tasks:
            check(fields)
            if "id" not in fields:
                raise BadOrder("a task needs its id")
        if not keep:
            for task in list(self._tasks.values()):
                self._remove(task)
        for fields in tasks:
            self._put(fields)
        self._newest_first = None

    def _put(self, fields: dict[str, Any]) -> None:
        task = self._tasks.get(fields["id"])
        if task is None:
            task = self._tasks[fields["id"]] = new_task(fields, date_text(self.clock.wall()))
        change(task, fields)
        state = task.state
        if fields.get("state", state.state) != state.state or not task.history:
            state = self._flow.state_of(task, fields.get("state", state.state), self.now)
        given: dict[str, Any] = {name: fields[name] for name in STATE if name in fields}
        state = replace(state, **given)
        if state != task.state or not task.history:
            self._flow.become(task, state, self.now, "put")
        task.state = state
        task.shown.set(state)
        task.listed.set(state)
        if fields.get("then") is not None:
            self._flow.plan(task, steps_of(fields["then"]), self.now)
        elif len(task.history) == 1 or {"state", "then", "runs_for", "schedule", "schedule_status"} & set(fields):
            self._flow.cancel(task)
            self._flow.arm(task, self.now)
        self._flow.watch_hours(task)

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        found = self._tasks.get(task) or next((known for known in self._tasks.values() if known.fields["name"] == task), None)
        if found is None:
            raise BadOrder(f"no task {task!r}")
        acts: dict[str, Callable[[Task, Mapping[str, Any]], None]] = {
            "start": lambda it, _details: self._outside(it, "start"),
            "stop": lambda it, _details: self._outside(it, "stop"),
            "set": self._set,
            "delete": lambda it, _details: self._flow.go(it, [(AT_ONCE, "DELETING")], self.now, "outside delete"),
            "freeze": lambda it, _details: self._flow.go(it, [(AT_ONCE, "FREEZING")], self.now, "outside freeze"),
            "remove": lambda it, _details: self._remove(it),
        }
        if action not in acts:
            raise BadOrder(f"nobody can {action!r} a task; known: {', '.join(acts)}")
        acts[action](found, details)

    def _outside(self, task: Task, command: str) -> None:
        try:
            self._command(task, command, "outside ")
        except Refused as refused:
            raise BadOrder(str(refused)) from None

    def _set(self, task: Task, details: Mapping[str, Any]) -> None:
        if details.get("state") not in STATES:
            raise BadOrder(f"set needs a state, one of {', '.join(STATES)}")
        check({name: value for name, value in details.items() if name == "then"})
        self._flow.go(task, [(AT_ONCE, details["state"])], self.now, "outside set")
        if details.get("then") is not None:
            self._flow.plan(task, steps_of(details["then"]), self.now)

    def _remove(self, task: Task) -> None:
        self._flow.forget(task)
        del self._tasks[task.fields["id"]]
        self._newest_first = None

    # --- requests -------------------------------------------------------------------------------------------------

    def describe(self, request: Request) -> Call:
        iam = self._gate.iam_call(request)
        if iam:
            return iam
        place = Place(request)
        write = request.method not in ("GET", "HEAD", "OPTIONS")
        ids = (place.id,) if place.id else ()
        if not place.name or not place.method_fits:
            return Call("unknown", write, ids)
        return Call({"act": place.command, "batch_act": f"batch_{place.command}"}.get(place.name, place.name), write, ids)

    def respond(self, request: Request, call: Call) -> Reply:
        iam = self._gate.iam(request)
        if iam:
            return iam
        place = Place(request)
        if not place.name:
            return self._gate.no_such_api()
        caller = self._gate.check(request, place.project_id)
        if isinstance(caller, Reply):
            return caller
        handlers: dict[str, Callable[[Request, Place], Reply]] = {
            "list": self._list,
            "show": self._show,
            "act": self._act_on_one,
            "batch_list": self._list_batches,
            "batch_act": self._act_on_batch,
        }
        try:
            if not self.switches["agreed"]:
                raise Refused(self._no_rights, "emulator: agreed is off")
            code = self._ordered.code_for(call.action)
            if code is not None:
                raise Refused((ERRORS[code][0], code, ERRORS[code][1]), "emulator: refuse_with")
            if not place.method_fits:
                raise Refused(INTERNAL, f"Request method '{request.method}' not supported")
            reply = handlers[place.name](request, place)
        except Refused as refused:
            reply = self._refusal(refused, call)
        except BadParameter as bad:
            reply = _error(INVALID, str(bad))
        return self._gate.stamped(reply)

    def _word(self, refusal: Refusal) -> Reply | None:
        """Section 6, 4: the service itself answers for missing rights, the gateway for credentials. With the switch, the service answers
        for all.
        """
        if refusal.passed_gateway or self.switches["refused_by"] == "service":
            return _error(self._no_rights, f"emulator: {refusal.reason}")
        return None

    @property
    def _no_rights(self) -> Error:
        code = self.switches["refused_code"]
        return (ERRORS[code][0], code, ERRORS[code][1])

    def _refusal(self, refused: Refused, call: Call) -> Reply:
        if refused.error == NOT_ALLOWED and self.switches["refused_as"] == "status_code":
            return Reply.of_json({"id": call.ids[0], "status_code": NOT_ALLOWED[0], "status_msg": NOT_ALLOWED[2]})
        return _error(refused.error, str(refused))

    def _there(self, place: Place) -> Task:
        task = self._tasks.get(place.id)
        if task is None or task.fields["project_id"] != place.project_id:
            raise Refused(NO_SUCH_TASK, f"emulator: no task {place.id}")
        return task

    def _parameters(self, request: Request, rules: Mapping[str, Callable[[str], bool]]) -> dict[str, str]:
        return parameters(request, rules, refuse_unknown=self.switches["unknown_parameters"] == "refused")

    # --- reads ----------------------------------------------------------------------------------------------------

    def _show(self, _request: Request, place: Place) -> Reply:
        task = self._there(place)
        return Reply.of_json(detail(task, self._flow.look(task), with_nulls=self.switches["null_members"]))

    def _list(self, request: Request, place: Place) -> Reply:
        """Section 3.1."""
        given = self._parameters(request, TASKS)
        filters = self._filters(given, place.project_id)
        found = [task for task in self._in_order(given.get("sort_dir", "desc")) if all(wanted(task) for wanted in filters)]
        page, size = int(given.get("page", "1")), int(given.get("page_size", "10"))
        shown = found[(page - 1) * size : page * size]
        rows = [task.row(self._flow.look(task, in_list=True)) for task in shown]
        count = len(found) if self.switches["count"] == "total" else len(rows)
        text = f'{{"count":{count},"page":{page},"page_size":{size},"tasks":[{",".join(rows)}]}}'
        return Reply(200, [("Content-Type", JSON)], text.encode("utf-8", "replace"))

    def _in_order(self, direction: str) -> list[Task]:
        if self._newest_first is None:
            # Also those of the same second. Otherwise, the order would depend on where a second ends.
            put = sorted(enumerate(self._tasks.values()), key=lambda pair: (str(pair[1].fields["created_at"]), pair[0]), reverse=True)
            self._newest_first = [task for _number, task in put]
        return self._newest_first if direction == "desc" else self._newest_first[::-1]

    def _filters(self, given: Mapping[str, str], project_id: str) -> list[Callable[[Task], bool]]:
        """Created once for a list of thousands. An empty parameter filters nothing."""
        wanted: dict[str, tuple[str, ...]] = {"project_id": (project_id,)}
        for asked, member in EXACT.items():
            if given.get(asked):
                wanted[member] = (given[asked],)
        for asked in ("video_group_id", "company"):
            if given.get(asked):
                wanted[asked] = tuple(given[asked].split(","))
        filters: list[Callable[[Task], bool]] = [lambda task: all(task.fields[member] in values for member, values in wanted.items())]
        name, state = given.get("task_name", ""), given.get("task_state", "")
        if name and self.switches["task_name_filter"] == "exact":
            filters.append(lambda task: bool(name == task.fields["name"]))
        elif name:
            filters.append(lambda task: name in task.fields["name"])
        if state:
            filters.append(lambda task: state == self._flow.peek(task, in_list=True).state)
        return filters

    # --- start and stop -------------------------------------------------------------------------------------------

    def _act_on_one(self, request: Request, place: Place) -> Reply:
        """Section 3.3."""
        self._check_command(request, place)
        task = self._there(place)
        took_effect = self._command(task, place.command)
        answer = self.switches["action_answer"]
        if answer == "none":
            reply = Reply()
        else:
            done = {"id": place.id, "status_code": 200, "status_msg": "success"}
            reply = Reply.of_json(done if answer == "object" else {})
        reply.took_effect = took_effect
        return reply

    def _check_command(self, request: Request, place: Place) -> None:
        if place.command not in COMMANDS:
            raise Refused(INVALID, f"emulator: the command is start or stop, not {place.command}")
        if request.body and self.switches["action_body"] == "refused":
            raise Refused(INVALID, "emulator: start and stop take no body")

    def _command(self, task: Task, command: str, who: str = "") -> bool:
        """Returns whether anything changed."""
        with_plan = task.weekly is not None and self.switches["schedule_meaning"] == "activates"
        verdict = self._verdict_with_plan(task, command) if with_plan else self._verdict(task, command)
        if verdict == REFUSED:
            raise Refused(NOT_ALLOWED, f"emulator: {command} is not possible at {task.state.state}")
        if verdict == NO_EFFECT or self.switches["ignore_action"] in (True, command):
            return False
        self._take(task, command, who + command, with_plan=with_plan)
        return True

    def _verdict(self, task: Task, command: str) -> str:
        answer = ANSWERS.get(task.state.state, (REFUSED, REFUSED))[COMMANDS.index(command)]
        return answer if answer in (ACCEPTED, REFUSED) else str(self.switches[answer])

    def _verdict_with_plan(self, task: Task, command: str) -> str:
        """Start and stop also switch the weekly plan on and off (section 4, scheduled tasks)."""
        if task.state.schedule_status == "ACTIVATED":
            if command == "start" and self._flow.is_idle(task, self.now):
                return str(self.switches["start_running"])  # already active, so it counts as running
            if command == "stop" and task.state.state in AT_REST:
                return ACCEPTED
        return self._verdict(task, command)

    def _take(self, task: Task, command: str, cause: str, *, with_plan: bool) -> None:
        now, flow, lag = self.now, self._flow, Lag.of(self.switches["change_delay"])
        plan = {"start": "ACTIVATED", "stop": "INACTIVATED"}[command] if with_plan else None
        if command == "stop":
            # Switching off the plan of a task at rest leaves the task unchanged.
            steps = [(AT_ONCE, task.state.state)] if with_plan and task.state.state in AT_REST else flow.stop_way()
        elif with_plan and not flow.is_due(task, now):
            steps = [(AT_ONCE, self.switches["schedule_idle_state"])]
        else:
            steps = flow.start_way(task)
        flow.go(task, steps, now, cause, lag, schedule_status=plan)

    # --- batch configurations -------------------------------------------------------------------------------------

    def _batches(self, project_id: str) -> dict[str, list[Task]]:
        """A configuration exists as long as it has tasks."""
        found: dict[str, list[Task]] = {}
        for task in self._tasks.values():
            if task.fields["batch_id"] and task.fields["project_id"] == project_id:
                found.setdefault(task.fields["batch_id"], []).append(task)
        return found

    def _act_on_batch(self, request: Request, place: Place) -> Reply:
        """Section 3.5: a 200 even if it failed for some."""
        self._check_command(request, place)
        tasks = self._batches(place.project_id).get(place.id)
        if tasks is None:
            raise Refused(NO_SUCH_BATCH, f"emulator: no batch configuration {place.id}")
        errors, took_effect = list[str](), False
        for task in tasks:
            right_already = task.state.state == {"start": "RUNNING", "stop": "STOPPED"}[place.command]
            if right_already and not task.weekly:
                if self.switches["batch_satisfied"] == "failed":
                    errors.append(_batch_error(task, f"emulator: it is {task.state.state} already"))
                continue
            try:
                took_effect |= self._command(task, place.command)
            except Refused as refused:
                errors.append(_batch_error(task, str(refused)))
        body = {
            "total_count": len(tasks),
            "failed_count": len(errors),
            "succeed_count": len(tasks) - len(errors),
            "id": place.id,
            "error_list": errors,
        }
        return Reply.of_json(body, took_effect=took_effect)

    def _list_batches(self, request: Request, place: Place) -> Reply:
        """Section 3.4."""
        given = self._parameters(request, BATCHES)
        spelling, state = self.switches["batch_task_state"], given.get("task_state", "")
        if (spelling == "lower" and not state.islower() and state) or (spelling == "upper" and not state.isupper() and state):
            raise BadParameter(f"emulator: task_state is spelled in {spelling} case here")
        if "name_like" in given and "type_like" not in given:
            raise BadParameter("emulator: name_like needs type_like")
        rows = [
            self._batch(batch_id, tasks)
            for batch_id, tasks in self._batches(place.project_id).items()
            if self._is_batch_wanted(tasks, given)
        ]
        sort_by = {"task_count": "num_task", "created_at": "created_at"}[given.get("sort_name", "created_at")]
        rows.sort(key=lambda row: int(row[sort_by]), reverse=given.get("order_by", "desc") == "desc")
        count = len(rows)
        if given.get("is_paged", "true") == "true":
            page, size = int(given.get("page_num", "1")), int(given.get("page_size", "10"))
            rows = rows[(page - 1) * size : page * size]
        return Reply.of_json({"count": count, "batch_task_list": rows})

    def _is_batch_wanted(self, tasks: list[Task], given: Mapping[str, str]) -> bool:
        first = tasks[0].fields
        liked = first["title"] if given.get("type_like") == "publish_service_name" else first["batch_task_name"]
        if given.get("name_like", "") not in (liked or ""):
            return False
        state = given.get("task_state", "").upper()
        if state and all(self._flow.peek(task, in_list=True).state != state for task in tasks):
            return False
        members = {"video_group": "video_group_id", "manufacturer": "company", "title": "title"}
        return all(given[asked] in ("", first[member]) for asked, member in members.items() if asked in given)

    def _batch(self, batch_id: str, tasks: list[Task]) -> dict[str, Any]:
        first = tasks[0].fields
        states = [self._flow.look(task, in_list=True).state for task in tasks]
        return {
            "id": batch_id,
            "batch_task_name": first["batch_task_name"],
            "video_source_name": first["video_source_name"],
            "video_group_name": first["group_name"],
            "alg_name": first["title"],
            "company": first["company"],
            "type": first["type"],
            "num_task": len(tasks),
            "created_at": max(_millis(task.fields["created_at"]) for task in tasks),
            "batch_task_status_info": {state.lower(): states.count(state) for state in STATES},
        }


def _millis(created_at: str) -> int:
    return int(datetime.strptime(created_at, "%Y-%m-%dT%H:%M:%S%z").timestamp() * 1000)


def _batch_error(task: Task, said: str) -> str:
    return f"{task.fields['id']}: {NOT_ALLOWED[1]} {said}"


def _error(error: Error, said: str) -> Reply:
    """Section 3.7, the six members as in the printed example."""
    status, code, message = error
    return Reply.of_json(
        {"error_code": code, "error_msg": message, "detail": said, "params": [], "reason": message, "advice": message}, status
    )
