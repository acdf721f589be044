# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: lists, their filters, order and pages (hitachi.md, sections 3.1 to 3.3)."""

from __future__ import annotations

import pytest

from tests.unit.emulator.hitachi.api import NOT_THERE, Api, error_of

BAD = (400, "KNAE90400-E")


@pytest.fixture
def tasks(api: Api) -> Api:
    """Three tasks, 1 to 3."""
    api.model.load(
        [
            {"instanceID": 1, "status": "inProgress", "name": "O'Hara", "serviceID": 10, "tags": "night,db", "toDo": True,
             "startTime": "2014-07-14T13:44:30.500+0900"},
            {"instanceID": 2, "status": "completed", "name": "backup west", "serviceID": 10, "tags": "night", "scheduleID": 77,
             "startTime": "2015-07-14T13:44:30.500+0900", "submitter": "alice"},
            {"instanceID": 3, "status": "waiting", "name": "backup east", "serviceID": 11, "tags": "", "starts_in": 3600},
        ],
        keep=False,
    )  # fmt: skip
    return api


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("instanceID in [1,3]", [1, 3]),
        ("instanceID in [ 1 , 9 ]", [1]),
        ("instanceID not in [1,3]", [2]),
        ("instanceID=2", [2]),
        ("instanceID eq 2", [2]),
        ("instanceID ne 2", [1, 3]),
        ("instanceID<>2", [1, 3]),
        ("instanceID != 2", [1, 3]),
        ("instanceID gt 2", [3]),
        ("instanceID>2", [3]),
        ("instanceID lt 2", [1]),
        ("instanceID<2", [1]),
        ("instanceID ge 2", [2, 3]),
        ("instanceID>=2", [2, 3]),
        ("instanceID le 2", [1, 2]),
        ("instanceID<=2", [1, 2]),
        ("name starts 'backup'", [2, 3]),
        ("name ends 'east'", [3]),
        ("name = 'O''Hara'", [1]),
        ("name in ['O''Hara','backup west']", [1, 2]),
        ("status='completed' or status='waiting'", [2, 3]),
        ("status='completed' and serviceID=11", []),
        ("serviceID=10 and status='completed' or serviceID=11", [2, 3]),
        ("serviceID=10 and (status='completed' or serviceID=11)", [2]),
        ("(instanceID=1)or(instanceID=2)", [1, 2]),
        ("toDo=true", [1]),
        ("toDo ne true", [2, 3]),
        ("startTime > '2015-01-01T00:00:00.000+09:00'", [2]),
        ("startTime < '2015-01-01T00:00:00+09:00'", [1]),
        ("completionTime ne '2015-01-01T00:00:00+09:00'", [1, 2, 3]),
        ("name = 'and'", []),
    ],
)
def test_a_filter_finds(tasks: Api, text: str, found: list[int]) -> None:
    assert tasks.ids(hql_filter=text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense=1",
        "instanceID",
        "instanceID in",
        "instanceID in []",
        "instanceID in [1",
        "instanceID in (1)",
        "instanceID='1'",
        "instanceID like 1",
        "instanceID starts 1",
        "name=backup",
        'name="backup"',
        "name='backup",
        "toDo=1",
        "instanceID=1 and",
        "instanceID=1 instanceID=2",
        "(instanceID=1",
        "instanceID=1)",
        "not instanceID=1",
        "startTime > '2015'",
        "startTime > '2015-01-01T00:00:00.000+0900'",
        "instanceID=1;",
    ],
)
def test_a_filter_that_breaks_the_grammar_is_refused(tasks: Api, text: str) -> None:
    assert tasks.refused(hql_filter=text) == BAD


@pytest.mark.parametrize("position", [400, 404])
def test_a_server_may_not_filter_tasks_by_id(tasks: Api, position: int) -> None:
    tasks.model.set_switches({"filter_ids": position})
    assert tasks.refused(hql_filter="instanceID in [1,2]") == {400: BAD, 404: NOT_THERE}[position]
    assert tasks.ids(hql_filter="status='completed'") == [2]


@pytest.mark.parametrize("position", [400, 404])
def test_a_server_may_not_filter_histories_by_task(api: Api, position: int) -> None:
    api.model.set_switches({"filter_history_ids": position})
    assert api.refused("TaskHistories", hql_filter="taskID=5237")[0] == position
    assert api.ids("TaskHistories") == [4006]


def test_a_wrong_query_may_look_like_something_that_is_not_there(tasks: Api) -> None:
    tasks.model.set_switches({"bad_query": 404})
    assert tasks.refused(nonsense=1) == NOT_THERE


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"serviceID": 10}, [1, 2]),
        ({"scheduleID": 77}, [2]),
        ({"serviceGroupID": 3}, [1, 2, 3]),
        ({"serviceTemplateID": 1}, []),
        ({"tags": "night"}, [1, 2]),
        ({"tags": "db,night"}, [1]),
        ({"q": "BACKUP west"}, [2]),
        ({"q": "alice"}, [2]),
        ({"q": "backup nowhere"}, []),
        ({"alt": "json"}, [1, 2, 3]),
    ],
)
def test_the_filters_of_the_task_list(tasks: Api, query: dict[str, object], found: list[int]) -> None:
    assert tasks.ids(**query) == found


@pytest.mark.parametrize("query", [{"nonsense": 1}, {"serviceID": "x"}, {"alt": "xml"}, {"start": "2014-01-01T00:00:00+09:00"}])
def test_a_parameter_that_is_not_documented_for_the_list_is_refused(tasks: Api, query: dict[str, object]) -> None:
    assert tasks.refused(**query) == BAD


def test_a_parameter_given_twice_is_refused(tasks: Api) -> None:
    assert error_of(tasks.ask("GET", "/Tasks?serviceID=1&serviceID=2")) == BAD


def test_v10_knows_only_two_filters(tasks: Api) -> None:
    tasks.model.set_switches({"hitachi_edition": "v10"})
    assert tasks.ids(serviceID=10, scheduleID=77) == [2]
    assert tasks.refused(q="backup") == BAD


# --- order, members, pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("instanceID DESC", [3, 2, 1]),
        ("name", [1, 3, 2]),
        ("serviceID DESC, instanceID DESC", [3, 2, 1]),
        ("serviceID DESC,name ASC", [3, 1, 2]),
        ("completionTime", [1, 3, 2]),
    ],
)
def test_sorted(tasks: Api, order: str, found: list[int]) -> None:
    assert tasks.ids(hql_sortBy=order) == found


@pytest.mark.parametrize("order", ["", "nonsense", "name UP", "name ASC DESC", "name,"])
def test_an_order_that_is_not_understood_is_refused(tasks: Api, order: str) -> None:
    assert tasks.refused(hql_sortBy=order) == BAD


def test_only_some_members(tasks: Api) -> None:
    assert tasks.find(hql_fields="instanceID,status", hql_filter="instanceID=2")["data"] == [{"instanceID": 2, "status": "completed"}]


def test_members_that_are_not_there_are_refused(tasks: Api) -> None:
    assert tasks.refused(hql_fields="instanceID,nonsense") == BAD


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"hql_offset": 1}, [2, 3]),
        ({"hql_count": 2}, [1, 2]),
        ({"hql_offset": 1, "hql_count": 1}, [2]),
        ({"hql_offset": 9}, []),
        ({"page": 1, "pageSize": 2}, [1, 2]),
        ({"page": 2, "pageSize": 2}, [3]),
        ({"page": 3, "pageSize": 2}, []),
        ({"page": 2, "pageSize": 2, "hql_offset": 0}, [3]),
    ],
)
def test_part_of_a_list_and_the_count_of_all(tasks: Api, query: dict[str, object], found: list[int]) -> None:
    assert tasks.ids(**query) == found
    assert tasks.find(**query)["count"] == 3


def test_a_list_by_pages_says_how_many_there_are(tasks: Api) -> None:
    assert tasks.find(page=2, pageSize=2)["pagination"] == {"page": 2, "pageSize": 2, "numPages": 2}
    assert "pagination" not in tasks.find()


@pytest.mark.parametrize("query", [{"page": 1}, {"page": 0, "pageSize": 1}, {"hql_offset": -1}, {"hql_count": 0}, {"pageSize": "x"}])
def test_pages_that_make_no_sense_are_refused(tasks: Api, query: dict[str, object]) -> None:
    assert tasks.refused(**query) == BAD


def test_a_list_that_asks_for_no_size_shows_a_hundred(api: Api) -> None:
    api.model.load([{"instanceID": number, "status": "completed"} for number in range(1, 151)], keep=False)
    assert (len(api.ids()), api.find()["count"]) == (100, 150)
    assert len(api.ids(hql_count=150)) == 150


def test_or_all_of_them(api: Api) -> None:
    api.model.set_switches({"default_page_size": None})
    api.model.load([{"instanceID": number, "status": "completed"} for number in range(1, 151)], keep=False)
    assert len(api.ids()) == 150


def test_a_server_may_cut_large_pages(tasks: Api) -> None:
    tasks.model.set_switches({"max_page_size": 2})
    assert tasks.ids(hql_count=3) == [1, 2]
    assert tasks.ids(page=2, pageSize=3) == [3]


def test_count_may_mean_this_answer(tasks: Api) -> None:
    tasks.model.set_switches({"count_means": "answer"})
    assert tasks.find(hql_offset=1)["count"] == 2


# --- objects -------------------------------------------------------------------------------------------------------------------


def test_times_are_written_without_a_colon_in_the_zone(api: Api) -> None:
    api.put("waiting", scheduledStartTime="2031-12-01T02:00:00+09:00")
    assert api.show()["scheduledStartTime"] == "2031-12-01T02:00:00.000+0900"


def test_unset_times_may_be_absent(api: Api) -> None:
    api.put("waiting")
    assert api.show()["startTime"] is None
    api.model.set_switches({"unset_times": "absent"})
    assert "startTime" not in api.show()
    assert "stepTime" in api.show()


@pytest.mark.parametrize("position", ["given", 0, None, "absent"])
def test_the_schedule_of_a_task_of_immediate_execution(api: Api, position: object) -> None:
    api.put("inProgress", scheduleType="immediate")
    api.model.set_switches({"immediate_schedule": position})
    assert api.show().get("scheduleID", "absent") == (7501 if position == "given" else position)


@pytest.mark.parametrize("id_", ["555", "0", "x", "-1", "1.0", "5381%2Factions", "%D9%A1", "12345678901234567"])
def test_no_task_of_that_id(api: Api, id_: str) -> None:
    assert error_of(api.ask("GET", f"/Tasks/{id_}")) == NOT_THERE


def test_a_schedule(api: Api) -> None:
    schedule = api.json("/Schedules/2302")
    assert (schedule["instanceID"], schedule["scheduleType"], schedule["status"]) == (2302, "schedule", "suspended")
    assert schedule["recurrenceLastDayOfMonth"] is False


@pytest.mark.parametrize(("edition", "position", "given"), [("v10", "edition", False), ("v12", "edition", True), ("v10", "given", True)])
def test_a_schedule_of_v10_has_no_status(api: Api, edition: str, position: str, given: bool) -> None:
    api.model.set_switches({"hitachi_edition": edition, "schedule_status": position})
    assert ("status" in api.json("/Schedules/2302")) is given


def test_the_schedules_of_tasks_that_have_not_run(api: Api) -> None:
    assert api.ids("Schedules", scheduleStatus="running") == [2193, 2301, 2302]
    assert api.ids("Schedules", serviceID=2020) == [2301]
    assert api.refused("Schedules", scheduleStatus="suspended") == BAD


def test_the_schedules_of_a_service_group(api: Api) -> None:
    api.model.load([{"instanceID": 9001, "scheduleID": 9501, "serviceGroupID": 4, "status": "inProgress"}], keep=True)
    assert api.ids("Schedules", serviceGroupID=4) == [9501]


def test_a_history(api: Api) -> None:
    assert api.json("/TaskHistories/4006")["taskID"] == 5237
    assert error_of(api.ask("GET", "/TaskHistories/5237")) == NOT_THERE


def test_histories_of_a_period(api: Api) -> None:
    assert api.ids("TaskHistories", start="2014-01-01T00:00:00+09:00", end="2099-01-01T00:00:00+09:00") == [4006]
    assert api.ids("TaskHistories", start="2099-01-01T00:00:00+09:00") == []
    assert api.refused("TaskHistories", start="2014") == BAD


def test_services(api: Api) -> None:
    assert 2015 in api.ids("Services")
    assert api.json("/Services/2015")["serviceState"] == "release"
    assert error_of(api.ask("GET", "/Services/1")) == NOT_THERE
