# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers that read a module's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def one(result: Mapping[str, Any]) -> dict[str, Any]:
    """The only task of a result."""
    (row,) = result["tasks"]
    assert isinstance(row, dict)
    return row


def warnings(result: Mapping[str, Any]) -> list[str]:
    """The texts of a result's warnings, in the form of any ansible-core."""
    return [warning if isinstance(warning, str) else str(warning["event"]["msg"]) for warning in result.get("warnings", [])]


def is_one_sentence(message: str) -> bool:
    return "\n" not in message and message.endswith(".") and not any(f"{mark} " in message for mark in ".!?")
