# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between a client and Airflow that writes down each request and, where a test wants it, loses or replaces an answer."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from tests.http_server import HttpServer

from .turns import Turns, is_write

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


@dataclass(frozen=True)
class Seen:
    """One request. `status` is that of Airflow's own answer, None where it wasn't asked."""

    method: str
    path: str
    body: Any
    status: int | None

    @property
    def is_write(self) -> bool:
        return is_write(self.method, self.path)

    @property
    def is_sign_in(self) -> bool:
        return self.path.endswith("/auth/token")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Rule:
    """What becomes of the next `times` requests that `match`.

    `before` is called before Airflow is asked, `after` when it has answered. `lose` drops the connection where the answer should come.
    `status` and `body` are answered without asking Airflow.
    """

    match: Callable[[str, str], bool]
    times: int = 1
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    lose: bool = False
    status: int | None = None
    body: Any = None


class Proxy:
    """``with Proxy(url) as proxy: ... proxy.url ... proxy.seen``. `prefix` is what it puts before Airflow's own paths."""

    def __init__(self, upstream: str, prefix: str = "", turns: Turns | None = None) -> None:
        self._upstream = upstream
        self._prefix = prefix
        self._turns = turns or Turns(None)
        self.seen: list[Seen] = []
        self.rules: list[Rule] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: HttpServer | None = None
        self._session: ClientSession | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._prefix}"

    @property
    def writes(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.is_write]

    @property
    def reads(self) -> list[Seen]:
        """Without the call for a token."""
        return [seen for seen in self.seen if not seen.is_write and not seen.is_sign_in]

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def clear(self) -> None:
        self.seen.clear()
        self.rules.clear()

    def __enter__(self) -> Proxy:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(timeout=10)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _start(self) -> None:
        # What the client sends comes to Airflow as it is: no cookies, nothing decompressed, no time-out but the client's.
        self._session = ClientSession(
            connector=TCPConnector(limit=0), auto_decompress=False, cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=120)
        )
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._server = HttpServer(self._handle)
        await self._server.start([listener])

    async def _stop(self) -> None:
        if self._session:
            await self._session.close()
        if self._server:
            await self._server.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        target = request.raw_path
        if not target.startswith(self._prefix + "/"):
            return web.Response(status=404, text="the proxy has no such path")
        target = target[len(self._prefix) :]
        path = target.partition("?")[0]
        rule = self._rule(request.method, path)
        if rule and rule.before:
            await asyncio.get_running_loop().run_in_executor(None, rule.before)
        if rule and rule.status is not None:
            self.seen.append(Seen(request.method, path, _json(body), None))
            return web.json_response(rule.body, status=rule.status)
        with ExitStack() as stack:
            # Its turn may be long in coming, and others mustn't wait for that.
            await asyncio.get_running_loop().run_in_executor(None, stack.enter_context, self._turns.turn(request.method, path))
            status, headers, content = await self._ask_airflow(request, target, body)
        self.seen.append(Seen(request.method, path, _json(body), status))
        if rule and rule.after:
            await asyncio.get_running_loop().run_in_executor(None, rule.after)
        if rule and rule.lose:
            if request.transport:
                request.transport.abort()
            return web.Response()
        return web.Response(status=status, body=content, headers=headers)

    async def _ask_airflow(self, request: web.BaseRequest, target: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        assert self._session
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP | {"host"}}
        async with self._session.request(
            request.method, URL(self._upstream + target, encoded=True), data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, _passed_on(answer.headers), await answer.read()

    def _rule(self, method: str, path: str) -> Rule | None:
        for rule in self.rules:
            if rule.times > 0 and rule.match(method, path):
                rule.times -= 1
                return rule
        return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
    return kept | {name: value for name, value in headers.items() if name.lower() == "content-encoding"}
