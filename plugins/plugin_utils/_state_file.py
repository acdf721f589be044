# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a watch remembers, and the file that keeps it over a restart. The file is written completely or not at all, and one watch uses it at
a time.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from urllib.parse import unquote

from ..module_utils._errors import Failure
from ..module_utils._files import replace as replace_file
from ..module_utils._text import encoded
from ._changes import Known, Tasks

FORMAT = 2
# The first format can be read too. It has unencoded ids, no scope, and no tasks that are out of sight.
OLD_FORMAT = 1


@dataclass(frozen=True)
class Memory:
    """`tasks` as the last read showed them (None: there was no read yet), since when the connection is lost (None: it isn't), and which
    tasks vanished at work and aren't watched any more.
    """

    tasks: Tasks | None = None
    lost_at: str | None = None
    vanished_at_work: tuple[str, ...] = ()


class StateFile:
    """The file of one watch. `place` are the facts that identify the watch. A context manager: it holds a lock.

    `scope` is what the watch is for. A file with another scope belongs to a watch that is over, and is ignored.

    Raises `Failure` (`usage`) for a file that belongs to another watch, can't be read or written, or is in use.
    """

    def __init__(self, path: str, place: Mapping[str, str], scope: str | None = None) -> None:
        self._path = Path(path).expanduser().absolute()
        self._place = dict(place)
        self._scope = scope
        self._lock: IO[str] | None = None
        self._saved: Memory | None = None

    def __enter__(self) -> StateFile:
        try:
            # ~/.quiesce may not exist before the first window. If more folders are missing, the path is most likely wrong.
            self._path.parent.mkdir(mode=0o750, exist_ok=True)
            self._lock = open(f"{self._path}.lock", "a", encoding="utf-8")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._unlock()
            raise Failure("usage", f"state_file {self._path} is in use by another watch; give each one a file of its own") from None
        except OSError as error:
            raise self._unusable(error, "make its folder writable for the user who runs the rulebook") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._unlock()

    def load(self) -> Memory:
        """What the last watch remembered; an empty memory if there is no file yet."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["format"] not in (OLD_FORMAT, FORMAT):
                raise ValueError(f"its format is {document['format']}")
            is_old = document["format"] == OLD_FORMAT
            place, rows = document["place"], document["tasks"]
            tasks = None if rows is None else {id_ if is_old else unquote(id_): Known(**task) for id_, task in rows.items()}
            memory = Memory(tasks, document["lost_at"], () if is_old else tuple(map(unquote, document["out_of_sight"])))
            scope = None if is_old else document["scope"]
        except FileNotFoundError:
            return Memory()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Starting with an empty memory would lose, without a message, what changed meanwhile.
            raise self._unusable(error, "repair it, or remove it to begin anew") from None
        if scope != self._scope:
            return Memory()
        if place != self._place:
            description = ", ".join(f"{key} {value}" for key, value in place.items())
            raise Failure("usage", f"state_file {self._path} is of another watch ({description}); give each one a file of its own")
        self._saved = memory
        return memory

    def save(self, memory: Memory) -> None:
        """Write the memory, unless the file holds it already. A kill leaves either the old file or the new one."""
        if memory == self._saved:
            return
        # Somebody may read this file as variables, and an id is a vendor's text.
        tasks = None if memory.tasks is None else {encoded(id_): asdict(task) for id_, task in memory.tasks.items()}
        document = {
            "format": FORMAT,
            "place": self._place,
            "scope": self._scope,
            "lost_at": memory.lost_at,
            "out_of_sight": list(map(encoded, memory.vanished_at_work)),
            "tasks": tasks,
        }
        try:
            replace_file(self._path, json.dumps(document, indent=1), mode=0o600)
        except OSError as error:
            raise self._unusable(error, "make room, and its folder writable for the user who runs the rulebook") from None
        self._saved = replace(memory, tasks=None if memory.tasks is None else dict(memory.tasks))

    def _unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def _unusable(self, error: Exception, advice: str) -> Failure:
        why: Any = error.strerror if isinstance(error, OSError) and error.strerror else error
        return Failure("usage", f"state_file {self._path} can't be used ({why}); {advice}")
