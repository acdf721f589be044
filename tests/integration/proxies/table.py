# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/docsite/rst/proxies.rst: for each proxy and fault, what the system received and what the module reports."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .conftest import ProxyOutcome, Through
from .processes import program

HOST = "totalcontrol.example.com:8090"
BEGIN, END = ".. begin: the table, written by tests/integration/proxies", ".. end: the table"
WIDTH = 140


@dataclass(frozen=True)
class Trouble:
    """A fault behind a proxy. `words` are the text of the table."""

    words: str
    kind: str = "plain"
    fault: str = ""
    tls: bool = False
    vendor: str = "totalcontrol"


DEAD = Trouble("The system doesn't run", "dead")
TUNNEL = Trouble("The system doesn't run, by https", "dead", tls=True)
LOST = Trouble("The answer to the action is lost after it took effect", fault="reset_after")
LOST_IN_TUNNEL = Trouble("The same, by https", fault="reset_after", tls=True)
NEVER = Trouble("The connection breaks before the action takes effect", fault="reset_before")
REPEATED = Trouble("The same with VIAS, whose PUT it sends again by itself", fault="reset_after", vendor="huawei")
DENIED = Trouble("The proxy forbids every request that changes something", "deny")
TABLE = {
    "squid": [DEAD, TUNNEL, LOST, LOST_IN_TUNNEL, NEVER, DENIED],
    "tinyproxy": [DEAD, TUNNEL, LOST, LOST_IN_TUNNEL, NEVER],
    "nginx": [
        DEAD,
        LOST,
        REPEATED,
        NEVER,
        DENIED,
        Trouble("It forbids bodies of that size", "small"),
        Trouble("It's closed for maintenance (``return 503``), which looks like ``limit_req``", "closed"),
        Trouble("A login page stands in front of the system", "login"),
    ],
    "haproxy": [
        DEAD,
        LOST,
        replace(REPEATED, kind="again"),
        NEVER,
        DENIED,
        Trouble("It denies the action with 429", "limit"),
        Trouble("It closes without an answer (``http-request reject``)", "closed"),
    ],
}


def in_words(outcome: ProxyOutcome) -> str:
    """The cells of the table for one row: what the system received, then a paragraph on each line for the module."""
    received = outcome.origin.writes
    executed = sum(write.endswith("!") for write in received)
    lines = [f"Received {len(received)}, executed {executed}." if received else "Received no action."]
    if outcome.failed:
        message = re.sub(r"https?://127\.0\.0\.1:\d+(/[a-z]+/totalcontrol)?", f"http://{HOST}", outcome.message)
        lines += [
            f"``{outcome.code}``",
            re.sub(r"127\.0\.0\.1(:\d+)?", lambda found: HOST if found[1] else HOST.split(":", maxsplit=1)[0], message),
        ]
    else:
        lines.insert(1, f"``changed: {str(outcome.result['changed']).lower()}``, ``reached: {str(outcome.row['reached']).lower()}``")
        if outcome.warning:
            # The time of the read decides which state the sentence names.
            assert "a proxy on the way may have sent it twice" in outcome.warning
            lines.append("A warning says that a proxy on the way may have sent it twice, and that it counts as this run's change.")
    return "\n".join(lines)


def rendered(through: Through, check: Callable[[ProxyOutcome], None]) -> str:
    """The table. Each of its rows is executed."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 12 22 14 52", ""]
    lines += _row(["Proxy", "What goes wrong", "The system", "The module"])
    for proxy, troubles in TABLE.items():
        for number, trouble in enumerate(troubles):
            # The fault affects the action. tinyproxy sometimes closes the connection of a read, which is then retried.
            retries = 3 if trouble.fault else 0
            outcome = through(proxy, trouble.vendor, trouble.kind, tls=trouble.tls, fault=trouble.fault, retries=retries)
            check(outcome)
            system, *module = in_words(outcome).split("\n")
            lines += _row([f"{proxy} {program(proxy).version}" if number == 0 else "", trouble.words, system, "\n".join(module)])
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for number, cell in enumerate(cells):
        first = "   * - " if number == 0 else "     - "
        paragraphs = [textwrap.wrap(text, WIDTH - 8, break_long_words=False, break_on_hyphens=False) for text in cell.split("\n")]
        texts = [line for paragraph in paragraphs for line in [*paragraph, ""]][:-1] or [""]
        lines += [f"{first}{texts[0]}".rstrip(), *(f"       {text}".rstrip() for text in texts[1:])]
    return lines


def as_compared(text: str) -> str:
    """The text without version numbers of proxies and without line breaks, which differ between releases."""
    return " ".join(re.sub(r"\b(squid|tinyproxy|nginx|haproxy)([/ ])\d+(?:\.\d+)*", r"\1\2N", text).split())
