# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests that run side by side mustn't send at the same time to one Airflow 3 on SQLite.

Its API server (3.3.2) writes an entry of the audit log in its event loop, for each change and for each list of task instances. Where a
change has SQLite's only lock for writing then, and needs the event loop to go on, both wait until SQLite's time-out, and all other requests
with them. Changes of runs keep that lock for so long, a change of `is_paused` doesn't.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Reads whose body says what is looked for, and the call for a token: they change nothing.
NO_WRITES = ("/list", "/auth/token", "/auth/token/cli")


def is_write(method: str, path: str) -> bool:
    return method not in ("GET", "HEAD") and not path.endswith(NO_WRITES)


class Turns:
    """Changes of runs go to that Airflow one by one, all else that it logs together. `lock` is a file that all processes share."""

    def __init__(self, lock: Path | None) -> None:
        self._lock = lock

    @contextmanager
    def turn(self, method: str, path: str) -> Iterator[None]:
        """Wait until the request may be sent. Its turn ends when it's answered."""
        if self._lock is None or method == "GET":
            yield
            return
        is_change_of_runs = is_write(method, path) and not (method == "PATCH" and path.rpartition("/")[0].endswith("/dags"))
        with open(self._lock, "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if is_change_of_runs else fcntl.LOCK_SH)
            yield
