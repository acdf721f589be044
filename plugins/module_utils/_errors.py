# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What can go wrong, as exceptions that know what an operator and the engine need to know."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "usage",
    "authentication",
    "permission",
    "not_found",
    "unknown_state",
    "unreachable_state",
    "refused",
    "rate_limited",
    "timeout",
    "connection",
    "protocol",
]


def one_line(text: str) -> str:
    """The text without what no sentence holds: line breaks, control characters, halves of pairs, marks that turn the direction."""
    # Nearly every text is one already, and a report of 10,000 tasks has half a million of them.
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


class Failure(Exception):
    """Something failed, told in one sentence (without its full stop, so that it can be joined to others).

    ``code`` is one of our stable words; ``vendor_code``, ``http_status`` and ``request_id`` are what the vendor said, where it did.
    ``is_repeated`` tells that what failed was tried again as often as it may be, and ``is_conclusive`` whether it proves that what was
    asked had no effect.
    """

    is_repeated = False
    is_conclusive = True

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        vendor_code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.vendor_code = vendor_code
        self.http_status = http_status
        self.request_id = request_id

    @property
    def message(self) -> str:
        """One sentence in one line, whatever a vendor's words in it hold."""
        return self._message

    @message.setter
    def message(self, message: str) -> None:
        self._message = one_line(message)

    def details(self) -> dict[str, str | int]:
        """The failure as plain data: ``code`` and whatever the vendor told beside it."""
        told = {"vendor_code": self.vendor_code, "http_status": self.http_status, "request_id": self.request_id}
        return {"code": self.code, **{key: value for key, value in told.items() if value is not None}}


class Refused(Failure):
    """The request took no effect.

    Where it's the answer to an idempotent request (PUT, DELETE), whatever is on the way may have sent that twice (RFC 9110, section 9.2.2):
    then the refusal may be that of the second copy because the first took hold, and `is_conclusive` is false.
    """


class TryLater(Refused):
    """Not accepted now (throttled, or nobody answered the door), though nothing is wrong with the request: it may be sent again.

    `after` is how long the server wants to be left alone, in seconds.
    """

    after = 1.0


class Postponed(TryLater):
    """Not even sent: the server wants to be left alone for `after` seconds, and whoever asked may think otherwise by then."""


class Unauthorized(Refused):
    """The credentials weren't accepted, or may not have been: a new login could help."""


class AnswerLost(Failure):
    """The request was sent and no usable answer came: it may have taken hold."""

    is_conclusive = False
