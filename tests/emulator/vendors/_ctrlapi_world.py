# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of users, and the probes that are alive (``ctrlapi.md``, sections 2.5 and 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._ctrlapi_rules import MOST_ATTEMPTS, ROLES, SUPERUSERS


def _are_entries(value: object, allowed: Mapping[str, Any]) -> bool:
    return isinstance(value, dict) and all(
        key.isdecimal() and isinstance(entry, dict) and all(name in allowed and allowed[name](item) for name, item in entry.items())
        for key, entry in value.items()
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_roles(value: object) -> bool:
    return isinstance(value, dict) and all(user.isdecimal() and role in ROLES for user, role in value.items())


def are_users(value: object) -> bool:
    return _are_entries(value, {"key": _is_text, "access_id": _is_text, "superuser": SUPERUSERS.__contains__})


def are_projects(value: object) -> bool:
    attempts = range(1, MOST_ATTEMPTS + 1)
    allowed = {"title": _is_text, "founder": _is_text, "roles": _are_roles, "restart": _is_flag, "attempts_number": attempts.__contains__}
    return _are_entries(value, allowed)


def are_apps(value: object) -> bool:
    fields = {"app_id": _is_number, "project_id": _is_number, "name": _is_text, "alive": _is_flag}
    return isinstance(value, list) and all(
        isinstance(app, dict) and set(app) == set(fields) and all(check(app[name]) for name, check in fields.items()) for app in value
    )


class World:
    """Everything except the tasks. It is read from the switches each time, since a test may change them at any time."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches
        self._turned: dict[int, bool] = {}  # probes that vanished or came back since

    # --- users and projects ---------------------------------------------------------------------------------------

    def user(self, user_id: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._switches["users"].get(str(user_id))
        return found

    def access_id(self, user_id: int) -> str:
        """The user in a signature: the user_id, unless a test sets another (section 7, U6)."""
        return str((self.user(user_id) or {}).get("access_id", user_id))

    def key_of(self, access_id: str) -> str | None:
        for user_id, user in self._switches["users"].items():
            if user.get("access_id", user_id) == access_id:
                key: str | None = user.get("key")
                return key
        return None

    def projects(self, user_id: int) -> dict[int, str]:
        """The user's role by project."""
        found = {int(number): self.role(user_id, int(number)) for number in self._switches["projects"]}
        return {number: role for number, role in found.items() if role is not None}

    def project(self, project_id: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._switches["projects"].get(str(project_id))
        return found

    def role(self, user_id: int, project_id: int) -> str | None:
        """None without access. Superusers have access to all (section 2.5)."""
        project = self.project(project_id)
        if project is None:
            return None
        role: str | None = project.get("roles", {}).get(str(user_id))
        return role or ("unknown" if (self.user(user_id) or {}).get("superuser") else None)

    # --- probes -----------------------------------------------------------------------------------------------------

    def apps(self, project_id: int) -> list[dict[str, Any]]:
        return [app for app in self._switches["apps"] if app["project_id"] == project_id]

    def is_alive(self, app_id: int | None) -> bool:
        """A probe that only a task names, or none at all, counts as alive."""
        if app_id is None:
            return True
        listed = next((bool(app["alive"]) for app in self._switches["apps"] if app["app_id"] == app_id), True)
        return self._turned.get(app_id, listed)

    def turn(self, app_id: int, *, alive: bool) -> None:
        self._turned[app_id] = alive

    def free_app(self, project_id: int) -> int | None:
        """The load balancer's choice (section 1)."""
        return next((app["app_id"] for app in self.apps(project_id) if self.is_alive(app["app_id"])), None)
