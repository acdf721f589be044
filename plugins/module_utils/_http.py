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
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from html import escape
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, quote_plus, urlsplit

from ._clock import Clock, Deadline
from ._errors import AnswerLost, Failure, Refused, TryLater, Unauthorized
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
LONGEST_RETRY_AFTER = 300.0

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
    # Shared by all sessions of a run: a token that one of them got may be echoed by the server of another.
    secrets: set[str] = field(default_factory=set, repr=False)
    # Shared likewise: sentences of the run that belong to no single task.
    warnings: list[str] = field(default_factory=list)
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

    `system` is the server's name in sentences, `path` the vendor's own path at which the address ends. Reads are repeated; any other
    request is sent once, and a failure says whether it may have taken hold (`AnswerLost`) or surely not (`Refused`).
    Raises `Failure` (`usage`) for an address or a file that can't be used.
    """

    def __init__(self, connection: Connection, system: str, path: str, auth: Auth | None = None) -> None:
        self._connection = connection
        self._system = system
        self._base = base_url(connection.url or "", path)
        self._auth = auth
        self._secrets = connection.secrets
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

    @property
    def address(self) -> str:
        """The base address, the vendor's own path included."""
        return self._base

    def keep_secret(self, *secrets: str | None) -> None:
        """Never show these in a message, in whatever spelling an address, a form, a page or a document gives them."""
        for secret in filter(None, secrets):
            self._secrets.update(_spellings(secret))
            self._connection.hide(secret)

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
        """An exchange that may change something: sent once. An answer that can't be understood counts as lost."""
        try:
            return self._renewing(method, path, judge, None, request)
        except Failure as failure:
            if failure.code != "protocol":
                raise
            lost = AnswerLost("protocol", failure.message, http_status=failure.http_status)
        raise lost

    def _renewing(self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any]) -> T:
        auth = auth or self._auth
        stamp = auth.stamp if auth else 0
        try:
            return self._judged(method, path, judge, auth, request)
        except Unauthorized:
            # A write is repeated too, since an answer of 401 tells that it had no effect.
            if auth is None or not auth.renew(stamp):
                raise
        return self._judged(method, path, judge, auth, request)

    def _judged(self, method: str, path: str, judge: Callable[[Answer], T], auth: Auth | None, request: dict[str, Any]) -> T:
        self._wait_for_turn()
        begun = self._connection.clock.now()
        try:
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
        try:
            prepared = self._session.prepare_request(requests.Request(method, self._base + path, auth=auth, **request))
            _check_head(prepared, self._system)
            patience = self._patience()
            if patience <= 0:
                raise Refused("timeout", f"{self._system} wasn't asked any more, since the time of this run was up; raise wait_timeout")
            if not self._connection.is_awaited():
                raise Refused("timeout", f"{self._system} wasn't asked any more, since the task of Ansible that wanted it is over")
            self._tell_risk(auth)
            with ends_in(patience), self._session.send(prepared, timeout=patience, **self._settings) as response:
                if response.status_code == 407:
                    raise _refused_by_proxy(407, self._system, urlsplit(self._base).netloc, self._connection)
                body = _body(response)
        except TooLarge:
            failure = Failure("protocol", f"{self._system} sent an answer of over {MAX_BODY >> 20} MiB; check that url is its address")
        except requests.RequestException as error:
            failure = _explained(error, self._system, urlsplit(self._base).netloc, self._connection)
        except OSError as error:
            failure = AnswerLost("connection", f"the connection to {self._system} broke ({_last(error)})")
        else:
            what = f"{method} {self._base}{path}"
            body = _without_proof(body, prepared)
            answer = Answer(response.status_code, response.headers, body, self._system, what, self._show(body))
            self._connection.watch(method, path, request, answer)
            self._check(answer)
            return answer
        # Raised outside of the handlers, so that no traceback drags along an address with a token in it.
        raise failure

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
        """Deal with what means the same for every vendor: throttling and redirects."""
        if answer.status == 429 or (answer.status == 503 and "Retry-After" in answer.headers):
            message = f"{answer.what} was throttled by {self._system} (HTTP {answer.status})"
            throttled = TryLater("rate_limited", message, http_status=answer.status)
            throttled.after = _retry_after(answer.headers.get("Retry-After"))
            raise throttled
        if 300 <= answer.status < 400:
            where = _site(answer.headers.get("Location", "")) or "another place"
            raise Failure(
                "protocol",
                f"{answer.what} was redirected to {where}, which isn't followed; give the final address in url",
                http_status=answer.status,
            )

    def _wait_for_turn(self) -> None:
        """A throttled server is asked more slowly by all threads, not just by the one that it told."""
        wait = self._throttle.turn()
        if wait > 0 and not self._pause(wait):
            message = f"{self._system} asked for {wait:.0f} s to pass first, which is longer than this run may last"
            raise Refused("rate_limited", f"{message}; raise wait_timeout or run it later")

    def _pause(self, seconds: float) -> bool:
        """Let time pass; false, at once, if the deadline doesn't allow it."""
        if seconds > min(self._connection.deadline.left(), LONGEST_RETRY_AFTER):
            return False
        self._connection.clock.sleep(seconds)
        return True

    def _show(self, body: bytes) -> str:
        # A secret that is cut in two couldn't be found any more.
        enough = SHOWN * 4 + 4 * max(map(len, self._secrets), default=0)
        text = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", body[:enough].decode("utf-8", "replace")).split())
        return self._hidden(text)[:SHOWN]

    def _hidden(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


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
    """The secret as it's written in an address, a form, a JSON document and a web page."""
    documents = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    return {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), *documents}


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


def _site(url: str) -> str:
    """Scheme and host of an address, which hold no secret; empty where it has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname and f"{parts.scheme}{parts.hostname}".isprintable() else ""
    except ValueError:
        return ""


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
        why = _last(error)
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


def _backoff(retries: int) -> Iterator[float]:
    """The pauses before each repeat, growing and with jitter, in seconds."""
    for attempt in range(retries):
        yield min(FIRST_BACKOFF * 2**attempt, LONGEST_BACKOFF) * random.uniform(0.5, 1.0)


def _retry_after(value: str | None) -> float:
    """Seconds to leave a throttling server alone: what it says, else one."""
    try:
        if value and not value.strip().isdigit():
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
        return float(value) if value else 1.0
    except (ValueError, TypeError, OverflowError):
        return 1.0


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


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it: `requests` wraps what urllib3 wraps what the socket said."""
    todo, seen = [error], set[int]()
    while todo:
        cause = todo.pop()
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
            todo.extend(item for item in inner if isinstance(item, BaseException))


def _last(error: BaseException) -> str:
    """What the operating system or the TLS library said at the bottom of it; never the address, which may hold a token."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return getattr(cause, "verify_message", "") or type(cause).__name__
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return cause.reason
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
    return type(error).__name__


def _tunnel_status(error: BaseException) -> int:
    """The HTTP status by which a proxy refused to connect to a server; 0 if it didn't."""
    found = (re.match(r"Tunnel connection failed: (\d{3})\b", str(cause)) for cause in _causes(error) if isinstance(cause, OSError))
    return next((int(status[1]) for status in found if status), 0)


def _refused_by_proxy(status: int, system: str, host: str, connection: Connection) -> Failure:
    """A proxy's own refusal: the server never saw the request."""
    proxy, where = f"the proxy on the way to {system} at {host}", _proxy_s_place(connection)
    if status in (401, 407):
        message = f"{proxy} asks for a user name and password that it knows (HTTP {status}); give them in {where} as http://USER:PASSWORD@HOST:PORT"
    else:
        message = f"{proxy} didn't connect to it (HTTP {status}); see whether that proxy allows this host and port, or check {where}"
    return (Refused if status < 500 else TryLater)("connection", message, http_status=status)


def _proxy_s_place(connection: Connection) -> str:
    return "proxy" if connection.proxy else "http_proxy and https_proxy in the environment"


def _explained(error: requests.RequestException, system: str, host: str, connection: Connection) -> Failure:
    """A `requests` exception as a failure of ours: what happened, where, what to do, and whether the request may have arrived."""
    names = {type(cause).__name__ for cause in _causes(error)}
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.InvalidHeader)):
        return Failure("usage", f"{system} at {host} can't be asked ({type(error).__name__}); check url and proxy")
    if "SSLCertVerificationError" in names:
        return Refused(
            "connection",
            f"the TLS certificate of {system} at {host} was refused ({_last(error)}); "
            "give its CA in ca_path, or in url the name that it's made for",
        )
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Failure("protocol", f"{system} at {host} sent an answer whose compression can't be undone; check url and proxy")
    if isinstance(error, requests.exceptions.SSLError):
        return AnswerLost("connection", f"TLS with {system} at {host} failed ({_last(error)}); check whether url has to begin with http://")
    if isinstance(error, requests.exceptions.ProxyError):
        if status := _tunnel_status(error):
            return _refused_by_proxy(status, system, host, connection)
        where = _proxy_s_place(connection)
        return TryLater("connection", f"the proxy on the way to {system} at {host} can't be used ({_last(error)}); check {where}")
    if isinstance(error, requests.ConnectTimeout):
        return TryLater("timeout", f"{system} at {host} took no connection in {connection.timeout:g} s; check url and the way there")
    if names & {"NameResolutionError", "gaierror"}:
        return TryLater("connection", f"the name of {system}'s host, {host}, can't be resolved ({_last(error)}); check url")
    if "NewConnectionError" in names:
        return TryLater("connection", f"{system} at {host} can't be reached ({_last(error)}); check url and whether it runs")
    if isinstance(error, requests.Timeout) or names & {"ReadTimeoutError", "timeout", "TimeoutError"}:
        return AnswerLost(
            "timeout", f"{system} at {host} gave no answer in {connection.timeout:g} s; see whether it is overloaded, or raise timeout"
        )
    if "BadStatusLine" in names:
        return AnswerLost("connection", f"{system} at {host} doesn't answer in HTTP; check url, and whether it has to begin with https://")
    how = "it was closed without an answer" if "RemoteDisconnected" in names else _last(error)
    how = "it ended in the middle of the answer" if "IncompleteRead" in names else how
    advice = "see whether it runs well, and whether it or a proxy on the way ends connections"
    return AnswerLost("connection", f"the connection to {system} at {host} broke ({how}); {advice}")
