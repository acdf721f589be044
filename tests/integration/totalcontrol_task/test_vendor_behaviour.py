# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behaviour that no document of Total Control states: each position of each switch of the emulator (vendor page, section 7)."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case
from ..totalcontrol import ENDED, FAILED, PAUSED, RUNNING, SCHEDULED, STOPPED, script, scripts

pytestmark = pytest.mark.wire

ONE = scripts(a=RUNNING)
PAUSE: dict[str, Any] = {"names": ["a"], "state": "paused"}
START: dict[str, Any] = {"names": ["a"], "state": "started"}
STOP: dict[str, Any] = {"names": ["a"], "state": "stopped"}


def positions(name: str, *values: Any, **story: Any) -> pytest.MarkDecorator:
    """One test for each position of a switch."""
    return pytest.mark.parametrize("position", [pytest.param(value, marks=case(switches={name: value}, **story)) for value in values])


@positions("edition", "new", "old", tasks=ONE, **PAUSE)
def test_both_generations_of_answers_are_understood(outcome: Outcome, position: str) -> None:
    assert outcome.row["reached"] and outcome.effects == ["pause a"], position


@case(tasks=ONE, switches={"edition": "old"}, meanwhile={"pause": ("a", "stop")}, **PAUSE)
def test_a_refusal_of_the_older_generation_is_understood(outcome: Outcome) -> None:
    assert "went from RUNNING (-1) to USER_TERMINATED (-5)" in outcome.failure("unreachable_state")


@positions("dates", "as_printed", "text", "objects", tasks=[script("a", RUNNING, start_time="2019-02-19 15:26:10")], **PAUSE)
def test_dates_of_any_form_don_t_matter(outcome: Outcome, position: str) -> None:
    assert outcome.row["reached"], position


@case(tasks=[script("a", RUNNING, script_file='C:\\Users\\new "x"\\1.js')], switches={"raw_backslashes": True}, **PAUSE)
def test_backslashes_that_stand_single_are_understood(outcome: Outcome) -> None:
    assert outcome.row["reached"]


@positions("empty_list_as", [], None, "", "null", tasks=[], **PAUSE)
def test_an_empty_list_of_any_form_holds_no_task(outcome: Outcome, position: Any) -> None:
    assert "knows no task a" in outcome.failure("not_found"), position


@positions("login_failure", "edition", None, False, 401, tasks=ONE, password="wrong", **PAUSE)
def test_a_refused_login_of_any_form_is_told_as_such(outcome: Outcome, position: Any) -> None:
    assert "refused the login of user sigma" in outcome.failure("authentication"), position
    assert outcome.requests == ["login"]


@positions("token_failure", "edition", None, False, 401, tasks=ONE, connect=False, url="{url}", token="iSvz5On0bWL48LUU", **PAUSE)
def test_a_refused_token_of_any_form_is_told_as_such(outcome: Outcome, position: Any) -> None:
    assert "check token" in outcome.failure("authentication"), position
    assert outcome.requests == ["list"]


@positions("change_delay", 0.5, "1 read", "3 reads", tasks=ONE, **PAUSE)
def test_a_state_that_shows_late_is_waited_for(outcome: Outcome, position: Any) -> None:
    assert outcome.row["reached"], position
    assert outcome.writes == ["pause a"]


@pytest.mark.parametrize(
    ("action", "seen", "wanted"),
    [
        pytest.param("pause", "RUNNING (-1)", "paused",
                     marks=case(tasks=ONE, switches={"ignore_action": "pause"}, **{**PAUSE, "wait_timeout": 3})),
        pytest.param("resume", "PAUSED (-4)", "started",
                     marks=case(tasks=scripts(a=PAUSED), switches={"ignore_action": "resume"}, **{**START, "wait_timeout": 3})),
        pytest.param("stop", "RUNNING (-1)", "stopped",
                     marks=case(tasks=ONE, switches={"ignore_action": True}, **{**STOP, "wait_timeout": 3})),
    ],
)  # fmt: skip
def test_an_action_that_changes_nothing_runs_into_the_time_out(outcome: Outcome, action: str, seen: str, wanted: str) -> None:
    message = outcome.failure("timeout")

    assert f"task a was last seen {seen} and not {wanted} when the time was up" in message and f"{action} was sent" in message
    assert outcome.writes == [f"{action} a"]
    assert outcome.row["changed"] and not outcome.row["reached"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        pytest.param(
            ENDED, "STOPPED_NORMAL (-2) after pause was sent", marks=case(tasks=ONE, switches={"end_during_pause": ENDED}, **PAUSE)
        ),
        pytest.param(FAILED, "emulator: the script failed", marks=case(tasks=ONE, switches={"end_during_pause": FAILED}, **PAUSE)),
    ],
)
def test_a_script_that_ends_instead_of_pausing_isn_t_called_paused(outcome: Outcome, status: int, told: str) -> None:
    assert told in outcome.failure("unreachable_state")
    assert outcome.row["vendor_after"] == status and not outcome.row["reached"]


@case(tasks=scripts(a=PAUSED), switches={"resume_ends": ENDED}, **START)
def test_a_script_that_ends_well_right_after_its_resume_was_started(outcome: Outcome) -> None:
    assert outcome.row["after"] == "completed" and outcome.row["reached"]
    assert any("has run to its end" in warning for warning in outcome.result.warnings)


@case(tasks=[script("a", PAUSED, ends_message="no such button")], switches={"resume_ends": FAILED}, **START)
def test_a_script_that_fails_right_after_its_resume_is_told(outcome: Outcome) -> None:
    assert "no such button" in outcome.failure("unreachable_state")


@case(tasks=scripts(a=PAUSED), switches={"resume_word": "continue"}, **START)
def test_a_resume_under_another_word_is_told_as_a_word_of_no_document(outcome: Outcome) -> None:
    message = outcome.failure("refused")

    assert "emulator: unknown action" in message and "no public document names" in message
    assert outcome.tasks[0]["status"] == PAUSED


@case(tasks=scripts(a=SCHEDULED), switches={"stop_scheduled": "ends"}, **STOP)
def test_a_scheduled_task_is_stopped(outcome: Outcome) -> None:
    assert outcome.row["vendor_after"] == STOPPED and outcome.row["reached"]


@case(tasks=scripts(a=SCHEDULED), switches={"stop_scheduled": "refused"}, **STOP)
def test_a_refused_stop_of_a_scheduled_task_is_told(outcome: Outcome) -> None:
    assert "Total Control refused to stop task a (emulator: not possible in this state)" in outcome.failure("refused")
    assert outcome.writes == ["stop a"] and not outcome.row["changed"]


@case(tasks=scripts(a=SCHEDULED), switches={"stop_scheduled": "stays"}, **{**STOP, "wait_timeout": 3})
def test_a_scheduled_task_that_stays_so_isn_t_called_stopped(outcome: Outcome) -> None:
    assert "last seen SCHEDULED (-6) and not stopped" in outcome.failure("timeout")


@case(tasks=scripts(a=SCHEDULED), switches={"stop_scheduled": "vanishes"}, **STOP)
def test_a_scheduled_task_that_vanishes_with_its_stop_is_stopped_with_a_warning(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.row["after"] == "absent"
    assert any("no longer listed" in warning for warning in outcome.result.warnings)


@case(tasks=[script("a", RUNNING, repeat_every=3600)], switches={"stop_keeps_schedule": True}, **{**STOP, "wait_timeout": 3})
def test_a_repeating_task_that_waits_again_after_its_stop_isn_t_called_stopped(outcome: Outcome) -> None:
    message = outcome.failure("timeout")

    assert "SCHEDULED (-6)" in message and not outcome.row["reached"]
