# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible processes against an emulated Boro on sockets: the module as users call it. The unit tests cover the single cells of the
table.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import running

from ..cases import Outcome, case, check_failure, fault
from ..ctrlapi import LIVE_KEY, VOD, VOD_KEY, check, stream
from ..processes import Ansible

pytestmark = pytest.mark.wire

MODULE = "ctrlapi_task"
ONE = [stream(1)]
TWO = [stream(1), stream(2)]
STOP: dict[str, Any] = {"task_id": 1, "state": "stopped"}
SIGNED: dict[str, Any] = {"verify_hmac": True}
IS_VOD: dict[str, Any] = {"dialect": "vod"}


@pytest.mark.quick
@case({"check_mode": True}, {}, {}, module=MODULE, tasks=TWO, task_ids=[1, 2], state="paused")
def test_check_mode_foretells_the_run_and_a_second_run_changes_nothing(outcome: Outcome) -> None:
    foretold, real, again = outcome.results

    assert (foretold["tasks"], foretold["summary"]) == (real["tasks"], real["summary"])
    assert (foretold["changed"], real["changed"], again["changed"]) == (True, True, False)
    assert outcome.requests == ["TaskInfo 1 2", "TaskInfo 1 2", "TaskStop 1 2", "TaskInfo 1 2", "TaskInfo 1 2", "TaskInfo 1 2"]
    assert [task["status"] for task in outcome.tasks] == ["Stopped", "Stopped"]


@case({"state": "stopped"}, {"state": "started"}, {"state": "paused"}, module=MODULE, tasks=ONE, task_id=1, check=True,
      switches={"require_read_only": True})  # fmt: skip
def test_check_mode_writes_nothing(outcome: Outcome) -> None:
    assert [result["changed"] for result in outcome.results] == [True, False, True] and outcome.writes == []


@case({"state": "paused"}, {"state": "started"}, module=MODULE, tasks=ONE, task_id=1)
def test_a_task_is_paused_and_comes_back_under_its_id(outcome: Outcome) -> None:
    assert [result.row["action"] for result in outcome.results] == ["stop", "resume"]
    assert [(task["task_id"], task["status"]) for task in outcome.tasks] == [(1, "Started")]


@case(module=MODULE, tasks=[stream(1), stream(2, project_id=24)], project_id=[23, 24], task_ids=[1, 2], state="stopped")
def test_tasks_of_two_projects_are_stopped_by_one_request(outcome: Outcome) -> None:
    assert outcome.result["summary"]["reached"] == 2 and len(outcome.writes) == 1
    assert [part["params"]["project_id"] for entry in outcome.journal if entry["write"] for part in entry["json"]["methods"]] == [23, 24]


@case(module=MODULE, tasks=[stream(n) for n in range(1, 351)], switches={"stop_delay": 0}, task_ids=list(range(1, 351)), state="stopped")
def test_350_tasks_take_three_requests(outcome: Outcome) -> None:
    assert outcome.result["summary"]["changed"] == 350 and len(outcome.journal) == 3


@pytest.mark.core
def test_an_ad_hoc_command(ansible: Ansible) -> None:
    with running("ctrlapi") as boro:
        boro.put_tasks([stream(1), stream(2)])
        words = f"url={boro.url} dialect=live user_id=4 project_id=23,24 task_ids=1,2 state=paused"
        run = ansible.ad_hoc(MODULE, words)

        (result,) = run.results
        assert (run.status, result["summary"]["reached"]) == (0, 2), run.printed
        assert [task["status"] for task in boro.tasks()] == ["Stopped", "Stopped"]


# Signatures


@case(module=MODULE, tasks=ONE, switches=SIGNED, api_key=LIVE_KEY, **STOP)
def test_signed_with_a_base64_key(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(module=MODULE, tasks=ONE, switches={**SIGNED, "key_encoding": "text"}, api_key=LIVE_KEY, api_key_encoding="text", **STOP)
def test_signed_with_a_key_as_text(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@pytest.mark.core
@case(module=MODULE, tasks=[check(1)], switches={**SIGNED, **IS_VOD}, **VOD, **STOP,
      variables={"CTRLAPI_API_KEY": VOD_KEY, "CTRLAPI_API_KEY_ENCODING": "base64"})  # fmt: skip
def test_signed_with_a_key_of_the_environment(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@case(
    {"api_key_encoding": "text"},
    {"api_key": VOD_KEY},
    {"api_key": None},
    module=MODULE,
    tasks=ONE,
    switches=SIGNED,
    api_key=LIVE_KEY,
    **STOP,
)
def test_who_isn_t_let_in_learns_the_suspects_after_one_request(outcome: Outcome) -> None:
    encoding, wrong, none = outcome.results

    for result in outcome.results:
        check_failure(result, "authentication")
        assert "Verify HMAC signatures" in result["msg"]
    assert "api_key_encoding (now text)" in encoding["msg"] and "api_key_encoding (now base64)" in wrong["msg"]
    assert "give the user's api_key" in none["msg"]
    assert outcome.requests == ["TaskInfo 1"] * 3


@case(module=MODULE, tasks=ONE, api_key=LIVE_KEY, **STOP,
      faults=[fault("status", status=401, headers={"Date": "Thu, 25 Aug 2022 04:27:52 GMT"})])  # fmt: skip
def test_a_clock_that_is_off_is_told_with_the_seconds(outcome: Outcome) -> None:
    message = outcome.failure("authentication")

    assert "s ahead of the server's (a signature holds for 60 s)" in message


@case(module=MODULE, tasks=ONE, switches={**SIGNED, "path_prefix": "/boro"}, api_key=LIVE_KEY, url="{url}/boro", **STOP)
def test_signed_behind_a_prefix(outcome: Outcome) -> None:
    assert outcome.row["reached"]


# Closed doors, and errors at each level


@case(module=MODULE, tasks=ONE, switches={"nginx_closed": True}, **STOP)
def test_a_closed_nginx_names_all_three_switches(outcome: Outcome) -> None:
    message = outcome.failure("connection")

    assert all(switch in message for switch in ("Host name", "Control API", "Nginx"))


@case(module=MODULE, tasks=ONE, switches={"ordered_errors": [{"level": "top", "text": "no such user"}]}, **STOP)
def test_an_error_at_the_top(outcome: Outcome) -> None:
    assert "(no such user)" in outcome.failure("refused") and len(outcome.requests) == 1


@case(module=MODULE, tasks=ONE, switches={"ordered_errors": [{"level": "method", "form": "errors", "text": "no such project"}]}, **STOP)
def test_an_error_of_a_method(outcome: Outcome) -> None:
    assert "Boro refused TaskInfo for project 23 (no such project)" in outcome.failure("refused")


@case(module=MODULE, tasks=ONE, switches={"ordered_errors": [{"level": "object", "text": "no result"}]}, **STOP)
def test_an_error_in_place_of_a_result(outcome: Outcome) -> None:
    assert "(no result)" in outcome.failure("refused")


@case(module=MODULE, tasks=TWO, task_ids=[1, 2], state="stopped",
      switches={"ordered_errors": [{"level": "item", "method": "TaskStop", "task_id": 2, "text": "probe is busy"}]})  # fmt: skip
def test_an_error_of_one_task_is_its_own(outcome: Outcome) -> None:
    message = outcome.failure("refused")

    assert message == "1 of 2 tasks did not become stopped: Boro didn't stop task 2 (probe is busy)."
    assert [row["reached"] for row in outcome.result["tasks"]] == [True, False]


@case(module=MODULE, tasks=ONE, switches={"unknown_task": "absent"}, task_ids=[1, 9], state="stopped")
def test_an_unknown_id_that_is_left_out_of_the_answer(outcome: Outcome) -> None:
    assert "knows no task 9" in outcome.failure("not_found") and outcome.writes == []


@case(module=MODULE, tasks=ONE, switches={"unknown_task": "errors"}, task_ids=[1, 9], state="stopped")
def test_an_unknown_id_that_is_told_as_an_error(outcome: Outcome) -> None:
    assert "knows no task 9" in outcome.failure("not_found") and outcome.writes == []


@case(module=MODULE, tasks=[*ONE, stream(4, project_id=77)], task_ids=[1, 4], state="stopped")
def test_an_id_of_another_project(outcome: Outcome) -> None:
    assert "Boro (project 23) knows no task 4" in outcome.failure("not_found") and outcome.writes == []


# Time


@case(module=MODULE, tasks=ONE, switches={"stale_reads": 0.5, "stop_delay": 0.5}, **STOP)
def test_a_stop_that_takes_a_while_and_shows_later_is_sent_once(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.writes == ["TaskStop 1"]


@case(module=MODULE, tasks=[stream(1, "Stopped")], switches={"start_delay": 0.5}, task_id=1, state="started")
def test_a_start_that_takes_a_while(outcome: Outcome) -> None:
    assert outcome.row["vendor_after"] == "Started" and outcome.writes == ["TaskResume 1"]


@case(module=MODULE, tasks=[stream(1, "Stopped", rejects="no licence for this stream")], task_id=1, state="started")
def test_a_refused_start_tells_its_reason(outcome: Outcome) -> None:
    assert "(no licence for this stream)" in outcome.failure("unreachable_state") and outcome.writes == ["TaskResume 1"]


@case(module=MODULE, tasks=ONE, faults=[fault("reset_after", "TaskStop")], **STOP)
def test_a_lost_answer_is_looked_into_and_the_stop_not_repeated(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.row["changed"] and outcome.writes == ["TaskStop 1"]


@case(module=MODULE, tasks=ONE, faults=[fault("status", "TaskInfo", status=503, times=2)], **STOP)
def test_a_read_that_failed_is_repeated(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.requests[:3] == ["TaskInfo 1"] * 3


# Vod


@case(module=MODULE, tasks=[check(1, "Scheduled")], switches={**IS_VOD, "queue_for": "2 reads", "explore_for": "2 reads"}, **VOD, **STOP)
def test_a_queued_check_is_waited_for_and_stopped(outcome: Outcome) -> None:
    assert (outcome.row["vendor_before"], outcome.row["vendor_after"]) == ("Scheduled", "Canceled")
    assert outcome.writes == ["TaskStop 1"]


@case(module=MODULE, tasks=[check(80, "Stalled", stays=True), check(81, initial_task_id=80)], switches=IS_VOD, **VOD,
      task_ids=[80, 81], state="stopped")  # fmt: skip
def test_a_restart_is_stopped_once_for_its_chain(outcome: Outcome) -> None:
    assert outcome.writes == ["TaskStop 81"] and [row["reached"] for row in outcome.result["tasks"]] == [True, True]


@case(
    {},
    {"if_unpausable": "skip"},
    {"if_unpausable": "stop"},
    module=MODULE,
    tasks=[check(1)],
    switches=IS_VOD,
    **VOD,
    task_id=1,
    state="paused",
)
def test_a_check_can_t_be_paused_unless_that_may_stop_it(outcome: Outcome) -> None:
    fails, skips, stops = outcome.results

    check_failure(fails, "unreachable_state")
    assert (skips["summary"]["skipped"], skips["changed"]) == (1, False)
    assert (stops.row["vendor_after"], stops["changed"]) == ("Canceled", True) and outcome.writes == ["TaskStop 1"]


@case(module=MODULE, tasks=[check(1, "Completed"), check(2, "Canceled")], switches=IS_VOD, **VOD, task_ids=[1, 2], state="started")
def test_an_ended_check_is_never_started_again(outcome: Outcome) -> None:
    assert "Boro VoD documents no call to start it again" in outcome.failure("unreachable_state") and outcome.writes == []


# Bad input

BAD: dict[str, dict[str, Any]] = {
    "dialect is missing": {"dialect": None},
    "task_ids": {"task_ids": ["night"]},
    "ids of Boro are numbers": {"task_ids": [-1]},
    "api_key isn't Base64": {"api_key": "not Base64!"},
    "project_id is missing": {"project_id": None},
}


@case(*({"task_ids": [1], **bad} for bad in BAD.values()), module=MODULE, tasks=ONE, state="stopped")
def test_bad_input_is_told_before_anything_is_sent(outcome: Outcome) -> None:
    for told, result in zip(BAD, outcome.results, strict=True):
        check_failure(result, "usage")
        assert told in result["msg"]
    assert outcome.requests == []
