# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many Dags of each kind there are, in the folder `dags` and in the emulator, and their times, in seconds."""

from __future__ import annotations

# No Dag is used by two tests, since tests run side by side on one Airflow.
KINDS = {
    "plain": 30,
    "long": 8,
    "queue": 6,
    "retry": 2,
    "defer": 2,
    "mapped": 2,
    "cleans": 3,
    "minute": 4,
    "catchup": 2,
}
SMALL = 300
# Tests let work end, and triggers fire, when they have seen what they need. These times are so long that a busy machine doesn't reach them.
WORK, RETRY_DELAY = 120, 120
# Those beside: etl_0, my_etl_0_old, etlx0, half_0, half_1, gone, broken.
OTHERS = 7
ALL = sum(KINDS.values()) + SMALL + OTHERS
