# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aiohttp's server below its router, which closes all its connections when it ends.

asyncio fails with a connection that it accepts while its listener is closed, and aiohttp forgets one that comes while it shuts down. Both
stay open, and the warning about them comes in whatever test collects them later.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakSet

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class HttpServer:
    """`settings` are aiohttp's."""

    def __init__(self, handler: Handler, **settings: Any) -> None:
        self._server = _Server(handler, **settings)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.2)
        self._listeners: list[socket.socket] = []

    async def start(self, listeners: Sequence[socket.socket], context: ssl.SSLContext | None = None) -> None:
        """Serve connections to sockets that listen."""
        await self._runner.setup()
        for listener in listeners:
            await web.SockSite(self._runner, listener, ssl_context=context).start()
            self._listeners.append(listener)

    async def close(self) -> None:
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)
        self._listeners.clear()
        await _turn()
        await self._runner.cleanup()
        self._server.abort()
        await _turn()


class _Server(web.Server):
    """It knows all its connections."""

    def __init__(self, handler: Handler, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._transports: WeakSet[asyncio.Transport] = WeakSet()

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        self._transports.add(transport)
        super().connection_made(handler, transport)

    def abort(self) -> None:
        """Close all connections, also those whose client doesn't read."""
        for transport in list(self._transports):
            transport.abort()


async def _turn() -> None:
    """Let the loop do what it has begun: accept connections, and tell those that were closed about it. Each takes up to three turns."""
    for _time in range(3):
        await asyncio.sleep(0)
