# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's main() against a world, as ansible-core would run it: the whole stack, from the options to the printed result."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, cast

from ansible.module_utils.common import warnings

from tests.one_clock import one_clock
from tests.unit.run_module import module_args

from .storm import Storm
from .world import Exchange, World


@dataclass(frozen=True)
class Run:
    """One run: its printed result, its exchanges, and when it began and ended (seconds of the world)."""

    storm: Storm
    result: Mapping[str, Any]
    printed: str
    exchanges: list[Exchange]
    begun: float
    ended: float
    check: bool

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self.result["tasks"])

    @property
    def writes(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.call.write]

    def writes_to(self, id_: str) -> list[Exchange]:
        return [exchange for exchange in self.writes if id_ in exchange.targets]


def run_in_process(world: World, *, check: bool | None = None) -> Run:
    """Run the module of the world's system against it, without sockets. Hours pass in milliseconds."""
    with one_clock(cast(Any, world.vendor), world):
        return run_module(world, {"url": "http://server.example.com"}, check=check)


def run_module(world: World, place: Mapping[str, Any], *, check: bool | None = None) -> Run:
    """Run the module of the world's system with the options of its storm. `place` are the connection options."""
    storm, system = world.storm, world.system
    is_check = storm.check if check is None else check
    options = {**storm.access, **storm.options, **place, "state": storm.desired, system.id_option: system.holder or storm.asked}
    internal = {"_ansible_check_mode": is_check, "_ansible_diff": False, "_ansible_module_name": f"taskops.quiesce.{system.name}"}
    # Warnings accumulate in this process. Normally, each module has a process of its own.
    vars(warnings)["_global_warnings"].clear()
    first, begun, output = len(world.exchanges), world.now(), io.StringIO()
    with module_args({**options, **internal}), redirect_stdout(output):
        try:
            system.main()
        except SystemExit:
            pass
        else:
            raise AssertionError("the module didn't end as a module does")
    printed = output.getvalue()
    return Run(storm, json.loads(printed), printed, world.exchanges[first:], begun, world.now(), is_check)
