# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test's side of an emulator: start the process, control it, and read its journal. Standard library only."""

from __future__ import annotations

import json
import os
import queue
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .registry import names

TREE = Path(__file__).resolve().parents[2]


class ControlError(Exception):
    """The emulator refused an order. The text is its reason."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass(frozen=True)
class Control:
    """One emulated system. ``url`` is for the client under test. Everything else here is for the test itself."""

    vendor: str
    url: str
    control: str
    ca: str | None = None
    pid: int | None = None
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    # --- tasks ----------------------------------------------------------------------------------------------------

    def tasks(self) -> list[dict[str, Any]]:
        """The true present state of all tasks, independent of what the vendor's API shows."""
        return self._rows("GET", "/tasks")

    def put_tasks(self, tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Replace all tasks by these."""
        return self._rows("PUT", "/tasks", list(tasks))

    def add_tasks(self, *tasks: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Add these tasks, or update existing ones by their key."""
        return self._rows("POST", "/tasks", list(tasks))

    def delete_tasks(self) -> None:
        self._ask("DELETE", "/tasks")

    def act(self, task: str | int, action: str, **details: Any) -> list[dict[str, Any]]:
        """Act on a task as somebody else at the vendor's own console."""
        return self._rows("POST", "/act", {"task": task, "action": action, **details})

    # --- behaviour --------------------------------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """The switches with their defaults, choices and meanings, the kinds of faults, and counts."""
        return self._row("GET", "")

    def switches(self) -> dict[str, Any]:
        """The present positions by name."""
        return {name: switch["value"] for name, switch in self._ask("GET", "/switches").items()}

    def set_switches(self, **values: Any) -> dict[str, Any]:
        return self._row("PATCH", "/switches", values)

    def order_fault(
        self, kind: str, *, match: Mapping[str, Any] | None = None, after: int = 0, times: int | None = 1, **options: Any
    ) -> dict[str, Any]:
        """Order a fault. ``match`` can have method, path (a regular expression), write, action and id. With ``times=None``, it lasts until
        it is cleared.
        """
        order = {"kind": kind, "match": dict(match or {}), "after": after, "times": times, **options}
        return self._rows("POST", "/faults", order)[0]

    def faults(self) -> list[dict[str, Any]]:
        return self._rows("GET", "/faults")

    def clear_faults(self) -> None:
        self._ask("DELETE", "/faults")

    def advance(self, seconds: float) -> dict[str, Any]:
        """Advance the clock. Only possible while the switch ``clock`` is ``manual``."""
        return self._row("POST", "/advance", {"seconds": seconds})

    def reset(self) -> None:
        """Reset to the state at the start: switches, seed tasks, no faults, an empty journal."""
        self._ask("POST", "/reset")

    # --- what was seen ------------------------------------------------------------------------------------------------

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        return self._rows("GET", f"/journal?since={since}")

    def writes(self) -> list[dict[str, Any]]:
        """The requests that were meant to change something, whether they had an effect or not."""
        return [entry for entry in self.journal() if entry["write"]]

    def clear_journal(self) -> None:
        self._ask("DELETE", "/journal")

    # --- how ------------------------------------------------------------------------------------------------------------

    def _rows(self, method: str, path: str, body: object = None) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self._ask(method, path, body)
        return value

    def _row(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        value: dict[str, Any] = self._ask(method, path, body)
        return value

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        # http.client ignores proxies in the environment, which tests do set.
        address = urlsplit(self.control)
        host, port = address.hostname or "", address.port
        if address.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca)
            if self.client_cert:
                context.load_cert_chain(self.client_cert, self.client_key)
            connection: HTTPConnection = HTTPSConnection(host, port, timeout=30, context=context)
        else:
            connection = HTTPConnection(host, port, timeout=30)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, address.path + path, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ControlError(answer.status, str(value.get("error", value)))
        return value


@contextmanager
def running_all(vendors: Sequence[str], *args: str, python: str = sys.executable, patience: float = 30) -> Iterator[dict[str, Control]]:
    """One real process with these vendors (or ``["all"]``), by name. It ends with the context, and with this process if that is killed."""
    command = [python, "-m", "tests.emulator", "--until-stdin-closes"]
    for vendor in vendors:
        command += ["--vendor", vendor]
    process = subprocess.Popen(
        [*command, *args],
        cwd=TREE,
        # aiohttp reads the certificates of the machine when it's imported. They are for a client, which the emulator never is.
        env={**os.environ, "SSL_CERT_FILE": os.devnull},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    errors: list[str] = []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, lines.put), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, errors.append), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        yield _announced(process, lines, errors, vendors, patience)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
        for reader in readers:
            reader.join(timeout=5)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()
        # Normally nothing. An error of the emulator itself has to show in the output of the test.
        sys.stderr.write("".join(errors))


@contextmanager
def running(vendor: str, *args: str, python: str = sys.executable, patience: float = 30) -> Iterator[Control]:
    """One real process with one vendor: ``with running("totalcontrol", "--switch", "edition=old") as emulator:``."""
    with running_all([vendor], *args, python=python, patience=patience) as controls:
        yield controls[vendor]


def _read(pipe: Any, take: Any) -> None:
    """Read the pipes continuously, so that a child with much output never blocks. The empty text at the end means that it has ended."""
    for line in pipe:
        take(line)
    take("")


def _announced(
    process: subprocess.Popen[str], lines: queue.Queue[str], errors: list[str], vendors: Sequence[str], patience: float
) -> dict[str, Control]:
    controls: dict[str, Control] = {}
    expected = len(names() if "all" in vendors else vendors)
    while len(controls) < expected:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            raise RuntimeError(f"the emulator said nothing for {patience} s: {''.join(errors)}") from None
        if not line:
            process.wait(timeout=10)
            raise RuntimeError(f"the emulator ended with {process.returncode}: {''.join(errors).strip()}")
        control = Control(**json.loads(line))
        controls[control.vendor] = control
    return controls
