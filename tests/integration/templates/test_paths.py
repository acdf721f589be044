# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each path on which a vendor's text gets back to Ansible. On none of them, it is evaluated as a template. tests/events covers events of
the event source. The expressions are harmless. If one is evaluated, a word shows that no name contains.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._text import encoded, harmless
from ansible_collections.taskops.quiesce.plugins.plugin_utils._changes import Known
from ansible_collections.taskops.quiesce.plugins.plugin_utils._state_file import Memory, StateFile

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator

from ..huawei import KEY, PROJECT, analysis
from ..processes import Ansible, Run
from ..totalcontrol import PAUSED, RUNNING, script

# One name for each delimiter of Jinja, and Ansible's header that defines others.
HOSTILE = (
    "a {{ 'eval' ~ 'uated' }}",
    "b {% set x = 'eval' %}{% if x %}uated{% endif %}",
    "c {# hidden #} shown",
    "#jinja2:variable_start_string:'[[',variable_end_string:']]' [[ 'eval' ~ 'uated' ]]",
    "e {{ undefined_anywhere",
)
EVALUATED = ("evaluated", "b uated", "c  shown")
Task = Mapping[str, Any]


def texts(value: Any) -> set[str]:
    """All texts within plain data."""
    if isinstance(value, Mapping):
        return set().union(*(texts(part) for pair in value.items() for part in pair)) if value else set()
    if isinstance(value, list):
        return set().union(*map(texts, value)) if value else set()
    return {value} if isinstance(value, str) else set()


def was_evaluated(run: Run) -> list[str]:
    """Where an expression of a name was evaluated: in the result of an Ansible task, or in the output."""
    printed = [f"printed: {word}" for word in EVALUATED if word in run.printed]
    return printed + [
        f"{result.task}: {text}" for result in run.results for text in texts(result.returned) if any(word in text for word in EVALUATED)
    ]


def show(name: str, expression: str, **more: Any) -> Task:
    return {"name": name, "ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}, **more}


def set_fact(name: str, expression: str, **more: Any) -> Task:
    return {"name": f"set {name}", "ansible.builtin.set_fact": {name: "{{ " + expression + " }}"}, **more}


FOUND: Task = {"name": "find", "taskops.quiesce.totalcontrol_task_info": {}, "register": "found"}
# The paths within one run of Ansible. Each ends in a task `show ...`, whose texts are the unchanged names.
WITHIN: tuple[Task, ...] = (
    FOUND,
    show("show what was registered", "found.tasks | map(attribute='name') | list"),
    show("show each of a loop", "item.name", loop="{{ found.tasks }}", loop_control={"label": "{{ item.id }}"}),
    set_fact("copied", "found.tasks"),
    set_fact("copied_again", "copied"),
    show("show a fact of a fact", "copied_again | map(attribute='name') | list"),
    set_fact("first_name", "copied_again[0].name"),
    show("show a fact of one text", "[first_name] + (copied | map(attribute='name') | list)[1:]"),
    set_fact("through_json", "found.tasks | to_json | from_json"),
    show("show what went through JSON", "through_json | map(attribute='name') | list"),
    set_fact("combined", "dict(found.tasks | map(attribute='id') | zip(found.tasks))"),
    show("show the keys of a mapping", "combined | dict2items | map(attribute='key') | list"),
    show("show the parts of a mapping", "combined | dict2items | map(attribute='value.name') | list"),
    show("show a variable of the task", "its.tasks | map(attribute='name') | list", vars={"its": "{{ found }}"}),
    show("show what another host sees", "hostvars['localhost'].copied | map(attribute='name') | list"),
    {
        "name": "add a host",
        "ansible.builtin.add_host": {"name": "noted", "noted_names": "{{ found.tasks | map(attribute='name') | list }}"},
        "changed_when": False,
    },
    show("show the variable of an added host", "hostvars['noted'].noted_names"),
    {"name": "remember", "ansible.builtin.set_fact": {"remembered": "{{ found.tasks }}", "cacheable": True}},
    {
        "name": "pass on as it came",
        "ansible.builtin.set_stats": {"data": {"passed_on": "{{ found.tasks | taskops.quiesce.harmless }}"}},
    },
)
MATCHED = [task["name"] for task in WITHIN if task["name"].startswith("show")]


@pytest.fixture
def hostile(totalcontrol: Control) -> Control:
    totalcontrol.put_tasks([script(name, RUNNING) for name in HOSTILE])
    return totalcontrol


def test_what_a_module_returns_is_text_on_all_ways_within_a_run(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str]
) -> None:
    run = ansible.tasks(*WITHIN, variables=totalcontrol_access, patience=180)

    assert run.status == 0, run.printed
    assert was_evaluated(run) == []
    for task in MATCHED:
        shown = set().union(*(texts(result.returned) for result in run.results if result.task == task))
        assert set(HOSTILE) <= shown, task


def test_what_a_run_has_cached_is_text_in_the_next_one(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    cache = {**totalcontrol_access, "ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path)}
    remember = {"name": "remember", "ansible.builtin.set_fact": {"remembered": "{{ found.tasks }}", "cacheable": True}}
    assert ansible.tasks(FOUND, remember, variables=cache, patience=120).status == 0

    run = ansible.tasks(show("show", "remembered | map(attribute='name') | list"), variables=cache)

    assert run.status == 0, run.printed
    assert was_evaluated(run) == []
    assert set(HOSTILE) <= texts(run.by_name()["show"].returned)


def test_what_is_passed_on_as_it_came_would_be_a_template(ansible: Ansible) -> None:
    """The danger is real: this is how an evaluated text shows."""
    run = ansible.tasks(show("show", "passed_on"), args=("-e", json.dumps({"passed_on": HOSTILE[0]})))

    assert set(was_evaluated(run)) >= {"show: a evaluated"}


def test_what_is_passed_on_through_the_filter_is_text_as_extra_vars(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str]
) -> None:
    first = ansible.tasks(FOUND, WITHIN[-1], variables=totalcontrol_access, patience=120)
    handed_over = first.by_name()["pass on as it came"]["ansible_stats"]["data"]

    run = ansible.tasks(show("show", "passed_on | map(attribute='name') | list"), args=("-e", json.dumps(handed_over)))

    assert run.status == 0, run.printed
    assert was_evaluated(run) == []
    assert set(map(harmless, HOSTILE)) <= texts(run.by_name()["show"].returned)


def test_an_encoded_id_addresses_its_task(ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str]) -> None:
    pause = {
        "name": "pause",
        "taskops.quiesce.totalcontrol_task": {"names": ["{{ id_encoded | urldecode }}"], "state": "paused", "poll_interval": 0.1},
    }
    for name in HOSTILE:
        run = ansible.tasks(pause, args=("-e", json.dumps({"id_encoded": encoded(name)})), variables=totalcontrol_access)
        assert run.status == 0, run.printed
        assert was_evaluated(run) == []
        assert run.by_name()["pause"].row["id"] == name

    assert {task["status"] for task in hostile.tasks()} == {PAUSED}


def test_the_sentence_of_a_failure_is_text_in_a_rescue(ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str]) -> None:
    hostile.order_fault("status", status=403, body=HOSTILE[0], times=None, match={"write": True})
    block = {
        "name": "try",
        "block": [
            {
                "name": "pause",
                "taskops.quiesce.totalcontrol_task": {"names": "{{ found.tasks | map(attribute='id') | list }}", "state": "paused"},
            }
        ],
        "rescue": [
            set_fact("why", "ansible_failed_result.msg"),
            show("show the sentence", "why"),
            show("show the rows", "ansible_failed_result.tasks | map(attribute='error') | list"),
        ],
    }
    run = ansible.tasks(FOUND, block, variables=totalcontrol_access, patience=120)

    assert was_evaluated(run) == []
    assert HOSTILE[0] in str(run.by_name()["show the sentence"]["msg"])


@pytest.mark.parametrize("native", ["false", "true"])
def test_a_window_over_such_tasks_and_all_that_it_leaves_behind(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str], tmp_path: Path, native: str
) -> None:
    target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": hostile.url}}
    window = {"maintenance_id": "2026_03_01", "maintenance_targets": [target], "maintenance_ledger_dir": str(tmp_path)}
    access = {**totalcontrol_access, "ANSIBLE_JINJA2_NATIVE": native, "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    runs = [
        ansible.playbook(
            [{"ansible.builtin.import_playbook": f"taskops.quiesce.{playbook}"}], "-e", json.dumps(window), variables=access, patience=240
        )
        for playbook in ("plan", "open", "close")
    ]

    for run in runs:
        assert run.status == 0, run.printed
        assert was_evaluated(run) == []
    # An id that is a Python literal stays a text.
    report = tmp_path / "2026_03_01+report.json"
    assert {path.name for path in tmp_path.glob("*.json")} == {"2026_03_01.json", report.name}
    stats = [result["ansible_stats"]["data"] for result in runs[-1].results if "ansible_stats" in result]

    loaded = ansible.tasks(
        {"name": "load", "ansible.builtin.include_vars": {"file": str(report), "name": "report"}},
        show("show the report", "report"),
        show("show what was passed on", "maintenance_2026_03_01"),
        show("show the file", "lookup('ansible.builtin.file', '" + str(report) + "') | from_json"),
        args=("-e", json.dumps(stats[-1]), "-e", f"@{report}"),
        variables={"ANSIBLE_JINJA2_NATIVE": native},
    )

    assert loaded.status == 0, loaded.printed
    assert was_evaluated(loaded) == []
    for task in ("show the report", "show the file"):
        assert set(map(harmless, HOSTILE)) <= texts(loaded.by_name()[task].returned)


def test_a_failed_windows_sentences_are_text_for_the_next_job(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    hostile.order_fault("status", status=403, body=HOSTILE[0], times=None, match={"write": True})
    target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": hostile.url, "retries": 0}}
    window = {"maintenance_id": "CHG1", "maintenance_targets": [target], "maintenance_ledger_dir": str(tmp_path)}
    opened = ansible.playbook(
        [{"ansible.builtin.import_playbook": "taskops.quiesce.open"}],
        "-e",
        json.dumps(window),
        variables=totalcontrol_access,
        patience=240,
    )
    stats = next(result["ansible_stats"]["data"] for result in opened.results if "ansible_stats" in result)

    run = ansible.tasks(show("show", "maintenance_CHG1.failures"), args=("-e", json.dumps(stats)))

    assert opened.status != 0 and was_evaluated(opened) == []
    assert run.status == 0, run.printed
    assert was_evaluated(run) == []
    assert any(harmless(HOSTILE[0]) in text for text in texts(run.by_name()["show"].returned))


def test_what_keeps_an_overdue_window_from_being_closed_is_text(
    ansible: Ansible, hostile: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    """It passes through a fact into a failure."""
    target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": hostile.url, "retries": 0}}
    ledger = {"maintenance_ledger_dir": str(tmp_path)}
    window = {"maintenance_id": "CHG1", "maintenance_targets": [target], "maintenance_for": "8s", **ledger}
    runs = []
    for playbook, variables in (("open", window), ("close_overdue", ledger)):
        play = {"ansible.builtin.import_playbook": f"taskops.quiesce.{playbook}"}
        runs.append(ansible.playbook([play], "-e", json.dumps(variables), variables=totalcontrol_access, patience=240))
        if playbook == "open":
            until = json.loads((tmp_path / "CHG1.json").read_text(encoding="utf-8"))["until"]
            time.sleep(max(0.0, until - time.time()))
        hostile.order_fault("status", status=403, body=HOSTILE[0], times=None, match={"write": True})
    opened, closed = runs

    assert opened.status == 0, opened.printed
    assert closed.status != 0 and "1 of 1 overdue windows aren't closed" in " ".join(closed.printed.split()), closed.printed
    assert was_evaluated(closed) == []


def test_a_watchs_state_file_is_text_where_somebody_loads_it_as_variables(ansible: Ansible, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    tasks = {name: Known(harmless(name), "paused", harmless(name), True) for name in HOSTILE}
    with StateFile(str(path), {"target": "scripts"}) as file:
        file.save(Memory(tasks, None, HOSTILE))

    run = ansible.tasks(
        {"name": "load", "ansible.builtin.include_vars": {"file": str(path), "name": "kept"}},
        show("show", "kept"),
        show("show the ids", "kept.tasks | dict2items | map(attribute='key') | list"),
        args=("-e", f"@{path}"),
    )

    assert run.status == 0, run.printed
    assert was_evaluated(run) == []
    assert set(map(encoded, HOSTILE)) <= texts(run.by_name()["show the ids"].returned)


@pytest.fixture
def vias() -> Iterator[Control]:
    """An emulated VIAS, in which the name of a task differs from its id and can be any text."""
    with ThreadedEmulator(registry.find("huawei")()) as emulator:
        yield emulator.control


def test_no_control_character_of_a_name_reaches_the_terminal(ansible: Ansible, vias: Control, tmp_path: Path) -> None:
    name = "bell \x07 red \x1b[31m\nnext line \u202e turned"
    vias.put_tasks([analysis("a", "RUNNING", name=name)])
    vias.order_fault("delay", seconds=6, times=1, match={"write": True})
    options = {"url": vias.url, "region": "cn-north-4", "project_id": PROJECT}
    target = {"name": "analyses", "vendor": "huawei", "state": "paused", "select": {}, "options": options}
    window = {"maintenance_id": "CHG1", "maintenance_targets": [target], "maintenance_ledger_dir": str(tmp_path)}
    access = {"HUAWEICLOUD_SDK_AK": KEY["access_key"], "HUAWEICLOUD_SDK_SK": KEY["secret_key"]}
    for playbook in ("open", "close"):
        run = ansible.playbook(
            [{"ansible.builtin.import_playbook": f"taskops.quiesce.{playbook}"}],
            "-e",
            json.dumps(window),
            variables=access,
            patience=240,
        )
        assert run.status == 0, run.printed
        assert not [line for line in run.printed.splitlines() if not line.replace("\t", "").isprintable()]
        assert harmless(name) in run.printed

    for file in tmp_path.glob("CHG1+report.*"):
        assert not [line for line in file.read_text(encoding="utf-8").splitlines() if not line.isprintable()], file


def test_a_name_that_an_address_can_t_hold_is_refused_in_the_plan(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    name = "bell \x07 red \x1b[31m\nnext line"
    totalcontrol.put_tasks([script("first", RUNNING), script(name, RUNNING)])
    target = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": totalcontrol.url}}
    window = {"maintenance_id": "CHG1", "maintenance_targets": [target], "maintenance_ledger_dir": str(tmp_path)}
    play = {"ansible.builtin.import_playbook": "taskops.quiesce.open"}
    run = ansible.playbook([play], "-e", json.dumps(window), variables=totalcontrol_access, patience=240)

    assert run.status != 0 and totalcontrol.writes() == []
    assert "its id can't stand in an address" in run.printed
    assert not [line for line in run.printed.splitlines() if not line.replace("\t", "").isprintable()]
