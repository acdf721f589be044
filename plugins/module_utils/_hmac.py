# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Elecard Boro's request signatures: APIAuth-HMAC-SHA256, valid for one minute.

The format of the header is inferred from the vendor's description, its webhooks, a public test vector and the gem `api-auth` (page
`ctrlapi`, section 2.4). Pure functions and one class for `requests`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from ._errors import Failure

if TYPE_CHECKING:
    import requests

Encoding = Literal["base64", "text"]

SCHEME = "APIAuth-HMAC-SHA256"
WINDOW = 60


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def key_bytes(key: str, encoding: Encoding) -> bytes:
    """The bytes of the key. Raises `Failure` (`usage`) for a key that isn't written in this encoding."""
    if encoding == "text":
        return key.encode()
    try:
        decoded = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise Failure("usage", "api_key isn't Base64; check that it is whole, or set api_key_encoding: text if it is meant as it stands")
    return decoded


def content_hash(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def canonical(method: str, media_type: str, digest: str, path: str, date: str) -> str:
    """The text that is signed. Nothing in it is escaped, and the comma within the date stays."""
    return ",".join([method.upper(), media_type, digest, path, date])


def signature(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode("ascii")


class ApiKey:
    """A user's API key, as `requests` knows authentication. Each attempt is signed anew, since a signature expires after a minute.

    `path` is the signed part of the address: the path that the server itself receives. It differs from the path of the address if a proxy
    in front adds a prefix. `today` returns the time by which requests are dated.
    """

    stamp = 0
    is_bare = False

    def __init__(self, access_id: str, key: bytes, path: str, *, today: Callable[[], datetime] | None = None) -> None:
        self._access_id = access_id
        self._key = key
        self._path = path
        self._today = today or utc_now

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        digest, date = content_hash(body), format_datetime(self._today(), usegmt=True)
        text = canonical(str(request.method), str(request.headers.get("Content-Type", "")), digest, self._path, date)
        own = {"Date": date, "X-Authorization-Content-SHA256": digest}
        request.headers.update({**own, "Authorization": f"{SCHEME} {self._access_id}:{signature(self._key, text)}"})
        return request

    def renew(self, stamp: int) -> bool:
        return False

    def ahead(self, date: str | None) -> float | None:
        """How many seconds our clock is ahead of the clock that dated an answer; None if the date can't be parsed or has no zone."""
        try:
            their_time = parsedate_to_datetime(date or "")
        except (TypeError, ValueError, IndexError):
            return None
        return (self._today() - their_time).total_seconds() if their_time.tzinfo else None
