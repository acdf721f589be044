# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action plugin of nothing but the fewest exchanges by `requests`: the least that any action plugin for one change takes."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from tests.benchmark.apis import APIS
from tests.benchmark.by_hand import Script


class ActionModule(ActionBase):  # type: ignore[misc]
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        options = self._task.args
        Script(APIS[str(options["system"])], str(options["url"]), 1).run(1, "change")
        return {"changed": True}
