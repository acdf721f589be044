# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that a test orders at any of the four levels of an answer (``ctrlapi.md``, section 3.1), in either spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = ("top", "method", "object", "item")
FORMS = ("error", "errors")
ORDER = {"level": LEVELS, "form": FORMS}


def are_orders(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(order, dict) and _is_order(order) for order in value)


def _is_order(order: Mapping[str, Any]) -> bool:
    return (
        set(order) <= {"level", "form", "text", "method", "task_id", "beside"}
        and order.get("level") in LEVELS
        and order.get("form", "error") in FORMS
        and isinstance(order.get("text", ""), (str, type(None)))
        and isinstance(order.get("method", ""), str)
        and isinstance(order.get("task_id", 0), int)
        and isinstance(order.get("beside", False), bool)
    )


def said(form: str, text: str | None) -> dict[str, Any]:
    """``error`` is a string, ``errors`` an array of them; without a text an empty array, which is no error."""
    if form == "errors":
        return {"errors": [] if text is None else [text]}
    return {"error": text}


@dataclass(frozen=True)
class Ordered:
    members: dict[str, Any]
    beside: bool  # the thing is done and shown, too; otherwise the error replaces it


class Errors:
    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches

    def at(self, level: str, method: str | None = None, task_id: int | None = None) -> Ordered | None:
        """The first matching order. One without ``method`` or ``task_id`` matches all."""
        for order in self._switches["ordered_errors"]:
            if order["level"] == level and order.get("method", method) == method and order.get("task_id", task_id) == task_id:
                members = said(order.get("form", "error"), order.get("text", "emulator: ordered error"))
                return Ordered(members, order.get("beside", False))
        return None
