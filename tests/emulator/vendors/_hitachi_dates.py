# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as JP1/AO writes and reads them (``hitachi.md``, section 6, 10)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=9))  # that of the samples
COMPLETE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?[+-]\d\d:\d\d")


def date_text(wall: float) -> str:
    """As output: the zone without a colon."""
    return datetime.fromtimestamp(round(wall, 3), ZONE).isoformat(timespec="milliseconds").replace("+09:00", "+0900")


def job_date(wall: float) -> str:
    """In a job object: with the colon."""
    return datetime.fromtimestamp(round(wall, 3), ZONE).isoformat(timespec="milliseconds")


def input_date(text: str) -> float | None:
    """As input: complete, and the zone must have its colon. None for anything else."""
    return _parse(text) if COMPLETE.fullmatch(text) else None


def any_date(text: str) -> float | None:
    """Either form, since a test may put what it has read."""
    return _parse(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))


def _parse(text: str) -> float | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=ZONE)).timestamp()
