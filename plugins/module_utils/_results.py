# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""A run as plain data: one row a task, a summary, and one sentence for what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._converge import Convergence
from ._errors import Failure
from ._lifecycle import Observation, StateTable
from ._task_run import Task
from ._text import harmless

TOLD = 10


def listed(table: StateTable, seen: Observation) -> dict[str, Any]:
    """One task as an information module returns it."""
    return {"id": seen.id, "name": seen.name, "state": table.word(seen), "vendor_state": seen.spelling, "vendor": dict(seen.facts)}


def result(run: Convergence, wanted: str, check_mode: bool) -> dict[str, Any]:
    """What a state module returns of its tasks."""
    tasks = [fate(run, task, check_mode) for task in run.tasks]
    counts = {key: sum(1 for task in tasks if task[key]) for key in ("reached", "changed")}
    failed = sum(1 for task in run.tasks if task.error)
    skipped = sum(1 for task in run.tasks if task.skipped)
    summary = {"wanted": wanted, "total": len(tasks), **counts, "failed": failed, "skipped": skipped}
    return {"changed": counts["changed"] > 0, "tasks": tasks, "summary": summary}


def nothing(wanted: str) -> dict[str, Any]:
    """What a state module returns where an empty list named its tasks."""
    summary = {"wanted": wanted, **dict.fromkeys(("total", "reached", "changed", "failed", "skipped"), 0)}
    return {"changed": False, "tasks": [], "summary": summary}


def fate(run: Convergence, task: Task, check_mode: bool) -> dict[str, Any]:
    """One task's row in the result; in check mode what the plan makes of it."""
    plan = run.foresee(task) if check_mode and run.possible else None
    actions = plan.actions if plan else task.actions
    row: dict[str, Any] = {"id": task.id, "name": task.last.name, "action": ", ".join(actions) or "none"}
    if run.observed:
        after = (plan.word, plan.spelling) if plan else (run.table.word(task.last), task.last.spelling)
        row.update(before=run.table.word(task.before), after=after[0], vendor_before=task.before.spelling, vendor_after=after[1])
    else:
        row.update(before="unknown", after="unknown", vendor_before=None, vendor_after=None)
    row["changed"] = bool(actions) if plan else task.changed
    row["reached"] = plan.reached if plan else task.reached
    if task.foretold:
        row["note"] = f"{task.foretold}."
    if task.error:
        row["error"] = error(task.error)
    return row


def error(failure: Failure) -> dict[str, Any]:
    """A failure as a row tells it."""
    return {**failure.details(), "message": f"{failure.message}."}


def told(run: Convergence, wanted: str) -> tuple[Failure, str] | None:
    """The first task's failure and one sentence for all of them; None if no task failed."""
    errors = [task.error for task in run.tasks if task.error]
    if not errors:
        return None
    reasons = "; ".join(some(list(dict.fromkeys(error.message for error in errors))))
    if not run.possible:
        return errors[0], f"{reasons}; nothing was changed."
    if len(run.tasks) == 1:
        return errors[0], f"{reasons}."
    return errors[0], f"{len(errors)} of {len(run.tasks)} tasks did not get {wanted}: {reasons}."


def sent(run: Convergence) -> str:
    """What was sent so far, for a run that was broken off."""
    acted = [task for task in run.tasks if task.actions]
    if not acted:
        return "nothing was sent"
    rows = [f"{', '.join(task.actions)} to {task.id}" for task in acted[:TOLD]]
    rows += [f"and {len(acted) - TOLD} more"] if len(acted) > TOLD else []
    return f"{len(acted)} of {len(run.tasks)} tasks were sent something: {'; '.join(rows)}"


def diff(tasks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Before and after as one line a task. Ansible prints them as they are."""
    return {when: "".join(f"{harmless(task['id'])}: {task[when]}\n" for task in tasks) for when in ("before", "after")}


def some(sentences: Sequence[str]) -> list[str]:
    """As many sentences as a person reads, and how many more there are."""
    more = len(sentences) - TOLD
    return [*sentences[:TOLD], f"and {more} more, each told in tasks"] if more > 0 else list(sentences)
