# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences of runs: up to four runs over the same tasks, each with its own desired state, options, faults and changes by others. Time
passes between them, and actions of an earlier run can be under way when the next one starts.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from . import invariants
from .aftermath import check_aftermath
from .client import Run, run_in_process
from .plan import SEED, SEQUENCES, SHARES
from .storm import Outsider, Storm, storms
from .system import System
from .systems import SYSTEMS
from .tally import TALLY, count
from .world import World

RUNS = 4
STEPS = 6


def days_of(system: System) -> type[RuleBasedStateMachine]:
    """A state machine whose steps are the possible events around the system's tasks."""
    others = st.builds(Outsider, st.just(0), st.integers(0, len(system.ids) - 1), st.sampled_from(system.others))

    class Days(RuleBasedStateMachine):
        world: World
        first: Storm
        latest: Run
        runs = 0
        is_undisturbed = False

        @initialize(storm=storms(system))
        def the_first_run(self, storm: Storm) -> None:
            self.first = storm
            self.world = World(storm)
            self._run()

        @precondition(lambda self: self.runs < RUNS)
        @rule(storm=storms(system))
        def another_run(self, storm: Storm) -> None:
            """Another run. The tasks and the properties of the system remain. All else is new, including the requested tasks and the
            caller.
            """
            known = self.first
            fleet = known.fleet if system.holder else known.fleet[: len(storm.fleet)]
            # A property that only the page of a single task shows can't be checked for several tasks.
            is_alone = any(state in system.states_alone for state in known.fleet)
            missing = storm.missing and len(fleet) == len(known.fleet) and not is_alone
            same = replace(storm, fleet=fleet, missing=missing, frame=known.frame, dress=known.dress, lie=known.lie, latency=known.latency)
            self.world.meet(same)
            self._run()

        @rule(other=others)
        def somebody_acts(self, other: Outsider) -> None:
            if other.task < len(self.first.fleet):
                self.world.act_as_outsider(other)
                self.is_undisturbed = False

        @rule(seconds=st.sampled_from([0.5, 3.0, 20.0, 700.0]))
        def time_passes(self, seconds: float) -> None:
            self.world.sleep(seconds)
            self.is_undisturbed = False

        @precondition(lambda self: self.is_undisturbed)
        @rule()
        def it_comes_to_rest(self) -> None:
            check_aftermath(self.latest, self.world)
            self.is_undisturbed = False

        def _run(self) -> None:
            self.latest = run_in_process(self.world)
            self.runs += 1
            self.is_undisturbed = True
            invariants.check_invariants(self.latest, self.world)

        def teardown(self) -> None:
            if self.runs:
                TALLY["runs in sequences"] += self.runs
                count(self.world, f"{system} in sequences")

    return Days


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_no_run_of_a_sequence_reports_what_isn_t_so(system: System, share: int) -> None:
    run_state_machine_as_test(
        seed(SEED + share)(days_of(system)),
        settings=settings(
            max_examples=SEQUENCES // (len(SYSTEMS) * SHARES) + 1,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
