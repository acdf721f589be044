# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/docsite/rst/proxies.rst: for each proxy and what goes wrong, what the system got and what the module says."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .conftest import Through, Told
from .processes import program

HOST = "totalcontrol.example.com:8090"
BEGIN, END = ".. begin: the table, written by tests/integration/proxies", ".. end: the table"
WIDTH = 140


@dataclass(frozen=True)
class Trouble:
    """What goes wrong behind a proxy, in the reader's words."""

    words: str
    kind: str = "plain"
    fault: str = ""
    tls: bool = False
    vendor: str = "totalcontrol"


DEAD = Trouble("The system doesn't run", "dead")
TUNNEL = Trouble("The system doesn't run, by https", "dead", tls=True)
LOST = Trouble("The answer to the action is lost after it took hold", fault="reset_after")
LOST_IN_TUNNEL = Trouble("The same, by https", fault="reset_after", tls=True)
NEVER = Trouble("The connection breaks before the action takes hold", fault="reset_before")
REPEATED = Trouble("The same with VIAS, whose PUT it sends again by itself", fault="reset_after", vendor="huawei")
DENIED = Trouble("The proxy lets nothing through that changes anything", "deny")
TABLE = {
    "squid": [DEAD, TUNNEL, LOST, LOST_IN_TUNNEL, NEVER, DENIED],
    "tinyproxy": [DEAD, TUNNEL, LOST, LOST_IN_TUNNEL, NEVER],
    "nginx": [
        DEAD,
        LOST,
        REPEATED,
        NEVER,
        DENIED,
        Trouble("It takes no body of that size", "small"),
        Trouble("It's closed for maintenance (``return 503``), which looks as ``limit_req`` does", "closed"),
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


def in_words(told: Told) -> str:
    """What the module came to, as the table has it: one thought a line."""
    got = [write.rstrip("!") for write in told.origin.writes]
    held = sum(write.endswith("!") for write in told.origin.writes)
    lines = [f"Got {len(got)} and did {held}." if got else "Got no action."]
    if told.failed:
        message = re.sub(r"https?://127\.0\.0\.1:\d+(/[a-z]+/totalcontrol)?", f"http://{HOST}", told.message)
        lines += [
            f"``{told.code}``",
            re.sub(r"127\.0\.0\.1(:\d+)?", lambda found: HOST if found[1] else HOST.split(":", maxsplit=1)[0], message),
        ]
    else:
        lines.insert(1, f"``changed: {str(told.result['changed']).lower()}``, ``reached: {str(told.row['reached']).lower()}``")
        if told.warning:
            # When the system is asked decides which of its states the sentence names.
            assert "a proxy on the way may have sent it twice" in told.warning
            lines.append("A warning says that a proxy on the way may have sent it twice, and that it counts as this run's change.")
    return "\n".join(lines)


def rendered(through: Through, check: Callable[[Told], None]) -> str:
    """The table, each row of it played."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 12 22 14 52", ""]
    lines += _row(["Proxy", "What goes wrong", "The system", "The module"])
    for proxy, troubles in TABLE.items():
        for number, trouble in enumerate(troubles):
            # The fault befalls the action. tinyproxy now and then closes before a read of its own accord, which retries are for.
            retries = 3 if trouble.fault else 0
            told = through(proxy, trouble.vendor, trouble.kind, tls=trouble.tls, fault=trouble.fault, retries=retries)
            check(told)
            got, *says = in_words(told).split("\n")
            lines += _row([f"{proxy} {program(proxy).version}" if number == 0 else "", trouble.words, got, "\n".join(says)])
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
    """Without what differs from one release of a proxy to the next: its own number and how the lines are broken."""
    return " ".join(re.sub(r"\b(squid|tinyproxy|nginx|haproxy)([/ ])\d+(?:\.\d+)*", r"\1\2N", text).split())
