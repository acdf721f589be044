# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty list of tasks means that there is nothing to do, and never all tasks. A play that puts back what it paused continues if it
paused nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from .cases import Outcome, case
from .hitachi import service_run
from .huawei import analysis
from .iotda import T, firmware
from .totalcontrol import RUNNING, script

pytestmark = pytest.mark.wire

TASKS: dict[str, list[Any]] = {
    "totalcontrol": [script("a", RUNNING)],
    "huawei": [analysis("a", "RUNNING", name="gate")],
    "ctrlapi": [],
    "hitachi": [service_run("5381")],
    "iotda": [firmware(T)],
    "airflow": [{"dag_id": "orders"}],
}
LISTS: list[tuple[str, dict[str, Any]]] = [
    ("totalcontrol_task", {"names": []}),
    ("huawei_task", {"task_ids": []}),
    ("huawei_task", {"names": []}),
    ("ctrlapi_task", {"task_ids": []}),
    ("hitachi_task", {"task_ids": []}),
    ("iotda_batchtask", {"task_ids": []}),
    ("airflow_dag", {"dag_ids": []}),
    ("iotda_batchtask", {"task_ids": [T], "targets": []}),
    ("iotda_batchtask", {"task_ids": [], "targets": ["device-a"]}),
]
READ_LISTS = [(f"{module}_info", options) for module, options in LISTS if "targets" not in options and module != "huawei_task"]
READ_LISTS.append(("huawei_task_info", {"task_ids": [], "batch_id": "b"}))


def cases(lists: list[tuple[str, dict[str, Any]]], *states: str, **more: Any) -> pytest.MarkDecorator:
    """One case for each list. For a state module, one call for each state."""
    return pytest.mark.parametrize(
        "module",
        [
            pytest.param(
                module,
                id=" ".join([module, *options]),
                marks=case(
                    *[{"state": state} for state in states], module=module, tasks=TASKS[module.split("_")[0]] or None, **options, **more
                ),
            )
            for module, options in lists
        ],
    )


@cases(LISTS, "paused", "started", "stopped", diff=True)
def test_nothing_is_asked_of_the_system_and_nothing_failed(outcome: Outcome, module: str) -> None:
    for wanted, result in zip(("paused", "started", "stopped"), outcome.results, strict=True):
        assert result.outcome == "ok", result.returned
        assert (result["changed"], result["tasks"]) == (False, [])
        assert result["summary"] == {"wanted": wanted, "total": 0, "reached": 0, "changed": 0, "failed": 0, "skipped": 0}
        assert "warnings" not in result.returned and "failure" not in result.returned
    assert outcome.requests == [], module


@cases(LISTS, "stopped", check=True)
def test_check_mode_tells_the_same(outcome: Outcome, module: str) -> None:
    assert outcome.result["summary"]["total"] == 0 and not outcome.result["changed"]
    assert outcome.requests == [], module


@cases(READ_LISTS)
def test_an_information_module_returns_nothing_and_doesn_t_list_all(outcome: Outcome, module: str) -> None:
    assert outcome.results[0].outcome == "ok"
    assert outcome.result["tasks"] == [] and "warnings" not in outcome.result.returned
    assert outcome.requests == [], module


@pytest.mark.core
@cases([*[(module, {**options, "state": "paused"}) for module, options in LISTS], *READ_LISTS], connect=False)
def test_no_system_and_no_credentials_are_needed_for_nothing(outcome: Outcome, module: str) -> None:
    assert outcome.results[0].outcome == "ok", module
    assert outcome.result["tasks"] == []


@case({"names": [], "nmaes": ["a"]}, {"names": [], "state": "asleep"}, {"names": ""}, {}, state="paused")
def test_a_misspelt_option_is_no_empty_list(outcome: Outcome) -> None:
    assert [result["failure"]["code"] for result in outcome.results] == ["usage"] * 4
