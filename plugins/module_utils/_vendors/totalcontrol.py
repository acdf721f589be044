# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Sigma-RT Total Control, REST API v1: a task is a script on Android devices. Only its name identifies it.

Facts come from the vendor's public pages `task.pause`, `task.stop`, `task.lists`, `task.info` and `token`, which exist in two generations
with different answers. No accessible page contains the word `resume`. It is inferred from the JavaScript call `taskResume`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._answer import Answer
from .._arguments import Arguments, from_environment, in_path
from .._auth import BareBasic, TokenParameter
from .._connection import Connection
from .._errors import Failure, Refused, Unauthorized
from .._http import Http
from .._lifecycle import Act, Cannot, Done, Observation, State, StateTable, group_same_id
from .._vendor import Vendor

_AGAIN = "Total Control documents no call to run it again; create it again there"
_ENDED = "there is nothing left to pause: take it out of the list, or set if_unpausable"

TABLE = StateTable(
    "Total Control",
    [
        State(
            spelling=-1,
            name="RUNNING",
            word="started",
            meaning="the script runs",
            paused=Act("pause", arrives=-4),
            stopped=Act("stop", arrives=-5),
        ),
        State(
            spelling=-4,
            name="PAUSED",
            word="paused",
            meaning="the script is paused",
            started=Act("resume", arrives=-1),
            stopped=Act("stop", arrives=-5),
        ),
        State(
            spelling=-6,
            name="SCHEDULED",
            word="waiting",
            meaning="the script is scheduled and hasn't begun",
            paused=Cannot(
                "task {id} hasn't begun and waits for its schedule ({schedule}); Total Control documents no pause for "
                "that, and a stop probably deletes the schedule; wait until it runs, or set if_unpausable"
            ),
            started=Done("task {id} hasn't begun and waits for its schedule ({schedule}); no documented call starts it earlier"),
            stopped=Act("stop", arrives=-5),
        ),
        State(
            spelling=-2,
            name="STOPPED_NORMAL",
            word="completed",
            meaning="the script ended by itself",
            paused=Cannot(f"task {{id}} has run to its end; {_ENDED}"),
            started=Done("task {id} has run to its end; it isn't running any more"),
        ),
        State(
            spelling=-3,
            name="STOPPED_ERROR",
            word="failed",
            meaning="the script ended with an error",
            paused=Cannot(f"task {{id}} ended with an error ({{error_message}}); {_ENDED}"),
            started=Cannot(f"task {{id}} ended with an error ({{error_message}}), and {_AGAIN}"),
            stopped=Done("task {id} had ended with an error ({error_message})"),
        ),
        State(
            spelling=-5,
            name="USER_TERMINATED",
            word="stopped",
            meaning="a user stopped the script",
            paused=Cannot(f"task {{id}} was stopped; {_ENDED}"),
            started=Cannot(f"task {{id}} was stopped, and {_AGAIN}"),
        ),
        State(
            spelling=0,
            name="FILE_NOT_FOUND",
            word="failed",
            meaning="the script's file was missing when it should have begun",
            paused=Cannot("task {id} never began because its script file {script_file} is missing; there is nothing to pause"),
            started=Cannot(
                "task {id} can't run because its script file {script_file} is missing; put the file back and create the task anew"
            ),
            stopped=Done("task {id} never ran because its script file {script_file} is missing"),
        ),
    ],
)


class TotalControl(Vendor):
    """One Total Control, for the engine and the information module."""

    prefix = "TOTALCONTROL"
    path = "/TotalControl/v1"
    ids = "names"
    table = TABLE
    arguments = from_environment(
        "TOTALCONTROL",
        {
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "token": {"type": "str", "no_log": True},
        },
    ) + Arguments(choices=[[("username", "password"), ("token",)]])
    tasks = Arguments(options={"names": {"type": "list", "elements": "str", "required": True, "aliases": ["name", "task_name"]}})

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        self._username, self._password, token = params["username"], params["password"], params["token"]
        self._auth = TokenParameter(token, None if token else self._login)
        self._http = Http(connection, "Total Control", self.path, self._auth)
        self._http.keep_secret(token, self._password)

    @property
    def renewals(self) -> int:
        return self._auth.stamp

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read the named tasks with one list (page `task.lists`), whose form is the same in both generations of the interface. Names are
        unique only in the newer registry (page section *Found later*, 4.3).
        """
        found = group_same_id(self.table, self.list_all({}))
        return {id_: found[id_] for id_ in ids if id_ in found}

    def list_all(self, filters: Mapping[str, Any]) -> list[Observation]:
        """All tasks, as the system lists them. The call has no filter."""
        return self._http.read("/tasks", _tasks)

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Pause, resume or stop one task (pages `task.pause`, `task.stop`). The request is a form, so the address doesn't contain the
        token.
        """
        self._http.write(f"/tasks/{in_path(tasks[0].id)}", _accepted(action, tasks[0].id), data={"action": action})
        return {}

    def _login(self) -> str:
        basic = BareBasic(self._username, self._password)
        self._http.keep_secret(basic.header)
        token = self._http.read("/login", _token(self._username), auth=basic)
        self._http.keep_token(token)
        return token


def _tasks(answer: Answer) -> list[Observation]:
    """The list of tasks. In some calls, an empty list is null or a text (page section 6, 9: inferred for this one)."""
    document = None if answer.status == 401 else _success(answer)
    if document is None:
        raise Unauthorized(
            "authentication", f"Total Control refused to list its tasks{_vendor_text(answer)}; check token, or username and password"
        )
    tasks = document.get("value")
    if tasks in (None, "", "null"):
        return []
    if not isinstance(tasks, list):
        raise answer.unreadable("without a list of tasks")
    return [_task(answer, task) for task in tasks]


def _task(answer: Answer, task: Any) -> Observation:
    if not isinstance(task, dict) or not isinstance(task.get("task_name"), str) or not isinstance(task.get("status"), (int, str)):
        raise answer.unreadable("with a task that has no task_name or no status")
    facts = {key: value for key, value in task.items() if key not in ("task_name", "status")}
    return Observation(id=task["task_name"], name=task["task_name"], spelling=task["status"], facts=facts)


def _accepted(action: str, name: str) -> Callable[[Answer], None]:
    def judge(answer: Answer) -> None:
        if _success(answer) is None:
            unsure = "; no public document names its REST word for resuming" if action == "resume" else ""
            message = f"Total Control refused to {action} task {name}{_vendor_text(answer)}; check it there{unsure}"
            raise Refused("refused", message, http_status=answer.status)

    return judge


def _token(username: str) -> Callable[[Answer], str]:
    def judge(answer: Answer) -> str:
        document = None if answer.status == 401 else _success(answer.private())
        if document is None:
            raise Refused(
                "authentication", f"Total Control refused the login of user {username}{_vendor_text(answer)}; check username and password"
            )
        value = document.get("value")
        token = value.get("token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not token:
            raise answer.private().unreadable("to the login without a token")
        return token

    return judge


def _success(answer: Answer) -> dict[str, Any] | None:
    """The document of a success: HTTP 200 and a `status` that is exactly true. None for a failure with status 200 (page section 6, 1)."""
    if answer.status != 200:
        raise answer.refusal()
    document = answer.document(mend=_double_backslashes)
    if not isinstance(document, dict) or "status" not in document:
        raise answer.unreadable("of another shape")
    return document if document["status"] is True else None


def _vendor_text(answer: Answer) -> str:
    """The vendor's text for a failure. It can be missing or empty."""
    document = answer.document(mend=_double_backslashes) if answer.status == 200 else {}
    value = document.get("value")
    return f" ({' '.join(value.split())[:200]})" if isinstance(value, str) and value.strip() else ""


def _double_backslashes(text: str) -> str:
    """Parse a document. Some documents print Windows paths with single backslashes, which isn't valid JSON (page section 6, 6)."""
    return re.sub(r'\\(["\\])|\\', lambda found: found[0] if found[1] else r"\\", text)
