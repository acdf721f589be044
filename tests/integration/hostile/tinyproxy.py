# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's tinyproxy, a third-party proxy, as a process on loopback."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

# In seconds: the time limit of its start, and the time after which it ends by itself, independently of the tests.
START, LONGEST = 10.0, 900


@dataclass(frozen=True)
class Tinyproxy:
    """A running proxy. `since` is the offset in its log, in characters, at which this test begins: a port may have belonged to another
    system before.
    """

    port: int
    log: Path
    since: int = 0

    def from_now(self) -> Tinyproxy:
        return replace(self, since=len(self.log.read_text(encoding="utf-8")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def with_user(self, user: str) -> str:
        """The address with a user, or with `user:password`."""
        return f"http://{user}@127.0.0.1:{self.port}"

    def requests(self, port: int) -> list[tuple[str, str]]:
        """The requests for that port in its own log: method and target, in order. The proxy logs a request before it forwards it."""
        requests = re.findall(r"Request \(file descriptor \d+\): (\S+) (\S+) HTTP/", self.log.read_text(encoding="utf-8")[self.since :])
        return [(method, target) for method, target in requests if urlsplit(target if "//" in target else f"//{target}").port == port]


@contextmanager
def tinyproxy(folder: Path, port: int, *, user: str = "", password: str = "", connect_ports: Sequence[int] = ()) -> Iterator[Tinyproxy]:
    """A running proxy. It permits all users unless one is given, and all ports unless some are given."""
    more = [f"BasicAuth {user} {password}"] if user else []
    proxy, process = _started(folder, port, [*more, *(f"ConnectPort {port}" for port in connect_ports)])
    try:
        yield proxy
    finally:
        _end(process)


def _started(folder: Path, port: int, more: Sequence[str]) -> tuple[Tinyproxy, subprocess.Popen[str]]:
    program = shutil.which("tinyproxy")
    assert program, (
        "the way through a proxy is tested with Debian's tinyproxy, which isn't there; install it (apt-get install tinyproxy-bin)"
    )
    proxy = Tinyproxy(port, folder / "tinyproxy.log")
    lines = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 30", f'LogFile "{proxy.log}"', "LogLevel Connect"]
    config = folder / "tinyproxy.conf"
    config.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
    process = subprocess.Popen(
        ["timeout", "--kill-after=5", str(LONGEST), program, "-d", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if not _answers(proxy, process):
        raise AssertionError(f"tinyproxy can't be started: {_end(process) or 'it never answered'}")
    return proxy, process


def _end(process: subprocess.Popen[str]) -> str:
    """Terminating `timeout` also ends its child. Returns the error output."""
    process.terminate()
    return process.communicate(timeout=START)[1]


def _answers(proxy: Tinyproxy, process: subprocess.Popen[str]) -> bool:
    """Wait until this process answers at its port. False if it has ended, or never answers."""
    limit = time.monotonic() + START
    while time.monotonic() < limit and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", proxy.port, timeout=START)
        try:
            connection.request("GET", "http://tinyproxy.stats/")
            return (connection.getresponse().getheader("Server") or "").startswith("tinyproxy/")
        except (OSError, HTTPException):
            time.sleep(0.02)
        finally:
            connection.close()
    return False
