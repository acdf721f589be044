# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine makes of a refusal: whose doing is it if the task goes where the action leads, and what is told when the time is up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._converge import Convergence
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import AnswerLost, Failure, Postponed, Refused, TryLater
from ansible_collections.taskops.quiesce.plugins.module_utils._results import task_row
from ansible_collections.taskops.quiesce.plugins.module_utils._task_run import Memory, Pending, RunSettings, Task

from tests.unit.support import Mill, converge

Act = Callable[[Mill, str, Sequence[str]], "Mapping[str, Failure] | None"]


def only(run: Convergence) -> Task:
    (task,) = run.tasks
    return task


def refusal(*, is_conclusive: bool, code: str = "refused", kind: type[Refused] = Refused) -> Refused:
    refused = kind(code, "not in this state", vendor_code="M.12", http_status=409, request_id="r-1")  # type: ignore[arg-type]
    refused.is_conclusive = is_conclusive
    return refused


def refusing(is_conclusive: bool, *, takes_hold: bool, after: float = 0.0) -> Mill:
    """A mill that refuses each action. With `takes_hold` the task goes where the first one leads, so many seconds later."""

    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if takes_hold and not after:
            mill.take(action, ids[0])
        raise refusal(is_conclusive=is_conclusive)

    mill = Mill({"a": "running"}, on_act=act)
    if after:
        mill.on_read = lambda mill, _number: mill.states.update(a="held") if mill.clock.now() >= 1000 + after else None
    return mill


# A refusal that may be that of a second copy


@pytest.mark.parametrize("after", [0.0, 8.0], ids=["at once", "late"])
def test_what_goes_where_the_action_leads_is_this_run_s_and_that_is_told(after: float) -> None:
    mill = refusing(False, takes_hold=True, after=after)

    task = only(converge(mill, "paused"))

    assert mill.writes == [("hold", "a")]
    assert (task.reached, task.changed, task.actions, task.error) == (True, True, ["hold"], None)
    assert task.note == (
        "the hold of task a was refused, and yet it's held, where that leads (not in this state); "
        "a proxy on the way may have sent it twice, so that this counts as a change of this run"
    )


def test_what_is_on_its_way_there_is_this_run_s_too() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "stopping"
        raise refusal(is_conclusive=False)

    mill = Mill({"a": "running"}, on_act=act)
    mill.on_read = lambda mill, number: mill.states.update(a="stopped") if number > 3 else None

    task = only(converge(mill, "stopped"))

    assert task.reached and task.changed and task.actions == ["stop"] and mill.writes == [("stop", "a")]


def test_what_ended_by_itself_is_not_this_run_s() -> None:
    """The usual reason of an honest refusal: the task has run to its end meanwhile."""

    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "done"
        raise refusal(is_conclusive=False)

    task = only(converge(Mill({"a": "running"}, on_act=act), "stopped"))

    assert task.reached and not task.changed
    assert task.note.endswith(
        "and then it was done, which it may have reached by itself or through a first copy of the request; it counts as unchanged here"
    )


def test_a_lost_action_that_somebody_else_went_on_with_is_this_run_s() -> None:
    """Found by the search (seed 20261128): stopped by us, frozen by the vendor right then, and nobody looked in between."""

    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "stopping"
        raise AnswerLost("connection", "it broke")

    mill = Mill({"a": "queued"}, on_act=act)
    mill.on_read = lambda mill, number: mill.states.update(a="stopped") if number > 3 else None

    task = only(converge(mill, "paused", if_unpausable="stop"))

    assert task.reached and task.changed and task.actions == ["hold"]


def test_in_the_old_state_it_stands_once_a_lost_action_would_have_shown() -> None:
    mill = refusing(False, takes_hold=False)

    task = only(converge(mill, "paused"))

    assert mill.writes == [("hold", "a")] and mill.clock.now() >= 1000 + mill.settle
    assert task.error is not None and task.error.details() == {
        "code": "refused",
        "vendor_code": "M.12",
        "http_status": 409,
        "request_id": "r-1",
    }
    assert not task.changed and task.actions == []


def test_until_then_the_action_is_named_since_it_may_have_taken_hold() -> None:
    task = only(converge(refusing(False, takes_hold=False), "paused", pace=RunSettings(wait_timeout=3)))

    assert task.actions == ["hold"] and not task.changed
    assert task.error is not None and task.error.code == "refused"


def test_of_a_throttled_one_the_same_holds() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.take(action, ids[0])
        raise refusal(is_conclusive=False, code="rate_limited", kind=TryLater)

    task = only(converge(Mill({"a": "running"}, on_act=act), "paused"))

    assert task.reached and task.changed and task.actions == ["hold"]


def test_without_waiting_it_is_followed_up_too() -> None:
    task = only(converge(refusing(False, takes_hold=True, after=2.0), "paused", pace=RunSettings(wait=False)))

    assert task.reached and task.changed


def test_what_an_earlier_run_was_refused_so_is_this_one_s_to_find_out() -> None:
    mill = Mill({"a": "held"})
    first = Mill({"a": "running"}).read(["a"])["a"]
    sent = Pending("hold", "paused", first, 2.0, refusal(is_conclusive=False))
    base = converge(Mill({"a": "held"}), "paused")
    run = Convergence(
        mill,
        ["a"],
        base._policy,
        RunSettings(),
        mill.clock,
        base._deadline,
        memories={"a": Memory(first, ("hold",), sends=1, sent=sent)},
    )
    run.run()

    assert only(run).reached and only(run).changed and mill.writes == []
    assert run.remember(only(run)).remark == only(run).note != ""


# One that no gateway may have caused


def test_a_conclusive_one_leaves_the_change_to_somebody_else_and_tells_it() -> None:
    """HTTP forbids a gateway to send a POST twice by itself, and one may be set to do it all the same."""
    task = only(converge(refusing(True, takes_hold=True), "paused"))

    assert task.reached and not task.changed and task.actions == []
    assert task.note.endswith("somebody else did that, or a gateway on the way sent the request twice; it counts as unchanged here")


def test_what_would_have_got_there_anyway_proves_nothing_either_way() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.states["a"] = "stopped"
        raise refusal(is_conclusive=False)

    task = only(converge(Mill({"a": "stopping"}, on_act=act), "stopped", grants=["force"]))

    assert task.reached and not task.changed and task.note == ""


# When the time is up


def test_a_refusal_that_is_held_back_for_the_lag_keeps_its_code_when_the_time_is_up() -> None:
    mill = replace(refusing(True, takes_hold=False), lag=30.0)

    task = only(converge(mill, "paused", pace=RunSettings(wait_timeout=5)))

    assert task.error is not None and task.error.details() == {
        "code": "refused",
        "vendor_code": "M.12",
        "http_status": 409,
        "request_id": "r-1",
    }
    assert task.error.message == (
        "task a was last seen running and not paused when the time was up (5 s of wait_timeout; hold was refused): not in this state"
    )


def test_a_throttle_that_lasts_to_the_end_is_told_as_one() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        mill.clock.sleep(2)
        raise TryLater("rate_limited", "slow down", http_status=429)

    task = only(converge(Mill({"a": "running"}, on_act=act), "paused", pace=RunSettings(wait_timeout=3)))

    assert task.error is not None and task.error.code == "rate_limited" and "when the time was up" in task.error.message


def test_a_lost_answer_stays_a_timeout_when_the_time_is_up() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        raise AnswerLost("connection", "it broke", http_status=502)

    task = only(converge(Mill({"a": "running"}, on_act=act), "paused", pace=RunSettings(wait_timeout=3)))

    assert task.error is not None and task.error.details() == {"code": "timeout"}


# Not sent yet


def test_what_the_server_puts_off_is_sent_when_its_time_has_come_and_counts_as_no_sending() -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        if mill.clock.now() < 1400:
            later = Postponed("rate_limited", "not before 400 s")
            later.after = 1400 - mill.clock.now()
            raise later
        return None

    mill = Mill({"a": "running"}, on_act=act)
    task = only(converge(mill, "paused", pace=RunSettings(wait_timeout=7200, poll_interval=60)))

    assert task.reached and task.changed and task.sends == 1
    assert 1400 <= mill.clock.now() < 1401


@pytest.mark.parametrize("wait", [True, False])
def test_what_is_put_off_to_the_end_was_never_sent(wait: bool) -> None:
    def act(mill: Mill, action: str, ids: Sequence[str]) -> Mapping[str, Failure] | None:
        later = Postponed("rate_limited", "not before an hour has passed")
        later.after = 3600.0
        raise later

    task = only(converge(Mill({"a": "running"}, on_act=act), "paused", pace=RunSettings(wait=wait, wait_timeout=60)))

    assert task.error is not None and task.error.code == "rate_limited" and not task.changed and task.actions == []
    assert "nothing was sent): not before an hour has passed" in task.error.message


# Check mode without waiting


@pytest.mark.parametrize("state", ["queued", "held", "running", "stopping", "stopped", "done", "broken", "jammed"])
@pytest.mark.parametrize("wish", ["paused", "started", "stopped"])
@pytest.mark.parametrize("wait", [True, False])
def test_check_mode_tells_what_the_run_then_does(state: str, wish: str, wait: bool) -> None:
    def move_on(mill: Mill, number: int) -> None:
        if number > 1:
            mill.states["a"] = {"queued": "running", "stopping": "stopped", "jammed": "running"}.get(mill.states["a"], mill.states["a"])

    pace = RunSettings(wait=wait)
    predicted = converge(Mill({"a": state}), wish, check_mode=True, pace=pace)  # type: ignore[arg-type]
    real = converge(Mill({"a": state}, on_read=move_on), wish, pace=pace)  # type: ignore[arg-type]

    told = ("action", "changed", "reached", "after", "vendor_after")
    foretold, done = task_row(predicted, only(predicted), True), task_row(real, only(real), False)
    assert {key: foretold[key] for key in told} == {key: done[key] for key in told}
