# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iotda_batchtask_info: what it reads, how it pages, what it shows and what not."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import iotda_batchtask_info

from tests.emulator.vendors._iotda_rules import TASK_TYPES
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.iotda_world import BATCHTASKS, T, World, many, upgrade
from tests.unit.plugins.modules.results import one

SECRET = "emulator-device-secret-3b935a250c50dc2c"


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(iotda_batchtask_info.main, "iotda_batchtask_info", capsys, monkeypatch)


def found(result: dict[str, Any]) -> list[str]:
    return [row["id"] for row in result["tasks"]]


def part(*ids: str, marker: str | None = None) -> dict[str, Any]:
    rows = [{"task_id": id_, "task_name": "fw", "task_type": "firmwareUpgrade", "status": "Success"} for id_ in ids]
    return {"batchtasks": rows, "page": {"count": len(ids), "marker": marker}}


def listing(answer: Any, query: str = "", **more: Any) -> Call:
    return Call("GET", f"{BATCHTASKS}?limit=50{query}&task_type=firmwareUpgrade", answer, **more)


def test_ids_are_read_one_by_one_in_the_order_given_and_an_unknown_one_is_absent(world: World) -> None:
    first, second, lost = many(3)
    world.begin(upgrade("Stopped", first), upgrade("Waitting", second))

    result = world.run(task_ids=[second, lost, first])

    assert [(row["id"], row["state"], row["vendor_state"]) for row in result["tasks"]] == [
        (second, "waiting", "Waitting"),
        (lost, "absent", None),
        (first, "stopped", "Stopped"),
    ]
    assert world.requests == ["show"] * 3 and result["changed"] is False


# Page `iotda`, section 4.1; the odd spelling is the vendor's.
WORDS = {
    "Initializing": "starting",
    "Waitting": "waiting",
    "Processing": "started",
    "Stopping": "stopping",
    "Success": "completed",
    "Fail": "failed",
    "PartialSuccess": "failed",
    "Stopped": "stopped",
    "OfTomorrow": "unknown",
}


@pytest.mark.parametrize("status", WORDS)
@pytest.mark.parametrize("options", [{"task_id": T}, {"task_type": "firmwareUpgrade"}])
def test_each_state_is_told_in_both_words(world: World, status: str, options: dict[str, str]) -> None:
    world.begin(upgrade(status))

    row = one(world.run(**options))

    assert (row["id"], row["name"], row["state"], row["vendor_state"]) == (T, "fw_2025_01", WORDS[status], status)


@pytest.mark.parametrize("options", [{"task_id": T}, {"task_type": "firmwareUpgrade"}])
def test_a_task_that_is_held_is_paused_and_the_vendor_s_word_stays(world: World, options: dict[str, str]) -> None:
    world.begin(upgrade("Waitting", need_confirm=True))

    row = one(world.run(**options))

    assert (row["state"], row["vendor_state"], row["vendor"]["task_progress"]["waitting"]) == ("paused", "Waitting", 3)


def test_the_other_fields_come_as_they_are(world: World) -> None:
    world.begin(upgrade(document={"package_ids": ["p"]}, task_policy={"retry_count": 2}))

    vendor = one(world.run(task_id=T))["vendor"]

    assert vendor["document"] == {"package_ids": ["p"]} and vendor["task_policy"] == {"retry_count": 2}
    assert vendor["task_type"] == "firmwareUpgrade" and not {"task_id", "task_name", "status", "task_details"} & set(vendor)


def test_a_type_is_one_list(world: World) -> None:
    firmware, software = many(2)
    world.begin(upgrade(task_id=firmware), upgrade(task_id=software, task_type="softwareUpgrade"))

    assert found(world.run(task_type="softwareUpgrade")) == [software]
    assert [dict(entry["query"]) for entry in world.journal] == [{"limit": "50", "task_type": "softwareUpgrade"}]


def test_without_a_type_each_known_one_is_asked_for(world: World) -> None:
    ids = many(len(TASK_TYPES))
    world.begin(*[upgrade("Success", id_, task_type=kind) for id_, kind in zip(ids, TASK_TYPES, strict=True)])

    assert sorted(found(world.run())) == ids
    assert sorted(dict(entry["query"])["task_type"] for entry in world.journal) == sorted(TASK_TYPES)


def test_a_type_that_an_older_instance_doesn_t_know_is_passed_over(world: World) -> None:
    world.begin(upgrade())
    respond = world.system.respond

    def older(request: Any, call: Any) -> Any:
        reply = respond(request, call)
        if dict(request.query).get("task_type") in ("changeGateway", "moduleUpgrade", "createMessages", "updateDevices"):
            reply.status, reply.body = 400, b'{"error_code":"IOTDA.000006","error_msg":"Invalid input data."}'
        return reply

    world.system.respond = older  # type: ignore[method-assign]

    assert found(world.run()) == [T]


@pytest.mark.parametrize("options", [{"task_type": "noSuchType"}, {"status": "Running"}, {"task_type": "changeGateway", "app_id": "!"}])
def test_a_filter_that_the_vendor_refuses_is_told(world: World, options: dict[str, str]) -> None:
    result = world.run(**options)

    assert result["failure"]["code"] == "refused" and "IOTDA.000006" in result["msg"]
    assert result["tasks"] == [] and len(world.requests) == 1


def test_an_unknown_resource_space_is_told_by_its_option(world: World) -> None:
    result = world.run(task_type="firmwareUpgrade", app_id="nosuch")

    assert result["failure"]["code"] == "not_found" and result["msg"].endswith("check app_id.")


def test_filters_are_the_vendor_s_and_the_name_is_compared_here(world: World) -> None:
    first, second, third, fourth = many(4)
    world.begin(
        upgrade(task_id=first, task_name="wanted", app_id="space"),
        upgrade(task_id=second, task_name="wanted too", app_id="space"),
        upgrade("Success", third, task_name="wanted", app_id="space"),
        upgrade(task_id=fourth, task_name="wanted", app_id="another"),
    )

    assert found(world.run(task_type="firmwareUpgrade", status="Processing", app_id="space", task_name="wanted")) == [first]
    assert dict(world.journal[0]["query"]) == {
        "task_type": "firmwareUpgrade", "status": "Processing", "app_id": "space", "limit": "50",
    }  # fmt: skip


def test_a_name_that_several_tasks_have_shows_them_all(world: World) -> None:
    world.begin(*[upgrade(task_id=id_) for id_ in many(3)])

    assert sorted(found(world.run(task_name="fw_2025_01"))) == many(3)


def test_waitting_passes_with_the_vendor_s_two_t(world: World) -> None:
    waits, runs = many(2)
    world.begin(upgrade("Waitting", waits), upgrade("Processing", runs))

    result = world.run(task_type="firmwareUpgrade", status="Waitting")

    assert found(result) == [waits] and one(result)["vendor"]["task_progress"]["waitting"] == 3


@pytest.mark.parametrize("marker", ["absent", "null"])
def test_all_of_1200_tasks_are_found_by_markers_newest_first(world: World, marker: str) -> None:
    ids = many(1200)
    world.begin(*[upgrade("Success", id_, targets=["a"]) for id_ in ids], empty_page_marker=marker)

    assert found(world.run(task_type="firmwareUpgrade")) == ids[::-1]
    assert len(world.requests) == 25 and all("offset" not in dict(entry["query"]) for entry in world.journal)


def test_the_marker_is_the_one_that_came(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full, rest = many(50, first=1)[::-1], many(1)

    with exchanges(monkeypatch, listing(part(*full, marker="e" * 24)), listing(part(*rest), f"&marker={'e' * 24}")):
        assert found(world.run(task_type="firmwareUpgrade")) == full + rest


def test_without_a_marker_the_last_id_serves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full, rest = many(50, first=1)[::-1], many(1)

    with exchanges(monkeypatch, listing(part(*full)), listing(part(*rest), f"&marker={full[-1]}")):
        assert found(world.run(task_type="firmwareUpgrade")) == full + rest


def test_a_marker_that_comes_again_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full = part(*many(50), marker="e" * 24)

    with exchanges(monkeypatch, listing(full), listing(full, f"&marker={'e' * 24}")):
        result = world.run(task_type="firmwareUpgrade")

    assert result["failure"]["code"] == "protocol" and "gives a marker a second time" in result["msg"] and result["tasks"] == []


def test_rows_with_30_000_devices_are_read(world: World) -> None:
    ids = many(3)
    world.begin(*[{"task_id": id_, "task_type": "firmwareUpgrade", "status": "Success", "target_count": 30_000} for id_ in ids])

    result = world.run(task_type="firmwareUpgrade")

    assert [len(row["vendor"]["targets"]) for row in result["tasks"]] == [30_000] * 3


def test_members_of_null_don_t_matter(world: World) -> None:
    world.begin(upgrade("Success"), optional_fields="null", task_progress="null")

    vendor = one(world.run(task_type="firmwareUpgrade"))["vendor"]

    assert vendor["task_policy"] is None and vendor["task_progress"] is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"batchtasks": None},
        {"batchtasks": [{"task_id": T}]},
        {"batchtasks": [{"task_id": T, "status": None}]},
        {"batchtasks": ["x"]},
    ],
)
def test_a_list_of_another_shape_is_told(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, listing(answer)):
        assert world.run(task_type="firmwareUpgrade")["failure"] == {"code": "protocol", "http_status": 200}


def test_no_tasks_at_all_are_an_empty_list(world: World) -> None:
    result = world.run()
    # Newer ansible-cores don't return it any more.
    result.pop("invocation", None)

    assert result == {"changed": False, "tasks": []}


def test_a_list_answered_404_is_no_empty_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listing({"error_code": "IOTDA.000029", "error_msg": "?"}, status=404)):
        assert world.run(task_type="firmwareUpgrade")["failure"]["code"] == "not_found"


@pytest.mark.parametrize("options", [{"task_id": T}, {"task_type": "createDevices"}, {}])
def test_what_a_device_put_out_is_in_no_result_and_no_log(world: World, caplog: pytest.LogCaptureFixture, options: dict[str, str]) -> None:
    caplog.set_level(logging.DEBUG)
    put_out = [{"target": "dev_p", "status": "Success", "output": SECRET}]
    world.begin({**upgrade("Success", task_type="createDevices"), "subtasks": put_out})

    result = world.run(**options)

    assert found(result) == [T] and SECRET not in str(result) and SECRET not in caplog.text


@pytest.mark.parametrize("call", ["show", "list"])
def test_a_throttled_read_waits_and_goes_on(world: World, call: str) -> None:
    world.begin(upgrade())
    world.fault("status", call, status=403, body={"error_code": "IOTDA.021102", "error_msg": "too many"})

    assert found(world.run(**({"task_id": T} if call == "show" else {"task_type": "firmwareUpgrade"}))) == [T]


def test_check_mode_shows_the_same(world: World) -> None:
    world.begin(upgrade())

    assert world.run(task_id=T, check=True)["tasks"] == world.run(task_id=T)["tasks"]


def test_who_isn_t_let_in_learns_the_suspects_after_one_request(world: World) -> None:
    result = world.run(signature="standard")

    assert result["failure"]["code"] == "authentication" and "the signature (standard or derived)" in result["msg"]
    assert len(world.requests) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"task_ids": ["a", "a"]}, "names a twice"),
        ({"task_id": "a/b"}, "can't stand in an address"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_sent(world: World, options: dict[str, Any], told: str) -> None:
    result = world.run(**options)

    assert told in result["msg"] and result["failure"]["code"] == "usage" and world.journal == []
