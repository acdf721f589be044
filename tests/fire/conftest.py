# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of the search at the end of the session, over all processes of the tests."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from .plan import SEED
from .tally import TALLY

TOTAL = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOTAL] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is None:
        session.config.stash[TOTAL].update(TALLY)
    else:
        output["fire"] = dict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    del error
    node.config.stash[TOTAL].update(getattr(node, "workeroutput", {}).get("fire", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    total = config.stash[TOTAL]
    if not total:
        return
    terminalreporter.section("under fire")
    names = ("cases", "exchanges", "second runs", "runs in sequences", "windows that overlap")
    terminalreporter.line(f"seed {SEED}: " + ", ".join(f"{total[name]} {name}" for name in names))
    for start, title in (("cases: ", "cases"), ("fault: ", "faults"), ("trait: ", "vendors' own ways"), ("window: ", "windows")):
        counted = sorted((count, name.removeprefix(start)) for name, count in total.items() if name.startswith(start))[::-1]
        if counted:
            whole = sum(count for count, _name in counted)
            terminalreporter.line(f"{title} ({whole}): " + ", ".join(f"{name} {count}" for count, name in counted))
