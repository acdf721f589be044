# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls side by side: how many at once, what is raised, and that nobody is waited for once the caller itself was struck."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial
from types import FrameType

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._threads import side_by_side


class Struck(BaseException):
    """As Ansible's own exception for `timeout:` is."""


def test_as_many_calls_are_under_way_as_wanted_and_no_more() -> None:
    barrier = threading.Barrier(3, timeout=10)
    done: list[int] = []
    under_way: set[int] = set()
    most: list[int] = []

    def call(number: int) -> None:
        under_way.add(number)
        most.append(len(under_way))
        barrier.wait()
        under_way.discard(number)
        done.append(number)

    side_by_side([partial(call, number) for number in range(9)], 3)

    assert (sorted(done), max(most)) == (list(range(9)), 3)


@pytest.mark.parametrize("most", [2, 4])
def test_the_first_exception_is_raised_when_all_have_ended(most: int) -> None:
    done: list[int] = []

    def call(number: int) -> None:
        time.sleep(0.02 * (4 - number))
        done.append(number)
        if number:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        side_by_side([partial(call, number) for number in range(4)], most)

    assert sorted(done) == [0, 1, 2, 3]


def test_a_signal_s_exception_waits_for_no_call_and_begins_none() -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        go_on.wait(10)

    def strike(_number: int, _frame: FrameType | None) -> None:
        raise Struck

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    start = time.monotonic()
    try:
        with pytest.raises(Struck):
            side_by_side([partial(call, number) for number in range(50)], 4)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    took = time.monotonic() - start
    go_on.set()
    time.sleep(0.1)

    assert took < 5 and len(begun) == 4
