# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Huawei Cloud VIAS v2 (Video Intelligent Analysis Service): a task is one algorithm applied to one video source.

Facts come from the vendor's public pages `ListTasks`, `ShowTaskInfo`, `StartStopTask`, `BatchStartStopTask` and its Java SDK. No page
states in which states an action is accepted. The table infers it from the meaning of the states.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .._answer import Answer
from .._arguments import Arguments, check_ids, in_path
from .._connection import Connection, base_url
from .._errors import AnswerLost, Failure, Refused, Unauthorized
from .._lifecycle import Act, Cannot, DesiredState, Done, Observation, State, StateTable, Wait
from .._pages import Listing, Part, doubt_of, numbered, warn_of_doubt
from .._refusals import Row
from .._vendor import Vendor
from ._huawei import GRANT, Account, Service, error_details, service_arguments, service_url, success

PAGE_SIZE = 1000
NO_TASK = ("VIAS.00010007", "VIAS.00010008")
_FILTERS = ("batch_id", "task_name", "task_state", "camera_name", "video_group_id", "title", "company", "alg_id")
SHOWN = 5

_AGREEMENT = "an IAM user has no right to VIAS until the main account has agreed to its authorization in the console of that very region"


def _code(*numbers: str) -> str:
    """The pattern of a code with eight digits. Some documents print seven (page `huawei_vias`, section 6, 12)."""
    return rf"VIAS\.0*({'|'.join(numbers)})"


# Page `huawei_vias`, section 3.7 and "found later". A code without a status here is documented with one status only, or with none.
REFUSALS = (
    Row("refused", Refused, "VIAS says so where the task's present state doesn't allow it", code=_code("10012")),
    Row("not_found", Refused, "check the id", code=_code("10007", "10008")),
    Row("not_found", Refused, "check the ids, region and project_id", code=_code("10002"), statuses=(400,)),
    Row("permission", Unauthorized, f"the user has no right to it, or the project is another one; {_AGREEMENT}; {GRANT}",
        code=_code("10005")),
    Row("permission", Refused, "the account is restricted, frozen or its owner hasn't been verified by name; settle that in the console",
        code=_code("10021")),
    Row("permission", Unauthorized, f"VIAS didn't take the token, or the user has no right to it; {_AGREEMENT}; {GRANT}",
        code=_code("10023")),
    Row("refused", Refused, f"VIAS calls the request invalid and advises to check the user's rights; {_AGREEMENT}", code=_code("10024")),
    Row("permission", Refused, "the account is of the wrong type for this; check its type in the console", code=_code("10040")),
    Row("refused", AnswerLost, f"VIAS couldn't act for the account (its agency); {_AGREEMENT}", code=_code("10020"),
        statuses=range(500, 600)),
    Row("refused", AnswerLost, "a service that VIAS needs is missing; check it in the console", code=_code("10016"),
        statuses=range(500, 600)),
)  # fmt: skip

_STOP = Act("stop", arrives="STOPPED")
_START = Act("start", arrives="RUNNING")
_ARREARS = "task {id} is {state}: the account is in arrears, and only topping it up can bring the task back"
_NO_SERVICE = "task {id} is {state}: its algorithm service is missing, and it probably can't be started without"
_GOING = "task {id} is being deleted; take it out of the list"


def _ended(spelling: str, meaning: str) -> State:
    """A state in which the task has ended without a stop. A start is the ordinary way back."""
    reason = f"task {{id}} doesn't run: {meaning}; there is nothing to pause, so take it out of the list, or set if_unpausable"
    return State(spelling=spelling, word="failed", meaning=meaning, paused=Cannot(reason), started=_START)


def _starting(spelling: str, meaning: str) -> State:
    return State(spelling=spelling, word="starting", meaning=meaning, paused=_STOP, started=Wait("RUNNING"), stopped=_STOP)


TABLE = StateTable(
    "VIAS",
    [
        State(spelling="RUNNING", word="started", meaning="the task works", paused=_STOP, stopped=_STOP),
        _starting("PENDING", "the task waits for resources"),
        _starting("SCHEDULING", "the task is being placed on resources"),
        _starting("STARTING", "the task is being started"),
        _starting("RECOVERING", "the task is being restored"),
        State(
            spelling="UPGRADING",
            word="starting",
            meaning="the task is being upgraded by the vendor",
            paused=Wait("RUNNING"),
            started=Wait("RUNNING"),
            stopped=Wait("RUNNING"),
        ),
        State(
            spelling="ABNORMAL",
            word="troubled",
            meaning="the task runs with a problem, and may recover by itself",
            paused=_STOP,
            started=Wait("RUNNING"),
            stopped=_STOP,
        ),
        State(
            spelling="STOPPING",
            word="stopping",
            meaning="the task is being stopped",
            paused=Wait("STOPPED"),
            started=Wait("STOPPED"),
            stopped=Wait("STOPPED"),
        ),
        State(spelling="STOPPED", word="stopped", meaning="the task is stopped and can be started again", started=_START),
        State(
            spelling="STOPPED, plan activated",
            wire="STOPPED",
            word="waiting",
            meaning="the task doesn't run now, and its weekly plan may start it",
            paused=_STOP,
            started=Done("task {id} doesn't run now; its weekly plan is activated and may start it"),
            stopped=_STOP,
        ),
        State(
            spelling="SUCCEEDED",
            word="completed",
            meaning="the task analysed its finite input to the end",
            paused=Cannot("task {id} has run to its end; there is nothing left to pause: take it out of the list, or set if_unpausable"),
            started=Done("task {id} has run to its end; it isn't running any more"),
        ),
        _ended("FAILED", "the task ended with an error"),
        _ended("CREATE_FAILED", "the task could not be created"),
        _ended("START_FAILED", "the task could not be started"),
        _ended("LACK_OF_RESOURCES", "there weren't enough resources for the task"),
        State(
            spelling="STOPPED_NO_SERVICE",
            word="stopped",
            meaning="the task is stopped, and its algorithm service is missing",
            paused=Cannot(_NO_SERVICE),
            started=Cannot(_NO_SERVICE),
        ),
        State(
            spelling="FREEZING",
            word="blocked",
            meaning="the task is being frozen since the account is in arrears",
            paused=Cannot(_ARREARS),
            started=Cannot(_ARREARS),
            stopped=Wait("FROZEN"),
        ),
        State(
            spelling="FROZEN",
            word="blocked",
            meaning="the task is frozen since the account is in arrears",
            paused=Cannot(_ARREARS),
            started=Cannot(_ARREARS),
            stopped=Done("task {id} is frozen and doesn't run; it may come back once the account is topped up"),
        ),
        State(
            spelling="DELETING",
            word="stopping",
            meaning="the task is being deleted",
            paused=Cannot(_GOING),
            started=Cannot(_GOING),
            stopped=Done("task {id} is being deleted"),
        ),
    ],
    also={"paused": {"stopped"}},
)


class Vias(Vendor):
    """VIAS for one project. The vendor's stop keeps the task and a start resumes it, so `paused` sends the stop."""

    prefix = "VIAS"
    path = "/v2"
    needs_url = False
    arguments = service_arguments("VIAS")
    tasks = Arguments(
        options={
            "task_ids": {"type": "list", "elements": "str", "aliases": ["task_id"]},
            "names": {"type": "list", "elements": "str", "aliases": ["name", "task_name"]},
            "batch_id": {"type": "str"},
        },
        choices=[[("task_ids",), ("names",), ("batch_id",)]],
    )
    filters = Arguments(
        options={
            "source_data_type": {"type": "str", "choices": ["async_task", "sync_task"]},
            **{name: {"type": "str"} for name in _FILTERS},
        }
    )
    table = TABLE

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        base = base_url(service_url(params, "vias"), self.path)
        self._account = Account(params, connection, base, self.path)
        self._http = Service(connection, "VIAS", self._account, base, self.path)
        self._names: Sequence[str] = params.get("names") or ()
        self._batch: str | None = params.get("batch_id")
        self._desired: DesiredState | None = params.get("state")
        self._stamps: dict[str, str] = {}
        self._complaints: list[str] = []
        self.warnings: list[str] = connection.warnings
        self._planless: list[str] = []
        # The tasks of the batch configuration on which the one call for all of them should act, as long as this call is allowed.
        self._due: set[str] | None = None
        self._is_drained = bool(params.get("drain"))

    @classmethod
    def address(cls, params: Mapping[str, Any]) -> str:
        return service_url(params, "vias") if params["url"] or params["region"] else ""

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        for option in ("names", "batch_id"):
            given = params.get(option)
            if given is not None and not check_ids(option, [given] if isinstance(given, str) else given):
                return []
        return super().requested_ids(params)

    @property
    def renewals(self) -> int:
        return self._account.auth.stamp

    def find(self) -> dict[str, Observation]:
        """The tasks of the batch configuration, or those with exactly these names (the vendor's own filter may be fuzzy)."""
        if self._batch:
            batch = self.list_all({"batch_id": self._batch})
            whole = {task.id: task for task in batch}
            # The call for the whole configuration would also act on a task that the list lacks.
            self._due = None if self._is_drained or doubt_of(batch) else self._ids_for_one_call(whole.values())
            return self._without_plans(whole)
        filters = {"task_name": self._names[0]} if len(self._names) == 1 else {}
        listed = self.list_all(filters)
        ids = {name: [task.id for task in listed if task.name == name] for name in self._names}
        if wrong := [_name_problem(name, several, doubt_of(listed)) for name, several in ids.items() if len(several) != 1]:
            raise Failure("not_found", "; ".join(wrong))
        by_id = {task.id: task for task in listed}
        return self._without_plans({several[0]: by_id[several[0]] for several in ids.values()})

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read one task by its own page, several by the list. Tasks that the list lacks are read one by one."""
        if len(ids) == 1:
            return self._show(ids)
        listed = {task.id: task for task in self._listed({"batch_id": self._batch} if self._batch else {}, ids)}
        found = {id_: listed[id_] for id_ in ids if id_ in listed}
        return {**self._without_plans(found), **self._show([id_ for id_ in ids if id_ not in found])}

    def list_all(self, filters: Mapping[str, Any]) -> Listing[Observation]:
        """All tasks that match the filters, and a warning if there may be more."""
        listed = self._listed(filters)
        warn_of_doubt(listed, "VIAS", self.warnings)
        return listed

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Start or stop one task, or the whole batch configuration with one call. The answer to this call lists failures as texts, which
        are assigned to the tasks that they name. The states in the next read decide, whatever the texts say.

        The call for all is sent only once, whatever its result. All later actions are for single tasks. They must not reach tasks on which
        the first call may still have an effect, on which it has completed, or which somebody else has changed since.
        """
        kind, id_ = ("tasks", tasks[0].id) if self.batch_size(action, tasks) else ("batch-tasks", str(self._batch))
        self._due = None
        complaints = self._http.write(f"{self._project}/{kind}/{in_path(id_)}/action/{action}", _accepted, method="PUT")
        words = [set(re.findall(r"[\w-]+", text)) for text in complaints]
        named = {task.id: [text for text, its in zip(complaints, words, strict=True) if task.id in its] for task in tasks}
        self._complaints = [text for text in complaints if not any(text in named_text for named_text in named.values())]
        wrong: dict[str, Failure] = {}
        for id_, named_text in named.items():
            if named_text:
                wrong[id_] = Refused("refused", f"VIAS didn't {action} task {id_} ({'; '.join(named_text)})")
                # The answer to a PUT, which a proxy may have sent twice.
                wrong[id_].is_conclusive = False
        return wrong

    def explain(self, seen: Observation) -> str:
        """The vendor's text on the state, which only the task's own page contains, or else the text from the last call for all."""
        facts = self._show([seen.id]).get(seen.id, seen).facts
        error = facts.get("error")
        error = error if isinstance(error, dict) else {}
        words = [facts.get("status"), error.get("code"), error.get("message")]
        text = " ".join(" ".join(str(word).split()) for word in words if word)
        return text or "; ".join(self._complaints[:3])

    def _without_plans(self, listed: dict[str, Observation]) -> dict[str, Observation]:
        """The same tasks, after a warning about those that the list shows as stopped. A weekly plan may start such a task, and only the
        task's own page shows it (page `huawei_vias`, sections 3.2 and 4). Reading each page would take one request for each task.
        """
        stopped = [id_ for id_, task in listed.items() if task.spelling == "STOPPED" and id_ not in self._planless]
        if stopped and self._desired in ("paused", "stopped"):
            self.warnings[:] = [warning for warning in self.warnings if warning != _plan_warning(self._planless)]
            self._planless += stopped
            self.warnings.append(_plan_warning(self._planless))
        return listed

    @property
    def _project(self) -> str:
        return f"/{in_path(self._account.project())}"

    def _show(self, ids: Sequence[str]) -> dict[str, Observation]:
        shown = (self._http.read(f"{self._project}/tasks/{in_path(id_)}", _task(id_)) for id_ in ids)
        return {task.id: self._stamped(task) for task in shown if task}

    def _stamped(self, task: Observation) -> Observation:
        """The task, with a time only from its second value on. The list doesn't contain times, so a task from the list must not look
        changed because its own page is read now.
        """
        at = str(task.facts.get("updated_at") or "")
        return task._replace(stamp="" if at == self._stamps.setdefault(task.id, at) else at)

    def batch_size(self, action: str, tasks: Sequence[Observation]) -> int:
        """The number of tasks in one call: 0 (all) if one call affects exactly these tasks, otherwise 1."""
        return 0 if tasks and {task.id for task in tasks} == self._due else 1

    def _ids_for_one_call(self, whole: Iterable[Observation]) -> set[str] | None:
        """The tasks on which the one call for all should act. None if it would also act on others: on a task that changes its state by
        itself and may get to a state in which the call has an effect, or on a completed task, which would run once more.
        """
        due = set()
        for task in whole:
            state = self.table.state_of(task)
            if state is None or self._desired is None or (self._desired == "started" and state.word == "completed"):
                return None
            step = state.step(self._desired)
            if isinstance(step, Act):
                due.add(task.id)
            elif isinstance(step, (Wait, Cannot)):
                return None
        return due

    def _listed(self, filters: Mapping[str, Any], requested: Collection[str] = ()) -> Listing[Observation]:
        """The list, page by page. `requested` tasks that it lacks are read by their own pages, so the list needn't be complete."""
        given = {name: value for name, value in filters.items() if value is not None}

        def page(number: int, size: int) -> Part[Observation]:
            return self._http.read(f"{self._project}/tasks", _page(size), params={**given, "page": number, "page_size": size})

        return numbered(page, PAGE_SIZE, lambda task: task.id, requested, prove=not requested)


def _name_problem(name: str, ids: Sequence[str], doubt: str) -> str:
    if ids:
        return f"several tasks are named {name} ({', '.join(ids)}); give their ids in task_ids instead"
    if doubt:
        return (
            f"the list of VIAS shows no task named {name}, and may lack tasks, since it {doubt}; run it again, or give the id in task_ids"
        )
    return f"VIAS knows no task named {name}; check how it is written there"


def _plan_warning(ids: Sequence[str]) -> str:
    several = f"{len(ids)} tasks" if len(ids) > 1 else "a task"
    named = ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else "")
    advice = "name such a task singly in task_ids, or look at its plan in the console"
    return f"VIAS's list doesn't show weekly plans, so that {several} seen as STOPPED may begin again by a plan ({named}); {advice}"


def _page(size: int) -> Callable[[Answer], Part[Observation]]:
    def judge(answer: Answer) -> Part[Observation]:
        """A page of the list. A page that isn't full is the last one. Its count may be that of this page or of all tasks (page
        `huawei_vias`, section 3.1). Only in the latter case can it be higher than the number of rows that were read.
        """
        document = success_of(answer)
        tasks = document.get("tasks") if isinstance(document, dict) else None
        count = document.get("count") if isinstance(document, dict) else None
        if tasks is None and count == 0:
            return Part([], is_last=True)
        if not isinstance(tasks, list):
            raise answer.unreadable("without a list of tasks")
        return Part([_observed(answer, task) for task in tasks], count if isinstance(count, int) else None, len(tasks) < size)

    return judge


def _task(id_: str) -> Callable[[Answer], Observation | None]:
    def judge(answer: Answer) -> Observation | None:
        """The task. None if the vendor answers that it doesn't exist, which is HTTP 400 (page `huawei_vias`, section 6, 1)."""
        if answer.status == 400 and re.fullmatch(_code("10007", "10008"), error_details(answer)[0] or ""):
            return None
        task = _observed(answer, success_of(answer))
        if task.id != id_:
            raise answer.unreadable(f"about the task {task.id}")
        return task

    return judge


def _observed(answer: Answer, task: Any) -> Observation:
    if not isinstance(task, dict) or not isinstance(task.get("id"), str) or not isinstance(task.get("state"), str):
        raise answer.unreadable("with a task that has no id or no state")
    name = task.get("name") if isinstance(task.get("name"), str) else None
    facts = {key: value for key, value in task.items() if key not in ("id", "name", "state")}
    planned = task["state"] == "STOPPED" and task.get("schedule_status") == "ACTIVATED"
    row = "STOPPED, plan activated" if planned else None
    return Observation(task["id"], task["state"], name=name, facts=facts, row=row)


def _accepted(answer: Answer) -> list[str]:
    """The failures in the answer to an accepted action. Only the answer for a batch configuration contains any. It is documented as an
    object, and may be empty (page `huawei_vias`, sections 3.3 and 3.5).
    """
    document = success_of(answer)
    if document is not None and not isinstance(document, dict):
        raise answer.unreadable("of another shape")
    body = document or {}
    status = body.get("status_code")
    if status not in (None, 200, "200"):
        raise Refused("refused", f"{answer.what} was refused ({status} {body.get('status_msg')})", http_status=answer.status)
    complaints = body.get("error_list")
    return [textwrap.shorten(str(text), 200, placeholder=" ...") for text in complaints] if isinstance(complaints, list) else []


def success_of(answer: Answer) -> Any:
    """Like `success`, with VIAS's own codes: a refused action is HTTP 500, and missing rights are 401 (page `huawei_vias`, section 6)."""
    return success(answer, REFUSALS)
