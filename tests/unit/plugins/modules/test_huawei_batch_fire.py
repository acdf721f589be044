# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search under fire has found about one call for a whole batch of VIAS (tests/fire), each as a plain case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fire.client import Run, run_in_process
from tests.fire.storm import Fault, Storm
from tests.fire.system import Desired, Order
from tests.fire.systems import huawei
from tests.fire.world import World

FIRST, SECOND = huawei.BATCHED.ids[:2]


def run_on_batch(wish: Desired, *states: str, lie: Order | None = None, writes: Sequence[Fault | None] = (), drain: float = 0) -> Run:
    options: Mapping[str, Any] = {
        "wait_timeout": 40,
        "poll_interval": 1,
        "if_unpausable": "fail",
        "wait": True,
        "timeout": 5,
        "drain": drain,
    }
    system, fleet = huawei.BATCHED, [{"state": state} for state in states]
    storm = Storm(system, system.access[0], fleet, False, wish, False, options, lie or {}, latency=0.01, writes=writes)
    return run_in_process(World(storm))


def sent(run: Run) -> list[tuple[str, str]]:
    return [(write.call.action, write.call.ids[0]) for write in run.writes]


def test_a_task_that_is_ready_later_is_stopped_by_itself_while_the_call_for_all_may_still_take_hold() -> None:
    """Found by seed 0: the second call for all stopped the first task once more while reads still showed it as RUNNING."""
    run = run_on_batch("stopped", "RUNNING", "UPGRADING", lie={"change_delay": 2})

    assert sent(run) == [("stop", FIRST), ("stop", SECOND)]
    assert [(row["action"], row["reached"]) for row in run.rows] == [("stop", True)] * 2


def test_a_call_for_all_isn_t_made_while_a_task_is_on_its_way_to_where_it_would_take_hold() -> None:
    """Found by seed 78: it started a task that had been STOPPING, and the result said that nothing was sent to that one."""
    run = run_on_batch("started", "STOPPED", "STOPPING")

    assert sent(run) == [("start", FIRST), ("start", SECOND)]
    assert [(row["action"], row["changed"], row["reached"]) for row in run.rows] == [("start", True, True)] * 2


def test_a_call_for_all_whose_answer_was_lost_is_followed_by_calls_for_those_that_still_need_it() -> None:
    run = run_on_batch("stopped", "RUNNING", "RUNNING", writes=[{"kind": "reset_before"}])

    first, *side_by_side = sent(run)
    assert first == ("batch_stop", huawei.BATCHED.holder)
    assert sorted(side_by_side) == sorted([("stop", FIRST), ("stop", SECOND)])
    assert run.result["summary"]["reached"] == 2


def test_a_call_for_all_that_was_throttled_isn_t_made_again_since_others_may_have_changed_a_task_meanwhile() -> None:
    run = run_on_batch("stopped", "RUNNING", "RUNNING", writes=[{"kind": "rate_limit"}])

    first, *side_by_side = sent(run)
    assert first == ("batch_stop", huawei.BATCHED.holder)
    assert sorted(side_by_side) == sorted([("stop", FIRST), ("stop", SECOND)])
    assert run.result["summary"]["reached"] == 2


def test_what_comes_up_again_after_a_call_for_all_is_stopped_singly() -> None:
    run = run_on_batch("stopped", "RUNNING", "RUNNING", lie={"stop_ends": "RUNNING"})

    first, *later = [action for action, _id in sent(run)]
    assert first == "batch_stop"
    assert set(later) == {"stop"}


def test_a_task_that_is_due_before_the_others_is_stopped_by_itself() -> None:
    """Found by seed 420895: after a throttled call the first task had a second to rest, and a call for all was made for the second one
    alone. Its answer was lost, and another stop of the first one followed.
    """
    throttled, lost = {"kind": "status", "status": 503, "headers": {"Retry-After": "2"}}, {"kind": "status", "status": 500}
    run = run_on_batch("paused", "RUNNING", "STARTING", writes=[throttled, lost])

    assert sent(run) == [("batch_stop", huawei.BATCHED.holder), ("stop", SECOND), ("stop", FIRST), ("stop", SECOND)]
    assert run.result["summary"]["reached"] == 2


def test_a_task_whose_fate_a_refused_call_for_all_was_isn_t_touched_by_another_one() -> None:
    """Found by the same seed: the task was told as left alone, and stopped."""
    run = run_on_batch("paused", "RUNNING", "STARTING", writes=[{"kind": "status", "status": 403, "body": "<html>proxy</html>"}])

    assert sent(run) == [("batch_stop", huawei.BATCHED.holder), ("stop", SECOND)]
    told = {row["id"]: (row["action"], row.get("error", {}).get("code")) for row in run.rows}
    assert told == {FIRST: ("none", "connection"), SECOND: ("stop", None)}


def test_tasks_that_are_drained_aren_t_touched_by_a_call_for_those_that_aren_t() -> None:
    run = run_on_batch("stopped", "RUNNING", "STARTING", drain=30)

    assert sent(run)[0] == ("stop", SECOND)
    first = next(write for write in run.writes if FIRST in write.targets)
    assert first.begun - run.begun >= 30
    assert run.result["summary"]["reached"] == 2


def test_a_call_for_all_isn_t_made_later_when_a_task_that_was_right_may_have_changed() -> None:
    """Found by seed 1226114667: two tasks were waited for, a third ended meanwhile, and the call for the two started it again."""
    run = run_on_batch("started", "STOPPING", "STOPPING", "RUNNING")

    assert sorted(sent(run)) == sorted([("start", FIRST), ("start", SECOND)])
    assert run.result["summary"]["reached"] == 3


def test_a_state_that_was_read_long_ago_is_no_reason_to_send_a_lost_action_again() -> None:
    """Found by seed 275125381: while it was asked why the first task had failed, which took ten seconds, the time passed within which the
    start of the second one could still show.
    """
    slow: Fault = {"kind": "delay", "seconds": 6.0}
    options: Mapping[str, Any] = {"wait_timeout": 40, "poll_interval": 1, "if_unpausable": "fail", "wait": False, "timeout": 5, "drain": 0}
    fleet = [{"state": "STOPPED", "start_ends": "START_FAILED"}, {"state": "STOPPING"}]
    storm = Storm(
        huawei.BATCHED,
        huawei.BATCHED.access[0],
        fleet,
        False,
        "started",
        False,
        options,
        {"change_delay": 2},
        latency=0.01,
        reads=[None] * 5 + [slow] * 2,
        writes=[None, slow],
    )

    assert sent(run_in_process(World(storm))) == [("start", FIRST), ("start", SECOND)]
