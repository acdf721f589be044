# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors of vendors/ctrlapi.md, section 8, one by one and over real sockets; T12 and T13 are in test_signature.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.ctrlapi.api import PATH
from tests.unit.emulator.wire import Answer, send

HEAD = f"POST {PATH}\nContent-Type: application/json"


def post(emulator: Control, body: str) -> Answer:
    return send(emulator.port, HEAD, body.encode())


def replay(emulator: Control, asked: str, printed: str) -> None:
    answer = post(emulator, asked)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == json.loads(printed)


def read(emulator: Control, method: str, user: int, project: int, task: int, **more: Any) -> list[dict[str, Any]]:
    params = {"project_id": project, "task_ids": [task], **more}
    answer = post(emulator, json.dumps({"user_id": user, "methods": [{"method": method, "params": params}]}))
    found: list[dict[str, Any]] = answer.json["reply"][0]["result"]
    return found


def test_t1_vod_stops_one_running_task(vod_boro: Control) -> None:
    replay(
        vod_boro,
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":63}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":63,"status":"Stop request was sent"}]}]}',
    )
    states = [read(vod_boro, "TaskStatus", 1, 2, 63)[0]["status"] for _time in range(3)]
    assert states == ["Running", "Canceled", "Canceled"]


def test_t2_vod_stops_two(vod_boro: Control) -> None:
    replay(
        vod_boro,
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":[64,65]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":64,"status":"Stop request was sent"},'
        '{"task_id":65,"status":"Stop request was sent"}]}]}',
    )


def test_t3_vod_partial_success(vod_boro: Control) -> None:
    replay(
        vod_boro,
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":[66,67,68]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":66,"status":"Stop request was sent"},'
        '{"task_id":67,"status":"Stop request was sent"},{"task_id":68,"error":"Stopping task is unavailable"}]}]}',
    )


@pytest.mark.parametrize(
    ("task", "state"),
    [(70, "Scheduled"), (71, "Explore"), (72, "Completed"), (73, "Rejected"), (74, "Canceled"), (75, "Stalled")],
)
def test_t4_vod_stops_running_tasks_only(vod_boro: Control, task: int, state: str) -> None:
    assert read(vod_boro, "TaskStatus", 1, 2, task)[0]["status"] == state
    replay(
        vod_boro,
        f'{{"user_id":1,"methods":[{{"method":"TaskStop","params":{{"project_id":2,"task_ids":{task}}}}}]}}',
        f'{{"reply":[{{"method":"TaskStop","result":[{{"task_id":{task},"error":"Stopping task is unavailable"}}]}}]}}',
    )
    assert read(vod_boro, "TaskStatus", 1, 2, task)[0]["status"] == state


def test_t5_live_stops_two(live_boro: Control) -> None:
    replay(
        live_boro,
        '{"user_id":4,"methods":[{"method":"TaskStop", "params":{"project_id":23,"task_ids":[241458,241456]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":241458,"status":"Stop request was sent"},'
        '{"task_id":241456,"status":"Stop request was sent"}]}]}',
    )


RESUME = '{"user_id":4,"methods":[{"method":"TaskResume", "params":{"project_id":23,"task_ids":241555}}]}'
RESUMED = '{"reply":[{"method":"TaskResume","result":[{"task_id":241555,"status":"Scheduled"}]}]}'


@pytest.mark.parametrize("end", ["Started", "Rejected"])
def test_t6_live_resumes_one(live_boro: Control, end: str) -> None:
    live_boro.set_switches(resume_ends=end)
    replay(live_boro, RESUME, RESUMED)
    states = [read(live_boro, "TaskInfo", 4, 23, 241555)[0]["status"] for _time in range(3)]
    assert states == ["Scheduled", end, end]


def test_t7_live_active_tasks_of_a_probe(live_boro: Control) -> None:
    replay(
        live_boro,
        '{"user_id":4,"methods":[{"method":"AppTasks","params":{"project_id":23,"app_ids":702}}]}',
        '{"reply":[{"method":"AppTasks","result":[{"app_id":702,"live_tasks":[199498,212651],"sub_tasks":{"212651":[227531,227532,227533]}}]}]}',
    )


def test_t8_live_probes(live_boro: Control) -> None:
    replay(
        live_boro,
        '{"user_id":4,"methods":[{"method":"AppList","params":{"project_id":23}}]}',
        '{"reply":[{"method":"AppList","result":[{"app_id":537,"name":"CenOS pro probe","alive":true},'
        '{"app_id":462,"name":"Experimental probe","alive":true},{"app_id":461,"name":"IPTV edge","alive":false}]}]}',
    )


def test_t9_vod_probes(vod_boro: Control) -> None:
    replay(
        vod_boro,
        '{"user_id":1,"methods":[{"method":"AppList","params":{"project_id":2}}]}',
        '{"reply":[{"method":"AppList","result":[{"app_id":1,"name":"Probe Ubuntu 20","alive":true},'
        '{"app_id":2,"name":"Probe Ubuntu 22","alive":true}]}]}',
    )


def test_t10_live_reads_two_projects_in_one_request(live_boro: Control) -> None:
    live_boro.put_tasks(
        [
            {"task_id": 241458, "project_id": 23, "app_id": 702, "uri": "udp://235.0.0.8:1234", "name": "A", "status": "Started"},
            {"task_id": 241456, "project_id": 24, "app_id": 703, "uri": "udp://235.0.0.9:1234", "name": "B", "status": "Stopped"},
        ]
    )
    replay(
        live_boro,
        '{"user_id":4,"methods":[{"method":"TaskInfo","id":1,"params":{"project_id":23,"task_ids":[241458]}},'
        '{"method":"TaskInfo","id":2,"params":{"project_id":24,"task_ids":[241456]}}]}',
        '{"reply":[{"method":"TaskInfo","id":1,"result":[{"task_id":241458,"app_id":702,"uri":"udp://235.0.0.8:1234","name":"A",'
        '"status":"Started"}]},{"method":"TaskInfo","id":2,"result":[{"task_id":241456,"app_id":703,"uri":"udp://235.0.0.9:1234",'
        '"name":"B","status":"Stopped"}]}]}',
    )


def test_t11_vod_reads_a_restart_chain(vod_boro: Control) -> None:
    replay(
        vod_boro,
        '{"user_id":1,"methods":[{"method":"TaskStatus","params":{"project_id":2,"task_ids":[80],"restart_chain":"all"}}]}',
        '{"reply":[{"method":"TaskStatus","result":[{"task_id":80,"initial_task_id":80,"status":"Stalled"},'
        '{"task_id":81,"initial_task_id":80,"status":"Running"}]}]}',
    )


@pytest.mark.parametrize(("part", "tasks"), [({"restart_chain": "exact"}, [80]), ({"restart_chain": "last"}, [81]),
                                             ({"restart_chain": "first"}, [80]), ({}, [80, 81])])  # fmt: skip
def test_t11_parts_of_the_chain(vod_boro: Control, part: dict[str, str], tasks: list[int]) -> None:
    assert [item["task_id"] for item in read(vod_boro, "TaskStatus", 1, 2, 80, **part)] == tasks


STOP_63 = '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":63}}]}'


def test_t14_signing_is_on_and_the_request_is_not_signed(vod_boro: Control) -> None:
    vod_boro.set_switches(verify_hmac=True)
    assert post(vod_boro, STOP_63).status == 401
    assert not vod_boro.writes()[0]["took_effect"]


def test_t15_nginx_is_closed(vod_boro: Control) -> None:
    vod_boro.set_switches(nginx_closed=True)
    answer = post(vod_boro, STOP_63)
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html")
    assert "<center><h1>403 Forbidden</h1></center>" in answer.text
    assert not vod_boro.writes()[0]["took_effect"]
