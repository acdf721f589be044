# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook `probe`, as an operator runs it: two files on the controller, nothing changed on the system, no secret in any output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator

from ..hitachi import service_run
from ..processes import Ansible, Run

USER: dict[str, Any] = {"username": "jp1-operator", "password": "manager-of-7"}
TASKS = [service_run("5381", name="payroll of acme"), service_run("5382", "completed"), service_run("5383", "waiting")]


@pytest.fixture
def jp1() -> Iterator[Control]:
    """A JP1/AO that spells its states as its screens do and refuses filters of ids."""
    switches: dict[str, Any] = {
        "spelling": "names",
        "filter_ids": 404,
        "require_read_only": True,
        "users": {USER["username"]: {"password": USER["password"], "role": "Admin"}},
    }
    with ThreadedEmulator(registry.find("hitachi")(switches=switches, tasks=TASKS)) as emulator:
        yield emulator.control


def _run(ansible: Ansible, folder: Path, variables: dict[str, Any], *more: str, environment: dict[str, str] | None = None) -> Run:
    given = json.dumps({"probe_vendor": "hitachi", "probe_dir": str(folder), **variables})
    return ansible.run("ansible-playbook", "taskops.quiesce.probe", "-e", given, *more, variables=environment)


def _environment(jp1: Control) -> dict[str, str]:
    return {f"HITACHI_{name.upper()}": value for name, value in {"url": jp1.url, **USER}.items()}


def test_the_finding_is_written_for_people_and_for_programs(ansible: Ansible, jp1: Control, tmp_path: Path) -> None:
    run = _run(ansible, tmp_path, {"probe_options": {"url": jp1.url, **USER}})
    page, data = (tmp_path / "probe-hitachi.md").read_text(), json.loads((tmp_path / "probe-hitachi.json").read_text())

    assert run.status == 0, run.printed
    assert data["summary"]["differs"] == 2 and data["tasks"] == 3
    assert "| **differs** | HTTP 404 |" in page and "In Progress, which is taken for inProgress" in page
    assert f"2 assumptions don't hold; the finding is in {tmp_path}/probe-hitachi.md" in run.stdout


@pytest.mark.wire
def test_only_reads_are_sent(ansible: Ansible, jp1: Control, tmp_path: Path) -> None:
    run = _run(ansible, tmp_path, {"probe_options": {"url": jp1.url, **USER}})

    assert run.status == 0, run.printed
    assert jp1.writes() == [] and {entry["method"] for entry in jp1.journal()} == {"GET"}


@pytest.mark.parametrize("more", [(), ("-vvvv",)], ids=["plainly", "talkatively"])
def test_neither_the_files_nor_the_screen_hold_what_is_private(
    ansible: Ansible, jp1: Control, tmp_path: Path, more: tuple[str, ...]
) -> None:
    run = _run(ansible, tmp_path, {}, *more, environment=_environment(jp1))
    files = "".join(path.read_text() for path in tmp_path.iterdir())
    tokens = [dict(entry["headers"]).get("Authorization", "") for entry in jp1.journal()]

    assert run.status == 0, run.printed
    assert USER["password"] not in run.printed
    assert tokens and not [token for token in tokens if token.split()[-1] in run.printed + files]
    for private in ("payroll", "acme", "5381", "15381", USER["username"], USER["password"], str(jp1.port), "127.0.0.1"):
        assert private not in files


def test_in_check_mode_it_looks_and_writes_no_file(ansible: Ansible, jp1: Control, tmp_path: Path) -> None:
    run = _run(ansible, tmp_path, {"probe_options": {"url": jp1.url, **USER}}, "--check")

    assert run.status == 0, run.printed
    assert jp1.journal() and list(tmp_path.iterdir()) == []


@pytest.mark.wire
def test_who_isn_t_let_in_gets_one_sentence_and_no_file(ansible: Ansible, jp1: Control, tmp_path: Path) -> None:
    run = _run(ansible, tmp_path, {"probe_options": {"url": jp1.url, "username": "nobody", "password": "nothing-of-it"}})

    assert run.status != 0 and "check username and password" in run.stdout and "Traceback" not in run.printed
    assert "nothing-of-it" not in run.printed and list(tmp_path.iterdir()) == []


def test_ad_hoc_it_is_one_command(ansible: Ansible, jp1: Control) -> None:
    run = ansible.ad_hoc("system_probe", "vendor=hitachi", variables=_environment(jp1))

    assert run.status == 0, run.printed
    assert run.results[0]["finding"]["summary"]["differs"] == 2


@pytest.mark.wire
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"probe_vendor": ""}, "probe_vendor is missing; give it the vendor of the system, such as hitachi."),
        ({"probe_task": "6001"}, "nothing here reads the variable probe_task (did you mean probe_tasks?);"),
    ],
)
def test_a_variable_that_is_missing_or_misspelt_is_named(
    ansible: Ansible, jp1: Control, tmp_path: Path, variables: dict[str, Any], sentence: str
) -> None:
    run = _run(ansible, tmp_path, variables, environment=_environment(jp1))

    assert run.results[-1].outcome == "failed" and run.results[-1]["msg"].startswith(sentence)
    assert list(tmp_path.iterdir()) == []
