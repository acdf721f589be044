# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials for the emulated systems, filled in as a person does in AWX: every certificate is pasted as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.emulator.client import Control
from tests.window.fleet import PROJECT, VIAS_PROJECT

from .data import AIRFLOW, BORO, HITACHI, HUAWEI, TOTALCONTROL

SECRET_KEY = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123"


def credentials(systems: Mapping[str, Control]) -> dict[str, dict[str, Any]]:
    """One credential of each type. Fields that aren't needed are empty, as AWX's form passes them."""
    empty = {"proxy": "", "timeout": "", "retries": "", "token": ""}
    account = {
        "region": "cn-north-4",
        "access_key": "HPUATESTACCESSKEY001",
        "secret_key": SECRET_KEY,
        "username": "",
        "password": "",
        "token": "",
    }
    return {
        TOTALCONTROL: {**empty, **reach(systems["totalcontrol"]), "username": "sigma", "password": "3D391497"},
        HUAWEI: {**account, **reach(systems["huawei"], "vias_"), **reach(systems["iotda"], "iotda_")},
        BORO: {**reach(systems["ctrlapi"]), "dialect": "live", "user_id": "4", "project_id": "23", "api_key": ""},
        HITACHI: {**empty, **reach(systems["hitachi"]), "username": "system", "password": "manager"},
        AIRFLOW: {**empty, **reach(systems["airflow"]), "username": "admin", "password": "admin-password"},
    }


def reach(system: Control, prefix: str = "") -> dict[str, str]:
    assert system.ca and system.client_cert and system.client_key
    files = {"ca_path": system.ca, "client_cert": system.client_cert, "client_key": system.client_key}
    return {f"{prefix}url": system.url, **{prefix + option: Path(file).read_text() for option, file in files.items()}}


def secrets(systems: Mapping[str, Control]) -> list[str]:
    """The texts that must not be in any output: passwords, keys, and one line of the client's key."""
    key = Path(str(systems["totalcontrol"].client_key)).read_text().splitlines()[1]
    return ["3D391497", SECRET_KEY, "manager", "admin-password", key]


# The two services of Huawei have different projects but the same variable, so the targets contain the projects.
PROJECTS = {"huawei": VIAS_PROJECT, "iotda": PROJECT}
