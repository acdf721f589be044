# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in a playbook of its own: however it ends, the window is closed afterwards, and its status decides that of the play."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import Run
from tests.integration.windows import Window, actions, ended
from tests.waiting import until

Tasks = list[dict[str, Any]]

DONE = {"name": "Work", "ansible.builtin.debug": {"msg": "the work was done"}}
NEVER = {"name": "Go on", "ansible.builtin.debug": {"msg": "the work went on"}}
# The process that runs the playbook of the work, as one of its Ansible tasks sees it.
MAIN = "{{ lookup('ansible.builtin.pipe', 'ps -o ppid= -p $PPID') | trim }}"
OPENED_AND_CLOSED = {"totalcontrol": ["pause", "pause", "resume", "resume"]}
ENDS: dict[str, tuple[Tasks, str]] = {
    "a task fails": ([{"name": "Fail", "ansible.builtin.fail": {"msg": "no"}}, NEVER], "failed on a host (exit status 2)"),
    "end_play": ([{"name": "End", "ansible.builtin.meta": "end_play"}, NEVER], ""),
    "end_host": ([{"name": "End", "ansible.builtin.meta": "end_host"}, NEVER], ""),
    "a host that can't be reached": (
        [{"name": "Reach", "ansible.builtin.ping": {}, "delegate_to": "nowhere", "vars": {"ansible_connection": "ssh", "ansible_port": 1,
          "ansible_host": "127.0.0.1"}}, NEVER],
        "had a host that couldn't be reached",
    ),
    "what can't be loaded when it's reached": (
        [{"name": "Include", "ansible.builtin.include_tasks": "{{ 'no' }}_such_file.yml"}, NEVER],
        "failed on a host (exit status 2)",
    ),
    "a kill of Ansible": (
        [{"name": "Kill", "ansible.builtin.shell": f"kill -9 {MAIN}; sleep 60"}, NEVER],
        "was killed by SIGKILL",
    ),
}  # fmt: skip


def write(window: Window, tasks: Tasks, **play: Any) -> None:
    document = [{"name": "Work", "hosts": "localhost", "gather_facts": False, "tasks": tasks, **play}]
    (window.folder / "work.yml").write_text(json.dumps(document))


def work(window: Window, *args: str, environment: Mapping[str, str] | None = None, **more: Any) -> Run:
    names = {"maintenance_work_playbook": str(window.folder / "work.yml"), **more}
    return window.run("window", *args, environment={**window.fleet.environment(), **(environment or {})}, **names)


def printed(run: Run) -> list[str]:
    """The lines of the work."""
    return [line.removeprefix("work |").strip() for line in run.stdout.splitlines() if line.startswith("work |")]


def processes_of(marker: str) -> list[int]:
    """The ids of the processes with this text in their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and marker in (entry / "cmdline").read_bytes().decode(errors="replace"):
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("end", ENDS)
def test_however_it_ends_the_window_is_closed_and_the_play_ends_as_it_did(window: Window, end: str) -> None:
    tasks, told = ENDS[end]
    found = window.fleet.states()
    write(window, tasks)

    run = work(window)

    assert actions(window.fleet) == OPENED_AND_CLOSED and window.fleet.states() == found
    assert window.document()["status"] == "closed"
    assert bool(run.status) == bool(told), run.printed
    assert told in run.printed and "the work went on" not in run.printed


def test_its_lines_come_as_they_are_printed(window: Window) -> None:
    """It is found where the user stands."""
    write(window, [{"name": "Wait", "ansible.builtin.command": "sleep 3"}, DONE])
    variables = window.folder / "variables.json"
    variables.write_text(json.dumps(window.variables(maintenance_work_playbook="work.yml")))

    with started(window) as process:
        seen: dict[str, Any] = {}
        assert process.stdout is not None
        for line in process.stdout:
            seen.setdefault(line.strip(), time.monotonic())
        assert process.wait(60) == 0, "\n".join(seen)

    waits, works = (next(at for line, at in seen.items() if re.match(rf"work \| TASK \[{name}\]", line)) for name in ("Wait", "Work"))
    assert works - waits > 2
    assert any("the work was done" in line for line in seen)


def test_it_gets_what_its_parent_has_and_no_secret_is_in_a_command_line(window: Window) -> None:
    """Inventory, limit, forks, extra variables, vault secrets, environment, and `--skip-tags`. All goes well."""
    found = window.fleet.states()
    key = window.folder / "vault-password"
    key.write_text("only-for-this-test")
    made = window.ansible.run("ansible-vault", "encrypt_string", "--vault-id", f"mine@{key}", "hidden-in-a-vault", "--name", "vaulted")
    (window.folder / "secrets.yml").write_text(f"---\n{made.stdout}\nplain: in-a-file\nday: 2026-11-28\n")
    (window.folder / "hosts").write_text("localhost ansible_connection=local where=inventory\nleft-out.example ansible_connection=local\n")
    look = "{{ [where, ansible_forks, vaulted, plain, inline, day | type_debug, lookup('env', 'SOME_TOKEN'), ansible_limit] | join(' ') }}"
    command = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    write(
        window,
        [
            {"name": "Look", "ansible.builtin.debug": {"msg": look}},
            {"name": "Leave out", "ansible.builtin.debug": {"msg": "not left out"}, "tags": ["slow"]},
            {"name": "Look at processes", "ansible.builtin.shell": command, "register": "seen"},
            {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ ['unseen', 'seen'][seen.stdout is search('in-an-opt|hidden-in')] }}"}},
        ],
        hosts="all",
    )  # fmt: skip

    # The parent's own command line shows the test's values, so they are in a file.
    (window.folder / "inline.json").write_text('{"inline": "in-an-option-{{ 1 + 1 }}"}')
    run = work(
        window,
        *("-i", str(window.folder / "hosts"), "--limit", "localhost", "--forks", "3", "--skip-tags", "slow"),
        *("--vault-id", f"mine@{key}", "-e", f"@{window.folder}/secrets.yml", "-e", f"@{window.folder}/inline.json"),
        environment={"SOME_TOKEN": "a-token"},
    )

    assert run.status == 0, run.printed
    assert actions(window.fleet) == OPENED_AND_CLOSED and window.fleet.states() == found
    assert window.document()["status"] == "closed"
    told = " ".join(printed(run))
    assert '"msg": "inventory 3 hidden-in-a-vault in-a-file in-an-option-2 date a-token localhost"' in told
    assert '"msg": "unseen"' in told and "not left out" not in told and "left-out.example" not in told
    files = [path for path in window.folder.rglob("*") if path.is_file()]
    assert window.folder / "work.yml" in files and [path for path in files if b"hidden-in-a-vault" in path.read_bytes()] == []


@pytest.mark.wire
def test_check_mode_looks_at_it_and_runs_nothing(window: Window) -> None:
    write(window, [DONE])

    run = work(window, "--check")

    assert (run.status, printed(run), actions(window.fleet)) == (0, [], {})


@pytest.mark.parametrize("args", [(), pytest.param(("--check",), marks=pytest.mark.wire)], ids=["for real", "check mode"])
def test_one_that_can_t_be_loaded_is_refused_before_anything_is_paused(window: Window, args: tuple[str, ...]) -> None:
    write(window, [DONE, {"name": "Restart", "ansible.builtin.servcie": {"name": "a"}}])

    run = work(window, *args)

    assert "ansible.builtin.servcie" in ended(run) and "nothing was paused" in ended(run)
    assert all(system.journal() == [] for system in window.fleet.systems.values()) and not window.ledger.exists()


@pytest.mark.wire
def test_one_that_is_the_playbook_that_runs_is_refused(window: Window) -> None:
    """Otherwise, it would run itself recursively for ever."""
    write(window, [DONE], roles=["taskops.quiesce.maintenance_window"])
    names: dict[str, Any] = {"maintenance_work_playbook": str(window.folder / "work.yml")}

    run = window.run("work.yml", **names)

    assert run.status != 0 and "it would run for ever" in run.printed
    assert actions(window.fleet) in ({}, OPENED_AND_CLOSED)


@pytest.mark.wire
def test_it_is_found_beside_the_playbook(window: Window) -> None:
    folder = window.folder / "elsewhere"
    folder.mkdir()
    play = {"hosts": "localhost", "gather_facts": False, "roles": ["taskops.quiesce.maintenance_window"]}
    (folder / "window.yml").write_text(json.dumps([play]))
    write(window, [DONE])
    (window.folder / "work.yml").rename(folder / "work.yml")

    run = window.run("elsewhere/window.yml", maintenance_work_playbook="work.yml")

    assert run.status == 0 and "work | PLAY [" in run.stdout and actions(window.fleet) == OPENED_AND_CLOSED, run.printed


def test_it_may_be_one_of_a_collection(window: Window) -> None:
    """Ansible looks for it."""
    run = window.run("window", maintenance_work_playbook="taskops.quiesce.by_hand")

    assert run.status == 0 and "work | PLAY [" in run.stdout and actions(window.fleet) == OPENED_AND_CLOSED, run.printed


@contextmanager
def started(window: Window) -> Iterator[subprocess.Popen[str]]:
    """ansible-playbook as a user starts it, in the window's folder. It is ended afterwards."""
    # As from a terminal, also if a shell runs this in the background, whose children inherit that they ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("ansible-playbook")), "taskops.quiesce.window", "-e", f"@{window.folder / 'variables.json'}"],
        env={**window.ansible.environment(), "QUIESCE_RESULTS": os.devnull, "PYTHONUNBUFFERED": "1", **window.fleet.environment()},
        cwd=window.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_it_ends_with_the_job_that_runs_it(window: Window, number: signal.Signals) -> None:
    """With all its children. The window stays in the state of a killed job, and the next run can close it."""
    marker = f"91{os.getpid()}{int(number):02}"
    write(window, [{"name": "Wait", "ansible.builtin.command": f"sleep {marker}"}, NEVER])
    variables = window.folder / "variables.json"
    variables.write_text(json.dumps(window.variables(maintenance_work_playbook=str(window.folder / "work.yml"))))
    found = window.fleet.states()

    with started(window) as process:
        assert process.stdout is not None
        until(lambda: processes_of(marker))
        os.kill(process.pid, number)
        process.stdout.close()
        process.wait(60)
        until(lambda: not processes_of(marker) and not processes_of(str(window.folder / "work.yml")), 20)

    assert window.document()["status"] == "open" and set(actions(window.fleet)["totalcontrol"]) == {"pause"}
    assert ended(window.close()) == ""
    assert window.fleet.states() == found


def test_a_timeout_of_its_task_ends_it(window: Window) -> None:
    marker = f"92{os.getpid()}"
    write(window, [{"name": "Wait", "ansible.builtin.command": f"sleep {marker}"}, NEVER])
    task = {
        "name": "Run it",
        "taskops.quiesce.maintenance_work": {"step": "run", "playbook": str(window.folder / "work.yml")},
        "timeout": 8,
    }
    (window.folder / "timeout.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))

    run = window.run("timeout.yml")

    assert run.status != 0 and processes_of(marker) == [] and "the work went on" not in run.printed
