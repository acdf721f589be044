# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module alone: the windows that it lists, and other files in the folder."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cases import IN_WORKER, SWITCH, check_failure
from tests.integration.processes import Ansible, Result
from tests.unit.roles.windows import Window, target

pytestmark = pytest.mark.wire

HOUR = 3600.0


def _windows(folder: Path, names: dict[str, float | None]) -> None:
    """Open windows over one task each, with their ends."""
    for name, until in names.items():
        document = Window([target(f"streams of {name}", [("241456", "Sports HD", "started")])], name).open().document
        document["until"] = until
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1, sort_keys=True))


def _listed(ansible: Ansible, folder: Path, *args: str, **options: Any) -> Result:
    """The result in Ansible's worker, which has to be the same in a process of the module's own."""
    call = {"taskops.quiesce.maintenance_window_info": {"ledger_dir": str(folder), **options}, "ignore_errors": True}
    in_worker, by_module = ansible.tasks(call, {**call, "vars": {SWITCH: False}}, args=args).results
    assert _steady(in_worker) == _steady(by_module)
    return in_worker


def _steady(result: Result) -> dict[str, Any]:
    """The result without the time of the call, to which the second one comes later."""
    rows = [{**row, "overdue_seconds": 0} for row in result.returned.get("windows", ())]
    lines = [re.sub(r" at \d{4}-\d\d-\d\d \d\d:\d\d UTC$|; OVERDUE by .*", "", line) for line in result.returned.get("lines", ())]
    return {**result.returned, "windows": rows, "lines": lines}


def test_a_folder_that_is_not_there_has_no_windows_and_is_not_made(ansible: Ansible, tmp_path: Path) -> None:
    listed = _listed(ansible, tmp_path / "ledgers")

    assert (listed["windows"], listed["lines"], listed["changed"]) == ([], [f"no open windows in {tmp_path / 'ledgers'}"], False)
    assert not (tmp_path / "ledgers").exists()


@pytest.mark.core
def test_it_runs_where_a_module_of_a_system_does(ansible: Ansible, tmp_path: Path) -> None:
    call = {"taskops.quiesce.maintenance_window_info": {"ledger_dir": str(tmp_path)}}

    in_worker, by_module = (ansible.tasks({**call, "vars": {SWITCH: way}}, args=["-vvv"]).printed for way in (True, False))

    assert IN_WORKER in in_worker and "AnsiballZ" not in in_worker
    assert IN_WORKER not in by_module and "AnsiballZ_maintenance_window_info" in by_module


def test_a_folder_that_cannot_be_read_is_named(ansible: Ansible, tmp_path: Path) -> None:
    (tmp_path / "ledgers").write_text("a file")

    refused = _listed(ansible, tmp_path / "ledgers")

    check_failure(refused, "usage")
    assert f"the folder {tmp_path / 'ledgers'} can't be read (Not a directory)" in refused["msg"]


def test_an_option_that_there_is_not_is_refused_with_the_one_that_is_meant(ansible: Ansible, tmp_path: Path) -> None:
    refused = _listed(ansible, tmp_path, overdu=True)

    check_failure(refused, "usage")
    assert "did you mean overdue?" in refused["msg"]


@pytest.mark.core
def test_what_is_open_is_listed_with_its_deadline_and_what_has_passed_it(ansible: Ansible, tmp_path: Path) -> None:
    now = time.time()
    _windows(tmp_path, {"CHG1": None, "CHG2": now + HOUR, "CHG3": now - 2 * HOUR - 60})

    listed = _listed(ansible, tmp_path, "--check")

    assert [(row["window"], row["status"], row["overdue"], row["held"]) for row in listed["windows"]] == [
        ("CHG1", "open", False, 1),
        ("CHG2", "open", False, 1),
        ("CHG3", "open", True, 1),
    ]
    assert listed["lines"][0] == "CHG1: open, 1 task held; since 2026-11-21T22:00:00Z"
    assert listed["lines"][1].startswith("CHG2: open, 1 task held, until 2")
    assert listed["lines"][2].endswith("; OVERDUE by 2 h 1 min")


def test_only_what_is_overdue_may_be_asked_for(ansible: Ansible, tmp_path: Path) -> None:
    _windows(tmp_path, {"CHG1": None, "CHG2": time.time() + HOUR, "CHG3": time.time() - HOUR})

    assert [row["window"] for row in _listed(ansible, tmp_path, overdue=True)["windows"]] == ["CHG3"]


def test_a_closed_window_is_listed_where_it_is_asked_for(ansible: Ansible, tmp_path: Path) -> None:
    document = Window([target("streams", [("241456", "Sports HD", "started")])], "CHG1").open().close().document
    (tmp_path / "CHG1.json").write_text(json.dumps(document, indent=1, sort_keys=True))

    assert _listed(ansible, tmp_path)["windows"] == []
    for asked in ({"closed": True}, {"id": "CHG1"}):
        (row,) = _listed(ansible, tmp_path, **asked)["windows"]
        assert (row["status"], row["sentence"]) == ("closed", "closed, all as found")


def test_a_ledger_that_cannot_be_used_is_named_and_hides_no_other(ansible: Ansible, tmp_path: Path) -> None:
    _windows(tmp_path, {"CHG1": None})
    (tmp_path / "CHG0.json").write_text('{"format": 1, "window": ')
    (tmp_path / "CHG2.json").write_text(json.dumps({"format": 2, "window": "CHG2", "status": "open"}))
    # Other files in the folder: a report, the state file of a watch, and a copy.
    for name, text in {
        "CHG1+report.json": "{}",
        "watch-CHG1.json": '{"format": 2}',
        "copy.json": (tmp_path / "CHG1.json").read_text(),
    }.items():
        (tmp_path / name).write_text(text)

    listed = _listed(ansible, tmp_path)

    assert [(row["window"], row["status"]) for row in listed["windows"]] == [
        ("CHG0", "unreadable"),
        ("CHG1", "open"),
        ("CHG2", "unreadable"),
    ]
    assert listed["windows"][0]["problem"] == f"the ledger {tmp_path / 'CHG0.json'} is damaged; repair it, or remove it"
    assert "has the format 2" in listed["windows"][2]["problem"]
