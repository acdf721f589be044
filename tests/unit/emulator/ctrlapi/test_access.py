# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, roles and projects: vendors/ctrlapi.md, sections 2.5 and 3.6."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.unit.emulator.ctrlapi.api import SENT, Api, entry

OWNER, OWNER_OF_OTHERS, VIEWER, OPERATOR, SUPERADMIN, NOBODY = 4, 5, 6, 7, 9, 12345
STOP = {"project_id": 23, "task_ids": [241458]}


def answer(api: Api, user: int, method: str, params: dict[str, Any]) -> Any:
    return json.loads(api.ask(entry(method, params), user=user).body)


def part(api: Api, user: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer(api, user, method, params)["reply"][0]
    return found


@pytest.mark.parametrize("user", [OWNER, OWNER_OF_OTHERS, OPERATOR, SUPERADMIN])
def test_who_may_stop(live: Api, user: int) -> None:
    assert part(live, user, "TaskStop", STOP)["result"] == [{"task_id": 241458, **SENT}]


def test_a_viewer_may_read_only(live: Api) -> None:
    assert part(live, VIEWER, "TaskInfo", STOP)["result"][0]["task_id"] == 241458
    assert part(live, VIEWER, "TaskStop", STOP)["errors"] == ["emulator: user may only view project 23"]
    assert live.statuses(2, 241458) == ["Started", "Started"]


def test_switch_view_only_roles(live: Api) -> None:
    live.model.set_switches({"view_only_roles": ["user", "operator"]})
    assert part(live, OPERATOR, "TaskStop", STOP)["errors"] == ["emulator: operator may only view project 23"]


@pytest.mark.parametrize(
    ("position", "said"),
    [
        ("object", {"reply": [{"method": "TaskStop", "result": {"error": "emulator: user may only view project 23"}}]}),
        ("item", {"reply": [{"method": "TaskStop", "result": [{"task_id": 241458, "error": "emulator: user may only view project 23"}]}]}),
        ("top", {"errors": ["emulator: user may only view project 23"]}),
    ],
)
def test_switch_view_only(live: Api, position: str, said: object) -> None:
    live.model.set_switches({"view_only": position})
    assert answer(live, VIEWER, "TaskStop", STOP) == said


@pytest.mark.parametrize("project", [77, 99])
@pytest.mark.parametrize("method", ["TaskInfo", "TaskStop", "TaskResume"])
def test_a_project_of_somebody_else_is_as_good_as_none(live: Api, method: str, project: int) -> None:
    found = part(live, OWNER, method, {"project_id": project, "task_ids": [300004]})
    assert found == {"method": method, "errors": [f"emulator: no project {project} for user 4"]}


@pytest.mark.parametrize(
    ("position", "status", "said"),
    [
        ("object", 200, {"reply": [{"method": "TaskInfo", "result": {"error": "emulator: no project 77 for user 4"}}]}),
        ("item", 200, {"reply": [{"method": "TaskInfo", "result": [{"task_id": 1, "error": "emulator: no project 77 for user 4"}]}]}),
        ("empty", 200, {"reply": [{"method": "TaskInfo", "result": []}]}),
        ("top", 200, {"errors": ["emulator: no project 77 for user 4"]}),
        (403, 403, {"errors": ["emulator: no project 77 for user 4"]}),
        (404, 404, {"errors": ["emulator: no project 77 for user 4"]}),
    ],
)
def test_switch_no_access(live: Api, position: object, status: int, said: object) -> None:
    live.model.set_switches({"no_access": position})
    reply = live.ask(entry("TaskInfo", {"project_id": 77, "task_ids": [1]}))
    assert (reply.status, json.loads(reply.body)) == (status, said)


@pytest.mark.parametrize(
    ("position", "status", "said"),
    [
        ("top", 200, {"errors": ["emulator: no user 12345"]}),
        ("method", 200, {"reply": [{"method": "TaskInfo", "errors": ["emulator: no user 12345"]}]}),
        (401, 401, {"errors": ["emulator: no user 12345"]}),
        (403, 403, {"errors": ["emulator: no user 12345"]}),
    ],
)
def test_switch_unknown_user(live: Api, position: object, status: int, said: object) -> None:
    live.model.set_switches({"unknown_user": position})
    reply = live.ask(entry("TaskInfo", STOP), user=NOBODY)
    assert (reply.status, json.loads(reply.body)) == (status, said)


def test_a_task_of_another_project_is_not_found(live: Api) -> None:
    assert part(live, OWNER_OF_OTHERS, "TaskInfo", {"project_id": 23, "task_ids": [300004]})["result"] == []
    assert part(live, OWNER_OF_OTHERS, "TaskInfo", {"project_id": 77, "task_ids": [300004]})["result"][0]["task_id"] == 300004


def test_vod_answers_a_task_of_another_project_like_one_that_can_t_be_stopped(vod: Api) -> None:
    assert vod.act("TaskStop", 90) == {"error": "Stopping task is unavailable"}


# --- ProjectsList ---------------------------------------------------------------------------------------------------------


def listed(api: Api, user: int = OWNER, **params: Any) -> dict[str, Any]:
    result: dict[str, Any] = part(api, user, "ProjectsList", params)["result"]
    return result


def test_the_projects_of_a_user(live: Api) -> None:
    assert listed(live) == {
        "projects": [
            {"id": 23, "title": "Streams", "founder": "user 4", "role": "owner",
             "live_apps_count": 2, "live_channels_count": 4, "live_streams_count": 7},
            {"id": 24, "title": "More streams", "founder": "user 5", "role": "engineer",
             "live_apps_count": 0, "live_channels_count": 0, "live_streams_count": 0},
        ],
        "current_page": 1,
        "total_pages": 1,
        "limit_value": 25,
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "projects"), [("own", [23]), ("shared", [24]), ("all", [23, 24])])
def test_own_and_shared_projects(live: Api, kind: str, projects: list[int]) -> None:
    assert [project["id"] for project in listed(live, type=kind)["projects"]] == projects


def test_pages_of_projects(live: Api) -> None:
    second = listed(live, limit_value=1, page=2)
    assert ([project["id"] for project in second["projects"]], second["current_page"], second["total_pages"]) == ([24], 2, 2)
    assert listed(live, limit_value=1, page=3)["projects"] == []


def test_a_superuser_sees_all_projects_and_has_no_role(live: Api) -> None:
    assert {project["id"]: project["role"] for project in listed(live, SUPERADMIN)["projects"]} == dict.fromkeys((2, 23, 24, 77), "unknown")


@pytest.mark.parametrize("params", [{"type": "mine"}, {"limit_value": 0}, {"page": "1"}])
def test_bad_parameters_of_the_list(live: Api, params: dict[str, Any]) -> None:
    assert list(part(live, OWNER, "ProjectsList", params)) == ["method", "errors"]


# --- AppList ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "apps"), [("active", [537, 462]), ("stopped", [461]), ("all", [537, 462, 461])])
def test_probes_by_their_state(live: Api, wanted: str, apps: list[int]) -> None:
    assert [app["app_id"] for app in live.result("AppList", app_status=wanted)] == apps


@pytest.mark.parametrize(
    "wrong",
    [
        {"users": {"four": {}}},
        {"users": {"4": {"password": "x"}}},
        {"projects": {"23": {"roles": {"4": "king"}}}},
        {"projects": {"23": {"attempts_number": 11}}},
        {"apps": [{"app_id": 1}]},
        {"view_only_roles": ["king"]},
        {"ordered_errors": [{"level": "somewhere"}]},
    ],
)
def test_a_world_that_can_t_be_is_not_taken(live: Api, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadOrder, match="can't be"):
        live.model.set_switches(wrong)
