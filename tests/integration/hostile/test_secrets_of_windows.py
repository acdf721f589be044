# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of test_secrets.py for windows. Each window covers all systems and all kinds of authentication, with credentials in the options
of its targets. The ledger and the report are searched in addition to all output and logs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from ..processes import COLLECTION, Ansible
from .authentications import AUTHENTICATIONS, Authentication
from .echoes import echo
from .runner import KEPT, run
from .search import found, on_the_wire

STEPS = ("open", "close")
# The options by which the modules name tasks.
IDS = ("names", "task_ids", "dag_ids")
PLANTED = 'pl4nted+S/cret ö%r"<x>'


@dataclass(frozen=True)
class Course:
    """The course of a window. `begin` lets a system fail, with a function that says whether closing has begun. `failed` are the steps that
    fail.
    """

    failed: tuple[str, ...]
    begin: Callable[[Callable[[], bool]], Callable[[Vendor], None]] | None = None


COURSES = {
    "success": Course(()),
    # JP1/AO and IoTDA have stopped nothing, and the others can't start what they have stopped.
    "targets that fail": Course(("open", "close"), lambda _closing: echo(409, "application/json", only_writes=True)),
    "credentials that fail": Course(("close",), lambda closing: echo(401, "application/json", when=closing)),
}


@dataclass(frozen=True)
class Windows:
    """The outputs of the windows, by the name of the file or stream. For each window, the kinds of authentication that its systems
    received, and the failed steps.
    """

    texts: Mapping[str, str]
    secrets: set[str]
    asked: Mapping[str, set[str]]
    failed: Mapping[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def windows(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    place = tmp_path_factory.mktemp("windows")
    secrets = {secret for authentication in AUTHENTICATIONS for secret in authentication.secrets}
    tasks: list[dict[str, Any]] = [{"name": "plant", "ansible.builtin.debug": {"msg": PLANTED}}]
    emulators: dict[tuple[str, str], ThreadedEmulator] = {}
    with ExitStack() as stack:
        for number, (title, course) in enumerate(COURSES.items()):
            flag = place / f"closing-{number}"
            targets = []
            for authentication in AUTHENTICATIONS:
                vendor = authentication.emulator()
                token = authentication.token(vendor)
                secrets |= {token} - {""}
                if course.begin:
                    course.begin(flag.exists)(vendor)
                emulator = stack.enter_context(ThreadedEmulator(vendor, ask_client=authentication.ask_client))
                emulators[title, authentication.title] = emulator
                secrets |= authentication.keys(emulator)
                targets.append(target(authentication, authentication.reached(emulator, token)))
            # Each window has its own folder: behind a proxy, the systems of all windows have the same address, and windows in one folder
            # refuse tasks that another window still holds.
            tasks += steps(title, name_of(title), targets, place / KEPT / name_of(title), flag)
        texts = run(ansible, place, tasks, patience=240)
        asked: dict[str, set[str]] = {title: set() for title in COURSES}
        for (title, way_title), emulator in emulators.items():
            secrets |= set(on_the_wire(emulator.vendor))
            entries = emulator.vendor.journal.since()
            assert all(entry.status for entry in entries)
            if entries:
                asked[title].add(way_title)
    done = {json.loads(line)["task"] for line in texts["the results"].splitlines()}
    failed = {title: tuple(step for step in STEPS if f"{title}: {step} failed" in done) for title in COURSES}
    yield Windows(texts, secrets, asked, failed)


def name_of(title: str) -> str:
    return re.sub(r"\W+", "-", title)


def target(authentication: Authentication, options: Mapping[str, Any]) -> dict[str, Any]:
    """The call as a target of a window."""
    rest = {name: value for name, value in options.items() if name not in ("state", *IDS)}
    (tasks,) = [options[name] for name in IDS if name in options]
    where = {
        "name": name_of(authentication.title),
        "vendor": authentication.vendor,
        "stage": 10,
        "state": options["state"],
        "accept_final": True,
    }
    # One read and no long wait: a window with many failing systems should end soon.
    return {**where, "tasks": tasks, "options": {**rest, "retries": 0, "wait_timeout": authentication.wait_timeout}}


def steps(title: str, window: str, targets: list[dict[str, Any]], folder: Path, flag: Path) -> list[dict[str, Any]]:
    """Open and close. Each may fail."""
    variables = {"maintenance_id": window, "maintenance_ledger_dir": str(folder), "maintenance_targets": targets}
    opened, closed = (
        {
            "name": f"{title}: {word}",
            "block": [{"ansible.builtin.include_role": {"name": f"{COLLECTION}.maintenance_{word}"}, "vars": variables}],
            "rescue": [{"name": f"{title}: {word} failed", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
        }
        for word in STEPS
    )
    return [opened, {"name": "begin to close", "ansible.builtin.file": {"path": str(flag), "state": "touch", "mode": "0600"}}, closed]


def test_no_secret_is_in_anything_that_windows_leave(windows: Windows) -> None:
    assert len(windows.secrets) > len(AUTHENTICATIONS)
    assert list(found(windows.secrets, windows.texts)) == []


@pytest.mark.parametrize("title", COURSES)
def test_each_window_went_as_it_should_over_all_systems(windows: Windows, title: str) -> None:
    """Otherwise, the test above would find nothing for another reason."""
    assert windows.failed[title] == COURSES[title].failed
    assert windows.asked[title] == {authentication.title for authentication in AUTHENTICATIONS}


def test_a_secret_that_a_run_does_print_is_found_in_all_that_is_kept_of_it(windows: Windows) -> None:
    places = {name for name, _what in found([PLANTED], windows.texts)}

    assert places >= {"stdout", "the log", "the results", "artifacts/run/stdout"}
    assert any(name.startswith("artifacts/run/job_events/") for name in places)


@pytest.mark.parametrize("title", COURSES)
def test_what_does_stand_in_a_ledger_and_its_reports_is_found_there(windows: Windows, title: str) -> None:
    window = f"{KEPT}/{name_of(title)}/{name_of(title)}"
    files = {f"{window}.json", f"{window}+report.json", f"{window}+report.html", f"{window}+report.md"}

    for authentication in AUTHENTICATIONS:
        places = {name for name, _what in found([name_of(authentication.title)], windows.texts)}
        assert places >= {"syslog", *files}, authentication.title


def test_a_secret_is_found_in_each_spelling() -> None:
    written = (
        PLANTED,
        "pl4nted%2BS%2Fcret%20%C3%B6%25r%22%3Cx%3E",
        "pl4nted%2BS%2Fcret+%C3%B6%25r%22%3Cx%3E",
        'pl4nted+S/cret \\u00f6%r\\"<x>',
        "pl4nted+S/cret ö%r&quot;&lt;x&gt;",
        base64.b64encode(PLANTED.encode()).decode(),
        PLANTED.encode().hex(),
    )

    assert [bool(list(found([PLANTED], {"text": f"before {text} behind"}))) for text in written] == [True] * len(written)
