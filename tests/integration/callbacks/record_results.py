# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write each result as one line of JSON into the file QUIESCE_RESULTS, since each core prints results differently."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record_results
type: aggregate
short_description: Write each result as one line of JSON
description: For the integration tests of this collection.
requirements: The environment variable QUIESCE_RESULTS names the file; without it, nothing is written.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        # Removed, so that an ansible-playbook that this one starts doesn't write its results here.
        self._file = os.environ.pop("QUIESCE_RESULTS", os.devnull)

    def _write(self, outcome: str, result: Any) -> None:
        # Before ansible-core 2.19, these two only had names with an underscore.
        task = getattr(result, "task", None) or result._task
        values = getattr(result, "result", None) or result._result
        line = {"task": task.get_name(), "outcome": outcome, "result": values}
        with open(self._file, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write("skipped", result)
