# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that is a list of the exact expected exchanges, in their order. One more or one fewer fails the test."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import urllib3
from ansible_collections.taskops.quiesce.plugins.module_utils import _http, _transport
from ansible_collections.taskops.quiesce.plugins.module_utils._transport import Reached
from requests.adapters import BaseAdapter, HTTPAdapter


@dataclass(frozen=True)
class Call:
    """One expected request and its answer.

    A request needs the given `headers` and may have others. None means that the header must be absent. `body` is the exact text of the
    request, unless it is a form. `answer` is a document, bytes or text for the body, or an exception that ends the connection. `reached` is
    how far the request had got then.
    """

    method: str
    path: str
    answer: Any = ""
    form: Mapping[str, str] | None = None
    body: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    status: int = 200
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    reached: Reached = "request"


class Script(BaseAdapter):
    """Answers the calls, and records the settings of each request."""

    def __init__(self, calls: Sequence[Call]) -> None:
        super().__init__()
        self.left = list(calls)
        self.settings: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        sent = f"{request.method} {request.url}"
        assert self.left, f"not expected: {sent}"
        call = self.left.pop(0)
        self.settings.append(settings)
        assert request.url is not None
        address = "/" + request.url.split("://", 1)[1].split("/", 1)[1]
        assert f"{request.method} {address}" == f"{call.method} {call.path}"
        for name, value in call.headers.items():
            assert request.headers.get(name) == value, name
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        if call.body is None:
            assert dict(parse_qsl(body or "", keep_blank_values=True)) == dict(call.form or {})
        else:
            assert body == call.body
        _transport._mark_progress(call.reached)
        if isinstance(call.answer, Exception):
            raise call.answer
        return _response(request, call)

    def close(self) -> None:
        pass


def _response(request: requests.PreparedRequest, call: Call) -> requests.Response:
    body = call.answer if isinstance(call.answer, (str, bytes)) else json.dumps(call.answer)
    data = body.encode() if isinstance(body, str) else body
    raw = urllib3.HTTPResponse(io.BytesIO(data), headers=dict(call.answer_headers), status=call.status, preload_content=False)
    return HTTPAdapter().build_response(request, raw)


@contextmanager
def exchanges(monkeypatch: pytest.MonkeyPatch, *calls: Call) -> Iterator[Script]:
    """A context in which every HTTP session of the collection gets exactly these calls."""
    script = Script(calls)
    monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: script)
    yield script
    assert not script.left, f"expected and not sent: {[f'{call.method} {call.path}' for call in script.left]}"
