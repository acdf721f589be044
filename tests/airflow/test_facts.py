# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Airflow's API does, asked by hand: the page `airflow` of the vendors, for its own servers and for the emulator.

Where the emulator does otherwise than the server, a test fails here, whatever the collection makes of it.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .by_hand import ByHand, wait_for
from .kinds import ALL, KINDS, SMALL
from .servers import USERS
from .world import World

# One request: method, path, body, and the status of 3 and of 2.11.
Ask = tuple[str, str, Any, int, int]
REFUSED: dict[str, Ask] = {
    "an unknown Dag": ("GET", "/dags/nosuch", None, 404, 404),
    "a pause of an unknown Dag": ("PATCH", "/dags/nosuch", {"is_paused": True}, 404, 404),
    "a pause without a body": ("PATCH", "/dags/long_0", {}, 422, 500),
    "a pause with an unknown field": ("PATCH", "/dags/long_0", {"is_paused": True, "paws": 1}, 422, 400),
    "a pause by no boolean": ("PATCH", "/dags/long_0", {"is_paused": "perhaps"}, 422, 400),
    "a run of an unknown Dag": ("POST", "/dags/nosuch/dagRuns", {"logical_date": None}, 404, 404),
    "a stop of an unknown run": ("PATCH", "/dags/long_0/dagRuns/nosuch", {"state": "failed"}, 404, 404),
    "a run set to running": ("PATCH", "/dags/long_0/dagRuns/nosuch", {"state": "running"}, 422, 400),
    "states where state is meant": ("POST", "/dags/~/dagRuns/~/taskInstances/list", {"states": ["running"]}, 422, 400),
    "state where states is meant": ("POST", "/dags/~/dagRuns/list", {"state": ["running"]}, 422, 400),
    "an unknown state of a task instance": ("POST", "/dags/~/dagRuns/~/taskInstances/list", {"state": ["frozen"]}, 422, 400),
    "the state shutdown": ("POST", "/dags/~/dagRuns/~/taskInstances/list", {"state": ["shutdown"]}, 422, 400),
    "the state awaiting_input": ("POST", "/dags/~/dagRuns/~/taskInstances/list", {"state": ["awaiting_input"]}, 200, 400),
    "an unknown state of a run": ("POST", "/dags/~/dagRuns/list", {"states": ["frozen"]}, 422, 200),
    "a list of one Dag's runs by POST": ("POST", "/dags/long_0/dagRuns/list", {}, 422, 405),
    "runs of an unknown Dag": ("GET", "/dags/nosuch/dagRuns", None, 404, 200),
    "task instances of an unknown run": ("GET", "/dags/long_0/dagRuns/nosuch/taskInstances", None, 404, 200),
    "a filter by ids": ("GET", "/dags?dag_ids=long_0", None, 200, 400),
    "a stop of many runs with an error in it": (
        "PATCH",
        "/dags/~/dagRuns",
        {"actions": [{"action": "update", "entities": [{"dag_id": "long_0", "dag_run_id": "nosuch", "state": "failed"}]}]},
        200,
        405,
    ),
    "counts of runs without ids": ("GET", "/dagStats", None, 200, 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_answers_what_it_refuses_with_this_status(world: World, name: str) -> None:
    method, path, body, *statuses = REFUSED[name]

    answer = world.by_hand.ask(method, path, body)

    assert answer.status_code == statuses[0 if world.generation == 3 else 1], answer.text


def test_a_refusal_has_its_words_in_detail_or_in_title(world: World) -> None:
    got, patched = (
        world.by_hand.ask(method, "/dags/nosuch", body).json() for method, body in (("GET", None), ("PATCH", {"is_paused": True}))
    )

    if world.generation == 3:
        assert (got["detail"], patched["detail"]) == ("The Dag with ID: `nosuch` was not found", "Dag with id: nosuch was not found")
    else:
        assert got["detail"] == "The DAG with dag_id: nosuch was not found"
        assert (patched["title"], patched["detail"]) == ("Dag with id: 'nosuch' not found", None)


def test_an_error_within_the_answer_to_many_names_the_run_in_its_text(world: World) -> None:
    if world.generation == 2:
        pytest.skip("2.11 has no such call")
    answer = world.by_hand.ask(*REFUSED["a stop of many runs with an error in it"][:3]).json()

    assert answer["update"]["success"] == []
    (error,) = answer["update"]["errors"]
    assert error["status_code"] == 404 and "nosuch" in error["error"]


# Who may call


def test_a_token_is_given_with_201_and_is_what_3_takes(world: World) -> None:
    asked = requests.post(f"{world.url}/auth/token", json={"username": "admin", "password": USERS["admin"]}, timeout=30)
    wrong = requests.post(f"{world.url}/auth/token", json={"username": "admin", "password": "wrong"}, timeout=30)

    if world.generation == 3:
        assert (asked.status_code, wrong.status_code, wrong.json()) == (201, 401, {"detail": "Invalid credentials"})
        assert asked.json()["access_token"].count(".") == 2
    else:
        assert (asked.status_code, asked.headers["Content-Type"].partition(";")[0]) == (404, "text/html")


def test_no_credentials_and_bad_ones_are_told_like_this(world: World) -> None:
    address = f"{world.url}/api/v{2 if world.generation == 3 else 1}/dags"
    none = requests.get(address, timeout=30)
    token = requests.get(address, headers={"Authorization": "Bearer not.a.token"}, timeout=30)
    basic = requests.get(address, auth=("admin", "wrong"), timeout=30)

    if world.generation == 3:
        assert (none.status_code, none.json()) == (401, {"detail": "Not authenticated"})
        assert (token.status_code, token.json()) == (403, {"detail": "Invalid JWT token"})
        assert basic.status_code == 401
    else:
        assert {answer.status_code for answer in (none, token, basic)} == {403}
        assert none.json()["title"] == basic.json()["title"] == "Forbidden"


def test_a_viewer_reads_and_changes_nothing(world: World) -> None:
    viewer = ByHand(world.url, world.generation, "viewer", USERS["viewer"])
    viewer.sign_in()
    dag_id = world.take("plain")

    refused = viewer.ask("PATCH", f"/dags/{dag_id}", {"is_paused": True})

    assert viewer.count() > 0
    assert refused.status_code == 403
    assert refused.json()["detail"] == ("Forbidden" if world.generation == 3 else None)
    assert not world.by_hand.is_paused(dag_id)


def test_the_api_of_the_other_generation_is_not_there(world: World) -> None:
    other = requests.get(f"{world.url}/api/v{1 if world.generation == 3 else 2}/dags", timeout=30)

    assert other.status_code == 404
    if world.generation == 3:
        assert set(other.json()) == {"error"}
    else:
        assert other.headers["Content-Type"].partition(";")[0] == "text/html"


@pytest.mark.parametrize("dag_id", ["a%2Fb", "a%25b", "a%20b"])
def test_an_id_that_no_dag_has_is_not_found(world: World, dag_id: str) -> None:
    assert world.by_hand.ask("GET", f"/dags/{dag_id}").status_code == 404


# Lists


def test_pages_are_cut_at_100_and_the_total_is_true(world: World) -> None:
    stale = {"exclude_stale": "false"} if world.generation == 3 else {"only_active": "false"}
    cut, default, empty = (world.by_hand.get("/dags", **stale, **limit) for limit in ({"limit": 1000}, {}, {"limit": 0}))

    assert (len(cut["dags"]), cut["total_entries"]) == (100, ALL)
    assert len(default["dags"]) == (50 if world.generation == 3 else 100)
    assert len(empty["dags"]) == (0 if world.generation == 3 else 100)


def test_a_pattern_is_a_part_of_an_id_with_wildcards_and_never_an_exact_id(world: World) -> None:
    def found(pattern: str) -> set[str]:
        return {dag["dag_id"] for dag in world.by_hand.get("/dags", dag_id_pattern=pattern)["dags"]}

    assert found("etl_0") == found("ETL_0") == {"etl_0", "my_etl_0_old", "etlx0"}
    assert found("etl%0_old") == {"my_etl_0_old"}


def test_an_empty_list_of_ids_is_no_filter_and_unknown_ids_are_passed_by(world: World) -> None:
    dag_id, run_id = world.begin("long")
    listed = "/dags/~/dagRuns/list"

    everything, unknown, one = (world.by_hand.ask("POST", listed, {"dag_ids": ids}).json() for ids in ([], ["nosuch"], ["nosuch", dag_id]))

    assert everything["total_entries"] >= 1 and unknown["total_entries"] == 0
    assert [run["dag_run_id"] for run in one["dag_runs"]] == [run_id]
    world.by_hand.set_run(dag_id, run_id, "failed")


def test_a_list_by_post_is_not_cut_at_100(world: World) -> None:
    # Each Dag has one instance at least; what counts is that the limit isn't refused.
    answer = world.by_hand.ask("POST", "/dags/~/dagRuns/~/taskInstances/list", {"page_limit": 1000, "page_offset": 0})

    assert answer.status_code == 200


def test_a_dag_that_lost_its_file_is_stale_and_one_whose_file_is_broken_has_an_error(world: World) -> None:
    world.await_files()
    gone, broken = world.by_hand.dag("gone"), world.by_hand.dag("broken")
    trigger = ("POST", "/dags/gone/dagRuns", {"logical_date": None} if world.generation == 3 else {})

    assert (gone["has_import_errors"], broken["has_import_errors"]) == (False, True)
    assert world.by_hand.ask(*trigger).status_code == 404
    if world.generation == 3:
        assert (gone["is_stale"], broken["is_stale"]) == (True, True)
    else:
        # A broken file is taken for good with what was known of it, until some minutes later its Dag isn't active either.
        assert not gone["is_active"]


def test_whether_a_dag_has_a_schedule_is_told_by_its_description(world: World) -> None:
    without, with_one = world.by_hand.dag("long_0"), world.by_hand.dag("minute_0")

    assert without["timetable_description"].startswith("Never")
    assert not with_one["timetable_description"].startswith("Never")
    due = "next_dagrun_run_after" if world.generation == 3 else "next_dagrun_create_after"
    assert (without[due], bool(with_one[due])) == (None, True)


def test_version_and_health_are_answered(world: World) -> None:
    health = world.by_hand.get("/monitor/health" if world.generation == 3 else "/health")

    assert world.by_hand.get("/version")["version"].startswith(str(world.generation))
    assert health["scheduler"]["status"] == "healthy"


# What pausing and stopping does


def test_under_a_pause_work_ends_and_the_next_task_waits(world: World) -> None:
    dag_id, run_id = world.begin("long")
    world.by_hand.pause(dag_id)

    world.let_go(dag_id)
    wait_for(lambda: world.by_hand.instances(dag_id, run_id)["work"] == "success", "the work ends under the pause")
    # In 2.11, the process of the task itself schedules the next one, a moment after its own success can be read.
    waits = None if world.generation == 3 else "scheduled"
    wait_for(lambda: world.by_hand.instances(dag_id, run_id)["second"] == waits, "the next task waits")
    assert world.by_hand.runs(dag_id) == {run_id: "running"}

    world.by_hand.pause(dag_id, False)
    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the run goes on after the pause")


def test_a_run_that_ended_well_would_be_made_a_failed_one(world: World) -> None:
    dag_id = world.take("plain")
    run_id = world.by_hand.trigger(dag_id, world.new_run_id())
    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the run ends")

    assert world.by_hand.set_run(dag_id, run_id, "failed")["state"] == "failed"


def test_a_run_that_was_set_to_failed_and_is_queued_again_ends_well_with_nothing_done(world: World) -> None:
    dag_id, run_id = world.begin("long")
    world.by_hand.pause(dag_id)
    world.by_hand.set_run(dag_id, run_id, "failed")

    world.by_hand.set_run(dag_id, run_id, "queued")
    world.by_hand.pause(dag_id, False)

    wait_for(lambda: world.by_hand.runs(dag_id) == {run_id: "success"}, "the run ends")
    assert world.by_hand.instances(dag_id, run_id) == {"work": "failed", "second": "skipped"}


def test_a_teardown_is_spared_and_holds_a_run_open_that_is_set_to_failed(world: World) -> None:
    dag_id, run_id = world.begin("cleans")
    world.by_hand.pause(dag_id)

    assert world.by_hand.set_run(dag_id, run_id, "failed")["state"] == "running"
    assert world.by_hand.instances(dag_id, run_id) == {"work": "failed", "after": "skipped", "clean": None}

    world.by_hand.pause(dag_id, False)
    wait_for(lambda: world.by_hand.runs(dag_id)[run_id] != "running", "the teardown runs after the pause")
    assert world.by_hand.instances(dag_id, run_id)["clean"] == "success"


def test_what_there_is_of_each_kind(world: World) -> None:
    """The Dags of both are the same ones."""
    assert len(world.by_hand.paused("small")) == SMALL
    assert len(world.by_hand.paused("long")) == KINDS["long"]
