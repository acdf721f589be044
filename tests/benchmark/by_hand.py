# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""by_hand.py SYSTEM URL COUNT CONCURRENCY WHAT: a script for one system as a good programmer writes it with `requests` and threads.

WHAT is `change` (log in, read, act, read again) or `read` (log in, read). It prints one line of JSON: the seconds of the exchanges, without
the imports, and their number. It fails unless all tasks have reached the goal at the end.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from .apis import APIS, Api, Exchange, inside


class Script:
    def __init__(self, api: Api, url: str, concurrency: int) -> None:
        self._api = api
        self._url = url
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=concurrency))
        self._concurrency = concurrency
        self.exchanges = 0

    def run(self, count: int, what: str) -> None:
        ids = self._api.ids(count)
        token = self._login()
        rows = self._read(token, ids)
        if what == "change":
            with ThreadPoolExecutor(self._concurrency) as pool:
                list(pool.map(self._send, self._api.acts(token, ids)))
            rows = self._read(token, ids)
        arrived = {str(row[self._api.id_member]) for row in rows if row[self._api.member] == self._api.goal}
        if missing := set(ids) - arrived:
            raise SystemExit(f"{len(missing)} tasks of {count} didn't arrive")

    def _login(self) -> str:
        exchange = self._api.login()
        if exchange is None:
            return ""
        answer = self._send(exchange)
        return str(inside(answer.json(), self._api.token_in) if self._api.token_in else answer.headers["X-Subject-Token"])

    def _read(self, token: str, ids: list[str]) -> list[dict[str, Any]]:
        reads = self._api.lists(token, ids)
        if self._api.rows == ("batchtasks",):
            with ThreadPoolExecutor(self._concurrency) as pool:
                return [{**inside(answer.json(), self._api.one)} for answer in pool.map(self._send, reads)]
        rows: list[dict[str, Any]] = []
        marker: str | None = None
        for read in reads:
            document = self._send(read, {"marker": marker} if marker else {}).json()
            if not self._api.one and self._api.id_member in document:
                rows.append(document)
            elif self._api.one_call_for_all:
                rows += [row for part in document["reply"] for row in part["result"]]
            else:
                rows += inside(document, self._api.rows)
                marker = document.get("page", {}).get("marker") if isinstance(document.get("page"), dict) else None
        return rows

    def _send(self, exchange: Exchange, more: dict[str, str] | None = None) -> requests.Response:
        answer = self._session.request(
            exchange.method,
            self._url + exchange.path,
            params={**exchange.params, **(more or {})},
            headers=dict(exchange.headers),
            data=exchange.form,
            json=exchange.json,
            timeout=30,
        )
        answer.raise_for_status()
        # Threads may count incorrectly here. The emulator's journal decides.
        self.exchanges += 1
        return answer


def main() -> None:
    name, url, count, concurrency, what = sys.argv[1:]
    script = Script(APIS[name], url, int(concurrency))
    begun = time.perf_counter()
    script.run(int(count), what)
    print(json.dumps({"seconds": time.perf_counter() - begun, "exchanges": script.exchanges}))


if __name__ == "__main__":
    main()
