# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The meaning of a system's refusal, looked up in one table: wrong credentials, missing permissions, invalid requests, faults that may
pass.

The rows are data and stand in the vendors' files. A refusal without a row is judged by its HTTP status alone, and cautiously: a server
error may hide an action that took effect.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from ._answer import Answer
from ._errors import AnswerLost, Code, Failure, Refused, Unauthorized

SAID = 400


class RefusalText(NamedTuple):
    """A refusal in the system's own words: its code and its text in one line, if it has any, and the id of the request."""

    code: str | None = None
    text: str = ""
    request_id: str | None = None

    @property
    def words(self) -> str:
        return " ".join(filter(None, [self.code, self.text]))


class Row(NamedTuple):
    """The meaning of one kind of refusal.

    A row applies to the HTTP `statuses` (empty: any), to each code that `code` matches as a whole (a regular expression; empty: any code,
    or none), and to each text that contains `text`. Without `any_body` it applies only if the system itself has sent a code or a text: a
    bare status may be a proxy's. `means` is our word. `kind` says what is known of the request: `Refused` surely had no effect;
    `Unauthorized` had none either, and a new token may help; `TryLater` may be sent again; `AnswerLost` may have taken effect. `advice` is
    what to do about it; the vendor fills in its braces.
    """

    means: Code
    kind: type[Failure]
    advice: str = ""
    code: str = ""
    statuses: Container[int] = ()
    text: str = ""
    any_body: bool = False

    def matches(self, status: int, text: RefusalText) -> bool:
        return (
            (self.any_body or bool(text.words))
            and (not self.statuses or status in self.statuses)
            and (not self.code or re.fullmatch(self.code, text.code or "") is not None)
            and (not self.text or re.search(self.text, text.text) is not None)
        )


# The meaning of a status alone, if the system sent a code or a text and no row of its own applies.
BY_STATUS = (
    Row("authentication", Unauthorized, "check the credentials", statuses=(401,)),
    Row("permission", Refused, "check what the user may do there", statuses=(403,)),
    Row("not_found", Refused, "check url", statuses=(404,)),
    Row("refused", AnswerLost, statuses=(408, 425, *range(500, 600))),
    Row("refused", Refused),
)


def failure_of(answer: Answer, text: RefusalText, rows: Iterable[Row], lead: str = "", hints: Mapping[str, str] | None = None) -> Failure:
    """The failure that an answer means: by the first of the `rows` that applies, else by its status alone.

    `lead` begins the sentence in place of the name of the exchange. `hints` fill the braces of an advice.
    """
    row = next((row for row in (*rows, *BY_STATUS) if row.matches(answer.status, text)), None)
    if row is None:
        return answer.refusal()
    how = "was answered with an error" if row.kind is AnswerLost else "was refused"
    # Markup explains nothing to an operator.
    words = text.words or ("" if answer.shown.startswith("<") else answer.shown)
    message = f"{lead or f'{answer.what} {how}'} ({', '.join(filter(None, [f'HTTP {answer.status}', words]))})"
    # Only the advice is a template. The rest may hold a vendor's braces.
    advice = row.advice.format_map(hints or {})
    facts: dict[str, Any] = {"vendor_code": text.code, "http_status": answer.status, "request_id": text.request_id}
    return row.kind(row.means, f"{message}; {advice}" if advice else message, **facts)


def plain(text: object, most: int = SAID) -> str:
    """A vendor's text as part of a sentence. It's cut between words, since half a secret couldn't be recognized."""
    line = " ".join(text.split()).rstrip(".!? ") if isinstance(text, str) else ""
    return textwrap.shorten(re.sub(r"[.!?] ", "; ", line), most, placeholder=" ...")
