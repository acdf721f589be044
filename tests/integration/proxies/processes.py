# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's proxies as processes on loopback. They are found where they are installed, started in the foreground, and ended by their process
id.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# In seconds: the time limit of a start, and the time after which a proxy ends by itself, independently of the tests.
START, LONGEST = 10.0, 900


@dataclass(frozen=True)
class Program:
    """A program. `root` is the folder with the files of its package: `/` if it is installed."""

    name: str
    path: str
    root: Path

    @property
    def version(self) -> str:
        words = [self.path, "-version" if self.name == "haproxy" else "-v"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=START, check=False)
        found = re.search(r"\d+\.\d+(?:\.\d+)*", done.stdout + done.stderr)
        assert found, f"{self.name} doesn't tell its version"
        return found[0]


def program(name: str) -> Program:
    """The program of that name. A test without it fails, since nothing can replace it."""
    # tools/debian_packages.py unpacks packages here that would start a service if they were installed.
    unpacked = next((folder / "debian" for folder in Path(__file__).parents if folder.name == ".nox"), Path("/nonexistent"))
    if (path := shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))) is not None:
        return Program(name, path, Path("/"))
    path = shutil.which(name, path=str(unpacked / "bin"))
    assert path, f"the way through {name} is tested with Debian's, which isn't there; get it by: python3 tools/debian_packages.py {name}"
    return Program(name, path, unpacked)


@contextmanager
def serving(name: str, words: Sequence[str], ports: Sequence[int], folder: Path) -> Iterator[None]:
    """The process, once it accepts connections at all its ports. Terminating `timeout` also ends its child."""
    log = folder / f"{name}.out"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            ["timeout", "--kill-after=5", str(LONGEST), *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        limit = time.monotonic() + START
        waiting = list(ports)
        while waiting:
            assert process.poll() is None and time.monotonic() < limit, f"{name} can't be started: {log.read_text(encoding='utf-8')}"
            if _is_taken(waiting[-1]):
                waiting.pop()
            else:
                time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(timeout=START)


def _is_taken(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder for the files of a proxy, which drops its rights if it runs as root."""
    with tempfile.TemporaryDirectory(prefix="quiesce-proxy-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
