# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in the `console` blocks of a page. They run in one shell, in order, and their output is compared with the page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.processes import run_bounded

from .pages import Block

MARK = "@@@ the next command @@@"


@dataclass(frozen=True)
class Command:
    """A command, and the output lines that the page shows after it. The line `...` stands for any lines."""

    typed: str
    shown: Sequence[str]


def commands(blocks: Iterable[Block]) -> list[Command]:
    found: list[tuple[str, list[str]]] = []
    for block in blocks:
        for line in block.text.splitlines() if block.language == "console" else ():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.strip() and found:
                found[-1][1].append(line.strip())
    return [Command(typed, shown) for typed, shown in found]


def run(
    session: Sequence[Command], folder: Path, environment: Mapping[str, str], replaced: Mapping[str, str], left_out: Collection[str]
) -> list[tuple[Command, str]]:
    """Run each command, except those to omit, and return it with its output. `replaced` are texts that differ in a test, such as
    addresses.
    """
    typed = [command for command in session if command.typed not in left_out]
    script = "\n".join(f"echo '{MARK}'\n{_replaced(command.typed, replaced)}" for command in typed)
    _status, stdout, stderr = run_bounded(["/bin/bash", "-c", f"exec 2>&1\n{script}"], environment, folder, 60 * len(typed))
    printed = stdout.split(f"{MARK}\n")[1:]
    assert len(printed) == len(typed), stdout + stderr
    return list(zip(typed, printed, strict=True))


def missing(command: Command, printed: str) -> str:
    """The first line on the page that the command didn't print in that order; empty if there is none."""
    lines = iter([re.sub(r"\s+", " ", line.strip()) for line in printed.splitlines()])
    for shown in command.shown:
        if shown != "..." and re.sub(r"\s+", " ", shown) not in lines:
            return shown
    return ""


def _replaced(text: str, replaced: Mapping[str, str]) -> str:
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text
