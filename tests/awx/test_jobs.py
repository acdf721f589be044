# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that AWX would run: credentials of our types, answers of our surveys, the playbooks of the job templates."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.emulator.client import Control
from tests.integration.windows import ID, actions
from tests.window.fleet import Fleet

from .credentials import PROJECTS, credentials
from .jobs import Awx
from .site import Site

MODULES = {
    "totalcontrol": "totalcontrol_task_info",
    "huawei": "huawei_task_info",
    "ctrlapi": "ctrlapi_task_info",
    "hitachi": "hitachi_task_info",
    "iotda": "iotda_batchtask_info",
    "airflow": "airflow_dag_info",
}


@pytest.fixture
def site(awx: Awx, systems: Mapping[str, Control], tmp_path: Path) -> Site:
    for system in systems.values():
        system.reset()
    fleet = Fleet(systems)
    fleet.put(1)
    return Site(awx, fleet, tmp_path / "ledgers")


def test_the_credentials_drive_the_modules_of_all_vendors(site: Site) -> None:
    tasks = [
        {"name": vendor, f"taskops.quiesce.{module}": {"project_id": PROJECTS[vendor]} if vendor in PROJECTS else {}}
        for vendor, module in MODULES.items()
    ]

    job = site.awx.launch({"hosts": "localhost", "gather_facts": False, "tasks": tasks}, credentials(site.fleet.systems))

    assert job.status == 0, job.printed
    assert {vendor: len(result["tasks"]) for vendor, result in job.results.items()} == dict.fromkeys(MODULES, 1)


def test_without_the_certificates_of_the_credential_the_systems_are_not_reached(site: Site) -> None:
    """Otherwise, the test above would not prove anything about certificates."""
    task = {"name": "look", "taskops.quiesce.totalcontrol_task_info": {"retries": 0}}
    given = credentials(site.fleet.systems)
    name = next(iter(given))
    for lacking in ("ca_path", "client_cert"):
        inputs = {**given[name], lacking: "", **({"client_key": ""} if lacking == "client_cert" else {})}

        job = site.awx.launch({"hosts": "localhost", "gather_facts": False, "tasks": [task]}, {name: inputs})

        assert job.status != 0
        assert job.results["look"]["failure"]["code"] == "connection", job.printed


def test_a_job_of_the_type_check_tells_the_plan_and_writes_nothing(site: Site) -> None:
    job = site.launch("plan", {"maintenance_id": ID, "maintenance_targets_yaml": site.targets()})

    assert job.status == 0, job.printed
    assert "script-0: is started, pause makes it paused" in job.printed
    assert actions(site.fleet) == {} and not site.ledgers.exists()


def test_a_window_that_was_opened_for_some_time_is_closed_by_the_schedule_after_that(site: Site) -> None:
    opened = site.launch("open", {"maintenance_id": ID, "maintenance_targets_yaml": site.targets(), "maintenance_for": "1s"})
    time.sleep(1)
    ended = site.launch("end", {})

    assert (opened.status, ended.status) == (0, 0), opened.printed + ended.printed
    assert actions(site.fleet)["totalcontrol"] == ["pause", "resume"]


def test_empty_answers_for_everything_that_has_a_default_count_as_not_given(site: Site) -> None:
    """The surveys of a site may ask for more than ours."""
    names = ("maintenance_hosts", "maintenance_ledger_host", "maintenance_ledger_dir", "maintenance_report_dir", "maintenance_work")
    empty = {name: "" for name in (*names, "maintenance_work_roles", "maintenance_targets_yaml")}
    given = {"maintenance_id": ID, "maintenance_targets": yaml.safe_load(site.targets()), **empty}

    job = site.awx.launch("playbooks/window.yml", credentials(site.fleet.systems), extra_vars=given)

    assert job.status == 0, job.printed
    assert actions(site.fleet)["totalcontrol"] == ["pause", "resume"]
    home = job.folder / ".quiesce"
    assert (home / f"{ID}.json").exists() and (home / f"{ID}+report.html").exists()
