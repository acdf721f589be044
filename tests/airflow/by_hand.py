# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Airflow's REST API as a person calls it: the judge of what the collection says, and the hand that prepares what it meets.

It shares nothing with the collection. Both generations answer it, the real servers and the emulator.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests

from .turns import Turns

Object = dict[str, Any]
# In seconds. A server that many tests ask at once needs its time for other things, too.
PATIENCE, PAUSE = 90.0, 0.3


class ByHand:
    def __init__(self, url: str, generation: int, username: str, password: str, turns: Turns | None = None) -> None:
        self.url = url
        self.generation = generation
        self._root = f"{url}/api/v{2 if generation == 3 else 1}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._user = (username, password)
        self._turns = turns or Turns(None)

    def sign_in(self) -> None:
        if self.generation == 2:
            self._session.auth = self._user
            return
        username, password = self._user
        answer = self._session.post(f"{self.url}/auth/token", json={"username": username, "password": password}, timeout=30)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        with self._turns.turn(method, path):
            return self._session.request(method, self._root + path, json=body, params=query, timeout=30)

    def get(self, path: str, **query: Any) -> Object:
        answer = self.ask("GET", path, **query)
        answer.raise_for_status()
        found: Object = answer.json()
        return found

    # --- what is so ---------------------------------------------------------------------------------------------------

    def dag(self, dag_id: str) -> Object:
        return self.get(f"/dags/{dag_id}")

    def is_paused(self, dag_id: str) -> bool:
        return bool(self.dag(dag_id)["is_paused"])

    def count(self) -> int:
        """How many Dags there are, stale ones included."""
        return int(self.get("/dags", limit=1, **{"exclude_stale" if self.generation == 3 else "only_active": "false"})["total_entries"])

    def paused(self, tag: str) -> dict[str, bool]:
        """Whether each Dag of a tag is paused."""
        found: dict[str, bool] = {}
        while True:
            page = self.get("/dags", tags=tag, limit=100, offset=len(found), order_by="dag_id")
            found |= {dag["dag_id"]: dag["is_paused"] for dag in page["dags"]}
            if not page["dags"] or len(found) >= page["total_entries"]:
                return found

    def runs(self, dag_id: str) -> dict[str, str]:
        return {run["dag_run_id"]: run["state"] for run in self.get(f"/dags/{dag_id}/dagRuns")["dag_runs"]}

    def instances(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The states of the task instances; those of a mapped task have their index behind the name."""
        rows = self.get(f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances")["task_instances"]
        return {row["task_id"] + (f"[{row['map_index']}]" if row["map_index"] >= 0 else ""): row["state"] for row in rows}

    # --- what is done -------------------------------------------------------------------------------------------------

    def pause(self, dag_id: str, paused: bool = True) -> None:
        self.ask("PATCH", f"/dags/{dag_id}", {"is_paused": paused}).raise_for_status()

    def trigger(self, dag_id: str, run_id: str) -> str:
        body = {"dag_run_id": run_id, **({"logical_date": None} if self.generation == 3 else {})}
        self.ask("POST", f"/dags/{dag_id}/dagRuns", body).raise_for_status()
        return run_id

    def set_run(self, dag_id: str, run_id: str, state: str) -> Object:
        answer = self.ask("PATCH", f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}", {"state": state})
        answer.raise_for_status()
        run: Object = answer.json()
        return run

    def delete(self, dag_id: str) -> None:
        self.ask("DELETE", f"/dags/{dag_id}").raise_for_status()


def wait_for(wanted: Callable[[], Any], what: str, patience: float = PATIENCE, pause: float = PAUSE) -> Any:
    """What `wanted` returns once that is true."""
    end = time.monotonic() + patience
    while not (found := wanted()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(pause)
    return found
