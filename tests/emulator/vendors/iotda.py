# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud IoTDA, batch tasks of the application API v5. Sections named here are those of the vendor page ``iotda.md``."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ..messages import BadOrder, Call, Reply, Request, compact
from ..track import AT_ONCE, Lag
from ..vendor import Vendor
from . import _iotda_put as putting
from . import _iotda_query as query
from ._huawei import GATE_SWITCHES
from ._huawei_refusals import Ordered
from ._iotda_gate import IotdaGate, error
from ._iotda_life import Impossible, Life
from ._iotda_outside import Outside
from ._iotda_query import ApiError, invalid
from ._iotda_rules import ACTIONS, FIRST_MARKER, MISSING_CODE, NOT_IN_TASK, ORDERABLE, REFUSED_CODE
from ._iotda_seeds import SEEDS
from ._iotda_switches import SWITCHES
from ._iotda_task import BatchTask, Subtask


class Iotda(Vendor):
    name: ClassVar[str] = "iotda"
    switch_table = (*GATE_SWITCHES, *SWITCHES)

    _tasks: dict[str, BatchTask]
    _sorted: list[BatchTask] | None
    _calls: deque[float]
    _last_id = 0

    # --- for the framework ----------------------------------------------------------------------------------------

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        self.gate = IotdaGate(self)
        self._ordered = Ordered(self.switches)
        self._life = Life(self.agenda, self.switches)
        self._outside = Outside(self._life, self.clock.now)
        self._putter = putting.Putter(self._life, self.clock, self.switches)
        self._tasks = {}
        self._sorted = None
        self._calls = deque()

    def expire_tokens(self) -> None:
        self.gate.expire_tokens()

    def tasks(self) -> list[dict[str, Any]]:
        return [self._putter.view(task) for task in self._tasks.values()]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        for fields in tasks:
            putting.check(fields)
        if not keep:
            self._tasks = {}
        for fields in tasks:
            task = self._putter.put(fields, self._tasks.get(fields.get("task_id", "")), self._new_id)
            self._tasks[task.task_id] = task
        self._sorted = None

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        found = self._tasks.get(task)
        if found is None:
            raise BadOrder(f"no task {task!r}")
        if action == "delete":
            self._remove(found)
        else:
            self._outside.act(found, action, details)

    def _new_id(self) -> str:
        """24 hex digits that grow with time (section 3.1: newest first, by record id)."""
        self._last_id += 1
        return f"{int(self.clock.wall()) % (1 << 32):08x}{self._last_id:016x}"

    def _remove(self, task: BatchTask) -> None:
        del self._tasks[task.task_id]
        self._sorted = None

    # --- requests -------------------------------------------------------------------------------------------------

    @staticmethod
    def _action(request: Request) -> str:
        """The row of section 3's table. Empty if there is none."""
        rest, method = request.segments[3:], request.method
        if request.segments[:2] != ("v5", "iot") or rest[:1] != ("batchtasks",):
            return ""
        if len(rest) == 1:
            return {"GET": "list", "POST": "create"}.get(method, "")
        if len(rest) == 2:
            return {"GET": "show", "DELETE": "delete"}.get(method, "")
        return rest[2] if len(rest) == 3 and method == "POST" and rest[2] in ACTIONS else ""

    def describe(self, request: Request) -> Call:
        iam = self.gate.iam_call(request)
        if iam is not None:
            return iam
        is_write = request.method not in ("GET", "HEAD", "OPTIONS")
        action, segments = self._action(request), request.segments
        if not action:
            return Call(request.method.lower() if is_write else "unknown", is_write, segments[4:5])
        if action == "create":
            body = request.json if isinstance(request.json, dict) else {}
            return Call(action, True, (str(body.get("task_name", "")),))
        return Call(action, is_write, segments[4:5])

    def respond(self, request: Request, call: Call) -> Reply:
        iam = self.gate.iam(request)
        if iam is not None:
            return iam
        try:
            reply = self._serve(request, self._action(request), call)
        except ApiError as failure:
            reply = error(failure.code, failure.status, failure.message)
            if failure.note:
                note = failure.note.encode("ascii", "backslashreplace").decode()
                reply.headers.append(("X-Emulator-Note", "".join(letter if letter.isprintable() else "?" for letter in note)))
        return self.gate.stamped(reply)

    def _serve(self, request: Request, action: str, call: Call) -> Reply:
        if request.segments[:2] != ("v5", "iot") or len(request.segments) < 4:
            raise ApiError("IOTDA.000029", "paths begin with /v5/iot/{project_id}/")
        project = request.segments[2]
        refused = self._caller(request, project)
        if refused:
            return refused
        self._count_call()
        if not self.switches["subscribed"]:
            raise ApiError("IOTDA.000021", "subscribed is off")
        code = self._ordered.code_for(action)
        if code is not None:
            status, message = ORDERABLE[code]
            raise ApiError(code, "refuse_with", status=status, message=message)
        if not action or (action == "confirm" and not self.switches["confirm_exists"]):
            raise ApiError("IOTDA.000029", "no such call")
        if action in self.switches["denied"]:
            raise ApiError(self.switches["no_rights_code"], f"{action} is denied")
        instance = self._instance(request)
        if action == "list":
            return self._list(request, project, instance)
        if action == "create":
            return self._create(request, project, instance)
        task = self._there(call.ids[0], project, instance)
        handlers: dict[str, Callable[[], Reply]] = {
            "show": lambda: self._show(request, task),
            "delete": lambda: self._delete(request, task),
        }
        return handlers.get(action, lambda: self._act(request, task, action))()

    def _caller(self, request: Request, project: str) -> Reply | None:
        """The answer to an unauthorised caller."""
        caller = self.gate.check(request, project)
        return caller if isinstance(caller, Reply) else None

    def _count_call(self) -> None:
        limit = self.switches["calls_per_second"]
        if limit is None:
            return
        while self._calls and self._calls[0] <= self.now - 1:
            self._calls.popleft()
        if len(self._calls) >= limit:
            raise ApiError(self.switches["rate_limited_as"], "calls_per_second", name=str(limit))
        self._calls.append(self.now)

    def _instance(self, request: Request) -> str:
        """Section 2.2: the instance of this host that the request addresses."""
        known: list[str] = self.switches["instances"]
        wanted = request.header("Instance-Id")
        if wanted is None:
            if self.switches["instance_id"] == "required":
                raise invalid("Instance-Id is required")
            return known[0]
        if not 1 <= len(wanted) <= 36:
            raise invalid("Instance-Id is 1 to 36 characters")
        if wanted not in known:
            raise ApiError("IOTDA.000021", "no such instance on this host")
        return wanted

    def _is_in(self, task: BatchTask, project: str, instance: str) -> bool:
        return task.project_id == project and (task.instance_id or self.switches["instances"][0]) == instance

    def _there(self, task_id: str, project: str, instance: str) -> BatchTask:
        missing = ApiError(MISSING_CODE, status=404, message="emulator: the task doesn't exist")
        if not putting.TASK_ID.fullmatch(task_id):
            raise missing if self.switches["bad_task_id"] == 404 else invalid("a task id is 1 to 24 digits a-f0-9")
        task = self._tasks.get(task_id)
        if task is None or not self._is_in(task, project, instance):
            raise missing
        self._life.ripen(task, self.now)
        return task

    # --- list (section 3.1) ---------------------------------------------------------------------------------------

    @property
    def _newest_first(self) -> list[BatchTask]:
        if self._sorted is None:
            self._sorted = sorted(self._tasks.values(), key=lambda task: task.task_id.rjust(24, "0"), reverse=True)
        return self._sorted

    def _app(self, task: BatchTask) -> str:
        return task.app_id or str(self.switches["default_app"])

    def _check_app(self, app: str | None) -> None:
        known = {self.switches["default_app"], *self.switches["apps"], *(task.app_id for task in self._tasks.values())}
        if app is not None and app not in known:
            raise ApiError("IOTDA.001000", "no such app_id")

    def _list(self, request: Request, project: str, instance: str) -> Reply:
        given = query.query(request, ("task_type", "app_id", "status", "limit", "marker", "offset"))
        query.list_filters(given)
        if given["task_type"] in self.switches["unknown_types"]:
            raise self._unknown_type(given["task_type"])
        page = query.page(given)
        self._check_app(given.get("app_id"))
        matching = []
        for task in self._newest_first:
            if task.task_type != given["task_type"] or not self._is_in(task, project, instance):
                continue
            self._life.ripen(task, self.now)
            shown = task.listed.peek(self.now).status
            if given.get("status", shown) == shown and given.get("app_id", self._app(task)) == self._app(task):
                matching.append(task)
        after = [task for task in matching if task.task_id.rjust(24, "0") < page.marker]
        rows = after[page.offset : page.offset + page.limit]
        items = ",".join(self._wire(task, listed=True) for task in rows)
        return self._text(f'{{"batchtasks":[{items}],"page":{self._page(len(matching), rows[-1].task_id if rows else None)}}}')

    def _unknown_type(self, task_type: str) -> ApiError:
        if self.switches["unknown_type_as"] == 400:
            return invalid(f"no task type {task_type} on this instance")
        return ApiError("IOTDA.000033", "unknown_types")

    def _page(self, count: int, marker: str | None) -> str:
        found: dict[str, Any] = {"count": count, "marker": marker}
        if marker is None and self.switches["empty_page_marker"] == "absent":
            del found["marker"]
        return compact(found)

    def _wire(self, task: BatchTask, *, listed: bool) -> str:
        """The task as a reader sees it. The next reader may see another state."""
        head = task.listed.read(self.now) if listed else task.head
        self._life.was_read(task)
        return task.wire(head, nulls=self._nulls, task_progress=self.switches["task_progress"])

    @property
    def _nulls(self) -> bool:
        return bool(self.switches["optional_fields"] == "null")

    @staticmethod
    def _text(text: str, status: int = 200) -> Reply:
        return Reply(status, [("Content-Type", "application/json")], text.encode("utf-8", "replace"))

    # --- show (section 3.2) ---------------------------------------------------------------------------------------

    def _show(self, request: Request, task: BatchTask) -> Reply:
        given = query.query(request, ("task_detail_status", "target", "limit", "marker", "offset"))
        query.detail_filters(given)
        page = query.page(given)
        matching = self._details(task, given)
        # Newest first, as the example of section 3.2 has it; records grow in the order of the targets.
        end = bisect_left(matching, page.marker, key=lambda subtask: subtask.record) if page.marker != FIRST_MARKER else len(matching)
        end = max(0, end - page.offset)
        rows = matching[max(0, end - page.limit) : end][::-1]
        details = compact([subtask.wire(nulls=self._nulls) for subtask in rows])
        where = self._page(len(matching), rows[-1].record if rows else None)
        return self._text(f'{{"batchtask":{self._wire(task, listed=False)},"task_details":{details},"page":{where}}}')

    @staticmethod
    def _details(task: BatchTask, given: Mapping[str, str]) -> list[Subtask]:
        if "target" in given:
            found = task.subtasks.get(given["target"])
            subtasks = [] if found is None else [found]
        else:
            subtasks = list(task.subtasks.values())
        wanted = given.get("task_detail_status")
        return subtasks if wanted is None else [subtask for subtask in subtasks if subtask.status == wanted]

    # --- stop, retry, confirm, delete (sections 3.3 to 3.5) ---------------------------------------------------------

    def _refusal(self, impossible: Impossible) -> ApiError:
        """Section 7: the number isn't documented. Section 3.7 has the pattern of the texts."""
        status = self.switches["refused_status"]
        start = "Invalid input." if status == 400 else "Operation not allowed."
        return ApiError(REFUSED_CODE, status=status, message=f"{start} emulator: {impossible}")

    def _judge(self, task: BatchTask, action: str) -> None:
        try:
            self._life.judge(task, action)
        except Impossible as impossible:
            raise self._refusal(impossible) from None

    def _act(self, request: Request, task: BatchTask, action: str) -> Reply:
        named = query.targets(request, empty_body=self.switches["empty_body"] == "accepted")
        self._judge(task, action)
        fit = self._life.fit(task, action)
        chosen = None if named is None else [task.subtasks[name] for name in dict.fromkeys(named) if name in task.subtasks]
        rows = self._rows([subtask.target for subtask in fit] if named is None else named, task, {subtask.target for subtask in fit})
        took_effect = self._take(task, action, chosen)
        if named is None:
            rows = [] if self.switches["answer_targets"] == "empty" else rows
            answers = {"absent": {}, "null": {"targets": None}}.get(self.switches["answer_targets"], {"targets": rows})
        else:
            answers = {"targets": rows}
        return Reply.of_json(answers, took_effect=took_effect)

    def _rows(self, names: list[str], task: BatchTask, fit: set[str]) -> list[dict[str, Any]]:
        """Section 3.3: a 200 may contain failures."""
        rows = []
        stuck = self.switches["failing_targets"]
        for name in names:
            if name not in task.subtasks:
                why = NOT_IN_TASK
            elif name in stuck:
                why = (REFUSED_CODE, "Operation not allowed. emulator: failing_targets has this device")
            elif name not in fit and self.switches["unfit_target"] == "failure":
                why = (REFUSED_CODE, f"Operation not allowed. emulator: the subtask is {task.subtasks[name].status}")
            else:
                rows.append({"target": name, "status": "success"})
                continue
            rows.append({"target": name, "status": "failure", "error_code": why[0], "error_msg": why[1]})
        return rows

    def _take(self, task: BatchTask, action: str, chosen: list[Subtask] | None) -> bool:
        """Carry out the action, now or when the switch says. Returns whether anything changes."""
        if self.switches["ignore_action"] in (True, action):
            return False
        if Lag.of(self.switches["action_delay"]) == AT_ONCE:
            return self._life.take(task, action, chosen, self.now, action)

        def take_hold(at: float) -> None:
            try:
                self._life.judge(task, action)
            except Impossible:
                return  # it ended in the meantime
            self._life.take(task, action, chosen, at, action)

        self._life.later(task, self.switches["action_delay"], self.now, take_hold)
        fit = {subtask.target for subtask in self._life.fit(task, action)}
        return bool(fit) or action == "stop" if chosen is None else any(subtask.target in fit for subtask in chosen)

    def _delete(self, request: Request, task: BatchTask) -> Reply:
        query.query(request, ())
        self._judge(task, "delete")
        self._remove(task)
        return Reply(204, took_effect=True)

    # --- create (section 3.6) -------------------------------------------------------------------------------------

    def _create(self, request: Request, project: str, instance: str) -> Reply:
        given = query.new_task(request, self.clock.wall())
        self._check_app(given.get("app_id"))
        policy = given.get("task_policy")
        due = putting.parse_time((policy or {}).get("schedule_time"))
        task = BatchTask(
            task_id=self._new_id(),
            project_id=project,
            instance_id=instance,
            app_id=given.pop("app_id", ""),
            create_time=putting.time_text(self.clock.wall()),
            devices=self._devices(given),
            starts_at=None if due is None else self.now + due - self.clock.wall(),
            **{name: value for name, value in given.items() if name != "document_source"},
        )
        task.history.append({"at": self.now, "status": task.status, "cause": "create"})
        self._tasks[task.task_id] = task
        self._sorted = None
        reply = self._text(task.wire(task.head, nulls=self._nulls, task_progress=self.switches["task_progress"]), 201)
        reply.took_effect = True
        self._life.initialize(task, self.now)
        return reply

    def _devices(self, given: Mapping[str, Any]) -> list[str] | None:
        """The devices of the task: `targets` has precedence, then `targets_filter`. None if they can't be determined, which shows later."""
        if "targets" in given:
            devices: list[str] = given["targets"]
            return devices
        groups = given.get("targets_filter", {}).get("group_ids")
        known: dict[str, list[str]] = self.switches["groups"]
        if not isinstance(groups, list) or not all(isinstance(group, str) and group in known for group in groups):
            return None
        return [device for group in groups for device in known[group]]
