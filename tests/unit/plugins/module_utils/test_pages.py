# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in parts: every item is read, none that nobody wants, and a list that never ends is a failure."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.module_utils._pages import by_marker, pages


@pytest.mark.parametrize(("count", "fetched"), [(0, 1), (2, 1), (3, 2), (7, 3)])
def test_pages_are_read_until_one_isn_t_full(count: int, fetched: int) -> None:
    asked = []

    def page(number: int) -> list[int]:
        asked.append(number)
        return list(range(count))[(number - 1) * 3 : number * 3]

    assert list(pages(page, 3, key=lambda item: item)) == list(range(count))
    assert asked == list(range(1, fetched + 1))


def test_pages_that_repeat_themselves_for_ever_are_a_failure() -> None:
    with pytest.raises(Failure, match="page 2 of the list repeats") as caught:
        list(pages(lambda _number: [1, 2, 3], 3, key=lambda item: item))

    assert caught.value.code == "protocol"


def test_a_row_that_moves_to_the_next_page_meanwhile_is_no_failure() -> None:
    listed = [[1, 2, 3], [3, 4, 5], [6]]

    assert list(pages(lambda number: listed[number - 1], 3, key=lambda item: item)) == [1, 2, 3, 3, 4, 5, 6]


def test_no_page_is_read_that_nobody_wants() -> None:
    asked = []
    found = pages(lambda number: asked.append(number) or [number], 1, key=lambda item: item)  # type: ignore[func-returns-value]

    assert next(found) == 1 and asked == [1]


def test_parts_are_fetched_with_the_marker_that_came_with_the_one_before() -> None:
    parts: dict[str | None, tuple[list[int], str | None]] = {None: ([1, 2], "a"), "a": ([3, 4], "b"), "b": ([5], "c")}

    assert list(by_marker(parts.__getitem__, 2)) == [1, 2, 3, 4, 5]


def test_a_full_part_without_a_marker_is_the_last_one() -> None:
    assert list(by_marker(lambda _marker: ([1, 2], None), 2)) == [1, 2]


def test_a_marker_that_comes_again_is_a_failure() -> None:
    parts: dict[str | None, tuple[list[int], str | None]] = {None: ([1], "a"), "a": ([2], "b"), "b": ([3], "a")}

    with pytest.raises(Failure, match="a marker a second time") as caught:
        list(by_marker(parts.__getitem__, 1))

    assert caught.value.code == "protocol"
