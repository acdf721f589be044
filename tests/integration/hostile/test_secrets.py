# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, keys, tokens and signatures are nowhere in what a run leaves behind, however talkative it is and however it ends.

Each way to call runs through ansible-runner, the engine of AWX: what it keeps of a run is what AWX shows and stores.
"""

from __future__ import annotations

import base64
import html
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import pytest

from tests.emulator.messages import Call, Reply, Request
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendor import Vendor

from ..cases import fault
from ..processes import COLLECTION, Ansible, run_bounded
from .ways import WAYS, Way

TAPS = Path(__file__).with_name("taps")
# What proves a caller, and where a system hands it out.
HEADERS = ("authorization", "x-auth-token", "x-security-token", "x-subject-token", "proxy-authorization", "www-authenticate")
SHORTEST = 12
LOGINS = ("login", "token", "tokens", "iam")


def echo(status: int, media: str = "text/plain", *, only_writes: bool = False) -> Callable[[Vendor], None]:
    """The system repeats all that it was sent, as it came and as it's meant."""

    def begin(vendor: Vendor) -> None:
        respond: Callable[[Request, Call], Reply] = vendor.respond

        def repeat(request: Request, call: Call) -> Reply:
            if only_writes and (not call.write or call.action in LOGINS):
                return respond(request, call)
            # What proves the caller comes first, as a message shows the beginning only.
            heads = [f"{name}: {value}" for name, value in sorted(request.headers, key=lambda pair: pair[0].lower() not in HEADERS)]
            heads += [
                base64.b64decode(value.split()[-1] + "===").decode("utf-8", "replace")
                for name, value in request.headers
                if name == "Authorization"
            ]
            said = "\n".join([*heads, request.target, request.text, *(value for _name, value in request.form)])
            return shaped(said, status, media)

        vendor.respond = repeat  # type: ignore[method-assign]

    return begin


def shaped(said: str, status: int, media: str) -> Reply:
    if media == "application/json":
        # In the error shapes of all the vendors at once.
        told = {
            "status": False,
            "value": said,
            "error_code": "X.1",
            "error_msg": said,
            "messageID": "KNAE00000-E",
            "message": said,
            "error": said,
        }
        return Reply.of_json(told, status)
    if media == "text/html":
        return Reply.of_text(f"<html><body><pre>{html.escape(said)}</pre></body></html>", status, media_type=media)
    return Reply.of_text(said, status)


@dataclass(frozen=True)
class Ending:
    """How a call ends: `fails` unless all goes well."""

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
    """What a way's runs left behind, by name: each file and each stream. `secrets` are those of the way and those on the wire."""

    way: Way
    texts: dict[str, str]
    secrets: set[str]
    results: dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.title)
def left(request: pytest.FixtureRequest, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    way: Way = request.param
    place = tmp_path_factory.mktemp("run")
    secrets = set(way.secrets)
    with ExitStack() as stack:
        tasks = []
        emulators = []
        for title, ending in endings(way).items():
            vendor = way.emulator()
            token = way.handed_out(vendor) if way.handed_out else ""
            secrets |= {token} - {""}
            if ending.begin:
                ending.begin(vendor)
            vendor.faults.order(list(ending.faults))
            emulator = stack.enter_context(ThreadedEmulator(vendor, ask_client=way.ask_client))
            emulators.append(emulator)
            secrets |= keys_of(emulator)
            tasks.append(task(way, title, ending, emulator, token))
        texts = run(ansible, place, tasks)
        for emulator in emulators:
            secrets |= set(on_the_wire(emulator.vendor))
    lines = [json.loads(line) for line in texts["the results"].splitlines()]
    yield Left(way, texts, secrets, {line["task"]: line for line in lines})


def endings(way: Way) -> dict[str, Ending]:
    """All of them for one way of each system; for its other ways those that tell most."""
    return {title: ending for title, ending in ENDINGS.items() if way.is_full or title in BRIEF}


def keys_of(emulator: ThreadedEmulator) -> set[str]:
    """The lines of the client's private key."""
    key = emulator.control.client_key
    return set() if key is None else {line for line in Path(key).read_text(encoding="ascii").splitlines() if len(line) > 40}


def task(way: Way, title: str, ending: Ending, emulator: ThreadedEmulator, token: str) -> dict[str, Any]:
    control = emulator.control
    options: dict[str, Any] = {"url": control.url, "retries": 0, "timeout": 0.8, "wait_timeout": 2, "poll_interval": 0.1}
    options |= {
        name: value.format(url=control.url, token=token) if value in ("{url}", "{token}") else value for name, value in way.options.items()
    }
    if way.by_proxy:
        options |= {"url": "http://totalcontrol.invalid", "proxy": f"http://proxy-user:{quote('pr0xy-Pass word')}@127.0.0.1:{control.port}"}
    if way.ask_client:
        options |= {"ca_path": control.ca, "client_cert": control.client_cert, "client_key": control.client_key}
    variables = {"QUIESCE_CRASH": "1"} if ending.crashes else {}
    return {"name": title, f"{COLLECTION}.{way.module}": options, "ignore_errors": True, "environment": variables}


def run(ansible: Ansible, place: Path, tasks: list[dict[str, Any]]) -> dict[str, str]:
    """All that one run through ansible-runner prints, returns, logs and writes."""
    project, results, log, syslog = place / "project", place / "results.jsonl", place / "ansible.log", place / "syslog"
    project.mkdir()
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (project / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    for file in (results, log, syslog):
        file.touch()
    environment = {
        **ansible.environment(),
        "PYTHONPATH": str(TAPS),
        "QUIESCE_RESULTS": str(results),
        "QUIESCE_SYSLOG": str(syslog),
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_NO_TARGET_SYSLOG": "false",
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }
    command = [
        str(Path(sys.executable).with_name("ansible-runner")),
        "run",
        str(place),
        "-p",
        "play.yml",
        "--ident",
        "run",
        "--cmdline=-vvvv",
    ]
    status, stdout, stderr = run_bounded(command, environment, place, 60 + 5 * len(tasks))
    assert status == 0, stdout + stderr
    files = {"the results": results, "the log": log, "syslog": syslog}
    files |= {str(file.relative_to(place)): file for file in sorted((place / "artifacts").rglob("*")) if file.is_file()}
    # What else a run writes (a ledger, a report) is to be added here.
    return {"stdout": stdout, "stderr": stderr} | {name: file.read_text(encoding="utf-8", errors="replace") for name, file in files.items()}


def on_the_wire(vendor: Vendor) -> Iterator[str]:
    """The tokens and signatures that the requests carried."""
    for entry in vendor.journal.since():
        for name, value in entry.request.headers:
            if name.lower() in HEADERS:
                proof = value.split()[-1]
                yield from (part for part in (proof, proof.rpartition("Signature=")[2], proof.partition(":")[2]) if len(part) >= SHORTEST)
        query = urlsplit(entry.request.target).query
        yield from (value for name, value in (*parse_qsl(query), *entry.request.form) if name == "token" and len(value) >= SHORTEST)


def spellings(secret: str) -> set[str]:
    """The secret as each writer would write it."""
    raw = secret.encode()
    documents = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    documents |= {json.dumps(text)[1:-1] for text in documents}
    addresses = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote(secret, safe="").lower()}
    coded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex(), raw.hex().upper()}
    return {secret, secret.rstrip("="), repr(secret)[1:-1], html.escape(secret)} | documents | addresses | coded


def test_no_secret_is_in_anything_that_a_run_leaves(left: Left) -> None:
    assert left.secrets
    for secret in left.secrets:
        for spelling in spellings(secret):
            for name, text in left.texts.items():
                place = text.find(spelling)
                assert place < 0, f"{spelling!r} in {name}: ...{text[max(0, place - 600) : place + 100]}"


def test_what_is_searched_was_all_there(left: Left) -> None:
    """Else the test above would find nothing for another reason."""
    for title, ending in endings(left.way).items():
        assert (left.results[title]["outcome"] == "failed") == ending.fails, left.results[title]
    assert left.texts["syslog"].count("Invoked with") == len(left.results)
    assert "EXEC" in left.texts["stdout"] and "EXEC" in left.texts["the log"]
    assert "broken on purpose" in left.texts["the results"] and "Traceback" in left.texts["the results"]
    assert any(name.startswith("artifacts/run/job_events/") for name in left.texts)
    assert left.results["success"]["result"]["tasks"][0]["reached"]
