# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one sentence with the error, its place and the remedy, a code, no traceback, and nothing changed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ..cases import Outcome, case, check_failure, fault
from ..processes import Ansible
from ..totalcontrol import PAUSED, RUNNING, script, scripts

ONE = scripts(a=RUNNING)
PAUSE: dict[str, Any] = {"names": ["a"], "state": "paused"}
CLOSED = "http://127.0.0.1:1"
TOKEN = "iSvz5On0bWL48LUU"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# Options


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("missing required arguments: names", marks=case(tasks=ONE, state="paused"), id="names missing"),
        pytest.param("missing required arguments: state", marks=case(tasks=ONE, names=["a"]), id="state missing"),
        pytest.param("url is missing", marks=case(tasks=ONE, connect=False, token=TOKEN, **PAUSE), id="url missing"),
        pytest.param("password nor token", marks=case(tasks=ONE, connect=False, url="{url}", **PAUSE), id="credentials missing"),
        pytest.param("missing required arguments: names", marks=case(tasks=ONE, names="", state="paused"), id="names an empty text"),
        pytest.param("names holds an empty entry", marks=case(tasks=ONE, names=["a", ""], state="paused"), id="an empty name"),
        pytest.param("missing required arguments: state", marks=case(tasks=ONE, names=["a"], state=""), id="state empty"),
        pytest.param("url is missing", marks=case(tasks=ONE, url="", **PAUSE), id="url empty"),
        pytest.param("password is missing", marks=case(tasks=ONE, password="", **PAUSE), id="password empty"),
        pytest.param("names names a twice", marks=case(tasks=ONE, names=["a", "b", "a"], state="paused"), id="a name twice"),
        pytest.param("can't stand in an address", marks=case(tasks=ONE, names=["a/b"], state="paused"), id="a name with a slash"),
        pytest.param("must be one of", marks=case(tasks=ONE, names=["a"], state="asleep"), id="an unknown state"),
        pytest.param("has no option task_id (did you mean names?)", marks=case(tasks=ONE, task_id=1, **PAUSE), id="an unsupported option"),
        pytest.param("password is missing", marks=case(tasks=ONE, connect=False, url="{url}", username="sigma", **PAUSE),
                     id="half of the credentials"),
        pytest.param("mutually exclusive", marks=case(tasks=ONE, token=TOKEN, **PAUSE), id="two ways to authenticate"),
        pytest.param("isn't an address", marks=case(tasks=ONE, url="127.0.0.1:8090", **PAUSE), id="a url without http"),
        pytest.param("give these by their own options", marks=case(tasks=ONE, url="http://sigma:3D391497@127.0.0.1:{port}", **PAUSE),
                     id="credentials in the url"),
        pytest.param("drain needs wait: true", marks=case(tasks=ONE, wait=False, drain=1, **PAUSE), id="drain without wait"),
        pytest.param("concurrency is 0; it must be at least 1", marks=case(tasks=ONE, concurrency=0, **PAUSE), id="no concurrency"),
        pytest.param("client_cert is missing", marks=case(tasks=ONE, client_key="/tmp/k", **PAUSE), id="a key alone"),
        pytest.param("ca_path is /nowhere/ca.pem, which doesn't exist", marks=case(tasks=ONE, ca_path="/nowhere/ca.pem", **PAUSE),
                     id="a ca_path that isn't there"),
        pytest.param("state_map takes -7 for asleep", marks=case(tasks=ONE, state_map={"-7": "asleep"}, **PAUSE), id="a wild state_map"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_told_before_any_request(outcome: Outcome, told: str) -> None:
    assert told in outcome.failure("usage")
    assert outcome.requests == []


# Tasks


@case(tasks=ONE, names=["a", "nightly-tset"], state="paused")
def test_an_unknown_task_name_leaves_all_tasks_untouched(outcome: Outcome) -> None:
    assert "Total Control knows no task nightly-tset; check how it is written there" in outcome.failure("not_found")
    assert outcome.requests == ["login", "list"]


@case(tasks=[], names=["a"], state="stopped")
def test_an_unknown_task_isn_t_taken_for_a_stopped_one(outcome: Outcome) -> None:
    assert "knows no task a" in outcome.failure("not_found")


@case(tasks=ONE, names=["A"], state="paused")
def test_a_name_in_other_letters_is_another_name(outcome: Outcome) -> None:
    assert "knows no task A" in outcome.failure("not_found")
    assert outcome.writes == []


@case(tasks=[script("a", RUNNING, task_id=1), script("a", PAUSED, task_id=2), script("b", RUNNING)], names=["b", "a"], state="paused")
def test_a_name_that_the_system_lists_twice_leaves_all_tasks_untouched(outcome: Outcome) -> None:
    assert "2 tasks are named a (RUNNING (-1), PAUSED (-4))" in outcome.failure("unreachable_state")
    assert outcome.writes == []


@case(tasks=scripts(a=7, b=RUNNING), names=["a", "b"], state="paused")
def test_a_state_that_no_document_lists_leaves_all_tasks_untouched(outcome: Outcome) -> None:
    assert "state 7, which the documents of Total Control don't list" in outcome.failure("unknown_state")
    assert outcome.writes == []


# Credentials


@case(tasks=ONE, password="wrong", **PAUSE)
def test_a_wrong_password_is_tried_once(outcome: Outcome) -> None:
    assert "refused the login of user sigma" in outcome.failure("authentication")
    assert outcome.requests == ["login"]


@case(tasks=ONE, connect=False, url="{url}", token=TOKEN, **PAUSE)
def test_a_wrong_token_is_tried_once(outcome: Outcome) -> None:
    assert "check token" in outcome.failure("authentication")
    assert outcome.requests == ["list"]


# The address


@case(tasks=ONE, url=CLOSED, retries=1, **PAUSE)
def test_a_closed_port_is_told_with_its_address(outcome: Outcome) -> None:
    message = outcome.failure("connection")

    assert "127.0.0.1:1 can't be reached" in message and "check url and whether it runs" in message


@case(tasks=ONE, url="http://totalcontrol.invalid:8090", retries=0, **PAUSE)
def test_a_host_without_an_address_is_told_with_its_name(outcome: Outcome) -> None:
    assert "totalcontrol.invalid:8090, can't be resolved" in outcome.failure("connection")


def test_a_port_that_never_answers_is_told_with_the_time_waited(ansible: Ansible, silent_port: int) -> None:
    options = {"url": f"http://127.0.0.1:{silent_port}", "token": TOKEN, "timeout": 0.3, "retries": 0, **PAUSE}

    run = ansible.tasks({"name": "pause", "taskops.quiesce.totalcontrol_task": options})

    (result,) = run.results
    check_failure(result, "timeout")
    assert f"127.0.0.1:{silent_port} gave no answer within 0.3 s" in result["msg"]
    assert run.status != 0


@case(tasks=ONE, tls=True, url="http://127.0.0.1:{port}", retries=0, **PAUSE)
def test_http_spoken_to_a_tls_port_is_told(outcome: Outcome) -> None:
    assert f"127.0.0.1:{outcome.control.port}" in outcome.failure("connection")
    assert outcome.requests == []


@case(tasks=ONE, url="https://127.0.0.1:{port}", retries=0, **PAUSE)
def test_tls_spoken_to_an_http_port_is_told(outcome: Outcome) -> None:
    assert f"127.0.0.1:{outcome.control.port}" in outcome.failure("connection")
    assert outcome.requests == []


@case(tasks=ONE, switches={"path_prefix": "/tc"}, **PAUSE)
def test_a_missing_proxy_prefix_is_told_with_the_answer(outcome: Outcome) -> None:
    message = outcome.failure("not_found")

    assert "/TotalControl/v1/login" in message and "HTTP 404" in message and "check" in message and "url" in message
    assert outcome.writes == []


# Answers


@case(tasks=ONE, faults=[fault("html", "login")], **PAUSE)
def test_a_web_page_in_place_of_a_login_is_told_by_its_title(outcome: Outcome) -> None:
    message = outcome.failure("protocol")

    assert "/TotalControl/v1/login got a web page in place of an answer" in message and "emulator: a proxy's own page" in message
    assert outcome.requests == ["login"]


@case(tasks=ONE, faults=[fault("html", "list")], **PAUSE)
def test_a_web_page_in_place_of_a_list_is_told_by_its_title(outcome: Outcome) -> None:
    message = outcome.failure("protocol")

    assert "got a web page in place of an answer" in message and "HTTP 200: emulator: a proxy's own page)" in message
    assert "check that url" in message
    assert outcome.requests == ["login", "list"]


@case(tasks=ONE, faults=[fault("empty", "list")], **PAUSE)
def test_a_list_without_a_body_is_told(outcome: Outcome) -> None:
    assert "an answer without a body" in outcome.failure("protocol")


@case(tasks=ONE, faults=[fault("garbage", "list", body_base64="gIGCg4SF")], **PAUSE)
def test_a_list_of_bytes_that_are_no_text_is_told(outcome: Outcome) -> None:
    outcome.failure("protocol")
    assert outcome.writes == []


@case(tasks=ONE, faults=[fault("redirect", "list", location="http://elsewhere.example.com/login")], **PAUSE)
def test_a_redirect_is_told_and_not_followed(outcome: Outcome) -> None:
    assert "redirected to http://elsewhere.example.com, which isn't followed" in outcome.failure("protocol")
    assert outcome.requests == ["login", "list"]


@case(tasks=ONE, faults=[fault("redirect", "login", location="{}", status=308)], **PAUSE)
def test_the_login_isn_t_sent_to_another_place(outcome: Outcome) -> None:
    assert "give the final address in url" in outcome.failure("protocol")
    assert outcome.requests == ["login"]
