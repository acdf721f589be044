# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks after a storm: nothing comes back, and a second run has nothing to do."""

from __future__ import annotations

from . import invariants
from .client import Run, run_in_process
from .tally import TALLY
from .world import World

# So many seconds after the first run, no read lags any more.
CALM = 60.0


def check_aftermath(run: Run, world: World) -> None:
    """Let everything come to rest, and run a second time if the first run was clean."""
    world.calm = True
    world.sleep(CALM)
    invariants.what_was_stopped_stays_so(run, world)
    if is_clean(run, world):
        before = world.truth()
        again = run_in_process(world, check=False)
        invariants.a_second_run_changes_nothing(again, moved=world.truth() != before)
        TALLY["second runs"] += 1


def is_clean(run: Run, world: World) -> bool:
    """Whether all tasks were reached and still are: changes by the tasks themselves or by others right afterwards aren't part of
    the run.
    """
    if run.check or not run.rows or not all(row["reached"] for row in run.rows):
        return False
    true, storm = world.truth(), run.storm
    return all(id_ in true and storm.system.satisfies(storm.desired, true[id_].label, storm.if_unpausable) for id_ in storm.asked)
