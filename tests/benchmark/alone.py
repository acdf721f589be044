# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""alone.py MODULE ARGUMENTS MEMORY: run a module as a process of its own, and write its largest memory in MB into the file MEMORY.

The process measures itself, since the value that a parent gets (`ru_maxrss`) starts with the parent's own size.
"""

from __future__ import annotations

import resource
import runpy
import sys
from pathlib import Path


def megabytes() -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        # In bytes on macOS, the only other system on which this runs.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / (1 << 10)


def main() -> None:
    module, arguments, memory = sys.argv[1:]
    sys.argv = [module, arguments]
    try:
        runpy.run_module(f"ansible_collections.taskops.quiesce.plugins.modules.{module}", run_name="__main__")
    finally:
        Path(memory).write_text(str(megabytes()), encoding="ascii")


if __name__ == "__main__":
    main()
