# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The windows of a folder as rows and as lines: which are open, since when and until when, which are overdue, and what failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ._deadline import as_text, for_people
from ._errors import Failure
from ._fates import fates_of, status_sentence
from ._items import Direction, Plain
from ._ledger import Ledger, classify_file, is_closed
from ._overlap import Unreadable
from ._text import all_harmless
from ._window_texts import failures

NAMED = 5


def windows_of(folder: str, *, with_closed: bool = False, only: str | None = None) -> list[Plain]:
    """One row for each ledger of the folder, sorted by name. A ledger that can't be used has a row with the reason in `problem`.

    Raises `Failure` (`usage`) if the folder itself can't be read. A folder that doesn't exist has no windows.
    """
    base = Path(folder).expanduser()
    try:
        paths = sorted(base.iterdir()) if base.exists() else []
    except OSError as error:
        raise Failure(
            "usage", f"the folder {base} can't be read ({error.strerror or error}); give the one that holds the ledgers"
        ) from None
    rows = []
    for path in paths:
        if path.suffix != ".json" or (only is not None and path.stem != only) or (not with_closed and is_closed(path)):
            continue
        found = _read(path)
        if isinstance(found, Unreadable):
            rows.append(_unreadable_row(path, found))
        elif found and found["window"] == path.stem and (with_closed or found["status"] != "closed"):
            rows.append(row_of(found, str(path), Ledger(folder, path.stem).holder(time.time()), time.time()))
    windows: list[Plain] = all_harmless(rows)
    return windows


def row_of(document: Plain, path: str, holder: Mapping[str, Any] | None, now: float) -> Plain:
    """The row of a window. `holder` is the run that works on it now."""
    status, until = document["status"], document.get("until")
    direction: Direction = "close" if status in ("closing", "closed") else "open"
    counts = fates_of(document)
    return {
        "window": document["window"],
        "status": status,
        "sentence": status_sentence(document),
        "since": as_text(document["created"]),
        "until": as_text(until) if until else None,
        "overdue": bool(until and until <= now and status != "closed"),
        "overdue_seconds": round(now - until) if until and until <= now and status != "closed" else 0,
        "total": sum(counts.values()),
        "held": counts["held"],
        "last_run": _run(document["runs"][-1]) if document["runs"] else None,
        "running": _running(holder) if holder else None,
        "failures": [f"{sentence}." for sentence in failures(document, direction)],
        "ledger": path,
        "problem": "",
    }


def lines_of(rows: Sequence[Mapping[str, Any]], folder: str, now: float, kind: str = "open") -> list[str]:
    """The rows as lines for a person. `kind` names the windows that were looked for."""
    if not rows:
        return [f"no {kind} windows in {folder}"]
    lines = []
    for row in rows:
        if row["problem"]:
            lines.append(f"{row['window']}: {row['problem']}")
            continue
        late = f"; OVERDUE by {_span(row['overdue_seconds'])}" if row["overdue"] else ""
        lines.append(f"{row['window']}: {row['sentence']}; since {row['since']}{late}")
        if running := row["running"]:
            lines.append(f"  a run works on it ({running['what']} from {running['host']} since {running['since']})")
        elif (last := row["last_run"]) and not last["complete"]:
            what = "opening" if last["role"] == "open" else "closing"
            lines.append(f"  the last run, {what}, began {last['began']} and didn't complete")
        lines += [f"  {sentence}" for sentence in row["failures"][:NAMED]]
        lines += [f"  and {len(row['failures']) - NAMED} failures more"] if len(row["failures"]) > NAMED else []
    return [*lines, f"{len(rows)} in {folder} at {for_people(now)}"]


def _read(path: Path) -> Plain | Unreadable | None:
    try:
        return classify_file(path, path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(str(path), f"can't be read ({error.strerror or error})")


def _unreadable_row(path: Path, found: Unreadable) -> Plain:
    nothing: Plain = dict.fromkeys(("since", "until", "last_run", "running"))
    message = f"the ledger {found.path} {found.why}; repair it, or remove it"
    counts = {"overdue": False, "overdue_seconds": 0, "total": 0, "held": 0, "failures": []}
    return {**nothing, **counts, "window": path.stem, "status": "unreadable", "sentence": message, "ledger": str(path), "problem": message}


def _run(run: Mapping[str, Any]) -> Plain:
    ended = as_text(run["ended"]) if run.get("ended") else None
    return {"role": run["role"], "began": as_text(run["began"]), "ended": ended, "complete": bool(run.get("complete"))}


def _running(holder: Mapping[str, Any]) -> Plain:
    since = holder.get("since")
    began = as_text(float(since)) if isinstance(since, int | float) else ""
    return {"what": str(holder.get("what")), "host": str(holder.get("host")), "since": began}


def _span(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"
