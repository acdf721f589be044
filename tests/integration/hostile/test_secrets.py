# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, keys, tokens and signatures are nowhere in what a run leaves behind, however talkative it is and however it ends.

All kinds of authentication run through ansible-runner, the engine of AWX, which shows and stores the same data. They are tasks of one run,
so that the secrets of one kind are also searched for in the output of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from ..cases import IN_WORKER, SWITCH, fault
from ..processes import COLLECTION, Ansible
from ..warm_python import Interpreter
from .authentications import AUTHENTICATIONS, Authentication
from .echoes import echo
from .runner import run, tapped
from .search import found, on_the_wire


@dataclass(frozen=True)
class Ending:
    """How a call ends: `fails` unless all goes well. `timeout` is that of an exchange, in seconds."""

    fails: bool = True
    timeout: float = 10
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
    "no answer in time": Ending(faults=[fault("delay", times=None, seconds=1.2)], timeout=0.8),
    "an answer that is cut": Ending(faults=[fault("cut", times=None)]),
    "no JSON": Ending(faults=[fault("garbage", times=None)]),
    "a redirect": Ending(faults=[fault("redirect", times=None, location="http://127.0.0.1:1/?token=abc")]),
    "a traceback": Ending(crashes=True),
}
BRIEF = ("success", "500 with an echo", "400 with an echo in the vendor's words", "a traceback")


# Each kind in Ansible's worker, and the full ones also in a module's own process.
PLACES = [
    *((authentication, True) for authentication in AUTHENTICATIONS),
    *((authentication, False) for authentication in AUTHENTICATIONS if authentication.is_full),
]
# For tests of each place. A run has a task for each kind of authentication and each ending.
EACH_PLACE = pytest.mark.parametrize(
    ("authentication", "in_worker"),
    PLACES,
    ids=[f"{authentication.title}, {'worker' if in_worker else 'module'}" for authentication, in_worker in PLACES],
)


@dataclass(frozen=True)
class Left:
    """The outputs of a run, by the name of the file or stream. `secrets` are those of each kind by its title and those that it had on the
    wire, `results` come by the names of the tasks.
    """

    texts: dict[str, str]
    secrets: dict[str, set[str]]
    results: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def left(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Mapping[bool, Left]:
    """One run in Ansible's worker, and one by modules beside it."""
    places = {in_worker: tmp_path_factory.mktemp("run") for in_worker in (True, False)}
    with ThreadPoolExecutor() as pool:
        return dict(zip(places, pool.map(lambda in_worker: _run(ansible, places[in_worker], in_worker), places), strict=True))


def _run(ansible: Ansible, place: Path, in_worker: bool) -> Left:
    with ExitStack() as stack:
        tasks = []
        secrets: dict[str, set[str]] = {}
        vendors: list[tuple[Authentication, Vendor]] = []
        for authentication in (authentication for authentication, is_in_worker in PLACES if is_in_worker == in_worker):
            variables: dict[str, Any] = {SWITCH: in_worker}
            # The first kind of all has a Python that starts anew for each call.
            if not in_worker and authentication is not AUTHENTICATIONS[0]:
                variables["ansible_python_interpreter"] = _python(ansible, place, stack)
            secrets[authentication.title] = set(authentication.secrets)
            for title, ending in endings(authentication).items():
                vendor = authentication.emulator()
                token = authentication.token(vendor)
                secrets[authentication.title] |= {token} - {""}
                if ending.begin:
                    ending.begin(vendor)
                vendor.faults.order(list(ending.faults))
                emulator = stack.enter_context(ThreadedEmulator(vendor, ask_client=authentication.ask_client))
                vendors.append((authentication, vendor))
                secrets[authentication.title] |= authentication.keys(emulator)
                tasks.append({**task(authentication, title, ending, emulator, token), "vars": variables})
        texts = run(ansible, place, tasks)
    for authentication, vendor in vendors:
        secrets[authentication.title] |= set(on_the_wire(vendor))
        # An emulator that broke would repeat nothing.
        assert all(entry.status or entry.fault for entry in vendor.journal.since())
    lines = [json.loads(line) for line in texts["the results"].splitlines()]
    return Left(texts, secrets, {line["task"]: line for line in lines})


def _python(ansible: Ansible, place: Path, stack: ExitStack) -> str:
    """A Python that has loaded already what modules load; the same for all tasks of a run."""
    folder = place / "python"
    if not folder.exists():
        folder.mkdir()
        stack.enter_context(Interpreter(folder, {**ansible.environment(), **tapped(place)}))
    return str(folder / "python3")


def name_of(authentication: Authentication, title: str) -> str:
    return f"{authentication.title}: {title}"


def endings(authentication: Authentication) -> dict[str, Ending]:
    """All of them for one kind of each system, and the most revealing ones for its other kinds."""
    return {title: ending for title, ending in ENDINGS.items() if authentication.is_full or title in BRIEF}


def task(authentication: Authentication, title: str, ending: Ending, emulator: ThreadedEmulator, token: str) -> dict[str, Any]:
    # A call that succeeds ends before its time, and one that fails needn't be waited for.
    patience = authentication.wait_timeout if ending.fails else 30
    options = {**authentication.reached(emulator, token), "retries": 0, "timeout": ending.timeout, "wait_timeout": patience}
    variables = {"QUIESCE_CRASH": "1"} if ending.crashes else {}
    return {
        "name": name_of(authentication, title),
        f"{COLLECTION}.{authentication.module}": options,
        "ignore_errors": True,
        "environment": variables,
    }


@EACH_PLACE
def test_no_secret_is_in_anything_that_a_run_leaves(left: Mapping[bool, Left], authentication: Authentication, in_worker: bool) -> None:
    secrets = left[in_worker].secrets[authentication.title]

    assert secrets
    assert list(found(secrets, left[in_worker].texts)) == []


@EACH_PLACE
def test_what_is_searched_was_all_there(left: Mapping[bool, Left], authentication: Authentication, in_worker: bool) -> None:
    """Else the test above would find nothing for another reason."""
    texts, results = left[in_worker].texts, left[in_worker].results
    for title, ending in endings(authentication).items():
        result = results[name_of(authentication, title)]
        assert (result["outcome"] == "failed") == ending.fails, result
        assert (
            sum(name_of(authentication, title) in text for name, text in texts.items() if name.startswith("artifacts/run/job_events/")) >= 2
        )
    crashed = json.dumps(results[name_of(authentication, "a traceback")])
    assert "broken on purpose" in crashed and "Traceback" in crashed
    assert results[name_of(authentication, "success")]["result"]["tasks"][0]["reached"]
    assert texts["syslog"].count("Invoked with") == len(results)
    talk = IN_WORKER if in_worker else "EXEC"
    assert texts["stdout"].count(talk) >= len(results) and texts["the log"].count(talk) >= len(results)
