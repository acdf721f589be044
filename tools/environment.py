# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""environment.py [--python PROGRAM] FOLDER LOCK [LOCK ...]: create a virtual environment with exactly the packages that the lock files pin.

If uv is installed with the Python that runs this script, as in the environment of nox, uv creates it in about a second. pip takes half a
minute. It is used if uv is missing, or if uv can't reach an index that pip can. Both use the user's configuration of pip. An environment
that was created from the same lock files by the same Python is kept without calling either of them, so a second run is fast.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# `make` runs this file by its path, before any environment exists.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.package_index import for_uv, pip_settings

MINIMUM = (3, 11)
# What each Python of an environment runs when it starts. By default, it looks for garbage in cycles after each 2,000 new objects (before
# 3.13: 700). Linters and tests create millions of them and keep most until they end.
SETTINGS = "import gc; gc.set_threshold(100_000, 20, 100)\n"
IDENTITY = "import sys; print(sys.version, sys.base_prefix)"


def fingerprint(python: str, locks: list[Path]) -> str:
    """A hash of the lock files and of the Python."""
    identity = subprocess.run([python, "-I", "-c", IDENTITY], check=True, capture_output=True).stdout
    digest = hashlib.sha256(identity + SETTINGS.encode())
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


class NotMade(Exception):
    """The environment could not be created. The message is one sentence with the reason and the remedy."""


def make_with_uv(uv: Path, folder: Path, python: str, locks: list[Path]) -> bool:
    """Create the environment with uv. Returns whether it succeeded. If not, the reason was printed."""
    env = {**for_uv(pip_settings()), **os.environ, "UV_NO_CONFIG": "1"}
    where = ["--python", str(folder / "bin" / "python")]
    lists = [word for lock in locks for word in ("--requirements", str(lock))]
    for words in (["venv", "--quiet", "--python", python, str(folder)], ["pip", "install", "--quiet", "--require-hashes", *where, *lists]):
        done = subprocess.run([str(uv), *words], env=env, check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"uv could not set up {folder} ({without_secrets(reason(done.stderr))}); pip tries it.", flush=True)
            return False
    return True


def make_with_pip(folder: Path, python: str, locks: list[Path]) -> None:
    """Create the environment with pip. Raises `NotMade`."""
    if subprocess.run([python, "-m", "venv", str(folder)], check=False).returncode:
        raise NotMade(
            f"{folder} could not be made, since {python} has no venv module that works; install it (Debian: apt-get install python3-venv) "
            "or give another Python (make PYTHON=...), and run this again."
        )
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]
    # A failure is reported after a few seconds, instead of five retries for each package of an index that doesn't answer.
    words = [*pip, "--retries", "2", *(word for lock in locks for word in ("-r", str(lock)))]
    done = subprocess.run(words, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise NotMade(
            f"{folder} could not be filled from the package index ({without_secrets(reason(done.stderr))}); see that the index answers and "
            "has what the lock files pin (pip config list tells which one it is, PIP_INDEX_URL names another), and run this again."
        )


def reason(printed: str) -> str:
    """The most useful line of uv's or pip's output: about a failed connection, otherwise the last error, otherwise the last line."""
    lines = [" ".join(line.split()) for line in printed.splitlines() if line.strip()]
    for mark in ("Failed to establish a new connection", "Failed to fetch", "ERROR:", "error:"):
        if found := [line for line in lines if mark in line]:
            last = found[-1]
            # pip prints the class of an exception and its arguments in Python's notation.
            return last[last.index(mark) :].removeprefix(mark if mark.endswith(":") else "").partition("'")[0].strip(" .")
    return lines[-1] if lines else "it printed nothing"


def without_secrets(text: str) -> str:
    """Remove user and password from an address."""
    return re.sub(r"://[^/@\s]+@", "://", text)


def make(folder: Path, python: str, locks: list[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        if make_with_uv(uv, folder, python, locks):
            return
        shutil.rmtree(folder, ignore_errors=True)
    make_with_pip(folder, python, locks)


def ensure(folder: Path, python: str, locks: list[Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    stamp = folder / "made-from.sha256"
    # Parallel sessions may need the same environment. The second session waits for the first.
    with open(folder.with_name(folder.name + ".lock"), "w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        expected = fingerprint(python, locks)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == expected:
            return
        print(f"Setting up {folder}", flush=True)
        make(folder, python, locks)
        (packages,) = folder.glob("lib/python3.*/site-packages")
        (packages / "quiesce.pth").write_text(SETTINGS, encoding="utf-8")
        stamp.write_text(expected, encoding="utf-8")


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
    except NotMade as told:
        print(told, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{given.folder} could not be made, since {error.cmd[0]} ended with {error.returncode}; see that it works.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
