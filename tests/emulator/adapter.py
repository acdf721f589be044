# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An adapter for ``requests``: the answers of a session come from a model in this process, without sockets. Model-based tests use it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http.client import RemoteDisconnected
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import IncompleteRead, ProtocolError

from .messages import Reply
from .vendor import Vendor


class _CutShort(io.BytesIO):
    """A body that ends too early. On a socket, urllib3 detects that by the Content-Length."""

    def __init__(self, body: bytes, missing: int) -> None:
        super().__init__(body)
        self._missing = missing

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        if not part:
            raise ProtocolError("the body was cut short", IncompleteRead(self.tell(), self._missing))
        return part


class InProcessAdapter(BaseAdapter):
    """Use it as ``session.mount("http://", InProcessAdapter(vendor))``. The vendor's clock decides on the read time-out."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__()
        self.vendor = vendor

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        # As urllib3 sends it: path and query unchanged, and the Host that a client with a socket would add.
        target = request.path_url
        headers = {"Host": urlsplit(request.url or "").netloc, **dict(request.headers)}
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else bytes(body)
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            reply = self.vendor.answer(request.method or "GET", target, headers, sent, patience=patience)
        except TimeoutError as error:
            raise requests.exceptions.ReadTimeout(str(error), request=request) from error
        if reply.fault == "no_tunnel":
            why = OSError(f"Tunnel connection failed: {reply.fault_options['status']} No")
            raise requests.exceptions.ProxyError(why, request=request)
        if reply.fault == "proxy_closes":
            # requests raises the same exception for a proxy that can't be reached.
            raise requests.exceptions.ProxyError(ProtocolError("Cannot connect to proxy.", RemoteDisconnected("closed")), request=request)
        if reply.fault == "reset":
            raise requests.exceptions.ConnectionError(ConnectionResetError("emulator: connection reset"), request=request)
        raw = HTTPResponse(_body(reply), headers=HTTPHeaderDict(reply.headers), status=reply.status, reason="", preload_content=False)
        response: requests.Response = HTTPAdapter().build_response(request, raw)
        # Without stream, requests reads the body now, so a truncated one fails here.
        return response if stream else _read(response)

    def close(self) -> None:
        """Do nothing, since no connection is open."""


def _read(response: requests.Response) -> requests.Response:
    len(response.content)
    return response


def _body(reply: Reply) -> io.BytesIO:
    if reply.fault == "cut":
        sent = int(reply.fault_options["sent"])
        return _CutShort(reply.body[:sent], len(reply.body) - sent)
    if reply.fault == "endless":
        return io.BytesIO(reply.body.ljust(int(reply.fault_options["limit"])))
    return io.BytesIO(reply.body)
