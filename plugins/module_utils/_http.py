# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One HTTP session: address, TLS, proxy, time-outs, repeats of reads, and errors in words. Knows no vendor and no Ansible."""

from __future__ import annotations

import random
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ._answer import SHOWN, Answer
from ._connection import Connection, base_url, proxy_passwords, session_settings, source_of_proxy
from ._delivery import Route, refused_by_proxy, without_answer
from ._errors import AnswerLost, Failure, Postponed, Refused, TryLater, Unauthorized
from ._gateway import Stranger, is_foreign, redirected, refused, throttled
from ._page import page_of
from ._redaction import Redactor, redact_signature
from ._risks import risk
from ._throttle import Throttle
from ._transport import HTTPAdapter, Session, TooLarge, body_of, ends_in

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
# In seconds; a run that ends by itself waits as long as that allows for.
LONGEST_WITHOUT_DEADLINE = 300.0
# Those which a gateway may send a second time by itself, and some do: nginx and squid when a connection that they kept is closed.
REPEATED_ON_THE_WAY = ("PUT", "DELETE")

T = TypeVar("T")


class Http:
    """Exchanges with one server, from any number of threads.

    `system` is the server's name in sentences, `path` the vendor's own path at which the address ends, and `advice` tells what in that
    system may lead to a web page in place of an answer. Reads are repeated; any other
    request is sent once, and a failure says whether it may have taken hold (`AnswerLost`) or surely not (`Refused`).
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
        # Settled once: asking the environment at each exchange costs a quarter of it, and would let ~/.netrc supply credentials.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=connection.concurrency))
        self._settings = session_settings(connection, self._base)
        proxy = select_proxy(self._base, self._settings["proxies"]) or ""
        passwords = proxy_passwords(proxy)
        self.keep_secret(*passwords)
        # Over plain http a proxy answers in the system's place, and some do with 401 where it's they who refuse the caller.
        self._suspect = source_of_proxy(connection) if any(passwords) and self._base.startswith("http:") else ""
        host = urlsplit(self._base).netloc
        self._route = Route(system, host, connection.timeout, source_of_proxy(connection), has_proxy=bool(proxy))

    @property
    def address(self) -> str:
        """The base address, the vendor's own path included."""
        return self._base

    def keep_secret(self, *secrets: str | None) -> None:
        """Never show these in a message."""
        self._redactor.add(*secrets)

    def keep_token(self, token: str) -> None:
        """As `keep_secret`, for one of ever new tokens. Raises `Failure` (`protocol`) for one that can't be sent."""
        try:
            token.encode()
        except UnicodeEncodeError:
            raise Failure("protocol", f"{self._system} handed out a token that isn't text; check that url is its address") from None
        self._redactor.add_token(token)

    def read(self, path: str, judge: Callable[[Answer], T], *, method: str = "GET", auth: Auth | None = None, **request: Any) -> T:
        """An exchange that changes nothing: repeated after faults until `retries` or the deadline is used up.

        `judge` turns the answer into a result or raises `Failure`; `Unauthorized` makes the credentials be renewed once, if they can.
        `request` is what `requests.Request` takes.
        """
        pauses = _backoff(self._connection.retries)
        while True:
            try:
                return self._renewing(method, path, judge, auth, request)
            except (AnswerLost, TryLater) as failure:
                # A login that this read needed has had its own repeats.
                pause = None if failure.is_repeated else next(pauses, None)
                if pause is None or not self._pause(pause):
                    failure.is_repeated = True
                    raise

    def write(self, path: str, judge: Callable[[Answer], T], *, method: str = "POST", **request: Any) -> T:
        """An exchange that may change something: sent once. An answer that can't be understood counts as lost, and a refusal that may
        be the answer to a copy of it isn't conclusive.
        """
        try:
            return self._renewing(method, path, judge, None, request, LONGEST_BACKOFF)
        except Refused as refused:
            if method in REPEATED_ON_THE_WAY and _is_an_answer(refused):
                refused.is_conclusive = False
            raise
        except AnswerLost:
            raise
        except Failure as failure:
            if failure.code != "protocol":
                raise
            lost = AnswerLost("protocol", failure.message, http_status=failure.http_status)
        raise lost

    def _renewing(
        self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any], patience: float = inf
    ) -> T:
        auth = auth or self._auth
        stamp = auth.stamp if auth else 0
        try:
            return self._judged(method, path, judge, auth, request, patience)
        except Unauthorized:
            # A write is repeated too, since an answer of 401 tells that it had no effect.
            if auth is None or not auth.renew(stamp):
                raise
        return self._judged(method, path, judge, auth, request, patience)

    def _judged(
        self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any], patience: float
    ) -> T:
        self._wait_for_turn(patience)
        begun = self._connection.clock.now()
        try:
            with self._turn_of(auth):
                return judge(self._exchange(method, path, auth, request))
        except TryLater as failure:
            if failure.code == "rate_limited":
                self._throttle.slow_down(begun, failure.after)
            failure.message = self._redactor.redact(failure.message)
            raise
        except Failure as failure:
            hint = f"; if it's the proxy on the way that refuses, check the user name and password in {self._suspect}"
            if self._suspect and failure.code == "authentication" and hint not in failure.message:
                failure.message += hint
            # A vendor's own words may repeat what was sent to it.
            failure.message = self._redactor.redact(failure.message)
            raise

    def _exchange(self, method: str, path: str, auth: Auth | None, request: dict[str, Any]) -> Answer:
        reached: Reached = "connecting"
        try:
            prepared = self._prepare(method, path, auth, request)
            _check_head(prepared, self._system)
            patience = self._patience()
            if patience <= 0:
                raise Refused("timeout", f"{self._system} got no further request, since the time of this run was up; raise wait_timeout")
            if not self._connection.is_awaited():
                raise Refused("timeout", f"{self._system} got no further request, since the Ansible task that started this has ended")
            self._tell_risk(auth)
            with ends_in(patience) as exchange:
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
            failure = without_answer(error, reached, self._route)
        else:
            what = f"{method} {self._base}{path}"
            body = redact_signature(body, prepared)
            answer = Answer(response.status_code, response.headers, body, self._system, what, partial(self._show, body))
            self._connection.watch(method, path, request, answer)
            self._check(answer)
            return answer
        # Raised outside of the handlers, so that no traceback drags along an address with a token in it.
        raise failure

    def _prepare(self, method: str, path: str, auth: Auth | None, request: Mapping[str, Any]) -> requests.PreparedRequest:
        """As the session would prepare it, without a merge of settings and cookies that it has none of: that's a tenth of an exchange."""
        headers = {**HEADERS, **request.get("headers", {})}
        return requests.Request(method, self._base + path, auth=auth, **{**request, "headers": headers}).prepare()

    def _turn_of(self, auth: Auth | None) -> AbstractContextManager[None]:
        """Whoever signs with a key that can be locked first looks what is known of it."""
        key: Lockable | None = getattr(auth, "lockable", None)
        way = self._connection
        return way.credentials.turn(key, way.caller, way.clock, self._patience()) if key else nullcontext()

    def _tell_risk(self, auth: Auth | None) -> None:
        is_bare = bool(auth and auth.is_bare)
        if is_bare in self._judged_risks:
            return
        self._judged_risks.add(is_bare)
        told = risk(self._base, self._system, is_bare=is_bare, validate_certs=self._connection.validate_certs)
        if told and told not in self._connection.warnings:
            self._connection.warnings.append(told)

    def _patience(self) -> float:
        """How long an exchange that begins now may take: a run ends within its deadline and the time of one exchange, however many it
        still wants then.
        """
        return min(self._connection.timeout, self._connection.deadline.left(self._connection.timeout))

    def _check(self, answer: Answer) -> None:
        """Deal with what means the same for every vendor: throttling, redirects, and what gateways and login pages say in its place."""
        page = page_of(answer.body, answer.headers.get("Content-Type", ""), self._redactor.redact)
        stranger = None
        if is_foreign(answer, page):
            told = page.told(answer.status, self._redactor.redact, SHOWN) if page else answer.shown
            stranger = Stranger(answer, page, told, self._redactor.redact)
        failure = throttled(answer, stranger) or redirected(answer)
        if failure is None and stranger is not None:
            failure = refused(stranger, self._advice(answer))
        if failure is not None:
            raise failure

    def _wait_for_turn(self, patience: float) -> None:
        """A throttled server is asked more slowly by all threads, not just by the one that it told.

        What changes something isn't held here for long: whoever wants it may think otherwise once the time has come. Raises `Postponed`
        where its turn comes only after `patience` seconds, and `Refused` where it's beyond the run's end.
        """
        wait = self._throttle.turn()
        if patience < wait <= self._longest_pause:
            postponed = Postponed("rate_limited", f"{self._system} asked for a pause of {wait:.0f} s")
            postponed.after = wait
            raise postponed
        if wait > 0 and not self._pause(wait):
            message = f"{self._system} asked for a pause of {wait:.0f} s, which is longer than this run may last"
            advice = "raise wait_timeout or run it later" if isfinite(self._connection.deadline.left()) else "run it later"
            raise Refused("rate_limited", f"{message}; {advice}")

    @property
    def _longest_pause(self) -> float:
        """In seconds: as long as the run may last, or some minutes where it doesn't end by itself."""
        left = self._connection.deadline.left()
        return left if isfinite(left) else LONGEST_WITHOUT_DEADLINE

    def _pause(self, seconds: float) -> bool:
        """Let time pass; false, at once, if that would be too long."""
        if seconds > self._longest_pause:
            return False
        self._connection.clock.sleep(seconds)
        return True

    def _show(self, body: bytes) -> str:
        if page := page_of(body, hide=self._redactor.redact):
            return page.told(0, self._redactor.redact, SHOWN)
        # A secret that is cut in two couldn't be found any more.
        enough = SHOWN * 4 + 4 * self._redactor.longest
        text = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", body[:enough].decode("utf-8", "replace")).split())
        return self._redactor.redact(text)[:SHOWN]


def _is_an_answer(refused: Refused) -> bool:
    """Whether it's the system's word on what was asked, which a second copy may get because of the first: not one on who asked, which
    both get, nor a proxy's that passed nothing on.
    """
    return refused.http_status is not None and refused.code not in ("authentication", "permission", "connection")


def _body(response: requests.Response) -> bytes:
    """The whole body. A server or proxy that refuses the caller may leave the rest of the request unread, which resets the connection right
    behind its answer: then the status tells enough.
    """
    try:
        return body_of(response, MAX_BODY)
    except (requests.RequestException, OSError):
        if response.status_code != 401:
            raise
        return b""


def _check_head(request: requests.PreparedRequest, system: str) -> None:
    """A header of other letters than ASCII's would be read in another way by each server, and one with a line break would be two.
    Raises `Failure` (`usage`).
    """
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if not (text.isascii() and text.isprintable()):
            raise Failure("usage", f"what an option gives for the header {name} to {system} holds a letter that none may hold; check it")


def _backoff(retries: int) -> Iterator[float]:
    """The pauses before each repeat, growing and with jitter, in seconds."""
    for attempt in range(retries):
        yield min(FIRST_BACKOFF * 2**attempt, LONGEST_BACKOFF) * random.uniform(0.5, 1.0)
