# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a role's variables is told in one sentence, which names the variable, and the target where it's one of a target."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils._role_variables import NAMES, check_names, check_variables

GOOD = {"name": "scripts", "vendor": "totalcontrol", "state": "paused", "select": {}}
OPENING = ("maintenance_id", "maintenance_targets")


def given(**changes: Any) -> dict[str, Any]:
    return {"maintenance_id": "CHG1", "maintenance_targets": [GOOD], **changes}


def refusal(variables: dict[str, Any], needs: tuple[str, ...] = OPENING, others: tuple[str, ...] = ()) -> str:
    with pytest.raises(Failure) as caught:
        check_variables(variables, needs, others)
    assert caught.value.code == "usage"
    return caught.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"maintenance_id": 31337},
        {"maintenance_ledger_lease": "", "maintenance_work_roles": "", "maintenance_ledger_host": None},
        {"maintenance_ledger_lease": "90", "maintenance_work_roles": ["a"]},
        {"maintenance_targets": [{**GOOD, "stage": "20", "options": None}]},
    ],
)
def test_what_can_be_understood_is_taken(changes: dict[str, Any]) -> None:
    check_variables(given(**changes), OPENING, ())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"maintenance_id": ""}, "maintenance_id is missing"),
    ({"maintenance_targets": ""}, "maintenance_targets is missing; give it the targets of the window"),
    ({"maintenance_id": ["CHG1"]}, "maintenance_id is a list; write a text"),
    ({"maintenance_targets": "scripts"}, "maintenance_targets is a text; write a list"),
    ({"maintenance_targets": [GOOD, 5]}, "target 2 of maintenance_targets is a number; write a dictionary"),
    ({"maintenance_targets": [{**GOOD, "name": ""}]}, "target 1 of maintenance_targets: missing required arguments: name"),
    ({"maintenance_targets": [{**GOOD, "state": "off"}]}, "target scripts: value of state must be one of: paused, started, stopped"),
    ({"maintenance_targets": [{**GOOD, "accept_final": "perhaps"}]}, "target scripts: argument 'accept_final' is of type "),
    ({"maintenance_targets": [{**GOOD, "vendr": "x"}]}, "target scripts has no option vendr (did you mean vendor?)"),
    ({"maintenance_targets": [{**GOOD, "task": [1]}]}, "target scripts has no option task (did you mean tasks?)"),
    ({"maintenance_ledger_lease": "soon"}, "maintenance_ledger_lease is 'soon'; write a number of seconds over 0"),
    ({"maintenance_ledger_lease": -1}, "maintenance_ledger_lease is -1; write a number of seconds over 0"),
    ({"maintenance_ledger_lease": True}, "maintenance_ledger_lease is True"),
    ({"maintenance_ledger_dir": {"path": "/x"}}, "maintenance_ledger_dir is a dictionary; write a text"),
    ({"maintenance_work_roles": "our_update"}, "maintenance_work_roles is a text; write a list"),
    ({"maintenance_work_roles": ["a", {"role": "b"}]}, "entry 2 of maintenance_work_roles is a dictionary; write the name of a role"),
]


@pytest.mark.parametrize(("changes", "told"), WRONG)
def test_what_can_t_be_understood_is_told(changes: dict[str, Any], told: str) -> None:
    assert refusal(given(**changes)).startswith(told)


def test_each_variable_of_the_roles_has_a_case_of_a_wrong_kind_or_is_alike() -> None:
    tried = {name for changes, _told in WRONG for name in changes}

    alike = {f"maintenance_{name}" for name in ("until", "for", "ledger_host", "report_dir", "work", "work_playbook", "report_facts")}
    assert set(NAMES) - tried == alike


def test_a_misspelt_variable_is_found_among_the_others() -> None:
    variables = given()
    del variables["maintenance_targets"]

    assert refusal(variables, others=("ansible_host", "maintenance_open__ledger_dir", "maintenance_target")).endswith(
        "maintenance_target is given, which no role takes, and may have been meant for it"
    )


def test_closing_needs_no_more_of_a_target_than_its_name() -> None:
    check_variables(given(maintenance_targets=[{"name": "scripts", "options": {"token": "T"}}]), ("maintenance_id",), ())

    assert "missing required arguments: name" in refusal(given(maintenance_targets=[{"options": {}}]), ("maintenance_id",))


def test_the_report_needs_facts() -> None:
    assert refusal({"maintenance_report_facts": "none"}, ("maintenance_report_facts",)).startswith(
        "maintenance_report_facts is a text; give it the facts"
    )


def test_what_only_begins_alike_is_not_taken_for_a_misspelt_one() -> None:
    others = ("maintenance_open__ledger_dir", "maintenance_hosts", "maintenance_close_survey", "ansible_host")

    assert (
        refusal(given(maintenance_id=None), others=others)
        == "maintenance_id is missing; give it the window's id, such as the number of the change"
    )


# Misspelt names

TAKEN = ("maintenance_for", "maintenance_until", "maintenance_ledger_dir", "maintenance_work_roles", "maintenance_targets")
DEFAULTS = {"maintenance_ledger_dir": "~/.quiesce", "maintenance_work_roles": []}


def misspelling(**variables: Any) -> str:
    with pytest.raises(Failure) as caught:
        check_names({**DEFAULTS, **variables}, TAKEN, DEFAULTS)
    assert caught.value.code == "usage"
    return caught.value.message


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        ({"maintenance_fro": "2h"}, "variable maintenance_fro (did you mean maintenance_for?)"),
        ({"maintenance_fro": 7200}, "variable maintenance_fro (did you mean maintenance_for?)"),
        ({"maintenance_fro": "{{ how_long }}"}, "variable maintenance_fro (did you mean maintenance_for?)"),
        ({"maintenance_ledger_dri": "/srv"}, "variable maintenance_ledger_dri (did you mean maintenance_ledger_dir?)"),
        ({"maintenance_work_role": "our_update"}, "variable maintenance_work_role (did you mean maintenance_work_roles?)"),
        (
            {"maintenance_untill": "2026-12-01", "maintenance_ledgerdir": "/srv"},
            "variables maintenance_untill (did you mean maintenance_until?) or maintenance_ledgerdir (did you mean "
            "maintenance_ledger_dir?)",
        ),
    ],
)
def test_a_misspelt_variable_that_would_be_ignored_is_refused(variables: dict[str, Any], what: str) -> None:
    assert misspelling(**variables) == f"nothing here reads the {what}; correct the name, or choose another one for a variable of your own"


def test_a_default_of_the_role_does_not_count_as_given_and_anything_else_does() -> None:
    assert "maintenance_ledger_dri" in misspelling(maintenance_ledger_dri="/srv", maintenance_ledger_dir="~/.quiesce")

    assert check_names({"maintenance_ledger_dri": "/srv", "maintenance_ledger_dir": "/var/lib/quiesce"}, TAKEN, DEFAULTS) == [
        "nothing here reads the variable maintenance_ledger_dri, and maintenance_ledger_dir has a value already; correct the name if that "
        "was meant"
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"maintenance_team": "night shift", "maintenance_reason": "firmware", "maintenance_force": True},
        {"maintenance_form": "CR-17", "maintenance_fork": True, "maintenance_fort": ["a"]},
        {"maintenance_fro": "", "maintenance_untill": None},
        {"maintenance_ledger_dri": {"failed": False, "msg": "a registered result"}},
        {"maintenance_target": {"name": "a loop variable"}, "maintenance_targets": [GOOD]},
        {"maintenance_target": "a loop variable", "maintenance_targets": [GOOD]},
    ],
)
def test_a_variable_of_the_user_s_own_is_left_alone(variables: dict[str, Any]) -> None:
    assert check_names({**DEFAULTS, **variables}, TAKEN, DEFAULTS) == []
