# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The states of a Dag, and how an observed Dag is assigned to one of them.

Airflow only shows whether a Dag is paused. Its task instances decide whether it's quiet. Its runs can't: a run of a paused Dag stays
`running`, while queued task instances start and triggers of deferred ones fire (page `airflow`, "When is a paused Dag quiet?").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._lifecycle import Act, Done, Observation, State, StateTable, Wait
from ._airflow_api import Generation

# A scheduler that read the Dag as unpaused may still queue task instances. Two reads at this distance show whether it does.
QUIET_SECONDS = 3.0
# After a run was set to failed, the process of a `failed` task instance was observed to continue for 5.5 to 12.5 s.
PROCESS_SECONDS = 15.0
SHOWN = 3

_LASTING = "the runs of Dag {id} that are queued or running are set to failed for good"
_PAUSE = Act("pause", arrives="paused")
_PAUSE_AND_WAIT = Act("pause", arrives="paused, working")
_STOP = Act("stop", arrives="paused", lasting=_LASTING)
_PAUSE_TO_STOP = Act("pause", arrives="paused", lasting="a run of Dag {id} that begins before it's paused is set to failed for good")
_UNSCHEDULED = (
    "Dag {id} is unpaused and has no schedule, so that it runs only when it's triggered: by hand, by another Dag or by the REST API"
)
_STALE = "Dag {id} is unpaused and stale ({why_stale}), so that it runs only once Airflow can load its file again"
_TEARDOWN = (
    "Dag {id} is paused and its runs were set to failed, and yet {runs_left} goes on when the Dag is unpaused, since Airflow doesn't "
    "end teardown tasks; leave it if they are to run then, else set these tasks to failed in Airflow"
)

TABLE = StateTable(
    "Airflow",
    [
        State(
            spelling="active",
            word="waiting",
            meaning="the Dag is unpaused and nothing of it is under way",
            paused=_PAUSE,
            stopped=_PAUSE_TO_STOP,
        ),
        State(
            spelling="active, working",
            wire="active",
            word="started",
            meaning="the Dag is unpaused, and runs or task instances of it are under way",
            paused=_PAUSE_AND_WAIT,
            stopped=_PAUSE_AND_WAIT,
        ),
        State(
            spelling="active, no schedule",
            wire="active",
            word="waiting",
            meaning="the Dag is unpaused, has no schedule and runs only when it's triggered",
            paused=_PAUSE,
            started=Done(_UNSCHEDULED),
            stopped=_PAUSE_TO_STOP,
        ),
        State(
            spelling="stale",
            word="waiting",
            meaning="the Dag is unpaused, and Airflow finds no file for it or can't import it; it runs again once the file can be loaded",
            paused=_PAUSE,
            started=Done(_STALE),
            stopped=_PAUSE,
        ),
        State(
            spelling="paused, working",
            wire="paused",
            word="pausing",
            meaning="the Dag is paused, and task instances that were running, queued or deferred continue",
            paused=Wait("paused"),
            started=Act("unpause", arrives="active, working"),
            stopped=_STOP,
        ),
        State(
            spelling="paused, runs open",
            wire="paused",
            word="paused",
            meaning="the Dag is paused and no task instance runs; its open runs continue when it's unpaused",
            steady=QUIET_SECONDS,
            started=Act("unpause", arrives="active, working"),
            stopped=_STOP,
        ),
        State(
            spelling="paused, ending",
            wire="paused",
            word="stopping",
            meaning="the Dag is paused and its runs were set to failed; task instances of it still work",
            paused=Wait("paused"),
            started=Act("unpause", arrives="active, working"),
            stopped=Wait("paused"),
        ),
        State(
            spelling="paused, teardown left",
            wire="paused",
            word="paused",
            meaning="the Dag is paused and its runs were set to failed; their teardown tasks run when it's unpaused",
            steady=QUIET_SECONDS,
            started=Act("unpause", arrives="active, working"),
            stopped=Done(_TEARDOWN),
        ),
        State(
            spelling="paused",
            word="paused",
            meaning="the Dag is paused, and no run of it is open",
            steady=QUIET_SECONDS,
            started=Act("unpause", arrives="active"),
            stopped=Done(),
        ),
        State(
            spelling="paused, stale",
            wire="paused",
            word="paused",
            meaning="the Dag is paused, and Airflow finds no file for it or can't import it",
            steady=QUIET_SECONDS,
            started=Act("unpause", arrives="stale"),
            stopped=Done(),
        ),
    ],
    noun="Dag",
    advice="check how its id is written there",
)


@dataclass
class Work:
    """The work of a Dag: its open runs (states by id), the task instances that keep it from being quiet, and those that wait until it's
    unpaused. A task instance is (task id, state).
    """

    runs: Mapping[str, str] = field(default_factory=dict)
    at_work: Sequence[tuple[str, str]] = ()
    at_rest: Sequence[tuple[str, str]] = ()


def dag_seen(dag: Mapping[str, Any], generation: Generation, work: Work, ended: Collection[str], now: datetime) -> Observation:
    """The observation of a Dag. `ended` are the runs that Airflow has accepted to set to failed. `now` is the server's time."""
    id_, is_stale = dag["dag_id"], generation.is_stale(dag)
    row = _row(dag, is_stale, work, ended)
    teardown_left, open_runs = ([run for run in work.runs if (run in ended) is is_left] for is_left in (True, False))
    facts = {
        **{name: value for name, value in dag.items() if name not in ("dag_id", "dag_display_name", "is_paused")},
        "open_runs": dict(work.runs),
        "task_instances": count_states([*work.at_work, *work.at_rest]),
    }
    if is_stale:
        facts["why_stale"] = "it can't be imported, see its import error" if dag.get("has_import_errors") else "its file is gone"
    if teardown_left:
        facts["runs_left"] = shortened_list("run", teardown_left)
    spelling = row if row == "stale" else "paused" if dag["is_paused"] else "active"
    effects = {
        "unpause": starts_on_unpause(dag, generation, work, is_stale, now),
        "stop": f"{shortened_list('run', open_runs)} of Dag {id_} is set to failed for good" if open_runs else "",
    }
    return Observation(id_, spelling, name=str(dag.get("dag_display_name") or id_), facts=facts, row=row, effects=effects)


def _row(dag: Mapping[str, Any], is_stale: bool, work: Work, ended: Collection[str]) -> str:
    """The state in the table of a Dag with this work."""
    is_left = all(run in ended for run in work.runs)
    if not dag["is_paused"]:
        if work.at_work or work.runs:
            return "active, working"
        return "stale" if is_stale else "active, no schedule" if has_no_schedule(dag) else "active"
    if work.at_work:
        return "paused, ending" if is_left else "paused, working"
    if work.runs:
        return "paused, teardown left" if is_left else "paused, runs open"
    return "paused, stale" if is_stale else "paused"


def has_no_schedule(dag: Mapping[str, Any]) -> bool:
    """Whether the Dag runs only when it's triggered. The description of its timetable shows that."""
    return str(dag.get("timetable_description") or "").startswith("Never") or dag.get("timetable_summary") == "None"


def starts_on_unpause(dag: Mapping[str, Any], generation: Generation, work: Work, is_stale: bool, now: datetime) -> str:
    """A sentence that lists what begins at once when the Dag is unpaused; empty if nothing does (page `airflow`, "What unpausing sets
    free").

    Only a Dag's details show whether Airflow makes up for missed ticks. Reading them would take one request for each Dag.
    """
    queued = [run for run, state in work.runs.items() if state == "queued"]
    going = [run for run in work.runs if run not in queued]
    parts = [f"{shortened_list('queued run', queued)} begins"] if queued else []
    if going:
        resting = counts_text(count_states(work.at_rest))
        parts.append(f"{shortened_list('run', going)} goes on ({f'{resting}, ' if resting else ''}teardown tasks that wait included)")
    due = parse_time(dag.get(generation.next_run))
    if due is not None and due <= now and not is_stale and not has_no_schedule(dag):
        parts.append(f"the ticks missed since {due:%Y-%m-%dT%H:%M:%SZ} are made up for: all of them with catchup, one or two without")
    return f"when Dag {dag['dag_id']} is unpaused, this begins at once: {', and '.join(parts)}" if parts else ""


def parse_time(text: Any) -> datetime | None:
    """Parse a time as Airflow writes it. None if it isn't one."""
    if not isinstance(text, str):
        return None
    try:
        # Python 3.10 can't parse the letter Z for UTC.
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def count_states(instances: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The number of task instances in each state."""
    counts: dict[str, int] = {}
    for _task, state in instances:
        counts[state] = counts.get(state, 0) + 1
    return counts


def counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def shortened_list(noun: str, names: Sequence[str]) -> str:
    """The name of a single thing, or the number of things and the first names."""
    if len(names) == 1:
        return f"{noun} {names[0]}"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"each of {len(names)} {noun}s ({', '.join(names[:SHOWN])}{more})" if names else f"no {noun}"
