# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on real sockets: lost, late, broken and refused exchanges, for reads and for actions."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault
from ..totalcontrol import PAUSED, RUNNING, STOPPED, scripts

pytestmark = pytest.mark.wire

ONE = scripts(a=RUNNING)
PAUSE: dict[str, Any] = {"names": ["a"], "state": "paused"}
ONE_PAUSE = ["login", "list", "pause a", "list"]


def _kind(order: dict[str, Any]) -> str:
    return f"{order['kind']} {order.get('status', '')}".strip()


def _patience(order: dict[str, Any]) -> float:
    """A timeout that only a delayed answer exceeds, however busy the machine is."""
    return 1 if order["kind"] == "delay" else 30


# Reads: repeated.

READ_FAULTS = [
    fault("reset_before", "list"),
    fault("cut", "list"),
    fault("delay", "list", seconds=2),
    *[fault("status", "list", status=status) for status in (500, 502, 503, 504)],
]


@pytest.mark.parametrize(
    "kind", [pytest.param(_kind(order), marks=case(tasks=ONE, faults=[order], timeout=_patience(order), **PAUSE)) for order in READ_FAULTS]
)
def test_a_read_that_failed_once_is_repeated(outcome: Outcome, kind: str) -> None:
    assert outcome.row["reached"], kind
    assert outcome.requests == ["login", "list", "list", "pause a", "list"]


@case(tasks=ONE, faults=[fault("status", "login", status=502)], **PAUSE)
def test_a_login_that_failed_once_is_repeated(outcome: Outcome) -> None:
    assert outcome.requests == ["login", *ONE_PAUSE]


@case(tasks=ONE, faults=[fault("status", "list", status=500, times=None, body="emulator: out of memory")], retries=1, **PAUSE)
def test_a_read_that_keeps_failing_ends_the_run_before_any_action(outcome: Outcome) -> None:
    message = outcome.failure("refused")

    assert "HTTP 500 (emulator: out of memory)" in message
    assert outcome.result["failure"]["http_status"] == 500
    assert outcome.requests == ["login", "list", "list"]


@case(tasks=ONE, faults=[fault("reset_before", "list", times=None)], retries=0, **PAUSE)
def test_a_read_that_keeps_being_reset_tells_the_broken_connection(outcome: Outcome) -> None:
    assert "broke (" in outcome.failure("connection")
    assert outcome.requests == ["login", "list"]


@case(tasks=ONE, faults=[fault("status", "list", status=500, after=1, times=2)], retries=0, **PAUSE)
def test_a_poll_that_fails_is_no_verdict(outcome: Outcome) -> None:
    assert outcome.row["reached"]
    assert outcome.requests == [*ONE_PAUSE, "list", "list"]


# Actions: never repeated blindly.

# The action takes effect, and its answer is lost.
LOST = [
    fault("reset_after", "pause"),
    fault("cut", "pause"),
    fault("delay", "pause", seconds=2, when="after"),
    fault("html", "pause", effect=True),
    fault("empty", "pause"),
    *[fault("status", "pause", status=status, effect=True) for status in (500, 502, 503, 504)],
]


@pytest.mark.parametrize(
    "kind", [pytest.param(_kind(order), marks=case(tasks=ONE, faults=[order], timeout=_patience(order), **PAUSE)) for order in LOST]
)
def test_an_action_whose_answer_is_lost_is_looked_into_and_not_sent_again(outcome: Outcome, kind: str) -> None:
    assert outcome.requests == ONE_PAUSE and outcome.effects == ["pause a"], kind
    assert (outcome.row["reached"], outcome.row["changed"], outcome.row["action"]) == (True, True, "pause")


@case(tasks=ONE, faults=[fault("delay", "pause", seconds=3.0)], timeout=1.5, **PAUSE)
def test_an_action_that_takes_hold_after_its_time_out_is_waited_for_and_not_sent_again(outcome: Outcome) -> None:
    assert outcome.row["reached"]
    assert outcome.writes == outcome.effects == ["pause a"]


@case(tasks=ONE, faults=[fault("reset_before", "pause")], **{**PAUSE, "wait_timeout": 3})
def test_an_action_that_may_have_taken_hold_is_not_sent_again_at_once(outcome: Outcome) -> None:
    message = outcome.failure("timeout")

    assert "task a was last seen RUNNING (-1) and not paused" in message and "broke (Connection reset by peer)" in message
    assert outcome.writes == ["pause a"] and outcome.effects == []


@case(tasks=scripts(a=RUNNING, b=RUNNING), faults=[fault("status", "pause", task="a", status=403, body="emulator: no")],
      names=["a", "b"], state="paused")  # fmt: skip
def test_a_refused_action_is_told_and_the_other_tasks_go_on(outcome: Outcome) -> None:
    message = outcome.failure("permission")

    assert message.startswith("1 of 2 tasks did not become paused: ") and "HTTP 403 (emulator: no)" in message
    assert outcome.effects == ["pause b"]
    assert outcome.result["summary"] == {"wanted": "paused", "total": 2, "reached": 1, "changed": 1, "failed": 1, "skipped": 0}


@case(tasks=ONE, faults=[fault("redirect", "pause", location="http://elsewhere.example.com/")], **{**PAUSE, "wait_timeout": 3})
def test_a_redirected_action_is_followed_nowhere(outcome: Outcome) -> None:
    assert "redirected to http://elsewhere.example.com" in outcome.failure("timeout")
    assert outcome.writes == ["pause a"] and outcome.effects == []


# Throttling.


def _later(outcome: Outcome, request: str) -> float:
    """The seconds between the first such request and the next one."""
    index = outcome.requests.index(request)
    return float(outcome.journal[index + 1]["at"] - outcome.journal[index]["at"])


@case(tasks=ONE, faults=[fault("rate_limit", "list", retry_after=1)], **PAUSE)
def test_a_throttled_read_waits_as_long_as_it_was_told(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list", "list", "pause a", "list"]
    assert _later(outcome, "list") >= 1


@case(tasks=ONE, faults=[fault("rate_limit", "pause", retry_after=1)], **PAUSE)
def test_a_throttled_action_is_sent_again_once_the_time_has_passed(outcome: Outcome) -> None:
    assert outcome.writes == ["pause a", "pause a"] and outcome.effects == ["pause a"]
    assert _later(outcome, "pause a") >= 1
    assert outcome.row["reached"]


@case(tasks=ONE, faults=[fault("rate_limit", "list", retry_after=900)], **PAUSE)
def test_a_throttling_longer_than_the_run_ends_it_at_once(outcome: Outcome) -> None:
    outcome.failure("rate_limited")
    assert outcome.requests == ["login", "list"]
    assert outcome.result["elapsed"] < 15


# Tokens.

TOKEN_ANSWERS: list[Any] = ["edition", None, False, 401]


@pytest.mark.parametrize(
    "position",
    [pytest.param(position, marks=case(tasks=ONE, faults=[fault("expire_token", "pause")], switches={"token_failure": position}, **PAUSE))
     for position in TOKEN_ANSWERS],
)  # fmt: skip
def test_a_token_that_expires_before_an_action_is_renewed_and_the_action_takes_hold_once(outcome: Outcome, position: Any) -> None:
    assert outcome.row["reached"], position
    assert outcome.effects == ["pause a"]
    assert outcome.requests.count("login") == 2


@case(tasks=ONE, switches={"token_ttl": 1.0, "change_delay": 1.5}, **PAUSE)
def test_a_token_that_expires_while_it_waits_is_renewed(outcome: Outcome) -> None:
    assert outcome.row["reached"]
    assert outcome.requests.count("login") == 2 and outcome.writes == ["pause a"]


@case(tasks=ONE, switches={"token_ttl": 0.5, "change_delay": 2.0}, **PAUSE)
def test_a_token_that_expires_again_and_again_while_it_waits_is_renewed_each_time(outcome: Outcome) -> None:
    assert outcome.row["reached"]
    assert outcome.writes == ["pause a"]


@case(tasks=ONE, faults=[fault("expire_token", "pause")], connect=False, url="{url}", token="veLZf8EL7gUoyFOL",
      switches={"first_token": "veLZf8EL7gUoyFOL"}, **PAUSE)  # fmt: skip
def test_a_given_token_isn_t_renewed(outcome: Outcome) -> None:
    """Nobody has logged in, so the emulator doesn't know the token."""
    assert "check token" in outcome.failure("authentication")
    assert outcome.requests == ["list"]


# Somebody else at work.


@case(tasks=ONE, meanwhile={"pause": ("a", "pause")}, **PAUSE)
def test_a_task_that_somebody_else_pauses_first_is_reached_and_not_changed(outcome: Outcome) -> None:
    assert (outcome.row["reached"], outcome.row["changed"], outcome.row["action"]) == (True, False, "none")
    assert outcome.requests == ONE_PAUSE and outcome.effects == []


@case(tasks=ONE, meanwhile={"pause": ("a", "pause")}, switches={"pause_paused": "accepted"}, **PAUSE)
def test_a_pause_that_comes_second_and_is_accepted_is_no_harm(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.requests == ONE_PAUSE


@case(tasks=ONE, meanwhile={"pause": ("a", "stop")}, **PAUSE)
def test_a_task_that_somebody_else_stops_first_is_told_with_what_became_of_it(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert "it went from RUNNING (-1) to USER_TERMINATED (-5)" in message
    assert outcome.requests == ONE_PAUSE
    assert outcome.row["after"] == "stopped" and outcome.tasks[0]["status"] == STOPPED


@case(tasks=ONE, meanwhile={"stop": ("a", "pause")}, names=["a"], state="stopped")
def test_a_task_that_somebody_else_pauses_first_is_stopped_all_the_same(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.effects == ["stop a"]


@case(tasks=ONE, meanwhile={"stop": ("a", "end")}, names=["a"], state="stopped")
def test_a_script_that_ends_just_before_its_stop_counts_as_stopped(outcome: Outcome) -> None:
    assert outcome.row["after"] == "completed" and outcome.row["reached"]
    assert outcome.effects == []


@case(tasks=ONE, meanwhile={"pause": ("a", "delete")}, **PAUSE)
def test_a_task_that_somebody_else_deletes_first_is_told(outcome: Outcome) -> None:
    assert "Total Control no longer knows task a" in outcome.failure("not_found")


@case(tasks=scripts(a=PAUSED), meanwhile={"resume": ("a", "stop")}, names=["a"], state="started")
def test_a_paused_task_that_somebody_else_stops_can_t_be_started(outcome: Outcome) -> None:
    assert "went from PAUSED (-4) to USER_TERMINATED (-5)" in outcome.failure("unreachable_state")
