# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stretches of a stage add up to, and when there is something for the ledger to note."""

from __future__ import annotations

from typing import Any

from ansible_collections.taskops.quiesce.plugins.action.maintenance_stage import Course

Plain = dict[str, Any]


def course(*actions: str) -> Course:
    """One target with one task, to which these actions were sent in earlier rounds."""
    return Course([{"name": "jobs", "state": "paused", "ids": ["1"], "memories": {"1": {"actions": list(actions)}}, "spent": 0}])


def stretch(action: str, *, over: bool = False, **other: Any) -> list[Plain]:
    row = {"id": "1", "told": "running", "action": action, "changed": action != "none", "over": over, "memory": {"actions": [action]}}
    return [{"name": "jobs", "state": "paused", "spent": 4.0, "tasks": [row], **other}]


def test_what_was_sent_is_news() -> None:
    its = course()
    its.take(stretch("pause"))

    assert its.has_news and its.left()[0]["ids"] == ["1"]


def test_what_an_earlier_round_has_sent_is_no_news() -> None:
    its = course("pause")
    its.take(stretch("pause"))

    assert not its.has_news


def test_what_is_over_is_news_and_no_longer_left() -> None:
    its = course("pause")
    its.take(stretch("pause", over=True))

    assert its.has_news and its.left() == []
    assert its.line("stage 10") == "stage 10: 1 of 1 tasks are done"


def test_what_is_left_goes_on_from_its_memory_and_its_time() -> None:
    its = course()
    its.take(stretch("pause"))

    (left,) = its.left()
    assert (left["memories"], left["spent"]) == ({"1": {"actions": ["pause"]}}, 4.0)


def test_a_line_tells_what_is_awaited_and_what_keeps_it() -> None:
    its = course()
    unread = its.line("stage 10")
    its.take(stretch("none", error={"message": "nobody answers."}, over=False))

    assert unread == "stage 10: 0 of 1 tasks are done; awaited: jobs 1 (not read yet)"
    assert its.line("stage 10") == "stage 10: 0 of 1 tasks are done; awaited: jobs 1 (nobody answers.)"
    assert its.is_stuck


def test_a_target_that_is_lost_for_good_is_news() -> None:
    its = course()
    its.take([{"name": "jobs", "state": "paused", "spent": 4.0, "tasks": [], "error": {"message": "you may not."}, "over": True}])

    assert its.has_news and its.left() == []
