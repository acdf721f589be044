# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to Airflow: tokens on 3.3.2, basic authentication on 2.11.2 (``airflow.md``, "Refusals" and (9))."""

from __future__ import annotations

import base64
import json
from typing import Any

from ..messages import JSON, Reply, Request
from ..vendor import Vendor
from ._airflow_refusals import Refused, forbidden, invalid

CLI_LIFETIME = 3600.0


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Gate:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._issued: dict[str, tuple[str, float]] = {}

    def expire_tokens(self) -> None:
        self._issued.clear()

    def issue(self, request: Request, *, cli: bool) -> Reply:
        """POST /auth/token: 201. The caller has checked that this server has such a call."""
        given = request.json
        if request.media_type != JSON or not isinstance(given, dict):
            raise invalid(["body"], "Input should be a valid dictionary or object to extract fields from")
        missing = [name for name in ("username", "password") if not isinstance(given.get(name), str)]
        if missing:
            raise Refused(422, [{"type": "missing", "loc": ["body", name], "msg": "Field required"} for name in missing])
        user = self._vendor.switches["users"].get(given["username"])
        if user is None or user["password"] != given["password"]:
            raise Refused(401, "Invalid credentials")
        lifetime = CLI_LIFETIME if cli else self._vendor.switches["token_lifetime"]
        wall = int(self._vendor.clock.wall())
        claims = {"sub": given["username"], "role": user["role"], "iat": wall, "nbf": wall, "exp": wall + int(lifetime)}
        token = f"{_part({'alg': 'HS512', 'typ': 'JWT'})}.{_part(claims)}.{self._vendor.random.getrandbits(512):0128x}"
        self._issued[token] = (given["username"], self._vendor.now + lifetime)
        return Reply.of_json({"access_token": token}, 201)

    def role(self, request: Request, generation: int) -> str:
        """The role of the caller. Raises Refused if the caller is unknown."""
        header = request.header("Authorization")
        scheme, _space, value = (header or "").partition(" ")
        if scheme.lower() == "bearer" and value:
            return self._role_of_token(value.strip(), generation)
        if scheme.lower() == "basic" and generation == 2:
            return self._role_of_password(value)
        raise Refused(401, "Not authenticated", status_2=403)

    def _role_of_token(self, token: str, generation: int) -> str:
        role = self._vendor.switches["tokens"].get(token)
        if role is not None:
            return str(role)
        user, until = self._issued.get(token, ("", 0.0)) if generation == 3 else ("", 0.0)
        known = self._vendor.switches["users"].get(user)
        if known is None or until <= self._vendor.now:
            raise Refused(403, "Invalid JWT token")
        return str(known["role"])

    def _role_of_password(self, value: str) -> str:
        try:
            name, _colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            raise forbidden() from None
        user: dict[str, Any] | None = self._vendor.switches["users"].get(name)
        if user is None or user["password"] != password:
            raise forbidden()
        return str(user["role"])
