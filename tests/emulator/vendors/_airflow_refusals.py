# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refusals of each generation, in the words of ``airflow.md``, "Refusals"."""

from __future__ import annotations

from typing import Any

from ..messages import Reply

PROBLEM = "application/problem+json"
PAGE = "<!DOCTYPE html><html lang=en><title>404 Not Found</title><h1>Not Found</h1></html>"


class Refused(Exception):
    """`detail` is the text in 3.3.2, `title` and `words` are title and detail in 2.11.2."""

    def __init__(
        self, status: int, detail: Any, *, status_2: int | None = None, title: str | None = None, words: str | None = None
    ) -> None:
        super().__init__(str(detail))
        self.status = status
        self.detail = detail
        self.status_2 = status if status_2 is None else status_2
        self.title = title
        self.words = words

    def reply(self, generation: int) -> Reply:
        if generation == 3:
            return Reply.of_json({"detail": self.detail}, self.status)
        titles = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}
        body = {
            "detail": self.words,
            "status": self.status_2,
            "title": self.title or titles.get(self.status_2, "Error"),
            "type": "about:blank",
        }
        return Reply.of_json(body, self.status_2, media_type=PROBLEM)


def invalid(where: list[str], message: str, *, words: str | None = None) -> Refused:
    """A bad value: 422 with a list on 3.3.2, 400 on 2.11.2."""
    return Refused(422, [{"type": "value_error", "loc": where, "msg": message}], status_2=400, words=words or message)


def forbidden() -> Refused:
    """A missing right. On 2.11.2, it looks like missing or wrong credentials."""
    return Refused(403, "Forbidden")


def no_such_dag(dag_id: str, doing: str) -> Refused:
    """Each call has a text of its own."""
    if doing == "patch":
        return Refused(404, f"Dag with id: {dag_id} was not found", title=f"Dag with id: '{dag_id}' not found")
    if doing == "trigger":
        return Refused(404, f"Dag with dag_id: '{dag_id}' not found", title=f"DAG with dag_id: '{dag_id}' not found")
    return Refused(
        404, f"The Dag with ID: `{dag_id}` was not found", title="DAG not found", words=f"The DAG with dag_id: {dag_id} was not found"
    )


def no_such_run(dag_id: str, run_id: str) -> Refused:
    return Refused(
        404,
        f"The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` was not found",
        title=f"Dag Run id {run_id} not found in dag {dag_id}",
    )


def no_such_instance(dag_id: str, run_id: str, task_id: str) -> Refused:
    words = f"The Task Instance with dag_id: `{dag_id}`, run_id: `{run_id}` and task_id: `{task_id}` was not found"
    return Refused(404, words, title=f"Task instance not found for task {task_id!r} in run {run_id!r}")
