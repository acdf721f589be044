# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of errors: it describes every code and no other, and each example is a real message of a module, character by character."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Code

from tests.integration.cases import Case, Outcome, fault, play
from tests.integration.hitachi import service_run
from tests.integration.huawei import analysis
from tests.integration.processes import Ansible
from tests.integration.totalcontrol import RUNNING, scripts

from .pages import blocks, in_one_line, page

HOSTS = {
    "totalcontrol": "totalcontrol.example.com:8090",
    "huawei": "proxy.example.com",
    "ctrlapi": "boro.example.com",
    "hitachi": "jp1ao.example.com:22015",
}
VIAS_TASK = "20690c67d71549c39085a3b28c18f24f"
NIGHTLY = {"names": ["nightly-test"], "state": "paused"}


def scripts_case(call: dict[str, Any] | None = None, status: int = RUNNING, **more: Any) -> Case:
    return Case([{**NIGHTLY, **(call or {})}], tasks=scripts(**{"nightly-test": status}), **more)


@dataclass(frozen=True)
class Said:
    """The failure of a module."""

    code: str
    message: str


@dataclass(frozen=True)
class Example:
    code: str
    case: Case = field(repr=False)


def nginx_page(status: int, title: str, on: str = "") -> dict[str, Any]:
    """Nginx's own page instead of each answer."""
    body = (
        f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr><center>nginx/1.22.1</center></body></html>"
    )
    headers = {"Content-Type": "text/html", "Server": "nginx/1.22.1"}
    return fault("status", on, status=status, body=body, headers=headers, times=None)


EXAMPLES = [
    Example("usage", scripts_case({"url": "totalcontrol.example.com"})),
    Example("usage", scripts_case({"drain": 60, "wait": False})),
    Example("usage", scripts_case(connect=False)),
    Example("authentication", scripts_case({"password": "not the one"})),
    Example(
        "authentication",
        Case(
            [{"task_ids": [VIAS_TASK], "state": "paused"}],
            "huawei_task",
            [analysis(VIAS_TASK, "RUNNING")],
            switches={"seen_host": "vias.cn-north-4.myhuaweicloud.com"},
        ),
    ),
    Example(
        "permission",
        Case([{"task_ids": [241458], "state": "stopped", "user_id": 99}], "ctrlapi_task", switches={"unknown_user": 403}),
    ),
    Example("not_found", scripts_case({"names": ["nightly-tset"]})),
    Example("unknown_state", scripts_case(status=-9)),
    Example("unreachable_state", scripts_case(status=-2)),
    Example("unreachable_state", Case([{"task_ids": [5381], "state": "paused"}], "hitachi_task", [service_run("5381")])),
    Example("refused", scripts_case({"state": "started"}, status=-4, switches={"resume_word": "continue"})),
    Example("rate_limited", scripts_case({"wait_timeout": 5}, faults=[fault("rate_limit", "list", retry_after=3600, times=None)])),
    Example("rate_limited", scripts_case({"retries": 0}, faults=[nginx_page(503, "503 Service Temporarily Unavailable", "list")])),
    Example("timeout", scripts_case({"wait_timeout": 1}, switches={"ignore_action": True})),
    Example("connection", scripts_case({"url": "http://127.0.0.1:1", "retries": 0})),
    Example("connection", scripts_case({"validate_certs": True}, tls=True)),
    Example("connection", scripts_case({"retries": 0}, faults=[nginx_page(502, "502 Bad Gateway", "list")])),
    Example("connection", Case([{"task_ids": [241458], "state": "stopped"}], "ctrlapi_task", switches={"nginx_closed": True})),
    Example("protocol", scripts_case(faults=[nginx_page(200, "Sign in to Example Corp")])),
    Example("protocol", scripts_case(faults=[fault("redirect", location="https://sso.example.com/login", times=None)])),
]


def said(example: Example, outcome: Outcome) -> Said:
    """The failure, with the address of a vendor's system instead of the emulator's."""
    result = outcome.result
    assert result.outcome == "failed", result.returned
    host = HOSTS[example.case.vendor]
    message = re.sub(r"(?:127\.0\.0\.1|localhost|\[::1\]):\d+", host, str(result["msg"]))
    # Boro's web server is nginx, and the emulator's isn't.
    message = re.sub(r"\(Python/[\d.]+, HTTP", "(nginx/1.22.1, HTTP", message)
    # The emulator's texts are recognisably invented. The page shows a placeholder instead.
    return Said(result["failure"]["code"], re.sub(r"emulator: [^)]*(?=\))", "its own words", message))


@pytest.fixture(scope="module")
def outcomes(ansible: Ansible) -> list[Said]:
    played = play(ansible, [example.case for example in EXAMPLES])
    return [said(example, outcome) for example, outcome in zip(EXAMPLES, played, strict=True)]


def test_every_code_has_a_section_and_no_other_has() -> None:
    sections = re.findall(r"^``(\w+)``\n-+$", page("errors"), re.MULTILINE)
    assert sections == list(get_args(Code))


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[f"{example.code}-{number}" for number, example in enumerate(EXAMPLES)])
def test_each_example_is_what_a_module_really_says(outcomes: list[Said], number: int) -> None:
    example, real = EXAMPLES[number], outcomes[number]
    assert real.code == example.code
    section = page("errors").split(f"\n``{example.code}``\n", 1)[1].split("\n``", 1)[0]
    shown = [in_one_line(block.text) for block in blocks(section) if block.language == "text"]
    assert real.message in shown


def test_no_example_is_made_up(outcomes: list[Said]) -> None:
    shown = {in_one_line(block.text) for block in blocks(page("errors")) if block.language == "text"}
    assert shown == {real.message for real in outcomes}
