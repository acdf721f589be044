# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open and close as the workflow runs them: the variables that one passes to the other, and the data that AWX stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.emulator.client import Control
from tests.integration.windows import ID, holds
from tests.window.fleet import Fleet

from .credentials import secrets
from .jobs import Awx, Ended
from .site import Site, asked


@dataclass
class Workflow:
    """The results of open and close, run as the workflow runs them. `states` are the states of the tasks before, between and after."""

    site: Site
    open: Ended
    close: Ended
    states: Sequence[Mapping[str, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def workflow(awx: Awx, systems: Mapping[str, Control], tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Run open and then close. Close gets the workflow's answers and the variables of open, and no other information about the ledger."""
    for system in systems.values():
        system.reset()
    fleet = Fleet(systems)
    fleet.put(1)
    site = Site(awx, fleet, tmp_path_factory.mktemp("site") / "ledgers")
    answers = {"maintenance_id": ID, "maintenance_targets_yaml": site.targets()}
    states = [fleet.states()]
    opened = site.launch("open", answers)
    states.append(fleet.states())
    closed = site.launch("close", {**answers, **opened.passed_on}, inventory={})
    states.append(fleet.states())
    return Workflow(site, opened, closed, states)


def test_the_workflow_opens_and_puts_everything_back(workflow: Workflow) -> None:
    before, between, after = workflow.states

    assert (workflow.open.status, workflow.close.status) == (0, 0), workflow.open.printed + workflow.close.printed
    assert (between["totalcontrol"], between["hitachi"]) == ({"script-0": -4}, {"7000": "suspended"})
    assert after == before


def test_opening_passes_on_what_closing_needs(workflow: Workflow) -> None:
    passed = workflow.open.passed_on

    assert list(passed) == [f"maintenance_{ID}"]
    assert passed[f"maintenance_{ID}"]["ledger"] == str(workflow.site.ledgers / f"{ID}.json")
    assert workflow.close.passed_on[f"maintenance_{ID}"]["status"] == "closed"


def test_an_empty_answer_for_the_folder_of_the_report_counts_as_not_given(workflow: Workflow) -> None:
    assert "maintenance_report_dir" in asked("open")
    assert sorted(path.name for path in workflow.site.ledgers.glob("*+report.*")) == [
        f"{ID}+report.{kind}" for kind in ("html", "json", "md")
    ]


def test_nothing_secret_is_in_what_is_kept_of_a_job(workflow: Workflow) -> None:
    texts = [(place, text) for job in (workflow.open, workflow.close) for place, text in job.kept()]
    texts += [(path.name, path.read_text(errors="replace")) for path in workflow.site.ledgers.iterdir()]

    assert len(texts) > 30
    assert [(place, secret) for place, text in texts for secret in secrets(workflow.site.fleet.systems) if holds(text, secret)] == []
