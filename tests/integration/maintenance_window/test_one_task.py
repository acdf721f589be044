# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a single Ansible task: a resource with a state. Check mode returns the plan, and diff mode the changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.integration.processes import Ansible, Run

PAUSED, RUNNING = -4, -1
MODULE = "taskops.quiesce.maintenance_window"
SECRETS = {"username": "sigma", "password": "3D391497"}


DOCUMENT = """
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "json"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sentences = []

    def v2_runner_on_ok(self, result, **kwargs):
        self.sentences.append(result._result["sentence"])

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps({"sentences": self.sentences}))
"""


@pytest.fixture(autouse=True)
def system(totalcontrol: Control) -> Control:
    totalcontrol.put_tasks([{"task_name": "one", "status": RUNNING}, {"task_name": "two", "status": PAUSED}])
    return totalcontrol


def target(system: Control, **more: Any) -> dict[str, Any]:
    return {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}, "options": {"url": system.url, **more}}


def window(folder: Path, state: str, *targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    options = {"id": "CHG1", "state": state, "ledger_dir": str(folder / "ledgers"), "targets": list(targets), **more}
    return {"name": state, MODULE: options, "register": state}


def run(ansible: Ansible, *tasks: dict[str, Any], args: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Run:
    return ansible.tasks(*tasks, args=args, variables=env, patience=120)


def states(system: Control) -> dict[str, int]:
    return {task["task_name"]: task["status"] for task in system.tasks()}


def test_it_is_idempotent_in_either_state(ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path) -> None:
    opening, closing = window(tmp_path, "open", target(system)), window(tmp_path, "closed")

    done = run(ansible, opening, opening, closing, closing, env=totalcontrol_access)

    assert done.status == 0, done.printed
    assert [(result["changed"], result["status"]) for result in done.results] == [
        (True, "open"),
        (False, "open"),
        (True, "closed"),
        (False, "closed"),
    ]
    assert [result["sentence"] for result in done.results] == ["open, 1 task held"] * 2 + ["closed, all as found"] * 2
    assert [write["action"] for write in system.writes()] == ["pause", "resume"]
    assert states(system) == {"one": RUNNING, "two": PAUSED}


def test_the_last_line_of_a_run_says_what_the_window_is_now(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    done = run(ansible, window(tmp_path, "open", target(system)), window(tmp_path, "closed"), env=totalcontrol_access)

    said = [line for line in done.stdout.splitlines() if line.startswith("CHG1")]
    assert said == [
        "CHG1, stage 10: 2 of 2 tasks reached their state",
        "CHG1: open, 1 task held",
        "CHG1, stage 10: 1 of 1 tasks are put back",
        "CHG1: closed, all as found",
    ]


def test_check_mode_is_the_plan_and_diff_the_table(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    planned = run(ansible, window(tmp_path, "open", target(system)), args=("--check", "--diff"), env=totalcontrol_access).results[0]

    assert planned["plan"][1:] == ["  one: is started, pause makes it paused", "  two: is paused, nothing to send"]
    assert (planned["changed"], planned["only_planned"], planned["status"], planned["summary"]) == (True, True, "none", {})
    assert planned["diff"] == {"before": "scripts one: started\n", "after": "scripts one: paused\n"}
    assert planned["sentence"] == "only planned, nothing was changed; 1 task would be changed"
    assert (system.writes(), (tmp_path / "ledgers").exists()) == ([], False)


@pytest.mark.wire
def test_a_plan_that_changes_nothing_is_no_change(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    paused = {**target(system), "tasks": ["two"], "select": None}

    done = run(ansible, window(tmp_path, "open", paused), args=("--check",), env=totalcontrol_access)

    assert not done.results[0]["changed"] and "changed=0" in done.stdout


@pytest.mark.wire
def test_check_mode_tells_what_opening_does_with_a_window_that_is_open(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    """Somebody has resumed one of its tasks, and the selection now finds another one."""
    opening = window(tmp_path, "open", target(system))
    assert run(ansible, opening, env=totalcontrol_access).status == 0
    system.act("one", "resume")
    system.add_tasks({"task_name": "three", "status": RUNNING})
    before = (tmp_path / "ledgers" / "CHG1.json").read_text()

    planned = run(ansible, opening, args=("--check", "--diff"), env=totalcontrol_access).results[0]

    assert planned["plan"] == [
        "stage 10: scripts (Total Control) to be paused",
        "  one: is started, pause makes it paused",
        "  two: is paused, nothing to send",
        "  scripts three: isn't part of the window, which was opened without it; it's left unchanged",
    ]
    assert planned["changed"] and planned["diff"]["after"] == "scripts one: paused\n"
    assert (tmp_path / "ledgers" / "CHG1.json").read_text() == before
    assert [write["action"] for write in system.writes()] == ["pause"]


def test_diff_of_a_run_tells_what_became_of_each_task(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    done = run(ansible, window(tmp_path, "open", target(system)), window(tmp_path, "closed"), args=("--diff",), env=totalcontrol_access)

    assert [result["diff"]["before"] for result in done.results] == ["scripts one: started\n", "scripts one: paused\n"]
    assert [result["diff"]["after"] for result in done.results] == ["scripts one: paused\n", "scripts one: started\n"]


@pytest.mark.wire
def test_credentials_that_stood_among_the_options_are_asked_for_by_name(ansible: Ansible, system: Control, tmp_path: Path) -> None:
    assert run(ansible, window(tmp_path, "open", target(system, **SECRETS))).status == 0

    alone = run(ansible, window(tmp_path, "closed")).results[0]
    given = run(ansible, window(tmp_path, "closed", {"name": "scripts", "options": SECRETS}), args=("-vvvv",))

    assert alone["failure"] == {"code": "usage"} and alone["status"] == "closing"
    assert alone["msg"].startswith("The window CHG1 isn't closed: target scripts: one can't be put back: password is missing, ")
    assert "in the environment as TOTALCONTROL_PASSWORD" in alone["msg"] and "give maintenance_targets as on opening" in alone["msg"]
    assert given.status == 0 and "3D391497" not in given.printed
    assert states(system) == {"one": RUNNING, "two": PAUSED}


@pytest.mark.wire
def test_one_target_without_its_credentials_does_not_keep_the_others_from_being_put_back(
    ansible: Ansible, system: Control, tmp_path: Path
) -> None:
    one, two = ({**target(system, **SECRETS), "name": name, "tasks": [name], "select": None} for name in ("one", "two"))
    system.put_tasks([{"task_name": name, "status": RUNNING} for name in ("one", "two")])
    assert run(ansible, window(tmp_path, "open", one, two)).status == 0

    closed = run(ansible, window(tmp_path, "closed", {"name": "two", "options": SECRETS})).results[0]

    assert closed["msg"].startswith("The window CHG1 isn't closed: target one: ") and "TOTALCONTROL_PASSWORD" in closed["msg"]
    assert states(system) == {"one": PAUSED, "two": RUNNING}


@pytest.mark.wire
def test_a_report_folder_that_cannot_be_written_is_found_before_anything_is_paused(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    opening = window(tmp_path, "open", target(system), report_dir="/proc/quiesce")

    refused = run(ansible, opening, env=totalcontrol_access).results[0]

    assert refused["msg"].startswith("can't write the report to /proc/quiesce (No such file or directory); give a folder that this user")
    assert (system.writes(), list((tmp_path / "ledgers").glob("*.json"))) == ([], [])
    assert not list((tmp_path / "ledgers").glob("*.lock"))


@pytest.mark.wire
def test_closing_comes_also_where_the_report_cannot_be_written(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    assert run(ansible, window(tmp_path, "open", target(system)), env=totalcontrol_access).status == 0

    closed = run(ansible, window(tmp_path, "closed", report_dir="/proc/quiesce"), env=totalcontrol_access).results[0]

    assert closed["msg"].startswith("the window CHG1 is closed, but its report isn't written: can't write the report to /proc/quiesce")
    assert closed["status"] == "closed" and states(system) == {"one": RUNNING, "two": PAUSED}


def test_a_ledger_that_a_module_keeps_is_kept_as_well(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    """As on another host: a module executes each step of the ledger and writes the report, and the engine runs here."""
    tasks = [{**window(tmp_path, state, target(system)), "vars": {"quiesce_in_worker": False}} for state in ("open", "open", "closed")]

    done = run(ansible, *tasks, args=("-vvv",), env=totalcontrol_access)

    assert done.status == 0, done.printed
    assert [result["sentence"] for result in done.results] == ["open, 1 task held"] * 2 + ["closed, all as found"]
    assert "keeps the ledger by a module, since the variable quiesce_in_worker says so" in done.printed
    assert all(Path(path).exists() for path in done.results[-1]["report"].values()) and "DEPRECATION" not in done.printed
    assert [write["action"] for write in system.writes()] == ["pause", "resume"]


def inventory(ansible: Ansible, folder: Path) -> tuple[str, str]:
    interpreter = f"ansible_connection=local ansible_python_interpreter={ansible.python}"
    (folder / "inventory.ini").write_text(f"a {interpreter}\nb {interpreter}\n")
    return "-i", str(folder / "inventory.ini")


def test_of_several_hosts_one_opens_the_window_and_the_others_are_told_who_holds_it(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    system.order_fault("delay", match={"action": "pause"}, seconds=8)
    play = {"hosts": "all", "gather_facts": False, "tasks": [window(tmp_path, "open", target(system))]}

    done = ansible.playbook([play], *inventory(ansible, tmp_path), variables=totalcontrol_access)

    told = sorted((result.outcome, str(result.returned.get("msg", ""))) for result in done.results)
    assert [outcome for outcome, _message in told] == ["failed", "ok"], done.printed
    assert "the window CHG1 is locked by this very run of Ansible (open since " in told[0][1] and "run_once: true" in told[0][1]
    assert [write["action"] for write in system.writes()] == ["pause"]


def test_run_once_opens_it_once_for_all_hosts(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    tasks = [{**window(tmp_path, "open", target(system)), "run_once": True}, {"ansible.builtin.debug": {"msg": "{{ open.sentence }}"}}]

    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}

    done = ansible.playbook([play], *inventory(ansible, tmp_path), variables=totalcontrol_access)

    assert done.status == 0, done.printed
    assert [result["msg"] for result in done.results[1:]] == ["open, 1 task held"] * 2
    assert [write["action"] for write in system.writes()] == ["pause"]


def test_each_host_may_have_a_window_of_its_own(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    names = {"a": "one", "b": "two"}
    mine = {**target(system), "tasks": ["{{ names[inventory_hostname] }}"], "select": None}
    own = window(tmp_path, "open", mine, id="CHG1-{{ inventory_hostname }}")

    done = ansible.playbook(
        [{"hosts": "all", "gather_facts": False, "vars": {"names": names}, "tasks": [own]}],
        *inventory(ansible, tmp_path),
        variables=totalcontrol_access,
    )

    assert sorted(result["sentence"] for result in done.results) == ["open, 0 tasks held", "open, 1 task held"], done.printed


def test_a_program_that_reads_the_output_gets_no_line_between(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    """A callback that writes one document, which additional lines would break."""
    (tmp_path / "callbacks").mkdir()
    (tmp_path / "callbacks" / "json.py").write_text(DOCUMENT)
    callback = {"ANSIBLE_STDOUT_CALLBACK": "json", "ANSIBLE_CALLBACK_PLUGINS": str(tmp_path / "callbacks")}

    done = run(ansible, window(tmp_path, "open", target(system)), env={**totalcontrol_access, **callback})

    assert json.loads(done.stdout) == {"sentences": ["open, 1 task held"]}


def test_no_log_keeps_the_lines_back_too(ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path) -> None:
    done = run(ansible, {**window(tmp_path, "open", target(system)), "no_log": True}, env=totalcontrol_access)

    assert done.status == 0 and "CHG1" not in done.stdout


def test_without_requests_where_ansible_runs_it_is_told_in_one_sentence(ansible: Ansible, system: Control, tmp_path: Path) -> None:
    (tmp_path / "requests.py").write_text("raise ImportError('not here')\n")

    refused = run(ansible, window(tmp_path, "open", target(system)), env={"PYTHONPATH": str(tmp_path), "ANSIBLE_FORKS": "1"})

    message = refused.results[0]["msg"]
    assert message.startswith("a window is worked on where Ansible runs, and ") and message.endswith(
        " there can't import requests; install that beside ansible-core."
    )
    assert not (tmp_path / "ledgers").exists()


def test_a_task_that_is_asynchronous_is_refused(ansible: Ansible, system: Control, tmp_path: Path) -> None:
    refused = run(ansible, {**window(tmp_path, "open", target(system)), "async": 60, "poll": 1})

    assert refused.status != 0 and system.writes() == []


def test_the_task_s_own_timeout_gives_the_lock_back_and_closing_goes_on(
    ansible: Ansible, system: Control, totalcontrol_access: dict[str, str], tmp_path: Path
) -> None:
    """In the same play, whose process continues to run."""
    system.set_switches(change_delay=30)
    opening = {**window(tmp_path, "open", target(system)), "timeout": 6}
    look = {"name": "look", "ansible.builtin.slurp": {"src": str(tmp_path / "ledgers" / "CHG1.json")}, "register": "ledger"}
    lift = {"name": "lock", "ansible.builtin.stat": {"path": str(tmp_path / "ledgers" / "CHG1.lock")}}

    done = run(ansible, {"block": [opening], "rescue": [look, lift]}, env=totalcontrol_access)

    assert done.status == 0, done.printed
    assert not done.by_name()["lock"]["stat"]["exists"]
    document = json.loads((tmp_path / "ledgers" / "CHG1.json").read_text())
    assert document["status"] == "opening"
    (item,) = [item for item in document["targets"][0]["items"] if item["id"] == "one"]
    assert item["open"]["memory"]["actions"] == ["pause"] and item["ours"]
