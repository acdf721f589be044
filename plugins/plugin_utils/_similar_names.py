# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Whether the name of a variable is a misspelt form of another one."""

from __future__ import annotations

from difflib import SequenceMatcher

# ansible-lint asks for variables that begin with the name of their role, so a reader may expect these.
ROLES = ("maintenance_window", "maintenance_open", "maintenance_close", "maintenance_report")
# Variables that the roles set for themselves.
PRIVATE = tuple(f"{role}__" for role in ROLES)
# The similarity of first words that differ in two letters of eleven, such as "maintainance" and "maintenance".
NEAR = 0.8


def is_misspelt(name: str, known: str) -> bool:
    """Whether `name` is `known` with a typing error.

    That is one letter that is missing, extra, wrong, or swapped with its neighbour; another use of capitals, dashes and underscores;
    another spelling of the first word; or the name of the whole role in place of the first word. Longer differences make another name.
    """
    if name == known or name.startswith(PRIVATE):
        return False
    first, _separator, rest = known.partition("_")
    if any(name == f"{role}_{rest}" for role in ROLES if role.startswith(f"{first}_")):
        return True
    plain, rest = _squeezed(name), _squeezed(rest)
    if plain.startswith(first):
        return _is_one_error_away(plain[len(first) :], rest)
    return plain.endswith(rest) and SequenceMatcher(None, plain[: -len(rest)], first).ratio() >= NEAR


def is_plural(name: str, other: str) -> bool:
    """Whether the names are the singular and the plural of one word."""
    return f"{name}s" == other or f"{other}s" == name


def _squeezed(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _is_one_error_away(word: str, other: str) -> bool:
    if abs(len(word) - len(other)) > 1:
        return False
    alike = 0
    while alike < min(len(word), len(other)) and word[alike] == other[alike]:
        alike += 1
    here, there = word[alike:], other[alike:]
    is_swapped = here[:2] == there[:2][::-1] and here[2:] == there[2:]
    return is_swapped or here[1:] == there[1:] or here[1:] == there or here == there[1:]
