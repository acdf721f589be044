# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: a private data directory, credentials rendered into it, and ansible-runner, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from tests.integration.processes import run_bounded

from .data import TREE, inject

LOCALHOST = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
PROGRAM = "import json, sys, ansible_runner; sys.exit(ansible_runner.interface.run(**json.load(open(sys.argv[1]))).rc)"


@dataclass(frozen=True)
class Ended:
    """A job that has ended. `shown` is its environment as AWX stores and shows it."""

    folder: Path
    status: int
    printed: str
    shown: Mapping[str, str]

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        files = (self.folder / "artifacts" / "job" / "job_events").glob("*.json")
        return sorted((json.loads(path.read_text()) for path in files), key=lambda event: int(event["counter"]))

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """The result of each task by its name."""
        return {event["event_data"]["task"]: event["event_data"]["res"] for event in self.events if "res" in event.get("event_data", {})}

    @property
    def passed_on(self) -> dict[str, Any]:
        """The variables that AWX passes to later jobs of the workflow."""
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        passed: dict[str, Any] = stats.get("artifact_data", {})
        return passed

    def kept(self) -> Iterator[tuple[str, str]]:
        """All texts that AWX stores of the job. AWX drops the file `command`, in which ansible-runner records the environment."""
        yield "the environment", json.dumps(self.shown)
        yield "the output", self.printed
        for path in sorted((self.folder / "artifacts").rglob("*")):
            if path.is_file() and path.name != "command":
                yield str(path.relative_to(self.folder)), path.read_text(errors="replace")


class Awx:
    """Launches jobs, each in a new directory below `folder`."""

    def __init__(self, folder: Path, collections: str) -> None:
        self._folder = folder
        self._collections = collections
        self._numbers = count(1)

    def launch(
        self,
        playbook: str | Mapping[str, Any],
        credentials: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        extra_vars: Mapping[str, Any] | None = None,
        inventory: Mapping[str, Any] | None = None,
        check: bool = False,
        variables: Mapping[str, str] | None = None,
        patience: float = 120,
    ) -> Ended:
        """Run one of the collection's playbooks, such as `playbooks/open.yml`, or a play that is given as data.

        `inventory` are the variables of its inventory. `check` selects the job type check.
        """
        folder = self._folder / str(next(self._numbers))
        injected = inject(credentials or {}, folder)
        project = TREE if isinstance(playbook, str) else folder / "project"
        project.mkdir(exist_ok=True)
        if not isinstance(playbook, str):
            (project / "play.yml").write_text(json.dumps([playbook]))
        order = {
            "private_data_dir": str(folder),
            "ident": "job",
            "project_dir": str(project),
            "playbook": playbook if isinstance(playbook, str) else "play.yml",
            "inventory": {"all": {"hosts": {"localhost": LOCALHOST}, "vars": dict(inventory or {})}},
            "extravars": dict(extra_vars or {}),
            "envvars": {**self._environment(folder), **injected.env, **(variables or {})},
            "cmdline": "--check" if check else None,
            "suppress_env_files": True,
        }
        (folder / "order.json").write_text(json.dumps(order))
        command = [sys.executable, "-c", PROGRAM, str(folder / "order.json")]
        status, stdout, stderr = run_bounded(command, self._environment(folder), folder, patience)
        return Ended(folder, status, stdout + stderr, injected.shown)

    def _environment(self, folder: Path) -> dict[str, str]:
        (folder / "ansible.cfg").touch()
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(folder / ".ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
        }
