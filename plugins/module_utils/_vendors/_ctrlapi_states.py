# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The states of Boro's tasks, live and vod, and how an observed task is assigned to one of them.

Live values come from the vendor's page `TaskResume`, vod values from its pages `TaskStop`, `TaskStatus` and `TaskReport` (page `ctrlapi`,
section 4). The vendor documents which actions are allowed for `Started`, `Stopped` and all of vod. The rest is inferred (section 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .._lifecycle import Act, Cannot, Done, Observation, State, StateTable, Wait, Word

# How long the restart of an interrupted task may take to appear. No page states it, so this is the settle time.
RESTART_GRACE = 10.0
ALIVE: frozenset[Word] = frozenset({"started", "waiting", "starting"})

_LIVE_STOP = Act("stop", arrives="Stopped")
_RESUME = Act("resume", arrives="Started")
_BEGINS = Wait("Started")

LIVE_STATES = [
    State(spelling="Started", word="started", meaning="the stream is analysed", paused=_LIVE_STOP, stopped=_LIVE_STOP),
    State(
        spelling="Scheduled",
        word="starting",
        meaning="the start is planned",
        paused=_BEGINS,
        started=_BEGINS,
        stopped=_BEGINS,
    ),
    State(spelling="Stopped", word="stopped", meaning="the task is stopped and can be resumed", started=_RESUME),
    State(
        spelling="Stalled",
        word="troubled",
        meaning="the server gets no data though nobody stopped the task; its probe may be away",
        paused=_LIVE_STOP,
        started=_RESUME,
        stopped=_LIVE_STOP,
    ),
    State(
        spelling="Rejected",
        word="failed",
        meaning="the start was refused; the reason is in the task's events",
        paused=Cannot(
            "task {id} is {state}: its start was refused, so that nothing runs, and whether it can be brought back isn't certain; "
            "take it out of the list, or set if_unpausable"
        ),
        started=_RESUME,
    ),
]


def live_table(system: str = "Boro") -> StateTable:
    """The table of the live dialect. The vendor's stop keeps the task, and resume starts it again under the same id."""
    return StateTable(system, LIVE_STATES, also={"paused": {"stopped"}}, normalise=str.casefold)


def _vod_states(again: str, who: str, about: str) -> list[State]:
    """The states of a task, or with `again` those of an interrupted task that was restarted under another id."""
    ended = "take it out of the list, or set if_unpausable"
    documents = "Boro VoD documents no"
    no_pause = Cannot(f"{who} is {{state}}, and {documents} pause or way back from a stop; leave it out, or set if_unpausable")
    nothing = Cannot(f"{who} has ended ({{state}}); there is nothing to pause: {ended}")
    over = Cannot(f"{who} has ended ({{state}}), and {documents} call to start it again; create a new task there, which gets its own id")
    runs = Wait(f"{again}Running")
    comes = Wait("restarted and Running")

    def state(name: str, word: Word, meaning: str, **steps: Any) -> State:
        return State(spelling=f"{again}{name}", word=word, meaning=f"{about}{meaning}", wire="Stalled" if again else None, **steps)

    return [
        state("Running", "started", "the file is checked", paused=no_pause, stopped=Act("stop", arrives=f"{again}Canceled")),
        state("Scheduled", "waiting", "the task is queued and begins by itself", paused=no_pause, stopped=runs),
        state("Explore", "starting", "the file is probably examined before its check", paused=no_pause, started=runs, stopped=runs),
        state(
            "Completed", "completed", "the check has ended", paused=nothing, started=Done(f"{who} has run to its end; it isn't running now")
        ),
        state("Rejected", "failed", "the task ended without success", paused=nothing, started=over),
        state("Canceled", "stopped", "the task was stopped", paused=nothing, started=over),
        state(
            "Stalled",
            "failed",
            "the check was interrupted and hasn't been restarted",
            paused=nothing,
            started=over,
            stopped=Done(f"{who} was broken off (Stalled); should its project restart it late, it comes back under a new id"),
        ),
        State(
            spelling=f"{again}Stalled just now",
            word="failed",
            meaning=f"{about}the check was interrupted a moment ago and may be restarted",
            wire="Stalled",
            paused=nothing,
            started=comes,
            stopped=comes,
        ),
    ]


VOD_STATES = [
    *_vod_states("", "task {id}", ""),
    *_vod_states("restarted and ", "task {id} (restarted as {restarted_as})", "restarted under a new id, under which "),
]


def vod_table(system: str = "Boro VoD") -> StateTable:
    """The table of the vod dialect. The rows `restarted and ...` are for a task that has ended, and whose restart is in that state."""
    return StateTable(system, VOD_STATES, normalise=str.casefold)


def live_seen(item: Mapping[str, Any], project: int, *, again: bool = False) -> Observation:
    """The observation of a live task. `again` means that the task has entered its state anew, though the word is the same."""
    return Observation(str(item["task_id"]), item["status"], _name(item), _facts(item, project), stamp="again" if again else "")


def vod_seen(
    table: StateTable, item: Mapping[str, Any], later: Sequence[Mapping[str, Any]], project: int, is_fresh: Callable[[int], bool]
) -> Observation:
    """The observation of a vod task, from its own item and those of its later restarts. Once the task has ended, its last restart decides
    (page `ctrlapi`, sections 3.7 and 5.2). `is_fresh` says whether the interruption of a `Stalled` member is new.
    """
    facts = _facts(item, project)
    counts, row = item, ""
    if not _is_alive(table, item) and later:
        counts = next((member for member in reversed(later) if _is_alive(table, member)), later[-1])
        facts.update(restarted_as=int(counts["task_id"]), restarted_status=counts["status"])
        row = "restarted and "
    state = table.find(counts["status"])
    if state is None:
        # If the restart is in an unknown state, the message has to contain that state.
        return Observation(str(item["task_id"]), counts["status"], _name(item), facts)
    name = f"{row}{state.spelling}"
    if state.spelling == "Stalled" and is_fresh(int(counts["task_id"])):
        name += " just now"
    return Observation(str(item["task_id"]), item["status"], _name(item), facts, stamp=str(counts["task_id"]), row=name)


def restarts(items: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    """For each task, the later members of its restart chain, in order. All members share `initial_task_id` (section 3.7)."""
    chains: dict[Any, list[Mapping[str, Any]]] = {}
    for item in sorted(items, key=lambda item: int(item["task_id"])):
        chains.setdefault(str(item.get("initial_task_id") or item["task_id"]), []).append(item)
    return {int(member["task_id"]): chain[place + 1 :] for chain in chains.values() for place, member in enumerate(chain)}


def _is_alive(table: StateTable, item: Mapping[str, Any]) -> bool:
    state = table.find(item["status"])
    return state is None or state.word in ALIVE


def _name(item: Mapping[str, Any]) -> str | None:
    name = item.get("name")
    return name if isinstance(name, str) and name else None


def _facts(item: Mapping[str, Any], project: int) -> dict[str, Any]:
    fields = {name: value for name, value in item.items() if name not in ("task_id", "name", "status")}
    return {"project_id": project, **{name: _without_password(value) for name, value in fields.items()}}


def _without_password(value: Any) -> Any:
    """Remove credentials from the address of a stream."""
    return re.sub(r"//[^/@]*@", "//********@", value) if isinstance(value, str) else value
