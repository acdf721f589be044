# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Authentication at Airflow. The user sets a token, or user and password. Airflow 3 gives a token for them; Airflow 2 gets them in each
request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._answer import Answer
from .._arguments import Arguments, from_environment
from .._auth import BareBasic, BearerToken
from .._connection import Connection
from .._errors import Failure, Refused, Unauthorized
from .._http import Http
from .._refusals import Row, failure_of
from ._airflow_api import GENERATIONS, Generation, refusal_text

ARGUMENTS = from_environment(
    "AIRFLOW",
    {
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "token": {"type": "str", "no_log": True},
        "api_version": {"type": "str", "choices": ["auto", "v1", "v2"], "default": "auto"},
    },
) + Arguments(choices=[[("username", "password"), ("token",)]])

V1, V2 = GENERATIONS["v1"], GENERATIONS["v2"]
# Statuses by which the server says that it doesn't know an address.
NO_SUCH_PLACE = (404, 405)
_OTHER = "Airflow 3 knows v2 only, and Airflow 2 knows v1 only: check api_version and url, or leave api_version at auto"


class Access(BearerToken):
    """The credentials for the Airflow at `root`, which is the address without the path of the API.

    `generation` is the generation of the API. It is None until it's known; a login with user and password detects it. Raises `Failure`
    (`usage`).
    """

    def __init__(self, params: Mapping[str, Any], connection: Connection, root: str, generation: Generation | None) -> None:
        super().__init__(params["token"], None if params["token"] else self._log_in)
        self.generation = generation
        self._username, self._password = params["username"], params["password"]
        self._is_said = generation is not None
        self._http = Http(replace(connection, url=root), "Airflow", "/auth", advice=self.advice)
        self._http.keep_secret(params["token"], self._password)

    @property
    def has_login(self) -> bool:
        """Whether a user is set whose login returns a token."""
        return self._login is not None

    def place(self, request: Any, token: str) -> None:
        if self.has_login and self.generation is V1:
            request.headers["Authorization"] = f"Basic {token}"
        else:
            super().place(request, token)

    def renew(self, stamp: int) -> bool:
        """Replace a token that came from a login by a new one. With Basic authentication there is nothing to renew."""
        return self.generation is not V1 and super().renew(stamp)

    def failure(self, answer: Answer) -> Failure:
        """The failure for a refusal. Some refusals can be about the token or about rights (page `airflow`, "Refusals"). After such a
        refusal, a token that came from a login is renewed once.
        """
        may_be_old = self.has_login and self.generation is V2 and self.stamp == 0
        rows = (
            Row("authentication", Unauthorized, self._suspects, statuses=(401,), any_body=True),
            Row("authentication", Unauthorized, self._suspects, text=r"(?i)token|jwt|expired", statuses=(403,)),
            Row("permission", Unauthorized if may_be_old else Refused, self._permission_advice, statuses=(403,), any_body=True),
            Row("usage", Refused, _OTHER, text="has been removed in Airflow", statuses=(404,)),
            Row("not_found", Refused, f"check url; {_OTHER}", statuses=NO_SUCH_PLACE, any_body=True),
        )
        return failure_of(answer, refusal_text(answer), rows)

    def advice(self, answer: Answer) -> str:
        """The possible reasons why the answer is a web page."""
        return _OTHER if answer.status in NO_SUCH_PLACE else ""

    @property
    def _suspects(self) -> str:
        return "check username and password" if self.has_login else "check token, which may have expired"

    @property
    def _permission_advice(self) -> str:
        if self.has_login and self.generation is V2:
            return "a new token changed nothing, so check what the user may do there (to pause needs the right to edit Dags)"
        which = "username and password" if self.has_login else "token, which may have expired"
        return f"Airflow says the same of wrong credentials and of missing rights: check {which}, and whether the user may edit Dags"

    def _log_in(self) -> str:
        """Log in with user and password and return the token. If the address for logins doesn't exist, return the credentials for Basic
        authentication.
        """
        if self.generation is not V1:
            body = {"username": self._username, "password": self._password}
            try:
                token = self._http.read("/token", self._token_of, method="POST", json=body)
            except Refused as refused:
                if refused.http_status not in NO_SUCH_PLACE or self._is_said:
                    raise
            else:
                self.generation = V2
                self._http.keep_token(token)
                return token
        if ":" in self._username:
            raise Failure("usage", "username holds a colon, which ends the user name in Basic authentication; check it")
        self.generation = V1
        basic = BareBasic(self._username, self._password).header
        self._http.keep_secret(basic)
        return basic

    def _token_of(self, answer: Answer) -> str:
        """The token in the answer to a login, whose status is 201 (page `airflow`, further measurements, 9)."""
        if answer.status == 401:
            message = f"Airflow refused the login of user {self._username} ({refusal_text(answer).text or 'HTTP 401'})"
            raise Refused("authentication", f"{message}; check username and password", http_status=401)
        if answer.status not in (200, 201):
            raise self.failure(answer)
        answer = answer.private()
        document = answer.document()
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token:
            raise answer.unreadable("to the login without an access_token")
        return token
