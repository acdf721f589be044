# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs through ansible-runner, the engine of AWX, with the highest verbosity. AWX shows and stores the same data as ansible-runner."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..processes import Ansible, run_bounded

TAPS = Path(__file__).with_name("taps")
# For a ledger and reports.
KEPT = "kept"


def tapped(place: Path) -> dict[str, str]:
    """The environment of a Python in which a run records its messages to syslog, and raises errors if an Ansible task requests that."""
    return {"PYTHONPATH": str(TAPS), "QUIESCE_SYSLOG": str(place / "syslog")}


def run(ansible: Ansible, place: Path, tasks: Sequence[Mapping[str, Any]], patience: float = 0) -> dict[str, str]:
    """Run these tasks through ansible-runner. Returns everything that the run prints, returns, logs and writes, by the name of the file or
    stream. The tasks write into the folder KEPT of the place.
    """
    project, results, log = place / "project", place / "results.jsonl", place / "ansible.log"
    syslog = Path(tapped(place)["QUIESCE_SYSLOG"])
    project.mkdir()
    play = {"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}
    (project / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    for file in (results, log, syslog):
        file.touch()
    environment = {
        **ansible.environment(),
        **tapped(place),
        "QUIESCE_RESULTS": str(results),
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_NO_TARGET_SYSLOG": "false",
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }
    command = [
        str(Path(sys.executable).with_name("ansible-runner")),
        "run",
        str(place),
        "-p",
        "play.yml",
        "--ident",
        "run",
        "--cmdline=-vvvv",
    ]
    status, stdout, stderr = run_bounded(command, environment, place, patience or 60 + 5 * len(tasks))
    assert status == 0, stdout + stderr
    files = {"the results": results, "the log": log, "syslog": syslog}
    files |= {str(file.relative_to(place)): file for file in sorted((place / "artifacts").rglob("*")) if file.is_file()}
    files |= {str(file.relative_to(place)): file for file in sorted((place / KEPT).rglob("*")) if file.is_file()}
    return {"stdout": stdout, "stderr": stderr} | {name: file.read_text(encoding="utf-8", errors="replace") for name, file in files.items()}
