# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names are misspelt forms of a known one, and which are a user's own."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import yaml
from ansible_collections.taskops.quiesce.plugins.plugin_utils._similar_names import ROLES, is_misspelt, is_plural

ROOT = Path(__file__).resolve().parents[4]

MISSPELT = {
    "a swapped pair": ("maintenance_fro", "maintenance_for"),
    "a missing letter": ("maintenance_utl", "maintenance_util"),
    "an extra letter": ("maintenance_untill", "maintenance_until"),
    "a wrong letter": ("maintenance_ledger_dor", "maintenance_ledger_dir"),
    "the singular": ("maintenance_target", "maintenance_targets"),
    "capitals": ("maintenance_Ledger_Dir", "maintenance_ledger_dir"),
    "no underscore": ("maintenance_ledgerdir", "maintenance_ledger_dir"),
    "a dash": ("maintenance-for", "maintenance_for"),
    "another spelling of maintenance": ("maintainance_for", "maintenance_for"),
    "one more": ("maintenence_ledger_dir", "maintenance_ledger_dir"),
    "and one more": ("maintance_id", "maintenance_id"),
    "the role's name in front": ("maintenance_window_until", "maintenance_until"),
    "a letter of probe": ("prob_vendor", "probe_vendor"),
    "a name of three words": ("quiesce_awx_ledger_dri", "quiesce_awx_ledger_dir"),
}


@pytest.mark.parametrize("case", MISSPELT)
def test_a_typing_error_is_recognized(case: str) -> None:
    assert is_misspelt(*MISSPELT[case])


KNOWN = ("for", "until", "targets", "work", "work_roles", "work_playbook", "ledger_dir", "ledger_host", "report_dir", "hosts")
OWN = (
    "team",
    "force",
    "format",
    "unit",
    "owner",
    "found",
    "report_id",
    "report_day",
    "ledger_path",
    "worker",
    "window_role",
    "reason",
    "ids",
)


@pytest.mark.parametrize(("own", "known"), list(product(OWN, KNOWN)))
def test_another_word_is_a_variable_of_the_user_s_own(own: str, known: str) -> None:
    assert not is_misspelt(f"maintenance_{own}", f"maintenance_{known}")


@pytest.mark.parametrize("name", ["maintenance_for", "for", "maintained_for", "maintainer_for", "ansible_for", "waiting_for", ""])
def test_the_name_itself_and_other_first_words_are_none(name: str) -> None:
    assert not is_misspelt(name, "maintenance_for")


def test_the_plural_is_known() -> None:
    assert is_plural("maintenance_target", "maintenance_targets") and is_plural("maintenance_ids", "maintenance_id")
    assert not is_plural("maintenance_fro", "maintenance_for")


# The names that the roles and playbooks take, and set.


class Loader(yaml.SafeLoader):
    """YAML as Ansible reads it: `!unsafe` is a text."""


def _text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", _text)


def _checks(path: Path) -> list[dict[str, list[str]]]:
    return _find(yaml.load(path.read_text(), Loader), "taskops.quiesce.maintenance_variables")


def _find(data: object, key: str) -> list[dict[str, list[str]]]:
    if isinstance(data, dict):
        return [data[key]] if key in data else [each for value in data.values() for each in _find(value, key)]
    return [each for value in data for each in _find(value, key)] if isinstance(data, list) else []


@pytest.mark.parametrize("role", ["open", "close", "window", "report"])
def test_each_role_checks_the_variables_that_it_documents(role: str) -> None:
    folder = ROOT / "roles" / f"maintenance_{role}"
    documented = yaml.safe_load((folder / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]

    (check,) = _checks(folder / "tasks/main.yml")

    names = {*check["needs"], *check["takes"]} - ({"maintenance_ledger_dir"} if role == "report" else set())
    assert names == set(documented)


SETS = re.compile(r"\b(?:maintenance|probe|by_hand|quiesce_awx)_[a-z_]+\b")


def test_no_variable_that_we_take_or_set_is_a_misspelt_form_of_another() -> None:
    files = [path for folder in ("roles", "playbooks") for path in (ROOT / folder).rglob("*.yml")]
    ours = {name for path in files for name in SETS.findall(path.read_text())} - set(ROLES)
    known = {name for path in files for check in _checks(path) for name in (*check.get("needs", ()), *check.get("takes", ()))}

    alike = {(name, other) for name, other in product(ours, known) if is_misspelt(name, other)}

    # The role registers this one, a dictionary, which isn't taken for a text.
    assert alike == {("maintenance_window_work", "maintenance_work")}
