# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's text on its way to Ansible, a terminal or a ticket: none of it is anything but text."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest
from ansible_collections.taskops.quiesce.plugins.module_utils._text import all_harmless, encoded, harmless, inert
from hypothesis import given
from hypothesis import strategies as st

OPENINGS = ("{{", "{%", "{#")
HOSTILE = st.lists(st.sampled_from(["{", "}", "%", "#", "#jinja2:", "jinja2", ":", "#jin", "ja2:", "\x1b[31m", "\n", "x", "\u202e"])).map(
    "".join
)


def is_template(text: str) -> bool:
    """What ansible-core looks at before it takes a text for a template."""
    return any(opening in text for opening in OPENINGS) or text.startswith("#jinja2:")


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_texts_that_were_made_inert_are_no_template_alone_or_joined(texts: list[str]) -> None:
    assert not is_template("".join(map(inert, texts)))


@given(HOSTILE)
def test_it_is_done_once_however_often_it_is_done(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(HOSTILE | st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert harmless(text).isprintable()


@pytest.mark.parametrize("text", ["nightly backup", "#12 of 100 %", "a}b", "C#", "100%", "jinja2", "Entrée Nº 5", "ждать"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_keys_and_inner_parts_count_too_and_what_is_no_text_stays() -> None:
    data = {"{{ a }}": [{"b": "{% c %}"}, 5, None, True], "d": ("\x07",)}

    assert all_harmless(data) == {"\uff5b\uff5b a }}": [{"b": "\uff5b% c %}"}, 5, None, True], "d": [" "]}


@given(HOSTILE | st.text(st.characters(exclude_categories=["Cs"])))
def test_an_encoded_id_is_exact_and_nothing_to_a_template(text: str) -> None:
    assert unquote_plus(encoded(text)) == text
    assert encoded(text).isascii() and not set(encoded(text)) & set("{}#:")
