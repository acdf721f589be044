# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extent of the search: a number of cases and a seed, both from the environment."""

from __future__ import annotations

import os

CASES = int(os.environ.get("QUIESCE_FIRE_CASES", "2500"))
SEED = int(os.environ.get("QUIESCE_FIRE_SEED", "0"))
# The cases of one system are divided into so many tests, for parallel processes.
SHARES = max(2, CASES // 2500)
# Each of these has up to four runs.
SEQUENCES = CASES // 8
STORMS = CASES - SEQUENCES
SOCKET_CASES = max(5, CASES // 500)
# Overlapping windows, in memory: a few thousand take a few seconds.
OVERLAPS = max(2000, CASES)
