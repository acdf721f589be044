# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""airflow_dag: what each state asks for under each wish, when a Dag counts as quiet, how many requests it takes, what bad input gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors._airflow_states import PROCESS_SECONDS, QUIET_SECONDS
from ansible_collections.taskops.quiesce.plugins.modules import airflow_dag

from tests.unit.plugins.modules.airflow_world import MANAGED, RUN, URL, V1, V2, VIEWER, World, dag, many, under_way
from tests.unit.plugins.modules.results import is_one_sentence, one, warnings

both = pytest.mark.parametrize("version", [V2, V1])


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(airflow_dag.main, "airflow_dag", capsys, monkeypatch)


@dataclass(frozen=True)
class Situation:
    """A Dag as it is found, the word for it, and what is sent for each wish."""

    fields: dict[str, Any]
    word: str
    paused: tuple[str, ...] = ()
    started: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


PAUSED: dict[str, Any] = {"is_paused": True}
QUEUED_RUN: dict[str, Any] = {"tasks": [{"task_id": "work"}], "runs": [{"dag_run_id": RUN, "state": "queued"}]}
SITUATIONS = {
    # Page `airflow`, "When is a paused Dag quiet?".
    "active": Situation(dag(), "waiting", ("pause",), (), ("pause",)),
    "active, without a schedule": Situation({"dag_id": "orders", "tasks": []}, "waiting", ("pause",), (), ("pause",)),
    "active, at work": Situation(dag(**under_way()), "started", ("pause",), (), ("pause", "fail_run")),
    "active, deferred": Situation(dag(**under_way("deferred", left=30)), "started", ("pause",), (), ("pause", "fail_run")),
    "active, between two task instances": Situation(
        dag(**under_way("up_for_retry", left=600)), "started", ("pause",), (), ("pause", "fail_run")
    ),
    "stale": Situation(dag(is_stale=True), "waiting", ("pause",), (), ("pause",)),
    "paused": Situation(dag(**PAUSED), "paused", (), ("unpause",), ()),
    "paused, stale": Situation(dag(**PAUSED, is_stale=True), "paused", (), ("unpause",), ()),
    "paused, running": Situation(dag(**PAUSED, **under_way()), "pausing", (), ("unpause",), ("fail_run",)),
    "paused, queued": Situation(dag(**PAUSED, **under_way("queued")), "pausing", (), ("unpause",), ("fail_run",)),
    "paused, deferred": Situation(dag(**PAUSED, **under_way("deferred", left=30)), "pausing", (), ("unpause",), ("fail_run",)),
    "paused, scheduled": Situation(dag(**PAUSED, **under_way("scheduled")), "paused", (), ("unpause",), ("fail_run",)),
    "paused, up for retry": Situation(dag(**PAUSED, **under_way("up_for_retry", left=1)), "paused", (), ("unpause",), ("fail_run",)),
    "paused, not yet looked at": Situation(dag(**PAUSED, **under_way(None)), "paused", (), ("unpause",), ("fail_run",)),
    "paused, a run queued": Situation(dag(**PAUSED, **QUEUED_RUN), "paused", (), ("unpause",), ("fail_run",)),
}
CELLS = [(name, wish) for name in SITUATIONS for wish in ("paused", "started", "stopped")]
# One call for many runs, or one for each: the same to whoever looks at what is done.
SAME = {"patch_runs": "fail_run", "patch_run": "fail_run", "patch": "pause"}


def sent(world: World) -> tuple[str, ...]:
    return tuple(SAME.get(word, word) for word in world.writes)


@both
@pytest.mark.parametrize(("name", "wish"), CELLS)
def test_each_state_gets_what_its_wish_asks_for_and_nothing_else(world: World, name: str, wish: str, version: str) -> None:
    situation = SITUATIONS[name]
    world.begin(situation.fields, version=version)

    row = one(world.run(dag_id="orders", state=wish))

    assert (row["before"], sent(world)) == (situation.word, getattr(situation, wish))
    assert row["reached"] and row["changed"] == bool(getattr(situation, wish))
    assert world.truth()["is_paused"] is (wish != "started")


@both
@pytest.mark.parametrize(("name", "wish"), CELLS)
def test_check_mode_reads_once_and_foretells_what_is_sent(world: World, name: str, wish: str, version: str) -> None:
    situation = SITUATIONS[name]
    world.begin(situation.fields, version=version)

    row = one(world.run(dag_id="orders", state=wish, check=True))

    assert world.writes == [] and row["reached"] and row["changed"] == bool(getattr(situation, wish))
    assert len(row["action"].split(", ")) == max(1, len(getattr(situation, wish)))


@both
@pytest.mark.parametrize(("name", "wish"), CELLS)
def test_the_second_run_changes_nothing(world: World, name: str, wish: str, version: str) -> None:
    world.begin(SITUATIONS[name].fields, version=version)
    world.run(dag_id="orders", state=wish)
    before = len(world.writes)

    again = one(world.run(dag_id="orders", state=wish))

    assert (again["changed"], again["reached"], world.writes[before:]) == (False, True, [])


# Quiet


@both
def test_paused_is_claimed_after_two_quiet_reads_some_seconds_apart(world: World, version: str) -> None:
    world.begin(dag(), version=version)
    begun = world.clock.now()

    row = one(world.run(dag_id="orders", state="paused"))

    assert row["after"] == "paused" and world.clock.now() - begun == QUIET_SECONDS
    assert world.requests[-4:] == ["pause", "show", "list_instances", "list_instances"]


@both
def test_queued_task_instances_of_a_paused_dag_still_start_and_are_waited_for(world: World, version: str) -> None:
    world.begin(dag(**under_way("queued")), version=version, executor_delay=5)
    begun = world.clock.now()

    row = one(world.run(dag_id="orders", state="paused"))

    assert row["reached"] and not world.truth()["working"]
    assert world.clock.now() - begun >= 35 + QUIET_SECONDS


def test_what_is_queued_between_the_two_reads_begins_the_wait_anew(world: World) -> None:
    world.begin(dag(**under_way("scheduled")))
    respond, looks = world.system.respond, 0

    def queue_late(request: Any, call: Any) -> Any:
        nonlocal looks
        looks += call.action == "list_instances"
        reply = respond(request, call)
        if looks == 2:
            looks += 1
            world.system.act("orders", "set", {"state": "running"})
        return reply

    world.system.respond = queue_late  # type: ignore[method-assign]
    begun = world.clock.now()

    assert one(world.run(dag_id="orders", state="paused"))["reached"]
    assert world.clock.now() - begun >= 30 + QUIET_SECONDS


@pytest.mark.parametrize(("version", "state"), [(V1, "shutdown"), (V2, "awaiting_input"), (V2, "restarting"), (V1, "restarting")])
def test_states_that_were_never_seen_to_end_keep_a_dag_from_being_paused(world: World, version: str, state: str) -> None:
    world.begin(dag(**PAUSED, **under_way(state)), version=version)

    result = world.run(dag_id="orders", state="paused", wait_timeout=20)

    assert one(result)["after"] == "pausing" and f"task instances: 1 {state}" in result["msg"]


def test_a_release_that_does_not_know_the_newest_state_is_asked_without_it(world: World) -> None:
    world.begin(dag())
    respond = world.system.respond

    def older(request: Any, call: Any) -> Any:
        is_unknown = call.action == "list_instances" and b"awaiting_input" in request.body
        return type(respond(request, call)).of_json({"detail": "Invalid value for state"}, 422) if is_unknown else respond(request, call)

    world.system.respond = older  # type: ignore[method-assign]

    assert one(world.run(dag_id="orders", state="paused"))["reached"]


# Stopped


@both
def test_stopped_is_claimed_only_when_no_process_may_live_any_more(world: World, version: str) -> None:
    world.begin(dag(**under_way()), version=version)
    begun = world.clock.now()

    row = one(world.run(dag_id="orders", state="stopped"))

    assert row["reached"] and world.clock.now() - begun >= PROCESS_SECONDS and not world.truth()["working"]


@both
def test_a_run_that_has_ended_is_never_set_to_failed(world: World, version: str) -> None:
    fields = under_way()
    fields["runs"].append({"dag_run_id": "manual__0", "state": "success", "task_instances": [{"task_id": "work", "state": "success"}]})
    world.begin(dag(**fields), version=version)

    world.run(dag_id="orders", state="stopped")

    states = {run["dag_run_id"]: run["state"] for run in world.truth()["runs"]}
    assert states == {RUN: "failed", "manual__0": "success"}


@both
def test_teardown_tasks_are_told_with_what_to_do(world: World, version: str) -> None:
    fields = under_way("running", {"task_id": "clean", "state": None})
    fields["tasks"][1]["teardown"] = True
    world.begin(dag(**fields), version=version)

    result = world.run(dag_id="orders", state="stopped")

    assert one(result)["reached"] and world.truth()["runs"][0]["state"] == "running"
    told = "doesn't end teardown tasks; leave it if they are to run then, else set these tasks to failed"
    assert any(told in text for text in warnings(result))


@pytest.mark.parametrize("times", [1, 9])
def test_a_run_that_runs_on_after_it_was_set_to_failed_is_not_claimed_as_stopped(world: World, times: int) -> None:
    """2.11.2 was seen to do so if a task instance of the run was just starting."""
    world.begin(dag(**under_way("queued")), version=V1)
    respond = world.system.respond
    left = [times]

    def run_on(request: Any, call: Any) -> Any:
        answer = respond(request, call)
        if request.method == "PATCH" and "/dagRuns/" in request.path and left[0]:
            left[0] -= 1
            world.system.load([dag(is_paused=True, **under_way("running"))], keep=True)
        return answer

    world.system.respond = run_on  # type: ignore[method-assign]

    result = world.run(dag_id="orders", state="stopped", wait_timeout=300)

    if times == 1:
        assert one(result)["reached"] and world.truth()["runs"][0]["state"] == "failed"
        assert sent(world).count("fail_run") == 2
    else:
        assert not one(result)["reached"]
        assert result["msg"].startswith("Dag orders is in state paused, working after 3 actions; something else changes it, too (")
    assert not any("teardown" in text for text in [*warnings(result), result.get("msg", "")])


def test_many_dags_are_stopped_by_one_call_on_airflow_3(world: World) -> None:
    world.begin(*(dag(f"dag_{index}", **under_way()) for index in range(5)))

    result = world.run(dag_ids=[f"dag_{index}" for index in range(5)], state="stopped")

    assert result["summary"]["reached"] == 5 and len([word for word in sent(world) if word == "fail_run"]) == 1


def test_a_run_that_the_one_call_leaves_is_read_in_its_200(world: World) -> None:
    world.begin(dag("a", **under_way()), dag("b", **under_way()))
    respond = world.system.respond

    def vanish(request: Any, call: Any) -> Any:
        if request.method == "PATCH" and request.path.endswith("/dags/~/dagRuns"):
            world.system.act("b", "delete", {})
        return respond(request, call)

    world.system.respond = vanish  # type: ignore[method-assign]

    result = world.run(dag_ids=["a", "b"], state="stopped")

    rows = {row["id"]: row for row in result["tasks"]}
    assert rows["a"]["reached"] and rows["b"]["after"] == "absent"


# Drain


@both
def test_a_drained_dag_is_paused_as_soon_as_its_runs_are_over(world: World, version: str) -> None:
    world.begin(dag(**under_way()), version=version)
    begun = world.clock.now()

    row = one(world.run(dag_id="orders", state="paused", drain=600))

    assert row["action"] == "pause" and world.truth()["runs"][0]["state"] == "success"
    assert 30 <= world.clock.now() - begun < 60


def test_a_dag_that_does_not_end_in_time_is_paused_then(world: World) -> None:
    world.begin(dag(**under_way("running", left=100)))

    row = one(world.run(dag_id="orders", state="paused", drain=20))

    assert row["reached"] and world.truth()["runs"][0]["state"] == "running"


# What unpausing sets free


@both
def test_what_unpausing_sets_free_is_told_before_it_is_done(world: World, version: str) -> None:
    waiting = under_way("scheduled")
    waiting["runs"].append({"dag_run_id": "manual__2", "state": "queued"})
    world.begin(dag(**PAUSED, **{**waiting, "next_in": -3600}), version=version)

    planned = world.run(dag_id="orders", state="started", check=True)
    note = one(planned)["note"]

    assert world.writes == [] and note in [f"{text}" for text in warnings(planned)]
    assert "queued run manual__2 begins" in note and f"run {RUN} goes on (1 scheduled, " in note
    assert "the ticks missed since" in note and "all of them with catchup, one or two without" in note
    assert one(world.run(dag_id="orders", state="started"))["note"] == note


def test_nothing_is_told_where_nothing_waits(world: World) -> None:
    world.begin(dag(**PAUSED))

    result = world.run(dag_id="orders", state="started")

    assert "note" not in one(result) and not any("begins at once" in text for text in warnings(result))


# How many requests it takes


@pytest.mark.long
@both
@pytest.mark.parametrize(("number", "active"), [(1, 1), (2, 2), (100, 100), (300, 200), (300, 300)])
def test_n_active_of_m_dags_take_n_writes_and_few_reads_to_pause_and_to_put_back(
    world: World, number: int, active: int, version: str
) -> None:
    dags = many(number, active)
    world.begin(*dags, version=version)
    ids = [row["dag_id"] for row in dags[:active]]
    most = -(-number // 100) + 6

    assert world.run(dag_ids=ids, state="paused")["summary"]["changed"] == active
    assert len(world.writes) == active and len(world.reads) <= most

    reads = len(world.reads)
    assert world.run(dag_ids=ids, state="started")["summary"]["changed"] == active
    assert len(world.writes) == 2 * active and len(world.reads) - reads <= most


@both
def test_dags_whose_ids_begin_alike_are_listed_without_the_others(world: World, version: str) -> None:
    others = [dag(f"other_{index:03d}") for index in range(500)]
    world.begin(*others, dag("team_A"), *many(150, 150), version=version)

    result = world.run(dag_ids=[row["dag_id"] for row in many(150, 150)], state="paused")

    assert result["summary"]["reached"] == 150
    # Two pages before, and one after that shows no other Dag as unpaused.
    assert world.reads.count("list") == 3


@both
def test_the_beginning_of_ids_is_compared_exactly_whatever_the_server_takes_for_the_same(world: World, version: str) -> None:
    world.begin(dag("dag_a"), dag("dag_b"), dag("DAG_A"), dag("dagxa"), dag("my_dag_a"), version=version)

    world.run(dag_ids=["dag_a", "dag_b"], state="paused")

    assert {row["dag_id"]: row["is_paused"] for row in world.system.tasks()} == {
        "dag_a": True,
        "dag_b": True,
        "DAG_A": False,
        "dagxa": False,
        "my_dag_a": False,
    }


def test_few_dags_among_very_many_are_asked_for_each(world: World) -> None:
    world.begin(*many(900, 900))

    world.run(dag_ids=["dag_400", "dag_800"], state="paused")

    assert world.requests.count("list") <= 2 and world.requests.count("show") <= 4


def test_no_list_is_ever_asked_for_without_ids(world: World) -> None:
    world.begin(dag())

    world.run(dag_id="nosuch", state="paused")

    assert world.requests == ["token", "show"]


JSON = {"Content-Type": "application/json"}


def without_bulk(world: World) -> None:
    """As a release would answer that lacks the call for many runs."""
    match = {"path": r"/dags/~/dagRuns$", "method": "PATCH"}
    world.system.faults.order(
        [{"kind": "status", "match": match, "times": None, "status": 404, "body": '{"detail": "Not Found"}', "headers": JSON}]
    )


def test_a_release_without_the_call_for_many_runs_gets_one_call_for_each(world: World) -> None:
    """Only 3.3.2 is known to have it."""
    world.begin(*(dag(f"dag_{index}", **under_way()) for index in range(3)))
    without_bulk(world)

    rows = world.run(dag_ids=[f"dag_{index}" for index in range(3)], state="stopped")["tasks"]

    assert [(row["reached"], row["changed"]) for row in rows] == [(True, True)] * 3
    assert sorted(world.writes) == ["fail_run"] * 4 + ["pause"] * 3


def test_where_one_call_for_each_fails_for_one_dag_the_others_count(world: World) -> None:
    world.begin(*(dag(f"dag_{index}", **under_way()) for index in range(3)))
    without_bulk(world)
    refusal = {"kind": "status", "status": 409, "body": '{"detail": "locked"}', "headers": JSON}
    world.system.faults.order([{**refusal, "match": {"path": r"/dags/dag_1/dagRuns/", "method": "PATCH"}, "times": None}])

    rows = world.run(dag_ids=[f"dag_{index}" for index in range(3)], state="stopped")["tasks"]

    assert [row["reached"] for row in rows] == [True, False, True]
    assert rows[1]["error"]["code"] == "refused" and "locked" in rows[1]["error"]["message"]
    assert world.truth("dag_0")["runs"][0]["state"] == world.truth("dag_2")["runs"][0]["state"] == "failed"


# Bad input, and faults


@pytest.mark.parametrize(
    ("id_", "told"), [("a/b", "can't stand in an address"), ("a%b", "isn't the id of a Dag"), ("~", "isn't the id of a Dag")]
)
def test_an_id_that_no_dag_has_is_refused_before_anything_is_sent(world: World, id_: str, told: str) -> None:
    result = world.run(dag_id=id_, state="paused")

    assert told in result["msg"] and is_one_sentence(result["msg"]) and world.requests == []


@pytest.mark.parametrize(
    ("version", "wrong", "told"), [(V2, "v1", "/api/v1 has been removed in Airflow 3"), (V1, "v2", "Airflow 2 knows v1 only")]
)
@pytest.mark.parametrize("who", [{}, MANAGED])
def test_the_wrong_generation_is_told(world: World, version: str, wrong: str, told: str, who: dict[str, Any]) -> None:
    world.begin(dag(), version=version)

    result = world.run(dag_id="orders", state="paused", api_version=wrong, **who)

    assert told in result["msg"] and "leave api_version at auto" in result["msg"] and is_one_sentence(result["msg"])
    assert world.writes == []


@pytest.mark.parametrize(
    ("version", "end"), [(V2, ""), (V2, "/api"), (V2, "/api/"), (V2, "/api/v2"), (V1, ""), (V1, "/api"), (V1, "/api/v1"), (V1, "/api/v1/")]
)
def test_an_address_may_end_in_the_path_of_the_api(world: World, version: str, end: str) -> None:
    world.begin(dag(), version=version)

    assert one(world.run(url=URL + end, username="admin", password="admin-password", dag_id="orders", state="paused"))["reached"]


def test_an_address_and_an_option_that_disagree_are_told(world: World) -> None:
    result = world.run(url=f"{URL}/api/v2", username="admin", password="admin-password", api_version="v1", dag_id="orders", state="paused")

    assert result["failure"]["code"] == "usage" and "leave the end of url out" in result["msg"]


@both
def test_a_managed_service_s_token_is_taken_by_either_generation(world: World, version: str) -> None:
    world.begin(dag(), version=version)

    assert one(world.run(dag_id="orders", state="paused", **MANAGED))["reached"]


@pytest.mark.parametrize(("version", "code", "told"), [(V2, "authentication", "which may have expired"), (V1, "permission", "the same of")])
def test_a_token_that_is_not_valid_ends_the_run(world: World, version: str, code: str, told: str) -> None:
    world.begin(dag(), version=version)

    result = world.run(url=URL, token="not-a-token-of-this-airflow", dag_id="orders", state="paused")

    assert (result["failure"]["code"], result["failure"]["http_status"]) == (code, 403)
    assert told in result["msg"] and is_one_sentence(result["msg"])


def test_a_token_that_expires_on_the_way_is_renewed_once(world: World) -> None:
    world.begin(dag("a"), dag("b"))
    respond = world.system.respond
    has_expired = False

    def expire(request: Any, call: Any) -> Any:
        nonlocal has_expired
        if call.action == "pause" and not has_expired:
            has_expired = True
            world.system.expire_tokens()
        return respond(request, call)

    world.system.respond = expire  # type: ignore[method-assign]

    result = world.run(dag_ids=["a", "b"], state="paused", concurrency=1)

    assert result["summary"]["reached"] == 2 and world.requests.count("token") == 2


@pytest.mark.parametrize(("version", "logins"), [(V2, 2), (V1, 1)])
def test_a_user_without_the_right_gets_one_renewal_and_one_sentence(world: World, version: str, logins: int) -> None:
    world.begin(dag(), version=version)

    result = world.run(dag_id="orders", state="paused", **VIEWER)

    assert result["failure"]["code"] == "permission" and is_one_sentence(result["msg"])
    assert world.requests.count("token") == logins and world.effects == []


def test_wrong_credentials_cost_one_login(world: World) -> None:
    result = world.run(url=URL, username="admin", password="not-the-password", dag_id="orders", state="paused")

    assert result["failure"] == {"code": "authentication", "http_status": 401} and world.requests == ["token"]


@both
def test_a_dag_that_vanishes_between_read_and_act_is_told(world: World, version: str) -> None:
    world.begin(dag("a"), dag("b"), version=version)
    respond = world.system.respond

    def vanish(request: Any, call: Any) -> Any:
        if call.action == "pause" and call.ids == ("b",):
            world.system.act("b", "delete", {})
        return respond(request, call)

    world.system.respond = vanish  # type: ignore[method-assign]

    result = world.run(dag_ids=["a", "b"], state="paused", concurrency=1)

    rows = {row["id"]: row for row in result["tasks"]}
    assert rows["a"]["reached"] and rows["b"]["error"]["code"] == "not_found"
    assert "Airflow no longer knows Dag b" in result["msg"] and is_one_sentence(result["msg"])


@both
def test_a_lost_scheduler_is_told_by_what_is_seen(world: World, version: str) -> None:
    world.begin(dag(**under_way("queued")), version=version, scheduler="dead")

    result = world.run(dag_id="orders", state="paused", wait_timeout=60)

    assert result["failure"]["code"] == "timeout" and is_one_sentence(result["msg"])
    assert "task instances: 1 queued; Airflow reports its scheduler as unhealthy" in result["msg"]


@both
@pytest.mark.parametrize(("kind", "sends"), [("reset_after", 1), ("reset_before", 2), ("html", 2)])
def test_an_answer_that_is_lost_is_made_sure_of_by_reading(world: World, version: str, kind: str, sends: int) -> None:
    world.begin(dag(), version=version)
    world.fault(kind, "pause")

    row = one(world.run(dag_id="orders", state="paused"))

    assert row["reached"] and row["changed"] and world.writes == ["pause"] * sends


@pytest.mark.parametrize(("fields", "told"), [({}, "its file is gone"), ({"has_import_errors": True}, "it can't be imported")])
def test_a_stale_dag_is_told_with_the_reason(world: World, fields: dict[str, Any], told: str) -> None:
    world.begin(dag(is_stale=True, **fields))

    assert any(told in text for text in warnings(world.run(dag_id="orders", state="started")))


def test_a_dag_without_a_schedule_is_told(world: World) -> None:
    world.begin({"dag_id": "orders", "tasks": []})

    assert any("has no schedule" in text for text in warnings(world.run(dag_id="orders", state="started")))


def test_without_waiting_the_pause_is_sent_and_nothing_is_claimed(world: World) -> None:
    world.begin(dag())

    row = one(world.run(dag_id="orders", state="paused", wait=False))

    assert (row["changed"], row["reached"]) == (True, False)
