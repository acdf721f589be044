# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What the module `system_probe` does, both in a module process and in Ansible's worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._arguments import Arguments
from .._edge import Front, Outcome, Work, outcome
from .._errors import Failure, one_line
from .._options import secret_values, validated
from .._run import connection_arguments
from .._systems import SYSTEMS
from .._text import all_harmless
from ._finding import PROBES, markdown, probe

ARGUMENTS = Arguments(
    options={
        "vendor": {"type": "str", "required": True, "choices": list(PROBES)},
        "options": {"type": "dict", "default": {}},
        "tasks": {"type": "list", "elements": "str", "default": []},
    }
)


def _written_secrets(params: Mapping[str, Any]) -> set[str]:
    system, options = SYSTEMS.get(str(params.get("vendor"))), params.get("options")
    return secret_values(connection_arguments(system), options) if system and isinstance(options, dict) else set()


def _look(front: Front) -> Outcome:
    name = front.params["vendor"]
    system = SYSTEMS[name]
    arguments = connection_arguments(system)
    result: dict[str, Any] = {"changed": False}
    failure: Failure | None = None
    try:
        params = validated(arguments, front.params["options"], "options", noun="the", group=name)
        for secret in secret_values(arguments, params):
            front.hide(secret)
        ids = (system.requested_ids({**params, system.ids: front.params["tasks"]}) or ()) if front.params["tasks"] else ()
        finding, warnings = probe(name, params, ids, front.clock, front.hide, front.is_awaited)
        # The page is shown, and others read it from the file.
        finding = all_harmless(finding)
        result.update(finding=finding, markdown=markdown(finding))
        for warning in warnings:
            front.warn(one_line(f"{warning}."))
    except Failure as error:
        failure = error
    return outcome(result, failure)


PROBE_WORK = Work(ARGUMENTS, _look, _written_secrets)
