# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window over five systems from the plan to the end: planned, opened, opened again, closed, closed again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.processes import Run
from tests.integration.windows import ID, Window, actions, ended, returned, sent
from tests.window.fleet import tasks

from .conftest import Make

FIRST, SECOND = ("totalcontrol", "huawei"), ("ctrlapi", "hitachi", "iotda")
# The second stage has a script and a stream that nobody selected, and an analysis that was already stopped.
STOPPED = {"id": "analysis999999999999999999999999", "name": "camera-off", "state": "STOPPED"}
BYSTANDER = {"task_name": "bystander", "status": -1}


@dataclass(frozen=True)
class Moment:
    """A run, and the states after it."""

    run: Run
    states: dict[str, dict[str, Any]]
    actions: dict[str, list[str]]
    order: list[tuple[float, str]]
    files: list[str]
    document: dict[str, Any]
    report: dict[str, Any]


@dataclass(frozen=True)
class Story:
    window: Window
    found: dict[str, dict[str, Any]]
    moments: dict[str, Moment]

    def __getitem__(self, name: str) -> Moment:
        return self.moments[name]


@pytest.fixture(scope="module")
def story(make_window: Make) -> Story:
    """The whole sequence, once for all tests of this file."""
    others = {"totalcontrol": [*tasks("totalcontrol", 2), BYSTANDER], "huawei": [*tasks("huawei", 2), STOPPED]}
    window = make_window(others=others)
    scripts = next(target for target in window.targets if target["name"] == "scripts")
    del scripts["select"]
    scripts["tasks"] = ["script-0", "script-1"]
    found = window.fleet.states()
    moments = {}
    steps = {
        "plan": ("plan", ()),
        "check": ("open", ("--check",)),
        "open": ("open", ("-vvvv",)),
        "check_close": ("close", ("--check",)),
        "open_again": ("open", ()),
        "close": ("close", ("-vvvv",)),
        "close_again": ("close", ()),
    }
    for name, (playbook, args) in steps.items():
        for system in window.fleet.systems.values():
            system.clear_journal()
        # Closing only needs the id: everything else is in the ledger, and the credentials are in the environment.
        targets = None if playbook == "close" else window.targets
        run = window.run(playbook, *args, maintenance_targets=targets)
        files = sorted(path.name for path in window.ledger.parent.glob("*"))
        moments[name] = Moment(
            run,
            window.fleet.states(),
            actions(window.fleet),
            sent(window.fleet, (*FIRST, *SECOND)),
            files,
            window.document() if window.ledger.exists() else {},
            window.report() if f"{ID}+report.json" in files else {},
        )
    return Story(window, found, moments)


def test_every_run_succeeds(story: Story) -> None:
    assert {name: moment.run.status for name, moment in story.moments.items()} == dict.fromkeys(story.moments, 0), story["open"].run.printed


@pytest.mark.parametrize("name", ["plan", "check"])
def test_a_plan_changes_nothing_and_writes_nothing(story: Story, name: str) -> None:
    assert (story[name].actions, story[name].files, story[name].states) == ({}, [], story.found)


@pytest.mark.parametrize(("name", "changed"), [("plan", 0), ("check", 1)])
def test_the_playbook_of_the_plan_changes_nothing_in_its_recap_and_check_mode_tells_what_would_be(
    story: Story, name: str, changed: int
) -> None:
    assert f" changed={changed} " in re.sub(r"\s+", " ", story[name].run.stdout.rpartition("PLAY RECAP")[2])


@pytest.mark.parametrize("name", ["plan", "check"])
def test_a_plan_tells_of_each_task_what_would_be_done(story: Story, name: str) -> None:
    plan = returned(story[name].run, "plan")

    assert plan == [
        "stage 10: scripts (Total Control) to be paused",
        "  script-0: is started, pause makes it paused",
        "  script-1: is started, pause makes it paused",
        "stage 10: analyses (VIAS) to be paused",
        "  analysis000000000000000000000001 camera-1: is started, stop makes it stopped",
        "  analysis000000000000000000000000 camera-0: is started, stop makes it stopped",
        "  1 more selected tasks have ended and are omitted",
        "stage 20: streams (Boro (project 23)) to be stopped",
        "  241000 Stream 0: is started, stop makes it stopped",
        "  241001 Stream 1: is started, stop makes it stopped",
        "stage 20: backups (JP1/AO) to be paused",
        "  7000 backup-0: is waiting, suspend makes it paused",
        "  7001 backup-1: is waiting, suspend makes it paused",
        "stage 20: upgrades (IoTDA) to be paused",
        "  5c8ba99030344005c0000001 firmware-1: is paused, nothing to send",
        "  5c8ba99030344005c0000000 firmware-0: is paused, nothing to send",
    ]


def test_opening_brings_all_targets_to_their_states_and_nothing_else(story: Story) -> None:
    states = story["open"].states

    assert states["totalcontrol"] == {"script-0": -4, "script-1": -4, "bystander": -1}
    assert set(states["huawei"].values()) == {"STOPPED"} and set(states["ctrlapi"].values()) == {"Stopped"}
    assert set(states["hitachi"].values()) == {"suspended"}
    assert states["iotda"] == story.found["iotda"]
    assert story["open"].actions == {
        "totalcontrol": ["pause", "pause"],
        "huawei": ["stop", "stop"],
        "ctrlapi": ["TaskStop"],
        "hitachi": ["suspend", "suspend"],
    }


def test_a_lower_stage_is_opened_before_a_higher_one(story: Story) -> None:
    order = [vendor in FIRST for _at, vendor in story["open"].order]

    assert order == sorted(order, reverse=True) and True in order and False in order


def test_stages_are_closed_in_reverse(story: Story) -> None:
    order = [vendor in SECOND for _at, vendor in story["close"].order]

    assert order == sorted(order, reverse=True) and True in order and False in order


def test_the_ledger_holds_what_was_found(story: Story) -> None:
    targets = {target["name"]: target for target in story["open"].document["targets"]}

    assert story["open"].document["status"] == "open"
    assert [item["found"]["state"] for item in targets["backups"]["items"]] == ["waiting", "waiting"]
    assert [item["ours"] for item in targets["scripts"]["items"]] == [True, True]
    assert [item["ours"] for item in targets["upgrades"]["items"]] == [False, False]


def test_opening_again_sends_nothing_and_keeps_the_findings(story: Story) -> None:
    again = story["open_again"]
    findings = [
        [[item["found"] for item in target["items"]] for target in story[name].document["targets"]] for name in ("open", "open_again")
    ]

    assert again.actions == {}
    assert findings[0] == findings[1]


def test_closing_in_check_mode_tells_what_is_put_back_and_writes_nothing(story: Story) -> None:
    check = story["check_close"]

    assert check.actions == {}
    assert check.document == story["open"].document
    plan = returned(check.run, "plan")
    assert "  script-0: is put back to started" in plan and "  7000 backup-0: is put back to waiting" in plan
    assert "  5c8ba99030344005c0000000 firmware-0: is left unchanged: the window didn't change it" in plan


def test_closing_puts_every_task_back(story: Story) -> None:
    assert story["close"].states == story.found
    assert story["close"].actions == {
        "totalcontrol": ["resume", "resume"],
        "huawei": ["start", "start"],
        "ctrlapi": ["TaskResume"],
        "hitachi": ["resume", "resume"],
    }
    assert story["close"].document["status"] == "closed"


def test_closing_again_sends_nothing(story: Story) -> None:
    assert (story["close_again"].actions, story["close_again"].states) == ({}, story.found)
    assert ended(story["close_again"].run) == ""


@pytest.mark.parametrize("name", ["open", "close"])
def test_each_run_writes_its_report_beside_the_ledger(story: Story, name: str) -> None:
    assert story[name].files == sorted([".guard", f"{ID}.json", f"{ID}+report.html", f"{ID}+report.json", f"{ID}+report.md"])
    assert story[name].report["status"] == {"open": "open", "close": "closed"}[name]


def test_a_workflow_gets_the_small_facts(story: Story) -> None:
    (facts,) = [result.returned["ansible_stats"]["data"] for result in story["close"].run.results if "ansible_stats" in result]

    assert list(facts) == [f"maintenance_{ID}"]
    small = facts[f"maintenance_{ID}"]
    assert (small["window"], small["status"], small["total"], small["changed"], small["failures"]) == (ID, "closed", 10, 8, [])
    assert (small["ledger"], small["ledger_host"]) == (str(story.window.ledger), "localhost")
    assert sorted(small["report"]) == ["html", "json", "md"]


def test_no_secret_is_in_what_is_printed_nor_in_a_file(story: Story) -> None:
    assert "HITACHI_PASSWORD" not in json.dumps(story.window.targets)
    assert story.window.leaks() == []


def test_no_facts_are_gathered(story: Story) -> None:
    assert "Gathering Facts" not in story["open"].run.stdout
