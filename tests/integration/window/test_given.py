# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types that the variables of a window have when they come from YAML, surveys and extra vars."""

from __future__ import annotations

import pytest

from tests.integration.windows import Window, ended


@pytest.mark.parametrize(
    ("given", "id_"),
    [
        ("{maintenance_id: 20261127}", "20261127"),
        ("{maintenance_id: 2026-03-01}", "2026-03-01"),
        ("{maintenance_id: CHG1, maintenance_ledger_lease: ''}", "CHG1"),
        ("{maintenance_id: CHG1, maintenance_ledger_lease: '90'}", "CHG1"),
    ],
)
def test_a_window_opens_and_closes_whatever_form_its_variables_have(window: Window, given: str, id_: str) -> None:
    found = window.fleet.states()

    assert ended(window.open("-e", given)) == ""
    assert window.ledger.with_name(f"{id_}.json").exists()
    assert window.fleet.states() != found
    assert ended(window.close("-e", given)) == ""
    assert window.fleet.states() == found


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{maintenance_id: 2026.10}", "maintenance_id is a number (2026.1), and its original spelling is lost"),
        ("{maintenance_ledger_lease: soon}", "maintenance_ledger_lease is 'soon'; write a number of seconds over 0."),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence_and_nothing_is_done(window: Window, given: str, sentence: str) -> None:
    run = window.open("-e", given)

    assert run.status != 0
    assert sentence in run.printed.replace("\n", " ")
    assert not list(window.ledger.parent.glob("*"))
    assert not window.fleet.systems["totalcontrol"].writes()
