# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server below HTTP: it sends bytes as a test specifies them, at the given pace."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Play = Callable[[socket.socket], None]


def drip(text: bytes, pause: float = 0.05) -> Play:
    """One byte after the other, each long before a socket's own time-out."""

    def play(peer: socket.socket) -> None:
        for byte in text:
            peer.sendall(bytes([byte]))
            time.sleep(pause)

    return play


def say(text: bytes) -> Play:
    return lambda peer: peer.sendall(text)


def one_after_the_other(*plays: Play) -> Play:
    def play(peer: socket.socket) -> None:
        for part in plays:
            part(peer)

    return play


def for_ever(piece: bytes) -> Play:
    def play(peer: socket.socket) -> None:
        while True:
            peer.sendall(piece)

    return play


@dataclass
class Server:
    """Sends its answers one after the other, and the last one for ever. `requests` are the received heads.

    With `keeps`, a connection stays open after an answer. It gives at most `answers` answers on one connection, without saying so: the next
    request there is received, and the connection is closed.
    """

    plays: list[Play]
    context: ssl.SSLContext | None = None
    before: Play | None = None
    keeps: bool = False
    answers: float = inf
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @contextmanager
    def running(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._ended = False
            self._peers: list[socket.socket] = []
            thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
            thread.start()
            try:
                yield f"{'https' if self.context else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                self._ended = True
                for sock in (*self._peers, listener):
                    with suppress(OSError):
                        sock.shutdown(socket.SHUT_RDWR)
                    sock.close()
                thread.join(timeout=5)

    def _accept(self, listener: socket.socket) -> None:
        while not self._ended:
            try:
                peer, _address = listener.accept()
            except OSError:
                return
            self.connections += 1
            self._peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError):
            if self.before:
                self.before(peer)
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
                self._peers.append(peer)
            answers = 0
            while head := self._head(peer):
                self.requests.append(head)
                if answers >= self.answers:
                    break
                answers += 1
                (self.plays.pop(0) if len(self.plays) > 1 else self.plays[0])(peer)
                if b"Content-Length" not in head and not self.keeps:
                    break
        with suppress(OSError):
            peer.close()

    def _head(self, peer: socket.socket) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (part := peer.recv(65536)):
                return b""
            head += part
        return head
