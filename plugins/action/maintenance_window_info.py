# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `maintenance_window_info` in Ansible's worker if the module would run in the same place, else as a module."""

from __future__ import annotations

from ansible_collections.taskops.quiesce.plugins.module_utils._window_info import WINDOW_INFO_WORK
from ansible_collections.taskops.quiesce.plugins.plugin_utils._worker import WorkerAction


class ActionModule(WorkerAction):
    """The action `maintenance_window_info`."""

    name = "maintenance_window_info"
    work = WINDOW_INFO_WORK
