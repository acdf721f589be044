# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no registered result contains the API key or a signature, even with the highest verbosity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from ..cases import fault
from ..ctrlapi import LIVE, LIVE_KEY, stream
from ..processes import Ansible
from ..talkative import Scene, Shown, play

WRONG = "V3J0bmdTM2NyZXRLZXkrd2l0aC9zaWducz0tLS0tLS0="
STREAM = "rtsp://camera:pa55-of-the-camera@10.0.0.1/1"


def scene(
    code: str | None,
    key: str = LIVE_KEY,
    faults: Iterable[Mapping[str, Any]] = (),
    call: Mapping[str, Any] | None = None,
    module: str = "ctrlapi_task",
) -> Scene:
    options = {"url": "{url}", "retries": 0, **LIVE, "api_key": key, "task_id": 1, **({"state": "stopped"} if call is None else call)}
    return Scene(code, module, options, switches={"verify_hmac": True}, tasks=[stream(1, uri=STREAM)], faults=list(faults))


SCENES = {
    "a stop": scene(None),
    "a wrong key": scene("authentication", WRONG),
    "a key that is no Base64": scene("usage", f"{WRONG}!"),
    "an answer that echoes the key": scene("refused", faults=[fault("status", "TaskInfo", status=400, body={"error": f"key {LIVE_KEY}"})]),
    "an answer that is cut": scene("protocol", faults=[fault("garbage", "TaskInfo", body=f'{{"reply": [{{"uri": "{STREAM}"}}]}}')]),
    "the information module": scene(None, call={}, module="ctrlapi_task_info"),
}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    return play(ansible, SCENES)


@pytest.mark.parametrize("title", SCENES)
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    shown = played[title]
    signatures = [dict(entry["headers"])["Authorization"].partition(":")[2] for entry in shown.journal]

    for secret in (LIVE_KEY, LIVE_KEY.rstrip("="), WRONG, WRONG.rstrip("="), "pa55-of-the-camera", "APIAuth-HMAC-SHA256", *signatures):
        assert not any(secret in text for text in shown.texts)


def test_what_is_searched_for_was_there_to_be_leaked(played: dict[str, Shown]) -> None:
    assert len({dict(entry["headers"])["Authorization"] for entry in played["a stop"].journal}) >= 2
