# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a module runs: in Ansible's worker if that is the same environment, otherwise in a process of its own; and the
environment in both.
"""

from __future__ import annotations

import json
import re
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.client import Control

from .cases import IN_WORKER, SWITCH
from .processes import Ansible, Run
from .totalcontrol import RUNNING, script

MODULE = "taskops.quiesce.totalcontrol_task_info"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Programs that stand in for sudo, ssh and another Python. Each runs locally what it would run elsewhere."""
    stand_ins = {
        "sudo": 'while [ "$1" != /bin/sh ]; do shift; done\nexec "$@"',
        "ssh": 'for last; do :; done\nexec sh -c "$last"',
        "python": f'unset PYTHONPATH\nexec {shlex.quote(sys.executable)} "$@"',
    }
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(stat.S_IRWXU)
    return tmp_path


def ways(run: Run) -> list[str]:
    """Where each call ran and why, from the output of -vvv."""
    return re.findall(rf"{re.escape(MODULE)} (runs [^\n]*)", run.printed)


def call(system: Control, **keywords: Any) -> dict[str, Any]:
    options = {"url": system.url, "username": "sigma", "password": "3D391497"}
    return {"name": "call", MODULE: options, **keywords}


CONDITIONS: list[tuple[str, Mapping[str, Any], str]] = [
    ("nothing special", {}, IN_WORKER),
    ("its own Python", {"vars": {"ansible_python_interpreter": sys.executable}}, IN_WORKER),
    ("any Python", {"vars": {"ansible_python_interpreter": "auto_silent"}}, IN_WORKER),
    ("delegated to localhost", {"delegate_to": "localhost"}, IN_WORKER),
    ("switched off", {"vars": {SWITCH: False}}, f"runs as a module, since the variable {SWITCH} says so"),
    ("switched off as text", {"vars": {SWITCH: "no"}}, f"runs as a module, since the variable {SWITCH} says so"),
    (
        "another Python",
        {"vars": {"ansible_python_interpreter": "FOLDER/python"}},
        "runs as a module, since its Python is FOLDER/python and",
    ),
    (
        "asynchronous",
        {"async": 60, "poll": 1, "vars": {"ansible_async_dir": "FOLDER/jobs"}},
        "runs as a module, since the task is asynchronous",
    ),
    (
        "another user",
        {"become": True, "become_user": "nobody", "vars": {"ansible_become_exe": "FOLDER/sudo"}},
        "runs as a module, since it becomes the user nobody",
    ),
    (
        "another connection",
        # The keyword `connection` has no effect here: localhost sets the variable, which takes precedence.
        {"vars": {"ansible_connection": "ssh", "ansible_ssh_executable": "FOLDER/ssh", "ansible_host": "127.0.0.1"}},
        "runs as a module, since its connection is ssh and not local",
    ),
]


def test_a_module_runs_in_the_worker_where_that_is_the_same_place(totalcontrol: Control, collections_path: str, folder: Path) -> None:
    totalcontrol.put_tasks([script("a", RUNNING)])
    # With Python itself, not with the one that was warmed up for modules.
    ansible = Ansible(folder, collections_path)
    tasks = [call(totalcontrol, **_placed(keywords, folder)) for _name, keywords, _way in CONDITIONS]
    run = ansible.tasks(*tasks, args=["-vvv"], variables={"ANSIBLE_PIPELINING": "true"}, patience=200)

    assert [result.outcome for result in run.results if "tasks" in result] == ["ok"] * len(CONDITIONS), run.printed
    for (name, _keywords, way), went in zip(CONDITIONS, ways(run), strict=True):
        assert went.startswith(way.replace("FOLDER", str(folder))), name


def _placed(value: Any, folder: Path) -> Any:
    if isinstance(value, Mapping):
        return {name: _placed(item, folder) for name, item in value.items()}
    return value.replace("FOLDER", str(folder)) if isinstance(value, str) else value


def test_without_requests_in_ansible_s_python_the_module_s_python_has_to_have_it(
    totalcontrol: Control, collections_path: str, folder: Path
) -> None:
    # Not forked from a process that has already imported it.
    ansible = Ansible(folder, collections_path)
    (folder / "hidden").mkdir()
    (folder / "hidden" / "requests.py").write_text("raise ImportError('no requests here')\n", encoding="utf-8")
    other = call(totalcontrol, vars={"ansible_python_interpreter": str(folder / "python")})
    run = ansible.tasks(call(totalcontrol), other, args=["-vvv"], variables={"PYTHONPATH": str(folder / "hidden")})

    assert ways(run)[0] == f"runs as a module, since {sys.executable} can't import requests"
    (first, *_more) = run.results
    assert first.failed and first["msg"].startswith("Failed to import the required Python library (requests) on ")
    assert sys.executable in first["msg"]


@pytest.mark.parametrize("in_worker", [True, False], ids=["worker", "module"])
def test_the_environment_is_that_of_the_task_its_block_and_its_play(totalcontrol: Control, ansible: Ansible, in_worker: bool) -> None:
    totalcontrol.put_tasks([script("a", RUNNING)])
    task = {
        "name": "call",
        MODULE: {},
        "environment": {"TOTALCONTROL_PASSWORD": "{{ item }}"},
        "loop": ["3D391497", "wrong"],
        "ignore_errors": True,
    }
    block = {"block": [task, {"name": "after", MODULE: {}}], "environment": {"TOTALCONTROL_USERNAME": "sigma"}}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {SWITCH: in_worker},
        "environment": {"TOTALCONTROL_URL": totalcontrol.url},
        "tasks": [block],
    }
    run = ansible.playbook([play])

    called, after = run.results[0], run.results[-1]
    assert ["failure" in item for item in called["results"]] == [False, True]
    assert called["results"][1]["failure"]["code"] == "authentication"
    assert after["msg"].startswith("neither username with password nor token") or "password is missing" in after["msg"]


@pytest.mark.parametrize("in_worker", [True, False], ids=["worker", "module"])
def test_relative_paths_begin_at_the_playbook(totalcontrol: Control, ansible: Ansible, tmp_path: Path, in_worker: bool) -> None:
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "ca.pem").write_text("this is no certificate", encoding="utf-8")
    tasks = [call(totalcontrol, **{MODULE: {"url": totalcontrol.url, "token": "T", "ca_path": "ca.pem"}})]
    file = tmp_path / "plays" / "play.json"
    file.write_text(
        json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": {SWITCH: in_worker}, "tasks": tasks}]),
        encoding="utf-8",
    )
    run = ansible.run("ansible-playbook", str(file))

    assert "what ca_path names can't be loaded" in run.printed.replace("\n", " ")


@pytest.mark.parametrize("in_worker", [True, False], ids=["worker", "module"])
def test_text_of_a_vendor_is_no_template_by_either_way(totalcontrol: Control, ansible: Ansible, in_worker: bool) -> None:
    names = ["sum {{ 1 + 1 }}", "{% if true %}yes{% endif %}", "{# nothing #}", "half {{ x"]
    totalcontrol.put_tasks([script(name, RUNNING) for name in names])
    tasks = [
        {**call(totalcontrol), "register": "found"},
        {"name": "ids", "ansible.builtin.debug": {"msg": "{{ found.tasks | map(attribute='id') | list }}"}},
        {"name": "again", "ansible.builtin.set_fact": {"kept": "{{ found }}"}},
        {"name": "one", "ansible.builtin.debug": {"msg": "{{ kept.tasks[0].id }}"}},
    ]
    run = ansible.tasks(*tasks, args=["-e", f"{SWITCH}={in_worker}"])

    results = run.by_name()
    assert results["ids"]["msg"] == names
    assert results["one"]["msg"] == names[0]
