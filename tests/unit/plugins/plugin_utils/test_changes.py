# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a change, and when all is quiet."""

from __future__ import annotations

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._lifecycle import Observation
from ansible_collections.taskops.quiesce.plugins.module_utils._text import harmless
from ansible_collections.taskops.quiesce.plugins.plugin_utils._changes import Known, changes, known, quiet, still_watched, vanished_at_work

from tests.unit.support import MILL

RUNNING = known(MILL, Observation("a", "running", name="the first"), None)
HELD = known(MILL, Observation("a", "held", name="the first"), None)
GONE_WHILE_RUNNING = known(MILL, None, RUNNING)
GONE_AT_REST = known(MILL, None, HELD)


@pytest.mark.parametrize(
    ("spelling", "at_rest"),
    [
        *(("queued", False), ("running", False), ("stopping", False), ("jammed", False), ("never heard of", False)),
        *(("held", True), ("stopped", True), ("done", True), ("broken", True)),
    ],
)
def test_at_rest_is_what_does_not_run_and_does_not_begin_by_itself(spelling: str, at_rest: bool) -> None:
    assert known(MILL, Observation("a", spelling), None).at_rest is at_rest


def test_a_vanished_task_keeps_its_name_and_is_as_restful_as_it_was() -> None:
    assert Known("the first", "absent", None, False) == GONE_WHILE_RUNNING
    assert Known("the first", "absent", None, True) == GONE_AT_REST


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (RUNNING, HELD, "changed"),
        (RUNNING, GONE_WHILE_RUNNING, "vanished"),
        (GONE_WHILE_RUNNING, RUNNING, "appeared"),
        (None, RUNNING, "appeared"),
        (RUNNING, RUNNING, ""),
        (GONE_AT_REST, GONE_AT_REST, ""),
    ],
)
def test_a_change_is_told_by_its_kind_and_nothing_else_is(before: Known | None, after: Known, kind: str) -> None:
    found = list(changes({"a": before} if before else {}, {"a": after}, initial=True))

    assert [change.kind for change in found] == ([kind] if kind else [])
    assert all((change.before, change.after) == (before, after) for change in found)


def test_another_word_of_the_vendor_for_the_same_state_is_a_change() -> None:
    failed = Known("x", "failed", "Fail", True)

    assert [change.kind for change in changes({"a": failed}, {"a": Known("x", "failed", "Aborted", True)}, False)] == ["changed"]


def test_another_name_is_none() -> None:
    assert not list(changes({"a": Known("x", "failed", "Fail", True)}, {"a": Known("y", "failed", "Fail", True)}, False))


@pytest.mark.parametrize(("initial", "kinds"), [(True, ["found", "found"]), (False, [])])
def test_the_first_look_is_told_only_if_asked_for(initial: bool, kinds: list[str]) -> None:
    assert [change.kind for change in changes(None, {"a": RUNNING, "b": HELD}, initial)] == kinds


def test_a_selection_follows_what_has_left_it_until_it_is_at_rest_or_gone() -> None:
    seen = {"listed": HELD, "left running": RUNNING, "left at rest": HELD, "vanished": GONE_WHILE_RUNNING, "vanished at rest": GONE_AT_REST}

    assert list(still_watched(seen, {"listed"})) == ["listed", "left running"]


def test_what_vanished_at_work_counts_until_new_work_begins_or_it_is_there_again() -> None:
    gone = {"a": GONE_WHILE_RUNNING, "b": HELD}
    unseen = vanished_at_work({"a": RUNNING, "b": RUNNING}, gone, {"b": HELD}, ())

    assert unseen == ("a",)
    assert vanished_at_work({"b": HELD}, {"b": HELD}, {"b": HELD}, unseen) == ("a",)
    assert vanished_at_work({"b": HELD}, {"b": RUNNING}, {"b": RUNNING}, unseen) == ()
    assert vanished_at_work({"b": HELD}, {"a": HELD, "b": HELD}, {"a": HELD, "b": HELD}, unseen) == ()
    assert not quiet({"b": HELD}, len(unseen)).all_quiet


def test_tasks_that_vanish_at_rest_are_out_of_nobodys_sight() -> None:
    assert vanished_at_work({"a": HELD}, {"a": GONE_AT_REST}, {}, ()) == ()


def test_a_watch_of_weeks_remembers_so_many_and_no_more() -> None:
    seen = {str(number): GONE_WHILE_RUNNING for number in range(3000)}

    assert len(vanished_at_work({}, seen, {}, [f"older {number}" for number in range(3000)])) == 1000


@pytest.mark.parametrize("text", ["{{ 1 + 1 }}", "{% if 1 %}", "{# c #}", "#jinja2:trim_blocks:True", "an\x1b[31m escape\nand a line"])
def test_a_vendors_text_is_harmless_from_the_first_look_on(text: str) -> None:
    task = known(MILL, Observation("a", text, name=text), None)

    assert task.name == task.vendor_state == harmless(text)


def test_a_task_that_vanished_at_work_is_not_running_but_keeps_all_quiet_away() -> None:
    found = quiet({"a": HELD, "b": GONE_WHILE_RUNNING, "c": GONE_AT_REST})

    assert (found.total, found.running, found.vanished, found.all_quiet) == (3, 0, 1, False)


def test_all_are_quiet_when_none_is_at_work() -> None:
    assert quiet({"a": HELD, "c": GONE_AT_REST}).all_quiet
    assert not quiet({"a": HELD, "b": RUNNING}).all_quiet
