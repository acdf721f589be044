# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of the work before anything is paused: every error that Ansible's loader would find later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__

from tests.integration.processes import COLLECTION, Ansible, Result

WORK = "- name: Work\n  ansible.builtin.debug: {msg: done}\n"
PLAY = "- name: Work\n  hosts: localhost\n  gather_facts: false\n  tasks:\n    - name: Work\n      ansible.builtin.debug: {msg: done}\n"
FILES = {
    "sound.yml": WORK,
    "empty.yml": "---\n",
    "no_yaml.yml": "- name: Work\n  ansible.builtin.debug: {msg: done\n",
    "no_list.yml": "name: Work\n",
    "no_task.yml": "- just a text\n",
    "unknown_module.yml": WORK + "- name: Restart\n  ansible.builtin.servcie: {name: a}\n",
    "unknown_keyword.yml": WORK + "- name: Restart\n  ansible.builtin.debug: {msg: done}\n  whne: true\n",
    "within_a_block.yml": "- name: All\n  block:\n    - name: Restart\n      ansible.builtin.servcie: {name: a}\n",
    "within_always.yml": "- name: All\n  block: [{name: Work, ansible.builtin.debug: {msg: a}}]\n"
    "  always: [{name: Work, ansible.builtin.debug: {msg: a}, lopo: [1]}]\n",
    "imports_missing.yml": "- name: More\n  ansible.builtin.import_tasks: missing.yml\n",
    "includes_missing.yml": "- name: More\n  ansible.builtin.include_tasks: missing.yml\n",
    "includes_broken.yml": "- name: More\n  ansible.builtin.include_tasks: more/broken.yml\n",
    "includes_sound.yml": "- name: More\n  ansible.builtin.include_tasks: more/sound.yml\n",
    "includes_role.yml": "- name: More\n  ansible.builtin.include_role: {name: no_such_role}\n",
    "includes_perhaps.yml": "- name: More\n  ansible.builtin.include_tasks: missing.yml\n  when: false\n",
    "includes_later.yml": "- name: More\n  ansible.builtin.include_tasks: '{{ some }}.yml'\n",
    "includes_itself.yml": "- name: More\n  ansible.builtin.include_tasks: includes_itself.yml\n  when: false\n",
    "names_later.yml": "- name: Work\n  action: '{{ some_module }}'\n",
    "ends_play.yml": WORK + "- name: End\n  ansible.builtin.meta: end_play\n  when: false\n",
    "includes_end.yml": "- name: More\n  ansible.builtin.include_tasks: more/ends_host.yml\n",
    "more/sound.yml": WORK,
    "more/broken.yml": "- name: Restart\n  ansible.builtin.servcie: {name: a}\n",
    "more/ends_host.yml": "- name: End\n  meta: end_host\n",
    "roles/sound/tasks/main.yml": WORK,
    "roles/broken/tasks/main.yml": "- name: Restart\n  ansible.builtin.servcie: {name: a}\n",
    "roles/needs/meta/main.yml": "dependencies: [no_such_role]\n",
    "roles/needs/tasks/main.yml": WORK,
    "roles/ends/tasks/main.yml": "- name: End\n  ansible.builtin.meta: end_batch\n",
    "play.yml": PLAY,
    "play_unknown_module.yml": PLAY + "    - name: Restart\n      ansible.builtin.servcie: {name: a}\n",
    "play_unknown_keyword.yml": PLAY + "      whne: true\n",
    "play_no_yaml.yml": PLAY + "   - a: [\n",
    "play_missing_role.yml": PLAY + "  roles: [no_such_role]\n",
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no such file": ({"file": "nowhere.yml"}, "maintenance_work names nowhere.yml, and there is no such file in {folder}"),
    "a folder": ({"file": "more"}, "there is no such file"),
    "no yaml": ({"file": "no_yaml.yml"}, "the file {folder}/no_yaml.yml of maintenance_work can't be loaded, so nothing was paused"),
    "no list": ({"file": "no_list.yml"}, "holds no list of tasks"),
    "no task": ({"file": "no_task.yml"}, "can't be loaded"),
    "an unknown module": ({"file": "unknown_module.yml"}, "'ansible.builtin.servcie'"),
    "an unknown keyword": ({"file": "unknown_keyword.yml"}, "whne"),
    "within a block": ({"file": "within_a_block.yml"}, "'ansible.builtin.servcie'"),
    "within always": ({"file": "within_always.yml"}, "lopo"),
    "a missing import": ({"file": "imports_missing.yml"}, "missing.yml"),
    "a missing include": ({"file": "includes_missing.yml"}, "the file missing.yml, which it includes, is neither in {folder} nor in"),
    "a broken include": ({"file": "includes_broken.yml"}, "'ansible.builtin.servcie'"),
    "a missing role within": ({"file": "includes_role.yml"}, "'no_such_role' was not found"),
    "a missing role": ({"roles": ["sound", "no_such_role"]}, "the role no_such_role of maintenance_work_roles can't be loaded"),
    "a broken role": ({"roles": ["broken"]}, "'ansible.builtin.servcie'"),
    "a role that needs a missing one": ({"roles": ["needs"]}, "'no_such_role' was not found"),
    "no such playbook": ({"playbook": "nowhere.yml"}, "maintenance_work_playbook names nowhere.yml, and there is no such playbook in"),
    "no such playbook of a collection": ({"playbook": "taskops.quiesce.nothing"}, "nor in a collection"),
    "a playbook with an unknown module": ({"playbook": "play_unknown_module.yml"}, "'ansible.builtin.servcie'"),
    "a playbook with an unknown keyword": ({"playbook": "play_unknown_keyword.yml"}, "whne"),
    "a playbook that is no yaml": ({"playbook": "play_no_yaml.yml"}, "the playbook {folder}/play_no_yaml.yml can't be loaded"),
    "a playbook with a missing role": ({"playbook": "play_missing_role.yml"}, "'no_such_role' was not found"),
    "a file for a playbook": ({"playbook": "sound.yml"}, "can't be loaded"),
}
SOUND: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a file": {"file": "sound.yml"},
    "an empty file": {"file": "empty.yml"},
    "what is included": {"file": "includes_sound.yml"},
    "what may never be included": {"file": "includes_perhaps.yml"},
    "what is known later only": {"file": "includes_later.yml", "roles": ["{{ '{{' }} some }}"]},
    "a module that is known later only": {"file": "names_later.yml"},
    "a file that includes itself": {"file": "includes_itself.yml"},
    "a role": {"roles": ["sound"]},
    "a role of a collection": {"roles": ["taskops.quiesce.maintenance_report"]},
    "a playbook": {"playbook": "play.yml"},
    "a playbook of a collection": {"playbook": "taskops.quiesce.plan"},
    "all three": {"file": "sound.yml", "roles": ["sound"], "playbook": "play.yml"},
}
ENDS: dict[str, tuple[dict[str, Any], str]] = {
    "a file": ({"file": "ends_play.yml"}, "end_play in {folder}/ends_play.yml:3"),
    "what is included": ({"file": "includes_end.yml"}, "end_host in {folder}/more/ends_host.yml:1"),
    "a role": ({"roles": ["ends"]}, "end_batch in {folder}/roles/ends/tasks/main.yml:1"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def results(ansible: Ansible, folder: Path) -> Mapping[str, Result]:
    """The result of each case, by its name. All run in one play, whose file is in the same folder as the work."""
    cases: dict[str, Any] = {**{name: options for name, (options, _told) in REFUSED.items()}, **SOUND}
    cases |= {f"ends {name}": options for name, (options, _told) in ENDS.items()}
    tasks = [
        {"name": name, f"{COLLECTION}.maintenance_work": options, "ignore_errors": True, "check_mode": number % 2 == 0}
        for number, (name, options) in enumerate(cases.items())
    ]
    (folder / "looks.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    run = ansible.run("ansible-playbook", str(folder / "looks.json"), patience=300)
    assert run.status == 0, run.printed
    return {result.task: result for result in run.results}


@pytest.mark.parametrize("name", REFUSED)
def test_what_couldn_t_run_is_refused_in_one_sentence(results: Mapping[str, Result], folder: Path, name: str) -> None:
    result = results[name]

    assert result.outcome == "failed" and result["failure"] == {"code": "usage"}
    message = result["msg"]
    assert REFUSED[name][1].format(folder=folder) in message
    assert "\n" not in message and message.endswith(".") and ". " not in message, message


@pytest.mark.parametrize("name", ["an unknown keyword", "an unknown module", "a broken include", "no yaml"])
def test_the_place_of_the_fault_is_told(results: Mapping[str, Result], folder: Path, name: str) -> None:
    files = {"an unknown keyword": "unknown_keyword.yml, line 3", "an unknown module": "unknown_module.yml, line 3"}
    files |= {"a broken include": "more/broken.yml, line 1", "no yaml": "no_yaml.yml, line "}

    assert f"({folder}/{files[name]}" in results[name]["msg"]


@pytest.mark.parametrize("name", SOUND)
def test_what_can_run_is_let_pass(results: Mapping[str, Result], name: str) -> None:
    result = results[name]

    assert result.outcome == "ok", result["msg"]
    assert not result["changed"] and "warnings" not in result.returned


def test_files_are_found_beside_the_playbook(results: Mapping[str, Result], folder: Path) -> None:
    assert results["a file"]["file"] == str(folder / "sound.yml")
    assert results["a playbook"]["playbook"] == str(folder / "play.yml")
    assert results["a playbook of a collection"]["playbook"] == "taskops.quiesce.plan"


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_nothing_can_follow_is_warned_of(results: Mapping[str, Result], folder: Path, name: str) -> None:
    (warning,) = results[f"ends {name}"]["warnings"]

    assert ENDS[name][1].format(folder=folder) in warning and "name it in maintenance_work_playbook" in warning


@pytest.mark.skipif(tuple(map(int, __version__.split(".")[:2])) < (2, 18), reason="end_role came with ansible-core 2.18")
def test_the_end_of_a_role_is_warned_of(ansible: Ansible, folder: Path) -> None:
    (folder / "ends_role.yml").write_text("- name: End\n  ansible.builtin.meta: end_role\n")
    task = {"name": "look", f"{COLLECTION}.maintenance_work": {"file": str(folder / "ends_role.yml"), "roles": []}}
    (folder / "roles" / "window" / "tasks").mkdir(parents=True)
    (folder / "roles" / "window" / "tasks" / "main.yml").write_text(json.dumps([task]))
    (folder / "ends.yml").write_text("- hosts: localhost\n  gather_facts: false\n  roles: [window]\n")

    run = ansible.run("ansible-playbook", str(folder / "ends.yml"))

    assert "end_role in" in run.results[-1]["warnings"][0]
