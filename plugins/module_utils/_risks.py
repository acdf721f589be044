# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Risks on the way to a system that an operator should know: somebody may read the traffic, or answer in the system's place."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def risk(address: str, system: str, *, is_bare: bool, validate_certs: bool) -> str:
    """One sentence without its full stop, or an empty text. `is_bare` is true if the credentials are sent as they are."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        unchecked = f"the TLS certificate of {system} at {host} isn't checked (validate_certs: false)"
        return "" if validate_certs else f"{unchecked}, so that another machine can impersonate it; give its CA in ca_path instead"
    if not is_bare or is_loopback(host):
        return ""
    return f"credentials go over plain http to {system} at {host}, where anybody on the network path can read them; use https or a tunnel"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its name or address alone. What a resolver returns may change."""
    if host.casefold().rstrip(".") == "localhost" or host.casefold().rstrip(".").endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
