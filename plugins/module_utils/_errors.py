# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Failures as exceptions that carry what an operator and the engine have to know."""

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
    """The text without characters that break a sentence: line breaks, control characters, halves of surrogate pairs, marks that change the
    text direction.
    """
    # Nearly every text is printable already, and a report of 10,000 tasks has half a million texts.
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


class Failure(Exception):
    """A failure with a message of one sentence (without its full stop, so that it can be joined to others).

    ``code`` is one of this collection's stable words. ``vendor_code``, ``http_status`` and ``request_id`` come from the vendor's answer, if
    it has them. ``is_repeated`` is true if the retries of the request are used up already. ``is_conclusive`` is true if the failure proves
    that the request had no effect.
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
        """The message in one line, whatever vendor text it holds."""
        return self._message

    @message.setter
    def message(self, message: str) -> None:
        self._message = one_line(message)

    def details(self) -> dict[str, str | int]:
        """The failure as plain data: ``code`` and what the vendor's answer adds."""
        optional = {"vendor_code": self.vendor_code, "http_status": self.http_status, "request_id": self.request_id}
        return {"code": self.code, **{key: value for key, value in optional.items() if value is not None}}


class Refused(Failure):
    """The request had no effect.

    An intermediary may send an idempotent request (PUT, DELETE) twice (RFC 9110, section 9.2.2). The refusal may then answer the second
    copy because the first took effect; `is_conclusive` is false in that case.
    """


class TryLater(Refused):
    """The request wasn't accepted now (it was throttled, or no connection could be made), though nothing is wrong with it: it may be sent
    again.

    `after` is the pause in seconds that the server asks for.
    """

    after = 1.0


class Postponed(TryLater):
    """The request wasn't even sent: the server asks for a pause of `after` seconds, after which the caller may decide otherwise."""


class Unauthorized(Refused):
    """The credentials weren't accepted, or may not have been: a new login could help."""


class AnswerLost(Failure):
    """The request was sent and no usable answer came: it may have taken effect."""

    is_conclusive = False
