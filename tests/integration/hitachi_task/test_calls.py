# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible processes against an emulated JP1/AO on sockets: the module as users call it. The unit tests cover the single cells of the
table.
"""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault
from ..hitachi import RECURRING, T, service_run

pytestmark = pytest.mark.wire

MODULE = "hitachi_task"
RUNS = [service_run()]
WAITS = [service_run(status="waiting")]
STOP: dict[str, Any] = {"task_id": T, "state": "stopped"}
PAUSE: dict[str, Any] = {"task_id": T, "state": "paused"}
EACH = [
    service_run("6001", "waiting"),
    service_run("6002", "suspended"),
    service_run("6003"),
    service_run("6004", "completed"),
    service_run("6005", "failed", archived=4005),
]
ALL: dict[str, Any] = {"task_ids": [6001, 6002, 6003, 6004, 6005], "state": "stopped"}


@pytest.mark.quick
@case({"check_mode": True}, {}, {}, module=MODULE, tasks=RUNS, **STOP)
def test_check_mode_foretells_the_run_and_a_second_run_changes_nothing(outcome: Outcome) -> None:
    foretold, real, again = outcome.results

    assert (foretold["tasks"], foretold["summary"]) == (real["tasks"], real["summary"])
    assert (foretold["changed"], real["changed"], again["changed"]) == (True, True, False)
    assert outcome.requests == [f"read {T}", f"read {T}", f"stop {T}", f"read {T}", f"read {T}", f"read {T}"]


@case({"check_mode": True}, module=MODULE, tasks=EACH, switches={"require_read_only": True}, **ALL)
def test_check_mode_writes_nothing(outcome: Outcome) -> None:
    assert outcome.result["changed"] and outcome.writes == []
    assert [row["action"] for row in outcome.result["tasks"]] == ["cancel", "cancel", "stop", "none", "none"]


@case({}, {}, module=MODULE, tasks=EACH, **ALL)
def test_tasks_in_all_states_are_brought_to_one(outcome: Outcome) -> None:
    real, again = outcome.results

    assert [row["after"] for row in real["tasks"]] == ["stopped", "stopped", "failed", "completed", "failed"]
    assert (real["summary"]["changed"], again["changed"]) == (3, False)
    assert sorted(outcome.writes) == ["cancel 16001", "cancel 16002", "stop 6003"]


@case(PAUSE, {**PAUSE, "state": "started"}, module=MODULE, tasks=WAITS, switches={"spelling": "v10", "hitachi_edition": "v10"})
def test_v10_suspends_and_resumes(outcome: Outcome) -> None:
    assert [(result.row["vendor_after"], result["changed"]) for result in outcome.results] == [("holding", True), ("waiting", True)]


@case(PAUSE, {**PAUSE, "state": "started"}, module=MODULE, tasks=WAITS, switches={"spelling": "names", "hrefs": "as_printed"})
def test_spellings_as_the_screens_print_them_are_understood(outcome: Outcome) -> None:
    assert [result.row["vendor_after"] for result in outcome.results] == ["Suspended", "Waiting"]


@case({}, {"state_map": {"ruht": "suspended"}}, module=MODULE, tasks=[service_run(status="suspended")],
      switches={"spellings": {"suspended": "ruht"}}, **PAUSE)  # fmt: skip
def test_an_unknown_spelling_is_an_error_until_it_s_mapped(outcome: Outcome) -> None:
    unknown, mapped = outcome.results

    assert unknown["failure"]["code"] == "unknown_state" and "give state_map the key ruht with one of Waiting" in unknown["msg"]
    assert mapped.row["reached"] and outcome.writes == []


@case(module=MODULE, tasks=RUNS, switches={"sampling_interval": 3, "stopped_word": "stopped"}, **STOP)
def test_a_system_that_samples_its_states_is_waited_for(outcome: Outcome) -> None:
    assert (outcome.row["after"], outcome.row["reached"], outcome.writes) == ("stopped", True, [f"stop {T}"])


@case({}, {}, module=MODULE, tasks=EACH, switches={"filter_ids": 404, "filter_history_ids": 400}, **ALL)
def test_a_system_that_takes_no_filter_is_read_task_by_task(outcome: Outcome) -> None:
    assert [result["summary"]["reached"] for result in outcome.results] == [5, 5]


@case(module=MODULE, tasks=RUNS, switches={"auto_archive_after": 0}, **STOP)
def test_a_task_that_is_archived_as_it_ends_has_ended(outcome: Outcome) -> None:
    assert (outcome.row["after"], outcome.row["reached"], outcome.row["changed"]) == ("failed", True, True)
    assert outcome.requests[-1] == "list_histories"


@case(module=MODULE, tasks=[service_run(status="terminating", stop_takes="4 reads")], force=True, **STOP)
def test_a_refused_forced_stop_of_a_task_that_is_being_stopped_is_no_error(outcome: Outcome) -> None:
    assert (outcome.row["reached"], outcome.row["changed"], outcome.writes) == (True, False, [f"forceStop {T}"])


@case(module=MODULE, tasks=RUNS, switches={"job_state": "failed"}, wait_timeout=4, **STOP)
def test_a_job_that_failed_is_told(outcome: Outcome) -> None:
    assert f"JP1/AO accepted the stop of task {T}, and the job for it failed; see there why" in outcome.failure("refused")
    assert outcome.result["changed"] is False and outcome.effects == []


@case(module=MODULE, tasks=RUNS, switches={"server_down": True, "outer_body": "html"}, retries=1, **STOP)
def test_a_server_that_is_down_is_told(outcome: Outcome) -> None:
    assert "its service doesn't run or isn't ready" in outcome.failure("refused") and len(outcome.requests) == 2


@case(module=MODULE, tasks=WAITS, faults=[fault("reset_after", "suspend")], **PAUSE)
def test_a_lost_answer_is_looked_into_and_the_action_not_repeated(outcome: Outcome) -> None:
    assert (outcome.row["reached"], outcome.row["changed"]) == (True, True) and len(outcome.writes) == 1


@case(module=MODULE, tasks=RUNS, meanwhile={"stop": (T, "complete")}, **STOP)
def test_a_task_that_ends_just_before_its_stop_counts_as_stopped(outcome: Outcome) -> None:
    assert (outcome.row["after"], outcome.row["reached"], outcome.row["changed"]) == ("completed", True, False)


@case({}, {"cancel_recurring": True}, module=MODULE, tasks=[service_run(status="waiting", **RECURRING)], **STOP)
def test_a_recurring_schedule_is_canceled_only_on_the_user_s_word(outcome: Outcome) -> None:
    refused, canceled = outcome.results

    assert refused["failure"]["code"] == "unreachable_state" and "set cancel_recurring: true" in refused["msg"]
    assert (canceled.row["after"], outcome.writes) == ("stopped", ["cancel 15381"])


@case({}, {"retry_failed": True}, module=MODULE, tasks=[service_run(status="failed")], task_id=T, state="started")
def test_a_failed_task_is_run_again_only_on_the_user_s_word(outcome: Outcome) -> None:
    refused, retried = outcome.results

    assert "set retry_failed: true" in refused["msg"]
    assert (retried.row["after"], outcome.writes) == ("started", [f"rerunStart {T}"])


@case(module=MODULE, tasks=RUNS, connect=False, url="{url}", token="b3ar3r-t0ken", token_type="bearer",
      switches={"bearer": True, "bearer_token": "b3ar3r-t0ken"}, **STOP)  # fmt: skip
def test_a_bearer_token_is_taken(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@pytest.mark.core
@case(module=MODULE, tasks=RUNS, connect=False, **STOP,
      variables={"HITACHI_URL": "{url}/Automation", "HITACHI_USERNAME": "system", "HITACHI_PASSWORD": "manager",
                 "HITACHI_TOKEN": ""})  # fmt: skip
def test_everything_may_come_from_the_environment(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(module=MODULE, tasks=RUNS, tls=True, ca_path="{ca}", **STOP)
def test_over_tls(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case({"username": "system", "password": "wr0ng-one"}, {"username": "east", "password": "eAst-4"}, module=MODULE, tasks=RUNS, connect=False,
      url="{url}", switches={"users": {"system": {"password": "manager"}, "east": {"password": "eAst-4", "groups": [4]}}},
      **STOP)  # fmt: skip
def test_who_isn_t_let_in_or_may_not_learns_both_meanings(outcome: Outcome) -> None:
    assert outcome.requests == [f"read {T}"] * 2
    for result in outcome.results:
        assert result["failure"]["code"] == "authentication"
        assert "check username and password" in result["msg"] and "access to the task's service group" in result["msg"]


BAD: dict[str, dict[str, Any]] = {
    "JP1/AO knows its tasks by whole numbers": {"task_id": "nightly"},
    "force is about the forced stop": {"task_id": T, "state": "started", "force": True},
    "names 5381 twice": {"task_ids": [T, T]},
}


@case(*BAD.values(), module=MODULE, tasks=RUNS, state="stopped")
def test_bad_input_is_told_before_anything_is_sent(outcome: Outcome) -> None:
    for told, result in zip(BAD, outcome.results, strict=True):
        assert told in result["msg"] and result["failure"]["code"] == "usage"
    assert outcome.requests == []


@case(module=MODULE, tasks=EACH, task_ids=[6001, 6003, 555], state="paused")
def test_what_can_t_be_reached_is_told_for_each_task_and_nothing_is_sent(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert "task 6003 is In Progress (inProgress), and JP1/AO can't pause a running task" in message
    assert "JP1/AO knows no task 555" in message and message.endswith("; nothing was changed.")
    assert outcome.writes == []


STEPS = [{"name": "drain node 7", "status": "completed"}, {"name": "fence node 7", "status": "failed"}]


@case(module=MODULE, tasks=[service_run(status="failed", runs_for=0, ends_with="failed", steps=STEPS)], switches={"flow_steps": "given"},
      task_id=T, state="started", retry_failed=True, wait_timeout=60)  # fmt: skip
def test_a_retry_that_fails_again_names_the_step(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert "accepted the rerunStart and then failed" in message and message.endswith("(failed step: fence node 7).")
