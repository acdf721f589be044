# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boro's Control API, both dialects, from its vendor page `ctrlapi.md`, sections 3 to 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.taskops.quiesce.plugins.modules import ctrlapi_task

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.vendors.ctrlapi import CtrlApi
from tests.fire.system import Moment, Order, Sight, Story, System, independent_sights, independent_stories

READS = ("TaskInfo", "TaskStatus", "TaskReport")
WORDS = {"TaskStop": "stop", "TaskResume": "resume"}
# Section 4.2.
ALIVE = ("Scheduled", "Explore", "Running")
OVER = ("Completed", "Rejected", "Canceled", "Stalled")


def _put(id_: str, state: Order) -> dict[str, Any]:
    return {"task_id": int(id_), **state}


def _put_in_chains(tasks: Sequence[dict[str, Any]], _frame: Order) -> list[dict[str, Any]]:
    """Section 3.7: a restart follows an interrupted task, so only the last member of a chain can be alive."""
    last = {task.get("initial_task_id", task["task_id"]): task["task_id"] for task in sorted(tasks, key=lambda task: int(task["task_id"]))}
    followed = {task["task_id"] for task in tasks if last[task.get("initial_task_id", task["task_id"])] != task["task_id"]}
    over = {"status": "Stalled", "stays": True}
    return [{**task, **over} if task["task_id"] in followed and task["status"] not in OVER else task for task in tasks]


def _results(reply: Reply) -> list[tuple[str, dict[str, Any]]]:
    document = Request("POST", "/", (), reply.body).json
    parts = document.get("reply") if isinstance(document, dict) else None
    return [(part.get("method"), row) for part in parts or () for row in part.get("result") or () if isinstance(row, dict)]


def _rows(call: Call, reply: Reply) -> list[dict[str, Any]] | None:
    if reply.status != 200 or call.action not in READS or b'"result"' not in reply.body:
        return None
    return [row for method, row in _results(reply) if method in READS and "task_id" in row and "status" in row]


def _live_shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    rows = _rows(call, reply)
    return None if rows is None else dict(map(_true, rows))


def _vod_shown(_request: Request, call: Call, reply: Reply) -> dict[str, Sight] | None:
    rows = _rows(call, reply)
    return None if rows is None else _in_chains(rows)


def _chains(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Section 3.7: the members of a restart chain share the id of the first one, and each restart is a task with a later id."""
    chains: dict[int, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: int(row["task_id"])):
        chains.setdefault(row["initial_task_id"], []).append(row)
    return list(chains.values())


def _in_chains(rows: Iterable[Mapping[str, Any]]) -> dict[str, Sight]:
    """Section 5.2: an ended task has the state of its restart, as long as one is alive. That restart is what has to be stopped then."""
    sights = {}
    for chain in _chains(rows):
        for place, row in enumerate(chain):
            later = chain[place + 1 :] if row["status"] in OVER else []
            alive = [member for member in later if member["status"] not in OVER]
            counts = [row, *later, *alive][-1]
            # A state that no page lists is reported wherever it is in the chain.
            native = row["status"] if counts["status"] in (*ALIVE, *OVER) else counts["status"]
            sights[str(row["task_id"])] = Sight(counts["status"], native, str(counts["task_id"]))
    return sights


def _stories_in_chains(tasks: Iterable[Mapping[str, Any]]) -> dict[str, Story]:
    """The history of a task, including those of its restarts."""
    stories = {}
    for chain in _chains(tasks):
        for place, task in enumerate(chain):
            parts = [part for member in chain[place:] for part in member["history"]]
            stories[str(task["task_id"])] = sorted(parts, key=lambda part: float(part["at"]))
    return stories


def _vod_targets(_request: Request, call: Call, seen: Mapping[str, Sight]) -> list[str]:
    """A stop of a restart addresses each task whose restart it was seen to be. A task that was seen to have ended has nothing to stop while
    its restart runs.
    """
    about = {id_: [task for task, sight in seen.items() if sight.wire == id_] for id_ in call.ids}
    nobody = {id_: [f"{id_}, which has ended" if id_ in seen else id_] for id_ in call.ids}
    return list(dict.fromkeys(task for id_ in call.ids for task in about[id_] or nobody[id_]))


def _accepted(_call: Call, reply: Reply, moment: Moment) -> frozenset[str]:
    """One call acts on many tasks, and its answer says for each whether it was accepted."""
    rows = [row for method, row in _results(reply) if method in WORDS and not row.get("error") and not row.get("errors")]
    ids = {str(row["task_id"]) for row in rows if "task_id" in row}
    return frozenset(task for task in moment.targets if ((moment.seen[task].wire if task in moment.seen else "") or task) in ids)


def _taken(call: Call, reply: Reply, moment: Moment) -> frozenset[str]:
    return _accepted(call, reply, moment) if reply.took_effect else frozenset()


def _true(task: Mapping[str, Any]) -> tuple[str, Sight]:
    return str(task["task_id"]), Sight(task["status"], task["status"])


LIVE = System(
    name="ctrlapi",
    variant="live",
    emulator=CtrlApi,
    main=ctrlapi_task.main,
    id_option="task_ids",
    ids=("241458", "241456", "241460"),
    access=(
        {"dialect": "live", "user_id": 4, "project_id": [23]},
        {"dialect": "live", "user_id": 4, "project_id": [23], "api_key": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="},
    ),
    states=(
        {"status": "Started"},
        {"status": "Stopped"},
        {"status": "Scheduled"},
        {"status": "Stalled"},
        {"status": "Rejected"},
        {"status": "Stopped", "rejects": "no such stream"},
        {"status": "Scheduled", "stays": True},
        {"status": "Hibernating"},
    ),
    others=(
        {"action": "stop"},
        {"action": "resume"},
        {"action": "start"},
        {"action": "stall"},
        {"action": "reject"},
        {"action": "recover"},
        {"action": "delete"},
        {"action": "set", "status": "Odd"},
    ),
    lies=(
        {},
        {"stale_reads": 2},
        {"stale_reads": "2 reads"},
        {"stop_delay": 3},
        {"stop_delay": 0},
        {"start_delay": 3},
        {"ignore_action": True},
        {"unknown_task": "error"},
        {"resume_ends": "Rejected"},
        {"unknown_task_action": "errors"},
        {"unknown_task_action": "absent"},
        {"stop_scheduled": "ignored"},
        {"stop_stalled": "stops"},
        {"stop_stopped": "error"},
        {"resume_started": "error"},
        {"resume_stalled": "error"},
        {"resume_rejected": "error"},
        {"stalled_recovers": 3},
        {"no_access": "top"},
    ),
    put=_put,
    taken=_taken,
    accepted=_accepted,
    words=WORDS,
    shown=_live_shown,
    true=independent_sights(_true),
    stories=independent_stories(_true),
    satisfied_by={
        "paused": frozenset({"Stopped"}),
        "started": frozenset({"Started"}),
        "stopped": frozenset({"Stopped", "Rejected"}),
    },
    accepts={"stop": frozenset({"Started", "Stalled", "Scheduled"}), "resume": frozenset({"Stopped", "Stalled", "Rejected"})},
    history_word="status",
    whole=lambda _request, call: call.action == "TaskInfo",
)

VOD = System(
    name="ctrlapi",
    variant="vod",
    emulator=CtrlApi,
    main=ctrlapi_task.main,
    id_option="task_ids",
    # The last one is the first of a chain. Restarts by the system get later ids.
    ids=("300", "200", "100"),
    access=({"dialect": "vod", "user_id": 1, "project_id": [2]},),
    states=(
        {"status": "Running"},
        {"status": "Scheduled"},
        {"status": "Explore"},
        {"status": "Completed"},
        {"status": "Rejected"},
        {"status": "Canceled"},
        {"status": "Running", "runs_for": 2},
        {"status": "Running", "runs_for": 1, "ends_with": "Rejected"},
        {"status": "Scheduled", "stays": True},
        {"status": "Stalled"},
        {"status": "Running", "runs_for": 2, "ends_with": "Stalled"},
        {"status": "Running", "runs_for": "2 reads", "ends_with": ["Stalled", "Completed"]},
        {"status": "Running", "runs_for": 1, "ends_with": ["Stalled", "Stalled", "Rejected"]},
        {"status": "Running", "initial_task_id": 100},
        {"status": "Stalled", "initial_task_id": 100},
        {"status": "Canceled", "initial_task_id": 100},
    ),
    others=(
        {"action": "stop"},
        {"action": "cancel"},
        {"action": "stall"},
        {"action": "start"},
        {"action": "complete"},
        {"action": "reject"},
        {"action": "delete"},
        {"action": "set", "status": "Odd"},
    ),
    lies=(
        {},
        {"stale_reads": 2},
        {"stop_delay": 3},
        {"queue_for": 3},
        {"explore_for": 3},
        {"explore_ends": "Rejected"},
        {"ignore_action": True},
        {"unknown_task": "errors"},
        {"stop_finds": "Completed"},
        {"stop_finds": "Rejected"},
        {"stop_finds": "Completed", "stop_finds_when": "before"},
        {"stop_finds": "Stalled"},
        {"stop_finds": "Stalled", "restart_delay": 3},
        {"stop_finds": "Stalled", "stop_finds_when": "before", "restart_delay": "2 reads"},
        {"restart_delay": 3},
        {"restart_delay": "2 reads"},
        {"restart_delay": 3, "stale_reads": 2},
        {"restart_delay": None},
        {"queue_ends": "Running", "restart_delay": 2},
        {"canceled_is_restarted": True},
        {"projects": {"2": {"roles": {"1": "owner"}, "restart": False}}},
    ),
    put=_put,
    build=_put_in_chains,
    targets=_vod_targets,
    taken=_taken,
    accepted=_accepted,
    words=WORDS,
    shown=_vod_shown,
    true=_in_chains,
    stories=_stories_in_chains,
    satisfied_by={
        "paused": frozenset(),
        # Explore is on the way (section 5.2), and may still end in Rejected.
        "started": frozenset({"Running", "Scheduled", "Completed"}),
        # Stalled has ended unless a restart of it is alive (section 5.2), and then it has the state of that.
        "stopped": frozenset({"Canceled", "Completed", "Rejected", "Stalled"}),
    },
    accepts={"stop": frozenset({"Running"})},
    history_word="status",
    switches={"dialect": "vod"},
    whole=lambda _request, call: call.action == "TaskStatus",
    comes_back=10.0,
)
