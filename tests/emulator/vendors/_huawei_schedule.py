# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The weekly plan of a VIAS task, and its times. Sections named here are those of ``huawei_vias.md``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

DAY = timedelta(days=1)
# Section 4, scheduled tasks: 23:59:00 and the next day's 00:00:00 adjoin.
LAST_MINUTE = time(23, 59)


class Weekly:
    """From the object of section 3.2. One list of periods applies to all days, several to the days in their order (inferred)."""

    def __init__(self, schedule: dict[str, Any]) -> None:
        self._zone: tzinfo | None = datetime.strptime(schedule.get("timezone", "+00:00"), "%z").tzinfo
        days, lists = schedule["days_of_week"], schedule["periods"]
        if schedule.get("type", "weekly") != "weekly" or len(lists) not in (1, len(days)) or not set(days) <= set(range(1, 8)):
            raise ValueError("a weekly plan has days_of_week from 1 to 7, and one list of periods or one a day")
        self._periods = {
            day: [(time.fromisoformat(period["begin_at"]), time.fromisoformat(period["end_at"])) for period in periods]
            for day, periods in zip(days, lists if len(lists) == len(days) else lists * len(days), strict=True)
        }

    def _spans(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        for number in range(days):
            day = first + number * DAY
            for begin, end in self._periods.get(day.isoweekday(), []):
                until = datetime.combine(day, end, self._zone)
                if end == LAST_MINUTE and any(begin_next == time() for begin_next, _end in self._periods.get((day + DAY).isoweekday(), [])):
                    until = datetime.combine(day + DAY, time(), self._zone)
                yield datetime.combine(day, begin, self._zone), until

    def runs_at(self, wall: float) -> bool:
        now = datetime.fromtimestamp(wall, self._zone)
        return any(begin <= now < end for begin, end in self._spans(now.date(), 1))

    def next_change(self, wall: float) -> float | None:
        """The next time at which it begins or ends to run. None for a plan that is always or never on."""
        now, present = datetime.fromtimestamp(wall, self._zone), self.runs_at(wall)
        edges = sorted(edge.timestamp() for span in self._spans(now.date(), 9) for edge in span)
        return next((edge for edge in edges if edge > wall and self.runs_at(edge) != present), None)
