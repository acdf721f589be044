# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that creates the objects in AWX. A stand-in for the collection awx.awx takes the same options and records each call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import Ansible, Run

from .data import TREE, TYPES

# The options of the real modules, as documented, that a setup may need.
OPTIONS: Mapping[str, Sequence[str]] = {
    "credential_type": ("name", "description", "kind", "inputs", "injectors", "state"),
    "inventory": ("name", "description", "organization", "variables", "state"),
    "host": ("name", "description", "inventory", "enabled", "variables", "state"),
    "project": ("name", "description", "organization", "scm_type", "scm_url", "scm_branch", "scm_update_on_launch", "wait", "state"),
    "job_template": (
        *("name", "description", "organization", "job_type", "inventory", "project", "playbook", "execution_environment", "credentials"),
        *("extra_vars", "survey_enabled", "survey_spec", "ask_variables_on_launch", "allow_simultaneous", "state"),
    ),
    "schedule": ("name", "description", "organization", "unified_job_template", "rrule", "extra_data", "enabled", "state"),
    "workflow_job_template": (
        *("name", "description", "organization", "survey_enabled", "survey_spec", "schema", "destroy_current_schema"),
        *("ask_variables_on_launch", "allow_simultaneous", "state"),
    ),
}
DICTS = ("inputs", "injectors", "variables", "survey_spec", "extra_vars")
BOOLEANS = ("survey_enabled", "wait", "enabled", "destroy_current_schema")
LISTS = {"credentials": "str", "schema": "dict"}
MODULE = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
import json
module = AnsibleModule(argument_spec=json.loads({spec!r}))
with open({record!r}, "a") as record:
    record.write(json.dumps([{name!r}, {{key: value for key, value in module.params.items() if value is not None}}]) + "\\n")
module.exit_json(changed=True)
"""


@dataclass(frozen=True)
class Made:
    """A run of the playbook, and the modules that it called, in order."""

    run: Run
    calls: list[tuple[str, dict[str, Any]]]

    def of(self, module: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == module]


class Setup:
    """The playbook with its stand-in."""

    def __init__(self, folder: Path, ansible: Ansible) -> None:
        self._record = folder / "calls.jsonl"
        self._ansible = ansible
        modules = folder / "stand-in" / "ansible_collections" / "awx" / "awx" / "plugins" / "modules"
        modules.mkdir(parents=True)
        for name, options in OPTIONS.items():
            spec = json.dumps({option: self._spec(option) for option in options})
            (modules / f"{name}.py").write_text(MODULE.format(spec=spec, record=str(self._record), name=name))

    @staticmethod
    def _spec(option: str) -> dict[str, str]:
        if option in LISTS:
            return {"type": "list", "elements": LISTS[option]}
        return {"type": "dict"} if option in DICTS else {"type": "bool"} if option in BOOLEANS else {}

    def run(self, **variables: Any) -> Made:
        self._record.write_text("")
        words = ("taskops.quiesce.awx_setup", "-e", json.dumps(variables))
        run = self._ansible.run("ansible-playbook", *words, variables={"ANSIBLE_PIPELINING": "true"})
        return Made(run, [tuple(json.loads(line)) for line in self._record.read_text().splitlines()])


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory, collections_path: str) -> Iterator[Setup]:
    folder = tmp_path_factory.mktemp("setup")
    ansible = Ansible(folder, f"{collections_path}:{folder / 'stand-in'}", is_warm=True)
    yield Setup(folder, ansible)
    ansible.close()


@pytest.fixture(scope="module")
def made(setup: Setup) -> Made:
    """A setup with every possible variable."""
    made = setup.run(
        quiesce_awx_ledger_host="ledger.example.com",
        quiesce_awx_credentials=["totalcontrol", "huawei", "boro", "jp1", "ledger ssh"],
        quiesce_awx_work_job_template="Patch the hosts",
        quiesce_awx_execution_environment="quiesce",
        quiesce_awx_approval_timeout=3600,
    )
    assert made.run.status == 0, made.run.printed
    return made


def test_the_credential_types_arrive_as_they_are(made: Made) -> None:
    """The braces in particular have to arrive unchanged, since AWX renders them."""
    assert {call["name"]: call for call in made.of("credential_type")} == TYPES


def test_the_job_templates_run_playbooks_that_are_there(made: Made) -> None:
    templates = {call["name"]: call for call in made.of("job_template")}

    assert {name: call["job_type"] for name, call in templates.items()} == {
        "Plan a maintenance window": "check",
        "Open a maintenance window": "run",
        "Close a maintenance window": "run",
        "List maintenance windows": "run",
        "End overdue maintenance windows": "run",
    }
    assert all((TREE / call["playbook"]).is_file() for call in templates.values())
    assert {len(call["credentials"]) for call in templates.values()} == {5}


def test_what_is_overdue_is_ended_by_a_schedule(made: Made) -> None:
    """The rule has to be valid for AWX: one start, and a frequency that it accepts."""
    (schedule,) = made.of("schedule")

    assert schedule["unified_job_template"] in {call["name"] for call in made.of("job_template")}
    start, rule = schedule["rrule"].split(" ")
    assert re.fullmatch(r"DTSTART:\d{8}T\d{6}Z", start) and rule == "RRULE:FREQ=MINUTELY;INTERVAL=5"


def test_every_survey_is_one_that_awx_takes(made: Made) -> None:
    """The rules of AWX's survey endpoint."""
    surveys = [
        call["survey_spec"] for module in ("job_template", "workflow_job_template") for call in made.of(module) if "survey_spec" in call
    ]

    # AWX refuses a survey without questions, so a template without questions has no survey.
    silent = [call["name"] for call in made.of("job_template") if not call["survey_enabled"]]
    assert silent == ["List maintenance windows", "End overdue maintenance windows"]
    assert len(surveys) == 4
    for survey in surveys:
        assert set(survey) == {"name", "description", "spec"}
        variables = [question["variable"] for question in survey["spec"]]
        assert variables[0] == "maintenance_id" and len(set(variables)) == len(variables)
        for question in survey["spec"]:
            assert {"question_name", "type", "variable", "required"} <= set(question)
            assert question["type"] in ("text", "textarea")
            assert isinstance(question["required"], bool) and isinstance(question["min"], int) and isinstance(question["max"], int)
            assert question["default"] == ""
            assert question["min"] == (1 if question["required"] else 0)


def test_the_workflow_closes_whatever_becomes_of_opening_and_work(made: Made) -> None:
    (workflow,) = made.of("workflow_job_template")
    nodes = {node["identifier"]: node for node in workflow["schema"]}
    edges = [
        (name, kind.removesuffix("_nodes"), following["identifier"])
        for name, node in nodes.items()
        for kind, followings in node["related"].items()
        if kind != "credentials"
        for following in followings
    ]

    assert edges == [
        ("plan", "success", "approval"),
        ("approval", "success", "open"),
        ("open", "success", "work"),
        ("open", "failure", "close"),
        ("work", "always", "close"),
    ]
    assert nodes["approval"]["unified_job_template"]["type"] == "workflow_approval"
    assert nodes["approval"]["unified_job_template"]["timeout"] == 3600
    assert nodes["work"]["unified_job_template"]["name"] == "Patch the hosts"


def test_the_workflow_is_of_the_templates_that_are_made(made: Made) -> None:
    (workflow,) = made.of("workflow_job_template")
    jobs = {node["unified_job_template"]["name"] for node in workflow["schema"] if node["unified_job_template"]["type"] == "job_template"}

    assert jobs - {"Patch the hosts"} == {call["name"] for call in made.of("job_template") if call["survey_enabled"]}


def test_the_inventory_names_the_host_of_the_ledger_and_has_it(made: Made) -> None:
    (inventory,) = made.of("inventory")

    assert inventory["variables"] == {"maintenance_ledger_host": "ledger.example.com", "maintenance_ledger_dir": "/var/lib/quiesce"}
    assert [call["name"] for call in made.of("host")] == ["localhost", "ledger.example.com"]
    assert made.of("host")[0]["variables"]["ansible_python_interpreter"] == "{{ ansible_playbook_python }}"


def test_the_hosts_are_made_after_the_inventory_and_the_workflow_at_last(made: Made) -> None:
    order = list(dict.fromkeys(name for name, _params in made.calls))

    assert order == ["credential_type", "inventory", "host", "project", "job_template", "schedule", "workflow_job_template"]


def test_without_a_template_for_the_work_there_is_no_workflow(setup: Setup) -> None:
    made = setup.run(quiesce_awx_ledger_host="ledger.example.com")

    assert made.run.status == 0, made.run.printed
    assert made.of("workflow_job_template") == []
    assert "execution_environment" not in made.of("job_template")[0]


def test_without_a_host_for_the_ledger_nothing_is_made(setup: Setup) -> None:
    made = setup.run()

    assert made.run.status != 0 and "name a host that outlives the jobs" in made.run.printed
    assert made.calls == []
