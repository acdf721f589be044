# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""How a server is reached: address, TLS files and proxy, checked before anything is sent."""

from __future__ import annotations

import base64
import os
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._clock import Clock, Deadline
from ._credentials import OF_THIS_PROCESS, Credentials
from ._delivery import root_message
from ._errors import Failure

# _http.py reports that `requests` is missing, and then uses nothing of this file.
with suppress(ImportError):
    from requests.utils import get_auth_from_url, get_environ_proxies

if TYPE_CHECKING:
    from ._answer import Answer


@dataclass(frozen=True)
class Connection:
    """How to reach a server. `retries` counts how often a read is repeated after the first attempt. `timeout` is in seconds, for one
    exchange.
    """

    url: str | None
    clock: Clock
    deadline: Deadline
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    timeout: float = 30.0
    retries: int = 3
    concurrency: int = 8
    hide: Callable[[str], None] = field(default=lambda secret: None)
    # Called with a secret that needn't be hidden any longer.
    unhide: Callable[[str], None] = field(default=lambda secret: None)
    # Shared by all sessions of a run, since one server may repeat a token that another one issued.
    secrets: set[str] = field(default_factory=set, repr=False)
    # Shared by all sessions of a run: warnings that belong to no single task.
    warnings: list[str] = field(default_factory=list)
    # Shared by all sessions of the process. `caller` names in sentences whom this session serves.
    credentials: Credentials = OF_THIS_PROCESS
    caller: str = ""
    # Called before each request: whether somebody still waits for the result.
    is_awaited: Callable[[], bool] = field(default=lambda: True)
    # Called with each answer, and with the method, the path and the parameters that were sent.
    watch: Callable[[str, str, Mapping[str, Any], Answer], None] = field(default=lambda *_exchange: None)


def base_url(url: str, path: str) -> str:
    """`url` with the vendor's own path at its end, which the user may have written already. Raises `Failure` (`usage`) for an unusable
    address.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise Failure("usage", f"url is {_without_secrets(url)!r}, which isn't an address; write it as http://HOST:PORT or https://HOST")
    if parts.username or parts.password:
        raise Failure("usage", "url holds a user name or password; give these by their own options")
    if parts.query or parts.fragment:
        raise Failure("usage", f"url is {_without_secrets(url)!r} and more; it must end before any ? or #")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return base if base.endswith(path) else base + path


def _without_secrets(url: str) -> str:
    """An address for a message, without user information and query, which may be secret."""
    return re.split(r"[?#]", re.sub(r"//[^/]*@", "//********@", url))[0]


def session_settings(connection: Connection, base: str) -> dict[str, Any]:
    """The keyword arguments of `requests.Session.send` for this connection. Raises `Failure` (`usage`) for a file that can't be used."""
    return {
        "verify": _verify_setting(connection),
        "cert": _client_certificate(connection),
        "proxies": _proxies(connection, base),
        "allow_redirects": False,
        "stream": True,
    }


def _verify_setting(connection: Connection) -> bool | str:
    if not connection.validate_certs:
        return False
    if connection.ca_path:
        _must_exist("ca_path", connection.ca_path)
        place = "capath" if os.path.isdir(connection.ca_path) else "cafile"
        _must_load("ca_path", lambda: _new_tls_context().load_verify_locations(**{place: connection.ca_path}))
    return connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _client_certificate(connection: Connection) -> str | tuple[str, str] | None:
    if not connection.client_cert:
        return None
    cert, key = connection.client_cert, connection.client_key
    _must_exist("client_cert", cert)
    if key:
        _must_exist("client_key", key)
    # Without a passphrase, OpenSSL would ask for that of a protected key at the terminal. The empty one prevents this.
    _must_load("client_cert and client_key", lambda: _new_tls_context().load_cert_chain(cert, key, password=""))
    return (cert, key) if key else cert


def _must_exist(option: str, path: str) -> None:
    if not os.path.exists(path):
        raise Failure("usage", f"{option} is {path}, which doesn't exist on the host that runs the module")


def _must_load(options: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (ssl.SSLError, OSError, ValueError) as error:
        why = root_message(error)
    else:
        return
    raise Failure("usage", f"what {options} names can't be loaded ({why}); give PEM files, the key without a passphrase")


def _new_tls_context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _proxies(connection: Connection, url: str) -> dict[str, str]:
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    return dict(get_environ_proxies(url))


def proxy_passwords(proxy: str) -> tuple[str, ...]:
    """The secrets in the address of a proxy: the password, and the value of the header made of it. Raises `Failure` (`usage`)."""
    try:
        username, password = get_auth_from_url(proxy)
        # `requests` encodes them in Latin-1.
        return password, base64.b64encode(f"{username}:{password}".encode("latin-1")).decode("ascii") if username or password else ""
    except ValueError:
        pass
    raise Failure("usage", "the address of the proxy holds what can't be sent to it; check proxy, and the user name and password in it")


def source_of_proxy(connection: Connection) -> str:
    """Where the address of the proxy comes from, for a sentence."""
    return "proxy" if connection.proxy else "http_proxy and https_proxy in the environment"
