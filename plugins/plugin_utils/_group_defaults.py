# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What `module_defaults` gives for a vendor's action group, for tasks that reach the vendor's system by options of their own.

Ansible lays a group's defaults over the arguments of a module that is in the group. A window's targets and a probe name their system in an
argument, so that the defaults have to be laid under that argument's options here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLLECTION = "taskops.quiesce"

Plain = dict[str, Any]


class GroupDefaults:
    """The defaults that hold for one task. `defaults` is its keyword `module_defaults`, that of its blocks and its play included: the
    outermost first, a later one in place of an earlier one of the same name, as ansible-core takes them for its own arguments.
    """

    def __init__(self, defaults: Any, templar: Any, omit: Any) -> None:
        self._defaults: dict[str, Any] = {}
        for each in defaults or ():
            self._defaults.update(each)
        self._templar = templar
        self._omit = omit
        self._known: dict[str, Plain] = {}

    def of(self, vendor: str) -> Plain:
        """What holds for the modules of a vendor. Only what is needed is templated, since other groups may want other variables."""
        if vendor not in self._known:
            groups = {f"group/{COLLECTION}.all", f"group/{COLLECTION}.{vendor}"}
            merged: Plain = {}
            for name in self._defaults:
                if name in groups:
                    merged.update(self._templar.template(self._defaults[name]) or {})
            # Before ansible-core 2.19 the templar leaves a mark in place of what is to be omitted.
            self._known[vendor] = {name: value for name, value in merged.items() if self._omit is None or value != self._omit}
        return self._known[vendor]


def under_options(defaults: GroupDefaults, target: Any, left_out: frozenset[str]) -> Any:
    """The target with the defaults of its vendor laid under its options, but for those that are left out. What is no target stays."""
    if not isinstance(target, Mapping) or not isinstance(target.get("options") or {}, Mapping):
        return target
    its = {name: value for name, value in defaults.of(str(target.get("vendor"))).items() if name not in left_out}
    return {**target, "options": {**its, **(target.get("options") or {})}} if its else target
