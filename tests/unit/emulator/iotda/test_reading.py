# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IoTDA's list and show tell, and how they page (vendors/iotda.md, sections 3.1 and 3.2); big tasks; what tests put."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.emulator.vendors.iotda import Iotda
from tests.unit.emulator.iotda.api import Api, T

KIND = "task_type=softwareUpgrade"
STATES = ("Waitting", "Processing", "Success", "Fail", "FailWaitRetry", "Stopped", "Removed")
SECRET_TASK = "6576f1a030344005c0231709"


def many(api: Api, number: int, **fields: Any) -> list[str]:
    """So many tasks; their ids, newest first."""
    ids = [f"{0x5C8BA990 + count:08x}30344005c02316ad" for count in range(number)]
    api.model.load([{"task_id": task_id, "task_type": "softwareUpgrade", **fields} for task_id in ids], keep=False)
    return ids[::-1]


def listed(api: Api, query: str = KIND) -> list[str]:
    return [task["task_id"] for task in api.json("GET", f"?{query}")["batchtasks"]]


# --- list -----------------------------------------------------------------------------------------------------------


def test_ten_tasks_if_no_limit_is_said(api: Api) -> None:
    ids = many(api, 12)
    assert listed(api) == ids[:10]


def test_count_is_of_all_that_match_whatever_the_page(api: Api) -> None:
    many(api, 12)
    assert [api.json("GET", f"?{KIND}&limit={limit}")["page"]["count"] for limit in (1, 50)] == [12, 12]


def test_paging_by_marker_reads_every_task_once(api: Api) -> None:
    ids = many(api, 57)
    seen: list[str] = []
    marker = "f" * 24
    while rows := api.json("GET", f"?{KIND}&limit=10&marker={marker}"):
        if not rows["batchtasks"]:
            break
        seen += [task["task_id"] for task in rows["batchtasks"]]
        marker = rows["page"]["marker"]
    assert seen == ids


def test_a_marker_that_is_gone_is_a_place_all_the_same(api: Api) -> None:
    ids = many(api, 5)
    api.model.act(ids[2], "delete", {})
    assert listed(api, f"{KIND}&marker={ids[2]}") == ids[3:]


def test_offset_counts_from_the_marker(api: Api) -> None:
    ids = many(api, 8)
    assert listed(api, f"{KIND}&limit=2&marker={ids[1]}&offset=3") == ids[5:7]


@pytest.mark.parametrize(("position", "page"), [("absent", {"count": 0}), ("null", {"count": 0, "marker": None})])
def test_switch_empty_page_marker(api: Api, position: str, page: dict[str, Any]) -> None:
    api.model.set_switches({"empty_page_marker": position})
    api.model.load([], keep=False)
    assert api.json("GET", f"?{KIND}") == {"batchtasks": [], "page": page}


def test_only_the_type_that_was_asked_for(api: Api) -> None:
    assert listed(api, "task_type=firmwareUpgrade") == ["6576f1a030344005c0231707", "6576f1a030344005c0231706", T]


def test_filter_by_status(api: Api) -> None:
    assert listed(api, f"{KIND}&status=PartialSuccess") == ["6576f1a030344005c0231704"]


def test_filter_by_app(api: Api) -> None:
    api.model.load([{"task_id": "a1", "app_id": "mine"}, {"task_id": "a2"}], keep=False)
    assert listed(api, f"{KIND}&app_id=mine") == ["a1"]
    assert listed(api, f"{KIND}&app_id=emulator_app") == ["a2"]
    assert listed(api) == ["a2", "a1"]


def test_an_app_that_does_not_exist(api: Api) -> None:
    assert api.error("GET", f"?{KIND}&app_id=nosuch") == (403, "IOTDA.001000")
    api.model.set_switches({"apps": ["nosuch"]})
    assert listed(api, f"{KIND}&app_id=nosuch") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "IOTDA.000006"),
        ("task_type=nosuch", "IOTDA.000006"),
        (f"{KIND}&status=Waiting", "IOTDA.000006"),
        (f"{KIND}&limit=0", "IOTDA.000017"),
        (f"{KIND}&limit=51", "IOTDA.000017"),
        (f"{KIND}&limit=ten", "IOTDA.000006"),
        (f"{KIND}&offset=501", "IOTDA.000017"),
        (f"{KIND}&offset=-1", "IOTDA.000017"),
        (f"{KIND}&marker=xyz", "IOTDA.000006"),
        (f"{KIND}&marker={'F' * 24}", "IOTDA.000006"),
        (f"{KIND}&app_id=a%20b", "IOTDA.000006"),
        (f"{KIND}&app_id={'a' * 37}", "IOTDA.000006"),
        (f"{KIND}&{KIND}", "IOTDA.000006"),
        (f"{KIND}&task_name=t", "IOTDA.000006"),
    ],
)
def test_a_list_that_is_asked_for_wrongly(api: Api, query: str, code: str) -> None:
    assert api.error("GET", f"?{query}") == (400, code)


@pytest.mark.parametrize("query", [f"{KIND}&limit=50", f"{KIND}&offset=500", f"{KIND}&marker={'f' * 24}"])
def test_the_ends_of_the_ranges(api: Api, query: str) -> None:
    assert api.ask("GET", f"?{query}").status == 200


def test_the_note_tells_what_was_wrong(api: Api) -> None:
    headers = dict(api.ask("GET", f"?{KIND}&t%C3%A4sk=1").headers)
    assert headers["X-Emulator-Note"] == r"parameter t\xe4sk is not documented here"


# --- show -----------------------------------------------------------------------------------------------------------


def test_a_list_row_and_show_tell_the_same_task(api: Api) -> None:
    row = api.json("GET", "?task_type=firmwareUpgrade&status=Processing")["batchtasks"][0]
    assert row == api.task()


@pytest.mark.parametrize("order", ["finish", "fail", "stop", "remove", "fail_wait"])
def test_a_list_row_follows_single_devices(api: Api, order: str) -> None:
    api.put()
    api.model.act(T, order, {"targets": ["a"]})
    assert api.json("GET", f"?{KIND}")["batchtasks"][0]["task_progress"] == api.task()["task_progress"]


def test_paging_acts_on_the_subtasks_only(api: Api) -> None:
    devices = [f"d{number:02}" for number in range(25)]
    api.put(targets=devices)
    pages = [api.show(query=f"limit=10&offset={offset}") for offset in (0, 10, 20, 30)]
    assert [row["target"] for page in pages for row in page["task_details"]] == devices[::-1]
    assert all(page["batchtask"]["targets"] == devices and page["page"]["count"] == 25 for page in pages)
    assert "marker" not in pages[3]["page"]


def test_subtasks_by_marker(api: Api) -> None:
    devices = [f"d{number:02}" for number in range(25)]
    api.put(targets=devices)
    seen: list[str] = []
    marker = "f" * 24
    for _page in range(3):
        page = api.show(query=f"limit=10&marker={marker}")
        seen += [row["target"] for row in page["task_details"]]
        marker = page["page"]["marker"]
    assert seen == devices[::-1]


def test_subtasks_by_marker_and_offset(api: Api) -> None:
    api.put(targets=["a", "b", "c", "d", "e"])
    marker = api.show(query="limit=1")["page"]["marker"]
    assert [row["target"] for row in api.show(query=f"limit=2&marker={marker}&offset=1")["task_details"]] == ["c", "b"]


@pytest.mark.parametrize("status", STATES)
def test_subtasks_of_one_state(api: Api, status: str) -> None:
    api.put(subtasks={state: state for state in STATES})
    page = api.show(query=f"task_detail_status={status}")
    assert ([row["target"] for row in page["task_details"]], page["page"]["count"]) == ([status], 1)


def test_one_subtask_by_its_device(api: Api) -> None:
    api.put()
    assert api.show(query="target=b")["task_details"] == [{"target": "b", "status": "Processing"}]
    assert api.show(query="target=z")["task_details"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=51", "IOTDA.000017"),
        ("offset=501", "IOTDA.000017"),
        ("task_detail_status=Initializing", "IOTDA.000006"),
        (f"target={'a' * 129}", "IOTDA.000006"),
        ("task_type=softwareUpgrade", "IOTDA.000006"),
    ],
)
def test_a_task_that_is_asked_for_wrongly(api: Api, query: str, code: str) -> None:
    assert api.error("GET", f"/{T}?{query}") == (400, code)


def test_a_task_id_that_can_not_be(api: Api) -> None:
    assert api.error("GET", "/NOT-AN-ID") == (400, "IOTDA.000006")
    api.model.set_switches({"bad_task_id": 404})
    assert api.error("GET", "/NOT-AN-ID")[0] == 404


@pytest.mark.parametrize("action", ["stop", "retry", "confirm"])
def test_an_action_on_no_such_task(api: Api, action: str) -> None:
    assert api.refused(action, task="0" * 24)[0] == 404


def test_counters_count_the_subtasks(api: Api) -> None:
    api.put(
        subtasks={"a": "Waitting", "b": "Processing", "c": "Success", "d": "Fail", "e": "FailWaitRetry", "f": "Stopped", "g": "Removed"}
    )
    names = ("processing", "success", "fail", "waitting", "fail_wait_retry", "stopped", "removed")
    assert api.task()["task_progress"] == {"total": 7, **dict.fromkeys(names, 1)}


@pytest.mark.parametrize(("position", "found"), [("absent", "nothing"), ("null", None)])
def test_switch_task_progress(api: Api, position: str, found: object) -> None:
    api.model.set_switches({"task_progress": position})
    assert api.task().get("task_progress", "nothing") == found


def test_switch_optional_fields(api: Api) -> None:
    api.model.set_switches({"optional_fields": "null"})
    shown = api.show()
    assert [shown["batchtask"][name] for name in ("task_mode", "targets_filter", "status_desc")] == [None] * 3
    assert shown["task_details"][0] == {"target": "dev_c", "status": "Processing", "output": None, "error": None}


def test_the_output_of_a_created_device_holds_its_secret(api: Api) -> None:
    assert json.loads(api.show(SECRET_TASK)["task_details"][0]["output"])["secret"].startswith("emulator-device-secret-")


# --- stop's body and answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "answer"),
    [
        ("full", {"targets": [{"target": "a", "status": "success"}]}),
        ("empty", {"targets": []}),
        ("absent", {}),
        ("null", {"targets": None}),
    ],
)
@pytest.mark.parametrize(("action", "status"), [("stop", "Processing"), ("retry", "Fail"), ("confirm", "Waitting")])
def test_switch_answer_targets(api: Api, position: str, answer: dict[str, Any], action: str, status: str) -> None:
    api.model.set_switches({"answer_targets": position})
    api.put(targets=["a"], status=status, need_confirm=True)
    assert api.act(action) == answer


def test_named_targets_are_always_answered(api: Api) -> None:
    api.model.set_switches({"answer_targets": "absent"})
    api.put()
    assert api.act("stop", {"targets": ["a"]}) == {"targets": [{"target": "a", "status": "success"}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "IOTDA.000008"),
        (b"{", "IOTDA.000008"),
        (b"[]", "IOTDA.000008"),
        (b'{"target":["a"]}', "IOTDA.000006"),
        (b'{"targets":"a"}', "IOTDA.000006"),
        (b'{"targets":[1]}', "IOTDA.000006"),
        (b'{"targets":[]}', "IOTDA.000006"),
        (b'{"targets":[""]}', "IOTDA.000006"),
    ],
)
def test_a_body_that_is_wrong_stops_nothing(api: Api, body: bytes, code: str) -> None:
    api.put()
    assert api.refused("stop", body) == (400, code)
    assert api.counted() == {"total": 3, "processing": 3}


def test_switch_empty_body(api: Api) -> None:
    api.model.set_switches({"empty_body": "accepted"})
    api.put()
    api.act("stop", b"")
    assert api.status() == "Stopping"


def test_a_body_of_another_media_type(api: Api) -> None:
    assert api.error("POST", f"/{T}/stop", {}, {"Content-Type": "text/plain"}) == (400, "IOTDA.000008")


def test_null_targets_are_no_targets(api: Api) -> None:
    api.put()
    api.act("stop", {"targets": None})
    assert api.status() == "Stopping"


def test_100_targets_in_one_call(api: Api) -> None:
    devices = [f"d{number}" for number in range(101)]
    api.put(targets=devices)
    api.act("stop", {"targets": devices[:100]})
    assert api.counted() == {"total": 101, "stopped": 100, "processing": 1}


# --- create -----------------------------------------------------------------------------------------------------------


def wrong_bodies() -> dict[str, tuple[dict[str, Any], tuple[int, str]]]:
    bad = (400, "IOTDA.000006")
    return {
        "no name": ({"task_name": None}, bad),
        "a name with a blank": ({"task_name": "a b"}, bad),
        "a long name": ({"task_name": "a" * 129}, bad),
        "no type": ({"task_type": None}, bad),
        "another type": ({"task_type": "nosuch"}, bad),
        "no targets": ({"targets": None}, bad),
        "too many targets": ({"targets": ["a"] * 30_001}, bad),
        "an unknown member": ({"name": "t"}, bad),
        "confirm of another type": ({"task_type": "freezeDevices", "need_confirm": True}, bad),
        "a bad time": ({"task_policy": {"schedule_time": "2025-01-02T03:04:05Z"}}, (400, "IOTDA.000009")),
        "no time": ({"task_policy": {"schedule_time": "20251301T000000Z"}}, (400, "IOTDA.000009")),
        "a wrong type": ({"need_confirm": "yes"}, bad),
        "another mode": ({"task_mode": "DEVICE"}, bad),
        "targets that are no texts": ({"targets": [1]}, bad),
        "too long between retries": ({"task_policy": {"retry_interval": 1441}}, bad),
        "too far ahead": ({"task_policy": {"schedule_time": "20991231T000000Z"}}, bad),
        "too many retries": ({"task_policy": {"retry_count": 6}}, bad),
        "another app": ({"app_id": "nosuch"}, (403, "IOTDA.001000")),
    }


@pytest.mark.parametrize("name", wrong_bodies())
def test_a_task_that_can_not_be_created(api: Api, name: str) -> None:
    change, expected = wrong_bodies()[name]
    body = {"task_name": "t", "task_type": "softwareUpgrade", "targets": ["a"], **change}
    assert api.error("POST", "", body) == expected
    assert len(api.model.tasks()) == 10


def test_a_created_task_is_the_newest(api: Api) -> None:
    body = {"task_name": "升级_1", "task_type": "softwareUpgrade", "targets": ["a", "b"], "document": {"package_ids": ["p"]}}
    reply = api.ask("POST", "", body)
    task = json.loads(reply.body)
    assert (reply.status, task["status"], {name: task[name] for name in body}) == (201, "Initializing", body)
    assert listed(api)[0] == task["task_id"]


def test_targets_win_over_the_filter(api: Api) -> None:
    """Section 3.6."""
    api.model.set_switches({"initializing": 0})
    body = {"task_name": "t", "task_type": "softwareUpgrade", "targets": ["a"], "targets_filter": {"group_ids": ["nosuch"]}}
    assert api.subtasks(api.json("POST", "", body)["task_id"]) == {"a": "Processing"}


def test_a_file_as_the_source_of_targets_is_not_emulated(api: Api) -> None:
    api.model.set_switches({"initializing": 0})
    task = api.json("POST", "", {"task_name": "t", "task_type": "createDevices", "document_source": "file"})["task_id"]
    assert (api.status(task), api.subtasks(task)) == ("Fail", {})


# --- big tasks ----------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_list_of_50_tasks_with_30_000_targets_each_is_answered_fast(api: Api) -> None:
    many(api, 50, target_count=30_000)
    listed(api, f"{KIND}&limit=50")  # the texts are made once
    start = time.perf_counter()
    reply = api.ask("GET", f"?{KIND}&limit=50")
    assert time.perf_counter() - start < 1
    assert len(json.loads(reply.body)["batchtasks"][49]["targets"]) == 30_000


def test_30_000_devices_are_stopped_at_once(api: Api) -> None:
    api.model.load([{"task_id": T, "target_count": 30_000}], keep=False)
    assert len(api.act("stop")["targets"]) == 30_000
    api.status()
    assert api.counted() == {"total": 30_000, "stopped": 30_000}


# --- what tests put -----------------------------------------------------------------------------------------------------


def test_what_is_told_can_be_put_back() -> None:
    model = Iotda(switches={"clock": "manual"}, seed=1)
    model.load([{"task_id": "a1", "status": "Initializing", "targets": ["x", "y"]}], keep=True)
    told = model.tasks()
    model.load(told, keep=False)
    assert [{**task, "history": None} for task in model.tasks()] == [{**task, "history": None} for task in told]


def test_a_task_that_is_initializing_goes_on_after_it_was_put_back(api: Api) -> None:
    api.put(status="Initializing", targets=["x", "y"])
    api.model.load(api.model.tasks(), keep=False)
    assert api.statuses(2) == ["Initializing", "Processing"]
    assert api.subtasks() == {"y": "Processing", "x": "Processing"}


def test_an_update_keeps_the_rest(api: Api) -> None:
    api.put(task_name="first")
    api.model.load([{"task_id": T, "status": "Stopped"}], keep=True)
    assert (api.task()["task_name"], api.subtasks()) == ("first", dict.fromkeys("cba", "Stopped"))


def test_an_update_cancels_what_was_to_come(api: Api) -> None:
    api.put(runs_for=10)
    api.model.load([{"task_id": T, "status": "Processing", "runs_for": None}], keep=True)
    api.model.advance(60)
    assert api.status() == "Processing"


def test_an_update_of_how_devices_behave(api: Api) -> None:
    api.put()
    api.model.load([{"task_id": T, "runs_for": 5, "ends_with": "Fail"}], keep=True)
    api.model.advance(5)
    assert api.status() == "Fail"


def test_a_device_of_its_own_kind(api: Api) -> None:
    rows = [{"target": "a", "runs_for": 5}, {"target": "b", "runs_for": 9, "ends_with": "Fail", "output": "log"}]
    api.model.load([{"task_id": T, "subtasks": rows}], keep=False)
    api.model.advance(5)
    assert api.subtasks() == {"b": "Processing", "a": "Success"}
    api.model.advance(4)
    assert (api.status(), api.show(query="target=b")["task_details"][0]["output"]) == ("PartialSuccess", "log")


def test_a_device_that_waits_for_a_retry_when_it_is_put(api: Api) -> None:
    api.put(subtasks={"a": "FailWaitRetry"}, task_policy={"retry_interval": 1})
    api.model.advance(60)
    assert api.subtasks() == {"a": "Processing"}


@pytest.mark.parametrize(
    "fields",
    [
        {"nosuch": 1},
        {"task_id": "XYZ"},
        {"status": 3},
        {"target_count": 30_001},
        {"ends_with": "Stopped"},
        {"subtasks": [{"status": "Fail"}]},
        {"subtasks": [{"target": "a", "nosuch": 1}]},
        {"task_policy": {"schedule_time": "soon"}},
    ],
)
def test_a_bad_task_changes_nothing(iotda_model: Iotda, fields: dict[str, Any]) -> None:
    before = iotda_model.tasks()
    with pytest.raises(BadOrder):
        iotda_model.load([{"task_id": T, "status": "Stopped"}, fields], keep=False)
    assert iotda_model.tasks() == before


@pytest.mark.parametrize(
    ("task", "action", "details"),
    [
        ("nosuch", "stop", {}),
        (T, "pause", {}),
        (T, "set", {}),
        (T, "stop", {"targets": ["nosuch"]}),
        (T, "finish", {"target": "dev_a"}),
        (T, "start", {"target": "dev_c"}),
        (T, "set", {"status": "Fail", "target": "nosuch"}),
        ("6576f1a030344005c0231705", "stop", {}),
    ],
)
def test_an_order_that_makes_no_sense(iotda_model: Iotda, task: str, action: str, details: dict[str, Any]) -> None:
    before = iotda_model.tasks()
    with pytest.raises(BadOrder):
        iotda_model.act(task, action, details)
    assert iotda_model.tasks() == before
