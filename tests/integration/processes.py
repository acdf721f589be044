# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real `ansible` and `ansible-playbook` of the core under test, with a time limit and an isolated environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any

from tests import orphans

from . import warm
from .warm_python import Interpreter

COLLECTION = "taskops.quiesce"
TREE = Path(__file__).parents[2]
CALLBACKS = Path(__file__).parent / "callbacks"
# A play that waits for its task checks a thousand times a second whether it has ended, which wastes processor time.
CONFIGURATION = "[defaults]\ninternal_poll_interval = 0.01\n"
# Settings that many calls share.
Settings = frozenset[tuple[str, str]]
NO_SETTINGS: Settings = frozenset()
PIPELINING: Settings = frozenset({("ANSIBLE_PIPELINING", "true")})


@dataclass(frozen=True)
class Result:
    """The result of one Ansible task."""

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
        """The row of the only vendor's task in the result."""
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
    """Runs processes in `home`. `collections` is Ansible's path for collections. If `is_warm`, most of them are forked from a process that
    has loaded ansible-core (see warm.py), and `close` has to be called in the end.
    """

    def __init__(self, home: Path, collections: str, *, is_warm: bool = False) -> None:
        self._home = home
        self._collections = collections
        self._is_warm = is_warm
        self._numbers = count(1)
        self._servers: dict[Settings, warm.Server] = {}
        self._settings = {NO_SETTINGS, PIPELINING}
        self._warm_python: Interpreter | None = None
        self._lock = threading.Lock()
        (home / "ansible.cfg").write_text(CONFIGURATION, encoding="utf-8")

    def close(self) -> None:
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        if self._warm_python:
            self._warm_python.close()
            self._warm_python = None

    @property
    def python(self) -> str:
        """The interpreter for modules: a Python that has already imported their requirements (see warm_python.py)."""
        if self._warm_python is None:
            folder = self._home / "python"
            folder.mkdir()
            self._warm_python = Interpreter(folder, self.environment())
        return self._warm_python.path

    def playbook(
        self, plays: Sequence[Mapping[str, Any]] | str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60
    ) -> Run:
        """Run a playbook. `plays` are data or the text of a playbook. `variables` are put into the environment of the process."""
        file = self._home / f"playbook-{next(self._numbers)}.yml"
        file.write_text(plays if isinstance(plays, str) else json.dumps(list(plays), indent=1), encoding="utf-8")
        return self._run("ansible-playbook", [str(file), *args], patience, variables or {})

    def tasks(
        self, *tasks: Mapping[str, Any], args: Sequence[str] = (), variables: Mapping[str, str] | None = None, patience: float = 60
    ) -> Run:
        """Run a play of these Ansible tasks on localhost."""
        return self.playbook(
            [{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}], *args, patience=patience, variables=variables
        )

    def ad_hoc(self, module: str, arguments: str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60) -> Run:
        words = ["localhost", "-m", f"{COLLECTION}.{module}", "-a", arguments, *args]
        return self._run("ansible", words, patience, variables or {})

    def run(self, program: str, *args: str, variables: Mapping[str, str] | None = None, patience: float = 60) -> Run:
        """Run another program of ansible-core."""
        return self._run(program, args, patience, variables or {})

    def start(self, plays: Sequence[Mapping[str, Any]], folder: Path, output: IO[str]) -> warm.Process:
        """Start a playbook in a folder, without waiting for its end."""
        file = folder / f"playbook-{next(self._numbers)}.yml"
        file.write_text(json.dumps(list(plays)), encoding="utf-8")
        return self.launch([str(file)], folder, output)

    def launch(self, words: Sequence[str], folder: Path, output: IO[str], variables: Mapping[str, str] | None = None) -> warm.Process:
        """Start ansible-playbook with these arguments in a folder, without waiting for its end."""
        environment = {**self.environment(), **(variables or {})}
        return self._server(_settings(variables or {})).start("ansible-playbook", words, environment, folder, output, output)

    def environment(self) -> dict[str, str]:
        """An environment without the caller's settings for Ansible, Total Control, proxies or certificates."""
        programs = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join([programs, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._home / "ansible.cfg"),
            "ANSIBLE_HOME": str(self._home / ".ansible"),
            # Otherwise, Ansible uses the user's own, whatever HOME says.
            "ANSIBLE_REMOTE_TEMP": str(self._home / ".ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results",
            # Only `ansible` looks at this; ansible-playbook loads them anyway.
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
            **orphans.mark(),
        }

    def _run(self, program: str, args: Sequence[str], patience: float, variables: Mapping[str, str]) -> Run:
        results = self._home / f"results-{next(self._numbers)}.jsonl"
        results.touch()
        environment = {**self.environment(), "QUIESCE_RESULTS": str(results), **variables}
        settings = _settings(variables)
        if self._is_warm and program in warm.PROGRAMS and self._are_shared(settings):
            status, stdout, stderr = self._server(settings).run(program, args, environment, self._home, patience)
        else:
            # The programs in the folder of the Python that runs the tests: the core under test, and no other on the machine.
            command = [str(Path(sys.executable).with_name(program)), *args]
            status, stdout, stderr = run_bounded(command, environment, self._home, patience)
        lines = results.read_text(encoding="utf-8").splitlines()
        return Run(status, stdout, stderr, [Result(line["task"], line["outcome"], line["result"]) for line in map(json.loads, lines)])

    def _are_shared(self, settings: Settings) -> bool:
        """Whether several runs have these settings, so that they get a server: from the second run on."""
        with self._lock:
            is_known = settings in self._settings
            self._settings.add(settings)
            return is_known

    def _server(self, settings: Settings = NO_SETTINGS) -> warm.Server:
        """The server that has loaded ansible-core with these settings."""
        with self._lock:
            if settings not in self._servers:
                self._servers[settings] = warm.Server({**self.environment(), **dict(settings)}, self.python)
            return self._servers[settings]


def _settings(variables: Mapping[str, str]) -> Settings:
    return frozenset((name, value) for name, value in variables.items() if name.startswith("ANSIBLE_"))


def run_bounded(command: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float) -> tuple[int, str, str]:
    """The exit status and the whole output. A process that exceeds its time limit is ended with all its children."""
    process = subprocess.Popen(
        command,
        env={**orphans.mark(), **environment},
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
