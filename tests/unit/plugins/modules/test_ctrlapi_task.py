# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ctrlapi_task: the exact exchanges, restart chains, errors at every level, signatures, what faults lead to, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _hmac
from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.ctrlapi_world import KEYS, LIVE, PATH, SENT, URL, VOD, World, task
from tests.unit.plugins.modules.results import is_one_sentence, one, warnings

SWITCHES = ("Host name", "Control API", "Nginx")
READS = {"live": "TaskInfo", "vod": "TaskStatus"}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(ctrlapi_task.main, "ctrlapi_task", capsys, monkeypatch)


def entry(method: str, task_ids: Sequence[int], project: int = 23, number: int = 1, **params: Any) -> dict[str, Any]:
    return {"method": method, "id": number, "params": {"project_id": project, "task_ids": list(task_ids), **params}}


def call(*entries: dict[str, Any], results: Sequence[Any] = (), user: int = 4, **more: Any) -> Call:
    """A request of these methods; `results` are those of its reply, in the same order."""
    reply = [{"method": asked["method"], "id": asked["id"], "result": told} for asked, told in zip(entries, results, strict=False)]
    answer = more.pop("answer", {"reply": reply})
    return Call("POST", PATH, answer, body=json.dumps({"user_id": user, "methods": list(entries)}), **more)


def info(**states: str) -> list[dict[str, Any]]:
    """Live items, by `t` and the id."""
    return [{"task_id": int(name[1:]), "app_id": 7, "name": f"Stream {name[1:]}", "status": status} for name, status in states.items()]


def sent(*ids: int) -> list[dict[str, Any]]:
    return [{"task_id": number, "status": SENT} for number in ids]


# The exchanges


def test_n_tasks_already_right_cost_exactly_one_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, call(entry("TaskInfo", [1, 2, 3]), results=[info(t1="Stopped", t2="Stopped", t3="Rejected")])):
        result = world.run(task_ids=[1, 2, 3], state="stopped")

    assert (result["changed"], result["summary"]["reached"]) == (False, 3)


def test_n_tasks_are_stopped_by_one_read_one_stop_and_polls_of_one_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(
        monkeypatch,
        call(entry("TaskInfo", [1, 2, 3]), results=[info(t1="Started", t2="Stopped", t3="Started")]),
        call(entry("TaskStop", [1, 3]), results=[sent(1, 3)], headers={"Content-Type": "application/json", "Authorization": None}),
        call(entry("TaskInfo", [1, 3]), results=[info(t1="Started", t3="Stopped")]),
        call(entry("TaskInfo", [1]), results=[info(t1="Stopped")]),
    ):
        result = world.run(task_ids=[1, 2, 3], state="stopped")

    assert [row["action"] for row in result["tasks"]] == ["stop", "none", "stop"]
    assert [row["reached"] for row in result["tasks"]] == [True] * 3


def test_a_stopped_task_is_resumed_under_its_own_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(
        monkeypatch,
        call(entry("TaskInfo", [241555]), results=[info(t241555="Stopped")]),
        call(entry("TaskResume", [241555]), results=[[{"task_id": 241555, "status": "Scheduled"}]]),
        call(entry("TaskInfo", [241555]), results=[info(t241555="Scheduled")]),
        call(entry("TaskInfo", [241555]), results=[info(t241555="Started")]),
    ):
        row = one(world.run(task_id=241555, state="started"))

    assert (row["id"], row["before"], row["after"], row["action"], row["name"]) == (
        "241555", "stopped", "started", "resume", "Stream 241555",
    )  # fmt: skip


def test_several_projects_are_read_and_acted_on_by_one_request_each(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = info(t1="Started"), info(t2="Started")
    reads = [entry("TaskInfo", [1, 2], 23, 1), entry("TaskInfo", [1, 2], 24, 2)]
    stops = [entry("TaskStop", [1], 23, 1), entry("TaskStop", [2], 24, 2)]
    again = [entry("TaskInfo", [1], 23, 1), entry("TaskInfo", [2], 24, 2)]
    backwards = {"reply": [{"method": "TaskInfo", "id": 2, "result": info(t2="Stopped")},
                           {"method": "TaskInfo", "id": 1, "result": info(t1="Stopped")}]}  # fmt: skip
    with exchanges(
        monkeypatch,
        call(*reads, results=[first, second]),
        call(*stops, results=[sent(1), sent(2)]),
        # The number tells the replies apart, whatever their order.
        call(*again, answer=backwards),
    ):
        result = world.run(project_id=[23, 24], task_ids=[1, 2], state="stopped")

    assert result["summary"]["reached"] == 2


def test_a_read_of_vod_tasks_asks_for_their_restart_chains(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.begin("vod")
    asked = entry("TaskStatus", [80], 2, restart_chain="all")
    chain = [{"task_id": 80, "initial_task_id": 80, "status": "Stalled"}, {"task_id": 81, "initial_task_id": 80, "status": "Running"}]
    ended = [chain[0], {**chain[1], "status": "Canceled"}]
    with exchanges(
        monkeypatch,
        call(asked, results=[chain], user=1),
        call(entry("TaskStop", [81], 2), results=[sent(81)], user=1),
        call(asked, results=[ended], user=1),
    ):
        result = world.run(task_id=80, state="stopped")

    row = one(result)
    assert (row["id"], row["vendor_before"], row["before"], row["after"]) == ("80", "Stalled", "started", "stopped")
    assert any("restarted as 81" in warning for warning in warnings(result))


def test_more_ids_than_an_entry_holds_are_split_and_still_one_request(world: World) -> None:
    ids = list(range(1, 251))
    world.begin("live", *(task(number, "Started") for number in ids), stop_delay=0)

    result = world.run(task_ids=ids, state="stopped")

    assert result["summary"]["reached"] == 250 and world.requests == ["TaskInfo", "TaskStop", "TaskInfo"]
    assert [[len(part["params"]["task_ids"]) for part in body["methods"]] for body in world.bodies] == [[100, 100, 50]] * 3
    assert [part["id"] for part in world.bodies[0]["methods"]] == [1, 2, 3]


def test_ids_and_projects_may_come_as_text_or_singly_and_are_sent_as_numbers(world: World) -> None:
    world.begin("live", task(1, "Started"))

    assert one(world.run(project_id="23", user_id="4", task_ids="1", state="started"))["id"] == "1"
    assert world.bodies == [{"user_id": 4, "methods": [entry("TaskInfo", [1])]}]


def test_everything_may_come_from_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"URL": URL, "DIALECT": "live", "USER_ID": "4", "PROJECT_ID": "23,24", "API_KEY": ""}.items():
        monkeypatch.setenv(f"CTRLAPI_{name}", value)
    world.begin("live", task(1, "Started", project_id=24))

    assert one(world.run(url=None, dialect=None, user_id=None, project_id=None, task_id=1, state="started"))["reached"]


def test_a_task_is_polled_in_the_project_where_it_was_found(world: World) -> None:
    world.begin("live", task(1, "Started", project_id=24))

    world.run(project_id=[23, 24], task_id=1, state="stopped")

    assert [[part["params"]["project_id"] for part in body["methods"]] for body in world.bodies] == [[23, 24], [24], [24], [24]]


@pytest.mark.parametrize(("dialect", "status"), [("live", "Started"), ("vod", "Running")])
def test_with_wait_false_one_step_is_sent(world: World, dialect: str, status: str) -> None:
    world.begin(dialect, task(1, status), stop_delay="9 reads")

    row = one(world.run(task_id=1, state="stopped", wait=False))

    assert (row["changed"], row["reached"], "error" in row) == (True, False, False)
    assert world.requests == [READS[dialect], "TaskStop", READS[dialect]]


# Live


def test_stop_request_was_sent_is_not_stopped(world: World) -> None:
    world.begin("live", task(1, "Started"), ignore_action="stop")

    result = world.run(task_id=1, state="stopped", wait_timeout=30)

    assert one(result)["error"]["code"] == "timeout" and "last seen Started" in result["msg"] and world.writes == ["TaskStop 1"]


@pytest.mark.parametrize("status", ["Stopped", "Stalled"])
def test_a_resume_that_was_accepted_isn_t_sent_again_however_long_it_takes(world: World, status: str) -> None:
    world.begin("live", task(1, status), ignore_action="resume")

    result = world.run(task_id=1, state="started", wait_timeout=60)

    assert world.writes == ["TaskResume 1"] and f"last seen {status}" in result["msg"]


def test_a_stalled_task_that_a_stop_doesn_t_reach_tells_of_its_probe(world: World) -> None:
    world.begin("live", task(1, "Stalled"))

    result = world.run(task_id=1, state="stopped", wait_timeout=30)

    assert "last seen Stalled" in result["msg"] and "see whether its probe is there" in result["msg"] and is_one_sentence(result["msg"])


def test_a_stalled_task_whose_probe_stays_away_is_resumed_three_times_at_most(world: World) -> None:
    probe = {"app_id": 461, "project_id": 23, "name": "away", "alive": False}
    world.begin("live", task(1, "Stalled", app_id=461), apps=[probe])

    result = world.run(task_id=1, state="started")

    assert world.writes == ["TaskResume 1"] * 3 and "see whether its probe is there" in result["msg"]


def test_a_stalled_task_that_recovers_before_its_stop_is_stopped(world: World) -> None:
    world.begin("live", task(1, "Stalled"), stalled_recovers="1 read", stop_stalled="stops")

    assert one(world.run(task_id=1, state="stopped"))["reached"]


@pytest.mark.parametrize("form", ["object", "array"])
@pytest.mark.parametrize("delay", ["1 read", 0])
def test_a_refused_start_is_tried_once_and_its_reason_told(world: World, form: str, delay: str | int) -> None:
    world.begin("live", task(1, "Stopped", rejects="no licence for this stream"), events_result=form, start_delay=delay)

    result = world.run(task_id=1, state="started")

    assert world.writes == ["TaskResume 1"] and world.requests.count("TaskEvents") == 1
    assert result["msg"] == "task 1 accepted the resume and then failed: it is in state Rejected (no licence for this stream)."


@pytest.mark.parametrize("delay", ["1 read", 0])
def test_a_rejected_task_is_resumed_once_and_fails_with_the_new_reason(world: World, delay: str | int) -> None:
    world.begin("live", task(1, "Rejected", rejects="still no licence"), start_delay=delay)

    result = world.run(task_id=1, state="started")

    assert world.writes == ["TaskResume 1"] and "(still no licence)" in result["msg"] and world.clock.now() < 1030


def test_a_rejected_task_whose_resume_is_refused_fails_with_the_vendor_s_words(world: World) -> None:
    world.begin("live", task(1, "Rejected"), resume_rejected="error")

    result = world.run(task_id=1, state="started")

    assert result["msg"] == "Boro didn't resume task 1 (emulator: can't resume, the task is Rejected)."
    assert world.writes == ["TaskResume 1"] and one(result)["error"]["code"] == "refused"


def test_events_that_can_t_be_had_cost_the_reason_only(world: World) -> None:
    world.begin("live", task(1, "Stopped", rejects="secret"), ordered_errors=[{"level": "method", "method": "TaskEvents"}])

    assert one(world.run(task_id=1, state="started"))["error"]["message"].endswith("it is in state Rejected.")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([{"event": "Rejected", "message": "no port. Try again."}], " (no port; Try again)"),
        ({"rows": [{"kind": "rejected", "who": "probe 7"}]}, " (rejected, probe 7)"),
        ([{"event": "Rejected", "time": "1", "text": "old"}, {"event": "Rejected", "time": "2", "text": "new"}], " (new)"),
        ([{"event": "Started"}], ""),
        ("nothing", ""),
        ({}, ""),
    ],
)
def test_a_reason_is_found_in_whatever_form_the_events_have(
    world: World, monkeypatch: pytest.MonkeyPatch, events: Any, reason: str
) -> None:
    asked = {"method": "TaskEvents", "id": 1, "params": {"project_id": 23, "task_id": 1}}
    with exchanges(
        monkeypatch,
        call(entry("TaskInfo", [1]), results=[info(t1="Stopped")]),
        call(entry("TaskResume", [1]), results=[[{"task_id": 1, "status": "Scheduled"}]]),
        call(entry("TaskInfo", [1]), results=[info(t1="Rejected")]),
        call(asked, results=[events]),
    ):
        result = world.run(task_id=1, state="started")

    assert result["msg"] == f"task 1 accepted the resume and then failed: it is in state Rejected{reason}."


def test_the_id_of_a_sub_task_fails_with_the_vendor_s_words(world: World) -> None:
    world.begin("live", task(1, "Started"), task(2, "Started", master=1))

    result = world.run(task_id=2, state="stopped")

    assert result["msg"] == "Boro didn't stop task 2 (emulator: stop the master task 1)." and world.truth(2) == "Started"


def test_a_sub_task_beside_its_master_is_judged_by_what_is_read(world: World) -> None:
    world.begin("live", task(1, "Started"), task(2, "Started", master=1))

    result = world.run(task_ids=[1, 2], state="stopped")

    assert [(row["reached"], row["changed"]) for row in result["tasks"]] == [(True, True), (True, False)]


# Vod: the queue, restart chains, ended tasks


def test_a_queue_that_doesn_t_move_fails_naming_the_state_and_why_nothing_was_sent(world: World) -> None:
    world.begin("vod", task(1, "Scheduled", stays=True))

    result = world.run(task_id=1, state="stopped", wait_timeout=30)

    assert "last seen Scheduled" in result["msg"] and "stops running tasks only" in result["msg"] and world.writes == []
    assert is_one_sentence(result["msg"])


def test_a_restart_that_breaks_off_too_is_followed_and_stopped(world: World) -> None:
    world.begin("vod", task(80, "Stalled"), task(81, "Running", initial_task_id=80, runs_for="2 reads", ends_with=["Stalled"] * 2),
                stop_delay="9 reads", restart_delay="1 read", queue_for="1 read")  # fmt: skip
    world.system.load([{"task_id": 80, "stays": True}], keep=True)

    result = world.run(task_id=80, state="stopped")

    assert one(result)["reached"] and world.writes[0] == "TaskStop 81" and world.truth(82) != "Running"
    assert all(row["status"] in ("Stalled", "Canceled") for row in world.system.tasks())


def test_a_task_that_breaks_off_while_it_is_stopped_comes_back_and_is_stopped_again(world: World) -> None:
    world.begin("vod", task(1, "Running"), restart_delay=4, stop_delay="9 reads")
    world.after("TaskStop", lambda: world.system.act("1", "stall", {}))

    result = world.run(task_id=1, state="stopped", poll_interval=1)

    assert world.writes == ["TaskStop 1", "TaskStop 2"] and one(result)["reached"]
    assert (world.truth(1), world.truth(2)) == ("Stalled", "Canceled")


def test_a_restart_that_runs_before_anybody_looks_is_stopped_too(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Running", initial_task_id=80), stop_delay="1 read")

    def come_back() -> None:
        world.system.act("81", "stall", {})
        world.system.act("82", "start", {})

    world.after("TaskStop", come_back)

    result = world.run(task_id=80, state="stopped")

    assert world.writes == ["TaskStop 81", "TaskStop 82"] and one(result)["reached"] and world.truth(82) == "Canceled"


def test_a_task_that_breaks_off_without_a_restart_is_watched_for_a_while_and_then_counts_as_stopped(world: World) -> None:
    world.begin("vod", task(1, "Running"), restart_delay=None, stop_finds="Stalled")

    result = world.run(task_id=1, state="stopped")

    assert one(result)["reached"] and 10 <= world.clock.now() - 1000 < 30
    assert any("comes back under a new id" in warning for warning in warnings(result))


def test_a_task_found_broken_off_isn_t_watched(world: World) -> None:
    world.begin("vod", task(1, "Stalled", stays=True))

    assert one(world.run(task_id=1, state="stopped"))["reached"] and world.requests == ["TaskStatus"]


def test_a_chain_that_goes_on_after_its_stop_is_stopped_until_three_stops_were_sent(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Running", initial_task_id=80), canceled_is_restarted=True,
                projects={"2": {"roles": {"1": "owner"}, "attempts_number": 10}})  # fmt: skip

    result = world.run(task_id=80, state="stopped")

    assert world.writes == ["TaskStop 81", "TaskStop 82", "TaskStop 83"]
    assert one(result)["error"]["code"] == "refused" and "(restarted as 84" in result["msg"]


def test_two_ids_of_one_chain_send_one_stop(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Running", initial_task_id=80))

    result = world.run(task_ids=[80, 81], state="stopped")

    assert world.writes == ["TaskStop 81"] and world.bodies[1]["methods"][0]["params"]["task_ids"] == [81]
    assert [(row["id"], row["vendor_after"], row["reached"]) for row in result["tasks"]] == [
        ("80", "Stalled", True),
        ("81", "Canceled", True),
    ]


@pytest.mark.parametrize("when", ["after", "before"])
@pytest.mark.parametrize("ending", ["Completed", "Rejected"])
def test_a_task_that_ends_just_before_its_stop_counts_as_stopped(world: World, ending: str, when: str) -> None:
    world.begin("vod", task(1, "Running"), stop_finds=ending, stop_finds_when=when)

    row = one(world.run(task_id=1, state="stopped"))

    assert row["reached"] and row["vendor_after"] == ending and row["changed"] is (when == "after")


def test_a_stale_read_after_a_refusal_is_no_verdict(world: World) -> None:
    world.begin("vod", task(1, "Running"), stop_finds="Completed", stop_finds_when="before", stale_reads=3)

    assert one(world.run(task_id=1, state="stopped"))["vendor_after"] == "Completed" and world.writes == ["TaskStop 1"]


def test_an_unknown_id_and_one_that_can_t_be_stopped_are_told_apart_though_the_vendor_answers_alike(world: World) -> None:
    world.begin("vod", task(67, "Completed"))

    result = world.run(task_ids=[67, 68], state="stopped")

    assert result["msg"] == "Boro VoD (project 2) knows no task 68; check how it is written there; nothing was changed."
    assert world.writes == [] and result["failure"]["code"] == "not_found"


def test_an_ended_task_is_never_started_again(world: World) -> None:
    world.begin("vod", task(1, "Running", runs_for="1 read"), task(2, "Canceled"))

    result = world.run(task_ids=[1, 2], state="started")

    assert world.requests == ["TaskStatus"] and "create a new task there" in result["msg"]


def test_a_restart_in_an_unknown_state_is_told_by_its_word_and_can_be_mapped(world: World) -> None:
    world.begin("vod", task(80, "Stalled", stays=True), task(81, "Thinking", initial_task_id=80))

    lost = world.run(task_id=80, state="started")
    mapped = world.run(task_id=80, state="started", state_map={"Thinking": "Running"})

    assert lost["failure"]["code"] == "unknown_state" and "Thinking" in lost["msg"]
    assert one(mapped)["reached"]


# Errors at four levels


@pytest.mark.parametrize("dialect", ["live", "vod"])
@pytest.mark.parametrize("form", ["error", "errors"])
@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("level", ["top", "method", "object"])
def test_an_error_above_the_items_of_a_read_changes_nothing(world: World, level: str, beside: bool, form: str, dialect: str) -> None:
    world.begin(
        dialect, task(1, "Started" if dialect == "live" else "Running"), ordered_errors=[{"level": level, "form": form, "beside": beside}]
    )

    result = world.run(task_id=1, state="stopped")

    assert "emulator: ordered error" in result["msg"] and is_one_sentence(result["msg"])
    assert (result["failure"]["code"], world.requests) == ("refused", [READS[dialect]])


@pytest.mark.parametrize("form", ["error", "errors"])
def test_an_item_of_a_read_that_is_an_error_is_a_task_that_isn_t_there(world: World, form: str) -> None:
    world.begin("live", task(1, "Started"), unknown_task=form)

    result = world.run(task_ids=[1, 2], state="stopped")

    assert result["msg"] == "Boro (project 23) knows no task 2; check how it is written there; nothing was changed."
    assert any("emulator: no task 2 in this project" in warning for warning in warnings(result))


def test_an_item_that_tells_a_state_and_an_error_contradicts_itself(world: World) -> None:
    world.begin("live", task(1, "Stopped"), ordered_errors=[{"level": "item", "beside": True}])

    assert "returned an error together with the state of task 1 (emulator: ordered error)" in world.run(task_id=1, state="stopped")["msg"]


@pytest.mark.parametrize("level", ["top", "method", "object", "item"])
def test_empty_errors_are_none(world: World, level: str) -> None:
    order = {"level": level, "form": "errors", "text": None, "beside": True}
    world.begin("live", task(1, "Started"), ordered_errors=[order] if level != "object" else [])

    assert one(world.run(task_id=1, state="stopped"))["reached"]


@pytest.mark.parametrize("form", ["error", "errors"])
@pytest.mark.parametrize("level", ["method", "object", "item"])
def test_an_error_in_place_of_an_action_fails_its_task_and_is_sent_once(world: World, level: str, form: str) -> None:
    order = {"level": level, "form": form, "method": "TaskStop", **({"task_id": 1} if level == "item" else {})}
    world.begin("live", task(1, "Started"), task(2, "Started"), ordered_errors=[order])

    result = world.run(task_ids=[1, 2], state="stopped")

    assert world.writes == ["TaskStop 1 2"] and result["tasks"][0]["error"]["code"] == "refused"
    assert "Boro didn't stop task 1 (emulator: ordered error)" in result["msg"]
    assert result["tasks"][1]["reached"] is (level == "item")


@pytest.mark.parametrize("level", ["method", "item"])
def test_an_error_beside_an_acceptance_leaves_it_open_and_the_reads_decide(world: World, level: str) -> None:
    world.begin("live", task(1, "Started"), ordered_errors=[{"level": level, "method": "TaskStop", "beside": True}])

    row = one(world.run(task_id=1, state="stopped"))

    assert row["reached"] and row["changed"] and world.writes == ["TaskStop 1"]


def test_an_action_whose_answer_doesn_t_tell_of_a_task_is_read_until_it_shows(world: World) -> None:
    world.begin("live", task(1, "Started"))
    told = json.dumps(call(entry("TaskStop", [1]), results=[[]]).answer)
    lost = world.system.faults.order([{"kind": "garbage", "match": {"action": "TaskStop"}, "body": told, "effect": True}])

    row = one(world.run(task_id=1, state="stopped"))

    assert lost[0].applied == 1 and row["reached"] and row["changed"] and world.writes == ["TaskStop 1"]


def test_an_error_beside_results_leaves_a_task_open_that_they_do_not_tell_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = {"reply": [{"method": "TaskStop", "id": 1, "result": sent(2), "errors": ["busy"]}]}
    with exchanges(
        monkeypatch,
        call(entry("TaskInfo", [1, 2]), results=[info(t1="Started", t2="Started")]),
        call(entry("TaskStop", [1, 2]), answer=stopped),
        call(entry("TaskInfo", [1, 2]), results=[info(t1="Stopped", t2="Stopped")]),
    ):
        result = world.run(task_ids=[1, 2], state="stopped")

    assert [(row["reached"], row["changed"]) for row in result["tasks"]] == [(True, True), (True, True)]


def test_one_task_of_a_project_without_access_leaves_the_other_project_s_alone(world: World) -> None:
    world.begin("live", task(1, "Started"), task(2, "Started", project_id=24),
                ordered_errors=[{"level": "item", "method": "TaskStop", "task_id": 2, "text": "no rights. Ask."}])  # fmt: skip

    result = world.run(project_id=[23, 24], task_ids=[1, 2], state="stopped")

    assert result["msg"] == "1 of 2 tasks did not become stopped: Boro didn't stop task 2 (no rights; Ask)."
    assert result["tasks"][0]["reached"]


@pytest.mark.parametrize("where", ["method", "object", "top", "item", "empty", 403, 404])
def test_a_project_without_access_fails_with_nothing_changed(world: World, where: str | int) -> None:
    world.begin("live", task(300004, "Started", project_id=77), no_access=where)

    result = world.run(project_id=77, task_id=300004, state="stopped")

    assert result["failed"] and result["changed"] is False and world.requests == ["TaskInfo"] and is_one_sentence(result["msg"])


def test_a_viewer_s_stop_is_refused_with_the_vendor_s_words(world: World) -> None:
    world.begin("live", task(1, "Started"))

    result = world.run(user_id=6, task_id=1, state="stopped")

    assert "Boro didn't stop task 1 (emulator: user may only view project 23)" in result["msg"] and world.truth(1) == "Started"


@pytest.mark.parametrize("answer", ["method", "no_result", "top", 400])
def test_the_wrong_dialect_is_a_suspect(world: World, answer: str | int) -> None:
    world.begin("vod", task(1, "Running"), unknown_method=answer)

    result = world.run(**{**VOD, "dialect": "live"}, task_id=1, state="stopped")

    assert result["failed"] and ("dialect" in result["msg"] or answer == 400) and world.requests == ["TaskInfo"]


@pytest.mark.parametrize(
    "answer",
    [
        "[]", "{}", '{"reply": {}}', '{"reply": []}', '{"reply": [{"method": "TaskStop", "id": 1, "result": []}]}',
        '{"reply": [{"method": "TaskInfo", "id": 1}]}', '{"reply": [{"method": "TaskInfo", "id": 1, "result": {}}]}',
        '{"reply": [{"method": "TaskInfo", "id": 1, "result": [7]}]}', '{"reply": [{"method": "TaskInfo", "id": 1, "result": [{}]}]}',
        '{"reply": [{"method": "TaskInfo", "id": 1, "result": [{"task_id": true, "status": "Started"}]}]}', '{"reply": ',
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_a_protocol_failure(world: World, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    with exchanges(monkeypatch, call(entry("TaskInfo", [1]), answer=answer)):
        result = world.run(task_id=1, state="stopped")

    assert result["failure"]["code"] == "protocol" and is_one_sentence(result["msg"])


def test_a_single_reply_needs_no_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"reply": [{"method": "TaskInfo", "result": info(t1="Stopped")}]}
    with exchanges(monkeypatch, call(entry("TaskInfo", [1]), answer=answer)):
        assert one(world.run(task_id=1, state="stopped"))["reached"]


def test_several_replies_without_numbers_can_t_be_told_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = [entry("TaskInfo", [1], 23, 1), entry("TaskInfo", [1], 24, 2)]
    answer = {"reply": [{"method": "TaskInfo", "result": info(t1="Stopped")}, {"method": "TaskInfo", "result": []}]}
    with exchanges(monkeypatch, call(*reads, answer=answer)):
        result = world.run(project_id=[23, 24], task_id=1, state="stopped")

    assert "without TaskInfo for project 23" in result["msg"]


def test_an_unreadable_answer_doesn_t_show_a_stream_s_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"reply": [{"method": "TaskInfo", "id": 1, "result": [{"uri": "rtsp://camera:pa55w0rd@10.0.0.1/1"}]}]}
    with exchanges(monkeypatch, call(entry("TaskInfo", [1]), answer=answer)):
        result = world.run(task_id=1, state="stopped")

    assert "pa55w0rd" not in json.dumps(result)


# States that are spelled otherwise, or aren't known


def test_a_state_in_other_letters_is_taken_for_the_known_one_with_a_warning(world: World) -> None:
    world.begin("live", task(1, "stopped"), task(2, "STOPPED"), task(3, "stopped"))

    result = world.run(task_ids=[1, 2, 3], state="stopped")

    assert result["summary"]["reached"] == 3
    assert [warning for warning in warnings(result) if "spells" in warning] == [
        "Boro spells the state Stopped as stopped; it's taken for that.",
        "Boro spells the state Stopped as STOPPED; it's taken for that.",
    ]


@pytest.mark.parametrize("dialect", ["live", "vod"])
def test_an_unknown_state_is_named_and_can_be_mapped(world: World, dialect: str) -> None:
    world.begin(dialect, task(1, "Frobnicating"))
    meant = "Started" if dialect == "live" else "Running"

    lost = world.run(task_id=1, state="started")
    mapped = world.run(task_id=1, state="started", state_map={"Frobnicating": meant})

    assert lost["failure"]["code"] == "unknown_state" and "Frobnicating" in lost["msg"]
    assert one(mapped)["reached"]


# Signatures


@pytest.mark.parametrize("dialect", ["live", "vod"])
@pytest.mark.parametrize("encoding", ["base64", "text"])
def test_signed_requests_are_accepted(world: World, dialect: str, encoding: str) -> None:
    world.begin(dialect, task(1, "Started" if dialect == "live" else "Running"), verify_hmac=True, key_encoding=encoding)

    assert one(world.run(task_id=1, state="stopped", api_key=KEYS[dialect], api_key_encoding=encoding))["reached"]


def test_the_encoding_of_the_environment_is_that_of_the_key_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.begin("live", task(1, "Stopped"), verify_hmac=True)
    monkeypatch.setenv("CTRLAPI_API_KEY", "another key")
    monkeypatch.setenv("CTRLAPI_API_KEY_ENCODING", "text")

    assert one(world.run(task_id=1, state="stopped", api_key=KEYS["live"]))["reached"]


def test_each_attempt_of_a_read_is_signed_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.begin("live", task(1, "Stopped"), verify_hmac=True, signature_window=10**9)
    began = datetime.now(timezone.utc)
    times = iter(began + timedelta(seconds=40 * number) for number in range(9))
    monkeypatch.setattr(_hmac, "utc_now", lambda: next(times))
    world.fault("status", "TaskInfo", status=503, times=2)

    assert one(world.run(task_id=1, state="stopped", api_key=KEYS["live"]))["reached"]
    headers = [dict(entry["headers"]) for entry in world.journal]
    assert len({header["Date"] for header in headers}) == len({header["Authorization"] for header in headers}) == 3


@pytest.mark.parametrize(
    ("switches", "ahead", "told"),
    [
        ({"key_encoding": "text"}, 0.0, "api_key_encoding (now base64)"),
        ({}, 125.0, "which is 125 s behind the server's (a signature holds for 60 s)"),
        ({}, -90.0, "which is 90 s ahead of the server's (a signature holds for 60 s)"),
    ],
)
def test_a_refused_signature_names_the_suspects_after_one_request(
    world: World, switches: dict[str, Any], ahead: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.begin("live", task(1, "Started"), verify_hmac=True, **switches)
    ours = datetime.fromtimestamp(round(world.system.clock.wall()) - ahead, timezone.utc)
    monkeypatch.setattr(_hmac, "utc_now", lambda: ours)

    result = world.run(task_id=1, state="stopped", api_key=KEYS["live"])

    assert result["failure"] == {"code": "authentication", "http_status": 401} and world.requests == ["TaskInfo"]
    suspects = ("api_key", "api_key_encoding", "user_id", "Verify HMAC signatures", "the clock here", told)
    assert all(suspect in result["msg"] for suspect in suspects), result["msg"]
    assert is_one_sentence(result["msg"])


@pytest.mark.parametrize("body", ["empty", "html", "json"])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_signature_may_be_refused_by_another_status_and_any_body(world: World, status: int, body: str) -> None:
    world.begin("live", task(1, "Started"), verify_hmac=True, key_encoding="text", hmac_refused_as=status, hmac_refused_body=body)

    result = world.run(task_id=1, state="stopped", api_key=KEYS["live"])

    assert "api_key_encoding (now base64)" in result["msg"] and is_one_sentence(result["msg"]) and world.writes == []


def test_signatures_that_are_wanted_and_not_given_are_told(world: World) -> None:
    world.begin("live", task(1, "Started"), verify_hmac=True)

    result = world.run(task_id=1, state="stopped")

    assert "if Verify HMAC signatures is ticked there, give the user's api_key" in result["msg"]


def test_a_prefix_of_a_proxy_is_sent_and_not_signed(world: World) -> None:
    world.begin("live", task(1, "Stopped"), verify_hmac=True, path_prefix="/boro")

    assert one(world.run(url=f"{URL}/boro", task_id=1, state="stopped", api_key=KEYS["live"]))["reached"]


def test_a_proxy_that_tells_the_server_its_own_path_is_a_suspect(world: World) -> None:
    world.begin("live", task(1, "Stopped"), verify_hmac=True, path_prefix="/boro", proxy_tells_uri=True)

    result = world.run(url=f"{URL}/boro", task_id=1, state="stopped", api_key=KEYS["live"])

    assert "the path signed is /ctrl_api/v1/json, without what stands before it in url" in result["msg"]


# Closed doors


@pytest.mark.parametrize(
    ("switches", "code"),
    [({"nginx_closed": True}, "connection"), ({"control_api": 403}, "connection"), ({"control_api": 404}, "not_found")],
)
def test_a_closed_door_names_all_three_switches(world: World, switches: dict[str, Any], code: str) -> None:
    world.begin("live", task(1, "Started"), **switches)

    result = world.run(task_id=1, state="stopped")

    assert all(name in result["msg"] for name in SWITCHES) and is_one_sentence(result["msg"])
    assert result["failure"]["code"] == code and "<" not in result["msg"]


def test_a_web_page_with_status_200_names_them_too(world: World) -> None:
    world.begin("live", task(1, "Started"))
    world.fault("html", "TaskInfo", times=None)

    result = world.run(task_id=1, state="stopped")

    assert all(name in result["msg"] for name in SWITCHES) and result["failure"]["code"] == "protocol"


@pytest.mark.parametrize(("where", "code"), [("top", "refused"), ("method", "refused"), (401, "authentication"), (403, "permission")])
def test_an_unknown_user_is_told_with_the_vendor_s_words(world: World, where: str | int, code: str) -> None:
    world.begin("live", task(1, "Started"), unknown_user=where)

    result = world.run(user_id=99, task_id=1, state="stopped")

    assert "emulator: no user 99" in result["msg"] and result["failure"]["code"] == code and world.requests == ["TaskInfo"]


# Faults


def test_a_read_that_fails_is_repeated_though_it_is_a_post(world: World) -> None:
    world.begin("live", task(1, "Stopped"))
    world.fault("reset_before", "TaskInfo", times=2)

    assert one(world.run(task_id=1, state="stopped"))["reached"] and world.requests == ["TaskInfo"] * 3


@pytest.mark.parametrize(("kind", "stops"), [("reset_after", 1), ("reset_before", 2), ("cut", 1), ("html", 2)])
def test_a_lost_answer_is_looked_into_and_the_action_only_sent_again_if_it_took_no_hold(world: World, kind: str, stops: int) -> None:
    world.begin("live", task(1, "Started"))
    world.fault(kind, "TaskStop")

    row = one(world.run(task_id=1, state="stopped"))

    assert row["reached"] and row["changed"] and world.writes == ["TaskStop 1"] * stops


def test_a_throttled_stop_is_sent_again(world: World) -> None:
    world.begin("live", task(1, "Started"))
    world.fault("rate_limit", "TaskStop", retry_after=2)

    assert one(world.run(task_id=1, state="stopped"))["reached"] and world.writes == ["TaskStop 1"] * 2


def test_a_signature_refused_in_the_middle_ends_the_run(world: World) -> None:
    world.begin("live", task(1, "Started"), task(2, "Started"), stop_delay="9 reads")
    world.fault("status", "TaskInfo", after=1, status=401, times=None)

    result = world.run(task_ids=[1, 2], state="stopped")

    assert [row["error"]["code"] for row in result["tasks"]] == ["authentication"] * 2
    assert world.requests == ["TaskInfo", "TaskStop", "TaskInfo"] and result["changed"]


def test_a_task_that_is_deleted_meanwhile_is_told(world: World) -> None:
    world.begin("live", task(1, "Stopped"), start_delay="9 reads")
    world.after("TaskResume", lambda: world.system.act("1", "delete", {}))

    assert "no longer knows task 1" in world.run(task_id=1, state="started")["msg"]


# Bad input


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"dialect": None},
            "dialect is missing; give it in the task, by module_defaults of",
        ),
        ({"dialect": "both"}, "value of dialect must be one of: live, vod"),
        (
            {"user_id": None},
            "user_id is missing; give it in the task, by module_defaults of",
        ),
        (
            {"project_id": None},
            "project_id is missing; give it in the task, by module_defaults of",
        ),
        ({"project_id": []}, "project_id is empty"),
        ({"project_id": [0]}, "project_id holds 0"),
        ({"project_id": ["x"]}, "project_id"),
        ({"task_ids": ["abc"]}, "task_ids"),
        ({"task_ids": [-5]}, "task_ids holds -5"),
        ({"task_ids": [True]}, "task_ids holds True"),
        ({"task_ids": [63, "063"]}, "task_ids names 63 twice"),
        ({"api_key": "not Base64!"}, "api_key_encoding: text"),
        ({"state_map": {"X": "Nonsense"}}, "which Boro (project 23) doesn't know"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(world: World, options: dict[str, Any], told: str) -> None:
    result = world.run(**{"task_ids": [1], "state": "stopped", **options})

    assert told in result["msg"] and result["failure"]["code"] == "usage" and world.requests == []
    assert is_one_sentence(result["msg"])


def test_an_id_of_another_project_is_told_with_the_project(world: World) -> None:
    world.begin("live", task(1, "Started"), task(300004, "Started", project_id=77))

    result = world.run(project_id=[23, 24], task_ids=[1, 300004], state="stopped")

    assert result["msg"] == "Boro (projects 23, 24) knows no task 300004; check how it is written there; nothing was changed."
    assert world.writes == []


def test_the_key_is_hidden_in_messages(world: World) -> None:
    world.begin("live", task(1, "Started"))
    world.fault("status", "TaskInfo", status=400, body={"error": f"bad key {KEYS['live']}"})

    assert KEYS["live"] not in json.dumps(world.run(task_id=1, state="stopped", api_key=KEYS["live"]))


def test_a_connection_that_breaks_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = requests.exceptions.ConnectionError(ConnectionResetError("reset"))
    with exchanges(monkeypatch, call(entry("TaskInfo", [1]), answer=broken)):
        result = world.run(task_id=1, state="stopped", retries=0)

    assert result["failure"]["code"] == "connection" and is_one_sentence(result["msg"])


def test_the_usual_options_are_those_of_the_seeds() -> None:
    assert (LIVE["user_id"], VOD["user_id"]) == (4, 1)
