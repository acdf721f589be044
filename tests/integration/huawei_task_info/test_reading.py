# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module: its result, and that it changes nothing."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case
from ..huawei import BATCH, analyses, analysis

pytestmark = pytest.mark.wire

INFO = "huawei_task_info"
SOME = [analysis("a", "RUNNING"), analysis("b", "STOPPED", batch_id=BATCH), analysis("c", "DREAMING")]


@pytest.mark.core
@case({}, {"check_mode": True}, module=INFO, tasks=SOME, switches={"require_read_only": True})
def test_check_mode_shows_the_same_and_nothing_is_ever_changed(outcome: Outcome) -> None:
    real, checked = outcome.results

    assert {row["id"]: row["state"] for row in real["tasks"]} == {"a": "started", "b": "stopped", "c": "unknown"}
    assert real["tasks"] == checked["tasks"]
    assert outcome.requests == ["list", "list"]


@case(module=INFO, tasks=SOME, task_ids=["b", "nosuch", "a"])
def test_by_ids_they_come_in_the_order_given_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    assert [(row["id"], row["state"]) for row in outcome.result["tasks"]] == [("b", "stopped"), ("nosuch", "absent"), ("a", "started")]


@case(module=INFO, tasks=SOME, batch_id=BATCH)
def test_a_filter_is_the_vendor_s(outcome: Outcome) -> None:
    assert [row["id"] for row in outcome.result["tasks"]] == ["b"]


@case(module=INFO, tasks=analyses(**{f"t{number}": "RUNNING" for number in range(2100)}), task_state="RUNNING")
def test_the_list_is_read_to_its_end(outcome: Outcome) -> None:
    assert len(outcome.result["tasks"]) == 2100 and outcome.requests == ["list"] * 3


@case(module=INFO, tasks=SOME, secret_key="wrong")
def test_a_wrong_key_is_told(outcome: Outcome) -> None:
    assert "verify aksk signature fail" in outcome.failure("authentication")
