# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.integration.hostile.measured MODULE OPTIONS`: run a module's main() in a process of its own, and print its result and
the largest memory of the process in MiB.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path

from tests.unit.run_module import module_args


def main(name: str, options: str) -> None:
    module = importlib.import_module(f"ansible_collections.taskops.quiesce.plugins.modules.{name}")
    before = peak()
    output = io.StringIO()
    with module_args(json.loads(options)), redirect_stdout(output), suppress(SystemExit):
        module.main()
    result = json.loads(output.getvalue())
    outcome = {key: result.get(key) for key in ("failed", "msg", "failure")}
    print(json.dumps({**outcome, "tasks": len(result["tasks"]), "before": before, "peak": peak()}))


def peak() -> float:
    """The peak of this program only: the value of getrusage starts with that of the parent process."""
    (line,) = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
