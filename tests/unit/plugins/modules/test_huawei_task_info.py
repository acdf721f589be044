# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""huawei_task_info: given ids, or the whole list by the vendor's filters; it never writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import huawei_task_info

from tests.unit.huawei import KEY, PROJECT, TOKEN, error, in_process, listed, requests_to, show, task, without_environment
from tests.unit.ordered_calls import exchanges
from tests.unit.run_module import Run, run_main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    without_environment(monkeypatch)

    def call(check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        return run_main(huawei_task_info.main, capsys, "huawei_task_info", check=check, diff=diff, **{**TOKEN, **options})

    return call


def test_without_ids_everything_that_is_listed_is_returned_in_its_order(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, listed(task("b", "RUNNING", title="入侵检测"), task("a", "ABNORMAL"))):
        result = run()

    assert result["changed"] is False
    assert [(row["id"], row["name"], row["state"], row["vendor_state"]) for row in result["tasks"]] == [
        ("b", "name of b", "started", "RUNNING"),
        ("a", "name of a", "troubled", "ABNORMAL"),
    ]
    assert result["tasks"][0]["vendor"] == {"title": "入侵检测"}


def test_the_list_is_read_to_its_end_whatever_it_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page begins with the last rows of the one before, so that its size shrinks."""
    tasks = [task(f"t{number}", "RUNNING") for number in range(2001)]
    pages = [listed(*tasks[:1000]), listed(*tasks[999:1998], page=2, size=999), listed(*tasks[1996:], page=3, size=998)]

    with exchanges(monkeypatch, *pages):
        result = run()

    assert [row["id"] for row in result["tasks"]] == [row["id"] for row in tasks] and "warnings" not in result


def test_a_list_of_whole_pages_ends_with_one_that_has_nothing_new(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(f"t{number}", "RUNNING") for number in range(1000)]

    with exchanges(monkeypatch, listed(*tasks), listed(tasks[-1], page=2, size=999)):
        assert len(run()["tasks"]) == 1000


def test_a_full_page_that_comes_again_is_no_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = [task(f"t{number}", "RUNNING") for number in range(1000)]

    with exchanges(monkeypatch, *[listed(*page), listed(*page[:999], page=2, size=999)] * 3):
        assert run()["failure"]["code"] == "protocol"


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({"batch_id": "0d47"}, "batch_id=0d47&"),
        ({"task_name": "入侵 a"}, "task_name=%E5%85%A5%E4%BE%B5+a&"),
        ({"task_state": "RUNNING"}, "task_state=RUNNING&"),
        ({"camera_name": "gate-cam-1"}, "camera_name=gate-cam-1&"),
        ({"video_group_id": "g1,g2"}, "video_group_id=g1%2Cg2&"),
        ({"title": "t"}, "title=t&"),
        ({"company": "a"}, "company=a&"),
        ({"alg_id": "3a6f"}, "alg_id=3a6f&"),
        ({"source_data_type": "sync_task"}, "source_data_type=sync_task&"),
    ],
)
def test_a_filter_is_the_vendor_s_parameter_under_its_own_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str], query: str
) -> None:
    with exchanges(monkeypatch, listed(task("a", "RUNNING"), filters=query)):
        assert len(run(**filters)["tasks"]) == 1


def test_one_id_is_read_by_its_own_page_with_all_that_it_tells(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    facts: dict[str, Any] = {"schedule_status": "ACTIVATED", "status": None, "error": {"code": "c", "message": "m"}}

    with exchanges(monkeypatch, show("a", "STOPPED", **facts)):
        (row,) = run(task_id="a")["tasks"]

    assert (row["state"], row["vendor_state"], row["vendor"]) == ("waiting", "STOPPED", facts)


def test_ids_are_returned_in_the_order_given_and_unknown_ones_as_absent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = error(show("b", ""), 400, "VIAS.00010007")

    with exchanges(monkeypatch, listed(task("c", "DREAMING"), task("a", "STOPPED")), missing):
        rows = run(task_ids=["a", "b", "c"])["tasks"]

    assert [(row["id"], row["state"], row["vendor_state"]) for row in rows] == [
        ("a", "stopped", "STOPPED"),
        ("b", "absent", None),
        ("c", "unknown", "DREAMING"),
    ]


def test_a_failure_has_its_code_and_no_tasks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, error(listed(filters="task_state=running&"), 400, "VIAS.00010001", "The parameters are invalid.")):
        result = run(task_state="running")

    assert (result["failure"]["vendor_code"], result["tasks"]) == ("VIAS.00010001", [])


def test_an_answer_that_is_no_list_is_told_as_such(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(listed(), answer="<html>hello</html>")):
        assert run()["failure"]["code"] == "protocol"


def test_against_the_emulator_thousands_are_read_page_by_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = in_process(monkeypatch, *({"id": f"t{number}", "state": "RUNNING"} for number in range(2300)))

    result = run(project_id=PROJECT, token=None, task_state="RUNNING", **KEY)

    assert len({row["id"] for row in result["tasks"]}) == 2300
    assert requests_to(vendor) == ["list"] * 3
