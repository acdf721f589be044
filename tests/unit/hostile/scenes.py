# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of every module, on every path through it: logins, single reads, lists, actions, requests for a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import (
    airflow_dag,
    airflow_dag_info,
    ctrlapi_task,
    ctrlapi_task_info,
    hitachi_task,
    hitachi_task_info,
    huawei_task,
    huawei_task_info,
    iotda_batchtask,
    iotda_batchtask_info,
    totalcontrol_task,
    totalcontrol_task_info,
)

from tests.emulator.vendor import Vendor as Emulator
from tests.emulator.vendors.airflow import Airflow
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.emulator.vendors.hitachi import Hitachi
from tests.emulator.vendors.huawei import Huawei
from tests.emulator.vendors.iotda import Iotda
from tests.emulator.vendors.totalcontrol import TotalControl

URL = "http://server.example.com:8090"
PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
BATCH = "0d47bbf52962414bb7ae27fb6ea24230"
UPGRADE = "5c8ba99030344005c02316ad"
RUN = "5381"

CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "totalcontrol": {"username": "sigma", "password": "3D391497"},
    "vias key": {"region": "cn-north-4", "access_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"},
    "iotda key": {"region": "cn-north-4", "access_key": "HPUATESTACCESSKEY001", "secret_key": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"},
    "user": {"region": "cn-north-4", "username": "iam-user", "password": "secret", "domain_name": "account-name"},
    "live": {"dialect": "live", "user_id": 4, "project_id": [23], "api_key": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="},
    "vod": {"dialect": "vod", "user_id": 1, "project_id": [2]},
    "hitachi": {"username": "system", "password": "manager"},
    "airflow": {"username": "admin", "password": "admin-password"},
}


@dataclass(frozen=True)
class Scene:
    """One call.

    `id_key` and `state_key` are the vendor's names for a task's id and state, `good` the states that satisfy the desired state, all from
    the vendor's page. The tasks of a state module are those that `asked` names, in this order.
    """

    title: str
    emulator: type[Emulator]
    main: Callable[[], None]
    options: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    id_key: str
    state_key: str
    good: frozenset[Any] = frozenset()
    asked: Sequence[str] = ()
    switches: Mapping[str, Any] = field(default_factory=dict)
    # The value under `state_key` for a state that is expressed by another word.
    spelled: Mapping[str, Any] = field(default_factory=dict)

    @property
    def module(self) -> str:
        return self.main.__module__.rsplit(".", 1)[-1]

    @property
    def is_info(self) -> bool:
        return self.module.endswith("_info")

    @property
    def names_ids(self) -> bool:
        """Whether the call names its tasks by their ids, and not by a name or a batch whose ids the system provides."""
        given = {str(id_) for option in ("task_ids", "names", "targets", "dag_ids") for id_ in self.options.get(option) or ()}
        return bool(self.asked) and set(self.asked) <= given

    def __repr__(self) -> str:
        return f"{self.module}: {self.title}"


def _totalcontrol(title: str, main: Callable[[], None], good: Sequence[int] = (), **options: Any) -> Scene:
    tasks = [
        {"task_name": "a", "status": -1},
        {"task_name": "b", "status": -4},
        {"task_name": "c", "status": -3, "error_message": "no device"},
    ]
    access = {"url": URL, **CREDENTIALS["totalcontrol"]}
    asked = options.get("names", ())
    return Scene(title, TotalControl, main, {**access, **options}, tasks, "task_name", "status", frozenset(good), asked)


def _airflow(title: str, main: Callable[[], None], good: Sequence[str] = (), **options: Any) -> Scene:
    tasks = [
        {"dag_id": "etl_0", "is_paused": False},
        {"dag_id": "my_etl_0_old", "is_paused": True},
        {"dag_id": "etlx0", "is_paused": False},
    ]
    access = {"url": URL, **CREDENTIALS["airflow"]}
    asked, spelled = options.get("dag_ids", ()), {"active": False, "stale": False, "paused": True}
    return Scene(title, Airflow, main, {**access, **options}, tasks, "dag_id", "is_paused", frozenset(good), asked, spelled=spelled)


def _vias(
    title: str, main: Callable[[], None], way: str = "vias key", good: Sequence[str] = (), asked: Sequence[str] = (), **options: Any
) -> Scene:
    tasks = [
        {"id": "task-1", "name": "gate", "state": "RUNNING"},
        {"id": "task-2", "name": "yard", "state": "STOPPED"},
        {"id": "task-3", "name": "roof", "state": "RUN_FAILED"},
        {"id": "task-4", "name": "night 1", "state": "STOPPED", "batch_id": BATCH},
        {"id": "task-5", "name": "night 2", "state": "RUNNING", "batch_id": BATCH},
    ]
    access = {"url": URL, "iam_url": URL, **CREDENTIALS[way]}
    return Scene(title, Huawei, main, {**access, **options}, tasks, "id", "state", frozenset(good), asked or options.get("task_ids", ()))


def _iotda(
    title: str, main: Callable[[], None], way: str = "iotda key", good: Sequence[str] = (), status: str = "Processing", **options: Any
) -> Scene:
    upgrade = {"task_id": UPGRADE, "task_name": "fw", "task_type": "firmwareUpgrade", "status": status, "project_id": PROJECT}
    access = {"url": URL, "iam_url": URL, **CREDENTIALS[way]}
    devices = options.get("targets")
    key, asked = ("target", devices) if devices else ("task_id", options.get("task_ids", ()))
    tasks = [{**upgrade, "targets": ["dev_a", "dev_b", "dev_c"]}]
    return Scene(title, Iotda, main, {**access, **options}, tasks, key, "status", frozenset(good), asked)


def _boro(title: str, main: Callable[[], None], way: str = "live", good: Sequence[str] = (), **options: Any) -> Scene:
    live = [
        {"task_id": number, "project_id": 23, "app_id": 537, "status": status}
        for number, status in ((1, "Started"), (2, "Stopped"), (3, "Rejected"))
    ]
    vod = [
        {"task_id": number, "project_id": 2, "app_id": 1, "uri": f"/{number}.mp4", "status": status}
        for number, status in ((1, "Running"), (2, "Stalled"), (3, "Completed"))
    ]
    switches = {"dialect": "vod"} if way == "vod" else {"verify_hmac": True}
    asked = [str(number) for number in options.get("task_ids", ())]
    access = {"url": URL, **CREDENTIALS[way]}
    tasks = vod if way == "vod" else live
    return Scene(title, CtrlApi, main, {**access, **options}, tasks, "task_id", "status", frozenset(good), asked, switches)


def _automation(title: str, main: Callable[[], None], good: Sequence[str] = (), **options: Any) -> Scene:
    def run(number: int, status: str, **fields: Any) -> dict[str, Any]:
        return {
            "instanceID": number,
            "name": f"run_{number}",
            "status": status,
            "scheduleID": number + 10_000,
            "scheduleType": "immediate",
            **fields,
        }

    tasks = [
        run(5381, "inProgress"),
        run(5382, "waiting", scheduleType="schedule", starts_in=86400),
        run(5383, "completed", archived=7001),
        run(5384, "failed"),
    ]
    access = {"url": URL, **CREDENTIALS["hitachi"]}
    return Scene(title, Hitachi, main, {**access, **options}, tasks, "instanceID", "status", frozenset(good), options.get("task_ids", ()))


NOT_RUNNING = ("STOPPED", "STOPPED_NO_SERVICE", "FROZEN", "DELETING", "SUCCEEDED", "RUN_FAILED", "CREATE_FAILED", "LACK_OF_RESOURCES")
SCENES = (
    _totalcontrol("pause two", totalcontrol_task.main, [-4], names=["a", "b"], state="paused"),
    _totalcontrol("stop one", totalcontrol_task.main, [0, -2, -3, -5], names=["b"], state="stopped"),
    _totalcontrol("list", totalcontrol_task_info.main),
    _vias("stop one by a login", huawei_task.main, "user", NOT_RUNNING, task_ids=["task-1"], state="paused"),
    _vias("start several", huawei_task.main, good=["RUNNING", "SUCCEEDED"], task_ids=["task-2", "task-1"], state="started"),
    _vias("stop by name", huawei_task.main, good=NOT_RUNNING, asked=["task-1"], names=["gate"], state="stopped"),
    _vias("start a batch", huawei_task.main, good=["RUNNING", "SUCCEEDED"], asked=["task-4", "task-5"], batch_id=BATCH, state="started"),
    _vias("list by a login", huawei_task_info.main, "user"),
    _iotda("stop", iotda_batchtask.main, good=["Success", "Fail", "PartialSuccess", "Stopped"], task_ids=[UPGRADE], state="stopped"),
    _iotda(
        "stop two devices",
        iotda_batchtask.main,
        "user",
        ["Success", "Fail", "Stopped"],
        task_ids=[UPGRADE],
        targets=["dev_a", "dev_b"],
        state="stopped",
    ),
    _iotda(
        "tell why it failed",
        iotda_batchtask.main,
        status="Fail",
        good=["Processing", "Waitting", "Success"],
        task_ids=[UPGRADE],
        state="started",
    ),
    _iotda("list", iotda_batchtask_info.main),
    _boro("stop two streams", ctrlapi_task.main, good=["Stopped", "Rejected"], task_ids=[1, 2], state="stopped"),
    _boro("start a rejected stream", ctrlapi_task.main, good=["Started"], task_ids=[3], state="started"),
    _boro("stop two checks", ctrlapi_task.main, "vod", good=["Canceled", "Completed", "Rejected"], task_ids=[1, 3], state="stopped"),
    _boro("list streams", ctrlapi_task_info.main),
    _boro("read checks", ctrlapi_task_info.main, "vod", task_ids=[1, 2, 3]),
    _automation(
        "stop several, one of them archived",
        hitachi_task.main,
        ["completed", "failed", "canceled"],
        task_ids=["5381", "5383"],
        state="stopped",
    ),
    _automation("suspend one", hitachi_task.main, ["suspended"], task_ids=["5382"], state="paused"),
    _automation("list", hitachi_task_info.main),
    _airflow("pause several", airflow_dag.main, ["paused"], dag_ids=["etl_0", "my_etl_0_old"], state="paused"),
    _airflow("list", airflow_dag_info.main),
)
