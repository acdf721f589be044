# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""airflow_dag_info: what is listed by which filter, and what is told of a Dag."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._options import validated
from ansible_collections.taskops.quiesce.plugins.module_utils._run import connect, reading
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors.airflow import Airflow
from ansible_collections.taskops.quiesce.plugins.modules import airflow_dag_info

from tests.unit.plugins.modules.airflow_world import ACCESS, RUN, V1, V2, World, dag, many, under_way
from tests.unit.plugins.modules.results import one

both = pytest.mark.parametrize("version", [V2, V1])

DAGS = (
    dag("etl_0", tags=["team"], owners=["data"]),
    dag("my_etl_0_old", tags=["team", "old"], owners=["data"], is_paused=True),
    dag("etlx0", owners=["web"]),
    dag("ETL_0", owners=["web"]),
    dag("gone", is_stale=True, tags=["old"]),
)


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(airflow_dag_info.main, "airflow_dag_info", capsys, monkeypatch)


@both
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"etl_0", "my_etl_0_old", "etlx0", "ETL_0"}),
        ({"id_pattern": "etl_0"}, {"etl_0"}),
        ({"id_pattern": "etl*"}, {"etl_0", "etlx0"}),
        ({"id_pattern": "*[_]0*"}, {"etl_0", "my_etl_0_old", "ETL_0"}),
        ({"tags": ["team"]}, {"etl_0", "my_etl_0_old"}),
        ({"tags": ["old", "nosuch"]}, {"my_etl_0_old"}),
        ({"owners": ["web"]}, {"etlx0", "ETL_0"}),
        ({"paused": True}, {"my_etl_0_old"}),
        ({"paused": False, "owners": ["data"]}, {"etl_0"}),
        ({"stale": True}, {"gone"}),
        ({"stale": True, "tags": ["team"]}, set()),
    ],
)
def test_filters_mean_what_they_say(world: World, filters: dict[str, Any], found: set[str], version: str) -> None:
    world.begin(*DAGS, version=version)

    assert {row["id"] for row in world.run(**filters)["tasks"]} == found


def test_nothing_more_is_asked_where_nothing_matches(world: World) -> None:
    world.begin(*DAGS)

    assert world.run(id_pattern="nosuch*")["tasks"] == [] and world.requests == ["token", "list"]


@both
def test_what_is_under_way_is_told(world: World, version: str) -> None:
    world.begin(dag(**under_way()), version=version)

    row = one(world.run(dag_id="orders"))

    assert (row["state"], row["vendor_state"]) == ("started", "active")
    assert (row["vendor"]["open_runs"], row["vendor"]["task_instances"]) == ({RUN: "running"}, {"running": 1})


def test_a_dag_that_is_not_there_is_absent(world: World) -> None:
    world.begin(dag())

    assert [row["state"] for row in world.run(dag_ids=["orders", "nosuch"])["tasks"]] == ["waiting", "absent"]


@both
def test_all_are_listed_page_by_page_with_two_more_calls(world: World, version: str) -> None:
    world.begin(*many(250, 100), version=version)

    assert len(world.run()["tasks"]) == 250
    assert world.requests.count("list_runs") == 1 and world.requests.count("list") <= 4


@both
def test_who_watches_sees_that_a_dag_is_gone_and_that_another_was_paused(world: World, version: str) -> None:
    """The event source reads again and again by one object."""
    world.begin(dag("a"), dag("b"), dag("c"), version=version)
    params = validated(reading(Airflow), ACCESS, "a watch")
    airflow, _way = connect(Airflow, params, world.clock, 60, lambda _secret: None)
    assert set(airflow.read(["a", "b", "c"])) == {"a", "b", "c"}

    world.system.act("a", "delete", {})
    world.system.act("b", "pause", {})

    assert {id_: seen.spelling for id_, seen in airflow.read(["a", "b", "c"]).items()} == {"b": "paused", "c": "active"}
