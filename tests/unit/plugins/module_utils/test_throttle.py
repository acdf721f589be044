# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a server is asked, before and after it said that it's too much."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._throttle import Throttle

from tests.unit.support import FakeClock


def test_nobody_waits_before_the_server_complains() -> None:
    throttle = Throttle(FakeClock())

    assert [throttle.turn() for _request in range(5)] == [0, 0, 0, 0, 0]


def test_after_a_complaint_all_wait_and_then_go_one_after_the_other() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    throttle.slow_down(clock.now(), pause=5)

    assert [throttle.turn() for _request in range(3)] == pytest.approx([5, 5.25, 5.5])


def test_requests_that_were_under_way_together_complain_once() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    begun = clock.now()
    clock.sleep(0.1)
    for _request in range(6):
        throttle.slow_down(begun, pause=1)
        clock.sleep(0.01)
    first, second = throttle.turn(), throttle.turn()

    assert second - first == pytest.approx(0.25)


def test_each_later_complaint_makes_it_slower_up_to_a_limit() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    spacings = []
    for _complaint in range(8):
        clock.sleep(1)
        throttle.slow_down(clock.now(), pause=0)
        first, second = throttle.turn(), throttle.turn()
        spacings.append(second - first)

    assert spacings == pytest.approx([0.25, 0.5, 1, 2, 4, 8, 8, 8])


def test_a_quiet_time_isn_t_waited_for_twice() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    throttle.slow_down(clock.now(), pause=1)
    clock.sleep(10)

    assert throttle.turn() == 0
