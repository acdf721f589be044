# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.py REPORT: print what nox wrote into its report as a short table. Nox itself rounds a time to "a minute"."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def name(session: dict[str, Any]) -> str:
    values = ", ".join(str(value) for value in session["args"].values())
    return f"{session['name']}({values})" if values else str(session["name"])


def table(report: dict[str, Any]) -> str:
    rows = [f"{name(session):<20} {session['duration']:>8.1f} s  {session['result'].lower()}" for session in report["sessions"]]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
