# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible runs it, a process of its own with an environment of its own, but without Ansible around it, which would cost more
than the call. `python -m tests.integration.hostile.alone MODULE OPTIONS` is that process.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.unit.run_module import module_args

from ..processes import TREE, Result, run_bounded

# In seconds; a call takes one or two.
PATIENCE = 60


class Alone:
    """Calls modules of the collection that lies in `collections`; `home` is the caller's home folder."""

    def __init__(self, home: Path, collections: str) -> None:
        self._home = home
        self._collections = collections

    def call(self, module: str, options: Mapping[str, Any], **variables: str) -> Result:
        """What came of it, and under `printed` all that it put out. Of the environment, `variables` are all that a module might look at."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([self._collections, str(TREE)]),
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
        }
        command = [sys.executable, "-m", __name__, module, json.dumps(dict(options))]
        status, stdout, stderr = run_bounded(command, {**environment, **variables}, self._home, PATIENCE)
        returned: dict[str, Any] = json.loads(stdout)
        assert status == (1 if returned.get("failed") else 0), stderr
        return Result(module, "failed" if returned.get("failed") else "ok", {**returned, "printed": stdout + stderr})


def main(name: str, options: str) -> None:
    module = importlib.import_module(f"ansible_collections.taskops.quiesce.plugins.modules.{name}")
    with module_args(json.loads(options)):
        module.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
