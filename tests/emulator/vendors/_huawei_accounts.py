# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts (domains), users, access keys and projects of an emulated Huawei Cloud. Section numbers: ``huawei_auth.md``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from ..switches import Switch

# Section 3.2: the account of the example. Ids that no page has are invented as 32 hex digits.
DOMAINS = {"account-name": "d78cbac186b744899480f25bd022f468", "other-account": "65382450e8f64ac0870cd180d14e6fff"}

USERS: dict[str, dict[str, Any]] = {
    "iam-user": {"password": "secret", "domain": "account-name"},
    # In the account, without any right in the services.
    "guest": {"password": "guest-secret", "domain": "account-name", "rights": False},
    # May use one project only.
    "lab-user": {"password": "lab-secret", "domain": "account-name", "projects": ["3f1c9a7d5e2b48c6a0d4e8f2b6c1a593"]},
    "stranger": {"password": "stranger-secret", "domain": "other-account"},
}

PROJECTS: dict[str, dict[str, str]] = {
    # Sections 3.2 and 6; the built-in project of a region is named like the region (section 3.1).
    "0605767e8b80d5ac2f70c00d8ddd8ba2": {"name": "cn-north-4", "domain": "account-name"},
    "3f1c9a7d5e2b48c6a0d4e8f2b6c1a593": {"name": "cn-north-4_lab", "domain": "account-name"},
    # The project of the vectors in iotda.md.
    "0a1b2c3d4e5f60718293a4b5c6d7e8f9": {"name": "cn-north-4_iot", "domain": "account-name"},
    "a4a5d4098fb4474fa22cd05f897d6fff": {"name": "cn-north-4", "domain": "other-account"},
}

ACCESS_KEYS: dict[str, dict[str, str]] = {
    # The example key of Huawei's signing guide (section 6).
    "QTWAOYTTINDUT2QVKYUC": {"secret": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc", "user": "iam-user"},
    # The key of the vectors in iotda.md.
    "HPUATESTACCESSKEY001": {"secret": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123", "user": "iam-user"},
    # A temporary pair (section 1, D), with the security token of vector 3.
    "TEMPORARYACCESSKEY01": {
        "secret": "tEmp0raryS3cretKeyOfTheEmulator000000001",
        "user": "iam-user",
        "security_token": "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token",
    },
    "GUESTSACCESSKEY00001": {"secret": "gu3stS3cretKeyOfTheEmulator0000000000001", "user": "guest"},
    "STRANGERACCESSKEY001": {"secret": "str4ngerS3cretKeyOfTheEmulator0000000001", "user": "stranger"},
}

Check = Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(_is_text(item) for item in value))


def _table(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object of objects with these members."""
    known = {**required, **optional}

    def is_row(row: object) -> bool:
        return isinstance(row, dict) and set(required) <= set(row) <= set(known) and all(known[name](row[name]) for name in row)

    return lambda value: isinstance(value, dict) and all(is_row(row) for row in value.values())


ACCOUNT_SWITCHES: tuple[Switch, ...] = (
    Switch("users", USERS, "who there is (section 3.1)",
           "an object by user name: password, domain (the account); rights: false for none in the services; projects: ids, or null for all",
           _table({"password": _is_text, "domain": _is_text},
                  {"rights": lambda value: isinstance(value, bool), "projects": _is_texts})),
    Switch("access_keys", ACCESS_KEYS, "who may sign (sections 4 and 5)",
           "an object by AK: secret, user; security_token makes it temporary",
           _table({"secret": _is_text, "user": _is_text}, {"security_token": _is_text})),
    Switch("projects", PROJECTS, "the projects of all accounts (section 3.7)",
           "an object by project id: name, domain", _table({"name": _is_text, "domain": _is_text}, {})),
)  # fmt: skip


class Accounts:
    """Reads the tables from the switches at each access."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches

    def user(self, name: object) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._switches["users"].get(name) if isinstance(name, str) else None
        return found

    def key(self, access_key: str) -> dict[str, str] | None:
        found: dict[str, str] | None = self._switches["access_keys"].get(access_key)
        return found

    def project(self, project_id: object) -> dict[str, str] | None:
        found: dict[str, str] | None = self._switches["projects"].get(project_id) if isinstance(project_id, str) else None
        return found

    def projects_of(self, user: str, *, usable: bool = False) -> dict[str, dict[str, str]]:
        """Those of the user's account, by id. ``usable``: only those in which the user may work."""
        known = self.user(user) or {}
        only = known.get("projects") if usable else None
        return {
            project_id: project
            for project_id, project in self._switches["projects"].items()
            if project["domain"] == known.get("domain") and (only is None or project_id in only)
        }

    def may_use(self, user: str, project_id: str) -> bool:
        """Whether the project belongs to the user's account and is open to the user."""
        return project_id in self.projects_of(user, usable=True)

    def has_rights(self, user: str) -> bool:
        known = self.user(user)
        return known is not None and bool(known.get("rights", True))


def domain_id(name: str) -> str:
    return DOMAINS.get(name) or made_up_id("domain", name)


def made_up_id(kind: str, name: str) -> str:
    """32 hex digits, always the same for the same name."""
    return hashlib.sha256(f"{kind} {name}".encode()).hexdigest()[:32]
