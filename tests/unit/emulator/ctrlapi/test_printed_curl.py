# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests printed on the vendor's pages, sent by curl as the pages do: the answers are the printed ones."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.emulator.client import Control
from tests.unit.emulator.ctrlapi.api import PATH

# Page of the user (sections 2.3 and 3.9), and sections 3.4, 3.5, 3.6, with the answers of section 8.
VOD = [
    (
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":63}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":63,"status":"Stop request was sent"}]}]}',
    ),
    (
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":[64,65]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":64,"status":"Stop request was sent"},'
        '{"task_id":65,"status":"Stop request was sent"}]}]}',
    ),
    (
        '{"user_id":1,"methods":[{"method":"TaskStop","params":{"project_id":2,"task_ids":[66,67,68]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":66,"status":"Stop request was sent"},'
        '{"task_id":67,"status":"Stop request was sent"},{"task_id":68,"error":"Stopping task is unavailable"}]}]}',
    ),
    (
        '{"user_id":1,"methods":[{"method":"AppList","params":{"project_id":2}}]}',
        '{"reply":[{"method":"AppList","result":[{"app_id":1,"name":"Probe Ubuntu 20","alive":true},'
        '{"app_id":2,"name":"Probe Ubuntu 22","alive":true}]}]}',
    ),
]
LIVE = [
    (
        '{"user_id":4,"methods":[{"method":"TaskStop", "params":{"project_id":23,"task_ids":[241458,241456]}}]}',
        '{"reply":[{"method":"TaskStop","result":[{"task_id":241458,"status":"Stop request was sent"},'
        '{"task_id":241456,"status":"Stop request was sent"}]}]}',
    ),
    (
        '{"user_id":4,"methods":[{"method":"TaskResume", "params":{"project_id":23,"task_ids":241555}}]}',
        '{"reply":[{"method":"TaskResume","result":[{"task_id":241555,"status":"Scheduled"}]}]}',
    ),
    (
        '{"user_id":4,"methods":[{"method":"AppTasks","params":{"project_id":23,"app_ids":702}}]}',
        '{"reply":[{"method":"AppTasks","result":[{"app_id":702,"live_tasks":[199498,212651],"sub_tasks":{"212651":[227531,227532,227533]}}]}]}',
    ),
    (
        '{"user_id":4,"methods":[{"method":"AppList","params":{"project_id":23}}]}',
        '{"reply":[{"method":"AppList","result":[{"app_id":537,"name":"CenOS pro probe","alive":true},'
        '{"app_id":462,"name":"Experimental probe","alive":true},{"app_id":461,"name":"IPTV edge","alive":false}]}]}',
    ),
]


def curl(emulator: Control, body: str) -> object:
    program = shutil.which("curl")
    # Not skipped: the vendor's own lines are a judge that must not stay away unnoticed.
    assert program, "the vendor's printed requests are sent by curl, which isn't there; install it (apt-get install curl)"
    command = [program, "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "-X", "POST"]
    command += ["-H", "Content-Type: application/json", "-d", body, emulator.url + PATH]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return json.loads(result.stdout)


@pytest.mark.parametrize(("asked", "printed"), VOD)
def test_a_printed_vod_request_gets_the_printed_answer(vod_boro: Control, asked: str, printed: str) -> None:
    assert curl(vod_boro, asked) == json.loads(printed)


@pytest.mark.parametrize(("asked", "printed"), LIVE)
def test_a_printed_live_request_gets_the_printed_answer(live_boro: Control, asked: str, printed: str) -> None:
    assert curl(live_boro, asked) == json.loads(printed)
