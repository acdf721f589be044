# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A watch over tasks: look, tell what changed since the last look, pause, look again; for as long as nobody cancels it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ..module_utils._arguments import Arguments
from ..module_utils._clock import Clock
from ..module_utils._converge import read_all
from ..module_utils._errors import Failure, TryLater
from ..module_utils._lifecycle import with_twins
from ..module_utils._options import secret_values, validated
from ..module_utils._pages import doubt_of
from ..module_utils._run import connect, listing, reading
from ..module_utils._systems import SYSTEMS
from ..module_utils._vendor import Vendor
from ._background import EndableClock, in_thread
from ._changes import Change, Known, Quiet, Tasks, changes, known, quiet, still_watched
from ._state_file import Memory, StateFile

Event = dict[str, Any]
Tell = Callable[[Event], Awaitable[None]]
Pause = Callable[[float], Awaitable[None]]
# What a look shows, and which of these tasks the selection lists (None: the tasks are given by their ids).
Sight = tuple[Tasks, "Collection[str] | None"]

LEAST_INTERVAL = 0.1
# Seconds; a system that can't be reached is asked at least this often, unless the interval itself is longer.
LONGEST_PAUSE = 60.0

ARGUMENTS = Arguments(
    options={
        "vendor": {"type": "str", "required": True, "choices": list(SYSTEMS)},
        "target": {"type": "str"},
        "tasks": {"type": "list", "elements": "raw"},
        "select": {"type": "dict"},
        "options": {"type": "dict", "default": {}},
        "interval": {"type": "float", "default": 10},
        "state_file": {"type": "path"},
        "initial": {"type": "bool", "default": False},
    },
    choices=[[("tasks",), ("select",)]],
)

_log = logging.getLogger(__name__)


class WatchError(Exception):
    """The watch can't begin or go on; the message is one whole sentence."""


@dataclass(frozen=True)
class Wanted:
    """What a source's arguments ask for, checked: the system's options in `params`, and either `ids` or the selection's `filters`."""

    vendor: str
    target: str
    params: Mapping[str, Any]
    ids: Collection[str] | None
    filters: Mapping[str, Any]
    interval: float
    state_file: str | None
    initial: bool

    @property
    def system(self) -> type[Vendor]:
        return SYSTEMS[self.vendor]

    @property
    def place(self) -> dict[str, str]:
        """What tells this watch's state file from that of another watch."""
        where = self.params.get("url") or self.params.get("region") or ""
        return {"target": self.target, "vendor": self.vendor, "system": str(where).rstrip("/")}


def wanted(args: Mapping[str, Any]) -> Wanted:
    """The arguments of a source, checked. Raises `Failure` (`usage`)."""
    target = str(args.get("target") or args.get("vendor") or "without a vendor")
    if strange := [name for name in args if name not in ARGUMENTS.options]:
        known_ones = ", ".join(ARGUMENTS.options)
        raise Failure("usage", f"target {target}: task_state takes no {', '.join(map(str, strange))}; it takes {known_ones}")
    own = validated(ARGUMENTS, args, target)
    if not LEAST_INTERVAL <= own["interval"] < float("inf"):
        raise Failure("usage", f"target {target}: interval is {own['interval']:g}; it must be at least {LEAST_INTERVAL:g}")
    system = SYSTEMS[own["vendor"]]
    arguments = listing(system)
    for name in (system.ids, *arguments.options[system.ids].get("aliases", ())):
        if name in own["options"]:
            raise Failure("usage", f"target {target} gives {name} among its options; give the tasks in tasks instead")
    options = dict(own["options"]) if own["tasks"] is None else {**own["options"], system.ids: own["tasks"]}
    params = validated(arguments, options, target)
    filters = validated(system.filters, own["select"] or {}, f"{target}, select")
    ids = None if own["tasks"] is None else system.asked(params)
    return Wanted(own["vendor"], target, params, ids, filters, own["interval"], own["state_file"], own["initial"])


class Look:
    """One look at all the tasks. Blocking, and called again and again, so that a session and its login live on."""

    def __init__(self, wish: Wanted, clock: Clock) -> None:
        """Raises `Failure` (`usage`)."""
        self._wish = wish
        self._told: set[str] = set()
        # Whether the last look can't have left out a task.
        self.is_sure = True
        self._secrets = secret_values(reading(wish.system), wish.params)
        self._vendor, _way = connect(wish.system, wish.params, clock, float("inf"), self._secrets.add, unhide=self._secrets.discard)

    def __call__(self, before: Tasks | None) -> Sight:
        """What the system shows now. Raises `Failure`."""
        before = before or {}
        try:
            found, listed = self._read(before)
        finally:
            self._warn()
        ids = dict.fromkeys([*found, *before]) if self._wish.ids is None else self._wish.ids
        return {id_: known(self._vendor.table, found.get(id_), before.get(id_)) for id_ in ids}, listed

    def discreet(self, text: str) -> str:
        """The text without anything secret."""
        for secret in sorted(filter(None, self._secrets), key=len, reverse=True):
            text = text.replace(secret, "********")
        return text

    def unknown(self, ids: Collection[str]) -> Failure:
        """The failure for tasks that the system has never known."""
        table = self._vendor.table
        message = f"{table.system} knows no {table.noun} {', '.join(ids)}, so that it can't be watched; {table.advice}"
        return Failure("not_found", f"target {self._wish.target}: {message}")

    def _read(self, before: Tasks) -> tuple[Mapping[str, Any], Collection[str] | None]:
        if self._wish.ids is not None:
            return read_all(self._vendor, list(self._wish.ids), self._wish.params["concurrency"]), None
        sight = self._vendor.list_all(self._wish.filters)
        self.is_sure = not doubt_of(sight)
        found = with_twins(self._vendor.table, sight)
        listed = list(found)
        # A list of active tasks, or one by their state, says nothing about what has left it.
        if left := [id_ for id_ in before if id_ not in found]:
            found.update(read_all(self._vendor, left, self._wish.params["concurrency"]))
        return found, listed

    def _warn(self) -> None:
        for warning in self._vendor.warnings:
            if warning not in self._told:
                self._told.add(warning)
                _log.warning("target %s: %s.", self._wish.target, self.discreet(warning))


class Watch:
    """The looks of one source, and what is told of them.

    `memory` is what an earlier watch left; `save` keeps ours. What was told is saved only when the next look begins: a watch that is killed
    before then tells it once more rather than never, since nobody knows how far the rules had got with it.
    """

    def __init__(self, wish: Wanted, look: Look, tell: Tell, memory: Memory, save: Callable[[Memory], None], pause: Pause) -> None:
        self._wish, self._look, self._tell = wish, look, tell
        self._save, self._pause = save, pause
        self._memory = memory
        self._misses = 0
        # All was quiet at looks that may have left out a task: to be told by the next one that can't.
        self._owes_quiet = False
        # Between the last look of the earlier watch and our first one nobody looked.
        self._was_away = memory.tasks is not None

    async def run(self) -> None:
        """Never returns. Raises `Failure` where looking again is no use or does harm."""
        while True:
            await self._keep()
            try:
                seen, listed = await in_thread(partial(self._look, self._watched))
            except Failure as failure:
                pause = await self._missed(failure)
            else:
                pause = await self._saw(seen, listed)
            await self._pause(pause)

    @property
    def _watched(self) -> Tasks | None:
        """What is known of the tasks that are watched now; an earlier watch may have been given others."""
        tasks, ids = self._memory.tasks, self._wish.ids
        if tasks is None or ids is None:
            return tasks
        return {id_: tasks[id_] for id_ in ids if id_ in tasks}

    async def _keep(self) -> None:
        try:
            await in_thread(partial(self._save, self._memory))
        except Failure as failure:
            if self._memory.tasks is None:
                raise
            # What was told would be told once more after a restart; an end of the watch would be worse.
            _log.error("target %s: %s.", self._wish.target, failure.message)

    async def _missed(self, failure: Failure) -> float:
        if failure.code == "usage":
            raise failure
        if self._memory.lost_at is None:
            event = self._event("connection_lost", _now(), quiet(self._watched or {}), self._was_away)
            event["connection"] = {**failure.details(), "message": self._look.discreet(f"{failure.message}.")}
            await self._tell(event)
            self._memory = replace(self._memory, lost_at=event["at"])
        if failure.code == "authentication":
            # More attempts could lock the account or the key.
            await self._keep()
            raise failure
        if not self._misses:
            _log.warning("target %s: %s.", self._wish.target, self._look.discreet(failure.message))
        self._misses += 1
        longest = max(self._wish.interval, LONGEST_PAUSE)
        asked_for = failure.after if isinstance(failure, TryLater) else 0.0
        return max(min(self._wish.interval * 2.0 ** min(self._misses - 1, 32), longest), asked_for)

    async def _saw(self, seen: Tasks, listed: Collection[str] | None) -> float:
        before = self._watched
        if unknown := [id_ for id_, task in seen.items() if task.has_vanished and id_ not in (before or {})]:
            raise self._look.unknown(unknown)
        at, lost_at = _now(), self._memory.lost_at
        away = self._was_away or lost_at is not None
        after = seen if listed is None else still_watched(seen, listed)
        now = quiet(after)
        event = partial(self._event, at=at, now=now, away=away)
        events = [] if lost_at is None else [{**event("connection_restored"), "connection": {"lost_at": lost_at}}]
        events += [{**event(change.kind), "task": _task(change)} for change in changes(before, seen, self._wish.initial)]
        is_news = self._owes_quiet or self._is_news(before, after)
        self._owes_quiet = now.all_quiet and is_news and not self._look.is_sure
        if now.all_quiet and is_news and not self._owes_quiet:
            events.append(event("all_quiet"))
        for told in events:
            await self._tell(told)
        self._memory = Memory(after)
        self._misses, self._was_away = 0, False
        if not events:
            # At once: what happens from now on mustn't be lost by a kill before the next look.
            await self._keep()
        return self._wish.interval

    def _is_news(self, before: Tasks | None, after: Tasks) -> bool:
        # A selection that has found nothing from the start may be a wrong one.
        return self._wish.initial and bool(after) if before is None else not quiet(before).all_quiet

    def _event(self, kind: str, at: str, now: Quiet, away: bool) -> Event:
        told = {**asdict(now), "all_quiet": now.all_quiet and self._look.is_sure}
        return {"kind": kind, "at": at, "target": self._wish.target, "vendor": self._wish.vendor, "while_away": away, "quiet": told}


async def watch(tell: Tell, args: Mapping[str, Any], pause: Pause = asyncio.sleep) -> None:
    """Watch what the arguments of a source ask for, until cancelled. Raises `WatchError`."""
    clock = EndableClock()
    look: Look | None = None
    message = ""
    try:
        with ExitStack() as stack:
            # A look under way is left alone; it ends by itself before its next repeat.
            stack.callback(clock.end)
            wish = wanted(args)
            look = Look(wish, clock)
            file = stack.enter_context(StateFile(wish.state_file, wish.place)) if wish.state_file else None
            memory = file.load() if file else Memory()
            await Watch(wish, look, tell, memory, file.save if file else _forget, pause).run()
    except Failure as failure:
        message = look.discreet(failure.message) if look else failure.message
    # Raised outside of the handler, so that no traceback drags along what the sentence leaves out.
    raise WatchError(f"{message}.")


def _forget(_memory: Memory) -> None:
    """Without a state_file nothing is kept over a restart."""


def _task(change: Change) -> dict[str, Any]:
    nothing = Known(None, "unknown" if change.kind == "found" else "absent", None, False)
    before, after = change.before or nothing, change.after
    return {
        "id": change.id,
        "name": after.name,
        "state": after.state,
        "vendor_state": after.vendor_state,
        "before": {"state": before.state, "vendor_state": before.vendor_state},
    }


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
