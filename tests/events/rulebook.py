# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real ansible-rulebook process, and the events that its rules received. Its environment doesn't depend on the caller's."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from tests import orphans

SOURCE = "taskops.quiesce.task_state"
PRINT_ALL: dict[str, Any] = {"name": "print all", "condition": "event.kind is defined", "action": {"print_event": None}}
PATIENCE = 300.0
_numbers = count(1)

Event = dict[str, Any]


class Rulebook:
    """A running ansible-rulebook. `rulebook` is the name of one in the collection, or a list of sources with `rules` (without rules, each
    event is printed). The programs in the folder `programs` replace those of the environment.
    """

    def __init__(
        self,
        folder: Path,
        programs: Path,
        collections: str,
        rulebook: str | Sequence[Mapping[str, Any]],
        rules: Sequence[Mapping[str, Any]],
        variables: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> None:
        number = next(_numbers)
        self._folder = folder
        self._output = folder / f"rulebook-{number}.out"
        inventory, given = folder / "inventory.yml", folder / f"variables-{number}.json"
        inventory.write_text("all: {hosts: {localhost: {ansible_connection: local}}}\n", encoding="utf-8")
        given.write_text(json.dumps(dict(variables)), encoding="utf-8")
        if not isinstance(rulebook, str):
            file = folder / f"rulebook-{number}.yml"
            ruleset = {"name": "test", "hosts": "localhost", "sources": list(rulebook), "rules": list(rules) or [PRINT_ALL]}
            file.write_text(json.dumps([ruleset]), encoding="utf-8")
            rulebook = str(file)
        installed = Path(sys.executable).parent
        java = os.environ.get("JAVA_HOME")
        path = [
            str(programs),
            str(installed),
            str(Path(java, "bin") if java else Path(shutil.which("java") or "/usr/bin/java").parent),
            "/usr/bin",
            "/bin",
        ]
        self._environment = {
            "PATH": os.pathsep.join(path),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_NOCOLOR": "true",
            # Without it, Python would buffer the output.
            "PYTHONUNBUFFERED": "1",
            # It lives for seconds, in which a compiler that takes its time costs more than it saves.
            "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            **orphans.mark(),
            **({"JAVA_HOME": java} if java else {}),
            **environment,
        }
        self._command = [str(installed / "ansible-rulebook"), "--rulebook", rulebook, "--inventory", str(inventory), "--vars", str(given)]

    def __enter__(self) -> Rulebook:
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.poll() is None:
            self.kill()

    @property
    def printed(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def events(self) -> list[Event]:
        """The events that the action print_event has printed so far. Each event is one line, in Python's notation of a dict."""
        lines = self.printed.splitlines(keepends=True)
        return [ast.literal_eval(line) for line in lines if line.startswith("{'") and line.endswith("}\n")]

    def kinds(self) -> list[str]:
        """Short forms of the events: `changed task01 started-stopped`, `connection_lost`."""
        return [short(event) for event in self.events]

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until `condition` returns something true, and return that. Fails if the process ends or the time is over."""
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            ended = self._process.poll() is not None
            # Its last output may just have arrived.
            if (ended and not condition()) or time.monotonic() > end:
                raise AssertionError(f"no {what} ({'ended' if ended else 'still running'}):\n{self.printed}")
            time.sleep(0.05)
        return found

    def wait_for_event(self, *kinds: str) -> Event:
        """Wait for the first event of one of these kinds, in the notation of `kinds`."""
        found: Event = self.wait_for(
            lambda: next((event for event in self.events if short(event) in kinds), None), f"event {' or '.join(map(repr, kinds))}"
        )
        return found

    def wait_for_end(self) -> int:
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end:\n{self.printed}") from None

    def terminate(self) -> float:
        """Ask it to end, as a service manager does. Returns the seconds until it has ended."""
        begun = time.monotonic()
        self._process.terminate()
        self.wait_for_end()
        return time.monotonic() - begun

    def kill(self) -> None:
        """Kill it with all processes that it has started: ansible-runner puts playbooks into sessions of their own."""
        children = descendants(self._process.pid)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def kill_alone(self) -> list[int]:
        """Kill only this process, as the kernel does if memory is short. Its children live on. Returns their ids."""
        children = descendants(self._process.pid)
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        return children

    @property
    def status(self) -> int | None:
        """Its exit status. None while it runs."""
        return self._process.poll()


def descendants(process: int) -> list[int]:
    """The processes that a process has started, directly or indirectly."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in brackets may contain anything, so the fields are those after it.
            parents[int(entry.parent.name)] = int(entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    found = [process]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]


def short(event: Event) -> str:
    task = event.get("task")
    words = [event["kind"]] + ([task["id"], f"{task['before']['state']}-{task['state']}"] if task else [])
    return " ".join(words)
