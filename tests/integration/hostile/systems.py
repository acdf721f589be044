# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated system that accepts one kind of authentication, and its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from .authentications import Authentication


@dataclass(frozen=True)
class System:
    authentication: Authentication
    emulator: ThreadedEmulator
    token: str

    @property
    def url(self) -> str:
        return self.emulator.control.url

    @property
    def port(self) -> int:
        return self.emulator.control.port

    def options(self, **more: Any) -> dict[str, Any]:
        """The module's options. For https, they include the authority of the system's certificate."""
        ca = {"ca_path": self.emulator.control.ca} if self.emulator.control.ca else {}
        return {**self.authentication.call(self.url, self.token), **ca, **more}

    def requests(self) -> list[tuple[str, str]]:
        """Method and target of each request, in order."""
        return [(entry.request.method, entry.request.target) for entry in self.emulator.vendor.journal.since()]

    def said(self) -> str:
        """All data that the system received."""
        seen = [entry.request for entry in self.emulator.vendor.journal.since()]
        return "\n".join(str((request.target, request.headers, request.text)) for request in seen)


@contextmanager
def running(
    authentication: Authentication,
    *,
    tls: bool = False,
    faults: Sequence[Mapping[str, Any]] = (),
    begin: Callable[[Vendor], None] | None = None,
) -> Iterator[System]:
    """A system for this kind of authentication that has received no request yet."""
    vendor = authentication.emulator()
    token = authentication.token(vendor)
    vendor.journal.clear()
    vendor.faults.order(list(faults))
    if begin:
        begin(vendor)
    with ThreadedEmulator(vendor, tls=tls or authentication.ask_client, ask_client=authentication.ask_client) as emulator:
        yield System(authentication, emulator, token)
