# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets: one port for each vendor on both loopback addresses, and the effect of a fault on a connection."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import ssl
import struct
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientPayloadError, HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict

from tests.http_server import HttpServer

from .control import PREFIX, ControlApi, is_control
from .messages import Reply, Request
from .tls import OwnAuthority
from .vendor import Vendor, header_pairs

DEFAULT_HOST = "127.0.0.1"
CHUNK = 64 << 10


def _is_our_own(record: logging.LogRecord) -> bool:
    """Whether an error is the emulator's own, which has to be seen. Bytes that aren't HTTP are the client's error and get an answer."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


LOG = logging.getLogger(__name__)
LOG.addFilter(_is_our_own)


class PortTaken(OSError):
    pass


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(1024)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def sockets_for(host: str, port: int) -> list[socket.socket]:
    """Bound listeners. The default host means both loopback addresses, since clients resolve ``localhost`` to either."""
    try:
        if host != DEFAULT_HOST:
            return [_listen(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)]
        for _attempt in range(20):
            first = _listen(socket.AF_INET, host, port)
            try:
                return [first, _listen(socket.AF_INET6, "::1", first.getsockname()[1])]
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    return [first]  # no IPv6 on this machine
                first.close()
                if port:
                    raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {host} is taken") from error
        raise OSError(f"can't listen on {host} port {port}: {error.strerror}") from error
    raise PortTaken("found no port that is free for both loopback addresses")


@dataclass
class Address:
    """The address of a vendor. As JSON, it is the line that announces it."""

    vendor: str
    url: str
    control: str
    ca: str | None
    pid: int
    client_cert: str | None = None
    client_key: str | None = None


def _reset(request: web.BaseRequest) -> None:
    """Send a real RST: without lingering, closing drops unsent data and resets the connection."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class Server:
    """A server for any number of vendors in one event loop."""

    def __init__(self, host: str = DEFAULT_HOST, authority: OwnAuthority | None = None) -> None:
        self._host = host
        self._authority = authority
        self._servers: list[HttpServer] = []

    async def add(self, vendor: Vendor, port: int = 0) -> Address:
        sockets = sockets_for(self._host, port)
        port = sockets[0].getsockname()[1]
        context: ssl.SSLContext | None = self._authority.context if self._authority else None
        # A router would normalise paths, which vendors sign and route by their raw text.
        server = HttpServer(self._handler(vendor), logger=LOG, access_log=None, auto_decompress=False)
        self._servers.append(server)
        await server.start(sockets, context)
        host = f"[{self._host}]" if ":" in self._host else self._host
        url = f"{'https' if context else 'http'}://{host}:{port}"
        address = Address(vendor.name, url, url + PREFIX, None, os.getpid())
        if self._authority:
            address.ca = self._authority.ca
            address.client_cert, address.client_key = self._authority.client_cert, self._authority.client_key
        return address

    async def close(self) -> None:
        for server in self._servers:
            await server.close()
        self._servers.clear()

    def _handler(self, vendor: Vendor) -> Any:
        control = ControlApi(vendor)

        async def handle(http: web.BaseRequest) -> web.StreamResponse:
            try:
                # http.read() refuses bodies of more than a megabyte, and a test may put thousands of tasks.
                body = await http.content.read() if http.body_exists else b""
            except (ConnectionError, ClientPayloadError, HttpProcessingError, web.RequestPayloadError):
                return web.Response(status=400)  # the request never arrived completely
            request = Request(http.method, http.raw_path, header_pairs(http.raw_headers), body)
            if is_control(request.target):
                return _response(control.answer(request))
            reply = await _play(vendor.exchange(request))
            return await _faulty(http, reply) if reply.fault else _response(reply, chunked=vendor.chunked and http.version >= HttpVersion11)

        return handle


async def _play(steps: Generator[float, None, Reply]) -> Reply:
    try:
        while True:
            try:
                wait = next(steps)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            await asyncio.sleep(wait)
    finally:
        steps.close()  # this also happens when the server ends


def _response(reply: Reply, *, chunked: bool = False) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body, headers=CIMultiDict(reply.headers))
    if chunked and reply.body:
        response.enable_chunked_encoding()
    return response


async def _faulty(http: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    if reply.fault in ("reset", "proxy_closes", "no_tunnel"):
        _reset(http)
        return web.Response()
    response = web.StreamResponse(status=reply.status, headers=CIMultiDict(reply.headers))
    if reply.fault != "endless":
        response.content_length = len(reply.body)
    options = reply.fault_options
    try:
        await response.prepare(http)
        if reply.fault == "cut":
            await response.write(reply.body[: options["sent"]])
            if http.transport is not None:
                http.transport.close()
        elif reply.fault == "drip":
            for byte in reply.body:
                await response.write(bytes([byte]))
                await asyncio.sleep(options["seconds"])
        else:
            sent, piece = 0, reply.body or b" "
            while sent < options["limit"]:
                await response.write(piece)
                sent += len(piece)
                piece = b" " * CHUNK
                await asyncio.sleep(options["seconds"])
            _reset(http)
    except ConnectionError:
        pass  # the client has closed the connection, as expected
    return response
