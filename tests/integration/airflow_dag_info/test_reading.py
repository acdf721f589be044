# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module in real processes: its result, and that it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case

pytestmark = pytest.mark.wire

INFO = "airflow_dag_info"
RUNNING: list[dict[str, Any]] = [
    {"dag_run_id": "manual__1", "state": "running", "task_instances": [{"task_id": "work", "state": "running"}]}
]
DAGS: list[dict[str, Any]] = [
    {"dag_id": "idle", "schedule": "0 * * * *", "every": 3600, "next_in": 3600, "tags": ["a"]},
    {"dag_id": "paused", "is_paused": True},
    {"dag_id": "pausing", "is_paused": True, "tasks": [{"task_id": "work", "runs_for": None}], "runs": RUNNING},
    {"dag_id": "working", "tasks": [{"task_id": "work", "runs_for": None}], "runs": RUNNING, "tags": ["a"]},
]
WORDS = {"idle": "waiting", "paused": "paused", "pausing": "pausing", "working": "started"}


@case(module=INFO, tasks=DAGS)
def test_all_dags_are_shown_and_nothing_is_changed(outcome: Outcome) -> None:
    assert {row["id"]: row["state"] for row in outcome.result["tasks"]} == WORDS
    assert (outcome.requests, outcome.writes) == (["token", "list", "list_runs ~", "list_instances ~"], [])


@case({"tags": ["a"]}, {"paused": True}, {"id_pattern": "pau*d"}, {"stale": True}, module=INFO, tasks=DAGS, switches={"version": "2.11.2"})
def test_filters_narrow_the_list(outcome: Outcome) -> None:
    found = [{row["id"] for row in result["tasks"]} for result in outcome.results]

    assert found == [{"idle", "working"}, {"paused", "pausing"}, {"paused"}, set()]


@case(module=INFO, tasks=DAGS, dag_ids=["working", "nosuch", "idle"])
def test_ids_come_in_the_order_given_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    assert [(row["id"], row["state"]) for row in outcome.result["tasks"]] == [
        ("working", "started"),
        ("nosuch", "absent"),
        ("idle", "waiting"),
    ]
