# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's verification of a signed request: ``ctrlapi.md``, section 2.4. Pure: no clock, no users."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timezone

from ..messages import Request

HASH_HEADER = "X-Authorization-Content-SHA256"
ORIGINAL_URI = "X-Original-URI"

# The webhooks' form (section 2.4): the profile's id, a colon, 32 bytes in Base64.
AUTHORIZATION = re.compile(r"APIAuth-HMAC-SHA256 (?P<access_id>[^:\s]+):(?P<signature>[A-Za-z0-9+/]{43}=)")
# An HTTP date, always GMT. Not strptime: its names of days and months follow the machine's language.
HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Claim:
    """The contents of an Authorization header."""

    access_id: str
    signature: str


def parse(authorization: str | None) -> Claim | None:
    """None if the header is missing or malformed."""
    match = AUTHORIZATION.fullmatch(authorization or "")
    return Claim(match["access_id"], match["signature"]) if match else None


def content_hash(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def key_bytes(key: str, encoding: str) -> bytes | None:
    """The key of the vector is decoded first, the original gem uses the text itself. None if it can't be decoded."""
    if encoding == "text":
        return key.encode()
    try:
        return base64.b64decode(key, validate=True)
    except ValueError:
        return None


def signed_uri(request: Request, original_uri: str | None) -> str:
    """Path and query as received, unless a header has the values before a proxy rewrote them."""
    original = original_uri if original_uri is not None else request.header(ORIGINAL_URI)
    seen = request if original is None else Request(request.method, original)
    return seen.path if seen.query_text is None else f"{seen.path}?{seen.query_text}"


def canonical(request: Request, original_uri: str | None = None) -> str:
    """Five parts and commas between them, nothing escaped: the date's own comma stays. The media type counts as sent."""
    parts = (
        request.method.upper(),
        request.header("Content-Type") or "",
        request.header(HASH_HEADER) or "",
        signed_uri(request, original_uri),
        request.header("Date") or "",
    )
    return ",".join(parts)


def sign(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(key, text.encode("latin-1", "backslashreplace"), hashlib.sha256).digest()).decode()


def date_of(request: Request) -> float | None:
    """Epoch seconds of the Date header. None if it isn't an HTTP date."""
    match = HTTP_DATE.fullmatch(request.header("Date") or "")
    if match is None or match[2] not in MONTHS:
        return None
    day, year, hour, minute, second = (int(match[number]) for number in (1, 3, 4, 5, 6))
    try:
        return datetime(year, MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def fault(request: Request, claim: Claim, key: bytes, *, wall: float, window: float, original_uri: str | None = None) -> str | None:
    """The first error, in the gem's order: body hash, signature, time. None for a valid request."""
    if request.header(HASH_HEADER) != content_hash(request.body):
        return "body hash"
    if not hmac.compare_digest(claim.signature, sign(key, canonical(request, original_uri))):
        return "signature"
    date = date_of(request)
    if date is None or abs(wall - date) > window:
        return "time"
    return None
