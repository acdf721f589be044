# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The `module_defaults` of a vendor's action group, for Ansible tasks that reach the vendor's system by options of their own.

Ansible applies a group's defaults to the arguments of a module in the group. A window's targets and a probe name their system within an
argument, so the defaults have to be applied to that argument's options here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLLECTION = "taskops.quiesce"

Plain = dict[str, Any]


class GroupDefaults:
    """The defaults that apply to one Ansible task. `defaults` is its keyword `module_defaults`, including that of its blocks and its play:
    the outermost first. A later one replaces an earlier one of the same name, as in ansible-core.
    """

    def __init__(self, defaults: Any, templar: Any, omit: Any) -> None:
        self._defaults: dict[str, Any] = {}
        for each in defaults or ():
            self._defaults.update(each)
        self._templar = templar
        self._omit = omit
        self._known: dict[str, Plain] = {}

    def of(self, vendor: str) -> Plain:
        """The defaults for the modules of a vendor. Only these are templated, since other groups may use variables that don't exist."""
        if vendor not in self._known:
            groups = {f"group/{COLLECTION}.all", f"group/{COLLECTION}.{vendor}"}
            merged: Plain = {}
            for name in self._defaults:
                if name in groups:
                    merged.update(self._templar.template(self._defaults[name]) or {})
            # Before ansible-core 2.19, the templar leaves a placeholder for an omitted value.
            self._known[vendor] = {name: value for name, value in merged.items() if self._omit is None or value != self._omit}
        return self._known[vendor]


def under_options(defaults: GroupDefaults, target: Any, left_out: frozenset[str]) -> Any:
    """The target, with the defaults of its vendor applied to its options, except for those in `left_out`. Anything but a target is returned
    unchanged.
    """
    if not isinstance(target, Mapping) or not isinstance(target.get("options") or {}, Mapping):
        return target
    its = {name: value for name, value in defaults.of(str(target.get("vendor"))).items() if name not in left_out}
    return {**target, "options": {**its, **(target.get("options") or {})}} if its else target
