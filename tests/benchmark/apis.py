# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems without this collection: the exchanges that bring tasks to rest.

They are written from the vendor pages. Scripts and playbooks use the same exchanges, so `token` and `id_` can also be Jinja expressions.
Only the standard library is used, since the hand-written script imports this module.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
BATCH_TASK = "5c8ba99030344005c02316ad"


@dataclass(frozen=True)
class Exchange:
    """One request: `path` below the address, and at most one of `form` and `json` as its body."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    status: int = 200


class Api:
    """One system.

    `rows` and `one` are the paths of members at which an answer has its tasks, or a single task. A task has reached the goal when its
    `member` equals `goal`. `module` and `options` are the collection's module and its options for the same work.
    """

    name: str
    module: str
    ids_option: str = "task_ids"
    switches: Mapping[str, Any] = {}
    token_in: tuple[str, ...] = ()
    rows: tuple[str | int, ...]
    one: tuple[str | int, ...]
    id_member: str
    member: str
    goal: Any
    one_call_for_all: bool = False

    @property
    def vendor(self) -> str:
        return self.name

    def ids(self, count: int) -> list[str]:
        raise NotImplementedError

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        """The tasks for the emulator: so many, running or already at rest."""
        raise NotImplementedError

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        raise NotImplementedError

    def login(self) -> Exchange | None:
        return None

    def show(self, token: str, id_: str) -> Exchange:
        raise NotImplementedError

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        """The exchanges that read all tasks."""
        raise NotImplementedError

    def acts(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        """The exchanges that bring all tasks to rest."""
        return [self.act(token, id_) for id_ in ids]

    def act(self, token: str, id_: str) -> Exchange:
        raise NotImplementedError


class TotalControl(Api):
    name = "totalcontrol"
    module = "totalcontrol_task"
    ids_option = "names"
    token_in = ("value", "token")
    rows = ("value",)
    one = ("value",)
    id_member, member, goal = "task_name", "status", -4

    def ids(self, count: int) -> list[str]:
        return [f"script-{number:05}" for number in range(count)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        return [{"task_name": id_, "status": -4 if is_right else -1} for id_ in self.ids(count)]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        return {"url": url, "username": "sigma", "password": "3D391497", "names": list(ids), "state": "paused"}

    def login(self) -> Exchange:
        proof = base64.b64encode(b"sigma:3D391497").decode()
        return Exchange("GET", "/TotalControl/v1/login", headers={"Authorization": proof})

    def show(self, token: str, id_: str) -> Exchange:
        return Exchange("GET", f"/TotalControl/v1/tasks/{id_}", params={"token": token})

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        return [Exchange("GET", "/TotalControl/v1/tasks", params={"token": token})]

    def act(self, token: str, id_: str) -> Exchange:
        return Exchange("POST", f"/TotalControl/v1/tasks/{id_}", form={"action": "pause", "token": token})


class _Huawei(Api):
    """The common part of both services of Huawei Cloud: IAM returns a token for user name and password, in a header."""

    user: Mapping[str, str] = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}

    def login(self) -> Exchange:
        user = {"name": self.user["username"], "password": self.user["password"], "domain": {"name": self.user["domain_name"]}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT}}}}
        return Exchange("POST", "/v3/auth/tokens", params={"nocatalog": "true"}, json=body, status=201)

    def _access(self, url: str) -> dict[str, Any]:
        return {"url": url, "iam_url": url, "region": "cn-north-4", "project_id": PROJECT, **self.user}


class Vias(_Huawei):
    name = "huawei"
    module = "huawei_task"
    switches: Mapping[str, Any] = {"stop_steps": []}
    rows = ("tasks",)
    one = ()
    id_member, member, goal = "id", "state", "STOPPED"

    def ids(self, count: int) -> list[str]:
        return [f"{number:032x}" for number in range(1, count + 1)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        state = "STOPPED" if is_right else "RUNNING"
        return [{"id": id_, "name": f"analysis-{id_[-5:]}", "state": state} for id_ in self.ids(count)]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        return {**self._access(url), "task_ids": list(ids), "state": "paused"}

    def show(self, token: str, id_: str) -> Exchange:
        return Exchange("GET", f"/v2/{PROJECT}/tasks/{id_}", headers={"X-Auth-Token": token})

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        if len(ids) == 1:
            return [self.show(token, ids[0])]
        return [
            Exchange("GET", f"/v2/{PROJECT}/tasks", params={"page": page + 1, "page_size": 1000}, headers={"X-Auth-Token": token})
            for page in range((len(ids) + 999) // 1000)
        ]

    def act(self, token: str, id_: str) -> Exchange:
        return Exchange("PUT", f"/v2/{PROJECT}/tasks/{id_}/action/stop", headers={"X-Auth-Token": token})


class Iotda(_Huawei):
    """Whole batch tasks. Each is read from its own page, since the row of a list contains all devices and may have megabytes."""

    name = "iotda"
    module = "iotda_batchtask"
    switches: Mapping[str, Any] = {"stopping": 0}
    rows = ("batchtasks",)
    one = ("batchtask",)
    id_member, member, goal = "task_id", "status", "Stopped"
    batch_tasks = f"/v5/iot/{PROJECT}/batchtasks"

    def ids(self, count: int) -> list[str]:
        return [f"{number:024x}" for number in range(1, count + 1)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        return [self._task(id_, ["dev-a", "dev-b"], "Stopped" if is_right else "Processing") for id_ in self.ids(count)]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        return {**self._access(url), "task_ids": list(ids), "state": "stopped"}

    def show(self, token: str, id_: str) -> Exchange:
        return Exchange("GET", f"{self.batch_tasks}/{id_}", params={"limit": 1}, headers={"X-Auth-Token": token})

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        return [self.show(token, id_) for id_ in ids]

    def act(self, token: str, id_: str) -> Exchange:
        return Exchange("POST", f"{self.batch_tasks}/{id_}/stop", headers={"X-Auth-Token": token}, json={})

    def _task(self, id_: str, devices: Sequence[str], status: str) -> dict[str, Any]:
        fixed = {"task_name": f"upgrade-{id_[-5:]}", "task_type": "firmwareUpgrade", "project_id": PROJECT}
        return {"task_id": id_, **fixed, "status": status, "targets": list(devices)}


class IotdaDevices(Iotda):
    """Devices of one batch task. They are read in pages of 50, each with the marker of the one before, and stopped with calls of 100."""

    name = "iotda devices"
    vendor = "iotda"
    ids_option = "targets"
    rows = ("task_details",)
    id_member = "target"
    goal = "Stopped"

    def ids(self, count: int) -> list[str]:
        return [f"device-{number:05}" for number in range(count)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        return [self._task(BATCH_TASK, self.ids(count), "Stopped" if is_right else "Processing")]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        return {**self._access(url), "task_ids": [BATCH_TASK], "targets": list(ids), "state": "stopped"}

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        pages = (len(ids) + 49) // 50
        return [
            Exchange("GET", f"{self.batch_tasks}/{BATCH_TASK}", params={"limit": 50}, headers={"X-Auth-Token": token})
            for _page in range(pages)
        ]

    def acts(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        hundreds = [ids[start : start + 100] for start in range(0, len(ids), 100)]
        path = f"{self.batch_tasks}/{BATCH_TASK}/stop"
        return [Exchange("POST", path, headers={"X-Auth-Token": token}, json={"targets": list(part)}) for part in hundreds]


class Boro(Api):
    name = "ctrlapi"
    module = "ctrlapi_task"
    switches: Mapping[str, Any] = {"stop_delay": 0}
    rows = ("reply", 0, "result")
    one = ("reply", 0, "result", 0)
    id_member, member, goal = "task_id", "status", "Stopped"
    one_call_for_all = True
    path = "/ctrl_api/v1/json"

    def ids(self, count: int) -> list[str]:
        return [str(200_000 + number) for number in range(count)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        status = "Stopped" if is_right else "Started"
        fixed = {"project_id": 23, "app_id": 537, "status": status}
        return [{"task_id": int(id_), "name": f"stream {id_}", **fixed} for id_ in self.ids(count)]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        access = {"url": url, "dialect": "live", "user_id": 4, "project_id": [23]}
        return {**access, "task_ids": [int(id_) for id_ in ids], "state": "paused"}

    def show(self, token: str, id_: str) -> Exchange:
        return self._call("TaskInfo", [[id_]])

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        return [self._call("TaskInfo", self._hundreds(ids))]

    def acts(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        return [self._call("TaskStop", self._hundreds(ids))]

    def act(self, token: str, id_: str) -> Exchange:
        return self._call("TaskStop", [[id_]])

    def _hundreds(self, ids: Sequence[str]) -> list[Sequence[str]]:
        return [ids[start : start + 100] for start in range(0, len(ids), 100)]

    def _call(self, method: str, parts: Sequence[Sequence[str]]) -> Exchange:
        methods = [
            {"method": method, "id": number, "params": {"project_id": 23, "task_ids": [self._number(id_) for id_ in part]}}
            for number, part in enumerate(parts, start=1)
        ]
        return Exchange("POST", self.path, json={"user_id": 4, "methods": methods})

    @staticmethod
    def _number(id_: str) -> int | str:
        return int(id_) if id_.isdecimal() else id_.replace("item", "item | int")


class Hitachi(Api):
    """Runs that haven't begun, since JP1/AO can't pause others."""

    name = "hitachi"
    module = "hitachi_task"
    rows = ("data",)
    one = ()
    id_member, member, goal = "instanceID", "status", "suspended"
    objects = "/Automation/v1/objects"
    headers: Mapping[str, str] = {"Authorization": "Basic " + base64.b64encode(b"system:manager").decode(), "Accept-Language": "en"}

    def ids(self, count: int) -> list[str]:
        return [str(50_000 + number) for number in range(count)]

    def tasks(self, count: int, *, is_right: bool) -> list[dict[str, Any]]:
        fixed = {"status": "suspended" if is_right else "waiting", "scheduleType": "schedule", "starts_in": 86400}
        return [{"instanceID": int(id_), "name": f"run {id_}", "scheduleID": 100_000 + int(id_), **fixed} for id_ in self.ids(count)]

    def options(self, url: str, ids: Sequence[str]) -> dict[str, Any]:
        return {"url": url, "username": "system", "password": "manager", "task_ids": list(ids), "state": "paused"}

    def show(self, token: str, id_: str) -> Exchange:
        return Exchange("GET", f"{self.objects}/Tasks/{id_}", headers=self.headers)

    def lists(self, token: str, ids: Sequence[str]) -> list[Exchange]:
        """The reads, with filters by id, as many ids as fit into an address."""
        if len(ids) == 1:
            return [self.show(token, ids[0])]
        parts = [ids[start : start + 750] for start in range(0, len(ids), 750)]
        return [
            Exchange(
                "GET",
                f"{self.objects}/Tasks",
                params={"HQL::filter": f"instanceID in [{','.join(part)}]", "page": 1, "pageSize": len(part)},
                headers=self.headers,
            )
            for part in parts
        ]

    def act(self, token: str, id_: str) -> Exchange:
        """An action on the schedule, whose id is 100,000 above that of the task here."""
        schedule = str(100_000 + int(id_)) if id_.isdecimal() else "{{ 100000 + item | int }}"
        path = f"{self.objects}/Schedules/{schedule}/actions/suspend/invoke"
        body = {"name": "suspend", "href": path, "method": "POST", "parameters": []}
        return Exchange("POST", path, headers=self.headers, json=body)


APIS: dict[str, Api] = {api.name: api for api in (TotalControl(), Vias(), Boro(), Hitachi(), Iotda(), IotdaDevices())}


def inside(document: Any, path: Sequence[str | int]) -> Any:
    """The value at this path of a JSON document."""
    for member in path:
        document = document[member]
    return document
