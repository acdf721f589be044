# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: the steps of a task (hitachi.md, found later, 3.1)."""

from __future__ import annotations

import pytest

from tests.unit.emulator.hitachi.api import NOT_THERE, Api, T


@pytest.fixture
def steps(api: Api) -> Api:
    api.put("failed")
    api.model.set_switches({"flow_steps": "given"})
    return api


def test_the_steps_of_a_task_are_a_list(steps: Api) -> None:
    found = steps.find("FlowSteps", taskID=T)

    assert [row["status"] for row in found["data"]] == ["completed", "failed"] and found["count"] == 2


def test_a_test_may_put_its_own(steps: Api) -> None:
    own = [{"stepID": "reboot", "status": "failed"}]
    steps.put("failed", steps=own)

    assert steps.find("FlowSteps", taskID=T)["data"] == own
    assert steps.truth()["steps"] == own


@pytest.mark.parametrize("query", [{}, {"taskID": T, "page": 1}, {"serviceID": 1}])
def test_the_task_is_the_only_parameter_and_must_be_given(steps: Api, query: dict[str, object]) -> None:
    assert steps.refused("FlowSteps", **query) == (400, "KNAE90400-E")


def test_the_steps_of_a_task_that_is_not_there(steps: Api) -> None:
    assert steps.refused("FlowSteps", taskID=1) == NOT_THERE


@pytest.mark.parametrize(("edition", "is_known"), [("v10", True), ("v12", False)])
def test_the_function_is_one_of_the_old_edition(api: Api, edition: str, is_known: bool) -> None:
    api.put("failed")
    api.model.set_switches({"hitachi_edition": edition})

    assert api.ask("GET", f"/FlowSteps?taskID={T}").status == (200 if is_known else 404)
