# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The options of the module `maintenance_window`, as data."""

from __future__ import annotations

from ._arguments import Arguments, Options

# Closing needs only a target's name. Opening needs more, and reports what is missing with the target's name.
TARGET: Options = {
    "name": {"type": "str", "required": True},
    "vendor": {"type": "str"},
    "state": {"type": "str", "choices": ["paused", "started", "stopped"]},
    "stage": {"type": "int", "default": 10},
    "tasks": {"type": "list", "elements": "raw"},
    "select": {"type": "dict"},
    "options": {"type": "dict", "default": {}},
    "accept_final": {"type": "bool", "default": False},
}
# The folders are on the ledger's host, so `~` isn't expanded here.
WINDOW_ARGUMENTS = Arguments(
    options={
        "id": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["open", "closed"], "required": True},
        "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
        "until": {"type": "str"},
        "for": {"type": "str"},
        "ledger_dir": {"type": "str", "default": "~/.quiesce"},
        "ledger_lease": {"type": "float", "default": 180},
        "report_dir": {"type": "str"},
    }
)
