# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search under fire has found (tests/fire), each as a plain case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests
from ansible_collections.taskops.quiesce.plugins.module_utils import _http
from ansible_collections.taskops.quiesce.plugins.module_utils._answer import Answer
from ansible_collections.taskops.quiesce.plugins.module_utils._clock import Deadline
from ansible_collections.taskops.quiesce.plugins.module_utils._connection import Connection
from ansible_collections.taskops.quiesce.plugins.module_utils._errors import Failure, Refused
from ansible_collections.taskops.quiesce.plugins.module_utils._http import Http
from requests.adapters import BaseAdapter

from tests.fire.client import run_in_process
from tests.fire.storm import Storm
from tests.fire.system import System
from tests.fire.systems import huawei, iotda, totalcontrol
from tests.fire.world import World
from tests.unit.support import FakeClock


class Slow(BaseAdapter):
    """A server that never answers; `patience` is how long the client waited for it, in seconds, each time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.patience: list[float] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        self.patience.append(settings["timeout"])
        self.clock.sleep(settings["timeout"])
        raise requests.ReadTimeout(request=request)

    def close(self) -> None:
        pass


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow(clock)
    monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: slow)
    return slow


def client(clock: FakeClock, seconds: float) -> Http:
    return Http(Connection("http://server.example.com", clock, Deadline(clock, seconds), timeout=5, retries=0), "the server", "/v1")


def whatever(answer: Answer) -> Answer:
    return answer


def test_many_slow_exchanges_end_within_the_deadline_and_the_time_of_one(clock: FakeClock, server: Slow) -> None:
    """A read of many pages, or the questions why tasks failed, took one time-out each after the deadline, one after the other."""
    http, begun = client(clock, 3), clock.now()

    for _attempt in range(4):
        with pytest.raises(Failure):
            http.read("/tasks", whatever)

    assert server.patience == [5, 3]
    assert clock.now() - begun == 3 + 5


def test_an_exchange_that_is_not_begun_is_told_as_surely_without_effect(clock: FakeClock, server: Slow) -> None:
    http = client(clock, 3)
    clock.sleep(8)

    with pytest.raises(Refused, match="time of this run was up") as refused:
        http.write("/tasks/a", whatever)

    assert refused.value.code == "timeout"
    assert server.patience == []


def test_slow_logins_and_reads_do_not_add_up_after_the_deadline() -> None:
    """Found by seed 11: a token that expires while the deadline comes near made one slow exchange follow another."""
    options: Mapping[str, Any] = {
        "wait_timeout": 3,
        "poll_interval": 1,
        "if_unpausable": "fail",
        "retries": 3,
        "wait": False,
        "timeout": 5,
        "concurrency": 1,
        "drain": 0,
    }
    system, slow = totalcontrol.SYSTEM, {"kind": "delay", "seconds": 2.0}
    storm = Storm(
        system,
        system.access[0],
        [{"status": -1}],
        False,
        "paused",
        False,
        options,
        {},
        latency=0.01,
        logins=[slow, slow],
        reads=[None, {"kind": "expire_token"}, {"kind": "delay", "seconds": 6.0}],
    )

    run = run_in_process(World(storm))

    assert run.ended - run.begun <= 3 + 5
    assert run.rows[0]["error"]["code"] == "timeout"


@pytest.mark.parametrize("system", [huawei.SYSTEM, iotda.SYSTEM], ids=str)
def test_an_answer_to_an_action_that_is_json_of_another_shape_is_lost_and_not_accepted(system: System) -> None:
    """Found by seed 20261122: a 200 with the body [] passed for an accepted action, and the task for changed."""
    options: Mapping[str, Any] = {"wait_timeout": 5, "poll_interval": 1, "if_unpausable": "fail", "wait": True, "timeout": 5, "drain": 0}
    strange = {"kind": "garbage", "body": "[]"}
    storm = Storm(system, system.access[0], system.states[:1], False, "stopped", False, options, {}, latency=0.01, writes=[strange])

    run = run_in_process(World(storm))

    (row,) = run.rows
    assert (row["changed"], row["reached"], row["action"]) == (False, False, "stop")
    assert row["error"]["code"] == "timeout"
