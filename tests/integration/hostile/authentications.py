# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every system with every kind of authentication. The secrets contain characters that each encoder writes differently."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.emulator import registry
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from ..ctrlapi import stream
from ..hitachi import T, service_run
from ..huawei import PROJECT, analysis
from ..iotda import T as UPGRADE
from ..iotda import firmware
from ..totalcontrol import RUNNING, script

PASSWORD = "Gr8&p+ss/w ö%r'd\"<x>"
TOKEN = "tK/9+q=Zr&x7L8-of-the-caller"
SECRET_KEY = "s3cr3t+Key/0fTheCaller0000000000000000A="
SECURITY_TOKEN = "gQpjbi1ub3J0aC0ED3fBSECRET+/=token"
PROXY_PASSWORD = "pr0xy-Pass word"
API_KEY = base64.b64encode(b"the key of the caller, 32 bytes!").decode()
USERS = {"operator": {"password": PASSWORD, "domain": "account-name"}}
KEYS = {"CALLERSACCESSKEY0001": {"secret": SECRET_KEY, "user": "operator", "security_token": SECURITY_TOKEN}}
CLOUD: dict[str, Any] = {"users": USERS, "access_keys": KEYS}
KEY = {"access_key": "CALLERSACCESSKEY0001", "secret_key": SECRET_KEY, "security_token": SECURITY_TOKEN}
USER = {"username": "operator", "password": PASSWORD, "domain_name": "account-name"}
REGION = {"iam_url": "{url}", "region": "cn-north-4", "project_id": PROJECT}
BASIC = base64.b64encode(f"operator:{PASSWORD}".encode()).decode()


@dataclass(frozen=True)
class Authentication:
    """One kind of authentication for a module.

    `secrets` must not be in any output, nor tokens and signatures from requests. `{token}` in an option stands for the result of
    `handed_out`, which gets it from the system first. `wait_timeout` is longer than a call takes, in seconds. `is_full` is true for one of
    them for each system, which is tested with all endings.
    """

    title: str
    module: str
    task: Mapping[str, Any]
    options: Mapping[str, Any]
    secrets: Sequence[str]
    switches: Mapping[str, Any] = field(default_factory=dict)
    handed_out: Callable[[Vendor], str] | None = None
    by_proxy: bool = False
    ask_client: bool = False
    is_full: bool = False
    wait_timeout: float = 2

    @property
    def vendor(self) -> str:
        return self.module.partition("_")[0]

    def emulator(self) -> Vendor:
        return registry.find(self.vendor)(switches=self.switches, tasks=[dict(self.task)])

    def token(self, vendor: Vendor) -> str:
        """The token that the system issues first. Empty if none is needed."""
        return self.handed_out(vendor) if self.handed_out else ""

    def call(self, url: str, token: str) -> dict[str, Any]:
        """The module's options for a call at that address."""
        known = {"{url}": url, "{token}": token}
        given = {name: known.get(value, value) if isinstance(value, str) else value for name, value in self.options.items()}
        return {"url": url, "poll_interval": 0.1, **given}

    def reached(self, emulator: ThreadedEmulator, token: str) -> dict[str, Any]:
        """The module's options for a call through the configured route: a proxy, which is the emulator itself and repeats any request, or a
        client certificate.
        """
        control = emulator.control
        options = self.call(control.url, token)
        if self.by_proxy:
            proxy = f"http://proxy-user:{quote(PROXY_PASSWORD)}@127.0.0.1:{control.port}"
            options |= {"url": f"http://{self.vendor}.invalid", "proxy": proxy}
        if self.ask_client:
            options |= {"ca_path": control.ca, "client_cert": control.client_cert, "client_key": control.client_key}
        return options

    def keys(self, emulator: ThreadedEmulator) -> set[str]:
        """The lines of the client's private key, if there is one."""
        key = emulator.control.client_key
        return set() if key is None else {line for line in Path(key).read_text(encoding="ascii").splitlines() if len(line) > 40}


def totalcontrol(title: str, options: Mapping[str, Any], secrets: Sequence[str], **more: Any) -> Authentication:
    switches = {"users": {"operator": PASSWORD}}
    call = {"names": ["a"], "state": "paused"}
    return Authentication(
        f"Total Control, {title}", "totalcontrol_task", script("a", RUNNING), {**call, **options}, secrets, switches, **more
    )


def vias(title: str, options: Mapping[str, Any], secrets: Sequence[str], **more: Any) -> Authentication:
    call = {**REGION, "task_ids": ["a"], "state": "paused"}
    return Authentication(f"VIAS, {title}", "huawei_task", analysis("a", "RUNNING"), {**call, **options}, secrets, CLOUD, **more)


def iotda(title: str, options: Mapping[str, Any], secrets: Sequence[str], **more: Any) -> Authentication:
    call = {**REGION, "task_ids": [UPGRADE], "state": "stopped"}
    return Authentication(f"IoTDA, {title}", "iotda_batchtask", firmware(project_id=PROJECT), {**call, **options}, secrets, CLOUD, **more)


def hitachi(title: str, options: Mapping[str, Any], secrets: Sequence[str], **more: Any) -> Authentication:
    switches = {"users": {"operator": {"password": PASSWORD}}, "bearer": True, "bearer_token": TOKEN}
    call = {"task_ids": [T], "state": "stopped"}
    return Authentication(f"JP1/AO, {title}", "hitachi_task", service_run(), {**call, **options}, secrets, switches, **more)


def airflow(title: str, options: Mapping[str, Any], secrets: Sequence[str], version: str = "3.3.2", **more: Any) -> Authentication:
    switches = {"version": version, "users": {"operator": {"password": PASSWORD, "role": "admin"}}, "tokens": {TOKEN: "admin"}}
    call = {"dag_ids": ["orders"], "state": "paused"}
    # A Dag is quiet once it was seen so for some time.
    more |= {"wait_timeout": 10}
    return Authentication(f"Airflow, {title}", "airflow_dag", {"dag_id": "orders"}, {**call, **options}, secrets, switches, **more)


def _totalcontrol_token(vendor: Vendor) -> str:
    reply = vendor.answer("GET", "/TotalControl/v1/login", {"Host": "h", "Authorization": BASIC})
    return str(json.loads(reply.body)["value"]["token"])


def _hsso_token(vendor: Vendor) -> str:
    reply = vendor.answer("GET", "/Automation/v1/configuration/version", {"Host": "h", "Authorization": f"Basic {BASIC}"})
    return str(dict(reply.headers)["WWW-Authenticate"]).removeprefix("HSSO ")


def _cloud_token(vendor: Vendor) -> str:
    user = {"name": "operator", "password": PASSWORD, "domain": {"name": "account-name"}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"id": PROJECT}}}}
    head = {"Host": "h", "Content-Type": "application/json"}
    return str(dict(vendor.answer("POST", "/v3/auth/tokens", head, json.dumps(body).encode()).headers)["X-Subject-Token"])


SAID = {"username": "operator", "password": PASSWORD}
AUTHENTICATIONS = (
    totalcontrol("a password", SAID, [PASSWORD, BASIC], is_full=True),
    totalcontrol("a token", {"token": "{token}"}, [], handed_out=_totalcontrol_token),
    totalcontrol("a password, and a proxy with another", SAID, [PASSWORD, BASIC, PROXY_PASSWORD], by_proxy=True),
    totalcontrol("a password, and a client certificate", SAID, [PASSWORD, BASIC], ask_client=True),
    vias("a temporary key", KEY, [SECRET_KEY, SECURITY_TOKEN]),
    vias("a user", USER, [PASSWORD], is_full=True),
    # The first request of this one and the next one through a proxy isn't a login, whose answer is never shown.
    vias("a token, and a proxy with a password", {"token": "{token}"}, [PROXY_PASSWORD], handed_out=_cloud_token, by_proxy=True),
    iotda("a derived key", {**KEY, "signature": "derived"}, [SECRET_KEY, SECURITY_TOKEN], is_full=True),
    Authentication(
        "Boro, an API key",
        "ctrlapi_task",
        stream(1),
        {"dialect": "live", "user_id": 4, "project_id": [23], "api_key": API_KEY, "task_ids": [1], "state": "stopped"},
        [API_KEY],
        {"verify_hmac": True, "users": {"4": {"key": API_KEY}}},
        is_full=True,
    ),
    hitachi("a password", SAID, [PASSWORD, BASIC]),
    hitachi("an HSSO token", {"token": "{token}"}, [], handed_out=_hsso_token, is_full=True),
    hitachi(
        "a Bearer token, and a proxy with a password", {"token": TOKEN, "token_type": "bearer"}, [TOKEN, PROXY_PASSWORD], by_proxy=True
    ),
    airflow("a password", SAID, [PASSWORD, BASIC], is_full=True),
    airflow("a token", {"token": TOKEN}, [TOKEN]),
    airflow("a password for Airflow 2, and a proxy with another", SAID, [PASSWORD, BASIC, PROXY_PASSWORD], "2.11.2", by_proxy=True),
)
