# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof that the measurements aren't those of the emulator: how late its answers are, and how much of its time an answer takes."""

from __future__ import annotations

import json
import statistics
import time
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from tests.emulator.client import Control, running

from .apis import APIS, Api, Exchange, inside
from .processes import processor_seconds

DELAYS = (0.0, 0.02, 0.05)
EXCHANGES = {0.0: 1000, 0.02: 50, 0.05: 50}


class Client:
    """A client with as little overhead as possible, so that the figures contain little of its time."""

    def __init__(self, api: Api, control: Control) -> None:
        address = urlsplit(control.url)
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        login = api.login()
        token = ""
        if login:
            answer, body = self.send(login)
            token = str(inside(json.loads(body), api.token_in)) if api.token_in else answer.headers["X-Subject-Token"]
        self.read = api.show(token, api.ids(1)[0])

    def send(self, exchange: Exchange) -> tuple[HTTPResponse, bytes]:
        query = f"?{urlencode(exchange.params)}" if exchange.params else ""
        body = None if exchange.json is None else json.dumps(exchange.json)
        kind = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(exchange.method, exchange.path + query, body, {**exchange.headers, **kind})
        answer = self._connection.getresponse()
        return answer, answer.read()

    def close(self) -> None:
        self._connection.close()


def prove(name: str) -> dict[str, float]:
    """For one system: by how many milliseconds answers are later than the set delay (median), and the processor time of one answer without
    the client.
    """
    api = APIS[name]
    switches = [word for key, value in api.switches.items() for word in ("--switch", f"{key}={json.dumps(value)}")]
    results: dict[str, float] = {}
    with running(api.vendor, *switches) as control:
        control.put_tasks(api.tasks(1, is_right=False))
        client = Client(api, control)
        for delay in DELAYS:
            control.set_switches(latency=delay)
            used, late = processor_seconds(control.pid or 0), []
            for _number in range(EXCHANGES[delay]):
                begun = time.perf_counter()
                client.send(client.read)
                late.append((time.perf_counter() - begun - delay) * 1000)
            results[f"late_at_{delay * 1000:.0f}_ms"] = round(statistics.median(late), 2)
            if not delay:
                took = processor_seconds(control.pid or 0) - used
                results["processor_ms_each"] = round(took / EXCHANGES[delay] * 1000, 3)
        client.close()
    return results
