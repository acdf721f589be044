# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated parts of the manual's pages: state tables, and listings of files.

A page marks such a part by the comments `.. begin KIND` and `.. end KIND`. KIND is `states` in the guide of a vendor, and `listing FILE`
anywhere.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "docsite" / "rst"
EXAMPLE = ROOT / "tests" / "docs" / "sixth_vendor"
PART = re.compile(r"^(?P<begin>\.\. begin (?P<kind>[^\n]+)\n).*?^(?P<end>\.\. end (?P=kind)\n)", re.MULTILINE | re.DOTALL)

Cells = Callable[[Any, Any], Mapping[str, str]]


def files(tables: Mapping[str, Sequence[Any]], cells: Cells) -> dict[Path, str]:
    """Each page with such a part, and the text that it should have. `tables` are the state tables of each vendor."""
    found = {}
    for path in sorted(PAGES.glob("*.rst")):
        text = path.read_text(encoding="utf-8")
        if PART.search(text):
            found[path] = filled(text, tables.get(path.stem.removeprefix("guide_"), ()), cells)
    return found


def filled(text: str, tables: Sequence[Any], cells: Cells) -> str:
    """The text of a page, with its generated parts renewed."""

    def part(found: re.Match[str]) -> str:
        return f"{found['begin']}\n{_part(found['kind'], tables, cells)}\n{found['end']}"

    return PART.sub(part, text)


def _part(kind: str, tables: Sequence[Any], cells: Cells) -> str:
    if kind.startswith("listing "):
        return listing(kind.removeprefix("listing "))
    return "\n".join(f"{heading(table.system, '~') if len(tables) > 1 else ''}{state_table(table, cells)}" for table in tables)


def heading(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}\n\n"


def state_table(table: Any, cells: Cells) -> str:
    """A table of a vendor's states: the collection's state for each, and what each desired state requires in it."""
    rows = [["Vendor state", "Meaning", "State", "``paused``", "``started``", "``stopped``"]]
    rows += [[str(state), state.meaning, f"``{state.word}``", *cells(table, state).values()] for state in table.states]
    lines = [f"  {'*' if index == 0 else ' '} - {cell}" for row in rows for index, cell in enumerate(row)]
    return "\n".join([".. list-table::", "  :header-rows: 1", "  :class: states", "", *lines]) + "\n"


def listing(name: str) -> str:
    """A file of the example, as a code block."""
    text = (EXAMPLE / name).read_text(encoding="utf-8")
    return f".. code-block:: python\n   :caption: {name}\n\n{textwrap.indent(text, '   ')}"
