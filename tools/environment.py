# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""environment.py [--python PROGRAM] FOLDER LOCK [LOCK ...]: make a virtual environment that holds exactly what the lock files pin.

uv makes it where it's installed beside the Python that runs this, as in the environment of nox: it takes a second where pip takes half a
minute. Elsewhere, and where uv can't reach what pip can, the pip that comes with Python does. The user's configuration of pip counts for
both. An environment that was made from the same lock files by the same Python is left alone, without a call of either: that is what makes
a second run fast.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Run by its path, as `make` does before any environment is there.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.package_index import for_uv, pip_settings

MINIMUM = (3, 11)
IDENTITY = "import sys; print(sys.version, sys.base_prefix)"


def fingerprint(python: str, locks: list[Path]) -> str:
    """Tell one content of the lock files under one Python from every other."""
    told = subprocess.run([python, "-I", "-c", IDENTITY], check=True, capture_output=True).stdout
    digest = hashlib.sha256(told)
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def make_with_uv(uv: Path, folder: Path, python: str, locks: list[Path]) -> bool:
    """Return whether it could; what was in the way has been printed by uv itself."""
    env = {**for_uv(pip_settings()), **os.environ, "UV_NO_CONFIG": "1"}
    where = ["--python", str(folder / "bin" / "python")]
    lists = [word for lock in locks for word in ("--requirements", str(lock))]
    for words in (["venv", "--quiet", "--python", python, str(folder)], ["pip", "install", "--quiet", "--require-hashes", *where, *lists]):
        if subprocess.run([str(uv), *words], env=env, check=False).returncode:
            return False
    return True


def make_with_pip(folder: Path, python: str, locks: list[Path]) -> None:
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]
    subprocess.run([*pip, *(word for lock in locks for word in ("-r", str(lock)))], check=True)


def make(folder: Path, python: str, locks: list[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        if make_with_uv(uv, folder, python, locks):
            return
        print(f"uv could not set up {folder}; pip tries it.", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    make_with_pip(folder, python, locks)


def ensure(folder: Path, python: str, locks: list[Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    stamp = folder / "made-from.sha256"
    # Sessions that run side by side may want the same environment: the second one waits for the first.
    with open(folder.with_name(folder.name + ".lock"), "w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        wanted = fingerprint(python, locks)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        print(f"Setting up {folder}", flush=True)
        make(folder, python, locks)
        stamp.write_text(wanted, encoding="utf-8")


def main() -> int:
    if sys.version_info < MINIMUM:
        print(f"Python {'.'.join(map(str, MINIMUM))} or later is needed; this is {sys.version.split()[0]}. Set PYTHON=...", file=sys.stderr)
        return 2
    options = argparse.ArgumentParser(description="Make a virtual environment that holds exactly what the lock files pin.")
    options.add_argument("--python", default=sys.executable, help="the Python that it's for")
    options.add_argument("folder", type=Path)
    options.add_argument("locks", type=Path, nargs="+", metavar="LOCK")
    given = options.parse_args()
    try:
        ensure(given.folder, given.python, given.locks)
    except subprocess.CalledProcessError as error:
        print(
            f"{given.folder} could not be set up, since {' '.join(map(str, error.cmd[:4]))} ... ended with {error.returncode}; see that "
            f"{given.python} has its venv module (Debian: python3-venv) and that the package index answers (pip config list).",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
