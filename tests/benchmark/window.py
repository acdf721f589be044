# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window over all systems, compared with the slowest of its targets alone, and with the window of an earlier build."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.emulator.client import Control, running_all

from . import playbooks
from .apis import APIS, Api
from .cases import ALL, Bench
from .measure import Contender, Row, take_turns
from .processes import Programs

TASKS = 50
# Each action shows only after so many seconds, as in the real systems. Handled one after the other, the targets would take five times as
# long.
SLOW = 3
SWITCHES = {"latency": 0.05, "change_delay": SLOW, "stop_delay": SLOW, "action_delay": SLOW, "stopping": 0}
# The time limit of the roles' own work: the ledger, the report, some twenty Ansible tasks of the engine.
FREE = 5
# The variable with the folder of an earlier build, as a path for Ansible's collections.
BASELINE = "QUIESCE_BASELINE"


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


def window_before_and_now(bench: Bench) -> None:
    """Opening and closing, compared with the build in the folder BASELINE. Omitted if there is none (see `bench` in noxfile.py)."""
    folder = os.environ.get(BASELINE, "")
    if not Path(folder, "ansible_collections").is_dir():
        print(f"window_before_and_now is left out: {BASELINE} names no collections", file=sys.stderr, flush=True)
        return
    home = bench.programs.home / "before"
    home.mkdir(exist_ok=True)
    with running_all(["all"], "--switch", f"latency={SWITCHES['latency']}") as controls:
        bench.programs.write_play("empty", [])
        times = take_turns(
            {
                "empty play": Contender(lambda: bench.programs.play("empty").seconds),
                "ours": _open_and_close(bench.programs, controls),
                "before": _open_and_close(Programs(home, folder), controls),
            },
            bench.runs,
        )
    net = times.net("ours")
    measured = {"delay": SWITCHES["latency"], "seconds": times.all}
    case = f"a window opened and closed, 5 systems, {TASKS} tasks each"
    bench.done(Row(case, "all", "the build 5322a44", net / times.net("before"), 0.4, False, net, measured))


def _single(bench: Bench, api: Api, control: Control) -> Contender:
    name = f"single {api.name}"
    bench.programs.write_play(name, playbooks.ours(api, control.url, api.ids(TASKS)))
    return Contender(lambda: bench.programs.play(name).seconds, lambda: _put(api, control))


def _window(bench: Bench, controls: dict[str, Control]) -> Contender:
    return _roles(bench.programs, controls, "maintenance_open")


def _open_and_close(programs: Programs, controls: dict[str, Control]) -> Contender:
    # A final stop can't be undone: Boro's streams and VIAS's tasks can be put back, runs of JP1/AO and upgrades can't.
    return _roles(programs, controls, "maintenance_open", "maintenance_close")


def _roles(programs: Programs, controls: dict[str, Control], *roles: str) -> Contender:
    play, ledger = " ".join(roles), programs.home / "ledger"
    variables = {
        "maintenance_id": "BENCH",
        "maintenance_ledger_dir": str(ledger),
        "maintenance_targets": [_target(APIS[name], controls[name].url) for name in ALL],
    }
    programs.write_play(play, [{"ansible.builtin.include_role": {"name": f"taskops.quiesce.{role}"}, "vars": variables} for role in roles])

    def prepare() -> None:
        shutil.rmtree(ledger, ignore_errors=True)
        for name in ALL:
            _put(APIS[name], controls[name])

    return Contender(lambda: programs.play(play).seconds, prepare)


def _target(api: Api, url: str) -> dict[str, Any]:
    options = api.options(url, api.ids(TASKS))
    tasks, state = options.pop(api.ids_option), options.pop("state")
    return {"name": api.name, "vendor": api.vendor, "state": state, "tasks": tasks, "options": options, "accept_final": True}


def _put(api: Api, control: Control) -> None:
    control.put_tasks(api.tasks(TASKS, is_right=False))
