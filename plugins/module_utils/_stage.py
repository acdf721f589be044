# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""Many targets at once, each on a system of its own: survey them, or bring them a stretch of the way.

A target comes as plain data and so do its results, since between two stretches they go through the ledger:

    name, vendor, state, tasks or select, options    what the user wrote
    ids, memories, spent                             what `bring` goes on with: which tasks, what is known of them, seconds used up so far
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ._arguments import Arguments
from ._clock import Clock
from ._converge import Convergence, Memory, Pending, Task
from ._errors import AnswerLost, Failure, Refused, TryLater
from ._http import Connection
from ._lifecycle import WISHES, Act, Observation, way_back, way_to, with_twins
from ._options import secret_values, validated
from ._places import place
from ._results import error
from ._run import connect, converging, pace, policy
from ._systems import SYSTEMS, system_of
from ._threads import side_by_side
from ._vendor import Vendor

Plain = dict[str, Any]
# Begins by itself sooner or later, and so has to be held before what runs is stopped.
ARMED = frozenset({"waiting", "starting"})
ENDED = frozenset({"stopped", "completed", "failed"})


@dataclass
class Target:
    """One target: its checked options, and the run over its tasks once there is one."""

    given: Mapping[str, Any]
    system: type[Vendor]
    params: Plain
    left_out: int = 0
    run: Convergence | None = None
    vendor: Vendor | None = None
    failure: Failure | None = None
    limit: float = 0.0
    ids: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.given["name"])


def resolve(given: Mapping[str, Any], hide: Callable[[str], None]) -> Target:
    """The target that the user wrote, checked; each secret among its options goes to `hide`. Raises `Failure` (`usage`)."""
    name = str(given["name"])
    system = system_of(given["vendor"], name)
    arguments = converging(system)
    options = dict(given.get("options") or {})
    for reserved in ("state", "wait"):
        if reserved in options:
            raise Failure(
                "usage", f"target {name} gives {reserved} among its options; a window decides on it by itself, so remove it there"
            )
    if given.get("closing"):
        # These tell how to bring a task to rest; it's put back without them.
        options = {option: value for option, value in options.items() if option not in ("drain", "if_unpausable")}
    options["state"] = given["state"]
    tasks = given.get("tasks")
    _check_named(given, system, options)
    if tasks is not None:
        for ways in system.tasks.choices:
            for option in {name for way in ways for name in way} - {system.ids}:
                options.pop(option, None)
        options[system.ids] = tasks
    elif given.get("select") is not None:
        # Which tasks these are, the system will tell.
        loose = {key: {**option, "required": False} for key, option in system.tasks.options.items()}
        arguments += Arguments(options=loose)
        arguments = replace(arguments, choices=[ways for ways in arguments.choices if ways not in system.tasks.choices])
    params = validated(arguments, options, name, group=system.group())
    for secret in secret_values(arguments, params):
        hide(secret)
    target = Target(given, system, params)
    if given.get("place") and given["place"] != _place(target):
        raise Failure(
            "usage",
            f"target {name} is on {given['place']} by the window's ledger, and its options lead to {_place(target)}; give the system by "
            "which the window was opened",
        )
    return target


def _check_named(given: Mapping[str, Any], system: type[Vendor], options: Mapping[str, Any]) -> None:
    """A target names its tasks in one way. Raises `Failure` (`usage`)."""
    ways = {system.ids, *(name for choice in system.tasks.choices for way in choice for name in way)}
    ways |= {alias for name in ways for alias in system.tasks.options[name].get("aliases", ())}
    if given.get("tasks") is not None and given.get("select") is not None:
        raise Failure("usage", f"target {given['name']} has both tasks and select; give one of them")
    if not given.get("tasks") and given.get("select") is None and (given.get("tasks") is not None or not ways & set(options)):
        raise Failure("usage", f"target {given['name']} has no tasks; name some, or give select")


def survey(targets: Sequence[Target], clock: Clock, hide: Callable[[str], None]) -> list[Plain]:
    """Read all targets and foretell what the wish would do to each task; nothing is sent but reads."""
    _each(targets, partial(_survey, clock=clock, hide=hide))
    return [_surveyed(target) for target in targets]


def bring(
    targets: Sequence[Target], clock: Clock, hide: Callable[[str], None], patience: float, is_wanted: Callable[[], bool]
) -> list[Plain]:
    """Go on with all targets for `patience` seconds: what is armed to begin is held before what runs is acted on."""
    begun = clock.now()
    gate = _Gate()
    for target in targets:
        _prepare(target, clock, hide, patience, gate.lets, is_wanted)
        first = set(target.given.get("armed") or ())
        gate.armed += [(target, task) for task in target.run.tasks if task.id in first] if target.run else []
    _each([target for target in targets if target.run], _run)
    return [_brought(target, clock.now() - begun) for target in targets]


class _Gate:
    """Lets running tasks be acted on once all that is armed to begin is held, so that nothing new starts meanwhile."""

    def __init__(self) -> None:
        self.armed: list[tuple[Target, Task]] = []

    def lets(self, task: Task) -> bool:
        self.armed = [(target, other) for target, other in self.armed if not (target.failure or _is_held(other))]
        return not self.armed or any(task is other for _target, other in self.armed)


def _each(targets: Sequence[Target], work: Callable[[Target], None]) -> None:
    side_by_side([partial(work, target) for target in targets], len(targets))


# Survey


def _survey(target: Target, clock: Clock, hide: Callable[[str], None]) -> None:
    try:
        ids = _asked(target)
        vendor, way = connect(target.system, target.params, clock, target.params["wait_timeout"], hide, caller=f"target {target.name}")
        target.vendor = vendor
        found = _selected(target, vendor) if ids is None else None
        ids = list(found or ()) if ids is None else ids
        if not ids and target.given.get("select") is None:
            raise Failure("not_found", f"{vendor.table.system} has no task that the options name; check them")
        target.ids = list(ids)
        if ids:
            target.run = _convergence(target, vendor, way, found=found)
            target.run.run(check_mode=True)
    except Failure as failure:
        target.failure = failure


def _asked(target: Target) -> Sequence[str] | None:
    """The ids that the target names; None where its selection or other options have to tell."""
    if target.given.get("ids"):
        return [str(id_) for id_ in target.given["ids"]]
    return None if target.given.get("select") is not None else target.system.asked(target.params)


def _selected(target: Target, vendor: Vendor) -> dict[str, Observation]:
    select = target.given.get("select")
    if select is None:
        return dict(vendor.find() or {})
    filters = validated(target.system.filters, select, f"{target.name}, select")
    found = with_twins(vendor.table, vendor.list_all(filters))
    if target.params["state"] == "started":
        return found
    going = {id_: seen for id_, seen in found.items() if any(vendor.table.word(one) not in ENDED for one in seen.each)}
    target.left_out = len(found) - len(going)
    return going


def _surveyed(target: Target) -> Plain:
    table = target.vendor.table if target.vendor else target.system.table
    whole = {
        "name": target.name,
        "vendor": target.given["vendor"],
        "system": table.system,
        "noun": table.noun,
        "state": target.given["state"],
        "stage": target.given["stage"],
        "accept_final": bool(target.given.get("accept_final")),
        "place": _place(target),
        "options": _kept(target),
        "left_out": target.left_out,
        "found": [_planned(target, target.run, task) for task in target.run.tasks] if target.run and not target.failure else [],
    }
    if target.failure:
        whole["error"] = error(target.failure)
    return {**whole, "tasks": target.given.get("tasks") or target.ids, "warnings": list(target.vendor.warnings if target.vendor else ())}


def _planned(target: Target, run: Convergence, task: Task) -> Plain:
    decision = task.decision
    foreseen = run.foresee(task)
    row: Plain = {
        "id": task.id,
        "name": task.last.name,
        "state": run.table.word(task.last),
        "vendor_state": task.last.spelling,
        "seen": _seen(task.last),
        "actions": list(decision.actions) if decision else [],
        "arrives": foreseen.word,
        "vendor_arrives": foreseen.spelling,
        "armed": run.table.word(task.last) in ARMED,
        "note": task.note,
        "skipped": task.skipped,
    }
    if task.error:
        row["error"] = error(task.error)
    elif decision and decision.actions and decision.arrives:
        its = policy(target.system, target.params)
        row["final"] = way_back(run.table, task.last, decision.arrives, its)
        # For a window that takes the task over from another one, which has found it otherwise.
        row["ways_back"] = {wish: why for wish in WISHES if (why := way_to(run.table, task.last, decision.arrives, wish, its))}
    return row


def _kept(target: Target) -> Plain:
    """The options that a later run needs, without anything secret: that comes from the environment or from the user again."""
    options = dict(target.given.get("options") or {})
    silent = set(converging(target.system).secrets)
    by_other_ways = {name for ways in target.system.tasks.choices for way in ways for name in way}
    return {
        name: value
        for name, value in options.items()
        if name not in silent | by_other_ways and not (isinstance(value, str) and "@" in value and "//" in value)
    }


def _place(target: Target) -> str:
    """What tells one system from another, so that two targets can't name the same task."""
    params = target.params
    devices_of = ", ".join(map(str, params.get(target.system.ids) or ())) if params.get("targets") else ""
    return place(
        target.given["vendor"],
        target.system.address(params).rstrip("/").removesuffix(target.system.path),
        str(params.get("instance_id") or ""),
        devices_of,
    )


# A stretch of the way


def _prepare(
    target: Target,
    clock: Clock,
    hide: Callable[[str], None],
    patience: float,
    may_act: Callable[[Task], bool],
    is_wanted: Callable[[], bool],
) -> None:
    given, params = target.given, target.params
    spent = float(given.get("spent") or 0)
    target.ids = [str(id_) for id_ in given["ids"]]
    target.limit = params["drain"] + params["wait_timeout"]
    params["drain"] = max(0.0, params["drain"] - spent)
    memories = {id_: _memory(id_, plain) for id_, plain in (given.get("memories") or {}).items()}
    try:
        left = max(0.0, target.limit - spent)
        vendor, way = connect(target.system, params, clock, left, hide, caller=f"target {target.name}", is_awaited=is_wanted)
        target.vendor = vendor
        target.run = _convergence(target, vendor, way, memories=memories, patience=patience, may_act=may_act, is_wanted=is_wanted)
    except Failure as failure:
        target.failure = failure


def _run(target: Target) -> None:
    try:
        if target.run:
            target.run.run()
    except Failure as failure:
        target.failure = failure


def _convergence(target: Target, vendor: Vendor, way: Connection, **more: Any) -> Convergence:
    its = replace(policy(target.system, target.params), as_found=bool(target.given.get("closing")))
    return Convergence(vendor, target.ids, its, pace(target.params), way.clock, way.deadline, **more)


def _is_held(task: Task) -> bool:
    """Whether there is nothing to send to a task that is armed to begin, or the system has accepted it. Unread, it isn't held."""
    return task.over or task.changed or (task.decision is not None and not isinstance(task.decision.step, Act))


def _brought(target: Target, seconds: float) -> Plain:
    run, given = target.run, target.given
    result: Plain = {"name": target.name, "state": given["state"], "spent": round(float(given.get("spent") or 0) + seconds, 3), "tasks": []}
    if target.failure:
        result["error"] = error(target.failure)
        # Where nobody can be asked, it's tried again until the time is up; where the answer is no, that was it.
        lost = isinstance(target.failure, (AnswerLost, TryLater)) and result["spent"] < target.limit
        result["over"] = not lost
    if run and run.observed:
        result["tasks"] = [_row(run, task) for task in run.tasks]
        result["warnings"] = list(target.vendor.warnings) if target.vendor else []
    return result


def _row(run: Convergence, task: Task) -> Plain:
    memory = run.remember(task)
    row: Plain = {
        "id": task.id,
        "name": task.last.name,
        "state": run.table.word(task.last),
        "vendor_state": task.last.spelling,
        "told": run.table.describe(task.last),
        "action": ", ".join(task.actions) or "none",
        "changed": task.changed,
        "reached": task.reached,
        "skipped": task.skipped,
        "over": task.over,
        "note": task.note,
        "memory": _plain(memory),
    }
    if task.error:
        row["error"] = error(task.error)
    return row


# Memories as plain data

_KINDS: Mapping[str, type[Failure]] = {"lost": AnswerLost, "later": TryLater, "refused": Refused, "failed": Failure}


def _seen(seen: Observation) -> Plain:
    return {"vendor_state": seen.spelling, "row": seen.row, "stamp": seen.stamp, "name": seen.name}


def _observation(id_: str, plain: Mapping[str, Any]) -> Observation:
    return Observation(id_, plain.get("vendor_state"), name=plain.get("name"), stamp=plain.get("stamp") or "", row=plain.get("row"))


def _plain(memory: Memory) -> Plain:
    plain: Plain = {"before": _seen(memory.before), "actions": list(memory.actions), "changed": memory.changed, "sends": memory.sends}
    plain["answered"] = sorted(memory.answered)
    if memory.remark:
        plain["remark"] = memory.remark
    if (sent := memory.sent) is not None:
        plain["sent"] = {"action": sent.action, "arrives": sent.arrives, "at": time.time() - sent.age}
        if sent.seen is not None:
            plain["sent"]["seen"] = _seen(sent.seen)
        if sent.failure is not None:
            kind = next(name for name, cls in _KINDS.items() if isinstance(sent.failure, cls))
            plain["sent"]["failure"] = {"kind": kind, "conclusive": sent.failure.is_conclusive, **error(sent.failure)}
    return plain


def _memory(id_: str, plain: Mapping[str, Any]) -> Memory:
    sent = plain.get("sent")
    pending = None
    if sent:
        failure = sent.get("failure")
        # Without a time nobody knows whether or when it was sent: then it may have been just now.
        age = max(0.0, time.time() - sent["at"]) if sent.get("at") else 0.0
        its = _failure(failure) if failure else None
        pending = Pending(sent["action"], sent.get("arrives"), _observation(id_, sent["seen"]) if sent.get("seen") else None, age, its)
    before = _observation(id_, plain["before"])
    actions, answered = tuple(plain.get("actions") or ()), frozenset(plain.get("answered") or ())
    return Memory(
        before, actions, bool(plain.get("changed")), int(plain.get("sends") or 0), answered, pending, str(plain.get("remark") or "")
    )


def _failure(plain: Mapping[str, Any]) -> Failure:
    """A failure of an earlier run, with all that the vendor told then."""
    facts = {name: plain.get(name) for name in ("vendor_code", "http_status", "request_id")}
    failure = _KINDS[plain["kind"]](plain["code"], str(plain["message"]).rstrip("."), **facts)
    failure.is_conclusive = bool(plain.get("conclusive", failure.is_conclusive))
    return failure


def written_secrets(params: Mapping[str, Any]) -> set[str]:
    """The secrets that stand among options of targets, as they were written, checked or not."""
    found: set[str] = set()
    for target in params.get("targets") or ():
        if isinstance(target, dict) and target.get("vendor") in SYSTEMS and isinstance(target.get("options"), dict):
            found |= secret_values(converging(SYSTEMS[target["vendor"]]), target["options"])
    # Those that are laid over may be of targets that aren't given this time, as their tasks are done: what is secret for any system.
    over = params.get("options")
    for options in over.values() if isinstance(over, dict) else ():
        if isinstance(options, dict):
            found.update(*(secret_values(converging(system), options) for system in SYSTEMS.values()))
    return found
