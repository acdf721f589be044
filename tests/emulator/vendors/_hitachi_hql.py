# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``HQL::filter`` and its companions, as far as they are documented. Sections: ``hitachi.md``, 3.3."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._hitachi_dates import date_text, input_date

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

NUMBER, BOOLEAN, TIME, STRING = "number", "boolean", "time", "string"  # enums and URLs are compared as strings

WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "=": operator.eq,
    "ne": operator.ne, "<>": operator.ne, "!=": operator.ne,
    "gt": operator.gt, ">": operator.gt,
    "lt": operator.lt, "<": operator.lt,
    "ge": operator.ge, ">=": operator.ge,
    "le": operator.le, "<=": operator.le,
    "starts": lambda value, start: bool(value.startswith(start)),
    "ends": lambda value, end: bool(value.endswith(end)),
}  # fmt: skip
TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><>|!=|>=|<=|[=<>()\[\],]))"
)


class BadQuery(Exception):
    """A query parameter that the vendor refuses. ``status`` if a switch sets another."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise BadQuery(f"HQL::filter isn't understood from {text[place : place + 20]!r} on")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return found


class Filter:
    """A parsed filter: ``passes`` judges a row, ``members`` are the members in it."""

    def __init__(self, text: str, types: Mapping[str, str]) -> None:
        self.members: set[str] = set()
        self._types = types
        self._left = _tokens(text)[::-1]
        self.passes = self._either()
        if self._left:
            raise BadQuery(f"HQL::filter: {self._left[-1][1]!r} stands where nothing may follow")

    def _next(self) -> tuple[str, str]:
        if not self._left:
            raise BadQuery("HQL::filter ends too early")
        return self._left.pop()

    def _take(self, token: str) -> bool:
        """Whether this token comes next. If so, it is consumed."""
        if self._left and self._left[-1][1] == token and self._left[-1][0] != "string":
            self._left.pop()
            return True
        return False

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise BadQuery(f"HQL::filter: {token!r} is missing")

    # `and` has precedence over `or`, as usual. The page doesn't say.
    def _either(self) -> Test:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _both(self) -> Test:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self) -> Test:
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        kind, member = self._next()
        if kind != "word" or member not in self._types:
            raise BadQuery(f"HQL::filter: no member {member}")
        self.members.add(member)
        if self._take("not"):
            self._need("in")
            return self._among(member, wanted=False)
        if self._take("in"):
            return self._among(member, wanted=True)
        word = self._next()[1]
        compare = WORDS.get(word)
        if compare is None:
            raise BadQuery(f"HQL::filter: {word!r} is no comparison")
        type_ = self._types[member]
        if word in ("starts", "ends") and type_ in (NUMBER, BOOLEAN):
            raise BadQuery(f"HQL::filter: {member} is no text that {word}")
        value = self._value(member)
        # A member without a value matches no value.
        return lambda row: compare is operator.ne if row.get(member) is None else compare(row[member], value)

    def _among(self, member: str, *, wanted: bool) -> Test:
        self._need("[")
        values = {self._value(member)}
        while self._take(","):
            values.add(self._value(member))
        self._need("]")
        return lambda row: (row.get(member) in values) is wanted

    def _value(self, member: str) -> Any:
        kind, text = self._next()
        type_ = self._types[member]
        if type_ == NUMBER and kind == "number":
            return float(text) if "." in text else int(text)
        if type_ == BOOLEAN and text in ("true", "false") and kind == "word":
            return text == "true"
        if type_ in (STRING, TIME) and kind == "string":
            plain = text[1:-1].replace("''", "'")
            return plain if type_ == STRING else _time(member, plain)
        raise BadQuery(f"HQL::filter: {text} is no value of {member}, which is a {type_}")


def _time(member: str, text: str) -> str:
    """Section 6, 10 and 11: complete, with a colon in the zone. Times are compared as text, so it is converted to the format of
    the output.
    """
    wall = input_date(text)
    if wall is None:
        raise BadQuery(f"HQL::filter: {text} is no complete time for {member}")
    return date_text(wall)


def fields(text: str, types: Mapping[str, str]) -> list[str]:
    """``HQL::fields``: members, separated by commas."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in types:
            raise BadQuery(f"HQL::fields: no member {name!r}")
    return names


def ordered(rows: Iterable[Row], text: str, types: Mapping[str, str]) -> list[Row]:
    """``HQL::sortBy``: ``member ASC|DESC``, separated by commas; a row without the member's value comes first."""
    found = list(rows)
    for part in reversed(text.split(",")):
        name, *order = part.split()[:2] if part.split() else [""]
        if name not in types or order not in ([], ["ASC"], ["DESC"]) or len(part.split()) > 2:
            raise BadQuery(f"HQL::sortBy: {part.strip()!r} isn't understood")
        found.sort(key=_key(name), reverse=order == ["DESC"])
    return found


def _key(name: str) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = row.get(name)
        return (value is not None, "" if value is None else value)

    return key
