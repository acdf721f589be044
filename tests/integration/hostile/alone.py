# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible runs it: in a process and an environment of its own, but without Ansible around it, which would cost more than the
call.

The processes are forked from one that has imported everything they need and has done nothing else.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from tests.unit.run_module import module_args

from ..processes import Result
from .authentications import AUTHENTICATIONS

# In seconds. A call takes one or two.
PATIENCE = 60
PACKAGE = "ansible_collections.taskops.quiesce.plugins.modules"

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__, *sorted({f"{PACKAGE}.{authentication.module}" for authentication in AUTHENTICATIONS})])


class Alone:
    """Calls modules of the collection. `home` is the caller's home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._numbers = count(1)

    def call(self, module: str, options: Mapping[str, Any], **variables: str) -> Result:
        """Call a module. Returns its result, and under `printed` its whole output. `variables` are all environment variables that a module
        might read.
        """
        printed = self._home / f"printed-{next(self._numbers)}"
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._home), "LANG": "C.UTF-8", **variables}
        process = _SERVER.Process(target=main, args=(module, dict(options), environment, printed))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{module} took over {PATIENCE} s")
        stdout, stderr = (printed.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".out", ".err"))
        returned: dict[str, Any] = json.loads(stdout)
        assert process.exitcode == (1 if returned.get("failed") else 0), stderr
        return Result(module, "failed" if returned.get("failed") else "ok", {**returned, "printed": stdout + stderr})


def main(name: str, options: Mapping[str, Any], environment: Mapping[str, str], printed: Path) -> None:
    """Set up the new process as the caller specifies, and run the module to its end."""
    for descriptor, suffix in ((1, ".out"), (2, ".err")):
        file = os.open(printed.with_suffix(suffix), os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(environment["HOME"])
    try:
        with module_args(options):
            importlib.import_module(f"{PACKAGE}.{name}").main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
