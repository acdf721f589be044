# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What Huawei Cloud's services share: the ways to authenticate, the project, and how errors are told.

Facts come from the vendor's public pages on IAM and API signing and from its official SDK (pages `huawei_auth`, `huawei_vias`, `iotda`).
"""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .._arguments import Arguments, check_ids
from .._auth import Auth, TokenHeader
from .._credentials import Lockable
from .._errors import AnswerLost, Failure, Refused, Unauthorized
from .._http import Answer, Connection, Http, base_url
from .._signing import AccessKey

CLOUD = "myhuaweicloud.com"

ARGUMENTS = Arguments(
    options={
        "region": {"type": "str"},
        "project_id": {"type": "str"},
        "access_key": {"type": "str", "no_log": False},
        "secret_key": {"type": "str", "no_log": True},
        "security_token": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "domain_name": {"type": "str"},
        "project_name": {"type": "str"},
        "token": {"type": "str", "no_log": True},
        "iam_url": {"type": "str"},
    },
    environment={
        "region": ("HUAWEICLOUD_REGION",),
        "project_id": ("HUAWEICLOUD_SDK_PROJECT_ID",),
        "access_key": ("HUAWEICLOUD_SDK_AK",),
        "secret_key": ("HUAWEICLOUD_SDK_SK",),
        "security_token": ("HUAWEICLOUD_SDK_SECURITY_TOKEN",),
        "username": ("HUAWEICLOUD_USERNAME",),
        "password": ("HUAWEICLOUD_PASSWORD",),
        "domain_name": ("HUAWEICLOUD_DOMAIN_NAME",),
        "project_name": ("HUAWEICLOUD_PROJECT_NAME",),
        "token": ("HUAWEICLOUD_TOKEN",),
        "iam_url": ("HUAWEICLOUD_SDK_IAM_ENDPOINT",),
    },
    choices=[[("access_key", "secret_key"), ("username", "password", "domain_name"), ("token",)]],
    companions={"security_token": "access_key", "project_name": "username"},
)


def service_url(params: Mapping[str, Any], service: str) -> str:
    """The address of a regional service: `url` where given, else built from `region`. Raises `Failure` (`usage`)."""
    if params["url"]:
        return str(params["url"])
    if not params["region"]:
        raise Failure("usage", "neither url nor region is given; one of them is needed to know where the service is")
    return _built(service, params["region"])


def _built(service: str, region: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", region):
        raise Failure("usage", f"region is {region!r}, which isn't the name of a region; write it as cn-north-4")
    return f"https://{service}.{region}.{CLOUD}"


class Account:
    """Who calls, and for which project; both are settled by the first request that needs them.

    `derived` is (region, service) where requests are signed with the derived key. Raises `Failure` (`usage`).
    """

    def __init__(self, params: Mapping[str, Any], connection: Connection, derived: tuple[str, str] | None = None) -> None:
        self._params = params
        self._project: str | None = params["project_id"]
        self._lock = threading.Lock()
        _check(params)
        self._key: AccessKey | None = None
        self._token: TokenHeader | None = None
        if params["access_key"]:
            keys = (params["access_key"], params["secret_key"], params["security_token"])
            self._key = AccessKey(*keys, derived=derived)
            self._key.project_id = self._project
            lookup: Auth = AccessKey(*keys)
        else:
            lookup = self._token = TokenHeader(params["token"], None if params["token"] else self._login)
            if not params["token"] and not self._scope():
                raise Failure("usage", "a login by username needs project_id, project_name or region, so that the token is for a project")
        self._iam = Http(replace(connection, url=_iam_url(params)), "Huawei Cloud IAM", "/v3", lookup)
        self._iam.keep_secret(params["secret_key"], params["security_token"], params["password"], params["token"])

    @property
    def auth(self) -> Auth:
        """What proves the caller to the service."""
        return self._key or self._token  # type: ignore[return-value]

    @property
    def secrets(self) -> list[str | None]:
        return [self._params[name] for name in ("secret_key", "security_token", "password", "token")]

    def project(self) -> str:
        """The id of the project: given, told by the login, or looked up by the name of the region. Raises `Failure`."""
        if self._project is None and self._token and not self._params["token"]:
            self._token.obtain()
        with self._lock:
            if self._project is None:
                self._project = self._look_up()
            if self._key:
                self._key.project_id = self._project
            return self._project

    def _look_up(self) -> str:
        name = self._params["project_name"] or self._params["region"]
        if not name:
            raise Failure("usage", "neither project_id nor region is given; one of them is needed to know the project")
        found = self._iam.read("/projects", _projects, params={"name": name})
        if len(found) != 1:
            told = f"several projects are named {name} ({', '.join(found)})" if found else f"no project is named {name}"
            raise Failure("not_found", f"{told}; give the id of the right one in project_id")
        return found[0]

    def _scope(self) -> dict[str, str] | None:
        if self._params["project_id"]:
            return {"id": self._params["project_id"]}
        name = self._params["project_name"] or self._params["region"]
        return {"name": name} if name else None

    def _login(self) -> str:
        """A token for the project by user and password (page `huawei_auth`, section 3). Needs no authentication itself."""
        domain = {"name": self._params["domain_name"]}
        user = {"name": self._params["username"], "password": self._params["password"], "domain": domain}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": self._scope()}}}
        judge = _token(self._params["username"], self._params["domain_name"])
        auth = Login(*(self._params[name] for name in ("domain_name", "username", "password")))
        token, project = self._iam.read("/auth/tokens", judge, method="POST", auth=auth, params={"nocatalog": "true"}, json=body)
        self._project = self._project or project
        self._iam.keep_secret(token)
        return token


def _check(params: Mapping[str, Any]) -> None:
    """What goes into headers and addresses has to fit there. Raises `Failure` (`usage`)."""
    if params["project_id"]:
        check_ids("project_id", [params["project_id"]])
    for name in ("project_id", "access_key", "secret_key", "security_token", "token"):
        value = params[name] or ""
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise Failure("usage", f"{name} holds a blank, a line break or another character that none has; check how it was copied")


def _iam_url(params: Mapping[str, Any]) -> str:
    if params["iam_url"]:
        try:
            return base_url(params["iam_url"], "/v3")
        except Failure as wrong:
            told = wrong.message
        raise Failure("usage", f"iam_{told}")
    return _built("iam", params["region"]) if params["region"] else f"https://iam.{CLOUD}"


class Login:
    """No proof at all, for the call that gets one: its body holds the password of this user."""

    stamp = 0
    is_bare = True

    def __init__(self, *credentials: str) -> None:
        self.lockable = Lockable.of(
            "IAM",
            *credentials,
            name="the login of this user",
            rule="accounts are locked after several refusals",
            advice="check username, password and domain_name",
        )

    def __call__(self, request: Any) -> Any:
        return request

    def renew(self, stamp: int) -> bool:
        return False


def success(answer: Answer) -> Any:
    """The document of a success, None for an empty body. Raises the failure that the answer tells otherwise."""
    if not 200 <= answer.status < 300:
        raise failure(answer)
    return answer.document() if answer.body.strip() else None


def failure(answer: Answer) -> Failure:
    """What a refusal of the gateway, of IAM or of a service means (page `huawei_auth`, section 7; the official SDK's order of shapes)."""
    code, text, request_id = told(answer)
    said = " ".join(filter(None, [code, text])) or answer.shown or "nothing said"
    facts: dict[str, Any] = {"vendor_code": code, "http_status": answer.status, "request_id": request_id}
    if answer.status == 401:
        message = f"{answer.what} was refused ({said}); check the credentials, the address (url, region, project_id) and the clock"
        return Unauthorized("authentication", message, **facts)
    message = f"{answer.what} was answered with HTTP {answer.status} ({said})"
    if answer.status == 403:
        return Refused("permission", f"{message}; the user's rights or the project don't allow it", **facts)
    if answer.status == 404:
        return Refused("not_found", f"{message}; check url, region and project_id", **facts)
    if answer.status == 408 or answer.status >= 500:
        return AnswerLost("refused", message, **facts)
    return Refused("refused", message, **facts)


def told(answer: Answer) -> tuple[str | None, str, str | None]:
    """The code, the text and the request id of an error, in any of the shapes in use."""
    try:
        document = answer.document()
    except Failure:
        document = None
    code, text = _code_and_text(document)
    request_id = document.get("request_id") if isinstance(document, dict) else None
    headers = answer.headers.get("X-Request-Id") or answer.headers.get("X-IAM-Trace-Id")
    return code, text, headers or (request_id if isinstance(request_id, str) else None)


def _code_and_text(document: Any) -> tuple[str | None, str]:
    if not isinstance(document, dict):
        return None, ""
    for code, text in (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")):
        if document.get(code) is not None and isinstance(document.get(text), str):
            detail = document.get("detail")
            more = f": {detail}" if isinstance(detail, str) and detail and detail != document[text] else ""
            # Cut between words: half a token that the vendor repeats couldn't be told from other text any more.
            return str(document[code])[:64], textwrap.shorten(f"{document[text]}{more}", 400, placeholder=" ...")
    for inner in document.values():
        found = _code_and_text(inner)
        if found[0]:
            return found
    return None, ""


def _projects(answer: Answer) -> list[str]:
    document = success(answer)
    projects = document.get("projects") if isinstance(document, dict) else None
    if not isinstance(projects, list) or not all(isinstance(project, dict) and isinstance(project.get("id"), str) for project in projects):
        raise answer.unreadable("without a list of projects")
    return [project["id"] for project in projects]


def _token(username: str, domain: str) -> Callable[[Answer], tuple[str, str | None]]:
    def judge(answer: Answer) -> tuple[str, str | None]:
        if answer.status == 401:
            code, said, request_id = told(answer)
            message = f"Huawei Cloud IAM refused user {username} of account {domain} ({said or 'no reason given'})"
            advice = "check username, password and domain_name, and the project or region that the login is for"
            raise Refused("authentication", f"{message}; {advice}", vendor_code=code, http_status=401, request_id=request_id)
        document = success(answer.private() if answer.status < 300 else answer)
        token = answer.headers.get("X-Subject-Token")
        if not token or not isinstance(document, dict):
            raise answer.private().unreadable("to the login without a token")
        project = document.get("token", {}).get("project") if isinstance(document.get("token"), dict) else None
        project_id = project.get("id") if isinstance(project, dict) else None
        return token, project_id if isinstance(project_id, str) else None

    return judge
