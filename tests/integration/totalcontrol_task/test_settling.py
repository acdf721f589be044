# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settle time after a lost answer. It takes ten seconds, so it has a file of its own, which xdist can run in parallel to others."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case, fault
from ..totalcontrol import RUNNING, scripts

pytestmark = pytest.mark.wire


@case(tasks=scripts(a=RUNNING), faults=[fault("reset_before", "pause")], names=["a"], state="paused", poll_interval=1, wait_timeout=20)
def test_a_lost_action_without_effect_is_sent_again_when_it_has_had_its_time(outcome: Outcome) -> None:
    first, second = (entry for entry in outcome.journal if entry["write"])

    assert outcome.row["reached"] and outcome.row["changed"]
    assert outcome.effects == ["pause a"]
    assert second["at"] - first["at"] >= 10
