# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control address: tasks, switches, the journal, the clock, reset; and what it says to a mistake."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.emulator.client import Control, ControlError
from tests.unit.emulator.wire import send

BASE = "/TotalControl/v1"


def read(emulator: Control, token: str) -> Any:
    return send(emulator.port, f"GET {BASE}/tasks?token={token}").json


# --- tasks ----------------------------------------------------------------------------------------------------------


def test_put_replaces_all_tasks(emulator: Control, token: str) -> None:
    emulator.put_tasks([{"task_name": "a", "status": -4}, {"task_name": "b", "status": 0}])
    assert [(task["task_name"], task["status"]) for task in read(emulator, token)["value"]] == [("a", -4), ("b", 0)]


def test_post_updates_by_id_or_name_and_adds_the_rest(emulator: Control) -> None:
    emulator.put_tasks([{"task_id": 7, "task_name": "a", "status": -1}, {"task_name": "b", "status": -1}])
    emulator.add_tasks({"task_id": 7, "status": -4}, {"task_name": "b", "status": -5}, {"task_name": "c", "status": -6})
    assert [(task["task_name"], task["status"]) for task in emulator.tasks()] == [("a", -4), ("b", -5), ("c", -6)]


def test_delete_leaves_none(emulator: Control) -> None:
    emulator.delete_tasks()
    assert emulator.tasks() == []


def test_what_was_read_can_be_put_back(emulator: Control) -> None:
    before = emulator.tasks()
    after = emulator.put_tasks(before)
    keep = [{name: value for name, value in task.items() if name != "history"} for task in before]
    assert [{name: value for name, value in task.items() if name != "history"} for task in after] == keep


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ({"name": "x"}, "a task has no 'name'; known: task_id, task_name"),
        ({"task_name": "x", "status": "-1"}, "status of a task can't be '-1'"),
        ({"task_name": "x", "start_time": "yesterday"}, "start_time"),
        ({"status": -1}, "a new task needs a task_name"),
    ],
)
def test_a_bad_task_changes_nothing(emulator: Control, task: dict[str, Any], told: str) -> None:
    before = emulator.tasks()
    with pytest.raises(ControlError, match="400") as error:
        emulator.put_tasks([{"task_name": "good", "status": -1}, task])
    assert told in str(error.value)
    assert emulator.tasks() == before


def test_thousands_of_tasks_can_be_put(emulator: Control, token: str) -> None:
    emulator.put_tasks([{"task_name": f"task {number}", "status": -1, "script_file": "C:\\" + "x" * 200} for number in range(5000)])
    assert len(read(emulator, token)["value"]) == 5000


def test_an_unknown_act_names_the_known_ones(emulator: Control) -> None:
    with pytest.raises(ControlError, match=r"400.*known: pause, resume, stop, start, end, fail, rename, delete, set"):
        emulator.act("task004", "explode")


def test_an_outside_actor_can_not_do_the_impossible(emulator: Control) -> None:
    with pytest.raises(ControlError, match="resume is not possible at -1"):
        emulator.act("task004", "resume")


def test_an_act_is_no_request(emulator: Control) -> None:
    emulator.act("task004", "fail", message="phone gone")
    assert emulator.journal() == []
    task = next(task for task in emulator.tasks() if task["task_name"] == "task004")
    assert (task["status"], task["error_message"]) == (-3, "phone gone")


# --- switches -------------------------------------------------------------------------------------------------------


def test_about_tells_each_switch_with_value_default_choices_and_meaning(emulator: Control) -> None:
    emulator.set_switches(edition="old")
    about = emulator.about()
    assert (about["vendor"], about["tasks"], about["journal"]) == ("totalcontrol", 5, 0)
    edition = about["switches"]["edition"]
    assert (edition["value"], edition["default"], edition["choices"]) == ("old", "new", ["new", "old"])
    assert all(switch["doc"] and switch["choices"] for switch in about["switches"].values())


def test_an_unknown_switch_names_the_known_ones(emulator: Control) -> None:
    with pytest.raises(ControlError, match=r"400: no switch 'editon'; known: accept_basic_prefix, .*edition, "):
        emulator.set_switches(editon="old")


@pytest.mark.parametrize(
    ("switch", "value", "told"),
    [
        ("edition", "middle", 'known: "new", "old"'),
        ("raw_backslashes", 1, "known: false, true"),
        ("latency", -1, "a number of seconds, 0 or more"),
        ("token_ttl", "60", "or null"),
        ("change_delay", "three reads", '"3 reads"'),
        ("users", ["sigma"], "passwords by user name"),
        ("missing_task", 5, "any text"),
        ("end_during_pause", -4, "known: null, -2, -3"),
    ],
)
def test_a_bad_position_names_the_good_ones_and_changes_nothing(emulator: Control, switch: str, value: object, told: str) -> None:
    before = emulator.switches()
    with pytest.raises(ControlError, match="400") as error:
        emulator.set_switches(**{"stop_scheduled": "stays", switch: value})
    assert told in str(error.value)
    assert emulator.switches() == before


def test_latency_slows_every_answer_but_none_waits_for_another(emulator: Control, token: str) -> None:
    emulator.set_switches(latency=1.0)
    start = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _time: read(emulator, token), range(10)))
    # One after the other they would take ten seconds.
    assert 1.0 <= time.monotonic() - start < 9
    assert max(entry["in_flight"] for entry in emulator.journal()) > 1


def test_require_read_only_answers_a_write_with_500_and_does_nothing(emulator: Control, token: str) -> None:
    emulator.set_switches(require_read_only=True)
    assert read(emulator, token)["status"] is True
    answer = send(emulator.port, f"POST {BASE}/tasks/task004?action=pause&token={token}\nContent-Length: 0")
    assert answer.status == 500
    assert [(entry["action"], entry["fault"], entry["took_effect"]) for entry in emulator.writes()] == [
        ("pause", "require_read_only", False)
    ]
    assert next(task for task in emulator.tasks() if task["task_name"] == "task004")["status"] == -1


def test_path_prefix_stands_for_a_proxy(emulator: Control, token: str) -> None:
    emulator.set_switches(path_prefix="/proxy/tc")
    assert send(emulator.port, f"GET /proxy/tc{BASE}/tasks?token={token}").json["status"] is True
    assert send(emulator.port, f"GET {BASE}/tasks?token={token}").status == 404


# --- the clock ------------------------------------------------------------------------------------------------------


def test_a_manual_clock_stands_until_it_is_moved(emulator: Control, token: str) -> None:
    emulator.set_switches(clock="manual", change_delay=3600)
    send(emulator.port, f"POST {BASE}/tasks/task004?action=stop&token={token}\nContent-Length: 0")

    def status() -> int:
        return int({task["task_name"]: task["status"] for task in read(emulator, token)["value"]}["task004"])

    assert status() == -1
    emulator.advance(3599)
    assert status() == -1
    emulator.advance(1)
    assert status() == -5


def test_a_real_clock_can_not_be_moved(emulator: Control) -> None:
    with pytest.raises(ControlError, match="only while the switch clock is manual"):
        emulator.advance(1)


# --- the journal ------------------------------------------------------------------------------------------------------


def test_an_entry_holds_the_request_as_it_was_sent(emulator: Control, token: str) -> None:
    head = f"POST {BASE}/tasks/task004%281%29?x=%20&x\nContent-Type: application/x-www-form-urlencoded\nX-Twice: a\nX-Twice: b"
    begun = time.monotonic()
    send(emulator.port, head, f"action=pause&token={token}".encode())
    entry = emulator.journal()[-1]
    took = time.monotonic() - begun
    assert (entry["method"], entry["path"]) == ("POST", f"{BASE}/tasks/task004%281%29")
    assert entry["target"] == f"{BASE}/tasks/task004%281%29?x=%20&x"
    assert entry["query"] == [["x", " "], ["x", ""]]
    assert [value for name, value in entry["headers"] if name == "X-Twice"] == ["a", "b"]
    assert (entry["body"], entry["form"]) == (f"action=pause&token={token}", [["action", "pause"], ["token", token]])
    assert (entry["action"], entry["write"], entry["ids"], entry["status"]) == ("pause", True, ["task004(1)"], 200)
    assert (entry["fault"], entry["took_effect"], entry["in_flight"]) == (None, False, 1)
    assert 0 <= entry["duration"] <= took


def test_a_json_body_is_parsed(emulator: Control) -> None:
    send(emulator.port, f"POST {BASE}/tasks/task004", b'{"action":"stop"}')
    assert emulator.journal()[-1]["json"] == {"action": "stop"}


def test_reads_are_no_writes(emulator: Control, token: str) -> None:
    read(emulator, token)
    assert [(entry["action"], entry["write"]) for entry in emulator.journal()] == [("login", False), ("list", False)]
    assert emulator.writes() == []


def test_since_gives_only_what_is_new(emulator: Control, token: str) -> None:
    mark = emulator.journal()[-1]["n"]
    read(emulator, token)
    assert [entry["action"] for entry in emulator.journal(since=mark)] == ["list"]


def test_numbers_go_on_after_the_journal_was_cleared(emulator: Control, token: str) -> None:
    mark = emulator.journal()[-1]["n"]
    emulator.clear_journal()
    assert emulator.journal() == []
    read(emulator, token)
    assert [entry["n"] for entry in emulator.journal()] == [mark + 1]


def test_in_flight_counts_requests_that_are_under_way(emulator: Control, token: str) -> None:
    emulator.set_switches(latency=0.5)
    together = threading.Barrier(3)

    def one(_time: int) -> None:
        together.wait(timeout=10)
        read(emulator, token)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(3)))
    assert sorted(entry["in_flight"] for entry in emulator.journal() if entry["action"] == "list") == [1, 2, 3]


def test_bytes_that_are_no_text_do_not_break_the_journal(emulator: Control) -> None:
    send(emulator.port, f"POST {BASE}/tasks/%ff%fe", b"\xff\xfe")
    assert emulator.journal()[-1]["body"] == "\\xff\\xfe"


# --- reset and mistakes -------------------------------------------------------------------------------------------------


def test_reset_makes_it_as_good_as_new(emulator: Control, token: str) -> None:
    emulator.set_switches(edition="old", clock="manual", latency=1)
    emulator.order_fault("status", times=None)
    emulator.delete_tasks()
    emulator.reset()
    assert emulator.switches() == {name: switch["default"] for name, switch in emulator.about()["switches"].items()}
    assert [task["task_name"] for task in emulator.tasks()] == ["task004(1)", "task01", "task002", "task004", "testScript"]
    assert (emulator.faults(), emulator.journal()) == ([], [])
    assert read(emulator, token)["status"] is None, "a token from before is forgotten"


@pytest.mark.parametrize(
    ("request_line", "body", "status", "told"),
    [
        ("GET /_emulator/nonsense", b"", 404, "/_emulator/tasks"),
        ("PUT /_emulator/journal", b"", 405, "knows GET, DELETE"),
        ("PUT /_emulator/tasks", b"{", 400, "not JSON"),
        ("PUT /_emulator/tasks", b"{}", 400, "must be a JSON list"),
        ("PATCH /_emulator/switches", b"[]", 400, "must be a JSON object"),
        ("GET /_emulator/journal?since=x", b"", 400, "number of an entry"),
        ("POST /_emulator/act", b"{}", 400, "needs a task and an action"),
        ("POST /_emulator/advance", b'{"seconds":-1}', 400, "needs seconds"),
    ],
)
def test_a_mistake_is_told(emulator: Control, request_line: str, body: bytes, status: int, told: str) -> None:
    answer = send(emulator.port, request_line, body)
    assert (answer.status, list(answer.json)) == (status, ["error"])
    assert told in answer.json["error"]


def test_the_control_address_does_not_swallow_the_vendors_paths(emulator: Control) -> None:
    assert send(emulator.port, "GET /_emulatorish").text == "emulator: no such path"
