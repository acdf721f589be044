# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module by itself: a survey reads and sends nothing, and shows no secret."""

from __future__ import annotations

from typing import Any

from tests.emulator.client import Control
from tests.integration.processes import Ansible


def _target(system: Control, **options: Any) -> dict[str, Any]:
    return {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": system.url, **options}}


def test_a_survey_tells_what_would_be_done_and_sends_nothing(
    ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]
) -> None:
    totalcontrol.put_tasks([{"task_name": "runs", "status": -1}, {"task_name": "has-ended", "status": -2}])

    run = ansible.tasks({"taskops.quiesce.maintenance_stage": {"targets": [_target(totalcontrol)]}}, variables=totalcontrol_access)

    (target,) = run.results[0]["targets"]
    assert [(row["id"], row["actions"], row["arrives"]) for row in target["found"]] == [("runs", ["pause"], "paused")]
    assert target["left_out"] == 1 and not run.results[0]["changed"]
    assert totalcontrol.writes() == []


def test_a_secret_among_the_options_is_shown_nowhere(ansible: Ansible, totalcontrol: Control) -> None:
    targets = [_target(totalcontrol, username="sigma", password="3D391497")]

    run = ansible.tasks({"taskops.quiesce.maintenance_stage": {"targets": targets}}, args=["-vvvv"])

    assert run.status == 0, run.printed
    assert "3D391497" not in run.printed
    assert "password" not in run.results[0]["targets"][0]["options"]


def test_a_secret_is_not_shown_where_another_option_is_wrong(ansible: Ansible, totalcontrol: Control) -> None:
    targets = [_target(totalcontrol, username="sigma", password="3D391497", timeout="long")]

    run = ansible.tasks({"taskops.quiesce.maintenance_stage": {"targets": targets}}, args=["-vvvv"])

    assert run.results[0].failed and "timeout" in run.results[0]["msg"]
    assert "3D391497" not in run.printed


def test_bringing_in_check_mode_does_nothing(ansible: Ansible, totalcontrol: Control, totalcontrol_access: dict[str, str]) -> None:
    totalcontrol.put_tasks([{"task_name": "runs", "status": -1}])
    target = {**_target(totalcontrol), "tasks": ["runs"], "ids": ["runs"]}
    del target["select"]
    bring = {"taskops.quiesce.maintenance_stage": {"mode": "bring", "targets": [target]}}

    run = ansible.tasks(bring, args=["--check"], variables=totalcontrol_access)

    assert (run.status, totalcontrol.journal()) == (0, [])
