# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies, and other settings in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.client import Control

from ..cases import Outcome, case
from ..processes import Ansible
from ..totalcontrol import RUNNING, scripts

pytestmark = pytest.mark.wire

ONE = scripts(a=RUNNING)
PAUSE: dict[str, Any] = {"names": ["a"], "state": "paused"}
BEHIND = "http://totalcontrol.invalid:8090"
CLOSED = "http://127.0.0.1:1"


@case(tasks=ONE, url=BEHIND, proxy="{url}", **PAUSE)
def test_the_proxy_is_asked_for_the_address(outcome: Outcome) -> None:
    assert outcome.row["reached"]
    assert outcome.journal[1]["target"].startswith(f"{BEHIND}/TotalControl/v1/tasks?")


@case(tasks=ONE, url=BEHIND, variables={"http_proxy": "{url}"}, **PAUSE)
def test_a_proxy_of_the_environment_is_honoured(outcome: Outcome) -> None:
    assert outcome.effects == ["pause a"]


@case(tasks=ONE, variables={"http_proxy": CLOSED, "no_proxy": "127.0.0.1"}, **PAUSE)
def test_no_proxy_of_the_environment_is_honoured(outcome: Outcome) -> None:
    assert outcome.effects == ["pause a"]


@case(tasks=ONE, variables={"http_proxy": CLOSED, "no_proxy": "*"}, url=BEHIND, proxy="{url}", **PAUSE)
def test_the_option_beats_the_environment(outcome: Outcome) -> None:
    assert outcome.effects == ["pause a"]


@case(tasks=ONE, proxy=CLOSED, retries=0, **PAUSE)
def test_a_proxy_that_doesn_t_run_is_told_as_such(outcome: Outcome) -> None:
    assert "the proxy on the way to Total Control" in outcome.failure("connection")
    assert outcome.requests == []


@case(tasks=ONE, switches={"path_prefix": "/tc"}, url="{url}/tc/", **PAUSE)
def test_a_reverse_proxy_s_prefix_is_part_of_the_url(outcome: Outcome) -> None:
    assert outcome.effects == ["pause a"]


def test_a_netrc_file_supplies_no_credentials(tmp_path: Path, collections_path: str, totalcontrol: Control) -> None:
    totalcontrol.put_tasks(ONE)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login intruder password netrc\n", encoding="utf-8")
    options = {"url": totalcontrol.url, "username": "sigma", "password": "3D391497", **PAUSE}

    run = Ansible(tmp_path, collections_path).tasks({"name": "pause", "taskops.quiesce.totalcontrol_task": options})

    assert not run.results[0].failed
    sent = [dict(map(tuple, entry["headers"])).get("Authorization") for entry in totalcontrol.journal()]
    assert sent == ["c2lnbWE6M0QzOTE0OTc=", None, None, None]
