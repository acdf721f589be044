# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in parts: every item is read or the list says that it may lack some, and a list that never ends is a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._pages import (
    MOVED,
    UNLIKE,
    Listing,
    Part,
    by_marker,
    next_page,
    numbered,
    warn_of_doubt,
)
from hypothesis import given
from hypothesis import strategies as st

Rows = list[Any]
Change = Callable[[Rows], None]


class Server:
    """A list in pages counted by rows. `changes` come in their order, each right after an answer; `cut` is the most rows of a page."""

    def __init__(
        self, rows: Sequence[Any], *changes: Change, cut: int = 10**6, total: int | str | None = None, tells_last: bool = True
    ) -> None:
        self.rows = list(rows)
        self.changes = list(changes)
        self.cut, self.total, self.tells_last = cut, total, tells_last
        self.asked: list[tuple[int, int]] = []
        self.always = set(rows)

    def __call__(self, number: int, size: int) -> Part[Any]:
        self.asked.append((number, size))
        size = min(size, self.cut)
        page = self.rows[(number - 1) * size : number * size]
        total = len(self.rows) if self.total == "true" else self.total
        part = Part(page, total, number * size >= len(self.rows) if self.tells_last else None)  # type: ignore[arg-type]
        if self.changes:
            self.changes.pop(0)(self.rows)
            self.always &= set(self.rows)
        return part

    def __repr__(self) -> str:
        return f"Server({self.always}, cut={self.cut}, total={self.total}, tells_last={self.tells_last}, asked={self.asked})"

    def read(self, size: int, wanted: Sequence[Any] = (), *, prove: bool = True) -> Listing[Any]:
        return numbered(self, size, lambda row: row, wanted, prove=prove)


def same(_rows: Rows) -> None:
    """Nothing happens."""


def without(*gone: Any) -> Change:
    def apply(rows: Rows) -> None:
        rows[:] = [row for row in rows if row not in gone]

    return apply


def with_first(*new: Any) -> Change:
    return lambda rows: rows.__setitem__(slice(0, 0), new)


@pytest.mark.parametrize(("count", "asked"), [(0, 1), (1, 1), (100, 1), (101, 2), (198, 2), (199, 3), (1000, 11), (5000, 57)])
def test_pages_cost_little_more_than_their_rows(count: int, asked: int) -> None:
    """A list of one page costs nothing more. Laid over one another, 10 pages of 100 take one more request, and 50 take seven."""
    server = Server(range(count))

    found = server.read(100)

    assert found == list(range(count)) and not found.doubt and len(server.asked) == asked


@pytest.mark.parametrize("size", [3, 4, 5, 12, 13, 50, 500, 1000])
def test_each_page_holds_the_last_row_of_those_before(size: int) -> None:
    end = size
    for _page in range(60):
        number, length = next_page(end, size)
        start = (number - 1) * length
        assert length <= size and start <= end < number * length
        assert start < end or size <= 12
        end = number * length


def test_a_row_that_a_deletion_moves_to_the_page_before_is_found_by_reading_again() -> None:
    server = Server(range(25), without(3))

    found = server.read(10)

    assert found == [row for row in range(25) if row != 3] and not found.doubt
    assert server.asked == [(1, 10), (2, 9), (1, 10), (2, 9), (3, 8)]


def test_a_last_row_that_is_deleted_is_no_end() -> None:
    server = Server(range(10), without(2), tells_last=False)

    assert server.read(10) == [0, 1, 3, 4, 5, 6, 7, 8, 9] and len(server.asked) == 4


def test_a_row_that_an_insertion_moves_to_the_next_page_comes_once() -> None:
    found = Server(range(25), with_first("new")).read(10)

    assert sorted(map(str, found)) == sorted(map(str, ["new", *range(25)])) and not found.doubt


def test_a_row_that_is_moved_to_the_front_is_found() -> None:
    """As in a list that is ordered by the last change."""
    found = Server(range(25), lambda rows: rows.insert(0, rows.pop(20))).read(10)

    assert set(found) == set(range(25)) and not found.doubt


def test_a_list_that_never_comes_to_rest_says_so_and_is_read_three_times() -> None:
    server = Server(range(30), *[without(number) for number in range(20)])

    found = server.read(10)

    assert found.doubt == MOVED and server.always <= {*found, *range(20)}
    assert [place for place in server.asked if place == (1, 10)] == [(1, 10)] * 3 and len(server.asked) <= 10


def test_a_doubt_is_warned_of_once() -> None:
    warnings: list[str] = []

    for _look in range(2):
        warn_of_doubt(Listing([], MOVED), "JP1/AO", warnings)
    warn_of_doubt([], "JP1/AO", warnings)

    assert warnings == [
        "the list of JP1/AO may lack tasks, since it changed each of the 3 times that it was read; run it again when fewer tasks "
        "change there, or name the tasks by their ids"
    ]


def test_a_row_that_a_server_lists_twice_by_itself_is_no_change() -> None:
    server = Server([1, 2, 2, 3])

    assert server.read(10) == [1, 2, 3] and not server.read(10).doubt


def test_pages_that_a_server_cuts_down_are_read_in_its_own_size() -> None:
    server = Server(range(100), cut=10)

    assert server.read(500) == list(range(100)) and server.asked[:2] == [(1, 500), (2, 9)]


def test_pages_too_small_to_be_compared_are_read_and_doubted() -> None:
    found = Server(range(9), cut=1).read(500)

    assert found == list(range(9)) and found.doubt == UNLIKE


@pytest.mark.parametrize("total", [0, 3, None, "true"])
def test_a_count_that_isn_t_over_the_truth_is_no_reason_for_doubt(total: int | str | None) -> None:
    server = Server(range(7), total=total)

    assert not server.read(10).doubt and len(server.asked) == 1


def test_a_count_over_what_is_shown_is_told_after_a_second_reading() -> None:
    server = Server(range(7), total=9)

    found = server.read(10)

    assert found == list(range(7)) and found.missing == 2
    assert found.doubt == "has 9 of them by its own count and shows 7" and len(server.asked) <= 6


def test_a_server_that_ends_too_early_by_its_own_count_is_asked_on() -> None:
    server = Server(range(30), cut=10, total="true")

    def ends_early(number: int, size: int) -> Part[int]:
        return Part(server(number, size).rows, 30, is_last=True)

    assert numbered(ends_early, 500, lambda row: row) == list(range(30))


def test_pages_that_repeat_themselves_for_ever_are_a_failure() -> None:
    asked = []

    with pytest.raises(Failure, match="page 2 of the list repeats") as caught:
        numbered(lambda number, size: asked.append(number) or Part([1, 2, 3][:size]), 3, key=lambda row: row)  # type: ignore[func-returns-value]

    assert caught.value.code == "protocol" and asked == [1, 2] * 3


def test_a_server_that_knows_no_pages_gives_all_at_once() -> None:
    asked = []

    assert numbered(lambda *place: asked.append(place) or Part([1, 2, 3]), 500, key=lambda row: row) == [1, 2, 3]  # type: ignore[func-returns-value]
    assert len(asked) == 2


def test_no_page_is_read_that_nobody_wants() -> None:
    server = Server(range(30))

    assert set(server.read(10, [3, 12])) >= {3, 12} and server.asked == [(1, 10), (2, 9)]


def test_what_is_asked_for_otherwise_is_read_once_in_pages_of_one_size() -> None:
    server = Server(range(25), without(3))

    server.read(10, ["not there"], prove=False)

    assert server.asked == [(1, 10), (2, 10), (3, 10)]


@st.composite
def changing(draw: st.DrawFn) -> Server:
    """A list that changes between any two answers: rows go, and others come anywhere."""

    def change(gone: Sequence[int], new: Sequence[int], number: int) -> Change:
        def apply(rows: Rows) -> None:
            for place in gone:
                if rows:
                    rows.pop(place % len(rows))
            for place in new:
                rows.insert(place % (len(rows) + 1), ("new", number, len(rows)))

        return apply

    places = st.lists(st.integers(0, 60), max_size=4)
    changes = draw(st.lists(st.one_of(st.just(([], [])), st.tuples(places, places)), max_size=40))
    cut, total, tells_last = draw(st.sampled_from([10**6, 7, 3, 1])), draw(st.sampled_from([None, "true", 0, 5])), draw(st.booleans())
    # Of pages of one or two rows nothing tells the last, if the server doesn't.
    tells_last = tells_last or cut < 3
    made = [change(*one, number) for number, one in enumerate(changes)]
    return Server(range(draw(st.integers(0, 60))), *made, cut=cut, total=total, tells_last=tells_last)


@given(server=changing(), size=st.sampled_from([3, 5, 10, 20]))
def test_what_was_there_all_the_time_is_in_the_list_or_the_list_is_doubted(server: Server, size: int) -> None:
    try:
        found = server.read(size)
    except Failure as failure:
        assert failure.code == "protocol"
    else:
        assert server.always <= set(found) or found.doubt
        assert len(found) == len(set(found))


@given(server=changing(), size=st.sampled_from([3, 5, 10, 20]))
def test_a_list_that_changes_all_the_time_is_read_to_an_end(server: Server, size: int) -> None:
    with suppress(Failure):
        server.read(size)

    # Three times, each with a request for every second row at worst.
    assert len(server.asked) <= 3 * (60 + 4 * 40 + 3)


# By marker


def parts(*given: tuple[Rows, str | None], total: int | None = None) -> Callable[[str | None], Part[Any]]:
    """Each part with the marker of the next; the first has none."""
    markers = [None, *(marker for _rows, marker in given)]
    by_its_marker = dict(zip(markers, given, strict=False))
    return lambda marker: Part(by_its_marker[marker][0], total, marker=by_its_marker[marker][1])


def test_parts_are_fetched_with_the_marker_that_came_with_the_one_before() -> None:
    assert by_marker(parts(([1, 2], "a"), ([3, 4], "b"), ([5], "c")), 2, int) == [1, 2, 3, 4, 5]


def test_a_full_part_without_a_marker_is_the_last_one() -> None:
    assert by_marker(lambda _marker: Part([1, 2]), 2, int) == [1, 2]


def test_a_marker_that_comes_again_is_a_failure() -> None:
    with pytest.raises(Failure, match="a marker a second time") as caught:
        by_marker(parts(([1], "a"), ([2], "b"), ([3], "a")), 1, int)

    assert caught.value.code == "protocol"


def test_a_short_part_is_no_end_where_the_server_counts_more() -> None:
    assert by_marker(parts(([1], "a"), ([2, 3], "b"), ([], None), total=3), 2, int) == [1, 2, 3]


def test_parts_that_show_less_than_the_server_counts_are_doubted() -> None:
    found = by_marker(parts(([1, 2], "a"), ([2], None), total=3), 2, int)

    assert found == [1, 2, 2] and found.doubt == "has 3 of them by its own count and shows 2"


def test_a_part_that_a_server_left_out_once_is_found_by_reading_again() -> None:
    answers = iter([Part([1, 2], 3), Part([1, 2], 3, marker="a"), Part([3], 3)])

    found = by_marker(lambda _marker: next(answers), 2, int)

    assert found == [1, 2, 3] and not found.doubt


def test_no_part_is_fetched_that_nobody_wants() -> None:
    assert by_marker(parts(([1, 2], "a")), 2, int, [2]) == [1, 2]
