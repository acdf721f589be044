# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a window: each step of it, and what a run that was killed leaves to the next one."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _overlap, _report, _verdicts, _window, _window_texts
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure

Plain = dict[str, Any]
NOW = 1000.0


def row(id_: str = "1", state: str = "started", **other: Any) -> Plain:
    """A task as a survey tells it: a running one that can be paused."""
    return {
        "id": id_,
        "name": f"name of {id_}",
        "state": state,
        "vendor_state": state.upper(),
        "seen": {"vendor_state": state.upper()},
        "actions": ["pause"],
        "arrives": "paused",
        "vendor_arrives": "PAUSED",
        "armed": state == "waiting",
        "final": "",
        "note": "",
        "skipped": False,
        **other,
    }


def target(*rows: Plain, name: str = "jobs", **other: Any) -> Plain:
    """A target as a survey tells it."""
    return {
        "name": name,
        "vendor": "press",
        "system": "the press",
        "noun": "job",
        "state": "paused",
        "stage": 10,
        "accept_final": False,
        "place": "here",
        "options": {},
        "left_out": 0,
        "tasks": [one["id"] for one in rows],
        "warnings": [],
        "found": list(rows),
        **other,
    }


def went(id_: str = "1", state: str = "paused", action: str = "pause", **other: Any) -> Plain:
    """A task as a stretch of the way leaves it: there."""
    is_over = other.get("over", True)
    return {
        "id": id_,
        "name": f"name of {id_}",
        "state": state,
        "vendor_state": state.upper(),
        "told": state.upper(),
        "action": action,
        "changed": action != "none",
        "reached": is_over and "error" not in other and not other.get("skipped"),
        "skipped": False,
        "over": True,
        "note": "",
        "memory": {"before": {"vendor_state": "STARTED"}, "actions": [], "changed": action != "none", "sends": 1},
        **other,
    }


def brought(*rows: Plain, name: str = "jobs", state: str = "paused", **other: Any) -> Plain:
    return {"name": name, "state": state, "spent": 1.0, "tasks": list(rows), **other}


def opening(*targets: Plain, run: str = "r1") -> Plain:
    """A window whose opening has begun."""
    document = _window.new_document("CHG1", targets or [target(row())], NOW)
    _window.begin(document, "open", run, NOW)
    return document


def opened(*targets: Plain) -> Plain:
    """A window that is open: each task went as planned."""
    document = opening(*targets)
    for stage in _window.stages(document, "open"):
        _window.intend(document, "open", stage, NOW + 1)
    for its in targets or [target(row())]:
        rows = [went(one["id"], one["arrives"], ", ".join(one["actions"]) or "none") for one in its["found"]]
        _window.record(document, "open", [brought(*rows, name=its["name"], state=its["state"])], NOW + 2)
    _window.end(document, "open", "r1", NOW + 3, True)
    return document


def item(document: Plain, id_: str = "1") -> Plain:
    (found,) = [one for its in document["targets"] for one in its["items"] if one["id"] == id_]
    assert isinstance(found, dict)
    return found


def closing(document: Plain, *rows: Plain, **other: Any) -> Plain:
    """The window's closing has begun, and its tasks were seen so."""
    _window.begin(document, "close", "r2", NOW + 10)
    _verdicts.judge(document, [target(*rows, **other)], NOW + 11)
    return document


def verdict(document: Plain, id_: str = "1") -> str:
    return str(item(document, id_)["close"]["verdict"])


# Refusals


def test_a_plain_survey_is_not_refused() -> None:
    assert _window.refusals([target(row()), target(row("2"), name="others")]) == []


def test_a_task_that_cannot_get_there_is_refused() -> None:
    wrong = row(error={"code": "unreachable_state", "message": "job 1 is torn."})

    (failure,) = _window.refusals([target(wrong)])

    assert (failure.code, failure.message) == ("unreachable_state", "target jobs: job 1 is torn")


def test_a_target_that_could_not_be_read_is_refused() -> None:
    (failure,) = _window.refusals([target(error={"code": "connection", "message": "nobody answers."})])

    assert (failure.code, failure.message) == ("connection", "target jobs: nobody answers")


@pytest.mark.parametrize("accepted", [True, False])
def test_what_an_action_does_for_good_has_to_be_accepted_though_the_task_can_be_put_back(accepted: bool) -> None:
    lasting = row(actions=["pause", "stop"], arrives="paused", lasting="the runs of job 1 are failed for good")

    refused = _window.refusals([target(lasting, state="stopped", accept_final=accepted)])

    told = "the runs of job 1 are failed for good, which closing can't undo; set accept_final: true for the target to accept this"
    assert [failure.message for failure in refused] == ([] if accepted else [f"target jobs: {told}"])


def test_the_plan_tells_what_is_done_for_good_and_what_else_is_done() -> None:
    lasting = row(actions=["pause", "stop"], arrives="paused", lasting="its runs are failed for good", note="2 runs are open")

    (_targets, line) = _window_texts.open_plan_lines([target(lasting, state="stopped", accept_final=True)])

    assert line.endswith("pause, stop makes it paused (2 runs are open); FINAL: its runs are failed for good")


def test_the_plan_of_closing_tells_what_else_putting_back_does() -> None:
    document = closing(opened(target(row())), row(state="paused", actions=["unpause"], note="2 queued runs begin"))

    assert _window_texts.close_plan_lines(document)[1] == "  1 name of 1: is put back to started (2 queued runs begin)"


def test_closing_puts_back_what_was_stopped_for_good_in_part_only() -> None:
    lasting = row(actions=["pause", "stop"], arrives="paused", lasting="its runs are failed for good")
    document = closing(opened(target(lasting, state="stopped", accept_final=True)), row(state="paused"))

    assert verdict(document) == "owed"


@pytest.mark.parametrize(("accepted", "count"), [(False, 1), (True, 0)])
def test_what_cannot_be_undone_has_to_be_accepted(accepted: bool, count: int) -> None:
    refused = _window.refusals([target(row(final="a stopped job can't start"), accept_final=accepted)])

    assert len(refused) == count
    assert all("set accept_final: true for the target to accept this" in failure.message for failure in refused)


def test_two_targets_of_one_place_may_not_name_the_same_task() -> None:
    (failure,) = _window.refusals([target(row()), target(row(), name="others")])

    assert failure.message == "the targets jobs and others both name job 1; leave it to one"


def test_the_same_id_on_two_systems_is_another_task() -> None:
    assert _window.refusals([target(row()), target(row(), name="others", place="there")]) == []


def test_each_target_has_a_name_of_its_own() -> None:
    (failure,) = _window.refusals([target(row()), target(row("2"))])

    assert failure.message == "2 targets have the name jobs; give each its own"


# Opening


def test_a_new_document_holds_what_was_found_and_nothing_under_way() -> None:
    document = opening()

    assert (document["status"], item(document)["found"]["state"], item(document)["ours"]) == ("opening", "started", False)
    assert json.loads(json.dumps(document)) == document


def test_stages_are_gone_through_in_order_and_back_in_reverse() -> None:
    document = opening(target(row(), stage=20), target(row("2"), name="b", stage=5), target(row("3"), name="c", stage=20))

    assert (_window.stages(document, "open"), _window.stages(document, "close")) == ([5, 20], [20, 5])


def test_the_work_of_a_stage_is_what_is_not_over_in_it() -> None:
    document = opening(target(row(), row("2", "waiting"), stage=10), target(row("3"), name="later", stage=20))
    _window.record(document, "open", [brought(went())], NOW)

    (work,) = _window.stage_work(document, "open", 10)

    assert (work["name"], work["state"], work["ids"], work["armed"], work["closing"]) == ("jobs", "paused", ["2"], ["2"], False)
    assert work["memories"]["2"]["sends"] == 0


def test_what_goes_on_is_handed_its_memory_and_its_time() -> None:
    document = opening()
    memory = {"before": {}, "actions": ["pause"], "changed": True, "sends": 1, "sent": {"action": "pause"}}
    _window.record(document, "open", [brought(went(state="pausing", over=False, memory=memory), spent=7.5)], NOW)

    (work,) = _window.stage_work(document, "open", 10)

    assert (work["memories"], work["spent"]) == ({"1": memory}, 7.5)


def test_an_intent_stands_before_anything_is_sent_and_goes_when_it_is_known() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    before = dict(item(document)["open"])
    _window.record(document, "open", [brought(went())], NOW)

    assert before["intent"] == {"actions": ["pause"], "at": NOW}
    assert "intent" not in item(document)["open"]
    assert item(document)["ours"] is True


def test_a_task_that_needed_nothing_is_not_ours() -> None:
    document = opened(target(row(state="paused", actions=[])))

    assert (document["status"], item(document)["ours"]) == ("open", False)


def test_a_run_that_did_not_go_through_all_stages_opens_nothing() -> None:
    document = opening()
    _window.end(document, "open", "r1", NOW, False)

    assert document["status"] == "opening" and document["runs"][0]["complete"] is False


def test_what_is_still_awaited_at_the_end_has_failed() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    _window.end(document, "open", "r1", NOW, True)

    assert _window_texts.failures(document, "open") == ["target jobs: 1 was still awaited when the run ended; run it again"]


def test_a_window_whose_later_stages_were_not_begun_is_neither_open_nor_closed() -> None:
    document = opening(target(row()), target(row("2"), name="later", stage=20))
    error = {"code": "refused", "message": "job 1 was refused."}
    _window.record(document, "open", [brought(went(state="started", action="none", error=error))], NOW)
    _window.end(document, "open", "r1", NOW, True)

    assert document["status"] == "opening"
    assert _window_texts.failures(document, "open") == [
        "target jobs: job 1 was refused",
        "the targets later of later stages were left unchanged because of that; run it again, or close the window",
    ]
    assert verdict(closing(document, row()), "2") == "untouched"


def test_a_failure_is_told_with_its_target() -> None:
    document = opening()
    error = {"code": "refused", "message": "job 1 was refused."}
    _window.record(document, "open", [brought(went(state="started", action="none", error=error))], NOW)

    assert _window_texts.failures(document, "open") == ["target jobs: job 1 was refused"]
    assert _window_texts.first_failure(document, "open") == {"code": "refused"}


def test_a_target_that_is_lost_for_good_fails_all_that_is_left_of_it() -> None:
    document = opening(target(row(), row("2")))
    error = {"code": "permission", "message": "you may not."}
    _window.record(document, "open", [brought(went(), error=error, over=True)], NOW)

    assert _window_texts.failures(document, "open") == ["target jobs: job 2: you may not"]
    assert item(document)["open"]["row"]["reached"] is True


def test_a_target_that_is_lost_for_now_is_tried_again() -> None:
    document = opening()
    error = {"code": "connection", "message": "nobody answers."}
    _window.record(document, "open", [brought(error=error, over=False, spent=4.0)], NOW)

    assert _window_texts.failures(document, "open") == []
    assert _window.stage_work(document, "open", 10)[0]["spent"] == 4.0
    assert "awaited: jobs 1 (nobody answers.)" in _window_texts.stage_progress(document, "open", 10)


def test_progress_counts_and_names_what_is_awaited() -> None:
    document = opening(target(*[row(str(number)) for number in range(9)]))
    _window.record(document, "open", [brought(went("0"), went("1", error={"code": "refused", "message": "no."}))], NOW)

    assert _window_texts.stage_progress(document, "open", 10) == (
        "stage 10: 1 of 9 tasks reached their state, 1 failed; awaited: jobs 2 (STARTED), jobs 3 (STARTED), jobs 4 (STARTED), "
        "jobs 5 (STARTED), "
        "jobs 6 (STARTED) and 2 more"
    )


# Opening again


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([{"name": "jobs", "vendor": "press", "state": "stopped"}], "has another definition of the target jobs"),
        ([{"name": "jobs", "vendor": "mill", "state": "paused"}], "has another definition of the target jobs"),
        ([{"name": "jobs", "vendor": "press", "state": "paused", "tasks": ["2"]}], "has another definition of the target jobs"),
        ([{"name": "more", "vendor": "press", "state": "paused"}], "has no target more"),
        ([], "has the target jobs too, which isn't given"),
    ],
)
def test_a_window_that_is_open_has_its_targets(given: list[Plain], told: str) -> None:
    with pytest.raises(Failure) as refused:
        _window.check_same(opened(), given)

    assert told in refused.value.message


def test_the_same_targets_open_again() -> None:
    _window.check_same(opened(), [{"name": "jobs", "vendor": "press", "state": "paused", "tasks": [1]}])
    _window.check_same(opened(), [{"name": "jobs", "vendor": "press", "state": "paused", "select": {}}])


def test_opening_again_keeps_the_findings_and_asks_for_every_task_anew() -> None:
    document = opened()
    found = copy.deepcopy(item(document)["found"])

    _window.begin(document, "open", "r2", NOW + 100)

    assert item(document)["found"] == found and item(document)["ours"] is True
    assert _window.stage_work(document, "open", 10)[0]["ids"] == ["1"]


# A run that was killed


def test_an_intent_without_an_outcome_becomes_a_doubt() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)

    _window.begin(document, "open", "r2", NOW + 5)

    memory = _window.stage_work(document, "open", 10)[0]["memories"]["1"]
    assert item(document)["doubt"] == {"action": "pause", "arrives": "paused"}
    # Without a time it counts as sent just now, so that the settling time is waited out.
    assert memory["sent"]["action"] == "pause" and "at" not in memory["sent"] and memory["sent"]["failure"]["kind"] == "lost"


def test_what_was_under_way_becomes_a_doubt() -> None:
    document = opening()
    memory = {"before": {}, "actions": ["pause"], "changed": True, "sends": 1, "sent": {"action": "pause", "at": NOW}}
    _window.record(document, "open", [brought(went(state="started", over=False, memory=memory))], NOW)

    _window.begin(document, "close", "r2", NOW + 5)

    assert item(document)["doubt"] == {"action": "pause", "arrives": "paused"} and item(document)["ours"] is True


@pytest.mark.parametrize(("is_conclusive", "doubts"), [(True, False), (False, True)])
def test_a_refusal_leaves_a_doubt_only_where_a_gateway_may_have_sent_it_twice(is_conclusive: bool, doubts: bool) -> None:
    document = opening()
    failure = {"kind": "refused", "conclusive": is_conclusive, "code": "refused", "message": "no."}
    memory = {"before": {}, "actions": [], "sends": 1, "sent": {"action": "pause", "at": NOW, "failure": failure}}
    error = {"code": "refused", "message": "no."}
    _window.record(document, "open", [brought(went(state="started", action="none", error=error, memory=memory))], NOW)

    _window.begin(document, "close", "r2", NOW + 5)

    assert bool(item(document)["doubt"]) is doubts and item(document)["ours"] is False


def test_what_is_put_back_though_nobody_knows_whether_it_is_ours_says_so() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    closing(document, row(state="paused"))
    _window.record(document, "close", [brought(went(state="started", action="resume"), state="started")], NOW + 13)

    (task,) = _report.facts(document)["targets"][0]["tasks"]
    assert (task["fate"], task["why"]) == ("back", "the run that sent pause was killed before it could record that")


def test_the_report_tells_why_a_refused_action_counts_as_the_window_s() -> None:
    document = opening()
    remark = "the pause of job 1 was refused, and yet it's PAUSED"
    memory = {"before": {}, "actions": ["pause"], "changed": True, "sends": 1, "remark": remark}
    _window.record(document, "open", [brought(went(note=remark, memory=memory))], NOW)
    held = _report.facts(document)["targets"][0]["tasks"][0]
    closing(document, row(state="paused"))
    _window.record(document, "close", [brought(went(state="started", action="resume"), state="started")], NOW + 13)
    back = _report.facts(document)["targets"][0]["tasks"][0]

    assert (held["fate"], held["why"]) == ("held", remark)
    assert (back["fate"], back["why"]) == ("back", remark)


def test_a_refusal_of_a_final_action_describes_the_state_after_it() -> None:
    final = row("3", "started", actions=["stop"], arrives="stopped", final="job 3 has ended and is STOPPED; it can't be started")

    (refused,) = _window.refusals([target(final)])

    assert refused.message == (
        "target jobs: job 3 is STARTED; closing can't undo stop, since it would find that job 3 has ended and is STOPPED; "
        "it can't be started; set accept_final: true for the target to accept this"
    )


def test_what_was_known_leaves_no_doubt() -> None:
    document = opened()

    _window.begin(document, "close", "r2", NOW + 5)

    assert item(document)["doubt"] is None


def test_a_run_killed_before_its_intent_leaves_no_doubt() -> None:
    document = opening()

    _window.begin(document, "open", "r2", NOW + 5)

    assert item(document)["doubt"] is None


def test_a_doubt_outlives_a_second_kill() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    for run in ("r2", "r3"):
        _window.begin(document, "open", run, NOW + 5)

    assert item(document)["doubt"] == {"action": "pause", "arrives": "paused"}


def test_two_doubts_that_lead_apart_are_both_waited_out() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    closing(document, row(state="started"))
    _window.intend(document, "close", 10, NOW + 12)

    closing(document, row(state="started"))

    assert item(document)["doubt"] is not None and item(document)["doubt"]["arrives"] is None


def test_a_doubt_ends_with_what_is_seen_then() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    _window.begin(document, "open", "r2", NOW + 5)
    _window.record(document, "open", [brought(went(action="none"))], NOW + 20)

    assert item(document)["doubt"] is None


def test_what_a_doubt_may_have_changed_is_ours_once_it_proves_true() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    _window.begin(document, "open", "r2", NOW + 5)
    _window.record(document, "open", [brought(went(action="none", changed=True))], NOW + 20)

    assert item(document)["ours"] is True


# Closing


def test_closing_looks_at_what_the_window_has_changed_only() -> None:
    document = opened(target(row(), row("2", "paused", actions=[])))

    (work,) = _window.targets_to_survey(document)

    assert (work["ids"], work["state"], work["closing"]) == (["1"], "started", True)


def test_tasks_that_go_back_to_different_states_are_different_work() -> None:
    document = opened(target(row(), row("2", "stopped", actions=["start"], arrives="started"), state="started"))

    assert [(work["state"], work["ids"]) for work in _window.targets_to_survey(document)] == [("started", ["1"]), ("stopped", ["2"])]


def test_closing_owes_what_the_window_has_changed() -> None:
    document = closing(opened(target(row(), row("2", "paused", actions=[]))), row(state="paused"))

    assert (verdict(document), verdict(document, "2")) == ("owed", "untouched")
    assert _window.stage_work(document, "close", 10)[0]["ids"] == ["1"]
    assert _window_texts.close_plan_lines(document) == [
        "stage 10: jobs (the press)",
        "  1 name of 1: is put back to started",
        "  2 name of 2: is left unchanged: the window didn't change it",
    ]


@pytest.mark.parametrize("state", ["started", "waiting"])
def test_a_task_that_is_back_already_is_left(state: str) -> None:
    document = closing(opened(), row(state=state))

    assert (verdict(document), item(document)["ours"]) == ("back", False)


@pytest.mark.parametrize("state", ["stopped", "failed", "blocked", "unknown"])
def test_what_somebody_else_has_changed_is_left(state: str) -> None:
    document = closing(opened(), row(state=state))

    assert verdict(document) == "left"
    assert (
        item(document)["close"]["why"]
        == f"it's {state} now, which this window didn't cause; it's left unchanged, since that may be intended"
    )
    assert _window_texts.failures(document, "close") == []


def test_what_has_ended_by_itself_is_left() -> None:
    document = closing(opened(), row(state="completed"))

    assert (verdict(document), item(document)["close"]["why"]) == ("left", "it has ended by itself (completed)")


@pytest.mark.parametrize("state", ["pausing", "stopping", "starting"])
def test_what_is_still_on_its_way_is_owed(state: str) -> None:
    assert verdict(closing(opened(), row(state=state))) == "owed"


def test_what_the_system_no_longer_knows_is_told() -> None:
    document = closing(opened(), row(state="absent"))

    assert verdict(document) == "gone"
    assert _window_texts.failures(document, "close") == ["target jobs: 1 can't be put back: the press no longer knows it"]
    assert _window_texts.first_failure(document, "close") == {"code": "not_found"}


def test_what_could_not_be_read_is_told_and_still_ours() -> None:
    document = closing(opened(), error={"code": "connection", "message": "nobody answers.", "http_status": 502})

    assert _window_texts.first_failure(document, "close") == {"code": "connection", "http_status": 502}
    assert (verdict(document), item(document)["ours"]) == ("failed", True)
    _window.end(document, "close", "r2", NOW, True)
    assert document["status"] == "closing"


def test_what_cannot_be_undone_is_told_and_no_failure() -> None:
    final = row(actions=["stop"], arrives="stopped", final="a stopped job can't start")
    document = closing(opened(target(final, state="stopped", accept_final=True)), row(state="stopped"))

    assert (verdict(document), item(document)["close"]["why"]) == ("final", "a stopped job can't start")
    assert _window_texts.failures(document, "close") == []


def test_what_failed_in_an_earlier_closing_and_is_back_now_keeps_no_window_from_being_closed() -> None:
    document = closing(opened(), row(state="paused"))
    error = {"code": "timeout", "message": "job 1 wasn't started in time."}
    _window.record(document, "close", [brought(went(state="paused", action="none", error=error), state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)

    closing(document, row(state="started"))
    _window.end(document, "close", "r2", NOW + 15, True)

    assert (verdict(document), document["status"], _window_texts.failures(document, "close")) == ("back", "closed", [])
    assert _window_texts.first_failure(document, "close") == {}


def test_opening_again_tells_only_of_what_it_came_to_itself() -> None:
    document = opened(target(row()), target(row("2"), name="others", stage=20))
    _window.begin(document, "open", "r3", NOW + 20)
    _window.intend(document, "open", 10, NOW + 20)
    error = {"code": "refused", "message": "job 1 was refused."}
    _window.record(document, "open", [brought(went(action="none", error=error))], NOW + 21)
    _window.end(document, "open", "r3", NOW + 22, True)

    assert document["status"] == "opening"
    assert [sentence.split(":")[0] for sentence in _window_texts.failures(document, "open")] == [
        "target jobs",
        "the targets others of later stages were left unchanged because of that; run it again, or close the window",
    ]


def test_what_a_killed_run_has_ended_for_good_is_told_so_by_every_closing() -> None:
    final = row(actions=["stop"], arrives="stopped", final="a stopped job can't start")
    document = opening(target(final, state="stopped", accept_final=True))
    _window.intend(document, "open", 10, NOW)
    closing(document, row(state="stopped"))

    closing(document, row(state="stopped"))

    assert verdict(document) == "final"


def test_what_is_in_doubt_is_owed_though_it_looks_as_found() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)

    closing(document, row(state="started"))

    assert verdict(document) == "owed"
    assert _window.stage_work(document, "close", 10)[0]["memories"]["1"]["sent"]["action"] == "pause"


def test_a_window_is_closed_when_nothing_is_owed_any_more() -> None:
    document = closing(opened(), row(state="paused"))
    _window.intend(document, "close", 10, NOW + 12)
    _window.record(document, "close", [brought(went(state="started", action="resume"), state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)

    assert (document["status"], item(document)["ours"]) == ("closed", False)
    assert [event["what"] for event in item(document)["events"]] == ["found", "acted", "reached", "returned", "back"]


def test_a_close_that_failed_is_owed_the_next_time() -> None:
    document = closing(opened(), row(state="paused"))
    error = {"code": "refused", "message": "job 1 was refused."}
    _window.record(document, "close", [brought(went(state="paused", action="none", error=error), state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)
    failed = _window_texts.failures(document, "close")

    assert (document["status"], failed) == ("closing", ["target jobs: job 1 was refused"])
    assert verdict(closing(document, row(state="paused"))) == "owed"


def test_a_closed_window_that_is_closed_again_owes_nothing() -> None:
    document = closing(opened(), row(state="paused"))
    _window.record(document, "close", [brought(went(state="started", action="resume"), state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)

    _window.begin(document, "close", "r3", NOW + 20)

    assert _window.targets_to_survey(document) == []


# The plan


def test_a_plan_tells_all_that_a_person_has_to_know() -> None:
    rows = [
        row(),
        row("2", "paused", actions=[]),
        row("3", "stopped", actions=["stop"], arrives="stopped", final="it can't start"),
        row("4", "failed", error={"code": "unreachable_state", "message": "job 4 is torn."}),
        row("5", "completed", actions=[], skipped=True, note="job 5 is done"),
    ]
    later = target(name="later", stage=20, error={"code": "connection", "message": "nobody answers."})

    assert _window_texts.open_plan_lines([later, target(*rows, left_out=2), target(name="none", stage=30)]) == [
        "stage 10: jobs (the press) to be paused",
        "  1 name of 1: is started, pause makes it paused",
        "  2 name of 2: is paused, nothing to send",
        "  3 name of 3: is stopped, stop makes it stopped; FINAL: closing can't undo this, since it would find that "
        "it can't start, refused without accept_final: true",
        "  4 name of 4: can't be done: job 4 is torn",
        "  5 name of 5: is skipped: job 5 is done",
        "  2 more selected tasks have ended and are omitted",
        "stage 20: later (the press) to be paused",
        "  can't be surveyed: nobody answers.",
        "stage 30: none (the press) to be paused",
        "  nothing to do: the selection is empty",
    ]


# The record of a window whose closing was broken off


def test_closing_again_keeps_what_the_first_closing_has_put_back() -> None:
    document = closing(opened(target(row(), row("2"))), row(state="paused"), row("2", state="paused"))
    back = went(state="started", action="resume")
    error = {"code": "authentication", "message": "the password is wrong."}
    wrong = went("2", state="paused", action="none", error=error)
    _window.record(document, "close", [brought(back, wrong, state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)

    closing(document, row("2", state="paused"))
    _window.record(document, "close", [brought(went("2", state="started", action="resume"), state="started")], NOW + 15)
    _window.end(document, "close", "r2", NOW + 16, True)
    report = _report.facts(document)

    assert [(task["fate"], task["last"]) for task in report["targets"][0]["tasks"]] == [("back", "started"), ("back", "started")]
    assert (report["sentence"], report["recovered"]) == ("closed, all as found", ["target jobs: job 2: the password is wrong."])


def test_opening_again_after_a_broken_off_closing_counts_what_it_holds() -> None:
    document = closing(opened(), row(state="paused"))
    _window.begin(document, "open", "r3", NOW + 20)
    _window.record(document, "open", [brought(went(action="none"))], NOW + 21)
    _window.end(document, "open", "r3", NOW + 22, True)

    assert _report.facts(document)["sentence"] == "open, 1 task held"


def test_a_start_of_our_own_that_failed_is_no_change_of_somebody_else() -> None:
    document = closing(opened(), row(state="paused"))
    error = {"code": "unreachable_state", "message": "job 1 accepted the start and then failed."}
    _window.record(document, "close", [brought(went(state="failed", action="start", error=error), state="started")], NOW + 13)
    _window.end(document, "close", "r2", NOW + 14, True)

    assert verdict(closing(document, row(state="failed"))) == "owed"


def test_what_a_killed_run_has_sent_is_in_the_history_once_it_is_seen() -> None:
    document = opening()
    _window.intend(document, "open", 10, NOW)
    _window.begin(document, "open", "r2", NOW + 5)
    _window.record(document, "open", [brought(went(action="none"))], NOW + 20)

    assert [event["text"] for event in item(document)["events"] if event["what"] == "acted"] == ["pause (by an earlier run)"]
    assert _report.facts(document)["changed"] == 1


def test_opening_again_says_what_a_colleague_had_resumed() -> None:
    document = opened()
    _window.begin(document, "open", "r2", NOW + 20)
    _window.record(document, "open", [brought(went())], NOW + 21)

    (warning,) = _window_texts.warnings_of(document, "open")
    assert warning == "target jobs: job 1: somebody else had changed it since the window held it, so that pause was sent again"


def test_a_task_that_is_skipped_and_still_runs_is_not_counted_as_wanted() -> None:
    document = opening(target(row(), row("2")))
    left = went("2", state="started", action="none", reached=False, skipped=True, note="job 2 can't pause")
    _window.record(document, "open", [brought(went(), left)], NOW + 1)

    assert _window_texts.stage_progress(document, "open", 10) == "stage 10: 1 of 2 tasks reached their state, 1 skipped"
    assert _window_texts.warnings_of(document, "open") == ["target jobs: job 2 still runs, since it was skipped: job 2 can't pause"]


def test_a_failure_names_its_task_also_where_an_address_holds_its_id() -> None:
    document = opening(target(row("17")))
    error = {"code": "connection", "message": "GET http://press:8017/Schedules/17 got no answer."}
    _window.record(document, "open", [brought(went("17", state="started", action="none", error=error))], NOW)

    assert _window_texts.failures(document, "open") == ["target jobs: job 17: GET http://press:8017/Schedules/17 got no answer"]


# Windows that overlap


def neighbours(*documents: Plain, unreadable: Any = ()) -> _overlap.Neighbours:
    return _overlap.Neighbours(documents, unreadable)


def other(document: Plain, name: str = "CHG2") -> Plain:
    return {**document, "window": name}


def test_a_window_takes_over_what_the_holder_found() -> None:
    (told,), meeting = _overlap.inherit_from_neighbours([target(row(state="paused", actions=[]))], neighbours(other(opened())), NOW)
    document = _window.new_document("CHG1", [told], NOW)

    assert meeting.refusals == [] and item(document)["found"]["state"] == "started" and item(document)["ours"]
    assert _window_texts.open_plan_lines([told])[1] == (
        "  1 name of 1: is paused, nothing to send (the window CHG2 holds it already and found it started)"
    )


@pytest.mark.parametrize(
    ("wish", "final", "told"),
    [
        ("started", "", "and this window is to make it started; close that window first, or give both the same state"),
        ("stopped", "it can't start", "and a stop couldn't be undone (it can't start); close that window first"),
        ("stopped", "", ""),
    ],
)
def test_another_state_than_the_holder_s_is_refused_unless_it_goes_further_and_back(wish: str, final: str, told: str) -> None:
    wanted = row(state="paused", actions=["stop"], arrives=wish, ways_back={"started": final} if final else {})
    _targets, meeting = _overlap.inherit_from_neighbours([target(wanted, state=wish, accept_final=True)], neighbours(other(opened())), NOW)

    assert [told in failure.message for failure in meeting.refusals] == ([True] if told else [])


def test_a_window_in_the_middle_of_closing_is_waited_for() -> None:
    busy = closing(other(opened()), row(state="paused"))

    _targets, meeting = _overlap.inherit_from_neighbours([target(row(state="paused", actions=[]))], neighbours(busy), NOW)

    (failure,) = meeting.refusals
    assert "the window CHG2 is being closed and may put job 1 back at any moment; wait until that has ended" in failure.message


def test_a_look_from_before_another_window_s_closing_proves_nothing() -> None:
    over = closing(other(opened()), row(state="paused"))
    _window.record(over, "close", [brought(went(state="started", action="resume"), state="started")], NOW + 13)
    _window.end(over, "close", "r2", NOW + 14, True)
    over["updated"] = NOW + 14

    asked = [target(row(state="paused", actions=[]))]
    assert (
        "released job 1 while this window was reading"
        in _overlap.inherit_from_neighbours(asked, neighbours(over), NOW + 5)[1].refusals[0].message
    )
    assert _overlap.inherit_from_neighbours(asked, neighbours(over), NOW + 15)[1].refusals == []


def test_what_is_left_to_another_window_is_owed_by_that_one() -> None:
    heir = other(opened(target(row(state="paused", actions=[]))))
    document = opened()
    _window.begin(document, "close", "r2", NOW + 10)
    kept, barred, _warnings = _overlap.tasks_held_elsewhere(document, neighbours(heir), NOW + 10)
    _verdicts.judge(document, [target(row(state="paused"))], NOW + 11, kept, barred)

    assert (verdict(document), _overlap.transfer_holds(document, neighbours(heir), NOW + 11)) == ("kept", [heir])
    assert (item(document)["ours"], item(heir)["ours"]) == (False, True)
    assert _window_texts.close_plan_lines(document)[1] == "  1 name of 1: is left unchanged: the window CHG2 still holds it"


@pytest.mark.parametrize(("began", "expected"), [(NOW + 12, "owed"), (NOW + 15, "left")])
def test_what_a_window_had_made_that_closed_during_the_survey_is_no_change_of_somebody_else(began: float, expected: str) -> None:
    document = opened()
    further = row(state="paused", actions=["stop"], arrives="stopped", ways_back={})
    (wider,), _meeting = _overlap.inherit_from_neighbours([target(further, state="stopped")], neighbours(document), NOW + 2)
    over = other(_window.new_document("CHG2", [wider], NOW + 3))
    _window.record(over, "open", [brought(went(state="stopped", action="stop"), state="stopped")], NOW + 4)
    _window.begin(document, "close", "r2", began)
    closing(over, row(state="stopped"))
    _window.record(over, "close", [brought(went(state="started", action="start"), state="started")], NOW + 13)
    _window.end(over, "close", "r2", NOW + 14, True)
    over["updated"] = NOW + 14

    # If this closing began before the other one had ended, its survey may be older than the start. After that, somebody stopped it anew.
    kept, barred, _warnings = _overlap.tasks_held_elsewhere(document, neighbours(over), began)
    _verdicts.judge(document, [target(row(state="stopped"))], NOW + 16, kept, barred)

    assert (over["status"], verdict(document)) == ("closed", expected)


def test_the_same_id_elsewhere_and_a_ledger_without_places() -> None:
    there = other(opened(target(row(), place="there")))
    old = other(opened())
    del old["targets"][0]["place"]

    asked = [target(row(state="paused", actions=[]))]
    assert "met" not in _overlap.inherit_from_neighbours(asked, neighbours(there), NOW)[0][0]["found"][0]
    assert "met" in _overlap.inherit_from_neighbours(asked, neighbours(old), NOW)[0][0]["found"][0]


def test_a_damaged_ledger_stops_only_who_has_a_task_that_it_names() -> None:
    damaged = _overlap.Unreadable("/l/CHG9.json", "is damaged", frozenset({"id", "1"}))

    _targets, shared = _overlap.inherit_from_neighbours([target(row())], neighbours(unreadable=[damaged]), NOW)
    _targets, apart = _overlap.inherit_from_neighbours([target(row("2"))], neighbours(unreadable=[damaged]), NOW)

    assert "the ledger /l/CHG9.json is damaged and names job 1" in shared.refusals[0].message
    assert (apart.refusals, len(apart.warnings)) == ([], 1)
