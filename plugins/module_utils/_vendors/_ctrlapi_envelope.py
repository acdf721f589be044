# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to this collection: it may change in any release.
"""The envelope of Boro's Control API. One request contains several method entries, and their numbers identify them in the answer. Errors
can be at any of four levels (page `ctrlapi`, section 3.1).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._answer import Answer
from .._errors import AnswerLost, Failure, Refused

SAID = 200


class Entry(NamedTuple):
    """One method for one project."""

    method: str
    project: int
    params: Mapping[str, Any]


class Outcome(NamedTuple):
    """The answer to one entry: its `result`, and the `errors` above its items."""

    entry: Entry
    result: Any
    errors: Sequence[str] = ()

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a result that is a list, without those that aren't objects."""
        return [item for item in self.result if isinstance(item, dict)] if isinstance(self.result, list) else []


def body_of(user_id: int, entries: Sequence[Entry]) -> dict[str, Any]:
    methods = [
        {"method": entry.method, "id": number, "params": {"project_id": entry.project, **entry.params}}
        for number, entry in enumerate(entries, start=1)
    ]
    return {"user_id": user_id, "methods": methods}


def errors_of(part: Any) -> list[str]:
    """The errors of a part of an answer, in either spelling. An empty list of errors means none."""
    if not isinstance(part, dict):
        return []
    given = (part.get(name) for name in ("error", "errors"))
    errors = [one for value in given for one in (value if isinstance(value, list) else [value])]
    return [error_text(str(error)) for error in errors if error]


def error_text(text: str) -> str:
    """The vendor's text, as a part of our message."""
    return textwrap.shorten(text, SAID, placeholder=" ...").replace(". ", "; ").rstrip(".")


def joined(errors: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(errors))


def outcomes(answer: Answer, document: Any, entries: Sequence[Entry]) -> list[Outcome]:
    """One outcome for each of the entries that were sent. Raises `Failure` if the whole request was refused, or an entry has no answer."""
    shown = answer.private() if b"@" in answer.body else answer
    errors = errors_of(document)
    reply = document.get("reply") if isinstance(document, dict) else None
    if errors and not reply:
        raise Refused("refused", f"{answer.what} was refused ({joined(errors)}); check user_id and dialect", http_status=answer.status)
    if not isinstance(reply, list):
        raise shown.unreadable("without a reply")
    numbered = {str(part.get("id")): part for part in reply if isinstance(part, dict)}
    found = []
    for number, entry in enumerate(entries, start=1):
        # A single entry needs no number.
        part = reply[0] if len(entries) == len(reply) == 1 else numbered.get(str(number))
        if not isinstance(part, dict) or part.get("method", entry.method) != entry.method:
            raise shown.unreadable(f"without {entry.method} for project {entry.project}")
        result = part.get("result")
        found.append(Outcome(entry, result, [*errors, *errors_of(part), *errors_of(result)]))
    return found


def results(answer: Answer, document: Any, entries: Sequence[Entry]) -> list[Outcome]:
    """Like `outcomes`, for a read: an error above the items makes the answer unusable. Raises `Failure`."""
    found = outcomes(answer, document, entries)
    refused = [f"Boro refused {outcome.entry.method} for project {outcome.entry.project} ({joined(outcome.errors)})"
               for outcome in found if outcome.errors]  # fmt: skip
    if refused:
        advice = "check project_id, user_id, what that user may do there, and dialect"
        raise Refused("refused", f"{'; '.join(dict.fromkeys(refused))}; {advice}", http_status=answer.status)
    for outcome in found:
        if outcome.result is None:
            shown = answer.private() if b"@" in answer.body else answer
            unreadable = shown.unreadable(f"without a result of {outcome.entry.method} for project {outcome.entry.project}")
            unreadable.message += " and that dialect names what runs there"
            raise unreadable
    return found


def tasks_of(answer: Answer, outcome: Outcome) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """By id: the items of a read that contain a state, and the reasons why others have none. Raises `Failure` (`protocol`, or `refused` for
    an item that contains both a state and an error, since it contradicts itself).
    """
    shown = answer.private() if b"@" in answer.body else answer
    if not isinstance(outcome.result, list):
        raise shown.unreadable("without a list of tasks")
    tasks: dict[int, dict[str, Any]] = {}
    unshown: dict[int, str] = {}
    for item in outcome.result:
        number = _number(item.get("task_id")) if isinstance(item, dict) else None
        errors, has_state = joined(errors_of(item)), isinstance(item, dict) and isinstance(item.get("status"), str)
        if number is None or not (errors or has_state):
            raise shown.unreadable("with a task that has no id or no state")
        if errors and has_state:
            raise Refused("refused", f"Boro returned an error together with the state of task {number} ({errors}); look at it there")
        if errors:
            unshown[number] = errors
        else:
            tasks[number] = {**item, "task_id": number}
    return tasks, unshown


def failures_by_task(action: str, requested: Mapping[str, tuple[int, int]], found: Sequence[Outcome]) -> dict[str, Failure]:
    """The failures of single tasks of an action. `requested` contains for each task the project and the id that was sent for it.

    An error alone is a refusal. If an error stands beside an acceptance, or the answer doesn't mention the task, the action may have had an
    effect.
    """
    items: dict[tuple[int, int], list[tuple[Outcome, dict[str, Any] | None]]] = {}
    for outcome in found:
        its = {_number(item.get("task_id")): item for item in outcome.items}
        for number in outcome.entry.params["task_ids"]:
            items.setdefault((outcome.entry.project, number), []).append((outcome, its.get(number)))
    wrong = {id_: _action_failure(action, id_, *items[target][0]) for id_, target in requested.items()}
    return {id_: failure for id_, failure in wrong.items() if failure}


def _action_failure(action: str, id_: str, outcome: Outcome, item: dict[str, Any] | None) -> Failure | None:
    errors = joined([*outcome.errors, *errors_of(item)])
    accepted = item is not None and "status" in item
    if accepted and not errors:
        return None
    if accepted:
        return AnswerLost("refused", f"Boro accepted the {action} of task {id_} and returned an error with it ({errors})")
    if errors and (item is not None or not outcome.items):
        return Refused("refused", f"Boro didn't {action} task {id_} ({errors})")
    return AnswerLost("protocol", f"Boro's answer to the {action} doesn't contain task {id_}")


def _number(value: Any) -> int | None:
    """An id, which may be in quotes (page `ctrlapi`, U22)."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
