# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VIAS's list doesn't tell weekly plans: tasks that only it showed as stopped are told once, without a request more."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _module, _targets
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task, huawei_task_info

from tests.unit.huawei import BATCH, TOKEN, act, listed, show, task, without_environment
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.results import warnings
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock

REST = "name such a task singly in task_ids, or look at its plan in the console"
TWO = f"VIAS's list doesn't show weekly plans, so that 2 tasks seen as STOPPED may begin again by a plan (a, b); {REST}"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)
    monkeypatch.setattr(_module, "SystemClock", FakeClock)


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *calls: Call, **options: Any) -> list[str]:
    with exchanges(monkeypatch, *calls):
        result = run_main(huawei_task.main, capsys, "huawei_task", check=False, diff=False, **{**TOKEN, "concurrency": 1, **options})
    assert not result.get("failed"), result
    return warnings(result)


@pytest.mark.parametrize("wish", ["paused", "stopped"])
def test_several_stopped_tasks_are_told_by_one_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    both = listed(task("a", "STOPPED"), task("b", "STOPPED"))

    assert told(capsys, monkeypatch, both, task_ids=["a", "b"], state=wish) == [f"{TWO}."]


def test_those_that_were_stopped_just_now_are_told_with_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = listed(task("a", "STOPPED"), task("b", "RUNNING"), task("c", "RUNNING"))
    after = listed(task("a", "STOPPED"), task("b", "STOPPED"), task("c", "STOPPED"))

    (warning,) = told(capsys, monkeypatch, before, act("b", "stop"), act("c", "stop"), after, task_ids=["a", "b", "c"], state="stopped")
    assert "so that 3 tasks seen as STOPPED may begin again by a plan (a, b, c); " in warning


@pytest.mark.parametrize("way", [{"batch_id": BATCH}, {"names": ["name of a", "name of b"]}], ids=["a batch", "names"])
def test_tasks_that_are_found_by_other_ways_are_told_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    filters = f"batch_id={BATCH}&" if "batch_id" in way else ""
    both = listed(task("a", "STOPPED"), task("b", "STOPPED"), filters=filters)

    assert told(capsys, monkeypatch, both, **way, state="stopped") == [f"{TWO}."]


def test_many_are_told_by_their_number(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"t{number}" for number in range(9)]

    (warning,) = told(capsys, monkeypatch, listed(*(task(id_, "STOPPED") for id_ in ids)), task_ids=ids, state="stopped")
    assert "so that 9 tasks seen as STOPPED may begin again by a plan (t0, t1, t2, t3, t4 and 4 more); " in warning


def test_a_task_that_is_read_by_itself_needs_no_word(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(capsys, monkeypatch, show("a", "STOPPED"), task_id="a", state="stopped") == []


def test_one_that_the_list_shows_at_its_end_otherwise_needs_no_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = listed(task("a", "FAILED"), task("b", "SUCCEEDED"))

    assert told(capsys, monkeypatch, both, task_ids=["a", "b"], state="stopped") == []


def test_who_wants_them_started_isn_t_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = listed(task("a", "RUNNING"), task("b", "STOPPED"))

    assert told(capsys, monkeypatch, before, act("b", "start"), show("b", "RUNNING"), task_ids=["a", "b"], state="started") == []


def test_who_only_looks_isn_t_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("a", "STOPPED"), task("b", "STOPPED"))):
        result = run_main(huawei_task_info.main, capsys, "huawei_task_info", check=False, diff=False, **TOKEN)

    assert warnings(result) == []


def test_a_window_s_survey_tells_it_of_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    target = {"name": "cameras", "vendor": "huawei", "state": "paused", "stage": 10, "tasks": ["a", "b"], "options": TOKEN}

    with exchanges(monkeypatch, listed(task("a", "STOPPED"), task("b", "STOPPED"))):
        (surveyed,) = _targets.survey([_targets.resolve(target, lambda secret: None)], FakeClock(), lambda secret: None)

    assert surveyed["warnings"] == [TWO.rstrip(".")] or surveyed["warnings"] == [TWO]
