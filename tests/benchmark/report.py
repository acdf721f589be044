# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurements as text, as JSON and as a table of the docs."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .measure import Row

BEGIN = ".. What stands from here to the end mark is written by ``make bench``.\n"
END = ".. End of what is written by ``make bench``.\n"


def line(row: Row) -> str:
    """One row of the table that is printed."""
    verdict = {True: "met", False: "MISSED", None: ""}[row.is_met]
    return f"{row.case:38} {row.system:13} {row.seconds:7.2f} s {row.ratio:8.2f} {_goal(row):12} {verdict:6} {row.against}"


def document(rows: Sequence[Row], growth: Mapping[str, Any], emulator: Mapping[str, Any], runs: int) -> dict[str, Any]:
    """All measurements as plain data."""
    return {
        "machine": machine(),
        "runs": runs,
        "rows": [
            {
                "case": row.case,
                "system": row.system,
                "against": row.against,
                "ratio": round(row.ratio, 3),
                "goal": row.goal,
                "at_least": row.at_least,
                "met": row.is_met,
                "seconds": round(row.seconds, 3),
                "measured": _rounded(row.measured),
            }
            for row in rows
        ],
        "growth": _rounded(growth),
        "emulator": emulator,
    }


def machine() -> dict[str, Any]:
    """The properties of the machine on which the figures depend. Nothing identifies the owner."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("ansible-core", "requests", "urllib3")},
    }


def write_json(figures: Mapping[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def write_table(figures: Mapping[str, Any], page: Path) -> None:
    """Replace the table on the page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{_table(figures)}\n{END}{after}", encoding="utf-8")


def _table(figures: Mapping[str, Any]) -> str:
    about, rows = figures["machine"], figures["rows"]
    with_goal = [row for row in rows if row["met"] is not None]
    met = sum(row["met"] for row in with_goal)
    busiest = max((share for row in rows for share in row["measured"].get("emulator_busy", {}).values()), default=0)
    late = max((value for proof in figures["emulator"].values() for name, value in proof.items() if name.startswith("late")), default=0)
    lines = [
        f"Measured on: {about['processor']}, {about['cores']} cores, {about['memory']}, {about['system']}, Python {about['python']},",
        f"ansible-core {about['ansible-core']}, requests {about['requests']}. Each figure is the median of at least {figures['runs']}",
        f"runs, in which all that is compared took turns. {met} of {len(with_goal)} goals are met. {_quiet(rows)}".rstrip(),
        "",
        f"The emulated systems answered at most {late:.1f} ms (median) after the set delay, and in none of the cases",
        f"were they at work for more than {busiest:.0%} of the time.",
        "",
        ".. list-table::",
        "  :header-rows: 1",
        "",
        *_row("Case", "System", "Seconds", "Compared with", "Ratio", "Goal", "Met"),
    ]
    for row in rows:
        goal = "" if row["goal"] is None else f"{'at least' if row['at_least'] else 'at most'} {row['goal']:g}"
        verdict = {True: "yes", False: "**no**", None: ""}[row["met"]]
        lines += _row(row["case"], row["system"], f"{row['seconds']:.2f}", row["against"], f"{row['ratio']:.2f}", goal, verdict)
    return "\n".join(lines) + "\n"


def _quiet(rows: Sequence[Mapping[str, Any]]) -> str:
    """Whether the machine was idle otherwise: work that is the same each time should take the same time."""
    empty = [seconds for row in rows for seconds in row["measured"].get("seconds", {}).get("empty play", ())]
    return f"A play with nothing in it took from {min(empty):.2f} to {max(empty):.2f} s in all of these runs." if empty else ""


def _row(*cells: str) -> list[str]:
    return [f"  {'* -' if number == 0 else '  -'} {cell}".rstrip() for number, cell in enumerate(cells)]


def _goal(row: Row) -> str:
    return "" if row.goal is None else f"{'>=' if row.at_least else '<='} {row.goal:g}"


def _first(file: str, label: str) -> str:
    """The value of the first line with the label, from a system file that other systems don't have."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(label)), "")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
