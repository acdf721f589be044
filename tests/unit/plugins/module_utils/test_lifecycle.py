# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decision: what has to be done with a task that was observed so, and why."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import (
    DESIRED_STATES,
    Act,
    Cannot,
    Decision,
    DesiredState,
    Done,
    IfUnpausable,
    Observation,
    Policy,
    Skip,
    State,
    StateTable,
    Wait,
    decide,
    obstacle_to_restore,
)
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS
from ansible_collections.taskops.quiesce.plugins.module_utils._vendor import Vendor
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors._iotda_states import DEVICES
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.support import MILL


def decided(
    state: object, wish: DesiredState, if_unpausable: IfUnpausable = "fail", grants: tuple[str, ...] = (), **facts: object
) -> Decision:
    return decide(MILL, Observation("t1", state, facts=facts), Policy(wish, if_unpausable, grants))


def test_a_task_in_the_wanted_state_is_done() -> None:
    assert decided("held", "paused").step == Done()


@pytest.mark.parametrize("word_of", ["stopped", "done", "broken"])
def test_stopped_is_satisfied_by_every_end(word_of: str) -> None:
    assert isinstance(decided(word_of, "stopped").step, Done)


@pytest.mark.parametrize("word_of", ["running", "queued", "done"])
def test_started_is_satisfied_by_running_waiting_and_completed(word_of: str) -> None:
    assert isinstance(decided(word_of, "started").step, Done)


def test_stopped_doesn_t_count_as_paused_unless_the_vendor_s_stop_keeps_the_task() -> None:
    keeps = StateTable("it", [State(spelling="off", word="stopped", meaning="", started=Done())], also={"paused": {"stopped"}})

    assert isinstance(decided("stopped", "paused").step, Cannot)
    assert decide(keeps, Observation("t1", "off"), Policy("paused")).step == Done()


def test_an_action_comes_with_where_it_leads() -> None:
    decision = decided("running", "paused")

    assert decision.step == Act("hold", "held")
    assert decision.actions == ("hold",)
    assert decision.arrives is not None and decision.arrives.spelling == "held"


def test_a_state_on_the_way_is_waited_for_and_the_plan_looks_further() -> None:
    decision = decided("stopping", "started")

    assert decision.step == Wait("stopped")
    assert decision.actions == ("start",)
    assert decision.arrives is not None and decision.arrives.word == "started"


def test_a_way_that_ends_in_an_impossible_state_is_impossible_from_its_beginning() -> None:
    table = StateTable(
        "it",
        [
            State(spelling="ending", word="stopping", meaning="", paused=Wait("over"), started=Wait("over"), stopped=Wait("over")),
            State(spelling="over", word="stopped", meaning="", paused=Cannot("{id} is over"), started=Cannot("{id} is over")),
        ],
    )

    assert decide(table, Observation("t1", "ending"), Policy("started")).step == Cannot("t1 is over")


def test_an_action_that_needs_an_option_waits_without_it() -> None:
    assert decided("stopping", "stopped").step == Wait("stopped")


def test_an_action_that_needs_an_option_is_taken_with_it() -> None:
    step = decided("stopping", "stopped", grants=("force",)).step

    assert isinstance(step, Act) and step.action == "kill"


def test_an_action_may_need_what_only_some_tasks_allow() -> None:
    seen = Observation("t1", "stopping", allows=frozenset({"force"}))

    step = decide(MILL, seen, Policy("stopped")).step

    assert isinstance(step, Act) and step.action == "kill"


# A system that can stop by force, kindly, or only with a licence.
WAYS = StateTable(
    "it",
    [
        State(
            spelling="on",
            word="started",
            meaning="",
            paused=Cannot("no"),
            stopped=Act("kill", "off", needs="force", otherwise=Act("stop", "off", needs="licence", otherwise=Cannot("buy one"))),
        ),
        State(spelling="off", word="stopped", meaning="", paused=Cannot("no"), started=Cannot("no")),
    ],
    advice="ask the porter",
)


@pytest.mark.parametrize(("grants", "action"), [(["force"], "kill"), (["licence"], "stop"), (["force", "licence"], "kill"), ([], None)])
def test_in_place_of_an_action_there_may_be_another_one_that_has_its_own_need(grants: list[str], action: str | None) -> None:
    step = decide(WAYS, Observation("t1", "on"), Policy("stopped", grants=grants)).step

    assert step == Cannot("buy one") if action is None else isinstance(step, Act) and step.action == action


def test_an_action_in_place_of_another_has_to_lead_to_a_state_too() -> None:
    elsewhere = Act("kill", "off", needs="force", otherwise=Act("stop", "nowhere"))

    with pytest.raises(ValueError, match="on leads to nowhere, which is no state"):
        StateTable("it", [State(spelling="on", word="started", meaning="", paused=Done(), stopped=elsewhere), *WAYS.states[1:]])


def test_a_system_may_have_its_own_advice_for_a_task_that_it_doesn_t_know() -> None:
    for table in (WAYS, WAYS.with_map({"running": "on"})):
        assert decide(table, Observation("t1", None), Policy("stopped")).step == Cannot("it knows no task t1; ask the porter", "not_found")


def test_states_that_a_spelling_alone_can_t_mean_aren_t_offered_for_mapping() -> None:
    table = StateTable(
        "it", [*WAYS.states, State(spelling="on, alone", wire="on", word="paused", meaning="", started=Done(), stopped=Done())]
    )

    step = decide(table, Observation("t1", "x"), Policy("stopped")).step

    assert isinstance(step, Cannot) and step.reason.endswith("one of on, off")
    with pytest.raises(Failure, match=r"known are on, off$"):
        table.with_map({"x": "y"})


def test_a_failed_task_isn_t_run_again_unasked() -> None:
    assert decided("broken", "started").step == Cannot("task t1 broke and isn't started again unasked")
    assert isinstance(decided("broken", "started", grants=("retry_failed",)).step, Act)


def test_an_action_that_needs_an_option_and_has_no_other_way_names_the_option() -> None:
    table = StateTable("it", [State(spelling="on", word="started", meaning="", paused=Act("hold", "on", needs="force"), stopped=Done())])

    step = decide(table, Observation("t1", "on"), Policy("paused")).step

    assert step == Cannot("task t1 is in state on, where hold is only sent with force: true")


def test_a_task_that_nobody_knows_is_not_found() -> None:
    step = decided(None, "stopped").step

    assert isinstance(step, Cannot) and step.code == "not_found"
    assert "the mill knows no task t1" in step.reason


def test_an_unknown_state_is_never_guessed_and_the_message_shows_how_to_map_it() -> None:
    step = decided("grinding", "stopped").step

    assert isinstance(step, Cannot) and step.code == "unknown_state"
    assert "grinding" in step.reason and "state_map" in step.reason


def test_a_mapped_spelling_is_known() -> None:
    table = MILL.with_map({"grinding": "running"})

    assert decide(table, Observation("t1", "grinding"), Policy("started")).step == Done()
    assert MILL.find("grinding") is None


def test_a_map_to_a_state_that_isn_t_known_is_refused_and_names_the_known_ones() -> None:
    with pytest.raises(Failure, match=r"grinding for spinning.*known are queued, held") as caught:
        MILL.with_map({"grinding": "spinning"})

    assert caught.value.code == "usage"


@pytest.mark.parametrize("meant", [["running"], {"running": 1}, None, True, 1.5, [["running"]], ""])
def test_a_map_to_something_that_is_no_state_is_refused(meant: Any) -> None:
    with pytest.raises(Failure, match="state_map takes grinding for") as caught:
        MILL.with_map({"grinding": meant})

    assert caught.value.code == "usage"


def test_a_map_to_a_row_for_which_more_has_to_be_seen_than_a_spelling_is_refused() -> None:
    """Such a row's sentences may tell what a task with the user's spelling doesn't have."""
    later = Done("it waits for {plan[time]}")
    rows = [
        State(spelling="on", word="started", meaning="", paused=Done(), stopped=Done()),
        State(spelling="on, later", wire="on", word="waiting", meaning="", paused=Done(), started=later, stopped=Done()),
    ]

    with pytest.raises(Failure, match=r"takes x for on, later, which it doesn't know; known are on$"):
        StateTable("it", rows).with_map({"x": "on, later"})


@pytest.mark.parametrize("facts", [{}, {"plan": "daily"}, {"plan": {}}, {"plan": ["daily"]}, {"plan": 7}])
def test_what_a_vendor_tells_in_another_shape_wasn_t_told(facts: dict[str, Any]) -> None:
    table = StateTable("it", [State(spelling="on", word="started", meaning="", paused=Cannot("it waits for {plan[time]}"), stopped=Done())])

    assert decide(table, Observation("t1", "on", facts=facts), Policy("paused")).step == Cannot("it waits for unknown")


def test_only_a_row_that_a_spelling_alone_can_mean_may_be_mapped_to_in_any_vendor_s_table() -> None:
    tables = [table for system in SYSTEMS.values() for table in (system.tables.values() or [system.table])] + [DEVICES]
    assert all(" " not in str(state.spelling) for table in tables for state in table.spelled)


def test_a_mapped_state_may_be_named_by_the_vendor_s_name() -> None:
    table = StateTable("it", [State(spelling=-1, name="RUNNING", word="started", meaning="", paused=Done(), stopped=Done())])

    assert table.with_map({"-7": "RUNNING"}).find(-7) is table.states[0]


def test_spellings_are_compared_after_the_vendor_s_own_folding() -> None:
    table = StateTable(
        "it",
        [State(spelling="In Progress", aliases=("nowRunning",), word="started", meaning="", paused=Done(), stopped=Done())],
        normalise=lambda text: text.lower().replace(" ", ""),
    )

    assert table.find("inProgress") is table.find("NowRunning") is table.states[0]


@pytest.mark.parametrize("state", ["stopped", "done", "broken", "jammed", "stopping"])
def test_what_can_t_be_paused_fails_by_default(state: str) -> None:
    assert isinstance(decided(state, "paused").step, Cannot)


def test_what_can_t_be_paused_is_stopped_on_the_user_s_word() -> None:
    assert decided("jammed", "paused", "stop").step == Act("stop", "stopped")
    assert decided("done", "paused", "stop").step == Done()


def test_what_can_t_be_paused_is_left_alone_on_the_user_s_word() -> None:
    assert decided("jammed", "paused", "skip").step == Skip("task t1 is jammed")


def test_what_can_be_paused_is_paused_whatever_is_said_for_the_others() -> None:
    assert decided("running", "paused", "stop").step == Act("hold", "held")


@pytest.mark.parametrize("if_unpausable", ["stop", "skip"])
def test_an_unknown_task_or_state_is_an_error_whatever_is_said_for_unpausable_ones(if_unpausable: IfUnpausable) -> None:
    assert isinstance(decided(None, "paused", if_unpausable).step, Cannot)
    assert isinstance(decided("grinding", "paused", if_unpausable).step, Cannot)


def test_a_sentence_holds_the_task_s_own_facts_in_one_line() -> None:
    assert decided("done", "started", yield_="three\nsacks {id}").step == Done("task t1 is done (three sacks {id})")


def test_a_fact_that_the_vendor_didn_t_send_leaves_a_gap_and_no_traceback() -> None:
    assert decided("done", "started").step == Done("task t1 is done (unknown)")


def test_a_table_with_a_hole_can_t_be_made() -> None:
    with pytest.raises(ValueError, match="no step from on to paused"):
        StateTable("it", [State(spelling="on", word="started", meaning="", stopped=Done())])


def test_a_table_that_leads_nowhere_can_t_be_made() -> None:
    with pytest.raises(ValueError, match="which is no state"):
        StateTable("it", [State(spelling="on", word="started", meaning="", paused=Act("hold", "held"), stopped=Done())])


@given(
    state=st.sampled_from([state.spelling for state in MILL.states]),
    desired_state=st.sampled_from(DESIRED_STATES),
    if_unpausable=st.sampled_from(["fail", "stop", "skip"]),
    grants=st.sets(st.sampled_from(["force", "retry_failed"])),
)
def test_following_the_decisions_leads_where_the_plan_said(
    state: str, desired_state: DesiredState, if_unpausable: IfUnpausable, grants: set[str]
) -> None:
    policy = Policy(desired_state, if_unpausable, grants)
    plan = decide(MILL, Observation("t1", state), policy)
    sent = []
    decision = plan
    for _step in MILL.states:
        if isinstance(decision.step, (Act, Wait)):
            sent += [decision.step.action] if isinstance(decision.step, Act) else []
            state = str(decision.step.arrives)
            decision = decide(MILL, Observation("t1", state), policy)

    assert isinstance(decision.step, (Cannot, Skip) if isinstance(plan.step, (Cannot, Skip)) else Done)
    assert tuple(sent) == plan.actions
    assert isinstance(plan.step, Cannot) or (plan.arrives is not None and plan.arrives.spelling == state)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))
def test_who_has_set_if_unpausable_is_not_advised_to_set_it(system: type[Vendor]) -> None:
    """Whatever a vendor's table says of what can't pause."""
    tables = system.tables.values() or [system.table]
    skipped = 0
    for table in tables:
        for state in table.states:
            seen = Observation("t1", state.wire or state.spelling, row=state.spelling)
            step = decide(table, seen, Policy("paused", "skip")).step
            if isinstance(step, Skip):
                skipped += 1
                assert "if_unpausable" not in step.reason and step.reason.strip() and step.reason[-1] not in ";:, ", step.reason
    assert bool(skipped) is any(isinstance(state.paused, Cannot) for table in tables for state in table.states)


def test_what_an_action_does_for_good_is_part_of_the_plan_also_where_there_is_a_way_back() -> None:
    table = StateTable(
        "the mill",
        [
            State(spelling="on", word="started", meaning="", paused=Act("hold", "held"), stopped=Act("hold", "held")),
            State(
                spelling="held",
                word="paused",
                meaning="",
                started=Act("release", "on"),
                stopped=Act("empty", "empty", lasting="the grain of {id} is lost"),
            ),
            State(spelling="empty", word="paused", meaning="", started=Act("release", "on"), stopped=Done()),
        ],
    )
    seen = Observation("a", "on")
    decision = decide(table, seen, Policy("stopped"))

    assert (decision.actions, decision.lasting) == (("hold", "empty"), ("the grain of a is lost",))
    assert decision.arrives is not None and obstacle_to_restore(table, seen, decision.arrives, Policy("stopped")) == ""
    assert decide(table, seen, Policy("paused")).lasting == ()
