# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's official SDK as a client, in a process of its own: it writes into the home folder, so it gets another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.client import TREE, Control
from tests.unit.emulator.huawei.world import GUESTS, KEY, TASK, TEMPORARY, Key

Client = Callable[..., dict[str, Any]]


@pytest.fixture
def sdk(emulator: Control, tmp_path: Path) -> Client:
    def ask(method: str, path: str, *query: str, key: Key = KEY) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.unit.emulator.huawei.sdk_client", emulator.url, key.ak, key.sk]
        clean = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY") and "HUAWEI" not in name}
        result = subprocess.run(
            [*command, key.security_token or "", method, path, *query],
            cwd=TREE,
            env={**clean, "HOME": str(tmp_path), "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        told: dict[str, Any] = json.loads(result.stdout)
        return told

    return ask


@pytest.mark.parametrize("key", [KEY, TEMPORARY])
def test_it_stops_a_task(emulator: Control, sdk: Client, key: Key) -> None:
    told = sdk("PUT", f"/tasks/{TASK}/action/stop", key=key)
    assert told == {"status": 200, "body": {"id": TASK, "status_code": 200, "status_msg": "success"}}
    assert [(entry["action"], entry["status"]) for entry in emulator.journal()] == [("projects", 200), ("stop", 200)]


def test_it_lists_tasks_by_a_name_in_chinese(emulator: Control, sdk: Client) -> None:
    emulator.add_tasks({"id": "T", "name": "入侵 检测~a+b"})
    told = sdk("GET", "/tasks", "task_name=侵 检测~a+b", "page_size=5")
    assert [task["id"] for task in told["body"]["tasks"]] == ["T"]


def test_it_reads_a_refusal_of_the_service(sdk: Client) -> None:
    told = sdk("GET", "/tasks/nosuch")
    assert (told["status"], told["code"], told["message"]) == (400, "VIAS.00010007", "No task is found based on the task ID.")
    assert len(told["request_id"]) == 32


def test_it_reads_a_refusal_of_rights(sdk: Client) -> None:
    told = sdk("GET", "/tasks", key=GUESTS)
    assert (told["status"], told["code"]) == (401, "VIAS.00010005")


def test_it_reads_a_refusal_of_the_gateway(sdk: Client) -> None:
    told = sdk("GET", "/tasks", key=Key(KEY.ak, "wrong"))
    assert "status_code:401" in told["message"]
    assert "error_code:APIGW.0301" in told["message"]


@pytest.mark.parametrize(("position", "said"), [("none", "Failed to get project id of region"), ("several", "Multiple project ids found")])
def test_it_does_not_find_its_project(emulator: Control, sdk: Client, position: str, said: str) -> None:
    emulator.set_switches(project_lookup=position)
    assert said in sdk("GET", "/tasks")["message"]
