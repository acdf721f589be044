# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: exactly the requests that each desired state needs."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case
from ..totalcontrol import ENDED, PAUSED, RUNNING, SCHEDULED, STOPPED, script, scripts

pytestmark = pytest.mark.wire

WAYS = [
    ("pause a running task", "paused", RUNNING, "pause", PAUSED),
    ("resume a paused task", "started", PAUSED, "resume", RUNNING),
    ("stop a running task", "stopped", RUNNING, "stop", STOPPED),
    ("stop a paused task", "stopped", PAUSED, "stop", STOPPED),
    ("stop a scheduled task", "stopped", SCHEDULED, "stop", STOPPED),
]


@case(tasks=scripts(a=PAUSED), names=["a"], state="paused")
def test_an_already_paused_task_costs_the_login_and_one_read(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list"]
    assert outcome.result["changed"] is False and outcome.row["reached"] is True


@pytest.mark.quick
@case(tasks=scripts(a=RUNNING, b=RUNNING, c=RUNNING, other=RUNNING), names=["a", "b", "c"], state="paused")
def test_n_running_tasks_cost_the_login_one_read_n_posts_and_one_poll(outcome: Outcome) -> None:
    assert outcome.requests[:2] == ["login", "list"]
    assert sorted(outcome.requests[2:-1]) == ["pause a", "pause b", "pause c"]
    assert outcome.requests[-1] == "list"
    assert {task["task_name"]: task["status"] for task in outcome.tasks} == {"a": PAUSED, "b": PAUSED, "c": PAUSED, "other": RUNNING}


@case(tasks=scripts(a=RUNNING), switches={"change_delay": "2 reads"}, names=["a"], state="paused")
def test_each_poll_is_one_read(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list", "pause a", "list", "list", "list"]


@case(tasks=scripts(a=PAUSED, b=RUNNING), names=["a", "b"], state="paused")
def test_a_task_that_is_there_already_costs_nothing_beside_one_that_isn_t(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list", "pause b", "list"]
    assert [row["changed"] for row in outcome.result["tasks"]] == [False, True]


@case(tasks=scripts(a=RUNNING), switches={"require_read_only": True}, check=True, names=["a"], state="paused")
def test_check_mode_writes_nothing(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list"]
    assert outcome.result["changed"] is True and outcome.tasks[0]["status"] == RUNNING


def _ways(*calls: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(action, after, marks=case(*calls, tasks=scripts(a=before), names=["a"], state=state), id=way)
        for way, state, before, action, after in WAYS
    ]


@pytest.mark.parametrize(("action", "after"), _ways({"check_mode": True}, {}))
def test_check_mode_predicts_what_the_real_run_then_does(outcome: Outcome, action: str, after: int) -> None:
    predicted, real = outcome.results

    for key in ("changed", "tasks", "summary"):
        assert predicted[key] == real[key]
    assert (real.row["action"], real.row["vendor_after"], real["changed"]) == (action, after, True)
    assert outcome.requests == ["login", "list", "login", "list", f"{action} a", "list"]


@pytest.mark.parametrize(("action", "after"), _ways({}, {}))
def test_a_second_run_changes_nothing(outcome: Outcome, action: str, after: int) -> None:
    first, second = outcome.results

    assert first["changed"] is True
    assert second["changed"] is False and second.row["action"] == "none" and second.row["reached"] is True
    assert outcome.requests == ["login", "list", f"{action} a", "list", "login", "list"]
    assert outcome.tasks[0]["status"] == after


@case(tasks=scripts(a=RUNNING), names=["a"], state="paused")
def test_the_token_stands_in_the_form_of_an_action_and_not_in_its_address(outcome: Outcome) -> None:
    (post,) = [entry for entry in outcome.journal if entry["write"]]

    assert [name for name, _value in post["form"]] == ["action", "token"]
    assert post["target"] == "/TotalControl/v1/tasks/a"


@case(tasks=[script("nächtlich & (1)?", RUNNING)], name="nächtlich & (1)?", state="paused")
def test_a_name_of_any_letters_reaches_its_task(outcome: Outcome) -> None:
    assert outcome.effects == ["pause nächtlich & (1)?"]
    assert outcome.row["id"] == outcome.row["name"] == "nächtlich & (1)?"


@case(tasks=scripts(a=RUNNING, b=PAUSED, c=ENDED), diff=True, names=["a", "b"], state="stopped")
def test_diff_tells_each_task_before_and_after(outcome: Outcome) -> None:
    assert outcome.result["diff"] == {"before": "a: started\nb: paused\n", "after": "a: stopped\nb: stopped\n"}
