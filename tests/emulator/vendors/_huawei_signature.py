# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei Cloud's verification of an AK/SK signature. Sections named here are those of ``huawei_auth.md``. Pure: no clock, no accounts."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from ..messages import Request

STANDARD = "SDK-HMAC-SHA256"
DERIVED = "V11-HMAC-SHA256"

DATE_HEADER = "x-sdk-date"
# Section 4, 3: this text in the header stands for the hash of a body that isn't empty.
UNSIGNED = "UNSIGNED-PAYLOAD"

# Section 4, 6 and section 5: exactly one blank after each comma.
REST = r", SignedHeaders=(?P<names>[^,\s]+), Signature=(?P<signature>[0-9a-f]{64})"
FORMS = {
    STANDARD: re.compile(rf"{STANDARD} Access=(?P<key>[^,/\s]+){REST}"),
    DERIVED: re.compile(rf"{DERIVED} Credential=(?P<key>[^,/\s]+)/(?P<scope>[^,\s]+){REST}"),
}


@dataclass(frozen=True)
class Claim:
    """The contents of an Authorization header."""

    algorithm: str
    access_key: str
    scope: str  # of a derived signature: date/region/service
    signed_headers: tuple[str, ...]
    signature: str


def algorithm_of(authorization: str) -> str:
    """The first word, whether the rest can be parsed or not."""
    return authorization.partition(" ")[0]


def parse(authorization: str) -> Claim | None:
    """None if the header is malformed."""
    form = FORMS.get(algorithm_of(authorization))
    found = form.fullmatch(authorization) if form else None
    if found is None:
        return None
    parts = found.groupdict()
    return Claim(algorithm_of(authorization), parts["key"], parts.get("scope", ""), tuple(parts["names"].split(";")), parts["signature"])


def _encode(raw: bytes) -> str:
    """Section 4, 3: unreserved are letters, digits and ``-_.~``."""
    return quote(raw, safe="-_.~")


def canonical_uri(path: str) -> str:
    """Decoded, cut at the slashes, encoded again, and with a slash at the end that the URL doesn't have (section 4, 3)."""
    uri = "/".join(_encode(part) for part in unquote_to_bytes(path).split(b"/"))
    return uri if uri.endswith("/") else uri + "/"


def canonical_query(query: str | None) -> str:
    """Sorted by name, then value; an empty value keeps its ``=`` (section 4, 3). A plus sign is a plus sign."""
    pairs = []
    for part in (query or "").split("&"):
        if part:
            name, _equals, value = part.partition("=")
            pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(pairs))


def body_hash(request: Request) -> str:
    if request.body and request.header("X-Sdk-Content-Sha256") == UNSIGNED:
        return UNSIGNED
    return hashlib.sha256(request.body).hexdigest()


def is_well_named(names: tuple[str, ...]) -> bool:
    """Lower case, sorted, each once, none with an underscore, and the date among them (section 4, 2)."""
    return list(names) == sorted({name.lower() for name in names if "_" not in name}) and DATE_HEADER in names


def canonical_request(request: Request, names: tuple[str, ...]) -> bytes | None:
    """Section 4, 3. None if a signed header is missing."""
    lines = []
    for name in names:
        value = request.header(name)
        if value is None:
            return None
        lines.append(f"{name}:{value.strip()}\n")
    parts = (
        request.method.upper(),
        canonical_uri(request.path),
        canonical_query(request.query_text),
        "".join(lines),
        ";".join(names),
        body_hash(request),
    )
    # Headers arrived as bytes and are stored with one character for each.
    return "\n".join(parts).encode("latin-1", "replace")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def derived_key(access_key: str, secret: str, scope: str) -> str:
    """Section 5: HKDF with one block; the key is the hex text, not its bytes."""
    return _hmac(_hmac(access_key.encode(), secret.encode()), scope.encode() + b"\x01").hex()


def signature(claim: Claim, secret: str, date: str, canonical: bytes) -> str:
    """The correct signature (section 4, 4 and 5; section 5)."""
    lines = [claim.algorithm, date, hashlib.sha256(canonical).hexdigest()]
    key = secret
    if claim.algorithm == DERIVED:
        lines.insert(2, claim.scope)
        key = derived_key(claim.access_key, secret, claim.scope)
    return _hmac(key.encode(), "\n".join(lines).encode("latin-1", "replace")).hex()


def is_signed_by(request: Request, claim: Claim, secret: str) -> bool:
    date = request.header(DATE_HEADER)
    canonical = canonical_request(request, claim.signed_headers) if is_well_named(claim.signed_headers) else None
    if date is None or canonical is None:
        return False
    return hmac.compare_digest(claim.signature, signature(claim, secret, date, canonical))
