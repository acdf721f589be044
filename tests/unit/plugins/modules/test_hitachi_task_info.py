# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""hitachi_task_info: what it reads, how it pages, and what it shows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.modules import hitachi_task_info

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.hitachi_world import RECURRING, TASKS, T, World, run
from tests.unit.plugins.modules.results import one


@pytest.fixture
def world(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(hitachi_task_info.main, "hitachi_task_info", capsys, monkeypatch)


def found(result: dict[str, Any]) -> list[str]:
    return [row["id"] for row in result["tasks"]]


def many(number: int) -> list[dict[str, Any]]:
    return [run("completed", str(5000 + index)) for index in range(number)]


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"instanceID": id_, "status": "completed", "name": "x"} for id_ in ids]


def test_ids_come_in_the_order_given_and_an_unknown_one_is_absent(world: World) -> None:
    world.begin(run("waiting", "6001"), run("failed", "6002", archived=4006))

    result = world.run(task_ids=[6002, 555, 6001])

    assert [(row["id"], row["state"], row["vendor_state"]) for row in result["tasks"]] == [
        ("6002", "failed", "failed"),
        ("555", "absent", None),
        ("6001", "waiting", "waiting"),
    ]
    assert (world.requests, result["changed"]) == (["list", "list_histories", "read"], False)


def test_the_other_fields_come_as_they_are(world: World) -> None:
    world.begin(run("waiting", **RECURRING, notes="careful"))

    row = one(world.run(task_id=T))

    assert (row["name"], row["vendor"]["notes"], row["vendor"]["scheduleType"]) == (f"run {T}", "careful", "recurrence")
    assert row["vendor"]["scheduleID"] == 2202 and not {"instanceID", "name", "status"} & set(row["vendor"])


def test_an_archived_task_shows_the_fields_of_its_history(world: World) -> None:
    world.begin(run("completed", archived=4006))

    row = one(world.run(task_id=T))

    assert (row["id"], row["vendor"]["instanceID"]) == (T, 4006) and row["vendor"]["archiveTime"]


# Page `hitachi`, section 4.1, each as the screens name it and as it may be spelled.
WORDS = {
    "waiting": "waiting",
    "suspended": "paused",
    "inProgress": "started",
    "waitingForInput": "started",
    "abnormalityDetected": "troubled",
    "terminating": "stopping",
    "longRunning": "started",
    "completed": "completed",
    "failed": "failed",
    "canceled": "stopped",
}


@pytest.mark.parametrize("spelling", ["v12", "v10", "names"])
@pytest.mark.parametrize("status", WORDS)
def test_each_state_is_told_in_both_words(world: World, status: str, spelling: str) -> None:
    world.begin(run(status), spelling=spelling, stop_takes=600)

    listed, single = one(world.run()), one(world.run(task_id=T))

    assert listed["state"] == single["state"] == WORDS[status] and listed["vendor_state"] == single["vendor_state"]


def test_an_unknown_spelling_is_unknown_until_it_s_mapped(world: World) -> None:
    world.begin(run("zurückgestellt"))

    assert one(world.run())["state"] == "unknown"
    assert one(world.run(state_map={"Zurückgestellt": "Suspended"}))["state"] == "paused"


@pytest.mark.parametrize("number", [0, 1, 499, 500, 501, 1200])
def test_all_tasks_are_listed_page_by_page(world: World, number: int) -> None:
    world.begin(*many(number))

    assert len(set(found(world.run()))) == number
    assert len(world.requests) == max(1, -(-number // 500))
    assert dict(world.journal[0]["query"]) == {"page": "1", "pageSize": "500"}


@pytest.mark.parametrize("count", ["all", "answer"])
def test_pages_that_the_server_cuts_down_are_all_read(world: World, count: str) -> None:
    world.begin(*many(25), max_page_size=10, count_means=count)

    assert len(found(world.run())) == 25


def test_without_a_word_on_paging_the_list_ends_with_a_page_that_has_nothing_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server cuts its pages down to four rows and says nothing of it."""
    pages = [(1, 500, rows(1, 2, 3, 4)), (2, 3, rows(4, 5, 6)), (2, 4, rows(5, 6))]
    calls = [Call("GET", f"{TASKS}?page={number}&pageSize={size}", {"data": page}) for number, size, page in pages]

    with exchanges(monkeypatch, *calls):
        result = world.run()

    assert found(result) == ["1", "2", "3", "4", "5", "6"] and "warnings" not in result


def test_a_list_that_counts_tasks_which_it_never_shows_is_no_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike a list that changes, it is the same when it is read again."""
    answer = {"data": rows(1, 2, 3), "count": 50}

    with exchanges(monkeypatch, *[Call("GET", f"{TASKS}?page={page}&pageSize={size}", answer) for page, size in ((1, 500), (2, 2)) * 2]):
        result = world.run()

    assert result["msg"] == "JP1/AO counts 50 tasks and shows only 3 of them each time; narrow the list by filters."


def test_where_paging_isn_t_taken_the_list_is_asked_for_plainly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Call("GET", f"{TASKS}?serviceID=7&page=1&pageSize=500", {"messageID": "KNAE1", "message": "no page"}, status=400)

    with exchanges(monkeypatch, refused, Call("GET", f"{TASKS}?serviceID=7", {"data": rows(1), "count": 1})):
        assert found(world.run(serviceID="7")) == ["1"]


def test_a_plain_list_that_isn_t_whole_is_no_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Call("GET", f"{TASKS}?page=1&pageSize=500", "", status=400)

    with exchanges(monkeypatch, refused, Call("GET", TASKS, {"data": rows(1), "count": 101})):
        result = world.run()

    assert result["msg"] == "JP1/AO lists 101 Tasks, shows 1 at once and takes no paging; narrow it by filters."


FILTERS: dict[str, dict[str, Any]] = {
    "serviceID": {"serviceID": 77},
    "scheduleID": {"scheduleID": 77},
    "serviceGroupID": {"serviceGroupID": 77},
    "serviceTemplateID": {"serviceTemplateID": 77},
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_vendor_s_filters_are_passed_on_under_their_names(world: World, name: str) -> None:
    world.begin(run("completed", "6001", **FILTERS[name]), run("completed", "6002"))

    assert found(world.run(**{name: 77})) == ["6001"]


def test_tags_and_words_are_passed_on(world: World) -> None:
    world.begin(run("completed", "6001", tags="a,b,c"), run("completed", "6002", tags="a", notes="Berlin night"))

    assert found(world.run(tags="a,b")) == ["6001"]
    assert found(world.run(q="night berlin")) == ["6002"]


@pytest.mark.parametrize("status", [400, 404])
def test_a_filter_that_the_vendor_doesn_t_know_is_told(world: World, status: int) -> None:
    world.begin(hitachi_edition="v10", bad_query=status)

    result = world.run(tags="a")

    assert (result["failure"]["http_status"], result["tasks"]) == (status, [])
    assert ("a parameter is wrong" if status == 404 else "check the options") in result["msg"]


@pytest.mark.parametrize("answer", [[], {}, {"data": {}}, {"data": [1]}, {"data": [{"instanceID": True, "status": "x"}]}])
def test_a_list_of_another_shape_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, Call("GET", f"{TASKS}?page=1&pageSize=500", answer)):
        assert world.run()["failure"]["code"] == "protocol"


def test_an_id_that_isn_t_a_number_is_told(world: World) -> None:
    assert "whole numbers" in world.run(task_id="nightly")["msg"]


def test_nothing_is_written(world: World) -> None:
    world.begin(*[run(status, str(6000 + number)) for number, status in enumerate(WORDS)])

    world.run()
    world.run(task_ids=[6000, 6001, 9999])

    assert world.writes == []
