# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated kiln, written from its vendor's documents and never from what our modules send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..messages import BadOrder, Call, Reply, Request
from ..switches import Switch
from ..track import Lag, Track, lag_switch
from ..vendor import Vendor

TOKEN = "a-kiln-takes-this-token"
NEXT = {("burning", "hold"): "held", ("held", "light"): "burning", ("burning", "quench"): "out", ("held", "quench"): "out"}
SEEDS: list[dict[str, Any]] = [
    {"id": 7, "name": "vases", "state": "burning", "glaze": "celadon"},
    {"id": 8, "name": "bowls", "state": "held", "glaze": "celadon"},
    {"id": 9, "name": "tiles", "state": "fired", "glaze": "tenmoku"},
]
SWITCHES: tuple[Switch, ...] = (lag_switch("change_delay", 0, "before an accepted action shows in reads"),)


class Kiln(Vendor):
    name: ClassVar[str] = "kiln"
    switch_table: ClassVar[tuple[Switch, ...]] = SWITCHES

    _firings: dict[str, dict[str, Any]]
    _shown: dict[str, Track[str]]

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS

    def forget(self) -> None:
        self._firings, self._shown = {}, {}

    def tasks(self) -> list[dict[str, Any]]:
        return [dict(firing) for firing in self._firings.values()]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        if not all({"id", "state"} <= set(firing) for firing in tasks):
            raise BadOrder("a firing needs an id and a state")
        if not keep:
            self.forget()
        for firing in tasks:
            self._firings[str(firing["id"])] = dict(firing)
            self._shown[str(firing["id"])] = Track(firing["state"])

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        if not self._do(str(task), action):
            raise BadOrder(f"firing {task} can't {action} now")

    def describe(self, request: Request) -> Call:
        if request.method == "POST" and len(request.segments) == 5:
            return Call(request.segments[4], write=True, ids=(request.segments[3],))
        return Call("list")

    def respond(self, request: Request, call: Call) -> Reply:
        if request.header("Authorization") != f"Bearer {TOKEN}":
            return Reply.of_json({"error": "emulator: bad token"}, 401)
        if request.segments[:3] != ("kiln", "v1", "firings"):
            return Reply.of_json({"error": "emulator: no such path"}, 404)
        if not call.write:
            query = dict(request.query)
            ids = query["ids"].split(",") if "ids" in query else list(self._firings)
            firings = [{**self._firings[id_], "state": self._shown[id_].read(self.now)} for id_ in ids if id_ in self._firings]
            return Reply.of_json({"firings": [firing for firing in firings if query.get("glaze") in (None, firing.get("glaze"))]})
        if call.ids[0] not in self._firings:
            return Reply.of_json({"error": "emulator: no such firing"}, 404)
        if not self._do(call.ids[0], call.action):
            return Reply.of_json({"error": "emulator: not in this state"}, 409)
        return Reply(202, took_effect=True)

    def _do(self, id_: str, action: str) -> bool:
        firing = self._firings[id_]
        state = NEXT.get((firing["state"], action))
        if state is None:
            return False
        firing["state"] = state
        self._shown[id_].then(state, self.now, Lag.of(self.switches["change_delay"]))
        return True
