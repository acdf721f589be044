# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""One HTTP session: address, TLS, proxy, time-outs, repeats of reads, and errors in words. Knows no vendor and no Ansible."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import ssl
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from html import escape
from http.cookiejar import DefaultCookiePolicy
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, quote_plus, urlsplit

from ._clock import Clock, Deadline
from ._credentials import OF_THIS_PROCESS, Credentials, Lockable
from ._delivery import Route, last_word, refused_by_proxy, without_answer
from ._errors import AnswerLost, Failure, Postponed, Refused, TryLater, Unauthorized
from ._gateway import Stranger, is_foreign, redirected, refused, throttled
from ._page import page_of
from ._risks import risk
from ._throttle import Throttle
from ._transport import HTTPAdapter, Session, TooLarge, body_of, ends_in

REQUESTS_ERROR: str | None = None
try:
    import requests
    from requests.utils import get_auth_from_url, get_environ_proxies, select_proxy
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()

if TYPE_CHECKING:
    from ._auth import Auth
    from ._transport import Reached

USER_AGENT = "taskops.quiesce/1.0.0 (Ansible collection)"
MAX_BODY = 64 * 1024 * 1024
MOST_VALUES = 5_000_000
# Ansible itself loses a result that is nested deeper than some hundreds.
MOST_LEVELS = 100
SHOWN = 200
HIDDEN = "********"
# In characters: a word of a header that is shorter may stand in an answer by chance.
SHORTEST_PROOF = 20
FIRST_BACKOFF = 0.25
LONGEST_BACKOFF = 8.0
# More than there are exchanges at once, each of which may bring one.
KEPT_TOKENS = 32
# In seconds; a run that ends by itself waits as long as that allows for.
LONGEST_WITHOUT_DEADLINE = 300.0
# Those which a gateway may send a second time by itself, and some do: nginx and squid when a connection that they kept is closed.
REPEATED_ON_THE_WAY = ("PUT", "DELETE")

T = TypeVar("T")


@dataclass(frozen=True)
class Connection:
    """How to reach a server; `retries` counts repeats of a read after the first attempt, `timeout` is in seconds for one exchange."""

    url: str | None
    clock: Clock
    deadline: Deadline
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    timeout: float = 30.0
    retries: int = 3
    concurrency: int = 8
    hide: Callable[[str], None] = field(default=lambda secret: None)
    # Called with a secret that needn't be hidden any longer.
    unhide: Callable[[str], None] = field(default=lambda secret: None)
    # Shared by all sessions of a run: a token that one of them got may be echoed by the server of another.
    secrets: set[str] = field(default_factory=set, repr=False)
    # Shared likewise: sentences of the run that belong to no single task.
    warnings: list[str] = field(default_factory=list)
    # Shared by all sessions of the process; `caller` is for whom this one is, in sentences.
    credentials: Credentials = OF_THIS_PROCESS
    caller: str = ""
    # Asked before each request: whether somebody still waits for what comes of it.
    is_awaited: Callable[[], bool] = field(default=lambda: True)
    # Called with each answer, and with the method, the path and the parameters that were sent.
    watch: Callable[[str, str, Mapping[str, Any], Answer], None] = field(default=lambda *_exchange: None)


@dataclass(frozen=True)
class Answer:
    """A whole answer. `what` names the exchange in sentences and `shown` is the body's beginning, both without anything secret."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    system: str
    what: str
    shown: str

    @property
    def method(self) -> str:
        return self.what.split(" ", 1)[0]

    def private(self) -> Answer:
        """The same answer, for one that holds a secret: its body is never shown."""
        return replace(self, shown="")

    def document(self, mend: Callable[[str], str] | None = None) -> Any:
        """The JSON document of the body. `mend` gets a second chance to repair a text that isn't JSON. Raises `Failure` (`protocol`)."""
        try:
            text = self.body.decode(json.detect_encoding(self.body), "strict")
        except (UnicodeDecodeError, LookupError):
            raise self.unreadable("that isn't text") from None
        # An empty object takes thirty times the memory of its text.
        if sum(map(text.count, ",[{")) > MOST_VALUES:
            raise self.unreadable(f"with over {MOST_VALUES} values")
        for attempt in (text, mend(text) if mend else None):
            if attempt is not None:
                try:
                    document = json.loads(attempt, parse_constant=_no_constant, parse_float=_finite)
                except (ValueError, RecursionError):
                    continue
                if _is_too_deep(attempt, document):
                    raise self.unreadable(f"with over {MOST_LEVELS} levels")
                return document
        raise self.unreadable("that isn't JSON" if text.strip() else "without a body")

    def unreadable(self, why: str) -> Failure:
        """The failure for an answer that can't be understood."""
        beginning = f", beginning {self.shown!r}" if self.shown else ""
        message = f"{self.what} got an answer {why} (HTTP {self.status}{beginning}); check that url is the address of {self.system}"
        return Failure("protocol", message, http_status=self.status)

    def refusal(self) -> Failure:
        """The failure for an HTTP status that isn't a success, where the vendor has no better words for it."""
        beginning = f" ({self.shown})" if self.shown else ""
        message = f"{self.what} was answered with HTTP {self.status}{beginning}"
        if self.status == 401:
            return Unauthorized("authentication", f"{message}; check the credentials", http_status=401)
        if self.status == 404:
            return Refused("not_found", f"{message}; check that url is the address of {self.system}", http_status=404)
        if self.status == 403:
            return Refused("permission", f"{message}; check what the user may do there", http_status=403)
        if self.status in (408, 425) or self.status >= 500:
            return AnswerLost("refused", message, http_status=self.status)
        return Refused("refused", message, http_status=self.status)


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
        self._secrets = connection.secrets
        self._tokens: deque[str] = deque()
        self._lock = threading.Lock()
        self._throttle = Throttle(connection.clock)
        self._session = Session()
        # Settled once: asking the environment at each exchange costs a quarter of it, and would let ~/.netrc supply credentials.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=connection.concurrency))
        self._settings: dict[str, Any] = {
            "verify": _verify(connection),
            "cert": _certificate(connection),
            "proxies": _proxies(connection, self._base),
            "allow_redirects": False,
            "stream": True,
        }
        proxy = select_proxy(self._base, self._settings["proxies"]) or ""
        proofs = _proofs(proxy)
        self.keep_secret(*proofs)
        # Over plain http a proxy answers in the system's place, and some do with 401 where it's they who refuse the caller.
        self._suspect = _proxy_s_place(connection) if any(proofs) and self._base.startswith("http:") else ""
        host = urlsplit(self._base).netloc
        self._route = Route(system, host, connection.timeout, _proxy_s_place(connection), has_proxy=bool(proxy))

    @property
    def address(self) -> str:
        """The base address, the vendor's own path included."""
        return self._base

    def keep_secret(self, *secrets: str | None) -> None:
        """Never show these in a message, in whatever spelling an address, a form, a page or a document gives them."""
        for secret in filter(None, secrets):
            self._secrets.update(_spellings(secret))
            self._connection.hide(secret)

    def keep_token(self, token: str) -> None:
        """As `keep_secret`, for one of ever new tokens: the latest few are remembered, since an answer repeats one soon or never, and each
        that is remembered makes all that is shown take longer. Raises `Failure` (`protocol`) for one that can't be sent.
        """
        try:
            token.encode()
        except UnicodeEncodeError:
            raise Failure("protocol", f"{self._system} handed out a token that isn't text; check that url is its address") from None
        with self._lock:
            if token in self._secrets:
                return
            self.keep_secret(token)
            self._tokens.append(token)
            old = [self._tokens.popleft() for _number in range(len(self._tokens) - KEPT_TOKENS)]
            still = {spelling for kept in self._tokens for spelling in _spellings(kept)}
            for secret in old:
                self._secrets.difference_update(_spellings(secret) - still)
                self._connection.unhide(secret)

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
            failure.message = self._hidden(failure.message)
            raise
        except Failure as failure:
            hint = f"; if it's the proxy on the way that refuses, check the user name and password in {self._suspect}"
            if self._suspect and failure.code == "authentication" and hint not in failure.message:
                failure.message += hint
            # A vendor's own words may repeat what was sent to it.
            failure.message = self._hidden(failure.message)
            raise

    def _exchange(self, method: str, path: str, auth: Auth | None, request: dict[str, Any]) -> Answer:
        reached: Reached = "connecting"
        try:
            prepared = self._session.prepare_request(requests.Request(method, self._base + path, auth=auth, **request))
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
            body = _without_proof(body, prepared)
            answer = Answer(response.status_code, response.headers, body, self._system, what, self._show(body))
            self._connection.watch(method, path, request, answer)
            self._check(answer)
            return answer
        # Raised outside of the handlers, so that no traceback drags along an address with a token in it.
        raise failure

    def _turn_of(self, auth: Auth | None) -> AbstractContextManager[None]:
        """Whoever signs with a key that can be locked first looks what is known of it."""
        key: Lockable | None = getattr(auth, "lockable", None)
        way = self._connection
        return way.credentials.turn(key, way.caller, way.clock, self._patience()) if key else nullcontext()

    def _tell_risk(self, auth: Auth | None) -> None:
        told = risk(self._base, self._system, is_bare=bool(auth and auth.is_bare), validate_certs=self._connection.validate_certs)
        if told and told not in self._connection.warnings:
            self._connection.warnings.append(told)

    def _patience(self) -> float:
        """How long an exchange that begins now may take: a run ends within its deadline and the time of one exchange, however many it
        still wants then.
        """
        return min(self._connection.timeout, self._connection.deadline.left(self._connection.timeout))

    def _check(self, answer: Answer) -> None:
        """Deal with what means the same for every vendor: throttling, redirects, and what gateways and login pages say in its place."""
        page = page_of(answer.body, answer.headers.get("Content-Type", ""), self._hidden)
        stranger = None
        if is_foreign(answer, page):
            told = page.told(answer.status, self._hidden, SHOWN) if page else answer.shown
            stranger = Stranger(answer, page, told, self._hidden)
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
        if page := page_of(body, hide=self._hidden):
            return page.told(0, self._hidden, SHOWN)
        # A secret that is cut in two couldn't be found any more.
        enough = SHOWN * 4 + 4 * max(map(len, self._secrets), default=0)
        text = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", body[:enough].decode("utf-8", "replace")).split())
        return self._hidden(text)[:SHOWN]

    def _hidden(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


def _is_an_answer(refused: Refused) -> bool:
    """Whether it's the system's word on what was asked, which a second copy may get because of the first: not one on who asked, which
    both get, nor a proxy's that passed nothing on.
    """
    return refused.http_status is not None and refused.code not in ("authentication", "permission", "connection")


def base_url(url: str, path: str) -> str:
    """`url` with the vendor's own path at its end, which may be there already. Raises `Failure` (`usage`) if it's no usable address."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise Failure("usage", f"url is {_without_secrets(url)!r}, which isn't an address; write it as http://HOST:PORT or https://HOST")
    if parts.username or parts.password:
        raise Failure("usage", "url holds a user name or password; give these by their own options")
    if parts.query or parts.fragment:
        raise Failure("usage", f"url is {_without_secrets(url)!r} and more; it must end before any ? or #")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return base if base.endswith(path) else base + path


def _spellings(secret: str) -> set[str]:
    """The secret as it's written in an address, a form, a JSON document and a web page. JSON can bring half of a surrogate pair."""
    documents = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    addresses = {quote(secret, safe="", errors="surrogatepass"), quote_plus(secret, errors="surrogatepass")}
    return {secret, escape(secret), *addresses, *documents}


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


def _without_proof(body: bytes, request: requests.PreparedRequest) -> bytes:
    """The body without the signature that the request was sent with, should it repeat that: each request has one of its own, too many
    to remember.
    """
    proof = re.split(r"[ :]|Signature=", str(request.headers.get("Authorization", "")))[-1]
    if len(proof) >= SHORTEST_PROOF:
        for spelling in _spellings(proof):
            body = body.replace(spelling.encode(), HIDDEN.encode())
    return body


def _check_head(request: requests.PreparedRequest, system: str) -> None:
    """A header of other letters than ASCII's would be read in another way by each server, and one with a line break would be two.
    Raises `Failure` (`usage`).
    """
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if not (text.isascii() and text.isprintable()):
            raise Failure("usage", f"what an option gives for the header {name} to {system} holds a letter that none may hold; check it")


def _without_secrets(url: str) -> str:
    """An address for a message: user information and all after a question mark may be secret."""
    return re.split(r"[?#]", re.sub(r"//[^/]*@", "//********@", url))[0]


def _verify(connection: Connection) -> bool | str:
    if not connection.validate_certs:
        return False
    if connection.ca_path:
        _must_exist("ca_path", connection.ca_path)
        place = "capath" if os.path.isdir(connection.ca_path) else "cafile"
        _must_load("ca_path", lambda: _context().load_verify_locations(**{place: connection.ca_path}))
    return connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _certificate(connection: Connection) -> str | tuple[str, str] | None:
    if not connection.client_cert:
        return None
    cert, key = connection.client_cert, connection.client_key
    _must_exist("client_cert", cert)
    if key:
        _must_exist("client_key", key)
    # The empty passphrase keeps a protected key from asking for one at a terminal that isn't there.
    _must_load("client_cert and client_key", lambda: _context().load_cert_chain(cert, key, password=""))
    return (cert, key) if key else cert


def _must_exist(option: str, path: str) -> None:
    if not os.path.exists(path):
        raise Failure("usage", f"{option} is {path}, which doesn't exist on the host that runs the module")


def _must_load(options: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (ssl.SSLError, OSError, ValueError) as error:
        why = last_word(error)
    else:
        return
    raise Failure("usage", f"what {options} names can't be loaded ({why}); give PEM files, the key without a passphrase")


def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _proxies(connection: Connection, url: str) -> dict[str, str]:
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    return dict(get_environ_proxies(url))


def _proofs(proxy: str) -> tuple[str, ...]:
    """What proves the caller to a proxy: the password in its address, and what its header holds. Raises `Failure` (`usage`)."""
    try:
        username, password = get_auth_from_url(proxy)
        # In the letters that `requests` takes for it.
        return password, base64.b64encode(f"{username}:{password}".encode("latin-1")).decode("ascii") if username or password else ""
    except ValueError:
        pass
    raise Failure("usage", "the address of the proxy holds what can't be sent to it; check proxy, and the user name and password in it")


def _proxy_s_place(connection: Connection) -> str:
    return "proxy" if connection.proxy else "http_proxy and https_proxy in the environment"


def _backoff(retries: int) -> Iterator[float]:
    """The pauses before each repeat, growing and with jitter, in seconds."""
    for attempt in range(retries):
        yield min(FIRST_BACKOFF * 2**attempt, LONGEST_BACKOFF) * random.uniform(0.5, 1.0)


def _finite(digits: str) -> float:
    """A number as JSON has it; one beyond all bounds couldn't be told on as JSON."""
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:SHOWN]} is beyond what a number can be")
    return number


def _is_too_deep(text: str, document: Any) -> bool:
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return False
    level = [document]
    for _number in range(MOST_LEVELS):
        holders = [value for value in level if isinstance(value, (dict, list))]
        level = [value for holder in holders for value in (holder.values() if isinstance(holder, dict) else holder)]
    return any(isinstance(value, (dict, list)) for value in level)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
