# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real process: what it announces, where it listens, how it ends."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pytest
import requests

from tests.emulator.client import TREE, Control, running, running_all
from tests.emulator.threaded import ThreadedEmulator
from tests.emulator.vendors.totalcontrol import TotalControl
from tests.unit.emulator.wire import send

pytestmark = pytest.mark.long

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nNO LENGTH\r\n"
COMMAND = [sys.executable, "-m", "tests.emulator"]
TOTALCONTROL = ["--vendor", "totalcontrol"]


@contextmanager
def started(*args: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *args], cwd=TREE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def first_line(process: subprocess.Popen[str]) -> str:
    return cast(IO[str], process.stdout).readline()


def ended_quietly(process: subprocess.Popen[str]) -> bool:
    out, err = process.communicate(timeout=10)
    return (process.returncode, out, err) == (0, "", "")


def process_id(emulator: Control) -> int:
    assert emulator.pid  # 0 or less would mean whole groups of processes
    return emulator.pid


def failed(*args: str) -> str:
    result = subprocess.run([*COMMAND, *args], cwd=TREE, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def test_it_announces_itself_in_one_line_of_json() -> None:
    with started(*TOTALCONTROL, "--max-seconds", "60") as process:
        told = json.loads(first_line(process))
        assert told["vendor"] == "totalcontrol"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", told["url"])
        assert told["control"] == told["url"] + "/_emulator"
        assert (told["ca"], told["pid"]) == (None, process.pid)
        assert requests.get(told["control"], timeout=10).json()["vendor"] == "totalcontrol"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(number: int) -> None:
    with started(*TOTALCONTROL) as process:
        first_line(process)
        process.send_signal(number)
        assert ended_quietly(process)


def ask(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return client


def test_no_connection_outlives_one_in_a_thread() -> None:
    """Neither one with an answer under way, nor one that comes as it ends. The warning would come in whatever test collects it."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        with ThreadedEmulator(TotalControl()) as emulator:
            emulator.control.set_switches(latency=60)
            clients = [ask(emulator.control.port)]
            time.sleep(0.1)
            clients.append(ask(emulator.control.port))
        for client in clients:
            client.close()
        del emulator
        gc.collect()

    assert [str(warning.message) for warning in found] == []


def test_it_ends_although_answers_are_under_way() -> None:
    with running("totalcontrol") as emulator:
        emulator.set_switches(latency=60)
        with ask(emulator.port) as waiting:
            while not emulator.journal():
                time.sleep(0.01)
            os.kill(process_id(emulator), signal.SIGTERM)
            waiting.settimeout(10)
            assert waiting.recv(1) == b""


def test_it_ends_when_its_standard_input_closes() -> None:
    with started(*TOTALCONTROL, "--until-stdin-closes") as process:
        first_line(process)
        assert ended_quietly(process)  # communicate() closes it


def test_it_ends_when_its_time_is_up() -> None:
    with started(*TOTALCONTROL, "--max-seconds", "0.2") as process:
        first_line(process)
        process.wait(timeout=10)
        assert ended_quietly(process)


def test_it_ends_with_the_block_that_started_it() -> None:
    with running("totalcontrol") as emulator:
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(process_id(emulator), 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", emulator.port), timeout=5)


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert failed(*TOTALCONTROL, "--port", str(port)) == f"tests.emulator: port {port} on 127.0.0.1 is taken\n"


def test_the_client_tells_of_a_taken_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        told = r"ended with 2: tests\.emulator: port \d+ on 127\.0\.0\.1 is taken"
        with pytest.raises(RuntimeError, match=told), running("totalcontrol", "--port", port):
            pass


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--vendor", "nonsense"], "no vendor 'nonsense'; known: "),
        ([*TOTALCONTROL, "--switch", "editon=old"], "no switch 'editon'; known: accept_basic_prefix, "),
        ([*TOTALCONTROL, "--switch", "edition"], "NAME=VALUE is needed"),
        ([*TOTALCONTROL, "--switch", "edition=middle"], 'switch edition can\'t be "middle"; known: "new", "old"'),
        ([*TOTALCONTROL, "--tasks", "/nonexistent"], "--tasks /nonexistent: "),
        ([*TOTALCONTROL, "--port", "1", "--port", "2"], "2 ports for 1 vendors"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_clear_line(args: list[str], told: str) -> None:
    error = failed(*args)
    assert error.startswith("tests.emulator: ")
    assert error.count("\n") == 1
    assert told in error


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_localhost_is_both_families() -> None:
    with running("totalcontrol") as emulator:
        assert send(emulator.port, "GET /_emulator", host="127.0.0.1").status == 200
        if has_ipv6():
            assert send(emulator.port, "GET /_emulator", host="::1").status == 200


def test_switches_tasks_and_all_vendors_from_the_command_line(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.json"
    tasks.write_text(json.dumps({"totalcontrol": [{"task_name": "mine", "status": -4}]}))
    with running_all(["all"], "--switch", "empty_list_as=null", "--switch", "edition=old", "--tasks", str(tasks)) as emulators:
        emulator = emulators["totalcontrol"]
        assert [task["task_name"] for task in emulator.tasks()] == ["mine"]
        emulator.set_switches(edition="new")
        emulator.delete_tasks()
        emulator.reset()
        assert [task["task_name"] for task in emulator.tasks()] == ["mine"], "reset goes back to the start of this process"
        assert (emulator.switches()["edition"], emulator.switches()["empty_list_as"]) == ("old", None)


def test_tls_with_the_announced_authority() -> None:
    with running("totalcontrol", "--tls") as emulator:
        assert emulator.url.startswith("https://127.0.0.1:")
        assert emulator.tasks()
        for host in ("localhost", "127.0.0.1"):
            answer = requests.get(f"https://{host}:{emulator.port}/_emulator", verify=emulator.ca, timeout=10)
            assert answer.json()["vendor"] == "totalcontrol"
        ca = Path(str(emulator.ca))
        assert ca.exists()
    assert not ca.exists()


def test_tls_is_refused_by_a_client_that_does_not_know_the_authority() -> None:
    with started(*TOTALCONTROL, "--tls") as process:
        url = json.loads(first_line(process))["url"]
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            requests.get(url, timeout=10)
        process.terminate()
        assert ended_quietly(process)


def test_tls_faults_are_real_ones() -> None:
    with running("totalcontrol", "--tls") as emulator:
        emulator.order_fault("reset_before")
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{emulator.url}/", verify=emulator.ca, timeout=10)
        assert emulator.journal()[-1]["fault"] == "reset_before"


def test_a_client_certificate_can_be_asked_for() -> None:
    with running("totalcontrol", "--ask-client-cert") as emulator:
        assert emulator.tasks()
        certificate = (str(emulator.client_cert), str(emulator.client_key))
        assert requests.get(emulator.control, verify=emulator.ca, cert=certificate, timeout=10).status_code == 200
        with pytest.raises(requests.exceptions.ConnectionError, match=r"(?i)certificate.required|reset|aborted"):
            requests.get(emulator.control, verify=emulator.ca, timeout=10)


def test_nothing_is_said_about_clients_that_misbehave() -> None:
    with started(*TOTALCONTROL) as process:
        url = json.loads(first_line(process))["url"]
        port = int(url.rpartition(":")[2])
        for rubbish in (
            b"\x16\x03\x01\x02\x00\x01",
            b"NONSENSE\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
            CHUNKED,
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
                raw.sendall(rubbish)
        for kind in ("reset_before", "reset_after", "cut", "endless"):
            requests.post(
                f"{url}/_emulator/faults", json={"kind": kind, "max_megabytes": 1} if kind == "endless" else {"kind": kind}, timeout=10
            )
            with pytest.raises(requests.exceptions.RequestException):
                requests.get(url, timeout=10)
        process.terminate()
        assert ended_quietly(process)
