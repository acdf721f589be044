# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows as a user runs them: the collection's own playbooks in real processes, over emulated systems."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.window.fleet import SECRETS, Fleet

from .processes import COLLECTION, Ansible, Run

ID = "CHG0031337"
ROLES = ("open", "close", "window", "plan", "windows", "close_overdue", "by_hand")


@dataclass
class Window:
    """One window over a fleet. Its ledger, its lock and its report are below `folder`."""

    ansible: Ansible
    fleet: Fleet
    folder: Path
    targets: list[dict[str, Any]]
    id: str = ID
    runs: list[Run] = field(default_factory=list)

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger" / f"{self.id}.json"

    @property
    def lock(self) -> Path:
        return self.folder / "ledger" / f"{self.id}.lock"

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.ledger.read_text())
        return document

    def items(self) -> dict[str, dict[str, Any]]:
        """The tasks of the ledger, by their ids."""
        return {item["id"]: item for target in self.document()["targets"] for item in target["items"]}

    def report(self) -> dict[str, Any]:
        """The facts of the last report."""
        facts: dict[str, Any] = json.loads((self.folder / "ledger" / f"{self.id}+report.json").read_text())
        return facts

    def variables(self, **more: Any) -> dict[str, Any]:
        given = {"maintenance_id": self.id, "maintenance_ledger_dir": str(self.ledger.parent), "maintenance_targets": self.targets, **more}
        return {name: value for name, value in given.items() if value is not None}

    def run(self, name: str, *args: str, environment: Mapping[str, str] | None = None, patience: float = 120, **more: Any) -> Run:
        """Run one of the collection's playbooks (`open`, `close`, `window`, `plan`), or a file of that name in the folder. Additional
        variables for the roles can be given. None removes one.
        """
        variables = self.folder / "variables.json"
        variables.write_text(json.dumps(self.variables(**more)))
        playbook = f"{COLLECTION}.{name}" if name in ROLES else str(self.folder / name)
        run = self.ansible.run(
            "ansible-playbook",
            playbook,
            "-e",
            f"@{variables}",
            *args,
            variables={"ANSIBLE_PIPELINING": "true", **(self.fleet.environment() if environment is None else environment)},
            patience=patience,
        )
        self.runs.append(run)
        return run

    def open(self, *args: str, **more: Any) -> Run:
        return self.run("open", *args, **more)

    def close(self, *args: str, **more: Any) -> Run:
        return self.run("close", *args, **more)

    def leaks(self) -> list[str]:
        """The places that contain a secret: the output, or a file of the window."""
        places = {f"run {number}": run.printed for number, run in enumerate(self.runs, 1)}
        places.update({path.name: path.read_text(errors="replace") for path in self.ledger.parent.glob("*")})
        return [f"{secret} in {place}" for place, text in places.items() for secret in SECRETS if holds(text, secret)]


def holds(text: str, secret: str) -> bool:
    """Whether a text contains a secret. A word such as `manager` is also part of paths, so it only counts as a separate word."""
    return any(f"{mark}{secret}{mark}" in text for mark in ('"', "'")) or (secret != "manager" and secret in text)


def ended(run: Run) -> str:
    """The message with which a playbook failed; empty if it didn't fail."""
    failed = [str(result["msg"]) for result in run.results if result.outcome == "failed"]
    assert bool(failed) == bool(run.status), run.printed
    return failed[-1] if failed else ""


def returned(run: Run, key: str) -> Any:
    """The result of the last run of a window under this key."""
    return [result[key] for result in run.results if result.task.endswith(("Open the window", "Close the window")) and key in result][-1]


def actions(fleet: Fleet) -> dict[str, list[str]]:
    """The actions that each system received, in order."""
    return {vendor: [str(write["action"]) for write in writes] for vendor, writes in fleet.writes().items() if writes}


def sent(fleet: Fleet, vendors: Sequence[str]) -> list[tuple[float, str]]:
    """The time of each action, over several systems, in order of time."""
    return sorted((float(write["at"]), vendor) for vendor in vendors for write in fleet.systems[vendor].writes())
