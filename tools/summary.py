# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.py REPORT RESULTS: print a summary of a run of nox: sessions with times and counts, the slowest tests, the cores, and missing
programs.

REPORT is the report of nox, which itself rounds times to minutes. RESULTS is the folder with the results of the sessions (see noxfile.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

# `make` runs this file by its path, before any environment exists.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.pythons import CORES, Choice, choose, how_to_get, pythons

SLOWEST = 20
FAILED = ("failure", "error")
ENDS = OLDEST, NEWEST = next(iter(CORES)), list(CORES)[-1]


@dataclass(frozen=True)
class Test:
    session: str
    name: str
    outcome: str
    seconds: float


def name(session: dict[str, Any]) -> str:
    values = ", ".join(str(value) for value in session["args"].values())
    return f"{session['name']}({values})" if values else str(session["name"])


def tests(results: Path) -> Iterator[Test]:
    for file in sorted(results.glob("*.xml")):
        session = file.stem.rpartition("+")[0]
        for case in ElementTree.parse(file).iter("testcase"):
            found = {child.tag for child in case}
            outcome = next((word for word in ("failure", "error", "skipped") if word in found), "passed")
            place = case.get("classname", "").replace(".", "/")
            yield Test(session, f"{place}.py::{case.get('name')}", outcome, float(case.get("time", 0)))


def counts(results: Path, ran: list[Test]) -> dict[str, str]:
    """The counts of each session as text."""
    texts = {}
    for file in sorted(results.glob("*.json")):
        counted = json.loads(file.read_text(encoding="utf-8"))
        if "count" not in counted:
            continue
        texts[file.stem.rpartition("+")[0]] = f"{counted['count']} {counted['what']}"
    for session in {test.session for test in ran}:
        outcomes = Counter(test.outcome for test in ran if test.session == session)
        others = [f"{count} {outcome}" for outcome, count in sorted(outcomes.items()) if outcome != "passed"]
        texts[session] = ", ".join([f"{outcomes.total()} tests", *others])
    return texts


def has_passed(session: dict[str, Any]) -> bool:
    return str(session["result"]).lower() == "success"


def table(report: dict[str, Any], texts: dict[str, str]) -> Iterator[str]:
    """A line for each session. If a session did not pass, its result is in capitals, so it is easy to find."""
    for session in report["sessions"]:
        its, result = name(session), str(session["result"])
        word = result.lower() if has_passed(session) else result.upper()
        yield f"{its:<20} {session['duration']:>8.1f} s  {word:<8} {texts.get(its, '')}".rstrip()


def verdict(report: dict[str, Any], ran: list[Test]) -> Iterator[str]:
    """The sessions that did not pass, each with its reason and its failed tests, or a line that all of them passed."""
    if all(map(has_passed, report["sessions"])):
        yield f"All {len(report['sessions'])} sessions passed."
    for session in report["sessions"]:
        if not has_passed(session):
            reason = f": {session['reason']}" if session.get("reason") else ""
            yield f"NOT PASSED: {name(session)}, {session['result'].lower()}{reason}"
            yield from (f"  {test.outcome}: {test.name}" for test in ran if test.session == name(session) and test.outcome in FAILED)


def cores() -> Iterator[str]:
    """The cores of this run with their Pythons, and a line for each that the run should have had."""
    choice = choose(pythons())
    every = os.environ.get("QUIESCE_CORES") == "all"
    for core in choice.pythons if every else dict.fromkeys([choice.oldest, choice.newest]):
        program = choice.pythons[core]
        version = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout.strip()
        yield f"ansible-core {core}{rank(core, choice)} on {version} ({program})"
    for core in choice.missing(list(CORES) if every else ENDS):
        yield f"LEFT OUT: ansible-core {core}: {how_to_get(core)}."


def rank(core: str, choice: Choice) -> str:
    """Why this core is tested: it is the oldest or the newest supported one, or the nearest one for which this machine has a Python."""
    if core in ENDS:
        return (", the oldest" if core == OLDEST else ", the newest") + " supported one,"
    for end, nearest in ((OLDEST, choice.oldest), (NEWEST, choice.newest)):
        if core == nearest:
            return f", in place of {end},"
    return ""


def left_out(results: Path) -> Iterator[str]:
    """A line for each requirement that a session could not set up."""
    for file in sorted(results.glob("*.json")):
        for reason in json.loads(file.read_text(encoding="utf-8")).get("left_out", ()):
            yield f"LEFT OUT of {file.stem.rpartition('+')[0]}: {reason}."


def slowest(ran: list[Test]) -> Iterator[str]:
    yield f"The {SLOWEST} slowest tests; what a file prepares for all of its tests counts for the first one:"
    for test in sorted(ran, key=lambda test: test.seconds, reverse=True)[:SLOWEST]:
        yield f"{test.seconds:>8.1f} s  {test.session:<18} {test.name}"


def main() -> None:
    report, results = Path(sys.argv[1]), Path(sys.argv[2])
    ran = list(tests(results))
    of_nox = json.loads(report.read_text(encoding="utf-8"))
    parts = [list(table(of_nox, counts(results, ran)))]
    if ran:
        parts.append(list(slowest(ran)))
    parts.append([*cores(), *left_out(results)])
    # The result is printed last, where readers look first.
    parts.append(list(verdict(of_nox, ran)))
    print("\n\n".join("\n".join(part) for part in parts))


if __name__ == "__main__":
    main()
