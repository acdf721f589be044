# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Kiln, an example of a vendor: a task is one firing, known by its number. It can be held, lit again and put out for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._answer import Answer
from .._arguments import Arguments, from_environment, in_path
from .._auth import Scheme
from .._connection import Connection
from .._errors import Failure, Refused
from .._http import Http
from .._lifecycle import Act, Cannot, Done, Observation, State, StateTable
from .._vendor import Vendor

_OUT = "firing {id} was put out, and a kiln can't light it again: plan a new one there"

TABLE = StateTable(
    "Kiln",
    [
        State(
            spelling="burning",
            word="started",
            meaning="the kiln fires",
            paused=Act("hold", arrives="held"),
            stopped=Act("quench", arrives="out"),
        ),
        State(
            spelling="held",
            word="paused",
            meaning="the temperature is held, and the firing can continue later",
            started=Act("light", arrives="burning"),
            stopped=Act("quench", arrives="out"),
        ),
        State(
            spelling="out",
            word="stopped",
            meaning="somebody put the fire out",
            paused=Cannot(_OUT),
            started=Cannot(_OUT),
        ),
        State(
            spelling="fired",
            word="completed",
            meaning="the firing has run to its end",
            paused=Cannot("firing {id} has run to its end; take it out of the list, or set if_unpausable"),
            started=Done("firing {id} has run to its end; it isn't burning any more"),
        ),
    ],
    noun="firing",
)


class Kiln(Vendor):
    """One kiln, as the engine and the information module use it."""

    prefix = "KILN"
    path = "/kiln/v1"
    table = TABLE
    arguments = from_environment("KILN", {"token": {"type": "str", "required": True, "no_log": True}})
    tasks = Arguments(options={"task_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["task_id"]}})
    filters = Arguments(options={"glaze": {"type": "str"}})

    def __init__(self, params: Mapping[str, Any], connection: Connection) -> None:
        self._http = Http(connection, "Kiln", self.path, Scheme("Bearer", params["token"]))
        self._http.keep_secret(params["token"])

    def read(self, ids: Sequence[str]) -> dict[str, Observation]:
        """Read all firings with one request. The answer omits unknown ones."""
        found = {firing.id: firing for firing in self._http.read("/firings", _firings, params={"ids": ",".join(ids)})}
        return {id_: found[id_] for id_ in ids if id_ in found}

    def list_all(self, filters: Mapping[str, Any]) -> list[Observation]:
        return self._http.read("/firings", _firings, params={name: value for name, value in filters.items() if value is not None})

    def act(self, action: str, tasks: Sequence[Observation]) -> dict[str, Failure]:
        """Hold, light or quench one firing."""
        self._http.write(f"/firings/{in_path(tasks[0].id)}/{action}", _accepted(action, tasks[0].id))
        return {}


def _firings(answer: Answer) -> list[Observation]:
    if answer.status != 200:
        raise answer.refusal()
    document = answer.document()
    firings = document.get("firings") if isinstance(document, dict) else None
    if not isinstance(firings, list) or not all(isinstance(firing, dict) and {"id", "state"} <= set(firing) for firing in firings):
        raise answer.unreadable("without a list of firings")
    return [
        Observation(
            id=str(firing["id"]),
            name=firing.get("name"),
            spelling=firing["state"],
            facts={key: value for key, value in firing.items() if key not in ("id", "name", "state")},
        )
        for firing in firings
    ]


def _accepted(action: str, id_: str) -> Callable[[Answer], None]:
    def judge(answer: Answer) -> None:
        if answer.status == 409:
            raise Refused("refused", f"Kiln refused to {action} firing {id_} ({answer.shown}); check it there", http_status=409)
        if answer.status != 202:
            raise answer.refusal()

    return judge
