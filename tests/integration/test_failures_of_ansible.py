# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of the page on errors, with failures of the collection, and with failures of Ansible itself, which have no `failure`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import blocks, page
from tests.emulator.client import Control

from .cases import fault
from .processes import Ansible
from .totalcontrol import RUNNING, scripts

NO_PYTHON = {"ansible_python_interpreter": "/nowhere/python3"}
NO_HOST: dict[str, Any] = {
    "ansible_connection": "ssh",
    "ansible_host": "127.0.0.1",
    "ansible_port": 1,
    "ansible_ssh_executable": "/bin/false",
}


def recipe(**keywords: Any) -> dict[str, Any]:
    """The task of the page, with shorter times."""
    (text,) = [block.text for block in blocks(page("errors")) if block.language == "yaml"]
    (task,) = yaml.safe_load(text)
    return {**task, "retries": 1, "delay": 1, "ignore_errors": True, "ignore_unreachable": True, **keywords}


MADE_BY_ANSIBLE: dict[str, dict[str, Any]] = {
    "a time-out": {"timeout": 1},
    "no interpreter": {"vars": NO_PYTHON},
    "no host": {"vars": NO_HOST},
    "a variable that isn't defined": {"vars": {"names": "{{ nobody_defines_this }}"}},
}


@pytest.mark.parametrize("kind", MADE_BY_ANSIBLE)
def test_the_recipe_ends_at_once_with_a_failure_that_ansible_makes(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str], kind: str
) -> None:
    totalcontrol.put_tasks(scripts(**{"nightly-test": RUNNING}))
    totalcontrol.order_fault(**fault("delay", "list", seconds=5, times=None))
    task = recipe(**MADE_BY_ANSIBLE[kind])
    if "isn't defined" in kind:
        task["taskops.quiesce.totalcontrol_task"]["names"] = "{{ nobody_defines_this }}"
    after = {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ result.failure.code | default('ansible') }}"}}

    run = ansible.tasks(task, after, variables=totalcontrol_access, patience=180)

    first, told = run.results[0], run.results[-1]
    assert first.failed and "failure" not in first and told["msg"] == "ansible", run.printed


def test_the_recipe_comes_back_when_the_vendor_asks_for_that(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]
) -> None:
    totalcontrol.put_tasks(scripts(**{"nightly-test": RUNNING}))
    totalcontrol.order_fault(**fault("rate_limit", "list", retry_after=3600, times=1))
    task = recipe()
    task["taskops.quiesce.totalcontrol_task"]["wait_timeout"] = 5

    run = ansible.tasks(task, variables=totalcontrol_access, patience=180)

    assert run.status == 0 and run.results[-1].row["reached"], run.printed


def test_a_report_that_can_t_be_made_is_told_once_and_with_its_code(ansible: Ansible, tmp_path: Path) -> None:
    report = {"facts": {"window": "CHG1"}, "dir": str(tmp_path), "templates": str(tmp_path)}

    run = ansible.tasks({"name": "Report", "taskops.quiesce.maintenance_report": report})

    (result,) = run.results
    assert (
        result["msg"].startswith("the report isn't written, since it can't be made of these facts (") and "report.html.j2" in result["msg"]
    )
    assert result["msg"].count("the report isn't written") == 1 and result["failure"] == {"code": "usage"}
