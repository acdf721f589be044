# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports for servers that can't choose one by themselves.

A port that was free a moment ago may have become the one of somebody's connection before a server listens there; Airflow's needs 15 s for
that. So the port stays bound here until the server has ended. On Linux, a second socket may be bound to it and listen as long as both set
SO_REUSEADDR and the first doesn't listen, and all servers used here set it. The kernel doesn't choose such a port for anybody else.
"""

from __future__ import annotations

import socket
from types import TracebackType


class ReservedPort:
    """A port of 127.0.0.1 that nobody else gets until `close`. While no server listens there, connections are refused."""

    def __init__(self) -> None:
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.number: int = self._holder.getsockname()[1]

    def close(self) -> None:
        self._holder.close()

    def __enter__(self) -> int:
        return self.number

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
