# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""hitachi_task: the exact exchanges, tokens, the lag of the samples, what faults lead to, and what bad input gets."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.modules import hitachi_task

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.hitachi_world import BASIC, HISTORIES, RECURRING, SCHEDULE, SCHEDULES, TASKS, URL, T, World, run
from tests.unit.plugins.modules.results import is_one_sentence, one

# Page `hitachi`, section 8, vectors 1, 2 and 4.
HSSO = "a2e8ab6f7a9c35323fb7d9331735a9419235ebad_Vlo8Y30JBWoKHUYTEXAMXx5iHgQ=_V0810"
NOT_THERE = {
    "errorSource": f"{URL}{TASKS}/555",
    "message": "The specified resource does not exist or you do not have access. After reviewing the content of the following, please "
    "re-run.\n- The presence or absence of resources\n- Access rights to the resource",
    "messageID": "KNAE02102-E",
    "application": "Automation",
}
JOB = {
    "instanceID": "68451399-53c2-4f6b-bbdd-be025a61ed02",
    "created": "2015-08-07T19:00:40.025+09:00",
    "updated": "2015-08-07T19:00:40.025+09:00",
    "completed": "2015-08-07T19:00:40.025+09:00",
    "state": "success",
    "affectedResource": [f"{URL}{TASKS}/{T}"],
    "result": [],
}
CONFLICT = {"errorSource": "x", "message": "not in this status.\nTry again.", "messageID": "KNAE01234-E", "application": "Automation"}
NOTHING = {"data": [], "count": 0, "pagination": {"page": 1, "pageSize": 1, "numPages": 0}}


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(hitachi_task.main, "hitachi_task", capsys, monkeypatch)


def row(status: str, task_id: str = T, **fields: Any) -> dict[str, Any]:
    planned = {"scheduleType": "schedule", "scheduledStartTime": "2027-01-01T02:00:00.000+0900", "completionTime": None}
    return {"instanceID": int(task_id), "name": f"run {task_id}", "status": status, "scheduleID": SCHEDULE, **planned, **fields}


def read(status: str, task_id: str = T, **more: Any) -> Call:
    return Call("GET", f"{TASKS}/{task_id}", row(status, task_id), **{"headers": {"Authorization": BASIC}, **more})


def listing(member: str, ids: list[str], answer: Any, *, page: int = 1, path: str = TASKS, **more: Any) -> Call:
    wanted = quote_plus(f"{member} in [{','.join(ids)}]")
    return Call("GET", f"{path}?HQL%3A%3Afilter={wanted}&page={page}&pageSize={len(ids)}", answer, **more)


def act(action: str, answer: Any = None, **more: Any) -> Call:
    place = f"{SCHEDULES}/{SCHEDULE}" if action in ("suspend", "resume", "cancel") else f"{TASKS}/{T}"
    path = f"{place}/actions/{action}/invoke"
    body = json.dumps({"name": action, "href": f"{URL}{path}", "method": "POST", "parameters": []})
    headers = {"Content-Type": "application/json", "Authorization": BASIC, "Accept": "application/json", "Accept-Language": "en"}
    return Call("POST", path, JOB if answer is None else answer, body=body, **{"headers": headers, **more})


# The exchanges


def test_a_task_already_right_is_one_get(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, read("failed", headers={"Accept": "application/json", "Accept-Language": "en", "Authorization": BASIC})):
        assert world.run(task_id=T, state="stopped")["changed"] is False


@pytest.mark.parametrize("more", [{"pagination": {"page": 1, "pageSize": 3, "numPages": 1}}, {}])
def test_n_tasks_already_right_are_one_list_that_asks_for_its_page(
    world: World, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    ids = ["5381", "5382", "5383"]
    answer = {"data": [row("completed", id_) for id_ in reversed(ids)], "count": 3, **more}

    with exchanges(monkeypatch, listing("instanceID", ids, answer)):
        result = world.run(task_ids=ids, state="stopped")

    assert [task["id"] for task in result["tasks"]] == ids and result["summary"]["reached"] == 3


@pytest.mark.parametrize("number", [2, 99, 100, 101, 600])
def test_any_number_of_tasks_that_fits_into_an_address_is_one_request(world: World, number: int) -> None:
    ids = [str(5000 + index) for index in range(number)]
    world.begin(*[run("completed", id_) for id_ in ids])

    assert world.run(task_ids=ids, state="stopped")["summary"]["reached"] == number
    assert world.requests == ["list"]


def test_no_address_is_longer_than_a_server_takes(world: World) -> None:
    ids = [str(10**15 + index) for index in range(700)]
    world.begin(*[run("completed", id_) for id_ in ids])

    assert world.run(task_ids=ids, state="stopped")["summary"]["reached"] == 700
    assert world.requests == ["list"] * 3 and max(len(entry["target"]) for entry in world.journal) < 8000


@pytest.mark.parametrize(
    ("state", "found", "action", "then", "options"),
    [
        ("stopped", "inProgress", "stop", "failed", {}),
        ("stopped", "inProgress", "forceStop", "failed", {"force": True}),
        ("paused", "waiting", "suspend", "suspended", {}),
        ("started", "suspended", "resume", "waiting", {}),
        ("stopped", "suspended", "cancel", "canceled", {}),
        ("started", "failed", "rerunStart", "inProgress", {"retry_failed": True}),
    ],
)
def test_each_way_is_one_post_with_the_whole_body_between_two_gets(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str, found: str, action: str, then: str, options: dict[str, Any]
) -> None:
    with exchanges(monkeypatch, read(found), act(action), read(then)):
        task = one(world.run(task_id=T, state=state, **options))

    assert (task["action"], task["changed"], task["reached"], task["vendor_after"]) == (action, True, True, then)


@pytest.mark.parametrize("url", [f"{URL}/", f"{URL}/Automation", f"{URL}/Automation/"])
def test_an_address_with_the_vendor_s_path_is_taken_too(world: World, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with exchanges(monkeypatch, read("inProgress"), act("stop"), read("failed")):
        assert one(world.run(task_id=T, state="stopped", url=url))["reached"]


def test_an_archived_task_is_found_in_the_histories_by_its_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    history = {"instanceID": 4006, "taskID": 555, "name": "old", "status": "failed", "archiveTime": "2027-01-01T02:00:00.000+0900"}

    with exchanges(
        monkeypatch,
        Call("GET", f"{TASKS}/555", NOT_THERE, status=404),
        listing("taskID", ["555"], {"data": [history], "count": 1}, path=HISTORIES),
    ):
        task = one(world.run(task_id="555", state="stopped"))

    assert (task["id"], task["name"], task["before"], task["vendor_before"], task["reached"]) == ("555", "old", "failed", "failed", True)


def test_an_unknown_id_is_told_and_nothing_is_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, Call("GET", f"{TASKS}/555", NOT_THERE, status=404), listing("taskID", ["555"], NOTHING, path=HISTORIES)):
        result = world.run(task_id="555", state="stopped")

    assert result["failure"]["code"] == "not_found"
    assert result["msg"] == (
        "JP1/AO knows no task 555; neither its tasks nor its histories show it: check the id, and whether the user has access to the "
        "task's service group; nothing was changed."
    )


# Many tasks


def test_one_task_that_can_t_keeps_all_untouched_and_each_such_task_is_named(world: World) -> None:
    world.begin(run("waiting", "6001"), run("inProgress", "6002"), run("completed", "6003"))

    result = world.run(task_ids=[6001, 6002, 6003, 6004], state="paused")

    assert world.writes == [] and all(id_ in result["msg"] for id_ in ("6002", "6003", "6004")) and "6001" not in result["msg"]
    assert [task.get("error", {}).get("code") for task in result["tasks"]] == [None, "unreachable_state", "unreachable_state", "not_found"]


def test_archived_and_listed_tasks_are_read_together(world: World) -> None:
    world.begin(run("completed", "6001"), run("failed", "6002", archived=4001), run("canceled", "6003", archived=4002), run(task_id="6004"))

    result = world.run(task_ids=[6001, 6002, 6003, 6004], state="stopped")

    assert [task["before"] for task in result["tasks"]] == ["completed", "failed", "stopped", "started"]
    assert world.requests == ["list", "list_histories", "stop", "read", "read"]


@pytest.mark.parametrize("status", [400, 404])
def test_where_the_filter_is_refused_tasks_are_read_singly_and_it_s_not_tried_again(world: World, status: int) -> None:
    world.begin(run(task_id="6001"), run(task_id="6002"), filter_ids=status)

    result = world.run(task_ids=[6001, 6002], state="stopped", concurrency=1)

    assert result["summary"]["reached"] == 2
    assert world.requests == ["list", "read", "read", "stop", "stop", "read", "read", "read", "read"]


@pytest.mark.parametrize("status", [400, 404])
def test_where_histories_can_t_be_filtered_all_of_them_are_read(world: World, status: int) -> None:
    others = [run("completed", str(7000 + number), archived=5000 + number) for number in range(600)]
    world.begin(run("failed", "9999", archived=9000), *others, filter_history_ids=status)

    assert one(world.run(task_id="9999", state="stopped"))["before"] == "failed"
    assert world.requests == ["read", "list_histories", "list_histories", "list_histories"]


@pytest.mark.parametrize("count", ["all", "answer"])
def test_pages_that_the_server_cuts_down_are_read_to_the_end(world: World, count: str) -> None:
    ids = [str(5000 + index) for index in range(25)]
    world.begin(*[run("completed", id_) for id_ in ids], max_page_size=10, count_means=count)

    assert world.run(task_ids=ids, state="stopped")["summary"]["reached"] == 25
    assert world.requests == ["list"] * 3


def test_a_server_that_ignores_the_filter_and_tells_no_pages_is_read_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [[row("completed", "1"), row("completed", "2")], [row("completed", "3"), row("failed", "6002")], [row("completed", "6001")]]
    calls = [
        listing("instanceID", ["6001", "6002"], {"data": rows, "count": len(rows)}, page=number + 1) for number, rows in enumerate(pages)
    ]

    with exchanges(monkeypatch, *calls):
        assert world.run(task_ids=[6001, 6002], state="stopped")["summary"]["reached"] == 2


def test_what_a_list_leaves_out_that_shows_the_same_page_again_and_again_is_asked_for_singly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["6001", "6002"]
    calls = [listing("instanceID", ids, {"data": [row("completed", "1")], "count": 50}, page=page) for page in (1, 2)]
    singly = [read("completed", task_id=id_) for id_ in ids]

    with exchanges(monkeypatch, *calls, listing("taskID", ids, {"data": [], "count": 0}, path=HISTORIES), *singly):
        assert world.run(task_ids=ids, state="stopped")["summary"]["reached"] == 2


def test_a_suspended_recurring_schedule_is_told_by_its_task(world: World) -> None:
    world.begin(run("waiting", **RECURRING))

    assert one(world.run(task_id=T, state="paused"))["after"] == "paused"
    assert [entry["path"] for entry in world.journal if entry["write"]] == [f"{SCHEDULES}/{SCHEDULE}/actions/suspend/invoke"]


def test_two_tasks_of_one_schedule_are_each_dealt_with(world: World) -> None:
    """The present run of a recurring schedule is stopped, and the next one canceled with the schedule."""
    world.begin(run("waiting", "5400", scheduleID=SCHEDULE, **RECURRING), run(task_id=T, scheduleID=SCHEDULE, **RECURRING))

    result = world.run(task_ids=[T, 5400], state="stopped", cancel_recurring=True)

    assert [task["action"] for task in result["tasks"]] == ["stop", "cancel"]
    assert [task["after"] for task in result["tasks"]] == ["failed", "stopped"]


@pytest.mark.parametrize("edition", ["v12", "v10"])
def test_what_somebody_else_cancels_just_before_counts_as_stopped(world: World, edition: str) -> None:
    world.begin(run("waiting"), hitachi_edition=edition)
    respond = world.system.respond

    def quicker(request: Any, call: Any) -> Any:
        if call.action == "cancel":
            world.system.act(T, "cancel", {})
        return respond(request, call)

    world.system.respond = quicker  # type: ignore[method-assign]

    task = one(world.run(task_id=T, state="stopped"))

    assert (task["reached"], task["changed"]) == (True, edition == "v12"), "V12 takes the cancel of what is canceled, V10 doesn't"


# The forced stop of a task that is being stopped


def test_a_task_that_is_being_stopped_gets_the_forced_stop_once(world: World) -> None:
    world.begin(run("terminating"), stop_takes=600, force_stop_takes=20, force_stop_terminating="accepted")

    task = one(world.run(task_id=T, state="stopped", force=True))

    assert (task["action"], task["changed"], task["reached"]) == ("forceStop", True, True)
    assert world.effects == ["forceStop"]


def test_a_refusal_of_it_is_no_error_and_the_task_is_waited_for(world: World) -> None:
    world.begin(run("terminating", stop_takes=90), force_stop_terminating="refused")

    task = one(world.run(task_id=T, state="stopped", force=True))

    assert (task["action"], task["changed"], task["reached"], task["before"]) == ("none", False, True, "stopping")
    assert world.writes == ["forceStop"]


def test_without_waiting_a_refusal_of_it_leaves_the_task_on_its_way(world: World) -> None:
    world.begin(run("terminating", stop_takes=90), force_stop_terminating="refused")

    result = world.run(task_id=T, state="stopped", force=True, wait=False)

    assert ("failure" not in result, result["changed"], one(result)["reached"], world.writes) == (True, False, False, ["forceStop"])


def test_a_running_task_that_was_stopped_by_force_gets_no_second_forced_stop(world: World) -> None:
    world.begin(run(), force_stop_takes=120, force_stop_terminating="accepted")

    assert one(world.run(task_id=T, state="stopped", force=True))["reached"]
    assert world.writes == ["forceStop"]


def test_a_system_without_a_forced_stop_is_told_as_such(world: World) -> None:
    world.begin(run(), hitachi_edition="v10")

    result = world.run(task_id=T, state="stopped", force=True)

    assert result["failure"]["http_status"] == 404 and "V10 knows no forced stop, so leave force out there" in result["msg"]


# The lag of the samples


def test_the_old_status_is_waited_out_after_an_action(world: World) -> None:
    world.begin(run(), sampling_interval=30)

    task = one(world.run(task_id=T, state="stopped"))

    assert (task["reached"], world.writes) == (True, ["stop"]) and 45 <= sum(world.clock.sleeps) < 50, "two samples"


def test_where_nothing_lags_nothing_is_waited_for(world: World) -> None:
    world.begin(run("waiting"))

    assert one(world.run(task_id=T, state="paused"))["reached"]
    assert world.clock.sleeps == []


def test_a_refusal_by_what_the_samples_don_t_show_yet_is_waited_out(world: World) -> None:
    """The task has ended since the last sample, so that the stop is refused and the read still shows it running."""
    world.begin(run(), sampling_interval=30)
    world.clock.sleep(5)
    world.system.act(T, "complete", {})

    task = one(world.run(task_id=T, state="stopped"))

    assert (task["before"], task["after"], task["changed"], task["reached"]) == ("started", "completed", False, True)
    assert world.writes == ["stop"]


def test_a_refusal_that_holds_is_told_when_no_sample_can_be_old_any_more(world: World) -> None:
    world.begin(run("longRunning"), stop_long_running="refused", sampling_interval=30)

    result = world.run(task_id=T, state="stopped")

    assert 30 <= sum(world.clock.sleeps) < 40 and world.writes == ["stop"]
    assert result["failure"] == {"code": "refused", "vendor_code": "KNAE90409-E", "http_status": 409}
    assert result["msg"] == (
        f"JP1/AO refused to stop task {T} (HTTP 409, KNAE90409-E emulator: stop is not possible at longRunning); look at the task there."
    )


def test_after_a_lost_answer_the_action_isn_t_sent_again_before_the_lag_is_over(world: World) -> None:
    world.begin(run("waiting"), sampling_interval=30)
    world.fault("reset_before", "suspend")

    task = one(world.run(task_id=T, state="paused"))

    (first, second) = [entry["at"] for entry in world.journal if entry["action"] == "suspend"]
    assert task["reached"] and second - first >= 40


def test_a_lost_answer_whose_action_took_hold_is_seen_and_not_sent_again(world: World) -> None:
    world.begin(run("waiting"), sampling_interval=30)
    world.fault("reset_after", "suspend")

    task = one(world.run(task_id=T, state="paused"))

    assert (task["reached"], task["changed"], world.writes) == (True, True, ["suspend"])


def test_a_retry_that_fails_again_is_told_and_not_repeated(world: World) -> None:
    world.begin(run("failed", runs_for=40, ends_with="failed"), sampling_interval=30)

    result = world.run(task_id=T, state="started", retry_failed=True)

    assert one(result)["reached"], "it was seen running, and that is what was asked for"
    assert world.writes == ["rerunStart"]


def test_a_retry_that_has_failed_before_it_could_be_seen_running_is_an_error(world: World) -> None:
    world.begin(run("failed", runs_for=5, ends_with="failed", completionTime="2014-07-14T13:45:01.000+0900"), sampling_interval=30)

    result = world.run(task_id=T, state="started", retry_failed=True)

    assert f"task {T} accepted the rerunStart and then failed" in result["msg"] and world.writes == ["rerunStart"]


FAILED_AGAIN: dict[str, Any] = {"runs_for": 5, "ends_with": "failed", "completionTime": "2014-07-14T13:45:01.000+0900"}


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            [
                {"name": "unmount", "status": "completed"},
                {"name": "fence node 7", "status": "failed"},
                {"name": "mount", "status": "waiting"},
            ],
            "(failed step: fence node 7)",
        ),
        (
            [{"stepName": f"step {number}", "status": "Abnormal Detection"} for number in range(5)],
            "(failed steps: step 0, step 1, step 2 and 2 more)",
        ),
        ([{"stepID": "a\nb. c", "status": "FAILED"}], "(failed step: a b; c)"),
        ([{"name": "unmount", "status": "completed"}], "failed: it is in state Failed (failed)."),
        ([{"name": 7}, {"status": "failed"}, {}], "failed: it is in state Failed (failed)."),
    ],
)
def test_a_task_that_failed_names_its_failed_steps(world: World, steps: list[dict[str, Any]], told: str) -> None:
    """One request, whose answer's members are unpublished."""
    world.begin(run("failed", steps=steps, **FAILED_AGAIN), sampling_interval=30, flow_steps="given")

    result = world.run(task_id=T, state="started", retry_failed=True)

    assert told in result["msg"] and is_one_sentence(result["msg"]) and world.requests.count("list_steps") == 1


@pytest.mark.parametrize("answer", ["edition", 404])
def test_a_version_that_tells_no_steps_is_asked_once_and_nothing_is_said_of_it(world: World, answer: Any) -> None:
    world.begin(run("failed", **FAILED_AGAIN), sampling_interval=30, flow_steps=answer)

    result = world.run(task_id=T, state="started", retry_failed=True)

    assert result["msg"].endswith("and then failed: it is in state Failed (failed).") and world.requests.count("list_steps") == 1


@pytest.mark.parametrize("body", ["", "[]", '{"data": null}', "<html>no</html>"])
def test_steps_that_can_t_be_read_are_left_out(world: World, body: str) -> None:
    world.begin(run("failed", **FAILED_AGAIN), sampling_interval=30, flow_steps="given")
    world.fault("garbage", "list_steps", body=body)

    assert world.run(task_id=T, state="started", retry_failed=True)["msg"].endswith("and then failed: it is in state Failed (failed).")


def test_a_task_that_runs_with_an_error_names_the_step_when_time_is_up(world: World) -> None:
    steps = [{"name": "fence node 7", "status": "failed"}]
    world.begin(run("abnormalityDetected", steps=steps), ignore_action="stop", flow_steps="given")

    result = world.run(task_id=T, state="stopped", wait_timeout=60)

    assert result["failure"]["code"] == "timeout" and "(failed step: fence node 7)" in result["msg"]


def test_no_steps_are_asked_of_a_task_that_only_takes_long(world: World) -> None:
    world.begin(run("inProgress"), ignore_action="stop", flow_steps="given")

    world.run(task_id=T, state="stopped", wait_timeout=60)

    assert "list_steps" not in world.requests


def test_a_task_that_is_archived_while_it_s_waited_for_has_ended(world: World) -> None:
    world.begin(run(), auto_archive_after=0, stop_takes=3)

    task = one(world.run(task_id=T, state="stopped"))

    assert (task["after"], task["reached"], task["changed"]) == ("failed", True, True) and world.requests[-1] == "list_histories"


def test_a_debug_task_that_vanishes_with_its_stop_is_stopped_with_a_warning(world: World) -> None:
    world.begin(run(serviceState="debug"), auto_archive_after=0, stop_takes=3)

    result = world.run(task_id=T, state="stopped")

    assert one(result)["reached"] and "no longer listed" in str(result["warnings"])


# Answers that say no


def test_a_job_that_failed_is_a_failure_though_the_answer_is_200(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.begin(run(), job_state="failed")

    result = world.run(task_id=T, state="stopped")

    assert result["msg"] == f"JP1/AO accepted the stop of task {T}, and the job for it failed; see there why."
    assert (result["changed"], one(result)["action"], result["failure"]["code"]) == (False, "none", "refused")
    assert result["failure"]["request_id"], "the job's id"


@pytest.mark.parametrize("state", ["queued", "running", "success"])
def test_a_job_under_way_is_an_acceptance(world: World, state: str) -> None:
    world.begin(run(), job_state=state)

    assert one(world.run(task_id=T, state="stopped"))["reached"]


def test_a_vendor_s_refusal_is_told_in_one_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # As many looks as fit into the lag of the samples.
    with exchanges(monkeypatch, read("waiting"), act("suspend", CONFLICT, status=409), *[read("waiting")] * 12):
        result = world.run(task_id=T, state="paused")

    told = "HTTP 409, KNAE01234-E not in this status; Try again"
    assert result["msg"] == f"JP1/AO refused to suspend task {T} ({told}); look at the task there."
    assert is_one_sentence(result["msg"])


@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_412_is_explained_and_reads_are_repeated(world: World, body: str) -> None:
    world.begin(run("completed"), server_down=True, outer_body=body)

    result = world.run(task_id=T, state="stopped", retries=2)

    assert "by which JP1/AO says that its service doesn't run or isn't ready" in result["msg"] and is_one_sentence(result["msg"])
    assert (result["failure"]["http_status"], world.requests) == (412, ["read"] * 3)


def test_an_action_that_met_412_is_no_more_repeated_blindly(world: World) -> None:
    world.begin(run())
    world.fault("status", "stop", status=412)

    assert one(world.run(task_id=T, state="stopped"))["reached"]
    (first, second) = [entry["at"] for entry in world.journal if entry["action"] == "stop"]
    assert second - first >= 40


def test_an_address_that_isn_t_jp1_is_told_as_such(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, Call("GET", f"{TASKS}/{T}", "<html>Not Found</html>", status=404)):
        assert world.run(task_id=T, state="stopped")["msg"].endswith("check that url is the address of JP1/AO.")


@pytest.mark.parametrize(
    "answer",
    ["", "<html></html>", [], {"instanceID": 1}, row("completed", "9"), {**row("x"), "status": None}, {**row("x"), "instanceID": 1.5}],
)
def test_a_task_of_another_shape_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, Call("GET", f"{TASKS}/{T}", answer)):
        assert world.run(task_id=T, state="stopped")["failure"]["code"] == "protocol"


def test_a_warning_of_the_server_is_passed_on(world: World) -> None:
    world.begin(run("completed"), warning='199 - "the log is full."')

    assert "the log is full" in str(world.run(task_id=T, state="stopped")["warnings"])


# Who may


def test_wrong_credentials_cost_one_request_and_the_message_names_both_meanings(world: World) -> None:
    world.begin(run("completed", "6001"), run("completed", "6002"))

    result = world.run(username="system", password="wrong", task_ids=[6001, 6002], state="stopped")

    assert (result["failure"]["code"], len(world.requests)) == ("authentication", 1)
    assert (
        "check username and password; or, as it means that too, check the user's role and access to the task's service group"
        in (result["msg"])
    )


def test_a_service_group_that_is_closed_to_the_user_is_named_as_the_other_meaning_of_401(world: World) -> None:
    world.begin(run(), users={"east": {"password": "eAst-4", "role": "Modify", "groups": [4]}})

    result = world.run(username="east", password="eAst-4", task_id=T, state="stopped")

    assert "access to the task's service group" in result["msg"] and world.writes == []


def test_a_user_that_was_let_in_and_then_isn_t_lacks_rights(world: World) -> None:
    world.begin(run(), run(task_id="5382"))
    world.fault("status", "stop", status=401)

    result = world.run(task_ids=[T, 5382], state="stopped", concurrency=1)

    assert one({"tasks": [task for task in result["tasks"] if "error" in task]})["error"]["code"] == "permission"
    assert result["summary"]["reached"] == 1, "the other task goes on"


def test_hsso_rolls_on_with_each_answer(world: World) -> None:
    world.begin(run(), hsso_life=50, sampling_interval=30, stop_takes=60)
    first = world.token()

    assert one(world.run(token=first, task_id=T, state="stopped"))["reached"], "longer than any one token lives"

    sent = world.headers("Authorization")
    assert sent[0] == f"HSSO {first}" and all(value and value.startswith("HSSO ") for value in sent)
    assert len(set(sent)) == len(sent)


def test_hsso_takes_the_token_of_the_last_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def token(word: str) -> dict[str, Any]:
        return {"headers": {"Authorization": f"HSSO {word}"}}

    with exchanges(
        monkeypatch,
        read("waiting", **token("first"), answer_headers={"WWW-Authenticate": f"HSSO {HSSO}"}),
        act("suspend", **token(HSSO), answer_headers={"WWW-Authenticate": "HSSO  third "}),
        read("waiting", **token("third"), answer_headers={"WWW-Authenticate": 'Basic realm="x"'}),
        read("waiting", **token("third")),
        read("suspended", **token("third")),
    ):
        assert one(world.run(token="first", task_id=T, state="paused"))["reached"]


def test_hsso_takes_no_token_from_a_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    late: dict[str, Any] = {"headers": {"Authorization": "HSSO first"}, "answer_headers": {"WWW-Authenticate": "HSSO other"}}

    with exchanges(monkeypatch, Call("GET", f"{TASKS}/{T}", status=500, **late), read("failed", headers={"Authorization": "HSSO first"})):
        assert one(world.run(token="first", task_id=T, state="stopped"))["reached"]


def test_an_expired_hsso_token_ends_the_run_and_the_message_says_why(world: World) -> None:
    world.begin(run("completed"), hsso_life=10)
    token = world.token()
    world.clock.sleep(11)

    result = world.run(token=token, task_id=T, state="stopped")

    assert (result["failure"]["code"], len(world.requests)) == ("authentication", 1)
    assert "an HSSO token lasts 1,000 seconds and isn't renewed once it has expired" in result["msg"]


def test_a_bearer_token_is_sent_as_it_is(world: World) -> None:
    world.begin(run(), bearer=True, bearer_token="b3ar3r")

    assert one(world.run(token="b3ar3r", token_type="bearer", task_id=T, state="stopped"))["reached"]
    assert set(world.headers("Authorization")) == {"Bearer b3ar3r"}


def test_a_bearer_token_that_isn_t_taken_is_told(world: World) -> None:
    result = world.run(token="old", token_type="bearer", task_id=T, state="stopped")

    assert "a Bearer token lasts about five minutes and isn't renewed, and it isn't documented whether JP1/AO accepts one" in result["msg"]


def test_credentials_come_from_the_environment_and_those_that_are_given_beat_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITACHI_TOKEN", "of-the-environment")
    monkeypatch.setenv("HITACHI_TOKEN_TYPE", "bearer")
    with exchanges(monkeypatch, read("failed")):
        world.run(task_id=T, state="stopped")
    with exchanges(monkeypatch, read("failed", headers={"Authorization": "HSSO mine"})):
        world.run(token="mine", task_id=T, state="stopped")
    with exchanges(monkeypatch, read("failed", headers={"Authorization": "Bearer of-the-environment"})):
        world.run(token=None, username="", task_id=T, state="stopped")


def test_no_token_and_no_password_is_in_the_result_or_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"no such token as {HSSO}", "messageID": "KNAE0", "application": "Automation"}

    with exchanges(
        monkeypatch,
        read("waiting", headers={"Authorization": "HSSO f1rst"}, answer_headers={"WWW-Authenticate": f"HSSO {HSSO}"}),
        act("suspend", echo, status=401, headers={"Authorization": f"HSSO {HSSO}"}),
    ):
        result = world.run(token="f1rst", task_id=T, state="paused")

    assert result["failure"]["code"] == "authentication"
    assert HSSO not in json.dumps(result) + caplog.text and "f1rst" not in json.dumps(result) + caplog.text


# Bad input


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a word": ({"task_id": "nightly"}, "isn't the id of a task; JP1/AO knows its tasks by whole numbers"),
    "a fraction": ({"task_id": "5.5"}, "whole numbers"),
    "a sign": ({"task_id": "-5"}, "whole numbers"),
    "zeros ahead": ({"task_id": "05381"}, "whole numbers"),
    "no number but digits": ({"task_id": "٥٣"}, "whole numbers"),
    "twice": ({"task_ids": [T, T]}, f"names {T} twice"),
    "a slash": ({"task_id": "5/actions"}, "can't stand in an address"),
    "force to start": ({"task_id": T, "state": "started", "force": True}, "force is about the forced stop, so give it only with"),
    "force to pause": ({"task_id": T, "state": "paused", "force": True}, "state: stopped or if_unpausable: stop"),
    "force to pause or skip": ({"task_id": T, "state": "paused", "if_unpausable": "skip", "force": True}, "if_unpausable: stop"),
    "a colon": ({"task_id": T, "username": "a:b", "password": "s3cret"}, "username holds a colon"),
    "both": ({"task_id": T, "username": "a", "password": "s3cret", "token": "t0ken"}, "mutually exclusive"),
    "a type of no token": ({"task_id": T, "token": "t0ken", "token_type": "basic"}, "token_type must be one of: hsso, bearer"),
    "a map to nowhere": ({"task_id": T, "state_map": {"x": "nowhere"}}, "which JP1/AO doesn't know; known are Waiting (waiting)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_sent(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    options, told = BAD[name]

    with exchanges(monkeypatch):
        result = world.run(**{"state": "stopped", **options})

    assert told in result["msg"] and is_one_sentence(result["msg"]) and result["failure"]["code"] == "usage"


def test_a_lost_connection_to_a_read_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, Call("GET", f"{TASKS}/{T}", requests.ConnectionError()), read("failed")):
        assert one(world.run(task_id=T, state="stopped"))["reached"]
