# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The load on the vendor over real sockets, from the emulator's journal: `concurrency` is a limit, and a 429 slows down the whole run."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.emulator.threaded import ThreadedEmulator

from .client import Run, run_module
from .storm import Fault, Storm
from .system import BARE, System
from .systems import SYSTEMS
from .test_sockets import place
from .world import World

SPACING = 0.25
# The tolerance for clocks and threads of a busy machine, in seconds.
SLACK = 0.05
# One call reads all tasks there and one acts on them, so nothing runs in parallel.
ONE_CALL = ("ctrlapi live", "ctrlapi vod", "huawei batch")


def run_over_sockets(system: System, *, concurrency: int, writes: tuple[Fault, ...] = ()) -> tuple[Run, World]:
    """Stop three running tasks. Each answer takes a tenth of a second."""
    options: dict[str, Any] = {
        "wait_timeout": 20,
        "poll_interval": 0.5,
        "if_unpausable": "fail",
        "wait": True,
        "drain": 0,
        "concurrency": concurrency,
        "timeout": 5,
    }
    running = [system.states[0]] * 3
    frame = (system.frames or (BARE,))[0]
    storm = Storm(system, system.access[0], running, False, "stopped", False, options, {}, latency=0.1, writes=writes, frame=frame)
    world = World(storm, manual=False)
    with ThreadedEmulator(world.vendor) as emulator:
        run = run_module(world, place(storm, emulator.control.url))
    assert run.result["summary"]["reached"] == 3, run.result
    return run, world


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
@pytest.mark.parametrize("concurrency", [1, 2])
def test_no_more_requests_are_under_way_at_once_than_concurrency_says(system: System, concurrency: int) -> None:
    _run, world = run_over_sockets(system, concurrency=concurrency)

    most = max(entry.in_flight for entry in world.vendor.journal.since())
    assert most == (1 if str(system) in ONE_CALL else concurrency)


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_one_429_pauses_and_then_slows_all_threads(system: System) -> None:
    concurrency = 3
    run, _world = run_over_sockets(system, concurrency=concurrency, writes=({"kind": "rate_limit", "retry_after": 1},))

    throttled = next(exchange for exchange in run.exchanges if exchange.kind == "rate_limit")
    assert throttled.ended is not None
    allowed = throttled.ended + 1 - SLACK
    # Other threads may have sent this before anybody could read the answer. On a busy machine, it arrives a little later.
    on_their_way = [exchange for exchange in run.exchanges if throttled.ended < exchange.begun < allowed]
    assert len(on_their_way) < concurrency, "the server had asked for a second to pass"
    later = sorted(exchange.begun for exchange in run.exchanges if exchange.begun >= allowed)
    # Each has its turn from the end of that second on. One that a busy machine delays comes shortly before the next, which kept its turn.
    early = [number for number, begun in enumerate(later) if begun < allowed + number * SPACING]
    assert len(later) > 1 and not early, f"after the pause at {allowed:.2f}, of {later} number {early} came before their turns"
    short = [second - first for first, second in pairwise(later) if second - first < SPACING / 2]
    assert len(short) <= 1, f"requests came {short} s after the ones before them"
