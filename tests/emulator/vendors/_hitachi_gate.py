# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to JP1/AO: Basic, HSSO and Bearer, and the rights of each role. Sections: ``hitachi.md``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import Request
from ..vendor import Vendor

# Section 2.6.
ROLES = ("Admin", "Develop", "Modify", "Submit")
MAY_ARCHIVE = ("Admin", "Develop", "Modify")
# Section 2.3 c: five minutes after the last access.
BEARER_LIFE = 300


def is_users(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_user(user) for user in value.values())


def _is_user(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"password", "role", "groups"}
        and isinstance(value.get("password"), str)
        and value.get("role", "Admin") in (None, *ROLES)
        and isinstance(value.get("groups", []), list)
    )


@dataclass(frozen=True)
class User:
    name: str
    role: str | None
    groups: frozenset[int] | None  # None: all

    def reaches(self, group: int) -> bool:
        return self.groups is None or group in self.groups


class Gate:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self.forget()

    def forget(self) -> None:
        """Invalidate all tokens."""
        self._hsso: dict[str, tuple[str, float]] = {}  # the user, and the time of issue
        self._bearer: dict[str, tuple[str, float]] = {}

    def check(self, request: Request) -> User | None:
        """The caller. None if unknown."""
        scheme, _space, value = (request.header("Authorization") or "").strip().partition(" ")
        judges = {"Basic": self._basic, "HSSO": self._by_hsso, "Bearer": self._by_bearer}
        name = judges[scheme](value.strip()) if scheme in judges else None
        return None if name is None else self._user(name)

    def issue(self, user: User) -> str:
        """Section 2.3 b: every successful answer has a token, in the format of the samples."""
        rng, now = self._vendor.random, self._vendor.now
        tail = base64.b64encode(rng.getrandbits(160).to_bytes(20, "big")).decode()
        token = f"{rng.getrandbits(160):040x}_{tail}_V0810"
        self._drop_expired(now)
        self._hsso[token] = (user.name, now)
        return token

    def _drop_expired(self, now: float) -> None:
        """The oldest ones come first, so that no search is needed: a long benchmark gets a token with each answer."""
        while self._hsso:
            oldest = next(iter(self._hsso))
            if now - self._hsso[oldest][1] <= self._vendor.switches["hsso_life"]:
                return
            del self._hsso[oldest]

    def issue_bearer(self, given: object) -> dict[str, Any] | None:
        """The portal of Common Services (section 2.3 c). None for a wrong name or password."""
        if not isinstance(given, dict) or not self._knows(given.get("username"), given.get("password")):
            return None
        token = f"emulator.{self._vendor.random.getrandbits(256):064x}"
        self._bearer[token] = (str(given["username"]), self._vendor.now)
        return {"access_token": token, "expires_in": BEARER_LIFE, "token_type": "bearer"}

    @property
    def _users(self) -> Mapping[str, Mapping[str, Any]]:
        users: Mapping[str, Mapping[str, Any]] = self._vendor.switches["users"]
        return users

    def _user(self, name: str) -> User | None:
        user = self._users.get(name)
        if user is None:  # the owner of the token was removed in the meantime
            return None
        groups = user.get("groups")
        return User(name, user.get("role", "Admin"), None if groups is None else frozenset(groups))

    def _knows(self, name: object, password: object) -> bool:
        return isinstance(name, str) and name in self._users and self._users[name]["password"] == password

    def _basic(self, value: str) -> str | None:
        try:
            name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return name if colon and self._knows(name, password) else None

    def _by_hsso(self, value: str) -> str | None:
        name, issued = self._hsso.get(value, (None, 0.0))
        if name is None or self._vendor.now - issued > self._vendor.switches["hsso_life"]:
            return None
        if self._vendor.switches["hsso_slides"]:
            del self._hsso[value]
            self._hsso[value] = (name, self._vendor.now)
        return name

    def _by_bearer(self, value: str) -> str | None:
        if not self._vendor.switches["bearer"]:
            return None
        if value and value == self._vendor.switches["bearer_token"]:
            return next(iter(self._users))
        name, used = self._bearer.get(value, (None, 0.0))
        if name is None or self._vendor.now - used > BEARER_LIFE:
            return None
        self._bearer[value] = (name, self._vendor.now)
        return name
