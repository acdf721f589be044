# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One HTTP session: address, TLS, proxy, timeouts, retries of reads, and messages for errors. This file knows no vendor and no Ansible."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ._answer import Answer
from ._connection import Connection, base_url, proxy_passwords, session_settings, source_of_proxy
from ._delivery import Route, failure_without_answer, refused_by_proxy
from ._errors import AnswerLost, Failure, Postponed, Refused, TryLater, Unauthorized
from ._redaction import Redactor, redact_signature
from ._risks import risk
from ._throttle import Throttle
from ._transport import HTTPAdapter, Session, TooLarge, body_of, time_limit

REQUESTS_ERROR: str | None = None
try:
    import requests
    from requests.utils import select_proxy
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()

if TYPE_CHECKING:
    from ._auth import Auth
    from ._credentials import Lockable
    from ._transport import Reached

USER_AGENT = "taskops.quiesce/1.0.0 (Ansible collection)"
HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
MAX_BODY = 64 * 1024 * 1024
FIRST_BACKOFF = 0.25
LONGEST_BACKOFF = 8.0
# In seconds. A run with a deadline pauses for as long as the deadline allows.
LONGEST_WITHOUT_DEADLINE = 300.0
# A gateway may resend these by itself. nginx and squid do so when a connection that they kept is closed.
REPEATED_ON_THE_WAY = ("PUT", "DELETE")

T = TypeVar("T")


class Http:
    """Exchanges with one server; any thread may use it.

    `system` is the server's name in sentences, `path` the vendor's own path at the end of the address. `advice` says what in that system
    may cause a web page in place of an answer. Reads are retried. Any other request is sent once, and its failure says whether the request
    may have taken effect (`AnswerLost`) or surely had no effect (`Refused`).

    Raises `Failure` (`usage`) for an address or a file that can't be used.
    """

    def __init__(
        self,
        connection: Connection,
        system: str,
        path: str,
        auth: Auth | None = None,
        advice: Callable[[Answer], str] = lambda _answer: "",
    ) -> None:
        self._connection = connection
        self._advice = advice
        self._system = system
        self._base = base_url(connection.url or "", path)
        self._auth = auth
        self._redactor = Redactor(connection.secrets, connection.hide, connection.unhide)
        self._throttle = Throttle(connection.clock)
        self._judged_risks: set[bool] = set()
        self._session = Session()
        # The settings were read from the environment once. Reading them for each exchange takes a quarter of its time, and ~/.netrc would
        # supply credentials.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=connection.concurrency))
        self._settings = session_settings(connection, self._base)
        proxy = select_proxy(self._base, self._settings["proxies"]) or ""
        # A server that closes a connection after its answer without saying so may do it while the next request is on its way. A read is
        # repeated, but nobody knows whether an action arrived. tinyproxy 1.11.1 closes like that (findings/).
        self._acts_on_new_connections = bool(proxy) and self._base.startswith("http:")
        passwords = proxy_passwords(proxy)
        self.keep_secret(*passwords)
        # Over plain http a proxy can answer in the system's place. Some proxies refuse their own callers with 401.
        self._suspect = source_of_proxy(connection) if any(passwords) and self._base.startswith("http:") else ""
        host = urlsplit(self._base).netloc
        self._route = Route(
            system,
            host,
            connection.timeout,
            source_of_proxy(connection),
            has_proxy=bool(proxy),
            shows_no_certificate=self._base.startswith("https:") and not connection.client_cert,
        )

    @property
    def address(self) -> str:
        """The base address, with the vendor's own path."""
        return self._base

    def keep_secret(self, *secrets: str | None) -> None:
        """Hide these in all messages."""
        self._redactor.add(*secrets)

    def keep_token(self, token: str) -> None:
        """As `keep_secret`, for a token that is replaced often. Raises `Failure` (`protocol`) for one that can't be sent in a header."""
        try:
            token.encode()
        except UnicodeEncodeError:
            raise Failure("protocol", f"{self._system} handed out a token that isn't text; check that url is its address") from None
        self._redactor.add_token(token)

    def read(self, path: str, judge: Callable[[Answer], T], *, method: str = "GET", auth: Auth | None = None, **request: Any) -> T:
        """An exchange that changes nothing. It's retried after faults until `retries` or the time until the deadline is used up.

        `judge` turns the answer into a result or raises `Failure`. After `Unauthorized` the credentials are renewed once, if they can be.
        `request` is what `requests.Request` takes.
        """
        pauses = _backoff(self._connection.retries)
        while True:
            try:
                return self._exchange_with_renewal(method, path, judge, auth, request)
            except (AnswerLost, TryLater) as failure:
                # The login for this read has had its own retries.
                pause = None if failure.is_repeated else next(pauses, None)
                if pause is None or not self._pause(pause):
                    failure.is_repeated = True
                    raise

    def write(self, path: str, judge: Callable[[Answer], T], *, method: str = "POST", **request: Any) -> T:
        """An exchange that may change something: it's sent once. An answer that can't be parsed counts as lost. A refusal that may answer a
        second copy of the request isn't conclusive.
        """
        try:
            return self._exchange_with_renewal(method, path, judge, None, request, is_write=True)
        except Refused as refused:
            if method in REPEATED_ON_THE_WAY and _is_vendor_answer(refused):
                refused.is_conclusive = False
            raise
        except AnswerLost:
            raise
        except Failure as failure:
            if failure.code != "protocol":
                raise
            lost = AnswerLost("protocol", failure.message, http_status=failure.http_status)
        raise lost

    def _exchange_with_renewal(
        self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any], is_write: bool = False
    ) -> T:
        auth = auth or self._auth
        stamp = auth.stamp if auth else 0
        try:
            return self._exchange_with_retry(method, path, judge, auth, request, is_write)
        except Unauthorized:
            # A write is repeated too, since an answer of 401 proves that it had no effect.
            if auth is None or not auth.renew(stamp):
                raise
        return self._exchange_with_retry(method, path, judge, auth, request, is_write)

    def _exchange_with_retry(
        self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any], is_write: bool
    ) -> T:
        self._wait_for_turn(LONGEST_BACKOFF if is_write else inf)
        begun = self._connection.clock.now()
        try:
            with self._credential_turn(auth):
                return judge(self._exchange(method, path, auth, request, is_write))
        except TryLater as failure:
            if failure.code == "rate_limited":
                self._throttle.slow_down(begun, failure.after)
            failure.message = self._redactor.redact(failure.message)
            raise
        except Failure as failure:
            hint = f"; if it's the proxy on the way that refuses, check the user name and password in {self._suspect}"
            if self._suspect and failure.code == "authentication" and hint not in failure.message:
                failure.message += hint
            # A vendor's answer may quote what was sent to it.
            failure.message = self._redactor.redact(failure.message)
            raise

    def _exchange(self, method: str, path: str, auth: Auth | None, request: dict[str, Any], is_write: bool) -> Answer:
        reached: Reached = "connecting"
        try:
            prepared = self._prepare(method, path, auth, request)
            _check_headers(prepared, self._system)
            patience = self._exchange_limit()
            if patience <= 0:
                raise Refused("timeout", f"{self._system} got no further request, since the time of this run was up; raise wait_timeout")
            if not self._connection.is_awaited():
                raise Refused("timeout", f"{self._system} got no further request, since the Ansible task that started this has ended")
            self._warn_of_risk(auth)
            with time_limit(patience, needs_new_connection=is_write and self._acts_on_new_connections) as exchange:
                try:
                    with self._session.send(prepared, timeout=patience, **self._settings) as response:
                        if response.status_code == 407:
                            raise refused_by_proxy(407, self._route)
                        body = _body(response)
                finally:
                    reached = exchange.reached
        except TooLarge:
            failure = Failure("protocol", f"{self._system} sent an answer of over {MAX_BODY >> 20} MiB; check that url is its address")
        except (requests.RequestException, OSError) as error:
            failure = failure_without_answer(error, reached, self._route)
            self._acts_on_new_connections |= isinstance(failure, AnswerLost)
        else:
            what = f"{method} {self._base}{path}"
            body = redact_signature(body, prepared)
            answer = Answer(response.status_code, response.headers, body, self._system, what, partial(self._excerpt, body))
            self._connection.watch(method, path, request, answer)
            self._check(answer)
            return answer
        # Raised outside of the handlers: a traceback would otherwise hold an address with a token in it.
        raise failure

    def _prepare(self, method: str, path: str, auth: Auth | None, request: Mapping[str, Any]) -> requests.PreparedRequest:
        """Prepare the request as the session would, but without merging settings and cookies, of which it has none."""
        headers = {**HEADERS, **request.get("headers", {})}
        return requests.Request(method, self._base + path, auth=auth, **{**request, "headers": headers}).prepare()

    def _credential_turn(self, auth: Auth | None) -> AbstractContextManager[None]:
        """Wait for permission to use the key, if the key can be locked."""
        key: Lockable | None = getattr(auth, "lockable", None)
        way = self._connection
        return way.credentials.turn(key, way.caller, way.clock, self._exchange_limit()) if key else nullcontext()

    def _warn_of_risk(self, auth: Auth | None) -> None:
        is_bare = bool(auth and auth.is_bare)
        if is_bare in self._judged_risks:
            return
        self._judged_risks.add(is_bare)
        warning = risk(self._base, self._system, is_bare=is_bare, validate_certs=self._connection.validate_certs)
        if warning and warning not in self._connection.warnings:
            self._connection.warnings.append(warning)

    def _exchange_limit(self) -> float:
        """How long an exchange that begins now may take, in seconds: a run ends within its deadline and the time of one exchange, however
        many exchanges are still needed.
        """
        return min(self._connection.timeout, self._connection.deadline.left(self._connection.timeout))

    def _check(self, answer: Answer) -> None:
        """Raise the failures that are the same for every vendor: throttling, redirects, and the pages of gateways and logins."""
        if answer.is_plain_success:
            return
        # Most runs get no other answer, and Ansible compiles each imported file of a collection anew in each process.
        from ._gateway import failure_of_intermediary  # noqa: PLC0415

        failure = failure_of_intermediary(answer, self._redactor.redact, self._advice)
        if failure is not None:
            raise failure

    def _wait_for_turn(self, patience: float) -> None:
        """Wait for this thread's turn. A server that throttles one thread is asked more slowly by all of them.

        A write doesn't wait here for long, since its caller may decide otherwise after the pause. Raises `Postponed` if the turn comes only
        after `patience` seconds, and `Refused` if it comes after the end of the run.
        """
        wait = self._throttle.turn()
        if patience < wait <= self._max_pause:
            postponed = Postponed("rate_limited", f"{self._system} asked for a pause of {wait:.0f} s")
            postponed.after = wait
            raise postponed
        if wait > 0 and not self._pause(wait):
            message = f"{self._system} asked for a pause of {wait:.0f} s, which is longer than this run may last"
            advice = "raise wait_timeout or run it later" if isfinite(self._connection.deadline.left()) else "run it later"
            raise Refused("rate_limited", f"{message}; {advice}")

    @property
    def _max_pause(self) -> float:
        """The longest pause in seconds: the time left to the deadline, or `LONGEST_WITHOUT_DEADLINE` if there is none."""
        left = self._connection.deadline.left()
        return left if isfinite(left) else LONGEST_WITHOUT_DEADLINE

    def _pause(self, seconds: float) -> bool:
        """Sleep and return true. Returns false at once if the pause is too long."""
        if seconds > self._max_pause:
            return False
        self._connection.clock.sleep(seconds)
        return True

    def _excerpt(self, body: bytes) -> str:
        from ._page import excerpt  # noqa: PLC0415

        return excerpt(body, self._redactor.redact, self._redactor.longest)


def _is_vendor_answer(refused: Refused) -> bool:
    """Whether the system itself refused what was asked, which may be due to a first copy of the request. A refusal of the caller isn't:
    both copies get it. A proxy's refusal isn't either, since the proxy forwarded nothing.
    """
    return refused.http_status is not None and refused.code not in ("authentication", "permission", "connection")


def _body(response: requests.Response) -> bytes:
    """The whole body. A server or proxy that refuses the caller may leave the rest of the request unread, which resets the connection right
    after its answer: the status suffices in that case.
    """
    try:
        return body_of(response, MAX_BODY)
    except (requests.RequestException, OSError):
        if response.status_code != 401:
            raise
        return b""


def _check_headers(request: requests.PreparedRequest, system: str) -> None:
    """Refuse headers that aren't ASCII, which servers decode in different ways, and headers with a line break, which would be two headers.

    Raises `Failure` (`usage`).
    """
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if not (text.isascii() and text.isprintable()):
            raise Failure("usage", f"what an option gives for the header {name} to {system} holds a letter that none may hold; check it")


def _backoff(retries: int) -> Iterator[float]:
    """The pauses before each retry in seconds, growing and with jitter."""
    for attempt in range(retries):
        yield min(FIRST_BACKOFF * 2**attempt, LONGEST_BACKOFF) * random.uniform(0.5, 1.0)
