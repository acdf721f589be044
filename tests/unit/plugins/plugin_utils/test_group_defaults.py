# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a play's module_defaults hold for a vendor, and what becomes of a target by them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskops.quiesce.plugins.plugin_utils._group_defaults import GroupDefaults, under_options

OMIT = "__omit_place_holder__7"


class Templar:
    """Keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def template(self, value: Any) -> Any:
        self.asked.append(value)
        return value


def of(vendor: str, *defaults: dict[str, Any]) -> dict[str, Any]:
    return GroupDefaults(list(defaults), Templar(), OMIT).of(vendor)


def test_a_vendor_s_group_and_the_group_of_all_hold_in_the_order_in_which_they_are_written() -> None:
    play = {"group/taskops.quiesce.all": {"timeout": 1, "retries": 1}, "group/taskops.quiesce.hitachi": {"timeout": 2}}

    assert of("hitachi", play) == {"timeout": 2, "retries": 1}
    assert of("huawei", play) == {"timeout": 1, "retries": 1}


def test_an_inner_group_takes_the_place_of_an_outer_one_as_with_ansible_s_own_modules() -> None:
    assert of(
        "hitachi", {"group/taskops.quiesce.hitachi": {"url": "u", "timeout": 2}}, {"group/taskops.quiesce.hitachi": {"timeout": 3}}
    ) == {"timeout": 3}


def test_what_is_to_be_omitted_is() -> None:
    assert of("hitachi", {"group/taskops.quiesce.hitachi": {"proxy": OMIT, "url": "u"}}) == {"url": "u"}


def test_other_groups_and_single_modules_are_left_alone() -> None:
    templar = Templar()
    other = {
        "group/aws": {"region": "{{ nobody }}"},
        "taskops.quiesce.hitachi_task": {"wait": False},
        "group/taskops.quiesce.iotda": {"a": 1},
    }

    assert GroupDefaults([other], templar, None).of("hitachi") == {} and templar.asked == []


@pytest.mark.parametrize("none", [None, []])
def test_no_defaults_are_none(none: Any) -> None:
    assert GroupDefaults(none, Templar(), OMIT).of("hitachi") == {}


def test_a_target_s_own_options_go_first_and_what_is_left_out_stays_out() -> None:
    defaults = GroupDefaults([{"group/taskops.quiesce.hitachi": {"url": "u", "wait": False, "timeout": 2}}], Templar(), OMIT)

    assert under_options(defaults, {"vendor": "hitachi", "options": {"timeout": 9}}, frozenset({"wait"})) == {
        "vendor": "hitachi",
        "options": {"url": "u", "timeout": 9},
    }


@pytest.mark.parametrize("odd", ["hitachi", {"vendor": "hitachi", "options": ["url"]}, {"vendor": "nobody"}, None])
def test_what_is_no_target_stays_as_it_is(odd: Any) -> None:
    defaults = GroupDefaults([{"group/taskops.quiesce.hitachi": {"url": "u"}}], Templar(), OMIT)

    assert under_options(defaults, odd, frozenset()) is odd
