# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of runs and task instances, and which of them are work (``airflow.md``, "When is a paused Dag quiet?")."""

from __future__ import annotations

RUNNING, RESTARTING, QUEUED, DEFERRED = "running", "restarting", "queued", "deferred"
AWAITING_INPUT, SHUTDOWN = "awaiting_input", "shutdown"
SCHEDULED, UP_FOR_RETRY, UP_FOR_RESCHEDULE = "scheduled", "up_for_retry", "up_for_reschedule"
SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED = "success", "failed", "skipped", "upstream_failed", "removed"

# At work under a pause, or about to be.
WORK = frozenset({RUNNING, RESTARTING, QUEUED, DEFERRED, AWAITING_INPUT, SHUTDOWN})
# The end states.
OVER = frozenset({SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED})
# Measured: in a run that is set to failed, these become failed, and other instances that haven't ended become skipped.
FAILED_WITH_THE_RUN = frozenset({RUNNING, RESTARTING, DEFERRED, UP_FOR_RESCHEDULE, AWAITING_INPUT, SHUTDOWN})
# A process works for it.
HAS_PROCESS = frozenset({RUNNING, RESTARTING, SHUTDOWN})

_BOTH = frozenset({RUNNING, RESTARTING, QUEUED, DEFERRED, SCHEDULED, UP_FOR_RETRY, UP_FOR_RESCHEDULE}) | OVER
# The states that a filter of task instances accepts, by generation. Any other is refused.
FILTERS = {3: _BOTH | {AWAITING_INPUT}, 2: _BOTH}
STATES = _BOTH | {AWAITING_INPUT, SHUTDOWN}

OPEN_RUN = frozenset({QUEUED, RUNNING})
RUN_STATES = OPEN_RUN | {SUCCESS, FAILED}
