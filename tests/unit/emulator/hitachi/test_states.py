# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JP1/AO: which action each of the ten statuses takes, and where it leads (hitachi.md, section 4.4), written out once more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.messages import BadOrder
from tests.unit.emulator.hitachi.api import CONFLICT, NOT_THERE, Api, error_of

NO = None
ACTIONS = ("stop", "forceStop", "suspend", "resume", "cancel", "rerunStart", "rerunStepStart", "archive", "response")
END, RUN, HELD, ARMED, OFF, GONE = "terminating", "inProgress", "suspended", "waiting", "canceled", "gone"
TABLE: dict[str, tuple[str | None, ...]] = {
    #                       stop forceStop suspend resume cancel rerun rerunStep archive response
    "waiting": (NO, NO, HELD, NO, OFF, NO, NO, NO, NO),
    "suspended": (NO, NO, HELD, ARMED, OFF, NO, NO, NO, NO),
    "inProgress": (END, END, NO, NO, NO, NO, NO, NO, NO),
    "waitingForInput": (END, END, NO, NO, NO, NO, NO, NO, RUN),
    "abnormalityDetected": (END, END, NO, NO, NO, NO, NO, NO, NO),
    "longRunning": (END, END, NO, NO, NO, NO, NO, NO, NO),
    "terminating": (NO, NO, NO, NO, NO, NO, NO, NO, NO),
    "completed": (NO, NO, NO, NO, NO, NO, NO, GONE, NO),
    "failed": (NO, NO, NO, NO, NO, RUN, RUN, GONE, NO),
    "canceled": (NO, NO, NO, NO, OFF, NO, NO, GONE, NO),
}  # fmt: skip
CELLS = [(status, action, end) for status, row in TABLE.items() for action, end in zip(ACTIONS, row, strict=True)]


def answered(api: Api, action: str) -> object:
    """The error, or the status that the next reader sees."""
    reply = api.invoke(action)
    if reply.status != 200:
        return error_of(reply)
    return api.status() if api.ask("GET", "/Tasks/7001").status == 200 else "gone"


def holding(api: Api, status: str, **more: Any) -> None:
    """Long enough in the status that reads don't move it on."""
    api.put(status, **{"starts_in": 3600, "stop_takes": 3600, **more})
    api.model.set_switches({"stop_takes": 3600, "force_stop_takes": 3600})


@pytest.mark.parametrize(("status", "action", "end"), CELLS)
def test_a_cell_of_the_table(api: Api, status: str, action: str, end: str | None) -> None:
    holding(api, status)
    assert answered(api, action) == (CONFLICT if end is NO else end)
    if end is NO:
        assert api.status() == status


@pytest.mark.parametrize("action", ACTIONS)
def test_a_status_that_no_page_knows_takes_nothing(api: Api, action: str) -> None:
    holding(api, "hibernating")
    assert answered(api, action) == CONFLICT


# --- the cells that rest on no page, or on two that contradict: one switch each ------------------------------------------------

DOUBTS = [
    ("stop_long_running", "longRunning", "stop", {}, END),
    ("force_stop_long_running", "longRunning", "forceStop", {}, END),
    ("force_stop_terminating", "terminating", "forceStop", {}, END),
    ("suspend_suspended", "suspended", "suspend", {}, HELD),
    ("suspend_immediate", "waiting", "suspend", {"scheduleType": "immediate"}, HELD),
    ("resume_waiting", "waiting", "resume", {}, ARMED),
    ("cancel_canceled", "canceled", "cancel", {}, OFF),
    ("cancel_suspended_recurring", "suspended", "cancel", {"scheduleType": "recurrence"}, OFF),
    ("rerun_stopped", "failed", "rerunStart", {"by_stop": True}, RUN),
    ("rerun_stopped", "failed", "rerunStepStart", {"by_stop": True}, RUN),
    ("stop_debug", "inProgress", "stop", {"serviceState": "debug"}, END),
    ("stop_debug", "inProgress", "forceStop", {"serviceState": "debug"}, END),
]


@pytest.mark.parametrize(("switch", "status", "action", "more", "end"), DOUBTS)
@pytest.mark.parametrize("position", ["accepted", "refused"])
def test_a_doubtful_cell_goes_by_its_switch(
    api: Api, position: str, switch: str, status: str, action: str, more: dict[str, Any], end: str
) -> None:
    holding(api, status, **more)
    api.model.set_switches({switch: position})
    assert answered(api, action) == (end if position == "accepted" else CONFLICT)


@pytest.mark.parametrize(
    ("switch", "status", "action", "more"),
    [
        ("suspend_immediate", "waiting", "suspend", {}),
        ("cancel_suspended_recurring", "suspended", "cancel", {}),
        ("rerun_stopped", "failed", "rerunStart", {}),
        ("stop_debug", "inProgress", "stop", {}),
    ],
)
def test_a_switch_for_special_tasks_leaves_the_ordinary_ones_alone(
    api: Api, switch: str, status: str, action: str, more: dict[str, Any]
) -> None:
    holding(api, status, **more)
    api.model.set_switches({switch: "refused"})
    assert api.invoke(action).status == 200


@pytest.mark.parametrize(
    ("edition", "status", "action", "code"),
    [
        ("v12", "waiting", "resume", 409),
        ("v10", "waiting", "resume", 200),
        ("v12", "canceled", "cancel", 200),
        ("v10", "canceled", "cancel", 409),
        ("v12", "suspended", "suspend", 200),
        ("v10", "suspended", "suspend", 200),
    ],
)
def test_the_editions_differ(api: Api, edition: str, status: str, action: str, code: int) -> None:
    holding(api, status)
    api.model.set_switches({"hitachi_edition": edition})
    assert api.invoke(action).status == code
    assert api.status() == status


@pytest.mark.parametrize("action", ["forceStop", "archive", "response"])
def test_v10_has_no_such_operation(api: Api, action: str) -> None:
    holding(api, "waitingForInput")
    api.model.set_switches({"hitachi_edition": "v10"})
    assert error_of(api.invoke(action)) == NOT_THERE


def test_other_operators_are_bound_by_the_same_table(api: Api) -> None:
    holding(api, "completed")
    with pytest.raises(BadOrder, match="stop is not possible at completed"):
        api.model.act("7001", "stop", {})


# --- spellings (section 4.3) ------------------------------------------------------------------------------------------------

SPELLED = {
    "v12": ("waiting", "suspended", "inProgress", "waitingForInput", "abnormalityDetected", "terminating", "longRunning",
            "completed", "failed", "canceled"),
    "v10": ("waiting", "holding", "inProgress", "waitingForResponse", "abnormalDetection", "stopping", "longRunning",
            "completed", "failed", "canceled"),
    "names": ("Waiting", "Suspended", "In Progress", "Waiting for Input", "In Progress (with Error)", "In Progress (Terminating)",
              "Long Running", "Completed", "Failed", "Canceled"),
}  # fmt: skip


@pytest.mark.parametrize("profile", SPELLED)
def test_every_status_in_each_profile_read_and_listed(api: Api, profile: str) -> None:
    api.model.set_switches({"spelling": profile})
    seen = []
    for status in SPELLED["v12"]:
        holding(api, status)
        seen.append((api.status(), api.find()["data"][0]["status"]))
    assert seen == [(word, word) for word in SPELLED[profile]]


@pytest.mark.parametrize("profile", ["v10", "names"])
@pytest.mark.parametrize(("status", "action", "end"), CELLS)
def test_the_spelling_changes_nothing_about_what_is_possible(api: Api, profile: str, status: str, action: str, end: str | None) -> None:
    holding(api, status)
    api.model.set_switches({"spelling": profile})
    assert api.invoke(action).status == (409 if end is NO else 200)


def test_any_status_can_be_spelled_otherwise(api: Api) -> None:
    holding(api, "longRunning")
    api.model.set_switches({"spellings": {"longRunning": "TAKES_LONG"}})
    assert api.status() == "TAKES_LONG"
    assert api.ids(hql_filter="status='TAKES_LONG'") == [7001]


@pytest.mark.parametrize("word", ["stopped", "terminated"])
def test_one_word_for_being_stopped_and_having_been_stopped(api: Api, word: str) -> None:
    api.put("inProgress")
    api.model.set_switches({"stopped_word": word})
    api.act("stop")
    during, after = api.show(), api.show()
    assert (during["status"], during["completionTime"]) == (word, None)
    assert after["status"] == word and after["completionTime"]


def test_a_task_that_failed_by_itself_is_not_called_stopped(api: Api) -> None:
    api.put("failed")
    api.model.set_switches({"stopped_word": "stopped"})
    assert api.status() == "failed"


def test_a_status_that_is_put_is_shown_as_it_stands(api: Api) -> None:
    api.put("hibernating")
    assert api.status() == "hibernating"
