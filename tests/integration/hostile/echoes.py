# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems, or proxies on the way to them, whose answers repeat the request."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendor import Vendor

from .search import HEADERS

LOGINS = ("login", "token", "tokens", "iam")


def echo(
    status: int, media: str = "text/plain", *, only_writes: bool = False, when: Callable[[], bool] = lambda: True
) -> Callable[[Vendor], None]:
    """Let the system repeat the whole request, raw and decoded. `when` decides from which moment on."""

    def begin(vendor: Vendor) -> None:
        respond: Callable[[Request, Call], Reply] = vendor.respond

        def repeat(request: Request, call: Call) -> Reply:
            if not when() or (only_writes and (not call.write or call.action in LOGINS)):
                return respond(request, call)
            # The authentication comes first, since a message shows only the beginning.
            heads = [f"{name}: {value}" for name, value in sorted(request.headers, key=lambda pair: pair[0].lower() not in HEADERS)]
            heads += [decoded(value.split()[-1]) for name, value in request.headers if name == "Authorization"]
            said = "\n".join([*heads, request.target, request.text, *(value for _name, value in request.form)])
            return shaped(said, status, media)

        vendor.respond = repeat  # type: ignore[method-assign]

    return begin


def decoded(proof: str) -> str:
    """The decoded text if it is base64, like a user and a password. A signature may be something else."""
    try:
        return base64.b64decode(proof + "===").decode("utf-8", "replace")
    except ValueError:
        return ""


def shaped(said: str, status: int, media: str) -> Reply:
    if media == "application/json":
        # In the error formats of all vendors at once.
        body = {
            "status": False,
            "value": said,
            "error_code": "X.1",
            "error_msg": said,
            "messageID": "KNAE00000-E",
            "message": said,
            "error": said,
            "detail": said,
        }
        return Reply.of_json(body, status)
    if media == "text/html":
        return Reply.of_text(f"<html><body><pre>{html.escape(said)}</pre></body></html>", status, media_type=media)
    return Reply.of_text(said, status)
