# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A watch over tasks: read them, report what changed since the last read, pause, and repeat until cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from ..module_utils._arguments import Arguments
from ..module_utils._clock import Clock
from ..module_utils._converge import read_all
from ..module_utils._errors import Failure, TryLater
from ..module_utils._lifecycle import group_same_id
from ..module_utils._options import secret_values, unknown_options, validated
from ..module_utils._pages import doubt_of
from ..module_utils._run import connect, connection_arguments, info_arguments
from ..module_utils._systems import SYSTEMS
from ..module_utils._text import all_harmless, encoded, harmless
from ..module_utils._vendor import Vendor
from ._background import EndableClock, in_thread
from ._changes import Change, Known, Quiet, Tasks, changes, known, quiet, still_watched, vanished_at_work
from ._reaction import Reaction
from ._state_file import Memory, StateFile
from ._values import check_whole, is_given, number, text, texts

T = TypeVar("T")
Event = dict[str, Any]
Emit = Callable[[Event], Awaitable[None]]
Pause = Callable[[float], Awaitable[None]]
# What a read shows, and which of these tasks the selection lists (None: the tasks are given by their ids).
Sight = tuple[Tasks, "Collection[str] | None"]

LEAST_INTERVAL = 0.1
# In seconds. An unreachable system is asked at least this often, unless the interval itself is longer.
LONGEST_PAUSE = 60.0
# Some systems lock an account after a few refusals in a row. So the first pause is long, and the later ones grow up to this many times it.
LONGEST_REFUSAL = 4.0

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
        "scope": {"type": "str"},
        "refused_interval": {"type": "float", "default": 900},
        "reaction": {
            "type": "dict",
            "options": {
                "file": {"type": "path", "required": True},
                "attempts": {"type": "int", "default": 10},
                "pause": {"type": "float", "default": 30},
                "within": {"type": "float", "default": 7200},
            },
        },
    },
    choices=[[("tasks",), ("select",)]],
)

_log = logging.getLogger(__name__)


class WatchError(Exception):
    """The watch can't begin or go on. The message is one complete sentence."""


@dataclass(frozen=True)
class WatchArguments:
    """The checked arguments of a source: the system's options in `params`, and either `ids` or the selection's `filters`."""

    vendor: str
    target: str
    params: Mapping[str, Any]
    ids: Collection[str] | None
    filters: Mapping[str, Any]
    interval: float
    state_file: str | None
    initial: bool
    scope: str | None
    refused_interval: float
    reaction: Reaction | None

    @property
    def system(self) -> type[Vendor]:
        return SYSTEMS[self.vendor]

    @property
    def place(self) -> dict[str, str]:
        """What distinguishes this watch's state file from that of another watch."""
        where = self.params.get("url") or self.params.get("region") or ""
        return {"target": self.target, "vendor": self.vendor, "system": str(where).rstrip("/")}


# How the values of a source are parsed, whatever their form. ansible-rulebook makes Python literals of texts: of "1,2" a tuple.
_READ: Mapping[str, Callable[[Any, str], Any]] = {
    "vendor": text,
    "target": text,
    "tasks": texts,
    "interval": number,
    "state_file": text,
    "scope": text,
    "refused_interval": number,
}


def check_arguments(args: Mapping[str, Any]) -> WatchArguments:
    """The arguments of a source, checked. Raises `Failure` (`usage`)."""
    given = args.get("target") or args.get("vendor")
    target = str(given) if isinstance(given, str | int) else "without a vendor"
    if unknown := unknown_options(args, {name: dict(option) for name, option in ARGUMENTS.options.items()}):
        raise Failure("usage", f"target {target}: task_state has {unknown}")
    own = validated(ARGUMENTS, _read(args, target), target)
    for name, least in (("interval", LEAST_INTERVAL), ("refused_interval", LEAST_INTERVAL)):
        if not least <= own[name] < float("inf"):
            raise Failure("usage", f"target {target}: {name} is {own[name]:g}; it must be at least {least:g}")
    system = SYSTEMS[own["vendor"]]
    arguments = info_arguments(system)
    for name in (system.ids, *arguments.options[system.ids].get("aliases", ())):
        if name in own["options"]:
            raise Failure("usage", f"target {target} gives {name} among its options; give the tasks in tasks instead")
    options = dict(own["options"]) if own["tasks"] is None else {**own["options"], system.ids: own["tasks"]}
    params = validated(arguments, options, target)
    filters = validated(system.filters, own["select"] or {}, f"{target}: select")
    ids = None if own["tasks"] is None else system.requested_ids(params)
    if ids is not None and not ids:
        raise Failure("usage", f"target {target}: tasks is empty; name at least one task, or leave tasks out to watch all")
    return WatchArguments(
        own["vendor"],
        target,
        params,
        ids,
        filters,
        own["interval"],
        own["state_file"],
        own["initial"],
        own["scope"],
        own["refused_interval"],
        _reaction(own["reaction"], target),
    )


def _read(args: Mapping[str, Any], target: str) -> dict[str, Any]:
    """The arguments, each in the one form that is checked further. Raises `Failure` (`usage`)."""
    found = {}
    for name, value in args.items():
        if not is_given(value):
            continue
        check_whole(value, f"target {target}: {name}")
        found[name] = _READ[name](value, f"target {target}: {name}") if name in _READ else value
    return found


def _reaction(given: Mapping[str, Any] | None, target: str) -> Reaction | None:
    if given is None:
        return None
    for name, least in (("attempts", 1), ("pause", 0.1), ("within", 1)):
        if not least <= given[name] < float("inf"):
            raise Failure("usage", f"target {target}: reaction.{name} is {given[name]:g}; it must be at least {least:g}")
    return Reaction(given["file"], given["attempts"], given["pause"], given["within"])


class SystemReader:
    """Reads all the tasks. It blocks. The same object is called for each read, so that its session and login are reused."""

    def __init__(self, arguments: WatchArguments, clock: Clock) -> None:
        """Raises `Failure` (`usage`)."""
        self._arguments = arguments
        self._logged: set[str] = set()
        # Whether the last read surely contained all tasks.
        self.is_sure = True
        self._secrets = secret_values(connection_arguments(arguments.system), arguments.params)
        self._vendor, _way = connect(
            arguments.system, arguments.params, clock, float("inf"), self._secrets.add, unhide=self._secrets.discard
        )

    def __call__(self, before: Tasks | None) -> Sight:
        """The present state of the tasks. Raises `Failure`."""
        before = before or {}
        try:
            found, listed = self._read(before)
        finally:
            self._warn()
        ids = dict.fromkeys([*found, *before]) if self._arguments.ids is None else self._arguments.ids
        return {id_: known(self._vendor.table, found.get(id_), before.get(id_)) for id_ in ids}, listed

    def redact(self, text: str) -> str:
        """The text without anything secret."""
        for secret in sorted(filter(None, self._secrets), key=len, reverse=True):
            text = text.replace(secret, "********")
        return text

    def unknown(self, ids: Collection[str]) -> Failure:
        """The failure for tasks that the system has never known."""
        table = self._vendor.table
        message = f"{table.system} knows no {table.noun} {', '.join(ids)}, so that it can't be watched; {table.advice}"
        return Failure("not_found", f"target {self._arguments.target}: {message}")

    def _read(self, before: Tasks) -> tuple[Mapping[str, Any], Collection[str] | None]:
        if self._arguments.ids is not None:
            return read_all(self._vendor, list(self._arguments.ids), self._arguments.params["concurrency"]), None
        observations = self._vendor.list_all(self._arguments.filters)
        self.is_sure = not doubt_of(observations)
        found = group_same_id(self._vendor.table, observations)
        listed = list(found)
        # A list of active tasks, or of tasks in one state, says nothing about those that have left it.
        if missing := [id_ for id_ in before if id_ not in found]:
            found.update(read_all(self._vendor, missing, self._arguments.params["concurrency"]))
        return found, listed

    def _warn(self) -> None:
        for warning in self._vendor.warnings:
            if warning not in self._logged:
                self._logged.add(warning)
                _log.warning("target %s: %s.", self._arguments.target, harmless(self.redact(warning)))


class Watch:
    """The reads of one source, and the events about them.

    `memory` comes from an earlier watch; `save` keeps that of this one. Reported changes are saved only when the next read begins: a watch
    that is killed before that reports them twice rather than never, since nobody knows how far the rules have processed them.
    """

    def __init__(
        self, arguments: WatchArguments, reader: SystemReader, emit: Emit, memory: Memory, save: Callable[[Memory], None], pause: Pause
    ) -> None:
        self._arguments, self._reader, self._emit = arguments, reader, emit
        self._save, self._pause = save, pause
        self._memory = memory
        self._misses = self._refusals = 0
        # All was quiet at a read that may have left out a task. The next read that surely left out none has to report it.
        self._owes_quiet = False
        # Nobody read the tasks between the last read of the earlier watch and the first one of this watch.
        self._was_away = memory.tasks is not None
        self._has_seen = False

    async def run(self) -> None:
        """Never returns. Raises `Failure` if another read would be useless."""
        while True:
            await self._save_memory()
            await self._follow_reaction()
            try:
                seen, listed = await in_thread(partial(self._reader, self._watched))
            except Failure as failure:
                pause = await self._on_failure(failure)
            else:
                pause = await self._on_success(seen, listed)
            await self._pause(pause)

    @property
    def _watched(self) -> Tasks | None:
        """What is known of the tasks that are watched now. An earlier watch may have had others."""
        tasks, ids = self._memory.tasks, self._arguments.ids
        if tasks is None or ids is None:
            return tasks
        return {id_: tasks[id_] for id_ in ids if id_ in tasks}

    async def _save_memory(self) -> None:
        try:
            await in_thread(partial(self._save, self._memory))
        except Failure as failure:
            if self._memory.tasks is None:
                raise
            # Without the file, events would be repeated after a restart. Ending the watch would be worse.
            _log.error("target %s: %s.", self._arguments.target, failure.message)

    async def _on_failure(self, failure: Failure) -> float:
        if failure.code == "usage" and not self._has_seen:
            raise failure
        self._misses += 1
        pause = self._pause_after(failure)
        if self._memory.lost_at is None or failure.code == "authentication":
            event = self._event("connection_lost", _now(), self._quiet(self._watched or {}), self._was_away)
            # The read failed, so it proves no quiet.
            event["quiet"]["all_quiet"] = False
            message = self._reader.redact(f"{failure.message}.")
            event["connection"] = {**failure.details(), "message": message, "attempt": self._misses, "next_in": pause}
            await self._report(event)
            self._memory = replace(self._memory, lost_at=self._memory.lost_at or event["at"])
        if self._misses == 1 or failure.code == "authentication":
            _log.warning("target %s: %s; the next read is in %g s.", self._arguments.target, self._reader.redact(failure.message), pause)
        await self._skip_reaction()
        return pause

    def _pause_after(self, failure: Failure) -> float:
        if failure.code == "authentication":
            self._refusals += 1
            return self._arguments.refused_interval * min(2.0 ** min(self._refusals - 1, 32), LONGEST_REFUSAL)
        longest = max(self._arguments.interval, LONGEST_PAUSE)
        asked_for = failure.after if isinstance(failure, TryLater) else 0.0
        return max(min(self._arguments.interval * 2.0 ** min(self._misses - 1, 32), longest), asked_for)

    async def _on_success(self, seen: Tasks, listed: Collection[str] | None) -> float:
        before = self._watched
        if unknown := [id_ for id_, task in seen.items() if task.has_vanished and id_ not in (before or {})]:
            raise self._reader.unknown(unknown)
        at, lost_at = _now(), self._memory.lost_at
        away = self._was_away or lost_at is not None
        after = seen if listed is None else still_watched(seen, listed)
        was_quiet = before is not None and self._quiet(before).all_quiet
        unseen = vanished_at_work(before or {}, seen, after, self._memory.vanished_at_work)
        self._memory = replace(self._memory, vanished_at_work=unseen)
        now = self._quiet(after)
        event = partial(self._event, at=at, now=now, away=away)
        events = [] if lost_at is None else [{**event("connection_restored"), "connection": {"lost_at": lost_at}}]
        events += [{**event(change.kind), "task": _task(change)} for change in changes(before, seen, self._arguments.initial)]
        is_news = self._owes_quiet or self._is_news(before, after, was_quiet)
        is_in_doubt = now.all_quiet and not self._reader.is_sure
        self._owes_quiet = is_in_doubt and is_news
        if not is_in_doubt and await self._asks_for_reaction(now, is_news, bool(after)):
            events.append({**event("all_quiet"), "attempt": self._arguments.reaction.attempt if self._arguments.reaction else 1})
        for new_event in events:
            await self._report(new_event)
        self._memory = Memory(after, vanished_at_work=unseen)
        self._misses, self._refusals, self._was_away = 0, 0, False
        self._has_seen = self._has_seen or self._reader.is_sure
        if not events:
            # Saved at once: a kill before the next read mustn't lose what happens from now on.
            await self._save_memory()
        return self._arguments.interval

    def _quiet(self, tasks: Tasks) -> Quiet:
        return quiet(tasks, len(self._memory.vanished_at_work))

    def _is_news(self, before: Tasks | None, after: Tasks, was_quiet: bool) -> bool:
        # A selection that found nothing from the start may be a wrong one.
        return self._arguments.initial and bool(after) if before is None else not was_quiet

    async def _asks_for_reaction(self, now: Quiet, is_news: bool, is_any: bool) -> bool:
        """Whether this read leads to an event all_quiet."""
        reaction = self._arguments.reaction
        if reaction is None:
            return now.all_quiet and is_news
        if not now.all_quiet:
            reaction.forget()
            return False
        # Nobody knows how far the reaction to an earlier watch got.
        asks = is_news or (not self._has_seen and is_any) or await in_thread(reaction.is_due)
        if asks:
            await self._on_restart(reaction.begin)
        return asks

    async def _follow_reaction(self) -> None:
        """Report a reaction that has ended without ending this watch. Raises `Failure` if that was the last attempt."""
        reaction = self._arguments.reaction
        if reaction is None:
            return
        if await self._on_restart(reaction.ends_now):
            what = f"{reaction.attempt} of {reaction.attempts} attempts to react to all_quiet have ended, and the watch still runs"
            then = "no other follows" if reaction.was_last else f"the next one follows in {reaction.next_pause:g} s"
            _log.warning("target %s: %s; %s.", self._arguments.target, what, then)
        if reaction.was_last and reaction.is_due():
            what = f"all its tasks are quiet, and none of {reaction.attempts} attempts to react to that has succeeded"
            aim = f" for {self._arguments.scope}" if self._arguments.scope else ""
            raise Failure(
                "refused", f"target {self._arguments.target}: {what}{aim}; see above why, and do by hand what they should have done"
            )

    async def _skip_reaction(self) -> None:
        """Count an attempt as failed if it's due while nobody can see whether all is still quiet."""
        reaction = self._arguments.reaction
        if reaction and reaction.is_due() and not reaction.was_last:
            await self._on_restart(reaction.skip)

    async def _on_restart(self, call: Callable[[], T]) -> T | None:
        try:
            return await in_thread(call)
        except OSError as error:
            file = self._arguments.reaction.file if self._arguments.reaction else ""
            advice = "make its folder writable for the user who runs the rulebook"
            raise Failure("usage", f"reaction.file {file} can't be used ({error.strerror}); {advice}") from None

    async def _report(self, event: Event) -> None:
        """Rules pass events to Ansible, which would evaluate any text that holds a template."""
        await self._emit(all_harmless(event))

    def _event(self, kind: str, at: str, now: Quiet, away: bool) -> Event:
        counts = {**asdict(now), "all_quiet": now.all_quiet and self._reader.is_sure}
        return {
            "kind": kind,
            "at": at,
            "target": self._arguments.target,
            "vendor": self._arguments.vendor,
            "while_away": away,
            "quiet": counts,
        }


async def watch(emit: Emit, args: Mapping[str, Any], pause: Pause = asyncio.sleep) -> None:
    """Watch what the arguments of a source ask for, until cancelled. Raises `WatchError`."""
    clock = EndableClock()
    reader: SystemReader | None = None
    message = ""
    try:
        with ExitStack() as stack:
            # A read under way isn't interrupted; it ends by itself before its next retry.
            stack.callback(clock.end)
            arguments = check_arguments(args)
            reader = SystemReader(arguments, clock)
            file = stack.enter_context(StateFile(arguments.state_file, arguments.place, arguments.scope)) if arguments.state_file else None
            memory = file.load() if file else Memory()
            await Watch(arguments, reader, emit, memory, file.save if file else _forget, pause).run()
    except Failure as failure:
        message = reader.redact(failure.message) if reader else failure.message
    # Raised outside of the handler: a traceback would otherwise hold what the sentence leaves out.
    raise WatchError(f"{message}.")


def _forget(_memory: Memory) -> None:
    """Without a state_file, nothing is kept over a restart."""


def _task(change: Change) -> dict[str, Any]:
    nothing = Known(None, "unknown" if change.kind == "found" else "absent", None, False)
    before, after = change.before or nothing, change.after
    return {
        "id": change.id,
        "id_encoded": encoded(change.id),
        "name": after.name,
        "state": after.state,
        "vendor_state": after.vendor_state,
        "before": {"state": before.state, "vendor_state": before.vendor_state},
    }


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
