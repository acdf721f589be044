# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One small class for each way to authenticate, as `requests` knows them: it's called with a request and adds the credentials."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    import requests


class Auth(Protocol):
    """Credentials of one run. `stamp` counts how often they were renewed.

    `is_bare` is true if a request holds the credentials as they are, so that whoever reads the request has them too.
    """

    stamp: int
    is_bare: bool

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the credentials to the request."""

    def renew(self, stamp: int) -> bool:
        """Replace the credentials that had this stamp by new ones. Returns false if they can't be renewed."""


class BareBasic:
    """User and password in base64 as the whole Authorization header, without the word `Basic` (Total Control's login, page section 2)."""

    stamp = 0
    is_bare = True

    def __init__(self, username: str, password: str) -> None:
        self.header = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.header
        return request

    def renew(self, stamp: int) -> bool:
        return False


class Scheme:
    """An Authorization header of a scheme's name and fixed credentials, such as Basic and Bearer."""

    stamp = 0
    is_bare = True

    def __init__(self, word: str, credentials: str) -> None:
        self._word = word
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self._word} {self._credentials}"
        return request

    def renew(self, stamp: int) -> bool:
        return False


class RollingToken(Scheme):
    """A token that each successful answer replaces: its WWW-Authenticate holds the scheme's name and the next token (Hitachi's HSSO).

    `keep_secret` gets each token before the token is used. If several threads get tokens, the one of the newest answer is used: each token
    stays valid for a while.
    """

    def __init__(self, word: str, credentials: str, keep_secret: Callable[[str], None]) -> None:
        super().__init__(word, credentials)
        self._keep_secret = keep_secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.hooks["response"].append(self._adopt)
        return super().__call__(request)

    def _adopt(self, response: requests.Response, **_settings: object) -> None:
        word, _blank, token = response.headers.get("WWW-Authenticate", "").strip().partition(" ")
        if response.status_code < 400 and word == self._word and (token := token.strip()):
            self._keep_secret(token)
            self._credentials = token


class Token:
    """A token that is given, or that `login` returns. The login happens at the first use, and again whenever the token has expired."""

    is_bare = True

    def __init__(self, token: str | None, login: Callable[[], str] | None) -> None:
        self.stamp = 0
        self._token = token
        self._login = login
        self._uses = 0
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self.obtain()
        with self._lock:
            self._uses += 1
        self.place(request, token)
        return request

    def obtain(self) -> str:
        """The token, after a login if none has happened yet. Raises whatever the login raises."""
        with self._lock:
            if self._token is None and self._login is not None:
                self._token = self._login()
            return self._token or ""

    def place(self, request: requests.PreparedRequest, token: str) -> None:
        """Put the token where the vendor expects it."""
        raise NotImplementedError

    def renew(self, stamp: int) -> bool:
        with self._lock:
            # A token that is refused at its first use hasn't expired, and another login would get no better one.
            if self.stamp == stamp and self._login is not None and self._uses > 1:
                self._token = self._login()
                self.stamp += 1
                self._uses = 0
            return self.stamp > stamp


class TokenParameter(Token):
    """The token as the parameter `token`: in the query of a GET, and else in the form, since proxies log queries."""

    def place(self, request: requests.PreparedRequest, token: str) -> None:
        parameter = [("token", token)]
        if request.method == "GET":
            request.prepare_url(request.url, parameter)
        else:
            body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
            request.body = urlencode(parse_qsl(body, keep_blank_values=True) + parameter)


class TokenHeader(Token):
    """The token as the header `X-Auth-Token` (Huawei Cloud)."""

    def place(self, request: requests.PreparedRequest, token: str) -> None:
        request.headers["X-Auth-Token"] = token


class BearerToken(Token):
    """The token as the Authorization header of the scheme Bearer (RFC 6750)."""

    def place(self, request: requests.PreparedRequest, token: str) -> None:
        request.headers["Authorization"] = f"Bearer {token}"
