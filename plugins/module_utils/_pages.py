# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Lists that come in parts, whichever way a server hands these out; each loop ends, whatever it says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ._errors import Failure

MOST_ITEMS = 100_000

T = TypeVar("T")


def pages(fetch: Callable[[int], Sequence[T]], size: int, key: Callable[[T], Any]) -> Iterator[T]:
    """The items of all pages from 1 on, until one is shorter than `size`; counts that a server tells are not trusted.

    Raises `Failure` (`protocol`) when a full page holds nothing that wasn't on an earlier one, or all of them too much: such a list never
    ends.
    """
    seen: set[Any] = set()
    for number in itertools.count(1):
        page = fetch(number)
        check_length(len(seen) + len(page))
        new = {key(item) for item in page} - seen
        if len(page) >= size and not new:
            raise Failure("protocol", f"page {number} of the list repeats an earlier one, so that it would never end")
        yield from page
        seen |= new
        if len(page) < size:
            return


def until_last(fetch: Callable[[int], tuple[Sequence[T], bool]], key: Callable[[T], Any]) -> Iterator[T]:
    """The items of all pages from 1 on, each once, until a page is told to be the last, is empty or holds nothing new: for a server that
    may cut its pages down. Raises `Failure` (`protocol`) when all of them hold too much.
    """
    seen: set[Any] = set()
    for number in itertools.count(1):
        page, is_last = fetch(number)
        new = [item for item in page if key(item) not in seen]
        check_length(len(seen) + len(new))
        yield from new
        seen |= {key(item) for item in new}
        if is_last or not new:
            return


def by_marker(fetch: Callable[[str | None], tuple[Sequence[T], str | None]], size: int) -> Iterator[T]:
    """The items of all parts of a list, each fetched with the marker that came with the one before.

    Raises `Failure` (`protocol`) when a marker comes again, or all parts hold too much: such a list never ends.
    """
    marker, seen, length = None, set[str | None](), 0
    while True:
        part, following = fetch(marker)
        length += len(part)
        check_length(length)
        yield from part
        if len(part) < size or following is None:
            return
        seen.add(marker)
        if following in seen:
            raise Failure("protocol", "the list gives a marker a second time, so that it would never end")
        marker = following


def check_length(length: int) -> None:
    """Raises `Failure` (`protocol`) for a list with more items than any system has."""
    if length > MOST_ITEMS:
        raise Failure("protocol", f"the list has more than {MOST_ITEMS} items, so that it may never end; narrow it by filters")
