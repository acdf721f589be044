# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook, ansible and ansible-doc as separate processes that are forked from one that has loaded ansible-core.

Loading takes half of the time of a short run. The loaded code has read Ansible's settings from the environment, so there is a server for
each set of settings (warm_server.py). It has done nothing else. Each run has its own session, folder, environment, output and exit status,
as if it had been started by its name. Programs that a test starts, kills or inspects itself, and those of ansible-runner and AWX, are
started by their names.
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
from pathlib import Path
from typing import Any

PROGRAMS = ("ansible-playbook", "ansible", "ansible-doc")
# The time limit in seconds for a server to load ansible-core on a busy machine.
START = 120
SERVER = Path(__file__).with_name("warm_server.py")


class Server:
    """The caller's side. `environment` has the settings that its runs have in common, `python` is the interpreter for modules."""

    def __init__(self, environment: Mapping[str, str], python: str) -> None:
        self._python = python
        self._awaited = 0
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SERVER), str(theirs.fileno())],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def is_idle(self) -> bool:
        """Whether it accepts an order: it is alive, and no answer is outstanding."""
        return not self._awaited and self._process.poll() is None

    def close(self) -> None:
        self._socket.close()
        if not self.is_idle:
            self._process.kill()
        self._process.wait(timeout=10)

    def run(self, program: str, args: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float) -> tuple[int, str, str]:
        """The exit status and the whole output. A process that exceeds its time limit is ended with all its children."""
        order = {"program": program, "args": list(args), "environment": dict(environment), "folder": str(folder), "python": self._python}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
            socket.send_fds(self._socket, [json.dumps(order).encode()], [out.fileno(), err.fileno()])
            self._awaited = 2
            pid = self._answer(START)
            try:
                status = self._answer(patience)
            except BaseException as error:
                self._end(pid)
                if isinstance(error, TimeoutError):
                    raise AssertionError(f"{program} took over {patience} s:\n{_text(out)}\n{_text(err)}") from None
                raise
            return status, _text(out), _text(err)

    def _answer(self, patience: float) -> int:
        readable, _writable, _broken = select.select([self._socket], [], [], patience)
        if not readable:
            raise TimeoutError(f"the server of warm processes gave no answer within {patience} s")
        line = self._socket.recv(64)
        assert line, f"the server of warm processes ended with {self._process.wait(timeout=10)}"
        self._awaited -= 1
        return int(line)

    def _end(self, pid: int) -> None:
        os.killpg(pid, signal.SIGTERM)
        try:
            self._answer(10)
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            self._answer(10)


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read())
