# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept out of messages, and for how long."""

from __future__ import annotations

from ansible_collections.taskops.quiesce.plugins.module_utils._redaction import KEPT_TOKENS, Redactor


def test_ever_new_tokens_make_nothing_take_longer() -> None:
    """The latest are remembered, the user's own one for ever."""
    secrets: set[str] = set()
    hidden: set[str] = set()
    redactor = Redactor(secrets, hidden.add, hidden.discard)
    redactor.add("the token given")
    given = len(secrets)
    redactor.add_token("a token / 0")
    each = len(secrets) - given

    sizes = []
    for number in range(1, 500):
        redactor.add_token(f"a token / {number}")
        redactor.add_token("the token given")
        sizes.append((len(secrets), len(hidden)))

    assert set(sizes[KEPT_TOKENS:]) == {(given + KEPT_TOKENS * each, 1 + KEPT_TOKENS)}
    shown = redactor.redact("the token given, a token / 499, a%20token%20%2F%20470 and a token / 3")
    assert shown == "********, ********, ******** and a token / 3"
