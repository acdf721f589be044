# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Blocking calls beside an event loop. A cancelled task of the loop doesn't wait for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Ended(Exception):
    """Nobody waits for this call any more."""


class EndableClock:
    """The machine's monotonic clock, until `end` is called. A thread that sleeps by it is then woken with `Ended`."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self._over.wait(max(0.0, seconds)):
            raise Ended

    def end(self) -> None:
        self._over.set()


async def in_thread(call: Callable[[], T]) -> T:
    """The call's result. If the caller is cancelled, the call goes on and its result is dropped.

    The loop's own pool of threads isn't used: a closing loop waits for all calls in it, which may take a whole timeout.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(settled: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            settled(value)

    def run() -> None:
        settled: Callable[[Any], None] = future.set_result
        try:
            value: Any = call()
        except Exception as error:
            settled, value = future.set_exception, error
        # The loop may be closed already.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, settled, value)

    threading.Thread(target=run, name="taskops.quiesce", daemon=True).start()
    return await future
