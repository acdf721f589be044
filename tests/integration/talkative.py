# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes: calls with different endings that run one after the other in one run with the highest verbosity, each against its own system. The
output of a scene is everything printed from its Ansible task to the next one, everything printed outside of tasks, and the result of its
task.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator

from .cases import IN_WORKER
from .processes import COLLECTION, Ansible, Result


@dataclass(frozen=True)
class Scene:
    """One call. `ready` is applied to its system before the call and returns options that are only known then. `code` is that of its
    failure.
    """

    code: str | None
    module: str
    options: Mapping[str, Any]
    switches: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    faults: Sequence[Mapping[str, Any]] = ()
    ready: Callable[[Control], Mapping[str, Any]] = lambda control: {}


@dataclass(frozen=True)
class Shown:
    """The output of a scene, as one text for each place, and the journal of its system."""

    result: Result
    texts: tuple[str, ...]
    journal: list[dict[str, Any]]


def play(ansible: Ansible, scenes: Mapping[str, Scene], variables: Mapping[str, str] | None = None) -> dict[str, Shown]:
    """The outputs by title. `variables` are in the environment of the run, as AWX sets credentials. `{url}` is the address of a system."""
    with ExitStack() as stack:
        systems = {title: stack.enter_context(_system(scene)) for title, scene in scenes.items()}
        tasks = [_task(title, scene, systems[title].control) for title, scene in scenes.items()]
        run = ansible.tasks(*tasks, args=["-vvvv"], variables=variables, patience=60 + 10 * len(tasks))
        assert run.status == 0, run.printed
        assert run.stdout.count(IN_WORKER) == len(scenes), "the run wasn't as talkative as it gets"
        before, *parts = re.split(r"(?m)^(?=TASK \[)", run.stdout)
        assert len(parts) == len(scenes), run.stdout
        shown = {}
        for (title, scene), part, result in zip(scenes.items(), parts, run.results, strict=True):
            assert part.startswith(f"TASK [{title}]") and result.task == title
            assert result.returned.get("failure", {}).get("code") == scene.code, part
            returned = json.dumps(result.returned, ensure_ascii=False)
            shown[title] = Shown(result, (before, part, run.stderr, returned), systems[title].control.journal())
    return shown


def _system(scene: Scene) -> ThreadedEmulator:
    vendor = registry.find(scene.module.split("_", 1)[0])(switches=scene.switches, tasks=[dict(task) for task in scene.tasks])
    for order in scene.faults:
        vendor.faults.order([order])
    return ThreadedEmulator(vendor)


def _task(title: str, scene: Scene, control: Control) -> dict[str, Any]:
    given = {**scene.options, **scene.ready(control)}
    options = {name: value.replace("{url}", control.url) if isinstance(value, str) else value for name, value in given.items()}
    return {"name": title, f"{COLLECTION}.{scene.module}": options, "ignore_errors": True}
