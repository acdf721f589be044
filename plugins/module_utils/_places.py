# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The places of tasks: what distinguishes one system from another, written so that two spellings of one place give the same text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def place(vendor: str, address: str, *parts: str) -> str:
    """The place of a vendor's system at an address (a URL, or the name of a region), with the further parts that divide the system."""
    return " ".join(filter(None, [vendor, normalised(address), *parts]))


def normalised(address: str) -> str:
    """The address without differences that don't matter: the case of the host, the scheme's default port, a user, a slash at the end."""
    if "://" not in address:
        return address.strip().rstrip("/")
    try:
        parts = urlsplit(address.strip())
        port = f":{parts.port}" if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme) else ""
    except ValueError:
        return address.strip().rstrip("/")
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path.rstrip('/')}"


def is_same_place(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two targets of ledgers are on the same system. An old ledger has no places; the facts that it holds must agree then."""
    if one["vendor"] != other["vendor"]:
        return False
    places = [target.get("place") for target in (one, other)]
    if all(places):
        return places[0] == places[1]
    urls = [normalised(str((target.get("options") or {}).get("url") or "")) for target in (one, other)]
    if all(urls):
        return urls[0] == urls[1]
    return all(not url or not known or url in known.split() for url, known in zip(urls, reversed(places), strict=True))
