# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""All systems, by the names that a window's targets use. tools/fragments.py writes the list.

Ansible packs into a module what its imports name, so the list can't be read from the folder at run time.
"""

from __future__ import annotations

from collections.abc import Mapping

from ._errors import Failure
from ._vendor import Vendor
from ._vendors.airflow import Airflow
from ._vendors.ctrlapi import CtrlApi
from ._vendors.hitachi import Hitachi
from ._vendors.huawei import Vias
from ._vendors.iotda import IotDa
from ._vendors.totalcontrol import TotalControl

SYSTEMS: Mapping[str, type[Vendor]] = {
    # begin systems, by tools/fragments.py
    "totalcontrol": TotalControl,
    "huawei": Vias,
    "ctrlapi": CtrlApi,
    "hitachi": Hitachi,
    "iotda": IotDa,
    "airflow": Airflow,
    # end systems, by tools/fragments.py
}


def system_of(vendor: str, whose: str) -> type[Vendor]:
    """The system of a target's `vendor`. Raises `Failure` (`usage`)."""
    if vendor not in SYSTEMS:
        raise Failure("usage", f"target {whose} has the vendor {vendor}; known are {', '.join(SYSTEMS)}")
    return SYSTEMS[vendor]
