# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `airflow_dag` promises, against Airflow's own servers and the emulator: what Airflow itself shows counts, by the fewest calls."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from .by_hand import wait_for
from .conftest import Call
from .kinds import ALL, SMALL
from .proxy import Proxy, Rule
from .servers import USERS
from .world import World

# A list of all Dags takes a call for each hundred of them, begun ones included.
MOST_READS = ceil(ALL / 100) + 6


def _row(result: dict[str, Any]) -> dict[str, Any]:
    (row,) = result["tasks"]
    assert isinstance(row, dict)
    return row


def _short(result: dict[str, Any]) -> tuple[str, str, str, bool]:
    row = _row(result)
    return row["before"], row["action"], row["after"], row["reached"]


def _failure(result: dict[str, Any], code: str) -> str:
    """The message of a failure: one sentence, with a word of ours for its kind."""
    assert result["failed"] and result["failure"]["code"] == code, result["msg"]
    message = str(result["msg"])
    assert "\n" not in message and message.endswith(".") and ". " not in message, message
    return message


def _is_pause(method: str, _path: str) -> bool:
    return method == "PATCH"


def _reads_instances(_method: str, path: str) -> bool:
    return path.endswith("/taskInstances/list")


def _let_go_once_it_is_read(world: World, proxy: Proxy, dag_id: str) -> None:
    """The Dag's work goes on until the module has read that it's under way."""
    proxy.add(Rule(_reads_instances, after=lambda: world.let_go(dag_id)))


def _let_go_once_it_is_waited_for(world: World, proxy: Proxy, dag_id: str) -> None:
    """The Dag's work goes on until the module has paused the Dag and then read that it's under way."""
    proxy.add(Rule(_is_pause, after=lambda: _let_go_once_it_is_read(world, proxy, dag_id)))


# Quiet is judged by task instances


def test_paused_is_reached_when_the_work_has_ended_and_the_run_stays_open(world: World, call: Call, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("long")
    _let_go_once_it_is_waited_for(world, proxy, dag_id)

    result = call(dag_id, "paused")

    assert _short(result) == ("started", "pause", "paused", True)
    assert not world.is_working(dag_id)
    assert world.by_hand.instances(dag_id, run_id)["work"] == "success"
    assert world.by_hand.runs(dag_id) == {run_id: "running"}
    assert [str(write).partition("/dags/")[2] for write in proxy.writes] == [dag_id]

    put_back = call(dag_id, "started")

    assert _row(put_back)["action"] == "unpause" and run_id in _row(put_back)["note"]
    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the run goes on")


def test_before_that_it_is_pausing_and_the_time_out_says_what_works(world: World, call: Call) -> None:
    dag_id, run_id = world.begin("queue")

    message = _failure(call(dag_id, "paused", wait_timeout=6), "timeout")

    assert dag_id in message and "1 running" in message
    world.by_hand.set_run(dag_id, run_id, "failed")


def test_a_deferred_task_is_work_until_its_trigger_has_fired(world: World, call: Call, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("defer", "deferred")
    _let_go_once_it_is_waited_for(world, proxy, dag_id)

    result = call(dag_id, "paused")

    assert _short(result) == ("started", "pause", "paused", True)
    assert world.by_hand.instances(dag_id, run_id) == {"waits": "scheduled"}
    call(dag_id, "started")
    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the deferred task goes on")


def test_a_retry_that_waits_is_quiet_and_is_told_before_it_is_set_free(world: World, call: Call) -> None:
    dag_id, run_id = world.begin("retry", "up_for_retry")
    call(dag_id, "paused")
    assert world.by_hand.instances(dag_id, run_id) == {"fails": "up_for_retry"}

    told = call(dag_id, "started", check=True)

    assert "1 up_for_retry" in _row(told)["note"] and world.by_hand.is_paused(dag_id)
    call(dag_id, "stopped")
    assert world.by_hand.runs(dag_id) == {run_id: "failed"}


def test_task_instances_of_a_mapped_task_that_are_not_begun_stay(world: World, call: Call, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("mapped")
    _let_go_once_it_is_waited_for(world, proxy, dag_id)

    result = call(dag_id, "paused")

    assert _row(result)["reached"] and not world.is_working(dag_id)
    states = set(world.by_hand.instances(dag_id, run_id).values())
    assert states <= {"success", "scheduled", None} and len(states) > 1
    call(dag_id, "stopped")


# Read first, fewest requests


@pytest.mark.parametrize("count", [1, 100, SMALL])
def test_so_many_writes_as_dags_are_active_and_few_reads(world: World, call: Call, proxy: Proxy, count: int) -> None:
    dag_ids = [f"small_{number:03}" for number in range(count)]
    active = [dag_id for dag_id, is_paused in world.by_hand.paused("small").items() if dag_id in dag_ids and not is_paused]

    # The module's own defaults: a busy server takes its time for 200 changes.
    pace = {"poll_interval": 5, "wait_timeout": 300}
    paused = call(dag_ids, "paused", **pace)

    assert paused["summary"] == {"wanted": "paused", "total": count, "reached": count, "changed": len(active), "failed": 0, "skipped": 0}
    assert sorted(write.path.rpartition("/")[2] for write in proxy.writes) == sorted(active)
    assert len(proxy.reads) <= MOST_READS, "\n".join(map(str, proxy.reads))
    assert all(body.get("dag_ids") for body in (read.body for read in proxy.reads) if body)

    proxy.clear()
    call(active, "started", **pace)

    assert sorted(write.path.rpartition("/")[2] for write in proxy.writes) == sorted(active)
    assert len(proxy.reads) <= MOST_READS, "\n".join(map(str, proxy.reads))
    assert [dag_id for dag_id, is_paused in world.by_hand.paused("small").items() if dag_id in dag_ids and not is_paused] == active


def test_a_second_run_sends_nothing(world: World, call: Call, proxy: Proxy) -> None:
    dag_id = world.take("plain")
    assert call(dag_id, "paused")["changed"]
    proxy.clear()

    again = call(dag_id, "paused")

    assert not again["changed"] and _short(again) == ("paused", "none", "paused", True)
    assert proxy.writes == []


def test_check_mode_sends_no_write_and_tells_where_it_would_arrive(world: World, call: Call, proxy: Proxy) -> None:
    dag_id = world.take("plain")

    result = call(dag_id, "paused", check=True)

    assert (_row(result)["after"], result["changed"]) == ("paused", True)
    assert proxy.writes == [] and not world.by_hand.is_paused(dag_id)


def test_no_ids_are_nothing_to_do(world: World, call: Call, proxy: Proxy) -> None:
    result = call([], "paused")

    assert (result["changed"], result["tasks"]) == (False, [])
    assert proxy.writes == []


def test_an_unknown_id_stops_all_before_anything_is_changed(world: World, call: Call, proxy: Proxy) -> None:
    dag_id = world.take("plain")

    message = _failure(call([dag_id, "etl_", "LONG_0"], "paused"), "not_found")

    assert "etl_" in message and "LONG_0" in message
    assert proxy.writes == [] and not world.by_hand.is_paused(dag_id)


def test_only_the_very_dag_is_paused_where_its_id_is_part_of_others(world: World, call: Call) -> None:
    call("etl_0", "paused")

    assert {dag_id: world.by_hand.is_paused(dag_id) for dag_id in ("etl_0", "my_etl_0_old", "etlx0")} == {
        "etl_0": True,
        "my_etl_0_old": False,
        "etlx0": False,
    }
    call("etl_0", "started")


# Stopping


def test_stopped_is_claimed_when_no_process_works_any_more(world: World, call: Call, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("queue")
    waiting = world.by_hand.trigger(dag_id, world.new_run_id())

    result = call(dag_id, "stopped", wait_timeout=90)

    assert _row(result)["reached"] and not world.is_working(dag_id)
    assert world.by_hand.runs(dag_id) == {run_id: "failed", waiting: "failed"}
    assert world.by_hand.is_paused(dag_id)
    # The pause, and the runs of the Dag: all in one call where there is one.
    assert len(proxy.writes) == (2 if world.generation == 3 else 3)


def test_a_run_that_has_ended_is_left_as_it_is(world: World, call: Call) -> None:
    dag_id = world.take("plain")
    run_id = world.by_hand.trigger(dag_id, world.new_run_id())
    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the run ends")

    call(dag_id, "stopped")

    assert world.by_hand.runs(dag_id) == {run_id: "success"}


def test_a_teardown_that_is_left_is_told_with_what_to_do(world: World, call: Call) -> None:
    dag_id, run_id = world.begin("cleans")

    result = call(dag_id, "stopped", wait_timeout=90)

    assert _row(result)["reached"] and not world.is_working(dag_id)
    assert world.by_hand.instances(dag_id, run_id) == {"work": "failed", "after": "skipped", "clean": None}
    assert any("teardown" in warning and run_id in warning for warning in map(str, result["warnings"]))
    again = call(dag_id, "stopped")
    assert _row(again)["reached"]


def test_drain_lets_the_run_end_before_the_pause(world: World, call: Call, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("long")
    _let_go_once_it_is_read(world, proxy, dag_id)

    result = call(dag_id, "paused", drain=60)

    assert _row(result)["reached"]
    assert world.by_hand.runs(dag_id) == {run_id: "success"}
    assert len(proxy.writes) == 1


# What unpausing sets free


@pytest.mark.parametrize("kind", ["minute", "catchup"])
def test_missed_ticks_are_told_before_they_are_set_free(world: World, call: Call, kind: str) -> None:
    dag_id = world.take(kind)

    told = call(dag_id, "started", check=True)
    assert "missed" in _row(told)["note"] and world.by_hand.runs(dag_id) == {}
    call(dag_id, "started")

    wait_for(lambda: len(world.by_hand.runs(dag_id)) >= (1 if kind == "minute" else 3), "the missed ticks")
    call(dag_id, "stopped", wait_timeout=90)
    assert set(world.by_hand.runs(dag_id).values()) <= {"success", "failed"}
    assert len(world.by_hand.runs(dag_id)) <= 3 or kind == "catchup"


def test_a_queued_run_is_told_before_it_is_set_free(world: World, call: Call) -> None:
    dag_id = world.take("plain")
    call(dag_id, "paused")
    run_id = world.by_hand.trigger(dag_id, world.new_run_id())

    told = call(dag_id, "started", check=True)

    assert run_id in _row(told)["note"] and "queued" in _row(told)["note"]
    assert world.by_hand.runs(dag_id) == {run_id: "queued"}
    call(dag_id, "stopped")
    assert world.by_hand.runs(dag_id) == {run_id: "failed"}


# Faults on the way


def test_an_answer_that_is_lost_is_read_again_and_nothing_sent_twice(world: World, call: Call, proxy: Proxy) -> None:
    dag_id = world.take("plain")
    proxy.add(Rule(_is_pause, lose=True))

    result = call(dag_id, "paused")

    assert _row(result)["reached"] and result["changed"]
    assert len(proxy.writes) == 1


def test_one_that_is_refused_keeps_no_other_from_its_state(world: World, call: Call, proxy: Proxy) -> None:
    one, other = world.take("plain"), world.take("plain")
    proxy.add(Rule(lambda method, path: method == "PATCH" and path.endswith(one), times=9, status=403, body={"detail": "Forbidden"}))

    result = call([one, other], "paused")

    assert {row["id"]: row["reached"] for row in result["tasks"]} == {one: False, other: True}
    assert one in _failure(result, "permission")
    assert (world.by_hand.is_paused(one), world.by_hand.is_paused(other)) == (False, True)


@pytest.mark.alone
def test_a_dag_that_vanishes_between_read_and_act_is_told(world: World, call: Call, proxy: Proxy) -> None:
    dag_id = world.take("plain")
    proxy.add(Rule(_is_pause, before=lambda: world.by_hand.delete(dag_id)))

    assert dag_id in _failure(call(dag_id, "paused"), "not_found")


def test_a_token_that_expires_is_renewed_once(world: World, call: Call, proxy: Proxy) -> None:
    if world.generation == 2:
        pytest.skip("2.11 has no tokens of its own")
    dag_id = world.take("plain")
    proxy.add(Rule(_is_pause, status=403, body={"detail": "Invalid JWT token"}))

    result = call(dag_id, "paused")

    assert _row(result)["reached"]
    assert [seen.is_sign_in for seen in proxy.seen].count(True) == 2


@pytest.mark.alone
def test_a_scheduler_that_is_lost_with_work_queued_is_told_by_the_time_out(world: World, call: Call) -> None:
    dag_id = world.take("queue")
    with world.without_scheduler():
        run_id = world.by_hand.trigger(dag_id, world.new_run_id())
        world.leave_queued(dag_id, run_id)

        message = _failure(call(dag_id, "paused", wait_timeout=4), "timeout")

        assert "1 queued" in message
        world.by_hand.set_run(dag_id, run_id, "failed")


# Access


def test_a_viewer_is_told_that_a_right_is_missing_and_nothing_is_changed(world: World, call: Call) -> None:
    dag_id = world.take("plain")

    message = _failure(call(dag_id, "paused", username="viewer", password=USERS["viewer"]), "permission")

    assert "edit Dags" in message and not world.by_hand.is_paused(dag_id)


def test_a_wrong_password_is_told(world: World, call: Call, proxy: Proxy) -> None:
    result = call("half_0", "paused", password="wrong-password")

    _failure(result, "authentication" if world.generation == 3 else "permission")
    assert "wrong-password" not in str(result) and proxy.writes == []


def test_the_wrong_generation_of_the_api_is_told(world: World, call: Call, proxy: Proxy) -> None:
    result = call("half_0", "paused", api_version="v1" if world.generation == 3 else "v2")

    assert result["failed"] and "api_version" in result["msg"] and proxy.writes == []


@pytest.mark.parametrize("dag_id", ["small/018", "small%018"])
def test_an_id_that_no_dag_can_have_is_refused_and_reaches_no_address(world: World, call: Call, proxy: Proxy, dag_id: str) -> None:
    _failure(call(dag_id, "paused"), "usage")

    assert proxy.seen == []


def test_a_prefix_of_a_proxy_is_part_of_the_url(world: World, call: Call) -> None:
    dag_id = world.take("plain")
    with Proxy(world.url, "/tools/airflow", world.turns) as prefixed:
        result = call(dag_id, "paused", url=prefixed.url)
        call(dag_id, "started", url=prefixed.url)

    assert _row(result)["reached"] and len(prefixed.writes) == 2


# Reading


def test_stale_broken_and_unscheduled_are_told_apart(world: World, info: Call) -> None:
    world.await_files()

    found = {task["id"]: task for task in info(dag_ids=["gone", "broken", "long_0", "minute_3"])["tasks"]}

    assert found["gone"]["vendor_state"] == "stale" and "gone" in found["gone"]["vendor"]["why_stale"]
    assert [found[id_]["vendor"]["has_import_errors"] for id_ in ("gone", "broken")] == [False, True]
    if world.generation == 3:
        assert found["broken"]["vendor_state"] == "stale" and "import" in found["broken"]["vendor"]["why_stale"]
    assert found["minute_3"]["state"] == "paused"


def test_a_list_is_narrowed_by_tags_owners_pattern_and_paused_and_compared_exactly(world: World, info: Call) -> None:
    def ids(**filters: Any) -> set[str]:
        return {task["id"] for task in info(**filters)["tasks"]}

    world.await_files()
    assert ids(tags=["team"]) == {"etl_0", "my_etl_0_old", "etlx0"}
    assert ids(owners=["data"]) == {"etl_0", "my_etl_0_old"}
    assert ids(id_pattern="etl_*") == {"etl_0"}
    assert "gone" in ids(stale=True) and "gone" not in ids()
    assert (ids(tags=["half"], paused=True), ids(tags=["half"], paused=False)) == ({"half_1"}, {"half_0"})


def test_a_viewer_may_read(world: World, info: Call) -> None:
    assert info(dag_ids=["etl_0"], username="viewer", password=USERS["viewer"])["tasks"][0]["id"] == "etl_0"
