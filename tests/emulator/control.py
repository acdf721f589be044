# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control address ``/_emulator``: tests use it to set tasks, switches and faults, and to read the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from .faults import KINDS
from .messages import BadOrder, Reply, Request
from .switches import is_number
from .vendor import Vendor

PREFIX = "/_emulator"


def is_control(target: str) -> bool:
    return target.startswith(PREFIX) and target[len(PREFIX) : len(PREFIX) + 1] in ("", "/", "?")


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadOrder("the body must be a JSON object")
    return value


def _tasks(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadOrder("the body must be a JSON list of tasks")
    return value


class ControlApi:
    """The control API. It isn't journaled, and neither faults nor ``latency`` affect it."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self._routes: dict[str, dict[str, Callable[[Request], Any]]] = {
            "": {"GET": self._about},
            "/tasks": {"GET": self._get_tasks, "PUT": self._put_tasks, "POST": self._add_tasks, "DELETE": self._delete_tasks},
            "/switches": {"GET": self._get_switches, "PATCH": self._set_switches},
            "/faults": {"GET": self._get_faults, "POST": self._order_faults, "DELETE": self._clear_faults},
            "/journal": {"GET": self._get_journal, "DELETE": self._clear_journal},
            "/act": {"POST": self._act},
            "/advance": {"POST": self._advance},
            "/reset": {"POST": self._reset},
        }

    def answer(self, request: Request) -> Reply:
        path = request.path[len(PREFIX) :].rstrip("/")
        methods = self._routes.get(path)
        if methods is None:
            return Reply.of_json({"error": f"no {PREFIX}{path}; known: {', '.join(PREFIX + known for known in self._routes)}"}, 404)
        handler = methods.get(request.method)
        if handler is None:
            return Reply.of_json({"error": f"{PREFIX}{path} knows {', '.join(methods)}"}, 405)
        if request.body and request.json is None:
            return Reply.of_json({"error": "the body is not JSON"}, 400)
        try:
            with self.vendor.lock:
                self.vendor.settle()
                return Reply.of_json(handler(request))
        except BadOrder as error:
            return Reply.of_json({"error": str(error)}, 400)

    def _about(self, _request: Request) -> Any:
        vendor = self.vendor
        return {
            "vendor": vendor.name,
            "switches": vendor.switches.describe(),
            "tasks": len(vendor.tasks()),
            "journal": len(vendor.journal),
            "faults": {name: {"doc": kind.doc, "effect": kind.effect, "options": sorted(kind.options)} for name, kind in KINDS.items()},
            "now": vendor.now,
            "wall": vendor.clock.wall(),
        }

    def _get_tasks(self, _request: Request) -> Any:
        return self.vendor.tasks()

    def _put_tasks(self, request: Request) -> Any:
        self.vendor.load(_tasks(request.json), keep=False)
        return self.vendor.tasks()

    def _add_tasks(self, request: Request) -> Any:
        tasks = request.json
        self.vendor.load(_tasks([tasks] if isinstance(tasks, dict) else tasks), keep=True)
        return self.vendor.tasks()

    def _delete_tasks(self, _request: Request) -> Any:
        self.vendor.load([], keep=False)
        return []

    def _get_switches(self, _request: Request) -> Any:
        return self.vendor.switches.describe()

    def _set_switches(self, request: Request) -> Any:
        self.vendor.set_switches(_object(request.json))
        return dict(self.vendor.switches)

    def _get_faults(self, _request: Request) -> Any:
        return self.vendor.faults.view()

    def _order_faults(self, request: Request) -> Any:
        orders = request.json if isinstance(request.json, list) else [request.json]
        return [fault.view() for fault in self.vendor.faults.order([_object(order) for order in orders])]

    def _clear_faults(self, _request: Request) -> Any:
        self.vendor.faults.clear()
        return []

    def _get_journal(self, request: Request) -> Any:
        since = parse_qs(request.query_text or "").get("since", ["0"])[-1]
        if not since.isdecimal():
            raise BadOrder("since is the number of an entry")
        return [entry.view() for entry in self.vendor.journal.since(int(since))]

    def _clear_journal(self, _request: Request) -> Any:
        self.vendor.journal.clear()
        return []

    def _act(self, request: Request) -> Any:
        order = _object(request.json)
        task, action = order.pop("task", None), order.pop("action", None)
        if task is None or not isinstance(action, str):
            raise BadOrder("act needs a task and an action")
        self.vendor.act(str(task), action, order)
        return self.vendor.tasks()

    def _advance(self, request: Request) -> Any:
        seconds = _object(request.json).get("seconds")
        if not is_number(seconds):
            raise BadOrder("advance needs seconds, 0 or more")
        self.vendor.advance(float(str(seconds)))
        return {"now": self.vendor.now, "wall": self.vendor.clock.wall()}

    def _reset(self, _request: Request) -> Any:
        self.vendor.reset()
        return {"vendor": self.vendor.name}
