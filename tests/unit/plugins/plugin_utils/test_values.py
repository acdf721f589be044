# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users give, in each form that YAML, surveys, extra vars and rulebooks have for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.taskops.quiesce.plugins.filter.given import given
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure
from ansible_collections.taskops.quiesce.plugins.plugin_utils import _values
from jinja2 import StrictUndefined


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("CHG0031337", "CHG0031337"),
        ("20261127", "20261127"),
        ("2026-03-01", "2026-03-01"),
        ("'2026.10'", "2026.10"),
        ("'2026_03_01'", "2026_03_01"),
        ("[CHG1]", "CHG1"),
    ],
)
def test_an_id_keeps_the_text_that_was_written(written: str, text: str) -> None:
    assert _values.text(yaml.safe_load(written), "maintenance_id") == text


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026.10", "maintenance_id is a number (2026.1), and its original spelling is lost; write it as a text, in quotes"),
        ("yes", "maintenance_id is a truth value (True), and its original spelling"),
        ("2026-03-01 02:00:00", "maintenance_id is a time (2026-03-01 02:00:00), and its"),
        ("[a, b]", "maintenance_id must be one text, and it is a list"),
        ("{a: 1}", "maintenance_id must be one text, and it is a mapping"),
        ("", "maintenance_id is empty; give it a value"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(written: str, why: str) -> None:
    with pytest.raises(Failure) as failure:
        _values.text(yaml.safe_load(written), "maintenance_id")
    assert failure.value.message.startswith(why)


@pytest.mark.parametrize(("value", "number"), [(180, 180), ("180", 180), (" 2.5 ", 2.5), (0.2, 0.2)])
def test_a_number_may_be_a_text(value: Any, number: float) -> None:
    assert _values.number(value, "lease") == number


@pytest.mark.parametrize("value", ["soon", "nan", "inf", True, [1], {}])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(Failure, match="lease must be a number, and it is"):
        _values.number(value, "lease")


@pytest.mark.parametrize("value", ["1,2", "1, 2,", (1, 2), [1, 2], ["1", "2"], [[1, "2"]], [(1,), "2"]])
def test_a_list_may_come_in_any_form(value: Any) -> None:
    assert _values.texts(value, "tasks") == ["1", "2"]


def test_a_name_with_a_comma_is_one_name_within_a_list() -> None:
    assert _values.texts(["a,b"], "tasks") == ["a,b"]


@pytest.mark.parametrize("value", [[{"name": "a"}], {"name": "a"}, "[{name: a}]", json.dumps([{"name": "a"}])])
def test_mappings_may_come_as_a_text(value: Any) -> None:
    assert _values.mappings(value, "maintenance_targets") == [{"name": "a"}]


@pytest.mark.parametrize("value", ["{", "a", 5, ["a"]])
def test_what_is_no_list_of_mappings_is_refused(value: Any) -> None:
    with pytest.raises(Failure, match=r"maintenance_targets (is a text, and no YAML|must be a list of mappings)"):
        _values.mappings(value, "maintenance_targets")


def test_the_variable_that_is_undefined_is_named() -> None:
    with pytest.raises(Failure, match=r"^tasks isn't given, since the variable watch_tasks is undefined; define it$"):
        _values.texts(StrictUndefined(name="watch_tasks"), "tasks")


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_answer_counts_as_not_given(empty: Any) -> None:
    assert given(empty, "number", "lease", 180) == 180
    with pytest.raises(AnsibleFilterError, match=r"^lease is empty; give it a value\.$"):
        given(empty, "number", "lease")


def test_a_kind_that_there_is_not_is_told() -> None:
    with pytest.raises(AnsibleFilterError, match="given knows no kind colour; it knows text, number, texts"):
        given("x", "colour", "lease")
