# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of VIAS's modules."""

from __future__ import annotations

from typing import Any

PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
BATCH = "0d47bbf52962414bb7ae27fb6ea24230"
KEY: dict[str, Any] = {"access_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}
TEMPORARY: dict[str, Any] = {
    "access_key": "TEMPORARYACCESSKEY01",
    "secret_key": "tEmp0raryS3cretKeyOfTheEmulator000000001",
    "security_token": "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token",
}
USER: dict[str, Any] = {"username": "iam-user", "password": "secret", "domain_name": "account-name"}
PLACE: dict[str, Any] = {"url": "{url}", "iam_url": "{url}", "region": "cn-north-4"}


def analysis(id_: str, state: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "name": f"name of {id_}", "state": state, **fields}


def analyses(**states: str) -> list[dict[str, Any]]:
    return [analysis(id_, state) for id_, state in states.items()]
