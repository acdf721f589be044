# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Common parts of the unit tests of Huawei Cloud's modules: the exchanges of VIAS, and the emulator without sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils import _http

from tests.emulator.adapter import InProcessAdapter
from tests.emulator.vendors.huawei import Huawei

from .ordered_calls import Call

PROJECT = "0605767e8b80d5ac2f70c00d8ddd8ba2"
BATCH = "0d47bbf52962414bb7ae27fb6ea24230"
BASE = f"/v2/{PROJECT}"

REGION: dict[str, Any] = {"region": "cn-north-4"}
TOKEN: dict[str, Any] = {**REGION, "project_id": PROJECT, "token": "MIIPAgYJKoZIhvcNAQ"}
KEY: dict[str, Any] = {**REGION, "access_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}
USER: dict[str, Any] = {**REGION, "username": "iam-user", "password": "secret of mine", "domain_name": "account-name"}

# The number of reads in the ten seconds after a refused PUT, which a proxy may have sent twice.
LOOKS = 8

# Each environment variable that an option of these modules uses.
ENVIRONMENT = (
    *(f"HUAWEICLOUD_SDK_{name}" for name in ("AK", "SK", "SECURITY_TOKEN", "PROJECT_ID", "IAM_ENDPOINT")),
    *(f"HUAWEICLOUD_{name}" for name in ("REGION", "USERNAME", "PASSWORD", "DOMAIN_NAME", "PROJECT_NAME", "TOKEN")),
    *(f"VIAS_{name}" for name in ("URL", "VALIDATE_CERTS", "CA_PATH", "CLIENT_CERT", "CLIENT_KEY", "PROXY", "TIMEOUT", "RETRIES")),
    "VIAS_SIGNED_HOST",
)

DONE = {"id": "String", "status_code": 200, "status_msg": "success"}


def task(id_: str, state: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "name": f"name of {id_}", "state": state, **fields}


def show(id_: str, state: str, *, headers: Mapping[str, str | None] | None = None, **fields: Any) -> Call:
    return Call("GET", f"{BASE}/tasks/{id_}", task(id_, state, **fields), headers=headers or {})


def listed(*tasks: Mapping[str, Any], page: int = 1, size: int = 1000, filters: str = "") -> Call:
    """A page of the list. Its count is one too low, since a count isn't reliable."""
    answer = {"count": max(0, len(tasks) - 1), "tasks": list(tasks), "page": page, "page_size": size}
    return Call("GET", f"{BASE}/tasks?{filters}page={page}&page_size={size}", answer)


def act(id_: str, action: str, answer: Any = None, **more: Any) -> Call:
    """An action without a body, as the vendor documents it."""
    return Call("PUT", f"{BASE}/tasks/{id_}/action/{action}", DONE if answer is None else answer, **more)


def act_on_batch(action: str, *complaints: str, total: int = 3) -> Call:
    answer = {
        "total_count": total,
        "failed_count": len(complaints),
        "succeed_count": total - len(complaints),
        "id": BATCH,
        "error_list": list(complaints),
    }
    return Call("PUT", f"{BASE}/batch-tasks/{BATCH}/action/{action}", answer)


def error(call: Call, status: int, code: str, text: str = "said the vendor", **members: Any) -> Call:
    """The call with an error in the service's own format as its answer."""
    body = {"error_code": code, "error_msg": text, "detail": "", "params": [], "reason": text, "advice": text, **members}
    return Call(call.method, call.path, body, status=status, headers=call.headers, answer_headers={"X-Request-Id": "request-1"})


def gateway(call: Call, status: int = 401, number: str = "0301", text: str = "verify aksk signature fail") -> Call:
    """The call with an answer of the gateway, which the service has never received."""
    body = {"error_msg": text, "error_code": f"APIGW.{number}", "request_id": "request-of-the-gateway"}
    return Call(call.method, call.path, body, status=status, headers=call.headers)


def login(token: str = "T1", project: str | None = PROJECT, status: int = 201) -> Call:
    scope = {"project": {"id": project, "name": "cn-north-4"}} if project else {"domain": {"id": "d"}}
    answer = {"token": {"expires_at": "2024-01-16T08:30:00.000000Z", **scope}}
    unproved = {"X-Auth-Token": None, "Authorization": None}
    given = {"X-Subject-Token": token} if status == 201 else {}
    return Call("POST", "/v3/auth/tokens?nocatalog=true", answer, body=LOGIN, headers=unproved, status=status, answer_headers=given)


LOGIN = (
    '{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "iam-user", "password": "secret of mine", '
    '"domain": {"name": "account-name"}}}}, "scope": {"project": {"name": "cn-north-4"}}}}'
)


def projects(*ids: str, name: str = "cn-north-4") -> Call:
    found = [{"id": id_, "name": name, "enabled": True} for id_ in ids]
    return Call("GET", f"/v3/projects?name={name}", {"projects": found, "links": {"next": None}})


def without_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)


def in_process(monkeypatch: pytest.MonkeyPatch, *tasks: Mapping[str, Any], **switches: Any) -> Huawei:
    """Connect every HTTP session of the collection to this emulator. Its steps are counted in reads, so no time has to pass."""
    vendor = Huawei(switches=switches, tasks=[dict(task) for task in tasks], seed=1)
    monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: InProcessAdapter(vendor))
    return vendor


def requests_to(vendor: Huawei) -> list[str]:
    """Short forms of the requests, in the order of their arrival."""
    return [" ".join((entry.call.action, *entry.call.ids)) for entry in vendor.journal.since()]
