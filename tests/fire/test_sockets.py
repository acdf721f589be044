# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A smaller number of storms over real sockets, with real resets and bodies that are really truncated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.emulator.threaded import ThreadedEmulator

from . import invariants
from .client import run_module
from .plan import SEED, SOCKET_CASES
from .storm import Fault, Storm, storms
from .system import System
from .systems import SYSTEMS
from .tally import count
from .world import World

# Faults that take real time are only tested without sockets.
BRISK: Mapping[str, object] = {"wait_timeout": 2, "poll_interval": 0.2, "concurrency": 8, "drain": 0}


REAL: Sequence[Fault] = (
    {"kind": "reset_after"},
    {"kind": "reset_before"},
    {"kind": "cut", "part": 0.5},
    {"kind": "empty"},
    {"kind": "rate_limit"},
    {"kind": "status", "status": 502, "effect": True},
    {"kind": "html", "status": 200},
    {"kind": "expire_token"},
    {"kind": "proxy_closes"},
    {"kind": "repeat"},
    {"kind": "via"},
    {"kind": "html", "status": 503},
    {"kind": "status", "status": 407},
)


@st.composite
def real_storms(draw: st.DrawFn, system: System) -> Storm:
    """Storms in which each exchange may have a fault that only a socket really shows."""
    storm = brisk(draw(storms(system)))
    faults = st.sampled_from([None, *REAL])
    return replace(storm, reads=[None, *draw(st.lists(faults, max_size=6))], writes=draw(st.lists(faults, min_size=1, max_size=4)))


def brisk(storm: Storm) -> Storm:
    """The storm without long waits, and without plans that depend on the real day of the week."""
    fleet = [storm.system.states[0] if state in storm.system.states_alone else state for state in storm.fleet]
    options = {**storm.options, **BRISK}
    return replace(storm, fleet=fleet, latency=0.0, options=options, logins=_brisk(storm.logins), reads=(), writes=())


def _brisk(plan: Sequence[Fault | None]) -> list[Fault | None]:
    return [
        fault for fault in plan if fault is None or (fault["kind"] != "delay" and "retry_after" not in fault and "headers" not in fault)
    ]


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_over_sockets_no_run_reports_what_isn_t_so(system: System) -> None:
    @seed(SEED)
    @settings(
        max_examples=SOCKET_CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(real_storms(system), st.booleans())
    def search(storm: Storm, chunked: bool) -> None:
        world = World(storm, manual=False)
        # A proxy may forward the received bytes in one piece.
        vars(world.vendor)["chunked"] = chunked or world.vendor.chunked
        with ThreadedEmulator(world.vendor) as emulator:
            run = run_module(world, place(storm, emulator.control.url))
        invariants.check_invariants(run, world)
        count(world, "over sockets")

    search()


def place(storm: Storm, url: str) -> dict[str, str]:
    """The connection options of the system. IAM, if there is one, is on the same port."""
    return {"url": url, **({"iam_url": url} if "iam_url" in storm.access else {})}
