# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The ledger's file: one JSON document a window. A reader sees the old document or the new one, and a lock file lies beside it.

The windows of a folder are neighbours. They decide one after the other which of them holds a task, under the guard of the folder.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ._errors import Failure
from ._files import replace
from ._overlap import Neighbours, Unreadable
from ._processes import Process

FORMAT = 1
GUARD = ".guard"
ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
ARCHIVED = r"\.[0-9]{8}T[0-9]{6}Z"
# A ledger is written with sorted keys, and the document's own keys are indented by one blank, so that the status precedes the targets.
CLOSED = re.compile(rb'^ "status": "closed"', re.MULTILINE)
HEAD = 65_536
# The similarity of ids that differ in one or two of ten letters.
SIMILAR = 0.8
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
Document = dict[str, Any]


class Ledger:
    """The ledger of one window in one folder. `lease` is the number of seconds after which a lock that isn't renewed counts as abandoned,
    if its holder can't be checked. Every method raises `Failure` if the folder or the file can't be used.
    """

    def __init__(self, folder: str, window: str, lease: float = 180.0) -> None:
        if not re.fullmatch(ID, window):
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
        trial = self._folder / f"{self.window}.trial"
        with self._translating_errors("write"):
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        # Another run of this window would remove the same file.
        with self.guarded(), self._translating_errors("write"):
            replace(trial, "")
            trial.unlink()

    def read(self) -> Document | None:
        """The document, or None if there is none."""
        with self._translating_errors("read"):
            try:
                content = self.path.read_bytes()
            except FileNotFoundError:
                return None
        document = _parse_json(content)
        if not isinstance(document, dict) or not isinstance(document.get("targets"), list):
            raise Failure("protocol", f"the ledger {self.path} is damaged; repair it, or remove it to begin a new window")
        if document.get("format") != FORMAT:
            raise Failure("usage", f"the ledger {self.path} has the format {document.get('format')}, and this collection writes {FORMAT}")
        if document.get("window") != self.window:
            raise Failure("usage", f"the ledger {self.path} is that of the window {document.get('window')}; it was copied or renamed")
        return document

    def write(self, document: Document) -> None:
        """Replace the document. On return, the disk holds it."""
        with self._translating_errors("write"):
            replace(self.path, _to_json(document))

    def write_neighbour(self, document: Document) -> None:
        """Replace the document of another window of the folder. Only allowed under the guard."""
        with self._translating_errors("write"):
            replace(self._folder / f"{document['window']}.json", _to_json(document))

    def neighbours(self, since: float) -> Neighbours:
        """The other windows of the folder that aren't closed, and the closed ones that were written to after `since`."""
        documents: list[Document] = []
        unreadable: list[Unreadable] = []
        for path in self._neighbour_files(since):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable.append(Unreadable(str(path), f"can't be read ({error.strerror or error})"))
                continue
            found = classify_file(path, content)
            if isinstance(found, Unreadable):
                unreadable.append(found)
            elif found:
                documents.append(found)
        return Neighbours(documents, unreadable)

    def _neighbour_files(self, since: float) -> list[Path]:
        """The files that may be ledgers of such neighbours."""
        with self._translating_errors("read"):
            try:
                paths = sorted(self._folder.glob("*.json"))
            except FileNotFoundError:
                return []
        return [path for path in paths if path != self.path and (_is_recent(path, since) or not is_closed(path))]

    def similar(self) -> str:
        """The id in the folder that is most similar to this window's and whose window isn't closed; empty if none is similar."""
        with self._translating_errors("read"):
            ids = {path.stem.casefold(): path.stem for path in self._neighbour_files(math.inf) if re.fullmatch(ID, path.stem)}
        return next((ids[near] for near in get_close_matches(self.window.casefold(), ids, 1, SIMILAR)), "")

    def archive(self, suffix: str) -> str:
        """Move the document aside, so that the window's id can be used again. Returns its new path."""
        aside = self._folder / f"{self.window}.{suffix}.json"
        with self._translating_errors("write"):
            self.path.rename(aside)
        return str(aside)

    # The lock

    def acquire(self, what: str, now: float, holder: Process | None = None, worker: Process | None = None) -> str:
        """Take the lock for a new run and return the run's id. `what` says in the lock what the run does.

        `holder` is the process that runs the play, and `worker` is its process that sends, where they are known: the end of either makes
        the lock stale. Raises `Failure` (`refused`).
        """
        with self.guarded():
            other = self._read_lock()
            if other and not self._is_stale(other, now):
                since = datetime.fromtimestamp(other.get("since", now), timezone.utc).strftime("%H:%M:%S UTC")
                free = max(0, int(other.get("renewed", now) + other.get("lease", self._lease) - now))
                if holder and other.get("controller") == holder.plain():
                    raise Failure(
                        "refused",
                        f"the window {self.window} is locked by this very run of Ansible ({other.get('what')} since {since}), for another "
                        "host or task of it; let one host work on a window, by run_once: true or by hosts, or give each host its own id",
                    )
                raise Failure(
                    "refused",
                    f"the window {self.window} is locked by another run ({other.get('what')} from {other.get('host')} since {since}); wait "
                    f"until that has ended, or, if it was killed, {free} s",
                )
            self._remove_leftovers()
            run = uuid.uuid4().hex
            self._write_lock(
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

    def _remove_leftovers(self) -> None:
        """Remove the temporary files of a killed run of this window, but not those of other windows whose ids begin alike."""
        own_files = re.compile(rf"\.{re.escape(self.window)}\.(json|lock|trial)\.[a-z0-9_]{{8}}")
        for unfinished in self._folder.glob(f".{self.window}.*"):
            if own_files.fullmatch(unfinished.name):
                unfinished.unlink(missing_ok=True)

    def renew(self, run: str, now: float) -> None:
        """Record that `run` is alive. Raises `Failure` (`refused`) if another run holds the lock."""
        with self.held(run, now):
            pass

    def began(self, run: str) -> float:
        """When `run` took the lock. The caller has checked (`held`) that the run still holds it."""
        holder = self._read_lock() or {}
        return float(holder.get("since", 0.0)) if holder.get("run") == run else 0.0

    def holder(self, now: float) -> Document | None:
        """Who works on the window now: `what`, `host` and `since`. None if nobody does, as far as this can be checked."""
        holder = self._read_lock()
        return holder if holder and not self._is_stale(holder, now) else None

    @contextmanager
    def held(self, run: str, now: float) -> Iterator[None]:
        """A context under the lock that `run` took; it renews the lock. Raises `Failure` (`refused`) if another run holds it."""
        with self.guarded():
            holder = self._read_lock()
            if not holder or holder.get("run") != run:
                raise Failure("refused", f"the lock of the window {self.window} was lost to another run; this one ends here")
            yield
            if self._lock.exists():
                self._write_lock(holder, now)

    def release(self, run: str) -> None:
        """Release the lock, if `run` still holds it."""
        with self.guarded():
            if (self._read_lock() or {}).get("run") == run:
                with suppress(FileNotFoundError):
                    self._lock.unlink()

    def _is_stale(self, holder: Document, now: float) -> bool:
        known = [Process.from_plain(plain) for name in ("controller", "worker") if isinstance(plain := holder.get(name), dict)]
        # The number of a process that has ended may belong to another one now.
        checkable = [process for process in known if process.begun and process.is_near()]
        if checkable:
            return not all(process.is_alive() for process in checkable)
        return now > float(holder.get("renewed", 0)) + float(holder.get("lease", self._lease))

    def _read_lock(self) -> Document | None:
        try:
            holder = json.loads(self._lock.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            holder = {}
        return holder if isinstance(holder, dict) else {}

    def _write_lock(self, holder: Document, now: float) -> None:
        with self._translating_errors("write"):
            replace(self._lock, json.dumps({**holder, "renewed": now, "lease": self._lease}))

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Let one process at a time work in the whole folder. The kernel holds this lock and releases it when the process ends."""
        with self._translating_errors("write"):
            handle = os.open(self._folder / GUARD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _translating_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Failure(
                "usage", f"can't {what} the ledger {self.path} ({error.strerror or error}); give a folder that this user may write to"
            ) from None


def classify_file(path: Path, content: bytes) -> Document | Unreadable | None:
    """What a file of the folder is: a ledger, an unusable ledger, or neither (a report, a watch's memory, a copy under another name)."""
    name = path.name.removesuffix(".json")
    if not re.fullmatch(ID, name):
        return None
    document = _parse_json(content)
    if document is None:
        return Unreadable(str(path), "is damaged", _quoted_texts(content))
    if not isinstance(document, dict) or "window" not in document:
        return None
    window = str(document["window"])
    if window != name and not re.fullmatch(re.escape(window) + ARCHIVED, name):
        return None
    if document.get("format") != FORMAT:
        is_over = document.get("status") == "closed"
        return None if is_over else Unreadable(str(path), f"has the format {document.get('format')}", _quoted_texts(content))
    if not is_complete(document):
        return Unreadable(str(path), "is damaged", _quoted_texts(content))
    return document


def is_complete(document: Document) -> bool:
    """Whether the document has all parts of a ledger, down to its tasks."""
    targets = document.get("targets")
    if not isinstance(targets, list) or not isinstance(document.get("status"), str) or not isinstance(document.get("updated"), int | float):
        return False
    items = [item for target in targets if isinstance(target, dict) for item in (target.get("items") or ())]
    needed = {"id", "found", "plan", "ours", "open", "close", "events"}
    return all(isinstance(target, dict) and "vendor" in target and isinstance(target.get("items"), list) for target in targets) and all(
        isinstance(item, dict) and needed <= item.keys() for item in items
    )


def is_closed(path: Path) -> bool:
    """Whether the ledger of this file is that of a closed window. The file isn't parsed for this."""
    try:
        with path.open("rb") as file:
            return bool(CLOSED.search(file.read(HEAD)))
    except OSError:
        return False


def _is_recent(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime >= since - 2.0
    except OSError:
        return False


def _parse_json(content: bytes) -> Any:
    try:
        return json.loads(content.decode())
    except (ValueError, RecursionError):
        return None


def _to_json(document: Document) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _quoted_texts(content: bytes) -> frozenset[str]:
    """All texts between quotation marks, as far as they can be recognized."""
    words = set()
    for word in WORD.findall(content.decode(errors="replace")):
        try:
            words.add(str(json.loads(f'"{word}"', strict=False)))
        except ValueError:
            words.add(word)
    return frozenset(words)
