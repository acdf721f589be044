# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of the two ways in which a module runs: the user's result and the system's requests have to be the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .cases import Outcome
from .processes import Result

# Values that differ in every run: the duration, and Ansible's notes about the Python interpreter.
APART = frozenset({"elapsed", "ansible_facts"})
# Values that differ for each emulated system: ids of requests, and its clock as text, as a number, and relative to the machine's.
OWN = {
    r"\b[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b": "ID",
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d{4}|Z| UTC)?": "TIME",
    r"\b\d{8}T\d{6}Z": "TIME",
    r"\b1[78]\d{8}(\d{3})?\b": "0",
    r"\b\d+ s (ahead|behind)": "some seconds \\1",
}


def differences(in_worker: Outcome, by_module: Outcome) -> list[str]:
    """One line for each difference, empty if there is none."""
    return [*_results(in_worker, by_module), *_journals(in_worker, by_module)]


def _results(one: Outcome, other: Outcome) -> Iterator[str]:
    for mine, its in zip(one.results, other.results, strict=True):
        if mine.outcome != its.outcome:
            yield f"{mine.outcome} in the worker, {its.outcome} by the module"
        first, right = _plain(mine, one), _plain(its, other)
        for key in sorted(first.keys() | right.keys()):
            if first.get(key, "nothing") != right.get(key, "nothing"):
                yield f"{key}: {first.get(key, 'nothing')!r} in the worker, {right.get(key, 'nothing')!r} by the module"


def _plain(result: Result, outcome: Outcome) -> dict[str, Any]:
    """The result without the address and the certificates of the emulated system, which differ in each run."""
    text = json.dumps({key: value for key, value in result.returned.items() if key not in APART})
    control = outcome.control
    for name, file in (("CA", control.ca), ("CERTIFICATE", control.client_cert), ("KEY", control.client_key)):
        text = text.replace(str(file), name) if file else text
    text = re.sub(rf"\b{control.port}\b", "PORT", text)
    for pattern, word in OWN.items():
        text = re.sub(pattern, word, text)
    plain: dict[str, Any] = json.loads(text)
    return plain


def _journals(one: Outcome, other: Outcome) -> Iterator[str]:
    """In parallel, calls arrive in any order, and the number of polls depends on the clock. So all writes are compared, and the kinds of
    reads.
    """
    if sorted(one.writes) != sorted(other.writes):
        yield f"the worker wrote {sorted(one.writes)}, the module {sorted(other.writes)}"
    if sorted(one.effects) != sorted(other.effects):
        yield f"the worker effected {sorted(one.effects)}, the module {sorted(other.effects)}"
    if set(one.requests) != set(other.requests):
        yield f"the worker asked {sorted(set(one.requests))}, the module {sorted(set(other.requests))}"
