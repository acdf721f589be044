# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxies in front of the systems. Each is one process for all systems. The address (reverse proxies: `/KIND/VENDOR/...`) or the port
of the proxy (forward proxies) selects the system and the behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..hostile.tinyproxy import tinyproxy as debian_s_tinyproxy
from .origins import VENDORS, Certificate, Options, Origins
from .processes import program, serving

Ports = tuple[int, int]

# A port at which no test listens.
DEAD = 1
LOGIN = "<html><head><title>Sign in to Example Corp</title></head><body><form>User <input name=user></form></body></html>"
# In seconds: how long nginx and haproxy wait for an answer.
PATIENCE = 1


@dataclass(frozen=True)
class Proxy:
    """A running proxy. `way` returns the options for a call through it to a vendor's system, with the behaviour of that kind."""

    name: str
    way: Callable[[str, str, bool], Options]


def _filled(options: Mapping[str, Any], url: str) -> Options:
    return {name: url if value == "{url}" else value for name, value in options.items()}


def _reverse(name: str, ports: Ports, origins: Origins, certificate: Certificate) -> Proxy:
    def way(kind: str, vendor: str, tls: bool) -> Options:
        url = f"{'https' if tls else 'http'}://127.0.0.1:{ports[tls]}/{kind}/{vendor}"
        options = _filled(origins.find(vendor, tls=tls).call.options, url)
        return {**options, "url": url, **({"ca_path": certificate.ca} if tls else {})}

    return Proxy(name, way)


def _forward(name: str, ports: Mapping[str, int], origins: Origins) -> Proxy:
    def way(kind: str, vendor: str, tls: bool) -> Options:
        origin = origins.find(vendor, tls=tls)
        url = f"{'https' if tls else 'http'}://127.0.0.1:{DEAD}" if kind == "dead" else origin.url
        options = _filled(origin.call.options, url)
        proxy = f"http://127.0.0.1:{ports.get(kind, ports['plain'])}"
        return {**options, "url": url, "proxy": proxy, **({"ca_path": origin.ca} if tls else {})}

    return Proxy(name, way)


@contextmanager
def nginx(folder: Path, ports: Ports, origins: Origins, certificate: Certificate) -> Iterator[Proxy]:
    """A reverse proxy with keepalive to its upstreams, a common configuration. `both` has two upstreams, which are one system."""
    server = program("nginx")

    def upstreams(secure: str, vendor: str) -> str:
        port = origins.find(vendor, tls=secure == "s").port
        first = f"server 127.0.0.1:{port} max_fails=0; keepalive 8;"
        # The system listens at both loopback addresses.
        return f"""
        upstream {vendor}{secure} {{ {first} }}
        upstream {vendor}{secure}2 {{ server [::1]:{port} max_fails=0; {first} }}"""

    def locations(secure: str, vendor: str) -> str:
        pass_on = f"proxy_pass http{secure}://{vendor}{secure}"
        return f"""
            location /plain/{vendor}/ {{ {pass_on}/; }}
            location /both/{vendor}/ {{ {pass_on}2/; }}
            location /dead/{vendor}/ {{ proxy_pass http://127.0.0.1:{DEAD}/; }}
            location /deny/{vendor}/v3/ {{ {pass_on}/v3/; }}
            location /deny/{vendor}/ {{ limit_except GET {{ deny all; }} {pass_on}/; }}
            location /limit/{vendor}/ {{ limit_req zone=writes; {pass_on}/; }}
            location /closed/{vendor}/ {{ return 503; }}
            location /login/{vendor}/ {{ default_type text/html; return 200 "{LOGIN}"; }}
            location /small/{vendor}/ {{ client_max_body_size 4; {pass_on}/; }}"""

    def front(secure: str, port: int) -> str:
        tls = f"ssl_certificate {certificate.file}; ssl_certificate_key {certificate.file};" if secure else ""
        listen = f"listen 127.0.0.1:{port}{' ssl' if secure else ''}; {tls}"
        return f"server {{ {listen} {''.join(locations(secure, vendor) for vendor in VENDORS)} }}"

    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = folder / "nginx.conf"
    config.write_text(
        f"""
        daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ worker_connections 512; }}
        http {{
            access_log off; {places}
            # Requests without a key aren't limited.
            map $request_method:$uri $written {{ default $server_port; "~^GET:" ""; "~/auth/tokens$" ""; }}
            limit_req_zone $written zone=writes:1m rate=1r/s;
            proxy_http_version 1.1; proxy_set_header Connection ""; proxy_ssl_verify off;
            proxy_connect_timeout {PATIENCE}s; proxy_read_timeout {PATIENCE}s;
            {"".join(upstreams(secure, vendor) for secure in ("", "s") for vendor in VENDORS)}
            {front("", ports[0])}
            {front("s", ports[1])}
        }}""",
        encoding="utf-8",
    )
    # Before it reads its configuration, it complains about its default log, which only root can write.
    words = [server.path, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)]
    with serving("nginx", words, ports, folder):
        yield _reverse("nginx", ports, origins, certificate)


@contextmanager
def haproxy(folder: Path, ports: Ports, origins: Origins, certificate: Certificate) -> Iterator[Proxy]:
    """A reverse proxy. `again` repeats every request that it considers repeatable, on two servers that are one system."""
    server = program("haproxy")
    prefix = r"http-request replace-path ^/[a-z]+/[a-z]+(/.*) \1"

    def backends(secure: str, vendor: str) -> str:
        port = origins.find(vendor, tls=secure == "s").port
        tls = " ssl verify none" if secure else ""
        return f"""
backend plain-{vendor}{secure}
    {prefix}
    server one 127.0.0.1:{port}{tls}
backend again-{vendor}{secure}
    {prefix}
    option redispatch 1
    retry-on all-retryable-errors
    server one 127.0.0.1:{port}{tls}
    server two [::1]:{port}{tls}
"""

    def front(secure: str, port: int) -> str:
        tls = f" ssl crt {certificate.file}" if secure else ""
        uses = "\n".join(
            f"    use_backend {kind}-{vendor}{secure} if {{ path_beg /{kind}/{vendor}/ }}"
            for kind in ("plain", "again")
            for vendor in VENDORS
        )
        denied = "\n".join(f"    use_backend plain-{vendor}{secure} if {{ path_sub /{vendor}/ }}" for vendor in VENDORS)
        return f"""
frontend front{secure}
    bind 127.0.0.1:{port}{tls}
    http-request deny if {{ path_beg /deny/ }} !METH_GET
    http-request deny deny_status 429 if {{ path_beg /limit/ }} !METH_GET
    http-request reject if {{ path_beg /closed/ }} !METH_GET
    use_backend dead if {{ path_beg /dead/ }}
{uses}
{denied}
"""

    config = folder / "haproxy.cfg"
    config.write_text(
        f"""
global
    maxconn 200
defaults
    mode http
    retries 1
    timeout connect {PATIENCE}s
    timeout client 10s
    timeout server {PATIENCE}s
    timeout queue 1s
backend dead
    server one 127.0.0.1:{DEAD}
{"".join(backends(secure, vendor) for secure in ("", "s") for vendor in VENDORS)}
{front("", ports[0])}
{front("s", ports[1])}
""",
        encoding="utf-8",
    )
    with serving("haproxy", [server.path, "-db", "-f", str(config)], ports, folder):
        yield _reverse("haproxy", ports, origins, certificate)


@contextmanager
def squid(folder: Path, ports: Ports, origins: Origins, certificate: Certificate) -> Iterator[Proxy]:
    """A forward proxy. The port `deny` forbids every request that changes something."""
    server = program("squid")
    shared = server.root / "usr" / "share" / "squid"
    config = folder / "squid.conf"
    config.write_text(
        f"""
http_port 127.0.0.1:{ports[0]} name=plain
http_port 127.0.0.1:{ports[1]} name=deny
acl at_deny myportname deny
acl reads method GET CONNECT
http_access deny at_deny !reads
http_access allow all
cache deny all
cache_log /dev/null
access_log none
pid_filename none
coredump_dir none
pinger_enable off
netdb_filename none
unlinkd_program /bin/true
mime_table {shared}/mime.conf
icon_directory {shared}/icons
error_directory {shared}/errors/templates
visible_hostname proxy.example.com
read_timeout 1 second
connect_timeout 1 second
shutdown_lifetime 0 seconds
""",
        encoding="utf-8",
    )
    with serving("squid", [server.path, "-N", "-f", str(config)], ports, folder):
        yield _forward("squid", {"plain": ports[0], "deny": ports[1]}, origins)


@contextmanager
def tinyproxy(folder: Path, ports: Ports, origins: Origins, certificate: Certificate) -> Iterator[Proxy]:
    """A forward proxy."""
    with debian_s_tinyproxy(folder, ports[0]) as proxy:
        yield _forward("tinyproxy", {"plain": proxy.port}, origins)


PROXIES: dict[str, Callable[[Path, Ports, Origins, Certificate], AbstractContextManager[Proxy]]] = {
    "squid": squid,
    "tinyproxy": tinyproxy,
    "nginx": nginx,
    "haproxy": haproxy,
}
