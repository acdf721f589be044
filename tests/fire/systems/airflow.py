# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Airflow, from its vendor page `airflow.md`: Dags without work under way, since no single answer shows both whether a Dag is paused and
whether it works. `tests/airflow` covers Dags at work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import airflow_dag

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors._airflow_switches import USERS, VERSION_2
from tests.emulator.vendors.airflow import Airflow
from tests.fire.system import GONE, Order, Sight, System, independent_sights, independent_stories

IDS = ("etl_0", "my_etl_0_old", "etlx0")
ACTIVE, PAUSED = "active", "paused"


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"dag_id": id_, **state}


def _sight(dag: Mapping[str, Any]) -> Sight:
    """Airflow itself only has is_paused. The words are those of its web interface."""
    word = PAUSED if dag["is_paused"] else ACTIVE
    return Sight(word, word)


def _shown(request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    document = Request("GET", "/", (), reply.body).json
    if call.action == "show" and reply.status == 404 and isinstance(document, dict) and call.ids[0] in str(document.get("detail")):
        return {call.ids[0]: GONE}
    if reply.status != 200 or not isinstance(document, dict):
        return None
    if call.action == "list" and isinstance(document.get("dags"), list):
        return {**_left_out(request, document), **{dag["dag_id"]: _sight(dag) for dag in document["dags"]}}
    if call.action == "show" and "is_paused" in document:
        return {document["dag_id"]: _sight(document)}
    return None


def _left_out(request: Request, document: Mapping[str, Any]) -> dict[str, Sight]:
    """The Dags that a whole list of paused (or unpaused) Dags omits have the opposite state."""
    query = dict(request.query)
    if query.get("offset", "0") != "0" or document["total_entries"] > len(document["dags"]):
        return {}
    others = {"true": Sight(ACTIVE, ACTIVE), "false": Sight(PAUSED, PAUSED)}.get(query.get("paused", ""))
    return {id_: others for id_ in IDS} if others else {}


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return task["dag_id"], _sight(task)


SYSTEM = System(
    name="airflow",
    emulator=Airflow,
    main=airflow_dag.main,
    id_option="dag_ids",
    ids=IDS,
    access=(
        {"username": "admin", "password": USERS["admin"]["password"]},
        {"token": "managed-token"},
        {"token": "managed-token", "api_version": "v2"},
    ),
    states=(
        {"is_paused": False},
        {"is_paused": True},
        {"is_paused": False, "schedule": "0 3 * * *", "next_in": 86400},
        {"is_paused": True, "schedule": "0 3 * * *", "next_in": 86400},
    ),
    others=(
        {"action": "pause"},
        {"action": "unpause"},
    ),
    lies=(
        {},
        {"pause_lag": 2},
        {"ignore_action": True},
        {"ignore_action": "pause"},
        {"token_lifetime": 3},
        {"maximum_page_limit": 50},
        {"scheduler": "dead"},
        {"denied": ["etl_0"]},
    ),
    # Version 2 has no token to renew, and its refusals have another structure.
    dresses={"": {}, "2.11": {"version": VERSION_2}},
    put=_put,
    shown=_shown,
    true=independent_sights(_true),
    stories=independent_stories(_true),
    satisfied_by={"paused": frozenset({PAUSED}), "started": frozenset({ACTIVE}), "stopped": frozenset({PAUSED})},
    accepts={"pause": frozenset({ACTIVE}), "unpause": frozenset({PAUSED})},
    history_word="status",
    # It answers 403 both for a bad token and for missing rights.
    renews_at=frozenset({401, 403}),
)
