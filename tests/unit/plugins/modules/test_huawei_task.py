# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""huawei_task: the exact exchanges, and what becomes of each answer. How it proves who calls stands in test_huawei_account.py."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _module
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task

from tests.unit.huawei import (
    BATCH,
    KEY,
    LOOKS,
    PROJECT,
    TOKEN,
    act,
    act_on_batch,
    error,
    gateway,
    in_process,
    listed,
    requests_to,
    show,
    task,
    without_environment,
)
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.results import one
from tests.unit.run_module import Run, run_main
from tests.unit.support import FakeClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)
    return clock


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Run:
    without_environment(monkeypatch)

    def call(check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        return run_main(huawei_task.main, capsys, "huawei_task", check=check, diff=diff, **{**TOKEN, "concurrency": 1, **options})

    return call


# Every state, for every wish. Words in capitals are what the next read shows, the others what is sent; "" is satisfied as it is, "no"
# can't be. From the page huawei_vias, sections 4 and 5; where DESIGN section 2 says otherwise, from there: `paused` is the vendor's stop
# of a task that runs or begins, and SUCCEEDED is a good end.
WAYS: dict[str, tuple[str, str, str, str]] = {
    #                      our word     paused                   started                 stopped
    "RUNNING": ("started", "stop STOPPED", "", "stop STOPPED"),
    "PENDING": ("starting", "stop STOPPED", "RUNNING", "stop STOPPED"),
    "SCHEDULING": ("starting", "stop STOPPED", "RUNNING", "stop STOPPED"),
    "STARTING": ("starting", "stop STOPPED", "RUNNING", "stop STOPPED"),
    "RECOVERING": ("starting", "stop STOPPED", "RUNNING", "stop STOPPED"),
    "UPGRADING": ("starting", "RUNNING stop STOPPED", "RUNNING", "RUNNING stop STOPPED"),
    "ABNORMAL": ("troubled", "stop STOPPED", "RUNNING", "stop STOPPED"),
    "STOPPING": ("stopping", "STOPPED", "STOPPED start RUNNING", "STOPPED"),
    "STOPPED": ("stopped", "", "start RUNNING", ""),
    "SUCCEEDED": ("completed", "no", "", ""),
    "FAILED": ("failed", "no", "start RUNNING", ""),
    "CREATE_FAILED": ("failed", "no", "start RUNNING", ""),
    "START_FAILED": ("failed", "no", "start RUNNING", ""),
    "LACK_OF_RESOURCES": ("failed", "no", "start RUNNING", ""),
    "STOPPED_NO_SERVICE": ("stopped", "no", "no", ""),
    "FREEZING": ("blocked", "no", "no", "FROZEN"),
    "FROZEN": ("blocked", "no", "no", ""),
    "DELETING": ("stopping", "no", "no", ""),
}  # fmt: skip
CELLS = [(state, wish, ways[number]) for state, ways in WAYS.items() for number, wish in enumerate(("paused", "started", "stopped"), 1)]
REACHABLE = [cell for cell in CELLS if cell[2] != "no"]


def calls_of(way: str) -> list[Call]:
    return [show("a", word) if word.isupper() else act("a", word) for word in way.split()]


@pytest.mark.parametrize(("state", "wish", "way"), REACHABLE)
def test_each_state_has_its_way_to_each_wish(run: Run, monkeypatch: pytest.MonkeyPatch, state: str, wish: str, way: str) -> None:
    with exchanges(monkeypatch, show("a", state), *calls_of(way)):
        row = one(run(task_id="a", state=wish))

    actions = [word for word in way.split() if word.islower()]
    assert (row["before"], row["vendor_before"]) == (WAYS[state][0], state)
    assert row["reached"]
    assert (row["action"], row["changed"]) == (", ".join(actions) or "none", bool(actions))


@pytest.mark.parametrize(("state", "wish", "way"), REACHABLE)
def test_check_mode_writes_nothing_and_predicts_what_comes(
    run: Run, monkeypatch: pytest.MonkeyPatch, state: str, wish: str, way: str
) -> None:
    with exchanges(monkeypatch, show("a", state)):
        predicted = run(task_id="a", state=wish, check=True)
    with exchanges(monkeypatch, show("a", state), *calls_of(way)):
        real = run(task_id="a", state=wish)

    for key in ("changed", "tasks", "summary"):
        assert predicted[key] == real[key]


@pytest.mark.parametrize(("state", "wish"), [(state, wish) for state, wish, way in CELLS if way == "no"])
def test_what_can_t_be_reached_is_told_before_anything_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch, state: str, wish: str) -> None:
    with exchanges(monkeypatch, listed(task("a", state), task("b", "RUNNING"), task("c", "STOPPED"))):
        result = run(task_ids=["b", "c", "a"], state=wish)

    assert result["failure"] == {"code": "unreachable_state"}
    assert result["msg"].startswith("task a ") and result["msg"].endswith("; nothing was changed.")
    assert [row["changed"] for row in result["tasks"]] == [False] * 3


def test_an_unknown_state_is_quoted_and_keeps_everything_untouched(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("a", "DREAMING"), task("b", "RUNNING"))):
        result = run(task_ids=["b", "a"], state="stopped")

    assert result["failure"] == {"code": "unknown_state"}
    assert "task a is in state DREAMING, which the documents of VIAS don't list" in result["msg"]


def test_an_unknown_state_on_the_way_is_waited_through(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "RUNNING"), act("a", "stop"), show("a", "WINDING_DOWN"), show("a", "STOPPED")):
        assert one(run(task_id="a", state="stopped"))["reached"]


def test_a_mapped_state_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "HALTED")):
        row = one(run(task_id="a", state="paused", state_map={"HALTED": "STOPPED"}))

    assert (row["before"], row["vendor_before"]) == ("stopped", "HALTED")


@pytest.mark.parametrize(
    ("state", "wish", "told"),
    [
        ("SUCCEEDED", "started", "task a has run to its end"),
        ("FROZEN", "stopped", "task a is frozen and doesn't run"),
        ("DELETING", "stopped", "task a is being deleted"),
    ],
)
def test_what_is_satisfied_in_an_odd_way_is_told_by_a_warning(
    run: Run, monkeypatch: pytest.MonkeyPatch, state: str, wish: str, told: str
) -> None:
    with exchanges(monkeypatch, show("a", state)):
        result = run(task_id="a", state=wish)

    assert len(result["warnings"]) == 1 and told in str(result["warnings"][0])


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "FROZEN"])
def test_what_can_t_pause_may_be_skipped(run: Run, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    with exchanges(monkeypatch, listed(task("a", state), task("b", "RUNNING")), act("b", "stop"), show("b", "STOPPED")):
        result = run(task_ids=["a", "b"], state="paused", if_unpausable="skip")

    assert [row["reached"] for row in result["tasks"]] == [False, True]
    assert result["summary"] == {"wanted": "paused", "total": 2, "reached": 1, "changed": 1, "failed": 0, "skipped": 1}


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "FROZEN", "STOPPED_NO_SERVICE"])
def test_what_can_t_pause_may_count_as_stopped(run: Run, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    with exchanges(monkeypatch, show("a", state)):
        assert one(run(task_id="a", state="paused", if_unpausable="stop"))["reached"]


# The number of requests


@pytest.mark.parametrize(("count", "reads"), [(1, 1), (2, 1), (999, 1), (1000, 1), (1001, 2), (2500, 3)])
def test_tasks_already_right_cost_one_read_a_thousand(run: Run, monkeypatch: pytest.MonkeyPatch, count: int, reads: int) -> None:
    vendor = in_process(monkeypatch, *({"id": f"t{number}", "state": "STOPPED"} for number in range(count)))

    result = run(task_ids=[f"t{number}" for number in range(count)], state="paused", project_id=PROJECT, token=None, **KEY)

    assert result["summary"]["reached"] == count and result["changed"] is False
    assert len(vendor.journal) == reads


def test_one_task_is_read_by_its_own_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "STOPPED", headers={"X-Auth-Token": TOKEN["token"], "Authorization": None})):
        run(task_id="a", state="stopped")


def test_the_list_is_read_no_further_than_the_last_task_that_is_wanted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [task(f"x{number}", "RUNNING") for number in range(998)]

    with exchanges(monkeypatch, listed(task("a", "STOPPED"), *others, task("b", "STOPPED"))):
        assert run(task_ids=["a", "b"], state="stopped")["summary"]["reached"] == 2


def test_what_the_list_doesn_t_hold_is_asked_for_singly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that shifts between two pages can miss a task that is there."""
    with exchanges(monkeypatch, listed(task("a", "STOPPED")), show("b", "STOPPED")):
        assert run(task_ids=["a", "b"], state="stopped")["summary"]["reached"] == 2


def test_n_tasks_cost_one_read_n_puts_and_the_polls(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = listed(task("a", "RUNNING"), task("b", "RUNNING")), listed(task("a", "STOPPED"), task("b", "STOPPED"))

    with exchanges(monkeypatch, before, act("b", "stop"), act("a", "stop"), after):
        result = run(task_ids=["b", "a"], state="paused")

    assert [row["id"] for row in result["tasks"]] == ["b", "a"]
    assert result["summary"] == {"wanted": "paused", "total": 2, "reached": 2, "changed": 2, "failed": 0, "skipped": 0}


def test_a_full_page_that_repeats_an_earlier_one_is_no_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = [task(f"x{number}", "RUNNING") for number in range(1000)]

    with exchanges(monkeypatch, listed(*page), listed(*page, page=2)):
        result = run(task_ids=["a", "b"], state="stopped")

    assert result["failure"]["code"] == "protocol" and "repeats an earlier one" in result["msg"]


def test_a_second_run_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"}, {"id": "b", "state": "STARTING"})
    wanted = {"task_ids": ["a", "b"], "state": "paused", "project_id": PROJECT, "token": None, **KEY}

    first, second = run(**wanted), run(**wanted)

    assert (first["changed"], second["changed"]) == (True, False)
    assert [entry for entry in requests_to(vendor) if entry.startswith("st")] == ["stop a", "stop b"]


def test_a_pause_and_a_start_bring_a_task_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, {"id": "a", "state": "RUNNING"})
    for state in ("paused", "started"):
        assert one(run(task_id="a", state=state, project_id=PROJECT, token=None, **KEY))["reached"]

    assert vendor.tasks()[0]["state"] == "RUNNING"


def test_diff_has_one_line_a_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("a", "RUNNING"), task("b", "STOPPED"))):
        result = run(task_ids=["a", "b"], state="paused", check=True, diff=True)

    assert result["diff"] == {"before": "a: started\nb: stopped\n", "after": "a: stopped\nb: stopped\n"}


@pytest.mark.parametrize(("id_", "path"), [("ü%2F", "%C3%BC%252F"), ("a?b#c", "a%3Fb%23c"), ("a b", "a%20b")])
def test_an_id_stays_in_its_place(run: Run, monkeypatch: pytest.MonkeyPatch, id_: str, path: str) -> None:
    found, after = (replace(show(path, state), answer=task(id_, state)) for state in ("RUNNING", "STOPPED"))

    with exchanges(monkeypatch, found, act(path, "stop"), after):
        assert one(run(task_id=id_, state="paused"))["id"] == id_


# Names


def test_a_name_is_matched_exactly_whatever_the_vendor_s_filter_does(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [task("1", "RUNNING", name="gate-2"), task("2", "STOPPED", name="gate"), task("3", "RUNNING", name="Gate")]

    with exchanges(monkeypatch, listed(*found, filters="task_name=gate&")):
        row = one(run(name="gate", state="stopped"))

    assert (row["id"], row["name"]) == ("2", "gate")


def test_several_names_are_found_in_one_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("1", "STOPPED", name="gate"), task("2", "STOPPED", name="yard"))):
        result = run(names=["yard", "gate"], state="stopped")

    assert [row["id"] for row in result["tasks"]] == ["2", "1"]


def test_a_name_that_several_tasks_have_is_an_error_that_tells_their_ids(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [task("1", "RUNNING", name="gate"), task("2", "RUNNING", name="gate")]

    with exchanges(monkeypatch, listed(*twins, filters="task_name=gate&")):
        result = run(name="gate", state="stopped")

    assert result["msg"] == "several tasks are named gate (1, 2); give their ids in task_ids instead."


def test_a_name_that_no_task_has_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("1", "RUNNING", name="gate-2"), filters="task_name=gate&")):
        result = run(name="gate", state="stopped")

    assert (result["failure"]["code"], result["msg"]) == ("not_found", "VIAS knows no task named gate; check how it is written there.")


def test_all_names_that_are_wrong_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [task("1", "RUNNING", name="gate"), task("2", "RUNNING", name="gate"), task("3", "RUNNING", name="yard")]

    with exchanges(monkeypatch, listed(*twins)):
        message = run(names=["yard", "gate", "roof"], state="stopped")["msg"]

    assert "several tasks are named gate (1, 2)" in message and "no task named roof" in message and "yard" not in message


def test_a_task_found_by_its_name_is_then_read_by_its_own_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = listed(task("1", "RUNNING", name="gate"), filters="task_name=gate&")

    with exchanges(monkeypatch, found, act("1", "stop"), show("1", "STOPPED", name="gate")):
        assert one(run(name="gate", state="paused"))["reached"]


# Batch configurations

OF_BATCH = f"batch_id={BATCH}&"


def in_batch(**states: str) -> Call:
    return listed(*(task(id_, state) for id_, state in states.items()), filters=OF_BATCH)


def test_a_batch_that_is_right_costs_one_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, in_batch(a="STOPPED", b="FAILED", c="STOPPED")):
        assert run(batch_id=BATCH, state="stopped")["summary"]["reached"] == 3


def test_a_batch_is_stopped_by_one_call(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = in_batch(a="RUNNING", b="STOPPED", c="STARTING"), in_batch(a="STOPPED", b="STOPPED", c="STOPPED")

    with exchanges(monkeypatch, before, act_on_batch("stop", "b: VIAS.00010012 it is STOPPED already"), after):
        result = run(batch_id=BATCH, state="paused")

    assert [(row["id"], row["changed"], row["reached"]) for row in result["tasks"]] == [
        ("a", True, True),
        ("b", False, True),
        ("c", True, True),
    ]


def test_a_batch_of_500_running_tasks_is_stopped_by_one_call(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [{"id": f"t{number}", "state": "RUNNING", "batch_id": BATCH} for number in range(500)]
    vendor = in_process(monkeypatch, *tasks, {"id": "another", "state": "RUNNING"})

    result = run(batch_id=BATCH, state="stopped", project_id=PROJECT, token=None, **KEY)

    assert result["summary"] == {"wanted": "stopped", "total": 500, "reached": 500, "changed": 500, "failed": 0, "skipped": 0}
    assert requests_to(vendor) == ["list", f"batch_stop {BATCH}", "list", "list"]
    assert {known["id"] for known in vendor.tasks() if known["state"] == "RUNNING"} == {"another"}


def test_what_a_batch_call_says_of_a_task_is_its_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = in_batch(a="STOPPED", b="STOPPED"), in_batch(a="RUNNING", b="STOPPED")

    with exchanges(
        monkeypatch, before, act_on_batch("start", "b: VIAS.00010050 the quota is used up"), after, *[show("b", "STOPPED")] * (LOOKS - 1)
    ):
        result = run(batch_id=BATCH, state="started")

    assert [row["changed"] for row in result["tasks"]] == [True, False]
    assert result["tasks"][1]["error"] == {
        "code": "refused",
        "message": "VIAS didn't start task b (b: VIAS.00010050 the quota is used up).",
    }


def test_what_a_batch_call_says_may_be_of_a_second_copy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by the search (seed 271126): it's told in an answer of success, and so has no HTTP status of its own."""
    calls = (act_on_batch("stop", "a: VIAS.00010012 This operation is not allowed."), show("a", "STOPPING"), show("a", "STOPPED"))

    with exchanges(monkeypatch, in_batch(a="RUNNING"), *calls):
        result = run(batch_id=BATCH, state="stopped")

    assert (one(result)["changed"], one(result)["reached"], one(result)["action"]) == (True, True, "stop")
    assert "a proxy on the way may have sent it twice" in str(result["warnings"])


def test_what_a_batch_call_says_is_outdone_by_what_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, in_batch(a="RUNNING"), act_on_batch("stop", "a: failed"), show("a", "STOPPED")):
        assert run(batch_id=BATCH, state="stopped")["summary"]["failed"] == 0


def test_what_a_batch_call_says_without_naming_a_task_is_told_of_each_that_didn_t_arrive(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    polls = [show("a", "RUNNING")] * 7

    with exchanges(monkeypatch, in_batch(a="RUNNING", b="STOPPED"), act_on_batch("stop", "node 7 is off line"), *polls):
        message = run(batch_id=BATCH, state="stopped", wait_timeout=3)["msg"]

    assert "was last seen RUNNING" in message and "(node 7 is off line)" in message


def test_a_batch_with_a_task_that_has_ended_well_is_started_task_by_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call for all would run the finite one a second time."""
    with exchanges(monkeypatch, in_batch(a="SUCCEEDED", b="STOPPED"), act("b", "start"), show("b", "RUNNING")):
        assert run(batch_id=BATCH, state="started")["summary"]["reached"] == 2


def test_a_batch_that_is_drained_is_stopped_task_by_task(run: Run, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    """One call for all would stop those too that were given time to end by themselves."""
    before = in_batch(a="RUNNING", b="STARTING")

    with exchanges(monkeypatch, before, act("b", "stop"), in_batch(a="SUCCEEDED", b="STOPPED")):
        result = run(batch_id=BATCH, state="stopped", drain=60)

    assert [row["action"] for row in result["tasks"]] == ["none", "stop"]


def test_a_batch_that_has_no_task_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, in_batch()):
        result = run(batch_id=BATCH, state="stopped")

    assert result["failure"]["code"] == "not_found"


# What answers mean


@pytest.mark.parametrize("answer", ["", {}, {"id": "String", "status_code": 200, "status_msg": "success"}, {"status_code": "200"}])
def test_an_accepted_action_has_an_answer_of_many_shapes(run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, show("a", "RUNNING"), act("a", "stop", answer), show("a", "STOPPED")):
        assert one(run(task_id="a", state="paused"))["changed"]


def test_a_status_code_in_a_200_that_is_another_is_a_refusal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = act("a", "stop", {"id": "a", "status_code": 500, "status_msg": "This operation is not allowed."})

    with exchanges(monkeypatch, show("a", "RUNNING"), refused, *[show("a", "RUNNING")] * LOOKS):
        result = run(task_id="a", state="stopped")

    assert result["failure"]["code"] == "refused" and "(500 This operation is not allowed.)" in result["msg"]
    assert result["changed"] is False


def test_an_action_goes_without_a_body(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = act("a", "stop", headers={"Content-Length": "0"}, body=None)

    with exchanges(monkeypatch, show("a", "RUNNING"), stop, show("a", "STOPPED")):
        run(task_id="a", state="paused")


def test_a_list_of_nothing_may_have_no_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(listed(filters="task_name=a&"), answer={"count": 0, "tasks": None})):
        assert run(name="a", state="stopped")["failure"]["code"] == "not_found"


@pytest.mark.parametrize(
    "answer", [{}, [], "text", "", {"tasks": {}}, {"tasks": ["a"]}, {"tasks": [{"id": "a"}]}, {"tasks": [{"id": 1, "state": "RUNNING"}]}]
)
def test_a_list_of_another_shape_is_told_as_such(run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, replace(listed(), answer=answer)):
        result = run(task_ids=["a", "b"], state="stopped")

    assert result["failure"] == {"code": "protocol", "http_status": 200}
    assert "check that url is the address of VIAS" in result["msg"]


def test_an_answer_about_another_task_is_no_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(show("a", "STOPPED"), answer=task("b", "STOPPED"))):
        assert run(task_id="a", state="stopped")["failure"]["code"] == "protocol"


def test_a_missing_task_comes_as_a_400_and_is_told_as_unknown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, error(show("a", ""), 400, "VIAS.00010007", "No task is found based on the task ID.")):
        result = run(task_id="a", state="stopped")

    assert result["failure"]["code"] == "not_found"
    assert result["msg"] == "VIAS knows no task a; check how it is written there; nothing was changed."


def test_all_missing_tasks_are_named_and_none_is_touched(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [error(show(id_, ""), 400, "VIAS.00010007") for id_ in ("b", "c")]

    with exchanges(monkeypatch, listed(task("a", "RUNNING")), *missing):
        result = run(task_ids=["a", "b", "c"], state="stopped")

    assert "knows no task b" in result["msg"] and "knows no task c" in result["msg"]
    assert [row["before"] for row in result["tasks"]] == ["started", "absent", "absent"]


def test_another_400_is_an_error_and_no_missing_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, error(show("a", ""), 400, "VIAS.00010001", "The parameters are invalid.", detail="task_id")):
        result = run(task_id="a", state="stopped")

    assert result["failure"] == {"code": "refused", "vendor_code": "VIAS.00010001", "http_status": 400, "request_id": "request-1"}
    assert "(HTTP 400, VIAS.00010001 The parameters are invalid.: task_id)" in result["msg"]


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ({"errorCode": "X.1", "errorMsg": "no"}, "X.1", "was refused (HTTP 400, X.1 no)"),
        ({"code": 7, "message": "no"}, "7", "was refused (HTTP 400, 7 no)"),
        ({"error": {"code": "X.2", "message": "no"}}, "X.2", "was refused (HTTP 400, X.2 no)"),
        ({"error_msg": "no", "error_code": "APIG.0201"}, "APIG.0201", "was refused (HTTP 400, APIG.0201 no)"),
        ("<html>gone</html>", None, "HTTP 400: gone"),
        ("", None, "HTTP 400"),
        ("[1]", None, "([1])"),
    ],
)
def test_an_error_may_have_any_of_the_shapes_that_the_official_sdk_reads(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any, code: str | None, told: str
) -> None:
    with exchanges(monkeypatch, replace(show("a", ""), status=400, answer=answer)):
        result = run(task_id="a", state="stopped")

    assert result["failure"].get("vendor_code") == code
    assert told in result["msg"]


@pytest.mark.parametrize(
    ("call", "code", "request_id"),
    [
        (gateway(show("a", ""), 403, "0302", "not authorized"), "permission", "request-of-the-gateway"),
        (gateway(show("a", ""), 404, "0101", "The API does not exist"), "not_found", "request-of-the-gateway"),
        (gateway(show("a", ""), 401), "authentication", "request-of-the-gateway"),
        (error(show("a", ""), 401, "VIAS.00010005", "Authorization failed."), "permission", "request-1"),
    ],
)
def test_a_refusal_of_the_caller_ends_the_run_with_its_request_id(
    run: Run, monkeypatch: pytest.MonkeyPatch, call: Call, code: str, request_id: str
) -> None:
    with exchanges(monkeypatch, call):
        result = run(task_id="a", state="stopped")

    assert (result["failure"]["code"], result["failure"]["request_id"]) == (code, request_id)
    assert "check" in result["msg"] or "rights" in result["msg"] or "right" in result["msg"]


def test_a_wrong_address_is_no_missing_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, gateway(show("a", ""), 404, "0101", "The API does not exist")):
        assert "check url, region and project_id" in run(task_id="a", state="stopped")["msg"]


# Actions, and what becomes of them

REFUSAL = (500, "VIAS.00010012", "This operation is not allowed.")


def test_a_refused_action_is_read_again_and_told_with_the_vendor_s_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = error(act("a", "stop"), *REFUSAL)

    with exchanges(monkeypatch, show("a", "RUNNING"), refused, *[show("a", "RUNNING")] * LOOKS):
        result = run(task_id="a", state="stopped")

    assert result["failure"] == {"code": "refused", "vendor_code": "VIAS.00010012", "http_status": 500, "request_id": "request-1"}
    assert "was refused (HTTP 500, VIAS.00010012 This operation is not allowed); VIAS says so where" in result["msg"]
    assert result["changed"] is False


def test_a_refused_action_counts_as_taken_when_the_task_goes_where_it_leads(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "RUNNING"), error(act("a", "stop"), *REFUSAL), show("a", "STOPPING"), show("a", "STOPPED")):
        row = one(run(task_id="a", state="stopped"))

    assert row["reached"] and row["changed"] and row["action"] == "stop"


def test_another_500_may_have_taken_hold_and_is_looked_into(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = error(act("a", "stop"), 500, "VIAS.00010006", "An internal error occurs.")

    with exchanges(monkeypatch, show("a", "RUNNING"), lost, show("a", "RUNNING"), show("a", "STOPPED")):
        row = one(run(task_id="a", state="stopped"))

    assert row["reached"] and row["changed"]


@pytest.mark.parametrize("on_the_way", [["PENDING", "STARTING", "RUNNING"], ["RUNNING"], ["SCHEDULING", "SUCCEEDED"]])
def test_a_start_whose_answer_is_lost_isn_t_repeated(run: Run, monkeypatch: pytest.MonkeyPatch, on_the_way: Sequence[str]) -> None:
    lost = act("a", "start", requests.ReadTimeout())

    with exchanges(monkeypatch, show("a", "STOPPED"), lost, *(show("a", state) for state in on_the_way)):
        row = one(run(task_id="a", state="started"))

    assert row["reached"] and row["changed"] and row["action"] == "start"


@pytest.mark.parametrize(
    ("found", "action", "wish", "states"),
    [
        ("RUNNING", "stop", "paused", ["RUNNING", "RUNNING", "STOPPING", "STOPPED"]),
        ("STOPPED", "start", "started", ["STOPPED", "STOPPED", "PENDING", "STARTING", "RUNNING"]),
        ("START_FAILED", "start", "started", ["START_FAILED", "START_FAILED", "PENDING", "RUNNING"]),
    ],
)
def test_a_stale_read_after_an_action_is_no_outcome(
    run: Run, monkeypatch: pytest.MonkeyPatch, found: str, action: str, wish: str, states: Sequence[str]
) -> None:
    with exchanges(
        monkeypatch, show("a", found, updated_at="t0"), act("a", action), *(show("a", state, updated_at="t0") for state in states)
    ):
        assert one(run(task_id="a", state=wish))["reached"]


def test_a_stale_failure_is_none_either_where_the_list_was_read_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list doesn't tell when the state was set, and the task's own page does."""
    found = listed(task("1", "START_FAILED", name="gate"), filters="task_name=gate&")
    pages = [show("1", state, updated_at=at) for state, at in (("START_FAILED", "t0"), ("PENDING", "t1"), ("RUNNING", "t2"))]

    with exchanges(monkeypatch, found, act("1", "start"), *pages):
        assert one(run(name="gate", state="started"))["reached"]


@pytest.mark.parametrize("end", ["START_FAILED", "LACK_OF_RESOURCES", "FAILED", "CREATE_FAILED"])
@pytest.mark.parametrize("on_the_way", [[], ["PENDING", "STARTING"]])
def test_a_start_that_fails_tells_the_status_and_error_of_the_task(
    run: Run, monkeypatch: pytest.MonkeyPatch, end: str, on_the_way: Sequence[str]
) -> None:
    told: dict[str, Any] = {"status": "service start failed", "error": {"code": "VIAS.00010009", "message": "no free node"}}
    failed = show("a", end, **told)

    with exchanges(monkeypatch, show("a", "STOPPED"), act("a", "start"), *(show("a", state) for state in on_the_way), failed, failed):
        result = run(task_id="a", state="started")

    assert result["failure"]["code"] == "unreachable_state"
    assert result["msg"] == (
        f"task a accepted the start and then failed: it is in state {end} (service start failed VIAS.00010009 no free node)."
    )
    assert result["changed"] is True


def test_the_same_failure_set_anew_is_the_outcome(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = show("a", "START_FAILED", updated_at="t1", status="service start failed")

    with exchanges(monkeypatch, show("a", "START_FAILED", updated_at="t0"), act("a", "start"), failed, failed):
        assert "accepted the start and then failed" in run(task_id="a", state="started")["msg"]


def test_a_task_in_trouble_that_stays_so_is_told_with_the_vendor_s_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    troubled = show("a", "ABNORMAL", status="the video source sends nothing")

    with exchanges(monkeypatch, *[troubled] * 7):
        message = run(task_id="a", state="started", wait_timeout=3)["msg"]

    assert "was last seen ABNORMAL and not started" in message and "(the video source sends nothing)" in message


def test_a_task_that_vanishes_while_it_is_stopped_doesn_t_run_any_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = error(show("a", ""), 400, "VIAS.00010007")

    with exchanges(monkeypatch, show("a", "RUNNING"), act("a", "stop"), gone):
        result = run(task_id="a", state="stopped")

    assert one(result)["reached"] and "no longer listed" in str(result["warnings"])


def test_a_task_that_fails_leaves_the_others_alone_and_all_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = listed(task("a", "RUNNING"), task("b", "RUNNING")), listed(task("a", "RUNNING"), task("b", "STOPPED"))

    with exchanges(monkeypatch, before, error(act("a", "stop"), *REFUSAL), act("b", "stop"), after, *[show("a", "RUNNING")] * (LOOKS - 1)):
        result = run(task_ids=["a", "b"], state="stopped")

    assert result["msg"].startswith("1 of 2 tasks did not become stopped: PUT ") and result["changed"] is True
    assert [row["reached"] for row in result["tasks"]] == [False, True]


def test_a_task_that_always_falls_back_is_started_three_times_at_most(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    once = [act("a", "start"), show("a", "PENDING"), show("a", "STOPPED")]

    # The last request asks for what the vendor tells of it.
    with exchanges(monkeypatch, show("a", "STOPPED"), *once, *once, *once, show("a", "STOPPED")):
        result = run(task_id="a", state="started")

    assert "is in state STOPPED after 3 actions; something else changes it, too" in result["msg"]


def test_a_throttled_action_is_sent_again_after_the_time_that_the_vendor_asks_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    throttled = replace(gateway(act("a", "stop"), 429, "0308", "throttled"), answer_headers={"Retry-After": "7"})

    with exchanges(monkeypatch, show("a", "RUNNING"), throttled, *[show("a", "RUNNING")] * 5, act("a", "stop"), show("a", "STOPPED")):
        assert one(run(task_id="a", state="stopped"))["reached"]

    assert clock.time >= 1007


def test_without_waiting_the_step_is_sent_and_nothing_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "RUNNING"), act("a", "stop"), show("a", "STOPPING")):
        result = run(task_id="a", state="stopped", wait=False)

    assert (one(result)["reached"], one(result)["after"], result["changed"]) == (False, "stopping", True)


# Weekly plans

PLAN: dict[str, Any] = {"schedule_status": "ACTIVATED", "schedule": {"type": "weekly", "timezone": "+08:00", "days_of_week": [1]}}


def test_a_task_whose_plan_starts_it_counts_as_started_and_that_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "STOPPED", **PLAN)):
        result = run(task_id="a", state="started")

    assert (one(result)["after"], one(result)["vendor_after"], result["changed"]) == ("waiting", "STOPPED", False)
    assert "its weekly plan is activated and may start it" in str(result["warnings"])


@pytest.mark.parametrize("wish", ["paused", "stopped"])
def test_a_task_whose_plan_starts_it_isn_t_at_rest(run: Run, monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    after = show("a", "STOPPED", **{**PLAN, "schedule_status": "INACTIVATED"})

    with exchanges(monkeypatch, show("a", "STOPPED", **PLAN), act("a", "stop"), after):
        row = one(run(task_id="a", state=wish))

    assert (row["before"], row["after"], row["changed"]) == ("waiting", "stopped", True)


def test_a_plan_that_is_off_starts_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, show("a", "STOPPED", **{**PLAN, "schedule_status": "INACTIVATED"})):
        assert one(run(task_id="a", state="stopped"))["before"] == "stopped"


# Against the emulator: what no document states


@pytest.mark.parametrize(
    "switches",
    [
        {"action_answer": "none"},
        {"action_answer": "empty_object"},
        {"change_delay": "2 reads"},
        {"list_lag": "2 reads"},
        {"null_members": True},
        {"count": "total"},
        {"refused_as": "status_code"},
        {"stop_stopped": "no_effect"},
        {"start_steps": []},
        {"stop_steps": []},
        {"gateway_prefix": "APIG"},
    ],
    ids=str,
)
def test_every_position_of_the_vendor_s_open_questions_is_understood(
    run: Run, monkeypatch: pytest.MonkeyPatch, switches: dict[str, Any]
) -> None:
    tasks = [{"id": id_, "state": state} for id_, state in (("a", "RUNNING"), ("b", "STARTING"), ("c", "START_FAILED"))]
    vendor = in_process(monkeypatch, *tasks, **switches)

    for state in ("stopped", "started"):
        result = run(task_ids=["a", "b", "c"], state=state, project_id=PROJECT, token=None, **KEY)
        assert result["summary"]["reached"] == 3

    assert sorted(entry for entry in requests_to(vendor) if entry.startswith("st")) == ["start a", "start b", "start c", "stop a", "stop b"]


# Bad input: one sentence, a code, nothing sent


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "one of the following is required: task_ids, names, batch_id"),
        ({"task_ids": ["a", "a"]}, "task_ids names a twice"),
        ({"task_ids": ["a/b"]}, "can't stand in an address"),
        ({"task_ids": [".."]}, "can't stand in an address"),
        ({"task_ids": ["a\n"]}, "can't stand in an address"),
        ({"task_ids": ["a"], "batch_id": "b"}, "mutually exclusive"),
        ({"names": ["gate", "gate"]}, "names names gate twice"),
        ({"names": ["gate", " "]}, "names holds an empty entry"),
        ({"batch_id": "../tasks"}, "batch_id holds '../tasks', which can't stand in an address"),
        ({"task_id": "a", "state": "asleep"}, "value of state must be one of"),
        ({"task_id": "a", "region": "cn-north-4.evil.com/"}, "region is 'cn-north-4.evil.com/', which isn't the name of a region"),
        ({"task_id": "a", "region": None}, "neither url nor region is given"),
        ({"task_id": "a", "url": "vias"}, "url is 'vias', which isn't an address"),
        ({"task_id": "a", "iam_url": "iam"}, "iam_url is 'iam', which isn't an address"),
        ({"task_id": "a", "project_id": ".."}, "project_id holds '..', which can't stand in an address"),
        ({"task_id": "a", "project_id": "prøject"}, "project_id holds a blank, a line break or another character"),
        ({"task_id": "a", "token": "abc\n"}, "token holds a blank, a line break or another character"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch, options: Any, told: str) -> None:
    with exchanges(monkeypatch):
        result = run(**{"state": "stopped", **options})

    assert told in result["msg"]
    assert result["failure"]["code"] == "usage"
    assert result["msg"].count("\n") == 0


# Secrets


def test_nothing_secret_is_returned_or_logged(run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = "MIIPAgYJKoZIhvcNAQ" * 60
    echo = error(act("a", "stop"), 400, "VIAS.00010001", f"not with {token}")

    with exchanges(monkeypatch, show("a", "RUNNING"), echo, *[show("a", "RUNNING")] * LOOKS):
        result = run(task_id="a", state="stopped", token=token)

    assert "VIAS.00010001 not with" in result["msg"]
    assert token[:40] not in str(result) and token[:40] not in caplog.text


@pytest.mark.parametrize("status", [200, 500])
def test_not_even_the_beginning_of_a_long_token_is_shown_with_a_body(run: Run, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    token = "MIIPAgYJKoZIhvcNAQ" * 60

    with exchanges(monkeypatch, replace(show("a", ""), status=status, answer=f"<p>{token}</p>")):
        result = run(task_id="a", state="stopped", token=token, retries=0)

    assert "MIIPAgYJ" not in str(result)
