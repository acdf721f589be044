# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the cases and print the table; with `--docs` also write JSON, chart and table into that folder (see `make bench`)."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from . import report
from .cases import ALL, CASES, Bench
from .chart import SIDES, draw
from .measure import Row
from .processes import Programs
from .proof import prove
from .window import window_before_and_now, window_over_five

ALL_CASES = {"window_over_five": window_over_five, "window_before_and_now": window_before_and_now, **CASES}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--case", action="append", choices=list(ALL_CASES), help="only this one; repeatable")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--docs", type=Path, help="the folder of scale.rst: figures, chart and table are written there")
    options = parser.parse_args()
    rows: list[Row] = []

    def done(row: Row) -> None:
        rows.append(row)
        print(report.line(row), flush=True)

    emulator = {name: prove(name) for name in ALL}
    for name, delays in emulator.items():
        print(f"emulator of {name}: {', '.join(f'{key} {value}' for key, value in delays.items())}", flush=True)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="quiesce-bench-") as home:
        bench = Bench(Programs(Path(home), os.environ["ANSIBLE_COLLECTIONS_PATH"]), options.runs, done)
        for name in options.case or ALL_CASES:
            ALL_CASES[name](bench)
            print(f"{name} is done after {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
            # After each case, so that a run which is interrupted keeps what it has measured.
            delays = report.document(rows, bench.growth, emulator, options.runs)
            if options.json:
                report.write_json(delays, options.json)
            if options.docs:
                report.write_json(delays, options.docs / "images" / "scale.json")
                if len(bench.growth) == len(SIDES):
                    draw(delays, options.docs / "images" / "scale.svg")
                report.write_table(delays, options.docs / "scale.rst")
    missed = sum(row.is_met is False for row in rows)
    print(f"{missed} of {sum(row.is_met is not None for row in rows)} goals are missed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
