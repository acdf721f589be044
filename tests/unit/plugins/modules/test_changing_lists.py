# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each vendor's list in pages while tasks go, come and change places: it's whole, or a warning tells that it may not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._vendors import hitachi, huawei, iotda
from ansible_collections.taskops.quiesce.plugins.modules import (
    hitachi_task_info,
    huawei_task,
    huawei_task_info,
    iotda_batchtask,
    iotda_batchtask_info,
)

from tests.emulator.vendor import Vendor
from tests.unit.huawei import BATCH, KEY, PROJECT, in_process, requests_to, without_environment
from tests.unit.plugins.modules import hitachi_world, iotda_world
from tests.unit.plugins.modules.changing_lists import happens_after, shows
from tests.unit.plugins.modules.results import is_one_sentence
from tests.unit.run_module import run_main

SIZE = 20
MAY_LACK = "may lack tasks, since it"


@dataclass
class System:
    """A vendor's list as the information module shows it; `put` adds a task and `take` removes one, both by its number."""

    vendor: Vendor
    run: Callable[..., dict[str, Any]]
    put: Callable[[int], None]
    take: Callable[[int], None]
    rows: str
    count: Callable[[Any, int], Any]

    def read(self) -> tuple[set[str], list[str]]:
        """The names of the tasks, and the warnings."""
        result = self.run()
        assert not result.get("failed"), result
        names = [row["name"] for row in result["tasks"]]
        assert len(names) == len(set(names)), "no task is listed twice"
        return set(names), list(map(str, result.get("warnings", [])))

    @property
    def requests(self) -> int:
        return sum(1 for entry in self.vendor.journal.since() if entry.call.action == "list")


def name(number: int) -> str:
    return f"task{number:04}"


def names(numbers: Any) -> set[str]:
    return {name(number) for number in numbers}


@pytest.fixture(params=["huawei", "hitachi", "iotda"])
def system(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[int], System]:
    return lambda number: {"huawei": _huawei, "hitachi": _hitachi, "iotda": _iotda}[request.param](number, capsys, monkeypatch)


def _count(document: Any, count: int) -> Any:
    return {**document, "count": count}


def _huawei(number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> System:
    without_environment(monkeypatch)
    monkeypatch.setattr(huawei, "PAGE_SIZE", SIZE)

    def task(place: int) -> dict[str, Any]:
        # The newest comes first.
        return {
            "id": name(place),
            "name": name(place),
            "state": "RUNNING",
            "created_at": f"2024-01-15T08:{59 - place // 60:02}:{59 - place % 60:02}Z",
        }

    vendor = in_process(monkeypatch, *map(task, range(number)))

    def run() -> dict[str, Any]:
        return run_main(huawei_task_info.main, capsys, "huawei_task_info", check=False, diff=False, project_id=PROJECT, **KEY)

    return System(
        vendor,
        run,
        lambda place: vendor.load([task(place)], keep=True),
        lambda place: vendor.act(name(place), "remove", {}),
        "tasks",
        _count,
    )


def _hitachi(number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(hitachi, "PAGE_SIZE", SIZE)
    world = hitachi_world.World(hitachi_task_info.main, "hitachi_task_info", capsys, monkeypatch)

    def task(place: int) -> dict[str, Any]:
        return hitachi_world.run(task_id=str(5000 + place)) | {"name": name(place)}

    world.begin(*map(task, range(number)))
    vendor = world.system
    return System(
        vendor,
        world.run,
        lambda place: vendor.load([task(place)], keep=True),
        lambda place: vendor.act(str(5000 + place), "delete", {}),
        "data",
        _count,
    )


def _iotda(number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(iotda, "PAGE_SIZE", SIZE)
    world = iotda_world.World(iotda_batchtask_info.main, "iotda_batchtask_info", capsys, monkeypatch)
    ids = iotda_world.many(2000)

    def task(place: int) -> dict[str, Any]:
        return iotda_world.upgrade(task_id=ids[1000 - place], task_name=name(place))

    world.begin(*map(task, range(number)))
    vendor = world.system

    def count(document: Any, number: int) -> Any:
        return {**document, "page": {**document["page"], "count": number}}

    return System(
        vendor,
        lambda: world.run(task_type="firmwareUpgrade"),
        lambda place: vendor.load([task(place)], keep=True),
        lambda place: vendor.act(ids[1000 - place], "delete", {}),
        "batchtasks",
        count,
    )


Make = Callable[[int], System]


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (SIZE - 1, 1), (2 * SIZE - 3, 2), (3 * SIZE - 8, 3)])
def test_a_list_that_rests_costs_its_pages(system: Make, number: int, requests: int) -> None:
    its = system(number)

    assert its.read() == (names(range(number)), []) and its.requests == requests


def test_a_task_that_runs_is_listed_though_another_one_goes_between_two_pages(system: Make) -> None:
    its = system(50)
    happens_after(its.vendor, "list", lambda: its.take(3))

    found, warnings = its.read()

    assert found - names([3]) == names({*range(50)} - {3}) and warnings == []
    assert its.requests <= 2 + 3


def test_the_last_page_that_a_deletion_empties_is_no_end(system: Make) -> None:
    its = system(SIZE + 1)
    happens_after(its.vendor, "list", lambda: its.take(3))

    assert its.read()[0] - names([3]) == names({*range(SIZE + 1)} - {3})


def test_a_task_that_comes_between_two_pages_hides_none(system: Make) -> None:
    its = system(50)
    its.take(0)
    happens_after(its.vendor, "list", lambda: its.put(0))

    found, warnings = its.read()

    assert found - names([0]) == names(range(1, 50)) and warnings == []


def test_a_task_that_moves_to_the_front_between_two_pages_is_listed(system: Make) -> None:
    """As in a list that is ordered by the last change; where the order is that of the ids, such a task is another one."""
    its = system(50)
    its.take(0)

    def move() -> None:
        its.take(45)
        its.put(0)

    happens_after(its.vendor, "list", move)

    found, warnings = its.read()

    assert found >= names({*range(1, 50)} - {45}) and warnings == []


def test_a_list_that_never_rests_says_so(system: Make) -> None:
    its = system(60)
    happens_after(its.vendor, "list", *(partial(its.take, place) for place in range(20)))

    found, warnings = its.read()

    if its.rows == "batchtasks":
        assert found >= names(range(20, 60)), "a marker is a place that doesn't move"
    else:
        (warning,) = warnings
        assert MAY_LACK in warning and found <= names(range(60))
    assert its.requests <= 10


def test_a_task_that_is_listed_twice_for_good_costs_a_second_reading(system: Make) -> None:
    its = system(10)
    shows(its.vendor, "list", lambda document: {**document, its.rows: [*document[its.rows], document[its.rows][0]]})

    found, _warnings = its.read()

    assert found == names(range(10)) and its.requests <= 4


@pytest.mark.parametrize("lie", [0, 1, 9])
def test_a_count_under_the_truth_is_no_reason_for_another_request(system: Make, lie: int) -> None:
    its = system(10)
    shows(its.vendor, "list", lambda document: its.count(document, lie))

    assert its.read() == (names(range(10)), []) and its.requests == 1


def test_a_count_over_what_is_shown_is_told(system: Make) -> None:
    its = system(10)
    shows(its.vendor, "list", lambda document: its.count(document, 12))

    result = its.run()

    told = [result["msg"]] if result.get("failed") else list(map(str, result["warnings"]))
    assert len(told) == 1 and "12" in told[0] and "10" in told[0]
    assert its.requests <= 4


# State modules


@pytest.fixture
def vias(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    without_environment(monkeypatch)
    monkeypatch.setattr(huawei, "PAGE_SIZE", SIZE)

    def run(**options: Any) -> dict[str, Any]:
        return run_main(huawei_task.main, capsys, "huawei_task", check=False, diff=False, project_id=PROJECT, **KEY, **options)

    return run


def test_a_task_by_id_that_the_list_leaves_out_is_asked_for_by_its_own_page(
    vias: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [name(number) for number in range(25)]
    newest = {"id": "newest", "state": "RUNNING", "created_at": "2025-01-15T08:30:00Z"}
    vendor = in_process(monkeypatch, newest, *({"id": id_, "state": "STOPPED", "created_at": "2024-01-15T08:30:00Z"} for id_ in ids))
    happens_after(vendor, "list", lambda: vendor.act("newest", "remove", {}))

    result = vias(task_ids=ids, state="stopped")

    assert not result.get("failed") and all(row["reached"] for row in result["tasks"])
    assert [request.split()[0] for request in requests_to(vendor)] == ["list", "list", "show"]


def lose_both_ends(vendor: Any) -> list[Callable[[], None]]:
    """Take a task from both ends of 60, ten times."""

    def lose(place: int) -> None:
        for end in (place, 59 - place):
            vendor.act(name(end), "remove", {})

    return [partial(lose, place) for place in range(10)]


def test_the_call_for_a_whole_batch_isn_t_made_where_the_list_may_lack_one_of_its_tasks(
    vias: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [{"id": name(number), "state": "RUNNING", "batch_id": BATCH} for number in range(60)]
    vendor = in_process(monkeypatch, *tasks)
    happens_after(vendor, "list", *lose_both_ends(vendor))

    result = vias(batch_id=BATCH, state="stopped")

    assert MAY_LACK in str(result["warnings"])
    assert "batch_act" not in {entry.call.action for entry in vendor.journal.since()}


def test_a_name_that_isn_t_in_a_list_that_never_rests_may_be_there_all_the_same(
    vias: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = in_process(monkeypatch, *({"id": name(number), "name": "x", "state": "RUNNING"} for number in range(60)))
    happens_after(vendor, "list", *lose_both_ends(vendor))

    result = vias(names=["a", "b"], state="stopped")

    assert result["failure"]["code"] == "not_found" and is_one_sentence(result["msg"])
    assert "the list of VIAS shows no task named a, and may lack tasks" in result["msg"]


@pytest.fixture
def devices(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> iotda_world.World:
    return iotda_world.World(iotda_batchtask.main, "iotda_batchtask", capsys, monkeypatch)


WANTED = [f"dev_{number:02}" for number in range(20)]


def test_a_device_that_is_listed_twice_pushes_no_other_one_out(devices: iotda_world.World) -> None:
    devices.begin(iotda_world.upgrade(devices=dict.fromkeys(WANTED, "Processing")))
    shows(devices.system, "show", lambda document: {**document, "task_details": [document["task_details"][0], *document["task_details"]]})

    result = devices.run(task_id=iotda_world.T, targets=WANTED, state="stopped")

    assert result["summary"]["reached"] == 20 and set(devices.devices().values()) == {"Stopped"}


def test_a_device_that_is_listed_twice_is_judged_by_the_worse(devices: iotda_world.World) -> None:
    devices.begin(iotda_world.upgrade(devices=dict.fromkeys(WANTED, "Success")))

    def twice(document: Any) -> Any:
        first, *others = document["task_details"]
        return {**document, "task_details": [first, {**first, "status": "Processing"}, *others]}

    shows(devices.system, "show", twice)

    result = devices.run(check=True, task_id=iotda_world.T, targets=WANTED, state="stopped")

    assert [row["id"] for row in result["tasks"] if row["action"] == "stop"] == ["dev_19"]


def test_a_device_that_the_list_leaves_out_is_asked_for_by_its_name(devices: iotda_world.World) -> None:
    devices.begin(iotda_world.upgrade(devices=dict.fromkeys(WANTED, "Processing")))

    def without_one(document: Any) -> Any:
        rows = document["task_details"]
        return {**document, "task_details": rows[1:] if len(rows) > 1 else rows}

    shows(devices.system, "show", without_one)

    result = devices.run(task_id=iotda_world.T, targets=WANTED, state="stopped")

    assert result["summary"]["reached"] == 20
    assert devices.requests == ["show"] * 3 + ["stop"] + ["show"] * 3


def test_a_device_that_isn_t_shown_any_more_after_its_stop_isn_t_told_as_stopped(devices: iotda_world.World) -> None:
    devices.begin(iotda_world.upgrade(devices=dict.fromkeys(WANTED, "Processing")))
    is_gone: list[bool] = []

    def without_one(document: Any) -> Any:
        kept = [row for row in document["task_details"] if not is_gone or row["target"] != "dev_07"]
        return {**document, "task_details": kept, "page": {**document["page"], "count": len(kept)}}

    shows(devices.system, "show", without_one)
    happens_after(devices.system, "stop", lambda: is_gone.append(True))

    result = devices.run(task_id=iotda_world.T, targets=WANTED, state="stopped")

    (left,) = (row for row in result["tasks"] if not row["reached"])
    assert (left["id"], left["after"], left["error"]["code"]) == ("dev_07", "absent", "not_found")
    assert "no longer knows device dev_07" in result["msg"] and is_one_sentence(result["msg"])
