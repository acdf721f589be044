# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The random input of a case: a fleet, a desired state, options, and all faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .system import BARE, Desired, Frame, Order, System

TIMEOUT = 5.0
# The upper limit for the delay of effects after the client has given up an exchange. Together with the longest display delay among the
# systems' lies, it is shorter than the settle time of a lost action.
LATE = 6.5

Fault = Mapping[str, Any]

# Each fault in the form of an order for the emulator. None is an exchange without a fault.
READ_FAULTS: Sequence[Fault | None] = (
    None,
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 504},
    {"kind": "status", "status": 403, "body": "<html>proxy</html>"},
    {"kind": "status", "status": 503, "headers": {"Retry-After": "2"}},
    {"kind": "rate_limit"},
    {"kind": "rate_limit", "retry_after": 3},
    {"kind": "rate_limit", "retry_after": 4, "as_date": True},
    {"kind": "rate_limit", "retry_after": 400},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "cut", "part": 0.5},
    {"kind": "cut", "part": 0.99},
    {"kind": "cut", "part": 0.0},
    {"kind": "html", "status": 200},
    {"kind": "html", "status": 502},
    {"kind": "empty"},
    {"kind": "empty", "effect": False, "status": 200},
    {"kind": "garbage"},
    {"kind": "garbage", "body": "[]"},
    {"kind": "redirect"},
    {"kind": "delay", "seconds": 2.0},
    {"kind": "delay", "seconds": TIMEOUT + 1},
    {"kind": "delay", "seconds": TIMEOUT + LATE},
    {"kind": "delay", "seconds": TIMEOUT + LATE, "when": "after"},
    {"kind": "expire_token"},
    # The faults of proxies and gateways.
    *({"kind": "html", "status": status} for status in (500, 503)),
    {"kind": "status", "status": 407, "body": "<html>proxy</html>"},
    {"kind": "proxy_closes"},
    {"kind": "no_tunnel"},
    {"kind": "no_tunnel", "status": 403},
    {"kind": "repeat"},
    {"kind": "repeat"},
    {"kind": "via"},
)
WRITE_FAULTS: Sequence[Fault | None] = (
    *READ_FAULTS,
    *({"kind": "status", "status": status, "effect": True} for status in (500, 502, 503, 504)),
    {"kind": "html", "status": 200, "effect": True},
    *({"kind": "html", "status": status, "effect": True} for status in (500, 502, 503)),
    {"kind": "garbage", "effect": True},
    {"kind": "empty", "effect": True, "status": 200},
    # Only methods that HTTP calls idempotent are repeated, which most systems don't use.
    *[{"kind": "repeat"}] * 6,
)
# After these, the client has the server's answer, complete and in time.
HARMLESS = ("delay", "expire_token", "repeat", "via")


@dataclass(frozen=True)
class Outsider:
    """A change by somebody else, just before the exchange of this number (from 0) is handled."""

    exchange: int
    task: int
    order: Mapping[str, Any]


@dataclass(frozen=True)
class Storm:
    """One random case: the requested tasks, the options, and the fault of each exchange. Times are in seconds."""

    system: System
    access: Mapping[str, Any]
    fleet: Sequence[Mapping[str, Any]]
    missing: bool
    desired: Desired
    check: bool
    options: Mapping[str, Any]
    lie: Mapping[str, Any]
    latency: float
    logins: Sequence[Fault | None] = ()
    reads: Sequence[Fault | None] = ()
    writes: Sequence[Fault | None] = ()
    outsiders: Sequence[Outsider] = ()
    dress: str = ""
    frame: Frame = BARE

    @property
    def asked(self) -> list[str]:
        """The requested ids. `missing` adds one that doesn't exist."""
        ids = list(self.system.ids[: len(self.fleet)])
        return [*ids, self.system.ids[len(self.fleet)]] if self.missing and len(self.fleet) < len(self.system.ids) else ids

    @property
    def switches(self) -> Order:
        """The positions of all switches, except those of the world."""
        return {**self.system.switches, **self.system.dresses.get(self.dress, {}), **self.lie, "latency": self.latency}

    @property
    def if_unpausable(self) -> str:
        return str(self.options["if_unpausable"])

    @property
    def longest(self) -> float:
        """The deadline of the module, counted from its start."""
        return float(self.options["wait_timeout"]) + float(self.options["drain"])


@st.composite
def storms(draw: st.DrawFn, system: System) -> Storm:
    others = st.builds(Outsider, st.integers(0, 14), st.integers(0, len(system.ids) - 1), st.sampled_from(system.others))
    desired: Desired = draw(st.sampled_from(["paused", "started", "stopped"]))
    options = {
        "wait_timeout": draw(st.sampled_from([40, 12, 3, 0.5])),
        "poll_interval": draw(st.sampled_from([1, 5, 0.2])),
        "if_unpausable": draw(st.sampled_from(["fail", "stop", "skip"])),
        "retries": draw(st.sampled_from([3, 1, 0])),
        "wait": draw(st.sampled_from([True, True, True, False])),
        "timeout": TIMEOUT,
        "concurrency": 1,
        "drain": 0,
        **{name: True for name, its in system.grants.items() if its == desired and draw(st.booleans())},
    }
    if options["wait"]:
        options["drain"] = draw(st.sampled_from([0, 0, 0, 4]))
    frame = draw(st.sampled_from(system.frames or (BARE,)))
    most = draw(st.sampled_from(system.sizes)) if system.sizes else len(system.ids)
    fleet = draw(st.lists(st.sampled_from(frame.states or system.states), min_size=1, max_size=most))
    if system.states_alone and draw(st.integers(0, 9)) == 9:
        fleet = [draw(st.sampled_from(system.states_alone))]
    is_stormy = draw(st.booleans())
    reads = draw(st.lists(st.sampled_from([*[None] * 30, *READ_FAULTS]), max_size=12)) if is_stormy else [None, None]
    if draw(st.integers(0, 7)) == 7:
        # From some read on, the server is slow and stays slow.
        slow = draw(st.sampled_from([{"kind": "delay", "seconds": seconds} for seconds in (2.0, TIMEOUT - 0.5, TIMEOUT + 1)]))
        reads = [*reads[: draw(st.integers(1, 6))], *[slow] * 30]
    return Storm(
        system=system,
        access=draw(st.sampled_from(system.access)),
        fleet=fleet,
        missing=not system.holder and draw(st.integers(0, 19)) == 19 and fleet[0] not in system.states_alone,
        desired=desired,
        check=draw(st.integers(0, 7)) == 7,
        options=options,
        lie=draw(st.sampled_from(system.lies)),
        latency=draw(st.sampled_from([0.01, 0.0, 0.8])),
        logins=draw(st.lists(st.sampled_from([*[None] * 20, *READ_FAULTS]), max_size=2)) if is_stormy else [],
        reads=reads,
        writes=draw(st.lists(st.sampled_from(WRITE_FAULTS), max_size=4)),
        outsiders=draw(st.lists(others, max_size=3)),
        dress=draw(st.sampled_from(sorted(system.dresses))),
        frame=frame,
    )
