# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Connections whose exchanges are limited in time and in size, whatever the server does.

The timeout of a socket counts from one byte to the next. A server that sends a byte now and then never exceeds it, be it in the status
line, the headers, the body or the TLS handshake. Here one thread for all sessions cuts the connections of exchanges whose time is up. It
uses the machine's own clock, as sockets do.

The same connections record how far each request got (`Exchange.reached`): `requests` raises the same exception for a proxy that can't be
reached and for a proxy that forwarded the whole request and then closed the connection.
"""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

try:
    import requests
    from requests.adapters import HTTPAdapter as _Adapter
    from requests.sessions import Session as _Session
    from urllib3.exceptions import ConnectTimeoutError, DecodeError, HTTPError, ProtocolError, ReadTimeoutError
except ImportError:
    # _http.py reports that `requests` is missing, and then uses nothing of this file.
    if not TYPE_CHECKING:
        _Adapter = _Session = object

# In bytes: the most that one step reads from the wire, and the most that one step of decompression returns.
CHUNK = 64 * 1024
STEP = 1024 * 1024

# How far a request got. `unwatched`: nobody watched. `connecting`: the connection was being made (the name, TCP, the proxy's CONNECT, TLS).
# `tunnel`: a proxy has opened the tunnel. `request`: bytes of the request itself were handed to the connection.
Reached = Literal["unwatched", "connecting", "tunnel", "request"]


class Session(_Session):
    """A session that never inspects a redirect. `requests` would read its whole body for that, however long it is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class HTTPAdapter(_Adapter):
    """The adapter of `requests` with watched connections. A connection is cut when the time of its exchange is up (see `time_limit`)."""

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        # From here on the request can be sent by a watched connection only.
        _mark_progress("connecting")
        return super().send(*args, **settings)

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        super().init_poolmanager(*args, **settings)
        _watch_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **settings)
        if is_new:
            _watch_connections(manager)
        return manager


class Exchange:
    """One exchange: the moment (of `time.monotonic`) at which its connection is cut, whether it needs a connection that has served no other
    exchange, and how far its request got.
    """

    def __init__(self, end: float, needs_new_connection: bool) -> None:
        self.end = end
        self.needs_new_connection = needs_new_connection
        self.reached: Reached = "unwatched"
        self.is_over = False
        self._lock = threading.Lock()
        self._connection: Any = None
        self._sock: Any = None

    def uses(self, connection: Any) -> None:
        with self._lock:
            # A connection releases its socket to an answer that ends with the connection.
            self._connection, self._sock = connection, connection.sock
        _WATCH.add(self)

    def cut(self) -> None:
        with self._lock:
            self.is_over = True
            sock = getattr(self._connection, "sock", None) or self._sock
            # TLS to a target through a TLS proxy uses an object that wraps the socket.
            sock = sock if isinstance(sock, socket.socket) else getattr(sock, "socket", None)
            if sock is not None:
                # An error means that the socket is closed already, or not connected yet. The socket's own shutdown is called, since that of
                # TLS would change the connection's state while another thread reads.
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def release(self) -> None:
        """Detach from the connection, which may serve another exchange from now on."""
        with self._lock:
            self._connection = self._sock = None
        _WATCH.drop(self)


class _TimeoutThread:
    """The thread that cuts connections. It starts with the first exchange and ends with the process."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._exchanges: set[Exchange] = set()
        self._thread: threading.Thread | None = None
        self._wakes = float("inf")

    def add(self, exchange: Exchange) -> None:
        with self._condition:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="quiesce time-outs", daemon=True)
                self._thread.start()
            self._exchanges.add(exchange)
            # Waking the thread for each exchange would take a twentieth of the exchange's time. It wakes by itself at the earliest end that
            # it knows.
            if exchange.end < self._wakes:
                self._condition.notify()

    def drop(self, exchange: Exchange) -> None:
        with self._condition:
            self._exchanges.discard(exchange)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._wakes = min((exchange.end for exchange in self._exchanges), default=float("inf"))
                self._condition.wait(None if self._wakes == float("inf") else max(0.0, self._wakes - time.monotonic()))
                due = [exchange for exchange in self._exchanges if exchange.end <= time.monotonic()]
                self._exchanges.difference_update(due)
            for exchange in due:
                exchange.cut()


_WATCH = _TimeoutThread()
_PRESENT = threading.local()


@contextmanager
def time_limit(seconds: float, *, needs_new_connection: bool = False) -> Iterator[Exchange]:
    """A context in which this thread's request ends within `seconds`. The exchange records how far the request got, also afterwards. With
    `needs_new_connection`, the request isn't sent over a connection that has served another one.

    Raises `requests.ReadTimeout` if the exchange had to be cut, and `requests.ConnectTimeout` if the request hadn't been sent yet.
    """
    exchange = _PRESENT.exchange = Exchange(time.monotonic() + seconds, needs_new_connection)
    try:
        yield exchange
    except requests.ConnectTimeout:
        raise
    except (requests.RequestException, OSError):
        if not exchange.is_over:
            raise
    finally:
        _PRESENT.exchange = None
        exchange.release()
    if exchange.is_over:
        # A cut connection can look like the regular end of a body.
        raise requests.ReadTimeout() if exchange.reached == "request" else requests.ConnectTimeout()


def _mark_progress(stage: Reached) -> None:
    """Record how far the exchange of this thread got."""
    exchange: Exchange | None = getattr(_PRESENT, "exchange", None)
    if exchange:
        exchange.reached = stage


def _watch_connections(manager: Any) -> None:
    """Make the manager create watched connections."""
    manager.pool_classes_by_scheme = {
        scheme: type(pool.__name__, (_Pool, pool), {"ConnectionCls": type(pool.ConnectionCls.__name__, (_Guarded, pool.ConnectionCls), {})})
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }


class _Pool:
    """A mixin for urllib3's pools. It closes the connection of an exchange that needs a new one, so that urllib3 connects again, through
    the proxy if there is one.
    """

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        exchange: Exchange | None = getattr(_PRESENT, "exchange", None)
        if exchange and exchange.needs_new_connection:
            connection.close()
        return connection


class _Guarded:
    """A mixin for urllib3's connection classes. It informs the exchange of this thread which connection it uses, and how far it got.

    Bytes sent while a connection is made (a CONNECT to a proxy, a TLS handshake) aren't the request yet. Over plain http through a proxy,
    all bytes count as the request, since nobody knows how much of it the proxy forwards.
    """

    _is_connecting = False

    def connect(self) -> None:
        exchange: Exchange | None = getattr(_PRESENT, "exchange", None)
        if exchange:
            exchange.uses(self)
        self._is_connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._is_connecting = False
        if exchange:
            exchange.uses(self)
            if exchange.is_over:
                self.close()  # type: ignore[attr-defined]
                raise ConnectTimeoutError(self, "the connection came too late")

    def _tunnel(self, *args: Any) -> None:
        super()._tunnel(*args)  # type: ignore[misc]
        _mark_progress("tunnel")

    def request(self, *args: Any, **settings: Any) -> Any:
        exchange: Exchange | None = getattr(_PRESENT, "exchange", None)
        if exchange:
            exchange.uses(self)
        if getattr(self, "sock", None) is not None:
            # The connection exists already, so the next bytes are the request.
            _mark_progress("request")
        return super().request(*args, **settings)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if not self._is_connecting:
            if getattr(self, "sock", None) is None and self.auto_open:  # type: ignore[attr-defined]
                # http.client would connect within its own `send`. A failure here has sent nothing.
                self.connect()
            _mark_progress("request")
        super().send(data)  # type: ignore[misc]


class TooLarge(Exception):
    """A body is larger than the limit."""


def body_of(response: requests.Response, most: int) -> bytes:
    """The whole body, decompressed. Raises `TooLarge`, and what `requests` raises.

    It's decompressed here and not by urllib3, whose older versions expand a whole decompression bomb at once.
    """
    body, size = [], 0
    for part in _decoded(response):
        size += len(part)
        if size > most:
            raise TooLarge
        body.append(part)
    return b"".join(body)


def _decoded(response: requests.Response) -> Iterator[bytes]:
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _decompress(_raw_body(response), coding == "deflate")
        except zlib.error as error:
            raise requests.exceptions.ContentDecodingError(error) from error
    else:
        # An unknown encoding is passed on: its effect on the text shows it. Some servers name a character set in this header.
        yield from _raw_body(response)


def _decompress(parts: Iterator[bytes], may_be_bare: bool) -> Iterator[bytes]:
    """The parts, decompressed in steps. Many senders of deflate leave out the required header. Raises `zlib.error`."""
    unpacker: Any = None
    for packed in parts:
        part = packed
        while part:
            if unpacker is None or unpacker.eof:
                is_bare = may_be_bare and part[0] & 0x0F != 8
                unpacker = zlib.decompressobj(-zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS | 32)
            yield unpacker.decompress(part, STEP)
            part = unpacker.unconsumed_tail or unpacker.unused_data
    if unpacker is not None:
        yield unpacker.flush()
        if not unpacker.eof:
            raise zlib.error("the end is missing")


def _raw_body(response: requests.Response) -> Iterator[bytes]:
    """The body as sent on the wire, with the exceptions of `requests` in place of urllib3's."""
    try:
        yield from response.raw.stream(CHUNK, decode_content=False)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
