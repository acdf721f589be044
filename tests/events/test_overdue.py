# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook that closes overdue windows."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.processes import Ansible
from tests.integration.totalcontrol import PAUSED, RUNNING, scripts

from .conftest import Start
from .systems import USER, emulator, statuses


def test_a_window_whose_time_is_up_is_closed_and_the_watch_goes_on(tmp_path: Path, ansible: Ansible, start: Start) -> None:
    folder, ledger = tmp_path / "ledgers", tmp_path / "ledgers" / "CHG1.json"
    with emulator("totalcontrol", *scripts(nightly=RUNNING)) as system:
        target = {
            "name": "scripts",
            "vendor": "totalcontrol",
            "state": "paused",
            "tasks": ["nightly"],
            "options": {"url": system.control.url},
        }
        window = {
            "maintenance_id": "CHG1",
            "maintenance_ledger_dir": str(folder),
            "maintenance_for": "10s",
            "maintenance_targets": [target],
        }
        play = {"ansible.builtin.import_playbook": "taskops.quiesce.open"}
        opened = ansible.playbook([play], "-e", json.dumps(window), variables=USER, patience=240)
        assert opened.status == 0 and statuses(system) == [PAUSED], opened.printed

        variables = {"maintenance_ledger_dir": str(folder), "overdue_interval": 2}
        watch = start("taskops.quiesce.end_overdue_windows", variables=variables, environment=USER)
        watch.wait_for(lambda: json.loads(ledger.read_text(encoding="utf-8"))["status"] == "closed", "closing")
        assert statuses(system) == [RUNNING]
        looks = watch.printed.count("Close overdue maintenance windows")
        watch.wait_for(lambda: watch.printed.count("Close overdue maintenance windows") > looks, "another look")
        assert watch.status is None, watch.printed
