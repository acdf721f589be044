# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search: random fleets, desired states, policies, faults at every exchange and changes by others, and the invariants.

`QUIESCE_FIRE_CASES` is the number of cases over all systems, `QUIESCE_FIRE_SEED` the seed. The same seed and number produce the same cases.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from . import invariants
from .aftermath import check_aftermath
from .client import run_in_process
from .plan import SEED, SHARES, STORMS
from .storm import Storm, storms
from .system import System
from .systems import SYSTEMS
from .tally import count
from .world import World


def run_case(storm: Storm) -> None:
    """One case: the run in the storm, and a second one if the first was clean and the storm is over."""
    world = World(storm)
    try:
        run = run_in_process(world)
        invariants.check_invariants(run, world)
        check_aftermath(run, world)
    finally:
        count(world, str(storm.system))


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_no_run_reports_what_isn_t_so(system: System, share: int) -> None:
    @seed(SEED + share)
    @settings(
        max_examples=STORMS // (len(SYSTEMS) * SHARES) + 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(storms(system))
    def search(storm: Storm) -> None:
        run_case(storm)

    search()
