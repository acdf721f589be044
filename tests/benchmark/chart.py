# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""chart.py JSON SVG: draw the growth curves. The same figures produce the same bytes."""

from __future__ import annotations

import io
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

# Colours that are distinct for all kinds of colour vision, and markers for prints without colours.
STYLES = {
    "totalcontrol": ("#0072b2", "o"),
    "huawei": ("#d55e00", "s"),
    "ctrlapi": ("#009e73", "^"),
    "hitachi": ("#cc79a7", "D"),
    "iotda devices": ("#56b4e9", "v"),
    "iotda": ("#e69f00", "P"),
}
SIDES = (
    ("tasks", "tasks in one run (0 ms)", "from 1 to 10,000 tasks"),
    ("concurrency", "concurrency (100 tasks, 20 ms)", "from 1 to 64 at a time"),
)


def draw(figures: dict[str, Any], file: Path) -> None:
    with matplotlib.rc_context({"svg.hashsalt": "taskops.quiesce", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10}):
        # A white background, so that the chart is readable on a light and on a dark page.
        figure = Figure(figsize=(10, 4.2), layout="constrained", facecolor="white")
        for axes, (curve, label, title) in zip(figure.subplots(1, 2), SIDES, strict=True):
            for system, points in figures["growth"][curve].items():
                colour, marker = STYLES[system]
                sizes = [int(size) for size in points]
                axes.plot(sizes, [statistics.median(times) for times in points.values()], color=colour, marker=marker, label=system)
            axes.set(xscale="log", yscale="log", xlabel=label, ylabel="seconds (the module's process)", title=title)
            axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.minorticks_off()
            axes.grid(alpha=0.3)
            axes.yaxis.set_major_formatter("{x:g}")
        figure.axes[0].legend(frameon=False)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    # The checks of the repository permit no blank at the end of a line.
    file.write_text("".join(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines()), encoding="utf-8")


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
