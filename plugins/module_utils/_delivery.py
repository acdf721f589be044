# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What is known of a request that got no answer. Only this file decides that and words it.

Not begun: no byte of the request was handed to the connection (the name, the connection, a proxy's tunnel or TLS failed), so that it surely
had no effect. Begun: some bytes were, and all of them may have arrived before the connection ended. `requests` raises the same exceptions
in both cases, so this isn't guessed from an exception's name: the connection itself was watched (`_transport`).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ._errors import AnswerLost, Failure, Refused, TryLater

# _http.py reports that `requests` is missing, and then uses nothing of this file.
with suppress(ImportError):
    import requests

if TYPE_CHECKING:
    from ._transport import Reached


# The alerts by which a server refuses a client's certificate, or misses it (RFC 8446, section 6.2), in OpenSSL's words. HANDSHAKE_FAILURE
# isn't among them: before TLS 1.3 it's sent where the certificate is missing, and also where both sides have no cipher in common.
REFUSED_CERTIFICATE = re.compile("ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")


class Route(NamedTuple):
    """Whom a request is for, in the words of a message: the system, its host, and the seconds that an exchange may take.

    `place` is where a proxy is configured, or would be. `has_proxy` is true if the request goes through one, `shows_no_certificate` if it
    goes over TLS and the caller has no client certificate.
    """

    system: str
    host: str
    timeout: float
    place: str
    has_proxy: bool
    shows_no_certificate: bool = False

    @property
    def server(self) -> str:
        return f"{self.system} at {self.host}"

    @property
    def proxy(self) -> str:
        return f"the proxy on the way to {self.server}"


def failure_without_answer(error: Exception, reached: Reached, route: Route) -> Failure:
    """The failure for a request that got as far as `reached` and got no answer: what happened, where, and what to do.

    Its class says what is known of the request. `AnswerLost`: it may have taken effect. `TryLater` and `Refused`: it surely had no effect;
    only after `TryLater` is another attempt worthwhile. An unwatched connection counts as begun.
    """
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.InvalidHeader)):
        return Failure("usage", f"{route.server} can't be sent a request ({type(error).__name__}); check url and proxy")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Failure("protocol", f"{route.server} sent an answer whose compression can't be undone; check url and proxy")
    return _failure_after_sending(error, route) if reached in ("request", "unwatched") else _failure_before_sending(error, reached, route)


def _failure_before_sending(error: Exception, reached: Reached, route: Route) -> Refused:
    """The failure of a request of which nothing was sent: the fault is on the way to the server, or to the proxy."""
    names = {type(cause).__name__ for cause in causes(error)}
    is_at_proxy = route.has_proxy and reached == "connecting"
    if status := _tunnel_status(error):
        return refused_by_proxy(status, route)
    if "SSLCertVerificationError" in names and not (is_at_proxy and "ProxyError" in names):
        return Refused(
            "connection",
            f"the TLS certificate of {route.server} was refused ({root_message(error)}); "
            "give its CA in ca_path, or in url the name that it's made for",
        )
    if is_at_proxy:
        how = f"no connection within {route.timeout:g} s" if isinstance(error, requests.Timeout) else root_message(error)
        return TryLater("connection", f"{route.proxy} can't be used ({how}); check {route.place}")
    if isinstance(error, requests.exceptions.SSLError):
        how = root_message(error)
        return TryLater("connection", f"TLS with {route.server} failed ({how}); {_handshake_advice(how, route)}")
    if isinstance(error, requests.Timeout):
        return TryLater("timeout", f"{route.server} accepted no connection within {route.timeout:g} s; check url and the network path")
    if names & {"NameResolutionError", "gaierror"}:
        return TryLater(
            "connection", f"the name of {route.system}'s host, {route.host}, can't be resolved ({root_message(error)}); check url"
        )
    if "NewConnectionError" in names:
        return TryLater("connection", f"{route.server} can't be reached ({root_message(error)}); check url and whether it runs")
    how = f"broke before a request was sent ({root_message(error)})"
    return TryLater("connection", f"the connection to {route.server} {how}; check url and the network path")


def _failure_after_sending(error: Exception, route: Route) -> AnswerLost:
    """The failure of a request of which some bytes were sent. A proxy that lost the server closes the connection as the server would, so
    the exception doesn't prove who did.
    """
    names = {type(cause).__name__ for cause in causes(error)}
    through = " through a proxy" if route.has_proxy else ""
    if isinstance(error, requests.Timeout) or names & {"ReadTimeoutError", "timeout", "TimeoutError"}:
        advice = "check whether it is overloaded, or raise timeout"
        return AnswerLost(
            "timeout", f"{route.server}{through and f', asked{through},'} gave no answer within {route.timeout:g} s; {advice}"
        )
    if "BadStatusLine" in names:
        who = f"{route.server}, or the proxy on the way," if route.has_proxy else route.server
        return AnswerLost("connection", f"{who} doesn't answer in HTTP; check url, and whether it has to begin with https://")
    how = "it was closed without an answer" if "RemoteDisconnected" in names else root_message(error)
    how = "it ended in the middle of the answer" if "IncompleteRead" in names else how
    if isinstance(error, requests.exceptions.SSLError):
        return AnswerLost("connection", f"TLS with {route.server}{through} failed ({how}); check client_cert, and whether it is healthy")
    # With TLS 1.3 the client sends its request before the server has looked at its certificate, and not every server tells why it closes.
    certificate = (
        "whether it requires a client certificate (client_cert), " if route.shows_no_certificate and "IncompleteRead" not in names else ""
    )
    advice = f"check whether it is healthy, {certificate}and whether it or a proxy on the way closes connections"
    return AnswerLost("connection", f"the connection to {route.server}{through} broke ({how}); {advice}")


def _handshake_advice(how: str, route: Route) -> str:
    """What to do about a TLS handshake that failed for this reason, in OpenSSL's words."""
    if REFUSED_CERTIFICATE.search(how):
        return "check client_cert"
    if "ALERT" in how:
        return "check url, client_cert, and which versions and ciphers of TLS the server accepts"
    certificate = ", or whether the server requires a client certificate (client_cert)" if route.shows_no_certificate else ""
    return f"check whether url has to begin with http://{certificate}"


def refused_by_proxy(status: int, route: Route) -> Refused:
    """A proxy's own refusal with this HTTP status: the request never reached the server."""
    if status in (401, 407):
        message = f"{route.proxy} requires a valid user name and password (HTTP {status})"
        message += f"; give them in {route.place} as http://USER:PASSWORD@HOST:PORT"
    else:
        message = f"{route.proxy} didn't connect to it (HTTP {status})"
        message += f"; check whether that proxy allows this host and port, or check {route.place}"
    return (Refused if status < 500 else TryLater)("connection", message, http_status=status)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all its causes: `requests` wraps urllib3's exceptions, which wrap those of the socket."""
    todo, seen = [error], set[int]()
    while todo:
        cause = todo.pop()
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
            todo.extend(item for item in inner if isinstance(item, BaseException))


def root_message(error: BaseException) -> str:
    """The innermost message, by the operating system or the TLS library; never the address, which may hold a token."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return getattr(cause, "verify_message", "") or type(cause).__name__
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return cause.reason
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
    return type(error).__name__


def _tunnel_status(error: BaseException) -> int:
    """The HTTP status by which a proxy refused a tunnel to the server; 0 if it didn't refuse one."""
    found = (re.match(r"Tunnel connection failed: (\d{3})\b", str(cause)) for cause in causes(error) if isinstance(cause, OSError))
    return next((int(status[1]) for status in found if status), 0)
