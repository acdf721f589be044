# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request/response pairs of vendors/iotda.md, section 8.2, one by one and over real sockets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.iotda.api import BASE, PROJECT, T, token_request
from tests.unit.emulator.iotda.signer import SignedBy
from tests.unit.emulator.wire import Answer, send

FIRST, SECOND = "e495cf17-ff79-4294-8f64-4d367919d665", "e495cf17-ff79-4294-8f64-4d367919d677"
PARTIAL, STOPPED = "6576f1a030344005c0231704", "6576f1a030344005c0231705"
FREEZE = "6576f1a030344005c0231708"
PLACEHOLDER = "IOTDA.0142XX"


class Wire:
    """A client with a token."""

    def __init__(self, emulator: Control) -> None:
        self.port = emulator.port
        answer = send(self.port, "POST /v3/auth/tokens\nContent-Type: application/json", token_request())
        self.token = answer.headers["X-Subject-Token"]

    def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        answer = send(self.port, f"{method} {BASE}{path}\nContent-Type: application/json\nX-Auth-Token: {self.token}", body)
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
        assert not answer.body or answer.headers["Content-Type"] == "application/json"
        return answer

    def status(self, task: str = T) -> str:
        return str(self.ask("GET", f"/{task}?limit=1").json["batchtask"]["status"])

    def progress(self, task: str = T) -> dict[str, int]:
        progress: dict[str, int] = self.ask("GET", f"/{task}?limit=1").json["batchtask"]["task_progress"]
        return progress


@pytest.fixture
def wire(iotda: Control) -> Wire:
    return Wire(iotda)


def is_refused(answer: Answer, status: int = 403) -> bool:
    start = "Operation not allowed. " if status == 403 else "Invalid input. "
    return (answer.status, answer.json["error_code"]) == (status, PLACEHOLDER) and answer.json["error_msg"].startswith(start)


def test_v1_the_list_newest_first(wire: Wire) -> None:
    answer = wire.ask("GET", "?task_type=softwareUpgrade&limit=50")
    ids = [task["task_id"] for task in answer.json["batchtasks"]]
    assert answer.status == 200
    assert ids == sorted(ids, reverse=True)
    assert answer.json["page"] == {"count": 5, "marker": ids[-1]}


def test_v2_the_list_without_task_type(wire: Wire) -> None:
    answer = wire.ask("GET", "?limit=50")
    assert (answer.status, answer.text) == (400, '{"error_code":"IOTDA.000006","error_msg":"Invalid input data."}')


def test_v3_limit_out_of_range(wire: Wire) -> None:
    answer = wire.ask("GET", "?task_type=softwareUpgrade&limit=51")
    assert (answer.status, answer.json) == (
        400,
        {"error_code": "IOTDA.000017", "error_msg": "Invalid input. The specified parameter 'limit' is out of range."},
    )


def test_v4_one_task_and_one_of_its_three_subtasks(wire: Wire) -> None:
    answer = wire.ask("GET", f"/{T}?limit=1")
    assert answer.status == 200
    assert answer.text == (
        '{"batchtask":{"task_id":"5c8ba99030344005c02316ad","task_name":"fw_2025_01","task_type":"firmwareUpgrade","need_confirm":false,'
        f'"targets":["dev_a","{SECOND}","dev_c"],"document":{{"package_ids":["32822e5744a45ede319d2c50"]}},'
        '"task_policy":{"retry_count":2,"retry_interval":5},"status":"Processing","status_desc":"",'
        '"task_progress":{"total":3,"processing":1,"success":1,"fail":0,"waitting":1,"fail_wait_retry":0,"stopped":0,"removed":0},'
        '"create_time":"20250102T030405Z"},"task_details":[{"target":"dev_c","status":"Processing"}],'
        '"page":{"count":3,"marker":"5c8ba9a030344005c02316b0"}}'
    )


def test_v5_no_such_task(wire: Wire) -> None:
    answer = wire.ask("GET", "/000000000000000000000000")
    assert (answer.status, list(answer.json)) == (404, ["error_code", "error_msg"])


def test_v6_stop(wire: Wire) -> None:
    answer = wire.ask("POST", f"/{T}/stop", b"{}")
    assert answer.status == 200
    assert answer.json == {"targets": [{"target": SECOND, "status": "success"}, {"target": "dev_c", "status": "success"}]}
    assert [wire.status(), wire.status()] == ["Stopping", "Stopped"]
    assert wire.progress() | {"total": 0} == {
        "total": 0, "processing": 0, "success": 1, "fail": 0, "waitting": 0, "fail_wait_retry": 0, "stopped": 2, "removed": 0
    }  # fmt: skip


def test_v7_stop_of_two_targets_one_of_them_not_in_the_task(wire: Wire) -> None:
    answer = wire.ask("POST", f"/{T}/stop", json.dumps({"targets": [FIRST, SECOND]}).encode())
    assert (answer.status, answer.json) == (
        200,
        {
            "targets": [
                {
                    "target": FIRST,
                    "status": "failure",
                    "error_code": "IOTDA.014219",
                    "error_msg": "Invalid input. The target is not in the task",
                },
                {"target": SECOND, "status": "success"},
            ]
        },
    )


@pytest.mark.parametrize("knob", [403, 400])
@pytest.mark.parametrize("status", ["Stopped", "Stopping", "Success", "Fail", "PartialSuccess"])
def test_v8_stop_of_a_task_that_has_ended_or_is_ending(wire: Wire, iotda: Control, status: str, knob: int) -> None:
    iotda.set_switches(refused_status=knob)
    iotda.add_tasks({"task_id": T, "status": status})
    assert is_refused(wire.ask("POST", f"/{T}/stop", b"{}"), knob)


def test_v9_stop_of_a_task_of_another_type(wire: Wire) -> None:
    assert is_refused(wire.ask("POST", f"/{FREEZE}/stop", b"{}"))


def test_v10_stop_of_101_targets(wire: Wire) -> None:
    answer = wire.ask("POST", f"/{T}/stop", json.dumps({"targets": [f"dev_{number}" for number in range(101)]}).encode())
    assert (answer.status, answer.json["error_code"]) == (400, "IOTDA.000006")


def test_v11_retry_of_a_partial_success(wire: Wire) -> None:
    assert wire.ask("POST", f"/{PARTIAL}/retry", b"{}").status == 200
    assert wire.status(PARTIAL) == "Processing"
    progress = wire.progress(PARTIAL)
    assert (progress["processing"], progress["success"]) == (2, 2)


@pytest.mark.parametrize("status", ["Stopped", "Success", "Stopping", "Waitting", "Initializing"])
def test_v12_retry_where_it_is_refused(wire: Wire, iotda: Control, status: str) -> None:
    iotda.add_tasks({"task_id": T, "status": status})
    assert is_refused(wire.ask("POST", f"/{T}/retry", b"{}"))


def test_v13_confirm_of_a_held_task(wire: Wire) -> None:
    held = "6576f1a030344005c0231702"
    assert wire.status(held) == "Waitting"
    assert wire.ask("POST", f"/{held}/confirm", b"{}").status == 200
    assert wire.status(held) == "Processing"


def test_v14_delete(wire: Wire) -> None:
    answer = wire.ask("DELETE", f"/{STOPPED}")
    assert (answer.status, answer.body) == (204, b"")
    assert wire.ask("GET", f"/{STOPPED}").status == 404
    assert is_refused(wire.ask("DELETE", f"/{T}"))


def test_v15_the_standard_signature_on_an_instance_host(iotda: Control) -> None:
    answer = SignedBy("standard").send(iotda.port, "GET", f"{BASE}/{T}")
    assert (answer.status, answer.text) == (401, '{"error_code":"IOTDA.000002","error_msg":"Authentication failed."}')


def test_v15_the_same_with_the_older_answer(iotda: Control) -> None:
    iotda.set_switches(wrong_algorithm=400)
    answer = SignedBy("standard").send(iotda.port, "GET", f"{BASE}/{T}")
    assert answer.status == 400
    assert answer.json["error_msg"] == "Missing request header 'X-Auth-Token' for method parameter of type String"


def failures_of_v16() -> dict[str, dict[str, Any]]:
    return {
        "wrong SK": {"secret": "wrong"},
        "changed body": {"sent_body": b'{"targets":["dev_c"]}'},
        "service name iotda": {"service": "iotda"},
    }


@pytest.mark.parametrize("wrong", failures_of_v16())
def test_v16_a_signature_that_is_wrong(iotda: Control, wrong: str) -> None:
    answer = SignedBy("derived", **failures_of_v16()[wrong]).send(iotda.port, "POST", f"{BASE}/{T}/stop", b"{}")
    assert (answer.status, answer.json["error_code"]) == (401, "IOTDA.000002")


def test_v16_the_same_signature_without_the_mistake(iotda: Control) -> None:
    assert SignedBy("derived").send(iotda.port, "POST", f"{BASE}/{T}/stop", b"{}").status == 200


def test_v17_the_token(iotda: Control) -> None:
    answer = send(iotda.port, "POST /v3/auth/tokens\nContent-Type: application/json", token_request())
    assert (answer.status, bool(answer.headers["X-Subject-Token"])) == (201, True)
    assert answer.json["token"]["project"]["id"] == PROJECT
    assert "expires_at" in answer.json["token"]


def test_v18_a_good_token_without_the_permission(iotda: Control) -> None:
    body = token_request(user="guest", password="guest-secret")
    token = send(iotda.port, "POST /v3/auth/tokens\nContent-Type: application/json", body).headers["X-Subject-Token"]
    answer = send(iotda.port, f"GET {BASE}/{T}\nX-Auth-Token: {token}")
    assert (answer.status, answer.json) == (
        403,
        {"error_code": "IOTDA.000022", "error_msg": "Operation not allowed. The user does not have the permission"},
    )


def test_v19_create_for_an_unknown_group(wire: Wire, iotda: Control) -> None:
    iotda.set_switches(initializing=0)
    body = {"task_name": "fw", "task_type": "firmwareUpgrade", "targets_filter": {"group_ids": ["nosuch"]}}
    answer = wire.ask("POST", "", json.dumps(body).encode())
    assert (answer.status, answer.json["status"]) == (201, "Initializing")
    shown = wire.ask("GET", f"/{answer.json['task_id']}").json
    assert (shown["batchtask"]["status"], shown["task_details"]) == ("Fail", [])
    assert shown["batchtask"]["status_desc"]
