# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors of vendors/huawei_vias.md, section 8, one by one and over real sockets."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.huawei.world import BATCH, OTHER, PROJECT, TASK, TOKENS, date_of, login, sdk_signed
from tests.unit.emulator.wire import Answer, send

BASE = f"/v2/{PROJECT}"


class Wire:
    def __init__(self, emulator: Control, token: str) -> None:
        self.emulator = emulator
        self.token = token

    def ask(self, line: str, token: str | None = None) -> Answer:
        more = "\nContent-Length: 0" if line.startswith("PUT") else ""
        return send(self.emulator.port, f"{line}\nX-Auth-Token: {token or self.token}{more}")

    def states(self, count: int, task: str = TASK) -> list[str]:
        return [self.ask(f"GET {BASE}/tasks/{task}").json["state"] for _time in range(count)]


@pytest.fixture
def wire(emulator: Control, token: str) -> Wire:
    return Wire(emulator, token)


def error(answer: Answer) -> tuple[int, str, str]:
    """Checks the six members on the way."""
    value: Any = answer.json
    assert list(value) == ["error_code", "error_msg", "detail", "params", "reason", "advice"]
    assert (value["params"], value["reason"], value["advice"]) == ([], value["error_msg"], value["error_msg"])
    return answer.status, value["error_code"], value["error_msg"]


def test_1_a_task_in_full(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/tasks/{TASK}")
    assert answer.status == 200
    assert answer.json == {
        "id": TASK,
        "name": "gate-intrusion",
        "creator": "user_test",
        "project_id": PROJECT,
        "service_id": "8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f70",
        "created_at": "2024-01-15T08:30:00Z",
        "input": {"type": "video_source", "data": [{"video_source_id": "emulator"}]},
        "output": {"webhook": {"url": "https://example.com/cb"}},
        "config": {"common": {}},
        "video_source_name": "gate-cam-1",
        "title": "入侵检测",
        "type": "cloud",
        "algorithm_publish_id": "3a6f1c1e-6b5c-4f0e-9a43-0d6a5a1f2b3c",
        "updated_at": "2024-01-15T09:00:00Z",
        "state": "RUNNING",
    }


def test_2_stop(wire: Wire) -> None:
    answer = wire.ask(f"PUT {BASE}/tasks/{TASK}/action/stop")
    assert (answer.status, answer.text) == (200, f'{{"id":"{TASK}","status_code":200,"status_msg":"success"}}')
    assert wire.states(3) == ["STOPPING", "STOPPED", "STOPPED"]


def test_3_start(wire: Wire) -> None:
    stopped = "61761681a6014e7c9024d642a0d4d412"
    answer = wire.ask(f"PUT {BASE}/tasks/{stopped}/action/start")
    assert (answer.status, answer.text) == (200, f'{{"id":"{stopped}","status_code":200,"status_msg":"success"}}')
    assert wire.states(4, stopped) == ["PENDING", "STARTING", "RUNNING", "RUNNING"]


def test_4_stop_with_an_empty_answer(wire: Wire) -> None:
    wire.emulator.set_switches(action_answer="none")
    answer = wire.ask(f"PUT {BASE}/tasks/{TASK}/action/stop")
    assert (answer.status, answer.body) == (200, b"")
    assert wire.states(2) == ["STOPPING", "STOPPED"]


def test_5_stop_of_a_stopped_task(wire: Wire) -> None:
    answer = wire.ask(f"PUT {BASE}/tasks/61761681a6014e7c9024d642a0d4d412/action/stop")
    assert error(answer) == (500, "VIAS.00010012", "This operation is not allowed.")


@pytest.mark.parametrize("line", ["GET {}/tasks/nosuch", "PUT {}/tasks/nosuch/action/stop", "PUT {}/tasks/nosuch/action/start"])
def test_6_an_unknown_task(wire: Wire, line: str) -> None:
    assert error(wire.ask(line.format(BASE))) == (400, "VIAS.00010007", "No task is found based on the task ID.")


@pytest.mark.parametrize("command", ["pause", "STOP", "resume"])
def test_7_an_unknown_command(wire: Wire, command: str) -> None:
    answer = wire.ask(f"PUT {BASE}/tasks/{TASK}/action/{command}")
    assert error(answer) == (400, "VIAS.00010001", "The parameters are invalid.")


def test_8_a_wrong_method(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/tasks/{TASK}/action/stop")
    assert error(answer) == (500, "VIAS.00010006", "An internal error occurs.")
    assert answer.json["detail"] == "Request method 'GET' not supported"


def test_9_the_list_is_newest_first(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/tasks?page=1&page_size=1000")
    assert answer.status == 200
    assert {**answer.json, "tasks": answer.json["tasks"][:2]} == {
        "count": 7,
        "page": 1,
        "page_size": 1000,
        "tasks": [
            {
                "id": TASK,
                "name": "gate-intrusion",
                "service_id": "8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f70",
                "created_at": "2024-01-15T08:30:00Z",
                "state": "RUNNING",
                "video_source_name": "gate-cam-1",
                "title": "入侵检测",
                "type": "0",
                "algorithm_publish_id": "3a6f1c1e-6b5c-4f0e-9a43-0d6a5a1f2b3c",
            },
            {
                "id": "61761681a6014e7c9024d642a0d4d412",
                "name": "yard-smoke",
                "service_id": "8f0c2a6e5b1d4c7e9a3f1b2c4d5e6f71",
                "created_at": "2024-01-14T08:30:00Z",
                "state": "STOPPED",
                "video_source_name": "yard-cam-2",
                "title": "烟火检测",
                "type": "1",
                "algorithm_publish_id": "9d2b7c44-1f3e-4a86-8d55-6f7e8a9b0c1d",
            },
        ],
    }
    created = [task["created_at"] for task in answer.json["tasks"]]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize("size", [4, 1001])
def test_10_a_page_that_is_too_small_or_too_large(wire: Wire, size: int) -> None:
    assert error(wire.ask(f"GET {BASE}/tasks?page_size={size}"))[:2] == (400, "VIAS.00010001")


@pytest.mark.parametrize(("count", "told"), [("page", 2), ("total", 7)])
def test_11_the_second_page_of_seven_tasks(wire: Wire, count: str, told: int) -> None:
    wire.emulator.set_switches(count=count)
    answer = wire.ask(f"GET {BASE}/tasks?page=2&page_size=5").json
    assert (answer["count"], answer["page"], answer["page_size"], len(answer["tasks"])) == (told, 2, 5, 2)


def test_12_the_tasks_of_a_batch_configuration(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/tasks?batch_id={BATCH}").json
    assert [task["name"] for task in answer["tasks"]] == ["night-1", "night-2", "night-3"]


def test_13_start_of_a_batch_configuration(wire: Wire) -> None:
    wire.emulator.put_tasks([{"id": TASK, "state": "STOPPED", "batch_id": BATCH}])
    answer = wire.ask(f"PUT {BASE}/batch-tasks/{BATCH}/action/start")
    assert answer.status == 200
    assert answer.text == f'{{"total_count":1,"failed_count":0,"succeed_count":1,"id":"{BATCH}","error_list":[]}}'
    assert wire.states(3) == ["PENDING", "STARTING", "RUNNING"]


def test_14_start_of_a_batch_configuration_with_a_frozen_task(wire: Wire) -> None:
    states = {"a": "STOPPED", "b": "FROZEN", "c": "FAILED"}
    wire.emulator.put_tasks([{"id": task, "state": state, "batch_id": BATCH} for task, state in states.items()])
    answer = wire.ask(f"PUT {BASE}/batch-tasks/{BATCH}/action/start").json
    assert len(answer.pop("error_list")) == 1
    assert answer == {"total_count": 3, "failed_count": 1, "succeed_count": 2, "id": BATCH}
    assert [wire.states(1, task)[0] for task in states] == ["PENDING", "FROZEN", "PENDING"]


def test_15_an_unknown_batch_configuration(wire: Wire) -> None:
    answer = wire.ask(f"PUT {BASE}/batch-tasks/unknown/action/stop")
    assert error(answer) == (400, "VIAS.00010008", "No task is found based on the ID.")


def test_16_a_bad_token(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/tasks", token="bad")
    assert list(answer.json) == ["error_msg", "error_code", "request_id"]
    told = (answer.status, answer.json["error_code"], answer.json["error_msg"])
    assert told == (401, "APIGW.0301", "Incorrect IAM authentication information: decrypt token fail")


def test_17_a_token_without_rights(wire: Wire) -> None:
    token = send(wire.emulator.port, TOKENS, json.dumps(login("guest")).encode()).headers["X-Subject-Token"]
    assert error(wire.ask(f"GET {BASE}/tasks", token)) == (401, "VIAS.00010005", "Authorization failed.")


def test_17_a_token_of_another_project(wire: Wire) -> None:
    assert error(wire.ask(f"GET /v2/{OTHER}/tasks")) == (401, "VIAS.00010005", "Authorization failed.")


@pytest.mark.parametrize(
    "path", ["/v2", "/v1/{}/tasks", "/v2/{}/jobs", "/v2/{}/tasks/", "/v2/{}/tasks/a/action", "/v2/{}/tasks/a/action/stop/b"]
)
def test_18_an_unknown_path(wire: Wire, path: str) -> None:
    answer = wire.ask(f"GET {path.format(PROJECT)}")
    told = (answer.status, answer.json["error_code"], answer.json["error_msg"])
    assert told == (404, "APIGW.0101", "The API does not exist or has not been published in the environment")


def test_19_the_batch_configurations(wire: Wire) -> None:
    answer = wire.ask(f"GET {BASE}/batch-tasks?type_like=batch_task_name&name_like=night").json
    (batch,) = answer["batch_task_list"]
    counters = batch["batch_task_status_info"]
    assert answer["count"] == 1
    assert (batch["id"], batch["batch_task_name"], batch["num_task"]) == (BATCH, "night", 3)
    assert len(counters) == 18
    assert {state: number for state, number in counters.items() if number} == {"running": 2, "stopped": 1}


def test_19_the_time_of_a_batch_configuration_is_in_milliseconds(wire: Wire) -> None:
    wire.emulator.put_tasks([{"id": TASK, "batch_id": BATCH, "created_at": "2024-01-15T08:30:00Z"}])
    answer = wire.ask(f"GET {BASE}/batch-tasks").json
    assert answer["batch_task_list"][0]["created_at"] == 1705307400000


def test_a_signed_request_over_a_socket(wire: Wire) -> None:
    port = wire.emulator.port
    request = sdk_signed("PUT", f"{BASE}/tasks/{TASK}/action/stop", date=date_of(time.time()), host=f"localhost:{port}")
    head = "\n".join(f"{name}: {value}" for name, value in request.headers.items() if name != "Host")
    answer = send(port, f"PUT {request.target}\n{head}\nContent-Length: 0")
    assert (answer.status, answer.json["status_msg"]) == (200, "success")


@pytest.mark.parametrize("line", ["GET {}/tasks", "GET {}/tasks/nosuch", "PUT {}/tasks/nosuch/action/stop", "GET {}/nothing"])
def test_every_answer_has_a_request_id(wire: Wire, line: str) -> None:
    assert len(wire.ask(line.format(BASE)).headers["X-Request-Id"]) == 32
