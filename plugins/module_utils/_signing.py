# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Huawei Cloud's request signatures: SDK-HMAC-SHA256, and V11-HMAC-SHA256 with a derived key.

The rules are those of the vendor's signing guide and official SDK (page `huawei_auth`, sections 4 and 5). Pure functions and one class
for `requests`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from ._credentials import Lockable
from ._errors import Failure

if TYPE_CHECKING:
    import requests

STANDARD = "SDK-HMAC-SHA256"
DERIVED = "V11-HMAC-SHA256"
# The official SDK's rule for hosts that take the standard signature; it has no end, as there.
SHARED_HOST = re.compile(r"^[a-z][a-z0-9-]+(\.[a-z]{2,}-[a-z]+-\d{1,2})?\.(my)?(huaweicloud|myhwclouds).(com|cn)")

# The possible causes of a refused signature (pages `huawei_auth`, section 4, and `iotda`, section 2.5).
SUSPECTS = (
    "check access_key and secret_key, the address (url, region, project_id), the clock, and what a proxy on the way makes of the request: "
    "its prefix in url isn't signed, and one that changes Host needs signed_host"
)


def is_shared_host(host: str) -> bool:
    """Whether a host takes the standard signature by the official SDK's rule; all others take the derived one."""
    return SHARED_HOST.match(host) is not None


def host_header(url: str) -> str:
    """The host as it's sent and signed: with its port, unless that is the default of the scheme."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def canonical_query(query: str) -> str:
    """The query, sorted by name and then value, each encoded by the same rule."""
    pairs = sorted((name, value) for name, value in parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def canonical_request(method: str, url: str, signed: Mapping[str, str], body: bytes) -> str:
    """The six parts that are hashed; `signed` are the headers to sign, with lower-case names."""
    parts = urlsplit(url)
    path = "/".join(_encoded(segment) for segment in unquote(parts.path).split("/"))
    return "\n".join(
        [
            method.upper(),
            path if path.endswith("/") else f"{path}/",
            canonical_query(parts.query),
            "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed)),
            ";".join(sorted(signed)),
            hashlib.sha256(body).hexdigest(),
        ]
    )


def authorization(access_key: str, secret_key: str, date: str, request: str, names: str, scope: str | None) -> str:
    """The Authorization header for a canonical request; `scope` is DATE/REGION/SERVICE for the derived signature, else None."""
    digest = hashlib.sha256(request.encode()).hexdigest()
    if scope is None:
        signature = _hmac(secret_key.encode(), "\n".join([STANDARD, date, digest])).hex()
        return f"{STANDARD} Access={access_key}, SignedHeaders={names}, Signature={signature}"
    signature = _hmac(derived_key(access_key, secret_key, scope).encode(), "\n".join([DERIVED, date, scope, digest])).hex()
    return f"{DERIVED} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"


def derived_key(access_key: str, secret_key: str, scope: str) -> str:
    """HKDF with the access key as salt. The derived key is the hexadecimal text, and not the bytes that the text encodes."""
    extracted = _hmac(access_key.encode(), secret_key)
    return _hmac(extracted, scope + "\x01").hex()


def check_host(option: str, host: str) -> str:
    """The host that the vendor receives, HOST or HOST:PORT. Raises `Failure` (`usage`) for anything else."""
    if not re.fullmatch(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", host):
        raise Failure("usage", f"{option} is {host!r}, which isn't the name of a host; write it as HOST or HOST:PORT and nothing more")
    return host


class Seen(NamedTuple):
    """What the vendor receives of a request to `base`, an address that ends in the vendor's own `path`. The path before that is a proxy's
    prefix, which doesn't reach the vendor. `host` is the Host header that the vendor receives; None if it's the host of the address.
    """

    base: str = ""
    path: str = ""
    host: str | None = None

    def url(self, request: requests.PreparedRequest) -> str:
        """The address of a request as the vendor receives it, except for the host."""
        parts = urlsplit(str(request.url))
        prefix = self._prefix(request)
        if prefix and parts.path.startswith(f"{prefix}/"):
            parts = parts._replace(path=parts.path[len(prefix) :])
        return urlunsplit(parts)

    def _prefix(self, request: requests.PreparedRequest) -> str:
        """The prefix in the spelling of `requests`, with dots resolved and special characters encoded."""
        if urlsplit(self.base).path in ("", self.path):
            return ""
        spelled = type(request)()
        spelled.prepare_url(self.base, None)
        return urlsplit(str(spelled.url)).path.removesuffix(self.path)


class AccessKey:
    """AK/SK, permanent or with a `security_token`, as `requests` knows authentication. Each attempt is signed anew.

    `derived` is (region, service) for the derived signature. `seen` is what the vendor receives, and that is what is signed; the request
    itself keeps the address and the Host that lead to the proxy. After one refusal nothing more is sent with this key (`_credentials`).
    """

    stamp = 0
    is_bare = False

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        security_token: str | None = None,
        *,
        derived: tuple[str, str] | None = None,
        seen: Seen | None = None,
        today: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self.project_id: str | None = None
        self._keys = (access_key, secret_key)
        self._security_token = security_token
        self._derived = derived
        self._seen = seen or Seen()
        self._today = today
        # The vendor locks an access key, whichever secret key it was used with.
        self.lockable = Lockable.of("access key", access_key, name="the access key", rule="five refusals in a row lock it", advice=SUSPECTS)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        date = self._today().strftime("%Y%m%dT%H%M%SZ")
        own = {"X-Project-Id": self.project_id, "X-Security-Token": self._security_token}
        request.headers.update({"Content-Type": "application/json", "Host": host_header(str(request.url)), "X-Sdk-Date": date})
        request.headers.update({name: value for name, value in own.items() if value})
        base, _question_mark, query = str(request.url).partition("?")
        request.url = f"{base}?{canonical_query(query)}" if query else base
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        names = {"content-type", "host", "instance-id", "x-project-id", "x-sdk-date", "x-security-token"}
        signed = {name.lower(): str(value) for name, value in request.headers.items() if name.lower() in names}
        signed["host"] = self._seen.host or signed["host"]
        canonical = canonical_request(str(request.method), self._seen.url(request), signed, bytes(body))
        scope = "/".join([date[:8], *self._derived]) if self._derived else None
        request.headers["Authorization"] = authorization(*self._keys, date, canonical, ";".join(sorted(signed)), scope)
        return request

    def renew(self, stamp: int) -> bool:
        return False


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
