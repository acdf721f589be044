# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module alone: the errors that it finds in variables, and that it refuses to run on another machine."""

from __future__ import annotations

from typing import Any

from tests.integration.processes import Ansible, Result


def _checked(ansible: Ansible, needs: list[str], **variables: Any) -> Result:
    run = ansible.tasks({"taskops.quiesce.maintenance_variables": {"needs": needs}, "vars": variables})
    return run.results[0]


def test_what_is_in_order_passes(ansible: Ansible) -> None:
    checked = _checked(ansible, ["maintenance_id"], maintenance_id="CHG1", maintenance_ledger_lease="90")

    assert (checked.outcome, checked["changed"]) == ("ok", False)


def test_what_is_missing_is_named(ansible: Ansible) -> None:
    checked = _checked(ansible, ["maintenance_id"])

    assert checked["msg"].startswith("maintenance_id is missing; give it the window's id")
    assert checked["failure"] == {"code": "usage"}


def test_what_is_of_the_wrong_kind_is_named_also_where_it_is_not_needed(ansible: Ansible) -> None:
    assert _checked(ansible, [], maintenance_targets="scripts")["msg"] == "maintenance_targets is a text; write a list."


def test_a_misspelt_name_is_told(ansible: Ansible) -> None:
    check = {"takes": ["maintenance_hosts"], "strict": False}
    task = {"taskops.quiesce.maintenance_variables": check, "vars": {"maintenance_host": "jump"}}

    strict, lenient = ansible.tasks(
        {**task, "ignore_errors": True} | {"taskops.quiesce.maintenance_variables": {**check, "strict": True}}, task
    ).results

    sentence = (
        "nothing here reads the variable maintenance_host (did you mean maintenance_hosts?); correct the name, or choose another one "
    )
    assert (strict.outcome, strict["msg"].startswith(sentence), strict["failure"]) == ("failed", True, {"code": "usage"})
    assert (lenient.outcome, lenient["warnings"][0].startswith(sentence)) == ("ok", True)


def test_its_own_options_are_checked_too(ansible: Ansible) -> None:
    run = ansible.tasks({"taskops.quiesce.maintenance_variables": {"take": ["maintenance_hosts"]}})

    assert "Unsupported parameters" in run.results[0]["msg"] and "take" in run.results[0]["msg"]
