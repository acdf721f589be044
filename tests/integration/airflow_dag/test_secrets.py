# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output and no result contains a password or a token, including tokens from a login, even with the highest verbosity."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from ..cases import fault
from ..processes import Ansible
from ..talkative import Scene, Shown, play

PASSWORD, BEARER = "Gr8&p+ss/w ö%r'd", "eyJ0ZXN0.t0ken/with+signs=="
BASIC = base64.b64encode(f"operator:{PASSWORD}".encode()).decode()
USER = {"username": "operator", "password": PASSWORD}
OLD = "2.11.2"


def scene(
    code: str | None,
    options: Mapping[str, Any] | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
    call: Mapping[str, Any] | None = None,
    module: str = "airflow_dag",
    **switches: Any,
) -> Scene:
    given = USER if options is None else options
    return Scene(
        code,
        module,
        {"url": "{url}", "retries": 0, "dag_id": "orders", **given, **({"state": "paused"} if call is None else call)},
        switches={"users": {"operator": {"password": PASSWORD, "role": "admin"}}, "tokens": {BEARER: "admin"}, **switches},
        tasks=[{"dag_id": "orders"}],
        faults=list(faults),
        ready=lambda control: {},
    )


ECHO_OF_USER = [fault("status", "token", status=500, body=json.dumps({"detail": f"{USER}"}))]
ECHO_OF_BASIC = [fault("status", "show", status=500, body=json.dumps({"detail": f"Authorization: Basic {BASIC}"}))]
ECHO_OF_BEARER = [fault("status", "pause", status=400, body=json.dumps({"detail": f"Authorization: Bearer {BEARER}"}))]
SCENES = {
    "a user": scene(None),
    "a user, and a login that repeats the password": scene("refused", faults=ECHO_OF_USER),
    "a wrong password": scene("authentication", {"username": "operator", "password": f"{PASSWORD}!"}),
    "a user of Airflow 2": scene(None, version=OLD),
    "a user of Airflow 2, and an answer that repeats the header": scene("refused", faults=ECHO_OF_BASIC, version=OLD),
    "a token": scene(None, {"token": BEARER}),
    "a token, and an answer that repeats it": scene("refused", {"token": BEARER}, ECHO_OF_BEARER),
    "the information module": scene(None, call={}, module="airflow_dag_info"),
}


@pytest.fixture(scope="module")
def played(ansible: Ansible) -> dict[str, Shown]:
    return play(ansible, SCENES)


@pytest.mark.parametrize("title", SCENES)
def test_no_secret_is_shown_or_returned(played: dict[str, Shown], title: str) -> None:
    shown = played[title]
    headers = [dict(entry["headers"]).get("Authorization", "").partition(" ")[2] for entry in shown.journal]
    sent = {word for word in headers if word}

    assert sent or "password" in title, "nothing was sent that could leak"
    for secret in {PASSWORD, json.dumps(PASSWORD)[1:-1], BEARER, BASIC, *sent}:
        assert not any(secret in text for text in shown.texts)
