# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What Huawei Cloud's services share: the ways to authenticate, the project, and the form of errors.

Facts come from the vendor's public pages on IAM and API signing and from its official SDK (pages `huawei_auth`, `huawei_vias`, `iotda`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .._answer import Answer
from .._arguments import Arguments, check_ids, from_environment
from .._auth import Auth, TokenHeader
from .._connection import Connection, base_url
from .._credentials import Lockable
from .._errors import AnswerLost, Failure, Refused, TryLater, Unauthorized
from .._http import Http
from .._refusals import RefusalText, Row, failure_of, plain
from .._signing import AccessKey, Seen, check_host

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

T = TypeVar("T")

# The vendor's own domains. Only the vendor answers under them (page `huawei_auth`, section 2).
_OWN_HOST = re.compile(r"\.(my)?(huaweicloud|myhwclouds)\.(com|cn|eu)$")
_CREDENTIALS = "check the credentials, the address (url, region, project_id) and the clock"
GRANT = "a right that was granted just now takes some minutes to work"

# The codes of the gateway in front of each service, and the meaning of a status for which the service has no row of its own (page
# `huawei_auth`, section 7). The gateway's codes begin with APIG or APIGW, and both use the same numbers.
GATEWAY = (
    Row("authentication", Unauthorized, f"the token has to be a new one of this region; {_CREDENTIALS}", code=r"APIGW?\.0307"),
    Row("rate_limited", TryLater, code=r"APIGW?\.0308"),
    Row("permission", Refused, f"the user's rights or the project don't allow it; {GRANT}", code=r"APIGW?\.030[246]"),
    Row("not_found", Refused, "check url, region and project_id", code=r"APIGW?\.0101"),
    Row("connection", AnswerLost, "the gateway got no answer from the service behind it; check whether that is healthy",
        code=r"APIGW?\.020[1-3]", statuses=range(500, 600)),
)  # fmt: skip
SERVICE = (
    Row("authentication", Unauthorized, _CREDENTIALS, statuses=(401,), any_body=True),
    Row("permission", Refused, f"the user's rights or the project don't allow it; {GRANT}", statuses=(403,)),
    Row("not_found", Refused, "check url, region and project_id", statuses=(404,)),
)


def service_arguments(prefix: str) -> Arguments:
    """The options of a service of Huawei Cloud. The names of the environment variables that only this service uses begin with `prefix`."""
    own = from_environment(prefix, {"signed_host": {"type": "str"}})
    # This option belongs to one address. The value from the environment must not be used for another address.
    return ARGUMENTS + own + Arguments(companions={"signed_host": "url"})


def service_url(params: Mapping[str, Any], service: str) -> str:
    """The address of a regional service: `url` if it's set, otherwise built from `region`. Raises `Failure` (`usage`)."""
    if params["url"]:
        return str(params["url"])
    if not params["region"]:
        raise Failure("usage", "neither url nor region is given; one of them is needed to know where the service is")
    return _built(service, params["region"])


def _built(service: str, region: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", region):
        raise Failure("usage", f"region is {region!r}, which isn't the name of a region; write it as cn-north-4")
    return f"https://{service}.{region}.{CLOUD}"


def seen_host(params: Mapping[str, Any], base: str) -> str:
    """The Host that the vendor receives: `signed_host` if it's set, otherwise that of the address. Raises `Failure` (`usage`)."""
    return check_host("signed_host", params["signed_host"]) if params["signed_host"] else urlsplit(base).netloc


class Account:
    """The account that calls the service at `base`, an address that ends in the vendor's own `path`, and the project. The first request
    that needs them determines both.

    `derived` is (region, service) if requests are signed with the derived key. Raises `Failure` (`usage`).
    """

    def __init__(
        self, params: Mapping[str, Any], connection: Connection, base: str, path: str, derived: tuple[str, str] | None = None
    ) -> None:
        self._params = params
        self._base, self._path = base, path
        self._project: str | None = params["project_id"]
        self._lock = threading.Lock()
        _check(params)
        self._key: AccessKey | None = None
        self._token: TokenHeader | None = None
        if params["access_key"]:
            keys = (params["access_key"], params["secret_key"], params["security_token"])
            seen = Seen(base, path, seen_host(params, base) if params["signed_host"] else None)
            self._key = AccessKey(*keys, derived=derived, seen=seen)
            self._key.project_id = self._project
            # `signed_host` doesn't apply to IAM, which has another address.
            lookup: Auth = AccessKey(*keys, seen=Seen(base_url(_iam_url(params), "/v3"), "/v3"))
        else:
            lookup = self._token = TokenHeader(params["token"], None if params["token"] else self._login)
            if not params["token"] and not self._scope():
                raise Failure("usage", "a login by username needs project_id, project_name or region, so that the token is for a project")
        self._iam = Http(replace(connection, url=_iam_url(params)), "Huawei Cloud IAM", "/v3", lookup)
        self._iam.keep_secret(params["secret_key"], params["security_token"], params["password"], params["token"])

    @property
    def auth(self) -> Auth:
        """The authentication that the service accepts."""
        return self._key or self._token  # type: ignore[return-value]

    @property
    def secrets(self) -> list[str | None]:
        return [self._params[name] for name in ("secret_key", "security_token", "password", "token")]

    def with_signing_advice(self, judge: Callable[[Answer], T]) -> Callable[[Answer], T]:
        """The same judge, for an answer to a request of this account.

        A new token doesn't help where requests are signed, so an error about a token is a plain refusal then. Any 401 ends the use of the
        key, since the vendor locks a key after five in a row. A 401 about the signature also names what was signed, since a proxy may have
        changed that.
        """

        def judged(answer: Answer) -> T:
            try:
                return judge(answer)
            except Refused as refused:
                if self._key is None:
                    raise
                failure = refused
                if (refused.http_status == 401) != isinstance(refused, Unauthorized):
                    kind = Unauthorized if refused.http_status == 401 else Refused
                    failure = kind(refused.code, refused.message, **_facts(refused))
                if failure.code == "authentication" and failure.http_status in (400, 401):
                    failure.message += self._signed()
            raise failure

        return judged

    def _signed(self) -> str:
        """The signed part of the address, if a proxy may be in front of the vendor. Empty if there can't be one."""
        parts = urlsplit(self._base)
        prefix, given = parts.path.removesuffix(self._path), self._params["signed_host"]
        if _OWN_HOST.search(parts.hostname or "") and not prefix and not given:
            return ""
        without = f", without the prefix {prefix}" if prefix else ""
        host = f"the Host {given} (signed_host)" if given else f"the Host {parts.netloc}"
        advice = "" if given else "; where a proxy on the way puts another Host in its place, give that in signed_host"
        return f"; what was signed is the path from {self._path} on{without}, and {host}{advice}"

    def project(self) -> str:
        """The id of the project: set by the user, returned by the login, or looked up by the name of the region. Raises `Failure`."""
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
            message = f"several projects are named {name} ({', '.join(found)})" if found else f"no project is named {name}"
            raise Failure("not_found", f"{message}; give the id of the right one in project_id")
        return found[0]

    def _scope(self) -> dict[str, str] | None:
        if self._params["project_id"]:
            return {"id": self._params["project_id"]}
        name = self._params["project_name"] or self._params["region"]
        return {"name": name} if name else None

    def _login(self) -> str:
        """Get a token for the project with user and password (page `huawei_auth`, section 3). The request itself isn't authenticated."""
        domain = {"name": self._params["domain_name"]}
        user = {"name": self._params["username"], "password": self._params["password"], "domain": domain}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": self._scope()}}}
        judge = _token(self._params["username"], self._params["domain_name"])
        auth = Login(*(self._params[name] for name in ("domain_name", "username", "password")))
        token, project = self._iam.read("/auth/tokens", judge, method="POST", auth=auth, params={"nocatalog": "true"}, json=body)
        self._project = self._project or project
        self._iam.keep_token(token)
        return token


def _check(params: Mapping[str, Any]) -> None:
    """Check that the values that are sent in headers and addresses are allowed there. Raises `Failure` (`usage`)."""
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
            message = wrong.message
        raise Failure("usage", f"iam_{message}")
    return _built("iam", params["region"]) if params["region"] else f"https://iam.{CLOUD}"


class Login:
    """No authentication, for the request that gets a token. Its body contains the user's password."""

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


class Service(Http):
    """The session with a service of Huawei Cloud, for one account."""

    def __init__(self, connection: Connection, system: str, account: Account, base: str, path: str) -> None:
        super().__init__(replace(connection, url=base), system, path, account.auth)
        self._account = account
        self.keep_secret(*account.secrets)

    def read(self, path: str, judge: Callable[[Answer], T], *, method: str = "GET", auth: Auth | None = None, **request: Any) -> T:
        return super().read(path, self._account.with_signing_advice(judge), method=method, auth=auth, **request)

    def write(self, path: str, judge: Callable[[Answer], T], *, method: str = "POST", **request: Any) -> T:
        return super().write(path, self._account.with_signing_advice(judge), method=method, **request)


def success(answer: Answer, rows: Iterable[Row] = ()) -> Any:
    """The document of a success, None for an empty body. `rows` are the service's own refusals. Raises `Failure` for a refusal."""
    if not 200 <= answer.status < 300:
        raise failure(answer, rows)
    return answer.document() if answer.body.strip() else None


def failure(answer: Answer, rows: Iterable[Row] = ()) -> Failure:
    """The failure for a refusal by the gateway, by IAM or by a service. `rows` are the service's own refusals."""
    return failure_of(answer, RefusalText(*error_details(answer)), (*rows, *GATEWAY, *SERVICE))


def _facts(refused: Failure) -> dict[str, Any]:
    return {"vendor_code": refused.vendor_code, "http_status": refused.http_status, "request_id": refused.request_id}


def error_details(answer: Answer) -> tuple[str | None, str, str | None]:
    """The code, the text and the request id of an error, in any of the known shapes."""
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
            return str(document[code])[:64], plain(f"{document[text]}{more}")
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
            code, text, request_id = error_details(answer)
            message = f"Huawei Cloud IAM refused user {username} of account {domain} ({text or 'no reason given'})"
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
