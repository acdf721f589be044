# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator inside this process: real sockets, an event loop in a thread, and a model that tests can access directly."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import asdict
from types import TracebackType

from .client import Control
from .server import Server
from .tls import OwnAuthority
from .vendor import Vendor


class ThreadedEmulator:
    """``with ThreadedEmulator(TotalControl()) as emulator: ... emulator.control.url ... emulator.vendor.tasks()``"""

    control: Control

    def __init__(self, vendor: Vendor, *, port: int = 0, tls: bool = False, ask_client: bool = False) -> None:
        self.vendor = vendor
        self._port = port
        self._authority = OwnAuthority(ask_client=ask_client) if tls or ask_client else None
        self._loop = asyncio.new_event_loop()
        self._server = Server(authority=self._authority)
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"emulator {vendor.name}", daemon=True)

    def __enter__(self) -> ThreadedEmulator:
        self._thread.start()
        try:
            address = asyncio.run_coroutine_threadsafe(self._server.add(self.vendor, self._port), self._loop).result(timeout=10)
        except BaseException:
            self._end()
            raise
        self.control = Control(**asdict(address))
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        if self._authority:
            self._authority.__exit__(None, None, None)
