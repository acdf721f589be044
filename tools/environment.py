# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""environment.py FOLDER LOCK [LOCK ...]: make a virtual environment that holds exactly what the lock files pin.

It uses only the standard library and the pip that comes with Python, so that the user's pip configuration counts. An environment that
was made from the same lock files by the same Python is left alone, without a call of pip: that is what makes a second run fast.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM = (3, 11)


def fingerprint(locks: list[Path]) -> str:
    """Tell one content of the lock files under one Python from every other."""
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix}".encode())
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def make(folder: Path, locks: list[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]
    subprocess.run([*pip, *(word for lock in locks for word in ("-r", str(lock)))], check=True)


def ensure(folder: Path, locks: list[Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    stamp = folder / "made-from.sha256"
    # Sessions that run side by side may want the same environment: the second one waits for the first.
    with open(folder.with_name(folder.name + ".lock"), "w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        wanted = fingerprint(locks)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        print(f"Setting up {folder}", flush=True)
        make(folder, locks)
        stamp.write_text(wanted, encoding="utf-8")


def main() -> int:
    if sys.version_info < MINIMUM:
        print(f"Python {'.'.join(map(str, MINIMUM))} or later is needed; this is {sys.version.split()[0]}. Set PYTHON=...", file=sys.stderr)
        return 2
    folder, *locks = map(Path, sys.argv[1:])
    try:
        ensure(folder, locks)
    except subprocess.CalledProcessError as error:
        print(f"{folder} could not be set up: {' '.join(error.cmd)} ended with {error.returncode}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
