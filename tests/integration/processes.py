# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the real `ansible` and `ansible-playbook` of the core under test: bounded in time, in an environment that nothing leaks into."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from . import warm

COLLECTION = "taskops.quiesce"
TREE = Path(__file__).parents[2]
CALLBACKS = Path(__file__).parent / "callbacks"
# Settings that many calls share.
COMMON = {("ANSIBLE_PIPELINING", "true"), ("ANSIBLE_LOAD_CALLBACK_PLUGINS", "true")}


@dataclass(frozen=True)
class Result:
    """What one task of a playbook came to."""

    task: str
    outcome: str
    returned: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.returned[key]

    def __contains__(self, key: str) -> bool:
        return key in self.returned

    @property
    def failed(self) -> bool:
        return self.outcome != "ok"

    @property
    def row(self) -> dict[str, Any]:
        """The one task that it's about."""
        (row,) = self.returned["tasks"]
        assert isinstance(row, dict)
        return row

    @property
    def warnings(self) -> list[str]:
        return [str(warning) for warning in self.returned.get("warnings", [])]


@dataclass(frozen=True)
class Run:
    """A process that has ended."""

    status: int
    stdout: str
    stderr: str
    results: list[Result]

    @property
    def printed(self) -> str:
        return self.stdout + self.stderr

    def by_name(self) -> dict[str, Result]:
        return {result.task: result for result in self.results}


class Ansible:
    """Runs processes in `home`. `collections` is the path on which Ansible looks for collections.

    If `is_warm`, most of them are forked from one that has loaded ansible-core (see warm.py), and `close` is to be called in the end.
    """

    def __init__(self, home: Path, collections: str, *, is_warm: bool = False) -> None:
        self._home = home
        self._collections = collections
        self._is_warm = is_warm
        self._numbers = count(1)
        self._servers: dict[frozenset[tuple[str, str]], warm.Server] = {}
        (home / "ansible.cfg").touch()

    def close(self) -> None:
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def playbook(
        self, plays: Sequence[Mapping[str, Any]] | str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60
    ) -> Run:
        """`plays` as data or as the text of a playbook; `variables` are put into the environment of the process."""
        file = self._home / f"playbook-{next(self._numbers)}.yml"
        file.write_text(plays if isinstance(plays, str) else json.dumps(list(plays), indent=1), encoding="utf-8")
        return self._run("ansible-playbook", [str(file), *args], patience, variables or {})

    def tasks(
        self, *tasks: Mapping[str, Any], args: Sequence[str] = (), variables: Mapping[str, str] | None = None, patience: float = 60
    ) -> Run:
        """A play of these tasks on localhost."""
        return self.playbook(
            [{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}], *args, patience=patience, variables=variables
        )

    def ad_hoc(self, module: str, arguments: str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60) -> Run:
        words = ["localhost", "-m", f"{COLLECTION}.{module}", "-a", arguments, *args]
        return self._run("ansible", words, patience, {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "true", **(variables or {})})

    def run(self, program: str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60) -> Run:
        """Any other program of ansible-core."""
        return self._run(program, args, patience, variables or {})

    def environment(self) -> dict[str, str]:
        """Nothing of what the caller has set for Ansible, Total Control, proxies or certificates."""
        programs = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join([programs, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._home / "ansible.cfg"),
            "ANSIBLE_HOME": str(self._home / ".ansible"),
            # Else it's the user's own, whatever HOME says.
            "ANSIBLE_REMOTE_TEMP": str(self._home / ".ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results",
        }

    def _run(self, program: str, args: Sequence[str], patience: float, variables: Mapping[str, str]) -> Run:
        results = self._home / f"results-{next(self._numbers)}.jsonl"
        results.touch()
        environment = {**self.environment(), "QUIESCE_RESULTS": str(results), **variables}
        server = self._server(program, variables)
        if server:
            status, stdout, stderr = server.run(program, args, environment, self._home, patience)
        else:
            # Beside the Python that runs the tests: the core under test, and no other that may be on the machine.
            command = [str(Path(sys.executable).with_name(program)), *args]
            status, stdout, stderr = run_bounded(command, environment, self._home, patience)
        lines = results.read_text(encoding="utf-8").splitlines()
        return Run(status, stdout, stderr, [Result(line["task"], line["outcome"], line["result"]) for line in map(json.loads, lines)])

    def _server(self, program: str, variables: Mapping[str, str]) -> warm.Server | None:
        """The one that has loaded ansible-core under these settings; None where there's none that others would need too."""
        settings = frozenset((name, value) for name, value in variables.items() if name.startswith("ANSIBLE_"))
        if not self._is_warm or program not in warm.PROGRAMS or not settings <= COMMON:
            return None
        server = self._servers.get(settings)
        if server is None or not server.is_idle:
            if server:
                server.close()
            server = self._servers[settings] = warm.Server({**self.environment(), **dict(settings)})
        return server


def run_bounded(command: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float) -> tuple[int, str, str]:
    """The exit status and all that was printed. A process that takes too long is ended with all that it started."""
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            stdout, stderr = process.communicate(timeout=patience)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                stdout, stderr = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                stdout, stderr = process.communicate(timeout=10)
            if isinstance(error, subprocess.TimeoutExpired):
                raise AssertionError(f"{command[0]} took over {patience} s:\n{stdout}\n{stderr}") from None
            raise
    return process.returncode, stdout, stderr
