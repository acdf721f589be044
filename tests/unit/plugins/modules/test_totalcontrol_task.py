# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""totalcontrol_task: the exact exchanges, and what becomes of each answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _module, _run
from ansible_collections.taskops.quiesce.plugins.modules import totalcontrol_task, totalcontrol_task_info

from tests.unit.ordered_calls import Call, exchanges
from tests.unit.plugins.modules.results import is_one_sentence, one
from tests.unit.run_module import Run, run_main
from tests.unit.support import FakeClock

ACCESS = {"url": "https://tc.example.com:8090", "username": "sigma", "password": "3D391497"}
LOGIN = Call(
    "GET",
    "/TotalControl/v1/login",
    {"status": True, "value": {"token": "veLZf8EL7gUoyFOL"}},
    headers={"Authorization": "c2lnbWE6M0QzOTE0OTc="},
)
DONE = {"status": True, "value": ""}


def task(name: str, status: Any, **fields: Any) -> dict[str, Any]:
    return {"task_id": 1550772621934, "task_name": name, "status": status, "error_message": "", **fields}


def tasks(*listed: dict[str, Any], token: str = "veLZf8EL7gUoyFOL") -> Call:
    return Call("GET", f"/TotalControl/v1/tasks?token={token}", {"status": True, "value": list(listed)}, headers={"Authorization": None})


def act(name: str, action: str, answer: Any = None, token: str = "veLZf8EL7gUoyFOL") -> Call:
    return Call("POST", f"/TotalControl/v1/tasks/{name}", DONE if answer is None else answer, form={"action": action, "token": token})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(_module, "SystemClock", lambda: clock)
    return clock


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Run:
    for variable in ("URL", "USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"TOTALCONTROL_{variable}", raising=False)

    def call(check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        access: Mapping[str, Any] = {} if "url" in options else ACCESS
        return run_main(totalcontrol_task.main, capsys, "totalcontrol_task", check=check, diff=diff, **{**access, **options})

    return call


# The exchanges


def test_a_task_already_paused_costs_the_login_and_one_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -4))):
        result = run(names=["a"], state="paused")

    assert result["changed"] is False
    assert one(result)["reached"] is True


def test_n_running_tasks_cost_the_login_one_read_n_posts_and_the_polls(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = tasks(task("a", -1), task("b", -1), task("other", -1)), tasks(task("a", -4), task("b", -4), task("other", -1))

    with exchanges(monkeypatch, LOGIN, before, act("a", "pause"), act("b", "pause"), after):
        result = run(names=["a", "b"], state="paused", concurrency=1)

    assert result["changed"] is True
    assert result["summary"] == {"wanted": "paused", "total": 2, "reached": 2, "changed": 2, "failed": 0, "skipped": 0}


def test_check_mode_writes_nothing_and_predicts_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found, after = tasks(task("a", -1), task("b", -4)), tasks(task("a", -4), task("b", -4))

    with exchanges(monkeypatch, LOGIN, found):
        predicted = run(names=["a", "b"], state="paused", check=True)
    with exchanges(monkeypatch, LOGIN, found, act("a", "pause"), after):
        real = run(names=["a", "b"], state="paused")

    for key in ("changed", "tasks", "summary"):
        assert predicted[key] == real[key]


@pytest.mark.parametrize(
    ("found", "state", "action", "then"),
    [
        (-1, "paused", "pause", -4),
        (-4, "started", "resume", -1),
        (-1, "stopped", "stop", -5),
        (-4, "stopped", "stop", -5),
        (-6, "stopped", "stop", -5),
    ],
)
def test_each_way_is_one_form_with_its_word(
    run: Run, monkeypatch: pytest.MonkeyPatch, found: int, state: str, action: str, then: int
) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", found)), act("a", action), tasks(task("a", then))):
        row = one(run(names=["a"], state=state))

    assert (row["action"], row["vendor_before"], row["vendor_after"], row["reached"], row["changed"]) == (action, found, then, True, True)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("task004(1)", "task004%281%29"),
        ("a b", "a%20b"),
        ("ü%2F", "%C3%BC%252F"),
        ("q?token=x&action=stop#", "q%3Ftoken%3Dx%26action%3Dstop%23"),
    ],
)
def test_a_name_stays_in_its_place(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, path: str) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task(name, -1)), act(path, "pause"), tasks(task(name, -4))):
        assert one(run(names=[name], state="paused"))["id"] == name


def test_a_token_saves_the_login(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, tasks(task("a", -4), token="T")):
        assert not run(url="https://tc.example.com:8090", token="T", names=["a"], state="paused")["changed"]


def test_an_address_that_ends_in_the_vendor_s_path_is_taken_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, tasks(task("a", -4), token="T")):
        run(url="https://tc.example.com:8090/TotalControl/v1/", token="T", names=["a"], state="paused")


def test_everything_may_come_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {
        "URL": ACCESS["url"],
        "USERNAME": "sigma",
        "PASSWORD": "3D391497",
        "TOKEN": "",
        "CA_PATH": "",
        "RETRIES": "0",
    }.items():
        monkeypatch.setenv(f"TOTALCONTROL_{name}", value)

    with exchanges(monkeypatch, LOGIN, tasks(task("a", -4))):
        run_main(totalcontrol_task.main, capsys, "totalcontrol_task", check=False, diff=False, name="a", state="paused", username="")


def test_what_is_given_outright_beats_another_way_in_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTALCONTROL_TOKEN", "from the environment")

    with exchanges(monkeypatch, LOGIN, tasks(task("a", -4))):
        run(names=["a"], state="paused")


# What answers mean


@pytest.mark.parametrize("empty", [[], None, "", "null"])
def test_a_list_of_nothing_has_many_shapes(run: Run, monkeypatch: pytest.MonkeyPatch, empty: Any) -> None:
    with exchanges(monkeypatch, LOGIN, replace(tasks(), answer={"status": True, "value": empty})):
        result = run(names=["a"], state="paused")

    assert result["failure"]["code"] == "not_found"
    assert result["msg"] == "Total Control knows no task a; check how it is written there; nothing was changed."


def test_backslashes_that_stand_single_in_a_path_are_understood(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    body = r'{"status":true,"value":[{"task_name":"a","script_file":"C:\Users\sigma\Scripts\1.js","status":-3,"error_message":"\""}]}'

    with exchanges(monkeypatch, LOGIN, replace(tasks(), answer=body)):
        assert one(run(names=["a"], state="stopped"))["reached"]


def test_the_older_interface_s_dates_and_extra_fields_don_t_matter(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    date = {"date": 26, "day": 3, "hours": 10, "time": 1545792295907, "timezoneOffset": -480, "year": 118}

    with exchanges(monkeypatch, LOGIN, tasks(task("a", -6, start_time=date, schedule=date))):
        assert one(run(names=["a"], state="started"))["after"] == "waiting"


@pytest.mark.parametrize(
    "answer", [{"status": None, "value": "emulator: no"}, {"status": False}, {"status": 1}, {"status": "true", "value": ""}]
)
def test_only_a_status_of_exactly_true_is_a_success(run: Run, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), act("a", "pause", answer), tasks(task("a", -1))):
        result = run(names=["a"], state="paused")

    assert result["failure"] == {"code": "refused", "http_status": 200}
    assert "refused to pause task a" in result["msg"]
    assert result["changed"] is False and one(result)["action"] == "none"


def test_a_refused_resume_says_that_its_word_is_no_public_knowledge(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -4)), act("a", "resume", {"status": None, "value": "?"}), tasks(task("a", -4))):
        assert "no public document names" in run(names=["a"], state="started")["msg"]


def test_another_status_than_200_is_no_success(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), replace(act("a", "pause"), status=201), tasks(task("a", -1))):
        assert run(names=["a"], state="paused")["failure"] == {"code": "refused", "http_status": 201}


@pytest.mark.parametrize(
    "listed", [{"status": True, "value": {}}, {"value": []}, [], "text", {"status": True, "value": [{"task_name": "a"}]}]
)
def test_a_list_of_another_shape_is_told_with_its_beginning(run: Run, monkeypatch: pytest.MonkeyPatch, listed: Any) -> None:
    with exchanges(monkeypatch, LOGIN, replace(tasks(), answer=listed)):
        result = run(names=["a"], state="paused")

    assert result["failure"] == {"code": "protocol", "http_status": 200}
    assert "check that url is the address of Total Control" in result["msg"]
    assert one(result)["before"] == "unknown"


@pytest.mark.parametrize("status", [7, True, "-9"])
def test_an_unknown_state_keeps_everything_untouched(run: Run, monkeypatch: pytest.MonkeyPatch, status: Any) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", status), task("b", -1))):
        result = run(names=["b", "a"], state="paused")

    assert result["failure"]["code"] == "unknown_state"
    assert result["tasks"][1]["vendor_before"] == status and result["tasks"][1]["before"] == "unknown"


def test_a_mapped_state_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -7))):
        row = one(run(names=["a"], state="paused", state_map={"-7": "PAUSED"}))

    assert (row["before"], row["vendor_before"]) == ("paused", -7)


@pytest.mark.parametrize("names", [{}, {"names": ["a", "b"]}])
def test_the_information_module_shows_each_of_the_tasks_of_one_name(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, names: dict[str, Any]
) -> None:
    listed = tasks(task("a", -4, task_id=1), task("b", -2, task_id=2), task("a", -1, task_id=3))

    with exchanges(monkeypatch, LOGIN, listed):
        result = run_main(totalcontrol_task_info.main, capsys, "totalcontrol_task_info", check=False, diff=False, **ACCESS, **names)

    assert sorted((row["id"], row["state"], row["vendor"]["task_id"]) for row in result["tasks"]) == [
        ("a", "paused", 1),
        ("a", "started", 3),
        ("b", "completed", 2),
    ]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("statuses", "state"), [((-1, -4), "paused"), ((-4, -1), "paused"), ((-4, -1), "started"), ((-5, -4), "stopped")])
def test_an_action_on_a_name_that_several_tasks_have_is_refused_in_the_plan(
    run: Run, monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...], state: str, check: bool
) -> None:
    """Whichever the list shows first: the one that isn't there yet counts."""
    with exchanges(monkeypatch, LOGIN, tasks(task("b", -1), *(task("a", status) for status in statuses))):
        result = run(names=["b", "a"], state=state, check=check)

    assert result["failure"]["code"] == "unreachable_state" and result["changed"] is False
    assert "2 tasks are named a (" in result["msg"] and "nobody can tell which of them an action would reach" in result["msg"]
    assert is_one_sentence(result["msg"])


@pytest.mark.parametrize(
    ("statuses", "state", "before"),
    [((-4, -4), "paused", "paused"), ((-1, -2), "started", "started"), ((-5, -3, -2), "stopped", "failed")],
)
def test_tasks_of_one_name_that_all_are_as_wanted_need_no_action(
    run: Run, monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...], state: str, before: str
) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(*(task("a", status) for status in statuses))):
        row = one(run(names=["a"], state=state))

    assert (row["reached"], row["action"], row["before"]) == (True, "none", before)


def test_one_of_several_tasks_of_a_name_that_can_t_pause_bars_the_way(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -4), task("a", -5))):
        result = run(names=["a"], state="paused")

    assert "task a was stopped" in result["msg"] and result["failure"]["code"] == "unreachable_state"


def test_a_second_task_of_the_name_that_comes_after_the_action_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), act("a", "pause"), tasks(task("a", -4), task("a", -1))):
        result = run(names=["a"], state="paused")

    assert one(result)["changed"] is True and one(result)["reached"] is False and "2 tasks are named a" in result["msg"]


@pytest.mark.parametrize(
    ("found", "state", "code", "told"),
    [
        (-6, "paused", "unreachable_state", "hasn't begun and waits for its schedule (2026-12-01 08:00:00)"),
        (-2, "paused", "unreachable_state", "has run to its end"),
        (-3, "paused", "unreachable_state", "ended with an error (no such button)"),
        (-5, "paused", "unreachable_state", "was stopped"),
        (0, "paused", "unreachable_state", "script file C:\\1.js is missing"),
        (-3, "started", "unreachable_state", "create it again"),
        (-5, "started", "unreachable_state", "was stopped, and Total Control documents no call to run it again"),
        (0, "started", "unreachable_state", "put the file back"),
    ],
)
def test_each_state_that_bars_the_way_has_its_own_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, found: int, state: str, code: str, told: str
) -> None:
    fields = {"schedule": "2026-12-01 08:00:00", "error_message": "no such button", "script_file": "C:\\1.js"}

    with exchanges(monkeypatch, LOGIN, tasks(task("a", found, **fields))):
        result = run(names=["a"], state=state)

    assert result["failure"]["code"] == code
    assert told in result["msg"] and result["msg"].endswith("; nothing was changed.")


@pytest.mark.parametrize(("found", "state"), [(-6, "started"), (-2, "started"), (-3, "stopped"), (0, "stopped")])
def test_what_is_satisfied_in_an_odd_way_is_told_by_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch, found: int, state: str) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", found))):
        result = run(names=["a"], state=state)

    assert result["changed"] is False and len(result["warnings"]) == 1 and "task a" in str(result["warnings"][0])


@pytest.mark.parametrize(("found", "state"), [(-1, "started"), (-4, "paused"), (-2, "stopped"), (-5, "stopped")])
def test_what_is_simply_satisfied_needs_no_word(run: Run, monkeypatch: pytest.MonkeyPatch, found: int, state: str) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", found))):
        assert "warnings" not in run(names=["a"], state=state)


def test_a_schedule_that_survives_its_stop_isn_t_called_stopped(run: Run, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -6)), act("a", "stop"), *[tasks(task("a", -6))] * 8):
        result = run(names=["a"], state="stopped", wait_timeout=10)

    assert result["failure"]["code"] == "timeout"
    assert "last seen SCHEDULED (-6) and not stopped" in result["msg"]


def test_diff_has_one_line_a_task(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1), task("b", -4))):
        result = run(names=["a", "b"], state="paused", check=True, diff=True)

    assert result["diff"] == {"before": "a: started\nb: paused\n", "after": "a: paused\nb: paused\n"}


# Faults on the way


def test_a_token_that_expires_before_the_action_is_renewed_and_the_action_sent_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"status": None, "value": "emulator: who are you"}
    new = replace(LOGIN, answer={"status": True, "value": {"token": "T2"}})
    again = [new, tasks(task("a", -1), token="T2"), act("a", "pause", token="T2"), tasks(task("a", -4), token="T2")]

    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), act("a", "pause", refused), replace(tasks(), answer=refused), *again):
        assert one(run(names=["a"], state="paused"))["reached"]


def test_a_lost_answer_is_looked_into_and_the_action_not_repeated(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), act("a", "pause", requests.ReadTimeout()), tasks(task("a", -4))):
        row = one(run(names=["a"], state="paused"))

    assert row["reached"] and row["changed"] and row["action"] == "pause"


def test_a_task_that_fails_leaves_the_others_alone_and_all_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"status": None, "value": "the device is gone"}
    before, after = tasks(task("a", -1), task("b", -1)), tasks(task("a", -1), task("b", -4))

    with exchanges(monkeypatch, LOGIN, before, act("a", "pause", refused), act("b", "pause"), after):
        result = run(names=["a", "b"], state="paused", concurrency=1)

    assert result["msg"] == (
        "1 of 2 tasks did not become paused: Total Control refused to pause task a (the device is gone); check it there."
    )
    assert result["changed"] is True
    assert [row["reached"] for row in result["tasks"]] == [False, True]
    assert result["tasks"][0]["error"]["code"] == "refused"
    assert result["summary"] == {"wanted": "paused", "total": 2, "reached": 1, "changed": 1, "failed": 1, "skipped": 0}


# Bad input: one sentence, a code, nothing sent


@pytest.mark.parametrize("answer", [{"status": None, "value": "no"}, {"status": False}, {"status": True, "value": {}}, {"status": True}])
def test_a_refused_login_names_the_user_and_never_the_password(run: Run, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    with exchanges(monkeypatch, replace(LOGIN, answer=answer)):
        result = run(names=["a"], state="paused")

    assert result["failure"]["code"] == ("authentication" if answer["status"] is not True else "protocol")
    assert "3D391497" not in str(result)


def test_a_refused_login_with_a_status_of_401_is_one_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(LOGIN, status=401, answer="")):
        result = run(names=["a"], state="paused")

    assert result["msg"] == "Total Control refused the login of user sigma; check username and password."


def test_a_wrong_token_is_an_authentication_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchanges(monkeypatch, replace(tasks(token="T"), answer={"status": None, "value": ""})):
        result = run(url="https://tc.example.com:8090", token="T", names=["a"], state="paused")

    assert result["failure"]["code"] == "authentication" and "check token" in result["msg"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"state": "paused"}, "missing required arguments: names"),
        ({"names": "", "state": "paused"}, "missing required arguments: names"),
        ({"names": ["a", ""], "state": "paused"}, "names holds an empty entry"),
        ({"names": ["a", "b", "a"], "state": "paused"}, "names names a twice"),
        ({"names": ["a/b"], "state": "paused"}, "can't stand in an address"),
        ({"names": [".."], "state": "paused"}, "can't stand in an address"),
        ({"names": ["a\nb"], "state": "paused"}, "can't stand in an address"),
        ({"names": ["a"]}, "missing required arguments: state"),
        ({"names": ["a"], "state": "asleep"}, "value of state must be one of"),
        (
            {"names": ["a"], "state": "paused", "url": ""},
            "url is missing, and neither username with password nor token is given; give them in the task, by",
        ),
        ({"names": ["a"], "state": "paused", "url": "tc:8090", "token": "T"}, "url is 'tc:8090', which isn't an address"),
        ({"names": ["a"], "state": "paused", "url": "http://tc"}, "neither username with password nor token is given"),
        ({"names": ["a"], "state": "paused", "url": "http://tc", "username": "u"}, "password is missing, which username requires"),
        ({"names": ["a"], "state": "paused", "token": "T"} | ACCESS, "mutually exclusive"),
        (
            {"names": ["a"], "state": "paused", "drain": 5, "wait": False},
            "drain needs wait: true, since it gives running tasks time to end",
        ),
        ({"names": ["a"], "state": "paused", "concurrency": 0}, "concurrency is 0; it must be at least 1"),
        ({"names": ["a"], "state": "paused", "timeout": -1}, "timeout is -1"),
        ({"names": ["a"], "state": "paused", "client_key": "k"}, "client_cert is missing, which client_key requires"),
        ({"names": ["a"], "state": "paused", "ca_path": "/nowhere"}, "ca_path is /nowhere, which doesn't exist"),
        ({"names": ["a"], "state": "paused", "state_map": {"-7": "asleep"}}, "state_map takes -7 for asleep"),
        ({"name": ["a"], "state": "paused", "task_id": 1}, "totalcontrol_task has no option task_id (did you mean names?)"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch, options: Any, told: str) -> None:
    with exchanges(monkeypatch):
        result = run(**options)

    assert told in result["msg"]
    assert result["failure"]["code"] == "usage"
    assert result["msg"].count("\n") == 0


def test_a_missing_library_is_told_with_its_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "REQUESTS_ERROR", "ImportError: no requests")

    result = run(names=["a"], state="paused")

    assert "requests" in result["msg"] and result["failure"]["code"] == "usage"


def test_nothing_secret_is_returned_or_logged(run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"status": None, "value": "not with veLZf8EL7gUoyFOL and c2lnbWE6M0QzOTE0OTc="}

    with exchanges(monkeypatch, LOGIN, tasks(task("a", -1)), act("a", "pause", echo), tasks(task("a", -1))):
        result = run(names=["a"], state="paused")

    for secret in ("3D391497", "veLZf8EL7gUoyFOL", "c2lnbWE6M0QzOTE0OTc="):
        assert secret not in str(result) and secret not in caplog.text
