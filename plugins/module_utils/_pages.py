# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Lists that a server sends in parts, by page number or by marker. A list is complete, or it says that it may not be.

Pages are counted by rows. If a row in front of the next page is deleted, all later rows move up by one, and the row that was the first of
the next page is on no page. So each page after the first is requested with a size that makes it begin with rows of the page before. As long
as exactly these rows come again, nothing has moved and no row was left out. If something has moved, the list is read again, up to `PASSES`
times. This proves that a list is complete if its rows keep their order. If rows change places, it finds all changes that reach the end of a
page.

A marker is the position of a row and not a number of rows, so that nothing moves. There the list is compared with the server's own count.

Each loop ends, whatever the server sends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ._errors import Failure

MOST_ITEMS = 100_000
PASSES = 3
# Smaller pages can't overlap.
LEAST_SIZE = 3

MOVED = f"changed each of the {PASSES} times that it was read"
UNLIKE = "comes in pages that are too small to be compared"

T = TypeVar("T")
Key = Callable[[T], Hashable]


@dataclass(frozen=True)
class Part(Generic[T]):
    """One part of a list.

    `total` is the number of rows that the server states for the whole list. `is_last` is whether the server says that no part follows
    (None: it doesn't say). `marker` is what the next part is requested with, if the server gives one.
    """

    rows: Sequence[T]
    total: int | None = None
    is_last: bool | None = None
    marker: str | None = None


class Listing(list[T]):
    """A list as it was read.

    `doubt` says why the list may be incomplete, as the end of a sentence that begins with "the list"; it's empty for a complete list.
    `missing` counts the rows that the server counts and never shows.
    """

    def __init__(self, rows: Iterable[T] = (), doubt: str = "", missing: int = 0) -> None:
        super().__init__(rows)
        self.doubt = doubt
        self.missing = missing


def doubt_of(found: Sequence[Any]) -> str:
    """Why the list may be incomplete; empty if it's complete."""
    return found.doubt if isinstance(found, Listing) else ""


def warn_of_doubt(found: Sequence[Any], system: str, warnings: list[str]) -> None:
    """Add to `warnings`, once, that the system's list may lack tasks."""
    if doubt := doubt_of(found):
        advice = "run it again when fewer tasks change there, or name the tasks by their ids"
        warning = f"the list of {system} may lack tasks, since it {doubt}; {advice}"
        warnings += [] if warning in warnings else [warning]


def numbered(
    fetch: Callable[[int, int], Part[T]], size: int, key: Key[T], requested: Collection[Any] = (), *, prove: bool = True
) -> Listing[T]:
    """The rows of all pages, each once. `fetch` gets a page's number, from 1 on, and its size, which is `size` at most.

    With `requested`, reading ends as soon as the rows with all of these keys were seen. `prove` is false if the caller reads the missing
    rows in another way: the list is then read once, without overlap. A server may shorten its pages. Raises `Failure` (`protocol`) if the
    server repeats one page for ever, or if all pages together hold too many rows: such a list never ends.
    """
    found: dict[Any, T] = {}
    this = earlier = None
    passes = PASSES if prove else 1
    for number in range(1, passes + 1):
        this, earlier = _Pass(fetch, size, key, frozenset(requested), prove), this
        this.read(to_the_end=number == passes)
        found.update(this.rows)
        if this.has_all_requested:
            return Listing(found.values())
        if this.doubt == UNLIKE:
            break
        # Two passes with the same result show that nothing changed meanwhile. Such a server lists a row twice, or counts more rows than it
        # shows.
        is_steady = earlier is not None and not this.doubt and this.order == earlier.order
        if not this.doubt and not this.missing and (is_steady or not this.is_repeated):
            return Listing(this.rows.values())
        if is_steady:
            return Listing(found.values(), _short(this.total, len(found)), this.missing)
    if this and this.repeats and len(found) == size:
        # The server has repeated one full page, and sent no other row.
        raise Failure("protocol", f"page {this.repeats} of the list repeats an earlier one, so that it would never end")
    return Listing(found.values(), (this and this.doubt) or MOVED)


def by_marker(
    fetch: Callable[[str | None], Part[T]], size: int, key: Key[T], requested: Collection[Any] = (), *, prove: bool = True
) -> Listing[T]:
    """The rows of all parts, including repeated ones. Each part is requested with the marker of the part before.

    `requested` and `prove` are as for `numbered`. Raises `Failure` (`protocol`) if a marker is repeated, or if all parts together hold too
    many rows: such a list never ends.
    """
    keys: list[Any] = []
    for _number in range(PASSES if prove else 1):
        rows, total = _read_by_marker(fetch, size, key, frozenset(requested))
        earlier, keys = keys, [key(row) for row in rows]
        missing = max(0, (total or 0) - len(set(keys)))
        if not missing or (requested and set(requested) <= set(keys)):
            return Listing(rows)
        if keys == earlier:
            break
    return Listing(rows, _short(total, len(set(keys))), missing)


def _short(total: int | None, shown: int) -> str:
    return f"has {total} of them by its own count and shows {shown}"


def check_length(length: int) -> None:
    """Raises `Failure` (`protocol`) for a list with more items than any real system has."""
    if length > MOST_ITEMS:
        raise Failure("protocol", f"the list has more than {MOST_ITEMS} items, so that it may never end; narrow it by filters")


def next_page(end: int, size: int) -> tuple[int, int]:
    """The number and the size of the page that reaches furthest and still holds the last of the `end` rows read so far. Its size is `size`
    at most.

    A page's number and size alone determine where it begins, so the size has to be chosen to fit.
    """
    best = max(range(size, 1, -1), key=lambda length: length * ((end - 1) // length + 1), default=size)
    number = (end - 1) // best + 1
    # Any size up to 12 may divide the number of rows.
    return (number, best) if number * best > end and size >= LEAST_SIZE else (end // size + 1, size)


@dataclass
class _Pass(Generic[T]):
    """One pass over all pages.

    `order` holds the keys by their places in the server's list, and `rows` each row once. `doubt` says what moved during the pass.
    `is_repeated` is true if a row came twice. `total` is the server's latest count. `more_to_come` is true if the server said that more
    rows follow, and `was_full` if the last page was as long as requested. `repeats` is the number of the last page if that repeated the
    first one.
    """

    fetch: Callable[[int, int], Part[T]]
    size: int
    key: Key[T]
    requested: frozenset[Any]
    overlaps: bool = True
    rows: dict[Any, T] = field(default_factory=dict)
    order: list[Any] = field(default_factory=list)
    doubt: str = ""
    is_repeated: bool = False
    total: int | None = None
    more_to_come: bool = False
    was_full: bool = False
    repeats: int = 0

    @property
    def has_all_requested(self) -> bool:
        return bool(self.requested) and self.requested <= self.rows.keys()

    @property
    def missing(self) -> int:
        return max(0, (self.total or 0) - len(self.rows))

    def read(self, *, to_the_end: bool) -> None:
        """Read page by page until the list ends or, unless `to_the_end`, until something has moved."""
        place, is_over = (1, self.size), False
        while not is_over and not self.has_all_requested and (to_the_end or self.doubt != MOVED):
            part = self.fetch(*place)
            is_over = not self._take(part, *place)
            if not self.overlaps:
                place = place[0] + 1, self.size
            elif not is_over:
                self.size = min(self.size, len(part.rows)) if len(part.rows) < place[1] else self.size
                place = next_page(len(self.order), self.size)

    def _take(self, part: Part[T], number: int, length: int) -> bool:
        """Add a page. Returns false if no other page follows."""
        keys = [self.key(row) for row in part.rows]
        fresh = [key for key in dict.fromkeys(keys) if key not in self.rows]
        check_length(len(self.rows) + len(fresh))
        self.total = part.total
        if keys == self.order and len(keys) > length:
            # The server ignores page and size, and has sent the whole list.
            return False
        self.repeats = number if keys and keys == self.order[: len(keys)] else 0
        start = (number - 1) * length
        again = self.order[start:]
        if again != keys[: len(again)] or (self.more_to_come and not keys):
            self.doubt = MOVED
        elif start and not again and (keys or self.was_full):
            self.doubt = self.doubt or UNLIKE
        self.is_repeated = self.is_repeated or len(fresh) < len(keys) - len(again)
        self.order[start:] = keys
        self.rows.update(zip(keys, part.rows, strict=True))
        self.more_to_come, self.was_full = part.is_last is False, len(keys) >= length
        return bool(fresh) and (not part.is_last or self.missing > 0)


def _read_by_marker(
    fetch: Callable[[str | None], Part[T]], size: int, key: Key[T], requested: frozenset[Any]
) -> tuple[list[T], int | None]:
    marker, used, rows, seen = None, set[str | None](), list[T](), set[Any]()
    while True:
        part = fetch(marker)
        rows += part.rows
        seen.update(map(key, part.rows))
        check_length(len(rows))
        is_short = len(part.rows) < size and (part.total is None or part.total <= len(seen))
        has_all_requested = bool(requested) and requested <= seen
        if not part.rows or part.marker is None or part.is_last or is_short or has_all_requested:
            return rows, part.total
        used.add(marker)
        if part.marker in used:
            raise Failure("protocol", "the list gives a marker a second time, so that it would never end")
        marker = part.marker
