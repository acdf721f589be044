# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `maintenance_report` in a real play: the files that it writes, and that no vendor's text is evaluated as a template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import Ansible, Run
from tests.unit.roles import windows
from tests.unit.roles.templates import facts, render

FORMS = ("html", "md", "json")
WRITE = "taskops.quiesce.maintenance_report : Write the report"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that doesn't exist yet."""
    return tmp_path / "changes" / "2026"


def write(ansible: Ansible, report: dict[str, Any], folder: Path, *args: str) -> Run:
    """Run the role on facts that a module returned, as in a window."""
    source = folder.parents[1] / "facts.json"
    source.write_text(json.dumps(report), encoding="utf-8")
    return ansible.tasks(
        {"name": "Read", "ansible.builtin.slurp": {"src": str(source)}, "register": "read"},
        {
            "name": "Report",
            "ansible.builtin.include_role": {"name": "taskops.quiesce.maintenance_report"},
            "vars": {"maintenance_report_facts": "{{ read.content | b64decode | from_json }}", "maintenance_report_dir": str(folder)},
        },
        {"name": "Files", "ansible.builtin.debug": {"var": "maintenance_report_files"}},
        args=args,
    )


def changed(run: Run) -> dict[str, bool]:
    """Whether each Ansible task of the play has changed something."""
    return {result.task: bool(result.returned.get("changed")) for result in run.results}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to which others can write, with the ledger of the window."""
    folder = tmp_path_factory.mktemp("shared") / "changes" / "2026"
    folder.mkdir(parents=True)
    folder.chmod(0o2775)
    (folder / "CHG0031337.json").write_text("the ledger", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def written(ansible: Ansible, shared: Path) -> Run:
    run = write(ansible, facts(windows.closed_with_failures()), shared)
    assert run.status == 0, run.printed
    return run


def check_files(folder: Path, report: dict[str, Any]) -> None:
    for form in FORMS:
        file = folder / f"CHG0031337+report.{form}"
        assert file.read_text(encoding="utf-8") == render(form, report)
        assert file.stat().st_mode & 0o777 == 0o640
    assert json.loads((folder / "CHG0031337+report.json").read_text(encoding="utf-8")) == report


def test_the_files_are_what_the_templates_say(written: Run, shared: Path) -> None:
    assert changed(written)[WRITE]
    check_files(shared, facts(windows.closed_with_failures()))


def test_the_paths_are_told(written: Run, shared: Path) -> None:
    assert written.by_name()["Files"]["maintenance_report_files"] == {form: f"{shared}/CHG0031337+report.{form}" for form in FORMS}


def test_a_folder_that_is_there_keeps_its_mode_and_the_ledger_in_it_stays(written: Run, shared: Path) -> None:
    assert shared.stat().st_mode & 0o7777 == 0o2775
    assert (shared / "CHG0031337.json").read_text(encoding="utf-8") == "the ledger"
    assert len(list(shared.iterdir())) == 4


def test_a_second_time_nothing_changes(ansible: Ansible, written: Run, shared: Path) -> None:
    again = write(ansible, facts(windows.closed_with_failures()), shared)
    assert again.status == 0, again.printed
    assert not any(changed(again).values())


def test_hostile_texts_are_no_templates_and_a_missing_folder_is_made(ansible: Ansible, folder: Path) -> None:
    # Ansible accepts no half of a surrogate pair from a module.
    report = json.loads(json.dumps(facts(windows.hostile())).replace("\\ud800", ""))
    run = write(ansible, report, folder)
    assert run.status == 0, run.printed
    assert folder.stat().st_mode & 0o7777 == 0o750
    check_files(folder, report)


@pytest.mark.parametrize("exists", [False, True], ids=["folder-missing", "folder-there"])
def test_check_mode_foretells_and_writes_nothing(ansible: Ansible, folder: Path, exists: bool) -> None:
    if exists:
        folder.mkdir(parents=True)
    run = write(ansible, facts(windows.closed_well()), folder, "--check")
    assert run.status == 0, run.printed
    assert changed(run)[WRITE]
    assert folder.exists() is exists
    assert not exists or list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../CHG0031337", "CHG0031337\n"], ids=["path", "newline"])
def test_an_id_that_can_name_no_file_is_refused(ansible: Ansible, folder: Path, name: str) -> None:
    run = write(ansible, {**facts(windows.closed_well()), "window": name}, folder)
    assert run.status != 0
    assert "the window's id can't name a file" in " ".join(run.printed.split())
    assert not folder.parent.exists()
