# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""debian_packages.py PROGRAM [PROGRAM ...]: install programs that tests need and that no package index has, if they are missing.

A program that is already installed is used. A missing one is installed with apt-get, from the Debian package of the same name (or the one
in PACKAGES). This requires root, or sudo without a password.

The packages in SERVERS would start a service after their installation and at each boot. They are only unpacked into .nox/debian: none of
their scripts runs, and the machine isn't changed. Scripts in .nox/debian/bin start the programs.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# The time limit of all calls of apt-get in seconds, including the wait for another apt-get.
LIMIT = 600
GUARD = Path(tempfile.gettempdir(), f"quiesce-packages-{os.getuid()}.lock")
OPTIONS = ("--quiet", "--yes", "--no-install-recommends", "--option=DPkg::Lock::Timeout=300", "--option=Acquire::Retries=3")

# The package tinyproxy would start a service at once.
PACKAGES = {"java": "default-jre-headless", "tinyproxy": "tinyproxy-bin"}
SERVERS = ("haproxy", "nginx", "squid")
# Only a helper of squid that no test uses needs it.
UNWANTED = ("perl", "libperl", "libdbi-perl", "logrotate")
UNPACKED = Path(__file__).resolve().parent.parent / ".nox" / "debian"


class Unavailable(Exception):
    """Programs are missing and can't be installed. The message is one sentence with the reason and the remedy."""


def path() -> str:
    """The folders that are searched for programs. Servers are in folders that only root's PATH contains."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", str(UNPACKED / "bin")])


def missing(programs: list[str]) -> list[str]:
    return [program for program in programs if not shutil.which(program, path=path())]


def packages(programs: list[str]) -> list[str]:
    return [PACKAGES.get(program, program) for program in programs]


def apt_get() -> list[str]:
    """The command that starts apt-get with the right to install."""
    if not shutil.which("apt-get"):
        raise Unavailable("this isn't Debian or one of its children")
    words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *OPTIONS]
    if os.geteuid() == 0:
        return words
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", *words]
    raise Unavailable("that needs root, or a sudo that asks for no password")


def run(words: list[str]) -> None:
    """Run a command. Raises `Unavailable`."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{words[0]} took more than {LIMIT} s") from None
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines() or ["no reason given"]
        raise Unavailable(f"{'apt-get' if 'apt-get' in words else words[0]} ended with {done.returncode}: {reasons[-1]}")


def install(programs: list[str]) -> None:
    """Install the packages. Raises `Unavailable`."""
    apt = apt_get()
    run([*apt, "update"])
    if others := [program for program in programs if program not in SERVERS]:
        run([*apt, "install", *packages(others)])
    if servers := [program for program in programs if program in SERVERS]:
        unpack(apt, servers)


def unpack(apt: list[str], servers: list[str]) -> None:
    """Download the packages and their missing dependencies, and unpack them. Raises `Unavailable`."""
    # The files that apt-get leaves may belong to another user.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run([*apt, "install", "--download-only", f"--option=Dir::Cache::archives={folder}", *packages(servers)])
        for package in sorted(Path(folder).glob("*.deb")):
            if not package.name.startswith(UNWANTED):
                UNPACKED.mkdir(parents=True, exist_ok=True)
                run(["dpkg-deb", "--extract", str(package), str(UNPACKED)])
    libraries = os.pathsep.join(sorted(str(folder) for folder in UNPACKED.glob("usr/lib/*-linux-gnu*")))
    for server in servers:
        program = UNPACKED / "usr" / "sbin" / server
        if program.exists():
            starter = UNPACKED / "bin" / server
            starter.parent.mkdir(exist_ok=True)
            starter.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{program}" "$@"\n', encoding="utf-8")
            starter.chmod(0o755)


def ensure(programs: list[str]) -> None:
    """Find or install the programs. Raises `Unavailable`."""
    if not missing(programs):
        return
    # Parallel sessions may need the same program. The second session waits for the first.
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
