# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send bytes unchanged and read one answer: for requests that no client library would send."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(port: int, head: str, body: bytes = b"", *, host: str = "127.0.0.1", method: str | None = None) -> Answer:
    """Send a request. ``head`` has the request line and the headers, one in each line. Host and Content-Length are added."""
    lines = [line.strip() for line in head.strip().splitlines()]
    lines[0] += " HTTP/1.1"
    lines += [f"Host: localhost:{port}", "Connection: close"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        response = HTTPResponse(connection, method=method or lines[0].split()[0])
        try:
            response.begin()
            return Answer(response.status, response.headers, response.read())
        finally:
            response.close()
