# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill so many jobs of so many windows: `python -m tests.crash --kills 200`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.integration.processes import Ansible

from .life import JOB, Crash, Life


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200, help="end after so many kills")
    options.add_argument("--seed", type=int, default=None, help="the first seed; each life has the next one")
    options.add_argument("--lives", type=int, default=None, help="end after so many lives instead")
    options.add_argument("--side-by-side", type=int, default=4, help="so many lives at once")
    given = options.parse_args()
    first = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"The first seed is {first}.", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quiesce-crash-") as folder, ExitStack() as stack:
        ansible = Ansible(Path(folder), os.environ["ANSIBLE_COLLECTIONS_PATH"], is_warm=True)
        stack.callback(ansible.close)
        lives, failed = survive(ansible, Path(folder), first, given.kills, given.lives, given.side_by_side)
    kills = sum(life.kills for life in lives)
    print(f"{kills} kills in {len(lives)} windows, {len(failed)} of them not as found in the end; {time.monotonic() - begun:.0f} s.")
    for crash in failed:
        print(crash)
    return 1 if failed else 0


def survive(ansible: Ansible, folder: Path, first: int, kills: int, count: int | None, side_by_side: int) -> tuple[list[Life], list[Crash]]:
    """Run lives, so many at once, until the number of kills or lives is reached."""
    lives: list[Life] = []
    failed: list[Crash] = []

    def worker(start: int) -> None:
        seed = first + start
        while sum(life.kills for life in lives) < kills if count is None else seed < first + count:
            place = folder / str(seed)
            place.mkdir()
            life = Life(seed, place, ansible, lambda text: print(text, flush=True), lasts=max([JOB, *(life.lasts for life in lives)]))
            lives.append(life)
            try:
                life.live()
            except Crash as crash:
                failed.append(crash)
                print(crash, flush=True)
                print((place / "output.txt").read_text(errors="replace")[-8000:], flush=True)
            seed += side_by_side

    with ThreadPoolExecutor(side_by_side) as pool:
        for future in [pool.submit(worker, start) for start in range(side_by_side)]:
            future.result()
    return lives, failed


if __name__ == "__main__":
    sys.exit(main())
