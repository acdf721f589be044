# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of the way to a system: credentials in plain http, certificates that nobody checks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _module
from ansible_collections.taskops.quiesce.plugins.module_utils._risks import is_loopback, risk
from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task_info, huawei_task_info, totalcontrol_task

from tests.unit.huawei import KEY, PROJECT, without_environment
from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.results import warnings
from tests.unit.run_module import run_main
from tests.unit.support import FakeClock

PLAIN = (
    "credentials go over plain http to Total Control at tc.example.com, where anybody on the network path can read them; "
    "use https or a tunnel."
)
UNCHECKED = (
    "the TLS certificate of Total Control at tc.example.com isn't checked (validate_certs: false), so that another machine can "
    "impersonate it; give its CA in ca_path instead."
)
LOGIN = Call("GET", "/TotalControl/v1/login", {"status": True, "value": {"token": "T1"}})
STATES = {"status": True, "value": [{"task_id": 1, "task_name": "a", "status": -1}]}
DONE = {"status": True, "value": [{"task_id": 1, "task_name": "a", "status": -4}]}
RUN: tuple[Call, ...] = (
    LOGIN,
    Call("GET", "/TotalControl/v1/tasks?token=T1", STATES),
    Call("POST", "/TotalControl/v1/tasks/a", {"status": True}, form={"action": "pause", "token": "T1"}),
    Call("GET", "/TotalControl/v1/tasks?token=T1", DONE),
)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)
    monkeypatch.setattr(_module, "SystemClock", FakeClock)


def pause(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *calls: Call, **options: Any) -> list[str]:
    with exchanges(monkeypatch, *calls):
        access = {"username": "sigma", "password": "3D391497", "names": ["a"], "state": "paused"}
        result = run_main(totalcontrol_task.main, capsys, "totalcontrol_task", check=False, diff=False, **{**access, **options})
    return warnings(result)


def test_credentials_in_plain_http_are_told_once_a_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert pause(capsys, monkeypatch, *RUN, url="http://tc.example.com:8090") == [PLAIN]


@pytest.mark.parametrize("url", ["https://tc.example.com", "http://localhost:8090", "http://127.0.0.1:8090", "http://[::1]:8090"])
def test_what_nobody_can_read_needs_no_word(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert pause(capsys, monkeypatch, *RUN, url=url) == []


def test_a_certificate_that_isn_t_checked_is_told_once_a_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert pause(capsys, monkeypatch, *RUN, url="https://tc.example.com", validate_certs=False) == [UNCHECKED]


def test_it_is_told_too_where_the_run_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Call("GET", "/TotalControl/v1/login", {"status": None, "value": "no"})

    assert pause(capsys, monkeypatch, refused, url="http://tc.example.com:8090") == [PLAIN]


def test_a_caller_without_credentials_gives_none_away(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = '{"user_id": 4, "methods": [{"method": "TaskInfo", "id": 1, "params": {"project_id": 23, "task_ids": [7]}}]}'
    answer = {"reply": [{"method": "TaskInfo", "id": 1, "result": [{"task_id": 7, "status": "Started"}]}]}
    access = {"url": "http://boro.example.com", "dialect": "live", "user_id": 4, "project_id": 23, "task_id": 7}

    for key in ({}, {"api_key": "c2VjcmV0"}):
        with exchanges(monkeypatch, Call("POST", "/ctrl_api/v1/json", answer, body=sent)):
            result = run_main(ctrlapi_task_info.main, capsys, "ctrlapi_task_info", check=False, diff=False, **access, **key)
        assert warnings(result) == []


def test_a_signature_gives_no_key_away_and_a_token_itself(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call("GET", f"/v2/{PROJECT}/tasks?page=1&page_size=1000", {"count": 0, "tasks": []})
    found = []
    for access in (KEY, {"token": "MIIPAg"}):
        with exchanges(monkeypatch, call):
            given = {**access, "url": "http://vias.example.com", "project_id": PROJECT}
            found.append(warnings(run_main(huawei_task_info.main, capsys, "huawei_task_info", check=False, diff=False, **given)))

    assert found[0] == []
    assert [warning.partition(",")[0] for warning in found[1]] == ["credentials go over plain http to VIAS at vias.example.com"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "tc.localhost", "127.0.0.1", "127.9.9.9", "::1", "::1%lo"])
def test_which_hosts_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.2", "localhost.example.com", "128.0.0.1", "0.0.0.0"])
def test_any_other_machine_is_another_machine(host: str) -> None:
    assert not is_loopback(host)
    assert risk(f"http://{host}/v1", "S", is_bare=True, validate_certs=True)
