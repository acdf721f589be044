# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for secrets in texts: the secrets in requests, each with its possible spellings, and the texts that contain one."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from tests.emulator.vendor import Vendor

# The fields with the caller's authentication, and those in which a system issues it.
HEADERS = ("authorization", "x-auth-token", "x-security-token", "x-subject-token", "proxy-authorization", "www-authenticate")
SHORTEST = 12


def on_the_wire(vendor: Vendor) -> Iterator[str]:
    """The tokens and signatures of the requests."""
    for entry in vendor.journal.since():
        for name, value in entry.request.headers:
            if name.lower() in HEADERS:
                proof = value.split()[-1]
                yield from (part for part in (proof, proof.rpartition("Signature=")[2], proof.partition(":")[2]) if len(part) >= SHORTEST)
        query = urlsplit(entry.request.target).query
        yield from (value for name, value in (*parse_qsl(query), *entry.request.form) if name == "token" and len(value) >= SHORTEST)


def spellings(secret: str) -> set[str]:
    """The secret as each encoder would write it."""
    raw = secret.encode()
    documents = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    documents |= {json.dumps(text)[1:-1] for text in documents}
    addresses = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote(secret, safe="").lower()}
    coded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex(), raw.hex().upper()}
    return {secret, secret.rstrip("="), repr(secret)[1:-1], html.escape(secret)} | documents | addresses | coded


def found(secrets: Iterable[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The texts, by name, that contain a secret in any spelling, with that spelling."""
    for secret in secrets:
        for spelling in spellings(secret):
            for name, text in texts.items():
                place = text.find(spelling)
                if place >= 0:
                    yield name, f"{spelling!r} in ...{text[max(0, place - 600) : place + 100]}"
