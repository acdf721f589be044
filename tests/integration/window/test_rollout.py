# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout in groups of hosts, each with a window of its own: which keyword of Ansible stops it when the work of a host fails.

The role closes the window of that host in `always`, and Ansible doesn't count such a host for `max_fail_percentage`. See
findings/ansible-max-fail-percentage-misses-always.sh.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.windows import Window, actions

from .conftest import Make

HOSTS = ["h1", "h2", "h3", "h4"]
UPDATE = [{"name": "Update", "ansible.builtin.fail": {"msg": "no update for h1"}, "when": "inventory_hostname == 'h1'"}]


@pytest.fixture
def rollout(make_window: Make) -> Window:
    """Four hosts in two groups, each with one script to hold while it's updated. The update of the first host fails."""
    window = make_window("totalcontrol", count=len(HOSTS))
    (window.folder / "update.yml").write_text(json.dumps(UPDATE))
    (window.folder / "hosts").write_text(
        "".join(f"{host} ansible_connection=local ansible_python_interpreter={window.ansible.python}\n" for host in HOSTS)
    )
    return window


def windows(rollout: Window, **keyword: Any) -> dict[str, str]:
    """Run the rollout with this keyword of the play. Returns the status of each window that was begun, by its host."""
    (target,) = rollout.targets
    names = [str(task["task_name"]) for task in rollout.fleet.systems["totalcontrol"].tasks()]
    play = {
        "hosts": "all",
        "gather_facts": False,
        "serial": 2,
        **keyword,
        "vars": {
            "scripts": dict(zip(HOSTS, names, strict=True)),
            "maintenance_id": "CHG1-{{ inventory_hostname }}",
            "maintenance_ledger_dir": str(rollout.ledger.parent),
            "maintenance_targets": [{**target, "select": None, "tasks": ["{{ scripts[inventory_hostname] }}"]}],
            "maintenance_work": str(rollout.folder / "update.yml"),
        },
        "roles": ["taskops.quiesce.maintenance_window"],
    }
    (rollout.folder / "rollout.yml").write_text(json.dumps([play]))

    words = [str(rollout.folder / "rollout.yml"), "-i", str(rollout.folder / "hosts")]
    run = rollout.ansible.run("ansible-playbook", *words, variables=rollout.fleet.environment(), patience=120)

    assert run.status != 0 and "no update for h1" in run.printed, run.printed
    ledgers = {host: rollout.ledger.parent / f"CHG1-{host}.json" for host in HOSTS}
    return {host: json.loads(file.read_text())["status"] for host, file in ledgers.items() if file.exists()}


def test_max_fail_percentage_doesn_t_keep_the_next_group_from_beginning(rollout: Window) -> None:
    found = rollout.fleet.states()

    assert windows(rollout, max_fail_percentage=0) == dict.fromkeys(HOSTS, "closed")
    assert rollout.fleet.states() == found


def test_any_errors_fatal_ends_the_play_when_the_windows_of_the_group_are_closed(rollout: Window) -> None:
    found = rollout.fleet.states()

    assert windows(rollout, any_errors_fatal=True) == dict.fromkeys(HOSTS[:2], "closed")
    assert len(actions(rollout.fleet)["totalcontrol"]) == 4 and rollout.fleet.states() == found
