# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module without any system: its results and its refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.processes import Ansible, Result


def _step(ansible: Ansible, folder: Path, *args: str, **options: Any) -> Result:
    run = ansible.tasks({"taskops.quiesce.maintenance_ledger": {"dir": str(folder), "window": "CHG1", **options}}, args=args)
    return run.results[0]


def test_a_window_that_is_not_there_is_shown_as_none(ansible: Ansible, tmp_path: Path) -> None:
    shown = _step(ansible, tmp_path / "ledgers")

    assert (shown["status"], shown["changed"], shown["ledger"]) == ("none", False, str(tmp_path / "ledgers" / "CHG1.json"))
    assert not (tmp_path / "ledgers").exists()


def test_a_step_of_a_run_needs_the_run(ansible: Ansible, tmp_path: Path) -> None:
    (tmp_path / "CHG1.json").write_text(json.dumps({"format": 1, "window": "CHG1", "status": "open", "targets": [], "runs": []}))

    assert _step(ansible, tmp_path, step="next")["msg"] == "step next needs run, as step begin returned it."


def test_a_run_that_never_began_writes_nothing(ansible: Ansible, tmp_path: Path) -> None:
    text = json.dumps({"format": 1, "window": "CHG1", "status": "open", "targets": [], "runs": []})
    (tmp_path / "CHG1.json").write_text(text)

    refused = _step(ansible, tmp_path, step="record", run="0" * 32, targets=[])

    assert refused["msg"] == "the lock of the window CHG1 was lost to another run; this one ends here."
    assert (tmp_path / "CHG1.json").read_text() == text


def test_beginning_in_check_mode_writes_nothing(ansible: Ansible, tmp_path: Path) -> None:
    begun = _step(ansible, tmp_path / "ledgers", "--check", step="begin", targets=[])

    assert (begun["run"], begun["status"]) == ("", "none")
    assert not (tmp_path / "ledgers").exists()
