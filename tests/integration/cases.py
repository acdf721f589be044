# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases: the module calls of a test, and the emulated system that receives them.

A test describes its scenario in the marker `case` and reads the result through the fixture `outcome`. All cases of a file run in one
playbook, since a start of ansible-playbook costs more than a call of a module. Each case has its own emulated system with its own port, so
the cases don't affect each other.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.emulator import registry
from tests.emulator.client import Control
from tests.emulator.messages import Call, Reply, Request
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from .ctrlapi import LIVE
from .hitachi import USER
from .huawei import KEY, PROJECT
from .iotda import ACCESS
from .processes import COLLECTION, Ansible, Result

# The connection options for an emulated system, by the first word of the module's name.
CREDENTIALS: dict[str, dict[str, Any]] = {
    "totalcontrol": {"username": "sigma", "password": "3D391497"},
    "iotda": ACCESS,
    "huawei": {**KEY, "project_id": PROJECT},
    "ctrlapi": LIVE,
    "hitachi": USER,
    "airflow": {"username": "admin", "password": "admin-password"},
}
# The variable that makes a module run in a process of its own.
SWITCH = "quiesce_in_worker"
# The text that -vvv prints for a module without a process of its own.
IN_WORKER = "runs in the worker of Ansible"
# Polls are fast. A call that is meant to reach its time limit sets that itself.
PACE = {"poll_interval": 0.1, "wait_timeout": 20}


@dataclass(frozen=True)
class Case:
    calls: Sequence[Mapping[str, Any]]
    module: str = "totalcontrol_task"
    tasks: Sequence[Mapping[str, Any]] | None = None
    switches: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[Mapping[str, Any]] = ()
    meanwhile: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    tls: bool = False
    ask_client: bool = False
    connect: bool = True
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def vendor(self) -> str:
        return self.module.split("_", 1)[0]

    def options(self, call: Mapping[str, Any], control: Control) -> dict[str, Any]:
        connection = {"url": "{url}", **CREDENTIALS[self.vendor]} if self.connect else {}
        pace = {} if self.module.endswith("_info") else PACE
        return {name: _filled(value, control) for name, value in {**connection, **pace, **call}.items()}

    def playbook_tasks(self, number: int, control: Control) -> list[dict[str, Any]]:
        keywords = {"ignore_errors": True, **self.keywords}
        module = f"{COLLECTION}.{self.module}"
        return [
            {"name": f"case {number}", module: self.options(call, control), **_filled(keywords, control), **call_keywords}
            for call, call_keywords in map(_split, self.calls)
        ]


def case(
    *calls: Mapping[str, Any],
    module: str = "totalcontrol_task",
    tasks: Sequence[Mapping[str, Any]] | None = None,
    switches: Mapping[str, Any] | None = None,
    faults: Sequence[Mapping[str, Any]] = (),
    meanwhile: Mapping[str, tuple[str, str]] | None = None,
    tls: bool = False,
    ask_client: bool = False,
    connect: bool = True,
    check: bool = False,
    diff: bool = False,
    variables: Mapping[str, str] | None = None,
    **options: Any,
) -> pytest.MarkDecorator:
    """The marker of a test.

    `options` are the module's. Address and credentials are added, unless `connect` is false. In texts, `{url}`, `{port}`, `{ca}`,
    `{client_cert}` and `{client_key}` stand for those of the emulated system. Several consecutive calls are given as dicts, in which
    `check_mode` and similar keys are Ansible keywords and not options. `meanwhile` are changes by somebody else just before the system
    handles a request: `{"pause": ("task01", "stop")}`, or with the third request of its kind: `{"list 3": ("task01", "end")}`.
    """
    keywords: dict[str, Any] = {"check_mode": True} if check else {}
    if diff:
        keywords["diff"] = True
    if variables:
        keywords["environment"] = dict(variables)
    calls = tuple({**options, **call} for call in calls) or (options,)
    story = Case(calls, module, tasks, switches or {}, faults, meanwhile or {}, tls, ask_client, connect, keywords)
    return pytest.mark.case(story)


def fault(kind: str, on: str = "", *, after: int = 0, times: int | None = 1, task: str = "", **options: Any) -> dict[str, Any]:
    """An order for a fault. `on` is the journal's word for the affected request, such as login, list or pause. Without it, any request is
    affected.
    """
    match = {name: value for name, value in (("action", on), ("id", task)) if value}
    return {"kind": kind, "match": match, "after": after, "times": times, **options}


@dataclass(frozen=True)
class Outcome:
    """The result of a case: the result of each call, and the journal of its emulated system."""

    results: list[Result]
    journal: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    printed: str
    control: Control
    by_module: Outcome | None = None

    @property
    def result(self) -> Result:
        (result,) = self.results
        return result

    @property
    def row(self) -> dict[str, Any]:
        return self.result.row

    @property
    def requests(self) -> list[str]:
        """Short forms of the requests, in the order of their arrival: `login`, `list`, `pause task01`."""
        return [" ".join((entry["action"], *entry["ids"])) for entry in self.journal]

    @property
    def writes(self) -> list[str]:
        return [" ".join((entry["action"], *entry["ids"])) for entry in self.journal if entry["write"]]

    @property
    def effects(self) -> list[str]:
        """The writes that had an effect."""
        return [" ".join((entry["action"], *entry["ids"])) for entry in self.journal if entry["took_effect"]]

    def failure(self, code: str) -> str:
        """The message of a failed call. It has to be one sentence with a code and without a traceback."""
        check_failure(self.result, code)
        assert "Traceback" not in self.printed
        return str(self.result["msg"])


def check_failure(result: Result, code: str) -> None:
    assert result.outcome == "failed"
    assert result["failure"]["code"] == code, result["msg"]
    message = result["msg"]
    assert re.fullmatch(r"\S[^\n]*\S", message), message
    assert not re.search(r"[.!?] +[A-Z]", message), f"more than one sentence: {message}"
    assert "Traceback" not in json.dumps(result.returned)


def play(ansible: Ansible, cases: Sequence[Case]) -> list[Outcome]:
    """Run all cases, one after the other, in one playbook, and in parallel in another one in which each module has a process of its own."""
    # Both wait most of the time.
    with ThreadPoolExecutor() as pool:
        in_worker, by_module = pool.map(lambda way: _play(ansible, cases, {SWITCH: way}), (True, False))
    return [replace(outcome, by_module=other) for outcome, other in zip(in_worker, by_module, strict=True)]


def _play(ansible: Ansible, cases: Sequence[Case], switch: Mapping[str, bool]) -> list[Outcome]:
    with ExitStack() as stack:
        emulators = [stack.enter_context(_emulator(case)) for case in cases]
        pairs = list(zip(cases, emulators, strict=True))
        tasks = [task for number, (its_case, emulator) in enumerate(pairs) for task in its_case.playbook_tasks(number, emulator.control)]
        run = ansible.tasks(*tasks, args=["-e", json.dumps(switch)], variables={"ANSIBLE_PIPELINING": "true"}, patience=30 + 8 * len(tasks))
        assert run.status == 0, run.printed
        outcomes = []
        for number, (its_case, emulator) in enumerate(pairs):
            results = [result for result in run.results if result.task == f"case {number}"]
            assert len(results) == len(its_case.calls), run.printed
            control = emulator.control
            outcomes.append(Outcome(results, control.journal(), control.tasks(), run.printed, control))
    return outcomes


def _emulator(case: Case) -> ThreadedEmulator:
    vendor = registry.find(case.vendor)(switches=case.switches, tasks=None if case.tasks is None else [dict(task) for task in case.tasks])
    for order in case.faults:
        vendor.faults.order([order])
    let_somebody_else(vendor, case.meanwhile)
    return ThreadedEmulator(vendor, tls=case.tls, ask_client=case.ask_client)


def let_somebody_else(vendor: Vendor, meanwhile: Mapping[str, tuple[str, str]]) -> None:
    """Let somebody else change a task just before the system handles a request. This moment can be hit without a clock."""
    respond: Callable[[Request, Call], Reply] = vendor.respond
    seen: Counter[str] = Counter()

    def after_somebody_else(request: Request, call: Call) -> Reply:
        seen[call.action] += 1
        for moment in (f"{call.action} {seen[call.action]}", call.action if seen[call.action] == 1 else ""):
            if moment in meanwhile:
                vendor.act(*meanwhile[moment], {})
        return respond(request, call)

    if meanwhile:
        vendor.respond = after_somebody_else  # type: ignore[method-assign]


def _split(call: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The module's options, and Ansible's own keywords."""
    keywords = ("check_mode", "diff", "environment")
    return {name: call[name] for name in call if name not in keywords}, {name: call[name] for name in call if name in keywords}


def _filled(value: Any, control: Control) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(item, control) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    known = {
        "url": control.url,
        "port": control.port,
        "ca": control.ca,
        "client_cert": control.client_cert,
        "client_key": control.client_key,
    }
    for name, text in known.items():
        value = value.replace(f"{{{name}}}", str(text))
    return value
