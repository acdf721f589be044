# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches: behaviour that no document states, each with a careful default and its possible positions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .messages import BadOrder


@dataclass(frozen=True)
class Switch:
    name: str
    default: Any
    doc: str
    choices: tuple[Any, ...] | str  # the values themselves, or a sentence if there are too many to list
    accepts: Callable[[Any], bool]


def one_of(name: str, default: Any, choices: Iterable[Any], doc: str) -> Switch:
    values = tuple(choices)
    # The values are compared as JSON text: in Python, False equals 0, but in an answer they differ.
    spelled = {json.dumps(value) for value in values}
    return Switch(name, default, doc, values, lambda value: json.dumps(value) in spelled)


def flag(name: str, doc: str, *, default: bool = False) -> Switch:
    return one_of(name, default, (False, True), doc)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def seconds(name: str, default: float | None, doc: str, *, optional: bool = False) -> Switch:
    choices = "a number of seconds, 0 or more" + (", or null" if optional else "")
    return Switch(name, default, doc, choices, lambda value: is_number(value) or (optional and value is None))


def text(name: str, default: str | None, doc: str, *, optional: bool = False) -> Switch:
    choices = "any text" + (", or null" if optional else "")
    return Switch(name, default, doc, choices, lambda value: isinstance(value, str) or (optional and value is None))


COMMON = (
    seconds("latency", 0, "added to every answer; answers under way don't hold each other up"),
    flag("require_read_only", "any request that changes something is answered 500 and does nothing: proof of check mode"),
    one_of("clock", "real", ("real", "manual"), "manual: time stands still until POST /_emulator/advance moves it"),
    text("path_prefix", "", "what a proxy in front puts before the vendor's own paths, such as /tc; a request without it gets 404"),
)


class Switches(Mapping[str, Any]):
    """The present positions, readable like a dict. A change is checked as a whole before any part of it is applied."""

    def __init__(self, table: Iterable[Switch], start: Mapping[str, Any] | None = None) -> None:
        self._table = {switch.name: switch for switch in (*COMMON, *table)}
        self._values = {name: switch.default for name, switch in self._table.items()}
        self.change(start or {})
        self._start = dict(self._values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def reset(self) -> None:
        """Reset to the positions with which the emulator was started."""
        self._values = dict(self._start)

    def change(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            switch = self._table.get(name)
            if switch is None:
                raise BadOrder(f"no switch {name!r}; known: {', '.join(sorted(self._table))}")
            if not switch.accepts(value):
                choices = switch.choices if isinstance(switch.choices, str) else ", ".join(json.dumps(choice) for choice in switch.choices)
                raise BadOrder(f"switch {name} can't be {json.dumps(value)}; known: {choices}")
        self._values.update(changes)

    def describe(self) -> dict[str, dict[str, Any]]:
        return {
            name: {"value": self._values[name], "default": switch.default, "choices": switch.choices, "doc": switch.doc}
            for name, switch in self._table.items()
        }
