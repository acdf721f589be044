# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window over all five systems against the slowest of its targets alone."""

from __future__ import annotations

import json
import shutil
from typing import Any

from tests.emulator.client import Control, running_all

from . import playbooks
from .apis import APIS, Api
from .cases import ALL, Bench
from .measure import Contender, Row, take_turns

TASKS = 50
# Each action shows only after so many seconds, as it does at the real systems: one after the other, the targets would take five times that.
SLOW = 3
SWITCHES = {"latency": 0.05, "change_delay": SLOW, "stop_delay": SLOW, "action_delay": SLOW, "stopping": 0}
# What the roles themselves may take: the ledger, the report, some twenty tasks of the engine.
FREE = 5


def window_over_five(bench: Bench) -> None:
    words = [word for name, value in SWITCHES.items() for word in ("--switch", f"{name}={json.dumps(value)}")]
    with running_all(["all"], *words) as controls:
        singles = {name: _single(bench, APIS[name], controls[name]) for name in ALL}
        first = {name: take_turns({name: single}, 1)[name] for name, single in singles.items()}
        slowest = max(first, key=lambda name: first[name])
        bench.programs.write_play("empty", [])
        times = take_turns(
            {
                "empty play": Contender(lambda: bench.programs.play("empty").seconds),
                "ours": _window(bench, controls),
                "slowest": singles[slowest],
            },
            bench.runs,
        )
        net = times.net("ours")
        measured = {"delay": SWITCHES["latency"], "slowest": slowest, "each_alone_once": first, "seconds": times.all}
        ratio = (net - FREE) / times.net("slowest")
        case = f"a window, 5 systems, {TASKS} tasks each"
        bench.done(Row(case, "all", f"its slowest target alone (ours less {FREE} s)", ratio, 1.3, False, net, measured))


def _single(bench: Bench, api: Api, control: Control) -> Contender:
    name = f"single {api.name}"
    bench.programs.write_play(name, playbooks.ours(api, control.url, api.ids(TASKS)))
    return Contender(lambda: bench.programs.play(name).seconds, lambda: _put(api, control))


def _window(bench: Bench, controls: dict[str, Control]) -> Contender:
    ledger = bench.programs.home / "ledger"
    variables = {
        "maintenance_id": "BENCH",
        "maintenance_ledger_dir": str(ledger),
        "maintenance_targets": [_target(APIS[name], controls[name].url) for name in ALL],
    }
    bench.programs.write_play("window", [{"ansible.builtin.include_role": {"name": "taskops.quiesce.maintenance_open"}, "vars": variables}])

    def prepare() -> None:
        shutil.rmtree(ledger, ignore_errors=True)
        for name in ALL:
            _put(APIS[name], controls[name])

    return Contender(lambda: bench.programs.play("window").seconds, prepare)


def _target(api: Api, url: str) -> dict[str, Any]:
    options = api.options(url, api.ids(TASKS))
    tasks, state = options.pop(api.ids_option), options.pop("state")
    return {"name": api.name, "vendor": api.vendor, "state": state, "tasks": tasks, "options": options, "accept_final": True}


def _put(api: Api, control: Control) -> None:
    control.put_tasks(api.tasks(TASKS, is_right=False))
