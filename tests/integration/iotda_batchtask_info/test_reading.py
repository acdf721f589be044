# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module in real processes: its result, and that it changes nothing."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case, fault
from ..iotda import T, firmware

pytestmark = pytest.mark.wire

INFO = "iotda_batchtask_info"
EACH = [
    firmware(f"5c8ba99030344005c023170{number}", status)
    for number, status in enumerate(["Processing", "Waitting", "Success", "Fail", "PartialSuccess", "Stopped"])
]


@case(module=INFO, tasks=EACH, switches={"require_read_only": True})
def test_all_tasks_of_all_types_are_shown_newest_first_and_nothing_is_changed(outcome: Outcome) -> None:
    assert [row["state"] for row in outcome.result["tasks"]] == ["stopped", "failed", "failed", "completed", "waiting", "started"]
    assert len(outcome.requests) == 13 and outcome.writes == [] and outcome.result["changed"] is False


@case(module=INFO, tasks=EACH, task_ids=[T, EACH[1]["task_id"]])
def test_ids_come_in_the_order_given_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    assert [(row["id"], row["state"]) for row in outcome.result["tasks"]] == [(T, "absent"), (EACH[1]["task_id"], "waiting")]


@case(module=INFO, tasks=[firmware(f"{number:024x}", "Success") for number in range(1200)], task_type="firmwareUpgrade")
def test_1200_tasks_are_read_by_markers(outcome: Outcome) -> None:
    assert [row["id"] for row in outcome.result["tasks"]] == [f"{number:024x}" for number in reversed(range(1200))]
    assert len(outcome.requests) == 25


@case(module=INFO, tasks=[firmware(status="Success", target_count=30_000)], task_type="firmwareUpgrade")
def test_a_row_with_30_000_devices_is_shown(outcome: Outcome) -> None:
    assert len(outcome.row["vendor"]["targets"]) == 30_000


@case(module=INFO, tasks=EACH, task_id=EACH[0]["task_id"], faults=[fault("status", "show", status=503)])
def test_a_read_that_failed_once_is_repeated(outcome: Outcome) -> None:
    assert len(outcome.requests) == 2 and outcome.row["state"] == "started"


@case(module=INFO, tasks=EACH, signature="standard")
def test_who_isn_t_let_in_learns_the_suspects_after_one_request(outcome: Outcome) -> None:
    assert "the signature (standard or derived)" in outcome.failure("authentication") and len(outcome.requests) == 1
