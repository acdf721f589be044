# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many Dags of each kind there are, in the folder `dags` and in the emulator, and how long their work takes, in seconds."""

from __future__ import annotations

KINDS = {
    "long": 14,
    "queue": 4,
    "retry": 4,
    "defer": 4,
    "mapped": 4,
    "cleans": 4,
    "minute": 4,
    "catchup": 4,
    "window": 10,
    "window_long": 1,
    "window_queue": 1,
}
SMALL = 300
WORK, DEFERRED, RETRY_DELAY = 6, 6, 5
# Those beside: etl_0, my_etl_0_old, etlx0, gone, broken.
OTHERS = 5
ALL = sum(KINDS.values()) + SMALL + OTHERS
