# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords of Ansible at the role, at a block around it or at the play: no work without a window, and no window that stays open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.processes import Run
from tests.integration.windows import ID, Window, actions, ended

Plain = dict[str, Any]

WORK = {"name": "Work", "ansible.builtin.debug": {"msg": "the work was done"}}
ROLE = {"name": "Window", "ansible.builtin.import_role": {"name": "taskops.quiesce.maintenance_window"}}
PLACES = ["the play", "a block", "import_role", "roles"]
OPENED_AND_CLOSED = ["pause", "pause", "resume", "resume"]


def play(window: Window, *work: Mapping[str, Any], variables: Mapping[str, Any] | None = None, **play: Any) -> Run:
    """Run a play on localhost with the variables of the window and this work."""
    (window.folder / "work.yml").write_text(json.dumps(work or [WORK]))
    whole = {"hosts": "localhost", "gather_facts": False, "vars": dict(variables or {}), **play}
    (window.folder / "play.yml").write_text(json.dumps([whole]))
    return window.run("play.yml", maintenance_work=str(window.folder / "work.yml"))


def status_now(name: str) -> Plain:
    """An Ansible task, or a handler, of that name that prints the status of the window in its ledger."""
    command = ["python3", "-c", "import json, sys; print('the window is ' + json.load(open(sys.argv[1]))['status'])"]
    return {"name": name, "ansible.builtin.command": {"argv": [*command, "{{ maintenance_ledger_dir }}/{{ maintenance_id }}.json"]}}


def ignoring_errors(place: str) -> Plain:
    """The keywords of a play with the role, of which one ignores errors at this place."""
    ignore = {"ignore_errors": True}
    if place == "the play":
        return {"tasks": [ROLE], **ignore}
    if place == "roles":
        return {"roles": [{"role": "taskops.quiesce.maintenance_window", **ignore}]}
    return {"tasks": [{**ROLE, **ignore} if place == "import_role" else {"name": "Block", "block": [ROLE], **ignore}]}


def seen(run: Run, name: str) -> list[str]:
    return [result["stdout"] for result in run.results if result.task.endswith(name)]


@pytest.mark.parametrize("place", PLACES)
def test_ignored_errors_are_those_of_the_work_only(window: Window, place: str) -> None:
    """A window that isn't fully open is closed, and the work isn't begun."""
    window.targets[0] |= {"select": None, "tasks": ["script-0"]}
    window.targets.append({**window.targets[0], "name": "later", "stage": 20, "tasks": ["script-1"]})
    window.fleet.systems["totalcontrol"].order_fault("status", match={"action": "pause", "id": "script-1"}, times=None, status=403)
    found = window.fleet.states()

    run = play(window, **ignoring_errors(place))

    assert run.status != 0 and "the work was done" not in run.printed
    assert window.document()["status"] == "closed" and window.fleet.states() == found


def test_errors_of_the_work_can_be_ignored(window: Window) -> None:
    failing = {"name": "Fail", "ansible.builtin.fail": {"msg": "no"}}

    run = play(window, failing, WORK, tasks=[{**ROLE, "ignore_errors": True}])

    assert run.status == 0 and "the work was done" in run.printed
    assert window.document()["status"] == "closed" and actions(window.fleet)["totalcontrol"] == OPENED_AND_CLOSED


@pytest.mark.parametrize("place", PLACES)
def test_a_window_that_can_t_be_closed_fails_the_play_although_errors_are_ignored(window: Window, place: str) -> None:
    window.fleet.systems["totalcontrol"].order_fault("status", match={"action": "resume"}, times=None, status=403)

    run = play(window, **ignoring_errors(place))

    assert run.status != 0 and "the work was done" in run.printed
    assert window.document()["status"] == "closing"


def test_a_play_may_list_a_role_twice(window: Window) -> None:
    """By default, Ansible leaves a role out the second time, and the work after it would be done in no window."""
    names = ["maintenance_open", "maintenance_close", "maintenance_open", "maintenance_close"]

    run = play(window, roles=[f"taskops.quiesce.{name}" for name in names])

    assert run.status == 0 and actions(window.fleet)["totalcontrol"] == OPENED_AND_CLOSED * 2


@pytest.mark.parametrize("fails", [False, True], ids=["the work goes well", "the handler fails"])
def test_handlers_of_the_work_run_in_the_window(window: Window, fails: bool) -> None:
    found = window.fleet.states()
    handler = {**status_now("restart"), "failed_when": fails}

    run = play(window, {**status_now("Update"), "notify": "restart"}, tasks=[ROLE], handlers=[handler])

    assert seen(run, "Update") == seen(run, "restart") == ["the window is open"]
    assert bool(run.status) == fails
    assert window.document()["status"] == "closed" and window.fleet.states() == found


def test_after_an_opening_that_took_longer_than_the_timeout_the_role_closes(window: Window) -> None:
    """Here that takes too long, too: a pause without an answer may take effect within ten seconds."""
    system = window.fleet.systems["totalcontrol"]
    system.order_fault("delay", match={"action": "pause", "id": "script-1"}, times=None, seconds=30, when="before")
    found = window.fleet.states()

    run = play(window, tasks=[ROLE], timeout=5)

    assert run.status != 0 and "the work was done" not in run.printed
    for verb, advice in (("opened", "run it again or close the window."), ("closed", "run it again.")):
        assert f"the task's timeout of 5 s was over before window {ID} was {verb}; raise timeout, and {advice}" in run.printed
    assert window.document()["status"] == "closing"
    assert ended(window.close()) == "" and window.fleet.states() == found


def test_a_condition_at_include_role_may_change_during_the_work(window: Window) -> None:
    """Ansible evaluates one at `import_role` or at a block again before it closes the window, and then leaves it open."""
    include = {"name": "Window", "ansible.builtin.include_role": {"name": "taskops.quiesce.maintenance_window"}, "when": "has_news"}

    run = play(window, {"name": "Update", "ansible.builtin.set_fact": {"has_news": False}}, tasks=[include], variables={"has_news": True})

    assert run.status == 0 and window.document()["status"] == "closed"
    assert actions(window.fleet)["totalcontrol"] == OPENED_AND_CLOSED


def test_facts_that_are_those_of_another_host_leave_the_window_to_its_own(window: Window) -> None:
    elsewhere = {"delegate_to": "elsewhere", "delegate_facts": True, "vars": {"ansible_connection": "local"}}

    run = play(window, tasks=[{**ROLE, **elsewhere}])

    assert run.status == 0, run.printed
    assert window.document()["status"] == "closed" and actions(window.fleet)["totalcontrol"] == OPENED_AND_CLOSED
