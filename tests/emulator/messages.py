# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as they were sent, and replies before the transport changes them, as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

HeaderPairs = tuple[tuple[str, str], ...]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class BadOrder(ValueError):
    """A test ordered something that the emulator doesn't have. The text is for the author of the test."""


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Request:
    """One request exactly as it was sent. Nothing is normalised, since vendors sign and route by the raw text."""

    method: str
    target: str
    headers: HeaderPairs = ()
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str] | Iterable[tuple[str, str]], body: bytes) -> Request:
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        return cls(method, target, tuple((str(name), str(value)) for name, value in pairs), body)

    @cached_property
    def _split(self) -> tuple[str, str | None]:
        target = self.target
        if "://" in target.partition("?")[0]:  # absolute form: the client uses the emulator as a proxy
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        path, mark, query = target.partition("?")
        return path, query if mark else None

    @property
    def path(self) -> str:
        """The raw path, still percent-encoded, without the query."""
        return self._split[0]

    @property
    def query_text(self) -> str | None:
        """Everything after the first question mark. None if there is none."""
        return self._split[1]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path between its slashes, decoded afterwards, so that an encoded slash stays inside its segment."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query_text or "", keep_blank_values=True)

    @cached_property
    def _lower(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found

    def header(self, name: str) -> str | None:
        """The value of the header. Several headers of one name are joined as HTTP specifies."""
        values = self._lower.get(name.lower())
        return None if values is None else ", ".join(values)

    @property
    def media_type(self) -> str | None:
        value = self.header("Content-Type")
        return None if value is None else value.partition(";")[0].strip().lower()

    @cached_property
    def text(self) -> str:
        return self.body.decode("utf-8", "backslashreplace")

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.text, keep_blank_values=True)

    @cached_property
    def json(self) -> Any:
        """The body as JSON. None if it isn't JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            return None

    def without_prefix(self, prefix: str) -> Request | None:
        """The request as the system behind a proxy receives it. None if its path lacks the proxy's prefix."""
        if not prefix:
            return self
        if not self.path.startswith(prefix + "/"):
            return None
        query = "" if self.query_text is None else f"?{self.query_text}"
        return replace(self, target=self.path[len(prefix) :] + query)


@dataclass(frozen=True)
class Call:
    """The meaning of a request for its vendor, determined before it is handled. Faults and the journal use it."""

    action: str = ""
    write: bool = False
    ids: tuple[str, ...] = ()


@dataclass
class Reply:
    """An answer, and what the transport does to it: ``fault`` is None, ``reset``, ``cut``, ``drip`` or ``endless``."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    took_effect: bool = False
    fault: str | None = None
    fault_options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: object, status: int = 200, *, media_type: str = JSON, took_effect: bool = False) -> Reply:
        return cls(status, [("Content-Type", media_type)], compact(value).encode("utf-8", "replace"), took_effect)

    @classmethod
    def of_text(cls, text: str, status: int = 200, *, media_type: str = "text/plain; charset=utf-8") -> Reply:
        return cls(status, [("Content-Type", media_type)], text.encode())
