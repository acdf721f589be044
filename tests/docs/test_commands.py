# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the manual, run against emulated systems. Their output has to be that of the manual."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator.client import running, running_all
from tests.integration.ctrlapi import stream
from tests.integration.iotda import ACCESS, firmware
from tests.integration.processes import Ansible
from tests.integration.totalcontrol import PAUSED, RUNNING, scripts

from .pages import PAGES, blocks, page
from .sessions import commands, missing, run

QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false", "QUIESCE_RESULTS": os.devnull}
# Other tests run these: tests/integration/test_demo.py the demo, the nox session `build` the installation.
ELSEWHERE = {
    "git clone https://github.com/taskops/quiesce",
    "cd quiesce",
    "make demo",
    ". .venv-demo/bin/activate",
    "export ANSIBLE_COLLECTIONS_PATH=.nox/tree",
    "ansible-galaxy collection install taskops.quiesce",
    "pip install requests",
    # The emulator of the test ends by itself.
    "kill %1",
    # The test has started one on another port.
    "python -m tests.emulator --vendor totalcontrol --port 8090 &",
}
WORK = "- name: Work\n  ansible.builtin.debug:\n    msg: the work was done\n"


def file_of(name: str, caption: str) -> str:
    (block,) = [block for block in blocks(page(name)) if block.caption == caption]
    return block.text


# Only possible with systemd.
TIMER = "systemctl enable --now quiesce-overdue.timer"


def test_getting_started_prints_what_it_says(ansible: Ansible, tmp_path: Path) -> None:
    (tmp_path / "change.yml").write_text(file_of("getting_started", "change.yml"))
    session = commands(blocks(page("getting_started")))
    assert {command.typed for command in session} >= ELSEWHERE
    with running("totalcontrol") as emulator:
        environment = {**ansible.environment(), **QUIET}
        done = run(session, tmp_path, environment, {"127.0.0.1:8090": f"127.0.0.1:{emulator.port}"}, ELSEWHERE)
        states = {task["task_name"]: task["status"] for task in emulator.tasks()}
    assert {command.typed: (gap, printed) for command, printed in done if (gap := missing(command, printed))} == {}
    # The window has put back the tasks that it found.
    assert (states["task004"], states["testScript"]) == (RUNNING, RUNNING)


def test_the_commands_of_the_window_guide_open_and_close_the_window_it_describes(ansible: Ansible, tmp_path: Path) -> None:
    with running_all(["totalcontrol", "ctrlapi", "iotda"]) as systems:
        systems["totalcontrol"].put_tasks(scripts(**{"nightly-test": RUNNING, "soak-test": PAUSED}))
        systems["ctrlapi"].put_tasks([stream(241458), stream(241456)])
        systems["iotda"].put_tasks([firmware()])
        change: dict[str, Any] = yaml.safe_load(file_of("window", "change.yml"))
        hosts = {"http://totalcontrol.example.com:8090": systems["totalcontrol"].url, "http://boro.example.com": systems["ctrlapi"].url}
        for target in change["maintenance_targets"]:
            target.setdefault("options", {})["url"] = hosts.get(target.get("options", {}).get("url"), systems["iotda"].url)
            target["options"]["poll_interval"] = 0.1
        change.update(maintenance_ledger_host="localhost", maintenance_ledger_dir=str(tmp_path / "ledger"))
        (blocked,) = [yaml.safe_load(block.text) for block in blocks(page("window")) if "maintenance_work:" in block.text]
        (tmp_path / "update.yml").write_text(WORK)
        (tmp_path / blocked["maintenance_work_playbook"]).write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False}]))
        blocked.update(maintenance_work_roles=[])
        (tmp_path / "change.yml").write_text(yaml.safe_dump({**change, **blocked}))

        session = commands(blocks(page("window")))
        hurry, orderly = session[:2], session[2:]
        assert [command.typed for command in orderly[2:3]] == [hurry[1].typed]
        environment = {
            **ansible.environment(),
            **QUIET,
            "TOTALCONTROL_USERNAME": "sigma",
            "TOTALCONTROL_PASSWORD": "3D391497",
            "HUAWEICLOUD_REGION": "cn-north-4",
            "HUAWEICLOUD_SDK_AK": ACCESS["access_key"],
            "HUAWEICLOUD_SDK_SK": ACCESS["secret_key"],
            "HUAWEICLOUD_SDK_PROJECT_ID": ACCESS["project_id"],
        }
        # The section *In a hurry?* applies to an open window. So it is planned, opened, inspected and closed, and then all of that at once.
        for command, printed in run([*orderly[:2], *hurry, *orderly[3:]], tmp_path, environment, {}, {TIMER}):
            assert "failed=0" in printed and "unreachable=0" in printed, f"{command.typed}\n{printed}"
            if command.typed.split()[1].endswith(".window"):
                assert "the work was done" in printed
        assert {task["task_name"]: task["status"] for task in systems["totalcontrol"].tasks()} == {
            "nightly-test": RUNNING,
            "soak-test": PAUSED,
        }
        assert {task["task_id"]: task["status"] for task in systems["ctrlapi"].tasks()} == {241458: "Started", 241456: "Started"}
        # The target had accepted a final action.
        assert [task["status"] for task in systems["iotda"].tasks()] == ["Stopped"]


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.rst")), ids=lambda path: path.stem)
def test_every_block_of_yaml_is_yaml(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language.lower().startswith("yaml"):
            assert yaml.safe_load(block.text)


@pytest.mark.parametrize("vendor", ["totalcontrol", "huawei", "ctrlapi", "hitachi", "iotda"])
def test_the_example_of_each_guide_names_options_that_the_module_has(ansible: Ansible, vendor: str) -> None:
    (task,) = yaml.safe_load(next(block.text for block in blocks(page(f"guide_{vendor}")) if block.language == "yaml"))
    module = next(name for name in task if name.startswith("taskops.quiesce."))
    shown = ansible.run("ansible-doc", "--json", module)
    assert shown.status == 0, shown.printed
    options = yaml.safe_load(shown.stdout)[module]["doc"]["options"]
    assert set(task[module]) <= set(options)
    assert {name for name, option in options.items() if option.get("required")} <= set(task[module])
