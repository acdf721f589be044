# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The ledger's file: one JSON document a window, written so that a reader sees the old one or the new one, and a lock beside it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ._errors import Failure
from ._files import replace
from ._processes import Process

FORMAT = 1
Document = dict[str, Any]


class Ledger:
    """The ledger of one window in one folder. `lease` is after how many seconds a lock that nobody renews counts as left behind, where
    its holder can't be looked for. Every method raises `Failure` when the folder or the file can't be used.
    """

    def __init__(self, folder: str, window: str, lease: float = 180.0) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", window):
            raise Failure(
                "usage",
                f"the window's id is {window[:140]!r}; take letters, digits, dot, dash and underline, beginning with a letter or a digit",
            )
        self.window = window
        self._folder = Path(folder).expanduser()
        self._lease = lease
        self.path = self._folder / f"{window}.json"
        self._lock = self._folder / f"{window}.lock"

    def prepare(self) -> None:
        """Make sure that the ledger can be written, before anything depends on it."""
        with self._told("write"):
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            replace(self._folder / f"{self.window}.trial", "")
            (self._folder / f"{self.window}.trial").unlink()

    def read(self) -> Document | None:
        """The document, or None if there is none."""
        with self._told("read"):
            try:
                content = self.path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            document = json.loads(content.decode())
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(document.get("targets"), list):
            raise Failure("protocol", f"the ledger {self.path} is damaged; look into it, or take it away to begin a new window")
        if document.get("format") != FORMAT:
            raise Failure("usage", f"the ledger {self.path} has the format {document.get('format')}, and this collection writes {FORMAT}")
        if document.get("window") != self.window:
            raise Failure("usage", f"the ledger {self.path} is that of the window {document.get('window')}; it was copied or renamed")
        return document

    def write(self, document: Document) -> None:
        """Replace the document; when this returns, the disk holds it."""
        with self._told("write"):
            replace(self.path, json.dumps(document, indent=1, sort_keys=True) + "\n")

    def archive(self, suffix: str) -> str:
        """Put the document aside, so that the window's id can be used again; returns where it is now."""
        aside = self._folder / f"{self.window}.{suffix}.json"
        with self._told("write"):
            self.path.rename(aside)
        return str(aside)

    # The lock

    def acquire(self, what: str, now: float, holder: Process | None = None, worker: Process | None = None) -> str:
        """Take the lock for a new run, which tells others `what` it does; returns the run's id. `holder` is the process that runs the play
        and `worker` the one of it that sends, where they are known: the end of either leaves the lock behind. Raises `Failure` (`refused`).
        """
        with self._guarded():
            other = self._holder()
            if other and not self._is_left_behind(other, now):
                since = datetime.fromtimestamp(other.get("since", now), timezone.utc).strftime("%H:%M:%S UTC")
                free = max(0, int(other.get("renewed", now) + other.get("lease", self._lease) - now))
                if holder and other.get("controller") == holder.plain():
                    raise Failure(
                        "refused",
                        f"the window {self.window} is held by this very run of Ansible ({other.get('what')} since {since}), for another "
                        "host or task of it; let one host work on a window, by run_once: true or by hosts, or give each host its own id",
                    )
                raise Failure(
                    "refused",
                    f"the window {self.window} is held by another run ({other.get('what')} from {other.get('host')} since {since}); wait "
                    f"until that has ended, or, if it was killed, {free} s",
                )
            for unfinished in self._folder.glob(f".{self.window}.*"):
                unfinished.unlink(missing_ok=True)
            run = uuid.uuid4().hex
            self._hold(
                {
                    "run": run,
                    "what": what,
                    "host": socket.gethostname(),
                    "since": now,
                    "controller": holder.plain() if holder else None,
                    "worker": worker.plain() if worker else None,
                },
                now,
            )
            return run

    @contextmanager
    def held(self, run: str, now: float) -> Iterator[None]:
        """Do something under the lock that `run` took, and renew it. Raises `Failure` (`refused`) if another run has it by now."""
        with self._guarded():
            holder = self._holder()
            if not holder or holder.get("run") != run:
                raise Failure("refused", f"the lock of the window {self.window} was lost to another run; this one ends here")
            yield
            if self._lock.exists():
                self._hold(holder, now)

    def release(self, run: str) -> None:
        """Give the lock back, if it's still that of `run`."""
        with self._guarded():
            if (self._holder() or {}).get("run") == run:
                with suppress(FileNotFoundError):
                    self._lock.unlink()

    def _is_left_behind(self, holder: Document, now: float) -> bool:
        known = [Process.from_plain(plain) for name in ("controller", "worker") if isinstance(plain := holder.get(name), dict)]
        # A number alone may be another one's by now.
        near = [process for process in known if process.begun and process.is_near()]
        if near:
            return not all(process.is_alive() for process in near)
        return now > float(holder.get("renewed", 0)) + float(holder.get("lease", self._lease))

    def _holder(self) -> Document | None:
        try:
            holder = json.loads(self._lock.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            holder = {}
        return holder if isinstance(holder, dict) else {}

    def _hold(self, holder: Document, now: float) -> None:
        with self._told("write"):
            replace(self._lock, json.dumps({**holder, "renewed": now, "lease": self._lease}))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One module at a time: the kernel's lock, which ends with its process."""
        with self._told("write"):
            handle = os.open(self._folder / f"{self.window}.guard", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Failure(
                "usage", f"can't {what} the ledger {self.path} ({error.strerror or error}); give a folder that this user may write to"
            ) from None
