# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which the module is called: ad hoc, with module_defaults, from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import Control

from ..processes import Ansible
from ..totalcontrol import PAUSED, RUNNING, scripts

MODULE = "taskops.quiesce.totalcontrol_task"


def _status(control: Control) -> dict[str, int]:
    return {task["task_name"]: task["status"] for task in control.tasks()}


def test_ad_hoc_with_the_environment_set_up(ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]) -> None:
    run = ansible.ad_hoc("totalcontrol_task", "name=task004 state=paused", variables=totalcontrol_access)

    assert run.status == 0, run.printed
    assert run.results[0].row["after"] == "paused"
    assert _status(totalcontrol)["task004"] == PAUSED


def test_ad_hoc_takes_several_names_and_check_mode(ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]) -> None:
    run = ansible.ad_hoc("totalcontrol_task", "name=task004,testScript state=stopped", "--check", "--diff", variables=totalcontrol_access)

    assert run.status == 0, run.printed
    assert [row["action"] for row in run.results[0]["tasks"]] == ["stop", "stop"]
    assert totalcontrol.writes() == []


def test_ad_hoc_fails_with_one_sentence_and_a_status(ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]) -> None:
    run = ansible.ad_hoc("totalcontrol_task", "name=task040 state=paused", variables=totalcontrol_access)

    assert run.status != 0 and "Traceback" not in run.printed
    assert "Total Control knows no task task040" in run.results[0]["msg"]
    assert totalcontrol.writes() == []


@pytest.mark.parametrize("group", ["taskops.quiesce.totalcontrol", "taskops.quiesce.all"])
def test_module_defaults_of_a_group_give_the_connection_to_both_modules(ansible: Ansible, totalcontrol: Control, group: str) -> None:
    connection = {"url": totalcontrol.url, "username": "sigma", "password": "3D391497"}
    play: dict[str, Any] = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {f"group/{group}": connection},
        "tasks": [
            {"name": "pause", MODULE: {"name": "task004", "state": "paused"}},
            {"name": "look", f"{MODULE}_info": {"name": "task004"}},
        ],
    }

    run = ansible.playbook([play])

    assert run.status == 0, run.printed
    assert run.by_name()["pause"]["changed"] is True
    assert run.by_name()["look"].row["state"] == "paused"


def test_an_empty_variable_of_the_environment_counts_as_not_given(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]
) -> None:
    """AWX sets the variables of fields that its user left empty."""
    empty = {f"TOTALCONTROL_{name}": "" for name in ("TOKEN", "CA_PATH", "CLIENT_CERT", "CLIENT_KEY", "PROXY", "TIMEOUT", "RETRIES")}

    run = ansible.ad_hoc("totalcontrol_task", "name=task004 state=paused", variables={**totalcontrol_access, **empty})

    assert run.status == 0, run.printed


def test_what_the_playbook_gives_beats_the_environment(ansible: Ansible, totalcontrol: Control) -> None:
    totalcontrol.put_tasks(scripts(a=RUNNING))
    elsewhere = {"TOTALCONTROL_URL": "http://127.0.0.1:1", "TOTALCONTROL_TOKEN": "270eq7lXQK8bXYsJ", "TOTALCONTROL_RETRIES": "0"}
    options = {"url": totalcontrol.url, "username": "sigma", "password": "3D391497", "names": ["a"], "state": "paused"}

    run = ansible.tasks({"name": "pause", MODULE: options}, variables=elsewhere)

    assert run.status == 0, run.printed
    assert _status(totalcontrol) == {"a": PAUSED}


def test_a_playbook_reads_the_registered_result(ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]) -> None:
    check = "paused.tasks | map(attribute='after') | list == ['paused', 'paused'] and paused.summary.changed == 2"
    run = ansible.tasks(
        {"name": "pause", MODULE: {"names": ["task004", "testScript"], "state": "paused"}, "register": "paused"},
        {"name": "judge", "ansible.builtin.assert": {"that": [check]}},
        variables=totalcontrol_access,
    )

    assert run.status == 0, run.printed
