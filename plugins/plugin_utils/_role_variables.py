# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The roles' variables, checked before anything is done. An error is one sentence.

Ansible's own check of a role's arguments prints the whole specification with each error, names no target, and can't take values from
Ansible Vault before ansible-core 2.19. So the specifications of the roles serve as documentation only, and this file checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.taskops.quiesce.plugins.module_utils._arguments import Arguments
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._options import enumeration, unknown_options, validated
from ansible_collections.taskops.quiesce.plugins.module_utils._systems import SYSTEMS
from ansible_collections.taskops.quiesce.plugins.plugin_utils._similar_names import is_misspelt, is_plural
from ansible_collections.taskops.quiesce.plugins.plugin_utils._values import text

MEANT = {
    "maintenance_id": "the window's id, such as the number of the change",
    "maintenance_targets": "the targets of the window",
    "maintenance_report_facts": "the facts that maintenance_ledger returns",
    "probe_vendor": "the vendor of the system, such as hitachi",
}
TEXTS = (
    "maintenance_id",
    "maintenance_until",
    "maintenance_for",
    "maintenance_ledger_host",
    "maintenance_ledger_dir",
    "maintenance_report_dir",
    "maintenance_work",
    "maintenance_work_playbook",
)
NUMBERS = ("maintenance_ledger_lease",)
DICTIONARIES = ("maintenance_report_facts",)
LISTS = ("maintenance_targets", "maintenance_work_roles")
# The variable in which Ansible leaves the words of an option -e that aren't of the form NAME=VALUE.
WORDS = "_raw_params"
TIMES = ("maintenance_until", "maintenance_for")
NAMES = (*TEXTS, *NUMBERS, *DICTIONARIES, *LISTS)

TARGET = Arguments(
    options={
        "name": {"type": "str", "required": True},
        "vendor": {"type": "str", "required": True, "choices": list(SYSTEMS)},
        "state": {"type": "str", "required": True, "choices": ["paused", "started", "stopped"]},
        "stage": {"type": "int", "default": 10},
        "tasks": {"type": "list", "elements": "raw"},
        "select": {"type": "dict"},
        "options": {"type": "dict"},
        "accept_final": {"type": "bool", "default": False},
    }
)
# Closing uses the names and the options; the rest is in the ledger.
KNOWN_TARGET = Arguments(options={name: {**option, "required": name == "name"} for name, option in TARGET.options.items()})


def check_variables(given: Mapping[str, Any], needs: Sequence[str], others: Iterable[str]) -> None:
    """Check the roles' variables. Raises `Failure` (`usage`).

    `given` are the variables with their templates resolved. `needs` are the required ones. `others` are the names of all other variables,
    among which may be a misspelt one.
    """
    for name in needs:
        if given.get(name) in (None, ""):
            near = [str(other) for other in others if is_misspelt(str(other), name) or name.endswith(f"_{other}")]
            hint = f"; {near[0]} is given, which no role takes, and may have been meant for it" if near else ""
            raise Failure("usage", f"{name} is missing; give it {MEANT[name]}{hint}")
    for name, value in given.items():
        if value not in (None, ""):
            _check_kind(name, value)
    targets = given.get("maintenance_targets")
    for number, target in enumerate(targets if isinstance(targets, Sequence) and not isinstance(targets, str) else (), 1):
        check_target(target, number, TARGET if "maintenance_targets" in needs else KNOWN_TARGET)


def check_names(variables: Mapping[str, Any], takes: Sequence[str], defaults: Mapping[str, Any]) -> list[str]:
    """Look for misspelt names among all variables, and for words of the command line that belong to no variable. Raises `Failure` (`usage`)
    for such words, and if a variable that isn't given has been misspelt.

    `variables` are unresolved, as are the `defaults` of the role. `takes` are the names that the role or the playbook takes. Returns
    warnings: one for each variable that seems to be misspelt while the right one is given too.
    """
    if takes and not _is_empty(variables.get(WORDS)):
        advice = "put a value with blanks into quotes of its own, as in -e 'maintenance_for=\"1h 30m\"'"
        raise Failure("usage", f"an option -e has words that belong to no variable, and Ansible ignores them; {advice}")
    ignored, warnings = [], []
    for known in takes:
        is_given = not _is_empty(variables.get(known)) and variables[known] != defaults.get(known)
        for name in _misspelt(variables, known):
            if not is_given:
                ignored.append(f"{name} (did you mean {known}?)")
            elif not is_plural(name, known):
                warnings.append(
                    f"nothing here reads the variable {name}, and {known} has a value already; correct the name if that was meant"
                )
    if ignored:
        what = f"variable{'s' if len(ignored) > 1 else ''} {enumeration(ignored, 'or')}"
        raise Failure("usage", f"nothing here reads the {what}; correct the name, or choose another one for a variable of your own")
    return warnings


def _misspelt(variables: Mapping[str, Any], known: str) -> Iterator[str]:
    """The variables whose names are misspelt forms of a known one, and whose values could be meant for it."""
    return (name for name, value in variables.items() if is_misspelt(str(name), known) and _could_be_meant(value, known))


def _could_be_meant(value: Any, known: str) -> bool:
    """Whether an unresolved value could be one of the known variable. A registered result, a list of ids and so on are variables of the
    user's own.
    """
    if _is_empty(value) or known not in NAMES:
        return not _is_empty(value)
    if isinstance(value, Mapping):
        return known in DICTIONARIES
    if isinstance(value, list | tuple):
        return known in LISTS
    if known in TIMES and isinstance(value, str):
        return "{{" in value or value.lstrip()[:1].isdigit()
    return not isinstance(value, bool)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value)


def check_target(target: Any, number: int, arguments: Arguments, place: str = "maintenance_targets") -> None:
    """Check one target: number `number` in the list that `place` names. Raises `Failure` (`usage`)."""
    if not isinstance(target, Mapping):
        raise Failure("usage", f"target {number} of {place} is {_kind(target)}; write a dictionary with name, vendor and state")
    name = str(target.get("name") or f"{number} of {place}")
    if unknown := unknown_options(target, {key: dict(option) for key, option in arguments.options.items()}):
        raise Failure("usage", f"target {name} has {unknown}")
    validated(arguments, target, name)
    for key in target.get("options") or {}:
        if not isinstance(key, str):
            raise Failure("usage", f"target {name}: an option's name is {key!r}; write it as text")


def _check_kind(name: str, value: Any) -> None:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    if name in LISTS and not is_list:
        raise Failure("usage", f"{name} is {_kind(value)}; write a list")
    if name in DICTIONARIES and not isinstance(value, Mapping):
        raise Failure("usage", f"{name} is {_kind(value)}; give it {MEANT[name]}")
    if name in (*TEXTS, *NUMBERS) and (is_list or isinstance(value, Mapping)):
        raise Failure("usage", f"{name} is {_kind(value)}; write a {'number' if name in NUMBERS else 'text'}")
    if name == "maintenance_id":
        text(value, name)
    if name in NUMBERS and not _is_positive(value):
        raise Failure("usage", f"{name} is {value!r}; write a number of seconds over 0")
    if name == "maintenance_work_roles":
        for number, role in enumerate(value, 1):
            if isinstance(role, Mapping | list):
                raise Failure("usage", f"entry {number} of {name} is {_kind(role)}; write the name of a role")


def _is_positive(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and 0 < float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def _kind(value: Any) -> str:
    """The type of a value for a message, without its content, which may be secret."""
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, Sequence) else "of another kind"
