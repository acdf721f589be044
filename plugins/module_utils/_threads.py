# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Calls in parallel threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence


def side_by_side(calls: Sequence[Callable[[], None]], most: int) -> None:
    """Make the calls, at most `most` of them at once. The first exception is raised after all of them have ended.

    An exception in the calling thread itself, such as Ansible's `timeout:` by a signal, waits for none of them: no further call begins, and
    the threads don't keep the process from ending. A pool of `concurrent.futures` would wait for its slowest call.
    """
    if min(most, len(calls)) <= 1:
        for call in calls:
            call()
        return
    todo = deque(enumerate(calls))
    errors: dict[int, BaseException] = {}

    def work() -> None:
        while True:
            try:
                number, call = todo.popleft()
            except IndexError:
                return
            try:
                call()
            except BaseException as error:
                errors[number] = error

    threads = [threading.Thread(target=work, name="taskops.quiesce", daemon=True) for _number in range(min(most, len(calls)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        todo.clear()
        raise
    if errors:
        raise errors[min(errors)]
