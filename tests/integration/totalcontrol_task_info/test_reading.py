# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The information module: its result, and that it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ..cases import Outcome, case, fault
from ..totalcontrol import ENDED, FAILED, NO_SCRIPT, PAUSED, RUNNING, SCHEDULED, STOPPED, script, scripts

pytestmark = pytest.mark.wire

INFO = "totalcontrol_task_info"
EMPTY: list[Any] = [[], None, "", "null"]
EACH = scripts(runs=RUNNING, paused=PAUSED, waits=SCHEDULED, ended=ENDED, broke=FAILED, stopped=STOPPED, lost=NO_SCRIPT)
WORDS = {"runs": "started", "paused": "paused", "waits": "waiting", "ended": "completed", "broke": "failed", "stopped": "stopped",
         "lost": "failed"}  # fmt: skip


@case(module=INFO, tasks=EACH)
def test_without_names_all_tasks_are_shown_in_the_system_s_order(outcome: Outcome) -> None:
    assert {row["id"]: row["state"] for row in outcome.result["tasks"]} == WORDS
    assert [row["name"] for row in outcome.result["tasks"]] == list(WORDS)
    assert outcome.requests == ["login", "list"]


@case(module=INFO, tasks=scripts(a=RUNNING, b=PAUSED, c=ENDED), names=["b", "nosuch", "a"])
def test_by_names_they_come_in_the_order_given_and_an_unknown_one_is_absent(outcome: Outcome) -> None:
    rows = outcome.result["tasks"]

    assert [(row["id"], row["state"], row["vendor_state"]) for row in rows] == [
        ("b", "paused", PAUSED),
        ("nosuch", "absent", None),
        ("a", "started", RUNNING),
    ]
    assert outcome.requests == ["login", "list"]


@pytest.mark.core
@case({}, {"check_mode": True}, module=INFO, tasks=EACH, switches={"require_read_only": True})
def test_check_mode_shows_the_same_and_nothing_is_ever_changed(outcome: Outcome) -> None:
    real, checked = outcome.results

    assert real["tasks"] == checked["tasks"] and len(real["tasks"]) == len(EACH)
    assert real["changed"] is checked["changed"] is False
    assert outcome.writes == []


@case(module=INFO, name="a", tasks=[script("a", FAILED, error_message="no such button", schedule="2026-12-01 08:00:00")])
def test_the_system_s_other_fields_come_as_they_are(outcome: Outcome) -> None:
    vendor = outcome.row["vendor"]

    assert vendor["error_message"] == "no such button" and vendor["schedule"] == "2026-12-01 08:00:00"
    assert isinstance(vendor["task_id"], int) and "task_name" not in vendor


@case(module=INFO, tasks=scripts(a=7))
def test_a_state_of_no_document_is_unknown_and_no_failure(outcome: Outcome) -> None:
    assert (outcome.row["state"], outcome.row["vendor_state"]) == ("unknown", 7)


@pytest.mark.parametrize(
    "empty", [pytest.param(form, marks=case(module=INFO, tasks=[], switches={"empty_list_as": form})) for form in EMPTY]
)
def test_no_tasks_at_all_are_an_empty_list(outcome: Outcome, empty: Any) -> None:
    assert outcome.result["tasks"] == [], empty


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param("authentication", "refused the login", marks=case(module=INFO, password="wrong"), id="a wrong password"),
        pytest.param("protocol", "got a web page", marks=case(module=INFO, faults=[fault("html", "list")]), id="an answer in html"),
        pytest.param("connection", "can't be reached", marks=case(module=INFO, url="http://127.0.0.1:1", retries=0), id="a closed port"),
        pytest.param("usage", "names names a twice", marks=case(module=INFO, names=["a", "a"]), id="a name twice"),
        pytest.param("usage", "url is missing", marks=case(module=INFO, connect=False), id="no url"),
        pytest.param("connection", "ca_path", marks=case(module=INFO, tls=True), id="an unknown authority"),
    ],
)
def test_what_can_t_be_read_is_told_in_one_sentence(outcome: Outcome, code: str, told: str) -> None:
    assert told in outcome.failure(code)


@case(module=INFO, faults=[fault("status", "list", status=503)])
def test_a_read_that_failed_once_is_repeated(outcome: Outcome) -> None:
    assert outcome.requests == ["login", "list", "list"]
    assert len(outcome.result["tasks"]) == 5
