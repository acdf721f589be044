# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of JP1/AO: tasks, their schedules, histories, and the JSON of each. Sections: ``hitachi.md``, 3.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..agenda import Appointment
from ..messages import compact
from ._hitachi_hql import BOOLEAN, NUMBER, STRING, TIME
from ._hitachi_states import AHEAD, CANCELED, COMPLETED, FAILED, PROFILES, SUSPENDED, TERMINATING, WAITING

# Members of a task in the order of section 8, vector 4, and how HQL compares them.
TASK_MEMBERS = {
    "instanceID": NUMBER, "name": STRING, "status": STRING, "startTime": TIME, "completionTime": TIME, "scheduledStartTime": TIME,
    "submitter": STRING, "submitTime": TIME, "modifyTime": TIME, "serviceState": STRING, "scheduleType": STRING, "description": STRING,
    "serviceName": STRING, "tags": STRING, "recurrenceInterval": STRING, "recurrenceTime": STRING, "recurrenceStartDate": STRING,
    "serviceGroupName": STRING, "toDo": BOOLEAN, "notes": STRING, "stepTime": STRING, "serviceTemplateID": NUMBER, "scheduleID": NUMBER,
    "serviceGroupID": NUMBER, "serviceID": NUMBER, "supportedActionType": STRING,
}  # fmt: skip
SCHEDULE_MEMBERS = {
    "instanceID": NUMBER, "name": STRING, "submitter": STRING, "status": STRING, "scheduleType": STRING, "createTime": TIME,
    "modifyTime": TIME, "description": STRING, "scheduledStartTime": TIME, "recurrenceInterval": STRING, "recurrenceDayOfWeek": STRING,
    "recurrenceDayOfMonth": STRING, "recurrenceLastDayOfMonth": BOOLEAN, "recurrenceStartDate": STRING, "recurrenceTime": STRING,
    "serviceState": STRING, "serviceID": NUMBER,
}  # fmt: skip
HISTORY_MEMBERS = {
    "instanceID": NUMBER, "taskID": NUMBER, "name": STRING, "status": STRING, "startTime": TIME, "completionTime": TIME,
    "archiveTime": TIME, "submitter": STRING, "submitTime": TIME, "serviceState": STRING, "scheduleType": STRING, "description": STRING,
    "serviceName": STRING, "tags": STRING, "serviceGroupName": STRING, "toDo": BOOLEAN, "notes": STRING, "serviceTemplateID": NUMBER,
    "serviceGroupID": NUMBER, "serviceID": NUMBER,
}  # fmt: skip
SERVICE_MEMBERS = {
    "instanceID": NUMBER, "name": STRING, "serviceState": STRING, "description": STRING, "tags": STRING, "serviceGroupName": STRING,
    "serviceGroupID": NUMBER, "serviceTemplateID": NUMBER,
}  # fmt: skip

# The constant members, with the values of the sample (section 8, vector 4) as defaults.
DEFAULTS: dict[str, Any] = {
    "scheduledStartTime": None, "submitter": "System", "serviceState": "release", "description": "", "serviceName": "testService1",
    "tags": "", "recurrenceInterval": None, "recurrenceTime": None, "recurrenceStartDate": None, "serviceGroupName": "DefaultServiceGroup",
    "toDo": False, "notes": "", "stepTime": None, "serviceTemplateID": 1900, "serviceGroupID": 3, "serviceID": 2015,
    "supportedActionType": None,
}  # fmt: skip
IMMEDIATE, ONCE, RECURRING = "immediate", "schedule", "recurrence"
TYPES = (IMMEDIATE, ONCE, RECURRING)
DEBUG = "debug"


@dataclass(frozen=True)
class State:
    """The variable part of a task. Reads show it as a whole, so a stale read is stale in all its parts."""

    status: str
    start: str | None = None
    completion: str | None = None
    modified: str = ""
    by_stop: bool = False  # how it came to Terminating or Failed


@dataclass
class Schedule:
    """The plan of a task. Suspend, resume and cancel act on it (section 1)."""

    id: int
    created: str
    current: Task  # the newest one; the earlier ones have run
    canceled: bool = False  # no further task is created

    @property
    def status(self) -> str:
        """Section 3.2: unpublished. The first word is that of the query scheduleStatus=running, the others are invented."""
        words = {WAITING: "running", SUSPENDED: "suspended", CANCELED: "canceled"}
        return words.get(self.current.state.status, "finished")

    @property
    def is_ahead(self) -> bool:
        return self.current.state.status in AHEAD


@dataclass
class Behaviour:
    """The behaviour of a task, which only tests know."""

    runs_for: Any = None  # a lag; None: until an order changes it
    ends_with: str = "completed"
    stop_ends: str | None = None  # instead of the switch
    stop_takes: Any = None  # instead of the switch
    long_after: float | None = None  # seconds of running until it shows as Long Running
    repeat_every: float | None = None  # seconds from one run of a recurring schedule to the next
    steps: list[dict[str, Any]] | None = None  # as FlowSteps tells them; their members are unpublished


@dataclass(eq=False)
class Task:
    id: int
    fields: dict[str, Any]  # the members of DEFAULTS, name, scheduleType, submitTime
    schedule_id: int
    state: State
    behaviour: Behaviour
    due: float | None = None  # on the emulator's clock: when it starts by itself
    has_followed: bool = False  # its schedule has made the next one
    history: list[dict[str, Any]] = field(default_factory=list)
    history_id: int | None = None  # once it's archived
    archived_at: str | None = None
    states: list[tuple[float, State]] = field(default_factory=list)  # for the samples
    next: Appointment | None = None
    alarm: Appointment | None = None  # of Long Running
    archiving: Appointment | None = None
    reads_left: int = 0
    step: Callable[[float], None] | None = None
    row: tuple[State, int, dict[str, Any], str] | None = None  # as it was shown last

    @property
    def is_recurring(self) -> bool:
        return bool(self.fields["scheduleType"] == RECURRING)

    @property
    def is_debug(self) -> bool:
        return bool(self.fields["serviceState"] == DEBUG)


class Rows:
    """Creates the JSON objects. They are cached until something changes, since lists of thousands are read repeatedly."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches
        self.version = 0  # of the switches

    def spelled(self, state: State) -> str:
        """Section 4.3."""
        switches, status = self._switches, state.status
        if switches["stopped_word"] and (status == TERMINATING or (status == FAILED and state.by_stop)):
            return str(switches["stopped_word"])
        return str(switches["spellings"].get(status) or PROFILES[switches["spelling"]].get(status, status))

    def task(self, task: Task, state: State) -> dict[str, Any]:
        return self._task(task, state)[0]

    def task_text(self, task: Task, state: State) -> str:
        return self._task(task, state)[1]

    def _task(self, task: Task, state: State) -> tuple[dict[str, Any], str]:
        if task.row is None or task.row[0] is not state or task.row[1] != self.version:
            known = {
                **task.fields,
                "instanceID": task.id,
                "status": self.spelled(state),
                "startTime": state.start,
                "completionTime": state.completion,
                "modifyTime": state.modified,
                "scheduleID": task.schedule_id,
            }
            row = self._without_unset({name: known[name] for name in TASK_MEMBERS}, TASK_MEMBERS)
            given = self._switches["immediate_schedule"]
            if task.fields["scheduleType"] == IMMEDIATE and given != "given":
                row["scheduleID"] = given
                if given == "absent":
                    del row["scheduleID"]
            task.row = (state, self.version, row, compact(row))
        return task.row[2], task.row[3]

    def history(self, task: Task) -> dict[str, Any]:
        known = {
            **task.fields,
            "instanceID": task.history_id,
            "taskID": task.id,
            "status": self.spelled(task.state),
            "startTime": task.state.start,
            "completionTime": task.state.completion,
            "archiveTime": task.archived_at,
        }
        return self._without_unset({name: known[name] for name in HISTORY_MEMBERS}, HISTORY_MEMBERS)

    def schedule(self, schedule: Schedule) -> dict[str, Any]:
        fields = schedule.current.fields
        known = {
            **fields,
            "instanceID": schedule.id,
            "status": schedule.status,
            "createTime": schedule.created,
            "modifyTime": schedule.current.state.modified,
            "recurrenceDayOfWeek": None,
            "recurrenceDayOfMonth": None,
            "recurrenceLastDayOfMonth": False,
        }
        row = self._without_unset({name: known[name] for name in SCHEDULE_MEMBERS}, SCHEDULE_MEMBERS)
        shown = self._switches["schedule_status"]
        if shown == "absent" or (shown == "edition" and self._switches["hitachi_edition"] == "v10"):
            del row["status"]
        return row

    def steps(self, state: State) -> list[dict[str, Any]]:
        """The default of FlowSteps: two steps, of which the task is in the second one."""
        done = PROFILES[self._switches["spelling"]].get(COMPLETED, COMPLETED)
        return [{"name": "emulator step 1", "status": done}, {"name": "emulator step 2", "status": self.spelled(state)}]

    @staticmethod
    def service(task: Task) -> dict[str, Any]:
        """Section 3.1: a service has its serviceState. The rest comes from the task."""
        fields = task.fields
        known = {**fields, "instanceID": fields["serviceID"], "name": fields["serviceName"]}
        return {name: known[name] for name in SERVICE_MEMBERS}

    def _without_unset(self, row: dict[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
        if self._switches["unset_times"] == "null":
            return row
        return {name: value for name, value in row.items() if value is not None or types[name] != TIME}
