# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Answers that don't come from the vendor: throttling, redirects, and the pages of gateways, proxies and logins.

A vendor's refusal has the vendor's JSON, whatever its status, and isn't handled here. What each message says about the request was measured
with Debian's squid 5.7, nginx 1.22.1, haproxy 2.6.12 and tinyproxy 1.11.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ._answer import JSON_BEGINNING, SHOWN
from ._errors import AnswerLost, Failure, Refused, TryLater
from ._page import Page, page_of

if TYPE_CHECKING:
    from ._answer import Answer

# The statuses below 500 by which a gateway itself refuses a request before it forwards it. 401 and 412 are missing, since vendors' own
# servers send pages with them too; 407 is missing, since it's recognized elsewhere.
REFUSALS = (400, 403, 405, 408, 411, 413, 414, 417, 421, 425, 426, 431, 451, 494)
# A gateway may send these in the middle of a request.
TIME_OUTS = (408, 425)
# These statuses mean by definition that a gateway answers, with or without a page (RFC 9110, 15.6.3 and 15.6.5).
OF_GATEWAYS = (502, 504)
NGINX = re.compile(rb"<center>(nginx|openresty)\b")
# Squid's codes for an origin to which it got no connection.
NOT_CONNECTED = ("ERR_CONNECT_FAIL", "ERR_DNS_FAIL")
# An intermediary may resend these by itself (RFC 9110, 9.2.2), so that its final answer may not be about the first copy.
IDEMPOTENT = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
SAFE = ("GET", "HEAD")


class Intermediary(NamedTuple):
    """An answer that an intermediary gave in the vendor's place. `page` is its web page, or None; `page_text` is the text of that page."""

    answer: Answer
    page: Page | None
    page_text: str
    hide: Callable[[str], str]

    @property
    def who(self) -> str:
        """The intermediary and its words, for a sentence."""
        is_proxy = "X-Squid-Error" in self.answer.headers or _server(self.answer.headers).startswith("tinyproxy")
        place = "a proxy on the way to" if is_proxy else "a gateway or web server in front of"
        return f"{place} {self.answer.system} ({self._words})"

    @property
    def facts(self) -> str:
        """The status and the words."""
        return f" ({self._words})"

    @property
    def _words(self) -> str:
        name = self.hide(_server(self.answer.headers))
        status = f"HTTP {self.answer.status}{f': {self.page_text}' if self.page_text else ''}"
        return f"{name}, {status}" if name else status


def failure_of_intermediary(answer: Answer, hide: Callable[[str], str], advice: Callable[[Answer], str]) -> Failure | None:
    """The failure for an answer that throttles, redirects, or isn't the vendor's; None for any other answer.

    `hide` redacts secrets. `advice` says what in the vendor's system may cause a page.
    """
    page = page_of(answer.body, answer.headers.get("Content-Type", ""), hide)
    intermediary = None
    if _is_foreign(answer, page):
        page_text = page.summary(answer.status, hide, SHOWN) if page else answer.shown
        intermediary = Intermediary(answer, page, page_text, hide)
    failure = _throttle_failure(answer, intermediary) or _redirect_failure(answer)
    if failure is None and intermediary is not None:
        return _page_failure(intermediary, advice(answer))
    return failure


def _throttle_failure(answer: Answer, intermediary: Intermediary | None) -> TryLater | None:
    """The failure for an answer that throttles the client; the request had no effect.

    nginx rejects requests beyond `limit_req` and `limit_conn` before it forwards them, by a page with 503 and without Retry-After. For a
    dead or slow upstream it uses 502 and 504. So its own page with 503 means a limit, or `return 503` in its configuration, which forwards
    nothing either.
    """
    is_nginx_s = answer.status == 503 and intermediary is not None and NGINX.search(answer.body) is not None
    if answer.status != 429 and not (answer.status == 503 and "Retry-After" in answer.headers) and not is_nginx_s:
        return None
    if intermediary is None:
        message = f"{answer.what} was throttled by {answer.system} (HTTP {answer.status})"
    else:
        how = "throttled, or refused for maintenance," if answer.status == 503 else "throttled"
        message = f"{answer.what} was {how} by {intermediary.who} and didn't get to {answer.system}; lower concurrency, or run it later"
    failure = TryLater("rate_limited", message, http_status=answer.status)
    failure.after = _retry_after(answer.headers.get("Retry-After"))
    return failure


def _redirect_failure(answer: Answer) -> Failure | None:
    """The failure for a redirect. It isn't followed, since the credentials would go to whatever host it names."""
    if not 300 <= answer.status < 400:
        return None
    where = _site(answer.headers.get("Location", "")) or "another place"
    message = f"{answer.what} was redirected to {where}, which isn't followed; give the final address in url"
    return Failure("protocol", message, http_status=answer.status)


def _is_foreign(answer: Answer, page: Page | None) -> bool:
    """Whether the answer surely isn't from the vendor's API."""
    if page is None:
        return answer.status in OF_GATEWAYS and not JSON_BEGINNING.match(answer.body[:512])
    return answer.status < 300 or answer.status in (404, 429, *REFUSALS) or answer.status >= 500


def _page_failure(intermediary: Intermediary, advice: str) -> Failure:
    """The failure for an answer that isn't the vendor's. `advice` says what in the vendor's system may cause a page."""
    answer, more = intermediary.answer, f"; {advice}" if advice else ""
    status, what, system = answer.status, answer.what, answer.system
    if status < 300:
        message = (
            f"{what} got a web page in place of an answer{intermediary.facts}; check that url is the address of {system}, and whether "
        )
        return Failure("protocol", f"{message}a login page or a gateway stands in front of it{more}", http_status=status)
    if status == 404:
        message = f"{what} got a web page in place of an answer{intermediary.facts}"
        return Refused("not_found", f"{message}{more}; check that url is the address of {system}", http_status=status)
    if status in REFUSALS and status not in TIME_OUTS:
        message = f"{what} was refused by {intermediary.who} and didn't get to {system}; see what that one allows, and check url and proxy"
        return Refused("connection", message + more, http_status=status)
    if _was_not_forwarded(answer):
        message = (
            f"{what} was refused by {intermediary.who} and didn't get to {system}; see whether {system} runs and can be reached from there"
        )
        return TryLater("connection", message, http_status=status)
    fate = f"and not by {system}" if answer.method in SAFE else f"and {system} may still have received it"
    message = f"{what} was answered by {intermediary.who}, {fate}; see whether {system} runs, and answers there in time"
    return AnswerLost("connection", message, http_status=status)


def _was_not_forwarded(answer: Answer) -> bool:
    """Whether the headers prove that the intermediary had no connection over which it could have forwarded the request.

    haproxy's 503 (`No server is available to handle this request`) proves nothing: with `retry-on all-retryable-errors`, 2.6.12 also sends
    it after a server had read the whole POST and closed, if the next server is down.
    """
    squid = answer.headers.get("X-Squid-Error", "").split(" ")[0]
    if squid in NOT_CONNECTED:
        # Squid resends a request without a body when a reused connection breaks. It sends a POST once, over a new connection.
        return answer.method not in IDEMPOTENT
    # tinyproxy answers so before it forwards anything, and sends nothing twice.
    return answer.status == 500 and _server(answer.headers).startswith("tinyproxy") and b"<h1>Unable to connect</h1>" in answer.body


def _server(headers: Mapping[str, str]) -> str:
    """The name and the version in the header Server; empty if it's missing or not ASCII."""
    found = re.match(r"[A-Za-z][\w.+-]{0,40}(?:/[\w.+-]{1,40})?", headers.get("Server", ""), re.ASCII)
    return found[0] if found else ""


def _retry_after(value: str | None) -> float:
    """Seconds to wait before a throttling server is asked again: what it says, else one."""
    try:
        if value and not value.strip().isdigit():
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
        return float(value) if value else 1.0
    except (ValueError, TypeError, OverflowError):
        return 1.0


def _site(url: str) -> str:
    """Scheme and host of an address, which hold no secret; empty if it has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname and f"{parts.scheme}{parts.hostname}".isprintable() else ""
    except ValueError:
        return ""
