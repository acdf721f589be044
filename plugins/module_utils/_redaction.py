# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Keep secrets out of messages: passwords, tokens and signatures, in each spelling in which a server may repeat them."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    import requests

HIDDEN = "********"
# In characters. A shorter word of a header may occur in an answer by chance.
SHORTEST_SIGNATURE = 20
# More than there are exchanges at once, since each exchange may bring a token.
KEPT_TOKENS = 32


class Redactor:
    """The secrets of one session; any thread may use it.

    `secrets` may be shared with other sessions. `hide` and `unhide` are called with each secret that is added and removed.
    """

    def __init__(self, secrets: set[str], hide: Callable[[str], None], unhide: Callable[[str], None]) -> None:
        self._secrets = secrets
        self._hide = hide
        self._unhide = unhide
        self._tokens: deque[str] = deque()
        self._lock = threading.Lock()

    @property
    def longest(self) -> int:
        """The length of the longest spelling of a secret, in characters; 0 without any."""
        return max(map(len, self._secrets), default=0)

    def add(self, *secrets: str | None) -> None:
        """Redact these from now on, in each spelling of an address, a form, a page or a JSON document."""
        for secret in filter(None, secrets):
            self._secrets.update(_spellings(secret))
            self._hide(secret)

    def add_token(self, token: str) -> None:
        """As `add`, for a token that is replaced often: only the latest `KEPT_TOKENS` are kept.

        An answer repeats a token soon or never, and each kept token makes every redaction slower.
        """
        with self._lock:
            if token in self._secrets:
                return
            self.add(token)
            self._tokens.append(token)
            old = [self._tokens.popleft() for _number in range(len(self._tokens) - KEPT_TOKENS)]
            still = {spelling for known in self._tokens for spelling in _spellings(known)}
            for secret in old:
                self._secrets.difference_update(_spellings(secret) - still)
                self._unhide(secret)

    def redact(self, text: str) -> str:
        """The text with `HIDDEN` in place of each secret."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


def redact_signature(body: bytes, request: requests.PreparedRequest) -> bytes:
    """The body without the signature of the request that it answers. Each request has its own signature, so signatures aren't kept."""
    signature = re.split(r"[ :]|Signature=", str(request.headers.get("Authorization", "")))[-1]
    if len(signature) >= SHORTEST_SIGNATURE:
        for spelling in _spellings(signature):
            body = body.replace(spelling.encode(), HIDDEN.encode())
    return body


def _spellings(secret: str) -> set[str]:
    """The secret in the spelling of an address, a form, a JSON document and a web page. JSON can bring half of a surrogate pair."""
    documents = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    addresses = {quote(secret, safe="", errors="surrogatepass"), quote_plus(secret, errors="surrogatepass")}
    return {secret, escape(secret), *addresses, *documents}
