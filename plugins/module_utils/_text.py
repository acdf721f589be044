# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Text from a vendor, made harmless for whoever shows it or hands it to Ansible again.

What Ansible takes for a template (ansible-core 2.16 to 2.21): a text that holds ``{{``, ``{%`` or ``{#``, and one that begins with
``#jinja2:``, since that header may name openings of its own. The mark by which Ansible knows a text for unsafe is lost on the way through
extra vars, files of variables and the artifacts of AWX. So the characters themselves are replaced, by ones of the same look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ._errors import one_line

# Each brace, not only pairs of them: two texts may be joined, and one may end with a brace where the other one begins with it.
BRACE, INERT_BRACE = "{", "\uff5b"
HEADER, INERT_HEADER = "jinja2:", "jinja2\uff1a"
INERT_HASH = "\uff03"


def inert(text: str) -> str:
    """The text as no template: ``{`` is U+FF5B in it, the colon of ``jinja2:`` is U+FF1A. Joined to another such text, it's still none."""
    text = text.replace(BRACE, INERT_BRACE).replace(HEADER, INERT_HEADER)
    # What would make the header with the text that follows.
    begins_header = bool(text) and f"#{HEADER}".startswith(text)
    return text.replace("#", INERT_HASH) if begins_header else text


def harmless(text: str) -> str:
    """The text in one line that no terminal and no template engine takes for anything but text."""
    return inert(one_line(text))


def all_harmless(value: Any) -> Any:
    """The same for all texts in plain data, the keys of its mappings included. What isn't a text stays as it is."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, Mapping):
        return {all_harmless(key): all_harmless(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [all_harmless(part) for part in value]
    return value


def encoded(text: str) -> str:
    """The text percent-encoded: exact, and nothing to a template or a terminal. Ansible's filter `urldecode` undoes it."""
    return quote(text, safe="", errors="surrogatepass")
