# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Processes that other processes can recognize. A process is identified by its number and its start time, never by its name."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Process(NamedTuple):
    """One process. `space` identifies the machine's present boot and process namespace. `begun` distinguishes the process from a later one
    with the same number.

    Without /proc, `space` is the machine's name and `begun` is empty: a later process with that number then counts as the same.
    """

    space: str
    pid: int
    begun: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """The process with this number in the present space."""
        return cls(space(), pid, begun(pid))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Process:
        """The inverse of `plain`. Raises `ValueError` or `TypeError` for anything else."""
        return cls(str(plain.get("space")), int(plain.get("pid", 0)), str(plain.get("begun")))

    def plain(self) -> dict[str, str | int]:
        return {"space": self.space, "pid": self.pid, "begun": self.begun}

    def is_near(self) -> bool:
        """Whether the process can be checked from here."""
        return self.space == space()

    def is_alive(self) -> bool:
        """Whether the process still runs; only meaningful within the same space."""
        if len(_stat(self.pid)) > 19:
            return begun(self.pid) == self.begun
        # There is no /proc, /proc hides processes of other users, or the process has ended.
        return _exists(self.pid)


def space() -> str:
    """The present boot and process namespace, or the machine's name where there is no /proc."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def begun(pid: int) -> str:
    """When the process began, in ticks since the boot; empty if it has ended or can't be checked."""
    fields = _stat(pid)
    # A zombie has ended, though its exit status wasn't read yet.
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on. The second one may hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _exists(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # The process belongs to another user.
        return True
    return True
