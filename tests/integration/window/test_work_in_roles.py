# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows around work in the user's own plays: selected by tags, and nested."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.processes import Run
from tests.integration.windows import Window, actions, ended

ROLES = "taskops.quiesce.maintenance"
WORK = {"name": "Work", "ansible.builtin.debug": {"msg": "the work was done"}, "tags": ["update"]}
OPENED_AND_CLOSED = {"totalcontrol": ["pause", "pause", "resume", "resume"]}


def play(window: Window, document: dict[str, Any], *args: str) -> Run:
    """The play with the window's variables, which included files may override."""
    whole = {"hosts": "localhost", "gather_facts": False, "vars": window.variables(), **document}
    (window.folder / "site.yml").write_text(json.dumps([whole]))
    nothing: dict[str, Any] = {"maintenance_id": None, "maintenance_ledger_dir": None, "maintenance_targets": None}
    return window.run("site.yml", *args, **nothing)


def include(role: str, **keywords: Any) -> dict[str, Any]:
    apply = {"apply": keywords.pop("apply")} if "apply" in keywords else {}
    return {"name": f"Include {role}", "ansible.builtin.include_role": {"name": f"{ROLES}_{role}", **apply}, **keywords}


# Tags


def test_tags_that_would_leave_out_the_window_around_the_work_are_an_error(window: Window) -> None:
    """`include_role` doesn't pass its tags on to the tasks of the role."""
    run = play(window, {"tasks": [include("open", tags=["update"]), WORK, include("close", tags=["update"])]}, "--tags", "update")

    sentence = ended(run)
    assert sentence.startswith("the tags update choose the include of the role taskops.quiesce.maintenance_open and none of its tasks")
    assert "the work was done" not in run.printed and actions(window.fleet) == {}


@pytest.mark.parametrize("role", ["window", "close"])
def test_so_are_those_of_the_other_roles(window: Window, role: str) -> None:
    assert f"the role taskops.quiesce.maintenance_{role}" in ended(
        play(window, {"tasks": [include(role, tags=["update"])]}, "--tags", "update")
    )


@pytest.mark.parametrize("way", ["apply", "static", "a block"])
def test_tags_that_reach_the_roles_open_and_close(window: Window, way: str) -> None:
    pair: dict[str, Any]
    if way == "apply":
        tagged = {"tags": ["update"], "apply": {"tags": ["update"]}}
        pair = {"tasks": [include("open", **tagged), WORK, include("close", **tagged)]}
    elif way == "static":
        roles = [{"role": f"{ROLES}_{role}", "tags": ["update"]} for role in ("open", "close")]
        pair = {"roles": roles, "post_tasks": [WORK]}
    else:
        pair = {"tasks": [{"name": "All", "tags": ["update"], "block": [include("open"), WORK, include("close")]}]}

    run = play(window, pair, "--tags", "update")

    assert ended(run) == "" and "the work was done" in run.printed
    assert actions(window.fleet) == OPENED_AND_CLOSED


def test_tags_that_choose_something_else_open_nothing_and_are_no_error(window: Window) -> None:
    static = {"name": "Import", "ansible.builtin.import_role": {"name": f"{ROLES}_window"}}
    other = {"name": "Else", "ansible.builtin.debug": {"msg": "something else"}, "tags": ["else"]}
    roles = [f"{ROLES}_open", {"role": f"{ROLES}_close", "tags": ["update"]}]

    run = play(window, {"roles": roles, "tasks": [static, include("open"), other]}, "--tags", "else")

    assert ended(run) == "" and "something else" in run.printed
    assert actions(window.fleet) == {} and not window.ledger.exists()


# Windows within windows


@pytest.mark.parametrize("inner", ["refused", "of its own"])
def test_a_window_within_the_work_doesn_t_keep_the_outer_one_open(window: Window, inner: str) -> None:
    found = window.fleet.states()
    # A third script, which the inner window holds.
    window.fleet.systems["totalcontrol"].add_tasks({"task_name": "script-9", "status": -1})
    window.targets[0].pop("select")
    window.targets[0]["tasks"] = ["script-0", "script-1"]
    tasks = ["script-9"] if inner == "of its own" else ["no-such-script"]
    variables = {"maintenance_id": "INNER", "maintenance_work": "", "maintenance_targets": [{**window.targets[0], "tasks": tasks}]}
    within = {"name": "A window within", "block": [include("window", vars=variables)]}
    rescued = {**within, "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": "the inner one was refused"}}]}
    (window.folder / "work.yml").write_text(json.dumps([rescued, WORK]))

    run = play(window, {"tasks": [include("window", vars={"maintenance_work": str(window.folder / "work.yml")})]})

    assert run.status == 0 and "the work was done" in run.printed, run.printed
    assert ("the inner one was refused" in run.printed) == (inner == "refused")
    assert window.document()["status"] == "closed"
    assert window.fleet.states()["totalcontrol"] == {**found["totalcontrol"], "script-9": -1}


# Endings after which Ansible skips closing


def test_work_that_ends_the_play_is_warned_of_before_the_window_opens(window: Window) -> None:
    end = {"name": "End", "ansible.builtin.meta": "end_play", "when": "false"}
    (window.folder / "work.yml").write_text(json.dumps([WORK, end]))

    run = window.run("window", maintenance_work=str(window.folder / "work.yml"))

    assert "so that the window would stay open" in " ".join(run.printed.split()) and ended(run) == ""


@pytest.mark.parametrize("args", [(), ("--check",)], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("name", "work"),
    {
        "missing": None,
        "no_such_module": [{"name": "Restart", "ansible.builtin.servcie": {"name": "a"}}],
        "whne": [{"name": "Restart", "ansible.builtin.debug": {"msg": "a"}, "whne": "true"}],
    }.items(),
)
def test_broken_work_is_refused_before_anything_is_paused(window: Window, args: tuple[str, ...], name: str, work: Any) -> None:
    file = window.folder / f"{name}.yml"
    if work is not None:
        file.write_text(json.dumps(work))

    run = window.run("window", *args, maintenance_work=str(file))

    assert str(file) in ended(run) and run.results[-1]["failure"] == {"code": "usage"}
    assert all(system.journal() == [] for system in window.fleet.systems.values()) and not window.ledger.exists()
