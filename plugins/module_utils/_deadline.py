# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The end of a window: a time with its zone, or a duration from now on. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from ._errors import Failure

TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)? ?([Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
DURATION = re.compile(r"(?:(\d{1,6})d)? ?(?:(\d{1,6})h)? ?(?:(\d{1,6})m)? ?(?:(\d{1,6})s)?", re.ASCII)
LIKE_THIS = "write it as 2026-12-01T04:00:00+01:00, or with Z for UTC"


def deadline(until: str | None, duration: str | None, now: float) -> float | None:
    """The moment in seconds since 1970 that `until` names or `duration` leads to; None if neither is given. An empty text counts as not
    given.

    Raises `Failure` (`usage`) if both are given, if the time can't be parsed, has no zone or isn't in the future, and if the duration can't
    be parsed.
    """
    until, duration = (until or "").strip(), (duration or "").strip()
    if until and duration:
        raise Failure("usage", f"the window has both until ({until}) and for ({duration}); give one of them")
    if until:
        return _parsed_time(until, now)
    return now + _seconds(duration) if duration else None


def as_text(moment: float) -> str:
    """The moment in UTC, in the form that `deadline` parses."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def for_people(moment: float) -> str:
    """The moment in UTC for a sentence."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def _parsed_time(text: str, now: float) -> float:
    parts = TIME.fullmatch(text)
    if not parts:
        raise Failure("usage", f"until is {text[:80]!r}, which isn't a time; {LIKE_THIS}")
    day, minute, second, zone = parts.groups()
    if not zone:
        raise Failure("usage", f"until is {text}, which has no time zone, so that nobody knows which moment it means; {LIKE_THIS}")
    offset = "+00:00" if zone in "Zz" else f"{zone[:3]}:{zone[-2:]}"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{(second or ':00')[:3]}{offset}").timestamp()
        as_text(moment)
    except (ValueError, OverflowError) as error:
        raise Failure("usage", f"until is {text}, which isn't a time ({error}); {LIKE_THIS}") from None
    if moment <= now:
        raise Failure("usage", f"until is {text}, which has passed (it's {as_text(now)} now); give a time to come")
    return moment


def _seconds(text: str) -> float:
    parts = DURATION.fullmatch(text)
    numbers = [int(part or 0) for part in parts.groups()] if parts else []
    if not any(numbers):
        raise Failure("usage", f"for is {text[:80]!r}, which isn't a duration; write it as 2h, 90m, 1d or 1h30m")
    days, hours, minutes, seconds = numbers
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
