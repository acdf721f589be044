# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module in real processes: its result, and that it changes nothing."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case
from ..ctrlapi import LIVE_KEY, VOD, check, stream

pytestmark = pytest.mark.wire

INFO = "ctrlapi_task_info"
EACH = [stream(number, status, stays=True) for number, status in enumerate(["Scheduled", "Started", "Stopped", "Stalled", "Rejected"], 1)]


@pytest.mark.core
@case(module=INFO, tasks=EACH, switches={"require_read_only": True})
def test_active_tasks_are_listed_and_a_warning_tells_that_these_aren_t_all(outcome: Outcome) -> None:
    assert [(row["id"], row["state"]) for row in outcome.result["tasks"]] == [("1", "starting"), ("2", "started")]
    assert any("others have to be named in task_ids" in warning for warning in outcome.result.warnings)
    assert len(outcome.requests) == 1 and outcome.writes == [] and outcome.result["changed"] is False


@case(module=INFO, tasks=EACH, task_ids=[5, 9, 4, 3], api_key=LIVE_KEY, switches={"verify_hmac": True})
def test_ids_come_in_the_order_given_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    states = [(row["id"], row["state"]) for row in outcome.result["tasks"]]

    assert states == [("5", "failed"), ("9", "absent"), ("4", "troubled"), ("3", "stopped")]


@case(module=INFO, tasks=[check(80, "Stalled", stays=True), check(81, initial_task_id=80)], switches={"dialect": "vod"}, **VOD, task_id=80)
def test_a_restart_is_told(outcome: Outcome) -> None:
    assert (outcome.row["vendor_state"], outcome.row["state"], outcome.row["vendor"]["restarted_as"]) == ("Stalled", "started", 81)


@case(module=INFO, tasks=[stream(number) for number in range(1, 1501)])
def test_1500_tasks_are_listed_by_one_request(outcome: Outcome) -> None:
    assert len(outcome.result["tasks"]) == 1500 and len(outcome.requests) == 1


@case(module=INFO, tasks=EACH, switches={"nginx_closed": True})
def test_a_closed_nginx_names_all_three_switches(outcome: Outcome) -> None:
    message = outcome.failure("connection")

    assert all(switch in message for switch in ("Host name", "Control API", "Nginx"))
