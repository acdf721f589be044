# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""What the engine knows of a task, as plain data. The ledger holds it, and a later run continues from it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ._errors import AnswerLost, Failure, Refused, TryLater
from ._lifecycle import Observation
from ._results import error_fields
from ._task_run import Memory, Pending

Plain = dict[str, Any]
_KINDS: Mapping[str, type[Failure]] = {"lost": AnswerLost, "later": TryLater, "refused": Refused, "failed": Failure}


def seen_as_plain(seen: Observation) -> Plain:
    """An observation as plain data."""
    return {"vendor_state": seen.spelling, "row": seen.row, "stamp": seen.stamp, "name": seen.name}


def _observation(id_: str, plain: Mapping[str, Any]) -> Observation:
    return Observation(id_, plain.get("vendor_state"), name=plain.get("name"), stamp=plain.get("stamp") or "", row=plain.get("row"))


def as_plain(memory: Memory) -> Plain:
    """The memory as plain data for JSON. The time is wall-clock time, since another machine may continue the run."""
    plain: Plain = {
        "before": seen_as_plain(memory.before),
        "actions": list(memory.actions),
        "changed": memory.changed,
        "sends": memory.sends,
    }
    plain["answered"] = sorted(memory.answered)
    if memory.remark:
        plain["remark"] = memory.remark
    if (sent := memory.sent) is not None:
        plain["sent"] = {"action": sent.action, "arrives": sent.arrives, "at": time.time() - sent.age}
        if sent.seen is not None:
            plain["sent"]["seen"] = seen_as_plain(sent.seen)
        if sent.failure is not None:
            kind = next(name for name, cls in _KINDS.items() if isinstance(sent.failure, cls))
            plain["sent"]["failure"] = {"kind": kind, "conclusive": sent.failure.is_conclusive, **error_fields(sent.failure)}
    return plain


def from_plain(id_: str, plain: Mapping[str, Any]) -> Memory:
    """The memory of the task from what `as_plain` returned, or from what an older ledger holds in its place."""
    sent = plain.get("sent")
    pending = None
    if sent:
        failure = sent.get("failure")
        # Without a time, nobody knows whether or when it was sent: assume that it was sent just now.
        age = max(0.0, time.time() - sent["at"]) if sent.get("at") else 0.0
        its = _failure(failure) if failure else None
        pending = Pending(sent["action"], sent.get("arrives"), _observation(id_, sent["seen"]) if sent.get("seen") else None, age, its)
    before = _observation(id_, plain["before"])
    actions, answered = tuple(plain.get("actions") or ()), frozenset(plain.get("answered") or ())
    return Memory(
        before, actions, bool(plain.get("changed")), int(plain.get("sends") or 0), answered, pending, str(plain.get("remark") or "")
    )


def _failure(plain: Mapping[str, Any]) -> Failure:
    """A failure of an earlier run, with all facts of the vendor's answer."""
    facts = {name: plain.get(name) for name in ("vendor_code", "http_status", "request_id")}
    failure = _KINDS[plain["kind"]](plain["code"], str(plain["message"]).rstrip("."), **facts)
    failure.is_conclusive = bool(plain.get("conclusive", failure.is_conclusive))
    return failure
