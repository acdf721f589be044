# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search under fire has found about JP1/AO (tests/fire), as a plain case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fire.client import run_in_process
from tests.fire.storm import Outsider, Storm
from tests.fire.systems import hitachi
from tests.fire.world import World


def test_a_task_that_a_list_left_out_since_another_one_was_archived_meanwhile_isn_t_absent() -> None:
    """Found by seed 1226114667: between two pages the first task went, the second moved up, and it was told as stopped and gone."""
    options: Mapping[str, Any] = {"wait_timeout": 40, "poll_interval": 1, "if_unpausable": "fail", "wait": True, "timeout": 5, "drain": 0}
    system, fleet = hitachi.SYSTEM, [{"status": "inProgress"}, {"status": "inProgress"}]
    archived = Outsider(5, 0, {"action": "archive"})
    storm = Storm(
        system, system.access[0], fleet, False, "stopped", False, options, {}, latency=0.01, outsiders=[archived], dress="short pages"
    )

    run = run_in_process(World(storm))

    assert [row["after"] for row in run.rows] == ["failed", "failed"]
    assert run.exchanges[5].shown is not None and run.exchanges[7].call.action == "read"
