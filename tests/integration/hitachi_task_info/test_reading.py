# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module in real processes: its result, and that it changes nothing."""

from __future__ import annotations

import pytest

from ..cases import Outcome, case, fault
from ..hitachi import T, service_run

pytestmark = pytest.mark.wire

INFO = "hitachi_task_info"
WORDS = {
    "waiting": "waiting",
    "suspended": "paused",
    "inProgress": "started",
    "waitingForInput": "started",
    "abnormalityDetected": "troubled",
    "longRunning": "started",
    "completed": "completed",
    "failed": "failed",
    "canceled": "stopped",
}
EACH = [service_run(str(6000 + number), status) for number, status in enumerate(WORDS)]


@case(module=INFO, tasks=EACH, switches={"require_read_only": True})
def test_all_tasks_are_shown_and_nothing_is_changed(outcome: Outcome) -> None:
    assert [row["state"] for row in outcome.result["tasks"]] == list(WORDS.values())
    assert [row["vendor_state"] for row in outcome.result["tasks"]] == list(WORDS)
    assert (outcome.requests, outcome.writes, outcome.result["changed"]) == (["list"], [], False)


@case(module=INFO, tasks=[*EACH, service_run("7000", "failed", archived=4001)], task_ids=[7000, 555, 6001])
def test_ids_come_in_the_order_given_archived_ones_too_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    assert [(row["id"], row["state"]) for row in outcome.result["tasks"]] == [("7000", "failed"), ("555", "absent"), ("6001", "paused")]


@case(module=INFO, tasks=[service_run(str(10_000 + number), "completed") for number in range(1200)], switches={"max_page_size": 100})
def test_1200_tasks_are_read_by_pages_that_the_server_cuts_down(outcome: Outcome) -> None:
    assert [row["id"] for row in outcome.result["tasks"]] == [str(10_000 + number) for number in range(1200)]
    # Each page begins with the last row of the page before, so two more pages are needed.
    assert len(outcome.requests) == 14


@case({"serviceID": 77}, {"scheduleID": 16000}, {"q": "RUN_6000"}, module=INFO, tasks=[*EACH, service_run("7000", serviceID=77)])
def test_the_vendor_s_filters_are_passed_on(outcome: Outcome) -> None:
    assert [[row["id"] for row in result["tasks"]] for result in outcome.results] == [["7000"], ["6000"], ["6000"]]


@case({"tags": "a"}, module=INFO, tasks=EACH, switches={"hitachi_edition": "v10", "bad_query": 404})
def test_a_filter_that_v10_doesn_t_know_is_told(outcome: Outcome) -> None:
    assert "a parameter is wrong" in outcome.failure("not_found")


@case(module=INFO, tasks=[service_run()], task_id=T, faults=[fault("status", "read", status=412)])
def test_a_read_that_met_a_server_that_was_just_starting_is_repeated(outcome: Outcome) -> None:
    assert len(outcome.requests) == 2 and outcome.row["state"] == "started"
