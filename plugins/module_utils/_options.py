# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Our option groups as Ansible checks them: for a module's own parameters, and for those of a target within a window."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any
from urllib.parse import unquote

from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._arguments import Arguments
from ._errors import Failure

Spec = dict[str, dict[str, Any]]


def specification(arguments: Arguments) -> tuple[Spec, dict[str, Any]]:
    """The options and the rules between them, as AnsibleModule and its validator take them."""
    spec = {name: dict(option) for name, option in arguments.options.items()}
    for name, variables in arguments.environment.items():
        spec[name]["fallback"] = (_from_environment, list(variables))
    rules = {
        "required_one_of": [[way[0] for way in ways] for ways in arguments.choices],
        "mutually_exclusive": [
            list(pair) for ways in arguments.choices for way, other in combinations(ways, 2) for pair in product(way, other)
        ],
        "required_together": [list(way) for ways in arguments.choices for way in ways if len(way) > 1],
        "required_by": dict(arguments.required_by),
    }
    return spec, rules


def given(params: Mapping[str, Any]) -> dict[str, Any]:
    """What was really given: an empty text counts as nothing, since AWX sends those of empty fields."""
    return {name: value for name, value in params.items() if value not in ("", None)}


def silence(arguments: Arguments, spec: Spec, params: Mapping[str, Any]) -> None:
    """What stands in the playbook beats the environment, also where that holds another way to authenticate."""
    silent: set[str] = set()
    for ways in arguments.choices:
        chosen = [way for way in ways if any(name in params for name in way)]
        silent |= {name for way in ways if chosen and way not in chosen for name in way}
    silent |= {name for name, leader in arguments.companions.items() if leader in params or leader in silent}
    for name in silent:
        spec[name].pop("fallback", None)


def validated(arguments: Arguments, options: Mapping[str, Any], whose: str) -> dict[str, Any]:
    """The options of one target, converted and complete as a module would have them. Raises `Failure` (`usage`)."""
    spec, rules = specification(arguments)
    options = given(options)
    silence(arguments, spec, options)
    result = ArgumentSpecValidator(spec, **rules).validate(options)
    if result.error_messages:
        told = "; ".join(str(message).rstrip(".") for message in result.error_messages)
        raise Failure("usage", f"target {whose}: {told}")
    params: dict[str, Any] = result.validated_parameters
    return params


def passwords(params: Mapping[str, Any]) -> Iterator[str]:
    """Passwords within addresses: a proxy's rightly holds one, and another one may by mistake."""
    for value in params.values():
        found = re.search(r"//[^/]*?:([^/]*)@", value) if isinstance(value, str) else None
        if found and found[1]:
            yield from (found[1], unquote(found[1]))


def _from_environment(*variables: str) -> str:
    """An environment variable that holds something; AWX sets those of empty fields too."""
    for variable in variables:
        if os.environ.get(variable):
            return os.environ[variable]
    raise AnsibleFallbackNotFound
