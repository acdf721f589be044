# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What a system's refusal means, looked up in one table: who isn't known, who may not, what is asked for wrongly, what may be tried again.

The rows are data and stand in the vendors' files. What isn't known is judged by its HTTP status alone, and the careful way: a server error
may hide an action that took hold.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._answer import Answer
from ._errors import AnswerLost, Code, Failure, Refused, Unauthorized

SAID = 400


@dataclass(frozen=True)
class Told:
    """A refusal in the system's own words: its code and its text in one line, where it has any, and the id of the request."""

    code: str | None = None
    text: str = ""
    request_id: str | None = None

    @property
    def words(self) -> str:
        return " ".join(filter(None, [self.code, self.text]))


@dataclass(frozen=True)
class Row:
    """What one kind of refusal means.

    It holds for the HTTP `statuses` (empty: any), for each code that `code` matches as a whole (a regular expression; empty: any, and
    none) and each text in which `text` is found. Without `any_body` it holds only where the system itself has said something: a bare
    status may be a proxy's. `means` is our word. `kind` tells what is known of the request: `Refused` surely took no effect,
    `Unauthorized` neither, and a new token may help, `TryLater` may be sent again, `AnswerLost` may have taken hold. `advice` is what to
    do about it; what stands in braces there is filled in by the vendor.
    """

    means: Code
    kind: type[Failure]
    advice: str = ""
    code: str = ""
    statuses: Container[int] = ()
    text: str = ""
    any_body: bool = False

    def fits(self, status: int, told: Told) -> bool:
        return (
            (self.any_body or bool(told.words))
            and (not self.statuses or status in self.statuses)
            and (not self.code or re.fullmatch(self.code, told.code or "") is not None)
            and (not self.text or re.search(self.text, told.text) is not None)
        )


# What a status means by itself, where the system said something and no row of its own fits.
BY_STATUS = (
    Row("authentication", Unauthorized, "check the credentials", statuses=(401,)),
    Row("permission", Refused, "check what the user may do there", statuses=(403,)),
    Row("not_found", Refused, "check url", statuses=(404,)),
    Row("refused", AnswerLost, statuses=(408, 425, *range(500, 600))),
    Row("refused", Refused),
)


def failure_of(answer: Answer, told: Told, rows: Iterable[Row], lead: str = "", hints: Mapping[str, str] | None = None) -> Failure:
    """The failure that an answer tells, by the first of the `rows` that fits, else by its status alone.

    `lead` begins the sentence in place of the name of the exchange, `hints` fill the braces of an advice.
    """
    row = next((row for row in (*rows, *BY_STATUS) if row.fits(answer.status, told)), None)
    if row is None:
        return answer.refusal()
    how = "was answered with an error" if row.kind is AnswerLost else "was refused"
    # Markup tells an operator nothing.
    words = told.words or ("" if answer.shown.startswith("<") else answer.shown)
    message = f"{lead or f'{answer.what} {how}'} ({', '.join(filter(None, [f'HTTP {answer.status}', words]))})"
    # Only the advice is a template: the rest may hold a vendor's braces.
    advice = row.advice.format_map(hints or {})
    facts: dict[str, Any] = {"vendor_code": told.code, "http_status": answer.status, "request_id": told.request_id}
    return row.kind(row.means, f"{message}; {advice}" if advice else message, **facts)


def plain(text: object, most: int = SAID) -> str:
    """Foreign text as a part of one of our sentences. It's cut between words: half a secret couldn't be told from other text any more."""
    line = " ".join(text.split()).rstrip(".!? ") if isinstance(text, str) else ""
    return textwrap.shorten(re.sub(r"[.!?] ", "; ", line), most, placeholder=" ...")
