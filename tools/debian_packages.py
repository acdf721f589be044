# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""debian_packages.py PROGRAM [PROGRAM ...]: make sure of programs that tests need and no package index has; install what's missing.

A program is looked for first, so that any machine that has it will do. What's missing comes from the Debian package of the same name (or
the one in PACKAGES), by apt-get, for which root or a sudo that asks nothing is needed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Seconds for everything that apt-get does here, waiting for another apt-get included.
LIMIT = 600
GUARD = Path(tempfile.gettempdir(), f"quiesce-packages-{os.getuid()}.lock")
OPTIONS = ("--quiet", "--yes", "--no-install-recommends", "--option=DPkg::Lock::Timeout=300", "--option=Acquire::Retries=3")

# The tinyproxy of that name would begin to serve at once.
PACKAGES = {"java": "default-jre-headless", "tinyproxy": "tinyproxy-bin"}


class Unavailable(Exception):
    """Programs are missing and can't be installed; the message is a sentence that tells why and what to do."""


def missing(programs: list[str]) -> list[str]:
    return [program for program in programs if not shutil.which(program)]


def packages(programs: list[str]) -> list[str]:
    return [PACKAGES.get(program, program) for program in programs]


def apt_get() -> list[str]:
    """The words that start apt-get with the right to install."""
    if not shutil.which("apt-get"):
        raise Unavailable("this isn't Debian or one of its children")
    words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *OPTIONS]
    if os.geteuid() == 0:
        return words
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", *words]
    raise Unavailable("that needs root, or a sudo that asks for no password")


def install(programs: list[str]) -> None:
    apt = apt_get()
    for words in ([*apt, "update"], [*apt, "install", *packages(programs)]):
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"apt-get took more than {LIMIT} s") from None
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines() or ["no reason told"]
            raise Unavailable(f"apt-get ended with {done.returncode}: {said[-1]}")


def ensure(programs: list[str]) -> None:
    """Raises `Unavailable`."""
    if not missing(programs):
        return
    # Sessions that run side by side may miss the same program: the second one waits for the first.
    with open(GUARD, "w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        absent = missing(programs)
        if not absent:
            return
        print(f"Installing {', '.join(absent)}", flush=True)
        try:
            install(absent)
        except Unavailable as reason:
            raise Unavailable(
                f"The tests need {', '.join(absent)}, and {reason}; install it (apt-get install {' '.join(packages(absent))})"
            ) from None
        if still := missing(absent):
            raise Unavailable(
                f"The tests need {', '.join(still)}, and {', '.join(packages(still))} of Debian didn't bring it; install it by hand"
            )


def main() -> int:
    try:
        ensure(sys.argv[1:])
    except Unavailable as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
