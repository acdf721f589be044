# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that a Huawei service documents without a condition. A test orders them by code, for the calls that it selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..switches import Switch

# By code: the HTTP status and the text.
Errors = Mapping[str, tuple[int, str]]


def refusals_switch(errors: Errors, where: str) -> Switch:
    def accepts(value: object) -> bool:
        return isinstance(value, dict) and all(isinstance(call, str) and _is_order(order) for call, order in value.items())

    def _is_order(order: object) -> bool:
        code, times = order if isinstance(order, list) and len(order) == 2 else (order, 1)
        return code in errors and isinstance(times, int) and not isinstance(times, bool) and times > 0

    return Switch(
        "refuse_with",
        {},
        f"calls that are refused although all is well, and by which code; nothing is done then ({where})",
        f"an object by call (list, show, stop, ...; * for any): a code, or [code, how often]; codes: {', '.join(errors)}",
        accepts,
    )


class Ordered:
    """Counts how often each order was carried out."""

    def __init__(self, switches: Mapping[str, Any]) -> None:
        self._switches = switches
        self._done: dict[str, int] = {}

    def code_for(self, call: str) -> str | None:
        """The code with which this call is refused. None if it isn't."""
        orders = self._switches["refuse_with"]
        name = call if call in orders else "*"
        order = orders.get(name)
        if order is None:
            return None
        code, times = order if isinstance(order, list) else (order, None)
        key = f"{name} {code}"
        if times is not None and self._done.get(key, 0) >= times:
            return None
        self._done[key] = self._done.get(key, 0) + 1
        return str(code)
