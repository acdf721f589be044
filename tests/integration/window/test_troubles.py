# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of a window: a target fails, the work fails, somebody else changes tasks, an action is final."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.windows import ID, Window, actions, ended

from .conftest import Make

STOPPED, ENDED, PAUSED, RUNS = -5, -2, -4, -1
UPGRADE = {"task_id": "5c8ba99030344005c02316ad", "task_type": "firmwareUpgrade", "status": "Processing"}


@pytest.mark.wire
def test_one_target_that_fails_does_not_keep_the_others_and_opening_again_recovers(make_window: Make) -> None:
    window = make_window("totalcontrol", "huawei", count=1)
    found = window.fleet.states()
    window.fleet.systems["totalcontrol"].order_fault("status", match={"action": "pause"}, times=None, status=403)

    sentence = ended(window.open())
    states = window.fleet.states()
    report = window.report()
    window.fleet.systems["totalcontrol"].clear_faults()
    again = ended(window.open())

    assert sentence.startswith(f"The window {ID} isn't fully open: target scripts: ") and "script-0" in sentence
    assert (states["totalcontrol"], list(states["huawei"].values())) == ({"script-0": RUNS}, ["STOPPED"])
    assert (report["counts"]["failed"], report["counts"]["held"]) == (1, 1)
    assert again == ""
    assert window.fleet.states()["totalcontrol"] == {"script-0": PAUSED}
    assert ended(window.close()) == ""
    assert window.fleet.states() == found


@pytest.mark.wire
def test_a_system_that_cannot_be_reached_at_first_keeps_the_window_shut(make_window: Make) -> None:
    window = make_window(
        "totalcontrol", "huawei", count=1, huawei={"options": {"url": "http://127.0.0.1:9", "retries": 0, "region": "cn-north-4"}}
    )

    assert "target analyses: " in ended(window.open())
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


@pytest.mark.wire
def test_what_somebody_else_stopped_or_what_ended_is_left_so(window: Window) -> None:
    system = window.fleet.systems["totalcontrol"]
    system.add_tasks({"task_name": "script-2", "status": RUNS})
    assert ended(window.open()) == ""
    system.act("script-0", "stop")
    system.act("script-1", "end")

    assert ended(window.close()) == ""

    assert window.fleet.states()["totalcontrol"] == {"script-0": STOPPED, "script-1": ENDED, "script-2": RUNS}
    assert actions(window.fleet)["totalcontrol"] == ["pause"] * 3 + ["resume"]
    assert window.report()["counts"]["left"] == 2
    whys = {task["id"]: task["why"] for target in window.report()["targets"] for task in target["tasks"] if task["fate"] == "left"}
    assert whys == {
        "script-0": "it's stopped now, which this window didn't cause; it's left unchanged, since that may be intended",
        "script-1": "it has ended by itself (completed)",
    }


@pytest.mark.wire
def test_a_task_that_vanished_is_told_and_the_rest_is_put_back(window: Window) -> None:
    assert ended(window.open()) == ""
    window.fleet.systems["totalcontrol"].act("script-0", "delete")

    sentence = ended(window.close())

    assert sentence.startswith(
        f"The window {ID} isn't closed: target scripts: script-0 can't be put back: Total Control no longer knows it"
    )
    assert window.fleet.states()["totalcontrol"] == {"script-1": RUNS}


@pytest.mark.wire
def test_what_cannot_be_undone_is_refused_unless_accepted(make_window: Make) -> None:
    window = make_window("iotda", others={"iotda": [UPGRADE]}, iotda={"state": "stopped"})

    refused = ended(window.open())
    untouched = actions(window.fleet)
    window.targets[0]["accept_final"] = True
    opened = ended(window.open())
    closed = ended(window.close())

    assert "target upgrades: " in refused and "set accept_final: true for the target to accept this" in refused
    assert untouched == {}
    assert (opened, closed) == ("", "")
    assert window.fleet.states()["iotda"] == {UPGRADE["task_id"]: "Stopped"}
    report = window.report()
    assert (report["status"], report["counts"]["final"]) == ("closed", 1)
    assert "1 task can't be put back, as accept_final allows." in report["verdict"]
    assert "can't be put back" in (window.ledger.parent / f"{ID}+report.md").read_text()


@pytest.mark.wire
def test_a_close_that_fails_puts_back_all_it_can_and_is_run_again(make_window: Make) -> None:
    window = make_window("totalcontrol", "huawei", count=1)
    found = window.fleet.states()
    assert ended(window.open()) == ""
    window.fleet.systems["totalcontrol"].order_fault("status", match={"action": "resume"}, times=None, status=403)

    sentence = ended(window.close())
    states = window.fleet.states()
    window.fleet.systems["totalcontrol"].clear_faults()

    assert sentence.startswith(f"The window {ID} isn't closed: target scripts: ")
    assert states["huawei"] == found["huawei"] and states["totalcontrol"] == {"script-0": PAUSED}
    assert ended(window.close()) == ""
    assert window.fleet.states() == found


@pytest.fixture
def at_work(window: Window) -> Window:
    """A file of tasks and a role that record the states of the scripts while they work."""
    look = {
        "name": "Look",
        "taskops.quiesce.totalcontrol_task_info": {"url": window.fleet.systems["totalcontrol"].url},
        "register": "looked",
    }
    keep = {"name": "Keep what the file saw", "ansible.builtin.debug": {"msg": "{{ looked.tasks | map(attribute='state') }}"}}
    fail = {"name": "Fail", "ansible.builtin.fail": {"msg": "the work went wrong"}, "when": "work_fails | default(false)"}
    (window.folder / "work.yml").write_text(json.dumps([look, keep, fail]))
    role = window.folder / "roles" / "my_work" / "tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text(json.dumps([look, {**keep, "name": "Keep what the role saw"}]))
    return window


def _work(window: Window, *args: str, **more: Any) -> str:
    work: dict[str, Any] = {
        "maintenance_work": str(window.folder / "work.yml"),
        "maintenance_work_roles": [str(window.folder / "roles" / "my_work")],
    }
    return ended(window.run("window", *args, **{**work, **more}))


def test_the_work_of_file_and_roles_is_done_while_the_window_is_open(at_work: Window) -> None:
    """The role is found in Ansible's own path for roles."""
    found = at_work.fleet.states()
    environment = {**at_work.fleet.environment(), "ANSIBLE_ROLES_PATH": str(at_work.folder / "roles")}

    assert _work(at_work, environment=environment, maintenance_work_roles=["my_work"]) == ""

    saw = {result.task: result["msg"] for result in at_work.runs[0].results if "Keep what" in result.task}
    assert list(saw.values()) == [["paused", "paused"]] * 2
    assert at_work.fleet.states() == found
    assert at_work.document()["status"] == "closed"


def test_a_window_is_closed_also_when_the_work_fails(at_work: Window) -> None:
    found = at_work.fleet.states()

    assert _work(at_work, work_fails=True) != ""

    assert at_work.fleet.states() == found
    assert at_work.document()["status"] == "closed"
    assert "the work went wrong" in at_work.runs[0].printed


def test_a_window_in_check_mode_tells_the_plan_and_does_no_work(at_work: Window) -> None:
    assert _work(at_work, "--check") == ""

    assert not [result for result in at_work.runs[0].results if "Keep what" in result.task]
    assert (actions(at_work.fleet), at_work.ledger.parent.exists()) == ({}, False)


def test_a_window_that_could_not_be_opened_is_not_worked_in_and_is_closed(at_work: Window) -> None:
    found = at_work.fleet.states()
    at_work.fleet.systems["totalcontrol"].order_fault("status", match={"action": "pause", "id": "script-1"}, times=None, status=403)

    assert _work(at_work) != ""

    assert not [result for result in at_work.runs[0].results if "Keep what" in result.task]
    assert at_work.fleet.states() == found
    assert at_work.document()["status"] == "closed"


def test_a_window_that_was_refused_is_not_closed_either(at_work: Window) -> None:
    at_work.targets.append({**at_work.targets[0], "name": "again"})

    assert "both name task script-0" in _work(at_work)
    assert (actions(at_work.fleet), at_work.ledger.exists(), at_work.lock.exists()) == ({}, False, False)


@pytest.mark.wire
def test_what_a_proxy_sent_twice_or_lost_the_answer_of_is_put_back_and_that_is_told(make_window: Make) -> None:
    """The second copy of a PUT is refused, and the answer to a POST is lost, although both actions had an effect."""
    window = make_window("totalcontrol", "huawei", count=1)
    found = window.fleet.states()
    window.fleet.systems["huawei"].order_fault("repeat", match={"write": True})
    window.fleet.systems["totalcontrol"].order_fault("proxy_closes", match={"action": "pause"})

    opened = ended(window.open())
    states = window.fleet.states()
    held = {target["name"]: target["tasks"][0] for target in window.report()["targets"]}
    closed = ended(window.close())
    back = {target["name"]: target["tasks"][0] for target in window.report()["targets"]}

    assert (opened, closed) == ("", "")
    assert (states["totalcontrol"], list(states["huawei"].values())) == ({"script-0": PAUSED}, ["STOPPED"])
    assert {task["fate"] for task in held.values()} == {"held"} and {task["fate"] for task in back.values()} == {"back"}
    assert "a proxy on the way may have sent it twice" in back["analyses"]["why"]
    assert back["analyses"]["why"] == held["analyses"]["why"]
    assert window.fleet.states() == found
