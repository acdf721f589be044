# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors of the emulator: each module in ``vendors/`` whose name doesn't begin with an underscore has one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from .messages import BadOrder
from .vendor import Vendor


def names() -> list[str]:
    folder = str(Path(__file__).with_name("vendors"))
    return sorted(module.name for module in pkgutil.iter_modules([folder]) if not module.name.startswith("_"))


def find(name: str) -> type[Vendor]:
    if name not in names():
        raise BadOrder(f"no vendor {name!r}; known: {', '.join(names())}")
    module = import_module(f".vendors.{name}", __package__)
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Vendor) and getattr(value, "name", None) == name:
            return value
    raise BadOrder(f"vendors/{name}.py holds no Vendor of that name")
