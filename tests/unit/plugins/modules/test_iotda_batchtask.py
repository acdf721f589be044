# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iotda_batchtask: the exact exchanges, devices of a task, what faults lead to, and what bad input gets."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors import _iotda_states as vendor
from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.iotda_world import (
    ACCESS,
    AK,
    BATCHTASKS,
    HOST,
    INSTANCE,
    KEY,
    PLACE,
    PROJECT,
    SHARED,
    SK,
    USER,
    T,
    World,
    many,
    upgrade,
)
from tests.unit.plugins.modules.results import is_one_sentence, one

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(iotda_batchtask.main, "iotda_batchtask", capsys, monkeypatch)


def shown(status: str, task_id: str = T, **fields: Any) -> Call:
    """A read of one task and its answer, as section 3.2 of the vendor's page has it."""
    task = {"task_id": task_id, "task_name": "fw", "task_type": "firmwareUpgrade", "status": status, **fields}
    answer = {"batchtask": task, "task_details": [{"target": "dev_c", "status": status}], "page": {"count": 3, "marker": "f" * 24}}
    return Call("GET", f"{BATCHTASKS}/{task_id}?limit=1", answer)


def act(action: str, task_id: str = T, answer: Any = None, **more: Any) -> Call:
    given = {"targets": [{"target": "dev_c", "status": "success"}]} if answer is None else answer
    return Call("POST", f"{BATCHTASKS}/{task_id}/{action}", given, body="{}", **{"headers": JSON, **more})


def refusal(code: str, text: str) -> dict[str, str]:
    return {"error_code": code, "error_msg": text}


# The exchanges


def test_a_task_already_right_costs_one_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, shown("Stopped")):
        assert world.run(task_id=T, state="stopped")["changed"] is False


def test_n_tasks_already_right_cost_n_reads(world: World) -> None:
    ids = many(20)
    world.begin(*[upgrade("Stopped", id_) for id_ in ids])

    result = world.run(task_ids=ids, state="stopped")

    assert world.requests == ["show"] * 20 and all(dict(entry["query"]) == {"limit": "1"} for entry in world.journal)
    assert [row["id"] for row in result["tasks"]] == ids


@pytest.mark.parametrize(
    ("state", "action", "found", "then"),
    [
        ("stopped", "stop", {"status": "Processing"}, "Stopped"),
        ("started", "confirm", {"status": "Waitting", "need_confirm": True, "task_progress": {"waitting": 3}}, "Processing"),
        ("started", "retry", {"status": "Fail", "task_progress": {"total": 3, "fail": 3}}, "Processing"),
    ],
)
def test_each_way_is_one_post_whose_body_is_an_empty_object(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str, action: str, found: dict[str, Any], then: str
) -> None:
    with exchanges(monkeypatch, shown(**found), act(action), shown(then)):
        row = one(world.run(task_id=T, state=state, retry_failed=True))

    assert (row["action"], row["changed"], row["reached"], row["vendor_after"]) == (action, True, True, then)


def test_several_tasks_are_acted_on_side_by_side_and_each_is_told(world: World) -> None:
    ids = many(12)
    world.begin(*[upgrade("Processing" if number % 2 else "Success", id_) for number, id_ in enumerate(ids)])

    result = world.run(task_ids=ids, state="stopped")

    assert result["summary"] == {"wanted": "stopped", "total": 12, "reached": 12, "changed": 6, "failed": 0, "skipped": 0}
    assert world.writes == ["stop"] * 6


def test_one_task_that_can_t_keeps_all_untouched_and_each_such_task_is_named(world: World) -> None:
    good, freezes, stopped, lost = many(4)
    world.begin(upgrade(task_id=good), upgrade(task_id=freezes, task_type="freezeDevices"), upgrade("Stopped", stopped))

    result = world.run(task_ids=[good, freezes, stopped, lost], state="paused")

    assert world.writes == [] and all(id_ in result["msg"] for id_ in (good, freezes, stopped, lost))
    assert [row.get("error", {}).get("code") for row in result["tasks"]] == ["unreachable_state"] * 3 + ["not_found"]


@pytest.mark.parametrize("call", ["show", "stop"])
def test_the_instance_is_named_in_a_header_that_is_signed(world: World, call: str) -> None:
    world.begin(upgrade(instance_id=INSTANCE), instances=["another", INSTANCE])

    assert one(world.run(task_id=T, state="stopped", instance_id=INSTANCE))["reached"]

    headers = next(dict(entry["headers"]) for entry in world.journal if entry["action"] == call)
    assert headers["Instance-Id"] == INSTANCE and ";instance-id;" in headers["Authorization"]


@pytest.mark.parametrize(
    ("url", "signature", "algorithm"),
    [
        (f"https://{HOST}", "auto", "V11-HMAC-SHA256 Credential"),
        (f"https://{HOST}/v5/", "auto", "V11-HMAC-SHA256 Credential"),
        ("https://iotda.example.com", "auto", "V11-HMAC-SHA256 Credential"),
        ("http://127.0.0.1:8443", "auto", "V11-HMAC-SHA256 Credential"),
        (f"https://{SHARED}", "auto", "SDK-HMAC-SHA256 Access"),
        (None, "auto", "SDK-HMAC-SHA256 Access"),
        (f"https://{HOST}", "standard", "SDK-HMAC-SHA256 Access"),
        (f"https://{SHARED}", "derived", "V11-HMAC-SHA256 Credential"),
    ],
)
def test_the_signature_follows_the_official_sdk_s_rule_unless_it_is_chosen(
    world: World, url: str | None, signature: str, algorithm: str
) -> None:
    world.begin(upgrade("Stopped"), iotda_edition="instance" if algorithm.startswith("V11") else "basic")
    place = {"url": url} if url else {}

    assert one(world.run(**{**KEY, **place}, region="cn-north-4", project_id=PROJECT, task_id=T, state="stopped", signature=signature))[
        "reached"
    ]

    assert dict(world.journal[0]["headers"])["Authorization"].startswith(f"{algorithm}={AK}")


def test_a_task_id_stays_in_its_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Call("GET", f"{BATCHTASKS}/a%3Fb%23%25?limit=1", refusal("IOTDA.0142YY", "no"), status=404)

    with exchanges(monkeypatch, read):
        assert world.run(task_id="a?b#%", state="stopped")["failure"]["code"] == "not_found"


@pytest.mark.parametrize("access", [{**PLACE, **USER}, {**PLACE, **USER, "url": f"https://{SHARED}"}])
def test_a_user_logs_in_once_and_nothing_is_signed(world: World, access: dict[str, str]) -> None:
    world.begin(upgrade())

    assert one(world.run(**access, iam_url=f"https://{HOST}", task_id=T, state="stopped"))["reached"]

    assert world.requests == ["token", "show", "stop", "show", "show"]
    assert all("Authorization" not in dict(entry["headers"]) for entry in world.journal)


# Devices of one task


def devices(number: int, status: str = "Processing") -> dict[str, str]:
    return {f"dev_{index:04}": status for index in range(number)}


def test_one_device_is_read_by_its_name_and_stopped_alone(world: World) -> None:
    world.begin(upgrade(devices={"dev_a": "Processing", "dev_b": "Processing"}))

    row = one(world.run(task_id=T, targets=["dev_a"], state="stopped"))

    assert (row["id"], row["before"], row["after"], row["action"], row["reached"]) == ("dev_a", "started", "stopped", "stop", True)
    assert world.requests == ["show", "stop", "show"] and world.sent("stop") == [{"targets": ["dev_a"]}]
    assert [dict(entry["query"]).get("target") for entry in world.journal] == ["dev_a", None, "dev_a"]
    assert world.devices() == {"dev_a": "Stopped", "dev_b": "Processing"} and world.truth()["status"] == "Processing"


def test_many_devices_are_stopped_in_calls_of_100_and_read_in_parts_of_50(world: World) -> None:
    world.begin(upgrade(devices=devices(300)))
    wanted = list(devices(250))

    result = world.run(task_id=T, targets=wanted, state="stopped")

    assert [len(body["targets"]) for body in sorted(world.sent("stop"), key=lambda body: -len(body["targets"]))] == [100, 100, 50]
    assert sorted(target for body in world.sent("stop") for target in body["targets"]) == wanted
    assert [row["id"] for row in result["tasks"]] == wanted and result["summary"]["changed"] == 250
    assert world.requests == ["show"] * 6 + ["stop"] * 3 + ["show"] * 6


def test_few_devices_of_many_are_each_read_by_their_name(world: World) -> None:
    world.begin(upgrade(devices=devices(500, "Success")))
    wanted = list(devices(10))

    world.run(task_id=T, targets=wanted, state="stopped")

    assert sorted(dict(entry["query"])["target"] for entry in world.journal) == wanted


def test_devices_already_right_cost_no_write(world: World) -> None:
    world.begin(upgrade(devices=devices(60, "Success")))

    assert world.run(task_id=T, targets=list(devices(60)), state="stopped")["changed"] is False
    assert world.requests == ["show", "show"]


def test_reading_ends_with_the_last_device_that_is_wanted(world: World) -> None:
    world.begin(upgrade(devices=devices(500, "Success")))

    world.run(task_id=T, targets=list(devices(500))[-11:], state="stopped")

    assert world.requests == ["show"], "the vendor shows the newest first"


def test_check_mode_stops_no_device_and_foretells_each(world: World) -> None:
    call = {"task_id": T, "targets": ["a", "b", "c"], "state": "stopped"}
    found = upgrade(devices={"a": "Processing", "b": "Success", "c": "FailWaitRetry", "d": "Processing"})
    world.begin(found)
    predicted = world.run(check=True, **call)
    assert world.writes == []
    world.begin(found)
    real = world.run(**call)

    assert predicted["tasks"] == real["tasks"] and predicted["changed"] is real["changed"] is True


def test_a_device_that_fails_inside_a_200_is_told_and_the_others_go_on(world: World) -> None:
    world.begin(upgrade(devices=devices(3)), failing_targets=["dev_0001"])

    result = world.run(task_id=T, targets=list(devices(3)), state="stopped")

    assert [row["reached"] for row in result["tasks"]] == [True, False, True]
    error = result["tasks"][1]["error"]
    assert (error["code"], error["vendor_code"], len(error["request_id"])) == ("refused", "IOTDA.0142XX", 32)
    assert "device dev_0001 was refused (IOTDA.0142XX Operation not allowed; emulator: failing_targets" in result["msg"]
    assert is_one_sentence(result["msg"])


def test_a_device_that_isn_t_in_the_task_is_named_and_nothing_is_sent(world: World) -> None:
    world.begin(upgrade(devices=devices(3)))

    result = world.run(task_id=T, targets=["dev_0000", "nosuch", "neither"], state="stopped")

    assert world.writes == [] and result["failure"]["code"] == "not_found"
    assert f"task {T} of IoTDA knows no device nosuch; check how it is written there" in result["msg"] and "neither" in result["msg"]


def test_a_device_that_is_taken_out_of_the_task_meanwhile_is_told_by_the_vendor_s_own_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = shown("Processing")
    read = Call("GET", f"{BATCHTASKS}/{T}?limit=50&target=dev_c", read.answer)
    gone = {
        "targets": [{"target": "dev_c", "status": "failure", **refusal("IOTDA.014219", "Invalid input. The target is not in the task")}]
    }
    stop = Call("POST", f"{BATCHTASKS}/{T}/stop", gone, body='{"targets": ["dev_c"]}')

    with exchanges(monkeypatch, read, stop, read):
        result = world.run(task_id=T, targets=["dev_c"], state="stopped")

    assert result["failure"] == {"code": "refused", "vendor_code": "IOTDA.014219"}
    assert "device dev_c was refused (IOTDA.014219 Invalid input; The target is not in the task)" in result["msg"]


def test_devices_of_a_task_that_isn_t_there(world: World) -> None:
    result = world.run(task_id="0" * 24, targets=["a"], state="stopped")

    assert result["failure"]["code"] == "not_found" and f"IoTDA knows no task {'0' * 24}" in result["msg"]


def test_devices_of_a_task_that_is_deleted_after_their_stop_count_as_stopped(world: World) -> None:
    world.begin(upgrade(devices=devices(2)))
    respond = world.system.respond

    def then_deleted(request: Any, call: Any) -> Any:
        reply = respond(request, call)
        if call.action == "stop":
            world.system.act(T, "delete", {})
        return reply

    world.system.respond = then_deleted  # type: ignore[method-assign]

    result = world.run(task_id=T, targets=["dev_0000"], state="stopped")

    assert one(result)["reached"] and "device dev_0000 is no longer listed" in str(result["warnings"])


# Page `iotda`, sections 3.3 to 3.5 and 4.2: the state of the task, that of the device, and what each wish asks for.
DEVICES = {
    ("Processing", "Processing", False): ("can't pause", "ok", "stop"),
    ("Processing", "Waitting", False): ("can't pause", "ok", "stop"),
    ("Processing", "FailWaitRetry", False): ("can't pause", "ok", "stop"),
    ("Processing", "Success", False): ("has ended", "ok", "ok"),
    ("Processing", "Fail", False): ("has ended", "retry", "ok"),
    ("Processing", "Stopped", False): ("has ended", "retry", "ok"),
    ("Processing", "Removed", False): ("has ended", "was removed from its task", "ok"),
    ("Waitting", "Waitting", True): ("ok", "confirm", "stop"),
    ("Processing", "Waitting", True): ("ok", "confirm", "stop"),
    ("Stopping", "Processing", False): ("is being stopped", "can't start a stopped task", "ok"),
    ("PartialSuccess", "Fail", False): ("has ended", "retry", "ok"),
    ("PartialSuccess", "Stopped", False): ("has ended", "retry", "ok"),
    ("Stopped", "Stopped", False): ("has ended", "its task is Stopped, in which IoTDA runs no device again", "ok"),
    ("Stopped", "Fail", False): ("has ended", "its task is Stopped, in which IoTDA runs no device again", "ok"),
}


@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
@pytest.mark.parametrize(("whole", "device", "confirm"), DEVICES)
def test_each_cell_of_the_devices_table(world: World, whole: str, device: str, confirm: bool, wish: str) -> None:
    expected = DEVICES[whole, device, confirm][("paused", "started", "stopped").index(wish)]
    other = "Success" if whole in ("PartialSuccess", "Stopped") else "Processing" if whole == "Processing" else device
    world.begin(upgrade(whole, need_confirm=confirm, devices={"a": device, "b": other}), stopping="3 reads")

    result = world.run(task_id=T, targets=["a"], state=wish, retry_failed=True)

    if expected in ("stop", "retry", "confirm"):
        assert (world.writes, world.sent(expected)) == ([expected], [{"targets": ["a"]}]) and one(result)["reached"]
        assert world.devices()["b"] == other
    elif expected == "ok":
        assert one(result)["reached"] and world.writes == []
    else:
        assert expected in result["msg"] and world.writes == [] and is_one_sentence(result["msg"])


@pytest.mark.parametrize(("wish", "told"), [("paused", ""), ("started", "can be confirmed only after that"), ("stopped", "")])
def test_a_device_whose_task_will_be_held_when_its_time_comes(world: World, wish: str, told: str) -> None:
    world.begin(upgrade("Waitting", need_confirm=True, starts_in=3600))

    result = world.run(task_id=T, targets=["dev_a"], state=wish)

    assert one(result)["before"] == "paused" and told in result.get("msg", "")
    assert world.writes == (["stop"] if wish == "stopped" else []) and one(result)["reached"] is (not told)


def test_a_failed_device_is_retried_only_where_that_was_asked_for(world: World) -> None:
    world.begin(upgrade("PartialSuccess", devices={"a": "Fail", "b": "Success"}))

    result = world.run(task_id=T, targets=["a"], state="started")

    assert "device a has failed (reason: unknown); set retry_failed: true to run it again" in result["msg"] and world.writes == []


def test_devices_of_a_type_that_can_t_be_stopped_are_refused_before_anything_is_sent(world: World) -> None:
    world.begin(upgrade(task_type="createMessages"))

    result = world.run(task_id=T, targets=["dev_a"], state="stopped")

    assert "the task of device dev_a is of the type createMessages" in result["msg"] and world.writes == []


def test_a_task_that_is_initializing_has_no_devices_to_name(world: World) -> None:
    world.begin(upgrade("Initializing"))

    result = world.run(task_id=T, targets=["dev_a"], state="stopped")

    assert "is being set up and has no devices yet" in result["msg"] and world.requests == ["show"]


def test_parts_without_an_end_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    part = shown("Processing").answer
    full = {**part, "task_details": [{"target": f"other_{number}", "status": "Success"} for number in range(50)]}
    first = Call("GET", f"{BATCHTASKS}/{T}?limit=50", full)
    second = Call("GET", f"{BATCHTASKS}/{T}?limit=50&marker={'f' * 24}", full)

    with exchanges(monkeypatch, first, second):
        result = world.run(task_id=T, targets=list(devices(11)), state="stopped")

    assert result["failure"]["code"] == "protocol" and "gives a marker a second time" in result["msg"]


# Faults on the way


@pytest.mark.parametrize("order", [("reset_after", {}), ("empty", {"status": 502}), ("status", {"status": 500, "effect": True})])
def test_a_lost_answer_is_looked_into_and_the_action_not_repeated(world: World, order: tuple[str, dict[str, Any]]) -> None:
    world.begin(upgrade())
    world.fault(order[0], "stop", **order[1])

    row = one(world.run(task_id=T, state="stopped"))

    assert (row["reached"], row["changed"], row["action"]) == (True, True, "stop") and world.writes == ["stop"]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_action_answered_5xx_that_took_no_hold_is_sent_again_only_after_the_settling_time(world: World, status: int) -> None:
    world.begin(upgrade())
    world.fault("status", "stop", status=status)

    assert one(world.run(task_id=T, state="stopped"))["reached"]

    first, second = (entry["at"] for entry in world.journal if entry["action"] == "stop")
    assert second - first >= 10


@pytest.mark.parametrize("code", ["IOTDA.021101", "IOTDA.021102", "APIG.0308"])
@pytest.mark.parametrize("call", ["show", "stop"])
def test_a_throttled_call_waits_and_goes_on(world: World, code: str, call: str) -> None:
    world.begin(upgrade())
    world.fault("status", call, status=403, body=refusal(code, "too many"))

    row = one(world.run(task_id=T, state="stopped"))

    assert row["reached"] and world.effects == ["stop"]
    first, second = [entry["at"] for entry in world.journal if entry["action"] == call][:2]
    assert second > first


@pytest.mark.parametrize("call", ["show", "stop"])
def test_a_call_answered_429_waits_as_long_as_it_was_told(world: World, call: str) -> None:
    world.begin(upgrade())
    world.fault("rate_limit", call, retry_after=7, body=refusal("APIG.0308", "too many"))

    assert one(world.run(task_id=T, state="stopped"))["reached"]

    first, second = [entry["at"] for entry in world.journal if entry["action"] == call][:2]
    assert second - first >= 7 and world.effects == ["stop"]


def test_a_limit_of_calls_per_second_is_lived_with(world: World) -> None:
    ids = many(10)
    world.begin(*[upgrade("Stopped", id_) for id_ in ids], calls_per_second=2)

    result = world.run(task_ids=ids, state="stopped", retries=8, concurrency=2)

    assert result["summary"]["reached"] == 10 and len(world.requests) > 10


def test_actions_too_go_on_under_a_limit_of_calls_per_second(world: World) -> None:
    ids = many(10)
    world.begin(*[upgrade("Processing", id_) for id_ in ids], calls_per_second=2)

    result = world.run(task_ids=ids, state="stopped", retries=8, concurrency=4)

    assert result["summary"]["reached"] == 10


@pytest.mark.parametrize("call", ["show", "stop"])
def test_a_token_that_expires_in_the_middle_is_renewed(world: World, call: str) -> None:
    world.begin(upgrade())
    world.fault("expire_token", call, after=1 if call == "show" else 0)

    assert one(world.run(**PLACE, **USER, iam_url=f"https://{HOST}", task_id=T, state="stopped"))["reached"]

    assert world.requests.count("token") == 2 and world.effects == ["stop"]


def test_a_given_token_isn_t_renewed(world: World) -> None:
    result = world.run(**PLACE, token="MIIPAgYJKoZIhvcNAQ", task_id=T, state="stopped")

    assert result["failure"]["code"] == "authentication" and world.requests == ["show"]
    assert "check the key or token" in result["msg"] and "MIIPAgYJKoZIhvcNAQ" not in str(result)


@pytest.mark.parametrize("status", [403, 400])
def test_a_refused_action_is_called_an_error_only_after_another_read(world: World, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    no = act("stop", answer=refusal("IOTDA.014299", "Operation not allowed. No"), status=status, answer_headers={"X-Request-Id": "r1"})

    with exchanges(monkeypatch, shown("Processing"), no, shown("Processing")):
        result = world.run(task_id=T, state="stopped")

    assert result["failure"] == {"code": "refused", "vendor_code": "IOTDA.014299", "http_status": status, "request_id": "r1"}
    assert result["changed"] is False and one(result)["action"] == "none"


def test_a_200_that_holds_an_error_is_a_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    no = act("stop", answer=refusal("IOTDA.014016", "The device is offline"), answer_headers={"X-Request-Id": "r2"})

    with exchanges(monkeypatch, shown("Processing"), no, shown("Processing")):
        result = world.run(task_id=T, state="stopped")

    assert result["failure"] == {"code": "refused", "vendor_code": "IOTDA.014016", "http_status": 200, "request_id": "r2"}


def test_a_task_that_is_deleted_after_its_stop_counts_as_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Call("GET", f"{BATCHTASKS}/{T}?limit=1", refusal("IOTDA.0142YY", "gone"), status=404)

    with exchanges(monkeypatch, shown("Processing"), act("stop"), gone):
        result = world.run(task_id=T, state="stopped")

    assert one(result)["reached"] and "no longer listed" in str(result["warnings"])


@pytest.mark.parametrize("answer", ["<html>no such page</html>", refusal("APIGW.0101", "The API does not exist"), ""])
def test_a_404_that_isn_t_iotda_s_own_word_says_nothing_of_a_task(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    elsewhere = Call("GET", f"{BATCHTASKS}/{T}?limit=1", answer, status=404)

    with exchanges(monkeypatch, shown("Processing"), act("stop"), elsewhere, shown("Stopping"), shown("Stopped")):
        row = one(world.run(task_id=T, state="stopped"))

    assert (row["vendor_after"], row["reached"]) == ("Stopped", True)


@pytest.mark.parametrize("answer", ["<html>", [], {"batchtask": None}, {"batchtask": {"task_id": T}}, {"batchtask": {"status": None}}, ""])
def test_an_answer_of_another_shape_is_told(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, Call("GET", f"{BATCHTASKS}/{T}?limit=1", answer)):
        result = world.run(task_id=T, state="stopped")

    assert result["failure"] == {"code": "protocol", "http_status": 200} and one(result)["before"] == "unknown"


@pytest.mark.parametrize("absent", [{}, {"task_details": None, "page": None}, {"task_details": [None, "x"], "page": {}}])
def test_members_that_are_absent_or_null_don_t_matter(world: World, monkeypatch: pytest.MonkeyPatch, absent: dict[str, Any]) -> None:
    answer = {"batchtask": {"status": "Stopped", "task_name": None, "task_type": None, "task_progress": None}, **absent}

    with exchanges(monkeypatch, Call("GET", f"{BATCHTASKS}/{T}?limit=1", answer)):
        row = one(world.run(task_id=T, state="stopped"))

    assert (row["id"], row["name"], row["reached"]) == (T, None, True)


# Bad input: one sentence, a code, nothing that could change anything


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "missing required arguments: task_ids"),
        ({"task_id": "a/b"}, "can't stand in an address"),
        ({"task_id": ".."}, "can't stand in an address"),
        ({"task_id": "a\nb"}, "can't stand in an address"),
        ({"task_ids": [T, T]}, f"task_ids names {T} twice"),
        ({"task_ids": [T, "0a"], "targets": ["a"]}, "targets are devices of one task; name just that one in task_ids"),
        ({"targets": ["a"]}, "missing required arguments: task_ids"),
        ({"task_ids": [T, "0a"], "targets": []}, "targets are devices of one task; name just that one in task_ids"),
        ({"task_id": T, "targets": ["a", "b", "a"]}, "targets names a twice"),
        ({"task_id": T, "targets": ["a\tb"]}, "targets holds 'a\\tb'"),
        ({"task_id": "a/b", "targets": ["a"]}, "task_ids holds 'a/b'"),
        ({"task_id": T, "signature": "magic"}, "value of signature must be one of"),
        ({"task_id": T, "url": f"https://{HOST}", **KEY}, f"requests to {HOST} are signed with the derived key, which needs region"),
        ({"task_id": T, "url": HOST, **KEY}, f"url is '{HOST}', which isn't an address"),
        ({"task_id": T, "token": "MIIPAgYJKo", "project_id": PROJECT}, "neither url nor region is given"),
        (
            {"task_id": T, "region": "cn-north-4", "access_key": AK},
            "secret_key is missing, which access_key requires; give it in the task",
        ),
        (
            {"task_id": T, "region": "cn-north-4"},
            "neither access_key with secret_key nor username with password and domain_name nor token is given; give them in",
        ),
        ({"task_id": T, "region": "cn-north-4", **KEY, "token": "MIIPAgYJKo"}, "mutually exclusive"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_sent(world: World, options: dict[str, Any], told: str) -> None:
    result = world.run(state="stopped", **options)

    assert told in result["msg"] and result["failure"]["code"] == "usage" and "\n" not in result["msg"]
    assert world.journal == []


@pytest.mark.parametrize("task_id", ["0" * 24, "beef"])
def test_an_unknown_task_is_told(world: World, task_id: str) -> None:
    result = world.run(task_id=task_id, state="stopped")

    assert result["msg"] == f"IoTDA knows no task {task_id}; check how it is written there; nothing was changed."
    assert (result["failure"]["code"], world.requests) == ("not_found", ["show"])


@pytest.mark.parametrize(("position", "code"), [(400, "refused"), (404, "not_found")])
def test_a_malformed_id_is_judged_by_the_vendor_and_nothing_is_changed(world: World, position: int, code: str) -> None:
    world.begin(upgrade(), bad_task_id=position)

    result = world.run(task_ids=["no-such-form"], state="stopped")

    assert result["failure"]["code"] == code and world.requests == ["show"] and "no-such-form" in result["msg"]


GUEST = {**PLACE, "access_key": "GUESTSACCESSKEY00001", "secret_key": "gu3stS3cretKeyOfTheEmulator0000000000001"}
SUSPECTS = (
    "check the key or token",
    "the signature (standard or derived)",
    "the address with its region, project_id and instance_id",
    "clock",
)


@pytest.mark.parametrize(
    ("options", "switches", "told"),
    [
        ({**ACCESS, "secret_key": "wr0ngS3cret"}, {}, "IOTDA.000002 Authentication failed);"),
        ({**ACCESS, "access_key": "NOSUCHKEY"}, {}, "IOTDA.000002"),
        ({**ACCESS, "signature": "standard"}, {}, "IOTDA.000002"),
        ({**ACCESS, "signature": "standard"}, {"wrong_algorithm": 400}, "Missing request header 'X-Auth-Token'"),
        ({**ACCESS, "region": "cn-south-1"}, {}, "IOTDA.000002"),
        ({**ACCESS, "secret_key": "wr0ngS3cret"}, {"refused_by": "gateway"}, "APIGW.0301"),
        (ACCESS, {"clock_skew": 0, "clock": "manual"}, "IOTDA.000002"),
        ({**PLACE, **USER, "project_id": "a4a5d4098fb4474fa22cd05f897d6fff", "token": ""}, {}, "Huawei Cloud IAM refused"),
    ],
)
def test_who_isn_t_let_in_learns_the_suspects(world: World, options: dict[str, Any], switches: dict[str, Any], told: str) -> None:
    world.begin(upgrade(), upgrade(task_id="aa"), **switches)
    if "clock" in switches:
        world.system.advance(1000)

    result = world.run(**options, iam_url=f"https://{HOST}", task_ids=[T, "aa"], state="stopped")

    assert result["failure"]["code"] == "authentication" and told in result["msg"] and len(world.requests) == 1
    assert "IAM refused" in told or all(suspect in result["msg"] for suspect in SUSPECTS)
    assert is_one_sentence(result["msg"]) and all(secret not in str(result) for secret in (SK, "wr0ngS3cret", "'secret'"))


@pytest.mark.parametrize(
    ("options", "switches"),
    [
        (ACCESS, {"subscribed": False}),
        ({**ACCESS, "instance_id": "another"}, {}),
        ({**ACCESS, "project_id": "a4a5d4098fb4474fa22cd05f897d6fff"}, {}),
    ],
)
def test_who_is_known_and_not_there_learns_where_to_look(world: World, options: dict[str, Any], switches: dict[str, Any]) -> None:
    """The signature was good: whoever signed it has no task there, or no right."""
    world.begin(upgrade(), upgrade(task_id="aa"), **switches)

    result = world.run(**options, task_ids=[T, "aa"], state="stopped")

    assert (result["failure"]["code"], result["failure"]["vendor_code"]) == ("permission", "IOTDA.000021") and len(world.requests) == 1
    assert "IOTDA.000021 Operation not allowed; User not found by IAM token" in result["msg"] and is_one_sentence(result["msg"])
    assert all(place in result["msg"] for place in ("region", "project_id", "instance_id", "subscription"))


def test_the_vendor_s_two_sentences_become_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Invalid input. The specified parameter 'limit' is out of range."
    with exchanges(monkeypatch, Call("GET", f"{BATCHTASKS}/{T}?limit=1", refusal("IOTDA.000017", text), status=400)):
        result = world.run(task_id=T, state="stopped")

    assert "(HTTP 400, IOTDA.000017 Invalid input; The specified parameter" in result["msg"] and is_one_sentence(result["msg"])


def test_a_user_without_the_right_is_told_so(world: World) -> None:
    world.begin(upgrade())

    result = world.run(**GUEST, task_id=T, state="stopped")

    assert (result["failure"]["code"], result["failure"]["vendor_code"]) == ("permission", "IOTDA.000022")


def test_a_user_who_may_look_and_not_stop_is_told_so(world: World) -> None:
    world.begin(upgrade(), denied=["stop"])

    result = world.run(task_id=T, state="stopped")

    assert (result["failure"]["code"], world.effects) == ("permission", [])


def test_another_project_s_token_is_told(world: World) -> None:
    world.begin(upgrade(), first_token="T" * 40)
    world.run(**{**PLACE, "project_id": "3f1c9a7d5e2b48c6a0d4e8f2b6c1a593"}, **USER, iam_url=f"https://{HOST}", task_id=T, state="stopped")
    before = len(world.journal)

    result = world.run(**PLACE, token="T" * 40, task_id=T, state="stopped")

    assert result["failure"]["vendor_code"] == "IOTDA.000021" and "project_id" in result["msg"] and len(world.journal) == before + 1


def test_after_the_first_refusal_nothing_more_is_sent(world: World) -> None:
    ids = many(20)
    world.begin(*[upgrade(task_id=id_) for id_ in ids])

    result = world.run(**{**ACCESS, "secret_key": "wrong"}, task_ids=ids, state="stopped")

    assert world.requests == ["show"] and len(result["tasks"]) == 20


def test_an_instance_without_confirm_is_told(world: World) -> None:
    world.begin(upgrade("Waitting", need_confirm=True), confirm_exists=False)

    result = world.run(task_id=T, state="started")

    assert result["failure"]["http_status"] == 404 and world.effects == []
    assert "this instance may be too old to know confirm" in result["msg"]


# Secrets

SECRET = "emulator-device-secret-3b935a250c50dc2c"


@pytest.mark.parametrize(
    "text", ['{{"task_details":[{{"output":"{0}"}}],"batchtask":', '{{"task_details":[{{"output":"{0}"}}]}}', '["output","{0}"]']
)
def test_what_a_device_put_out_is_in_no_message(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with exchanges(monkeypatch, Call("GET", f"{BATCHTASKS}/{T}?limit=1", text.format(SECRET))):
        result = world.run(task_id=T, state="stopped")

    assert result["failure"]["code"] == "protocol" and SECRET not in str(result)


@pytest.mark.parametrize("options", [{}, {"targets": ["dev_p"]}])
def test_what_a_device_put_out_is_in_no_result_and_no_log(world: World, caplog: pytest.LogCaptureFixture, options: dict[str, Any]) -> None:
    caplog.set_level(logging.DEBUG)
    put_out = [{"target": "dev_p", "status": "Fail", "output": SECRET}]
    world.begin({**upgrade("PartialSuccess"), "subtasks": put_out})

    result = world.run(task_id=T, state="started", retry_failed=True, **options)

    assert one(result)["reached"] and SECRET not in str(result) and SECRET not in caplog.text


def test_no_credential_is_in_a_result_or_a_log(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Call("GET", f"{BATCHTASKS}/{T}?limit=1", f"not with {SK}", status=400)

    with exchanges(monkeypatch, echo):
        result = world.run(task_id=T, state="stopped")

    assert SK not in str(result) and SK not in caplog.text and result["failure"]["code"] == "refused"


def test_a_connection_that_breaks_is_told_without_the_signature(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, Call("GET", f"{BATCHTASKS}/{T}?limit=1", requests.ConnectionError("Authorization: V11"))):
        result = world.run(task_id=T, state="stopped", retries=0)

    assert result["failure"]["code"] == "connection" and "V11" not in str(result)


# The tables as data


def test_each_state_has_a_meaning() -> None:
    assert all(state.meaning for table in (vendor.TABLE, vendor.DEVICES) for state in table.states)
