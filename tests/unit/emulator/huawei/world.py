# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parts of the tests of the Huawei emulator: names from the vendor pages, and clients."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import quote

from tests.emulator.messages import Reply
from tests.emulator.vendor import Vendor
from tests.unit.emulator.wire import Answer

PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
LAB = "3f1c9a7d5e2b48c6a0d4e8f2b6c1a593"
OTHER = "a4a5d4098fb4474fa22cd05f897d6fff"
TASK = "20690c67d71549c39085a3b28c18f24f"
BATCH = "0d47bbf52962414bb7ae27fb6ea24230"

PASSWORDS = {"iam-user": "secret", "guest": "guest-secret", "lab-user": "lab-secret", "stranger": "stranger-secret"}


@dataclass(frozen=True)
class Key:
    ak: str
    sk: str
    security_token: str | None = None


KEY = Key("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
TEMPORARY = Key("TEMPORARYACCESSKEY01", "tEmp0raryS3cretKeyOfTheEmulator000000001", "gQpjbi1ub3J0aC0ED3fBEXAMPLE+/=token")
GUESTS = Key("GUESTSACCESSKEY00001", "gu3stS3cretKeyOfTheEmulator0000000000001")
STRANGERS = Key("STRANGERACCESSKEY001", "str4ngerS3cretKeyOfTheEmulator0000000001")


def login(
    user: str = "iam-user", *, password: str | None = None, domain: str = "account-name", scope: object = "a project by name"
) -> dict[str, Any]:
    """The body of a token request. ``scope=None`` omits the scope."""
    given = {"name": user, "password": password or PASSWORDS[user], "domain": {"name": domain}}
    auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": given}}}
    if scope is not None:
        auth["scope"] = {"project": {"name": "cn-north-4"}} if scope == "a project by name" else scope
    return {"auth": auth}


TOKENS = "POST /v3/auth/tokens?nocatalog=true\nContent-Type: application/json;charset=utf8"


def token_from(ask: Callable[[str, bytes], Answer]) -> str:
    return str(ask(TOKENS, json.dumps(login()).encode()).headers["X-Subject-Token"])


def date_of(wall: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(wall))


@dataclass
class Signed:
    """A request that the official SDK has signed."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def sdk_signed(
    method: str,
    path: str,
    *,
    date: str,
    key: Key = KEY,
    host: str = "vias.cn-north-4.myhuaweicloud.com",
    query: Iterable[tuple[str, object]] = (),
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    derived: tuple[str, str] | None = None,
) -> Signed:
    """``derived``: region and service for V11-HMAC-SHA256. Only the signer is imported: the SDK's credentials write into the home
    folder.
    """
    signer = import_module("huaweicloudsdkcore.signer.signer")
    sent = {"X-Sdk-Date": date, **({"Content-Type": "application/json", "X-Project-Id": PROJECT} if headers is None else headers)}
    if key.security_token:
        sent["X-Security-Token"] = key.security_token
    make = import_module("huaweicloudsdkcore.sdk_request").SdkRequest
    request = make(method, "https", host, path, None, list(query), sent, body)
    if derived:
        signer.DerivationAKSKSigner(key).sign(request, derived[1], derived[0])
    else:
        signer.Signer(key).sign(request)
    return Signed(method, request.uri, dict(request.header_params), body)


class Api:
    """A client of a model, with a token by default."""

    def __init__(self, model: Vendor) -> None:
        self.model = model
        self.token = self.login().headers_of("X-Subject-Token")

    def send(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Got:
        return Got(self.model.answer(method, target, {"Host": "localhost", **(headers or {})}, body))

    def login(self, **how: Any) -> Got:
        return self.send("POST", "/v3/auth/tokens", json.dumps(login(**how)).encode(), {"Content-Type": "application/json"})

    def ask(self, method: str, path: str, body: bytes = b"", *, token: str | None = None, query: Mapping[str, object] | None = None) -> Got:
        """Send a request below the address of the project."""
        asked = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in (query or {}).items())
        target = f"/v2/{PROJECT}{path}" + (f"?{asked}" if asked else "")
        return self.send(method, target, body, {"X-Auth-Token": self.token if token is None else token})

    def signed(self, method: str, path: str, **how: Any) -> Got:
        return self.replay(sdk_signed(method, path, **{"date": date_of(self.model.clock.wall()), **how}))

    def replay(self, request: Signed) -> Got:
        return Got(self.model.answer(request.method, request.target, request.headers, request.body))

    # --- tasks ----------------------------------------------------------------------------------------------------

    def put(self, state: str, **more: Any) -> None:
        """Replace all tasks by this one."""
        self.model.load([{"id": "T", "state": state, **more}], keep=False)

    def act(self, command: str, task: str = "T") -> Got:
        return self.ask("PUT", f"/tasks/{task}/action/{command}")

    def show(self, task: str = "T") -> dict[str, Any]:
        got: dict[str, Any] = self.ask("GET", f"/tasks/{task}").json
        return got

    def state(self, task: str = "T") -> str:
        return str(self.show(task)["state"])

    def states(self, count: int, task: str = "T") -> list[str]:
        """The states in that many consecutive reads."""
        return [self.state(task) for _time in range(count)]

    def listed(self, **query: object) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = self.ask("GET", "/tasks", query={"page_size": 1000, **query}).json["tasks"]
        return got

    def truth(self, task: str = "T") -> dict[str, Any]:
        return next(known for known in self.model.tasks() if known["id"] == task)


class Got:
    """A parsed reply."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.status = reply.status

    @property
    def json(self) -> Any:
        return json.loads(self.reply.body)

    @property
    def code(self) -> str | None:
        """The code of the error. None if there is none."""
        found: str | None = self.json.get("error_code") if self.reply.body else None
        return found

    def headers_of(self, name: str) -> str:
        return next(value for known, value in self.reply.headers if known == name)
