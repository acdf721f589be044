# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A vendor's text, made harmless before it's shown or passed to Ansible again.

Ansible (ansible-core 2.16 to 2.21) takes a text for a template if it holds ``{{``, ``{%`` or ``{#``, or if it begins with ``#jinja2:``,
since that header may set other delimiters. The mark of an unsafe text is lost in extra vars, files of variables and the artifacts of AWX.
So the characters themselves are replaced by similar ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ._errors import one_line

# Each brace, and not only pairs of them: if two texts are joined, one may end with a brace and the other one begin with it.
BRACE, INERT_BRACE = "{", "\uff5b"
HEADER, INERT_HEADER = "jinja2:", "jinja2\uff1a"
INERT_HASH = "\uff03"


def inert(text: str) -> str:
    """The text, changed so that it's no template: ``{`` becomes U+FF5B, and the colon of ``jinja2:`` becomes U+FF1A. Two such texts joined
    are no template either.
    """
    text = text.replace(BRACE, INERT_BRACE).replace(HEADER, INERT_HEADER)
    # A text that another one could complete to the header.
    begins_header = bool(text) and f"#{HEADER}".startswith(text)
    return text.replace("#", INERT_HASH) if begins_header else text


def harmless(text: str) -> str:
    """The text in one line, harmless to terminals and template engines."""
    return inert(one_line(text))


def all_harmless(value: Any) -> Any:
    """`harmless` for all texts in plain data, including the keys of mappings. Other values stay unchanged."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, Mapping):
        return {all_harmless(key): all_harmless(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [all_harmless(part) for part in value]
    return value


def encoded(text: str) -> str:
    """The text percent-encoded: it can be decoded exactly, and is harmless to templates and terminals. Ansible's filter `urldecode` decodes
    it.
    """
    return quote(text, safe="", errors="surrogatepass")
