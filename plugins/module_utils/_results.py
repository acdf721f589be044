# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The result of a run as plain data: one row a task, a summary, and one sentence for all failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._converge import Convergence
from ._errors import Failure
from ._lifecycle import Observation, StateTable
from ._task_run import Task
from ._text import harmless

MOST_SENTENCES = 10


def info_row(table: StateTable, seen: Observation) -> dict[str, Any]:
    """One task as an information module returns it."""
    return {"id": seen.id, "name": seen.name, "state": table.word(seen), "vendor_state": seen.spelling, "vendor": dict(seen.facts)}


def state_result(run: Convergence, desired: str, check_mode: bool) -> dict[str, Any]:
    """The result of a state module."""
    tasks = [task_row(run, task, check_mode) for task in run.tasks]
    counts = {key: sum(1 for task in tasks if task[key]) for key in ("reached", "changed")}
    failed = sum(1 for task in run.tasks if task.error)
    skipped = sum(1 for task in run.tasks if task.skipped)
    summary = {"wanted": desired, "total": len(tasks), **counts, "failed": failed, "skipped": skipped}
    return {"changed": counts["changed"] > 0, "tasks": tasks, "summary": summary}


def empty_result(desired: str) -> dict[str, Any]:
    """The result of a state module whose option for tasks is an empty list."""
    summary = {"wanted": desired, **dict.fromkeys(("total", "reached", "changed", "failed", "skipped"), 0)}
    return {"changed": False, "tasks": [], "summary": summary}


def task_row(run: Convergence, task: Task, check_mode: bool) -> dict[str, Any]:
    """One task's row in the result. In check mode it's the prediction."""
    plan = run.predict(task) if check_mode and run.possible else None
    actions = plan.actions if plan else task.actions
    row: dict[str, Any] = {"id": task.id, "name": task.last.name, "action": ", ".join(actions) or "none"}
    if run.observed:
        after = (plan.word, plan.spelling) if plan else (run.table.word(task.last), task.last.spelling)
        row.update(before=run.table.word(task.before), after=after[0], vendor_before=task.before.spelling, vendor_after=after[1])
    else:
        row.update(before="unknown", after="unknown", vendor_before=None, vendor_after=None)
    row["changed"] = bool(actions) if plan else task.changed
    row["reached"] = plan.reached if plan else task.reached
    if task.effects_note:
        row["note"] = f"{task.effects_note}."
    if task.error:
        row["error"] = error_fields(task.error)
    return row


def error_fields(failure: Failure) -> dict[str, Any]:
    """The fields of a row for a failure."""
    return {**failure.details(), "message": f"{failure.message}."}


def failure_and_message(run: Convergence, desired: str) -> tuple[Failure, str] | None:
    """The first task's failure and one sentence for all of them; None if no task failed."""
    errors = [task.error for task in run.tasks if task.error]
    if not errors:
        return None
    reasons = "; ".join(shorten(list(dict.fromkeys(error.message for error in errors))))
    if not run.possible:
        return errors[0], f"{reasons}; nothing was changed."
    if len(run.tasks) == 1:
        return errors[0], f"{reasons}."
    return errors[0], f"{len(errors)} of {len(run.tasks)} tasks did not become {desired}: {reasons}."


def sent_summary(run: Convergence) -> str:
    """What was sent so far, for a run that was interrupted."""
    acted = [task for task in run.tasks if task.actions]
    if not acted:
        return "nothing was sent"
    rows = [f"{', '.join(task.actions)} to {task.id}" for task in acted[:MOST_SENTENCES]]
    rows += [f"and {len(acted) - MOST_SENTENCES} more"] if len(acted) > MOST_SENTENCES else []
    return f"{len(acted)} of {len(run.tasks)} tasks were sent an action: {'; '.join(rows)}"


def state_diff(tasks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The states before and after as one line a task. Ansible prints them unchanged."""
    return {when: "".join(f"{harmless(task['id'])}: {task[when]}\n" for task in tasks) for when in ("before", "after")}


def shorten(sentences: Sequence[str]) -> list[str]:
    """As many sentences as a person reads, and the number of the omitted ones."""
    more = len(sentences) - MOST_SENTENCES
    return [*sentences[:MOST_SENTENCES], f"and {more} more, which are in tasks"] if more > 0 else list(sentences)
