# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A complete answer of a server, and the JSON document in it. This file knows no vendor and no Ansible."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._errors import AnswerLost, Failure, Refused, Unauthorized

MOST_VALUES = 5_000_000
# Ansible itself loses a result that is nested more than a few hundred levels deep.
MOST_LEVELS = 100
# How many characters of a body a message quotes.
SHOWN = 200
JSON_BEGINNING = re.compile(rb"[\xef\xbb\xbf\s]*[\[{\"]")


class Answer(NamedTuple):
    """A complete answer. `what` names the exchange in sentences. `shown` is the beginning of the body. Neither holds a secret."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    system: str
    what: str
    # A call and not a text, since most answers need no message.
    show: Callable[[], str]

    @property
    def shown(self) -> str:
        return self.show()

    @property
    def method(self) -> str:
        return self.what.split(" ", 1)[0]

    @property
    def is_plain_success(self) -> bool:
        """Whether a success has a body that begins as JSON, or none. Then no gateway or login page answered in the system's place."""
        return 200 <= self.status < 300 and (not self.body or JSON_BEGINNING.match(self.body[:512]) is not None)

    def private(self) -> Answer:
        """The same answer, marked as one that holds a secret: no message quotes its body."""
        return self._replace(show=str)

    def document(self, mend: Callable[[str], str] | None = None) -> Any:
        """The JSON document of the body. `mend` repairs a text that isn't JSON, which is then parsed once more. Raises `Failure`
        (`protocol`).
        """
        try:
            text = self.body.decode(json.detect_encoding(self.body), "strict")
        except (UnicodeDecodeError, LookupError):
            raise self.unreadable("that isn't text") from None
        # An empty object takes thirty times the memory of its text.
        if sum(map(text.count, ",[{")) > MOST_VALUES:
            raise self.unreadable(f"with over {MOST_VALUES} values")
        for attempt in (text, mend(text) if mend else None):
            if attempt is not None:
                try:
                    document = json.loads(attempt, parse_constant=_no_constant, parse_float=_finite_number)
                except (ValueError, RecursionError):
                    continue
                if _is_too_deep(attempt, document):
                    raise self.unreadable(f"with over {MOST_LEVELS} levels")
                return document
        raise self.unreadable("that isn't JSON" if text.strip() else "without a body")

    def unreadable(self, why: str) -> Failure:
        """The failure for an answer that can't be understood."""
        beginning = f", beginning {self.shown!r}" if self.shown else ""
        message = f"{self.what} got an answer {why} (HTTP {self.status}{beginning}); check that url is the address of {self.system}"
        return Failure("protocol", message, http_status=self.status)

    def refusal(self) -> Failure:
        """The failure for an HTTP status that isn't a success, used where the vendor's answer gives no better explanation."""
        beginning = f" ({self.shown})" if self.shown else ""
        message = f"{self.what} was answered with HTTP {self.status}{beginning}"
        if self.status == 401:
            return Unauthorized("authentication", f"{message}; check the credentials", http_status=401)
        if self.status == 404:
            return Refused("not_found", f"{message}; check that url is the address of {self.system}", http_status=404)
        if self.status == 403:
            return Refused("permission", f"{message}; check what the user may do there", http_status=403)
        if self.status in (408, 425) or self.status >= 500:
            return AnswerLost("refused", message, http_status=self.status)
        return Refused("refused", message, http_status=self.status)


def _finite_number(digits: str) -> float:
    """A number as JSON has it. Infinity is refused, since a result couldn't hold it as JSON."""
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:SHOWN]} is beyond what a number can be")
    return number


def _is_too_deep(text: str, document: Any) -> bool:
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return False
    level = [document]
    for _number in range(MOST_LEVELS):
        holders = [value for value in level if isinstance(value, (dict, list))]
        level = [value for holder in holders for value in (holder.values() if isinstance(holder, dict) else holder)]
    return any(isinstance(value, (dict, list)) for value in level)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
