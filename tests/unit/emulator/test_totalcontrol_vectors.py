# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test vectors of vendors/totalcontrol.md, section 8, one by one and over real sockets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.wire import Answer, send

BASE = "/TotalControl/v1"
TEXT = re.compile(r"emulator: .+")


def statuses(emulator: Control, token: str) -> dict[str, int]:
    tasks = send(emulator.port, f"GET {BASE}/tasks?token={token}").json["value"]
    return {task["task_name"]: task["status"] for task in tasks}


def is_refusal(answer: Answer) -> bool:
    value: Any = answer.json
    return answer.status == 200 and list(value) == ["status", "value"] and value["status"] is None and bool(TEXT.fullmatch(value["value"]))


def test_1_login_gives_the_token(emulator: Control) -> None:
    emulator.set_switches(first_token="veLZf8EL7gUoyFOL")
    answer = send(emulator.port, f"GET {BASE}/login\nAuthorization: c2lnbWE6M0QzOTE0OTc=")
    assert answer.status == 200
    assert answer.text == '{"status":true,"value":{"token":"veLZf8EL7gUoyFOL"}}'


def test_2_login_with_a_wrong_password_in_the_new_edition(emulator: Control) -> None:
    assert is_refusal(send(emulator.port, f"GET {BASE}/login\nAuthorization: c2lnbWE6d3Jvbmc="))


def test_2_login_with_a_wrong_password_in_the_old_edition(emulator: Control) -> None:
    emulator.set_switches(edition="old")
    answer = send(emulator.port, f"GET {BASE}/login\nAuthorization: c2lnbWE6d3Jvbmc=")
    assert (answer.status, answer.text) == (200, '{"status":false}')


def test_3_login_with_the_basic_prefix_fails(emulator: Control) -> None:
    assert is_refusal(send(emulator.port, f"GET {BASE}/login\nAuthorization: Basic c2lnbWE6M0QzOTE0OTc="))


def test_4_the_list(emulator: Control, token: str) -> None:
    answer = send(emulator.port, f"GET {BASE}/tasks?token={token}")
    assert answer.status == 200
    assert answer.text.startswith(
        r'{"status":true,"value":[{"task_id":1550772621934,"task_name":"task004(1)",'
        r'"script_file":"C:\\Users\\sigma\\Documents\\Scripts\\1.js","status":-5,"error_message":"","total_iterations":1,'
        r'"current_iteration":1,"start_time":"2019-02-19 15:26:10","end_time":"2019-02-20 14:25:21"},{'
    )


def test_5_the_list_with_raw_backslashes_is_no_json(emulator: Control, token: str) -> None:
    emulator.set_switches(raw_backslashes=True)
    answer = send(emulator.port, f"GET {BASE}/tasks?token={token}")
    assert r'"script_file":"C:\Users\sigma\Documents\Scripts\1.js"' in answer.text
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_6_one_task_in_the_new_edition(emulator: Control, token: str) -> None:
    answer = send(emulator.port, f"GET {BASE}/tasks/task01?token={token}")
    assert answer.status == 200
    assert re.fullmatch(
        r'\{"status":true,"value":\{"task_id":1551113151878,"task_name":"task01","script_file":"[^"]+","status":-6,'
        r'"error_message":"","total_iterations":1,"current_iteration":1,"start_time":"2019-02-21 22:17:00"\}\}',
        answer.text,
    )


def test_7_one_task_in_the_old_edition_has_no_wrapper_and_java_dates(emulator: Control, token: str) -> None:
    emulator.set_switches(edition="old")
    answer = send(emulator.port, f"GET {BASE}/tasks/task002?token={token}")
    assert answer.status == 200
    assert answer.text == (
        r'{"task_id":1545796084641,"task_name":"task002","script_file":"C:\\Users\\sigma\\Documents\\Scripts\\getName.js","status":-6,'
        r'"total_iterations":1,"current_iteration":1,"start_time":{"date":26,"day":3,"hours":10,"minutes":44,"month":11,"seconds":55,'
        r'"time":1545792295907,"timezoneOffset":-480,"year":118},"schedule":{"date":29,"day":6,"hours":15,"minutes":50,"month":11,'
        r'"seconds":0,"time":1546069800000,"timezoneOffset":-480,"year":118},"error_message":""}'
    )


def test_8_pause_with_the_parameters_in_the_query_of_an_empty_post(emulator: Control, token: str) -> None:
    assert statuses(emulator, token)["task004"] == -1
    answer = send(emulator.port, f"POST {BASE}/tasks/task004?action=pause&token={token}\nContent-Length: 0")
    assert (answer.status, answer.text) == (200, '{"status":true,"value":""}')
    assert statuses(emulator, token)["task004"] == -4


def test_9_pause_with_a_form_body(emulator: Control, token: str) -> None:
    head = f"POST {BASE}/tasks/task004\nContent-Type: application/x-www-form-urlencoded;charset=utf-8"
    answer = send(emulator.port, head, f"action=pause&token={token}".encode())
    assert (answer.status, answer.text) == (200, '{"status":true,"value":""}')
    assert statuses(emulator, token)["task004"] == -4


def test_10_stop_with_a_json_body_and_no_content_type(emulator: Control, token: str) -> None:
    answer = send(emulator.port, f"POST {BASE}/tasks/testScript", f'{{"action":"stop","token":"{token}"}}'.encode())
    assert (answer.status, answer.text) == (200, '{"status":true,"value":""}')
    assert statuses(emulator, token)["testScript"] == -5
    assert "Content-Type" not in dict(emulator.writes()[0]["headers"])


def test_11_resume_a_paused_task(emulator: Control, token: str) -> None:
    emulator.add_tasks({"task_name": "task004", "status": -4})
    head = f"POST {BASE}/tasks/task004\nContent-Type: application/x-www-form-urlencoded"
    answer = send(emulator.port, head, f"action=resume&token={token}".encode())
    assert (answer.status, answer.text) == (200, '{"status":true,"value":""}')
    assert statuses(emulator, token)["task004"] == -1


def test_12_an_action_on_no_such_task(emulator: Control, token: str) -> None:
    head = f"POST {BASE}/tasks/nosuch\nContent-Type: application/x-www-form-urlencoded"
    assert is_refusal(send(emulator.port, head, f"action=pause&token={token}".encode()))


def test_13_the_misprinted_second_question_mark_is_neither_action_nor_token(emulator: Control, token: str) -> None:
    assert is_refusal(send(emulator.port, f"POST {BASE}/tasks/testScript?action=pause?token={token}\nContent-Length: 0"))
    entry = emulator.writes()[0]
    assert entry["query"] == [["action", f"pause?token={token}"]]
    assert statuses(emulator, token)["testScript"] == -1


def test_14_a_bad_token_in_the_new_edition(emulator: Control) -> None:
    assert is_refusal(send(emulator.port, f"GET {BASE}/tasks?token=bad"))


def test_14_a_bad_token_in_the_old_edition(emulator: Control) -> None:
    emulator.set_switches(edition="old")
    answer = send(emulator.port, f"GET {BASE}/tasks?token=bad")
    assert (answer.status, answer.text) == (200, '{"status":false}')


def test_15_the_versions_have_no_wrapper(emulator: Control, token: str) -> None:
    answer = send(emulator.port, f"GET {BASE}/settings?q=versions&token={token}")
    assert (answer.status, answer.text) == (200, '{"software":"7.0.0.u1133718","javascript":"2.6.1","rest":"1.1.0"}')


@pytest.mark.parametrize(
    "path", ["/login", "/tasks", "/tasks/nosuch", "/tasks?token=TOK", "/tasks/task01?token=TOK", "/settings?q=versions&token=TOK"]
)
def test_all_answers_are_json_in_utf_8(emulator: Control, token: str, path: str) -> None:
    answer = send(emulator.port, f"GET {BASE}{path}".replace("TOK", token))
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
