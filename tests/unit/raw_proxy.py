# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy below HTTP: it opens tunnels or forwards bytes, and breaks connections where a test requires it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class RawProxy:
    """Answers each CONNECT with `answer` (empty: it closes), and then forwards bytes in both directions. With `drops_answers`, it forwards
    the client's bytes and closes as soon as the server answers them. `heads` are the received heads.
    """

    answer: bytes = OPENED
    drops_answers: bool = False
    heads: list[bytes] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._socks: list[socket.socket] = [listener]
            thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                for sock in reversed(self._socks):
                    _end(sock)
                thread.join(timeout=5)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _address = listener.accept()
            except OSError:
                return
            self._socks.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (part := peer.recv(65536)):
                    return
                head += part
            self.heads.append(head)
            method, target = head.split(b" ")[:2]
            if method == b"CONNECT":
                peer.sendall(self.answer)
                if self.answer == OPENED:
                    host, _colon, port = target.decode().rpartition(":")
                    self._relay(peer, (host, int(port)), b"")
            else:
                parts = urlsplit(target.decode())
                self._relay(peer, (str(parts.hostname), int(parts.port or 80)), head)
        _end(peer)

    def _relay(self, peer: socket.socket, place: tuple[str, int], first: bytes) -> None:
        server = socket.create_connection(place, timeout=5)
        self._socks.append(server)
        server.sendall(first)
        if not self.drops_answers:
            threading.Thread(target=_copy, args=(peer, server), daemon=True).start()
            _copy(server, peer)
        else:
            # A returned byte is the answer, which means that the request has arrived completely.
            server.recv(65536)
        _end(server)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    _end(sink)


def _end(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
