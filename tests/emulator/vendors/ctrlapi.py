# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elecard Boro's Control API, live and vod. Sections named here are those of the vendor page ``ctrlapi.md``."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, ClassVar

from ..messages import JSON, BadOrder, Call, Reply, Request
from ..vendor import Vendor
from . import _ctrlapi_put as putting
from . import _ctrlapi_signature as signing
from ._ctrlapi_errors import Errors, said
from ._ctrlapi_life import Life
from ._ctrlapi_live import LiveMethods
from ._ctrlapi_live_life import LiveLife
from ._ctrlapi_methods import Asked, Methods
from ._ctrlapi_params import Params, Refusal, as_number
from ._ctrlapi_rules import LIVE, PATH, READS
from ._ctrlapi_seeds import SEEDS
from ._ctrlapi_switches import SWITCHES
from ._ctrlapi_task import Task
from ._ctrlapi_vod import VodMethods
from ._ctrlapi_vod_life import VodLife
from ._ctrlapi_world import World

# Section 8, T15: Nginx's own page.
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx/1.18.0 (Ubuntu)</center>\r\n</body>\r\n</html>\r\n"
)
REASONS = {400: "400 Bad Request", 401: "401 Unauthorized", 403: "403 Forbidden", 404: "404 Not Found", 500: "500 Internal Server Error"}
HTML = "text/html"
# Not part of any answer of Boro's, which gives no reason (section 2.4): it shows a person what is wrong with a signature.
NOTE = "X-Emulator-Note"


def _page(status: int) -> Reply:
    return Reply.of_text(NGINX.format(REASONS[status]), status, media_type=HTML)


class CtrlApi(Vendor):
    name: ClassVar[str] = "ctrlapi"
    switch_table = SWITCHES

    _tasks: dict[int, Task]
    _life: Life
    _methods: Methods[Any]

    # --- for the framework ----------------------------------------------------------------------------------------

    @property
    def _dialect(self) -> str:
        return str(self.switches["dialect"])

    def seeds(self) -> list[dict[str, Any]]:
        return SEEDS[self._dialect]

    def forget(self) -> None:
        self._tasks = {}
        self.world = World(self.switches)
        self._errors = Errors(self.switches)
        if self._dialect == LIVE:
            live = LiveLife(self._tasks, self.world, self.agenda, self.clock, self.switches)
            self._life, self._methods = live, LiveMethods(live, self.clock, self.switches)
        else:
            vod = VodLife(self._tasks, self.world, self.agenda, self.clock, self.switches)
            self._life, self._methods = vod, VodMethods(vod, self.clock, self.switches)

    def set_switches(self, changes: Mapping[str, Any]) -> None:
        """Another dialect is another server, with tasks of its own."""
        with self.lock:
            before = self._dialect
            super().set_switches(changes)
            if self._dialect != before:
                self.agenda.clear()
                self.forget()
                self.load(self.seeds(), keep=False)

    def tasks(self) -> list[dict[str, Any]]:
        for task in list(self._tasks.values()):  # the order may cause a restart
            self._life.ripen(task, self.now)
        return [putting.view(task, self._life, self.now) for task in self._tasks.values()]

    def load(self, tasks: list[dict[str, Any]], *, keep: bool) -> None:
        for fields in tasks:
            putting.check(fields, self._dialect)
        if not keep:
            for task in self._tasks.values():
                task.steps.clear()
            self._tasks.clear()
        for fields in tasks:
            putting.put(fields, self._life, self.now, self._dialect)

    def act(self, task: str, action: str, details: Mapping[str, Any]) -> None:
        found = self._tasks.get(int(task)) if task.isdecimal() else None
        if found is None:
            raise BadOrder(f"no task {task!r}")
        self._life.ripen(found, self.now)
        self._life.outside(found, action, self.now, details)

    # --- requests -------------------------------------------------------------------------------------------------

    @staticmethod
    def _entries(request: Request) -> list[dict[str, Any]]:
        """The method entries of a body, valid or not."""
        body = request.json
        entries = body.get("methods") if isinstance(body, dict) else None
        return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []

    def describe(self, request: Request) -> Call:
        """Several methods in one request are joined with commas. A method that isn't surely a read counts as a change."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return Call("unknown")
        methods: list[str] = []
        ids: list[str] = []
        for entry in self._entries(request):
            methods.append(str(entry.get("method")))
            params = entry.get("params")
            named = params.get("task_ids", params.get("task_id")) if isinstance(params, dict) else None
            if named is not None:
                ids += [str(item) for item in (named if isinstance(named, list) else [named])]
        action = ",".join(dict.fromkeys(methods))
        return Call(action or "unknown", not methods or not READS.issuperset(methods), tuple(dict.fromkeys(ids)))

    def respond(self, request: Request, call: Call) -> Reply:
        """From the outside in: the proxy, the product's checkbox, the address, the signature, the envelope, each method."""
        if self.switches["nginx_closed"]:
            return _page(403)
        if self.switches["control_api"] != "on":
            return _page(self.switches["control_api"])
        if request.path != PATH:
            return _page(404)
        if request.method != "POST":
            return Reply(405, [("Allow", "POST")])
        if self.switches["verify_hmac"]:
            wrong = self._signature_fault(request)
            if wrong:
                return self._unsigned(wrong)
        try:
            return self._answer(request)
        except Refusal as refusal:
            return self._refused(refusal)

    # --- signing (section 2.4) ------------------------------------------------------------------------------------

    def _signature_fault(self, request: Request) -> str | None:
        claim = signing.parse(request.header("Authorization"))
        if claim is None:
            return "authorization"
        key = self.world.key_of(claim.access_id)
        secret = None if key is None else signing.key_bytes(key, self.switches["key_encoding"])
        if secret is None:
            return "access id"
        original = self.switches["path_prefix"] + request.target if self.switches["proxy_tells_uri"] else None
        window = self.switches["signature_window"]
        wrong = signing.fault(request, claim, secret, wall=self.clock.wall(), window=window, original_uri=original)
        if wrong is None and self.switches["access_id_is_user_id"]:
            body = request.json
            user_id = as_number(body.get("user_id"), quoted=True) if isinstance(body, dict) else None
            # The envelope handles a body without any user_id.
            if user_id is not None and self.world.access_id(user_id) != claim.access_id:
                return "access id"
        return wrong

    def _unsigned(self, why: str) -> Reply:
        status, form = self.switches["hmac_refused_as"], self.switches["hmac_refused_body"]
        if form == "html":
            reply = _page(status)
        elif form == "json":
            reply = Reply.of_json(said("error", "emulator: unauthorized"), status)
        else:
            reply = Reply(status)
        # The answer is dated by the clock that judged the signature.
        reply.headers += [("Date", formatdate(self.clock.wall(), usegmt=True)), (NOTE, why)]
        return reply

    # --- the envelope (section 3.1) ---------------------------------------------------------------------------------

    def _bad(self, text: str) -> Refusal:
        return Refusal(self.switches["bad_envelope"], f"emulator: {text}")

    def _opened(self, request: Request) -> tuple[int, list[dict[str, Any]]]:
        """The caller and the method entries. The whole envelope is checked before any method is executed."""
        if self.switches["check_media_type"] and request.media_type != JSON:
            raise self._bad("the body must be application/json")
        body = request.json
        if not isinstance(body, dict):
            raise self._bad("the body is no JSON object")
        user_id = as_number(body.get("user_id"), quoted=self.switches["quoted_numbers"] == "accepted")
        if user_id is None:
            raise self._bad("user_id must be a number")
        entries = body.get("methods")
        if not isinstance(entries, list) or not entries or not all(self._is_entry(entry) for entry in entries):
            raise self._bad("methods must be an array of {method, id, params}")
        return user_id, entries

    @staticmethod
    def _is_entry(entry: object) -> bool:
        return (
            isinstance(entry, dict)
            and isinstance(entry.get("method"), str)
            and isinstance(entry.get("params", {}), dict)
            and ("id" not in entry or as_number(entry["id"], quoted=False) is not None)
        )

    def _answer(self, request: Request) -> Reply:
        user_id, entries = self._opened(request)
        is_stranger = self.world.user(user_id) is None
        if is_stranger and self.switches["unknown_user"] != "method":
            raise Refusal(self.switches["unknown_user"], f"emulator: no user {user_id}")
        top = self._errors.at("top")
        if top and not top.beside:
            return Reply.of_json(top.members)
        reply, took_effect = [], False
        for entry in entries:
            head = {"method": entry["method"], **({"id": entry["id"]} if "id" in entry else {})}
            try:
                if is_stranger:
                    raise Refusal("method", f"emulator: no user {user_id}")
                members, changed = self._entry(entry, user_id)
            except Refusal as refusal:
                if isinstance(refusal.where, int) or refusal.where == "top":
                    answer = self._refused(refusal)
                    answer.took_effect = took_effect  # by the methods before
                    return answer
                members, changed = self._refused_entry(refusal), False
            took_effect = took_effect or changed
            reply.append({**head, **members})
        return Reply.of_json({"reply": reply, **(top.members if top else {})}, took_effect=took_effect)

    def _entry(self, entry: dict[str, Any], user_id: int) -> tuple[dict[str, Any], bool]:
        """The members of one method in addition to its name and id, and whether it changed anything."""
        method, raw = entry["method"], entry.get("params", {})
        whole, inside = self._errors.at("method", method), self._errors.at("object", method)
        if whole and not whole.beside:
            return whole.members, False
        if inside and not inside.beside:
            return {"result": inside.members}, False
        outcome = self._methods.answer(Asked(method, user_id, raw, Params(raw, self.switches)))
        result = outcome.result
        if inside:
            result = {**(result if isinstance(result, dict) else {}), **inside.members}
        members = {"result": result, **({} if outcome.errors is None else {"errors": outcome.errors})}
        return {**members, **(whole.members if whole else {})}, outcome.took_effect

    @staticmethod
    def _refused_entry(refusal: Refusal) -> dict[str, Any]:
        """A refused method, at the level that the switch selects."""
        text = str(refusal)
        if refusal.where == "object":
            return {"result": said("error", text)}
        if refusal.where == "item" and refusal.ids:
            return {"result": [{"task_id": task_id, **said("error", text)} for task_id in refusal.ids]}
        if refusal.where == "empty":
            return {"result": []}
        if refusal.where == "no_result":
            return {}
        return said("errors", text)

    @staticmethod
    def _refused(refusal: Refusal) -> Reply:
        """Refuse the whole request: 200 with errors, or an HTTP status."""
        return Reply.of_json(said("errors", str(refusal)), refusal.where if isinstance(refusal.where, int) else 200)
