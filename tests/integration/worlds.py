# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems that the modules' examples speak of: what has to be there so that each example, as it's printed, does what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .totalcontrol import ENDED, RUNNING, script


@dataclass(frozen=True)
class World:
    """`host` is the address that examples print. `variables` and `environment` are what they leave to the user, and `meanwhile` is what
    happens beside them (see cases.py).
    """

    vendor: str
    host: str
    tasks: Sequence[Mapping[str, Any]]
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Mapping[str, tuple[str, str]] = field(default_factory=dict)


# "{url}" stands for the emulator's address.
TOTALCONTROL = World(
    vendor="totalcontrol",
    host="http://totalcontrol.example.com:8090",
    tasks=[script("nightly-test", RUNNING), script("soak-test", RUNNING), script("already-finished", ENDED)],
    variables={"totalcontrol_password": "3D391497"},
    environment={"TOTALCONTROL_URL": "{url}", "TOTALCONTROL_USERNAME": "sigma", "TOTALCONTROL_PASSWORD": "3D391497"},
    # nightly-test ends in the ten minutes that the third example gives it; the first two read twice each.
    meanwhile={"list 6": ("nightly-test", "end")},
)

WORLDS = {"totalcontrol_task": TOTALCONTROL, "totalcontrol_task_info": TOTALCONTROL}
