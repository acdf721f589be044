# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of a new JP1/AO: those of ``hitachi.md``, section 8, so that its vectors can be replayed."""

from __future__ import annotations

from typing import Any

SEEDS: list[dict[str, Any]] = [
    # Vectors 4 to 8 and 11: task 3042 is an immediate one that has ended, but its schedule 2193 can be suspended. Both are true for a
    # recurring schedule whose last run was retried (section 4.4: it then counts as immediate) and whose next run is waiting.
    {"instanceID": 3042, "name": "testService1_20140714044426", "status": "completed", "scheduleType": "immediate", "scheduleID": 2193,
     "submitTime": "2014-07-14T13:44:26.000+0900", "startTime": "2014-07-14T13:44:30.500+0900",
     "completionTime": "2014-07-14T13:45:01.000+0900", "modifyTime": "2014-07-14T13:45:01.000+0900"},
    {"instanceID": 3043, "name": "testService1_20140715044426", "status": "waiting", "scheduleType": "recurrence", "scheduleID": 2193,
     "submitTime": "2014-07-14T13:44:26.000+0900", "starts_in": 86400, "repeat_every": 86400},
    # Vectors 9 and 10.
    {"instanceID": 2026, "name": "stopMe_20150807185900", "serviceName": "stopMe", "serviceID": 2016, "status": "inProgress",
     "scheduleType": "immediate", "scheduleID": 2201, "startTime": "2015-08-07T18:59:01.000+0900"},
    # Vectors 1 and 16.
    {"instanceID": 5381, "name": "forceStopMe_20150807185901", "serviceName": "forceStopMe", "serviceID": 2017, "status": "inProgress",
     "scheduleType": "immediate", "scheduleID": 2202, "startTime": "2015-08-07T18:59:02.000+0900"},
    # Vector 12.
    {"instanceID": 5169, "name": "deleteMe_20150807185902", "serviceName": "deleteMe", "serviceID": 2018, "status": "completed",
     "scheduleType": "immediate", "scheduleID": 2203, "startTime": "2015-08-07T18:59:03.000+0900",
     "completionTime": "2015-08-07T18:59:04.000+0900"},
    # Vector 15.
    {"instanceID": 5237, "name": "archived_20150807185903", "serviceName": "archived", "serviceID": 2019, "status": "failed",
     "scheduleType": "immediate", "scheduleID": 2204, "startTime": "2015-08-07T18:59:05.000+0900",
     "completionTime": "2015-08-07T18:59:06.000+0900", "archived": 4006},
    # One-time plans: one waiting, one suspended.
    {"instanceID": 6001, "name": "planned_20261201020000", "serviceName": "planned", "serviceID": 2020, "status": "waiting",
     "scheduleType": "schedule", "scheduleID": 2301, "starts_in": 86400},
    {"instanceID": 6002, "name": "held_20261201020000", "serviceName": "held", "serviceID": 2021, "status": "suspended",
     "scheduleType": "schedule", "scheduleID": 2302, "starts_in": 86400},
]  # fmt: skip
