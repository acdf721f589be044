# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output of a run contains a password, key, token or signature, whatever the verbosity and however the run ends.

Each kind of authentication runs through ansible-runner, the engine of AWX. AWX shows and stores the same data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from ..cases import IN_WORKER, SWITCH, fault
from ..processes import COLLECTION, Ansible
from ..warm_python import Interpreter
from .echoes import echo
from .runner import run, tapped
from .search import found, on_the_wire
from .ways import WAYS, Way


@dataclass(frozen=True)
class Ending:
    """An ending of a call. `fails` is false only for a success."""

    fails: bool = True
    faults: Sequence[Mapping[str, Any]] = ()
    begin: Callable[[Vendor], None] | None = None
    crashes: bool = False


ENDINGS = {
    "success": Ending(fails=False),
    "401": Ending(faults=[fault("status", times=None, status=401)]),
    "403": Ending(faults=[fault("status", times=None, status=403)]),
    "500 with an echo": Ending(begin=echo(500)),
    "400 with an echo": Ending(begin=echo(400)),
    "a web page with an echo": Ending(begin=echo(200, "text/html")),
    "401 with an echo in the vendor's words": Ending(begin=echo(401, "application/json")),
    "400 with an echo in the vendor's words": Ending(begin=echo(400, "application/json")),
    "200 with an echo in the vendor's words": Ending(begin=echo(200, "application/json")),
    "an action with an echo": Ending(begin=echo(409, "application/json", only_writes=True)),
    "a reset": Ending(faults=[fault("reset_before", times=None)]),
    "no answer in time": Ending(faults=[fault("delay", times=None, seconds=1.2)]),
    "an answer that is cut": Ending(faults=[fault("cut", times=None)]),
    "no JSON": Ending(faults=[fault("garbage", times=None)]),
    "a redirect": Ending(faults=[fault("redirect", times=None, location="http://127.0.0.1:1/?token=abc")]),
    "a traceback": Ending(crashes=True),
}
BRIEF = ("success", "500 with an echo", "400 with an echo in the vendor's words", "a traceback")


@dataclass(frozen=True)
class Left:
    """The outputs of the runs for one kind of authentication, by the name of the file or stream. `secrets` are its own and those in
    requests.
    """

    way: Way
    in_worker: bool
    texts: dict[str, str]
    secrets: set[str]
    results: dict[str, dict[str, Any]]


# Each of them in Ansible's worker, and the full ones also in a module's own process.
PLACES = [*((way, True) for way in WAYS), *((way, False) for way in WAYS if way.is_full)]


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: f"{place[0].title}, {'worker' if place[1] else 'module'}")
def left(request: pytest.FixtureRequest, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    way: Way = request.param[0]
    in_worker: bool = request.param[1]
    place = tmp_path_factory.mktemp("run")
    secrets = set(way.secrets)
    with ExitStack() as stack:
        tasks = []
        emulators = []
        variables: dict[str, Any] = {SWITCH: in_worker}
        # The first one uses a Python that has to start for each call.
        if not in_worker and way is not WAYS[0]:
            python = Interpreter(tmp_path_factory.mktemp("python"), {**ansible.environment(), **tapped(place)})
            variables["ansible_python_interpreter"] = stack.enter_context(python).path
        for title, ending in endings(way).items():
            vendor = way.emulator()
            token = way.token(vendor)
            secrets |= {token} - {""}
            if ending.begin:
                ending.begin(vendor)
            vendor.faults.order(list(ending.faults))
            emulator = stack.enter_context(ThreadedEmulator(vendor, ask_client=way.ask_client))
            emulators.append(emulator)
            secrets |= way.keys(emulator)
            tasks.append({**task(way, title, ending, emulator, token), "vars": variables})
        texts = run(ansible, place, tasks)
        for emulator in emulators:
            secrets |= set(on_the_wire(emulator.vendor))
            # An emulator that fails would repeat nothing.
            assert all(entry.status or entry.fault for entry in emulator.vendor.journal.since())
    lines = [json.loads(line) for line in texts["the results"].splitlines()]
    yield Left(way, in_worker, texts, secrets, {line["task"]: line for line in lines})


def endings(way: Way) -> dict[str, Ending]:
    """All endings for one kind of authentication of each system. For the others, those with the most output."""
    return {title: ending for title, ending in ENDINGS.items() if way.is_full or title in BRIEF}


def task(way: Way, title: str, ending: Ending, emulator: ThreadedEmulator, token: str) -> dict[str, Any]:
    options = {**way.reached(emulator, token), "retries": 0, "timeout": 0.8, "wait_timeout": 2}
    variables = {"QUIESCE_CRASH": "1"} if ending.crashes else {}
    return {"name": title, f"{COLLECTION}.{way.module}": options, "ignore_errors": True, "environment": variables}


def test_no_secret_is_in_anything_that_a_run_leaves(left: Left) -> None:
    assert left.secrets
    assert list(found(left.secrets, left.texts)) == []


def test_what_is_searched_was_all_there(left: Left) -> None:
    """Otherwise, the test above would find nothing for another reason."""
    for title, ending in endings(left.way).items():
        assert (left.results[title]["outcome"] == "failed") == ending.fails, left.results[title]
    assert left.texts["syslog"].count("Invoked with") == len(left.results)
    talk = IN_WORKER if left.in_worker else "EXEC"
    assert talk in left.texts["stdout"] and talk in left.texts["the log"]
    assert "broken on purpose" in left.texts["the results"] and "Traceback" in left.texts["the results"]
    assert any(name.startswith("artifacts/run/job_events/") for name in left.texts)
    assert left.results["success"]["result"]["tasks"][0]["reached"]
