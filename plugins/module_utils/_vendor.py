# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The interface of a vendor to the engine and the modules: its facts, and a few calls without loops and retries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ._answer import Answer
from ._arguments import Arguments, check_ids
from ._connection import Connection
from ._errors import Failure
from ._http import Http
from ._lifecycle import Observation, StateTable


class Vendor(ABC):
    """One system of a vendor.

    `prefix` begins the names of its environment variables, and `ids` is the name of its option for task ids. `arguments` are its connection
    options beside the common ones, `tasks` the state module's own options, and `filters` the information module's options for listing.
    `needs_url` is true if the address has to be given.

    `settle` is for how many seconds the effect of an action whose answer was lost may not show in a read. `lag` is by how many seconds any
    read may lag behind the true state. `lingers` gives, by action, for how many seconds the work that it ends may go on although reads show
    its end.

    `read_size` and `act_size` are the most tasks of one call (0: any number). `warnings` are warnings of a run that belong to no single
    task; a vendor that adds to them uses the connection's list. `tables` is for a system whose `table` depends on an option: one table for
    each `OPTION=VALUE`, so that all can be documented.
    """

    prefix: ClassVar[str]
    path: ClassVar[str]
    ids: ClassVar[str] = "task_ids"
    needs_url: ClassVar[bool] = True
    arguments: ClassVar[Arguments]
    tasks: ClassVar[Arguments] = Arguments()
    filters: ClassVar[Arguments] = Arguments()
    tables: ClassVar[Mapping[str, StateTable]] = {}

    table: StateTable
    settle: float = 10.0
    lag: float = 0.0
    lingers: ClassVar[Mapping[str, float]] = {}
    read_size: int = 0
    act_size: int = 1
    warnings: Sequence[str] = ()
    _http: Http

    @abstractmethod
    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        """Create the system from the options, without any request. Raises `Failure` (`usage`)."""

    @classmethod
    def group(cls) -> str:
        """The action group of its modules: the name of its file. A window's targets use it as the vendor's name."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def address(cls, params: Mapping[str, Any]) -> str:
        """The system's address according to the options; empty if they give none."""
        return str(params.get("url") or "")

    @classmethod
    def requested_ids(cls, params: Mapping[str, Any]) -> Sequence[str] | None:
        """The ids that the options name, checked. None means that the options don't name tasks by ids. An empty list means no task at all,
        and never every task. Raises `Failure` (`usage`).
        """
        given = params[cls.ids]
        return None if given is None else check_ids(cls.ids, given)

    def batch_size(self, action: str, tasks: Sequence[Observation]) -> int:
        """The most tasks that one call of the action takes, if `tasks` are all that it has to be sent to now (0: any number)."""
        return self.act_size

    @property
    def renewals(self) -> int:
        """The number of logins after the first one. A refusal from before the latest login may have been about the credentials only."""
        return 0

    def find(self) -> Mapping[str, Observation] | None:
        """The tasks that the options name in another way than by ids, as just read; None if ids are given. Raises `Failure`."""
        return None

    @abstractmethod
    def read(self, ids: Sequence[str]) -> Mapping[str, Observation]:
        """One observation for each of the ids that the system knows. Raises `Failure`."""

    @abstractmethod
    def list_all(self, filters: Mapping[str, Any]) -> Sequence[Observation]:
        """All tasks that match the vendor's own filters, paged to the end. Raises `Failure`."""

    @abstractmethod
    def act(self, action: str, tasks: Sequence[Observation]) -> Mapping[str, Failure]:
        """Send one call. Returns the failures of single tasks, by their ids. Raises `Failure` if the call failed as a whole."""

    def explain(self, seen: Observation) -> str:
        """The system's explanation of a failed task, for the message; empty if it has none. Raises `Failure`."""
        return ""

    def look(self, path: str, *, method: str = "GET", **request: Any) -> Answer:
        """The system's unparsed answer to one read, for a comparison with the documents. Raises `Failure` if no answer comes."""
        return self._http.read(path, lambda answer: answer, method=method, **request)
