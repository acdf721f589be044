# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulated system whose list changes right after some of its answers, or differs from the true state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.vendor import Vendor

Change = Callable[[], None]
Mend = Callable[[Any], Any]


def happens_after(system: Vendor, action: str, *changes: Change) -> None:
    """Make each of the changes right after another answer to a request with this word."""
    respond, left = system.respond, list(changes)

    def then(request: Any, call: Any) -> Any:
        reply = respond(request, call)
        if call.action == action and left:
            left.pop(0)()
        return reply

    system.respond = then  # type: ignore[method-assign]


def shows(system: Vendor, action: str, mend: Mend) -> None:
    """Let `mend` modify the document of each answer to a request with this word."""
    respond = system.respond

    def otherwise(request: Any, call: Any) -> Any:
        reply = respond(request, call)
        if call.action == action:
            reply.body = json.dumps(mend(json.loads(reply.body))).encode()
        return reply

    system.respond = otherwise  # type: ignore[method-assign]
