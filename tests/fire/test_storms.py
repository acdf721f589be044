# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search: random fleets, wishes, policies, faults at every exchange and other people at work, and what holds whatever happens.

`QUIESCE_FIRE_CASES` is how many cases are drawn over all systems, `QUIESCE_FIRE_SEED` from where the drawing begins: the same seed and
number draw the same cases again.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from . import invariants
from .client import Run, run_in_process
from .plan import CASES, SEED, SHARES
from .storm import Storm, storms
from .system import System
from .systems import SYSTEMS
from .tally import TALLY
from .world import World

# So long after the first run no read lags any more, in seconds.
CALM = 60.0


def put_to_the_test(storm: Storm) -> None:
    """One case: the run in the storm, and a second one when the first was clean and the storm is over."""
    world = World(storm)
    try:
        run = run_in_process(world)
        invariants.hold(run, world)
        world.calm = True
        world.sleep(CALM)
        if is_clean(run, world):
            before = world.truth()
            again = run_in_process(world, check=False)
            invariants.a_second_run_changes_nothing(again, moved=world.truth() != before)
            TALLY["second runs"] += 1
    finally:
        TALLY["cases"] += 1
        TALLY[f"cases: {storm.system}"] += 1
        TALLY["exchanges"] += len(world.exchanges)
        for kind, count in world.injected.items():
            TALLY[f"fault: {kind}"] += count


def is_clean(run: Run, world: World) -> bool:
    """Whether all was reached, and everything is still so: what moves by itself or by others right after is no business of the run."""
    if run.check or not all(row["reached"] for row in run.rows):
        return False
    true, storm = world.truth(), run.storm
    return all(id_ in true and storm.system.satisfies(storm.wish, true[id_].label, storm.if_unpausable) for id_ in storm.asked)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_no_run_reports_what_isn_t_so(system: System, share: int) -> None:
    @seed(SEED + share)
    @settings(
        max_examples=CASES // (len(SYSTEMS) * SHARES) + 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(storms(system))
    def search(storm: Storm) -> None:
        put_to_the_test(storm)

    search()
