# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two windows over the same tasks, and windows with an end: real processes over emulated systems."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from tests.integration.windows import Window, actions, ended, returned

from .conftest import Make

pytestmark = pytest.mark.wire

RUNNING, PAUSED = -1, -2


def _beside(window: Window, id_: str) -> Window:
    """Another window over the same targets, in the same folder."""
    return replace(window, id=id_, runs=[])


def _states(window: Window) -> list[int]:
    return list(window.fleet.states()["totalcontrol"].values())


def test_the_last_window_puts_back_what_the_first_one_found(window: Window) -> None:
    other = _beside(window, "CHG2")
    assert ended(window.open()) == ""
    found = _states(window)
    opened = other.open()

    assert ended(opened) == ""
    assert all("the window CHG0031337 holds it already and found it started" in line for line in returned(opened, "plan")[1:])
    assert ended(window.close()) == "" and _states(window) == found
    assert returned(window.runs[-1], "sentence") == "closed, 0 of 2 tasks as found, 2 held by other windows"
    assert ended(other.close()) == ""
    assert returned(other.runs[-1], "sentence") == "closed, all as found"
    assert actions(window.fleet) == {"totalcontrol": ["pause", "pause", "resume", "resume"]}


def test_a_window_that_wants_another_state_is_refused(window: Window) -> None:
    other = _beside(window, "CHG2")
    other.targets = [{**target, "state": "started"} for target in window.targets]
    assert ended(window.open()) == ""
    before = actions(window.fleet)

    refused = ended(other.open())

    assert refused.startswith("the window CHG2 isn't opened, and nothing was changed: target scripts: the window CHG0031337 holds ")
    assert "and this window is to make it started; close that window first, or give both the same state" in refused
    assert (actions(window.fleet), other.ledger.exists()) == (before, False)


def test_a_damaged_neighbour_is_named_and_stops_only_who_shares_its_tasks(window: Window) -> None:
    window.ledger.parent.mkdir()
    beside = window.ledger.with_name("CHG9.json")
    beside.write_text('{"window": "CHG9", "id": "another"')
    assert ended(window.open()) == ""
    assert "CHG9.json is damaged, so that it isn't known which tasks that window holds" in " ".join(window.runs[-1].printed.split())

    beside.write_text('{"window": "CHG9", "id": "script-1"')
    refused = ended(window.close())

    assert "the ledger" in refused and "CHG9.json is damaged and names it" in refused
    assert actions(window.fleet)["totalcontrol"].count("resume") == 1
    beside.unlink()
    assert ended(window.close()) == ""


def test_an_open_window_takes_no_other_system_for_the_same_target(make_window: Make) -> None:
    window = make_window("totalcontrol", "huawei")
    window.targets = window.targets[:1]
    assert ended(window.open()) == ""
    before = window.ledger.read_text()
    window.targets[0]["options"]["url"] = "http://127.0.0.1:9"

    refused = ended(window.open())

    assert "and its target scripts is on totalcontrol http://127.0.0.1:" in refused
    assert "give the system by which it was opened, or take another id for this one" in refused
    assert window.ledger.read_text() == before


# Windows with an end


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"maintenance_until": "2026-12-01T04:00:00"}, "has no time zone"),
        ({"maintenance_until": "2020-12-01T04:00:00+01:00"}, "which has passed"),
        ({"maintenance_until": "tomorrow"}, "which isn't a time"),
        ({"maintenance_for": "soon"}, "which isn't a duration"),
        ({"maintenance_for": "2h", "maintenance_until": "2099-12-01T04:00:00Z"}, "give one of them"),
    ],
)
def test_a_deadline_that_is_none_is_refused_and_nothing_is_changed(window: Window, given: dict[str, str], sentence: str) -> None:
    refused = ended(window.open(**given))

    assert sentence in refused and refused.count(". ") == 0
    assert (actions(window.fleet), window.ledger.exists()) == ({}, False)


def test_a_deadline_stands_in_the_ledger_and_opening_again_moves_it(window: Window) -> None:
    assert ended(window.open(maintenance_until="2099-12-01T04:00:00+01:00")) == ""
    first = window.document()["until"]
    assert returned(window.runs[-1], "sentence") == "open, 2 tasks held, until 2099-12-01 03:00 UTC"
    assert ended(window.open()) == "" and window.document()["until"] == first
    assert ended(window.open(maintenance_for="1d")) == ""

    assert abs(window.document()["until"] - time.time() - 86400) < 300


@pytest.mark.core
def test_what_is_overdue_is_closed_and_one_that_fails_keeps_no_other_open(make_window: Make) -> None:
    window = make_window("totalcontrol", "hitachi", count=1)
    scripts, backups = ({**target} for target in window.targets)
    windows = {id_: _beside(window, id_) for id_ in ("CHG1", "CHG2", "CHG3")}
    windows["CHG1"].targets, windows["CHG2"].targets, windows["CHG3"].targets = [backups], [scripts], []
    for one in (windows["CHG1"], windows["CHG2"]):
        assert ended(one.open(maintenance_for="1h")) == ""
        document = one.document()
        document["until"] = time.time() - 60
        one.ledger.write_text(json.dumps(document, indent=1, sort_keys=True))
    environment = {**window.fleet.environment(), "HITACHI_PASSWORD": "wrong"}

    listed = window.run("windows", maintenance_id=None, maintenance_targets=None)
    closing = window.run("close_overdue", environment=environment, maintenance_id=None, maintenance_targets=None)

    assert "OVERDUE by 1 min" in listed.printed
    assert ended(closing).startswith("1 of 2 overdue windows aren't closed. The window CHG1 isn't closed: ")
    assert (windows["CHG1"].document()["status"], windows["CHG2"].document()["status"]) == ("closing", "closed")
    assert ended(window.run("close_overdue", maintenance_id=None, maintenance_targets=None)) == ""
    assert windows["CHG1"].document()["status"] == "closed"
