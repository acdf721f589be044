# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of fault, as a client sees it over a real socket, and what became of the action."""

from __future__ import annotations

import http.client
import json
import socket
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.emulator.client import Control, ControlError

WRITE = {"write": True}


class Client:
    """A keep-alive session of ``requests``, as the modules have one."""

    def __init__(self, emulator: Control, token: str) -> None:
        self.emulator = emulator
        self.token = token
        self.base = f"{emulator.url}/TotalControl/v1"
        self.session = requests.Session()
        self.session.trust_env = False

    def list(self, **options: Any) -> requests.Response:
        return self.session.get(f"{self.base}/tasks", params={"token": self.token}, allow_redirects=False, timeout=10, **options)

    def pause(self, name: str = "task004") -> requests.Response:
        form = {"action": "pause", "token": self.token}
        return self.session.post(f"{self.base}/tasks/{name}", data=form, allow_redirects=False, timeout=10)

    @property
    def truth(self) -> int:
        return int({task["task_name"]: task["status"] for task in self.emulator.tasks()}["task004"])

    @property
    def last(self) -> dict[str, Any]:
        return self.emulator.journal()[-1]


@pytest.fixture
def client(emulator: Control, token: str) -> Any:
    client = Client(emulator, token)
    with client.session:
        yield client


def test_status_without_effect(client: Client) -> None:
    client.emulator.order_fault("status", status=503, body={"oops": 1}, headers={"X-Reason": "test"}, match=WRITE)
    answer = client.pause()
    assert (answer.status_code, answer.json(), answer.headers["X-Reason"]) == (503, {"oops": 1}, "test")
    assert client.truth == -1
    assert (client.last["status"], client.last["fault"], client.last["took_effect"]) == (503, "status", False)


def test_status_after_the_action_took_hold(client: Client) -> None:
    client.emulator.order_fault("status", status=504, effect=True, match=WRITE)
    assert client.pause().status_code == 504
    assert client.truth == -4
    assert client.last["took_effect"] is True


def test_a_status_fault_may_set_the_content_type(client: Client) -> None:
    client.emulator.order_fault("status", status=502, body="bad", headers={"Content-Type": "text/html"})
    assert client.list().headers["Content-Type"] == "text/html"


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay(client: Client, when: str) -> None:
    client.emulator.order_fault("delay", seconds=0.3, when=when)
    start = time.monotonic()
    assert client.pause().json()["status"] is True
    assert 0.3 <= time.monotonic() - start < 10


@pytest.mark.parametrize(("when", "meanwhile"), [("before", -1), ("after", -4)])
def test_a_delay_holds_the_action_back_only_if_it_comes_before(client: Client, when: str, meanwhile: int) -> None:
    client.emulator.order_fault("delay", seconds=4, when=when)
    with pytest.raises(requests.Timeout):
        client.session.post(f"{client.base}/tasks/task004", data={"action": "pause", "token": client.token}, timeout=1)
    assert client.truth == meanwhile
    give_up = time.monotonic() + 30
    while client.truth != -4:
        assert time.monotonic() < give_up, "the action of a client that went away must still take hold"
        time.sleep(0.02)


def test_reset_before(client: Client) -> None:
    client.emulator.order_fault("reset_before")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        client.pause()
    assert client.truth == -1
    assert (client.last["status"], client.last["took_effect"]) == (None, False)


def test_reset_after(client: Client) -> None:
    client.emulator.order_fault("reset_after")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        client.pause()
    assert client.truth == -4
    assert (client.last["status"], client.last["took_effect"]) == (None, True)


def test_a_reset_is_a_real_one(client: Client) -> None:
    client.emulator.order_fault("reset_before")
    with socket.create_connection(("127.0.0.1", client.emulator.port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(1)


def test_cut(client: Client) -> None:
    client.emulator.order_fault("cut", part=0.5, match=WRITE)
    whole = len('{"status":true,"value":""}')
    connection = http.client.HTTPConnection("127.0.0.1", client.emulator.port, timeout=10)
    connection.request("POST", f"/TotalControl/v1/tasks/task004?action=pause&token={client.token}")
    answer = connection.getresponse()
    assert answer.getheader("Content-Length") == str(whole)
    with pytest.raises(http.client.IncompleteRead) as error:
        answer.read()
    connection.close()
    assert len(error.value.partial) == whole // 2
    assert client.truth == -4


def test_drip(client: Client) -> None:
    client.emulator.order_fault("drip", seconds=0.02, match=WRITE)
    start = time.monotonic()
    assert client.pause().json()["status"] is True
    assert time.monotonic() - start >= 25 * 0.02


def test_html(client: Client) -> None:
    client.emulator.order_fault("html")
    answer = client.pause()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert client.truth == -1


def test_empty(client: Client) -> None:
    client.emulator.order_fault("empty")
    answer = client.pause()
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.truth == -4


def test_rate_limit_without_retry_after(client: Client) -> None:
    client.emulator.order_fault("rate_limit")
    answer = client.pause()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, None)
    assert client.truth == -1


def test_rate_limit_with_seconds(client: Client) -> None:
    client.emulator.order_fault("rate_limit", retry_after=7)
    assert client.list().headers["Retry-After"] == "7"


def test_rate_limit_with_a_date(client: Client) -> None:
    client.emulator.order_fault("rate_limit", retry_after=30, as_date=True)
    asked = time.time()
    until = parsedate_to_datetime(client.list().headers["Retry-After"]).timestamp()
    # A date has whole seconds.
    assert asked + 29 <= until <= time.time() + 30


def test_expire_token(client: Client) -> None:
    client.emulator.order_fault("expire_token", after=1)
    assert [client.list().json()["status"] for _time in range(3)] == [True, None, None]


def test_redirect(client: Client) -> None:
    client.emulator.order_fault("redirect", location="http://127.0.0.1:9/elsewhere")
    answer = client.list()
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")


def test_endless_is_ended_by_the_server_at_last(client: Client) -> None:
    client.emulator.order_fault("endless", max_megabytes=2)
    received = 0
    with client.list(stream=True) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for part in answer.iter_content(1 << 16):
                received += len(part)
    assert 0 < received <= (2 << 20) + (1 << 16)  # a reset throws away what was still on its way


def test_endless_survives_a_client_that_goes_away(client: Client) -> None:
    client.emulator.order_fault("endless")
    with client.list(stream=True) as answer:
        assert next(answer.iter_content(100))
    assert client.list().json()["status"] is True


def test_huge_is_the_true_answer(client: Client) -> None:
    plain = client.list().json()
    client.emulator.order_fault("huge", megabytes=3)
    answer = client.list()
    assert len(answer.content) == 3 << 20
    assert answer.json() == plain


def test_garbage_as_bytes(client: Client) -> None:
    client.emulator.order_fault("garbage", body_base64="//4A", content_type="application/json")
    answer = client.list()
    assert (answer.content, answer.headers["Content-Type"]) == (b"\xff\xfe\x00", "application/json")


def test_garbage_that_is_not_what_its_encoding_says(client: Client) -> None:
    client.emulator.order_fault("garbage", body="this is no gzip", encoding="gzip")
    with pytest.raises(requests.exceptions.ContentDecodingError):
        client.list()


# --- which requests a fault is for ----------------------------------------------------------------------------------


def seen(client: Client, *acts: str) -> list[int]:
    return [(client.list() if act == "list" else client.pause(act)).status_code for act in acts]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, [500, 500, 500]),
        ({"write": True}, [200, 500, 500]),
        ({"write": False}, [500, 200, 200]),
        ({"method": "post"}, [200, 500, 500]),
        ({"path": "/tasks$"}, [500, 200, 200]),
        ({"action": "pause|stop"}, [200, 500, 500]),
        ({"action": "paus"}, [200, 200, 200]),
        ({"id": "task004"}, [200, 500, 200]),
        ({"id": "task004", "method": "GET"}, [200, 200, 200]),
    ],
)
def test_match(client: Client, match: dict[str, Any], hit: list[int]) -> None:
    client.emulator.order_fault("status", match=match, times=None)
    assert seen(client, "list", "task004", "testScript") == hit


def test_after_and_times(client: Client) -> None:
    client.emulator.order_fault("status", after=1, times=2)
    assert seen(client, *["list"] * 5) == [200, 500, 500, 200, 200]


def test_faults_apply_in_the_order_they_were_ordered(client: Client) -> None:
    client.emulator.order_fault("status", status=500)
    client.emulator.order_fault("status", status=502)
    assert seen(client, *["list"] * 3) == [500, 502, 200]


def test_the_list_of_faults_tells_how_often_each_applied(client: Client) -> None:
    client.emulator.order_fault("status", times=None, after=1)
    seen(client, *["list"] * 3)
    assert [(fault["kind"], fault["seen"], fault["applied"]) for fault in client.emulator.faults()] == [("status", 3, 2)]


def test_cleared_faults_are_gone(client: Client) -> None:
    client.emulator.order_fault("status", times=None)
    client.emulator.clear_faults()
    assert client.emulator.faults() == []
    assert seen(client, "list") == [200]


def test_the_control_address_is_never_faulty(client: Client) -> None:
    client.emulator.order_fault("reset_before", times=None)
    client.emulator.set_switches(latency=30)
    start = time.monotonic()
    assert client.emulator.journal() == client.emulator.journal()
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"kind": "nonsense"}, "reset_before"),
        ({"kind": "status", "status": 99}, "status can't be 99"),
        ({"kind": "status", "colour": "red"}, "no 'colour'; known: match, after, times, effect, status, body, headers"),
        ({"kind": "status", "match": {"verb": "GET"}}, "a fault matches by method, path, write, action, id"),
        ({"kind": "status", "match": {"path": "("}}, "no regular expression"),
        ({"kind": "status", "match": {"write": "yes"}}, "match.write"),
        ({"kind": "status", "times": -1}, "times is a count or null"),
        ({"kind": "reset_before", "effect": True}, "effect can't be chosen"),
        ({"kind": "delay", "seconds": 10**6}, "seconds can't be"),
        ({"kind": "garbage", "body_base64": "!"}, "body_base64 can't be"),
    ],
)
def test_a_bad_order_is_refused_and_told_why(emulator: Control, order: dict[str, Any], told: str) -> None:
    with pytest.raises(ControlError) as error:
        emulator.order_fault(**order)
    assert error.value.status == 400
    assert told in str(error.value)
    assert emulator.faults() == []


def test_about_names_every_kind_with_its_options(emulator: Control) -> None:
    faults = emulator.about()["faults"]
    assert "drip" in faults
    assert all(fault["doc"] for fault in faults.values())
    assert json.dumps(faults)
