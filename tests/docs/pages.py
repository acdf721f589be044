# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of the manual's pages: their text and their blocks of code."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[2]
PAGES = TREE / "docs" / "docsite" / "rst"


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its caption (empty without one) and its text."""

    language: str
    caption: str
    text: str


def page(name: str) -> str:
    return (PAGES / f"{name}.rst").read_text(encoding="utf-8")


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def blocks(text: str) -> list[Block]:
    """All blocks of `.. code-block:: LANGUAGE`, with their contents."""
    lines = text.splitlines()
    return [_block(line, lines[number + 1 :]) for number, line in enumerate(lines) if line.lstrip().startswith(".. code-block::")]


def _block(first: str, following: list[str]) -> Block:
    head, _mark, language = first.partition(".. code-block::")
    end = next((number for number, line in enumerate(following) if line.strip() and not line.startswith(f"{head} ")), len(following))
    body = following[:end]
    begin = next((number for number, line in enumerate(body) if not line.strip()), 0)
    captions = [line.split(":caption:", 1)[1].strip() for line in body[:begin] if ":caption:" in line]
    return Block(language.strip(), captions[0] if captions else "", textwrap.dedent("\n".join(body[begin:])).strip("\n") + "\n")
