# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults that a test can order: what fails, for which requests, and how often."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from itertools import count
from typing import Any

from .messages import BadOrder, Call, Reply, Request
from .switches import is_number

# Everything that the emulator sends or waits for has an end.
LONGEST_WAIT = 600.0
LARGEST_BODY = 512 << 20

HTML = "<!DOCTYPE html><html><head><title>emulator: a proxy's own page</title></head><body><h1>Not the answer you wanted</h1></body></html>"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_status(value: object) -> bool:
    return _is_count(value) and 200 <= int(str(value)) <= 599


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_optional_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_wait(value: object) -> bool:
    return is_number(value) and float(str(value)) <= LONGEST_WAIT


def _is_size(value: object) -> bool:
    return is_number(value) and float(str(value)) * (1 << 20) <= LARGEST_BODY


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) and isinstance(item, str) for name, item in value.items())


def _is_base64(value: object) -> bool:
    if value is None:
        return True
    try:
        base64.b64decode(value if isinstance(value, str) else b"!", validate=True)
    except ValueError:
        return False
    return True


Option = tuple[Any, Callable[[Any], bool]]


@dataclass(frozen=True)
class Kind:
    doc: str
    effect: bool  # whether the action takes effect although the answer fails
    options: Mapping[str, Option]
    effect_is_free: bool = False  # whether an order may override that, which is possible if the fault replaces the true answer


KINDS: dict[str, Kind] = {
    "status": Kind(
        "this status instead of the vendor's answer",
        False,
        {"status": (500, _is_status), "body": ("", lambda value: True), "headers": ({}, _is_headers)},
        effect_is_free=True,
    ),
    "delay": Kind(
        "wait, before the request is handled or before its answer is sent",
        True,
        {"seconds": (1.0, _is_wait), "when": ("before", ("before", "after").__contains__)},
    ),
    "reset_before": Kind("the connection is reset and nothing is done", False, {}),
    "reset_after": Kind("the action takes hold, then the connection is reset without an answer", True, {}),
    "proxy_closes": Kind("the action takes hold, then a proxy on the way closes the connection without an answer", True, {}),
    "no_tunnel": Kind("a proxy on the way opens no tunnel: nothing of the request is sent", False, {"status": (503, _is_status)}),
    "repeat": Kind("a proxy on the way sends the request twice, and the second answer is passed on", True, {}),
    "via": Kind("a proxy on the way adds its headers to the true answer", True, {"headers": ({"Via": "1.1 proxy"}, _is_headers)}),
    "cut": Kind("the whole Content-Length is announced, part of the body sent, the connection closed", True, {"part": (0.5, is_number)}),
    "drip": Kind("the body comes a byte at a time", True, {"seconds": (0.1, _is_wait)}),
    "html": Kind(
        "a proxy's HTML page instead of the answer", False, {"status": (200, _is_status), "body": (HTML, _is_text)}, effect_is_free=True
    ),
    "empty": Kind(
        "no body at all; status: null for the true answer's",
        True,
        {"status": (None, lambda value: value is None or _is_status(value))},
        effect_is_free=True,
    ),
    "rate_limit": Kind(
        "429; retry_after: null for no header, else seconds, or any text as it stands",
        False,
        {
            "status": (429, _is_status),
            "retry_after": (None, lambda value: _is_optional_text(value) or is_number(value)),
            "as_date": (False, _is_flag),
            "body": ("", lambda value: True),
        },
        effect_is_free=True,
    ),
    "expire_token": Kind("all tokens issued so far are invalid from this request on", True, {}),
    "redirect": Kind(
        "a redirect to the given address",
        False,
        {"status": (302, _is_status), "location": ("http://localhost:9/", _is_text)},
        effect_is_free=True,
    ),
    "endless": Kind(
        "a chunked body that doesn't end, up to a maximum after which the connection is reset",
        True,
        {"max_megabytes": (256, _is_size), "seconds": (0.0, _is_wait)},
    ),
    "huge": Kind("the true answer, blown up with white space to this size (JSON stays valid)", True, {"megabytes": (65, _is_size)}),
    "garbage": Kind(
        "these bytes as the body",
        False,
        {
            "status": (200, _is_status),
            "body": ("\x00\x01 emulator: garbage", _is_text),
            "body_base64": (None, _is_base64),
            "content_type": ("application/json", _is_optional_text),
            "encoding": (None, _is_optional_text),  # Content-Encoding
        },
        effect_is_free=True,
    ),
}
MATCHES = ("method", "path", "write", "action", "id")


class Fault:
    def __init__(self, number: int, order: Mapping[str, Any]) -> None:
        given = dict(order)
        self.id = number
        self.kind = str(given.pop("kind", ""))
        if self.kind not in KINDS:
            raise BadOrder(f"no fault {self.kind!r}; known: {', '.join(KINDS)}")
        kind = KINDS[self.kind]
        self.match = given.pop("match", None) or {}
        self.after = given.pop("after", 0)
        self.times = given.pop("times", 1)
        self.effect = given.pop("effect", kind.effect)
        self.seen = 0
        self.applied = 0
        self.options = {name: default for name, (default, _check) in kind.options.items()} | given
        self._check(kind)
        self._path = re.compile(self.match["path"]) if "path" in self.match else None
        self._action = re.compile(self.match["action"]) if "action" in self.match else None

    def _check(self, kind: Kind) -> None:
        for name in self.options:
            if name not in kind.options:
                known = ", ".join(["match", "after", "times", "effect", *kind.options])
                raise BadOrder(f"fault {self.kind} has no {name!r}; known: {known}")
            if not kind.options[name][1](self.options[name]):
                raise BadOrder(f"fault {self.kind}: {name} can't be {self.options[name]!r}")
        if not isinstance(self.match, dict) or set(self.match) - set(MATCHES):
            raise BadOrder(f"a fault matches by {', '.join(MATCHES)}")
        if self.effect != kind.effect and not kind.effect_is_free:
            raise BadOrder(f"fault {self.kind}: effect can't be chosen, it is {str(kind.effect).lower()}")
        if not _is_count(self.after) or not (self.times is None or _is_count(self.times)) or not isinstance(self.effect, bool):
            raise BadOrder("after is a count, times is a count or null (for ever), effect is true or false")
        if "write" in self.match and not isinstance(self.match["write"], bool):
            raise BadOrder("match.write is true or false")
        for name in ("path", "action"):
            try:
                re.compile(self.match.get(name, ""))
            except (re.error, TypeError) as error:
                raise BadOrder(f"match.{name} is no regular expression: {error}") from error

    def matches(self, request: Request, call: Call) -> bool:
        match = self.match
        return (
            ("method" not in match or str(match["method"]).upper() == request.method)
            and (self._path is None or bool(self._path.search(request.path)))
            and (self._action is None or bool(self._action.fullmatch(call.action)))
            and ("write" not in match or match["write"] == call.write)
            and ("id" not in match or str(match["id"]) in call.ids)
        )

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.applied >= self.times

    @property
    def wait_before(self) -> float:
        return float(self.options["seconds"]) if self.kind == "delay" and self.options["when"] == "before" else 0.0

    @property
    def wait_after(self) -> float:
        return float(self.options["seconds"]) if self.kind == "delay" and self.options["when"] == "after" else 0.0

    def shape(self, reply: Reply, wall: float) -> Reply:
        """The reply as the fault changes it."""
        shaper = getattr(self, f"_{self.kind}", None)
        if shaper is None:
            return reply
        shaped: Reply = shaper(reply, wall)
        shaped.took_effect = reply.took_effect
        return shaped

    def _own(self) -> Reply:
        body, status = self.options["body"], self.options["status"]
        return Reply.of_text(body, status) if isinstance(body, str) else Reply.of_json(body, status)

    def _status(self, _reply: Reply, _wall: float) -> Reply:
        shaped = self._own()
        own = {name.lower() for name in self.options["headers"]}
        shaped.headers = [pair for pair in shaped.headers if pair[0].lower() not in own] + list(self.options["headers"].items())
        return shaped

    def _rate_limit(self, _reply: Reply, wall: float) -> Reply:
        wait = self.options["retry_after"]
        if is_number(wait) and self.options["as_date"]:
            wait = formatdate(wall + float(wait), usegmt=True)
        shaped = self._own()
        if wait is not None:
            shaped.headers.append(("Retry-After", str(wait)))
        return shaped

    def _html(self, _reply: Reply, _wall: float) -> Reply:
        return Reply.of_text(self.options["body"], self.options["status"], media_type="text/html; charset=utf-8")

    def _empty(self, reply: Reply, _wall: float) -> Reply:
        return Reply(self.options["status"] or reply.status, reply.headers)

    def _redirect(self, _reply: Reply, _wall: float) -> Reply:
        return Reply(self.options["status"], [("Location", self.options["location"])])

    def _garbage(self, _reply: Reply, _wall: float) -> Reply:
        coded = self.options["body_base64"]
        body = base64.b64decode(coded) if coded is not None else self.options["body"].encode()
        headers = [("Content-Type", self.options["content_type"]), ("Content-Encoding", self.options["encoding"])]
        return Reply(self.options["status"], [pair for pair in headers if pair[1] is not None], body)

    def _huge(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, reply.headers, reply.body.ljust(int(self.options["megabytes"] * (1 << 20))))

    def _reset_before(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, fault="reset")

    _reset_after = _reset_before

    def _proxy_closes(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, fault="proxy_closes")

    def _no_tunnel(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, fault="no_tunnel", fault_options={"status": self.options["status"]})

    def _via(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, [*reply.headers, *self.options["headers"].items()], reply.body)

    def _cut(self, reply: Reply, _wall: float) -> Reply:
        sent = min(int(len(reply.body) * self.options["part"]), max(len(reply.body) - 1, 0))
        return Reply(reply.status, reply.headers, reply.body, fault="cut", fault_options={"sent": sent})

    def _drip(self, reply: Reply, _wall: float) -> Reply:
        return Reply(reply.status, reply.headers, reply.body, fault="drip", fault_options={"seconds": self.options["seconds"]})

    def _endless(self, reply: Reply, _wall: float) -> Reply:
        limit = int(self.options["max_megabytes"] * (1 << 20))
        return Reply(
            reply.status, reply.headers, reply.body, fault="endless", fault_options={"limit": limit, "seconds": self.options["seconds"]}
        )

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "match": self.match,
            "after": self.after,
            "times": self.times,
            "effect": self.effect,
            "seen": self.seen,
            "applied": self.applied,
            "options": self.options,
        }


class Faults:
    """The ordered faults. A request gets the first one that matches it. Later ones don't count it then."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._numbers = count(1)

    def order(self, orders: list[Mapping[str, Any]]) -> list[Fault]:
        faults = [Fault(next(self._numbers), order) for order in orders]
        self._faults.extend(faults)
        return faults

    def pick(self, request: Request, call: Call) -> Fault | None:
        for fault in self._faults:
            if fault.is_spent or not fault.matches(request, call):
                continue
            fault.seen += 1
            if fault.seen > fault.after:
                fault.applied += 1
                return fault
        return None

    def clear(self) -> None:
        self._faults.clear()

    def view(self) -> list[dict[str, Any]]:
        return [fault.view() for fault in self._faults]
