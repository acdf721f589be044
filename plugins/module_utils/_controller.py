# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The Ansible process that a module works for, where both are on one machine: whether it's still there.

From ansible-core 2.19 on a module runs in a session of its own and outlives a killed Ansible. It mustn't act then any more, since the next
run may be at work already.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("ansible", "ansible-playbook", "ansible-console", "ansible-pull")


@dataclass(frozen=True)
class Controller:
    """One process: `space` names the machine's present boot and process namespace, `begun` tells it from a later one of the same number."""

    space: str
    pid: int
    begun: str

    def is_alive(self) -> bool:
        """Whether the process still runs; only meaningful within the same space."""
        return _begun(self.pid) == self.begun

    def is_near(self) -> bool:
        """Whether the process can be seen from here."""
        return self.space == _space() != ""

    def plain(self) -> dict[str, str | int]:
        return {"space": self.space, "pid": self.pid, "begun": self.begun}


def find() -> Controller | None:
    """The Ansible process above this one; None where there is none, as on a remote host or without /proc."""
    found: Controller | None = None
    for pid in _above(os.getpid()):
        begun = _begun(pid)
        if begun and any(os.path.basename(word) in PROGRAMS for word in _command(pid)[:3]):
            found = Controller(_space(), pid, begun)
    return found


def _above(pid: int) -> Iterator[int]:
    while pid > 1:
        fields = _stat(pid)
        if not fields:
            return
        pid = int(fields[1])
        yield pid


def _begun(pid: int) -> str:
    fields = _stat(pid)
    # A zombie has ended, though nobody has asked for its exit status yet.
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: what comes before may hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _space() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
