# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocking calls beside an event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest
from ansible_collections.taskops.quiesce.plugins.plugin_utils._background import EndableClock, Ended, in_thread


def test_a_call_runs_in_another_thread_and_its_result_comes_back() -> None:
    assert asyncio.run(in_thread(threading.get_ident)) != threading.get_ident()


def test_what_the_call_raises_is_raised() -> None:
    def fails() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(in_thread(fails))


def test_the_loop_goes_on_while_the_call_blocks() -> None:
    gate = threading.Event()

    async def both() -> bool:
        waiting = asyncio.ensure_future(in_thread(lambda: gate.wait(10)))
        await asyncio.sleep(0)
        gate.set()
        return await waiting

    assert asyncio.run(both())


def test_nobody_waits_for_a_cancelled_call_not_even_the_end_of_the_loop() -> None:
    gate, begun, done = threading.Event(), threading.Event(), threading.Event()

    def blocks() -> None:
        begun.set()
        gate.wait(30)
        done.set()

    async def cancel() -> None:
        waiting = asyncio.ensure_future(in_thread(blocks))
        await in_thread(lambda: begun.wait(10))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancel())

    assert not done.is_set()
    gate.set()
    assert done.wait(10)


def test_whoever_sleeps_by_an_ended_clock_is_woken() -> None:
    clock = EndableClock()
    begun = clock.now()
    clock.sleep(0.01)
    assert clock.now() >= begun + 0.01

    clock.end()
    with pytest.raises(Ended):
        clock.sleep(3600)
