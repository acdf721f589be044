# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What an operator should know of the way to a system: somebody on it may read along, or answer in the system's place."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def risk(address: str, system: str, *, is_bare: bool, validate_certs: bool) -> str:
    """One sentence without its full stop, or empty. `is_bare` tells whether the credentials themselves are sent."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        unchecked = (
            f"the TLS certificate of {system} at {host} isn't checked (validate_certs: false), so that any machine on the way may be it"
        )
        return "" if validate_certs else f"{unchecked}; give its CA in ca_path instead"
    if not is_bare or is_loopback(host):
        return ""
    return f"credentials go over plain http to {system} at {host}, for anybody on the way to read; use https or a tunnel if it can be had"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name or address; what a resolver says may change."""
    if host.casefold().rstrip(".") == "localhost" or host.casefold().rstrip(".").endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
