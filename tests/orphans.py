# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neither processes nor temporary files of a test outlive its pytest, however that ends: by itself, by SIGKILL or by a time limit.

A process that lived on would poll ports that later tests get. Each pytest process, those of xdist's workers included, marks its
environment, which everything inherits that it starts. A guard beside it (this file as a program) waits for its end, and kills every process
with that mark. Neither a session nor a process group of its own hides a process from the guard.

Processes that tests kill leave their temporary files. They have a folder for them, which the guard removes in the end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
from contextlib import suppress

# Its value names a pytest process, after the one that has started that.
VARIABLE = "QUIESCE_PYTEST"
# The folder for the temporary files of what it starts. Its path is short, since that of a socket in it has at most 107 characters.
FOLDER = "QUIESCE_PYTEST_TMPDIR"
SEPARATOR = "/"
# How often the guard looks whether that process still runs, and for how long it kills what others start meanwhile; in seconds.
INTERVAL, PATIENCE = 0.2, 10.0


def mark() -> dict[str, str]:
    """The variables of the mark and of temporary files, for a process that doesn't inherit the environment. Empty where no guard is."""
    return {VARIABLE: os.environ[VARIABLE], "TMPDIR": os.environ[FOLDER]} if VARIABLE in os.environ else {}


def pytest_configure() -> None:
    """Mark this process's environment and start its guard. Does nothing on a system without Linux's /proc."""
    if not os.path.exists("/proc/self/environ"):
        return
    outer = os.environ.pop(VARIABLE, "")
    own = f"{os.getpid()}-{uuid.uuid4().hex}"
    name = f"{outer}{SEPARATOR}{own}" if outer else own
    # The guard itself bears no mark. What a terminal sends to its processes, such as SIGINT, doesn't reach it in a session of its own.
    nothing = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    folder = tempfile.mkdtemp(prefix="quiesce-")
    command = [sys.executable, "-I", "-S", __file__, str(os.getpid()), name, folder]
    os.posix_spawn(sys.executable, command, os.environ, file_actions=nothing, setsid=True)
    os.environ[VARIABLE] = name
    os.environ[FOLDER] = folder


def guard(parent: int, name: str, folder: str) -> None:
    """Wait until the parent of this process has ended, kill everything that bears its mark, and remove the folder."""
    os.chdir("/")
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    end = time.monotonic() + PATIENCE
    while (left := marked(name)) and time.monotonic() < end:
        for orphan in left:
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        time.sleep(INTERVAL / 4)
    shutil.rmtree(folder, ignore_errors=True)


def marked(name: str) -> list[int]:
    """The processes that were started, directly or by others, by the pytest process of that name, as far as they still run."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    variables = file.read().split(b"\0")
            except OSError:  # it's another user's, or it has just ended
                continue
            values = (value for key, _equals, value in (line.partition(b"=") for line in variables) if key == VARIABLE.encode())
            if any(value == name.encode() or value.startswith(f"{name}{SEPARATOR}".encode()) for value in values):
                found.append(int(entry))
    return found


if __name__ == "__main__":
    guard(int(sys.argv[1]), *sys.argv[2:])
