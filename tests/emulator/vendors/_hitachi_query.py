# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of JP1/AO's lists: the rows, their order, and the range. Sections: ``hitachi.md``, 3.3."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import Request
from ._hitachi_dates import input_date
from ._hitachi_hql import BadQuery, Filter, Row, fields, ordered

OF_LISTS = ("HQL::filter", "HQL::fields", "HQL::sortBy", "HQL::offset", "HQL::count", "page", "pageSize")
EQUAL = ("serviceID", "scheduleID", "serviceGroupID", "serviceTemplateID")
SEARCHED = ("name", "submitter", "description", "serviceName", "tags", "notes")
MOST = 2147483647  # that of the sibling API


def parameters(request: Request, known: Collection[str]) -> dict[str, str]:
    given = dict(request.query)
    if len(given) < len(request.query):
        raise BadQuery("a query parameter is given twice")
    for name in given:
        if name != "alt" and name not in known:
            raise BadQuery(f"query parameter {name} is not documented here")
    if given.pop("alt", "json") != "json":
        raise BadQuery("the emulator knows only alt=json")
    return given


def _number(given: Mapping[str, str], name: str, least: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= MOST:
        raise BadQuery(f"{name} is a whole number from {least} on")
    return int(text)


@dataclass(frozen=True)
class Window:
    """The requested range."""

    start: int
    size: int | None
    page: int | None  # if pages were requested

    @classmethod
    def of(cls, given: Mapping[str, str], default: int | None, most: int | None) -> Window:
        page, size = _number(given, "page", 1), _number(given, "pageSize", 1)
        start, count = _number(given, "HQL::offset", 0), _number(given, "HQL::count", 1)
        if page is not None and size is None:
            raise BadQuery("page needs pageSize")
        if size is not None:  # page takes precedence over offset
            page = page or 1
            # Pages are counted from 1. A reduced size makes smaller pages.
            size = size if most is None else min(size, most)
            return cls((page - 1) * size, size, page)
        size = count if count is not None else default
        return cls(start or 0, size if most is None else min(size or most, most), None)


@dataclass(frozen=True)
class Answer:
    rows: list[Row]
    count: int
    pagination: dict[str, int] | None
    fields: list[str] | None


def select(
    rows: Iterable[Row],
    given: Mapping[str, str],
    types: Mapping[str, str],
    switches: Mapping[str, Any],
    forbidden: Mapping[str, int] | None = None,
) -> Answer:
    """``forbidden``: members that can't be filtered, with the status of the refusal."""
    window = Window.of(given, switches["default_page_size"], switches["max_page_size"])
    shown = fields(given["HQL::fields"], types) if "HQL::fields" in given else None
    tests = list(_own_filters(given))
    if "HQL::filter" in given:
        wanted = Filter(given["HQL::filter"], types)
        for member in wanted.members & set(forbidden or {}):
            raise BadQuery(f"HQL::filter can't be used on {member}", (forbidden or {})[member])
        tests.append(wanted.passes)
    found = [row for row in rows if all(test(row) for test in tests)]
    if "HQL::sortBy" in given:
        found = ordered(found, given["HQL::sortBy"], types)
    else:
        found.sort(key=lambda row: int(row["instanceID"]))
    end = len(found) if window.size is None else window.start + window.size
    page = found[window.start : end]
    pagination = None
    if window.page is not None and window.size is not None:
        pagination = {"page": window.page, "pageSize": window.size, "numPages": -(-len(found) // window.size)}
    return Answer(page, len(found) if switches["count_means"] == "all" else len(page), pagination, shown)


def _own_filters(given: Mapping[str, str]) -> Iterable[Callable[[Row], bool]]:
    """Section 3.1: the filters of each list in addition to HQL."""
    for name in EQUAL:
        if name in given:
            yield _equal(name, given[name])
    if "tags" in given:
        yield _tagged({tag.strip() for tag in given["tags"].split(",")})
    if "q" in given:
        yield _searched(given["q"].lower().split())
    for name in ("start", "end"):
        if name in given:
            yield _archived(name, given[name])


def _equal(name: str, text: str) -> Callable[[Row], bool]:
    if not (text.isascii() and text.isdigit()):
        raise BadQuery(f"{name} is a number")
    wanted = int(text)
    return lambda row: row.get(name) == wanted


def _tagged(wanted: set[str]) -> Callable[[Row], bool]:
    """Contains all."""
    return lambda row: wanted <= {tag.strip() for tag in row["tags"].split(",")}


def _searched(words: list[str]) -> Callable[[Row], bool]:
    """All words, in any of the members, in any case."""

    def test(row: Row) -> bool:
        text = "\n".join(str(row.get(name) or "") for name in SEARCHED).lower()
        return all(word in text for word in words)

    return test


def _archived(name: str, text: str) -> Callable[[Row], bool]:
    """The page doesn't say to which time start and end refer. Here, it is archiveTime."""
    wall = input_date(text)
    if wall is None:
        raise BadQuery(f"{name} is no complete time such as 2014-07-14T13:44:30+09:00")
    limit = wall

    def test(row: Row) -> bool:
        when = input_date(row["archiveTime"][:-2] + ":" + row["archiveTime"][-2:]) or 0.0
        return when >= limit if name == "start" else when <= limit

    return test
