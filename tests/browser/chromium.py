# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, controlled through its DevTools protocol: it opens a page, measures it and takes a screenshot."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

# Time limits in seconds: for the start of the browser, and for each of its answers.
START = 60
ANSWER = 60
# No network is needed. Without these options, Chromium's own requests would only slow it down.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-port=0",
)


@dataclass(frozen=True)
class Look:
    """The settings for one view of a page. The width is in CSS pixels."""

    name: str
    width: int
    height: int
    scheme: str
    is_phone: bool = False
    is_print: bool = False


@dataclass(frozen=True)
class View:
    """One view of a page: the picture (PNG), the page's requests over the network, the browser's complaints, and measured values."""

    picture: bytes
    requests: list[str]
    complaints: list[str]
    measured: Any


class Tab:
    """One page of the browser. A WebSocket carries commands, answers and events. Events are stored."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.events: list[dict[str, Any]] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, f"{method}: {message['error']}"
                return dict(message["result"])
            self.events.append(message)

    async def until(self, method: str) -> None:
        while not any(event.get("method") == method for event in self.events):
            self.events.append(await self._receive())

    async def _receive(self) -> dict[str, Any]:
        return dict(await self._socket.receive_json(timeout=ANSWER))


def look_at(page: Path, looks: Sequence[Look], measure: str) -> list[View]:
    """Open the page once for each look, in one browser. `measure` is a JavaScript expression."""
    return asyncio.run(_look_at(page, looks, measure))


async def _look_at(page: Path, looks: Sequence[Look], measure: str) -> list[View]:
    # A separate folder, since the browser leaves the folder of its socket behind when it is killed. The path is short, since that of a
    # socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as home:
        return await _views(page, looks, measure, home)


async def _views(page: Path, looks: Sequence[Look], measure: str, home: str) -> list[View]:
    async with _browser(home) as address, aiohttp.ClientSession() as session:
        return [await _view(session, address, page.as_uri(), look, measure) for look in looks]


@asynccontextmanager
async def _browser(home: str) -> AsyncIterator[str]:
    """A browser that ends with the context. Yields the host and port of its protocol."""
    program = shutil.which("chromium")
    assert program, "the report is looked at in Debian's chromium, which isn't there; install it (apt-get install chromium)"
    words = [program, *OPTIONS, f"--user-data-dir={home}", "about:blank"]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env={**os.environ, "TMPDIR": home}
    )
    assert process.stderr
    drain = None
    try:
        address = await asyncio.wait_for(_address(process.stderr), START)
        drain = asyncio.create_task(_drain(process.stderr))
        yield address
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), ANSWER)
        except TimeoutError:
            process.kill()
            await process.wait()
        if drain:
            await drain


async def _address(stderr: asyncio.StreamReader) -> str:
    said = []
    while line := (await stderr.readline()).decode(errors="replace"):
        said.append(line)
        if "DevTools listening on ws://" in line:
            return line.split("ws://")[1].split("/")[0]
    raise AssertionError(f"chromium ended before it could be used: {''.join(said)}")


async def _drain(stderr: asyncio.StreamReader) -> None:
    while await stderr.read(65536):
        pass


async def _view(session: aiohttp.ClientSession, address: str, url: str, look: Look, measure: str) -> View:
    async with session.put(f"http://{address}/json/new?about:blank") as answer:
        target = await answer.json()
    async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
        tab = Tab(socket)
        for domain in ("Page", "Network", "Log", "Runtime"):
            await tab.call(f"{domain}.enable")
        scheme = [{"name": "prefers-color-scheme", "value": look.scheme}]
        await tab.call("Emulation.setEmulatedMedia", media="print" if look.is_print else "screen", features=scheme)
        size = {"width": look.width, "height": look.height, "deviceScaleFactor": 2 if look.is_phone else 1, "mobile": look.is_phone}
        await tab.call("Emulation.setDeviceMetricsOverride", **size)
        await tab.call("Page.navigate", url=url)
        await tab.until("Page.loadEventFired")
        result = await tab.call("Runtime.evaluate", expression=measure, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        picture = await tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
    async with session.get(f"http://{address}/json/close/{target['id']}"):
        pass
    requests = [event["params"]["request"]["url"] for event in tab.events if event.get("method") == "Network.requestWillBeSent"]
    complaints = [
        str(event["params"].get("entry", event["params"]))
        for event in tab.events
        if event.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    ]
    return View(base64.b64decode(picture["data"]), requests, complaints, result["result"].get("value"))
