# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook, ansible and ansible-doc as separate processes that are forked from one that has loaded ansible-core.

Loading takes half of the time of a short run. The loaded code has read Ansible's settings from the environment, so there is a server for
each set of settings (warm_server.py). It also keeps what each run would read, compile or pack anew with the same result: the options of
Ansible's plugins, the collection's code, the report's templates, and the packages of the collection's modules. Each run has its own
session, folder, environment, output and exit status, as if it had been started by its name. The programs of ansible-runner and AWX, and
some that a test kills or inspects itself, are started by their names.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

PROGRAMS = ("ansible-playbook", "ansible", "ansible-doc")
# The time limit in seconds for a server to load ansible-core on a busy machine.
START = 120
SERVER = Path(__file__).with_name("warm_server.py")


class Process:
    """One run of a program, forked by a server. Signals reach it and its children as they reach a process that was started by its name."""

    def __init__(self, program: str, answers: socket.socket) -> None:
        self._program = program
        self._answers = answers
        self.pid = self._answer(START)
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        # The server may have waited for it since: then there is no such process.
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_group_signal(self, number: int) -> None:
        """Reach it and its children."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def poll(self) -> int | None:
        with suppress(TimeoutError):
            self.wait(0)
        return self.returncode

    def wait(self, patience: float) -> int:
        """The exit status, as `subprocess.Popen` gives it. Raises `TimeoutError`."""
        if self.returncode is None:
            self.returncode = self._answer(patience)
            self._answers.close()
        return self.returncode

    def end(self) -> None:
        """End it with all its children, if it still runs."""
        self.send_group_signal(signal.SIGTERM)
        try:
            self.wait(10)
        except TimeoutError:
            self.send_group_signal(signal.SIGKILL)
            self.wait(10)

    def _answer(self, patience: float) -> int:
        readable, _writable, _broken = select.select([self._answers], [], [], patience)
        if not readable:
            raise TimeoutError(f"the server of warm processes gave no answer about {self._program} within {patience} s")
        line = self._answers.recv(64)
        assert line, f"the server of warm processes ended before {self._program}"
        return int(line)


class Server:
    """The caller's side. `environment` has the settings that its runs have in common, `python` is the interpreter for modules. Any number
    of threads may use it at the same time.
    """

    def __init__(self, environment: Mapping[str, str], python: str) -> None:
        self._python = python
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SERVER), str(theirs.fileno())],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def close(self) -> None:
        self._socket.close()
        self._process.wait(timeout=START)

    def start(
        self, program: str, args: Sequence[str], environment: Mapping[str, str], folder: Path, stdout: IO[str], stderr: IO[str]
    ) -> Process:
        """Fork a process that runs the program in this folder, with its output in these files."""
        order = {"program": program, "args": list(args), "environment": dict(environment), "folder": str(folder), "python": self._python}
        answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._socket, [json.dumps(order).encode()], [stdout.fileno(), stderr.fileno(), theirs.fileno()])
        return Process(program, answers)

    def run(self, program: str, args: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float) -> tuple[int, str, str]:
        """The exit status and the whole output. A process that exceeds its time limit is ended with all its children."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
            process = self.start(program, args, environment, folder, out, err)
            try:
                status = process.wait(patience)
            except TimeoutError:
                process.end()
                raise AssertionError(f"{program} took over {patience} s:\n{_text(out)}\n{_text(err)}") from None
            finally:
                process.end()
            return status, _text(out), _text(err)


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
