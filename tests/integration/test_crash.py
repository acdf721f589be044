# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short version of the crash test. `make crash-test` is the long one."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.crash.__main__ import survive
from tests.crash.life import WAYS, strike
from tests.integration.processes import Ansible
from tests.waiting import until

KILLS = 8


def test_a_window_whose_jobs_are_killed_leaves_every_task_as_it_was_found(ansible: Ansible, tmp_path: Path) -> None:
    lives, failed = survive(ansible, tmp_path, secrets.randbelow(1_000_000), KILLS, None, side_by_side=3)
    assert not failed, "\n".join(map(str, failed))
    assert sum(life.kills for life in lives) >= KILLS


@pytest.mark.parametrize("way", WAYS)
def test_a_job_that_ends_just_before_it_would_be_killed_was_not_killed(ansible: Ansible, tmp_path: Path, way: str) -> None:
    with (tmp_path / "output").open("w", encoding="utf-8") as output:
        job = ansible.launch(["--version"], tmp_path, output)
    until(lambda: not Path("/proc", str(job.pid)).exists())

    assert not strike(job, way) and job.returncode == 0
