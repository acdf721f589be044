# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible processes against an emulated Airflow on sockets: the module as users call it. The unit tests cover the single cells of the
table.
"""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault

pytestmark = pytest.mark.wire

MODULE = "airflow_dag"
DAG: dict[str, Any] = {"dag_id": "orders", "schedule": "0 * * * *", "every": 3600, "next_in": 3600}
OPEN: dict[str, Any] = {"dag_id": "stock", "is_paused": True, "runs": [{"dag_run_id": "manual__1", "state": "queued"}]}
PAUSE: dict[str, Any] = {"dag_id": "orders", "state": "paused"}


@pytest.mark.quick
@case({"check_mode": True}, {}, {}, module=MODULE, tasks=[DAG], **PAUSE)
def test_check_mode_foretells_the_run_and_a_second_run_changes_nothing(outcome: Outcome) -> None:
    foretold, real, again = outcome.results

    assert (foretold["tasks"], foretold["summary"]) == (real["tasks"], real["summary"])
    assert (foretold["changed"], real["changed"], again["changed"]) == (True, True, False)
    assert outcome.writes == ["pause orders"]


@case(PAUSE, {**PAUSE, "state": "started"}, module=MODULE, tasks=[DAG], switches={"version": "2.11.2"})
def test_airflow_2_pauses_and_unpauses(outcome: Outcome) -> None:
    assert [(result.row["vendor_after"], result["changed"]) for result in outcome.results] == [("paused", True), ("active", True)]


@case(module=MODULE, tasks=[DAG, OPEN], dag_ids=["orders", "stock"], state="started")
def test_what_unpausing_sets_free_is_told(outcome: Outcome) -> None:
    (warning,) = [text for text in outcome.result["warnings"] if "begins at once" in str(text)]

    assert "queued run manual__1 begins" in str(warning)
    assert outcome.writes == ["unpause stock"]


@case(module=MODULE, tasks=[DAG], faults=[fault("reset_after", "pause")], **PAUSE)
def test_a_lost_answer_is_made_sure_of_by_reading(outcome: Outcome) -> None:
    assert outcome.row["reached"] and outcome.writes == ["pause orders"]


@case(module=MODULE, tasks=[DAG], username="viewer", password="viewer-password", **PAUSE)
def test_a_viewer_is_told_what_right_is_missing(outcome: Outcome) -> None:
    assert "the right to edit Dags" in outcome.failure("permission")


@case(module=MODULE, tasks=[DAG], dag_ids=["orders", "order%73", "nosuch"], state="paused")
def test_an_id_that_no_dag_has_keeps_everything_untouched(outcome: Outcome) -> None:
    assert "isn't the id of a Dag" in outcome.failure("usage") and outcome.requests == []
