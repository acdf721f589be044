# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What the module `maintenance_stage` does, whichever front it comes through."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.parameters import remove_values

from . import _stage
from ._arguments import Arguments, Options
from ._edge import Front, Outcome, Work, check_awaited, outcome
from ._errors import Failure, one_line

# One call of the module; the action plugin makes several of them, with lines between.
STRETCH = 4.0

TARGET: Options = {
    "name": {"type": "str", "required": True},
    "vendor": {"type": "str", "required": True},
    "state": {"type": "str", "required": True, "choices": ["paused", "started", "stopped"]},
    "stage": {"type": "int", "default": 10},
    "tasks": {"type": "list", "elements": "raw"},
    "select": {"type": "dict"},
    "options": {"type": "dict", "default": {}},
    "accept_final": {"type": "bool", "default": False},
    "ids": {"type": "list", "elements": "str"},
    "memories": {"type": "dict"},
    "armed": {"type": "list", "elements": "str"},
    "spent": {"type": "float", "default": 0},
    "closing": {"type": "bool", "default": False},
    "place": {"type": "str"},
}
OPTIONS: Options = {
    "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
    "mode": {"type": "str", "choices": ["survey", "bring", "check"], "default": "survey"},
    "needs": {"type": "list", "elements": "str", "default": []},
    "options": {"type": "dict", "default": {}},
    "patience": {"type": "float", "default": 60},
    "gather": {"type": "float", "default": 0},
    "label": {"type": "str", "default": "the stage"},
}


def _go(front: Front) -> Outcome:
    params = front.params
    secrets: set[str] = set()

    def hide(secret: str) -> None:
        secrets.add(secret)
        front.hide(secret)

    for secret in _stage.written_secrets(params):
        hide(secret)
    failure: Failure | None = None
    targets: list[dict[str, Any]] = []
    try:
        resolved = [_stage.resolve(given, hide) for given in _merged(params)]
        if params["mode"] == "survey":
            targets = _stage.survey(resolved, front.clock, hide)
            if remove_values(targets, secrets) != targets:
                told = "a secret is part of a task's id, its name or an option, which the ledger can't keep; change that secret"
                raise Failure("usage", told)
            for found in targets:
                for warning in found["warnings"]:
                    front.warn(one_line(f"target {found['name']}: {warning}."))
        elif params["mode"] == "bring" and not front.check_mode:
            targets = _stage.bring(resolved, front.clock, hide, min(STRETCH, params["patience"]), front.is_awaited)
            check_awaited(front, "any system")
    except Failure as error:
        failure = error
    changed = any(row["changed"] for target in targets for row in target.get("tasks", ()) if isinstance(row, dict))
    return outcome({"changed": changed, "targets": targets}, failure)


def _merged(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The targets with the options that are laid over theirs."""
    more = params["options"]
    return [{**target, "options": {**target["options"], **(more.get(target["name"]) or {})}} for target in params["targets"]]


STAGE_WORK = Work(Arguments(options=OPTIONS), _go, _stage.written_secrets)
