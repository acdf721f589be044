# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source over Airflow: what becomes of Dags is told, and none is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from ansible_collections.taskops.quiesce.plugins.plugin_utils._watch import watch

from .by_hand import wait_for
from .proxy import Proxy
from .servers import USERS
from .world import World


@contextmanager
def _watched(url: str, dag_ids: list[str]) -> Iterator[list[dict[str, Any]]]:
    """The events that the source puts into its queue."""
    events: list[dict[str, Any]] = []
    ending = Event()
    options = {"url": url, "username": "admin", "password": USERS["admin"]}
    args = {"vendor": "airflow", "tasks": dag_ids, "options": options, "interval": 0.5, "initial": True}

    async def put(event: dict[str, Any]) -> None:
        events.append(event)

    async def run() -> None:
        watching = asyncio.create_task(watch(put, args))
        while not ending.is_set() and not watching.done():
            await asyncio.sleep(0.1)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    thread = Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        yield events
    finally:
        ending.set()
        thread.join(30)


def _told(events: list[dict[str, Any]]) -> list[str]:
    return [f"{event['kind']} {event['task']['before']['state']}-{event['task']['state']}" for event in events if event.get("task")]


def test_a_pause_by_somebody_else_is_told_when_the_work_has_ended(world: World, proxy: Proxy) -> None:
    dag_id, run_id = world.begin("queue")
    with _watched(proxy.url, [dag_id]) as events:
        wait_for(lambda: _told(events) == ["found unknown-started"], "the Dag is found")
        world.by_hand.pause(dag_id)
        wait_for(lambda: "changed started-pausing" in _told(events), "the pause is seen")
        world.by_hand.set_run(dag_id, run_id, "failed")
        wait_for(lambda: "changed pausing-paused" in _told(events), "it comes to rest")
        wait_for(lambda: "all_quiet" in [event["kind"] for event in events], "all is quiet")
        world.by_hand.pause(dag_id, False)
        wait_for(lambda: _told(events)[-1].endswith("-waiting"), "it waits to be triggered")

    assert _told(events)[:3] == ["found unknown-started", "changed started-pausing", "changed pausing-paused"]
    assert proxy.writes == []
