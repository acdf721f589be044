# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The evidence of a probe: its exchanges with a real system, and how they're compared with what our pages assume.

Users send findings to others. So a finding contains no text from a system except words that name a state, a field or a version, and these
only through `Evidence.word`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .._answer import Answer
from .._errors import Failure
from .._lifecycle import StateTable
from .._vendor import Vendor

T = TypeVar("T")
A_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_ ().-]{0,39}")
# From this length on, private texts are also searched for within words.
LONG = 6
SHOWN = 8


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `document` is None if the answer isn't JSON."""

    step: str
    path: str
    request: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    document: Any

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the address in the request."""
        return self.request.get("params") or {}

    @property
    def sent(self) -> Any:
        """The document in the request."""
        return self.request.get("json")

    def member(self, name: str) -> Any:
        return self.document.get(name) if isinstance(self.document, dict) else None


@dataclass
class Judged:
    """How many things were compared, and how often each difference was observed. `fact` is reported with them."""

    looked: int
    differences: Mapping[str, int] = field(default_factory=dict)
    fact: str = ""

    @property
    def verdict(self) -> str:
        return "differs" if self.differences else "as assumed" if self.looked else "not observed"

    @property
    def seen(self) -> str:
        shown = list(self.differences.items())[:SHOWN]
        differences = [f"{what} ({count} of {self.looked})" if self.looked > 1 else what for what, count in shown]
        more = len(self.differences) - SHOWN
        return "; ".join([*differences, *([f"and {more} more"] if more > 0 else []), *filter(None, [self.fact])])


class Evidence:
    """All exchanges of a probe, each with its step. The values of `open_fields` name states and versions. `private` are texts that must not
    be shown, in addition to the values of the other fields. `tasks` is the number of tasks that the system listed.
    """

    def __init__(self, open_fields: Collection[str], private: Iterable[str]) -> None:
        self._open = frozenset(open_fields)
        self._private = {text for text in private if text}
        self._step = ""
        self.tasks = 0
        self.exchanges: list[Exchange] = []
        self.failures: dict[str, Failure] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A context in which exchanges belong to this step. If the step fails, the failure is recorded, since it's a finding too."""
        self._step = name
        try:
            yield
        except Failure as failure:
            self.failures[name] = failure

    def note(self, _method: str, path: str, request: Mapping[str, Any], answer: Answer) -> None:
        """Add one exchange. `Connection.watch` calls this."""
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        self._private |= set(_leaves(document, self._open))
        self.exchanges.append(Exchange(self._step, path, request, answer.status, answer.headers, document))

    def keep_private(self, texts: Iterable[str]) -> None:
        self._private |= {text for text in texts if text}

    def of(self, *steps: str, path: str = "") -> list[Exchange]:
        """The exchanges of these steps whose path ends like this."""
        return [exchange for exchange in self.exchanges if exchange.step in steps and exchange.path.endswith(path)]

    def good(self, *steps: str, path: str = "") -> list[Exchange]:
        return [exchange for exchange in self.of(*steps, path=path) if exchange.status == 200 and exchange.document is not None]

    def rows(self, member: str, *steps: str, path: str = "") -> list[dict[str, Any]]:
        """The objects in the lists of the answers."""
        found = (exchange.member(member) for exchange in self.good(*steps, path=path))
        return [row for rows in found if isinstance(rows, list) for row in rows if isinstance(row, dict)]

    def word(self, value: Any) -> str:
        """A value that names a state, a field or a version, in the form that a finding can show. Of any other value only its type."""
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, int):
            return str(value) if abs(value) < 1000 else "a large number"
        if not isinstance(value, str):
            return kind(value)
        hides = value in self._private or any(len(text) >= LONG and text in value for text in self._private)
        return f"a text of {len(value)} characters" if hides or not A_WORD.fullmatch(value) else value


@dataclass(frozen=True)
class Assumption:
    """An assumption from a section of the vendor's page, and how to check it."""

    section: str
    text: str
    judge: Callable[[Evidence], Judged]


@dataclass(frozen=True)
class Probe:
    """How one system is probed. `look` gets the ids that are read one by one, before those from the list; `assumptions` the options."""

    page: str
    open_fields: Collection[str]
    look: Callable[[Vendor, Evidence, Sequence[str]], None]
    assumptions: Callable[[Vendor, Mapping[str, Any]], Sequence[Assumption]]


def each(things: Iterable[T], difference: Callable[[T], str], fact: str = "") -> Judged:
    """Compare each thing. `difference` returns how it differs, or an empty text if it is as assumed."""
    differences = [difference(thing) for thing in things]
    return Judged(len(differences), Counter(filter(None, differences)), fact)


def kind(value: Any) -> str:
    """The JSON type of a value."""
    names = {str: "a text", bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def is_a(value: Any, expected: str) -> str:
    """For `each`: empty if the value has this type."""
    return "" if kind(value) == expected else kind(value)


def spelling(evidence: Evidence, table: StateTable, value: Any) -> str:
    """For `each`: a state whose spelling isn't in the table, and the state that it's read as."""
    state = table.find(value)
    if state and value in (state.spelling, *state.aliases):
        return ""
    return f"{evidence.word(value)}, {f'which is taken for {state.spelling}' if state else 'which is unknown'}"


def spelled(evidence: Evidence, table: StateTable, values: Iterable[Any]) -> Judged:
    """Compare the spellings of the states. The states that occur are the fact."""
    values = list(values)
    counts = Counter(map(evidence.word, values))
    fact = f"seen: {', '.join(f'{word} ({count})' for word, count in counts.most_common(SHOWN * 3))}" if counts else ""
    return each(values, lambda value: spelling(evidence, table, value), fact)


def fields(evidence: Evidence, rows: Sequence[Mapping[str, Any]], needed: Collection[str], known: Collection[str] = ()) -> Judged:
    """Whether the rows have all required fields, and none that the page doesn't list. A field that only some rows have is present."""
    if not rows:
        return Judged(0)
    present = set().union(*rows)
    lacking = {f"without {name}": 1 for name in needed if name not in present}
    more = {f"with {evidence.word(name)} besides": 1 for name in sorted(present - set(needed) - set(known))} if known else {}
    return Judged(1, {**lacking, **more})


def _leaves(document: Any, open_fields: Collection[str]) -> Iterator[str]:
    """All values of a document as text, except those of the open fields."""
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo += [inner for name, inner in value.items() if name not in open_fields or isinstance(inner, (dict, list))]
        elif isinstance(value, list):
            todo += value
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield str(value)
