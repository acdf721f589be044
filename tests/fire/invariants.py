# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants. Each checks a run and its world, and its failure message contains the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .client import Run
from .storm import TIMEOUT
from .system import GONE, Sight
from .world import Exchange, World

Row = Mapping[str, Any]
ROUNDING = 0.02
SENDS = 3


def check_invariants(run: Run, world: World) -> None:
    """Check all of them."""
    each_task_is_in_the_result_exactly_once(run)
    each_task_has_one_fate(run)
    the_summary_counts_the_rows(run)
    check_mode_writes_nothing(run)
    it_ends_within_the_deadline_plus_one_exchange(run)
    no_other_task_is_addressed(run)
    nothing_is_sent_once_a_plan_is_impossible(run)
    for row in run.rows:
        reached_is_what_the_emulator_was_at_the_last_read(run, world, row)
        vendor_states_were_read(run, row)
        a_state_is_unknown_only_if_no_page_lists_it(run, row)
        no_action_on_a_task_that_was_seen_satisfied(run, row)
        no_action_twice_while_the_first_could_still_take_effect(run, world, row)
        each_action_is_named(run, row)
        changes_are_reported(run, row)
        changed_is_an_accepted_action_or_a_state_that_moved(run, row)


def each_task_is_in_the_result_exactly_once(run: Run) -> None:
    """(c), in the given order. If the option names the container of the tasks, the tasks are those of its first whole list. A run that got
    no list names no task.
    """
    ids, asked = [row["id"] for row in run.rows], run.storm.asked
    if run.storm.system.holder:
        first: Mapping[str, Sight] = next((exchange.shown for exchange in run.exchanges if exchange.shown is not None), {})
        ids, asked = sorted(ids), sorted(id_ for id_, sight in first.items() if sight != GONE)
    assert ids == asked, f"asked for {asked}, got {ids}"


def each_task_has_one_fate(run: Run) -> None:
    for row in run.rows:
        assert not (row["reached"] and "error" in row), f"{row} is reached and has failed"
        if not run.result.get("failed"):
            assert "error" not in row
            waits = run.storm.options["wait"] and not run.check
            skipped = run.storm.if_unpausable == "skip" or run.storm.options["drain"] > 0
            assert row["reached"] or skipped or not waits, f"{row} has no fate"
    if run.result.get("failed"):
        assert not run.rows or any("error" in row for row in run.rows), "a failure that no task has"
        assert run.result["failure"]["code"] and run.result["msg"].endswith(".")


def the_summary_counts_the_rows(run: Run) -> None:
    if run.storm.system.holder and not run.rows:
        assert run.result["failed"] and not run.result["changed"], "a run that doesn't know its tasks can't succeed"
        return
    summary = run.result["summary"]
    assert summary["total"] == len(run.rows)
    assert summary["reached"] == sum(row["reached"] for row in run.rows)
    assert summary["changed"] == sum(row["changed"] for row in run.rows)
    assert summary["failed"] == sum("error" in row for row in run.rows)
    assert run.result["changed"] == any(row["changed"] for row in run.rows)


def reached_is_what_the_emulator_was_at_the_last_read(run: Run, world: World, row: Row) -> None:
    """(a) A reached task was shown in a state that satisfies the desired state after its last action, and it really was in it: at that
    moment or, if the system's reads lag, at some moment before. (A lag that a lie of the emulator causes is longer than a client can know.)
    The last read is the last one that judged this task: a reached task isn't read again while the run waits for others.
    """
    if run.check or not row["reached"]:
        return
    writes = [write for write in run.writes_to(row["id"]) if not _is_side_effect_of_batch(run, row, write)]
    after = writes[-1].number if writes else -1
    looks = [(exchange, _sight(exchange, row["id"])) for exchange in run.exchanges if exchange.number > after]
    shown = [exchange for exchange, sight in looks if sight and sight.native == row["vendor_after"] and _is_satisfied(run, row, sight)]
    assert shown, f"{row} is reached, and was shown as {[sight for _exchange, sight in looks]} since the last action on it"
    if _lags(run):
        return
    true = [exchange.true.get(row["id"], GONE) for exchange in shown]
    assert any(_is_satisfied(run, row, sight) for sight in true), f"{row} is reached, and truly was {true}"


def vendor_states_were_read(run: Run, row: Row) -> None:
    """An answer of this run contained the vendor state in `vendor_before` and, outside check mode, in `vendor_after`."""
    if row["before"] == "unknown" and row["vendor_before"] is None:
        return
    seen = [sight.native for exchange in run.exchanges if (sight := _sight(exchange, row["id"])) is not None]
    assert row["vendor_before"] in seen, f"{row} tells what no answer did: {seen}"
    assert run.check or row["vendor_after"] in seen, f"{row} tells what no answer did: {seen}"


def a_state_is_unknown_only_if_no_page_lists_it(run: Run, row: Row) -> None:
    """A state is `unknown` only if the vendor's page doesn't list it, in any of its spellings."""
    if row.get("error", {}).get("code") == "unknown_state":
        labels = [sight.label for exchange in run.exchanges if (sight := _sight(exchange, row["id"])) is not None]
        assert labels[-1] not in run.storm.system.known, f"{row} doesn't know the state {labels[-1]}"


def no_action_on_a_task_that_was_seen_satisfied(run: Run, row: Row) -> None:
    """(b), first half: the last whole answer before the action that showed the task decides."""
    for write in run.writes_to(row["id"]):
        if _is_side_effect_of_batch(run, row, write):
            continue
        sight = _last_sight(run, row["id"], write)
        assert sight is not None, f"{write.call} was sent before {row['id']} had been seen"
        desired, label = run.storm.desired, sight.label
        assert not run.storm.system.satisfies(desired, label, "fail"), f"{write.call} was sent though {row['id']} was {label}"


def no_action_twice_while_the_first_could_still_take_effect(run: Run, world: World, row: Row) -> None:
    """(b), second half, by the true state and by the contract.

    By the true state: an action isn't sent while the system still executes the same action, unless a change by somebody else looks like its
    effect. It isn't sent after its effect, unless the task has since been in a state that requires it again. An effect that shows later
    than the settle time, after a lost answer, can't be known by a client.

    By the contract (DESIGN, lost answers): after a lost answer, the same action isn't sent before another state was shown or the settle
    time has passed. No action is sent more than three times. An action sent to an interrupted task can't affect its restart, which is a
    task of its own.
    """
    system, writes = run.storm.system, run.writes_to(row["id"])
    for later in writes:
        same = [write for write in writes if write.action == later.action and write.wire(row["id"]) == later.wire(row["id"])]
        for earlier in [write for write in same if write.number < later.number]:
            if earlier.status in system.renews_at or earlier.kind == "expire_token":
                continue
            since: list[Mapping[str, Any]] = []
            if row["id"] in earlier.taken and row["id"] in earlier.stories:
                since = list(world.stories().get(row["id"], []))[earlier.stories[row["id"]] - 1 :]
            # If only the answer is late, the system no longer executes the action.
            is_over = (earlier.ended is not None and earlier.ended <= later.begun) or bool(since and since[0]["at"] <= later.begun)
            is_known = not is_over and not _was_moved_by_others(run, row, earlier, later)
            assert not is_known, f"{later.call} was sent while the first was still being worked on"
            if since:
                states = [str(part[system.history_word]) for part in since if part["at"] <= later.begun]
                again = not states or any(state in system.accepts[earlier.action] for state in states)
                again = again or _shows_after_settle_time(run, earlier, since[0]["at"]) or _needs_action_again(run, row, later)
                assert again, f"{later.call} was sent though the first had taken hold: since then {states}"
            if not earlier.is_clear and earlier.kind not in ("rate_limit",) and not _is_refusal(earlier):
                ended = min(earlier.ended or earlier.begun + TIMEOUT, earlier.begun + TIMEOUT)
                settled = later.begun >= ended + system.settle - ROUNDING
                assert settled or _has_moved(run, row["id"], earlier, later), f"{later.call} was repeated after {later.begun - ended:.1f} s"
    for action in {write.action for write in writes}:
        sent = [
            write for write in writes if write.action == action and write.kind != "expire_token" and write.status not in system.renews_at
        ]
        assert len(sent) <= SENDS, f"{action} was sent {len(sent)} times"


def each_action_is_named(run: Run, row: Row) -> None:
    """No task is changed without being named: the row contains each action that the emulator accepted, and each action in the row
    was sent.
    """
    if run.check:
        return
    named = [] if row["action"] == "none" else row["action"].split(", ")
    writes = run.writes_to(row["id"])
    for write in writes:
        if _is_side_effect_of_batch(run, row, write):
            continue
        assert row["id"] not in write.taken or write.action in named, f"{write.call} took hold, and {row} doesn't say so"
        taken = row["id"] in write.taken and write.is_clear and write.kind not in ("expire_token", "repeat")
        assert not taken or row["changed"], f"{write.call} was accepted, and {row} says that nothing changed"
    for action in named:
        assert any(write.action == action for write in writes), f"{row} names {action}, which wasn't sent"
    assert not row["changed"] or named, f"{row} has changed by nothing"


def changes_are_reported(run: Run, row: Row) -> None:
    """The run reports each of its changes, whatever happened to the answer, so that a window puts it back, as soon as the task was shown in
    the desired state. Before that, nobody can know it, and a failed row names the action nevertheless. If the second copy of an action was
    refused, the task has to be shown in a state to which only that action leads: a task that ends by itself refuses a stop, too.
    """
    taken = [
        write
        for write in run.writes_to(row["id"])
        if row["id"] in write.taken
        and not _is_side_effect_of_batch(run, row, write)
        and (write.kind != "repeat" or _leads_to_shown_state(run, row, write))
    ]
    if not run.check and row["reached"] and taken and _has_moved(run, row["id"], taken[0], None):
        assert row["changed"], f"{row} isn't changed, and {[write.call for write in taken]} took hold"


def changed_is_an_accepted_action_or_a_state_that_moved(run: Run, row: Row) -> None:
    """A lost answer alone doesn't make a task `changed`."""
    if run.check or not row["changed"]:
        return
    writes = run.writes_to(row["id"])
    # Some vendors accept without a body, so an empty body is an answer, too.
    accepted = any((write.is_clear and row["id"] in write.accepted) or write.kind == "empty" for write in writes)
    assert accepted or _has_moved(run, row["id"], writes[0], None), f"{row} has changed, and no answer says so"


def it_ends_within_the_deadline_plus_one_exchange(run: Run) -> None:
    """(d)"""
    took = run.ended - run.begun
    assert took <= run.storm.longest + TIMEOUT + ROUNDING, f"it took {took:.2f} s of {run.storm.longest}"


def check_mode_writes_nothing(run: Run) -> None:
    """(e)"""
    assert not run.check or not run.writes, f"check mode sent {[write.call for write in run.writes]}"


def nothing_is_sent_once_a_plan_is_impossible(run: Run) -> None:
    """Plan first: an unknown task ends a run before anything is sent, and a run that reports that has sent nothing."""
    asks_for_nobody = len(run.storm.asked) > len(run.storm.fleet)
    if asks_for_nobody or "nothing was changed" in run.result.get("msg", ""):
        assert not run.writes and not run.result["changed"], f"{[write.call for write in run.writes]} were sent all the same"


def no_other_task_is_addressed(run: Run) -> None:
    """Each action addresses requested tasks only, and at least one of them."""
    asked = {row["id"] for row in run.rows}
    for write in run.writes:
        assert write.targets, f"{write.call} was sent, and no task had been seen in a state that asks for it"
        assert asked >= {*write.targets}, f"{write.call} is about {write.targets}, and asked for were {sorted(asked)}"


def what_was_stopped_stays_so(run: Run, world: World) -> None:
    """(a), checked later: a task that was interrupted in this run isn't reported as stopped while its system may restart it. Tasks that
    were already interrupted at the start have had their time. A restart by the system comes within `comes_back` seconds.
    """
    system = run.storm.system
    if run.check or not system.comes_back:
        return
    for row in run.rows:
        looks = [(exchange, sight) for exchange in run.exchanges if (sight := _sight(exchange, row["id"]))]
        if not row["reached"] or not looks or looks[-1][1].label != "Stalled" or run.storm.desired == "started":
            continue
        if all(sight.label == "Stalled" for _exchange, sight in looks):
            continue
        since = next(exchange.begun for exchange, sight in looks if sight == looks[-1][1])
        again = [part for part in world.stories().get(row["id"], ()) if str(part["cause"]).startswith("restart of")]
        late = [part for part in again if run.ended < part["at"] < since + system.comes_back]
        assert not late, f"{row} was reported as stopped, and then came {late}"


def a_second_run_changes_nothing(again: Run, *, moved: bool) -> None:
    """(f) It may fail only if a task has `moved` by itself in the meantime, such as a queued one that is rejected."""
    assert not again.writes, f"the second run sent {[write.call for write in again.writes]}"
    assert not again.result["changed"], "the second run says that it changed something"
    assert moved or not again.result.get("failed"), f"the second run fails: {again.result.get('msg')}"


def _leads_to_shown_state(run: Run, row: Row, write: Exchange) -> bool:
    """Whether the first later answer with a changed state showed a state to which the action leads."""
    old = _last_sight(run, row["id"], write)
    since = [_sight(exchange, row["id"]) for exchange in run.exchanges if exchange.number > write.number]
    moved = next((sight for sight in since if sight not in (None, old)), None)
    return moved is not None and moved.label in run.storm.system.leads.get(write.action, ())


def _is_satisfied(run: Run, row: Row, sight: Sight) -> bool:
    # A task that was stopped and then vanished from the list doesn't run.
    stopped = run.storm.desired == "stopped" or run.storm.if_unpausable == "stop"
    gone = sight == GONE and stopped and row["action"] != "none"
    return gone or run.storm.system.satisfies(run.storm.desired, sight.label, run.storm.if_unpausable)


def _is_side_effect_of_batch(run: Run, row: Row, write: Exchange) -> bool:
    """Whether one call for all tasks of a batch affected a task that was seen in the desired state and no longer was in it. VIAS has no
    call for only the others (page `huawei_vias`, section 5), and nobody can read all tasks and act at the same moment.
    """
    system, seen = run.storm.system, _last_sight(run, row["id"], write)
    if not system.holder or write.call.ids != (system.holder,) or seen is None:
        return False
    was_right = system.satisfies(run.storm.desired, seen.label, run.storm.if_unpausable)
    return was_right and write.true.get(row["id"], GONE).label != seen.label


LAGS = ("change_delay", "list_lag", "stale_reads", "sampling_interval")


def _lags(run: Run) -> bool:
    return any(name in run.storm.lie for name in LAGS)


def _shows_after_settle_time(run: Run, write: Exchange, taken: float) -> bool:
    """Whether the answer was lost and the action took effect so late that lagging reads show it only after the settle time."""
    lag = max((value for name in LAGS if isinstance(value := run.storm.lie.get(name), (int, float))), default=0)
    return not write.is_clear and taken + lag > write.begun + TIMEOUT + run.storm.system.settle - ROUNDING


def _sight(exchange: Exchange, id_: str) -> Sight | None:
    """The task as a whole answer showed it."""
    return None if exchange.shown is None else exchange.shown.get(id_)


def _last_sight(run: Run, id_: str, before: Exchange) -> Sight | None:
    seen = [sight for exchange in run.exchanges if exchange.number < before.number and (sight := _sight(exchange, id_))]
    return seen[-1] if seen else None


def _has_moved(run: Run, id_: str, earlier: Exchange, later: Exchange | None) -> bool:
    """Whether an answer between these two, or since, showed another state than before the first action."""
    old = _last_sight(run, id_, earlier)
    end = later.number if later else run.exchanges[-1].number + 1
    between = [exchange for exchange in run.exchanges if earlier.number < exchange.number < end]
    return any(sight not in (None, old) for sight in (_sight(exchange, id_) for exchange in between))


def _needs_action_again(run: Run, row: Row, later: Exchange) -> bool:
    """Whether the task was shown in a state whose word satisfies the desired state although it isn't reached: stopped, with a plan that
    starts it again.
    """
    sight, system, desired = _last_sight(run, row["id"], later), run.storm.system, run.storm.desired
    return sight is not None and system.satisfies(desired, str(sight.native), "fail") and not system.satisfies(desired, sight.label, "fail")


def _was_moved_by_others(run: Run, row: Row, earlier: Exchange, later: Exchange) -> bool:
    """Whether somebody else moved the task after the answer was lost, which looks like an effect of the action."""
    return not earlier.is_clear and bool(run.storm.outsiders) and _has_moved(run, row["id"], earlier, later)


def _is_refusal(exchange: Exchange) -> bool:
    """Whether the answer proves that the action had no effect: throttled, or forbidden by a proxy."""
    return exchange.fault is not None and (
        exchange.fault.get("status") in (403, 407) or "headers" in exchange.fault or exchange.kind == "no_tunnel"
    )
