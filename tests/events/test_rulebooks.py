# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks that the collection brings, started by their names as a user starts them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import Ansible
from tests.integration.totalcontrol import ENDED, FAILED, PAUSED, RUNNING, script, scripts

from .conftest import Start
from .systems import USER, emulator, kept, statuses

Ticket = dict[str, Any]


@contextmanager
def ticket_system() -> Iterator[tuple[str, list[Ticket]]]:
    """An address that takes tickets, and those that it got, each with the token that came with it."""
    tickets: list[Ticket] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tickets.append({**body, "token": self.headers.get("Authorization")})
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the test's own output."""

    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tickets", tickets
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def ansible(tmp_path: Path, collections_path: str) -> Ansible:
    home = tmp_path / "home"
    home.mkdir()
    return Ansible(home, collections_path)


def test_a_ticket_is_opened_for_a_failed_task_and_for_nothing_else(start: Start, tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    with ticket_system() as (address, tickets), emulator("totalcontrol", *scripts(good=RUNNING, bad=RUNNING)) as system:
        variables = {
            "ticket_url": address,
            "watch_vendor": "totalcontrol",
            "watch_options": {"url": system.control.url},
            "watch_interval": 0.2,
            "watch_state_file": str(state_file),
        }
        watch = start(
            "taskops.quiesce.open_ticket_on_failure", variables=variables, environment={**USER, "TICKET_TOKEN": "t0ken-of-the-desk"}
        )
        watch.wait_for(lambda: kept(state_file), "first look")
        system.control.add_tasks(script("good", ENDED), script("bad", FAILED))
        watch.wait_for(lambda: tickets, "ticket")
        watch.wait_for(lambda: kept(state_file)["bad"]["state"] == "failed", "state kept")
        watch.terminate()

    (ticket,) = tickets
    assert ticket["title"] == "totalcontrol: task bad is failed"
    assert ticket["token"] == "Bearer t0ken-of-the-desk"
    assert ticket["event"]["task"] == {
        "id": "bad",
        "name": "bad",
        "state": "failed",
        "vendor_state": FAILED,
        "before": {"state": "started", "vendor_state": RUNNING},
    }
    assert "t0ken-of-the-desk" not in watch.printed


def test_the_window_is_closed_when_the_last_task_is_quiet(start: Start, ansible: Ansible, tmp_path: Path) -> None:
    ledgers = tmp_path / "ledgers"
    state_file = tmp_path / "state.json"
    window = {"maintenance_id": "CHG0031337", "maintenance_ledger_dir": str(ledgers)}
    with (
        emulator("totalcontrol", *scripts(upgrade=RUNNING)) as work,
        emulator("totalcontrol", *scripts(nightly=RUNNING)) as held,
    ):
        target = {
            "name": "scripts",
            "vendor": "totalcontrol",
            "state": "paused",
            "tasks": ["nightly"],
            "options": {"url": held.control.url},
        }
        play = {"ansible.builtin.import_playbook": "taskops.quiesce.open"}
        opened = ansible.playbook([play], "-e", json.dumps({**window, "maintenance_targets": [target]}), variables=USER)
        assert opened.status == 0, opened.printed
        assert statuses(held) == [PAUSED]

        variables = {
            **window,
            "watch_vendor": "totalcontrol",
            "watch_tasks": ["upgrade"],
            "watch_options": {"url": work.control.url},
            "watch_interval": 0.2,
            "watch_state_file": str(state_file),
        }
        watch = start("taskops.quiesce.close_window_when_quiet", variables=variables, environment=USER)
        watch.wait_for(lambda: kept(state_file), "first look")
        assert statuses(held) == [PAUSED]

        work.control.act("upgrade", "end")
        assert watch.wait_for_end() == 0, watch.printed

        assert statuses(held) == [RUNNING], watch.printed
        assert not work.control.writes()
