# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module has examples, which all run as they are printed, and has tests of its own."""

from __future__ import annotations

import ast
import json
import textwrap
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.taskops.quiesce.plugins.module_utils import _window

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator
from tests.unit.roles.windows import TEN_PM, target

from .cases import let_somebody_else
from .processes import TREE, Ansible, Result
from .totalcontrol import ENDED, PAUSED, RUNNING
from .worlds import WORLDS, World

MODULES = sorted(path.stem for path in (TREE / "plugins" / "modules").glob("*.py"))


def _text(module: str, variable: str) -> str:
    """A text of the module's file, such as EXAMPLES, without executing the file."""
    tree = ast.parse((TREE / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    (found,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if isinstance(target, ast.Name)] == [variable]
    ]
    return str(found)


def _uses(module: str) -> list[dict[str, Any]]:
    return [task for task in yaml.safe_load(_text(module, "EXAMPLES")) if f"taskops.quiesce.{module}" in task]


@dataclass(frozen=True)
class Shown:
    """The results of a module's examples."""

    module: str
    results: list[Result]
    status: int
    printed: str
    tasks: list[dict[str, Any]]


@pytest.fixture(scope="module", params=MODULES)
def shown(request: pytest.FixtureRequest, ansible: Ansible, collections_path: str, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    module = request.param
    world = WORLDS[module]
    with ExitStack() as stack:
        emulator = _start(stack, world)
        examples = textwrap.indent(_text(module, "EXAMPLES").replace(world.host, emulator.url), "    ")
        if world.beside:
            examples = examples.replace(world.beside.host, _start(stack, world.beside).url)
        examples = examples.replace("/var/lib/quiesce", str(_ledger_in(tmp_path_factory.mktemp("ledgers"))))
        examples = examples.replace("/usr/share/ansible/collections", collections_path)
        playbook = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{examples}"
        given = [word for name, value in world.variables.items() for word in ("-e", f"{name}={value}")]
        environment = {name: value.replace("{url}", emulator.url) for name, value in world.environment.items()}
        run = ansible.playbook(playbook, *given, variables=environment)
        return Shown(module, run.results, run.status, run.printed, emulator.tasks())


def _ledger_in(folder: Path) -> Path:
    """A folder with the ledger of the window that the examples name."""
    document = _window.new_document("CHG0031337", [target("streams", [("241458", "Stream 241458", "started")])], TEN_PM)
    _window.begin(document, "open", "0" * 32, TEN_PM)
    (folder / "CHG0031337.json").write_text(json.dumps(document))
    return folder


def _start(stack: ExitStack, world: World) -> Control:
    vendor = registry.find(world.vendor)(switches=world.switches, tasks=[dict(task) for task in world.tasks])
    let_somebody_else(vendor, world.meanwhile)
    return stack.enter_context(ThreadedEmulator(vendor)).control


def test_all_examples_run_as_they_are_printed(shown: Shown) -> None:
    examples = yaml.safe_load(_text(shown.module, "EXAMPLES"))

    assert shown.status == 0, shown.printed
    assert [result.task for result in shown.results] == [example["name"] for example in examples]
    assert [result.outcome for result in shown.results] == ["ok"] * len(examples)


@pytest.mark.parametrize("shown", ["totalcontrol_task"], indirect=True)
def test_the_examples_of_totalcontrol_task_do_what_they_say(shown: Shown) -> None:
    pause, resume, drain, skip = shown.results

    assert [row["after"] for row in pause["tasks"]] == ["paused", "paused"]
    assert [row["action"] for row in resume["tasks"]] == ["resume", "resume"]
    assert (drain.row["after"], drain.row["action"]) == ("completed", "none")
    assert [(row["reached"], row["action"]) for row in skip["tasks"]] == [(True, "pause"), (False, "none")]
    states = {task["task_name"]: task["status"] for task in shown.tasks}
    assert states == {"nightly-test": ENDED, "soak-test": PAUSED, "already-finished": ENDED}


@pytest.mark.parametrize("shown", ["totalcontrol_task_info"], indirect=True)
def test_the_examples_of_totalcontrol_task_info_show_what_they_say(shown: Shown) -> None:
    everything, names, one = shown.results

    assert len(everything["tasks"]) == 3
    assert names["msg"] == ["nightly-test", "soak-test"]
    assert one.row["id"] == "nightly-test"


@pytest.mark.parametrize("shown", ["ctrlapi_task"], indirect=True)
def test_the_examples_of_ctrlapi_task_do_what_they_say(shown: Shown) -> None:
    pause, start, projects, drain = shown.results

    assert [(row["action"], row["after"]) for row in pause["tasks"]] == [("stop", "stopped")] * 2
    assert [(row["action"], row["after"]) for row in start["tasks"]] == [("resume", "started")] * 2
    assert [(row["action"], row["after"]) for row in projects["tasks"]] == [("stop", "stopped")] * 2
    assert [(row["action"], row["vendor_after"]) for row in drain["tasks"]] == [("none", "Completed")] * 2
    assert [task["status"] for task in shown.tasks] == ["Started", "Started", "Stopped", "Stopped", "Stopped"]


@pytest.mark.parametrize("shown", ["ctrlapi_task_info"], indirect=True)
def test_the_examples_of_ctrlapi_task_info_show_what_they_say(shown: Shown) -> None:
    active, stopped, restarted = shown.results

    assert [row["id"] for row in active["tasks"]] == ["241458", "241456", "199498", "310001"]
    assert (stopped.row["state"], stopped.row["name"]) == ("stopped", "Stream 241555")
    assert (restarted.row["vendor_state"], restarted.row["vendor"]["restarted_as"]) == ("Stalled", 81)


@pytest.mark.parametrize("shown", ["huawei_task"], indirect=True)
def test_the_examples_of_huawei_task_do_what_they_say(shown: Shown) -> None:
    pause, start, by_name, batch = shown.results

    assert [(row["action"], row["after"]) for row in pause["tasks"]] == [("stop", "stopped")] * 2
    assert [(row["action"], row["after"]) for row in start["tasks"]] == [("start", "started")] * 2
    assert (by_name.row["name"], by_name.row["after"]) == ("gate-intrusion", "stopped")
    assert sorted((row["name"], row["action"]) for row in batch["tasks"]) == [("night-1", "stop"), ("night-2", "none")]
    assert [task["state"] for task in shown.tasks] == ["STOPPED", "RUNNING", "STOPPED", "STOPPED"]


@pytest.mark.parametrize("shown", ["huawei_task_info"], indirect=True)
def test_the_examples_of_huawei_task_info_show_what_they_say(shown: Shown) -> None:
    running, one = shown.results

    assert [row["vendor_state"] for row in running["tasks"]] == ["RUNNING"] * 3
    assert one.row["name"] == "gate-intrusion" and "updated_at" in one.row["vendor"]


@pytest.mark.parametrize("shown", ["iotda_batchtask"], indirect=True)
def test_the_examples_of_iotda_batchtask_do_what_they_say(shown: Shown) -> None:
    stop, devices, confirm, retry = shown.results

    assert (stop.row["vendor_after"], stop.row["action"]) == ("Stopped", "stop")
    assert [(row["id"], row["after"]) for row in devices["tasks"]] == [("dev_a", "stopped"), ("dev_b", "stopped")]
    assert (confirm.row["before"], confirm.row["action"], confirm.row["after"]) == ("paused", "confirm", "started")
    assert (retry.row["before"], retry.row["action"], retry.row["after"]) == ("failed", "retry", "started")
    assert [task["status"] for task in shown.tasks] == ["Stopped", "Processing", "Processing", "Processing"]


@pytest.mark.parametrize("shown", ["iotda_batchtask_info"], indirect=True)
def test_the_examples_of_iotda_batchtask_info_show_what_they_say(shown: Shown) -> None:
    processing, one = shown.results

    assert [row["vendor_state"] for row in processing["tasks"]] == ["Processing", "Processing"]
    assert one.row["id"] == "5c8ba99030344005c02316ad"


@pytest.mark.parametrize("shown", ["hitachi_task"], indirect=True)
def test_the_examples_of_hitachi_task_do_what_they_say(shown: Shown) -> None:
    pause, start, drain, force, cancel, retry = shown.results

    assert [(row["action"], row["after"]) for row in pause["tasks"]] == [("suspend", "paused")] * 2
    assert [(row["action"], row["after"]) for row in start["tasks"]] == [("resume", "waiting")] * 2
    assert (drain.row["action"], drain.row["after"]) == ("none", "completed")
    assert (force.row["action"], force.row["after"]) == ("forceStop", "failed")
    assert (cancel.row["action"], cancel.row["after"]) == ("cancel", "stopped")
    assert (retry.row["before"], retry.row["action"], retry.row["after"]) == ("failed", "rerunStart", "started")


@pytest.mark.parametrize("shown", ["hitachi_task_info"], indirect=True)
def test_the_examples_of_hitachi_task_info_show_what_they_say(shown: Shown) -> None:
    service, names, one = shown.results

    assert [row["id"] for row in service["tasks"]] == ["3043", "6001", "6003"]
    assert names["msg"] == ["6003"]
    assert one.row["vendor"]["scheduleType"] == "schedule"


@pytest.mark.parametrize("shown", ["maintenance_window"], indirect=True)
def test_the_examples_of_maintenance_window_plan_open_and_close_it(shown: Shown) -> None:
    plan, opened, closed = shown.results

    assert (plan["status"], opened["status"], closed["status"]) == ("none", "open", "closed")
    assert plan["plan"] == opened["plan"] and plan["only_planned"]
    assert (opened["sentence"], closed["sentence"]) == ("open, 2 tasks held", "closed, all as found")
    assert [task["status"] for task in shown.tasks] == [RUNNING, RUNNING, ENDED]


@pytest.mark.parametrize("shown", ["maintenance_ledger"], indirect=True)
def test_the_example_of_maintenance_ledger_shows_the_window(shown: Shown) -> None:
    (window,) = shown.results

    assert (window["status"], window["facts"]["window"], window["facts"]["total"]) == ("opening", "CHG0031337", 1)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_an_example(module: str) -> None:
    assert _uses(module)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_integration_tests_in_a_folder_of_its_name(module: str) -> None:
    files = list((Path(__file__).parent / module).glob("test_*.py"))

    assert any("def test_" in file.read_text(encoding="utf-8") for file in files), f"tests/integration/{module}/ holds no test"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_world_for_its_examples(module: str) -> None:
    assert module in WORLDS, f"tests/integration/worlds.py doesn't know {module}"
