# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ctrlapi_task_info: what it reads, what it lists and what not, what it shows and what not."""

from __future__ import annotations

import json

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task_info

from tests.unit.plugins.modules.ctrlapi_world import KEYS, World, task
from tests.unit.plugins.modules.results import one, warnings


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(ctrlapi_task_info.main, "ctrlapi_task_info", capsys, monkeypatch)


def test_ids_come_in_the_order_given_by_one_request_and_an_unknown_one_is_absent(world: World) -> None:
    world.begin("live", task(1, "Stopped"), task(2, "Started", project_id=24))

    result = world.run(project_id=[23, 24], task_ids=[2, 9, 1])

    assert [(row["id"], row["state"], row["vendor_state"]) for row in result["tasks"]] == [
        ("2", "started", "Started"),
        ("9", "absent", None),
        ("1", "stopped", "Stopped"),
    ]
    assert world.requests == ["TaskInfo"] and result["changed"] is False and warnings(result) == []
    assert [row["vendor"].get("project_id") for row in result["tasks"]] == [24, None, 23]


def test_without_ids_active_live_tasks_are_listed_and_a_warning_tells_that_these_aren_t_all(world: World) -> None:
    world.begin("live", task(1, "Started"), task(2, "Stopped"), task(3, "Scheduled", project_id=24, stays=True), task(4, "Stalled"))

    result = world.run(project_id=[23, 24])

    assert [row["id"] for row in result["tasks"]] == ["1", "3"]
    assert warnings(result) == ["Boro lists active tasks of running probes only; others have to be named in task_ids."]
    assert [part["params"] for part in world.bodies[0]["methods"]] == [
        {"project_id": 23, "task_ids": "*"},
        {"project_id": 24, "task_ids": "*"},
    ]


def test_without_ids_queued_and_running_vod_tasks_are_listed(world: World) -> None:
    world.begin("vod", task(1, "Running"), task(2, "Completed"), task(3, "Scheduled", stays=True), task(4, "Stalled", stays=True),
                task(5, "Running", initial_task_id=4))  # fmt: skip

    result = world.run()

    assert [(row["id"], row["state"]) for row in result["tasks"]] == [("1", "started"), ("3", "waiting"), ("5", "started")]
    assert warnings(result) == ["Boro lists running and queued tasks only; others have to be named in task_ids."]
    assert world.bodies[0]["methods"][0]["params"] == {"project_id": 2, "task_ids": "*", "restart_chain": "exact"}


def test_a_task_that_was_restarted_is_shown_with_its_own_word_and_the_state_of_its_restart(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Canceled", initial_task_id=80), task(82, "Running", initial_task_id=80))

    row = one(world.run(task_id=80))

    assert (row["id"], row["state"], row["vendor_state"]) == ("80", "started", "Stalled")
    assert row["vendor"] == {"project_id": 2, "initial_task_id": 80, "restarted_as": 82, "restarted_status": "Running"}


def test_of_two_restarts_that_both_run_the_later_one_counts(world: World) -> None:
    chain = [task(number, "Running", initial_task_id=80) for number in (81, 82)]
    world.begin("vod", task(80, "Stalled", stays=True), *chain, task(83, "Rejected", initial_task_id=80))

    assert one(world.run(task_id=80))["vendor"]["restarted_as"] == 82


def test_an_ended_restart_is_the_end_of_its_task(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Completed", initial_task_id=80))

    assert one(world.run(task_id=80))["state"] == "completed"


def test_an_earlier_member_of_a_chain_says_nothing_of_a_later_one(world: World) -> None:
    world.begin("vod", task(80, "Running"), task(81, "Canceled", initial_task_id=80))

    assert [row["state"] for row in world.run(task_ids=[80, 81])["tasks"]] == ["started", "stopped"]


@pytest.mark.parametrize(("dialect", "meant"), [("live", "Started"), ("vod", "Running")])
def test_an_unknown_state_is_shown_as_that_and_can_be_mapped(world: World, dialect: str, meant: str) -> None:
    world.begin(dialect, task(1, "Frobnicating"))

    assert one(world.run(task_id=1))["state"] == "unknown"
    assert one(world.run(task_id=1, state_map={"Frobnicating": meant}))["state"] == "started"


def test_the_password_of_a_stream_s_source_isn_t_shown(world: World) -> None:
    world.begin("live", task(1, "Started", uri="rtsp://camera:pa55w0rd@10.0.0.1/1", name="Gate"))

    row = one(world.run(task_id=1))

    assert (row["name"], row["vendor"]["uri"]) == ("Gate", "rtsp://********@10.0.0.1/1")
    assert "pa55w0rd" not in json.dumps(row)


def test_a_list_with_an_error_in_it_isn_t_taken_for_a_list(world: World) -> None:
    world.begin("live", task(1, "Started"), ordered_errors=[{"level": "method", "beside": True, "text": "database is busy"}])

    result = world.run()

    assert "Boro refused TaskInfo for project 23 (database is busy)" in result["msg"] and result["tasks"] == []


def test_signed_requests_are_accepted(world: World) -> None:
    world.begin("live", task(1, "Started"), verify_hmac=True)

    assert one(world.run(api_key=KEYS["live"]))["id"] == "1"


def test_nothing_but_reads_is_ever_sent(world: World) -> None:
    world.begin("live", task(1, "Rejected"), require_read_only=True)

    assert one(world.run(task_id=1))["state"] == "failed" and world.writes == []
