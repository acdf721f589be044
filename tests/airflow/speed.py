# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it takes on Airflow's own server to pause 200 active Dags of 300 until they are quiet, and to put back: by the collection,
by a threaded script, and by a loop of `uri` (from 20 Dags, taken times ten).

`python -m tests.airflow --bench` starts the server and runs this. Each way is timed three times in turn (QUIESCE_SPEED_RUNS), the median
counts; how many requests the collection sends is counted apart, through a proxy.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.integration.processes import COLLECTION, Ansible

from .proxy import Proxy
from .servers import USERS
from .world import SERVERS, WORLDS, world

RUNS, THREADS, LOOPED = int(os.environ.get("QUIESCE_SPEED_RUNS", "3")), 8, 20
WORK = ["running", "restarting", "queued", "deferred", "awaiting_input"]
Way = Callable[[], None]


class Collection:
    """Two tasks in one playbook, as a user has them."""

    def __init__(self, ansible: Ansible, url: str, dag_ids: list[str]) -> None:
        self._ansible = ansible
        self._url = url
        self._dag_ids = dag_ids

    def __call__(self) -> None:
        options = {"url": self._url, "username": "admin", "password": USERS["admin"]}
        module = f"{COLLECTION}.airflow_dag"
        run = self._ansible.tasks(
            {"name": "pause", module: {**options, "dag_ids": self._dag_ids, "state": "paused"}, "register": "paused"},
            {
                "name": "put back",
                module: {
                    **options,
                    "dag_ids": "{{ paused.tasks | selectattr('changed') | map(attribute='id') | list }}",
                    "state": "started",
                },
            },
            patience=600,
        )
        assert run.status == 0, run.printed


class Script:
    """What a careful person would write with `requests` and threads: read, change, read the Dag and its task instances again."""

    def __init__(self, url: str, dag_ids: list[str]) -> None:
        self._root = f"{url}/api/v2"
        self._dag_ids = dag_ids
        answer = requests.post(f"{url}/auth/token", json={"username": "admin", "password": USERS["admin"]}, timeout=30)
        self._session = requests.Session()
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        answer = self._session.request(method, self._root + path, json=body, timeout=60)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found

    def _stage_run(self, dag_id: str, paused: bool) -> bool:
        changed = self._ask("GET", f"/dags/{dag_id}")["is_paused"] is not paused
        if changed:
            self._ask("PATCH", f"/dags/{dag_id}", {"is_paused": paused})
        while True:
            seen = self._ask("GET", f"/dags/{dag_id}")["is_paused"] is paused
            body = {"dag_ids": [dag_id], "state": WORK}
            busy = paused and self._ask("POST", "/dags/~/dagRuns/~/taskInstances/list", body)["total_entries"]
            if seen and not busy:
                return changed
            time.sleep(1)

    def __call__(self) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            changed = list(pool.map(lambda dag_id: self._stage_run(dag_id, True), self._dag_ids))
            mine = [dag_id for dag_id, is_changed in zip(self._dag_ids, changed, strict=True) if is_changed]
            list(pool.map(lambda dag_id: self._stage_run(dag_id, False), mine))


class Loop:
    """Tasks of `uri` in a loop, over few of the Dags."""

    def __init__(self, ansible: Ansible, url: str, dag_ids: list[str]) -> None:
        self._ansible = ansible
        self._url = f"{url}/api/v2"
        self._dag_ids = dag_ids
        answer = requests.post(f"{url}/auth/token", json={"username": "admin", "password": USERS["admin"]}, timeout=30)
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def _task(self, method: str, path: str, body: object = None) -> dict[str, object]:
        options = {"url": self._url + path, "method": method, "headers": self._headers, "timeout": 60}
        if body is not None:
            options |= {"body": body, "body_format": "json"}
        return {"name": f"{method} {path}", "ansible.builtin.uri": options, "loop": self._dag_ids}

    def __call__(self) -> None:
        instances = {"dag_ids": ["{{ item }}"], "state": WORK}
        tasks = [
            task
            for paused in (True, False)
            for task in (
                self._task("GET", "/dags/{{ item }}"),
                self._task("PATCH", "/dags/{{ item }}", {"is_paused": paused}),
                self._task("GET", "/dags/{{ item }}"),
                self._task("POST", "/dags/~/dagRuns/~/taskInstances/list", instances),
            )
        ]
        run = self._ansible.tasks(*tasks, patience=600)
        assert run.status == 0, run.printed


def timed(way: Way) -> float:
    begun = time.monotonic()
    way()
    return time.monotonic() - begun


def main() -> int:
    server = world(SERVERS[3], Path(json.loads(os.environ[WORLDS])[SERVERS[3]]))
    # It parses no file any more.
    server.await_files()
    url, by_hand, dag_ids = server.url, server.by_hand, [f"small_{number:03}" for number in range(300)]
    found = by_hand.paused("small")
    active = [dag_id for dag_id in dag_ids if not found[dag_id]]
    with tempfile.TemporaryDirectory() as folder:
        ansible = Ansible(Path(folder), os.environ["ANSIBLE_COLLECTIONS_PATH"])
        ways: dict[str, Way] = {
            "collection": Collection(ansible, url, dag_ids),
            "script": Script(url, dag_ids),
            "loop": Loop(ansible, url, active[:LOOPED]),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _run in range(RUNS):
            for name, way in ways.items():
                if name != "loop" or not times["loop"]:
                    times[name].append(timed(way))
                assert by_hand.paused("small") == found, f"{name} left it otherwise"
        with Proxy(url) as proxy:
            Collection(ansible, proxy.url, dag_ids)()
    collection, script = (statistics.median(times[name]) for name in ("collection", "script"))
    loop = times["loop"][0] * len(active) / LOOPED
    print(f"collection {collection:.1f} s {[round(one, 1) for one in times['collection']]}")
    print(f"threaded script {script:.1f} s {[round(one, 1) for one in times['script']]}: {collection / script:.2f} times (at most 0.6)")
    print(f"loop of uri {loop:.0f} s, from {times['loop'][0]:.1f} s for {LOOPED}: 1/{loop / collection:.0f} (at most 1/20)")
    print(f"{len(proxy.writes)} writes and {len(proxy.reads)} reads for {len(active)} active of {len(dag_ids)} Dags, paused and put back")
    return 0 if collection <= 0.6 * script and collection <= loop / 20 else 1


if __name__ == "__main__":
    sys.exit(main())
