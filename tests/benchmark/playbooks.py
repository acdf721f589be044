# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alternatives without this collection: playbooks of `ansible.builtin.uri`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .apis import Api, Exchange


def by_uri(api: Api, url: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Log in, read, act and poll until the goal is reached, with a loop over all tasks for each step."""
    item = _token(api), "{{ item }}"
    reached = f"{_jinja('answer.json', (*api.one, api.member))} == {api.goal!r}"
    until = {"register": "answer", "until": reached, "retries": 20, "delay": 1}
    return [
        *_login(api, url),
        {"name": "Read", **_uri(url, api.show(*item)), "loop": list(ids)},
        {"name": "Act", **_uri(url, api.act(*item)), "loop": list(ids)},
        {"name": "Poll", **_uri(url, api.show(*item)), "loop": list(ids), **until},
    ]


def by_list(api: Api, url: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The better way: one list, the actions, one list again. If one call acts on all tasks, it needs no loop."""
    token = _token(api)
    reads = api.lists(token, ids)
    return [
        *_login(api, url),
        *({"name": "List", **_uri(url, read)} for read in reads),
        *({"name": "Act on all", **_uri(url, act)} for act in api.acts(token, ids) if api.one_call_for_all),
        *([] if api.one_call_for_all else [{"name": "Act", **_uri(url, api.act(token, "{{ item }}")), "loop": list(ids)}]),
        *({"name": "List", **_uri(url, read)} for read in reads),
    ]


def ours(api: Api, url: str, ids: Sequence[str], **options: Any) -> list[dict[str, Any]]:
    return [{f"taskops.quiesce.{api.module}": {**api.options(url, ids), **options}}]


def _login(api: Api, url: str) -> list[dict[str, Any]]:
    exchange = api.login()
    return [{"name": "Log in", **_uri(url, exchange), "register": "login"}] if exchange else []


def _token(api: Api) -> str:
    if api.login() is None:
        return ""
    return "{{ " + (_jinja("login.json", api.token_in) if api.token_in else "login.x_subject_token") + " }}"


def _uri(url: str, exchange: Exchange) -> dict[str, Any]:
    # An expression for Jinja has to remain one.
    arguments = (f"{name}={value if '{{' in str(value) else quote(str(value))}" for name, value in exchange.params.items())
    query = "&".join(arguments)
    request: dict[str, Any] = {
        "url": f"{url}{exchange.path}{'?' + query if query else ''}",
        "method": exchange.method,
        "headers": dict(exchange.headers),
        "status_code": exchange.status,
        "return_content": True,
    }
    if exchange.form is not None:
        request |= {"body_format": "form-urlencoded", "body": dict(exchange.form)}
    if exchange.json is not None:
        request |= {"body_format": "json", "body": dict(exchange.json)}
    return {"ansible.builtin.uri": request}


def _jinja(name: str, path: Sequence[str | int]) -> str:
    return name + "".join(f"[{member!r}]" for member in path)
