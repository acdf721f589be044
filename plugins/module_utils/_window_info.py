# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What the module `maintenance_window_info` does, both in a module process and in Ansible's worker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ._arguments import Arguments
from ._edge import Front, Outcome, Work, outcome
from ._errors import Failure
from ._text import all_harmless
from ._window_list import lines_of, windows_of

ARGUMENTS = Arguments(
    options={
        "ledger_dir": {"type": "path", "default": "~/.quiesce"},
        "id": {"type": "str"},
        "overdue": {"type": "bool", "default": False},
        "closed": {"type": "bool", "default": False},
    }
)


def which_windows(params: Mapping[str, Any]) -> str:
    """The word for the windows that were looked for, for the line that says that there are none."""
    if params["overdue"]:
        return "overdue"
    if params["id"] is not None:
        return "such"
    return "open or closed" if params["closed"] else "open"


def _list_windows(front: Front) -> Outcome:
    folder, only = front.params["ledger_dir"], front.params["id"]
    result: dict[str, Any] = {"changed": False}
    failure: Failure | None = None
    try:
        windows = windows_of(folder, with_closed=front.params["closed"] or only is not None, only=only)
        windows = [row for row in windows if row["overdue"] or not front.params["overdue"]]
        result.update(windows=windows, lines=all_harmless(lines_of(windows, folder, time.time(), which_windows(front.params))))
    except Failure as error:
        failure = error
    return outcome(result, failure)


WINDOW_INFO_WORK = Work(ARGUMENTS, _list_windows)
