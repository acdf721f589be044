# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of a caller's parameters (``ctrlapi.md``, sections 3.2 to 3.10), and the refusal of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._ctrlapi_rules import EVERYTHING


class Refusal(Exception):
    """A refusal. ``where`` is a switch's position: the level that contains it, or an HTTP status."""

    def __init__(self, where: str | int, text: str, ids: Iterable[int] = ()) -> None:
        super().__init__(text)
        self.where = where
        self.ids = tuple(ids)


def as_number(value: object, *, quoted: bool) -> int | None:
    """An id. A quoted one counts only where the switch ``quoted_numbers`` says so (section 7, U22)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if quoted and isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return None


class Params:
    """The ``params`` of one method entry."""

    def __init__(self, given: Mapping[str, Any], switches: Mapping[str, Any]) -> None:
        self._given = given
        self._where: str | int = switches["bad_params"]
        self._quoted = switches["quoted_numbers"] == "accepted"
        self._extra = switches["extra_params"]

    def bad(self, text: str) -> Refusal:
        return Refusal(self._where, f"emulator: {text}")

    def allow(self, *names: str) -> None:
        if self._extra == "refused":
            for name in self._given:
                if name not in names:
                    raise self.bad(f"parameter {name} is not documented here")

    def number(self, name: str, default: int | None = None, *, least: int = 0, most: int | None = None) -> int:
        if name not in self._given and default is not None:
            return default
        number = as_number(self._given.get(name), quoted=self._quoted)
        if number is None or number < least or (most is not None and number > most):
            raise self.bad(f"{name} must be a number from {least}" + ("" if most is None else f" to {most}"))
        return number

    def ids(self, name: str, *, everything: bool) -> list[int] | None:
        """Section 3.2: one integer, or an array of them; None stands for ``"*"`` where that is documented."""
        given = self._given.get(name)
        if given == EVERYTHING and everything:
            return None
        found = [as_number(item, quoted=self._quoted) for item in (given if isinstance(given, list) else [given])]
        ids = [item for item in found if item is not None]
        if len(ids) < len(found):
            raise self.bad(f"{name} must be a number or an array of numbers" + (' or "*"' if everything else ""))
        return ids

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        given = self._given.get(name, default)
        if not isinstance(given, str) or given not in choices:
            raise self.bad(f"{name} must be one of {', '.join(choices)}")
        return given

    def flag(self, name: str) -> bool:
        given = self._given.get(name, False)
        if not isinstance(given, bool):
            raise self.bad(f"{name} must be true or false")
        return given

    def texts(self, name: str) -> list[str] | None:
        given = self._given.get(name)
        if given is None:
            return None
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise self.bad(f"{name} must be an array of strings")
        return given

    def objects(self, name: str) -> list[dict[str, Any]]:
        given = self._given.get(name)
        if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
            raise self.bad(f"{name} must be an array of objects")
        return given
