# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""wait, drain, if_unpausable, state_map, concurrency: each value once, in real requests."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case
from ..totalcontrol import ENDED, PAUSED, RUNNING, SCHEDULED, STOPPED, script, scripts

pytestmark = pytest.mark.wire

# Each of them prevents a pause in another way.
MIXED = scripts(runs=RUNNING, ended=ENDED, waits=SCHEDULED)
ALL = ["runs", "ended", "waits"]


# wait


@case(tasks=scripts(a=RUNNING), switches={"change_delay": 30}, names=["a"], state="paused", wait=False)
def test_wait_false_sends_the_action_and_doesn_t_wait_for_the_state(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list", "pause a", "list"]
    assert outcome.result.outcome == "ok"
    assert (outcome.row["changed"], outcome.row["reached"], outcome.row["after"]) == (True, False, "started")


# drain


@case(tasks=scripts(a=RUNNING), meanwhile={"list 3": ("a", "end")}, names=["a"], state="stopped", drain=4)
def test_a_task_that_ends_while_it_is_drained_is_sent_nothing(outcome: Outcome) -> None:
    assert outcome.writes == []
    assert (outcome.row["after"], outcome.row["reached"], outcome.row["action"]) == ("completed", True, "none")
    assert outcome.requests == ["login", "list", "list", "list"]


@case(tasks=scripts(a=RUNNING), meanwhile={"list 3": ("a", "end")}, names=["a"], state="paused", drain=4)
def test_a_task_that_ends_while_it_is_drained_for_a_pause_is_counted_as_skipped(outcome: Outcome) -> None:
    assert outcome.writes == []
    assert outcome.result["summary"]["skipped"] == 1
    assert any("ended by itself while it was drained" in warning for warning in outcome.result.warnings)


@case(tasks=scripts(a=RUNNING), names=["a"], state="paused", drain=0.6)
def test_a_task_that_outlasts_the_drain_is_acted_on_then(outcome: Outcome) -> None:
    (post,) = [entry for entry in outcome.journal if entry["write"]]

    assert post["at"] - outcome.journal[1]["at"] >= 0.6
    assert outcome.row["reached"] and outcome.effects == ["pause a"]


# if_unpausable


@case(tasks=MIXED, names=ALL, state="paused")
def test_if_unpausable_fail_leaves_all_tasks_untouched_and_names_each_in_the_way(outcome: Outcome) -> None:
    message = outcome.failure("unreachable_state")

    assert "task ended has run to its end" in message and "task waits hasn't begun" in message
    assert outcome.requests == ["login", "list"]


@case(tasks=MIXED, names=ALL, state="paused", if_unpausable="skip")
def test_if_unpausable_skip_leaves_them_alone_with_a_warning(outcome: Outcome) -> None:
    assert outcome.effects == ["pause runs"]
    assert outcome.result["summary"] == {"wanted": "paused", "total": 3, "reached": 1, "changed": 1, "failed": 0, "skipped": 2}
    assert len(outcome.result.warnings) == 2


@case(tasks=MIXED, names=ALL, state="paused", if_unpausable="stop")
def test_if_unpausable_stop_stops_what_can_t_pause(outcome: Outcome) -> None:
    assert sorted(outcome.effects) == ["pause runs", "stop waits"]
    assert {task["task_name"]: task["status"] for task in outcome.tasks} == {"runs": PAUSED, "ended": ENDED, "waits": STOPPED}
    assert outcome.result["summary"]["reached"] == 3


# state_map


@case(tasks=scripts(a=-7), names=["a"], state="paused", state_map={"-7": "RUNNING"})
def test_state_map_makes_a_state_known_and_the_system_still_has_the_last_word(outcome: Outcome) -> None:
    assert "refused to pause task a" in outcome.failure("refused")
    assert (outcome.row["before"], outcome.row["vendor_before"]) == ("started", -7)


# concurrency

MANY = [f"task{number:02}" for number in range(30)]


@case(tasks=[script(name, RUNNING) for name in MANY], switches={"latency": 0.1}, names=MANY, state="paused", concurrency=4, wait_timeout=30)
def test_concurrency_is_how_many_requests_are_under_way_at_once(outcome: Outcome) -> None:
    assert max(entry["in_flight"] for entry in outcome.journal) == 4
    assert sorted(outcome.effects) == [f"pause {name}" for name in MANY]
    assert [row["id"] for row in outcome.result["tasks"]] == MANY
    assert outcome.result["summary"]["reached"] == 30


@case(tasks=[script(name, RUNNING) for name in MANY[:4]], switches={"latency": 0.05}, names=MANY[:4], state="paused", concurrency=1)
def test_one_at_a_time_is_sent_in_the_order_given(outcome: Outcome) -> None:
    assert max(entry["in_flight"] for entry in outcome.journal) == 1
    assert outcome.writes == [f"pause {name}" for name in MANY[:4]]


@case(tasks=[script(name, RUNNING) for name in MANY], names=MANY, state="paused", password="wrong", concurrency=8)
def test_wrong_credentials_are_tried_once_for_many_tasks_too(outcome: Outcome) -> None:
    outcome.failure("authentication")
    assert outcome.requests == ["login"]
