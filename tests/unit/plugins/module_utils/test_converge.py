# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run over many tasks: what is read, what is sent and when, and each task's fate."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._converge import Convergence
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Refused, TryLater, Unauthorized
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import Act, Observation, StateTable
from ansible_collections.taskops.quiesce.plugins.module_utils._task_run import RunSettings, Task

from tests.unit.support import MILL, FakeClock, Mill, converge

PATIENT = RunSettings(wait_timeout=60, poll_interval=5, concurrency=1)


def only(run: Convergence) -> Task:
    (task,) = run.tasks
    return task


def failure_of(task: Task) -> Failure:
    assert task.error is not None
    return task.error


# Plan first


def test_a_task_already_there_costs_one_read_and_no_action() -> None:
    mill = Mill({"a": "held"})

    task = only(converge(mill, "paused"))

    assert mill.journal == [("read", "a")]
    assert task.reached and not task.changed


def test_n_tasks_cost_one_read_n_actions_and_one_look() -> None:
    mill = Mill({"a": "running", "b": "running", "c": "held"})

    run = converge(mill, "paused")

    assert mill.journal == [("read", "a", "b", "c"), ("hold", "a"), ("hold", "b"), ("read", "a", "b")]
    assert [task.changed for task in run.tasks] == [True, True, False]
    assert all(task.reached for task in run.tasks)


def test_one_impossible_task_keeps_all_others_untouched() -> None:
    mill = Mill({"a": "running", "b": "done", "c": "broken"})

    run = converge(mill, "paused")

    assert mill.writes == []
    assert not run.possible
    assert [task.error.message if task.error else None for task in run.tasks] == [None, "task b is done", "task c is broken"]


@pytest.mark.parametrize("odd", ["a/b", "..", "a\nb", "\ud800"])
def test_a_task_whose_id_can_t_be_sent_keeps_all_others_untouched(odd: str) -> None:
    """Written ones are refused before; this one comes by a list."""
    mill = Mill({"a": "running", odd: "running"})

    run = converge(mill, "paused")

    assert mill.writes == []
    assert failure_of(run.tasks[1]).code == "usage" and "can't stand in an address" in failure_of(run.tasks[1]).message


def test_a_task_whose_id_can_t_be_sent_is_no_trouble_where_it_is_as_wanted() -> None:
    run = converge(Mill({"a": "running", "a/b": "held"}), "paused")

    assert all(task.reached for task in run.tasks)


def test_an_unknown_task_keeps_all_others_untouched() -> None:
    mill = Mill({"a": "running"})

    run = converge(mill, "stopped", "a", "nosuch")

    assert mill.writes == []
    assert failure_of(run.tasks[1]).code == "not_found"


def test_when_the_first_read_fails_the_run_fails_and_knows_nothing() -> None:
    def broken(mill: Mill, _number: int) -> None:
        raise Failure("connection", "no way")

    mill = Mill({"a": "running"}, on_read=broken)
    with pytest.raises(Failure, match="no way"):
        converge(mill, "stopped")

    assert mill.writes == []


def test_the_first_read_of_a_run_goes_alone_and_the_others_side_by_side() -> None:
    first_is_back = threading.Event()
    together = threading.Barrier(2, timeout=5)

    def meet(mill: Mill, number: int) -> None:
        if number == 1:
            threading.Event().wait(0.05)
            assert mill.reads == 1
            first_is_back.set()
        else:
            assert first_is_back.is_set()
            together.wait()

    converge(Mill({str(number): "held" for number in range(5)}, read_size=1, on_read=meet), "paused", pace=RunSettings(concurrency=2))


def test_long_answers_are_read_few_at_a_time_however_many_tasks_may_be_acted_on_at_once() -> None:
    """Each answer under way is held in memory several times."""
    counted = threading.Lock()
    under_way: list[int] = []
    most: list[int] = []

    def count(mill: Mill, number: int) -> None:
        with counted:
            under_way.append(number)
            most.append(len(under_way))
        threading.Event().wait(0.05)
        with counted:
            under_way.remove(number)

    mill = Mill({str(number): "held" for number in range(9000)}, read_size=1000, on_read=count)
    converge(mill, "paused", pace=RunSettings(concurrency=16))

    assert mill.reads == 9
    assert max(most) == 2


def test_a_run_keeps_of_what_it_found_only_what_its_result_shows() -> None:
    """Ten thousand tasks with twenty other fields each would be kept twice until the end."""
    found = {"a": Observation("a", "running", name="first", facts={"owner": "somebody"})}

    (task,) = converge(Mill({"a": "running"}), "paused", found=found).tasks

    assert (task.before.spelling, task.before.name) == ("running", "first")
    assert task.before.facts == {}


def test_what_was_found_already_saves_the_first_read() -> None:
    mill = Mill({"a": "held", "b": "running"})
    found = {"a": Observation("a", "held"), "b": Observation("b", "running")}

    run = converge(mill, "paused", found=found)

    assert mill.journal == [("hold", "b"), ("read", "b")]
    assert all(task.reached for task in run.tasks)


# Check mode


def test_check_mode_reads_once_and_sends_nothing() -> None:
    mill = Mill({"a": "running", "b": "held"})

    run = converge(mill, "paused", check_mode=True)

    assert mill.journal == [("read", "a", "b")]
    assert [(plan.word, plan.spelling) for plan in map(run.predict, run.tasks)] == [("paused", "held"), ("paused", "held")]


@pytest.mark.parametrize("state", ["queued", "held", "running", "stopping", "stopped", "done", "jammed"])
@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
def test_check_mode_predicts_what_the_run_then_does(state: str, wish: str) -> None:
    def move_on(mill: Mill, _number: int) -> None:
        mill.states["a"] = {"queued": "running", "stopping": "stopped", "jammed": "running"}.get(mill.states["a"], mill.states["a"])

    predicted = converge(Mill({"a": state}), wish, check_mode=True)  # type: ignore[arg-type]
    mill = Mill({"a": state}, on_read=lambda mill, number: move_on(mill, number) if number > 1 else None)
    real = converge(mill, wish)  # type: ignore[arg-type]

    assert predicted.possible == real.possible
    if real.possible:
        decision = only(predicted).decision
        assert decision is not None and list(decision.actions) == only(real).actions
        assert predicted.predict(only(predicted)).spelling == mill.states["a"]


# Waiting


def test_the_first_look_comes_at_once_and_pauses_grow_up_to_the_poll_interval() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})
    mill.on_read = lambda mill, number: mill.states.update(a="held") if number == 10 else None

    converge(mill, "paused", pace=RunSettings(poll_interval=3))

    assert mill.clock.sleeps == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3, 3, 3])


def test_no_pause_is_longer_than_a_short_poll_interval() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})
    mill.on_read = lambda mill, number: mill.states.update(a="held") if number == 4 else None

    converge(mill, "paused", pace=RunSettings(poll_interval=0.05))

    assert mill.clock.sleeps == [0.05, 0.05]


def test_all_pending_tasks_are_looked_at_together_and_arrived_ones_no_more() -> None:
    mill = Mill({"a": "running", "b": "running"}, on_act=lambda *_: {})
    mill.on_read = lambda mill, number: mill.states.update({"a" if number == 2 else "b": "held"}) if number > 1 else None

    converge(mill, "paused")

    assert mill.journal[-2:] == [("read", "a", "b"), ("read", "b")]


def test_a_task_that_doesn_t_arrive_in_time_fails_and_tells_where_it_was_last_seen() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})

    task = only(converge(mill, "paused", pace=RunSettings(wait_timeout=20)))

    assert failure_of(task).code == "timeout"
    assert failure_of(task).message == (
        "task a was last seen running and not paused when the time was up (20 s of wait_timeout; hold was sent); "
        "look at it in the mill, or raise wait_timeout"
    )
    assert task.changed and mill.writes == [("hold", "a")]
    assert mill.clock.now() == pytest.approx(1020)


def test_a_task_that_arrives_at_the_very_last_look_has_arrived() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})
    mill.on_read = lambda mill, _number: mill.states.update(a="held") if mill.clock.now() >= 1020 else None

    assert only(converge(mill, "paused", pace=RunSettings(wait_timeout=20))).reached


def test_a_task_on_its_way_is_waited_for_and_nothing_is_sent() -> None:
    mill = Mill({"a": "stopping"})
    mill.on_read = lambda mill, number: mill.states.update(a="stopped") if number == 3 else None

    task = only(converge(mill, "stopped"))

    assert mill.writes == []
    assert task.reached and not task.changed


def test_a_second_step_follows_when_the_first_has_arrived() -> None:
    mill = Mill({"a": "stopping"})
    mill.on_read = lambda mill, number: mill.states.update(a="stopped") if number == 2 else None

    task = only(converge(mill, "started"))

    assert mill.writes == [("start", "a")]
    assert task.reached and task.changed


def test_a_read_that_fails_while_waiting_is_no_verdict() -> None:
    def stumble(mill: Mill, number: int) -> None:
        if number in (2, 3):
            raise Failure("protocol", "a page of a proxy")

    mill = Mill({"a": "running"}, on_read=stumble)

    assert only(converge(mill, "paused")).reached


def test_when_reads_fail_to_the_end_the_message_tells_it() -> None:
    def stumble(mill: Mill, number: int) -> None:
        if number > 1:
            raise Failure("connection", "the line is dead")

    task = only(converge(Mill({"a": "running"}, on_read=stumble), "paused", pace=PATIENT))

    assert failure_of(task).code == "timeout"
    assert failure_of(task).message.endswith("hold was sent): the line is dead")


def test_a_task_that_ends_before_it_could_be_paused_fails_alone() -> None:
    def end(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if ids == ["a"]:
            mill.states["a"] = "done"
            return {}
        return None

    run = converge(Mill({"a": "running", "b": "running"}, on_act=end), "paused")

    assert failure_of(run.tasks[0]).code == "unreachable_state"
    assert failure_of(run.tasks[0]).message == "task a is done (it went from running to done after hold was sent)"
    assert run.tasks[1].reached


def test_a_task_that_vanishes_after_it_was_stopped_is_stopped_with_a_note() -> None:
    mill = Mill({"a": "running"}, on_act=lambda mill, action, ids: mill.states.clear() or {})  # type: ignore[func-returns-value]

    task = only(converge(mill, "stopped", "a"))

    assert task.reached and "no longer listed" in task.note


def test_a_lost_stop_of_a_task_that_then_vanishes_is_this_run_s_change() -> None:
    """Found by the search (seed 27112812): nobody can see any more whether the stop took hold, and it did."""

    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states.clear()
        raise AnswerLost("connection", "it broke")

    task = only(converge(Mill({"a": "running"}, on_act=act), "stopped", "a"))

    assert task.reached and task.changed and task.actions == ["stop"]


def test_a_task_that_vanishes_otherwise_is_not_found() -> None:
    mill = Mill({"a": "running"}, on_act=lambda mill, action, ids: mill.states.clear() or {})  # type: ignore[func-returns-value]

    task = only(converge(mill, "paused", "a"))

    assert failure_of(task).code == "not_found"


def test_a_start_after_which_the_task_fails_isn_t_tried_again() -> None:
    mill = Mill({"a": "stopped"}, on_act=lambda mill, action, ids: mill.states.update(a="broken") or {})

    task = only(converge(mill, "started", grants=["retry_failed"]))

    assert mill.writes == [("start", "a")]
    assert failure_of(task).message == "task a accepted the start and then failed: it is in state broken"


def test_a_start_that_fails_after_states_on_the_way_isn_t_tried_again_either() -> None:
    mill = Mill({"a": "stopped"}, on_act=lambda mill, action, ids: mill.states.update(a="jammed") or {})
    mill.on_read = lambda mill, number: mill.states.update(a="broken") if number == 4 else None

    task = only(converge(mill, "started", grants=["retry_failed"]))

    assert mill.writes == [("start", "a")]
    assert failure_of(task).message == "task a accepted the start and then failed: it is in state broken"


def test_a_lost_answer_whose_action_is_seen_on_its_way_counts_as_a_change() -> None:
    def lose(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "jammed"
        raise AnswerLost("timeout", "no answer")

    mill = Mill({"a": "stopped"}, on_act=lose)
    mill.on_read = lambda mill, number: mill.states.update(a="running") if number == 4 else None

    task = only(converge(mill, "started"))

    assert mill.writes == [("start", "a")] and task.reached and task.changed


def test_what_the_vendor_tells_of_a_failure_stands_in_its_message() -> None:
    mill = Mill({"a": "stopped"}, on_act=lambda mill, action, ids: mill.states.update(a="broken") or {})
    mill.reasons["a"] = "no grain left"

    assert failure_of(only(converge(mill, "started", grants=["retry_failed"]))).message.endswith("it is in state broken (no grain left)")


def test_what_the_vendor_can_t_tell_just_doesn_t_stand_there() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})

    message = failure_of(only(converge(mill, "paused", pace=RunSettings(wait_timeout=5)))).message

    assert message.endswith("hold was sent); look at it in the mill, or raise wait_timeout")


def test_an_unknown_state_on_the_way_is_waited_through() -> None:
    mill = Mill({"a": "running"}, on_act=lambda mill, action, ids: mill.states.update(a="winding down") or {})
    mill.on_read = lambda mill, number: mill.states.update(a="held") if number == 4 else None

    assert only(converge(mill, "paused")).reached


def test_an_unknown_state_that_stays_is_told_when_the_time_is_up() -> None:
    mill = Mill({"a": "running"}, on_act=lambda mill, action, ids: mill.states.update(a="winding down") or {})

    failure = failure_of(only(converge(mill, "paused", pace=RunSettings(wait_timeout=5))))

    assert failure.code == "timeout" and "last seen winding down" in failure.message


def test_an_accepted_action_isn_t_sent_again_while_it_could_still_take_hold() -> None:
    """The queue moves on while the stop is still working: running isn't a reason for a second stop."""
    mill = Mill({"a": "jammed"}, on_act=lambda *_: {})

    def creep(mill: Mill, number: int) -> None:
        mill.states["a"] = "jammed" if number == 1 else "running" if mill.clock.now() < 1008 else "stopped"

    mill.on_read = creep
    task = only(converge(mill, "stopped"))

    assert mill.writes == [("stop", "a")]
    assert task.reached


def test_when_others_keep_working_against_it_the_run_gives_up_after_three_actions() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})
    mill.on_read = lambda mill, number: mill.states.update(a=["running", "jammed"][number % 2])

    task = only(converge(mill, "stopped", pace=RunSettings(wait_timeout=600)))

    assert len(mill.writes) == 3
    assert failure_of(task).code == "refused" and "something else changes it, too" in failure_of(task).message


# Not waiting


def test_without_waiting_one_step_is_sent_and_looked_at_once() -> None:
    mill = Mill({"a": "running", "b": "running"}, on_act=lambda mill, action, ids: None if ids == ["b"] else {})

    run = converge(mill, "paused", pace=RunSettings(wait=False))

    assert mill.journal == [("read", "a", "b"), ("hold", "a"), ("hold", "b"), ("read", "a", "b")]
    assert mill.clock.sleeps == []
    assert [(task.reached, task.error) for task in run.tasks] == [(False, None), (True, None)]


def test_without_waiting_a_task_on_its_way_costs_one_read() -> None:
    mill = Mill({"a": "stopping"})

    task = only(converge(mill, "stopped", pace=RunSettings(wait=False)))

    assert mill.journal == [("read", "a")]
    assert not task.reached and task.error is None


def test_without_waiting_the_second_step_is_left_to_the_next_run() -> None:
    mill = Mill({"a": "held"}, on_act=lambda mill, action, ids: mill.states.update(a="jammed") or {})

    converge(mill, "stopped", pace=RunSettings(wait=False))

    assert mill.writes == [("stop", "a")]


def test_without_waiting_a_lost_answer_is_still_followed_up() -> None:
    def lose(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if len(mill.writes) == 1:
            raise AnswerLost("timeout", "no answer")
        return None

    mill = Mill({"a": "running"}, on_act=lose)
    task = only(converge(mill, "paused", pace=RunSettings(wait=False, poll_interval=5)))

    assert mill.writes == [("hold", "a"), ("hold", "a")]
    assert task.reached and task.changed


# Drain


def test_running_tasks_are_given_time_to_end_by_themselves() -> None:
    mill = Mill({"a": "running", "b": "running"})
    mill.on_read = lambda mill, _number: mill.states.update(a="done") if mill.clock.now() >= 1030 else None

    run = converge(mill, "stopped", pace=RunSettings(drain=60))

    assert mill.writes == [("stop", "b")]
    assert [task.changed for task in run.tasks] == [False, True]
    assert mill.clock.now() == pytest.approx(1060)


def test_what_isn_t_running_isn_t_waited_for_by_the_drain() -> None:
    mill = Mill({"a": "held"})

    converge(mill, "stopped", pace=RunSettings(drain=60))

    assert mill.clock.sleeps == [] and mill.writes == [("stop", "a")]


def test_a_task_that_ends_while_drained_isn_t_paused_and_is_no_failure() -> None:
    mill = Mill({"a": "running"})
    mill.on_read = lambda mill, number: mill.states.update(a="done") if number == 3 else None

    task = only(converge(mill, "paused", pace=RunSettings(drain=60)))

    assert task.skipped and not task.reached and task.error is None
    assert task.note == "task a ended by itself while it was drained; it isn't paused"


def test_draining_doesn_t_touch_a_start() -> None:
    mill = Mill({"a": "held"})

    converge(mill, "started", pace=RunSettings(drain=60))

    assert mill.clock.sleeps == []


def test_the_drain_comes_on_top_of_the_wait_timeout() -> None:
    mill = Mill({"a": "running"}, on_act=lambda *_: {})

    converge(mill, "paused", pace=RunSettings(drain=60, wait_timeout=30))

    assert mill.clock.now() == pytest.approx(1090)


# if_unpausable


def test_skipped_tasks_are_left_alone_and_counted() -> None:
    run = converge(Mill({"a": "running", "b": "done"}), "paused", if_unpausable="skip")

    assert [(task.reached, task.skipped) for task in run.tasks] == [(True, False), (False, True)]
    assert run.tasks[1].note == "task b is done"


def test_unpausable_tasks_are_stopped_on_the_user_s_word() -> None:
    mill = Mill({"a": "running", "b": "jammed", "c": "done"})

    run = converge(mill, "paused", if_unpausable="stop")

    assert mill.writes == [("hold", "a"), ("stop", "b")]
    assert all(task.reached for task in run.tasks)


# Lost answers and refusals


def lose_first(failure: Failure, takes_hold: bool) -> Mill:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if len(mill.writes) > 1:
            return None
        if takes_hold:
            mill.take(action, ids[0])
        raise failure

    return Mill({"a": "running"}, on_act=act)


def test_a_lost_answer_whose_action_took_hold_is_seen_and_not_sent_again() -> None:
    mill = lose_first(AnswerLost("timeout", "no answer"), takes_hold=True)

    task = only(converge(mill, "paused"))

    assert mill.writes == [("hold", "a")]
    assert task.reached and task.changed and task.actions == ["hold"]


def test_after_a_lost_answer_the_old_state_is_no_proof_until_the_settling_time_is_over() -> None:
    mill = lose_first(AnswerLost("timeout", "no answer"), takes_hold=False)
    sent_at: list[float] = []
    first = mill.on_act

    def noting(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        sent_at.append(mill.clock.now())
        assert first is not None
        return first(mill, action, ids)

    mill.on_act = noting
    task = only(converge(mill, "paused"))

    assert len(sent_at) == 2 and sent_at[1] - sent_at[0] >= mill.settle
    assert task.reached


def test_a_late_effect_of_a_lost_answer_is_waited_for() -> None:
    mill = lose_first(AnswerLost("connection", "reset"), takes_hold=False)
    mill.on_read = lambda mill, _number: mill.states.update(a="held") if mill.clock.now() > 1007 else None

    task = only(converge(mill, "paused"))

    assert mill.writes == [("hold", "a")] and task.changed


@pytest.mark.parametrize(
    "second",
    [Refused("refused", "it can't be held", http_status=409), TryLater("rate_limited", "too many"), TryLater("connection", "nobody there")],
    ids=lambda failure: str(failure.code),
)
def test_a_lost_action_that_takes_hold_after_the_settling_time_is_this_run_s_change(second: Failure) -> None:
    """Found by seed 28112801: the second stop was refused because the first one had just taken hold, and the task counted as unchanged."""

    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if len(mill.writes) == 1:
            raise AnswerLost("timeout", "no answer")
        mill.states["a"] = "held"
        raise second

    mill = Mill({"a": "running"}, on_act=act)
    task = only(converge(mill, "paused"))

    assert mill.writes == [("hold", "a")] * 2
    assert task.reached and task.changed and task.actions == ["hold"]
    assert "the one that was sent before may have taken effect late" in task.note


def test_an_action_is_sent_three_times_at_most() -> None:
    def lose(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        raise AnswerLost("timeout", "no answer")

    mill = Mill({"a": "running"}, on_act=lose)
    task = only(converge(mill, "paused"))

    assert len(mill.writes) == 3
    assert failure_of(task).code == "timeout" and failure_of(task).message == "no answer"


def test_a_refusal_is_read_again_before_it_s_called_an_error() -> None:
    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "held"  # somebody else was quicker
        raise Refused("refused", "not now")

    task = only(converge(Mill({"a": "running"}, on_act=refuse), "paused"))

    assert task.reached and not task.changed and task.actions == []


def test_a_refusal_that_holds_ends_that_task_alone() -> None:
    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if ids == ["a"]:
            raise Refused("refused", "not this one", http_status=409)
        return None

    mill = Mill({"a": "running", "b": "running"}, on_act=refuse)
    run = converge(mill, "paused")

    assert mill.writes == [("hold", "a"), ("hold", "b")]
    assert failure_of(run.tasks[0]).message == "not this one"
    assert run.tasks[1].reached and run.tasks[1].error is None


# Actions that only hurry a task on its way


def stop_after(mill: Mill, number: int) -> None:
    if mill.reads >= number:
        mill.states["a"] = "stopped"


def refuse_all(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
    raise Refused("refused", "not in this state", http_status=409)


def test_a_refusal_of_what_would_only_hurry_a_task_is_no_error_and_the_task_is_waited_for() -> None:
    mill = Mill({"a": "stopping"}, on_act=refuse_all, on_read=lambda mill, _number: stop_after(mill, 6))

    task = only(converge(mill, "stopped", grants=["force"]))

    assert mill.writes == [("kill", "a")]
    assert task.reached and not task.changed and task.actions == []


def test_such_a_refusal_isn_t_waited_for_without_waiting() -> None:
    mill = Mill({"a": "stopping"}, lag=30, on_act=refuse_all)

    task = only(converge(mill, "stopped", grants=["force"], pace=RunSettings(wait=False)))

    assert mill.journal == [("read", "a"), ("kill", "a"), ("read", "a")]
    assert not task.reached and task.error is None and mill.clock.sleeps == []


def test_what_only_hurries_a_task_is_sent_once_though_the_task_stays_on_its_way() -> None:
    mill = Mill({"a": "stopping"}, on_act=lambda *_: {}, on_read=lambda mill, _number: stop_after(mill, 20))

    task = only(converge(mill, "stopped", grants=["force"]))

    assert mill.writes == [("kill", "a")] and mill.clock.now() > 1000 + mill.settle
    assert task.reached and task.changed and task.actions == ["kill"]


def test_a_throttled_hurry_is_sent_again() -> None:
    def later(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if len(mill.writes) == 1:
            raise TryLater("rate_limited", "slow down")
        return None

    assert only(converge(Mill({"a": "stopping"}, on_act=later), "stopped", grants=["force"])).actions == ["kill"]


def test_a_lost_hurry_is_sent_again_after_the_settling_time() -> None:
    def lose(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if len(mill.writes) == 1:
            raise AnswerLost("timeout", "no answer")
        return None

    mill = Mill({"a": "stopping"}, on_act=lose)
    assert only(converge(mill, "stopped", grants=["force"])).reached
    assert len(mill.writes) == 2 and mill.clock.now() >= 1000 + mill.settle


def test_a_task_that_runs_again_is_acted_on_again() -> None:
    """The forced end was refused, and somebody else set the task going once more."""
    mill = Mill({"a": "stopping"})
    mill.on_act = lambda mill, action, _ids: refuse_all(mill, action, ["a"]) if action == "kill" else None
    mill.on_read = lambda mill, number: mill.states.update(a="running") if number == 4 else None

    task = only(converge(mill, "stopped", grants=["force"]))

    assert mill.writes == [("kill", "a"), ("stop", "a")] and task.reached


def test_where_reads_lag_a_refusal_isn_t_believed_before_the_lag_is_over() -> None:
    """Somebody else was quicker, and this system shows it only half a minute later."""

    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        raise Refused("refused", "not in this state")

    mill = Mill({"a": "running"}, lag=30, on_act=refuse)
    mill.on_read = lambda mill, _number: mill.states.update(a="held") if mill.clock.now() > 1025 else None

    assert only(converge(mill, "paused")).reached
    assert len(mill.writes) == 1


def test_a_task_that_keeps_moving_and_refusing_gets_three_actions_at_most() -> None:
    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        raise Refused("refused", "not in this state")

    mill = Mill({"a": "running"}, on_act=refuse)
    mill.on_read = lambda mill, number: mill.states.update(a=["running", "jammed"][number % 2])

    assert failure_of(only(converge(mill, "stopped"))).code == "refused"
    assert len(mill.writes) == 3


def test_one_task_that_can_t_be_read_doesn_t_hold_up_the_others() -> None:
    class Halting(Mill):
        def read(self, ids: Sequence[str]) -> dict[str, Observation]:
            if self.writes and ids == ["a"]:
                raise Failure("permission", "a is none of yours")
            return super().read(ids)

    mill = Halting({"a": "running", "b": "running"}, read_size=1)
    run = converge(mill, "paused", pace=PATIENT)

    assert run.tasks[1].reached
    assert failure_of(run.tasks[0]).message.endswith("hold was sent): a is none of yours")


def test_a_refusal_from_before_a_new_login_is_tried_once_more() -> None:
    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if mill.logins == 0:
            raise Refused("refused", "who are you")
        return None

    mill = Mill({"a": "running"}, on_act=refuse)
    mill.on_read = lambda mill, number: setattr(mill, "logins", 1) if number == 2 else None

    assert only(converge(mill, "paused")).reached
    assert len(mill.writes) == 2


def test_a_throttled_action_is_sent_again_a_little_later() -> None:
    mill = lose_first(TryLater("rate_limited", "slow down"), takes_hold=False)

    task = only(converge(mill, "paused"))

    assert len(mill.writes) == 2 and mill.clock.now() == pytest.approx(1001)
    assert task.reached


def test_one_call_may_carry_many_tasks_and_report_on_each() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        for id_ in ids:
            if id_ != "b":
                mill.take(action, id_)
        return {"b": Refused("refused", "b is locked")} if "b" in ids else {}

    mill = Mill({"a": "running", "b": "running", "c": "running"}, act_size=2, on_act=act)
    run = converge(mill, "paused")

    assert mill.writes == [("hold", "a", "b"), ("hold", "c")]
    assert [task.reached for task in run.tasks] == [True, False, True]
    assert failure_of(run.tasks[1]).message == "b is locked"


def test_wrong_credentials_end_the_run_at_once_for_all() -> None:
    def refuse(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        raise Unauthorized("authentication", "the key is locked")

    mill = Mill({"a": "running", "b": "running"}, on_act=refuse)
    run = converge(mill, "paused")

    assert mill.journal == [("read", "a", "b"), ("hold", "a")]
    assert [failure_of(task).code for task in run.tasks] == ["authentication", "authentication"]


# Concurrency


def test_no_more_actions_are_under_way_than_allowed_and_they_do_run_side_by_side() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    together = threading.Barrier(3, timeout=5)

    def slow(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1
        return None

    run = converge(Mill({str(number): "running" for number in range(9)}, on_act=slow), "paused", pace=RunSettings(concurrency=3))

    assert most == 3
    assert all(task.reached for task in run.tasks)


def test_what_couldn_t_be_sent_in_time_is_told_to_be_unsent() -> None:
    def slow(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.clock.sleep(40)
        return None

    mill = Mill({"a": "running", "b": "running"}, clock=FakeClock(), on_act=slow)
    run = converge(mill, "paused", pace=RunSettings(wait_timeout=30, concurrency=1))

    assert mill.writes == [("hold", "a")]
    assert run.tasks[0].reached
    assert failure_of(run.tasks[1]).message.endswith("nothing was sent); look at it in the mill, or raise wait_timeout")


# What has to be seen for some seconds, and what works on for some


STEADY = StateTable("the mill", [state._replace(steady=3.0) if state.spelling == "held" else state for state in MILL.states])


@dataclass
class SlowMill(Mill):
    """What it stops works on for a quarter of a minute."""

    lingers: ClassVar[Mapping[str, float]] = {"stop": 15.0}


def test_a_state_that_has_to_be_steady_takes_a_second_look_and_none_between() -> None:
    mill = Mill({"a": "running"}, table=STEADY)

    task = only(converge(mill, "paused"))

    assert task.reached and mill.clock.time == 1003.0
    assert mill.journal == [("read", "a"), ("hold", "a"), ("read", "a"), ("read", "a")]


def test_one_that_was_found_so_has_to_be_steady_too_and_nothing_is_sent() -> None:
    mill = Mill({"a": "held"}, table=STEADY)

    task = only(converge(mill, "paused"))

    assert (task.reached, task.changed, mill.clock.time, mill.writes) == (True, False, 1003.0, [])


def test_what_leaves_the_state_before_that_has_to_be_steady_anew() -> None:
    def leave(mill: Mill, number: int) -> None:
        if number == 3:
            mill.states["a"] = "running"

    mill = Mill({"a": "running"}, table=STEADY, on_read=leave)
    task = only(converge(mill, "paused"))

    assert task.reached and mill.writes == [("hold", "a")] * 2 and mill.clock.time >= 1006.0


def test_a_state_that_was_not_steady_long_enough_is_not_claimed_and_that_is_told() -> None:
    task = only(converge(Mill({"a": "running"}, table=STEADY), "paused", pace=RunSettings(wait_timeout=2)))

    assert not task.reached and "it hadn't stayed in that state for long enough" in failure_of(task).message


def test_without_waiting_what_was_found_so_counts_and_what_was_just_sent_does_not() -> None:
    found, sent = converge(Mill({"a": "held", "b": "running"}, table=STEADY), "paused", pace=RunSettings(wait=False)).tasks

    assert (found.reached, sent.reached, sent.changed) == (True, False, True)


def test_check_mode_foretells_a_steady_state_from_one_look() -> None:
    mill = Mill({"a": "held"}, table=STEADY)

    run = converge(mill, "paused", check_mode=True)

    assert mill.journal == [("read", "a")] and run.predict(only(run)).reached


def test_while_others_are_on_their_way_what_is_steady_is_looked_at_with_them() -> None:
    table = StateTable("the mill", [*STEADY.states[:-1], STEADY.states[-1]._replace(paused=Act("hold", "held"))])
    mill = Mill({"a": "running", "b": "jammed"}, table=table)

    run = converge(mill, "paused")

    assert all(task.reached for task in run.tasks) and mill.clock.time == 1003.0


def test_what_was_ended_has_its_time_to_end_before_that_is_claimed() -> None:
    mill = SlowMill({"a": "running"})

    assert only(converge(mill, "stopped")).reached and mill.clock.time == 1015.0


def test_what_was_ended_by_nobody_here_is_claimed_at_once() -> None:
    mill = SlowMill({"a": "stopped"})

    assert only(converge(mill, "stopped")).reached and mill.clock.time == 1000.0


def test_an_end_whose_answer_is_lost_has_its_time_too() -> None:
    def lose(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.take(action, ids[0])
        raise AnswerLost("timeout", "no answer")

    mill = SlowMill({"a": "running"}, on_act=lose)

    assert only(converge(mill, "stopped")).reached and mill.clock.time == 1015.0


def test_a_drained_task_that_comes_to_wait_for_its_next_turn_is_held_before_that() -> None:
    def end(mill: Mill, _number: int) -> None:
        if mill.clock.time > 1010 and mill.states["a"] == "running":
            mill.states["a"] = "queued"

    mill = Mill({"a": "running"}, on_read=end)
    task = only(converge(mill, "paused", pace=RunSettings(drain=600)))

    assert task.reached and mill.writes == [("hold", "a")] and mill.clock.time < 1020


# What an action does beside


class ExplainingMill(Mill):
    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        effects = {"release": "the grain falls", "hold": ""}
        return {id_: seen._replace(effects=effects) for id_, seen in super().read(ids).items()}


def test_what_an_action_does_beside_is_told_in_the_plan_and_in_the_end() -> None:
    planned = only(converge(ExplainingMill({"a": "held"}), "started", check_mode=True))
    done = only(converge(ExplainingMill({"a": "held"}), "started"))

    assert planned.effects_note == done.effects_note == "the grain falls"
    assert planned.note == done.note == "the grain falls"


def test_nothing_is_told_where_nothing_is_done_beside_or_nothing_is_sent() -> None:
    held, running = converge(ExplainingMill({"a": "running"}), "paused"), converge(ExplainingMill({"a": "running"}), "started")

    assert only(held).note == only(running).note == ""
