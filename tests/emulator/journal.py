# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: each request as it arrived, and its outcome."""

from __future__ import annotations

from collections import deque
from typing import Any

from .messages import FORM, Call, Reply, Request

# A benchmark sends hundreds of thousands of requests. The oldest entries are dropped to limit the memory.
KEPT = 100_000


class Entry:
    """One request. It is rendered only when somebody reads the journal, which keeps the handling of requests fast."""

    __slots__ = ("at", "call", "duration", "fault", "in_flight", "n", "request", "status", "took_effect")

    def __init__(self, n: int, at: float, request: Request, call: Call, in_flight: int) -> None:
        self.n = n
        self.at = at
        self.request = request
        self.call = call
        self.in_flight = in_flight  # including itself, so a client that sends one request after the other never shows more than 1
        self.status: int | None = None
        self.fault: str | None = None
        self.took_effect = False
        self.duration: float | None = None

    def view(self) -> dict[str, Any]:
        request = self.request
        is_form = request.media_type == FORM
        return {
            "n": self.n,
            "at": self.at,
            "method": request.method,
            "target": request.target,
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
            "body": request.text,
            "form": request.form if is_form else None,
            "json": None if is_form else request.json,
            "action": self.call.action,
            "write": self.call.write,
            "ids": self.call.ids,
            "status": self.status,
            "fault": self.fault,
            "took_effect": self.took_effect,
            "in_flight": self.in_flight,
            "duration": self.duration,
        }


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self._under_way = 0

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, request: Request, call: Call, now: float) -> Entry:
        self._count += 1
        self._under_way += 1
        entry = Entry(self._count, now, request, call, self._under_way)
        self._entries.append(entry)
        return entry

    def end(self, entry: Entry, reply: Reply | None, now: float) -> None:
        """Record the end of a request. ``reply`` is None if the client had given up. A status is recorded only if an answer was sent."""
        self._under_way -= 1
        entry.duration = now - entry.at
        if reply is not None:
            entry.status = None if reply.fault == "reset" else reply.status
            entry.took_effect = reply.took_effect

    def since(self, n: int = 0) -> list[Entry]:
        return [entry for entry in self._entries if entry.n > n]

    def clear(self) -> None:
        """Delete all entries. The numbers continue, so that ``since`` of a reader stays valid."""
        self._entries.clear()
