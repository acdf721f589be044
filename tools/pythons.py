# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine, and the one on which each ansible-core is tested.

The search covers the Python that runs this script, those on the PATH, and all that pyenv or uv have installed. The shims of pyenv only work
for selected versions, so its folder of versions is searched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The oldest and the newest Python 3 that the controller of each ansible-core supports. The lock files begin with 3.11.
CORES: Mapping[str, tuple[int, int]] = {
    "2.16": (11, 12),
    "2.17": (11, 12),
    "2.18": (11, 13),
    "2.19": (11, 13),
    "2.20": (12, 14),
    "2.21": (12, 14),
}
MINORS = range(min(oldest for oldest, _newest in CORES.values()), max(newest for _oldest, newest in CORES.values()) + 1)

# A search starts several programs, and every process of nox imports noxfile.py. So the first process passes its result on to the others.
FOUND = "QUIESCE_PYTHONS"
# The parts that a virtual environment needs, which some distributions package separately.
QUESTION = "import sys, ssl, venv; print(sys.version_info.minor if sys.version_info.major == 3 else 0)"


@dataclass(frozen=True)
class Choice:
    """The Python for each core that has one, oldest core first."""

    pythons: Mapping[str, str]

    def missing(self, cores: Sequence[str]) -> list[str]:
        return [core for core in cores if core not in self.pythons]

    @property
    def oldest(self) -> str:
        return next(iter(self.pythons))

    @property
    def newest(self) -> str:
        return next(reversed(list(self.pythons)))


def candidates(minor: int) -> Iterator[str]:
    """Programs with the name of this Python, those on the PATH first."""
    name = f"python3.{minor}"
    for folder in os.get_exec_path():
        # A shim of pyenv fails unless its version is selected. The version itself is found below.
        if Path(folder).name != "shims":
            yield os.path.join(folder, name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
    for folders, pattern in ((pyenv, f"3.{minor}.*"), (uv, f"cpython-3.{minor}.*")):
        yield from (str(folder / "bin" / name) for folder in sorted(folders.glob(pattern), reverse=True))


def works(program: str, minor: int) -> bool:
    if not os.access(program, os.X_OK):
        return False
    try:
        process = subprocess.run([program, "-I", "-c", QUESTION], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return process.returncode == 0 and process.stdout.strip() == str(minor)


def search() -> dict[int, str]:
    """A program for each minor version of Python 3 that a core supports."""
    ours = sys.version_info.minor
    found = {ours: sys.executable}
    for minor in MINORS:
        program = next((program for program in candidates(minor) if minor != ours and works(program, minor)), None)
        if program:
            found[minor] = program
    return found


def pythons() -> dict[int, str]:
    if FOUND not in os.environ:
        os.environ[FOUND] = json.dumps(search())
    return {int(minor): str(program) for minor, program in json.loads(os.environ[FOUND]).items()}


def choose(found: Mapping[int, str], ours: int = sys.version_info.minor) -> Choice:
    """The Python for each core: the one that runs this, if the core supports it, otherwise the newest supported one."""
    chosen = {}
    for core, (oldest, newest) in CORES.items():
        taken = [minor for minor in found if oldest <= minor <= newest]
        if taken:
            chosen[core] = found[ours if ours in taken else max(taken)]
    return Choice(chosen)


def how_to_get(core: str) -> str:
    """The sentence for a core without a Python."""
    oldest, newest = CORES[core]
    usual = newest - 1
    return (
        f"ansible-core {core} needs a Python from 3.{oldest} to 3.{newest}, and none was found on the PATH, in pyenv or in uv; "
        f"install one (pyenv install 3.{usual}, or .venv/bin/uv python install 3.{usual}) and run this again"
    )
