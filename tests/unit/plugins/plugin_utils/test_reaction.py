# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often all_quiet is told to those who have to react to it, and what ends that."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.taskops.quiesce.plugins.plugin_utils._reaction import Reaction


class Attempts:
    """A reaction under a clock of its own: three attempts, a first pause of 30 s, an hour for each."""

    def __init__(self, folder: Path) -> None:
        self.time = 0.0
        self.file = folder / "tried"
        self.its = Reaction(str(self.file), 3, 30, 3600, now=lambda: self.time)

    def ends(self) -> None:
        """The rule's last action has run."""
        self.file.touch()
        assert self.its.ends_now()

    def is_due_after(self, seconds: float) -> bool:
        self.time += seconds
        return self.its.is_due()


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(tmp_path)


def test_nothing_is_due_before_a_first_attempt_or_while_one_is_under_way(attempts: Attempts) -> None:
    assert not attempts.is_due_after(1e6)
    attempts.its.begin()
    assert not attempts.is_due_after(3000)
    assert not attempts.its.ends_now()


def test_the_next_attempt_is_due_a_pause_after_the_end_of_one_and_the_pauses_double(attempts: Attempts) -> None:
    attempts.its.begin()
    attempts.ends()
    assert not attempts.is_due_after(29)
    assert attempts.is_due_after(1)

    attempts.its.begin()
    attempts.ends()
    assert not attempts.is_due_after(59)
    assert attempts.is_due_after(1)


def test_no_pause_is_over_a_quarter_of_an_hour(attempts: Attempts) -> None:
    for _number in range(20):
        attempts.its.begin()

    assert attempts.its.next_pause == 900


def test_an_end_is_noticed_once(attempts: Attempts) -> None:
    attempts.its.begin()
    attempts.ends()

    assert not attempts.its.ends_now()


def test_what_an_earlier_attempt_left_is_no_end_of_this_one(attempts: Attempts) -> None:
    attempts.file.touch()
    attempts.its.begin()

    assert not attempts.its.ends_now()


def test_an_attempt_that_nobody_ends_has_ended_after_its_time(attempts: Attempts) -> None:
    attempts.its.begin()
    attempts.time += 3601

    assert attempts.its.ends_now()


def test_an_attempt_that_cannot_begin_is_one_that_failed(attempts: Attempts) -> None:
    attempts.its.begin()
    attempts.ends()
    attempts.its.skip()

    assert attempts.its.attempt == 2
    assert attempts.is_due_after(60)
    attempts.its.skip()
    assert attempts.its.was_last


def test_work_that_begins_again_begins_the_count_again(attempts: Attempts) -> None:
    attempts.its.begin()
    attempts.ends()
    attempts.its.forget()

    assert not attempts.is_due_after(1e6)
    attempts.its.begin()
    assert attempts.its.attempt == 1
