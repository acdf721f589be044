# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ad hoc commands with the environment of AWX or a shell: ids as a text with commas, misspelt options, and the note on where the module
runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.threaded import ThreadedEmulator

from .ctrlapi import stream
from .hitachi import USER, service_run
from .processes import Ansible


@contextmanager
def system(vendor: str, tasks: list[dict[str, Any]], **more: Any) -> Iterator[Control]:
    with ThreadedEmulator(registry.find(vendor)(tasks=tasks), **more) as emulator:
        yield emulator.control


def boro(control: Control) -> dict[str, str]:
    return {"CTRLAPI_URL": control.url, "CTRLAPI_DIALECT": "live", "CTRLAPI_USER_ID": "4", "CTRLAPI_PROJECT_ID": "23"}


def jp1(control: Control) -> dict[str, str]:
    return {"HITACHI_URL": control.url, "HITACHI_USERNAME": USER["username"], "HITACHI_PASSWORD": USER["password"]}


@pytest.mark.parametrize("option", ["task_ids", "task_id"])
def test_ids_of_numbers_may_stand_in_a_text_with_commas(ansible: Ansible, option: str) -> None:
    with system("ctrlapi", [stream(1), stream(2), stream(3), stream(4)]) as control:
        run = ansible.ad_hoc("ctrlapi_task", f"{option}=1,2,3 state=paused", variables=boro(control))

        assert run.status == 0, run.printed
        assert [(row["id"], row["after"]) for row in run.results[0]["tasks"]] == [("1", "stopped"), ("2", "stopped"), ("3", "stopped")]
        assert [task["status"] for task in control.tasks()] == ["Stopped", "Stopped", "Stopped", "Started"]


def test_ids_of_text_may_too_and_blanks_around_them_don_t_count(ansible: Ansible) -> None:
    with system("hitachi", [service_run("11"), service_run("12"), service_run("13")]) as control:
        run = ansible.ad_hoc("hitachi_task_info", "task_ids='11, 13'", variables=jp1(control))

        assert run.status == 0, run.printed
        assert [row["id"] for row in run.results[0]["tasks"]] == ["11", "13"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("task_idss=11 state=stopped", "hitachi_task has no option task_idss (did you mean task_ids?); ansible-doc"),
        ("name=run_11 state=stopped", "hitachi_task has no option name (did you mean task_ids?); ansible-doc"),
        ("task_id=11 state=stopped forced=true", "hitachi_task has no option forced (did you mean force?); ansible-doc"),
    ],
)
def test_a_wrong_option_is_answered_with_the_near_one(ansible: Ansible, arguments: str, told: str) -> None:
    with system("hitachi", [service_run("11")]) as control:
        run = ansible.ad_hoc("hitachi_task", arguments, variables=jp1(control))

        assert run.status != 0 and "Traceback" not in run.printed
        assert told in run.results[0]["msg"] and run.results[0]["failure"] == {"code": "usage"}
        assert control.journal() == []


def test_a_certificate_that_isn_t_checked_is_told_once(ansible: Ansible) -> None:
    with system("hitachi", [service_run("11"), service_run("12")], tls=True) as control:
        run = ansible.ad_hoc("hitachi_task", "task_ids=11,12 state=stopped", variables={**jp1(control), "HITACHI_VALIDATE_CERTS": "false"})
        checked = ansible.ad_hoc("hitachi_task_info", "task_id=11", variables={**jp1(control), "HITACHI_CA_PATH": str(control.ca)})

    assert run.status == 0, run.printed
    assert [warning for warning in run.results[0].warnings if "validate_certs" in warning] == run.results[0].warnings
    assert len(run.results[0].warnings) == 1 and "the TLS certificate of JP1/AO at " in run.results[0].warnings[0]
    assert checked.status == 0 and checked.results[0].warnings == []


def test_on_the_way_to_this_machine_plain_http_needs_no_word(ansible: Ansible) -> None:
    with system("hitachi", [service_run("11")]) as control:
        run = ansible.ad_hoc("hitachi_task_info", "task_id=11", variables=jp1(control))

    assert run.status == 0 and run.results[0].warnings == []
