# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window keeps its observations of a system for the whole run, so that it decides like the module itself."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator
from tests.integration.ctrlapi import VOD, check
from tests.integration.processes import Ansible

pytestmark = pytest.mark.wire

MODULE = "taskops.quiesce.maintenance_window"
RUNNING, PAUSED = -1, -4


def opened(folder: Path, **target: Any) -> dict[str, Any]:
    return {"name": "open", MODULE: {"id": "CHG1", "state": "open", "ledger_dir": str(folder), "targets": [{"name": "its", **target}]}}


def break_off(boro: Control) -> None:
    """Interrupt the check while the window waits for its end."""
    end = time.monotonic() + 60
    while len(boro.journal()) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    boro.act("1", "stall")


def test_a_restart_that_comes_after_five_seconds_is_stopped_too(ansible: Ansible, tmp_path: Path) -> None:
    """Boro VoD restarts an interrupted check by itself, under a new id. Only a check that was seen running can be interrupted."""
    with ThreadedEmulator(registry.find("ctrlapi")(switches={"dialect": "vod", "restart_delay": 6})) as boro:
        boro.control.put_tasks([check(1)])
        options = {"url": boro.control.url, "wait_timeout": 60, "drain": 3, **VOD}
        breaks = threading.Thread(target=break_off, args=(boro.control,))
        breaks.start()
        done = ansible.tasks(
            opened(tmp_path, vendor="ctrlapi", state="stopped", tasks=[1], accept_final=True, options=options), patience=120
        )
        breaks.join()
        left = {task["task_id"]: task["status"] for task in boro.control.tasks()}

    assert done.status == 0, done.printed
    assert set(left) > {1} and set(left.values()) <= {"Stalled", "Canceled"}, left


def test_a_throttled_system_is_brought_through(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    names = [f"t{number}" for number in range(24)]
    totalcontrol.put_tasks([{"task_name": name, "status": RUNNING} for name in names])
    # Longer than the parts of a run in earlier versions.
    totalcontrol.order_fault("rate_limit", retry_after=5, after=3, times=2, match={"action": "pause"})
    target = {"vendor": "totalcontrol", "state": "paused", "tasks": names, "options": {"url": totalcontrol.url}}
    done = ansible.tasks(opened(tmp_path, **target), variables=totalcontrol_access, patience=200)

    assert done.status == 0, done.printed
    assert [task["status"] for task in totalcontrol.tasks()] == [PAUSED] * 24
    assert sum(entry["status"] == 429 for entry in totalcontrol.journal()) == 2
