# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of JP1/AO other than tasks: job objects, templates, errors. Sections: ``hitachi.md``, 2.5, 3.2, 3.4 and 3.5."""

from __future__ import annotations

import uuid
from typing import Any

from ..messages import JSON, Reply, Request, compact
from ..vendor import Vendor
from ._hitachi_dates import job_date
from ._hitachi_states import ARCHIVE, FORCE_STOP, RERUN, RERUN_STEP, RESUME

BASE = "/Automation/v1"
OBJECTS = f"{BASE}/objects"

# Section 8, vector 2: the one code and text that is documented.
NOT_THERE = (
    "KNAE02102-E",
    "The specified resource does not exist or you do not have access. After reviewing the content of the following, please re-run.\n"
    "- The presence or absence of resources\n- Access rights to the resource",
)
# Section 2.4: the text names the method. Its words aren't published.
CHALLENGE = 'Basic realm="emulator: Automation"'
# Section 2.5, on every page.
HEADERS = (
    ("Server", "Cosminexus HTTP Server"),
    ("Access-Control-Expose-Headers", "WWW-Authenticate"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE, PUT, HEAD, OPTIONS"),
    ("Access-Control-Allow-Credentials", "true"),
    ("Cache-Control", "no-cache"),
)


class Refusal(Exception):
    """An answer with this status and an error object. A code that no page has is recognisable: KNAE9, then the status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message if code else f"emulator: {message}"
        self.code = code or f"KNAE90{status}-E"


def not_there() -> Refusal:
    return Refusal(404, NOT_THERE[1], NOT_THERE[0])


def address(request: Request, path: str) -> str:
    """Addresses as in the samples: always plain HTTP, with the host of the request."""
    return f"http://{request.header('Host') or 'localhost:22015'}{path}"


def error(request: Request, refusal: Refusal) -> Reply:
    """Section 3.2, error object."""
    said = {
        "errorSource": address(request, request.path),
        "message": refusal.message,
        "messageID": refusal.code,
        "application": "Automation",
    }
    return Reply.of_json(said, refusal.status)


def outer(vendor: Vendor, request: Request, refusal: Refusal) -> Reply:
    """Section 7: the body of a refusal before the application isn't documented."""
    shape = vendor.switches["outer_body"]
    if shape == "json":
        return error(request, refusal)
    if shape == "empty":
        return Reply(refusal.status)
    text = f"<html><head><title>{refusal.status}</title></head><body>{refusal.message}</body></html>"
    return Reply.of_text(text, refusal.status, media_type="text/html;charset=utf-8")


def see_other(request: Request, task_id: int) -> Reply:
    """Section 8, vector 12."""
    reply = Reply.of_text(
        "<html><head><title>303 See Other</title></head><body>emulator: see the archive action</body></html>",
        303,
        media_type="text/html;charset=utf-8",
    )
    reply.headers.append(("Location", address(request, f"{OBJECTS}/Tasks/{task_id}/actions/archive")))
    return reply


def job(vendor: Vendor, action: str, resource: str) -> dict[str, Any]:
    """Section 3.2, job object. The three times are equal if the action ran at once."""
    switches, now = vendor.switches, job_date(vendor.clock.wall())
    state, by_schema = switches["job_state"], switches["job_members"] == "schema"
    answer: dict[str, Any] = {
        "instanceId" if by_schema else "instanceID": str(uuid.UUID(int=vendor.random.getrandbits(128), version=4)),
        "created": now,
        "updated": now,
        "completed": now if state in ("success", "failed") else None,
        "state": state,
        "affectedResources" if by_schema else "affectedResource": resource if switches["affected_as"] == "text" else [resource],
    }
    if action in (FORCE_STOP, RERUN, RERUN_STEP, ARCHIVE):
        answer["result"] = []
    if action in (RERUN, RERUN_STEP, ARCHIVE):
        answer["resultType"] = ""
    return answer


def template(vendor: Vendor, request: Request, resource: str, id_: int, action: str) -> dict[str, Any]:
    """Sections 3.4 and 3.5. Some hrefs and names on the pages are wrong (section 6, 8 and 9)."""
    path, name = f"{OBJECTS}/{resource}/{id_}/actions/{action}/invoke", action
    printed, old = vendor.switches["hrefs"] == "as_printed", vendor.switches["hitachi_edition"] == "v10"
    if printed and old and resource == "Schedules":
        path = f"{OBJECTS}/Schedules/{id_}" + ("/actions/submit/invoke" if action == RESUME else "")
    href = address(request, path)
    if printed and not old:
        href = f" http://{(request.header('Host') or 'localhost').partition(':')[0]}{path}"
    if printed and action == RERUN_STEP:
        name = RERUN
    return {"name": name, "href": href, "method": "POST", "parameters": None if old else []}


def check_body(request: Request, action: str, *, empty: bool) -> None:
    """Section 3.4: all of it, except that the href may name anything."""
    if not request.body.strip():
        if not empty:
            raise Refusal(400, "an action needs its body")
        return
    if request.media_type not in (None, JSON):
        raise Refusal(400, f"a body of type {request.media_type} isn't understood")
    body = request.json
    if not isinstance(body, dict):
        raise Refusal(400, "the body is no JSON object")
    if body.get("name") != action or body.get("method") != "POST" or not isinstance(body.get("href"), str):
        raise Refusal(400, f"the body needs name {action!r}, method 'POST' and a href")
    if "parameters" not in body or not isinstance(body["parameters"], (list, type(None))):
        raise Refusal(400, "the body needs parameters, a list")


def text_reply(text: str) -> Reply:
    return Reply(200, [("Content-Type", JSON)], text.encode("utf-8", "replace"))


def listing(texts: list[str], count: int, pagination: dict[str, int] | None) -> Reply:
    more = "" if pagination is None else f',"pagination":{compact(pagination)}'
    return text_reply(f'{{"data":[{",".join(texts)}],"count":{count}{more}}}')
